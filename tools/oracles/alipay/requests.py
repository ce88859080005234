"""What we sign for Alipay, signed by an SDK as well: v2 requests, forms, order strings, v3, serials, encrypted content."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import Account, AppAction, FormAction
from tools.oracles.alipay import account as accounts
from tools.oracles.checks import Side, payment, refund
from tools.oracles.draw import Draw
from tools.oracles.findings import ACCEPTED, Finding
from tools.oracles.ours import Ours, parameters

type Step = Callable[[Ours, Account, Draw], object]

_BILL_DAY: Final = "2026-01-02"
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
# Each sends one request.
STEPS: Final[Mapping[str, Step]] = {
    "precreate": lambda ours, who, draw: ours.strategies.create("alipay").execute(
        who, payment(draw, ours.now, "qr")
    ),
    "query": lambda ours, who, draw: ours.strategies.query("alipay").execute(
        who, payment(draw, ours.now, "qr")
    ),
    "close": lambda ours, who, draw: ours.strategies.close("alipay").execute(
        who, payment(draw, ours.now, "qr")
    ),
    "refund": lambda ours, who, draw: ours.strategies.refund("alipay").execute(
        who, refund(draw, ours.now, "qr")
    ),
    "refund query": lambda ours, who, draw: ours.strategies.query_refund("alipay").execute(
        who, refund(draw, ours.now, "qr")
    ),
    "bill": lambda ours, who, _draw: ours.strategies.bills("alipay").download(
        who, _BILL_DAY, BillKind.TRADES
    ),
}


def v2_requests(side: Side, draw: Draw) -> Iterator[Finding]:
    """Every operation's request: the SDK signs the same parameters alike, and takes ours for signed."""
    key = accounts.app_key(side.keys)
    certified = accounts.certified(side, draw.under("certificates"))
    for mode, who in (
        ("", accounts.account(side.keys)),
        (" with certificates", certified.account()),
    ):
        for name, step in STEPS.items():
            params = _sent(side, who, step, draw.under(name))
            yield from _signed_alike(side, f"v2 {name}{mode}", params, key.forms)


def _signed_alike(
    side: Side, case: str, params: Mapping[str, str], key: Mapping[str, str]
) -> Iterator[Finding]:
    unsigned = {name: value for name, value in params.items() if name != "sign"}
    if side.talk.can("sign_request"):
        theirs = side.talk.value("sign_request", params=unsigned, key=key)
        yield Finding(case=f"{case}: signature", ours=params["sign"], theirs=theirs)
    if side.talk.can("verify_request"):
        said = side.talk.accepts("verify_request", params=params, key={"spki": key["spki"]})
        yield Finding(case=f"{case}: verified", ours=ACCEPTED, theirs=said)


def evoking(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare what opens the cashier: the form of page and wap, the order string of an app."""
    who, key = accounts.account(side.keys), accounts.app_key(side.keys)
    for product in ("page", "wap"):
        if side.talk.can("form"):
            yield from _form(side, who, product, draw.under(product))
    if side.talk.can("order_string"):
        action = _evoked(side, who, "app", draw.under("app"))
        assert isinstance(action, AppAction)  # noqa: S101 - what the port says of this product
        ours = dict(parse_qsl(action.order_string))
        unsigned = {name: value for name, value in ours.items() if name != "sign"}
        text = side.talk.value("order_string", params=unsigned, key=key.forms)
        yield Finding(case="order string", ours=ours, theirs=dict(parse_qsl(text)))


def _form(side: Side, who: Account, product: str, draw: Draw) -> Iterator[Finding]:
    # The SDKs write `biz_content` themselves, some escaping what HTML knows: the subject here has none of that.
    action = _evoked(side, who, product, draw, subject="Two tickets 两张门票")
    assert isinstance(action, FormAction)  # noqa: S101 - what the port says of these products
    ours = Form("post", action.url, action.fields)
    unsigned = {name: value for name, value in ours.parameters.items() if name != "sign"}
    key = accounts.app_key(side.keys)
    html = side.talk.value("form", gateway=accounts.GATEWAY, params=unsigned, key=key.forms)
    theirs = Form.read(html)
    yield Finding(case=f"{product} form: gateway", ours=ours.gateway, theirs=theirs.gateway)
    yield Finding(case=f"{product} form: address", ours=ours.in_address, theirs=theirs.in_address)
    yield Finding(case=f"{product} form: fields", ours=ours.in_body, theirs=theirs.in_body)


def serials(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare serials: certificates with usual and unusual issuers, bundles with and without blank lines."""
    if not side.talk.can("certificate_serial"):
        return
    names = {
        "usual issuer": accounts.USUAL_NAME,
        "issuer in Chinese": (("C", "CN"), ("O", "蚂蚁金服"), ("OU", "认证中心"), ("CN", "根 R1")),
        "issuer with place": (
            *accounts.USUAL_NAME[:2],
            ("ST", "Zhejiang"),
            ("L", "Hangzhou"),
            ("CN", "R1"),
        ),
        "issuer with a comma": (("C", "CN"), ("O", "Ant, Inc."), ("OU", "CA"), ("CN", "R1 + R2")),
        "issuer in another order": (("CN", "R1"), ("OU", "CA"), ("O", "Ant"), ("C", "CN")),
    }
    for case, name in names.items():
        yield from _serials(side, case, accounts.certified(side, draw.under(case), name))
    dense = accounts.certified(side, draw.under("dense"), blank="")
    yield from _serials(side, "bundle without blank lines", dense)


def _serials(side: Side, case: str, certified: accounts.Certified) -> Iterator[Finding]:
    sent = _sent(side, certified.account(), STEPS["query"], Draw("any"))
    theirs = side.talk.value("certificate_serial", pem=certified.own)
    yield Finding(case=f"serial, {case}", ours=sent["app_cert_sn"], theirs=theirs)
    theirs = side.talk.value("root_serial", pem=certified.bundle)
    yield Finding(case=f"root serial, {case}", ours=sent["alipay_root_cert_sn"], theirs=theirs)


def encrypted(side: Side, draw: Draw) -> Iterator[Finding]:
    """Encrypted content: an SDK opens ours and finds what an account without encryption sends."""
    aes = base64.b64encode(draw.octets(16)).decode()
    plain, sealed = accounts.account(side.keys), accounts.account(side.keys, aes)
    for name, step in STEPS.items():
        text = _sent(side, plain, step, draw.under(name))["biz_content"]
        params = _sent(side, sealed, step, draw.under(name))
        if side.talk.can("decrypt"):
            opened = side.talk.value("decrypt", text=params["biz_content"], key=aes)
            yield Finding(case=f"encrypted {name}: opened", ours=text, theirs=opened)
        if side.talk.can("encrypt"):
            closed = side.talk.value("encrypt", text=text, key=aes)
            yield Finding(
                case=f"encrypted {name}: closed", ours=params["biz_content"], theirs=closed
            )


def v3_requests(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare the v3 dialect: with our moment and nonce an SDK sends the same headers and the same body."""
    if not side.talk.can("v3_request"):
        return
    certified = accounts.certified(side, draw.under("certificates"))
    aes = base64.b64encode(draw.octets(16)).decode()
    for mode, who in (
        ("", accounts.account(side.keys, protocol="v3")),
        (" with certificates", certified.account(protocol="v3")),
        (", encrypted", accounts.account(side.keys, aes, protocol="v3")),
    ):
        for name, step in STEPS.items():
            yield from _v3_alike(side, f"v3 {name}{mode}", who, step, draw.under(name))


def _v3_alike(side: Side, case: str, who: Account, step: Step, draw: Draw) -> Iterator[Finding]:
    ours = Ours(side.now)
    step(ours, who, draw)
    request = ours.sent
    parts = urlsplit(request.url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    auth = dict(
        item.split("=", 1) for item in request.headers["authorization"].split(" ")[1].split(",")
    )
    aes, body = who.secrets.get("encryption_key", ""), request.body.decode()
    serials_ = (
        {"app": auth["app_cert_sn"], "root": request.headers["alipay-root-cert-sn"]}
        if "app_cert_sn" in auth
        else None
    )
    theirs = side.talk.value(
        "v3_request",
        key=accounts.app_key(side.keys).forms,
        app_id=accounts.APP_ID,
        serials=serials_,
        nonce=auth["nonce"],
        milliseconds=int(auth["timestamp"]),
        method=request.method,
        target=target,
        body=side.talk.value("decrypt", text=body, key=aes) if aes and body else body,
        encryptKey=aes,
    )
    compared = ("authorization", "content-type", "alipay-root-cert-sn", "alipay-encrypt-type")
    for header in compared:
        yield Finding(
            case=f"{case}: {header}",
            ours=request.headers.get(header),
            theirs=theirs["headers"].get(header),
        )
    yield Finding(case=f"{case}: body", ours=body, theirs=theirs["body"])
    yield Finding(
        case=f"{case}: target",
        ours=(request.method, target),
        theirs=(theirs["method"], theirs["target"]),
    )


def _sent(side: Side, who: Account, step: Step, draw: Draw) -> dict[str, str]:
    ours = Ours(side.now)
    step(ours, who, draw)
    return parameters(ours.sent)


def _evoked(side: Side, who: Account, product: str, draw: Draw, **changes: object) -> object:
    creating = Ours(side.now).strategies.create("alipay")
    return creating.execute(who, payment(draw, side.now, product, **changes)).action


@dataclass(frozen=True, slots=True)
class Form:
    """A form that opens the cashier: how and where it leads, and its fields."""

    method: str
    address: str
    fields: Mapping[str, str]

    @classmethod
    def read(cls, html: str) -> "Form":
        """Return the form of a page, read as a browser does: `&times` in an attribute begins no entity."""
        return cls(
            _attribute(html, "method").lower(),
            _attribute(html, "action"),
            {_plain(name): _plain(value) for name, value in _HIDDEN.findall(html)},
        )

    @property
    def gateway(self) -> tuple[str, str]:
        """Return how and where, without parameters."""
        return self.method, self.address.partition("?")[0]

    @property
    def parameters(self) -> dict[str, str]:
        """Return all parameters, wherever they stand."""
        return {**dict(parse_qsl(urlsplit(self.address).query)), **self.fields}

    @property
    def in_address(self) -> dict[str, str]:
        """Return those in the address. One SDK signs its own name too, so the signatures are compared elsewhere."""
        query = dict(parse_qsl(urlsplit(self.address).query))
        return {name: value for name, value in query.items() if name not in {"sign", "alipay_sdk"}}

    @property
    def in_body(self) -> dict[str, object]:
        """Return those in the body, the content as JSON: one SDK loses the order of its members."""
        fields = {name: value for name, value in self.fields.items() if name != "alipay_sdk"}
        return {**fields, "biz_content": json.loads(fields["biz_content"])}


def _attribute(html: str, name: str) -> str:
    found = re.search(rf'<form[^>]* {name}="([^"]*)"', html)
    return _plain(found[1]) if found else ""


def _plain(value: str) -> str:
    return re.sub(r"&(?:quot|amp|lt|gt|#39);", lambda entity: unescape(entity[0]), value)
