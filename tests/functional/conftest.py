"""One data stack on an emulator of its own for all functional tests, with a simulated Alipay and an inbox."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import boto3
import pytest

from paycenter.adapters import aws
from sandbox.alipay.running import AlipayControl, running_alipay
from sandbox.deploy import client
from sandbox.emulator import REGION, client_environment, emulator
from sandbox.ports import free_port
from tests.functional import blueprint
from tests.functional.bench import Bench, Outbox
from tests.functional.inbox import Inbox, open_inbox
from tools import configure
from tools.seed.system import System, find_system

_ROOT: Final = Path(__file__).resolve().parents[2]
_STACK: Final = "paycenter-data"


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("functional")
    with emulator(folder, free_port(), policies=True) as running:
        yield running.endpoint


@pytest.fixture(scope="session")
def alipay() -> Iterator[AlipayControl]:
    with running_alipay() as control:
        yield control


@pytest.fixture(scope="session")
def shared_inbox() -> Iterator[Inbox]:
    with open_inbox() as inbox:
        yield inbox


@pytest.fixture(scope="session")
def data_stack(endpoint: str) -> dict[str, str]:
    """Create the stack and return its parameters and physical ids by name."""
    parameters = {
        "Stage": "local",
        "PublicUrl": f"http://127.0.0.1:{free_port()}",
        "ClockRate": "1",
        "ClockAnchor": "0",
        "PrivateNetworks": "127.0.0.0/8",
    }
    cloudformation = client(endpoint, "cloudformation")
    cloudformation.create_stack(
        StackName=_STACK,
        TemplateBody=blueprint.stack_template(),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    resources = cloudformation.describe_stack_resources(StackName=_STACK)["StackResources"]
    physical = {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in resources}
    return parameters | physical


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Return the one session of all functional tests: what it has read of the services' models is kept."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


@pytest.fixture(scope="session")
def system(
    endpoint: str,
    data_stack: dict[str, str],
    session: boto3.Session,
    alipay: AlipayControl,
    shared_inbox: Inbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> System:
    """Return the stack with the sandbox's own configuration, written by `make config`'s program."""
    assert data_stack
    text = (_ROOT / "sandbox" / "config.toml").read_text("utf-8")
    text = text.replace('"http://127.0.0.1:8081/hooks', f'"{shared_inbox.url}/hooks')
    text = text.replace("http://127.0.0.1:8082", alipay.url)
    text = text.replace('"keys/', f'"{_ROOT}/sandbox/keys/')
    file = tmp_path_factory.mktemp("configuration") / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        _lead_to(endpoint, session, patch)
        assert configure.main([str(file), "--stack", _STACK, "--stage", "local"]) == 0
        return find_system(_STACK)


@pytest.fixture
def bench(
    endpoint: str,
    data_stack: dict[str, str],
    session: boto3.Session,
    system: System,
    alipay: AlipayControl,
    shared_inbox: Inbox,
) -> Iterator[Bench]:
    """Lead this process to the emulator for one test, and forget everything afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        _lead_to(endpoint, session, patch)
        shared_inbox.letters.clear()
        shared_inbox.answers.clear()
        yield Bench(
            system=system,
            known=data_stack,
            session=session,
            outbox=_outbox_of(session, data_stack),
            alipay=alipay,
            inbox=shared_inbox,
        )
    aws.client.cache_clear()


def _lead_to(endpoint: str, session: boto3.Session, patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in client_environment(endpoint).items():
        patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", session)
    aws.client.cache_clear()


_outboxes: dict[int, Outbox] = {}


def _outbox_of(session: boto3.Session, known: dict[str, str]) -> Outbox:
    # A session can't be told to stop calling: one outbox listens for all tests, and each begins with it empty.
    if id(session) not in _outboxes:
        names = {"query": "QueryQueue", "expire": "ExpireQueue", "notify": "NotifyQueue"}
        _outboxes[id(session)] = Outbox({known[queue]: name for name, queue in names.items()})
        _outboxes[id(session)].listen(session)
    outbox = _outboxes[id(session)]
    outbox.sent.clear()
    return outbox
