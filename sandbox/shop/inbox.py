"""What the business lines received, and how they shall answer."""

import json
from collections import Counter, deque
from dataclasses import dataclass, field

MESSAGE_LIMIT = 1_000
NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Message:
    """One received request: ``attempt`` counts those with the same ``webhook_id`` at this line."""

    line: str
    webhook_id: str
    webhook_timestamp: str
    verified: bool
    reason: str
    body: object
    received_at: str
    attempt: int
    answered: int

    @property
    def type(self) -> str:
        """The event's type, empty for a body that has none."""
        return _text(self.body, "type")

    @property
    def order(self) -> dict[str, object]:
        """The order that the body carries, empty when it carries none."""
        data = self.body.get("data") if isinstance(self.body, dict) else None
        return data if isinstance(data, dict) else {}

    def about(self, order: str) -> bool:
        """Whether the message is about that order, by PayCenter's id or the line's own number."""
        return order in (_text(self.order, "id"), _text(self.order, "out_order_no"))

    def view(self) -> dict[str, object]:
        """Return the message as JSON members."""
        return {
            "line": self.line,
            "webhook_id": self.webhook_id,
            "webhook_timestamp": self.webhook_timestamp,
            "type": self.type,
            "order_id": _text(self.order, "id"),
            "out_order_no": _text(self.order, "out_order_no"),
            "verified": self.verified,
            "reason": self.reason,
            "received_at": self.received_at,
            "attempt": self.attempt,
            "answered": self.answered,
            "body": self.body,
        }


@dataclass(slots=True)
class Behaviour:
    """How a line answers the next ``times`` verified notifications: status, a real delay, headers."""

    status: int = NO_CONTENT
    times: int = 0
    delay_seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)


class Inbox:
    """The newest thousand messages, and the behaviour of each line."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=MESSAGE_LIMIT)
        self._seen: Counter[tuple[str, str]] = Counter()
        self._behaviours: dict[str, Behaviour] = {}

    def add(self, message: Message) -> None:
        """Keep a message; the oldest goes when there are too many."""
        self._messages.append(message)

    def count(self, line: str, webhook_id: str) -> int:
        """Count one more arrival of an event at a line and return how many there were."""
        self._seen[line, webhook_id] += 1
        return self._seen[line, webhook_id]

    def find(self, line: str = "", order: str = "") -> list[Message]:
        """Return the messages, oldest first, of one line or all, about one order or all."""
        return [
            message
            for message in self._messages
            if (not line or message.line == line) and (not order or message.about(order))
        ]

    def behave(self, line: str, behaviour: Behaviour) -> None:
        """Answer a line's next notifications in that way."""
        self._behaviours[line] = behaviour

    def next_answer(self, line: str) -> Behaviour:
        """Return how to answer now, which uses up one time; 204 once none is left."""
        behaviour = self._behaviours.get(line)
        if behaviour is None or behaviour.times < 1:
            return Behaviour()
        behaviour.times -= 1
        return behaviour


def parsed(body: bytes) -> object:
    """Return a body as JSON, or as text when it is none."""
    try:
        value: object = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return value


def _text(fields: object, name: str) -> str:
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""
