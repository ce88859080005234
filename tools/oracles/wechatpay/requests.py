"""What we sign for WeChat, signed by an SDK as well: requests, and what the payer's app is handed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import Account, AppAction, JsapiAction, Payer
from paychannels.wechatpay import ciphers
from tools.oracles.checks import Side, payment, refund
from tools.oracles.draw import Draw
from tools.oracles.findings import Finding
from tools.oracles.ours import Ours
from tools.oracles.wechatpay import account as accounts

type Step = Callable[[Ours, Account, Draw], object]

_CHANNEL: Final = "wechatpay"
_BILL_DAY: Final = "2026-01-02"
_PAYER: Final = Payer(
    payer_id="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", client_address="192.0.2.1", system="ios"
)
_PART: Final = re.compile(r'([a-z_]+)="([^"]*)"')


def _creating(product: str) -> Step:
    return lambda ours, who, draw: ours.strategies.create(_CHANNEL).execute(
        who, payment(draw, ours.now, product, payer=_PAYER)
    )


# Each sends one request.
STEPS: Final[Mapping[str, Step]] = {
    **{product: _creating(product) for product in ("native", "jsapi", "h5", "app")},
    "query": lambda ours, who, draw: ours.strategies.query(_CHANNEL).execute(
        who, payment(draw, ours.now, "native")
    ),
    "close": lambda ours, who, draw: ours.strategies.close(_CHANNEL).execute(
        who, payment(draw, ours.now, "native")
    ),
    "refund": lambda ours, who, draw: ours.strategies.refund(_CHANNEL).execute(
        who, refund(draw, ours.now, "native")
    ),
    "refund query": lambda ours, who, draw: ours.strategies.query_refund(_CHANNEL).execute(
        who, refund(draw, ours.now, "native")
    ),
    "bill": lambda ours, who, _draw: ours.strategies.bills(_CHANNEL).download(
        who, _BILL_DAY, BillKind.TRADES
    ),
}


def requests(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare every operation's request: with our moment and nonce an SDK authorises the same."""
    who = accounts.by_key(side.keys).account
    for name, step in STEPS.items():
        ours = Ours(side.now)
        step(ours, who, draw.under(name))
        request = ours.sent
        parts = urlsplit(request.url)
        scheme, mine = _authorization(request.headers["authorization"])
        theirs = side.talk.value(
            "authorization",
            mchid=accounts.MCHID,
            serial=accounts.MERCHANT_SERIAL,
            key=accounts.merchant_key(side.keys).forms,
            method=request.method,
            target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
            body=request.body.decode(),
            timestamp=int(mine["timestamp"]),
            nonce=mine["nonce_str"],
        )
        said = _authorization(theirs["header"])
        yield Finding(case=f"{name}: authorization", ours=(scheme, mine), theirs=said)
        yield Finding(case=f"{name}: body", ours=request.body.decode(), theirs=theirs["body"])


def payers(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare what evokes the payer's app, on a page inside WeChat and from an app."""
    for product in ("jsapi", "app"):
        prepay_id = f"wx{draw.token(34)}"
        parameters = _evoked(side, product, prepay_id, draw.under(product))
        signature = side.talk.value(
            product,
            appid=accounts.APPID,
            timestamp=parameters.get("timeStamp") or parameters["timestamp"],
            nonce=parameters.get("nonceStr") or parameters["noncestr"],
            prepay_id=prepay_id,
            key=accounts.merchant_key(side.keys).forms,
        )
        ours = parameters.get("paySign") or parameters["sign"]
        yield Finding(
            case=f"{product}: what the payer's app is handed", ours=ours, theirs=signature
        )


def fields(side: Side, draw: Draw) -> Iterator[Finding]:
    """Open a sensitive field that an SDK sealed for the merchant's key."""
    text, key = draw.odd_text(30), accounts.merchant_key(side.keys)
    sealed = side.talk.value("seal_field", text=text, key={"spki": key.forms["spki"]})
    opened = ciphers.open_field(key.private_pem, sealed)
    yield Finding(case="sensitive field", ours=opened, theirs=text)


def _evoked(side: Side, product: str, prepay_id: str, draw: Draw) -> Mapping[str, str]:
    world, ours = accounts.by_key(side.keys), Ours(side.now)
    body = json.dumps({"prepay_id": prepay_id})
    ours.answered(body.encode(), accounts.signed(side, world, body, draw))
    creating = ours.strategies.create(_CHANNEL)
    action = creating.execute(world.account, payment(draw, side.now, product, payer=_PAYER)).action
    assert isinstance(action, JsapiAction | AppAction)  # noqa: S101 - what the port says of these products
    return action.parameters


def _authorization(header: str) -> tuple[str, dict[str, str]]:
    scheme, _, rest = header.partition(" ")
    return scheme, dict(_PART.findall(rest))
