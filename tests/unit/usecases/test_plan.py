"""What an order's plan says of its past and its future."""

from paycenter.domain.ladder import parse_ladder
from paycenter.ports.channel import Outcome, QueryAnswer
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.usecases.expire import close_order
from paycenter.usecases.plan import Plan, PlanStep, StepKind, plan_of
from tests.fakes.acting import called_back, now_stored, ordered, paying_order
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.world import World


def queries(steps: tuple[PlanStep, ...]) -> list[tuple[int, int]]:
    return [(step.at - START, step.number) for step in steps if step.kind is StepKind.QUERY]


def plan(ports: FakePorts) -> Plan:
    (order,) = ports.orders.stored.values()
    return plan_of(order, ports)


def test_a_new_order_has_its_deadline_before_it(ports: FakePorts) -> None:
    ordered(ports)
    (step,) = plan(ports).coming
    assert (step.kind, step.at, step.why) == (StepKind.DEADLINE, START + 1800, "it is not paid")
    assert [step.what for step in plan(ports).past] == ["O >CREATED created"]


def test_a_payment_s_queries_are_past_or_coming(ports: FakePorts) -> None:
    world = World(ports)
    paying_order(ports)
    world.run(START + 60)
    shown = plan(ports)
    assert queries(shown.past) == [(10, 1), (15, 2), (25, 3), (55, 4)]
    assert queries(shown.coming)[:3] == [(115, 5), (715, 6), (1915, 7)]
    fifth = next(step for step in shown.coming if step.number == 5)
    assert (fifth.count, fifth.why) == (7, "no callback came")
    assert [step.at for step in shown.coming] == sorted(step.at for step in shown.coming)


def test_what_the_plan_foretells_is_what_happens(ports: FakePorts) -> None:
    world = World(ports)
    paying_order(ports, "qr")
    foretold = [step.at for step in plan(ports).coming if step.kind is StepKind.QUERY]
    asked: list[int] = []
    ports.wire.before_each = lambda: asked.append(ports.clock.now())
    world.run(START + 1790)
    calls = [
        at
        for at, call in zip(asked, ports.wire.names()[-len(asked) :], strict=True)
        if call == "bogus.query"
    ]
    assert calls == [at for at in foretold if at < START + 1790]


def test_a_ladder_that_changed_since_is_not_this_payment_s(ports: FakePorts) -> None:
    ports.configuration.ladder = parse_ladder(["7s", "8s"])
    paying_order(ports)
    ports.configuration.ladder = parse_ladder(["1m"])
    assert queries(plan(ports).coming)[:2] == [(7, 1), (15, 2)]
    assert {s.count for s in plan(ports).coming if s.kind is StepKind.QUERY} == {2}


def test_the_queries_of_a_paid_payment_end_with_its_money(ports: FakePorts) -> None:
    world = World(ports)
    number = paying_order(ports, "qr").payment.payment_no
    world.run(START + 20)
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    shown = plan(ports)
    assert queries(shown.past) == [(10, 1), (15, 2)]
    assert queries(shown.coming) == []


def test_the_next_attempt_of_a_notification_says_why(ports: FakePorts) -> None:
    ports.business_lines.usual = DeliveryAnswer(status=500)
    world = World(ports)
    number = paying_order(ports, "qr").payment.payment_no
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    (first,) = plan(ports).coming
    assert (first.kind, first.number, first.count, first.why) == (
        "notification",
        1,
        25,
        "it is due",
    )
    world.run(START + 1)
    (second,) = plan(ports).coming
    assert (second.number, second.at) == (2, START + 15)
    assert second.why == "the business line has not acknowledged it"


def test_a_close_that_is_tried_again_says_so(ports: FakePorts) -> None:
    world = World(ports)
    paying_order(ports, "qr")
    ports.bogus.query_answers = [QueryAnswer(outcome=Outcome.UNKNOWN)] * 20
    world.run(START + 1803)
    again = next(step for step in plan(ports).coming if step.kind is StepKind.CLOSE)
    assert (again.at, again.number) == (START + 1805, 2)
    assert again.why == "a channel could not tell whether it was paid"


def test_a_closed_payment_is_asked_to_the_end_of_its_stage(ports: FakePorts) -> None:
    world = World(ports)
    started = paying_order(ports, "qr")
    world.run(START + 12)
    close_order(now_stored(ports, started.order), ports)
    assert queries(plan(ports).coming) == [(15, 2), (25, 3)]
    before = ports.bogus.times("query")
    world.run()
    assert ports.bogus.times("query") == before + 2
    assert queries(plan(ports).coming) == []
