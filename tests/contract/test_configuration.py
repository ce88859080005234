"""What `make config` writes is what the adapter reads, and what the fake would say."""

from dataclasses import replace
from pathlib import Path

import pytest

from paycenter.adapters.configuration import AwsConfiguration
from paycenter.contracts.configuration import ConfigurationFile
from paycenter.domain.ladder import DEFAULT_QUERY_LADDER, query_ladder
from paycenter.domain.order import LatePolicy
from paycenter.ports.configuration import ApiKey, BusinessLine, Configuration
from tests.fakes.configuration import InMemoryConfiguration
from tests.fakes.samples import WEBHOOK_SECRET, an_account
from tools.configure.plan import Target, make_plan
from tools.configure.stage import write

HASH = "ab" * 32
LINE = BusinessLine(
    id="contract",
    name="Contract",
    name_zh="合同",
    notify_url="https://contract.example.com/hook",
    return_origins=("https://contract.example.com",),
    late_policy=LatePolicy.HOLD,
    cashier=(("alipay", "page"), ("alipay", "qr")),
    keys=(ApiKey(sha256=HASH, scopes=frozenset({"pay", "read"})),),
    webhook_secrets=("",),
)


def written(configuration: AwsConfiguration, folder: Path) -> AwsConfiguration:
    """Write a file as an operator does."""
    document = ConfigurationFile.model_validate(
        {
            "ladders": {"query_init_level": 1, "query_count": "2", "query_delay_levels": "2,1h"},
            "lines": {
                "contract": {
                    "name": "Contract",
                    "name_zh": "合同",
                    "notify_url": LINE.notify_url,
                    "return_origins": list(LINE.return_origins),
                    "late_policy": "hold",
                    "cashier": [list(pair) for pair in LINE.cashier],
                    "keys": [{"sha256": HASH, "scopes": ["pay", "read"]}],
                    "webhook_secrets": [{"text": WEBHOOK_SECRET}],
                }
            },
        }
    )
    target = Target(
        stage="local",
        prefix=configuration.prefix,
        table=configuration.table,
        private_networks="",
    )
    plan = make_plan(document, target, folder)
    assert not plan.problems
    write(plan, target)
    return configuration


@pytest.fixture(params=["fake", pytest.param("aws", marks=pytest.mark.emulator)])
def configuration(request: pytest.FixtureRequest, tmp_path: Path) -> Configuration:
    if request.param == "aws":
        return written(request.getfixturevalue("real_configuration"), tmp_path)
    secret = "/secret"
    return InMemoryConfiguration(
        lines={LINE.id: replace(LINE, webhook_secrets=(secret,))},
        ladder=query_ladder("1", "2", "2,1h"),
        secrets={secret: WEBHOOK_SECRET},
        accounts={"main~1": an_account("main~1")},
    )


def test_a_line_is_what_the_operator_wrote(configuration: Configuration) -> None:
    line = configuration.line("contract")
    assert line is not None
    (name,) = line.webhook_secrets
    assert replace(line, webhook_secrets=("",)) == LINE
    assert configuration.secret(name) == WEBHOOK_SECRET


def test_what_nobody_wrote_is_not_there(configuration: Configuration) -> None:
    assert configuration.line("nobody") is None
    assert configuration.account("nobody~1") is None
    assert configuration.live_account("nobody") is None


def test_a_secret_that_nobody_wrote_can_not_be_read(configuration: Configuration) -> None:
    with pytest.raises(Exception, match="secret"):
        configuration.secret("/paycenter/contract/nothing")


def test_the_ladder_is_the_operator_s(configuration: Configuration) -> None:
    assert configuration.query_ladder("contract", "alipay") == query_ladder("1", "2", "2,1h")


@pytest.mark.emulator
def test_a_stage_without_a_ladder_has_the_seed_s(real_configuration: AwsConfiguration) -> None:
    assert real_configuration.query_ladder("contract", "alipay") == DEFAULT_QUERY_LADDER


def test_an_address_that_is_gone_is_remembered(configuration: Configuration) -> None:
    configuration.endpoint_gone("contract", "https://elsewhere.example/hook")
    line = configuration.line("contract")
    assert line is not None
    assert not line.gone
    configuration.endpoint_gone("contract", LINE.notify_url)
    line = configuration.line("contract")
    assert line is not None
    assert line.gone
