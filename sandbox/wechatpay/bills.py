"""Bills to fetch: made of the books, each under an address that lives five minutes (channel document, section 5.6)."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.business_clock import Clock, beijing_moment
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.shelf import Shelf
from sandbox.wechatpay.bill_file import BARE, Style, fund_bill, trade_bill
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.problems import Problem

DAY_SECONDS = 86_400
READY_AFTER_SECONDS = 10 * 3_600
KEPT_SECONDS = 90 * DAY_SECONDS
LIFE_REAL_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Offered:
    """Where a bill lies, and the digest of its text before compression."""

    token: str
    sha1_hex: str


class Bills:
    """Makes bills by Beijing days."""

    def __init__(self, clock: Clock, ledger: Ledger, merchant: Merchant) -> None:
        self._clock = clock
        self._ledger = ledger
        self._merchant = merchant
        self._shelf = Shelf(clock, LIFE_REAL_SECONDS)

    def offer(self, name: str, query: Mapping[str, str], twist: str) -> Offered:
        """Make a bill and say where it lies; Problem where there is none, not yet, or no longer."""
        movements = self._ledger.movements(*self._day(query.get("bill_date", "")))
        kind = query.get("bill_type", "ALL") if name == "tradebill" else query.get("account_type")
        if kind not in ("ALL", "BASIC"):
            raise Problem("PARAM_ERROR", f"{name}: this simulator has ALL and BASIC alone")
        if not movements:
            raise Problem("NO_STATEMENT_EXIST")
        make = trade_bill if name == "tradebill" else fund_bill
        text = make(movements, self._merchant, BARE if twist == "bill_bare" else Style())
        lying = text + b"\n" if twist == "bill_torn" else text
        zipped = query.get("tar_type") == "GZIP"
        token = self._shelf.put(gzip.compress(lying) if zipped else lying)
        return Offered(token, hashlib.sha1(text, usedforsecurity=False).hexdigest())

    def file(self, token: str) -> bytes:
        """Return what lies there; Problem once its address has lived long enough."""
        content = self._shelf.get(token)
        if content is None:
            raise Problem("RESOURCE_NOT_EXISTS", "下载链接已失效 the address lived five minutes")
        return content

    def _day(self, date: str) -> tuple[float, float]:
        try:
            since = beijing_moment(f"{date} 00:00:00")
        except ValueError as error:
            raise Problem("PARAM_ERROR", f"bill_date: {error}") from error
        until, now = since + DAY_SECONDS, self._clock.now()
        if now < until or since < now - KEPT_SECONDS:
            raise Problem("PARAM_ERROR", "bill_date: a day that is over, of the last three months")
        if now < until + READY_AFTER_SECONDS:
            raise Problem("STATEMENT_CREATING")
        return since, until
