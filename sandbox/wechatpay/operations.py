"""The operations of API v3: a verified call in, an answer out (channel document, section 5)."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus

from sandbox.simulator.certificates import pem_of
from sandbox.simulator.ledger import new_token
from sandbox.simulator.refusals import Reason, Refusal
from sandbox.simulator.trades import Refund, RefundOrder, State, Trade
from sandbox.wechatpay.bills import Offered
from sandbox.wechatpay.content import check_merchant, order_of, refund_of, text_of
from sandbox.wechatpay.desk import Answer, Asked, File
from sandbox.wechatpay.facts import amount_facts, refund_facts, trade_facts
from sandbox.wechatpay.handles import LIFE_SECONDS
from sandbox.wechatpay.problems import SENTENCES, Problem, problem_of
from sandbox.wechatpay.sealing import sealed
from sandbox.wechatpay.words import mark_closed, moment_text

CLOSE_AFTER_SECONDS = 300
CLOSES_ITSELF_SECONDS = 7 * 86_400
REFUND_SPACING_SECONDS = 60
REFUND_WINDOW_SECONDS = 365 * 86_400
REFUNDS_LIMIT = 50
# Accepted first, made a moment later.
REFUND_SECONDS = 3

type Operation = Callable[[Asked], Answer | File]


def create(asked: Asked) -> Answer:
    """Make the transaction, or find the same one again, and hand out a fresh handle (section 5.1)."""
    mode = "public_key" if asked.serial.startswith("PUB_KEY_ID_") else "certificate"
    order = order_of(asked.name, asked.content, asked.desk.merchant, asked.now, mode)
    known = order.number in asked.ledger.trades
    trade = asked.ledger.open(order)
    if not known:
        _close_in_seven_days(asked, trade)
    return _ok(_handle(asked, order.number))


def query(asked: Asked) -> Answer:
    """Answer the trade's state and money (section 5.2)."""
    trade = asked.call.seen(_trade_of(asked))
    coupon = asked.call.fault.twist == "coupon"
    merchant = asked.desk.merchant
    return _ok(trade_facts(trade, merchant) | {"amount": amount_facts(trade, coupon=coupon)})


def close(asked: Asked) -> Answer:
    """Close an unpaid trade, from five minutes after it was made (section 5.3)."""
    check_merchant({**asked.content, "appid": asked.desk.merchant.appid}, asked.desk.merchant)
    trade = _trade_of(asked)
    if asked.now < trade.created_at + CLOSE_AFTER_SECONDS and trade.state is State.WAITING:
        raise Problem("INVALID_REQUEST", "订单生成后五分钟内不能关闭 not within five minutes")
    if trade.state is not State.CLOSED:
        asked.call.close(trade)
    mark_closed(trade)
    return Answer(HTTPStatus.NO_CONTENT, None)


def refund(asked: Asked) -> Answer:
    """Accept a refund once per ``out_refund_no``; its money moves a moment later (section 5.4)."""
    order, total = refund_of(asked.content)
    trade = _refunded_trade(asked)
    if total != trade.order.amount_fen:
        raise Problem("INVALID_REQUEST", "订单金额不一致 amount.total is not the order's")
    _hold_rules(asked, trade, order)
    entry, _ = asked.call.refund(trade, order, usual_s=REFUND_SECONDS)
    return _ok(refund_facts(trade, entry))


def query_refund(asked: Asked) -> Answer:
    """Answer what became of a refund (section 5.5)."""
    try:
        trade, entry = asked.ledger.find_refund(asked.argument)
    except Refusal as refusal:
        raise Problem("RESOURCE_NOT_EXISTS") from refusal
    return _ok(refund_facts(trade, entry))


def bill(asked: Asked) -> Answer:
    """Answer where the bill of a day lies and what its digest is (section 5.6)."""
    offered = asked.desk.bills.offer(asked.name, asked.query, asked.call.fault.twist)
    return _ok(_place(asked, offered))


def download(asked: Asked) -> File:
    """Hand out a bill's file, while its address lives."""
    return File(asked.desk.bills.file(asked.query.get("token", "")))


def list_certificates(asked: Asked) -> Answer:
    """Answer the platform certificates, the one in use and the next one (section 1)."""
    if asked.call.fault.twist == "no_certificates":
        raise Problem("RESOURCE_NOT_EXISTS", "无可用的平台证书 this merchant has a public key")
    items: list[dict[str, object]] = [
        {
            "serial_no": one.signer.serial,
            "effective_time": moment_text(one.certificate.not_valid_before_utc.timestamp()),
            "expire_time": moment_text(one.certificate.not_valid_after_utc.timestamp()),
            "encrypt_certificate": sealed(
                asked.desk.merchant.apiv3_key, pem_of(one.certificate), "certificate"
            ),
        }
        for one in asked.desk.keys.certified
    ]
    return _ok({"data": items})


OPERATIONS: Mapping[str, Operation] = {
    "native": create,
    "jsapi": create,
    "h5": create,
    "app": create,
    "query": query,
    "query_by_id": query,
    "close": close,
    "refund": refund,
    "query_refund": query_refund,
    "tradebill": bill,
    "fundflowbill": bill,
    "billdownload": download,
    "certificates": list_certificates,
}


def execute(asked: Asked) -> Answer | File:
    """Do what is asked and return the answer, a refusal's among them."""
    twist = asked.call.fault.twist
    if twist in SENTENCES:
        return failed(Problem(twist))
    try:
        return OPERATIONS[asked.name](asked)
    except Refusal as refusal:
        return failed(problem_of(refusal.reason))
    except Problem as problem:
        return failed(problem)


def failed(problem: Problem) -> Answer:
    """Return a refusal as an answer."""
    fields = {"code": problem.code, "message": problem.message}
    return Answer(problem.status, fields, problem.finer)


def _ok(fields: Mapping[str, object]) -> Answer:
    return Answer(HTTPStatus.OK, fields)


def _handle(asked: Asked, number: str) -> dict[str, object]:
    if asked.name == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={_code(asked, number)}"}
    prepay_id, base = asked.desk.handles.prepay_id(number, asked.name), asked.call.base_url
    if asked.name == "h5":
        return {"h5_url": f"{base}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}&package=77"}
    return {"prepay_id": prepay_id}


def _code(asked: Asked, number: str) -> str:
    """Return a fresh code, which the kit's ``/qr`` opens; the one before it opens nothing any more."""
    ledger = asked.ledger
    code = ledger.prepare(ledger.trades[number].order)
    token = code.token = new_token()

    async def end() -> None:
        if code.token == token:
            del ledger.codes[number]

    asked.desk.world.agenda.at(asked.now + LIFE_SECONDS, end)
    return token


def _close_in_seven_days(asked: Asked, trade: Trade) -> None:
    async def end() -> None:
        if not trade.paid_fen:
            mark_closed(trade)

    asked.desk.world.agenda.at(trade.created_at + CLOSES_ITSELF_SECONDS, end)


def _trade_of(asked: Asked) -> Trade:
    if asked.name == "close":
        return asked.ledger.find(asked.argument)
    if asked.query.get("mchid") != asked.desk.merchant.mchid:
        raise Problem("PARAM_ERROR", "mchid: not the one that signed")
    by_id = asked.name == "query_by_id"
    return asked.ledger.find("" if by_id else asked.argument, asked.argument if by_id else "")


def _refunded_trade(asked: Asked) -> Trade:
    transaction_id = text_of(asked.content, "transaction_id", 32)
    number = text_of(asked.content, "out_trade_no", 32)
    if not transaction_id and not number:
        raise Problem("PARAM_ERROR", "transaction_id or out_trade_no is required")
    try:
        return asked.ledger.find(number, transaction_id)
    except Refusal as refusal:
        if refusal.reason is Reason.UNKNOWN:
            raise Problem("RESOURCE_NOT_EXISTS", finer="268512771") from refusal
        raise


def _hold_rules(asked: Asked, trade: Trade, order: RefundOrder) -> None:
    known = trade.refunds.get(order.number)
    if known is not None:
        _hold_same(known, order)
        return
    if len(trade.refunds) >= REFUNDS_LIMIT:
        raise Problem("INVALID_REQUEST", "部分退款次数超限 more than 50 refunds")
    last = max((entry.created_at for entry in trade.refunds.values()), default=None)
    if last is not None and asked.now < last + REFUND_SPACING_SECONDS:
        raise Problem("FREQUENCY_LIMITED", "一分钟内重复退款 a minute between refunds", "268447840")
    if trade.paid_at is not None and asked.now > trade.paid_at + REFUND_WINDOW_SECONDS:
        raise Problem("INVALID_REQUEST", "订单已超过退款期限 more than a year")


def _hold_same(known: Refund, order: RefundOrder) -> None:
    said = [json.loads(one.extra["said"]) for one in (known.order, order)]
    if said[0] != said[1]:
        raise problem_of(Reason.REFUND_OTHER_AMOUNT)


def _place(asked: Asked, offered: Offered) -> dict[str, object]:
    address = f"{asked.call.base_url}/v3/billdownload/file?token={offered.token}"
    return {"hash_type": "SHA1", "hash_value": offered.sha1_hex, "download_url": address}
