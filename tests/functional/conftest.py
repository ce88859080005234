"""A workbench for all functional tests: the template's storage on the emulator, a simulated Alipay, an inbox."""

import os
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any, Final

import boto3
import pytest

from paycenter.adapters import aws
from sandbox.alipay.running import AlipayControl, running_alipay
from sandbox.emulator import REGION, ROOT, client_environment
from sandbox.wechatpay.running import WechatControl, running_wechatpay
from tests.emulated import STACK, EmulatedStack
from tests.functional import blueprint
from tests.functional.bench import Bench, Outbox
from tests.functional.clock import TravellingClock
from tests.functional.inbox import Inbox, open_inbox
from tools.configure import __main__ as configure
from tools.seed.system import System
from tools.seed.writing import seed

_CONFIGURATION: Final = ROOT / "sandbox" / "config.toml"


@pytest.fixture(scope="session")
def clock() -> TravellingClock:
    """Return the time of the simulated Alipay."""
    return TravellingClock()


@pytest.fixture(scope="session")
def alipay(clock: TravellingClock) -> Iterator[AlipayControl]:
    with running_alipay(clock) as control:
        yield control


@pytest.fixture(scope="session")
def wechatpay(clock: TravellingClock) -> Iterator[WechatControl]:
    with running_wechatpay(clock) as control:
        yield control


@pytest.fixture(scope="session")
def inbox() -> Iterator[Inbox]:
    with open_inbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Return the one session of all functional tests: what it has read of the services' models is kept."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


@pytest.fixture(scope="session")
def environments(stack: EmulatedStack) -> Mapping[str, Mapping[str, str]]:
    """Return what the template gives each function, by the function's name."""
    return {function: stack.environment(function) for function in blueprint.functions()}


@pytest.fixture(scope="session")
def outbox(session: boto3.Session, stack: EmulatedStack) -> Outbox:
    names = {
        "query": "QueryQueue",
        "expire": "ExpireQueue",
        "notify": "NotifyQueue",
        "refund": "RefundQueue",
    }
    outbox = Outbox({stack.ids[queue]: name for name, queue in names.items()})
    outbox.listen(session)
    return outbox


@pytest.fixture(scope="session")
def system(  # noqa: PLR0917 - fixtures
    stack: EmulatedStack,
    environments: Mapping[str, Mapping[str, str]],
    session: boto3.Session,
    alipay: AlipayControl,
    wechatpay: WechatControl,
    inbox: Inbox,
    outbox: Outbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> System:
    """Return the stack with the sandbox's own configuration, written by the program behind `make config`."""
    assert (
        outbox.sent == []
    )  # it listens before the first client is made, else it would hear nothing
    text = _CONFIGURATION.read_text("utf-8")
    text = text.replace('"http://127.0.0.1:8081/hooks', f'"{inbox.url}/hooks')
    text = text.replace("http://127.0.0.1:8082", alipay.url)
    text = text.replace("http://127.0.0.1:8083", wechatpay.url)
    text = text.replace('"keys/', f'"{_CONFIGURATION.parent}/keys/')
    file = tmp_path_factory.mktemp("configuration") / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        _lead_to(stack.endpoint, session, patch)
        assert configure.main([str(file), "--stack", STACK, "--stage", "local"]) == 0
    together: dict[str, str] = {}
    for environment in environments.values():
        together |= environment
    return System(together)


@pytest.fixture(scope="session")
def seeded(system: System, stack: EmulatedStack, session: boto3.Session) -> int:
    """Seed all orders of the events once, as a sandbox's start does; nobody but the events changes them."""
    with pytest.MonkeyPatch.context() as patch:
        _lead_to(stack.endpoint, session, patch)
        return seed(system)


@pytest.fixture
def bench(  # noqa: PLR0917 - fixtures
    stack: EmulatedStack,
    environments: Mapping[str, Mapping[str, str]],
    session: boto3.Session,
    system: System,
    outbox: Outbox,
    alipay: AlipayControl,
    inbox: Inbox,
    clock: TravellingClock,
) -> Iterator[Bench]:
    """Lead this process to the emulator for one test, and forget everything afterwards."""
    inbox.letters.clear()
    inbox.answers.clear()
    outbox.sent.clear()
    with pytest.MonkeyPatch.context() as patch:
        _lead_to(stack.endpoint, session, patch)
        yield Bench(system, environments, session, outbox, alipay, inbox, clock)
    clock.return_home()
    aws.client.cache_clear()


def _lead_to(endpoint: str, session: boto3.Session, patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in client_environment(endpoint).items():
        patch.setenv(name, value)
    # Clients are slow to make, and the same for every test.
    patch.setattr(boto3, "client", partial(_client, session))
    aws.client.cache_clear()


@cache
def _client(session: boto3.Session, service: str, **options: Any) -> Any:  # noqa: ANN401 - as boto3 has it
    make: Any = session.client
    return make(service, **options)
