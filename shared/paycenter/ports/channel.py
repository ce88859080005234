"""What a channel strategy promises. Amounts are minor units, moments business seconds since 1970 UTC.

Asking the channel and translating its answer are two steps inside a strategy; what comes out are these types. No
method raises for what a channel or a stranger sends, but for `CallbackRefused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from paycenter.domain.settlement import Receipt


class Outcome(StrEnum):
    """The four outcomes of a channel call.

    DONE: the channel answered, verified. REFUSED: it refused definitely, verified. NOT_EXECUTED: it can't have acted,
    repeat freely. UNKNOWN: nobody knows; query, and never use a new number because of it.
    """

    DONE = "DONE"
    REFUSED = "REFUSED"
    NOT_EXECUTED = "NOT_EXECUTED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One version of a channel account: public settings and resolved secrets, named as its manifest names them."""

    id: str
    channel: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What a strategy needs to know of a payment. `deadline` is the instant after which it can't be paid."""

    payment_no: str
    product: str
    amount: int
    currency: str
    subject: str
    created_at: int
    deadline: int
    notify_url: str
    return_url: str
    channel_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAction:
    """Evokes the channel's cashier by a form that the payer's browser submits."""

    url: str
    fields: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectAction:
    """Evokes the channel's cashier by an address that the payer's browser opens."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QrAction:
    """Evokes the channel's app by a QR code with this content, drawn on our side."""

    content: str


type Action = FormAction | RedirectAction | QrAction


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAnswer:
    """What a create brought; `action` where it is DONE, `channel_data` to store, `code` and `detail` for people."""

    outcome: Outcome
    action: Action | None = None
    channel_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    code: str = ""
    detail: str = ""


class ChannelStatus(StrEnum):
    """What a channel says of a payment; an unknown word of the channel's is PENDING."""

    PAID = "PAID"
    PENDING = "PENDING"
    CLOSED = "CLOSED"
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """What a query brought: `status` where DONE, `receipt` where PAID, `digest` of the raw answer as evidence."""

    outcome: Outcome
    status: ChannelStatus | None = None
    receipt: Receipt | None = None
    digest: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAnswer:
    """What a close brought. Only DONE proves the payment unpaid; after anything else a query decides."""

    outcome: Outcome
    digest: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCallback:
    """A callback as it came: header names in lower case, the body's bytes untouched."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCallback:
    """A callback whose signature holds under the account's key: its fields, and a digest of the raw bytes."""

    fields: Mapping[str, str]
    digest: str


class CallbackRefused(Exception):
    """A callback that is not to be believed; the reason is for the log, never for the sender."""


class FactKind(StrEnum):
    """What a verified callback says."""

    PAID = "PAID"
    CLOSED = "CLOSED"
    REFUND = "REFUND"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFact:
    """A verified callback in our words.

    `stranger` names the identity fields (app id, merchant number) that are not this account's; empty means it is
    ours. `receipt` is there for PAID, and for every other kind that states an amount.
    """

    kind: FactKind
    payment_no: str
    stranger: tuple[str, ...] = ()
    receipt: Receipt | None = None
    channel_transaction_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What to answer a channel, byte for byte."""

    status: int
    media_type: str
    body: bytes


class Create(Protocol):
    """Makes a payment at the channel, or signs locally what makes it there."""

    def execute(self, account: Account, payment: PaymentRequest) -> CreateAnswer:
        """Create; a repeat with the same payment answers the same payment again, signed afresh."""


class Query(Protocol):
    """Asks what became of a payment."""

    def execute(self, account: Account, payment: PaymentRequest) -> QueryAnswer:
        """Query; safe to repeat."""


class Close(Protocol):
    """Closes an unpaid payment."""

    def execute(self, account: Account, payment: PaymentRequest) -> CloseAnswer:
        """Close; safe to repeat, a paid payment stays paid."""


class Callbacks(Protocol):
    """Takes callbacks: verify, then translate, and in the end acknowledge."""

    def verify(self, account: Account, raw: RawCallback) -> VerifiedCallback:
        """Check signature, algorithm and form under the account's key; raises CallbackRefused; calls nobody."""

    def translate(self, account: Account, verified: VerifiedCallback) -> CallbackFact:
        """Say in our words what the verified fields say; pure. Raises CallbackRefused where a field is unreadable."""

    def acknowledge(self, *, accepted: bool) -> Acknowledgement:
        """Return the channel's own form of yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One way to pay in a channel. `devices` it fits; `calls_channel` tells whether a create goes to the network."""

    id: str
    name: str
    name_zh: str
    devices: frozenset[str]
    calls_channel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountField:
    """One field of a channel account, for the configuration's check and the console's form."""

    id: str
    label: str
    label_zh: str
    secret: bool
    pattern: str = ".+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a channel is and can do, as data.

    `icon` is inline SVG; `form_origins` are origins that its cashier's form may lead to, beside the account's gateway
    (`gateway_field` names the account's setting); seconds as DESIGN section 4 names them.
    """

    channel: str
    name: str
    name_zh: str
    icon: str
    products: Mapping[str, Product]
    currencies: frozenset[str]
    minimum_amount: int
    maximum_amount: int
    minimum_window_s: int
    deadline_margin_s: int
    close_after_s: int | None
    reusable_s: int | None
    account_fields: tuple[AccountField, ...]
    gateway_field: str
    form_origins: tuple[str, ...]


class Channels(Protocol):
    """All registered channels; KeyError for one that is not."""

    def known(self, channel: str) -> bool:
        """Tell whether the channel is registered, without loading it."""

    def manifest(self, channel: str) -> Manifest:
        """Return what the channel can do."""

    def create(self, channel: str) -> Create:
        """Return the channel's create."""

    def query(self, channel: str) -> Query:
        """Return the channel's query."""

    def close(self, channel: str) -> Close:
        """Return the channel's close."""

    def callbacks(self, channel: str) -> Callbacks:
        """Return the channel's callbacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request to a channel: exactly these bytes go out."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What came back, as received."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(Exception):
    """The request can't have reached the channel: repeat freely."""


class NoAnswer(Exception):
    """The request may have reached the channel and no readable answer came: unknown."""


class Transport(Protocol):
    """HTTP to channels: bounded in time and size, never follows a redirect."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send once; raises NotSent or NoAnswer."""
