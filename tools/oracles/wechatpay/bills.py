"""The trade bill as text, cut by an SDK and by us."""

import base64
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from paycenter.ports.bills import BillRow
from tools.oracles.checks import Side
from tools.oracles.draw import Draw
from tools.oracles.findings import Finding
from tools.oracles.ours import Ours
from tools.oracles.wechatpay import account as accounts

_COLUMNS: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUMMARY: Final = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
_ROWS: Final = 5


def bills(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare rows and summary of a bill with a byte order mark, which this SDK wants."""
    if not side.talk.can("bill"):
        return
    content = _bill(draw).encode("utf-8-sig")
    theirs = side.talk.value("bill", content=base64.b64encode(content).decode())
    reading = Ours(side.now).strategies.bills("wechatpay")
    ours = [row for row in reading.rows(content) if isinstance(row, BillRow)]
    yield Finding(
        case="bill: rows",
        ours=[
            (row.payment_no, row.channel_transaction_no, row.refund_no, row.amount) for row in ours
        ],
        theirs=[_row(row) for row in theirs["rows"]],
    )
    yield Finding(
        case="bill: summary", ours=dict(reading.totals(content).texts), theirs=theirs["summary"]
    )


def _row(cells: dict[str, str]) -> tuple[str, str, str, int]:
    refund = cells["交易状态"] == "REFUND"
    amount = Decimal(cells["申请退款金额" if refund else "订单金额"])
    return (
        cells["商户订单号"],
        cells["微信订单号"],
        cells["商户退款单号"] if refund else "",
        int(amount * 100),
    )


def _bill(draw: Draw) -> str:
    lines = [
        _COLUMNS,
        *(_line(draw) for _ in range(_ROWS)),
        _SUMMARY,
        _joined(["5", *["1.00"] * 6]),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _line(draw: Draw) -> str:
    refund = draw.number(0, 1) == 1
    amount = f"{draw.number(0, 99999)}.{draw.number(10, 99)}"
    values = [
        "2026-01-02 03:04:05",
        accounts.APPID,
        accounts.MCHID,
        "0",
        "",
        draw.digits(28),
        draw.token(28),
        draw.token(28),
        "NATIVE",
        "REFUND" if refund else "SUCCESS",
        "OTHERS",
        "CNY",
        "0.00" if refund else amount,
        "0.00",
        draw.digits(29) if refund else "0",
        draw.token(28) if refund else "0",
        amount if refund else "0.00",
        "0.00",
        "ORIGINAL" if refund else "",
        "SUCCESS" if refund else "",
        "a, b，,c",
        "",
        "0.00600",
        "0.60%",
        "0.00" if refund else amount,
        amount if refund else "0.00",
        "",
    ]
    return _joined(values)


def _joined(values: list[str]) -> str:
    return ",".join(f"`{value}" for value in values)
