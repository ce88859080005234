"""Answers and notices: signed by the command, judged by the command and by us; the certificate travels in the message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from paycenter.ports.channel import Account
from tools.oracles.checks import Side, payment
from tools.oracles.draw import Draw, Key, altered
from tools.oracles.findings import ACCEPTED, REFUSED, Finding, verdict
from tools.oracles.ours import Ours
from tools.oracles.unionpay import account as accounts
from tools.oracles.unionpay.account import Chain

type Fields = dict[str, str]

_CHANNEL: Final = "unionpay"
_FORTY_YEARS_SECONDS: Final = 40 * 365 * 86400
# The command issues certificates that begin at its own now.
_LATER_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What comes under a name, to which account, at which moment, and whether it is to be believed."""

    case: str
    fields: Fields
    right: str
    who: Account
    at: int
    # Put before the body, as somebody in between may.
    before: str = ""

    def body(self, kind: str) -> str:
        """Return the body of an answer, which nobody encodes, or of a notice."""
        whole = (
            urlencode(self.fields)
            if kind == "notice"
            else "&".join(f"{name}={value}" for name, value in self.fields.items())
        )
        return self.before + whole


def messages(side: Side, draw: Draw) -> Iterator[Finding]:
    """Answers and notices, genuine and forged."""
    trusted = accounts.chain(side.keys, draw.under("chain"))
    scene = Scene(side, draw, trusted)
    for message in [*_genuine(scene), *_forged(scene), *_strangers(scene)]:
        for kind in ("answer", "notice"):
            yield _judged(side, trusted, kind, message)


def _judged(side: Side, trusted: Chain, kind: str, message: Message) -> Finding:
    body, ours = message.body(kind), Ours(message.at)
    if kind == "notice":
        mine = ours.takes(message.who, {}, body.encode())
    else:
        ours.answered(body.encode(), {})
        asking = ours.strategies.query(_CHANNEL)
        answer = asking.execute(message.who, payment(Draw("any"), side.now, "gateway"))
        mine = verdict(answer.code != "unverified")
    theirs = side.talk.accepts(
        "verify_message",
        kind=kind,
        body=body,
        anchors=trusted.anchors,
        at=message.at,
        test=message.who.settings["environment"] == "test",
    )
    return Finding(case=f"{kind} {message.case}", ours=mine, theirs=theirs, right=message.right)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the messages of one round are made with."""

    side: Side
    draw: Draw
    trusted: Chain

    @property
    def key(self) -> Key:
        """Return UnionPay's key pair."""
        return accounts.unionpay_key(self.side.keys)

    def message(self, case: str, fields: Fields, right: str = REFUSED) -> Message:
        """Return a message to an account in production, now."""
        who = accounts.with_plain_key(self.side.keys, self.trusted)
        return Message(
            case=case, fields=fields, right=right, who=who, at=self.side.now + _LATER_SECONDS
        )

    def certificate(self, name: str = accounts.UNIONPAY, digest: str = "sha256") -> str:
        """Return a certificate of UnionPay's key under a name."""
        return self.trusted.issue(self.side, name, self.key, digest)

    def signed(self, fields: Fields, certificate: str, key: Key | None = None) -> Fields:
        """Return the fields with a certificate and a signature."""
        whole = {**fields, "signPubKeyCert": certificate}
        pem = (key or self.key).private_pem
        return {
            **whole,
            "signature": str(self.side.talk.value("sign_message", fields=whole, key=pem)),
        }


def _genuine(scene: Scene) -> Iterator[Message]:
    fields, certificate = _fields(scene.draw), scene.certificate()
    good = scene.signed(fields, certificate)
    yield scene.message("as it comes", good, ACCEPTED)
    yield scene.message("with empty fields that nobody signed", {"reserved": "", **good}, ACCEPTED)
    empty = scene.signed({**fields, "reserved": ""}, certificate)
    yield scene.message("with empty fields that are signed", empty, ACCEPTED)
    grouped = {**fields, "reserved": "{a=b&c=[d]=e}", "customerInfo": "[x=1&y=2]"}
    yield scene.message("with groups", scene.signed(grouped, certificate), ACCEPTED)
    rotated = scene.signed(
        fields, scene.trusted.issue(scene.side, accounts.UNIONPAY, _other(scene)), _other(scene)
    )
    yield scene.message("under a new certificate", rotated, ACCEPTED)
    trial = accounts.with_plain_key(scene.side.keys, scene.trusted, environment="test")
    test_platform = scene.certificate(accounts.TEST_PLATFORM)
    for case, one in (
        ("of the test platform", test_platform),
        (
            "of the test platform, issued with SHA-1",
            scene.certificate(accounts.TEST_PLATFORM, "sha1"),
        ),
    ):
        message = scene.message(case, scene.signed(fields, one), ACCEPTED)
        yield replace(message, who=trial)


def _forged(scene: Scene) -> Iterator[Message]:
    draw, side = scene.draw, scene.side
    fields, certificate = _fields(draw.under("forged")), scene.certificate()
    good = scene.signed(fields, certificate)
    changed = draw.one_of(["txnAmt", "orderId", "txnTime", "merId", "respCode"])
    yield scene.message("with one byte altered", {**good, changed: altered(draw, good[changed])})
    yield scene.message("with a field more", {**good, "payCardNo": "0"})
    yield scene.message("with a field less", {n: v for n, v in good.items() if n != "merId"})
    yield scene.message("without a signature", {n: v for n, v in good.items() if n != "signature"})
    bare = {n: v for n, v in good.items() if n != "signPubKeyCert"}
    yield scene.message("without a certificate", bare)
    yield replace(scene.message("with a field twice", good), before="txnAmt=1&")
    text = _joined(good)
    once = str(side.talk.value("sign_text", text=text, key=scene.key.private_pem))
    yield scene.message("signed over its text, not over the hash", {**good, "signature": once})
    weak = side.talk.value(
        "sign_text", text=_hex(side, text), key=scene.key.private_pem, digest="sha1"
    )
    yield scene.message("signed with SHA-1", {**good, "signature": str(weak)})
    old = scene.signed({**fields, "version": "5.0.0"}, certificate)
    yield scene.message("of version 5.0.0", old)
    says = scene.signed({**fields, "signMethod": "11"}, certificate)
    yield scene.message("signed by certificate, of another method", says)
    for method, name in (("11", "SHA-256"), ("12", "SM3")):
        # Whoever lets a message choose its method takes a hash over an empty key.
        downgraded = {**fields, "signMethod": method}
        keyed = side.talk.value("keyed_request", params=downgraded, secure_key="")
        yield scene.message(f"signed with {name} and an empty key", dict(keyed))


def _strangers(scene: Scene) -> Iterator[Message]:
    side, fields = scene.side, _fields(scene.draw.under("strangers"))
    stranger = side.keys.get("stranger")
    yield scene.message("signed by a stranger", scene.signed(fields, scene.certificate(), stranger))
    member = scene.trusted.issue(side, accounts.MEMBER, stranger)
    yield scene.message("of another member", scene.signed(fields, member, stranger))
    posing = scene.trusted.issue(side, "041@中国银联股份有限公司@某某商户有限公司@1", stranger)
    yield scene.message("of a member that poses", scene.signed(fields, posing, stranger))
    copied = accounts.chain(side.keys, scene.draw.under("copied"), forged=True)
    pem = copied.issue(side, accounts.UNIONPAY, stranger)
    yield scene.message("under copied names", scene.signed(fields, pem, stranger))
    two = scene.signed(fields, scene.certificate() + pem)
    yield scene.message("with two certificates", two)
    late = scene.message("under an expired certificate", scene.signed(fields, scene.certificate()))
    yield replace(late, at=side.now + _FORTY_YEARS_SECONDS)
    platform = scene.signed(fields, scene.certificate(accounts.TEST_PLATFORM))
    yield scene.message("of the test platform, in production", platform)
    weak = scene.signed(fields, scene.certificate(digest="sha1"))
    yield scene.message("whose certificate is issued with SHA-1, in production", weak)


def _fields(draw: Draw) -> Fields:
    return {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": "01",
        "txnSubType": "01",
        "bizType": "000201",
        "accessType": "0",
        "merId": accounts.MER_ID,
        "orderId": draw.token(28),
        "txnTime": "20260102030405",
        "txnAmt": draw.digits(7),
        "currencyCode": "156",
        "queryId": draw.digits(21),
        "respCode": "00",
        "respMsg": "成功[0000000]",
        "origRespCode": "00",
        "traceNo": draw.digits(6),
        "traceTime": "0102030405",
        # As base64 looks, which nobody encodes in an answer.
        "reqReserved": f"{draw.token(9)}+/{draw.token(5)}==",
    }


def _other(scene: Scene) -> Key:
    return scene.side.keys.get("unionpay.next")


def _joined(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature")


def _hex(side: Side, text: str) -> str:
    return str(side.talk.value("hash_text", text=text))
