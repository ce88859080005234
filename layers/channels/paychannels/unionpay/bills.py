"""Fetches UnionPay's settlement file (`txnType` 76) and reads it row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.bills import (
    BillAnswer,
    BillKind,
    BillRow,
    Bills,
    BillStatus,
    BillTotals,
    OddRow,
    RowKind,
    RowStatus,
)
from paycenter.ports.channel import Account, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.flow import Reply
from paychannels.unionpay import codes, gateway, moments, settlement, transactions, wire
from paychannels.unionpay.gateway import Gateway

_KINDS: Final = {
    wire.PURCHASE: RowKind.PAYMENT,
    wire.REFUND: RowKind.REFUND,
    wire.UNDO: RowKind.REFUND,
}
_THOUSANDTHS: Final = 1000


def strategy(transport: Transport, clock: Clock) -> Bills:
    """Return UnionPay's bills."""
    return SettlementFiles(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class SettlementFiles:
    """The file of a settlement day, which runs from about 23:00 of the day before to 23:00 in Beijing."""

    gateway: Gateway

    def download(self, account: Account, day: str, kind: BillKind) -> BillAnswer:
        """Fetch the file of a day (`yyyy-MM-dd`); UnionPay has no statement of the merchant's balance.

        98 says "not ready" and "no trade" alike, so a day is never told to be empty.
        """
        if kind is not BillKind.TRADES:
            return BillAnswer(outcome=Outcome.REFUSED, code="no_such_bill")
        date = day.replace("-", "")
        call = wire.file_request(account, date[4:], self.gateway.clock.now())
        reply = self.gateway.call_channel(account, call)
        if reply.fields is not None and reply.code == codes.NO_FILE:
            return _answer(reply, Outcome.DONE, BillStatus.NOT_READY)
        if reply.outcome is not Outcome.DONE or reply.fields is None:
            return _answer(reply, reply.outcome)
        return _content(reply, f"{account.settings['mer_id']}_{date}.zip")

    def rows(self, content: bytes) -> Iterator[BillRow | OddRow]:
        """Read the trades row by row; error trades (chargebacks, adjustments) are odd rows, for a person."""
        for member in settlement.members(content):
            if member.kind == settlement.TRADES:
                for record in settlement.records(member.content, settlement.TRADE_WIDTHS):
                    yield _row(record, member.day)
            elif member.kind == settlement.ERRORS:
                for record in settlement.records(member.content, settlement.ERROR_WIDTHS):
                    yield OddRow(line=record.line, text=record.text, reason="error trade")

    def totals(self, content: bytes) -> BillTotals:
        """Return the printed summary, which is for people; the file states no figures to check the rows against."""
        return BillTotals(
            texts={
                member.name: settlement.summary(member)
                for member in settlement.members(content)
                if member.kind == settlement.SUMMARY
            }
        )


def _content(reply: Reply, file_name: str) -> BillAnswer:
    fields = reply.fields or {}
    # The request has no year, so the file's name must tell that it is this one.
    if gateway.text(fields, "fileName") != file_name:
        return _answer(reply, Outcome.UNKNOWN, code="other_file")
    try:
        content = settlement.unpack(gateway.text(fields, "fileContent"))
        settlement.members(content)
    except ValueError:
        return _answer(reply, Outcome.UNKNOWN, code="unreadable_file")
    return _answer(reply, Outcome.DONE, BillStatus.READY, content)


def _answer(
    reply: Reply,
    outcome: Outcome,
    status: BillStatus | None = None,
    content: bytes = b"",
    *,
    code: str = "",
) -> BillAnswer:
    return BillAnswer(
        outcome=outcome,
        status=status,
        content=content,
        digest=reply.digest,
        code=code or reply.code,
    )


def _row(record: settlement.Record, day: str) -> BillRow | OddRow:
    try:
        return _read(record.fields, day)
    except (ValueError, KeyError) as reason:
        return OddRow(line=record.line, text=record.text, reason=f"unreadable: {reason}")


def _read(fields: Mapping[int, str], day: str) -> BillRow:
    kind = _KINDS.get(fields[20], RowKind.OTHER)
    refund = kind is RowKind.REFUND
    return BillRow(
        kind=kind,
        status=RowStatus.SUCCEEDED,
        payment_no="" if refund else fields[12],
        refund_no=fields[12] if refund else "",
        channel_transaction_no=fields.get(27, "") if refund else fields[10],
        channel_refund_no=fields[10] if refund else "",
        amount=transactions.amount(fields[7]),
        currency=transactions.CURRENCY,
        # A debit of the merchant is what UnionPay charges.
        fee_thousandths=-settlement.signed_fen(fields[16]) * _THOUSANDTHS,
        at=moments.of_trace(fields[5], near=moments.from_text(f"20{day}120000")),
    )
