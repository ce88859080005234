"""What `make config` refuses: everything is checked, and said in a sentence, before anything is written."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from paycenter.contracts.configuration import ConfigurationFile
from tools import configure

ROOT = Path(__file__).resolve().parents[3]
SANDBOX = configure.Target(
    stage="local",
    prefix="/paycenter/local",
    table="config",
    private_networks="127.0.0.0/8",
)
PRODUCTION = configure.Target(
    stage="prod", prefix="/paycenter/prod", table="config", private_networks=""
)


def plan_of(
    changes: dict[str, object] | None = None, target: configure.Target = SANDBOX
) -> configure.Plan:
    document = tomllib.loads((ROOT / "sandbox" / "config.toml").read_text("utf-8"))
    for path, value in (changes or {}).items():
        place: Any = document
        *folders, name = path.split("__")
        for folder in folders:
            place = place[folder]
        place[name] = value
    return configure.make_plan(ConfigurationFile.model_validate(document), target, ROOT / "sandbox")


def test_the_sandboxs_own_file_is_written_whole() -> None:
    plan = plan_of()
    assert plan.problems == []
    assert {item["id"] for item in plan.items} == {
        *("line#tickets", "line#hotel", "channel#alipay"),
        *("account#alipay-main~0", "account#alipay-main~1"),
    }
    live = next(item for item in plan.items if item["id"] == "channel#alipay")["live"]
    assert live == [{"account": "alipay-main~1", "weight": 1}]
    assert plan.parameters["/paycenter/local/ladder/query_delay_levels"] == "2,3,4,5,14,15"
    assert "/paycenter/local/secrets/accounts/alipay-main.1/private_key" in plan.secrets


def test_items_name_secrets_and_never_hold_them() -> None:
    plan = plan_of()
    stored = repr(plan.items)
    assert all(secret not in stored for secret in plan.secrets.values())
    for item in plan.items:
        named = [*item.get("webhook_secrets", []), *item.get("secrets", {}).values()]
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
    written: list[configure.Plan] = []
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(configure, "find_target", lambda *_: PRODUCTION)
    monkeypatch.setattr(configure, "write", lambda plan, _: written.append(plan))
    wrong = tmp_path / "wrong.toml"
    for text in ("not toml", "[lines.X]\n", "[ladders]\nquery_count = 5\n"):
        wrong.write_text(text, "utf-8")
        assert configure.main([str(wrong), "--stage", "prod"]) == 1
        assert capsys.readouterr().err.startswith("Refused: ")
    assert configure.main([str(ROOT / "sandbox" / "config.toml"), "--stage", "prod"]) == 1
    assert written == []
