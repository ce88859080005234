"""Bills as text: names of columns, fields that each begin with a backtick, a summary (channel document, section 5.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.business_clock import beijing_text
from sandbox.simulator.ledger import Movement
from sandbox.simulator.money import signed_yuan_of, yuan_of
from sandbox.wechatpay.merchant import Merchant

TRADE_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FUND_COLUMNS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FUND_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
BYTE_ORDER_MARK = "\ufeff"
_FEE_PER_MILLE = 6


@dataclass(frozen=True, slots=True)
class Style:
    """How the text is written: with a byte order mark and carriage returns, or bare."""

    mark: str = BYTE_ORDER_MARK
    line_end: str = "\r\n"


BARE = Style("", "\n")


def trade_bill(movements: Sequence[Movement], merchant: Merchant, style: Style) -> bytes:
    """Return the bill of all trades: every payment and refund of the day, and their sums."""
    rows = [_trade_row(movement, merchant) for movement in movements]
    paid = sum(one.trade.paid_fen for one in movements if not one.refund)
    given = sum(one.refund.amount_fen for one in movements if one.refund)
    fees = sum(map(_fee, movements))
    totals = [str(len(rows)), yuan_of(paid), yuan_of(given), "0.00", _fine(fees), yuan_of(paid)]
    return _text(TRADE_COLUMNS, rows, TRADE_SUMMARY, [*totals, yuan_of(given)], style)


def fund_bill(movements: Sequence[Movement], merchant: Merchant, style: Style) -> bytes:
    """Return the bill of the basic account: what came in and what went out."""
    balance, rows = 0, []
    for movement in movements:
        balance += _fen(movement)
        rows.append(_fund_row(movement, balance, merchant))
    ins = [_fen(one) for one in movements if not one.refund]
    outs = [-_fen(one) for one in movements if one.refund]
    totals = [len(rows), len(ins), yuan_of(sum(ins)), len(outs), yuan_of(sum(outs))]
    return _text(FUND_COLUMNS, rows, FUND_SUMMARY, [str(one) for one in totals], style)


def _trade_row(movement: Movement, merchant: Merchant) -> list[str]:
    trade, refund = movement.trade, movement.refund
    paid, given = (0, refund.amount_fen) if refund else (trade.paid_fen, 0)
    head = [beijing_text(movement.at), merchant.appid, merchant.mchid, "0", ""]
    names = [trade.channel_no, trade.number, trade.order.extra["openid"]]
    kind = [trade.order.method.upper(), "REFUND" if refund else "SUCCESS", "OTHERS", "CNY"]
    numbers = [refund.channel_no, refund.number] if refund else ["0", "0"]
    status = ["ORIGINAL", "SUCCESS"] if refund else ["", ""]
    return [
        *[*head, *names, *kind, yuan_of(paid), "0.00"],
        *[*numbers, yuan_of(given), "0.00", *status],
        *[trade.order.subject, trade.order.extra["attach"], _fine(_fee(movement)), "0.60%"],
        *[yuan_of(paid), yuan_of(given), ""],
    ]


def _fund_row(movement: Movement, balance: int, merchant: Merchant) -> list[str]:
    trade, refund = movement.trade, movement.refund
    number = refund.channel_no if refund else trade.channel_no
    words = ["退款", "退款", "支出"] if refund else ["交易", "交易", "收入"]
    amounts = [yuan_of(abs(_fen(movement))), signed_yuan_of(balance)]
    voucher = refund.number if refund else trade.number
    moment = beijing_text(movement.at)
    return [moment, number, number, *words, *amounts, merchant.mchid, "", voucher]


def _text(
    columns: str, rows: Sequence[Sequence[str]], summary: str, totals: Sequence[str], style: Style
) -> bytes:
    lines = [columns, *map(_line, rows), summary, _line(totals)]
    return (style.mark + "".join(f"{line}{style.line_end}" for line in lines)).encode()


def _line(values: Sequence[str]) -> str:
    return "`" + ",`".join(values)


def _fen(movement: Movement) -> int:
    return -movement.refund.amount_fen if movement.refund else movement.trade.paid_fen


def _fee(movement: Movement) -> int:
    """0.6 % of a payment is charged, and given back with a refund: fen, negative then."""
    fen = _fen(movement)
    charged = (abs(fen) * _FEE_PER_MILLE + 500) // 1_000
    return charged if fen > 0 else -charged


def _fine(fen: int) -> str:
    """Yuan with five decimals, as fees are written."""
    return f"{signed_yuan_of(fen)}000"
