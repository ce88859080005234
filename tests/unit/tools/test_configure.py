"""What `make config` refuses: everything is checked, and said in a sentence, before anything is written.

Holds C18 (public keys are fetched when an account is saved) and S-32.
"""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paycenter.adapters.clock import ScaledClock
from paycenter.adapters.http import ChannelTransport
from paycenter.contracts.configuration import ConfigurationFile
from paycenter.ports.channel import Account, MaterialAnswer, Outcome
from paychannels.registry import CHANNELS, Registry, manifest
from sandbox.ports import free_port
from sandbox.wechatpay.running import running_wechatpay
from tests.fakes.channel import BogusChannel, ScriptedChannels, ScriptedMaterial
from tests.fakes.clock import FrozenClock
from tests.fakes.samples import a_manifest
from tests.fakes.wire import Wire
from tools.configure import __main__ as program
from tools.configure import accounts
from tools.configure.plan import Plan, Target, make_plan

ROOT = Path(__file__).resolve().parents[3]
SANDBOX = Target(
    stage="local",
    prefix="/paycenter/local",
    table="config",
    private_networks="127.0.0.0/8",
)
PRODUCTION = Target(stage="prod", prefix="/paycenter/prod", table="config", private_networks="")
MAIN = "alipay-main~1"


def plan_of(changes: dict[str, object] | None = None, target: Target = SANDBOX) -> Plan:
    document = tomllib.loads((ROOT / "sandbox" / "config.toml").read_text("utf-8"))
    for path, value in (changes or {}).items():
        place: Any = document
        *folders, name = path.split("__")
        for folder in folders:
            place = place[folder]
        place[name] = value
    return make_plan(ConfigurationFile.model_validate(document), target, ROOT / "sandbox")


def test_the_sandboxs_own_file_is_written_whole() -> None:
    plan = plan_of()
    assert plan.problems == []
    assert {item["id"] for item in plan.items} == {"line#tickets", "line#hotel"}
    assert {"alipay-main~0", MAIN} <= set(plan.accounts)
    assert plan.channels["alipay"] == {
        "live": [{"account": MAIN, "weight": 1}],
        "retired": ["alipay-main~0"],
    }
    assert plan.parameters["/paycenter/local/ladder/query_delay_levels"] == "2,3,4,5,14,15"
    assert "/paycenter/local/secrets/accounts/alipay-main.1/private_key" in plan.secrets


def test_items_name_secrets_and_never_hold_them() -> None:
    plan = plan_of()
    stored = repr([plan.items, plan.accounts, plan.channels])
    assert all(secret not in stored for secret in plan.secrets.values())
    named = [name for item in plan.items for name in item["webhook_secrets"]]
    named += [name for item in plan.accounts.values() for name in item["secrets"].values()]
    assert set(named) <= set(plan.secrets)


@pytest.mark.parametrize(
    ("change", "value", "sentence"),
    [
        ("lines__tickets__notify_url", "http://10.0.0.1@evil/", "no user"),
        ("lines__tickets__cashier", [["alipay", "barter"]], "there is no barter in alipay"),
        ("lines__tickets__cashier", [["nopay", "page"]], "there is no page in nopay"),
        ("lines__tickets__webhook_secrets", [{"text": "whsec_c2hvcnQ="}], "24 to 64 random bytes"),
        ("lines__tickets__webhook_secrets", [{"env": "NOT_SET_ANYWHERE"}], "is not set"),
        ("lines__tickets__webhook_secrets", [{"file": "keys/none.pem"}], "there is no file"),
    ],
)
def test_a_line_that_can_not_work_is_refused(change: str, value: object, sentence: str) -> None:
    problems = plan_of({change: value}).problems
    assert len(problems) == 1
    assert problems[0].startswith("lines.tickets.")
    assert sentence in problems[0]


def test_production_takes_no_secret_from_the_file_and_no_plain_http() -> None:
    problems = " ".join(plan_of(target=PRODUCTION).problems)
    assert "a secret must not stand in the file itself" in problems
    assert "lines.tickets.notify_url: the address must begin with https://" in problems
    assert "accounts.alipay-main~1: gateway" in problems


def test_a_refused_file_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[Plan] = []
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(program, "find_target", lambda *_: PRODUCTION)
    monkeypatch.setattr(program, "write", lambda plan, _: written.append(plan))
    wrong = tmp_path / "wrong.toml"
    for text in ("not toml", "[lines.X]\n", "[ladders]\nquery_count = 5\n"):
        wrong.write_text(text, "utf-8")
        assert program.main([str(wrong), "--stage", "prod"]) == 1
        assert capsys.readouterr().err.startswith("Refused: ")
    assert program.main([str(ROOT / "sandbox" / "config.toml"), "--stage", "prod"]) == 1
    assert written == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_says_which_of_its_fields_name_the_merchant(channel: str) -> None:
    fields = [field for field in manifest(channel).account_fields if field.identity]
    assert fields
    assert not [field.id for field in fields if field.secret or field.default or field.choices]


def stored_as(plan: Plan, **settings: str) -> dict[str, dict[str, Any]]:
    """Return what is stored of the main account: as planned, but for these settings."""
    planned = plan.accounts[MAIN]
    return {MAIN: {**planned, "settings": {**planned["settings"], **settings}}}


def test_a_version_never_becomes_another_merchant() -> None:
    plan = plan_of()
    assert accounts.identity_problems(plan, stored_as(plan)) == []
    (problem,) = accounts.identity_problems(plan, stored_as(plan, app_id="2021000000000009"))
    assert problem == "accounts.alipay-main~1: another merchant; add a new version instead"
    other_channel = {MAIN: {**plan.accounts[MAIN], "channel": "alipay", "settings": {}}}
    assert len(accounts.identity_problems(plan, other_channel)) == 1


def test_a_versions_addresses_and_fields_that_are_new_may_change() -> None:
    plan = plan_of()
    stored = stored_as(plan, gateway="https://elsewhere.example.com/gateway.do")
    for field in manifest("alipay").account_fields:
        if not field.identity:
            stored[MAIN]["settings"].pop(field.id, None)
    assert accounts.identity_problems(plan, stored) == []


LIVE, RETIRED = "bogus-main~2", "bogus-main~1"
KNOWN = {LIVE: {"material": {"OLD": "old"}}}


@pytest.fixture
def material() -> ScriptedMaterial:
    return ScriptedMaterial(
        Wire(), usual=MaterialAnswer(outcome=Outcome.DONE, material={"NEW": "new"})
    )


@pytest.fixture
def channels(material: ScriptedMaterial) -> ScriptedChannels:
    bogus = BogusChannel(a_manifest(), FrozenClock())
    bogus.material = material
    return ScriptedChannels({"bogus": bogus})


@pytest.fixture
def plan() -> Plan:
    """Return a plan with a live and a retired account, both of which want their channel's public keys."""
    return Plan(
        accounts={
            name: {"channel": "bogus", "settings": {"keys": "fetched"}, "secrets": {"key": "/k"}}
            for name in (LIVE, RETIRED)
        },
        channels={"bogus": {"live": [{"account": LIVE, "weight": 1}], "retired": [RETIRED]}},
        secrets={"/k": "secret"},
    )


def test_public_keys_are_fetched_when_an_account_is_saved(
    plan: Plan, channels: ScriptedChannels, material: ScriptedMaterial
) -> None:
    seen: list[Account] = []
    material.needed = lambda account: not seen.append(account)  # type: ignore[method-assign, func-returns-value]
    assert accounts.material_problems(plan, PRODUCTION, KNOWN, channels) == []
    assert [item["material"] for item in plan.accounts.values()] == [{"NEW": "new"}] * 2
    # The strategy gets the keys that are known, so that it can go on trusting them.
    assert [(account.id, dict(account.material)) for account in seen] == [
        (LIVE, {"OLD": "old"}),
        (RETIRED, {}),
    ]
    assert seen[0].secrets == {"key": "secret"}


def test_an_account_that_wants_none_is_saved_without(
    plan: Plan, channels: ScriptedChannels, material: ScriptedMaterial
) -> None:
    plan.accounts[LIVE]["settings"] = {}
    assert accounts.material_problems(plan, PRODUCTION, {}, channels) == []
    assert "material" not in plan.accounts[LIVE]
    assert [call.about for call in material.wire.calls] == [RETIRED]


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.DONE])
def test_a_live_account_without_its_public_keys_is_not_saved(
    outcome: Outcome, plan: Plan, channels: ScriptedChannels, material: ScriptedMaterial
) -> None:
    material.usual = MaterialAnswer(outcome=outcome, code="SIGN_ERROR")
    (problem,) = accounts.material_problems(plan, PRODUCTION, KNOWN, channels)
    assert problem == (
        f"accounts.{LIVE}: its channel's public keys can't be fetched (SIGN_ERROR);"
        " check merchant, keys and network, then repeat"
    )
    # A retired one is, with the keys that it has.
    assert plan.accounts[RETIRED]["material"] == {}


def test_a_sandbox_whose_channels_are_not_up_yet_is_saved_and_told(
    plan: Plan,
    channels: ScriptedChannels,
    material: ScriptedMaterial,
    capsys: pytest.CaptureFixture[str],
) -> None:
    material.usual = MaterialAnswer(outcome=Outcome.NOT_EXECUTED)
    assert accounts.material_problems(plan, replace(SANDBOX), KNOWN, channels) == []
    assert plan.accounts[LIVE]["material"] == {"OLD": "old"}
    assert capsys.readouterr().out.count("could not be fetched yet") == 2


def test_the_real_strategy_over_the_real_transport_fetches_or_says_why_not() -> None:
    registry = Registry(ChannelTransport(), ScaledClock(1, 0))
    name = "wechatpay-main~1"
    with running_wechatpay() as channel:
        plan = plan_of()
        settings = plan.accounts[name]["settings"]
        settings |= {"mode": "certificate", "gateway": channel.url}
        assert accounts.material_problems(plan, PRODUCTION, {}, registry) == []
        assert all("BEGIN CERTIFICATE" in pem for pem in plan.accounts[name]["material"].values())
        settings["merchant_serial"] = "0" * 40
        (refused,) = accounts.material_problems(plan, PRODUCTION, {}, registry)
    settings["gateway"] = f"http://127.0.0.1:{free_port()}"
    (unreachable,) = accounts.material_problems(plan, PRODUCTION, {}, registry)
    for problem in (refused, unreachable):
        assert problem.startswith(f"accounts.{name}: its channel's public keys can't be fetched (")
