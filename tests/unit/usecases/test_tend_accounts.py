"""The schedule takes accounts out and back and keeps public keys fresh. Holds C17, C18; S-25 (no fetch by a callback)."""

from dataclasses import replace

import pytest

from paycenter.domain import ids
from paycenter.domain.errors import TryAgain
from paycenter.domain.health import FAILURES_TO_BE_DOWN, Health
from paycenter.ports.channel import (
    ChannelStatus,
    MaterialAnswer,
    Outcome,
    QueryAnswer,
    RawCallback,
)
from paycenter.usecases.callback import take_callback
from paycenter.usecases.tend_accounts import check_health, refresh_material
from tests.fakes.acting import ordered, started
from tests.fakes.channel import ScriptedMaterial
from tests.fakes.ports import FakePorts
from tests.fakes.samples import an_account
from tests.fakes.wire import Fault

FIRST, SPARE, RETIRED = "bogus-main~1", "bogus-spare~1", "bogus-main~2"
LOST = QueryAnswer(outcome=Outcome.UNKNOWN)
NEW_KEYS = MaterialAnswer(outcome=Outcome.DONE, material={"5157F09E": "new"})


def minutes_without_answer(ports: FakePorts, minutes: int) -> list[int]:
    """Let the bogus channel be silent for some of the schedule's minutes; return how many were down after each."""
    down = []
    for _ in range(minutes):
        ports.bogus.query_answers = [LOST] * len(ports.configuration.live["bogus"])
        down.append(check_health(ports))
        ports.clock.forward(60)
    return down


@pytest.fixture
def keyed(ports: FakePorts) -> ScriptedMaterial:
    """Return the fetching of public keys, which the live and the retired account of the bogus channel want."""
    material = ScriptedMaterial(ports.wire, usual=NEW_KEYS)
    ports.bogus.material = material
    for account_id in (FIRST, RETIRED):
        account = ports.configuration.accounts[account_id]
        ports.configuration.accounts[account_id] = replace(
            account, settings={**account.settings, "keys": "fetched"}, material={"OLD": "old"}
        )
    return material


def test_where_all_is_well_each_live_account_is_asked_once_and_nothing_is_written(
    ports: FakePorts,
) -> None:
    assert check_health(ports) == 0
    assert sorted(ports.wire.calls) == [
        ("bogus.query", ids.PROBE_NO),
        ("rival.query", ids.PROBE_NO),
    ]
    assert sorted(ports.bogus.accounts + ports.rival.accounts) == [FIRST, "rival-main~1"]
    assert ports.telemetry.counts["AccountsDown"] == 0


def test_the_number_that_is_asked_for_can_be_no_payments_and_fits_every_channel() -> None:
    assert ids.order_of(ids.PROBE_NO) is None
    assert len(ids.PROBE_NO) == len(ids.payment_no(ids.order_id("tickets", "A-1"), 1))
    assert 12 <= len(ids.PROBE_NO) <= 32
    assert ids.PROBE_NO.isalnum()


@pytest.mark.parametrize(
    "answer",
    [
        QueryAnswer(outcome=Outcome.DONE, status=ChannelStatus.NOT_FOUND),
        QueryAnswer(outcome=Outcome.DONE, status=ChannelStatus.PENDING),
        QueryAnswer(outcome=Outcome.REFUSED, code="NO_AUTH"),
    ],
    ids=lambda answer: answer.outcome,
)
def test_any_verified_answer_is_healthy(answer: QueryAnswer, ports: FakePorts) -> None:
    minutes_without_answer(ports, FAILURES_TO_BE_DOWN)
    ports.bogus.query_answers = [answer]
    assert check_health(ports) == 0
    assert ports.configuration.health["bogus"] == {FIRST: Health()}


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.NOT_EXECUTED])
def test_an_account_is_down_after_several_silent_minutes_and_up_with_the_next_answer(
    outcome: Outcome, ports: FakePorts
) -> None:
    for minute in range(1, 6):
        ports.bogus.query_answers = [QueryAnswer(outcome=outcome)]
        down = int(minute >= FAILURES_TO_BE_DOWN)
        assert check_health(ports) == down
        assert ports.configuration.takes_payments("bogus") is not bool(down)
        assert ports.configuration.takes_payments("rival")
        ports.clock.forward(60)
    assert ports.telemetry.counts["AccountsDown"] == 3
    assert check_health(ports) == 0
    assert ports.configuration.takes_payments("bogus")
    told = [(what, fields["account"]) for what, fields in ports.telemetry.notes]
    assert told == [("account down", FIRST), ("account up", FIRST)]


def test_one_account_that_is_down_takes_no_other_with_it(ports: FakePorts) -> None:
    ports.configuration.accounts[SPARE] = an_account(SPARE)
    ports.configuration.live["bogus"] = (FIRST, SPARE)
    ports.configuration.health["bogus"] = {FIRST: Health(2, 0), SPARE: Health(2, 0)}
    ports.bogus.query_answers = [LOST]
    assert check_health(ports) == 1
    assert started(ports, ordered(ports)).payment.channel == "bogus"


def test_a_schedule_that_stops_lets_the_account_come_back(ports: FakePorts) -> None:
    minutes_without_answer(ports, FAILURES_TO_BE_DOWN)
    assert not ports.configuration.takes_payments("bogus")
    ports.clock.forward(300)
    assert ports.configuration.takes_payments("bogus")


def test_a_live_version_that_is_not_stored_is_down(ports: FakePorts) -> None:
    del ports.configuration.accounts[FIRST]
    assert [check_health(ports) for _ in range(3)] == [0, 0, 1]


def test_a_minute_whose_write_is_refused_is_not_counted_and_the_next_one_is(
    ports: FakePorts,
) -> None:
    ports.bogus.query_answers = [LOST] * 2
    # After the two questions comes the write.
    ports.wire.faults[2] = Fault.NOT_EXECUTED
    with pytest.raises(TryAgain):
        check_health(ports)
    assert ports.configuration.health == {}
    check_health(ports)
    assert ports.configuration.health["bogus"] == {FIRST: Health(1, 0)}


def test_public_keys_are_fetched_for_live_and_retired_versions_and_kept(
    ports: FakePorts, keyed: ScriptedMaterial
) -> None:
    assert refresh_material(ports) == 0
    assert keyed.answers == []
    for account_id in (FIRST, RETIRED):
        assert ports.configuration.accounts[account_id].material == {"5157F09E": "new"}
    ports.wire.forget()
    # The same keys again are no write.
    assert refresh_material(ports) == 0
    assert sorted(ports.wire.names()) == ["material.fetch"] * 2


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.DONE])
def test_keys_that_can_not_be_fetched_leave_the_old_ones_and_ring_for_a_live_account(
    outcome: Outcome, ports: FakePorts, keyed: ScriptedMaterial
) -> None:
    keyed.usual = MaterialAnswer(outcome=outcome, code="SIGN_ERROR")
    assert refresh_material(ports) == 2
    assert ports.configuration.accounts[FIRST].material == {"OLD": "old"}
    assert ports.telemetry.counts["MaterialNotFetched"] == 1
    assert [fields["code"] for _, fields in ports.telemetry.notes] == ["SIGN_ERROR"] * 2


def test_a_retired_account_that_can_not_fetch_is_noted_and_rings_nowhere(
    ports: FakePorts, keyed: ScriptedMaterial
) -> None:
    keyed.usual = MaterialAnswer(outcome=Outcome.REFUSED)
    ports.configuration.live["bogus"] = ()
    assert refresh_material(ports) == 2
    assert ports.telemetry.counts["MaterialNotFetched"] == 0
    assert len(ports.telemetry.notes) == 2


def test_accounts_and_channels_that_want_no_keys_are_not_asked(
    ports: FakePorts, keyed: ScriptedMaterial
) -> None:
    ports.configuration.accounts = {
        name: replace(account, settings={"merchant": "m"})
        for name, account in ports.configuration.accounts.items()
    }
    ports.bogus.material = keyed
    assert refresh_material(ports) == 0
    assert ports.wire.calls == []


def test_an_account_that_goes_down_fetches_once_for_the_key_may_have_changed(
    ports: FakePorts, keyed: ScriptedMaterial
) -> None:
    assert ports.bogus.material is keyed
    minutes_without_answer(ports, 6)
    assert ports.wire.names().count("material.fetch") == 1
    assert ports.configuration.accounts[FIRST].material == {"5157F09E": "new"}


def test_a_callback_fetches_no_key_whatever_it_says(
    ports: FakePorts, keyed: ScriptedMaterial
) -> None:
    assert ports.bogus.material is keyed
    raw = RawCallback(headers={"serial": "never-seen"}, body=b"{}")
    assert take_callback("bogus", FIRST, raw, ports).status == 400
    assert ports.wire.calls == []


def test_silence_of_aws_changes_no_account_s_health(
    ports: FakePorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise TryAgain("silence")

    monkeypatch.setattr(ports.configuration, "account", refuse)
    with pytest.raises(TryAgain):
        check_health(ports)
    assert ports.configuration.health == {}
