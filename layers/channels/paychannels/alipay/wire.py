"""OpenAPI v2 on the wire: a form posted to the gateway, one that a browser posts, an order string for an app."""

from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import quote, urlencode

from paycenter.ports.channel import Account, FormAction, Outcome
from paycenter.ports.transport import HttpRequest, HttpResponse
from paychannels import beijing
from paychannels.alipay import answers, calls, credentials, encryption, replies, signing
from paychannels.alipay.calls import Call
from paychannels.flow import Reply

_FORM_TYPE: Final = "application/x-www-form-urlencoded;charset=utf-8"
_IN_BODY: Final = ("biz_content", "app_auth_token")
_OK: Final = 200
_DONE: Final = "10000"
_BUSINESS_FAILURE: Final = "40004"
# Missing authorisation, missing or invalid argument, failed precondition, business failure, missing permission.
_DEFINITE: Final = frozenset({"20001", "40001", "40002", "40003", _BUSINESS_FAILURE, "40006"})


def parameters(account: Account, call: Call, now: int, *, return_url: str = "") -> dict[str, str]:
    """Return the parameters of a request, not yet signed; `now` in seconds since 1970 UTC."""
    own = credentials.own_serials(account) or ("", "")
    return {
        "app_id": account.settings["app_id"],
        "method": call.method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": signing.SIGN_TYPE,
        "timestamp": beijing.to_text(now),
        "version": "1.0",
        "notify_url": call.notify_url,
        "return_url": return_url,
        "app_auth_token": account.secrets.get("app_auth_token", ""),
        "app_cert_sn": own[0],
        "alipay_root_cert_sn": own[1],
        "biz_content": calls.text(call.content),
    }


def request(account: Account, call: Call, now: int) -> HttpRequest:
    """Return the signed request from server to server, its content encrypted where the account wants that."""
    params = parameters(account, call, now)
    if encryption.wanted(account):
        content = encryption.sealed(account, params["biz_content"])
        params |= {"encrypt_type": encryption.TYPE, "biz_content": content}
    address, fields = _split(account.settings["gateway"], signing.signed(params, _key(account)))
    return HttpRequest(
        method="POST",
        url=address,
        headers={"content-type": _FORM_TYPE},
        body=urlencode(fields).encode(),
    )


def read(account: Account, call: Call, response: HttpResponse) -> Reply:
    """Sort what came back into an outcome; only an answer that Alipay signed has fields."""
    if response.status != _OK:
        return replies.unbelieved(response, f"http_{response.status}")
    key_of = partial(credentials.platform_key, account)
    answer = answers.verified(response.body, call.method, key_of)
    if answer is None:
        return replies.unbelieved(response, "unverified")
    try:
        fields = _fields(account, answer)
    except (ValueError, RecursionError):
        return replies.unbelieved(response, "unreadable_answer")
    code, sub_code = replies.text(fields, "code"), replies.text(fields, "sub_code")
    words = replies.text(fields, "sub_msg") or replies.text(fields, "msg")
    return replies.believed(response, fields, classify(code, sub_code), sub_code or code, words)


def claimed(account: Account, call: Call, response: HttpResponse) -> Mapping[str, object]:
    """Return the fields of an answer that nobody has verified; raises ValueError (or RecursionError) for others."""
    return _fields(account, answers.cut(response.body, call.method))


def classify(code: str, sub_code: str) -> Outcome:
    """Sort a verified `code` and `sub_code`; what is not known to be definite is UNKNOWN."""
    if code == _DONE:
        return Outcome.DONE
    if replies.throttled(sub_code):
        return Outcome.NOT_EXECUTED
    if (
        code not in _DEFINITE
        or replies.ambiguous(sub_code)
        or (code == _BUSINESS_FAILURE and not replies.word(sub_code))
    ):
        return Outcome.UNKNOWN
    return Outcome.REFUSED


def evoked(account: Account, call: Call, now: int, *, return_url: str = "") -> dict[str, str]:
    """Return the signed parameters that evoke Alipay's cashier; they stay readable, for the payer's side carries them."""
    return signing.signed(parameters(account, call, now, return_url=return_url), _key(account))


def form(gateway: str, signed: Mapping[str, str]) -> FormAction:
    """Return the form that a browser posts: split as Alipay's SDKs do, the content in the body, the rest before.

    The gateway decodes the body with the `charset` that it finds in the address.
    """
    address, fields = _split(gateway, signed)
    return FormAction(url=address, fields=fields)


def order_string(signed: Mapping[str, str]) -> str:
    """Return what an app hands to Alipay's SDK unchanged: the signed parameters, each value encoded."""
    return urlencode(signed, quote_via=quote)


def _fields(account: Account, answer: answers.Answer) -> Mapping[str, object]:
    # Encrypted content is a text in the answer, in place of the object; errors of the gateway come in plain all the same.
    if isinstance(answer.value, str):
        return answers.fields_of(encryption.unsealed(account, answer.value))
    return answers.fields_of(answer.text)


def _split(gateway: str, signed: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    # Addresses end up in logs on the way: a token has no place in them.
    common = {name: value for name, value in signed.items() if name not in _IN_BODY}
    return f"{gateway}?{urlencode(common)}", {
        name: signed[name] for name in _IN_BODY if name in signed
    }


def _key(account: Account) -> str:
    return account.secrets["private_key"]
