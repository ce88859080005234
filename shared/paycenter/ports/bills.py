"""A channel's daily bills: fetched as bytes, read row by row, in our words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from paycenter.ports.channel import Account, Outcome


class BillKind(StrEnum):
    """Which statement: the trades, or the movements of the merchant's balance."""

    TRADES = "TRADES"
    FUNDS = "FUNDS"


class BillStatus(StrEnum):
    """READY has content. EMPTY: the channel says that nothing happened, finally. NOT_READY: ask again later."""

    READY = "READY"
    EMPTY = "EMPTY"
    NOT_READY = "NOT_READY"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillAnswer:
    """What a download brought: `status` where DONE; `content` is the file as it came, checked and uncompressed."""

    outcome: Outcome
    status: BillStatus | None = None
    content: bytes = field(default=b"", repr=False)
    digest: str = ""
    code: str = ""


class RowKind(StrEnum):
    """What a row of a bill of trades is about."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    OTHER = "OTHER"


class RowStatus(StrEnum):
    """What the channel says of a row; an unknown word is PROCESSING."""

    SUCCEEDED = "SUCCEEDED"
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One row of a bill of trades.

    `amount` is positive, in minor units. `fee_thousandths` is what the channel charged, in thousandths of a minor
    unit because some channels state fractions; negative where it gave a fee back. `at` are seconds since 1970 UTC.
    """

    kind: RowKind
    status: RowStatus
    payment_no: str
    refund_no: str
    channel_transaction_no: str
    channel_refund_no: str
    amount: int
    currency: str
    fee_thousandths: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OddRow:
    """A line of a bill that can't be read, kept for a person; `line` counts from 1 within its member."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """One movement of the merchant's balance, as the channel states it; names of columns are the channel's own."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTotals:
    """What a bill says of itself: counts and sums in minor units, None where it does not say.

    `net` is what was paid less what was refunded, for a bill that states it so.
    """

    payments: int | None = None
    refunds: int | None = None
    paid: int | None = None
    refunded: int | None = None
    net: int | None = None
    fee_thousandths: int | None = None
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Bills(Protocol):
    """Fetches and reads a channel's bills."""

    def download(self, account: Account, day: str, kind: BillKind) -> BillAnswer:
        """Fetch the bill of a day (`yyyy-MM-dd`, Beijing); safe to repeat, raises nothing for what the channel does."""

    def rows(self, content: bytes) -> Iterator[BillRow | OddRow]:
        """Read a bill of trades row by row; raises ValueError where the whole is no bill of this channel."""

    def totals(self, content: bytes) -> BillTotals:
        """Return what the bill says of itself, to check the rows against; raises ValueError as `rows` does."""
