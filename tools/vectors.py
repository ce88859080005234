"""Runs directories of channel test vectors: `python -m tools.vectors [DIR]`.

A directory holds `keys.json` and files of cases made by implementations that are not ours. No protocol lives here: each
runner calls the functions that the strategies call in production and compares what they say with what a case expects.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from paycenter.domain.order import LatePolicy, Order, Payment
from paycenter.domain.states import PaymentState
from paycenter.ports.channel import (
    Account,
    CallbackRefused,
    Callbacks,
    FactKind,
    RawCallback,
)
from paycenter.usecases import callback
from paychannels.alipay import answers, signing, wire
from paychannels.alipay import callbacks as alipay_callbacks

DEFAULT_DIRECTORY: Final = Path(__file__).parents[2] / "shared" / "vectors"
_KEYS_FILE: Final = "keys.json"
_ACCOUNT: Final = "vectors~1"
_SHOWN_CHARACTERS: Final = 160

type Case = Mapping[str, Any]
type Keys = Mapping[str, Mapping[str, str]]
# What is compared, what the case expects, what the code says.
type Check = tuple[str, object, object]
type Runner = Callable[[Case, Keys], Iterator[Check]]


class NotRun(Exception):
    """A case of a kind that nothing here handles yet."""


def alipay_request_sign(case: Case, keys: Keys) -> Iterator[Check]:
    """Sign a request's parameters."""
    expect, private_key = case["expect"], keys[case["private_key"]]["private_pkcs8_pem"]
    yield "string_to_sign", expect["string_to_sign"], signing.request_text(case["params"])
    yield "sign", expect["sign"], signing.signed(case["params"], private_key)["sign"]


def alipay_response_verify(case: Case, keys: Keys) -> Iterator[Check]:
    """Cut an answer's signed text out and verify it."""
    expect, public_key = case["expect"], keys[case["public_key"]]["public_pem"]
    answer = answers.verified(case["raw_body"].encode(), case["api"], public_key)
    yield "verified", expect["verified"], answer is not None
    if "signed_text" in expect:
        yield "signed_text", expect["signed_text"], answer.text if answer else None


def alipay_evoke(case: Case, keys: Keys) -> Iterator[Check]:
    """Make the form that evokes the cashier; it carries what the sample carries, to the same address."""
    address, carried = _evoked(case)
    yield from alipay_request_sign(case, keys)
    private_key = keys[case["private_key"]]["private_pkcs8_pem"]
    form = wire.form(address, signing.signed(case["params"], private_key))
    yield "address", address, _address(form.url)
    yield "carried", sorted(carried), sorted([*_query(form.url), *form.fields.items()])


def alipay_notify(case: Case, keys: Keys) -> Iterator[Check]:
    """Take a notice for a stored order: verify, translate, bind, acknowledge."""
    expect, order = case["expect"], case["order"]
    account = Account(
        id=_ACCOUNT,
        channel="alipay",
        settings={"app_id": order["app_id"], "seller_id": order["seller_id"]},
        secrets={"alipay_public_key": keys[case["public_key"]]["public_pem"]},
    )
    callbacks, body = alipay_callbacks.strategy(), case["raw_body"].encode()
    raw = RawCallback(headers={"content-type": case["content_type"]}, body=body)
    verdict = _verdict(callbacks, account, raw, _payment(order))
    answer = callbacks.acknowledge(accepted=not verdict.startswith("REJECT"))
    yield "signature_valid", expect["signature_valid"], verdict != "REJECT_SIGNATURE"
    yield "verdict", expect["verdict"], verdict
    yield "acknowledge", expect["acknowledge"], answer == callbacks.acknowledge(accepted=True)
    if "signed_text" in expect:
        fields = dict(parse_qsl(case["raw_body"], keep_blank_values=True))
        text = signing.notice_text(fields, account.secrets["alipay_public_key"])
        yield "signed_text", expect["signed_text"], text


RUNNERS: Final[Mapping[str, Runner]] = {
    "alipay_request_sign": alipay_request_sign,
    "alipay_response_verify": alipay_response_verify,
    "alipay_notify": alipay_notify,
    "alipay_evoke": alipay_evoke,
}

_VERDICTS: Final = {
    FactKind.PAID: "PAID",
    FactKind.CLOSED: "CLOSED",
    FactKind.REFUND: "REFUND",
    FactKind.NOTHING: "NO_STATE_CHANGE",
}
_LOCAL_STATES: Final = {
    "CREATED": PaymentState.CREATING,
    "PAYING": PaymentState.PENDING,
    "SUCCEEDED": PaymentState.SUCCEEDED,
    "FAILED": PaymentState.FAILED,
    "CLOSED": PaymentState.CLOSED,
}


def _verdict(callbacks: Callbacks, account: Account, raw: RawCallback, payment: Payment) -> str:
    try:
        verified = callbacks.verify(account, raw)
    except CallbackRefused:
        return "REJECT_SIGNATURE"
    try:
        fact = callbacks.translate(account, verified)
    except CallbackRefused:
        return "REJECT_MISMATCH"
    if callback.binding(fact, _order(payment), account.id) is not None:
        return "REJECT_MISMATCH"
    if fact.kind is FactKind.CLOSED and payment.state is PaymentState.SUCCEEDED:
        return "NO_STATE_CHANGE"
    return _VERDICTS[fact.kind]


def _payment(order: Mapping[str, Any]) -> Payment:
    return Payment(
        payment_no=order["out_trade_no"],
        channel="alipay",
        product="page",
        account=_ACCOUNT,
        amount=order["amount_fen"],
        currency=order["currency"],
        state=_LOCAL_STATES[order["local_state"]],
        created_at=0,
        deadline=0,
    )


def _order(payment: Payment) -> Order:
    return Order(
        id="VECTORS",
        line="vectors",
        out_order_no="vectors",
        amount=payment.amount,
        currency=payment.currency,
        subject="",
        attach="",
        information=(),
        return_url="",
        late_policy=LatePolicy.HOLD,
        fingerprint="",
        secret="",
        created_at=0,
        expires_at=0,
        payments={payment.payment_no: payment},
    )


def _evoked(case: Case) -> tuple[str, list[tuple[str, str]]]:
    match case["kind"]:
        case "redirect_url":
            return _address(case["url"]), _query(case["url"])
        case "auto_submit_form":
            return _address(case["form_action"]), [
                *_query(case["form_action"]),
                *case["form_inputs"].items(),
            ]
        case other:
            raise NotRun(other)


def _address(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


@dataclass(slots=True)
class Count:
    """What became of the cases of one file."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """Say it in one line."""
        skipped = f", {len(self.not_run)} not run ({', '.join(self.not_run)})"
        counted = f"{self.passed} passed, {len(self.failures)} failed"
        return counted + skipped if self.not_run else counted


def run_case(case: Case, keys: Keys, runner: Runner, count: Count) -> None:
    """Run one case and count it; whatever goes wrong fails the case and nothing else."""
    name = case.get("id", "without an id")
    try:
        differences = [check for check in runner(case, keys) if check[1] != check[2]]
    except NotRun as kind:
        count.not_run.append(f"{name}: {kind}")
    except Exception as error:  # noqa: BLE001 - a case may break anything, and the next one must run
        count.failures.append(f"{name}: raised {type(error).__name__}: {error}")
    else:
        lines = [f"{what}: expected {_shown(a)}, got {_shown(b)}" for what, a, b in differences]
        count.passed += not lines
        count.failures.extend([f"{name}: {'; '.join(lines)}"] if lines else [])


def run_directory(directory: Path, say: Callable[[str], None]) -> Count:
    """Run all files of a directory that have a runner, say what became of each, return the sum."""
    total, without_runner = Count(), []
    keys = json.loads((directory / _KEYS_FILE).read_text(encoding="utf-8"))["keys"]
    for path in sorted(directory.glob("*.json")):
        if path.stem in RUNNERS:
            count = _run_file(path, keys)
            say(f"{path.stem}: {count.line}")
            for failure in count.failures:
                say(f"  FAILED {failure}")
            total.passed += count.passed
            total.failures.extend(count.failures)
            total.not_run.extend(count.not_run)
        elif path.name != _KEYS_FILE:
            without_runner.append(path.stem)
    if without_runner:
        say(f"files not run yet: {', '.join(without_runner)}")
    return total


def _run_file(path: Path, keys: Keys) -> Count:
    # A file has one or more lists of cases, under names of its own.
    lists = json.loads(path.read_text(encoding="utf-8"))
    count = Count()
    for name, cases in lists.items():
        if name != "about" and isinstance(cases, list):
            for case in cases:
                run_case(case, keys, RUNNERS[path.stem], count)
    return count


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def main(arguments: Sequence[str]) -> int:
    """Run the directory named, or the default one; 0 only if cases ran and all of them passed."""
    directory = Path(arguments[0]) if arguments else DEFAULT_DIRECTORY
    if not (directory / _KEYS_FILE).is_file():
        print(f"{directory} holds no test vectors: it has no {_KEYS_FILE}.")
        return 1
    total = run_directory(directory, print)
    print(f"all: {total.line}" if total.passed or total.failures else "No case ran.")
    return 0 if total.passed and not total.failures else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
