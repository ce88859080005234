"""What `sam local` is led to: a template with every function, and the address of this machine."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from sandbox import containers
from sandbox.emulator import ROOT
from sandbox.engine import Engine, gateway_of

SOURCE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))
FUNCTIONS = sorted(
    name
    for name, resource in SOURCE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
)
ENVIRONMENT = {name: {"ORDERS_TABLE": "t", "AWS_ENDPOINT_URL": "http://x"} for name in FUNCTIONS}
BUILT = Path("built")


def local() -> dict[str, Any]:
    # As `sam build` leaves it: layers have a folder of their own.
    resources = containers.local_template(SOURCE, BUILT, ENVIRONMENT)["Resources"]
    return dict(resources)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_the_templates(name: str) -> None:
    made, source = local()[name]["Properties"], SOURCE["Resources"][name]["Properties"]
    shared = SOURCE["Globals"]["Function"]
    assert made["Handler"] == source["Handler"]
    assert made["Timeout"] == source.get("Timeout", shared["Timeout"])
    assert made["MemorySize"] == shared["MemorySize"]
    *layers, last = made["Layers"]
    assert layers == [*shared["Layers"], *source.get("Layers", [])]
    assert "LoopbackLayer" in last["Ref"]


def test_every_name_of_the_environment_is_declared_or_the_sam_cli_would_drop_it() -> None:
    for name in FUNCTIONS:
        declared = local()[name]["Properties"]["Environment"]["Variables"]
        assert set(declared) == set(ENVIRONMENT[name])


def test_every_route_is_there_and_nothing_that_a_container_does_not_need() -> None:
    wanted = {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for name in FUNCTIONS
        for event in SOURCE["Resources"][name]["Properties"]["Events"].values()
        if event["Type"] == "HttpApi"
    }
    made = {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for name in FUNCTIONS
        for event in local()[name]["Properties"]["Events"].values()
    }
    assert made == wanted
    assert {resource["Type"] for resource in local().values()} == {
        "AWS::Serverless::Function",
        "AWS::Serverless::LayerVersion",
    }


def test_samconfig_leads_each_of_the_three_commands_there() -> None:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["default"]
    for command in ("local_invoke", "local_start_lambda", "local_start_api"):
        parameters = configuration[command]["parameters"]
        assert ROOT / parameters["template_file"] == containers.LOCAL_TEMPLATE
        assert ROOT / parameters["env_vars"] == containers.ENVIRONMENT_FILE
        assert parameters["add_host"] == ["host.docker.internal:host-gateway"]


def test_the_gateway_is_the_one_named_or_the_first_address() -> None:
    assert gateway_of({"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.9"}) == "172.17.0.9"
    assert gateway_of({"Subnet": "172.17.0.0/16"}) == "172.17.0.1"


def test_no_engine_is_no_error(tmp_path: Path) -> None:
    assert Engine.find(f"unix://{tmp_path}/nobody.sock") is None


def test_an_address_that_is_the_engines_own_is_left_to_it() -> None:
    with containers.relayed("192.0.2.1", [4566]):
        pass
