"""OpenAPI v3 on the wire: paths, JSON bodies, and signatures in headers, over the bytes as they are sent."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.transport import HttpRequest, HttpResponse
from paychannels import rsa
from paychannels.alipay import answers, calls, credentials, encryption, replies
from paychannels.alipay.calls import Call
from paychannels.flow import Reply

SCHEME: Final = "ALIPAY-SHA256withRSA"
_GET: Final = frozenset({calls.BILL_ADDRESS})
_OK: Final = 200
_THROTTLED: Final = 429
# Parameter or business failure, authentication, permission, no such interface.
_DEFINITE: Final = frozenset({400, 401, 403, 404})
_SIGNED: Final = ("alipay-timestamp", "alipay-nonce")
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


def request(account: Account, call: Call, now_ms: int) -> HttpRequest:
    """Return the signed request, its body encrypted where the account wants that; `now_ms` since 1970 UTC.

    The nonce is made of the moment and what is asked: it need be unique, not secret.
    """
    verb, path, body, headers = _asked(account, call)
    token = account.secrets.get("app_auth_token", "")
    nonce = hashlib.sha256(f"{now_ms}\n{path}\n{body}".encode()).hexdigest()[:32]
    own = credentials.own_serials(account)
    fields = {
        "app_id": account.settings["app_id"],
        **({"app_cert_sn": own[0]} if own else {}),
        "nonce": nonce,
        "timestamp": str(now_ms),
    }
    text = text_to_sign(auth_string(fields), verb, path, body, token)
    return HttpRequest(
        method=verb,
        url=_origin(account.settings["gateway"]) + path,
        headers={
            **headers,
            "accept": "application/json",
            "alipay-request-id": nonce,
            **({"alipay-root-cert-sn": own[1]} if own else {}),
            **({"alipay-app-auth-token": token} if token else {}),
            "authorization": authorization(
                auth_string(fields), text, account.secrets["private_key"]
            ),
        },
        body=body.encode(),
    )


def auth_string(fields: Mapping[str, str]) -> str:
    """Return who asks and when, as the signature and the header both hold it; the order is the given one."""
    return ",".join(f"{name}={value}" for name, value in fields.items())


def text_to_sign(auth: str, verb: str, path: str, body: str, token: str = "") -> str:
    """Return the text to sign; `path` with its query exactly as sent, `token` only where it is sent too."""
    lines = [auth, verb, path, body, *([token] if token else [])]
    return "".join(f"{line}\n" for line in lines)


def authorization(auth: str, text: str, private_key: str) -> str:
    """Return the `Authorization` header; raises UnreadableKey."""
    return f"{SCHEME} {auth},sign={rsa.sign(private_key, text.encode())}"


def verified(account: Account, response: HttpResponse) -> bool:
    """Tell whether Alipay signed this answer, with a key that the account believes."""
    headers = response.headers
    key = credentials.platform_key(account, headers.get("alipay-sn", ""))
    if key is None or not all(_HEADER_VALUE.fullmatch(headers.get(name, "")) for name in _SIGNED):
        return False
    before = "".join(f"{headers[name]}\n" for name in _SIGNED)
    data = before.encode() + response.body + b"\n"
    return rsa.verify(key, data, headers.get("alipay-signature", ""))


def read(account: Account, _call: Call, response: HttpResponse) -> Reply:
    """Sort what came back into an outcome; only an answer that Alipay signed has fields, a refusal too."""
    if not verified(account, response):
        code = "unverified" if response.status == _OK else f"http_{response.status}"
        return replies.unbelieved(response, code)
    try:
        fields = _fields(account, response.body.decode())
    except (ValueError, RecursionError):
        return replies.unbelieved(response, "unreadable_answer")
    code = replies.text(fields, "code")
    return replies.believed(
        response,
        fields,
        classify(response.status, code),
        code or f"http_{response.status}",
        replies.text(fields, "message"),
    )


def classify(status: int, code: str) -> Outcome:
    """Sort a verified answer by its status and `code`; what is not known to be definite is UNKNOWN.

    202 says that the call was accepted and is still under way.
    """
    if status == _OK:
        return Outcome.DONE
    if status == _THROTTLED or replies.throttled(code):
        return Outcome.NOT_EXECUTED
    if status not in _DEFINITE or not code or replies.ambiguous(code):
        return Outcome.UNKNOWN
    return Outcome.REFUSED


def _asked(account: Account, call: Call) -> tuple[str, str, str, dict[str, str]]:
    # A method's path is its name, and what a v2 request holds beside its content goes into the body.
    path = f"/v3/{call.method.replace('.', '/')}"
    if call.method in _GET:
        return "GET", f"{path}?{urlencode(call.content)}", "", {}
    body = calls.text({**call.content, "notify_url": call.notify_url})
    if not encryption.wanted(account):
        return "POST", path, body, {"content-type": "application/json"}
    headers = {"content-type": "text/plain", "alipay-encrypt-type": encryption.TYPE}
    return "POST", path, encryption.sealed(account, body), headers


def _fields(account: Account, body: str) -> Mapping[str, object]:
    # Base64 never begins like an object does; errors, and what was asked without a body, come in plain.
    return answers.fields_of(body if body.startswith("{") else encryption.unsealed(account, body))


def _origin(gateway: str) -> str:
    # Both dialects live on one host.
    parts = urlsplit(gateway)
    return f"{parts.scheme}://{parts.netloc}"
