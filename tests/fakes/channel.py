"""A channel that exists nowhere: it keeps its own ledger of truth, and answers from it or as scripted."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from paycenter.domain.settlement import Receipt
from paycenter.ports.bills import Bills
from paycenter.ports.channel import (
    Account,
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    Callbacks,
    ChannelStatus,
    Close,
    CloseAnswer,
    Create,
    CreateAnswer,
    FactKind,
    Material,
    MaterialAnswer,
    Outcome,
    PayerAnswer,
    PayerIdentification,
    PaymentRequest,
    QrAction,
    Query,
    QueryAnswer,
    RawCallback,
    RedirectAction,
    RefundAnswer,
    RefundCreate,
    RefundFact,
    RefundQuery,
    RefundRequest,
    RefundStatus,
    VerifiedCallback,
)
from paycenter.ports.manifest import Manifest, Needs
from tests.fakes.clock import FrozenClock
from tests.fakes.wire import Wire


@dataclass
class Trade:
    """What the channel itself believes of a payment."""

    request: PaymentRequest
    status: ChannelStatus
    amount: int
    transaction_no: str = ""
    paid_at: int = 0

    @property
    def receipt(self) -> Receipt:
        """Return what the channel would say was paid."""
        return Receipt(
            payment_no=self.request.payment_no,
            amount=self.amount,
            currency=self.request.currency,
            channel_transaction_no=self.transaction_no,
            paid_at=self.paid_at,
        )


@dataclass
class GivenBack:
    """What the channel itself believes of a refund; `sent_at` are the moments at which it was told to give back."""

    request: RefundRequest
    status: RefundStatus
    sent_at: list[int]


@dataclass(frozen=True)
class Operation[Request, Answer]:
    """A strategy made of one function."""

    act: Callable[[Account, Request], Answer]

    def execute(self, account: Account, request: Request) -> Answer:
        """Call it."""
        return self.act(account, request)


@dataclass
class BogusChannel:
    """One channel. Scripted answers come first, one for each call; then the ledger answers."""

    manifest: Manifest
    clock: FrozenClock
    wire: Wire = field(default_factory=Wire)
    trades: dict[str, Trade] = field(default_factory=dict)
    evoked: dict[str, PaymentRequest] = field(default_factory=dict)
    accounts: list[str] = field(default_factory=list)
    payers: dict[str, str] = field(default_factory=dict)
    create_answers: list[CreateAnswer] = field(default_factory=list)
    query_answers: list[QueryAnswer] = field(default_factory=list)
    close_answers: list[CloseAnswer] = field(default_factory=list)
    refund_answers: list[RefundAnswer] = field(default_factory=list)
    refund_query_answers: list[RefundAnswer] = field(default_factory=list)
    refunds: dict[str, GivenBack] = field(default_factory=dict)
    settles_refunds: RefundStatus = RefundStatus.SUCCEEDED
    material: Material | None = None

    def create(self, account: Account, payment: PaymentRequest) -> CreateAnswer:
        """Create at the channel, or sign what will create it when the payer comes."""
        product = self.manifest.products[payment.product]
        if not product.calls_channel:
            self.evoked[payment.payment_no] = payment
            return CreateAnswer(
                outcome=Outcome.DONE, action=RedirectAction(url=f"https://bogus/{payment.product}")
            )
        return self._call(
            "create",
            account,
            payment,
            self.create_answers,
            self._made,
            CreateAnswer(outcome=Outcome.UNKNOWN),
        )

    def query(self, account: Account, payment: PaymentRequest) -> QueryAnswer:
        """Say what became of a payment."""
        return self._call(
            "query",
            account,
            payment,
            self.query_answers,
            self._looked_up,
            QueryAnswer(outcome=Outcome.UNKNOWN),
        )

    def close(self, account: Account, payment: PaymentRequest) -> CloseAnswer:
        """Close what is not paid."""
        return self._call(
            "close",
            account,
            payment,
            self.close_answers,
            self._closed,
            CloseAnswer(outcome=Outcome.UNKNOWN),
        )

    def identify(self, account: Account, code: str) -> PayerAnswer:
        """Say who gave the payer this code, once."""
        self.accounts.append(account.id)
        return self.wire.run(
            f"{self.manifest.channel}.identify",
            code,
            lambda: self._exchanged(code),
            timed_out=lambda: PayerAnswer(outcome=Outcome.UNKNOWN, code="TIMEOUT"),
        )

    def refund(self, account: Account, refund: RefundRequest) -> RefundAnswer:
        """Give back what was paid, once for each number."""
        return self._call(
            "refund",
            account,
            refund,
            self.refund_answers,
            self._given_back,
            RefundAnswer(outcome=Outcome.UNKNOWN),
        )

    def query_refund(self, account: Account, refund: RefundRequest) -> RefundAnswer:
        """Say what became of a refund."""
        return self._call(
            "query_refund",
            account,
            refund,
            self.refund_query_answers,
            self._told_of_refund,
            RefundAnswer(outcome=Outcome.UNKNOWN),
        )

    def refunded(self) -> int:
        """Return what went back, or will."""
        over = {RefundStatus.FAILED}
        return sum(one.request.amount for one in self.refunds.values() if one.status not in over)

    def payer_opens(self, payment_no: str) -> Trade:
        """Let the payer follow what was signed: the trade exists from now on."""
        request = self.evoked[payment_no]
        return self.trades.setdefault(
            payment_no, Trade(request, ChannelStatus.PENDING, request.amount)
        )

    def payer_pays(self, payment_no: str, amount: int | None = None) -> Trade:
        """Let the payer pay, whatever we have decided meanwhile."""
        trade = self.trades.get(payment_no) or self.payer_opens(payment_no)
        trade.status = ChannelStatus.PAID
        trade.amount = trade.request.amount if amount is None else amount
        trade.transaction_no = f"T-{payment_no}"
        trade.paid_at = self.clock.now()
        return trade

    def times(self, operation: str) -> int:
        """Count the calls of an operation."""
        return self.wire.names().count(f"{self.manifest.channel}.{operation}")

    def _call[Request: PaymentRequest | RefundRequest, Answer](
        self,
        operation: str,
        account: Account,
        payment: Request,
        scripted: list[Answer],
        usual: Callable[[Request], Answer],
        unknown: Answer,
    ) -> Answer:
        self.accounts.append(account.id)
        return self.wire.run(
            f"{self.manifest.channel}.{operation}",
            payment.refund_no if isinstance(payment, RefundRequest) else payment.payment_no,
            lambda: scripted.pop(0) if scripted else usual(payment),
            timed_out=lambda: unknown,
        )

    def _exchanged(self, code: str) -> PayerAnswer:
        if code not in self.payers:
            return PayerAnswer(outcome=Outcome.REFUSED, code="CODE_USED")
        return PayerAnswer(outcome=Outcome.DONE, payer_id=self.payers.pop(code))

    def _given_back(self, refund: RefundRequest) -> RefundAnswer:
        trade = self.trades.get(refund.payment_no)
        if trade is None or trade.status is not ChannelStatus.PAID:
            return RefundAnswer(outcome=Outcome.REFUSED, code="NOT_PAID")
        if refund.refund_no not in self.refunds:
            if self._returned_of(refund.payment_no) + refund.amount > trade.amount:
                return RefundAnswer(outcome=Outcome.REFUSED, code="TOO_MUCH")
            self.refunds[refund.refund_no] = GivenBack(refund, self.settles_refunds, [])
        self.refunds[refund.refund_no].sent_at.append(self.clock.now())
        return self._told_of_refund(refund)

    def _returned_of(self, payment_no: str) -> int:
        return sum(
            one.request.amount
            for one in self.refunds.values()
            if one.request.payment_no == payment_no and one.status is not RefundStatus.FAILED
        )

    def _told_of_refund(self, refund: RefundRequest) -> RefundAnswer:
        known = self.refunds.get(refund.refund_no)
        if known is None:
            return RefundAnswer(outcome=Outcome.DONE, status=RefundStatus.NOT_FOUND)
        return RefundAnswer(
            outcome=Outcome.DONE,
            status=known.status,
            amount=known.request.amount,
            channel_refund_no=f"B-{refund.refund_no}",
            refunded_at=known.sent_at[0],
            digest="r",
        )

    def _made(self, payment: PaymentRequest) -> CreateAnswer:
        self.evoked[payment.payment_no] = payment
        trade = self.payer_opens(payment.payment_no)
        if trade.status is not ChannelStatus.PENDING:
            return CreateAnswer(outcome=Outcome.REFUSED, code=f"TRADE_{trade.status}")
        return CreateAnswer(
            outcome=Outcome.DONE,
            action=QrAction(content=f"bogus:{payment.payment_no}"),
            channel_data={"ticket": payment.payment_no[-3:]},
        )

    def _looked_up(self, payment: PaymentRequest) -> QueryAnswer:
        trade = self.trades.get(payment.payment_no)
        if trade is None:
            return QueryAnswer(outcome=Outcome.DONE, status=ChannelStatus.NOT_FOUND, digest="q")
        if trade.status is ChannelStatus.PENDING and self.clock.now() >= payment.deadline:
            trade.status = ChannelStatus.CLOSED
        receipt = trade.receipt if trade.status is ChannelStatus.PAID else None
        return QueryAnswer(outcome=Outcome.DONE, status=trade.status, receipt=receipt, digest="q")

    def _closed(self, payment: PaymentRequest) -> CloseAnswer:
        trade = self.trades.get(payment.payment_no)
        if trade is None or trade.status is ChannelStatus.PAID:
            return CloseAnswer(outcome=Outcome.REFUSED, code="NOT_CLOSABLE")
        trade.status = ChannelStatus.CLOSED
        return CloseAnswer(outcome=Outcome.DONE, digest="c")


@dataclass
class ScriptedMaterial:
    """Fetches public keys as scripted; whose account names `fetched` keys in its settings wants some."""

    wire: Wire
    answers: list[MaterialAnswer] = field(default_factory=list)
    usual: MaterialAnswer = field(default_factory=lambda: MaterialAnswer(outcome=Outcome.UNKNOWN))

    def needed(self, account: Account) -> bool:
        """Tell whether the account wants some."""
        return account.settings.get("keys") == "fetched"

    def execute(self, account: Account) -> MaterialAnswer:
        """Fetch."""
        return self.wire.run(
            "material.fetch",
            account.id,
            lambda: self.answers.pop(0) if self.answers else self.usual,
            timed_out=lambda: MaterialAnswer(outcome=Outcome.UNKNOWN),
        )


@dataclass(frozen=True)
class BogusIdentification:
    """Sends payers to a page of the channel, which knows them; `payers` are those whose codes are not used yet."""

    channel: BogusChannel

    def address(self, account: Account, return_url: str, state: str) -> str:
        """Return the page, with all that it needs."""
        return f"https://bogus/who?account={account.id}&back={return_url}&state={state}"

    def execute(self, account: Account, code: str) -> PayerAnswer:
        """Ask the channel."""
        return self.channel.identify(account, code)


@dataclass(frozen=True)
class BogusCallbacks:
    """Callbacks in JSON; the signature is the account's key in a header."""

    def verify(self, account: Account, raw: RawCallback) -> VerifiedCallback:
        """Compare the signature; one that says so is the channel's own probe."""
        signature = raw.headers.get("signature")
        if signature != account.secrets["key"]:
            raise CallbackRefused("wrong signature", probe=signature == "probe")
        return VerifiedCallback(fields=json.loads(raw.body), digest="d" * 64)

    def translate(self, account: Account, verified: VerifiedCallback) -> CallbackFact:
        """Read the fields."""
        fields = verified.fields
        receipt = (
            Receipt(
                payment_no=fields["payment_no"],
                amount=int(fields["amount"]),
                currency=fields["currency"],
                channel_transaction_no=fields["transaction_no"],
                paid_at=int(fields["paid_at"]),
            )
            if "amount" in fields
            else None
        )
        return CallbackFact(
            kind=FactKind(fields["kind"]),
            payment_no=fields["payment_no"],
            stranger=() if fields["merchant"] == account.settings["merchant"] else ("merchant",),
            receipt=receipt,
            channel_transaction_no=fields["transaction_no"],
            refund=_refund_fact(fields),
            created_at=fields.get("created_at"),
        )

    def acknowledge(self, *, accepted: bool) -> Acknowledgement:
        """Say yes or no."""
        return Acknowledgement(
            status=200 if accepted else 400,
            media_type="text/plain",
            body=b"yes" if accepted else b"no",
        )


def _refund_fact(fields: Mapping[str, str]) -> RefundFact | None:
    if "refund_no" not in fields:
        return None
    status = fields.get("refund_status")
    return RefundFact(
        refund_no=fields["refund_no"],
        status=RefundStatus(status) if status else None,
        amount=int(fields["refund_amount"]) if "refund_amount" in fields else None,
        refunded_at=int(fields["paid_at"]),
    )


def callback_of(trade: Trade, account: Account, **changes: object) -> RawCallback:
    """Return the callback that the channel sends for a trade; `changes` tamper with fields before it is signed."""
    fields: dict[str, object] = {
        "kind": FactKind.PAID,
        "payment_no": trade.request.payment_no,
        "amount": str(trade.amount),
        "currency": trade.request.currency,
        "transaction_no": trade.transaction_no,
        "paid_at": str(trade.paid_at),
        "merchant": account.settings["merchant"],
        **changes,
    }
    kept = {name: value for name, value in fields.items() if value is not None}
    return RawCallback(
        headers={"signature": account.secrets["key"]}, body=json.dumps(kept).encode()
    )


@dataclass(frozen=True)
class ScriptedChannels:
    """The channels of a test, by name."""

    all: Mapping[str, BogusChannel]

    def names(self) -> tuple[str, ...]:
        """Return the channels."""
        return tuple(self.all)

    def known(self, channel: str) -> bool:
        """Tell whether there is such a channel."""
        return channel in self.all

    def manifest(self, channel: str) -> Manifest:
        """Return its manifest."""
        return self.all[channel].manifest

    def create(self, channel: str) -> Create:
        """Return its create."""
        return Operation(self.all[channel].create)

    def query(self, channel: str) -> Query:
        """Return its query."""
        return Operation(self.all[channel].query)

    def close(self, channel: str) -> Close:
        """Return its close."""
        return Operation(self.all[channel].close)

    def refund(self, channel: str) -> RefundCreate:
        """Return its refund."""
        return Operation(self.all[channel].refund)

    def query_refund(self, channel: str) -> RefundQuery:
        """Return its refund query."""
        return Operation(self.all[channel].query_refund)

    def bills(self, channel: str) -> Bills:
        """Return its bills: it has none yet."""
        raise KeyError(channel)

    def identification(self, channel: str) -> PayerIdentification:
        """Return how it tells who the payer is; KeyError where no product of it asks."""
        bogus = self.all[channel]
        if not any(Needs.PAYER_ID in product.needs for product in bogus.manifest.products.values()):
            raise KeyError(channel)
        return BogusIdentification(bogus)

    def material(self, channel: str) -> Material | None:
        """Return how its public keys are fetched, or None where they never are."""
        return self.all[channel].material

    def callbacks(self, channel: str) -> Callbacks:
        """Return its callbacks."""
        assert channel in self.all, channel
        return BogusCallbacks()
