"""A made-up channel, as small as one can be: what the kit does for it, it does for all."""

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.simulator import pages, wire
from sandbox.simulator.calls import Call
from sandbox.simulator.channel import Channel, Message, Note, WayBack
from sandbox.simulator.faults import Fault, Noticing, Operation, Reply, Seal
from sandbox.simulator.payer import to_page
from sandbox.simulator.refusals import Reason, Refusal
from sandbox.simulator.trades import Event, Order, RefundOrder, Trade
from sandbox.simulator.world import World

type Fields = dict[str, object]

LIFE_SECONDS = 1_800


class Toy(Channel):
    """Signs with a word: ``own`` and the key's number, ``stranger``, or nothing."""

    name: ClassVar[str] = "toy"
    title: ClassVar[str] = "玩具银行 Toy Bank"
    colour: ClassVar[str] = "#123456"
    operations: ClassVar[Mapping[str, Operation]] = {
        name: Operation(name) for name in ("create", "query", "close", "refund", "query_refund")
    }
    tells: ClassVar[frozenset[Event]] = frozenset(Event) - {Event.CLOSED}
    faults: ClassVar[Sequence[Fault]] = (
        Fault("shout", "大写回调", "callbacks in capitals", noticing=Noticing(twist="shout")),
    )
    lacks: ClassVar[frozenset[str]] = frozenset({"slow_answer"})

    def __init__(self) -> None:
        self.key = 1

    def routes(self, world: World) -> list[Route]:
        async def serve(request: Request) -> Response:
            method = request.path_params["method"]
            try:
                fields = wire.json_object(await wire.read_limited(request))
            except ValueError as error:
                world.refused("malformed")
                return Response(str(error), 400)
            call = world.call(request, method, str(fields.get("number", "")))
            return await call.answer(
                lambda: _execute(call, method, fields, world.clock.now()),
                _trouble,
                self._sealed,
            )

        async def show(request: Request) -> Response:
            world.seen("show", request.path_params["number"])
            try:
                return to_page(world.ledger.find(request.path_params["number"]))
            except Refusal as refusal:
                return pages.refused(self, *self.explain(refusal.reason))

        return [Route("/toy/{method}", serve, methods=["POST"]), Route("/show/{number}", show)]

    def merchant_name(self) -> str:
        return "Toy shop"

    def status(self, trade: Trade) -> str:
        return "BACK" if trade.fully_refunded else trade.state.value.upper()

    def explain(self, reason: Reason) -> tuple[str, str]:
        return reason.value, f"The toy bank says {reason.value}."

    def trade_no(self, count: int, now: float) -> str:
        return f"T{now:.0f}{count}"

    def refund_no(self, count: int, now: float) -> str:
        return f"R{now:.0f}{count}"

    def notice(self, note: Note) -> Message:
        fields = {
            "id": note.notice_id,
            "event": note.event,
            "merchant": "other" if note.wrong_merchant else "mine",
            "number": note.trade.number,
            "amount": note.trade.order.amount_fen,
            "status": self.status(note.trade),
            "refund": note.refund.number if note.refund else None,
        }
        text = json.dumps(fields)
        body = text.upper() if note.twist == "shout" else text
        return Message(body.encode(), self._signature(note.seal), "from=toy")

    def acknowledges(self, answer: httpx.Response) -> bool:
        return answer.is_success

    def repeat_schedule(self, trade: Trade) -> Sequence[float]:
        return [60, 120] if trade.order.method == "create" else []

    def rotate_keys(self) -> Mapping[str, str]:
        self.key += 1
        return {"key": str(self.key)}

    def way_back(self, trade: Trade, now: float, request: Request) -> WayBack | None:
        back = super().way_back(trade, now, request)
        return WayBack(back.address, {"number": trade.number, "at": f"{now:.0f}"}) if back else None

    def _signature(self, seal: Seal) -> dict[str, str]:
        own = f"own {self.key}"
        return {} if seal is Seal.NONE else {"signed": own if seal is Seal.OWN else "stranger"}

    def _sealed(self, fields: Fields, seal: Seal) -> Response:
        return Response(json.dumps(fields), headers=self._signature(seal))


def _trouble(kind: Reply) -> Fields:
    return {"code": "slow_down" if kind is Reply.THROTTLED else "trouble"}


def _execute(call: Call, method: str, fields: Fields, now: float) -> Fields:
    try:
        return {"code": "ok", **_OPERATIONS[method](call, fields, now)}
    except Refusal as refusal:
        return {"code": refusal.reason.value}


def _create(call: Call, fields: Fields, now: float) -> Fields:
    order = Order(
        number=str(fields["number"]),
        method="create",
        amount_fen=int(str(fields["amount"])),
        subject=str(fields.get("subject", "a toy")),
        expires_at=now + LIFE_SECONDS,
        notify_url=str(fields.get("notify_url", "")),
        return_url=str(fields.get("return_url", "")),
        extra={"colour": "red"},
    )
    return {"pay": f"{call.base_url}/pay/{call.ledger.open(order).token}"}


def _query(call: Call, fields: Fields, _: float) -> Fields:
    trade = call.seen(call.ledger.find(str(fields["number"])))
    return {"state": trade.state, "paid": trade.paid_fen}


def _close(call: Call, fields: Fields, _: float) -> Fields:
    call.close(call.ledger.find(str(fields["number"])))
    return {}


def _refund(call: Call, fields: Fields, _: float) -> Fields:
    amount, notify_url = int(str(fields["amount"])), str(fields.get("notify_url", ""))
    order = RefundOrder(number=str(fields["refund"]), amount_fen=amount, notify_url=notify_url)
    refund, moved = call.refund(call.ledger.find(str(fields["number"])), order, usual_s=5)
    return {"refund": refund.word, "moved": moved}


def _query_refund(call: Call, fields: Fields, _: float) -> Fields:
    _trade, refund = call.ledger.find_refund(str(fields["refund"]))
    return {"refund": refund.word}


_OPERATIONS = {
    "create": _create,
    "query": _query,
    "close": _close,
    "refund": _refund,
    "query_refund": _query_refund,
}
