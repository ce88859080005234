"""Bills as Alipay packs them: a ZIP with GBK names and two GBK members, detail and summary (section 5.7)."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.alipay.merchant import BUYER_LOGON_ID
from sandbox.business_clock import beijing_text
from sandbox.simulator.ledger import Movement
from sandbox.simulator.money import signed_yuan_of

COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY_COLUMNS = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,"
    "卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)
_UTF8_NAME = 0x800
_FEE_PER_MILLE = 6


@dataclass(frozen=True, slots=True)
class Day:
    """What a bill is about: whose, which day (``yyyyMMdd``), from when to when, and when it was made."""

    account: str
    text: str
    since: float
    until: float
    now: float


@dataclass(frozen=True, slots=True)
class _Sums:
    count: int
    fen: int
    fee_fen: int


class _GbkName(zipfile.ZipInfo):
    """A member whose name is GBK without the flag that would say so, as Alipay's are."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the standard library's name
        return self.filename.encode("gbk"), self.flag_bits & ~_UTF8_NAME


def archive(day: Day, movements: Sequence[Movement]) -> bytes:
    """Return the bill of trades: every payment and refund of the day, and their sums."""
    name = f"{day.account}0156_{day.text}_业务明细"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for member, lines in (
            (f"{name}.csv", _detail(day, movements)),
            (f"{name}(汇总).csv", _summary(day, movements)),
        ):
            text = "".join(f"{line}\r\n" for line in lines)
            file.writestr(_GbkName(member), text.encode("gbk", "replace"))
    return packed.getvalue()


def _detail(day: Day, movements: Sequence[Movement]) -> list[str]:
    return _framed("明细", day, movements, [COLUMNS, *map(_line, movements)])


def _summary(day: Day, movements: Sequence[Movement]) -> list[str]:
    paid, given = _sums(movements)
    fen, fee = paid.fen + given.fen, paid.fee_fen + given.fee_fen
    amounts = (fen, fen, 0, 0, 0, fee, 0, fen + fee)
    total = ["合计", "", str(paid.count), str(given.count), *map(signed_yuan_of, amounts)]
    return _framed("汇总", day, movements, [SUMMARY_COLUMNS, ",".join(total)])


def _framed(kind: str, day: Day, movements: Sequence[Movement], lines: list[str]) -> list[str]:
    paid, given = (signed_yuan_of(sums.fen) for sums in _sums(movements))
    counts = [sums.count for sums in _sums(movements)]
    return [
        f"#支付宝业务{kind}查询",
        f"#账号：[{day.account}0156]",
        f"#起始日期：[{_chinese(day.since)}]   终止日期：[{_chinese(day.until)}]",
        f"#{'-' * 41}业务{kind}列表{'-' * 40}",
        *lines,
        f"#{'-' * 41}业务{kind}列表结束{'-' * 36}",
        f"#交易合计：{counts[0]}笔，商家实收共{paid}元，商家优惠共0.00元",
        f"#退款合计：{counts[1]}笔，商家实收退款共{given}元，商家优惠退款共0.00元",
        f"#导出时间：[{_chinese(day.now)}]",
    ]


def _line(movement: Movement) -> str:
    trade, refund = movement.trade, movement.refund
    fen = _fen(movement)
    zero = signed_yuan_of(0)
    return ",".join(
        [
            f"{trade.channel_no}\t",
            f"{trade.number}\t",
            "退款" if refund else "交易",
            trade.order.subject,
            beijing_text(trade.created_at),
            beijing_text(movement.at),
            *[""] * 4,
            f"*三({BUYER_LOGON_ID})\t",
            *[signed_yuan_of(fen)] * 2,
            *[zero] * 5,
            "",
            *[zero] * 2,
            f"{refund.number}\t" if refund else "",
            signed_yuan_of(_fee(fen)),
            zero,
            "正常退款" if refund else "",
        ]
    )


def _sums(movements: Sequence[Movement]) -> tuple[_Sums, _Sums]:
    kinds = ([m for m in movements if not m.refund], [m for m in movements if m.refund])
    amounts = ([_fen(movement) for movement in kind] for kind in kinds)
    one, other = (_Sums(len(fen), sum(fen), sum(map(_fee, fen))) for fen in amounts)
    return one, other


def _fen(movement: Movement) -> int:
    return -movement.refund.amount_fen if movement.refund else movement.trade.paid_fen


def _fee(fen: int) -> int:
    """0.6 % of a payment is charged, shown negative, and given back with a refund."""
    charged = (abs(fen) * _FEE_PER_MILLE + 500) // 1_000
    return charged if fen < 0 else -charged


def _chinese(moment: float) -> str:
    date, clock = beijing_text(moment).split(" ")
    year, month, day = date.split("-")
    return f"{year}年{month}月{day}日 {clock}"
