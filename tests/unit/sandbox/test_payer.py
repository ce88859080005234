"""The demo's payer behaves as a browser where that matters to a cashier or a channel."""

from collections.abc import Callable

import httpx
import pytest

from sandbox.payer import Payer

CASHIER = "https://pay.example/cashier/token"
LINK = '<a id="channel-link" href="https://channel.example/h5?a=1&amp;b=2">Go</a>'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[httpx.Request]]:
    """Return what makes every page the same, sent with this policy for referers, and collects what is asked for."""
    real = httpx.Client

    def listen(policy: str) -> list[httpx.Request]:
        requests: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            return httpx.Response(200, html=LINK, headers={"referrer-policy": policy})

        monkeypatch.setattr(
            "sandbox.payer.httpx.Client",
            lambda **options: real(
                headers=options["headers"], transport=httpx.MockTransport(answer)
            ),
        )
        return requests

    return listen


@pytest.mark.parametrize(
    ("policy", "referer"), [("origin", "https://pay.example/"), ("same-origin", None)]
)
def test_a_link_tells_what_its_page_allows(
    policy: str, referer: str | None, asked: Callable[[str], list[httpx.Request]]
) -> None:
    requests = asked(policy)
    payer = Payer()
    payer.open(CASHIER)
    assert payer.follow("channel-link")
    assert str(requests[-1].url) == "https://channel.example/h5?a=1&b=2"
    assert requests[-1].headers.get("referer") == referer
    payer.close()


def test_a_link_that_is_not_there_is_not_followed(
    asked: Callable[[str], list[httpx.Request]],
) -> None:
    requests = asked("origin")
    payer = Payer()
    payer.open(CASHIER)
    assert not payer.follow("another")
    assert len(requests) == 1
    assert payer.element("channel-link")["href"].endswith("&b=2")
    payer.close()
