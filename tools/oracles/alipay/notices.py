"""Asynchronous notices: signed by the other side, judged by an SDK and by our callbacks."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus, urlencode

from tools.oracles.alipay import account as accounts
from tools.oracles.checks import Side
from tools.oracles.draw import Draw, altered
from tools.oracles.findings import ACCEPTED, REFUSED, Finding
from tools.oracles.ours import Ours

type Fields = dict[str, str]


def notices(side: Side, draw: Draw) -> Iterator[Finding]:
    """Notices as they come and as a forger would send them."""
    if not side.talk.can("verify_notice"):
        return
    platform = accounts.platform_key(side.keys)
    who, spki = accounts.account(side.keys), accounts.public(platform)
    for case, body, right in [*_genuine(side, draw), *_forged(side, draw)]:
        ours = Ours(side.now).takes(
            who, {"content-type": "application/x-www-form-urlencoded"}, body.encode()
        )
        theirs = side.talk.accepts("verify_notice", body=body, key=spki)
        yield Finding(case=f"notice {case}", ours=ours, theirs=theirs, right=right)


def _genuine(side: Side, draw: Draw) -> Iterator[tuple[str, str, str]]:
    fields = _fields(draw)
    empty = {**fields, "buyer_open_id": "", "body": ""}
    yield "as it comes", _posted(_signed(side, fields)), ACCEPTED
    yield "with every octet escaped", _escaped(_signed(side, fields)), ACCEPTED
    yield "with empty fields signed", _posted(_signed(side, empty)), ACCEPTED
    yield "with empty fields not signed", _posted({**empty, **_signed(side, fields)}), ACCEPTED
    refund = {
        **fields,
        "refund_fee": "0.01",
        "gmt_refund": "2026-01-02 03:04:05.678",
        "out_biz_no": draw.token(20),
    }
    yield "of a refund", _posted(_signed(side, refund)), ACCEPTED


def _forged(side: Side, draw: Draw) -> Iterator[tuple[str, str, str]]:
    fields = _fields(draw.under("forged"))
    good = _signed(side, fields)
    changed = draw.one_of(["total_amount", "out_trade_no", "trade_no", "seller_id"])
    yield "with one byte altered", _posted({**good, changed: altered(draw, good[changed])}), REFUSED
    yield "with a field more", _posted({**good, "passback_params": "x"}), REFUSED
    yield "with a field less", _posted({n: v for n, v in good.items() if n != "seller_id"}), REFUSED
    yield (
        "with two values exchanged",
        _posted({**good, "trade_no": good["out_trade_no"], "out_trade_no": good["trade_no"]}),
        REFUSED,
    )
    yield "signed by a stranger", _posted(_signed(side, fields, key="stranger")), REFUSED
    yield (
        "signed with SHA-1, which it says",
        _posted(_signed(side, fields, sha1=True, sign_type="RSA")),
        REFUSED,
    )
    yield "signed with SHA-1, which it hides", _posted(_signed(side, fields, sha1=True)), REFUSED
    yield "that says SHA-1", _posted({**good, "sign_type": "RSA"}), REFUSED
    yield "without sign_type", _posted({n: v for n, v in good.items() if n != "sign_type"}), REFUSED
    yield "without sign", _posted({n: v for n, v in good.items() if n != "sign"}), REFUSED
    yield "with an empty sign", _posted({**good, "sign": ""}), REFUSED
    yield "with sign_type signed", _posted(_signed(side, {**fields, "sign_type": "RSA2"})), REFUSED
    yield "with a field twice", f"total_amount=0.01&{_posted(good)}", REFUSED


def _fields(draw: Draw) -> Fields:
    amount = f"{draw.number(0, 99999)}.{draw.number(10, 99)}"
    return {
        "app_id": accounts.APP_ID,
        "auth_app_id": accounts.APP_ID,
        "seller_id": accounts.SELLER_ID,
        "charset": "utf-8",
        "version": "1.0",
        "notify_id": draw.token(34),
        "notify_type": "trade_status_sync",
        "notify_time": "2026-01-02 03:04:06",
        "out_trade_no": draw.token(28),
        "trade_no": draw.digits(28),
        "trade_status": draw.one_of(["TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED"]),
        "total_amount": amount,
        "receipt_amount": amount,
        "gmt_payment": "2026-01-02 03:04:05",
        "subject": draw.odd_text(40),
        "buyer_logon_id": "159****0042",
        "fund_bill_list": f'[{{"amount":"{amount}","fundChannel":"ALIPAYACCOUNT"}}]',
    }


def _signed(
    side: Side,
    fields: Mapping[str, str],
    *,
    key: str = "alipay.platform",
    sha1: bool = False,
    sign_type: str = "RSA2",
) -> Fields:
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    pair = side.keys.get(key)
    sign = (
        side.talk.value("sign_text", text=text, key=pair.forms)
        if side.talk.can("sign_text") and not sha1
        else pair.sign_weakly(text)
        if sha1
        else pair.sign(text)
    )
    return {**fields, "sign_type": sign_type, "sign": sign}


def _posted(fields: Mapping[str, str]) -> str:
    return urlencode(fields)


def _escaped(fields: Mapping[str, str]) -> str:
    def every(value: str) -> str:
        return "".join(f"%{octet:02X}" for octet in value.encode())

    return "&".join(f"{quote_plus(name)}={every(value)}" for name, value in fields.items())
