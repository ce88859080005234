"""What must come of an event: the small schema of `events/<function>/<case>.expect.json`."""

import json
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

EVENTS_FOLDER: Final = Path(__file__).resolve().parents[2] / "events"
EXPECT_SUFFIX: Final = ".expect.json"

type Line = Literal["tickets", "hotel", "departed"]
type OrderState = Literal["ABSENT", "CREATED", "PAYING", "PAID", "CLOSED"]
type PaymentState = Literal["CREATING", "PENDING", "SUCCEEDED", "FAILED", "CLOSED"]
type Delivery = Literal["OWED", "DELIVERED", "DEAD", "SUPERSEDED"]
type Target = Literal["query", "expire", "notify", "refund", "wait"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderExpectation(_Section):
    """One order afterwards; what is left out is not looked at, ABSENT means that there is no such order.

    Numbers are written without the order's id: `P01`, `P02D`, `E01`. `payments` and `refunds` are all there are; a
    refund that is expected REQUESTED may be further on by now.
    `told` are the types of all events ever owed, in order; `delivery` says where single ones stand, and `attempts`
    how many attempts to tell them have failed at the least.
    `movements` are payments that must stand in the movements table. `sent` are the jobs that the call itself sent
    about this order, by queue, `wait` being the wait machine; it is looked at only where nobody else takes them.
    """

    line: Line
    state: OrderState | None = None
    version: int | None = None
    closing: bool | None = None
    payments: dict[str, PaymentState] | None = None
    refunds: dict[str, str] | None = None
    exceptions: list[str] | None = None
    told: list[str] | None = None
    delivery: dict[str, Delivery] = {}
    attempts: dict[str, int] = {}
    movements: list[str] = []
    sent: dict[Target, int] | None = None


class Expectation(_Section):
    """One case: the answer first, then the state.

    `status`, `code` (of a problem document), `acknowledgement` (the whole body that a channel reads), `headers`
    (whole values, by lower-case name) and `body_contains` are of an HTTP answer; `batch_item_failures`, written
    `batchItemFailures`, is a queue's. `error` says that the function ends with an error, so that its stream repeats
    the batch. `quiet` promises that nothing was written anywhere and nothing sent. `exceptions` are ids that the
    exceptions table must hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    about: str
    status: int | None = None
    code: str | None = None
    field: str | None = None
    acknowledgement: str | None = None
    headers: dict[str, str] = {}
    body_contains: list[str] = []
    batch_item_failures: list[str] | None = Field(default=None, alias="batchItemFailures")
    error: bool = False
    quiet: bool = False
    state: dict[str, OrderExpectation] = {}
    exceptions: list[str] = []

    def to_json(self) -> str:
        """Render the file: what is not said is left out."""
        return self.model_dump_json(indent=2, by_alias=True, exclude_defaults=True) + "\n"


def read(path: Path) -> Expectation:
    """Read one expectation file; raises pydantic's ValidationError for anything that the schema does not know."""
    return Expectation.model_validate_json(path.read_text("utf-8"))


def event_files(folder: Path = EVENTS_FOLDER) -> list[Path]:
    """Return all event files, sorted by function and case."""
    return sorted(path for path in folder.glob("*/*.json") if not path.name.endswith(EXPECT_SUFFIX))


def expectation_of(event_file: Path) -> Expectation:
    """Return what stands beside an event file."""
    return read(event_file.with_name(event_file.stem + EXPECT_SUFFIX))


def event_of(event_file: Path) -> dict[str, object]:
    """Return the event as Lambda passes it."""
    event: dict[str, object] = json.loads(event_file.read_text("utf-8"))
    return event
