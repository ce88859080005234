"""Events exactly as AWS sends them: HTTP API payload 2.0, SQS batches, DynamoDB stream batches, a schedule.

Whatever AWS would make up at run time (identifiers, moments of arrival) is derived from the case's name here, so that
writing the files twice gives the same bytes.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
# When all events arrived; nothing that decides anything reads it.
ARRIVED: Final = 1_767_225_600
HOST: Final = "pay.example.com"
SOURCE_ADDRESS: Final = "203.0.113.7"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
PHONE: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
)

type Event = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """One HTTP request; `body` goes as text, or as base64 where the gateway would encode its media type."""

    route: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    media_type: str = ""

    def event(self, seed: str) -> Event:
        """Return the payload 2.0 event; `seed` stands for what AWS would make up."""
        method, _, template = self.route.partition(" ")
        path = template
        for name, value in self.parameters.items():
            path = path.replace("{" + name + "}", value)
        headers = self._headers()
        event: Event = {
            "version": "2.0",
            "routeKey": self.route,
            "rawPath": path,
            "rawQueryString": urlencode(self.query),
            "headers": headers,
        }
        if self.query:
            event["queryStringParameters"] = dict(self.query)
        event["requestContext"] = _context(self.route, method, path, headers, seed)
        if self.parameters:
            event["pathParameters"] = dict(self.parameters)
        encoded = self.media_type.partition(";")[0] == FORM
        if self.body:
            raw = self.body.encode()
            event["body"] = base64.b64encode(raw).decode() if encoded else self.body
        event["isBase64Encoded"] = encoded and bool(self.body)
        return event

    def _headers(self) -> dict[str, str]:
        headers = {
            "accept": "*/*",
            "content-length": str(len(self.body.encode())),
            "content-type": self.media_type,
            "host": HOST,
            "user-agent": "python-httpx/0.28",
            "x-amzn-trace-id": "Root=1-69560000-0123456789abcdef01234567",
            "x-forwarded-for": SOURCE_ADDRESS,
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **self.headers,
        }
        # A request without a body has neither of the two.
        absent = {name for name in ("content-type",) if not self.media_type}
        absent |= {name for name in ("content-length",) if not self.body}
        return {name: headers[name] for name in sorted(headers.keys() - absent)}


def _context(
    route: str, method: str, path: str, headers: Mapping[str, str], seed: str
) -> dict[str, Any]:
    moment = datetime.fromtimestamp(ARRIVED, UTC)
    return {
        "accountId": ACCOUNT,
        "apiId": "paycenter",
        "domainName": HOST,
        "domainPrefix": "pay",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE_ADDRESS,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": base64.urlsafe_b64encode(_digest(seed)[:11]).decode(),
        "routeKey": route,
        "stage": "$default",
        "time": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": ARRIVED * 1000,
    }


def sqs(queue: str, bodies: Sequence[str], seed: str) -> Event:
    """Return a batch of messages as the queue's mapping passes it; see `message_id` for their identifiers."""
    return {
        "Records": [
            {
                "messageId": message_id(seed, number),
                "receiptHandle": base64.b64encode(_digest(f"{seed} {number} receipt") * 4).decode(),
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": str(ARRIVED * 1000),
                    "SenderId": "AROAEXAMPLE:paycenter",
                    "ApproximateFirstReceiveTimestamp": str(ARRIVED * 1000 + 5),
                },
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies)
        ]
    }


def message_id(seed: str, number: int) -> str:
    """Return the identifier of the `number`-th message (from 0) of a case, as a queue's failure report names it."""
    return str(uuid.UUID(bytes=_digest(f"{seed} {number} message")[:16], version=4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One write to a table, as its stream tells it: typed items before and after, None where there was none."""

    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def stream(table: str, records: Sequence[Record], seed: str) -> Event:
    """Return a batch of a stream with both images; raises ValueError for a record without an image."""
    return {
        "Records": [
            _stream_record(table, record, f"{seed} {number}", number)
            for number, record in enumerate(records)
        ]
    }


def _stream_record(table: str, record: Record, seed: str, number: int) -> dict[str, Any]:
    item = record.after or record.before
    if item is None:
        raise ValueError("a stream record has at least one image")
    kind = "REMOVE" if record.after is None else "MODIFY" if record.before else "INSERT"
    images: dict[str, Any] = {}
    if record.after is not None:
        images["NewImage"] = dict(record.after)
    if record.before is not None:
        images["OldImage"] = dict(record.before)
    return {
        "eventID": _digest(f"{seed} event").hex()[:32],
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": ARRIVED,
            "Keys": {"id": item["id"]},
            **images,
            "SequenceNumber": f"{100_000_000_000_000_000_000 + number}",
            "SizeBytes": len(json.dumps(images)),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": (
            f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/2026-01-01T00:00:00.000"
        ),
    }


def schedule(rule: str, seed: str) -> Event:
    """Return what EventBridge sends when a rule's time has come."""
    return {
        "version": "0",
        "id": str(uuid.UUID(bytes=_digest(seed)[:16], version=4)),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(ARRIVED, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }


def _digest(seed: str) -> bytes:
    return hashlib.sha256(seed.encode()).digest()
