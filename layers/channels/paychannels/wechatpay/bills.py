"""Fetches WeChat's bills: one signed answer says where the file is and what its digest is, the file itself is unsigned."""

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from paycenter.ports.bills import (
    BillAnswer,
    BillKind,
    BillRow,
    Bills,
    BillStatus,
    BillTotals,
    OddRow,
)
from paycenter.ports.channel import Account, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.flow import Reply
from paychannels.wechatpay import documents, statements
from paychannels.wechatpay.gateway import Gateway

_OK: Final = 200
_STATUSES: Final[Mapping[str, BillStatus]] = {
    "NO_STATEMENT_EXIST": BillStatus.EMPTY,
    "STATEMENT_CREATING": BillStatus.NOT_READY,
}
_ADDRESS: Final = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
# A million trades in a day are less than this.
_MAXIMUM_BYTES: Final = 1 << 29


def strategy(transport: Transport, clock: Clock) -> Bills:
    """Return WeChat's bills."""
    return WechatBills(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class WechatBills:
    """The bill of all trades of a day, and the movements of the basic account."""

    gateway: Gateway

    def download(self, account: Account, day: str, kind: BillKind) -> BillAnswer:
        """Fetch the bill of a day; there from ten in the morning of the next one, for three months."""
        reply = self.gateway.call_channel(account, "GET", _target(day, kind))
        if reply.fields is not None and reply.code in _STATUSES:
            status = _STATUSES[reply.code]
            return BillAnswer(outcome=Outcome.DONE, status=status, code=reply.code)
        if reply.fields is None or reply.outcome is not Outcome.DONE:
            return BillAnswer(outcome=reply.outcome, code=reply.code)
        return self._fetch(account, reply.fields)

    def rows(self, content: bytes) -> Iterator[BillRow | OddRow]:
        """Read a bill of trades row by row; raises ValueError where the whole is none."""
        return statements.rows(content)

    def totals(self, content: bytes) -> BillTotals:
        """Return the bill's last two lines; raises ValueError as `rows` does."""
        return statements.totals(content)

    def _fetch(self, account: Account, fields: Mapping[str, object]) -> BillAnswer:
        # The address lives five minutes, in older documents 30 seconds, so the file is fetched at once.
        address = documents.text(fields, "download_url")
        if fields.get("hash_type") != "SHA1" or _ADDRESS.fullmatch(address) is None:
            return BillAnswer(outcome=Outcome.UNKNOWN, code="unreadable_answer")
        response = self.gateway.fetch(account, address)
        if isinstance(response, Reply):
            return BillAnswer(outcome=response.outcome, code=response.code)
        if response.status != _OK:
            return BillAnswer(outcome=Outcome.UNKNOWN, code=f"http_{response.status}")
        return checked(response.body, documents.text(fields, "hash_value"))


def checked(body: bytes, sha1_hex: str) -> BillAnswer:
    """Uncompress a file and hold it against the digest that WeChat signed; UNKNOWN where it is another file."""
    content = _uncompressed(body)
    if content is None:
        return BillAnswer(outcome=Outcome.UNKNOWN, code="unreadable_file")
    if not _is_named(content, sha1_hex):
        return BillAnswer(outcome=Outcome.UNKNOWN, code="other_file")
    return BillAnswer(
        outcome=Outcome.DONE,
        status=BillStatus.READY,
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
    )


def _is_named(content: bytes, sha1_hex: str) -> bool:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest() == sha1_hex.lower()


def _uncompressed(body: bytes) -> bytes | None:
    if not body.startswith(_GZIP):
        return body
    stream = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        content = stream.decompress(body, _MAXIMUM_BYTES)
    except zlib.error:
        return None
    return content if stream.eof else None


def _target(day: str, kind: BillKind) -> str:
    name, what = (
        ("tradebill", {"bill_type": "ALL"})
        if kind is BillKind.TRADES
        else ("fundflowbill", {"account_type": "BASIC"})
    )
    return f"/v3/bill/{name}?{urlencode({'bill_date': day, **what, 'tar_type': 'GZIP'})}"
