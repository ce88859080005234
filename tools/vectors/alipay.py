"""Alipay's cases."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from paycenter.ports.channel import Account, RawCallback
from paychannels.alipay import answers, callbacks, signing, wire
from tools.vectors.cases import (
    ACCOUNT_ID,
    Case,
    Check,
    Keys,
    NotRun,
    Runner,
    StandingClock,
    stored_payment,
    verdict,
)


def alipay_request_sign(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign a request's parameters."""
    expect, private_key = case["expect"], keys["keys"][case["private_key"]]["private_pkcs8_pem"]
    yield "string_to_sign", expect["string_to_sign"], signing.request_text(case["params"])
    yield "sign", expect["sign"], signing.signed(case["params"], private_key)["sign"]


def alipay_response_verify(case: Case, keys: Keys) -> Iterator[Check]:
    """Cut an answer's signed text out and verify it."""
    expect, public_key = case["expect"], keys["keys"][case["public_key"]]["public_pem"]
    answer = answers.verified(case["raw_body"].encode(), case["api"], public_key)
    yield "verified", expect["verified"], answer is not None
    if "signed_text" in expect:
        yield "signed_text", expect["signed_text"], answer.text if answer else None


def alipay_evoke(case: Case, keys: Keys) -> Iterator[Check]:
    """Make the form that evokes the cashier; it carries what the sample carries, to the same address."""
    address, carried = _evoked(case)
    yield from alipay_request_sign(case, keys)
    private_key = keys["keys"][case["private_key"]]["private_pkcs8_pem"]
    form = wire.form(address, signing.signed(case["params"], private_key))
    yield "address", address, _address(form.url)
    yield "carried", sorted(carried), sorted([*_query(form.url), *form.fields.items()])


def alipay_notify(case: Case, keys: Keys) -> Iterator[Check]:
    """Take a notice for a stored order: verify, translate, bind, acknowledge."""
    expect, order = case["expect"], case["order"]
    account = Account(
        id=ACCOUNT_ID,
        channel="alipay",
        settings={"app_id": order["app_id"], "seller_id": order["seller_id"]},
        secrets={"alipay_public_key": keys["keys"][case["public_key"]]["public_pem"]},
    )
    taker, body = callbacks.strategy(StandingClock(0)), case["raw_body"].encode()
    raw = RawCallback(headers={"content-type": case["content_type"]}, body=body)
    said = verdict(taker, account, raw, stored_payment(order, "alipay"))
    answer = taker.acknowledge(accepted=not said.startswith("REJECT"))
    yield "signature_valid", expect["signature_valid"], said != "REJECT_SIGNATURE"
    yield "verdict", expect["verdict"], said
    yield "acknowledge", expect["acknowledge"], answer == taker.acknowledge(accepted=True)
    if "signed_text" in expect:
        fields = dict(parse_qsl(case["raw_body"], keep_blank_values=True))
        text = signing.notice_text(fields, account.secrets["alipay_public_key"])
        yield "signed_text", expect["signed_text"], text


def _evoked(case: Case) -> tuple[str, list[tuple[str, str]]]:
    match case["kind"]:
        case "redirect_url":
            return _address(case["url"]), _query(case["url"])
        case "auto_submit_form":
            return _address(case["form_action"]), [
                *_query(case["form_action"]),
                *case["form_inputs"].items(),
            ]
        case other:
            raise NotRun(other)


def _address(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


RUNNERS: Final[Mapping[str, Runner]] = {
    "alipay_request_sign": alipay_request_sign,
    "alipay_response_verify": alipay_response_verify,
    "alipay_notify": alipay_notify,
    "alipay_evoke": alipay_evoke,
}
