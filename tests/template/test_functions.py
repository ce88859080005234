"""Every function: one processor, its layers, its log, its alias, its environment."""

import pytest

from sandbox.emulator import ROOT
from tests.emulated import source_template
from tests.template.processed import Processed, processed, target_of

_ALL = {
    *("STAGE", "CLOCK_RATE", "CLOCK_ANCHOR", "POWERTOOLS_SERVICE_NAME"),
    *("POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"),
}
_CONFIGURED = {"ORDERS_TABLE", "CONFIG_TABLE", "PARAMETER_PREFIX"}
_WITH_CHANNELS = {*_CONFIGURED, "EXCEPTIONS_TABLE"}
_ENVIRONMENTS = {
    "CreateOrderFunction": {*_CONFIGURED, "EXPIRE_QUEUE_URL", "PUBLIC_URL"},
    "CashierFunction": {*_CONFIGURED, "QUERY_QUEUE_URL", "PUBLIC_URL"},
    "CreatePaymentFunction": {*_CONFIGURED, "QUERY_QUEUE_URL", "PUBLIC_URL"},
    "CallbackFunction": {*_WITH_CHANNELS, "QUERY_QUEUE_URL", "REFUND_QUEUE_URL"},
    "QueryFunction": {*_WITH_CHANNELS, "QUERY_QUEUE_URL", "WAIT_MACHINE_ARN", "PUBLIC_URL"},
    "NotifyFunction": {
        *_CONFIGURED,
        *("NOTIFY_QUEUE_URL", "WAIT_MACHINE_ARN", "PUBLIC_URL", "PRIVATE_NETWORKS"),
    },
    "ExpireFunction": {
        *_WITH_CHANNELS,
        *("EXPIRE_QUEUE_URL", "WAIT_MACHINE_ARN", "PUBLIC_URL"),
    },
    "RefundFunction": {
        *_WITH_CHANNELS,
        *("REFUND_QUEUE_URL", "WAIT_MACHINE_ARN", "PUBLIC_URL"),
    },
    "PublishFunction": {
        *("EXCEPTIONS_TABLE", "MOVEMENTS_TABLE", "NOTIFY_QUEUE_URL", "REFUND_QUEUE_URL"),
    },
    "SweepFunction": {
        *("ORDERS_TABLE", "EXPIRE_QUEUE_URL", "NOTIFY_QUEUE_URL", "REFUND_QUEUE_URL"),
    },
    "TendAccountsFunction": {"CONFIG_TABLE", "PARAMETER_PREFIX"},
}


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_functions_and_layers_are_of_the_chosen_architecture(architecture: str) -> None:
    template = processed("dev", architecture)
    functions = dict(template.of_type("AWS::Lambda::Function"))
    layers = dict(template.of_type("AWS::Lambda::LayerVersion"))
    assert (len(functions), len(layers)) == (11, 3)
    assert {tuple(entry["Architectures"]) for entry in functions.values()} == {(architecture,)}
    assert {tuple(entry["CompatibleArchitectures"]) for entry in layers.values()} == {
        (architecture,)
    }
    built_for = {
        template.decide(entry["Metadata"]["BuildArchitecture"])
        for entry in source_template()["Resources"].values()
        if entry["Type"] == "AWS::Serverless::LayerVersion"
    }
    assert built_for == {architecture}


def test_arm_is_the_default() -> None:
    assert source_template()["Parameters"]["Architecture"]["Default"] == "arm64"


def test_every_folder_is_a_function_with_its_own_name_everywhere() -> None:
    resources = source_template()["Resources"]
    functions = {
        name: entry
        for name, entry in resources.items()
        if entry["Type"] == "AWS::Serverless::Function"
    }
    folders = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
    for name, entry in functions.items():
        folder = entry["Properties"]["CodeUri"].split("/")[1]
        assert name == "".join(word.capitalize() for word in folder.split("_")) + "Function"
        assert entry["Properties"]["CodeUri"] == f"functions/{folder}/"
        assert entry["Properties"]["Handler"] == f"functions.{folder}.app.handler"
        assert entry["Metadata"]["BuildProperties"]["ParentPackages"] == f"functions.{folder}"
        folders.remove(folder)
    assert folders == set()


def test_every_function_has_example_events_and_every_event_a_function() -> None:
    functions = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
    events = {path.parent.name for path in ROOT.glob("events/*/*.json")}
    assert events == functions
    for case in ROOT.glob("events/*/*.json"):
        if not case.name.endswith(".expect.json"):
            assert case.with_name(f"{case.stem}.expect.json").exists(), case


def test_every_function_has_the_layers_it_needs_and_only_channel_functions_the_channels(
    template: Processed,
) -> None:
    with_channels = set()
    for name, function in template.of_type("AWS::Lambda::Function"):
        layers = [target_of(layer) for layer in function["Layers"]]
        assert layers[0].startswith("DependenciesLayer")
        assert layers[1].startswith("SharedLayer")
        if any(layer.startswith("ChannelsLayer") for layer in layers):
            with_channels.add(name)
    assert with_channels == {
        *("CashierFunction", "CreatePaymentFunction", "CallbackFunction"),
        *("QueryFunction", "ExpireFunction", "RefundFunction", "TendAccountsFunction"),
    }


def test_every_function_declares_the_environment_that_it_needs_and_no_more(
    template: Processed,
) -> None:
    declared = {
        name: set(function["Environment"]["Variables"]) - _ALL
        for name, function in template.of_type("AWS::Lambda::Function")
        if set(function["Environment"]["Variables"]) >= _ALL
    }
    assert declared == _ENVIRONMENTS


def test_every_function_writes_to_a_log_group_of_its_own_that_forgets(template: Processed) -> None:
    groups = dict(template.of_type("AWS::Logs::LogGroup"))
    used = [
        target_of(function["LoggingConfig"]["LogGroup"])
        for _, function in template.of_type("AWS::Lambda::Function")
    ]
    assert len(set(used)) == len(used)
    assert set(groups) == {*used, "ApiLogGroup"}
    assert all(1 <= group["RetentionInDays"] <= 366 for group in groups.values())


def test_a_change_of_layer_or_environment_publishes_a_version(template: Processed) -> None:
    functions = [
        entry
        for entry in source_template()["Resources"].values()
        if entry["Type"] == "AWS::Serverless::Function"
    ]
    assert all(entry["Properties"]["AutoPublishAliasAllProperties"] for entry in functions)
    aliases = dict(template.of_type("AWS::Lambda::Alias"))
    assert len(aliases) == len(functions)
    assert {alias["Name"] for alias in aliases.values()} == {"live"}


def test_whoever_calls_a_function_calls_its_alias(template: Processed) -> None:
    aliases = {name for name, _ in template.of_type("AWS::Lambda::Alias")}
    for _, mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
        assert target_of(mapping["FunctionName"]) in aliases
    for _, permission in template.of_type("AWS::Lambda::Permission"):
        assert target_of(permission["FunctionName"]) in aliases
    for _, rule in template.of_type("AWS::Events::Rule"):
        assert {target_of(target["Arn"]) for target in rule["Targets"]} <= aliases


def test_production_deploys_step_by_step_and_rolls_back_on_errors(prod: Processed) -> None:
    groups = dict(prod.of_type("AWS::CodeDeploy::DeploymentGroup"))
    assert len(groups) == 11
    for name, group in groups.items():
        function = name.removesuffix("FunctionDeploymentGroup")
        alarms = [target_of(alarm["Name"]) for alarm in group["AlarmConfiguration"]["Alarms"]]
        assert alarms == [f"{function}ErrorsAlarm", "DefectsAlarm"]
        assert "Canary10Percent5Minutes" in str(group["DeploymentConfigName"])


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_other_stages_switch_at_once(stage: str) -> None:
    assert dict(processed(stage).of_type("AWS::CodeDeploy::DeploymentGroup")) == {}


def test_the_runtime_is_the_pythons_that_this_project_is_tested_with(template: Processed) -> None:
    version = (ROOT / ".python-version").read_text().strip()
    runtimes = {function["Runtime"] for _, function in template.of_type("AWS::Lambda::Function")}
    assert runtimes == {f"python{version}"}
