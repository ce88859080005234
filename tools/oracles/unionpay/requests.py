"""What we sign for UnionPay, signed by the command as well, with keys from files old and new, and with shared keys."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from paycenter.ports.bills import BillKind
from paycenter.ports.channel import Account, FormAction
from tools.oracles.checks import Side, payment, refund
from tools.oracles.draw import Draw
from tools.oracles.findings import Finding
from tools.oracles.ours import Ours
from tools.oracles.unionpay import account as accounts

type Step = Callable[[Ours, Account, Draw], Mapping[str, str]]

_CHANNEL: Final = "unionpay"
_BILL_DAY: Final = "2026-01-02"


def _front(product: str) -> Step:
    def step(ours: Ours, who: Account, draw: Draw) -> Mapping[str, str]:
        creating = ours.strategies.create(_CHANNEL)
        action = creating.execute(who, payment(draw, ours.now, product)).action
        assert isinstance(action, FormAction)  # noqa: S101 - what the port says of these products
        return action.fields

    return step


def _asked(ask: Callable[[Ours, Account, Draw], object]) -> Step:
    def step(ours: Ours, who: Account, draw: Draw) -> Mapping[str, str]:
        ask(ours, who, draw)
        return dict(parse_qsl(ours.sent.body.decode(), strict_parsing=True))

    return step


def _creating(product: str) -> Step:
    return _asked(
        lambda ours, who, draw: ours.strategies.create(_CHANNEL).execute(
            who, payment(draw, ours.now, product)
        )
    )


# Each gives the fields that a browser or our server would post.
STEPS: Final[Mapping[str, Step]] = {
    "gateway": _front("gateway"),
    "wap": _front("wap"),
    "app": _creating("app"),
    "qr": _creating("qr"),
    "query": _asked(
        lambda ours, who, draw: ours.strategies.query(_CHANNEL).execute(
            who, payment(draw, ours.now, "gateway")
        )
    ),
    "refund": _asked(
        lambda ours, who, draw: ours.strategies.refund(_CHANNEL).execute(
            who, refund(draw, ours.now, "gateway")
        )
    ),
    "refund query": _asked(
        lambda ours, who, draw: ours.strategies.query_refund(_CHANNEL).execute(
            who, refund(draw, ours.now, "gateway")
        )
    ),
    "file": _asked(
        lambda ours, who, _draw: ours.strategies.bills(_CHANNEL).download(
            who, _BILL_DAY, BillKind.TRADES
        )
    ),
}


def requests(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare every operation's fields under a certificate, whatever form its key comes in."""
    trusted = accounts.chain(side.keys, draw.under("chain"))
    key = accounts.merchant_key(side.keys)
    certificate = trusted.issue(side, accounts.MEMBER, key)
    for mode, who in _accounts(side, trusted, certificate):
        for name, step in STEPS.items():
            ours = dict(step(Ours(side.now), who, draw.under(name)))
            theirs = side.talk.value(
                "sign_request",
                params=_unsigned(ours),
                key=key.private_pem,
                certificate=certificate,
            )
            yield Finding(case=f"{name}: fields", ours=ours, theirs=theirs, mode=mode)


def _accounts(
    side: Side, trusted: accounts.Chain, certificate: str
) -> Iterator[tuple[str, Account]]:
    for mode, legacy in (("old file", True), ("new file", False)):
        file = side.talk.value(
            "pkcs12",
            key=accounts.merchant_key(side.keys).private_pem,
            certificate=certificate,
            password=accounts.PASSWORD,
            legacy=legacy,
        )
        secrets = {"pkcs12": file, "pkcs12_password": accounts.PASSWORD}
        yield mode, accounts.account(trusted, secrets)


def shared_keys(side: Side, draw: Draw) -> Iterator[Finding]:
    """Compare every operation's fields under a shared key, with SHA-256 and with SM3."""
    trusted, secure_key = accounts.chain(side.keys, draw.under("chain")), draw.token(32)
    for method, name_of in (("11", "SHA-256"), ("12", "SM3")):
        who = accounts.account(trusted, {"secure_key": secure_key}, sign_method=method)
        for name, step in STEPS.items():
            ours = dict(step(Ours(side.now), who, draw.under(name)))
            theirs = side.talk.value("keyed_request", params=_unsigned(ours), secure_key=secure_key)
            yield Finding(
                case=f"{name}: fields under a shared key", ours=ours, theirs=theirs, mode=name_of
            )


def _unsigned(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in {"signature", "certId"}}
