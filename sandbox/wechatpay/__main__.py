"""``python -m sandbox.wechatpay``: run the simulated WeChat Pay until it is stopped."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.simulator.program import run
from sandbox.wechatpay.channel import WechatPay
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.signing import Keys


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the flags and serve; the exit code is 0 after a stop, 2 for keys or an address that can't be used."""
    return run(Path(__file__).parent, _load, arguments, _add_flags)


def _add_flags(parser: ArgumentParser) -> None:
    parser.add_argument("--mchid", default=Merchant().mchid)
    parser.add_argument("--appid", default=Merchant().appid)


def _load(flags: Namespace) -> WechatPay:
    merchant = replace(Merchant(), mchid=flags.mchid, appid=flags.appid)
    return WechatPay(merchant, Keys.load(flags.keys))


if __name__ == "__main__":
    raise SystemExit(main())
