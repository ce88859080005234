"""Every file of `events/` through its handler, over the real adapters: the answer, and the state afterwards."""

from pathlib import Path

import pytest

from sandbox.door.events import Incoming
from sandbox.door.events import event_of as door_event
from sandbox.door.routes import find_route
from tests.functional import blueprint
from tests.functional.bench import Bench
from tools.events import __main__ as program
from tools.events.__main__ import all_cases, files, stale
from tools.events.check import answer_problems, state_problems
from tools.events.envelopes import FORM, JSON, Http
from tools.events.expectation import EVENTS_FOLDER, event_files, event_of, expectation_of
from tools.seed.writing import reset

pytestmark = pytest.mark.emulator


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", event_files(), ids=_name)
def test_event(bench: Bench, path: Path) -> None:
    function, expect = path.parent.name, expectation_of(path)
    reset(bench.system, expect)
    bench.outbox.take()

    answer, error = None, False
    with bench.calls():
        try:
            answer = bench.invoke(function, event_of(path))
        except Exception:
            if not expect.error:
                raise
            error = True
        writes = bench.outbox.writes

    assert answer_problems(expect, answer, error=error) == []
    assert state_problems(expect, bench.tables) == []
    assert not expect.quiet or writes == []
    for number, expected in expect.state.items():
        if expected.sent is not None:
            order_id = bench.order(number, expected.line).id
            targets = [sent.target for sent in bench.outbox.about(order_id)]
            assert {name: targets.count(name) for name in targets} == expected.sent, number


def test_events_are_what_make_events_writes() -> None:
    wanted = files(all_cases())
    assert stale(wanted) == []
    assert files(all_cases()) == wanted


def test_make_events_tells_stale_files_and_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "events"
    monkeypatch.setattr(program, "EVENTS_FOLDER", folder)
    assert program.main(["--check"]) == 1
    assert not folder.exists()
    assert program.main([]) == 0
    (folder / "callback" / "paid.json").write_text("{}")
    (folder / "callback" / "nobodys.json").write_text("{}")
    assert program.main(["--check"]) == 1
    assert program.main([]) == 0
    assert program.main(["--check"]) == 0
    assert not (folder / "callback" / "nobodys.json").exists()
    assert "stale: events/callback/paid.json" in capsys.readouterr().out


def test_every_function_has_events_and_every_event_a_function() -> None:
    folders = sorted(path.name for path in EVENTS_FOLDER.iterdir() if path.is_dir())
    assert folders == blueprint.functions()


@pytest.mark.parametrize("function", blueprint.functions())
def test_every_route_has_an_event_and_goes_to_the_right_function(function: str) -> None:
    events = [event_of(path) for path in event_files() if path.parent.name == function]
    used = {event["routeKey"] for event in events if "routeKey" in event}
    assert used == {route.key for route in blueprint.routes() if route.function == function}


@pytest.mark.parametrize(
    ("route", "body", "media_type"),
    [
        ("POST /v1/orders/{id}/payments", '{"subject": "票"}', JSON),
        ("POST /cashier/{token}/payments", "channel=alipay&product=page", FORM),
        ("GET /v1/orders", "", ""),
    ],
)
def test_events_look_as_the_front_door_makes_them(route: str, body: str, media_type: str) -> None:
    """Two hands wrote the payload format down; what one of them forgot, the other knows."""
    parameters = {name: "A" for name in ("id", "token") if "{" + name + "}" in route}
    query = {"out_order_no": "A b"} if route.startswith("GET") else {}
    ours = Http(
        route=route, parameters=parameters, query=query, body=body, media_type=media_type
    ).event("seed")
    match = find_route(blueprint.routes(), route.split(maxsplit=1)[0], ours["rawPath"])
    assert match is not None
    incoming = Incoming(
        method=route.split(maxsplit=1)[0],
        raw_path=ours["rawPath"],
        raw_query=ours["rawQueryString"],
        headers=[(name, value) for name, value in ours["headers"].items() if "-for" not in name],
        body=body.encode(),
        protocol="HTTP/1.1",
        peer=ours["requestContext"]["http"]["sourceIp"],
        port=443,
    )
    theirs = door_event(incoming, match, "request")
    assert {name: type(value) for name, value in ours.items()} == {
        name: type(value) for name, value in theirs.items()
    }
    for name in (
        "routeKey",
        "rawPath",
        "rawQueryString",
        "body",
        "isBase64Encoded",
        "pathParameters",
    ):
        assert ours.get(name) == theirs.get(name), name
    assert ours.get("queryStringParameters") == theirs.get("queryStringParameters")
    assert ours["headers"].keys() == theirs["headers"].keys()
    assert ours["requestContext"].keys() == theirs["requestContext"].keys()
    assert ours["requestContext"]["http"] == theirs["requestContext"]["http"]
