"""The wait machine: valid, two states, no function in it, and it does not give up on the first error."""

import json
from typing import Any

import pytest

from tests.template.linting import complaints
from tests.template.processed import Processed


@pytest.fixture
def machine(prod: Processed) -> dict[str, Any]:
    (properties,) = [entry for _, entry in prod.of_type("AWS::StepFunctions::StateMachine")]
    assert properties["StateMachineType"] == "STANDARD"
    definition = properties["DefinitionString"]
    text = "".join(definition["Fn::Join"][1]) if isinstance(definition, dict) else definition
    machine: dict[str, Any] = json.loads(text)
    return machine


def test_it_waits_until_an_instant_and_sends_a_message(machine: dict[str, Any]) -> None:
    wait = machine["States"][machine["StartAt"]]
    assert (wait["Type"], wait["TimestampPath"]) == ("Wait", "$.due")
    send = machine["States"][wait["Next"]]
    assert send["Resource"] == "arn:aws:states:::sqs:sendMessage"
    assert send["Parameters"] == {"QueueUrl.$": "$.queue_url", "MessageBody.$": "$.body"}
    assert send["End"] is True
    assert len(machine["States"]) == 2


def test_it_repeats_every_error_with_growing_pauses(machine: dict[str, Any]) -> None:
    (retry,) = machine["States"]["Send"]["Retry"]
    assert retry["ErrorEquals"] == ["States.ALL"]
    assert retry["BackoffRate"] > 1
    assert retry["MaxAttempts"] >= 10
    # An hour of trying outlasts most outages; the sweep finds the order all the same.
    pauses = [
        min(retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt, retry["MaxDelaySeconds"])
        for attempt in range(retry["MaxAttempts"])
    ]
    assert sum(pauses) >= 3600


def test_the_language_checker_has_nothing_to_say(machine: dict[str, Any]) -> None:
    assert _complaints(machine) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"StartAt": "Nowhere"},
        {"States": {"WaitUntilDue": {"Type": "Wayt", "End": True}}},
        {"States": {"WaitUntilDue": {"Type": "Wait", "TimestampPath": "$.due"}}},
    ],
)
def test_the_language_checker_sees_a_broken_machine(
    machine: dict[str, Any], broken: dict[str, Any]
) -> None:
    assert _complaints({**machine, **broken}) != []


def _complaints(definition: dict[str, Any]) -> list[str]:
    """Let the linter look at a native state machine: it does not look into SAM's."""
    role = "arn:aws:iam::123456789012:role/wait"
    properties = {"RoleArn": role, "Definition": definition}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return complaints({"Resources": {"Machine": machine}})
