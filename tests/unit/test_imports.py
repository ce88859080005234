"""Who may import whom, and what only some may touch. Holds I04 (no float), S-02, S-18, S-33; the design's section 2."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from sandbox.simulator.description import simulators
from tests.unit.sources import (
    DEPLOYED,
    Module,
    clock_calls,
    compared_secrets,
    floats,
    imports,
    is_ours,
    is_standard,
    modules,
    path_changes,
    third_party,
    violations,
    within,
    words,
)

# One direction: an entry may import itself and what stands beside it, nothing else of ours.
MAY_IMPORT: Final[dict[str, tuple[str, ...]]] = {
    "paycenter.domain": (),
    "paycenter.ports": ("paycenter.domain",),
    "paycenter.contracts": ("paycenter.domain",),
    "paycenter.usecases": ("paycenter.contracts", "paycenter.ports", "paycenter.domain"),
    "paycenter.pages": ("paycenter.ports", "paycenter.domain"),
    "paycenter.adapters": ("paycenter.contracts", "paycenter.ports", "paycenter.domain"),
    "paycenter.settings": ("paycenter.domain",),
    # The composition root: the only module that knows both sides.
    "paycenter.bootstrap": (
        "paycenter.adapters",
        "paycenter.ports",
        "paycenter.settings",
        "paychannels.registry",
    ),
    "paycenter.entry": (
        "paycenter.adapters.telemetry",
        "paycenter.bootstrap",
        "paycenter.contracts",
        "paycenter.domain",
        "paycenter.pages",
        "paycenter.ports",
        "paycenter.usecases",
    ),
    "functions": (
        # The stream brings items, which only the adapter can read.
        "paycenter.adapters.items",
        "paycenter.adapters.telemetry",
        "paycenter.bootstrap",
        "paycenter.contracts",
        "paycenter.domain",
        "paycenter.entry",
        "paycenter.pages",
        "paycenter.ports",
        "paycenter.usecases",
    ),
}
# Packages of others, by the part of ours that may use them. Channels: cryptography alone; of the adapters one signs
# webhooks with it.
MAY_USE: Final[dict[str, set[str]]] = {
    "paycenter.adapters": {"boto3", "botocore", "urllib3", "aws_lambda_powertools", "cryptography"},
    "paycenter.entry": {"aws_lambda_powertools"},
    "paycenter.contracts": {"pydantic"},
    "paycenter.pages": {"jinja2", "markupsafe", "segno"},
    "paychannels": {"cryptography"},
}
# What makes a run differ from the next, and the way out of the process.
TOUCHES_THE_WORLD: Final = {
    "time",
    "random",
    "secrets",
    "uuid",
    "os",
    "socket",
    "subprocess",
    "ssl",
    "tempfile",
    "threading",
    "http.client",
    "urllib.request",
}
CHANNEL_NAMES: Final = re.compile(
    r"alipay|wechat|weixin|wxpay|unionpay|支付宝|微信|银联|云闪付", re.IGNORECASE
)
MONEY: Final = ("paycenter.domain", "paycenter.usecases", "paycenter.contracts", "paycenter.ports")
SPECIAL_CASES: Final = re.compile(
    r"(?i:sandbox|demo\b|localhost|\b127\.0\.0\.1|pytest|\bmoto\b|ministack)|^STAGE$"
)


def part_of(name: str) -> str:
    """Return the row of the table that a module belongs to."""
    (row,) = [row for row in MAY_IMPORT if within(name, row)] or [""]
    return row


def wrong_imports(module: Module) -> Iterator[str]:
    """Find imports against the direction."""
    row = part_of(module.name)
    # A function is a package of its own.
    own = ".".join(module.name.split(".")[:2])
    allowed = (own, *MAY_IMPORT[row])
    for name in imports(module):
        if is_ours(name) and not within(name, *allowed):
            yield f"{module.name} imports {name}"


def wrong_channel_imports(module: Module) -> Iterator[str]:
    """Find imports of a channel that reach into another one, or beyond ports and domain."""
    own = ".".join(module.name.split(".")[:2])
    channels = {name.split(".")[1] for name in CHANNELS}
    for name in imports(module):
        if within(name, "paycenter.ports", "paycenter.domain", own) or not is_ours(name):
            continue
        part = name.split(".")[1] if name.startswith("paychannels.") else None
        if part is None or part in channels:
            yield f"{module.name} imports {name}"


def wrong_packages(module: Module) -> Iterator[str]:
    """Find packages of others where they do not belong."""
    allowed: set[str] = set()
    for row, packages in MAY_USE.items():
        if module.within(row):
            allowed |= packages
    for package in third_party(module) - allowed:
        yield f"{module.name} uses {package}"


def wrong_touches(module: Module) -> Iterator[str]:
    """Find time, chance, environment and network where only adapters may touch them."""
    for name in imports(module):
        if is_standard(name) and within(name, *TOUCHES_THE_WORLD):
            yield f"{module.name} imports {name}"


def channel_names(module: Module) -> Iterator[str]:
    """Find names of channels in the whole text, comments included."""
    for line in module.text.splitlines():
        if CHANNEL_NAMES.search(line):
            yield f"{module.name}: {line.strip()}"


def special_cases(module: Module) -> Iterator[str]:
    """Find words by which code could tell a sandbox from the real thing.

    A manifest also names the channel's own test environment, which is no place where our code runs.
    """
    for word in words(module):
        address = module.name.endswith(".manifest") and word.startswith("https://")
        if SPECIAL_CASES.search(word) and not address:
            yield f"{module.name}: {word!r}"


ALL: Final = modules(*DEPLOYED)
SHARED: Final = [module for module in ALL if not module.within("paychannels")]
CHANNEL_MODULES: Final = [module for module in ALL if module.within("paychannels")]
# A channel is a folder of the layer; what lies beside the folders is shared by all of them.
CHANNELS: Final = sorted(
    {".".join(m.name.split(".")[:2]) for m in CHANNEL_MODULES if m.name.count(".") > 1}
)


def test_all_of_the_product_is_looked_at() -> None:
    assert len(SHARED) > 55
    assert len(CHANNEL_MODULES) > 15
    assert {row for module in SHARED if (row := part_of(module.name))} == set(MAY_IMPORT)
    assert CHANNELS


def test_imports_go_one_way() -> None:
    ordinary = [module for module in SHARED if module.name != "paycenter"]
    assert not violations(wrong_imports, ordinary)


def test_no_channel_knows_another_or_more_than_ports_and_domain() -> None:
    inside = [module for module in CHANNEL_MODULES if module.within(*CHANNELS)]
    assert not violations(wrong_channel_imports, inside)


def test_what_channels_share_knows_none_of_them() -> None:
    beside = [m for m in CHANNEL_MODULES if not m.within(*CHANNELS) and m.name != "paychannels"]
    for module in beside:
        assert not [name for name in imports(module) if within(name, *CHANNELS)], module.name


def test_the_domain_is_standard_library_alone() -> None:
    for module in ALL:
        if module.within("paycenter.domain"):
            assert not third_party(module), module.name


def test_each_package_of_others_stays_where_it_belongs() -> None:
    assert not violations(wrong_packages, ALL)


def test_only_adapters_touch_time_chance_environment_and_network() -> None:
    outside = [module for module in ALL if not module.within("paycenter.adapters")]
    found = violations(wrong_touches, outside)
    assert found == ["paycenter.settings imports os"]
    assert not violations(clock_calls, [m for m in ALL if not m.within("paycenter.adapters.clock")])


def test_nothing_imports_an_entry_point() -> None:
    for module in modules("paycenter", "paychannels"):
        assert not [name for name in imports(module) if within(name, "functions")]


def test_no_file_of_the_product_names_a_channel() -> None:
    assert not violations(channel_names, SHARED)


def test_money_is_never_a_float() -> None:
    money = [module for module in ALL if module.within(*MONEY, "paychannels", "functions")]
    assert not violations(floats, money)


def test_secrets_are_compared_in_constant_time() -> None:
    assert not violations(compared_secrets, ALL)


def test_deployed_code_can_not_tell_where_it_runs() -> None:
    assert not violations(special_cases, ALL)


def test_no_simulator_imports_what_it_simulates_for() -> None:
    programs = modules("sandbox")
    assert len(programs) > 20
    for module in programs:
        wrong = [name for name in imports(module) if within(name, *DEPLOYED)]
        assert not wrong, f"{module.name} imports {wrong}"
    theirs = ("sandbox.simulator", "sandbox.shop", *(about.module for about in simulators()))
    others = [module for module in programs if module.within(*theirs)]
    assert len(others) > 40
    for module in others:
        assert not [name for name in imports(module) if within(name, "tools", "tests")], module.name


def test_no_line_changes_where_modules_are_found() -> None:
    everything = modules("paycenter", "paychannels", "functions", "sandbox", "tools", "tests")
    found = {line.partition(":")[0] for line in violations(path_changes, everything)}
    # Both make an interpreter of its own see exactly what Lambda, or the emulator's environment, would show it.
    assert found <= {"tools.smoke_child", "sandbox.emulator_process"}


BROKEN: Final = [
    (wrong_imports, "paycenter.domain.x", "from paycenter.ports.clock import Clock"),
    (wrong_imports, "paycenter.usecases.x", "from paycenter.adapters.clock import ScaledClock"),
    (wrong_imports, "paycenter.usecases.x", "from paycenter.entry import http"),
    (wrong_imports, "paycenter.ports.x", "def f():\n    import paycenter.usecases.money"),
    (wrong_imports, "functions.x.app", "from paycenter.adapters.dynamodb import DynamoOrders"),
    (wrong_imports, "functions.x.app", "from functions.y.app import handler"),
    (wrong_imports, "paycenter.entry.x", "from paychannels.registry import Registry"),
    (
        wrong_channel_imports,
        "paychannels.one.x",
        "from paycenter.adapters.http import PinnedClient",
    ),
    (wrong_channel_imports, "paychannels.one.x", f"from {CHANNELS[0]} import signing"),
    (wrong_packages, "paycenter.domain.x", "import pydantic"),
    (wrong_packages, "paycenter.usecases.x", "import boto3"),
    (wrong_packages, "functions.x.app", "from botocore.config import Config"),
    (wrong_packages, "paychannels.one.x", "import requests"),
    (wrong_touches, "paycenter.usecases.x", "from time import time"),
    (wrong_touches, "paycenter.domain.x", "import os.path"),
    (wrong_touches, "paycenter.domain.x", "import secrets"),
    (wrong_touches, "paycenter.usecases.x", "from urllib.request import urlopen"),
    (clock_calls, "paycenter.usecases.x", "x = datetime.now(UTC)"),
    (channel_names, "paycenter.usecases.x", "# as AliPay does"),
    (channel_names, "paycenter.usecases.x", "X = '微信支付'"),
    (floats, "paycenter.domain.x", "x = int(1.15 * 100)"),
    (floats, "paycenter.domain.x", "x = amount / 100"),
    (floats, "paycenter.domain.x", "x /= 100"),
    (floats, "paycenter.domain.x", "x = float(text)"),
    (compared_secrets, "paycenter.usecases.x", "if key.sha256 == digest: pass"),
    (compared_secrets, "paycenter.usecases.x", "if given.lower() != order.secret.lower(): pass"),
    (compared_secrets, "paychannels.one.x", "ok = fields['sign'] == made"),
    (special_cases, "paycenter.usecases.x", "if settings.text('STAGE') == 'local': pass"),
    (special_cases, "paycenter.usecases.x", "if host == 'localhost': pass"),
    (special_cases, "paycenter.usecases.x", "if is_sandbox: pass"),
    (path_changes, "tools.x", "sys.path.insert(0, '.')"),
    (path_changes, "tools.x", "sys.path[:0] = ['.']"),
    (path_changes, "tools.x", "sys.path += ['.']"),
]


@pytest.mark.parametrize(("rule", "name", "text"), BROKEN, ids=[text[:40] for _, _, text in BROKEN])
def test_each_rule_can_fail(rule, name: str, text: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - one of the rules
    assert violations(rule, [Module(name, text)])


HARMLESS: Final = [
    (compared_secrets, "paycenter.domain.x", "if len(token) != 52: pass"),
    (compared_secrets, "paycenter.domain.x", "ok = hmac.compare_digest(a.secret, b)"),
    (floats, "paycenter.domain.x", "whole, rest = divmod(amount, 100)"),
    (special_cases, "paycenter.domain.x", '"""Words about a sandbox."""'),
    (clock_calls, "paycenter.domain.x", "now = ports.clock.now()"),
]


@pytest.mark.parametrize(("rule", "name", "text"), HARMLESS)
def test_no_rule_finds_what_is_harmless(rule, name: str, text: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - one of the rules
    assert not violations(rule, [Module(name, text)])
