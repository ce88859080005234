"""The bodies of the business lines' API; OpenAPI is generated from these models."""

import hashlib
from ipaddress import ip_address
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from paycenter.contracts import strict_json
from paycenter.domain.errors import Malformed
from paycenter.domain.money import MAXIMUM_AMOUNT
from paycenter.domain.order import DEFAULT_LIFE_SECONDS, MAXIMUM_LIFE_SECONDS, MINIMUM_LIFE_SECONDS

MAXIMUM_INFORMATION_BYTES: Final = 4096
UNSAID: Final = 0
_WORD = r"^[a-z][a-z0-9_]{0,31}$"


# Control characters, the bidirectional overrides and isolates have no place in a text that people read.
_TEXT = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"


class Strict(BaseModel):
    """Takes exactly its fields, in exactly their types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class InformationField(Strict):
    """One labelled field that the payer sees on the cashier page."""

    label: Annotated[str, Field(pattern=_TEXT, min_length=1, max_length=32)]
    value: Annotated[str, Field(pattern=_TEXT, max_length=512)]


class CreateOrderRequest(Strict):
    """What a business line wants to be paid. `amount` is in minor units of `currency` (fen for CNY)."""

    out_order_no: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    amount: Annotated[int, Field(ge=1, le=MAXIMUM_AMOUNT)]
    currency: Literal["CNY"]
    subject: Annotated[str, Field(pattern=_TEXT, min_length=1, max_length=127)]
    # Left out, it is what the line's configuration says; the schema names no default, because it may change.
    expires_in: Annotated[
        int,
        Field(
            ge=MINIMUM_LIFE_SECONDS,
            le=MAXIMUM_LIFE_SECONDS,
            json_schema_extra=lambda schema: schema.pop("default", None),
        ),
    ] = UNSAID
    return_url: Annotated[str, Field(max_length=512, pattern=r"^[\x21-\x7e]*$")] = ""
    attach: Annotated[str, Field(pattern=_TEXT, max_length=512)] = ""
    information: Annotated[tuple[InformationField, ...], Field(max_length=20, strict=False)] = ()

    @model_validator(mode="after")
    def _small_enough(self) -> Self:
        size = sum(len(line.label.encode()) + len(line.value.encode()) for line in self.information)
        if size > MAXIMUM_INFORMATION_BYTES:
            message = f"information is {size} bytes; {MAXIMUM_INFORMATION_BYTES} are allowed"
            raise ValueError(message)
        return self

    def fingerprint(self) -> str:
        """Return the digest that a repeated create is compared by: equal meaning, equal digest.

        What has its default does not count, so that a field that is added one day changes no order's digest.
        """
        usual = {"expires_in"} if self.expires_in == DEFAULT_LIFE_SECONDS else None
        meaning = self.model_dump_json(exclude_defaults=True, exclude=usual)
        return hashlib.sha256(meaning.encode()).hexdigest()[:32]


def _public(address: str) -> str:
    """Pass an IPv4 or IPv6 address on; raises ValueError for what no payer can come from."""
    if address:
        try:
            parsed = ip_address(address)
        except ValueError:
            raise ValueError("give an IPv4 or IPv6 address, as text") from None
        if "%" in address or parsed.is_loopback or parsed.is_unspecified:
            raise ValueError("give the payer's own address, not one of this machine")
    return address


class CreatePaymentRequest(Strict):
    """How the order is to be paid, and by whom where the product must know it.

    `payer_id` is the payer's id in the channel's app, `client_address` the payer's own address. A product that needs
    neither takes no notice of them.
    """

    channel: Annotated[str, Field(pattern=_WORD)]
    product: Annotated[str, Field(pattern=_WORD)]
    payer_id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,128}$")] = ""
    client_address: Annotated[str, Field(max_length=45), AfterValidator(_public)] = ""


class CreateRefundRequest(Strict):
    """Money to give back. `amount` is in minor units; without `payment_no` it is the payment that won the order."""

    out_refund_no: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    amount: Annotated[int, Field(ge=1, le=MAXIMUM_AMOUNT)]
    reason: Annotated[str, Field(pattern=_TEXT, max_length=80)] = ""
    payment_no: Annotated[str, Field(pattern=r"^([A-Z2-7]{26}P[0-9]{2})?$")] = ""


class CloseOrderRequest(Strict):
    """Nothing: an empty object, or no body at all."""


class ResendRequest(Strict):
    """Which notification to send again; without one, all that were given up."""

    event_id: Annotated[str, Field(pattern=r"^[A-Z2-7]{26}E[0-9]{2}$")] = ""


class NotificationAnswer(BaseModel):
    """One event that you are told, and what became of it; `next_attempt_at` is null where nothing more is tried."""

    event_id: str
    type: str
    state: Literal["OWED", "DELIVERED", "DEAD", "SUPERSEDED"]
    attempts: int
    next_attempt_at: str | None


class NotificationsAnswer(BaseModel):
    """The notifications of an order."""

    notifications: list[NotificationAnswer]


class PlanStepAnswer(BaseModel):
    """One step of an order's life; `number` of `count` where it is one of several, `why` for a step to come."""

    at: str
    kind: Literal["log", "query", "deadline", "close", "notification"]
    what: str
    subject: str
    number: int
    count: int
    why: str


class PlanAnswer(BaseModel):
    """What happened to an order and what happens next if nothing else comes first."""

    id: str
    state: Literal["CREATED", "PAYING", "PAID", "CLOSED"]
    version: int
    past: list[PlanStepAnswer]
    coming: list[PlanStepAnswer]


class PaymentSummary(BaseModel):
    """The payment that won the order."""

    payment_no: str
    channel: str
    product: str
    channel_transaction_no: str
    paid_at: str


class ExceptionSummary(BaseModel):
    """Money of this order that does not fit, and what is done about it."""

    kind: str
    payment_no: str
    amount: int
    resolution: str


class RefundSummary(BaseModel):
    """Money that goes, or went, back; `refunded_at` is null until it has. Refunds of the centre's own have no number."""

    refund_no: str
    out_refund_no: str
    payment_no: str
    amount: int
    state: Literal["REQUESTED", "PROCESSING", "SUCCEEDED", "FAILED"]
    reason: str
    created_at: str
    refunded_at: str | None


class OrderAnswer(BaseModel):
    """An order as `GET` answers it, and as the `data` of a notification."""

    id: str
    out_order_no: str
    state: Literal["CREATED", "PAYING", "PAID", "CLOSED"]
    version: int
    amount: int
    currency: str
    subject: str
    attach: str
    cashier_url: str
    created_at: str
    expires_at: str
    closing: bool
    payment: PaymentSummary | None
    exceptions: list[ExceptionSummary]
    refunds: list[RefundSummary]


class FormActionAnswer(BaseModel):
    """Submit a form with these fields from the payer's browser."""

    type: Literal["form"]
    method: Literal["POST", "GET"]
    url: str
    fields: dict[str, str]


class RedirectActionAnswer(BaseModel):
    """Open this address in the payer's browser."""

    type: Literal["redirect"]
    url: str


class QrActionAnswer(BaseModel):
    """Show this content as a QR code to the payer's app."""

    type: Literal["qr"]
    content: str


class JsapiActionAnswer(BaseModel):
    """Call the script bridge of the channel's own app, in which the payer's page is open.

    `window[bridge][function](method, parameters, callback)`, after the document's event `ready_event` where the bridge
    is not there yet. The callback decides nothing: ask for the order, or wait for its notification.
    """

    type: Literal["jsapi"]
    bridge: str
    function: str
    method: str
    ready_event: str
    parameters: dict[str, str]


class AppActionAnswer(BaseModel):
    """Hand this to the channel's SDK in your app: `order_string` where it takes one text, else `parameters`."""

    type: Literal["app"]
    order_string: str
    parameters: dict[str, str]


type ActionAnswer = Annotated[
    FormActionAnswer | RedirectActionAnswer | QrActionAnswer | JsapiActionAnswer | AppActionAnswer,
    Field(discriminator="type"),
]


class PaymentAnswer(BaseModel):
    """A payment and what evokes the channel's own cashier; `action` is null while the channel has not answered.

    It is CREATING or PENDING, unless a callback was quicker than the channel's answer to our call.
    """

    payment_no: str
    state: Literal["CREATING", "PENDING", "SUCCEEDED", "FAILED", "CLOSED"]
    channel: str
    product: str
    action: ActionAnswer | None


class Problem(BaseModel):
    """An RFC 9457 problem document; `code` is stable, `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None


def parse[M: Strict](model: type[M], body: bytes) -> M:
    """Read a request body into its model; raises Malformed with the path of the first wrong field."""
    return validate(model, strict_json.loads(body or b"{}"))


def validate[M: Strict](model: type[M], document: object) -> M:
    """Check a document against its model; raises Malformed with the path of the first wrong field."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise Malformed(_sentence(first), path or None) from None


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's own error dictionary
    if error["type"] == "string_pattern_mismatch" and _TEXT in error["msg"]:
        return "The text has control characters or direction overrides; leave them out."
    text: str = error["msg"].removeprefix("Value error, ")
    return f"{text[:1].upper()}{text[1:]}."
