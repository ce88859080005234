"""The oracles: which package of which registry, for which channel, in what kind of environment."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

PROGRAMS: Final = Path(__file__).parent / "programs"


class Kind(StrEnum):
    """What an oracle's program runs in."""

    NODE = "node"
    PYTHON = "python"
    JAVA = "java"
    # Nothing of its own: a command of the system, driven by a program in this very Python.
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """One published implementation. `name` and `version` are its registry's; the pins lie beside its program.

    A command of the system has no version here: it is whatever the system has.
    """

    name: str
    version: str
    channel: str
    kind: Kind
    folder: str

    @property
    def program(self) -> Path:
        """Return the folder of its program."""
        return PROGRAMS / self.folder


ORACLES: Final = (
    Oracle(
        name="alipay-sdk",
        version="4.14.0",
        channel="alipay",
        kind=Kind.NODE,
        folder="alipay_sdk_node",
    ),
    Oracle(
        name="easysdk-kernel",
        version="1.0.12",
        channel="alipay",
        kind=Kind.JAVA,
        folder="easysdk_kernel",
    ),
    Oracle(
        name="alipay-sdk-python",
        version="3.7.1411",
        channel="alipay",
        kind=Kind.PYTHON,
        folder="alipay_sdk_python",
    ),
    Oracle(
        name="python-alipay-sdk",
        version="3.4.0",
        channel="alipay",
        kind=Kind.PYTHON,
        folder="python_alipay_sdk",
    ),
    Oracle(
        name="wechatpay-java-core",
        version="0.2.17",
        channel="wechatpay",
        kind=Kind.JAVA,
        folder="wechatpay_java",
    ),
    Oracle(
        name="wechatpay-axios-plugin",
        version="0.9.6",
        channel="wechatpay",
        kind=Kind.NODE,
        folder="wechatpay_axios_plugin",
    ),
    Oracle(
        name="wechatpay-node-v3",
        version="2.2.1",
        channel="wechatpay",
        kind=Kind.NODE,
        folder="wechatpay_node_v3",
    ),
    Oracle(
        name="wechatpayv3",
        version="2.0.4",
        channel="wechatpay",
        kind=Kind.PYTHON,
        folder="wechatpayv3",
    ),
    Oracle(
        name="openssl",
        version="",
        channel="unionpay",
        kind=Kind.COMMAND,
        folder="openssl",
    ),
)
