"""The settlement file as UnionPay packs it: GBK, fixed width in bytes, zipped, deflated, base64 (section 5.6)."""

import base64
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from sandbox.simulator.ledger import Movement
from sandbox.unionpay.facts import CARD
from sandbox.unionpay.merchant import Merchant
from sandbox.unionpay.moments import digits

WIDTHS = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21),
    *(15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 131),
)
_FEE_PER_MILLE = 6


def packed(day: str, merchant: Merchant, movements: Sequence[Movement]) -> str:
    """Return ``fileContent`` of a settlement day ``yyyyMMdd``."""
    lines = [_line(_row(movement, merchant)) for movement in movements]
    summary = f"中国银联全渠道商户交易汇总表\r\n商户代码:{merchant.mer_id}\r\n笔数:{len(lines)}\r\n"
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"INN{day[2:]}88ZM_{merchant.mer_id}", b"".join(lines))
        archive.writestr(f"RD20{day[2:]}01_{merchant.mer_id}", summary.encode("gbk"))
    return base64.b64encode(zlib.compress(whole.getvalue())).decode("ascii")


def _row(movement: Movement, merchant: Merchant) -> Mapping[int, str]:
    trade, refund = movement.trade, movement.refund
    own = refund or trade
    fen = -refund.amount_fen if refund else trade.paid_fen
    fee = 0 if refund else (fen * _FEE_PER_MILLE + 500) // 1_000
    return {
        1: "S22",
        2: "88022900",
        3: "00049993",
        4: own.channel_no[-6:],
        5: digits(movement.at)[4:],
        6: CARD,
        7: f"{abs(fen):012d}",
        8: "4899",
        9: "07",
        10: own.channel_no,
        11: "01",
        12: own.number,
        13: "01",
        16: _signed(-fee),
        17: _signed(fen - fee),
        18: "0001",
        20: refund.order.extra["txnType"] if refund else "01",
        21: "00" if refund else trade.order.extra["txnSubType"],
        22: trade.order.extra["bizType"],
        27: trade.channel_no if refund else "",
        28: merchant.mer_id,
        30: "0" * 15,
        31: "沙箱商户",
        33: _signed(fen - fee),
        40: "7",
    }


def _signed(fen: int) -> str:
    """Return a figure with its side: C for the merchant, D against it, blank at zero."""
    side = " " if not fen else "C" if fen > 0 else "D"
    return f"{side}{abs(fen):012d}"


def _line(row: Mapping[int, str]) -> bytes:
    cells = [
        row.get(number, "").encode("gbk").ljust(width)
        for number, width in enumerate(WIDTHS, start=1)
    ]
    return b" ".join(cells) + b"\r\n"
