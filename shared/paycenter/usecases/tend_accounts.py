"""On a schedule: find out which accounts' channels answer, and fetch the channels' public keys afresh."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from paycenter.domain import ids
from paycenter.domain.health import Health
from paycenter.ports.channel import Account, MaterialAnswer, Outcome, PaymentRequest
from paycenter.ports.channels import Channels
from paycenter.ports.everything import Ports

# So many channels that do not answer are waited for at the same time.
_ASKED_AT_ONCE: Final = 16
_PROBE_SECONDS: Final = 600

# Channel and account version.
type _Pair = tuple[str, str]


def check_health(ports: Ports) -> int:
    """Ask under every live account for a payment that does not exist, keep what changed; return how many are down.

    Any verified answer is healthy. Where all is well nothing is written. An account that goes down has its public keys
    fetched once: what did not answer may have answered under a key that we do not know yet. Raises TryAgain where AWS
    does not answer; the next minute asks again.
    """
    known = {name: ports.accounts.of_channel(name).live for name in ports.channels.names()}
    pairs = [(channel, account_id) for channel, live in known.items() for account_id in live]
    answered = _side_by_side(lambda pair: _answers(pair, ports), pairs)
    now, rate = ports.clock.now(), ports.clock.rate
    found = {
        channel: {
            account_id: before.after(now, answered=answered[channel, account_id], rate=rate)
            for account_id, before in live.items()
        }
        for channel, live in known.items()
    }
    for channel, health in found.items():
        if health != known[channel]:
            ports.accounts.keep_health(channel, health)
    went_down = [pair for pair in pairs if _tell(pair, known, found, ports)]
    _side_by_side(lambda pair: _refresh(pair, ports), went_down)
    down = sum(entry.down_until > 0 for health in found.values() for entry in health.values())
    if down:
        ports.telemetry.count("AccountsDown", down)
    return down


def refresh_material(ports: Ports) -> int:
    """Fetch the public keys of every account that wants some, retired ones too; return how many could not be fetched.

    Such an account keeps those that it has, and an alarm rings where it is a live one.
    """
    accounts = {name: ports.accounts.of_channel(name) for name in ports.channels.names()}
    live = [(channel, one) for channel, found in accounts.items() for one in found.live]
    retired = [(channel, one) for channel, found in accounts.items() for one in found.retired]
    fetched = _side_by_side(lambda pair: _refresh(pair, ports), [*live, *retired])
    missed = sum(not fetched[pair] for pair in live)
    if missed:
        ports.telemetry.count("MaterialNotFetched", missed)
    return sum(not one for one in fetched.values())


def fetch_material(account: Account, channels: Channels) -> MaterialAnswer | None:
    """Ask an account's channel for its public keys; None where the account wants none."""
    material = channels.material(account.channel)
    if material is None or not material.needed(account):
        return None
    return material.execute(account)


def _side_by_side(act: Callable[[_Pair], bool], pairs: list[_Pair]) -> dict[_Pair, bool]:
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        return dict(zip(pairs, pool.map(act, pairs), strict=True))


def _answers(pair: _Pair, ports: Ports) -> bool:
    channel, account_id = pair
    account = ports.configuration.account(account_id)
    if account is None:
        return False
    manifest = ports.channels.manifest(channel)
    now = ports.clock.now()
    probe = PaymentRequest(
        payment_no=ids.PROBE_NO,
        product=next(iter(manifest.products)),
        amount=manifest.minimum_amount,
        currency=min(manifest.currencies),
        subject="health",
        created_at=now,
        deadline=now + _PROBE_SECONDS,
        notify_url="",
        return_url="",
    )
    return ports.channels.query(channel).execute(account, probe).outcome.answered


def _tell(
    pair: _Pair,
    before: Mapping[str, Mapping[str, Health]],
    after: Mapping[str, Mapping[str, Health]],
    ports: Ports,
) -> bool:
    """Say in the log that an account went down, or came up; return whether it went down."""
    channel, account_id = pair
    was_down, is_down = (state[channel][account_id].down_until > 0 for state in (before, after))
    if was_down != is_down:
        ports.telemetry.note("account down" if is_down else "account up", account=account_id)
    return is_down and not was_down


def _refresh(pair: _Pair, ports: Ports) -> bool:
    """Fetch and keep the public keys of one account; return whether it has all that it wants."""
    _, account_id = pair
    account = ports.configuration.account(account_id)
    answer = fetch_material(account, ports.channels) if account else None
    if account is None or answer is None:
        return True
    if answer.outcome is not Outcome.DONE:
        ports.telemetry.note(
            "material not fetched", account=account_id, outcome=answer.outcome, code=answer.code
        )
        return False
    if answer.material != account.material:
        ports.accounts.keep_material(account_id, answer.material)
        ports.telemetry.note("material fetched", account=account_id)
    return True
