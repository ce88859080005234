"""The door in front of real deployed functions: a small template of its own, its routes, and its functions' rights."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.current import STATE_FOLDER
from sandbox.deploy import Stack, client, deploy
from sandbox.emulator import Emulator, emulator, wait_until_answers
from sandbox.ports import free_port
from sandbox.processes import program_environment, run_folder, start, stop

pytestmark = pytest.mark.emulator

_ECHO = """
import json
def handler(event, context):
    print("called")
    if event["rawPath"].endswith("/raise"):
        raise ValueError("a secret detail")
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""
_TRY = """
import boto3, os
def handler(event, context):
    print("called")
    try:
        getattr(boto3.client(event["service"]), event["method"])(**event["arguments"])
    except Exception as error:
        return type(error).__name__ + " " + str(error)
    return "done"
"""
_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def _role(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policies = [{"PolicyName": "own", "PolicyDocument": document}] if statements else []
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": _LAMBDA, "Policies": policies},
    }


def _allow(action: str, resource: Any) -> dict[str, Any]:  # noqa: ANN401 - text or an intrinsic
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _function(source: str, role: str, **events: tuple[str, str]) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "InlineCode": source,
            "AutoPublishAlias": "live",
            "Role": {"Fn::GetAtt": [role, "Arn"]},
            "Events": {
                name: {"Type": "HttpApi", "Properties": {"Method": method, "Path": path}}
                for name, (method, path) in events.items()
            },
        },
    }


def _template(**routes: tuple[str, str]) -> dict[str, Any]:
    folder = "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/mine/*"
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "OtherQueue": {"Type": "AWS::SQS::Queue"},
            "EchoRole": _role(),
            "EchoFunction": _function(_ECHO, "EchoRole", **routes),
            "TryRole": _role(
                _allow("sqs:SendMessage", {"Fn::GetAtt": ["Queue", "Arn"]}),
                _allow("ssm:GetParameters", {"Fn::Sub": folder}),
            ),
            "TryFunction": _function(_TRY, "TryRole"),
        },
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Queue", "OtherQueue")},
    }


@pytest.fixture(scope="module")
def aws() -> Iterator[Emulator]:
    with (
        run_folder(STATE_FOLDER, "door-tests") as folder,
        emulator(folder / "emulator", free_port(), policies=True) as running,
    ):
        yield running


def _deploy(aws: Emulator, folder: Path, **routes: tuple[str, str]) -> Stack:
    path = folder / "template.json"
    path.write_text(json.dumps(_template(**routes)))
    return deploy(aws.endpoint, {}, path)


@contextmanager
def _door(aws: Emulator, folder: Path) -> Iterator[httpx.Client]:
    port = free_port()
    program = start(
        "door",
        [sys.executable, "-m", "sandbox.door", "--endpoint", aws.endpoint, "--port", str(port)],
        folder,
        environment=program_environment(aws.environment),
    )
    try:
        wait_until_answers(program, f"http://127.0.0.1:{port}", 30)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=40) as http:
            yield http
    finally:
        stop(program)


def test_a_route_that_is_added_to_the_template_is_served(aws: Emulator, tmp_path: Path) -> None:
    _deploy(aws, tmp_path, Old=("GET", "/old"))
    with _door(aws, tmp_path) as http:
        assert http.get("/old").json()["routeKey"] == "GET /old"
        assert http.get("/new/7").status_code == 404
    _deploy(aws, tmp_path, Old=("GET", "/old"), New=("GET", "/new/{id}"))
    with _door(aws, tmp_path) as http:
        event = http.get("/new/7").json()
        assert (event["routeKey"], event["pathParameters"]) == ("GET /new/{id}", {"id": "7"})


def test_a_deployed_function_gets_the_bytes_that_were_sent(aws: Emulator, tmp_path: Path) -> None:
    _deploy(aws, tmp_path, In=("POST", "/in"))
    with _door(aws, tmp_path) as http:
        form = http.post("/in", content="a=景".encode("gbk"), headers={"content-type": "a/form"})
        assert form.json()["isBase64Encoded"] is True
        assert form.json()["body"] == "YT2+sA=="


def test_a_functions_exception_stays_inside(aws: Emulator, tmp_path: Path) -> None:
    _deploy(aws, tmp_path, Out=("GET", "/out/{how}"))
    with _door(aws, tmp_path) as http:
        answer = http.get("/out/raise")
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


@pytest.fixture(scope="module")
def tried(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    stack = _deploy(aws, tmp_path_factory.mktemp("tried"))
    ssm = client(aws.endpoint, "ssm")
    for name in ("/mine/a", "/mine/b", "/theirs/a"):
        ssm.put_parameter(Name=name, Value="x", Type="SecureString")
    return stack


def _try(aws: Emulator, stack: Stack, service: str, method: str, **arguments: object) -> str:
    event = {"service": service, "method": method, "arguments": arguments}
    answer = client(aws.endpoint, "lambda").invoke(
        FunctionName=stack.functions["TryFunction"], Payload=json.dumps(event).encode()
    )
    return str(json.loads(answer["Payload"].read()))


def test_a_function_may_do_what_its_role_allows(aws: Emulator, tried: Stack) -> None:
    queue = tried.outputs["Queue"]
    batch = [{"Id": "1", "MessageBody": "x"}, {"Id": "2", "MessageBody": "y"}]
    assert _try(aws, tried, "sqs", "send_message", QueueUrl=queue, MessageBody="x") == "done"
    assert _try(aws, tried, "sqs", "send_message_batch", QueueUrl=queue, Entries=batch) == "done"
    for names in (["/mine/a"], ["/mine/a", "/mine/b"]):
        parameters = _try(aws, tried, "ssm", "get_parameters", Names=names, WithDecryption=True)
        assert parameters == "done"


def test_a_function_may_do_nothing_else(aws: Emulator, tried: Stack) -> None:
    queue, other = tried.outputs["Queue"], tried.outputs["OtherQueue"]
    batch = [{"Id": "1", "MessageBody": "x"}]
    refused = [
        _try(aws, tried, "sqs", "send_message", QueueUrl=other, MessageBody="x"),
        _try(aws, tried, "sqs", "send_message_batch", QueueUrl=other, Entries=batch),
        _try(aws, tried, "sqs", "receive_message", QueueUrl=queue),
        _try(aws, tried, "ssm", "get_parameters", Names=["/theirs/a"]),
        _try(aws, tried, "ssm", "get_parameters", Names=["/mine/a", "/theirs/a"]),
        _try(aws, tried, "ssm", "get_parameter", Name="/mine/a"),
        _try(aws, tried, "dynamodb", "list_tables"),
    ]
    assert [answer for answer in refused if "AccessDenied" not in answer] == []
