"""The alarms: everything that a person must look at rings, and rings somewhere."""

from tests.template.processed import Processed, Resource, target_of


def _alarms(template: Processed) -> dict[tuple[str, str, str], Resource]:
    return {
        (alarm["Namespace"], alarm["MetricName"], _subject(alarm)): alarm
        for _, alarm in template.of_type("AWS::CloudWatch::Alarm")
    }


def _subject(alarm: Resource) -> str:
    (dimension,) = alarm["Dimensions"]
    value = dimension["Value"]
    return f"{dimension['Name']}={value if isinstance(value, str) else target_of(value)}"


def test_everything_that_a_person_must_see_has_an_alarm(template: Processed) -> None:
    visible = "ApproximateNumberOfMessagesVisible"
    dead = (
        "QueryDeadLetters",
        "ExpireDeadLetters",
        "NotifyDeadLetters",
        "RefundDeadLetters",
        "PublishFailures",
    )
    functions = [name for name, _ in template.of_type("AWS::Lambda::Function")]
    own = (
        *("Exceptions", "Swept", "NotificationsDead", "Defects", "AccountMissing"),
        *("AccountsDown", "MaterialNotFetched"),
    )
    ends = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    assert set(_alarms(template)) == {
        *(("AWS/SQS", visible, f"QueueName={queue}") for queue in dead),
        *(("AWS/States", end, "StateMachineArn=WaitMachine") for end in ends),
        *(("AWS/Lambda", "Errors", f"FunctionName={name}") for name in functions),
        *(("PayCenter", metric, "service=paycenter") for metric in own),
        ("AWS/Lambda", "IteratorAge", "FunctionName=PublishFunction"),
        ("AWS/ApiGateway", "5xx", "ApiId=Api"),
    }


def test_one_dead_letter_one_exception_one_lost_timer_are_enough(template: Processed) -> None:
    for (namespace, metric, _), alarm in _alarms(template).items():
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        if metric not in {"5xx", "IteratorAge"}:
            assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1), (namespace, metric)


def test_silence_is_no_alarm_and_every_alarm_is_heard(template: Processed) -> None:
    for key, alarm in _alarms(template).items():
        assert alarm["TreatMissingData"] == "notBreaching", key
        assert [target_of(action) for action in alarm["AlarmActions"]] == ["AlarmTopic"], key


def test_the_functions_count_under_the_name_that_the_alarms_watch(template: Processed) -> None:
    for name, function in template.of_type("AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        assert variables["POWERTOOLS_SERVICE_NAME"] == "paycenter", name
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "PayCenter", name
