"""WeChat's trade bill as text: names of columns, lines whose fields each begin with a backtick, a summary of two lines.

A comma inside a value is legal, for what separates is a comma with a backtick. Columns are read by their name, because
bills of other types have fewer and others.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.domain.money import from_decimal_text
from paycenter.ports.bills import BillRow, BillTotals, OddRow, RowKind, RowStatus
from paychannels import beijing

_SEPARATOR: Final = ",`"
_SUMMARY_LINES: Final = 2
_FIRST_LINE: Final = 2
_FRACTION: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?", re.ASCII)
# Thousandths of a fen are hundred-thousandths of a yuan.
_DECIMALS: Final = 5
_MAXIMUM_SHOWN: Final = 500
_KINDS: Final[Mapping[str, RowKind]] = {"SUCCESS": RowKind.PAYMENT, "REFUND": RowKind.REFUND}
_REFUND_STATUSES: Final[Mapping[str, RowStatus]] = {
    "SUCCESS": RowStatus.SUCCEEDED,
    "FAIL": RowStatus.FAILED,
}
_NEEDED: Final = frozenset({"交易时间", "微信订单号", "商户订单号", "交易状态", "货币种类"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A bill cut into its parts; `lines` as they came, one a row."""

    columns: tuple[str, ...]
    lines: tuple[str, ...]
    summary: Mapping[str, str]

    def cells(self, line: str) -> dict[str, str]:
        """Return a line's fields by the name of their column; ValueError where it is no line of this bill."""
        values = _values(line)
        if len(values) != len(self.columns):
            message = f"{len(values)} fields for {len(self.columns)} columns"
            raise ValueError(message)
        return dict(zip(self.columns, values, strict=True))


def read(content: bytes) -> Statement:
    """Cut a bill, trades or funds, with or without a byte order mark; ValueError where it is none."""
    lines = [line.rstrip("\r") for line in content.decode("utf-8-sig").split("\n")]
    filled = [line for line in lines if line]
    if len(filled) <= _SUMMARY_LINES:
        message = "not a bill: columns or summary are missing"
        raise ValueError(message)
    names, figures = filled[-2].split(","), _values(filled[-1])
    if names[0].startswith("`") or len(names) != len(figures):
        message = "not a bill: the summary does not fit"
        raise ValueError(message)
    return Statement(
        columns=tuple(name.strip() for name in filled[0].split(",")),
        lines=tuple(filled[1:-_SUMMARY_LINES]),
        summary=dict(zip(names, figures, strict=True)),
    )


def rows(content: bytes) -> Iterator[BillRow | OddRow]:
    """Read a bill of trades row by row; ValueError where the whole is none."""
    statement = read(content)
    if _NEEDED - set(statement.columns):
        message = "not a bill of trades: columns are missing"
        raise ValueError(message)
    return _rows(statement)


def totals(content: bytes) -> BillTotals:
    """Return what a bill says of itself; its count is of payments and refunds together. ValueError as `rows`."""
    summary = read(content).summary
    return BillTotals(
        paid=_sum(summary, "订单总金额"),
        refunded=_sum(summary, "申请退款总金额"),
        fee_thousandths=_thousandths(summary["手续费总金额"])
        if "手续费总金额" in summary
        else None,
        texts=summary,
    )


def _rows(statement: Statement) -> Iterator[BillRow | OddRow]:
    for number, line in enumerate(statement.lines, start=_FIRST_LINE):
        try:
            yield _row(statement.cells(line))
        except (ValueError, KeyError) as error:
            yield OddRow(line=number, text=line[:_MAXIMUM_SHOWN], reason=str(error))


def _row(cells: Mapping[str, str]) -> BillRow:
    kind = _KINDS.get(cells["交易状态"], RowKind.OTHER)
    refund = kind is RowKind.REFUND
    currency = cells["货币种类"]
    return BillRow(
        kind=kind,
        status=(
            _REFUND_STATUSES.get(cells["退款状态"], RowStatus.PROCESSING)
            if refund
            else RowStatus.SUCCEEDED
        ),
        payment_no=cells["商户订单号"],
        # Payments show a 0 in the columns of refunds.
        refund_no=cells["商户退款单号"] if refund else "",
        channel_transaction_no=cells["微信订单号"],
        channel_refund_no=cells["微信退款单号"] if refund else "",
        amount=from_decimal_text(cells["申请退款金额" if refund else "订单金额"], currency),
        currency=currency,
        fee_thousandths=_thousandths(cells["手续费"]),
        at=beijing.from_text(cells["交易时间"]),
    )


def _values(line: str) -> list[str]:
    if not line.startswith("`"):
        message = "a line without its backtick"
        raise ValueError(message)
    return [value.strip() for value in line[1:].split(_SEPARATOR)]


def _sum(summary: Mapping[str, str], name: str) -> int | None:
    return from_decimal_text(summary[name]) if name in summary else None


def _thousandths(text: str) -> int:
    match = _FRACTION.fullmatch(text)
    if match is None:
        message = f"not a fee: {text[:32]!r}"
        raise ValueError(message)
    amount = int(match[2] + (match[3] or "").ljust(_DECIMALS, "0"))
    return -amount if match[1] else amount
