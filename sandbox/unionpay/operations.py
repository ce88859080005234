"""The server-to-server operations: checked fields in, the answer's own fields out (section 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.simulator.calls import Call
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.refusals import Refusal
from sandbox.simulator.trades import Refund, State, Trade
from sandbox.unionpay import content, facts, settlement
from sandbox.unionpay.errors import (
    ACCEPTED,
    DUPLICATE,
    NO_FILE,
    NOT_FOUND,
    ORIGINAL_DIFFERS,
    ORIGINAL_MISSING,
    REFUNDED_ALREADY,
    SUCCESS,
    Refused,
    code_of,
    sentence,
)
from sandbox.unionpay.merchant import Merchant
from sandbox.unionpay.moments import DAY_SECONDS, day_begins, digits, settlement_day

APP, QR = "appTransReq", "backTransReq.qr"
REFUND, UNDO = "backTransReq.refund", "backTransReq.undo"
QUERY, REFUND_QUERY = "queryTrans", "queryTrans.refund"
FILE = "fileTransfer"

REFUND_SETTLES_SECONDS = 5
FILE_READY_SECONDS = 10 * 3_600


@dataclass(frozen=True, slots=True)
class Asked:
    """One verified call: its fault, its fields, whose it is, and when."""

    call: Call
    fields: Mapping[str, str]
    merchant: Merchant
    now: float

    @property
    def ledger(self) -> Ledger:
        """The books."""
        return self.call.ledger


def app(asked: Asked) -> dict[str, str]:
    """Open a payment for an app and answer its ``tn``, once."""
    order = content.order_of(asked.fields, APP, asked.now)
    _refuse_known(asked.ledger, order.number)
    return {"tn": asked.ledger.open(order).channel_no}


def qr(asked: Asked) -> dict[str, str]:
    """Answer the text to draw as a code, once; UnionPay knows no trade before somebody has scanned it."""
    order = content.order_of(asked.fields, QR, asked.now)
    _refuse_known(asked.ledger, order.number)
    code = asked.ledger.prepare(order)
    return {"qrCode": f"{asked.call.base_url}/qr/{code.token}"}


def query(asked: Asked) -> dict[str, str]:
    """Answer what became of a payment; another ``txnTime`` under its number is another, unknown one."""
    trade = asked.call.seen(asked.ledger.find(content.number_of(asked.fields)))
    if trade.order.extra["txnTime"] != asked.fields.get("txnTime"):
        raise Refused(NOT_FOUND)
    code = facts.code_of(trade, asked.call.fault.twist)
    # A group, in which & and = are part of the value (section 3).
    group = {"reserved": "{simulated=1&attempts=" + str(trade.failed_attempts) + "}"}
    return {**facts.of_payment(trade), **group, **_original(code)}


def refund_query(asked: Asked) -> dict[str, str]:
    """Answer what became of a refund or an undo."""
    trade, refund = asked.ledger.find_refund(content.number_of(asked.fields))
    if refund.order.extra["txnTime"] != asked.fields.get("txnTime"):
        raise Refused(NOT_FOUND)
    own = {**facts.of_refund(refund), "origQryId": trade.channel_no}
    return {**own, **_original(facts.refund_code_of(refund))}


def refund(asked: Asked) -> dict[str, str]:
    """Give money back once per number: accepted now, settled or failed later."""
    trade = _original_of(asked)
    if trade.fully_refunded:
        raise Refused(REFUNDED_ALREADY)
    return _given_back(asked, trade)


def undo(asked: Asked) -> dict[str, str]:
    """Undo a whole payment on its own settlement day (section 5.3)."""
    trade = _original_of(asked)
    if trade.reserved_fen:
        raise Refused(REFUNDED_ALREADY)
    today = settlement_day(asked.now)
    if trade.paid_at is None or settlement_day(trade.paid_at) != today:
        raise Refused(ORIGINAL_DIFFERS, "not the payment's settlement day")
    if content.amount_of(asked.fields) != trade.paid_fen:
        raise Refused(ORIGINAL_DIFFERS, "not the whole amount")
    return _given_back(asked, trade)


def file(asked: Asked) -> dict[str, str]:
    """Answer the settlement file of a day that is over; 98 before it is made and where nothing happened."""
    day = _day_of(asked.fields.get("settleDate", ""), asked.now)
    since = day_begins(day)
    until = since + DAY_SECONDS
    movements = asked.ledger.movements(since, until)
    early = asked.now < until + FILE_READY_SECONDS or asked.call.fault.twist == "file_late"
    if early or not movements:
        raise Refused(NO_FILE)
    return {
        "fileName": f"{asked.merchant.mer_id}_{day}.zip",
        "fileContent": settlement.packed(day, asked.merchant, movements),
    }


OPERATIONS: Mapping[str, Callable[[Asked], dict[str, str]]] = {
    APP: app,
    QR: qr,
    QUERY: query,
    REFUND_QUERY: refund_query,
    REFUND: refund,
    UNDO: undo,
    FILE: file,
}


def execute(method: str, asked: Asked) -> dict[str, str]:
    """Return the operation's fields with its code, a refusal's among them."""
    try:
        return {**said(SUCCESS), **OPERATIONS[method](asked)}
    except Refusal as refusal:
        return said(code_of(refusal.reason))
    except Refused as refused:
        return {"respCode": refused.code, "respMsg": refused.sentence}


def said(code: str) -> dict[str, str]:
    """Return a code with its sentence."""
    return {"respCode": code, "respMsg": sentence(code)}


def refund_in(ledger: Ledger, number: str) -> tuple[Trade, Refund] | None:
    """Return a refund by its own number, None where that is no refund's."""
    try:
        return ledger.find_refund(number)
    except Refusal:
        return None


def _original(code: str) -> dict[str, str]:
    return {"origRespCode": code, "origRespMsg": sentence(code)}


def _refuse_known(ledger: Ledger, number: str) -> None:
    if number in ledger.trades or number in ledger.codes:
        raise Refused(DUPLICATE)


def _original_of(asked: Asked) -> Trade:
    if refund_in(asked.ledger, content.number_of(asked.fields)):
        raise Refused(DUPLICATE)
    try:
        trade = asked.ledger.find("", asked.fields.get("origQryId", "") or "none")
    except Refusal as refusal:
        raise Refused(ORIGINAL_MISSING) from refusal
    if trade.state is not State.PAID:
        raise Refused(ORIGINAL_MISSING)
    return trade


def _given_back(asked: Asked, trade: Trade) -> dict[str, str]:
    order = content.refund_of(asked.fields, asked.now)
    made, _ = asked.call.refund(trade, order, usual_s=REFUND_SETTLES_SECONDS)
    code = said(ACCEPTED) if asked.call.fault.twist == "unclear" else {}
    return {
        "queryId": made.channel_no,
        "txnAmt": str(made.amount_fen),
        "origQryId": trade.channel_no,
        **code,
    }


def _day_of(settle_date: str, now: float) -> str:
    """Return the latest day with this month and day that is not ahead: the request has no year."""
    this_year = int(digits(now)[:4])
    for year in (this_year, this_year - 1):
        try:
            begins = day_begins(f"{year}{settle_date}")
        except ValueError:
            continue
        if begins <= now:
            return f"{year}{settle_date}"
    raise Refused(NO_FILE, "settleDate")
