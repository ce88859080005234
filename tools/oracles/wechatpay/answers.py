"""Answers and notices, which WeChat signs alike, and the certificates that it signs them with."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from paycenter.ports.channel import Outcome
from tools.oracles.checks import Side, payment
from tools.oracles.draw import Draw, altered
from tools.oracles.findings import ACCEPTED, REFUSED, Finding, verdict
from tools.oracles.ours import Ours
from tools.oracles.wechatpay import account as accounts
from tools.oracles.wechatpay.account import Forgery, World

type Headers = dict[str, str]
# A message's name, its headers and body, and whether it is to be believed.
type Message = tuple[str, Headers, str, str]

_CHANNEL: Final = "wechatpay"
_PROBE: Final = "WECHATPAY/SIGNTEST/"
# Well outside the window of 300 s, whatever time a run takes.
_STALE_SECONDS: Final = 2000


def answers(side: Side, draw: Draw) -> Iterator[Finding]:
    """Answers in both modes, genuine and forged."""
    for mode, world in _worlds(side, draw):
        number = draw.token(28)
        for case, headers, body, right in _messages(side, world, _transaction(draw, number), draw):
            ours = _believed(side, world, number, headers, body)
            theirs = _judged(side, world, headers, body)
            yield Finding(case=f"answer {case}", ours=ours, theirs=theirs, right=right, mode=mode)
    yield from _empty(side, draw)


def _empty(side: Side, draw: Draw) -> Iterator[Finding]:
    # A close is answered by 204 without a body, signed over an empty text.
    world, ours = accounts.by_key(side.keys), Ours(side.now)
    headers = accounts.signed(side, world, "", draw)
    ours.answered(b"", headers, status=204)
    closing = ours.strategies.close(_CHANNEL)
    outcome = closing.execute(world.account, payment(draw, side.now, "native")).outcome
    theirs = _judged(side, world, headers, "", status=204)
    mine = verdict(outcome is Outcome.DONE)
    yield Finding(case="answer without a body", ours=mine, theirs=theirs, right=ACCEPTED)


def notices(side: Side, draw: Draw) -> Iterator[Finding]:
    """Notices in both modes, genuine and forged, and what is sealed in them."""
    for mode, world in _worlds(side, draw):
        notice = _notice(side, draw)
        for message in _messages(side, world, notice, draw):
            yield _taken(side, world, mode, message)
        for case, body, right in _sealed(side, draw):
            headers = accounts.signed(side, world, body, draw)
            yield _taken(side, world, mode, (case, headers, body, right))


def _taken(side: Side, world: World, mode: str, message: Message) -> Finding:
    case, headers, body, right = message
    fields = Ours(side.now).fields(world.account, headers, body.encode())
    theirs = side.talk.value(
        "verify_notice",
        headers=headers,
        body=body,
        keys=world.known,
        apiv3_key=accounts.APIV3_KEY,
    )
    ours = fields["resource"] if fields else REFUSED
    # Some give nothing back instead of an error.
    said = REFUSED if theirs in (None, REFUSED) else ACCEPTED
    if ours != REFUSED and said == ACCEPTED:
        # Both opened it: then both must have read the same.
        said = verdict(ours == _whole(theirs))
    mine = verdict(ours != REFUSED)
    return Finding(case=f"notice {case}", ours=mine, theirs=said, right=right, mode=mode)


def _whole(opened: Any) -> Any:  # noqa: ANN401 - JSON
    # One SDK reads all numbers as doubles.
    return json.loads(json.dumps(opened), parse_float=lambda text: int(float(text)))


def downloads(side: Side, draw: Draw) -> Iterator[Finding]:
    """Take a download of certificates, sealed and signed by an SDK; one reads it as well."""
    if not side.talk.can("seal") and not side.talk.can("certificates"):
        return
    world = accounts.by_certificate(side.keys, draw.under("certificate"))
    serial, pem = world.serial, world.known[world.serial]["certificate"]
    item = {
        "serial_no": serial,
        "effective_time": "2020-01-01T00:00:00+08:00",
        "expire_time": "2049-12-31T00:00:00+08:00",
        "encrypt_certificate": _resource(side, draw, pem, "certificate"),
    }
    body = json.dumps({"data": [item]})
    ours = Ours(side.now)
    ours.answered(body.encode(), accounts.signed(side, world, body, draw))
    fetching = ours.strategies.material(_CHANNEL)
    assert fetching is not None  # noqa: S101 - this channel has it
    material = fetching.execute(world.account).material
    theirs = (
        side.talk.value("certificates", body=body, apiv3_key=accounts.APIV3_KEY)
        if side.talk.can("certificates")
        else [serial]
    )
    yield Finding(case="downloaded certificates", ours=[*material], theirs=theirs)


def _worlds(side: Side, draw: Draw) -> Iterator[tuple[str, World]]:
    yield "public key", accounts.by_key(side.keys)
    yield "certificate", accounts.by_certificate(side.keys, draw.under("certificate"))


def _messages(side: Side, world: World, body: str, draw: Draw) -> Iterator[Message]:
    good = accounts.signed(side, world, body, draw)
    yield "as it comes", good, body, ACCEPTED
    unnamed = {name: value for name, value in good.items() if name != "wechatpay-signature-type"}
    yield "without its algorithm's name", unnamed, body, ACCEPTED
    yield "with one byte altered", good, altered(draw, body), REFUSED
    yield "with another nonce", {**good, "wechatpay-nonce": draw.token(32)}, body, REFUSED
    later = str(int(good["wechatpay-timestamp"]) + 1)
    yield "with another moment", {**good, "wechatpay-timestamp": later}, body, REFUSED
    yield (
        "that names another algorithm",
        {**good, "wechatpay-signature-type": "RSA-SHA1"},
        body,
        REFUSED,
    )
    for name in ("timestamp", "nonce", "serial", "signature"):
        yield f"without its {name}", {**good, f"wechatpay-{name}": ""}, body, REFUSED
    probe = {**good, "wechatpay-signature": _PROBE + good["wechatpay-signature"]}
    yield "that probes us", probe, body, REFUSED
    yield from _wrongly_signed(side, world, body, draw)


def _wrongly_signed(side: Side, world: World, body: str, draw: Draw) -> Iterator[Message]:
    forgeries = {
        "signed by a stranger": Forgery(key=side.keys.get("stranger")),
        "signed with SHA-1": Forgery(sha1=True),
        "under an unknown serial": Forgery(serial=f"{draw.number(1, 16**39):040X}"),
        "under an unknown public key": Forgery(serial="PUB_KEY_ID_7"),
        "too old": Forgery(timestamp=str(side.now - _STALE_SECONDS)),
        "too early": Forgery(timestamp=str(side.now + _STALE_SECONDS)),
        "of no moment": Forgery(timestamp="now"),
    }
    for case, forgery in forgeries.items():
        yield case, accounts.signed(side, world, body, draw, forgery), body, REFUSED


def _sealed(side: Side, draw: Draw) -> Iterator[tuple[str, str, str]]:
    text = _transaction(draw, draw.token(28))
    good = _resource(side, draw, text, "transaction")
    yield "with empty additional data", _enveloped(draw, _resource(side, draw, text, "")), ACCEPTED
    absent = _resource(side, draw, text, "")
    del absent["associated_data"]
    yield "without additional data", _enveloped(draw, absent), ACCEPTED
    ciphertext = good["ciphertext"]
    yield (
        "with one bit flipped",
        _enveloped(draw, {**good, "ciphertext": _flipped(text, ciphertext)}),
        REFUSED,
    )
    yield "with a cut tag", _enveloped(draw, {**good, "ciphertext": _cut(ciphertext)}), REFUSED
    yield (
        "with other additional data",
        _enveloped(draw, {**good, "associated_data": "refund"}),
        REFUSED,
    )
    yield "with another inner nonce", _enveloped(draw, {**good, "nonce": draw.token(12)}), REFUSED
    yield (
        "sealed by another algorithm",
        _enveloped(draw, {**good, "algorithm": "AEAD_SM4_GCM"}),
        REFUSED,
    )
    doubled = text[:-1] + ', "out_trade_no": "OTHER"}'
    twice = _resource(side, draw, doubled, "transaction")
    yield "with a name twice inside", _enveloped(draw, twice), REFUSED
    other = AESGCM(draw.octets(32)).encrypt(good["nonce"].encode(), text.encode(), b"transaction")
    yield (
        "sealed under another key",
        _enveloped(draw, {**good, "ciphertext": _base64(other)}),
        REFUSED,
    )


def _flipped(text: str, ciphertext: str) -> str:
    # The cipher is a stream: a digit becomes its neighbour, and who does not look at the tag reads another number.
    octets = bytearray(base64.b64decode(ciphertext))
    octets[len(text[: text.index("transaction_id") + len("transaction_id") + 4].encode())] ^= 1
    return _base64(bytes(octets))


def _cut(ciphertext: str) -> str:
    return _base64(base64.b64decode(ciphertext)[:-4])


def _notice(side: Side, draw: Draw) -> str:
    text = _transaction(draw, draw.token(28))
    return _enveloped(draw, _resource(side, draw, text, "transaction"))


def _enveloped(draw: Draw, resource: Mapping[str, str]) -> str:
    return json.dumps(
        {
            "id": draw.token(36),
            "create_time": "2026-01-02T03:04:05+08:00",
            "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS",
            "summary": "支付成功",
            "resource": {"original_type": "transaction", **resource},
        },
        ensure_ascii=False,
    )


def _resource(side: Side, draw: Draw, text: str, associated_data: str) -> dict[str, str]:
    nonce = draw.token(12)
    ciphertext = (
        side.talk.value(
            "seal",
            text=text,
            nonce=nonce,
            associated_data=associated_data,
            apiv3_key=accounts.APIV3_KEY,
        )
        if side.talk.can("seal")
        else _base64(
            AESGCM(accounts.APIV3_KEY.encode()).encrypt(
                nonce.encode(), text.encode(), associated_data.encode()
            )
        )
    )
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": str(ciphertext),
        "associated_data": associated_data,
        "nonce": nonce,
    }


def _transaction(draw: Draw, number: str) -> str:
    total = draw.number(1, 10_000_000)
    return json.dumps(
        {
            "appid": accounts.APPID,
            "mchid": accounts.MCHID,
            "out_trade_no": number,
            "transaction_id": draw.digits(28),
            "trade_type": "NATIVE",
            "trade_state": "SUCCESS",
            "trade_state_desc": draw.odd_text(),
            "success_time": "2026-01-02T03:04:05+08:00",
            "amount": {"total": total, "payer_total": total, "currency": "CNY"},
        },
        ensure_ascii=False,
    )


def _judged(side: Side, world: World, headers: Headers, body: str, status: int = 200) -> str:
    return side.talk.accepts(
        "verify_answer",
        status=status,
        headers=headers,
        body=body,
        keys=world.known,
        key=accounts.merchant_key(side.keys).forms,
    )


def _believed(side: Side, world: World, number: str, headers: Headers, body: str) -> str:
    ours = Ours(side.now)
    ours.answered(body.encode(), headers)
    asked = payment(Draw("any"), side.now, "native", payment_no=number)
    answer = ours.strategies.query(_CHANNEL).execute(world.account, asked)
    return verdict(answer.outcome is Outcome.DONE)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
