"""The business lines' inbox: what it believes, what it records, and how it misbehaves on request."""

import base64
import time

import pytest

from tests.unit.sandbox.shop_bench import NOW, ShopBench, notification, signed

BODY = notification()


def test_a_signed_notification_is_accepted_and_recorded(shop: ShopBench) -> None:
    answer = shop.notify(BODY, signed(BODY))
    assert (answer.status_code, answer.content) == (204, b"")
    (message,) = shop.messages()
    assert message == {
        "line": "tickets",
        "webhook_id": "evt_1",
        "webhook_timestamp": str(NOW),
        "type": "order.paid",
        "order_id": "IDtickets-1",
        "out_order_no": "tickets-1",
        "verified": True,
        "reason": "",
        "received_at": "2026-01-01T04:00:00Z",
        "attempt": 1,
        "answered": 204,
        "body": message["body"],
    }
    assert message["body"]["data"]["state"] == "PAID"


def refusal(shop: ShopBench, body: bytes, headers: dict[str, str], line: str = "tickets") -> str:
    answer = shop.notify(body, headers, line)
    message = shop.messages()[-1]
    assert (answer.status_code, message["verified"], message["answered"]) == (401, False, 401)
    reason: str = message["reason"]
    return reason


def test_a_changed_body_is_refused(shop: ShopBench) -> None:
    changed = BODY.replace(b"12800", b"1")
    assert refusal(shop, changed, signed(BODY)) == "no signature matches"


def test_the_other_lines_secret_is_refused(shop: ShopBench) -> None:
    assert refusal(shop, BODY, signed(BODY, "hotel")) == "no signature matches"
    assert shop.notify(BODY, signed(BODY, "hotel"), "hotel").status_code == 204


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(shop: ShopBench, name: str) -> None:
    headers = signed(BODY)
    del headers[name]
    assert refusal(shop, BODY, headers)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_a_header_changed_afterwards_is_refused(shop: ShopBench, name: str) -> None:
    assert refusal(shop, BODY, signed(BODY) | {name: str(NOW + 1)}) == "no signature matches"


@pytest.mark.parametrize("timestamp", [NOW - 301, NOW + 301])
def test_a_notification_from_another_time_is_refused(shop: ShopBench, timestamp: int) -> None:
    reason = refusal(shop, BODY, signed(BODY, timestamp=timestamp))
    assert reason == "webhook-timestamp is too far from now"


def test_a_fast_clock_leaves_the_wire_its_real_seconds() -> None:
    shop = ShopBench(rate=60)
    assert shop.notify(BODY, signed(BODY, timestamp=NOW - 600)).status_code == 204
    assert shop.notify(BODY, signed(BODY, timestamp=NOW - 601)).status_code == 401
    shop.close()


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "１７６７２４００００", "9" * 30])
def test_a_timestamp_that_is_none_is_refused(shop: ShopBench, timestamp: str) -> None:
    headers = signed(BODY) | {"webhook-timestamp": timestamp}
    assert "timestamp" in refusal(shop, BODY, headers)


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,AAAA", "v2,{}", "v1a,{}", "{}"])
def test_a_signature_of_another_form_is_refused(shop: ShopBench, signature: str) -> None:
    good = signed(BODY)["webhook-signature"].removeprefix("v1,")
    assert refusal(shop, BODY, signed(BODY) | {"webhook-signature": signature.format(good)})


def test_one_good_signature_among_several_is_enough(shop: ShopBench) -> None:
    headers = signed(BODY)
    other = base64.b64encode(bytes(32)).decode()
    headers["webhook-signature"] = f"v1,{other} v1a,{other} {headers['webhook-signature']}"
    assert shop.notify(BODY, headers).status_code == 204


def test_a_body_that_is_no_text_is_refused(shop: ShopBench) -> None:
    assert "not UTF-8" in refusal(shop, b"\xff\xfe", signed(b"\xff\xfe"))


def test_an_unknown_line_has_no_hook(shop: ShopBench) -> None:
    assert shop.notify(BODY, signed(BODY), "spa").status_code == 404
    assert shop.messages() == []


def test_too_large_a_body_is_refused_unread(shop: ShopBench) -> None:
    assert shop.notify(b"x" * 70_000, signed(BODY)).status_code == 413


def test_messages_are_found_by_line_and_by_either_number(shop: ShopBench) -> None:
    for line, number in (("tickets", "t-1"), ("tickets", "t-2"), ("hotel", "h-1")):
        body = notification(number)
        shop.notify(body, signed(body, line), line)
    assert len(shop.messages(line="tickets")) == 2
    assert [m["out_order_no"] for m in shop.messages(order="t-2")] == ["t-2"]
    assert [m["out_order_no"] for m in shop.messages(order="IDh-1")] == ["h-1"]
    assert shop.messages(line="tickets", order="h-1") == []


def test_a_line_can_misbehave_for_some_times(shop: ShopBench) -> None:
    wish = {"line": "tickets", "status": 500, "times": 2, "headers": {"retry-after": "7"}}
    assert shop.post("/inbox/behaviour", json=wish).status_code == 204
    answers = [shop.notify(BODY, signed(BODY)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 204]
    assert answers[0].headers["retry-after"] == "7"
    assert [(m["attempt"], m["answered"]) for m in shop.messages()] == [
        (1, 500),
        (2, 500),
        (3, 204),
    ]
    assert shop.notify(BODY, signed(BODY, "hotel"), "hotel").status_code == 204


def test_a_forged_notification_does_not_use_up_a_misbehaviour(shop: ShopBench) -> None:
    shop.post("/inbox/behaviour", json={"line": "tickets", "status": 410})
    refusal(shop, BODY, signed(BODY, "hotel"))
    assert shop.notify(BODY, signed(BODY)).status_code == 410


def test_a_line_can_be_slow(shop: ShopBench) -> None:
    shop.post("/inbox/behaviour", json={"line": "hotel", "status": 204, "delay_seconds": 1})
    before = time.monotonic()
    assert shop.notify(BODY, signed(BODY, "hotel"), "hotel").status_code == 204
    assert time.monotonic() - before >= 1


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"line": "spa", "status": 500}, 404),
        ({"status": 500}, 404),
        ({"line": "hotel", "status": 99}, 400),
        ({"line": "hotel", "status": 600}, 400),
        ({"line": "hotel", "status": "many"}, 400),
        ({"line": "hotel", "times": -1}, 400),
        ([], 400),
    ],
)
def test_a_senseless_wish_is_refused(shop: ShopBench, wish: object, status: int) -> None:
    assert shop.post("/inbox/behaviour", json=wish).status_code == status


def test_people_read_the_inbox_in_both_languages(shop: ShopBench) -> None:
    body = notification("票-1")
    shop.notify(body, signed(body))
    shop.notify(body, signed(body, "hotel"))
    page = shop.get("/inbox").text
    for text in ("验签通过 verified", "拒绝 refused", "no signature matches", "evt_1", "票-1"):
        assert text in page
    wish = {"line": "hotel", "status": "503", "times": "1"}
    answer = shop.post("/inbox/behaviour", data=wish, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
