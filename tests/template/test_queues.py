"""Queues, the stream and what consumes them: nothing is lost, nothing blocks for ever, nothing runs wild."""

import json

import pytest

from tests.template.processed import Processed, Resource, target_of

_QUEUES = {
    "QueryQueue": "QueryFunction",
    "ExpireQueue": "ExpireFunction",
    "NotifyQueue": "NotifyFunction",
    "RefundQueue": "RefundFunction",
}


def _mappings(template: Processed) -> dict[str, Resource]:
    return {
        target_of(mapping["EventSourceArn"]): mapping
        for _, mapping in template.of_type("AWS::Lambda::EventSourceMapping")
    }


def test_every_queue_has_its_consumer(template: Processed) -> None:
    consumers = {
        source: target_of(mapping["FunctionName"]).removesuffix("Aliaslive")
        for source, mapping in _mappings(template).items()
    }
    assert consumers == {**_QUEUES, "OrdersTable": "PublishFunction"}


@pytest.mark.parametrize("queue", _QUEUES)
def test_a_message_stays_hidden_for_six_times_the_consumers_timeout(
    template: Processed, queue: str
) -> None:
    functions = dict(template.of_type("AWS::Lambda::Function"))
    queues = dict(template.of_type("AWS::SQS::Queue"))
    assert queues[queue]["VisibilityTimeout"] >= 6 * functions[_QUEUES[queue]]["Timeout"]


@pytest.mark.parametrize("queue", _QUEUES)
def test_a_consumer_reports_failures_one_by_one_and_is_bounded(
    template: Processed, queue: str
) -> None:
    mapping = _mappings(template)[queue]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # More than ten would need a window, and a window is a delay.
    assert mapping["BatchSize"] == 10
    assert "MaximumBatchingWindowInSeconds" not in mapping
    assert 2 <= mapping["ScalingConfig"]["MaximumConcurrency"] <= 1000


def test_every_queue_has_dead_letters_that_stay_as_long_as_they_can(template: Processed) -> None:
    queues = dict(template.of_type("AWS::SQS::Queue"))
    for name in _QUEUES:
        redrive = queues[name]["RedrivePolicy"]
        dead = queues[target_of(redrive["deadLetterTargetArn"])]
        assert target_of(redrive["deadLetterTargetArn"]) == name.replace("Queue", "DeadLetters")
        assert redrive["maxReceiveCount"] >= 3
        assert dead["MessageRetentionPeriod"] == 14 * 86400
    assert queues["PublishFailures"]["MessageRetentionPeriod"] == 14 * 86400


def test_messages_are_encrypted_and_no_queue_is_first_in_first_out(template: Processed) -> None:
    # A FIFO queue knows no delay per message, on which every timer stands.
    for name, queue in template.of_type("AWS::SQS::Queue"):
        assert queue["SqsManagedSseEnabled"] is True, name
        assert not queue.get("FifoQueue", False), name


def test_the_stream_is_read_within_bounds_and_failures_are_kept(template: Processed) -> None:
    mapping = _mappings(template)["OrdersTable"]
    assert 1 <= mapping["MaximumRetryAttempts"] <= 100
    assert 60 <= mapping["MaximumRecordAgeInSeconds"] <= 86400
    assert mapping["BisectBatchOnFunctionError"] is True
    assert target_of(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == "PublishFailures"
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    # One batch of messages per call at most.
    assert mapping["BatchSize"] <= 10
    # publish raises; a report of items would be lost in the emulator.
    assert "FunctionResponseTypes" not in mapping


def test_only_orders_that_owe_something_wake_publish(template: Processed) -> None:
    filters = _mappings(template)["OrdersTable"]["FilterCriteria"]["Filters"]
    assert [json.loads(entry["Pattern"]) for entry in filters] == [
        {"dynamodb": {"NewImage": {"outbox": {"N": [{"exists": True}]}}}}
    ]


def test_the_schedules_are_these_and_say_what_is_to_be_done(template: Processed) -> None:
    schedules = {
        (
            target_of(target["Arn"]).removesuffix("FunctionAliaslive"),
            rule["ScheduleExpression"],
            target.get("Input", ""),
        )
        for _, rule in template.of_type("AWS::Events::Rule")
        for target in rule["Targets"]
    }
    assert schedules == {
        ("Sweep", "rate(1 minute)", ""),
        ("TendAccounts", "rate(1 minute)", '{"task": "health"}'),
        ("TendAccounts", "rate(12 hours)", '{"task": "material"}'),
    }


def test_what_runs_each_minute_ends_within_it(template: Processed) -> None:
    functions = dict(template.of_type("AWS::Lambda::Function"))
    for name in ("SweepFunction", "TendAccountsFunction"):
        assert functions[name]["Timeout"] < 60
