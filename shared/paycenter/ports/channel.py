"""What a channel strategy promises. Amounts are minor units, moments business seconds since 1970 UTC.

Asking the channel and translating its answer are two steps inside a strategy; what comes out are these types. No
method raises for what a channel or a stranger sends, but for `CallbackRefused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

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

    @property
    def answered(self) -> bool:
        """Tell whether the channel is there: a verified refusal is an answer too."""
        return self in {Outcome.DONE, Outcome.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One version of a channel account: public settings and resolved secrets, named as its manifest names them.

    `material` are public keys and certificates of the channel that were fetched and stored with the account.
    """

    id: str
    channel: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    material: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """What is known of the payer, where a product needs it: their id in the channel's app, their address, their system.

    `system` is `ios`, `android` or empty.
    """

    payer_id: str = ""
    client_address: str = ""
    system: str = ""


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
    payer: Payer = Payer()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class JsapiAction:
    """Evokes the channel's cashier inside its own app, by calling the script bridge that the app puts into the page.

    The page calls `window[bridge][function](method, parameters, callback)`, once the bridge is there; where it is not
    yet, the document's event `ready_event` tells. What the callback is given decides nothing.
    """

    bridge: str
    function: str
    method: str
    ready_event: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAction:
    """Evokes the channel's app from an app of the business line: what its SDK is given.

    One of the two is filled: `order_string` where the SDK takes one text, `parameters` where it takes named ones.
    """

    order_string: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


type Action = FormAction | RedirectAction | QrAction | JsapiAction | AppAction


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
class RefundRequest:
    """What a strategy needs to know of a refund and of the payment that it belongs to.

    `amount` goes back of the payment's `total`. `created_at` is the refund's own moment and `payment_created_at` the
    payment's: both stay the same at every repeat. `channel_data` is the refund's, `payment_data` the payment's.
    """

    refund_no: str
    payment_no: str
    product: str
    amount: int
    total: int
    currency: str
    reason: str
    created_at: int
    payment_created_at: int
    channel_transaction_no: str
    notify_url: str
    payment_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    channel_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class RefundStatus(StrEnum):
    """What a channel says of a refund; an unknown word of the channel's is PROCESSING.

    FAILED is definite: no money went back and none will. NOT_FOUND: the channel has not taken it (yet); repeat the
    refund under the same number.
    """

    SUCCEEDED = "SUCCEEDED"
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAnswer:
    """What a refund, or the query of one, brought; `status` where DONE, REFUSED means FAILED for ever.

    `amount` is what the channel says of this refund, None where it does not say. `stuck` asks for a person: the money
    neither arrived nor came back.
    """

    outcome: Outcome
    status: RefundStatus | None = None
    amount: int | None = None
    channel_refund_no: str = ""
    refunded_at: int = 0
    channel_data: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stuck: bool = False
    digest: str = ""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCallback:
    """A callback as it came: header names in lower case, the body's bytes untouched."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCallback:
    """A callback whose signature holds under the account's key: its fields, and a digest of the raw bytes."""

    fields: Mapping[str, Any]
    digest: str


class CallbackRefused(Exception):
    """A callback that is not to be believed; the reason is for the log, never for the sender.

    `probe`: the channel itself sent it with a false signature, to see that we check; nobody needs to be woken.
    """

    def __init__(self, reason: str, *, probe: bool = False) -> None:
        """Take the reason."""
        super().__init__(reason)
        self.probe = probe


class FactKind(StrEnum):
    """What a verified callback says."""

    PAID = "PAID"
    CLOSED = "CLOSED"
    REFUND = "REFUND"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFact:
    """What a verified callback says of a refund; `status` None is a hint alone: ask.

    `refund_no` may be empty where the channel names the payment only; `amount` None where it is not this refund's own.
    """

    refund_no: str
    status: RefundStatus | None = None
    amount: int | None = None
    channel_refund_no: str = ""
    refunded_at: int = 0
    stuck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFact:
    """A verified callback in our words.

    `stranger` names the identity fields (app id, merchant number) that are not this account's; empty means it is
    ours. `receipt` is there for PAID, and for every other kind that states an amount of the payment. `refund` is there
    for REFUND. `created_at` is there where the channel identifies a payment, or for REFUND a refund, by its moment too.
    `payment_no` is empty for NOTHING that concerns no payment, and for a REFUND that names the refund alone.
    """

    kind: FactKind
    payment_no: str
    stranger: tuple[str, ...] = ()
    receipt: Receipt | None = None
    channel_transaction_no: str = ""
    refund: RefundFact | None = None
    created_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerAnswer:
    """What asking for a payer's id brought."""

    outcome: Outcome
    payer_id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialAnswer:
    """What fetching a channel's public keys brought: where DONE, the whole of an account's `material`."""

    outcome: Outcome
    material: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    code: str = ""


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


class RefundCreate(Protocol):
    """Gives money back."""

    def execute(self, account: Account, refund: RefundRequest) -> RefundAnswer:
        """Refund; a repeat with the same refund gives back nothing more."""


class RefundQuery(Protocol):
    """Asks what became of a refund."""

    def execute(self, account: Account, refund: RefundRequest) -> RefundAnswer:
        """Query; safe to repeat."""


class PayerIdentification(Protocol):
    """Finds out who the payer is in the channel's own app, by its web authorisation."""

    def address(self, account: Account, return_url: str, state: str) -> str:
        """Return where to lead the payer's browser; the channel leads it back to `return_url` with `code`, `state`."""

    def execute(self, account: Account, code: str) -> PayerAnswer:
        """Exchange a code, which serves once."""


class Material(Protocol):
    """Fetches a channel's public keys for an account; never called because of a callback."""

    def needed(self, account: Account) -> bool:
        """Tell whether this account's settings want fetched keys at all."""

    def execute(self, account: Account) -> MaterialAnswer:
        """Fetch; safe to repeat."""


class Callbacks(Protocol):
    """Takes callbacks: verify, then translate, and in the end acknowledge."""

    def verify(self, account: Account, raw: RawCallback) -> VerifiedCallback:
        """Check signature, algorithm and form under the account's key; raises CallbackRefused; calls nobody."""

    def translate(self, account: Account, verified: VerifiedCallback) -> CallbackFact:
        """Say in our words what the verified fields say; pure. Raises CallbackRefused where a field is unreadable."""

    def acknowledge(self, *, accepted: bool) -> Acknowledgement:
        """Return the channel's own form of yes or no."""
