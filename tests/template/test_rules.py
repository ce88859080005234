"""What CloudFormation refuses before anything is created, evaluated here as CloudFormation evaluates it."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.emulated import source_template

_GOOD = {
    "Stage": "prod",
    "Architecture": "arm64",
    "ClockRate": "1",
    "ClockAnchor": "0",
    "PrivateNetworks": "",
    "PublicUrl": "https://pay.example.com",
}


def _holds(condition: Any, parameters: Mapping[str, str]) -> bool:  # noqa: ANN401 - rule intrinsics
    match condition:
        case {"Fn::Equals": [left, right]}:
            return _value(left, parameters) == _value(right, parameters)
        case {"Fn::And": [*parts]}:
            return all(_holds(part, parameters) for part in parts)
        case {"Fn::Or": [*parts]}:
            return any(_holds(part, parameters) for part in parts)
        case {"Fn::Not": [part]}:
            return not _holds(part, parameters)
    raise AssertionError(f"not understood: {condition}")


def _value(value: Any, parameters: Mapping[str, str]) -> str:  # noqa: ANN401 - text or a reference
    return parameters[value["Ref"]] if isinstance(value, dict) else str(value)


def _refusals(parameters: Mapping[str, str]) -> list[str]:
    return [
        assertion["AssertDescription"]
        for rule in source_template()["Rules"].values()
        if _holds(rule["RuleCondition"], parameters)
        for assertion in rule["Assertions"]
        if not _holds(assertion["Assert"], parameters)
    ]


def test_production_as_it_should_be_is_accepted() -> None:
    assert _refusals(_GOOD) == []


@pytest.mark.parametrize("rate", ["2", "60", "600"])
def test_production_refuses_any_clock_but_the_real_one(rate: str) -> None:
    assert len(_refusals({**_GOOD, "ClockRate": rate})) == 1


def test_production_refuses_private_networks() -> None:
    assert len(_refusals({**_GOOD, "PrivateNetworks": "10.0.0.0/8"})) == 1


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_other_stages_may_run_faster_and_notify_private_addresses(stage: str) -> None:
    fast = {**_GOOD, "Stage": stage, "ClockRate": "60", "PrivateNetworks": "127.0.0.0/8"}
    assert _refusals(fast) == []


def test_there_is_no_stage_that_the_rules_do_not_know() -> None:
    assert source_template()["Parameters"]["Stage"]["AllowedValues"] == ["local", "dev", "prod"]


def test_the_defaults_are_productions() -> None:
    parameters = source_template()["Parameters"]
    assert parameters["ClockRate"]["Default"] == 1
    assert parameters["PrivateNetworks"]["Default"] == ""
