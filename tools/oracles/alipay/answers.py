"""Synchronous answers: signed by the other side, judged by an SDK and by our query; v2 in the body, v3 in headers."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Final

from paycenter.ports.channel import Account
from tools.oracles.alipay import account as accounts
from tools.oracles.checks import Side, payment
from tools.oracles.draw import Draw, altered
from tools.oracles.findings import ACCEPTED, REFUSED, Finding, verdict
from tools.oracles.ours import Ours

_METHOD: Final = "alipay.trade.query"
_MEMBER: Final = "alipay_trade_query_response"
_PLATFORM: Final = "alipay.platform"

type Bodies = Iterator[tuple[str, str, str]]


def v2_answers(side: Side, draw: Draw) -> Iterator[Finding]:
    """Answers as the gateway gives them and as somebody in between would change them."""
    if not side.talk.can("verify_answer"):
        return
    who, spki = accounts.account(side.keys), accounts.public(accounts.platform_key(side.keys))
    for case, body, right in [*_genuine(side, draw), *_forged(side, draw)]:
        theirs = side.talk.accepts("verify_answer", body=body, method=_METHOD, key=spki)
        ours = _believed(side, who, body.encode(), {})
        yield Finding(case=f"answer {case}", ours=ours, theirs=theirs, right=right)


def encrypted_answers(side: Side, draw: Draw) -> Iterator[Finding]:
    """Answers whose content an SDK encrypted."""
    if not side.talk.can("encrypt"):
        return
    aes = base64.b64encode(draw.octets(16)).decode()
    who = accounts.account(side.keys, aes)
    closed = json.dumps(side.talk.value("encrypt", text=_text(draw), key=aes))
    body = _whole(closed, _sign(side, closed))
    yield Finding(
        case="encrypted answer",
        ours=_believed(side, who, body.encode(), {}),
        theirs=ACCEPTED,
        right=ACCEPTED,
    )
    broken = _whole(altered(draw, closed), _sign(side, closed))
    ours = _believed(side, who, broken.encode(), {})
    yield Finding(
        case="encrypted answer with one byte altered", ours=ours, theirs=REFUSED, right=REFUSED
    )


def v3_answers(side: Side, draw: Draw) -> Iterator[Finding]:
    """Answers of the v3 dialect, their signature in headers."""
    if not side.talk.can("v3_answer"):
        return
    certified = accounts.certified(side, draw.under("certificates"))
    by_key, by_certificate = (
        accounts.account(side.keys, protocol="v3"),
        certified.account(protocol="v3"),
    )
    serial = side.talk.value("certificate_serial", pem=certified.alipay)
    text = _text(draw)
    good = _headers(side, draw, text)
    for case, who, headers, body, right in (
        ("as it comes", by_key, good, text, ACCEPTED),
        ("with a certificate", by_certificate, {**good, "alipay-sn": serial}, text, ACCEPTED),
        (
            "with another certificate",
            by_certificate,
            {**good, "alipay-sn": altered(draw, serial)},
            text,
            REFUSED,
        ),
        ("with one byte altered", by_key, good, altered(draw, text), REFUSED),
        ("with another nonce", by_key, {**good, "alipay-nonce": draw.token(32)}, text, REFUSED),
        (
            "with another moment",
            by_key,
            {**good, "alipay-timestamp": str(side.now * 1000 + 1)},
            text,
            REFUSED,
        ),
        ("signed by a stranger", by_key, _headers(side, draw, text, key="stranger"), text, REFUSED),
        ("signed with SHA-1", by_key, _headers(side, draw, text, sha1=True), text, REFUSED),
        ("without a signature", by_key, {**good, "alipay-signature": ""}, text, REFUSED),
    ):
        theirs = side.talk.value(
            "v3_answer",
            status=200,
            headers=headers,
            body=base64.b64encode(body.encode()).decode(),
            key=accounts.public(accounts.platform_key(side.keys)),
            serial=serial if who is by_certificate else "",
            encryptKey="",
        )
        ours = _believed(side, who, body.encode(), headers)
        yield Finding(
            case=f"v3 answer {case}", ours=ours, theirs=verdict(theirs != REFUSED), right=right
        )
    yield from _v3_encrypted(side, draw.under("encrypted"))


def _v3_encrypted(side: Side, draw: Draw) -> Iterator[Finding]:
    aes = base64.b64encode(draw.octets(16)).decode()
    who = accounts.account(side.keys, aes, protocol="v3")
    closed = side.talk.value("encrypt", text=_text(draw), key=aes)
    headers = _headers(side, draw, closed)
    theirs = side.talk.value(
        "v3_answer",
        status=200,
        headers=headers,
        body=base64.b64encode(closed.encode()).decode(),
        key=accounts.public(accounts.platform_key(side.keys)),
        serial="",
        encryptKey=aes,
    )
    ours = _believed(side, who, closed.encode(), headers)
    yield Finding(
        case="v3 answer, encrypted", ours=ours, theirs=verdict(theirs != REFUSED), right=ACCEPTED
    )


def _genuine(side: Side, draw: Draw) -> Bodies:
    text = _text(draw)
    sign = _sign(side, text)
    yield "as it comes", _whole(text, sign), ACCEPTED
    slashed = text.replace("/", "\\/")
    yield "with slashes escaped", _whole(slashed, _sign(side, slashed)), ACCEPTED
    yield "with slashes escaped and signed without", _whole(slashed, _sign(side, text)), ACCEPTED
    escaped = json.dumps(json.loads(text))
    yield "in ASCII with blanks", _whole(escaped, _sign(side, escaped)), ACCEPTED
    yield "with the signature first", f'{{"sign":"{sign}","{_MEMBER}":{text}}}', ACCEPTED
    yield "with blanks around", f'{{ "{_MEMBER}" : {text} , "sign" : "{sign}" }}', ACCEPTED
    braces = _text(draw, subject='}{"sign":"{}","' + _MEMBER + '":{')
    yield "with braces in a text", _whole(braces, _sign(side, braces)), ACCEPTED
    nested = _text(draw, sign="none", detail={"sign": "none", "a": [{}]})
    yield "with a sign inside", _whole(nested, _sign(side, nested)), ACCEPTED
    failed = json.dumps(
        {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST"}
    )
    yield "that refuses", _whole(failed, _sign(side, failed)), ACCEPTED
    yield (
        "of the gateway that refuses",
        _whole(failed, _sign(side, failed), "error_response"),
        ACCEPTED,
    )


def _forged(side: Side, draw: Draw) -> Bodies:
    text, other = _text(draw), _text(draw.under("other"))
    sign = _sign(side, text)
    yield "with one byte altered", _whole(altered(draw, text), sign), REFUSED
    yield "of another question", _whole(other, sign), REFUSED
    yield "signed by a stranger", _whole(text, _sign(side, text, "stranger")), REFUSED
    yield "signed with SHA-1", _whole(text, side.keys.get(_PLATFORM).sign_weakly(text)), REFUSED
    yield "without sign", f'{{"{_MEMBER}":{text}}}', REFUSED
    yield "with an empty sign", _whole(text, ""), REFUSED
    twice = f'{{"{_MEMBER}":{text},"{_MEMBER}":{other},"sign":"{sign}"}}'
    yield "that is there twice, the first one signed", twice, REFUSED
    twice = f'{{"{_MEMBER}":{other},"{_MEMBER}":{text},"sign":"{sign}"}}'
    yield "that is there twice, the last one signed", twice, REFUSED
    yield "to another method", _whole(text, sign, "alipay_trade_close_response"), REFUSED
    yield "with a name twice", _whole(*_twice(side, text)), REFUSED
    yield "with text behind it", _whole(text, sign) + "{}", REFUSED


def _twice(side: Side, text: str) -> tuple[str, str]:
    doubled = text[:-1] + ',"total_amount":"0.01"}'
    return doubled, _sign(side, doubled)


def _text(draw: Draw, **more: object) -> str:
    fields = {
        "code": "10000",
        "msg": "Success",
        "out_trade_no": draw.token(28),
        "trade_no": draw.digits(28),
        "trade_status": "TRADE_SUCCESS",
        "total_amount": f"{draw.number(0, 99999)}.{draw.number(10, 99)}",
        "send_pay_date": "2026-01-02 03:04:05",
        "subject": draw.odd_text(40),
        "link": "https://example/a/b",
        **more,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _whole(text: str, sign: str, member: str = _MEMBER) -> str:
    return f'{{"{member}":{text},"sign":"{sign}"}}'


def _headers(
    side: Side, draw: Draw, body: str, *, key: str = _PLATFORM, sha1: bool = False
) -> Mapping[str, str]:
    moment, nonce = str(side.now * 1000), draw.token(32)
    text = f"{moment}\n{nonce}\n{body}\n"
    sign = side.keys.get(key).sign_weakly(text) if sha1 else _sign(side, text, key)
    return {
        "content-type": "application/json;charset=utf-8",
        "alipay-timestamp": moment,
        "alipay-nonce": nonce,
        "alipay-signature": sign,
        "alipay-trace-id": draw.token(24),
    }


def _sign(side: Side, text: str, key: str = _PLATFORM) -> str:
    pair = side.keys.get(key)
    if side.talk.can("sign_text"):
        return str(side.talk.value("sign_text", text=text, key=pair.forms))
    return pair.sign(text)


def _believed(side: Side, who: Account, body: bytes, headers: Mapping[str, str]) -> str:
    ours = Ours(side.now)
    ours.answered(body, headers)
    answer = ours.strategies.query("alipay").execute(who, payment(Draw("any"), side.now, "qr"))
    return verdict(answer.code not in {"unverified", "unreadable_answer"})
