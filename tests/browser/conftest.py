"""One Chromium for all browser tests; a test ends with an error where its window saw a problem."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from sandbox.ports import Ports
from sandbox.supervisor import running
from tests.browser.chromium import Window, chromium, desktop, phone, wechat


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running sandbox is."""

    door: str
    shop: str
    channels: Mapping[str, str]


type Open = Callable[..., Window]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def open_window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open windows on demand; at the end none of them may have seen an error or a policy violation."""
    windows: list[Window] = []

    def opened(device: str = "desktop", language: str = "en-US") -> Window:
        context = {"desktop": desktop, "phone": phone, "wechat": wechat}[device](browser, language)
        window = Window(context.new_page(), f"{request.node.name.removeprefix('test_')}")
        window.watch()
        windows.append(window)
        return window

    yield opened
    for window in windows:
        window.page.context.close()
    assert [problem for window in windows for problem in window.problems] == []


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    """Run a sandbox of our own, in real time; one that somebody keeps up beside it is left alone."""
    with running(ports=Ports.usual_or_free()) as sandbox:
        yield Addresses(sandbox.door, sandbox.shop, sandbox.simulators)
