"""Alipay's bill as it is packed, built byte by byte: a ZIP whose names are GBK without a flag, CSVs in GBK."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

NAMES: Final = (
    "20880000000000770156_20260301_业务明细.csv",
    "20880000000000770156_20260301_业务明细(汇总).csv",
)
COLUMNS: Final = [
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "商品名称",
    "创建时间",
    "完成时间",
    "门店编号",
    "门店名称",
    "操作员",
    "终端号",
    "对方账户",
    "订单金额（元）",
    "商家实收（元）",
    "支付宝红包（元）",
    "集分宝（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "券核销金额（元）",
    "券名称",
    "商家红包消费金额（元）",
    "卡消费金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
    "分润（元）",
    "备注",
]
PAYMENT: Final = {
    "支付宝交易号": "2026030122001400000000000077\t",
    "商户订单号": "ABCDEFGHIJKLMNOPQRSTUVWXYZP01\t",
    "业务类型": "交易",
    "商品名称": "门票 拿铁",
    "完成时间": "2026-03-01 08:01:00",
    "订单金额（元）": "128.00",
    "退款批次号/请求号": "",
    "服务费（元）": "-0.77",
}
REFUND: Final = {
    **PAYMENT,
    "业务类型": "退款",
    "完成时间": "2026-03-01 09:00:00",
    "订单金额（元）": "-3.50",
    "退款批次号/请求号": "ABCDEFGHIJKLMNOPQRSTUVWXYZR001",
    "服务费（元）": "0.02",
}
SUMMARY: Final = (
    "#支付宝业务汇总查询\r\n"
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,服务费（元）,分润（元）,实收净额（元）\r\n"
    "合计,,1,1,124.50,124.50,-0.75,0.00,123.75\r\n"
    "#导出时间：[2026年03月02日 09:10:11]\r\n"
)


def line(fields: Mapping[str, str], columns: Sequence[str] = COLUMNS) -> str:
    """Return one line of the detail."""
    return ",".join(fields.get(name, "") for name in columns)


def detail(*lines: str, columns: Sequence[str] = COLUMNS) -> str:
    """Return the text of a detail."""
    head = ("#支付宝业务明细查询", "#账号：[20880000000000770156]", ",".join(columns))
    tail = ("#交易合计：1笔，商家实收共128.00元，商家优惠共0.00元",)
    return "\r\n".join([*head, *lines, *tail]) + "\r\n"


def bill(
    *lines: str,
    columns: Sequence[str] = COLUMNS,
    summary: str = SUMMARY,
    names: Sequence[str] = NAMES,
) -> bytes:
    """Return an archive of both members."""
    texts = (detail(*lines, columns=columns), summary)
    return archive({name: text.encode("gbk") for name, text in zip(names, texts, strict=True)})


def archive(members: Mapping[str, bytes], *, declared: int | None = None, flags: int = 0) -> bytes:
    """Return a ZIP; `declared` is a lie about the sizes."""
    local, central = b"", b""
    encoding = "utf-8" if flags else "gbk"
    for name, data in members.items():
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflate.compress(data) + deflate.flush()
        size = len(data) if declared is None else declared
        raw = name.encode(encoding)
        facts = struct.pack(
            "<HHHHHLLLHH",
            20,
            flags,
            8,
            0,
            0x5C61,
            zlib.crc32(data),
            len(packed),
            size,
            len(raw),
            0,
        )
        central += (
            b"PK\x01\x02\x14\x00" + facts + struct.pack("<HHHLL", 0, 0, 0, 0, len(local)) + raw
        )
        local += b"PK\x03\x04" + facts + raw + packed
    count = len(members)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end
