"""Cases of `callback`: what a channel tells us, believed only where the signature and every binding hold."""

from typing import Final
from urllib.parse import urlencode

from tools.events import notices
from tools.events.case import Case, case, of_http, order, untouched
from tools.events.envelopes import JSON, Http
from tools.events.expectation import Expectation, OrderExpectation
from tools.seed.orders import SEEDS, trade_no

_FUNCTION: Final = "callback"
_LIMIT_BYTES: Final = 32 * 1024
_RETIRED_ACCOUNT: Final = "alipay-main~0"
_PLAIN: Final = {"content-type": "text/plain; charset=utf-8"}
type Fields = dict[str, str]

_PAID: Final = {"payments": {"P01": "SUCCEEDED"}, "told": ["order.paid"]}


def _accepted(
    name: str, about: str, request: Http, state: dict[str, OrderExpectation], **more: object
) -> Case:
    expect = Expectation.model_validate(
        {
            "about": about,
            "status": 200,
            "acknowledgement": "success",
            "headers": _PLAIN,
            "state": state,
            **more,
        }
    )
    return case(_FUNCTION, name, of_http(request), expect)


def _refused(
    name: str, about: str, request: Http, number: str = "EVENT-PAYING", **more: object
) -> Case:
    expect = Expectation.model_validate(
        {
            "about": about,
            "status": 400,
            "acknowledgement": "failure",
            "headers": _PLAIN,
            "quiet": True,
            "state": untouched(number),
            **more,
        }
    )
    return case(_FUNCTION, name, of_http(request), expect)


def _notice(
    number: str, trade: int, changes: Fields | None = None, *, count: int = 1, **changed: str
) -> Fields:
    about = {**(changes or {}), **changed}
    return notices.fields(SEEDS[number].payment_no(count), trade_no(trade), about)


def _told(
    number: str, trade: int, changes: Fields | None = None, *, count: int = 1, **changed: str
) -> Http:
    return notices.post(notices.signed(_notice(number, trade, changes, count=count, **changed)))


def _money() -> list[Case]:
    empty = {"body": "", "passback_params": ""}
    signed = notices.signed(_notice("EVENT-CALLBACK-EMPTY-SIGNED", 103, empty))
    unsigned = notices.signed(_notice("EVENT-CALLBACK-EMPTY-UNSIGNED", 104)) | empty
    paid = {name: order(name, "PAID", **_PAID) for name in SEEDS}
    return [
        _accepted("paid", "The money is there.", _told("EVENT-CALLBACK-PAID", 101), paid["EVENT-CALLBACK-PAID"]),
        _accepted("finished", "The money is there, and can't be refunded through the API any more.", _told("EVENT-CALLBACK-FINISHED", 102, trade_status="TRADE_FINISHED"), paid["EVENT-CALLBACK-FINISHED"]),
        _accepted("empty_fields_signed", "Empty fields that the signature covers, as most SDKs sign.", notices.post(signed), paid["EVENT-CALLBACK-EMPTY-SIGNED"]),
        _accepted("empty_fields_unsigned", "Empty fields that the signature leaves out, as the Java SDK signs.", notices.post(unsigned), paid["EVENT-CALLBACK-EMPTY-UNSIGNED"]),
        _accepted("before_create_answered", "The callback comes before the create call has answered.", _told("EVENT-CALLBACK-FIRST", 105), paid["EVENT-CALLBACK-FIRST"]),
        _accepted("duplicate", "The same news again: acknowledged, and nothing else.", _told("EVENT-PAID", 1), untouched("EVENT-PAID"), quiet=True),
    ]  # fmt: skip


def _no_money() -> list[Case]:
    ended = order("EVENT-CALLBACK-CLOSED", "PAYING", payments={"P01": "CLOSED"}, told=[])
    closing = order(
        "EVENT-CALLBACK-CLOSING", "CLOSED", payments={"P01": "CLOSED"}, told=["order.closed"]
    )
    refund = {"refund_fee": "28.00", "gmt_refund": "2026-01-02 08:00:00.000", "out_biz_no": "R1"}
    paying, paid = untouched("EVENT-PAYING"), untouched("EVENT-PAID")
    return [
        _accepted("waiting", "The payer looks at the cashier: nothing to change.", _told("EVENT-PAYING", 106, trade_status="WAIT_BUYER_PAY"), paying, quiet=True),
        _accepted("unknown_status", "A status that nobody has heard of is no news.", _told("EVENT-PAYING", 107, trade_status="TRADE_PONDERING"), paying, quiet=True),
        _accepted("closed", "The payment is closed at the channel; its order stays open.", _told("EVENT-CALLBACK-CLOSED", 108, trade_status="TRADE_CLOSED"), ended),
        _accepted("closed_while_closing", "The last payment of an order that is being closed.", _told("EVENT-CALLBACK-CLOSING", 109, trade_status="TRADE_CLOSED"), closing),
        _accepted("closed_after_paid", "A close after the money never takes it back.", _told("EVENT-PAID", 1, trade_status="TRADE_CLOSED"), paid, quiet=True),
        _accepted("refund", "A refund, told on the payment's address: a hint, no transition.", _told("EVENT-PAID", 1, refund), paid, quiet=True),
        _accepted("full_refund", "A full refund, told as a closed trade.", _told("EVENT-PAID", 1, refund, trade_status="TRADE_CLOSED"), paid, quiet=True),
    ]  # fmt: skip


def _late_and_double() -> list[Case]:
    refunded = {"payments": {"P01": "SUCCEEDED"}, "refunds": {"P01D": "REQUESTED"}}
    late = order(
        "EVENT-LATE", "CLOSED", exceptions=["LATE_PAYMENT"], told=["order.closed"], **refunded
    )
    hold = order(
        "EVENT-LATE-HOLD",
        "CLOSED",
        exceptions=["LATE_PAYMENT"],
        payments={"P01": "SUCCEEDED"},
        refunds={},
    )
    accept = order(
        "EVENT-LATE-ACCEPT",
        "PAID",
        exceptions=[],
        payments={"P01": "SUCCEEDED"},
        told=["order.closed", "order.paid"],
    )
    double = order(
        "EVENT-DOUBLE",
        "PAID",
        payments={"P01": "SUCCEEDED", "P02": "SUCCEEDED"},
        refunds={"P02D": "REQUESTED"},
        exceptions=["DUPLICATE_PAYMENT"],
        told=["order.paid"],
    )
    return [
        _accepted("late", "Money for a closed order: an exception, and its refund is owed.", _told("EVENT-LATE", 111), late),
        _accepted("late_hold", "Money for a closed order whose line wants to look at it.", _told("EVENT-LATE-HOLD", 112), hold),
        _accepted("late_accept", "Money for a closed order whose line takes it.", _told("EVENT-LATE-ACCEPT", 113), accept),
        _accepted("double", "The second payment of an order succeeds as well: one winner, one refund.", _told("EVENT-DOUBLE", 114, count=2), double),
    ]  # fmt: skip


def _unverified() -> list[Case]:
    fields = _notice("EVENT-PAYING", 121)
    good = notices.signed(fields)
    stripped = {name: value for name, value in good.items() if name != "sign"}
    untyped = {name: value for name, value in good.items() if name != "sign_type"}
    old = notices.signed(fields, digest=notices.sha1(), sign_type="RSA")
    hidden = notices.signed(fields, digest=notices.sha1())
    local = {"host": "localhost", "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost"}
    refund = {"sandbox": "1", "debug": "true", "sign": "AAAA", "sign_type": "RSA2"}
    return [
        _refused("forged", "A signature of random bytes.", notices.post({**good, "sign": "q83vEjRWeJA="})),
        _refused("other_key", "A signature by another key.", notices.post(notices.signed(fields, key=notices.OTHER_KEY))),
        _refused("tampered", "One fen less than was signed.", notices.post({**good, "total_amount": "127.99"})),
        _refused("unsigned", "No signature.", notices.post(stripped)),
        _refused("empty_signature", "An empty signature.", notices.post({**good, "sign": ""})),
        _refused("no_sign_type", "No algorithm named.", notices.post(untyped)),
        _refused("sha1_downgrade", "The retired algorithm, correctly signed.", notices.post(old)),
        _refused("sha1_hidden", "The retired algorithm under the new one's name.", notices.post(hidden)),
        _refused("field_twice", "A field that stands twice, once as it was signed.", notices.post(f"{urlencode(good)}&total_amount=0.01")),
        _refused("field_repeated", "A field that stands twice with the same value: the signature would hold.", notices.post(f"{urlencode(good)}&charset=utf-8")),
        _refused("pretends_sandbox", "A forgery that says it is a test on this machine.", notices.post({**fields, **refund}, headers=local)),
        _refused("json", "JSON where a form belongs.", notices.post('{"trade_status":"TRADE_SUCCESS"}', media_type=JSON)),
        _refused("no_body", "Nothing.", notices.post("")),
        _refused("too_large", "More than 32 KiB.", notices.post(urlencode({**good, "body": "x" * _LIMIT_BYTES})), status=413),
    ]  # fmt: skip


def _verified_but_unreadable() -> list[Case]:
    rows = [
        ("amount_exponent", "A signed amount with an exponent.", {"total_amount": "1.28e2"}),
        (
            "amount_full_width",
            "A signed amount in full-width digits.",
            {"total_amount": "１２８.００"},
        ),
        ("amount_missing", "A signed notice without an amount.", {"total_amount": ""}),
        ("other_notice", "A signed notice of another kind.", {"notify_type": "servicewindow_sync"}),
    ]
    return [
        _refused(name, about, _told("EVENT-PAYING", 122, changed)) for name, about, changed in rows
    ]


def _mismatching() -> list[Case]:
    def mismatch(name: str, about: str, kind: str, trade: int, request: Http) -> Case:
        identity = f"alipay|alipay-main|{kind}|{trade_no(trade)}"
        return _refused(name, about, request, quiet=False, exceptions=[identity])

    amount, account, unknown = "AMOUNT_MISMATCH", "ACCOUNT_MISMATCH", "UNKNOWN_ORDER"
    nobody = notices.signed(notices.fields("A" * 26 + "P01", trade_no(135), {}))
    odd = notices.signed(notices.fields("../EVENT", trade_no(138), {}))
    other_version = notices.signed(_notice("EVENT-PAYING", 134))
    return [
        mismatch("wrong_amount", "Correctly signed, one fen less than the payment.", amount, 131, _told("EVENT-PAYING", 131, total_amount="127.99")),
        mismatch("wrong_app", "Correctly signed, for another app.", account, 132, _told("EVENT-PAYING", 132, app_id="2021999999999999")),
        mismatch("wrong_seller", "Correctly signed, for another seller.", account, 133, _told("EVENT-PAYING", 133, seller_id="2088999999999999")),
        mismatch("other_version", "Correctly signed, but on the address of another version of the account.", account, 134, notices.post(other_version, account=_RETIRED_ACCOUNT)),
        mismatch("unknown_order", "Correctly signed, for an order that we do not have.", unknown, 135, notices.post(nobody)),
        mismatch("unknown_payment", "Correctly signed, for a payment that the order never had.", unknown, 136, _told("EVENT-PAYING", 136, count=99)),
        mismatch("wrong_amount_closed", "A close that states another amount.", amount, 137, _told("EVENT-PAYING", 137, total_amount="1.00", trade_status="TRADE_CLOSED")),
        mismatch("odd_number", "Correctly signed, for a number that can't be one of ours.", unknown, 138, notices.post(odd)),
    ]  # fmt: skip


def _addresses() -> list[Case]:
    good = notices.signed(_notice("EVENT-PAYING", 141))
    problem: dict[str, object] = {
        "acknowledgement": None,
        "headers": {"content-type": "application/problem+json"},
        "code": "not_found",
    }
    return [
        _refused("unknown_account", "An account version that there is not.", notices.post(good, account="alipay-main~9"), status=404),
        _refused("account_without_version", "An address that we never give out.", notices.post(good, account="alipay-main"), status=404),
        _refused("account_path", "An account that is a path.", notices.post(good, account="..%2Falipay-main~1"), status=404),
        _refused("unknown_channel", "A channel that there is not.", notices.post(good, channel="paypal"), "EVENT-PAYING", status=404, **problem),
        _refused("channel_case", "A channel in another case.", notices.post(good, channel="Alipay"), "EVENT-PAYING", status=404, **problem),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [
        *_money(),
        *_no_money(),
        *_late_and_double(),
        *_unverified(),
        *_verified_but_unreadable(),
        *_mismatching(),
        *_addresses(),
    ]
