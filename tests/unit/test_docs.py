"""The documentation says what is there: links, commands, paths, tables of functions, fields and codes, and its own code."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, cast, get_args

import pytest
from pydantic import BaseModel
from samcli.yamlhelper import yaml_parse

from paycenter.adapters.http import PinnedClient
from paycenter.contracts.api import (
    ActionAnswer,
    CreateOrderRequest,
    CreatePaymentRequest,
    OrderAnswer,
    PaymentAnswer,
    parse,
)
from paycenter.contracts.configuration import (
    AccountSection,
    ConfigurationFile,
    LineLadderSection,
    LineSection,
)
from paycenter.domain import ids, webhooks
from paycenter.domain.ladder import DEFAULT_NOTIFY_LADDER, DEFAULT_QUERY_LADDER, ROCKETMQ_LEVELS
from paycenter.entry.http import PROBLEMS
from paychannels import registry

ROOT: Final = Path(__file__).resolve().parents[2]
READMES: Final = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DOCUMENTS: Final = (*READMES, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
API: Final = (ROOT / "docs" / "api.md").read_text("utf-8")
CONFIGURATION: Final = (ROOT / "docs" / "configuration.md").read_text("utf-8")
DECISIONS: Final = ROOT / "docs" / "decisions"
SECRET: Final = "whsec_" + "Tm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2gu"

_LINK: Final = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_HEADING: Final = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`([^`\n]+)`")
_OURS: Final = re.compile(
    r"(?:functions|shared|layers|events|tests|sandbox|tools|docs|\.ci)/[\w./-]+"
)

each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
each_readme = pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)

ED25519 = PinnedClient().ed25519


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def links(text: str) -> set[str]:
    found = {first or second for first, second in _LINK.findall(text)}
    return {link for link in found if "://" not in link}


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page, as GitHub makes them."""
    names = (heading.lower().replace("`", "") for _, heading in _HEADING.findall(text_of(path)))
    return {re.sub(r"[^\w\- ]", "", name).replace(" ", "-") for name in names}


def blocks(text: str, language: str) -> list[str]:
    return [body for found, body in _BLOCK.findall(text) if found == language]


def rows(text: str, first_heading: str) -> list[list[str]]:
    """Return the rows of all tables whose first column is called that."""
    found: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first_heading:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            found.append(cells)
    return found


def names(text: str, first_heading: str) -> set[str]:
    """Return what stands in backticks in the first column."""
    return {name for cells in rows(text, first_heading) for name in _CODE.findall(cells[0])}


@each_document
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for link in links(text_of(path)):
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@each_document
def test_every_command_is_one_that_make_knows(path: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):.*##", text_of(ROOT / "Makefile"), re.MULTILINE))
    spans = [*_CODE.findall(text_of(path)), *blocks(text_of(path), "sh")]
    used = [words for span in spans for words in re.findall(r"\bmake((?: [a-z][a-z-]*)+)", span)]
    assert {target for words in used for target in words.split()} <= known


@each_document
def test_every_path_that_is_named_exists(path: Path) -> None:
    shown = [*_CODE.findall(text_of(path)), *blocks(text_of(path), "sh")]
    for found in (match for span in shown for match in _OURS.findall(span)):
        assert (ROOT / found.rstrip("/.")).exists(), found


@each_document
def test_every_event_that_is_named_exists(path: Path) -> None:
    for function, event in re.findall(r"FUNCTION=(\w+)(?: EVENT=(\w+))?", text_of(path)):
        assert (ROOT / "events" / function).is_dir(), function
        assert not event or (ROOT / "events" / function / f"{event}.json").is_file(), event


@each_document
def test_nothing_names_the_machine_it_was_written_on(path: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:work|root|home|tmp)/|\bissue \d", text_of(path))


def test_a_dead_link_would_be_seen() -> None:
    assert links('[a](docs/x.md#y) <img src="p.png"> [b](https://example.com)') == {
        "docs/x.md#y",
        "p.png",
    }
    assert "how-an-orders-money-is-kept-safe" in anchors(READMES[0])


def triggers(event: dict[str, Any]) -> str:
    """Return an event source of the template as the table of functions writes it."""
    properties = event["Properties"]
    match event["Type"]:
        case "HttpApi":
            return f"{properties['Method']} {properties['Path']}"
        case "SQS":
            return str(properties["Queue"]["Fn::GetAtt"][0])
        case "DynamoDB":
            return str(properties["Stream"]["Fn::GetAtt"][0])
        case _:
            return str(properties["Schedule"])


def functions_of_template() -> Iterator[tuple[str, set[str]]]:
    template = yaml_parse(text_of(ROOT / "template.yaml"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            sources = {triggers(event) for event in properties["Events"].values()}
            yield properties["Handler"].split(".")[1], sources


@each_readme
def test_the_table_of_functions_is_the_templates(path: Path) -> None:
    heading = {"README.md": "function", "README.zh-CN.md": "函数"}[path.name]
    table = {
        cells[0].strip("`"): set(_CODE.findall(cells[1])) for cells in rows(text_of(path), heading)
    }
    assert table == dict(functions_of_template())


def test_both_readmes_have_the_same_headings_commands_and_links() -> None:
    english, chinese = (text_of(path) for path in READMES)
    assert [level for level, _ in _HEADING.findall(english)] == [
        level for level, _ in _HEADING.findall(chinese)
    ]
    assert [without_comments(body) for body in blocks(english, "sh")] == [
        without_comments(body) for body in blocks(chinese, "sh")
    ]
    own = {"README.md", "README.zh-CN.md"}
    assert links(english) - own == {link.replace(".zh.", ".") for link in links(chinese) - own}


def without_comments(body: str) -> list[str]:
    return [line.partition("#")[0].rstrip() for line in body.splitlines()]


def test_the_pictures_are_in_step() -> None:
    pictures = [text_of(ROOT / "docs" / name) for name in ("order-life.svg", "order-life.zh.svg")]
    functions = [re.findall(r'class="name[^>]*>([^<]+)<', picture) for picture in pictures]
    assert functions[0] == functions[1]
    named = {name for entry in functions[0] for name in re.findall(r"\w+", entry)}
    assert named == {name for name, _ in functions_of_template()}


def receiver() -> Callable[[str, dict[str, str], bytes], int]:
    """Run the code that business lines are told to run."""
    (code,) = blocks(API, "python")
    namespace: dict[str, Any] = {}
    exec(compile(code, "docs/api.md", "exec"), namespace)
    return cast("Callable[[str, dict[str, str], bytes], int]", namespace["receive"])


def test_the_code_that_verifies_notifications_takes_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = b'{"type":"order.paid","data":{"out_order_no":"T-1001","amount":12800}}'
    headers = webhooks.signed_headers([SECRET], "E01", int(time.time()), body, ED25519)
    receive = receiver()
    assert [receive(SECRET, headers, body), receive(SECRET, headers, body)] == [204, 204]
    assert capsys.readouterr().out == "order.paid T-1001 12800\n"
    assert receive(SECRET, headers, body.replace(b"12800", b"1")) == 400
    stale = webhooks.signed_headers([SECRET], "E02", int(time.time()) - 3600, body, ED25519)
    assert receive(SECRET, stale, body) == 400


def test_the_example_order_is_one_that_we_take_and_answer() -> None:
    (command,) = blocks(API, "sh")
    wanted = parse(CreateOrderRequest, command.partition("-d '")[2].rpartition("'")[0].encode())
    answer = OrderAnswer.model_validate(json.loads(blocks(API, "json")[0]))
    assert set(json.loads(blocks(API, "json")[0])) == set(OrderAnswer.model_fields)
    assert answer.id == ids.order_id("tickets", wanted.out_order_no)
    assert ids.split_token(answer.cashier_url.rpartition("/")[2])
    assert (answer.out_order_no, answer.amount, answer.subject) == (
        wanted.out_order_no,
        wanted.amount,
        wanted.subject,
    )


def examples_of_payments() -> list[PaymentAnswer]:
    answers = [json.loads(body) for body in blocks(API, "json")]
    return [PaymentAnswer.model_validate(one) for one in answers if "payment_no" in one]


def test_each_kind_of_action_has_an_example_that_we_could_answer() -> None:
    shown = {one.action.type: one for one in examples_of_payments() if one.action}
    kinds = get_args(get_args(ActionAnswer.__value__)[0])
    assert set(shown) == {get_args(kind.model_fields["type"].annotation)[0] for kind in kinds}
    for kind, one in shown.items():
        assert f"**`{kind}`**" in API
        manifest = registry.manifest(one.channel)
        assert one.product in manifest.products
        assert ids.order_of(one.payment_no)


def test_the_products_are_the_channels() -> None:
    table = {cells[0].strip("`"): cells[1] for cells in rows(API, "channel")}
    assert set(table) == set(registry.CHANNELS)
    for channel, told in table.items():
        products = registry.manifest(channel).products
        named = dict(re.findall(r"`(\w+)` \(([^)]*)\)", told))
        assert set(named) == set(products)
        for name, about in named.items():
            assert set(_CODE.findall(about)) == {need.value for need in products[name].needs}
            assert ("from your app" in about) == (not products[name].devices)


def test_the_table_of_errors_is_the_codes() -> None:
    table = {_CODE.findall(cells[1])[0]: int(cells[0]) for cells in rows(API, "status")}
    assert table == {code: status for code, (status, _) in PROBLEMS.items()}


@pytest.mark.parametrize(
    ("text", "models"),
    [
        (API, [CreateOrderRequest, CreatePaymentRequest]),
        (CONFIGURATION, [LineSection, AccountSection, LineLadderSection]),
    ],
    ids=["api", "configuration"],
)
def test_the_tables_of_fields_are_the_contracts(text: str, models: list[type[BaseModel]]) -> None:
    assert names(text, "field") == {field for model in models for field in model.model_fields}


def test_every_section_of_a_configuration_file_has_its_chapter() -> None:
    chapters = re.findall(r"^## .*`\[(\w+)", CONFIGURATION, re.MULTILINE)
    assert set(chapters) == set(ConfigurationFile.model_fields)


def test_the_ladders_are_the_codes() -> None:
    levels = re.findall(r"^\| (1s .*) \|$", CONFIGURATION, re.MULTILINE)[0].split(" | ")
    seconds = [int(level[:-1]) * {"s": 1, "m": 60, "h": 3600}[level[-1]] for level in levels]
    assert tuple(seconds) == ROCKETMQ_LEVELS
    *most, last = (f"{moment:,}" for moment in DEFAULT_QUERY_LADDER.moments(0))
    assert f"{', '.join(most)} and {last} s" in CONFIGURATION
    assert f"{sum(DEFAULT_NOTIFY_LADDER.delays) // 3600} hours in all" in " ".join(API.split())


def test_every_decision_is_listed_dated_and_can_be_taken_back() -> None:
    pages = sorted(path for path in DECISIONS.glob("[0-9]*.md"))
    assert [f"{number:04d}" for number in range(1, len(pages) + 1)] == [p.name[:4] for p in pages]
    assert links(text_of(DECISIONS / "README.md")) == {page.name for page in pages}
    for page in pages:
        text = text_of(page)
        assert text.startswith(f"# {page.name[:4]}: "), page.name
        assert re.search(r"^20\d\d-\d\d-\d\d$", text, re.MULTILINE), page.name
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Going back"))
        assert "**Alternatives.**" in text, page.name


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [READMES[0]]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (link.partition("#")[0] for link in links(text_of(page)))
        waiting += [(page.parent / target).resolve() for target in targets if target]
    assert set(DOCUMENTS) <= reached
