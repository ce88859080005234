"""Fetches Alipay's daily bills: ask for an address that lives 30 s, then get what lies there, unsigned."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

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
from paycenter.ports.transport import HttpRequest, NoAnswer, NotSent, Transport
from paychannels.alipay import archive, bill_file, calls, replies
from paychannels.alipay.calls import Call
from paychannels.alipay.gateway import Gateway
from paychannels.flow import Reply

_TYPES: Final[Mapping[BillKind, str]] = {
    BillKind.TRADES: "trade",
    BillKind.FUNDS: "signcustomer",
}
_EMPTY: Final = "EMPTY_DATA_WITH_BILL_FILE"
# Alipay says the same of a bill that is not made yet and of a day without trades.
_NOT_READY: Final = frozenset({"NO_BILL_DATA", "BILL_NOT_EXIST"})
_OK: Final = 200
_MAXIMUM_BYTES: Final = 64 << 20
_MAXIMUM_SECONDS: Final = 120


def strategy(transport: Transport, clock: Clock) -> Bills:
    """Return Alipay's bills."""
    return AlipayBills(transport, Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class AlipayBills:
    """alipay.data.dataservice.bill.downloadurl.query, and the archive at the address that it answers."""

    transport: Transport
    gateway: Gateway

    def download(self, account: Account, day: str, kind: BillKind) -> BillAnswer:
        """Fetch the bill of a day (`yyyy-MM-dd`, Beijing); it is there from about nine the next morning."""
        content = {"bill_type": _TYPES[kind], "bill_date": day}
        call = Call(method=calls.BILL_ADDRESS, content=content)
        reply = self.gateway.call_channel(account, call)
        if reply.fields is None or reply.outcome is not Outcome.DONE:
            return _without_bill(reply)
        if replies.text(reply.fields, "bill_file_code") == _EMPTY:
            return BillAnswer(
                outcome=Outcome.DONE, status=BillStatus.EMPTY, digest=reply.digest, code=_EMPTY
            )
        address = replies.text(reply.fields, "bill_download_url")
        if not _usable(address, account.settings["gateway"]):
            return BillAnswer(
                outcome=Outcome.UNKNOWN, digest=reply.digest, code="unreadable_address"
            )
        return self._fetched(address, kind)

    def rows(self, content: bytes) -> Iterator[BillRow | OddRow]:
        """Read a bill of trades row by row; raises ValueError where the whole is no such bill."""
        return bill_file.rows(content)

    def totals(self, content: bytes) -> BillTotals:
        """Return what the bill's summary says; raises ValueError as `rows` does."""
        return bill_file.totals(content)

    def _fetched(self, address: str, kind: BillKind) -> BillAnswer:
        request = HttpRequest(
            method="GET",
            url=address,
            maximum_bytes=_MAXIMUM_BYTES,
            maximum_seconds=_MAXIMUM_SECONDS,
        )
        try:
            response = self.transport.send(request)
        except (NotSent, NoAnswer):
            return BillAnswer(outcome=Outcome.UNKNOWN, code="no_answer")
        digest = hashlib.sha256(response.body).hexdigest()
        if response.status != _OK:
            code = f"http_{response.status}"
            return BillAnswer(outcome=Outcome.UNKNOWN, digest=digest, code=code)
        try:
            _check(response.body, kind)
        except ValueError:
            return BillAnswer(outcome=Outcome.UNKNOWN, digest=digest, code="unreadable_bill")
        return BillAnswer(
            outcome=Outcome.DONE, status=BillStatus.READY, content=response.body, digest=digest
        )


def _without_bill(reply: Reply) -> BillAnswer:
    later = reply.outcome is Outcome.REFUSED and replies.word(reply.code) in _NOT_READY
    return BillAnswer(
        outcome=Outcome.DONE if later else reply.outcome,
        status=BillStatus.NOT_READY if later else None,
        digest=reply.digest,
        code=reply.code,
    )


def _usable(address: str, gateway: str) -> bool:
    # The answer is signed; a slip there must still not lead us to a file or another scheme.
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    schemes = {"https", urlsplit(gateway).scheme}
    return plain and bool(host) and parts.scheme in schemes and "@" not in parts.netloc


def _check(content: bytes, kind: BillKind) -> None:
    if kind is BillKind.TRADES:
        bill_file.totals(content)
        next(iter(bill_file.detail(content)), None)
    else:
        archive.members(content)
