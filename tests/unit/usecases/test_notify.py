"""A business line is told. Holds I23 to I28 (the client's part is the adapter's), I30; U01, U03, U04, U07, U08, U10."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from paycenter.domain import ids
from paycenter.domain.errors import TryAgain
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.ladder import DEFAULT_NOTIFY_LADDER, parse_ladder
from paycenter.domain.order import LatePolicy, Order, OwedEvent
from paycenter.domain.states import EventState
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.usecases.expire import close_order
from paycenter.usecases.notify import body_of, run_notification
from paycenter.usecases.present import order_answer
from paycenter.usecases.resend import resend_order
from tests.fakes.acting import broken_everywhere, called_back, ordered, paying_order
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import PUBLIC_URL, WEBHOOK_SECRET, a_line
from tests.fakes.store import somebody_else_writes
from tests.fakes.wire import Wire


def paid(ports: FakePorts) -> Order:
    number = paying_order(ports, "qr").payment.payment_no
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    ports.wire.forget()
    ports.timers.requests.clear()
    return the_order(ports)


def the_order(ports: FakePorts) -> Order:
    (order,) = ports.orders.stored.values()
    return order


def the_event(ports: FakePorts, count: int = 1) -> OwedEvent:
    order = the_order(ports)
    return order.events[ids.event_id(order.id, count)]


def job_of(event: OwedEvent, **changes: int) -> Job:
    job = Job(
        kind=JobKind.NOTIFY,
        order_id=event.event_id[: ids.ORDER_ID_LENGTH],
        event_id=event.event_id,
        attempt=event.attempt,
        due_at=event.due_at,
        sent_at=event.due_at,
    )
    return replace(job, **changes)  # type: ignore[arg-type]  # numbers only


def test_an_event_is_posted_signed_and_recorded_as_delivered(ports: FakePorts) -> None:
    order = paid(ports)
    assert run_notification(job_of(the_event(ports)), ports) == "ACKNOWLEDGED"
    (post,) = ports.business_lines.received
    assert post.url == "https://tickets.example.com/hook"
    assert post.headers["webhook-id"] == f"{order.id}E01"
    assert post.headers["webhook-timestamp"] == str(START)
    assert post.headers["content-type"] == "application/json"
    assert ports.wire.names() == ["orders.get", "business_line.post", "orders.save"]
    assert the_event(ports).state is EventState.DELIVERED
    assert the_order(ports).owed_at is None


def test_what_is_told_is_what_a_get_answers_at_the_same_version(ports: FakePorts) -> None:
    order = paid(ports)
    run_notification(job_of(the_event(ports)), ports)
    document = json.loads(ports.business_lines.received[0].body)
    assert document["type"] == "order.paid"
    assert document["timestamp"].endswith("Z")
    assert document["data"] == json.loads(order_answer(order, PUBLIC_URL).model_dump_json())
    assert (document["data"]["state"], document["data"]["version"]) == ("PAID", order.version)


def test_the_order_was_durably_paid_before_the_first_byte_left(ports: FakePorts) -> None:
    paid(ports)
    run_notification(job_of(the_event(ports)), ports)
    body = json.loads(ports.business_lines.received[0].body)
    assert body["data"]["version"] <= ports.orders.history[-2].version
    assert ports.orders.history[-2].state == "PAID"


def test_the_signature_holds_under_every_live_secret(ports: FakePorts) -> None:
    newer = "whsec_" + "B" * 43 + "="
    ports.configuration.secrets["/new"] = newer
    line = a_line(webhook_secrets=("/new", "/paycenter/test/tickets"))
    ports.configuration.lines["tickets"] = line
    paid(ports)
    run_notification(job_of(the_event(ports)), ports)
    (post,) = ports.business_lines.received
    for secret in (newer, WEBHOOK_SECRET):
        signature = Webhook(secret).sign(
            post.headers["webhook-id"],
            timestamp=datetime.fromtimestamp(START, UTC),
            data=post.body.decode(),
        )
        assert signature in post.headers["webhook-signature"].split(" ")


REFUSALS = [
    DeliveryAnswer(status=0, reason="ConnectTimeoutError"),
    *(
        DeliveryAnswer(status=status)
        for status in (199, 300, 301, 302, 307, 400, 404, 429, 500, 503)
    ),
]


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: str(answer.status))
def test_all_but_2xx_is_a_failure_that_is_tried_again(
    answer: DeliveryAnswer, ports: FakePorts
) -> None:
    paid(ports)
    ports.business_lines.answers = [answer]
    assert run_notification(job_of(the_event(ports)), ports) == "ATTEMPT_FAILED"
    (again,) = ports.timers.sent
    assert (again.attempt, again.due_at) == (1, START + 15)
    assert the_event(ports).due_at == again.due_at
    assert ports.wire.names() == [
        "orders.get",
        "business_line.post",
        "timers.schedule",
        "orders.save",
    ]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_acknowledges(status: int, ports: FakePorts) -> None:
    paid(ports)
    ports.business_lines.answers = [DeliveryAnswer(status=status)]
    assert run_notification(job_of(the_event(ports)), ports) == "ACKNOWLEDGED"


def test_a_line_that_is_down_is_tried_for_75_hours_then_given_up_with_an_alarm(
    ports: FakePorts,
) -> None:
    paid(ports)
    ports.business_lines.usual = DeliveryAnswer(status=503)
    delays, before = [], START
    while (event := the_event(ports)).state is EventState.OWED:
        ports.clock.forward_to(event.due_at)
        delays.append(event.due_at - before)
        before = event.due_at
        run_notification(job_of(event), ports)
    assert tuple(delays) == (0, *DEFAULT_NOTIFY_LADDER.delays)
    assert ports.clock.now() == START + 75 * 3600 + 240
    assert the_event(ports).state is EventState.DEAD
    assert ports.telemetry.counts["NotificationsDead"] == 1
    assert len({post.headers["webhook-id"] for post in ports.business_lines.received}) == 1
    stamps = [post.headers["webhook-timestamp"] for post in ports.business_lines.received]
    assert len(set(stamps)) == len(stamps) == 25
    assert the_order(ports).owed_at is None


def test_a_line_that_comes_back_is_told_at_its_next_turn(ports: FakePorts) -> None:
    paid(ports)
    ports.business_lines.answers = [DeliveryAnswer(status=500)] * 3
    for _ in range(4):
        ports.clock.forward_to(the_event(ports).due_at)
        run_notification(job_of(the_event(ports)), ports)
    assert the_event(ports).state is EventState.DELIVERED
    assert ports.clock.now() == START + 15 + 15 + 30


def test_gone_ends_it_at_once_and_for_the_whole_address(ports: FakePorts) -> None:
    paid(ports)
    ports.business_lines.answers = [DeliveryAnswer(status=410)]
    assert run_notification(job_of(the_event(ports)), ports) == "GIVEN_UP"
    assert the_event(ports).state is EventState.DEAD
    assert ports.telemetry.counts["NotificationsDead"] == 1
    assert ports.timers.sent == []
    line = ports.configuration.lines["tickets"]
    assert line.gone
    resend_order(the_order(ports), [], ports)
    assert run_notification(job_of(the_event(ports)), ports) == "GIVEN_UP"
    assert len(ports.business_lines.received) == 1, "nothing is posted to an address that is gone"
    ports.configuration.lines["tickets"] = replace(line, notify_url="https://tickets.example.com/2")
    resend_order(the_order(ports), [], ports)
    assert run_notification(job_of(the_event(ports)), ports) == "ACKNOWLEDGED"


def test_a_line_may_have_a_ladder_of_its_own(ports: FakePorts) -> None:
    ports.configuration.notifying = parse_ladder(["7s"])
    ports.business_lines.usual = DeliveryAnswer(status=503)
    paid(ports)
    run_notification(job_of(the_event(ports)), ports)
    assert the_event(ports).due_at == START + 7
    ports.clock.forward_to(START + 7)
    run_notification(job_of(the_event(ports)), ports)
    assert the_event(ports).state is EventState.DEAD


@pytest.mark.parametrize(
    ("asked", "wait"),
    [(0, 15), (14, 15), (16, 16), (3600, 3600), (21600, 21600), (315_360_000, 21600)],
)
def test_retry_after_is_honoured_up_to_six_hours(asked: int, wait: int, ports: FakePorts) -> None:
    paid(ports)
    ports.business_lines.answers = [DeliveryAnswer(status=429, retry_after=asked)]
    run_notification(job_of(the_event(ports)), ports)
    assert the_event(ports).due_at == START + wait


@pytest.mark.parametrize("copies", [2, 5])
def test_copies_of_a_failed_attempt_do_not_multiply(copies: int, ports: FakePorts) -> None:
    paid(ports)
    ports.business_lines.usual = DeliveryAnswer(status=500)
    first = job_of(the_event(ports))
    assert [run_notification(first, ports) for _ in range(copies)] == [
        "ATTEMPT_FAILED",
        *["out of date"] * (copies - 1),
    ]
    assert len(ports.business_lines.received) == len(ports.timers.sent) == 1


def test_a_delivered_event_is_not_told_again(ports: FakePorts) -> None:
    paid(ports)
    job = job_of(the_event(ports))
    run_notification(job, ports)
    assert run_notification(job, ports) == "out of date"
    assert len(ports.business_lines.received) == 1


def test_an_attempt_before_its_time_is_sent_on(ports: FakePorts) -> None:
    paid(ports)
    early = job_of(the_event(ports), due_at=START + 10)
    assert run_notification(early, ports) == "early"
    assert ports.timers.sent == [early]
    assert ports.business_lines.received == []


def test_an_event_without_its_order_waits_for_the_write(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.orders.stored.clear()
    ports.orders.history.clear()
    job = Job(
        kind=JobKind.NOTIFY,
        order_id=order.id,
        event_id=ids.event_id(order.id, 1),
        due_at=START,
        sent_at=START,
    )
    assert run_notification(job, ports) == "not written yet"


def test_a_close_that_was_overtaken_by_accepted_money_is_not_told(ports: FakePorts) -> None:
    ports.configuration.lines["tickets"] = a_line(late_policy=LatePolicy.ACCEPT)
    answer = paying_order(ports, "qr")
    close_order(answer.order, ports)
    ports.bogus.payer_pays(answer.payment.payment_no)
    called_back(ports, ports.bogus, answer.payment.payment_no)
    assert run_notification(job_of(the_event(ports, 1)), ports) == "OVERTAKEN"
    assert run_notification(job_of(the_event(ports, 2)), ports) == "ACKNOWLEDGED"
    assert [json.loads(post.body)["type"] for post in ports.business_lines.received] == [
        "order.paid"
    ]
    assert the_event(ports, 1).state is EventState.SUPERSEDED


def test_the_address_is_the_line_s_of_today(ports: FakePorts) -> None:
    paid(ports)
    ports.configuration.lines["tickets"] = a_line(notify_url="https://new.example.com/hook")
    run_notification(job_of(the_event(ports)), ports)
    assert ports.business_lines.received[0].url == "https://new.example.com/hook"


def test_a_line_that_was_removed_is_a_failure_that_is_tried_again(ports: FakePorts) -> None:
    paid(ports)
    del ports.configuration.lines["tickets"]
    assert run_notification(job_of(the_event(ports)), ports) == "ATTEMPT_FAILED"


def test_a_secret_that_can_not_be_read_counts_no_attempt(ports: FakePorts) -> None:
    paid(ports)
    ports.configuration.secrets.clear()
    with pytest.raises(TryAgain):
        run_notification(job_of(the_event(ports)), ports)
    assert the_event(ports).attempt == 0
    assert ports.business_lines.received == []


def test_a_conflict_with_another_write_records_the_attempt_all_the_same(ports: FakePorts) -> None:
    paid(ports)
    ports.orders.interference = [somebody_else_writes] * 3
    assert run_notification(job_of(the_event(ports)), ports) == "ACKNOWLEDGED"
    assert the_event(ports).state is EventState.DELIVERED


def one_id(ports: FakePorts) -> bool:
    return len({post.headers["webhook-id"] for post in ports.business_lines.received}) <= 1


def test_whatever_breaks_the_event_is_told_in_the_end_under_one_id() -> None:
    def prepare(ports: FakePorts) -> None:
        paid(ports)

    def act(ports: FakePorts) -> None:
        while (event := the_event(ports)).state is EventState.OWED:
            ports.clock.forward_to(event.due_at)
            run_notification(job_of(event), ports)

    for broken in broken_everywhere(prepare, act):
        assert the_event(broken.ports).state is EventState.DELIVERED
        assert 1 <= len(broken.ports.business_lines.received) <= 2
        assert one_id(broken.ports)


def test_whatever_breaks_a_failed_attempt_leaves_a_timer_before_it_counts() -> None:
    def prepare(ports: FakePorts) -> None:
        paid(ports)
        ports.business_lines.usual = DeliveryAnswer(status=500)

    def act(ports: FakePorts) -> str:
        # The same message again, as the queue brings it.
        return run_notification(job_of(the_event(ports), attempt=0, due_at=START), ports)

    for broken in broken_everywhere(prepare, act):
        event = the_event(broken.ports)
        assert (event.state, event.attempt) == (EventState.OWED, 1)
        (before,) = broken.before_repeat.values()
        calls = broken.ports.wire.names()
        if before.events[event.event_id].attempt == 1:
            assert calls.index("timers.schedule") < calls.index("orders.save")
        assert one_id(broken.ports)


def test_two_copies_at_once_count_one_attempt_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        paid(ports)
        ports.business_lines.answers = [DeliveryAnswer(status=500)]
        job = job_of(the_event(ports))
        return ports.wire, [lambda: run_notification(job, ports)] * 2

    ends = set()
    for results in interleavings(make):
        event = the_event(worlds[-1])
        assert not any(isinstance(result, Exception) for result in results.values())
        ends.add((event.state.value, event.attempt))
        if event.state is EventState.OWED:
            # Whoever lost the race has left a timer for the attempt that is due.
            assert {job.attempt for job in worlds[-1].timers.sent} == {1}
    assert ends == {("OWED", 1), ("DELIVERED", 0)}


def test_a_body_of_a_large_order_stays_below_20_kb(ports: FakePorts) -> None:
    order = ordered(ports, subject="票" * 127, attach="附" * 512)
    event = replace(next(iter(paid(fake_ports()).events.values())))
    assert len(body_of(order, event, PUBLIC_URL, START)) < 20_000
