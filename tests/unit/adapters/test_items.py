"""Orders as items and back, whatever they hold. Holds A20 and A21 (sizes, no TTL), I41; the guard's absent attributes."""

from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, cast

from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given, settings
from hypothesis import strategies as some

from paycenter.adapters.items import OWED_SHARDS, from_item, owed_shard, to_item
from paycenter.contracts.api import MAXIMUM_INFORMATION_BYTES
from paycenter.domain import ids, lifecycle
from paycenter.domain.order import (
    MAXIMUM_EVENTS,
    MAXIMUM_PAYMENTS,
    EventType,
    Evidence,
    ExceptionKind,
    Information,
    LatePolicy,
    Order,
    OrderException,
    OwedEvent,
    Payment,
    Refund,
    Resolution,
)
from paycenter.domain.settlement import money_verified
from paycenter.domain.states import EventState, OrderState, PaymentState, RefundState
from tests.fakes.clock import START
from tests.fakes.samples import a_payment, an_order, paying, receipt_for

TEXT = some.text(alphabet=some.characters(codec="utf-8"), max_size=30)
NAME = some.text(alphabet="ABC0123456789|~-", min_size=1, max_size=20)
MOMENT = some.integers(min_value=0, max_value=2**40)
AMOUNT = some.integers(min_value=0, max_value=10**10)


def complete[T](kind: type[T], /, **parts: some.SearchStrategy[Any]) -> some.SearchStrategy[T]:
    """Return what builds a kind from a strategy for every one of its fields: a forgotten one fails here."""
    assert {field.name for field in fields(cast("Any", kind))} == set(parts), kind
    return some.builds(kind, **parts)


def keyed(entries: Any, name: str) -> Any:  # noqa: ANN401 - strategies have no useful type here
    """Return mappings by the entry's own number."""
    return some.lists(entries, max_size=3).map(
        lambda found: MappingProxyType({getattr(entry, name): entry for entry in found})
    )


PAYMENTS = complete(
    Payment,
    payment_no=NAME,
    channel=TEXT,
    product=TEXT,
    account=TEXT,
    amount=AMOUNT,
    currency=TEXT,
    state=some.sampled_from(PaymentState),
    created_at=MOMENT,
    deadline=MOMENT,
    channel_data=some.dictionaries(NAME, TEXT, max_size=3).map(MappingProxyType),
    channel_transaction_no=TEXT,
    paid_at=MOMENT,
    refundable=AMOUNT,
    asked_at=MOMENT,
    climbed_to=MOMENT,
    rungs=some.lists(MOMENT, max_size=7).map(tuple),
    payer_id=TEXT,
    client_address=TEXT,
    system=TEXT,
)
REFUNDS = complete(
    Refund,
    refund_no=NAME,
    payment_no=TEXT,
    amount=AMOUNT,
    state=some.sampled_from(RefundState),
    reason=TEXT,
    out_refund_no=TEXT,
    fingerprint=TEXT,
    asked_by=TEXT,
    created_at=MOMENT,
    due_at=MOMENT,
    attempt=MOMENT,
    sent_at=MOMENT,
    refunded_at=MOMENT,
    channel_refund_no=TEXT,
    channel_data=some.dictionaries(NAME, TEXT, max_size=3).map(MappingProxyType),
    stuck=some.booleans(),
)
EVENTS = complete(
    OwedEvent,
    event_id=NAME,
    type=some.sampled_from(EventType),
    version=MOMENT,
    state=some.sampled_from(EventState),
    attempt=MOMENT,
    due_at=MOMENT,
    begun=MOMENT,
)
EXCEPTIONS = complete(
    OrderException,
    exception_id=NAME,
    kind=some.sampled_from(ExceptionKind),
    payment_no=TEXT,
    amount=AMOUNT,
    resolution=some.sampled_from(Resolution),
    raised_at=MOMENT,
)
ORDERS = complete(
    Order,
    id=some.just(ids.order_id("tickets", "A-1")),
    line=TEXT,
    out_order_no=TEXT,
    amount=AMOUNT,
    currency=TEXT,
    subject=TEXT,
    attach=TEXT,
    information=some.lists(some.builds(Information, TEXT, TEXT), max_size=3).map(tuple),
    return_url=TEXT,
    late_policy=some.sampled_from(LatePolicy),
    fingerprint=TEXT,
    secret=TEXT,
    created_at=MOMENT,
    expires_at=MOMENT,
    state=some.sampled_from(OrderState),
    version=MOMENT,
    closing=some.booleans(),
    close_attempt=MOMENT,
    close_due_at=MOMENT,
    closed_at=MOMENT,
    winner=TEXT,
    outbox=MOMENT,
    payments=keyed(PAYMENTS, "payment_no"),
    refunds=keyed(REFUNDS, "refund_no"),
    events=keyed(EVENTS, "event_id"),
    exceptions=keyed(EXCEPTIONS, "exception_id"),
    log=some.lists(TEXT.filter(bool), max_size=3).map(tuple),
)


@given(ORDERS)
@settings(max_examples=200, deadline=None)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    assert from_item(to_item(order)) == order


def plain(order: Order) -> dict[str, Any]:
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in to_item(order).items()}


def test_empty_values_are_left_out_so_that_conditions_on_their_absence_hold() -> None:
    assert not {"winner", "closing", "outbox", "attach", "close_due_at"} & set(plain(an_order()))
    paid = pay(paying(PaymentState.PENDING))
    assert {"winner", "outbox"} <= set(plain(paid))
    assert "closing" in plain(lifecycle.begin_closing(paying(PaymentState.PENDING), START))


def test_a_payment_s_item_knows_nothing_of_a_payer_whom_its_product_does_not_ask_for() -> None:
    (payment,) = plain(paying(PaymentState.PENDING))["payments"].values()
    assert not {"payer_id", "client_address", "system"} & set(payment)


def test_an_order_is_in_the_owed_index_exactly_while_something_is_owed() -> None:
    order = an_order()
    assert plain(order)["owed_at"] == order.expires_at + 120
    assert plain(order)["owed_shard"] == owed_shard(order.id)
    paid = pay(paying(PaymentState.PENDING))
    assert plain(paid)["owed_at"] == START + 61 + 120
    told = {key: replace(event, state=EventState.DELIVERED) for key, event in paid.events.items()}
    assert not {"owed_at", "owed_shard"} & set(plain(replace(paid, events=told)))


def test_the_outbox_is_a_number_and_so_visible_to_the_stream_s_filter() -> None:
    assert to_item(pay(paying(PaymentState.PENDING)))["outbox"] == {"N": "3"}


def test_an_unknown_attribute_of_a_later_version_is_ignored() -> None:
    item = to_item(paying(PaymentState.PENDING))
    item["invented_later"] = {"S": "x"}
    next(iter(item["payments"]["M"].values()))["M"]["invented_too"] = {"N": "1"}
    assert from_item(item) == paying(PaymentState.PENDING)


def test_an_item_without_the_attributes_of_a_later_version_is_read() -> None:
    item = to_item(paying(PaymentState.PENDING, closing=True))
    for name in ("closing", "log", "attach", "outbox"):
        item.pop(name, None)
    assert from_item(item).log == ()


def test_the_shards_of_the_index_are_filled_evenly() -> None:
    counts = [0] * OWED_SHARDS
    for number in range(4_000):
        counts[owed_shard(ids.order_id("tickets", str(number)))] += 1
    assert min(counts) > 4_000 / OWED_SHARDS * 0.7
    assert max(counts) < 4_000 / OWED_SHARDS * 1.4


def pay(order: Order) -> Order:
    number = next(iter(order.payments))
    evidence = Evidence(source="callback", digest="d" * 64, account="bogus-main~1")
    return money_verified(order, receipt_for(order.payments[number]), evidence, START + 61)


def size_of(item: Any) -> int:  # noqa: ANN401 - an item or a part of one
    """Count the bytes of an item as DynamoDB does, numbers at most a little too high."""
    ((kind, value),) = item.items() if len(item) == 1 else (("M", item),)
    if kind == "M":
        return 3 + sum(len(name.encode()) + 1 + size_of(inner) for name, inner in value.items())
    if kind == "L":
        return 3 + sum(1 + size_of(inner) for inner in value)
    return 1 if kind == "BOOL" else len(str(value).encode())


def test_a_paid_order_with_a_kilobyte_of_information_takes_three_write_units_at_most() -> None:
    order = paying(
        PaymentState.PENDING,
        information=tuple(Information(f"Field {n}", "x" * 92) for n in range(10)),
    )
    assert size_of({"M": to_item(pay(order))}) <= 3 * 1024


def test_a_paid_order_without_much_information_takes_two_write_units_at_most() -> None:
    assert size_of({"M": to_item(pay(paying(PaymentState.PENDING)))}) <= 2 * 1024


def test_the_largest_order_of_all_stays_far_below_the_limit_of_an_item() -> None:
    order = an_order(
        information=tuple(Information("票" * 10, "票" * 55) for _ in range(20)),
        attach="附" * 512,
        subject="票" * 127,
        log=tuple("x" * 120 for _ in range(120)),
    )
    size = sum(len((line.label + line.value).encode()) for line in order.information)
    assert size <= MAXIMUM_INFORMATION_BYTES
    numbers = [ids.payment_no(order.id, count) for count in range(1, MAXIMUM_PAYMENTS + 1)]
    payments = {
        number: a_payment(order, count, channel_data={"a": "x" * 200})
        for count, number in enumerate(numbers, 1)
    }
    events = {
        ids.event_id(order.id, count): OwedEvent(
            event_id="",
            type=EventType.ORDER_CLOSED,
            version=9999,
            state=EventState.SUPERSEDED,
            attempt=24,
            due_at=START,
        )
        for count in range(1, MAXIMUM_EVENTS + 1)
    }
    refunds = {
        f"{number}D": Refund(
            refund_no="",
            payment_no=number,
            amount=10**10,
            state=RefundState.PROCESSING,
            reason=ExceptionKind.DUPLICATE_PAYMENT,
        )
        for number in numbers
    }
    largest = replace(order, payments=payments, events=events, refunds=refunds)
    assert size_of({"M": to_item(largest)}) < 60_000
