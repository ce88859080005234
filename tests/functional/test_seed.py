"""The seed puts every order back, whatever became of it, and finds a system by its stack alone."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from sandbox.deploy import client
from tests.emulated import EmulatedStack
from tests.functional.actors import Line
from tests.functional.bench import Bench
from tools.events import notices
from tools.events.case import api
from tools.events.expectation import Expectation, event_files, expectation_of
from tools.seed.__main__ import main
from tools.seed.orders import SEEDS, trade_no
from tools.seed.system import System, find_system
from tools.seed.writing import reset, seed

pytestmark = pytest.mark.emulator

PAID: Final = SEEDS["EVENT-CALLBACK-PAID"]
_NAMES: Final = {
    "OrdersTable": "ORDERS_TABLE",
    "ConfigTable": "CONFIG_TABLE",
    "ExceptionsTable": "EXCEPTIONS_TABLE",
    "MovementsTable": "MOVEMENTS_TABLE",
    "QueryQueue": "QUERY_QUEUE_URL",
    "ExpireQueue": "EXPIRE_QUEUE_URL",
    "RefundQueue": "REFUND_QUEUE_URL",
    "NotifyQueue": "NOTIFY_QUEUE_URL",
    "WaitMachine": "WAIT_MACHINE_ARN",
    "ParameterPrefix": "PARAMETER_PREFIX",
}
_PARAMETERS: Final = {
    "Stage": "local",
    "PublicUrl": "https://pay.example.com",
    "ClockRate": "1",
    "ClockAnchor": "0",
    "PrivateNetworks": "127.0.0.0/8",
}


@pytest.fixture
def named_stack(stack: EmulatedStack, system: System) -> Iterator[str]:
    """Create a stack with the outputs that the real one has, and nothing behind them."""
    name = "paycenter-outputs"
    cloudformation = client(stack.endpoint, "cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(
            {
                "Parameters": {key: {"Type": "String"} for key in _PARAMETERS},
                "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
                "Outputs": {key: {"Value": system.environment[at]} for key, at in _NAMES.items()},
            }
        ),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in _PARAMETERS.items()
        ],
    )
    yield name
    cloudformation.delete_stack(StackName=name)


def pay(bench: Bench) -> None:
    about = notices.fields(PAID.payment_no(), trade_no(701), {})
    answer = bench.request("callback", notices.post(notices.signed(about)))
    assert answer["body"] == "success"
    assert bench.order(PAID.out_order_no).state == "PAID"


def test_a_seeded_order_is_put_back(bench: Bench) -> None:
    seed(bench.system, [PAID.out_order_no])
    pay(bench)
    assert seed(bench.system, [PAID.out_order_no]) == 1
    again = bench.order(PAID.out_order_no)
    assert again == PAID.order(again.created_at)
    assert again.state == "PAYING"
    assert again.expires_at - int(bench.clock.now()) > 86_000


def test_what_a_case_has_made_is_taken_away(bench: Bench) -> None:
    seed(bench.system, ["EVENT-NEW"])
    Line(bench).create("EVENT-NEW")
    assert seed(bench.system, ["EVENT-NEW"]) == 0
    assert bench.tables.order("tickets", "EVENT-NEW") is None


def test_exceptions_of_a_case_are_taken_away(bench: Bench) -> None:
    case = next(one for one in map(expectation_of, event_files()) if one.exceptions)
    request = api("POST /v1/orders", "{}")
    assert bench.request("create_order", request)["statusCode"] == 400
    item = {"id": {"S": case.exceptions[0]}}
    bench.dynamodb.put_item(TableName=bench.system.environment["EXCEPTIONS_TABLE"], Item=item)
    reset(bench.system, case)
    assert bench.tables.exception(case.exceptions[0]) is None


def test_a_number_that_no_event_names_is_an_error(bench: Bench) -> None:
    with pytest.raises(LookupError, match="EVENT-NOBODYS"):
        seed(bench.system, ["EVENT-NOBODYS", "EVENT-CREATED"])


def test_every_order_of_an_expectation_that_must_be_there_is_seeded() -> None:
    for path in event_files():
        for number, expected in expectation_of(path).state.items():
            made_by_the_case = path.parent.name == "create_order"
            assert made_by_the_case or SEEDS[number].line == expected.line, f"{path}: {number}"


def test_the_program_finds_a_system_by_its_stack(
    bench: Bench, named_stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = find_system(named_stack).environment
    assert found == {name: bench.system.environment[name] for name in found}
    assert main(["--stack", named_stack, "EVENT-CREATED", "EVENT-PAYING"]) == 0
    assert capsys.readouterr().out == "2 orders of the events stand as seeded.\n"


@pytest.mark.usefixtures("bench")
def test_the_program_says_what_is_wrong(
    named_stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--stack", named_stack, "EVENT-NOBODYS"]) == 1
    assert main(["--stack", "no-such-stack"]) == 1
    complaints = capsys.readouterr().err.splitlines()
    assert len(complaints) == 2
    assert all(line.startswith("The orders could not be seeded: ") for line in complaints)


def test_an_expectation_knows_no_other_words() -> None:
    with pytest.raises(ValueError, match="stauts"):
        Expectation.model_validate({"about": "a misspelt word", "stauts": 200})
