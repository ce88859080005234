"""Reads Alipay's bill of trades: two CSVs in GBK without quoting, the detail and its summary (section 5.7).

Columns are found by their names, because Alipay has variants of the file; a line that does not fit them is set aside.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from paycenter.domain.money import from_decimal_text
from paycenter.ports.bills import BillRow, BillTotals, OddRow, RowKind, RowStatus
from paychannels import beijing
from paychannels.alipay import archive, trades

_SUMMARY: Final = "汇总"
_FRAME: Final = "#"
_TOTAL: Final = "合计"
_SIGNED: Final = re.compile(r"([+-]?)([0-9.]+)", re.ASCII)
_COUNT: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_MAXIMUM_SHOWN: Final = 1024
_THOUSANDTHS: Final = 1000
_TRADE_NO: Final = "支付宝交易号"
_OUR_NO: Final = "商户订单号"
_KIND: Final = "业务类型"
_FINISHED: Final = "完成时间"
_AMOUNT: Final = "订单金额（元）"
_REFUND_NO: Final = "退款批次号/请求号"
_FEE: Final = "服务费（元）"
_PAYMENTS: Final = "交易订单总笔数"
_REFUNDS: Final = "退款订单总笔数"
_NEEDED: Final = (_TRADE_NO, _OUR_NO, _KIND, _FINISHED, _AMOUNT, _REFUND_NO, _FEE)
_KINDS: Final[Mapping[str, RowKind]] = {"交易": RowKind.PAYMENT, "退款": RowKind.REFUND}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a member under its column names; `number` counts from 1."""

    number: int
    text: str
    fields: Mapping[str, str]


def rows(content: bytes) -> Iterator[BillRow | OddRow]:
    """Read the detail row by row; raises ValueError where the whole is no bill of trades."""
    for line in detail(content):
        yield line if isinstance(line, OddRow) else _row(line)


def detail(content: bytes) -> Iterator[Line | OddRow]:
    """Read the detail's lines as they are, values trimmed; raises ValueError as `rows` does."""
    return _lines(_member(content, summary=False), _NEEDED)


def totals(content: bytes) -> BillTotals:
    """Return what the summary says; raises ValueError where it says nothing.

    It states the sum of payments less refunds, not each; `texts` are its columns as they stand.
    """
    needed = (_PAYMENTS, _REFUNDS, _AMOUNT, _FEE)
    for line in _lines(_member(content, summary=True), needed):
        if isinstance(line, Line) and line.text.startswith(_TOTAL):
            return BillTotals(
                payments=_count(line.fields[_PAYMENTS]),
                refunds=_count(line.fields[_REFUNDS]),
                fee_thousandths=-fen(line.fields[_FEE]) * _THOUSANDTHS,
                net=fen(line.fields[_AMOUNT]),
                texts=line.fields,
            )
    raise ValueError("the bill's summary has no total")


def _member(content: bytes, *, summary: bool) -> bytes:
    for name, member in archive.members(content).items():
        if (_SUMMARY in name) is summary:
            return member
    raise ValueError("the archive lacks a part of a bill")


def _lines(member: bytes, needed: Sequence[str]) -> Iterator[Line | OddRow]:
    names: list[str] | None = None
    for number, raw in enumerate(member.split(b"\n"), 1):
        text = raw.decode("gbk", errors="replace").rstrip("\r")
        if not text.strip() or text.startswith(_FRAME):
            continue
        values = [value.strip() for value in text.split(",")]
        if names is None:
            names = values
            _check(names, needed)
        elif len(values) != len(names):
            yield OddRow(
                line=number,
                text=text[:_MAXIMUM_SHOWN],
                reason=f"{len(values)} columns in place of {len(names)}",
            )
        else:
            yield Line(number, text, dict(zip(names, values, strict=True)))
    if names is None:
        raise ValueError("a part of the bill has no columns")


def _check(names: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in names]
    if missing or len(set(names)) != len(names):
        message = (
            f"not the columns of a bill of trades: {', '.join(missing) or 'one is there twice'}"
        )
        raise ValueError(message)


def _row(line: Line) -> BillRow | OddRow:
    fields = line.fields
    kind = _KINDS.get(fields[_KIND], RowKind.OTHER)
    try:
        amount, fee = fen(fields[_AMOUNT]), fen(fields[_FEE])
        at = beijing.from_text(fields[_FINISHED])
    except ValueError as error:
        return OddRow(line=line.number, text=line.text[:_MAXIMUM_SHOWN], reason=str(error))
    if (kind is RowKind.PAYMENT and amount < 0) or (kind is RowKind.REFUND and amount > 0):
        return OddRow(line=line.number, text=line.text[:_MAXIMUM_SHOWN], reason="the wrong sign")
    return BillRow(
        kind=kind,
        # What is still under way is not in the bill.
        status=RowStatus.SUCCEEDED,
        payment_no=fields[_OUR_NO],
        refund_no=fields[_REFUND_NO],
        channel_transaction_no=fields[_TRADE_NO],
        channel_refund_no="",
        amount=abs(amount),
        currency=trades.CURRENCY,
        # The bill writes what it charged as negative.
        fee_thousandths=-fee * _THOUSANDTHS,
        at=at,
    )


def fen(text: str) -> int:
    """Read a signed amount in yuan as fen; raises ValueError."""
    match = _SIGNED.fullmatch(text)
    if match is None:
        message = f"not an amount: {text[:32]!r}"
        raise ValueError(message)
    amount = from_decimal_text(match[2], trades.CURRENCY)
    return -amount if match[1] == "-" else amount


def _count(text: str) -> int:
    if _COUNT.fullmatch(text) is None:
        message = f"not a count: {text[:32]!r}"
        raise ValueError(message)
    return int(text)
