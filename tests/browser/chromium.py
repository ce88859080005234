"""The system's Chromium, as the browser tests start it and watch it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

SHOTS = Path(".sandbox/shots")

# Without the first four it does not run as root, without the rest it talks to its maker.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
SERVER_ERROR = 500
PHONE_AGENT = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36"
)


def executable() -> str:
    """Return the Chromium to drive: CHROMIUM, or the first of the usual names; raises with what to do."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError(
            "No Chromium here: install it (Debian: chromium) or set CHROMIUM to its path."
        )
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run one headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Window:
    """One tab of a payer, and all that went wrong in it: console errors, policy violations, failed requests."""

    page: Page
    name: str
    problems: list[str] = field(default_factory=list)
    posted: list[Request] = field(default_factory=list)

    def shoot(self, moment: str) -> None:
        """Keep a picture for people to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{self.name}-{moment}.png", full_page=True)

    def fits(self) -> bool:
        """Tell whether nothing sticks out at the side."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    def watch(self) -> None:
        """Begin to write down problems and posted forms."""
        page = self.page
        page.on(
            "console",
            lambda message: self.problems.append(message.text) if message.type == "error" else None,
        )
        page.on(
            "response",
            lambda answer: (
                self.problems.append(f"{answer.status} {answer.request.method} {answer.url}")
                if answer.status >= SERVER_ERROR
                else None
            ),
        )
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "request",
            lambda request: self.posted.append(request) if request.method == "POST" else None,
        )


def desktop(browser: Browser, language: str) -> BrowserContext:
    """Return a desktop's profile."""
    return browser.new_context(viewport={"width": 1280, "height": 800}, locale=language)


def phone(browser: Browser, language: str, agent: str = PHONE_AGENT) -> BrowserContext:
    """Return a small phone's profile."""
    return browser.new_context(
        viewport={"width": 360, "height": 740},
        user_agent=agent,
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale=language,
    )


def wechat(browser: Browser, language: str) -> BrowserContext:
    """Return the profile of the browser inside WeChat."""
    return phone(browser, language, f"{PHONE_AGENT} MicroMessenger/8.0.50")
