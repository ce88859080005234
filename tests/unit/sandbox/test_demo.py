"""The demo is honest: what it did not see it says, and does not end with 0."""

import json
from collections.abc import Callable

import httpx
import pytest

from sandbox import demo, onlooker

ADDRESSES = onlooker.Addresses(
    door="http://127.0.0.1:1",
    shop="http://127.0.0.1:2",
    channels=dict.fromkeys(("alipay", "wechatpay", "unionpay"), "http://127.0.0.1:3"),
    rate=60,
)


@pytest.fixture
def world_answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[httpx.Response], None]:
    """Let every program of the sandbox give the same answer."""
    real = httpx.Client

    def answer(response: httpx.Response) -> None:
        def client(**_: object) -> httpx.Client:
            return real(transport=httpx.MockTransport(lambda _request: response))

        monkeypatch.setattr("sandbox.demo.httpx.Client", client)

    return answer


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(201, content=json.dumps({"id": "X"})),
        httpx.Response(201, content="<html>not JSON</html>"),
    ],
)
def test_an_answer_of_another_shape_is_not_seen(
    world_answers: Callable[[httpx.Response], None],
    response: httpx.Response,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world_answers(response)
    assert demo.run(ADDRESSES) == 1
    said = capsys.readouterr()
    assert "Not seen:" in said.err
    assert "All" not in said.out


def test_a_step_that_never_comes_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    story = onlooker.Story()
    with pytest.raises(onlooker.NotSeenError):
        story.see("the moon is blue", lambda: False, seconds=0)
    assert story.missing == ["the moon is blue"]
    assert demo._end(story, 1.0) == 1
    assert "the moon is blue" in capsys.readouterr().err


def test_all_steps_seen_is_the_only_way_to_success() -> None:
    story = onlooker.Story()
    assert story.see("the sky is blue", lambda: True)
    assert demo._end(story, 1.0) == 0
