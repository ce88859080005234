"""Attacks on the HTTP interface, by the numbers of the security catalogue: each walks in, none gets anywhere."""

import json
import re
from typing import Any, Final
from urllib.parse import unquote, urlencode

import pytest

from tests.functional.actors import browse, chosen
from tests.functional.bench import Bench
from tests.functional.door import ask
from tools.events import notices
from tools.events.case import api, bearer
from tools.events.envelopes import FORM, JSON, Http
from tools.seed.orders import SEEDS, trade_no
from tools.seed.story import CHANNEL, SECRET
from tools.seed.writing import seed

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("seeded")]

CREATED: Final = SEEDS["EVENT-CREATED"]
PAYING: Final = SEEDS["EVENT-PAYING"]
HOTEL: Final = SEEDS["EVENT-HOTEL"]
NOBODYS_ID: Final = "A" * 26
EVIL: Final = "https://evil.example"
CHOICE: Final = json.dumps({"channel": CHANNEL, "product": "page"})
NONCE: Final = re.compile(r'nonce(="|-)[A-Z2-7]{26}')


def a_new_order(bench: Bench, number: str, **more: object) -> dict[str, Any]:
    body = {"out_order_no": number, "amount": 100, "currency": "CNY", "subject": "x", **more}
    answer = bench.request("create_order", api("POST /v1/orders", json.dumps(body)))
    assert answer["statusCode"] == 201, answer["body"]
    created: dict[str, Any] = json.loads(answer["body"])
    return created


@pytest.mark.parametrize(
    ("function", "route", "body"),
    [
        ("query", "GET /v1/orders/{id}", ""),
        ("create_payment", "POST /v1/orders/{id}/payments", CHOICE),
        ("expire", "POST /v1/orders/{id}/close", "{}"),
    ],
)
def test_s13_another_lines_order_is_the_same_bytes_as_none(
    bench: Bench, function: str, route: str, body: str
) -> None:
    with bench.quiet():
        answers = [
            bench.request(function, api(route, body, parameters={"id": order_id}))
            for order_id in (HOTEL.order_id, NOBODYS_ID, CREATED.order_id.lower(), "..")
        ]
    assert answers[0]["statusCode"] == 404
    assert answers == [answers[0]] * len(answers)


def test_s13_another_lines_number_is_the_same_bytes_as_none(bench: Bench) -> None:
    route = "GET /v1/orders"
    with bench.quiet():
        answers = [
            bench.request("query", api(route, query={"out_order_no": number}))
            for number in (HOTEL.out_order_no, "NOBODYS", "A#B")
        ]
    assert answers[0]["statusCode"] == 404
    assert answers == [answers[0]] * len(answers)


def test_s13_two_lines_may_use_the_same_number(bench: Bench) -> None:
    ours = a_new_order(bench, "ATTACK-SAME")
    body = {"out_order_no": "ATTACK-SAME", "amount": 7, "currency": "CNY", "subject": "theirs"}
    hotel = api("POST /v1/orders", json.dumps(body), key="hotel.sandbox-key-of-the-hotel-line")
    theirs = json.loads(bench.request("create_order", hotel)["body"])
    assert theirs["amount"] == 7
    assert theirs["id"] != ours["id"]


def test_s28_tricks_with_a_callbacks_path(bench: Bench) -> None:
    account = "/v1/callbacks/alipay/alipay-main~1"
    notice = notices.signed(notices.fields(PAYING.payment_no(), trade_no(501), {}))
    body, form = urlencode(notice).encode(), {"content-type": FORM}
    targets = [
        *(f"{account}/", f"/{account}", f"{account}%00", f"{account};a=b", f"{account}%20", f"{account}."),
        *("/v1/callbacks/alipay/../alipay/alipay-main~1", "/v1/callbacks/paypal/../alipay/alipay-main~1"),
        *("/v1/callbacks/alipay/%2e%2e/alipay-main~1", "/v1/callbacks/alipay/%2e%2e%2falipay-main~1"),
        *("/v1/callbacks//alipay/alipay-main~1", "/v1/callbacks/alipay//alipay-main~1", "/v1/callbacks/alipay/"),
        *("/v1/callbacks/alipay./alipay-main~1", "/v1/callbacks/Alipay/alipay-main~1", "/V1/callbacks/alipay/alipay-main~1"),
        *("/v1/callbacks/alipay/ALIPAY-MAIN~1", "/v1/callbacks/alipay/alipay-main~01", "/v1/callbacks/alipay/alipay-main"),
        *("/v1/callbacks/alipay/account%23alipay-main~1", "/v1/callbacks/alipay/%E2%91%A0~1", "/v1/callbacks/alipay/%ff~1"),
        *("/v1/callbacks/alipay%2falipay-main~1", "/v1/callbacks/%61lipay%2f..%2falipay/alipay-main~1"),
    ]  # fmt: skip
    with bench.quiet():
        for target in targets:
            answer = ask(bench, "POST", target, body, form)
            assert answer.status == 404, target
            assert answer.body != b"success", target
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            override = {**form, "x-http-method-override": "POST", "x-method-override": "POST"}
            assert ask(bench, method, account, body, override).status == 404, method


def test_ten_megabytes_stop_at_the_door(bench: Bench) -> None:
    with bench.quiet():
        for target in ("/v1/orders", "/v1/callbacks/alipay/alipay-main~1"):
            assert ask(bench, "POST", target, b"x" * (10 * 1024 * 1024 + 1), bearer()).status == 413
            assert ask(bench, "POST", target, b"x" * (1024 * 1024), bearer()).status == 413


@pytest.mark.parametrize("origin", ["https://gateway.95516.com", "null", EVIL])
def test_the_way_back_takes_a_channel_s_whole_form_from_anywhere_and_believes_none_of_it(
    bench: Bench, origin: str
) -> None:
    """A channel's page posts back without cookies: ten kilobytes of fields that are none of ours."""
    order = a_new_order(bench, f"ATTACK-RETURN-{len(origin)}")
    token = order["cashier_url"].rpartition("/")[2]
    assert bench.request("create_payment", chosen(token))["statusCode"] == 200
    number = f"{order['id']}P01"
    fields = {
        "orderId": number,
        "respCode": "00",
        "state": "PAID",
        "returned": "https://evil.example",
    }
    body = urlencode({**fields, "signPubKeyCert": "证书\r\n" * 500, "signature": "+/=" * 300})
    assert len(body) > 10_000
    before = bench.order(order["out_order_no"])
    bench.outbox.sent.clear()
    headers = {
        "content-type": f"{FORM};charset=UTF-8",
        "origin": origin,
        "sec-fetch-site": "cross-site",
    }
    answer = ask(bench, "POST", f"/cashier/{token}/return", body.encode(), headers)
    assert answer.status == 303
    public = bench.system.environment["PUBLIC_URL"]
    assert answer.headers["location"] == f"{public}/cashier/{token}?returned=1"
    (sent,) = bench.outbox.about(order["id"])
    assert (sent.target, sent.job["payment_no"], sent.delay) == ("query", number, 0)
    after = bench.order(order["out_order_no"])
    assert (after.state, after.payments[number].state) == (before.state, "PENDING")


def test_s37_a_host_header_names_nothing(bench: Bench) -> None:
    poison = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "forwarded": "host=evil.example",
    }
    public = bench.system.environment["PUBLIC_URL"]
    body = {"out_order_no": "ATTACK-HOST", "amount": 100, "currency": "CNY", "subject": "x"}
    request = Http(
        route="POST /v1/orders",
        headers={**bearer(), **poison},
        body=json.dumps(body),
        media_type=JSON,
    )
    created = bench.request("create_order", request)
    address: str = json.loads(created["body"])["cashier_url"]
    assert address.startswith(f"{public}/cashier/")

    token = address.rpartition("/")[2]
    page = bench.request("cashier", browse("GET /cashier/{token}", token, **poison))
    form = bench.request("create_payment", chosen(token, **poison))
    back = bench.request("cashier", browse("GET /cashier/{token}/return", token, **poison))

    assert back["headers"]["location"] == f"{address}?returned=1"
    assert f"notify_url={public}/v1/callbacks/alipay/alipay-main~1" in unquote(form["body"])
    assert "evil.example" not in json.dumps([created, page, form, back])


def test_s11_return_addresses(bench: Bench) -> None:
    ours = "http://127.0.0.1:8081"
    tricks = [
        *("//evil.example", "https:evil.example", "https:/evil.example", "/\\evil.example", "\\\\evil.example"),
        *(f"{ours}@evil.example/", f"{ours}.evil.example/", f"{ours}0/", f"{ours}\\@evil.example", f"{ours}%2f@evil.example/"),
        *(f"{ours}#@evil.example/", f"{ours}\t.evil.example", f"{ours} .evil.example", f" {ours}/", f"{ours}/\r\nlocation: x"),
        *("javascript:alert(1)", "JavaScript://127.0.0.1:8081/%0aalert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"),
        *("http:///127.0.0.1:8081/", "http:/127.0.0.1:8081/", "//127.0.0.1:8081/", "127.0.0.1:8081", "http://[127.0.0.1:8081/"),
        *("https://127.0.0.1:8081/", "http://127.0.0.1/", "http://127.0.0.1:8081:80/", "http://127.1:8081/", "http://①27.0.0.1:8081/"),
    ]  # fmt: skip
    template = {"out_order_no": "ATTACK-RETURN", "amount": 100, "currency": "CNY", "subject": "x"}
    with bench.quiet():
        for trick in tricks:
            body = json.dumps({**template, "return_url": trick})
            answer = bench.request("create_order", api("POST /v1/orders", body))
            problem = json.loads(answer["body"])
            assert (answer["statusCode"], problem["field"]) == (400, "return_url"), trick

    good = a_new_order(bench, "ATTACK-RETURN", return_url=f"{ours}/back?order=1&x=%2f")
    token = good["cashier_url"].rpartition("/")[2]
    page = bench.request("cashier", browse("GET /cashier/{token}", token))
    assert f'href="{ours}/back?order=1&amp;x=%2f"' in page["body"]


def test_s12_guessed_tokens_all_look_the_same(bench: Bench) -> None:
    guesses = [
        *(CREATED.order_id + "A" * 26, CREATED.order_id + SECRET[:-1] + "A", CREATED.order_id + SECRET.lower()),
        *(CREATED.order_id, SECRET, CREATED.token[:-1], CREATED.token + "A", NOBODYS_ID + SECRET, HOTEL.order_id + "A" * 26),
        *("", "A" * 52, "a" * 52, "..", "%2e%2e", "\x00" * 52, "é" * 52, "A" * 5000, f"{CREATED.token} "),
    ]  # fmt: skip
    with bench.quiet():
        for route in (
            "GET /cashier/{token}",
            "GET /cashier/{token}/status",
            "POST /cashier/{token}/return",
        ):
            answers = [bench.request("cashier", browse(route, guess)) for guess in guesses]
            assert answers[0]["statusCode"] == 404
            assert {_without_nonces(answer) for answer in answers} == {_without_nonces(answers[0])}
        answers = [bench.request("create_payment", chosen(guess)) for guess in guesses]
        assert {_without_nonces(answer) for answer in answers} == {_without_nonces(answers[0])}


def _without_nonces(answer: dict[str, Any]) -> str:
    return NONCE.sub("nonce", "\n".join([*answer["headers"].values(), answer["body"]]))


def test_s12_a_token_has_128_bits_of_its_own(bench: Bench) -> None:
    orders = [a_new_order(bench, f"ATTACK-TOKEN-{number}") for number in range(3)]
    secrets = {order["cashier_url"].rpartition("/")[2][26:] for order in orders}
    assert len(secrets) == len(orders)
    assert all(re.fullmatch(r"[A-Z2-7]{26}", secret) for secret in secrets)


def test_s24_forms_of_other_sites(bench: Bench) -> None:
    public = bench.system.environment["PUBLIC_URL"]
    origins = [
        EVIL,
        "null",
        f"{public}.evil.example",
        f"{public}:444",
        "http://pay.example.com",
        public.upper(),
        f"{public}/",
    ]
    with bench.quiet():
        for origin in origins:
            answer = bench.request("create_payment", chosen(CREATED.token, origin=origin))
            assert answer["statusCode"] == 400, origin
        for site in ("cross-site", "same-site"):
            answer = bench.request("create_payment", chosen(CREATED.token, sec_fetch_site=site))
            assert answer["statusCode"] == 400, site

    seed(bench.system, ["EVENT-PAYER-PAGE"])
    own = chosen(SEEDS["EVENT-PAYER-PAGE"].token, origin=public, sec_fetch_site="same-origin")
    assert bench.request("create_payment", own)["statusCode"] == 200


def test_s24_the_cashier_stands_in_no_frame(bench: Bench) -> None:
    for token in (CREATED.token, "A" * 52):
        answer = bench.request("cashier", browse("GET /cashier/{token}", token))
        assert answer["headers"]["x-frame-options"] == "DENY"
        policy = answer["headers"]["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
