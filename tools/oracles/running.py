"""Runs the oracles: prepares their environments, puts every case to both sides, counts, and says where they differ."""

import argparse
import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from tools.local.own_engine import NotRun
from tools.oracles.alipay.checks import CHECKS as ALIPAY
from tools.oracles.catalogue import ORACLES, Oracle
from tools.oracles.checks import Check, Keys, Side
from tools.oracles.conversation import Broken, Conversation, conversation
from tools.oracles.differences import DIFFERENCES
from tools.oracles.draw import Draw
from tools.oracles.environments import Environment, install_tools, prepare
from tools.oracles.findings import Tally
from tools.oracles.unionpay.checks import CHECKS as UNIONPAY
from tools.oracles.wechatpay.checks import CHECKS as WECHATPAY

NOT_RUN: Final = 77
CHECKS: Final[Mapping[str, tuple[Check, ...]]] = {
    "alipay": ALIPAY,
    "wechatpay": WECHATPAY,
    "unionpay": UNIONPAY,
}
_ROUNDS: Final = 3
# Two at a time: what a registry gives is unpacked, compiled and written.
_PREPARING: Final = 2


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its seed and keys, and how often each check is repeated with other cases."""

    draw: Draw
    keys: Keys
    rounds: int

    @classmethod
    def begin(cls, seed: str, rounds: int) -> "Run":
        """Begin a run."""
        draw = Draw(seed)
        return cls(draw, Keys(draw), rounds)

    def ask(self, oracle: Oracle, environment: Environment) -> Tally:
        """Put all cases of its channel to an oracle; raises Broken where its program fails."""
        tally = Tally(DIFFERENCES.get(oracle.name, {}))
        with conversation(environment.command, environment.variables, environment.log) as talk:
            if oracle.version not in ("", talk.version):
                raise Broken(f"is version {talk.version}, not {oracle.version}")
            tally.version = talk.version
            for check in CHECKS[oracle.channel]:
                self._check(oracle, talk, check, tally)
        tally.finish()
        return tally

    def _check(self, oracle: Oracle, talk: Conversation, check: Check, tally: Tally) -> None:
        try:
            for number in range(self.rounds):
                draw = self.draw.under(f"{oracle.name}/{check.__name__}/{number}")
                for finding in check(Side(talk, self.keys, int(time.time())), draw):
                    tally.add(finding)
        except Broken:
            raise
        except Exception as error:  # noqa: BLE001 - our own code may raise anything, and the next check must run
            tally.fail(check.__name__, f"raised {type(error).__name__}: {error}")


def main(arguments: Sequence[str]) -> int:
    """Run the oracles; 0 if all that could run agree, 1 if one does not, 77 if none could run."""
    options = _options(arguments)
    chosen = [oracle for oracle in ORACLES if options.only in ("", oracle.name)]
    if not chosen:
        print(f"No oracle is named {options.only}: {', '.join(o.name for o in ORACLES)}.")
        return 2
    print(f"Seed {options.seed}: the same with --seed {options.seed}", flush=True)
    started = time.monotonic()
    run = Run.begin(options.seed, options.rounds)
    tallies: dict[str, Tally] = {}
    not_run = 0
    if options.install:
        _install(chosen)
    with ThreadPoolExecutor(_PREPARING) as preparing:
        environments = {oracle: preparing.submit(prepare, oracle) for oracle in chosen}
        for oracle, environment in environments.items():
            try:
                tallies[oracle.name] = _asked(run, oracle, environment)
            except NotRun as reason:
                not_run += 1
                print(f"{_title(oracle)} NOT RUN: {reason}", flush=True)
    return _concluded(tallies, not_run, time.monotonic() - started)


def _asked(run: Run, oracle: Oracle, environment: Future[Environment]) -> Tally:
    try:
        tally = run.ask(oracle, environment.result())
    except Broken as fault:
        print(f"{_title(oracle)} FAILED: {fault}", flush=True)
        tally = Tally({})
        tally.fail("the program", str(fault))
        return tally
    print(f"{_title(oracle, tally.version)} {_counted(tally)}", flush=True)
    for case, words in tally.failures.items():
        print(f"  FAILED {case}: {words}")
    return tally


def _install(oracles: Sequence[Oracle]) -> None:
    for kind in sorted({oracle.kind for oracle in oracles}):
        try:
            install_tools([kind])
        except NotRun as reason:
            print(f"Could not install what {kind} programs need: {reason}", flush=True)


def _concluded(tallies: Mapping[str, Tally], not_run: int, seconds: float) -> int:
    if not tallies:
        print("NOT RUN: no oracle could run.")
        return NOT_RUN
    print_differences(tallies)
    whole = Tally({})
    for tally in tallies.values():
        whole.agreed += tally.agreed
        whole.refused_here += tally.refused_here
        whole.otherwise += tally.otherwise
        whole.failed += tally.failed
    skipped = f", {not_run} not run" if not_run else ""
    print(f"\n{len(tallies)} oracles{skipped}: {_counted(whole)} in {seconds:.0f} s.")
    return 1 if whole.failed else 0


def print_differences(tallies: Mapping[str, Tally]) -> None:
    """Print every known difference that showed, with the oracles that have it and the reason."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name, tally in tallies.items():
        for case, direction in tally.differed.items():
            rows.setdefault((case, direction, tally.reasons[case]), []).append(name)
    if rows:
        print("\nWhere we differ on purpose:")
    for (case, direction, reason), names in sorted(rows.items()):
        print(f"  {case} ({', '.join(names)}): {direction}: {reason}")


def _title(oracle: Oracle, version: str = "") -> str:
    return f"{oracle.channel:9} {oracle.name} {version or oracle.version}".rstrip().ljust(41) + ":"


def _counted(tally: Tally) -> str:
    return (
        f"{tally.cases} cases, {tally.agreed} agreed,"
        f" {tally.refused_here} refused by us although accepted there,"
        f" {tally.otherwise} otherwise different on purpose, {tally.failed} failed"
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make oracles", description=__doc__)
    parser.add_argument("--only", default="", metavar="NAME", help="run this oracle alone")
    parser.add_argument("--seed", default=secrets.token_hex(6), help="repeat a run")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="repetitions of each check")
    parser.add_argument(
        "--install", action="store_true", help="install missing tools from the distribution"
    )
    return parser.parse_args(arguments)
