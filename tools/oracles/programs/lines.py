"""Answers one JSON object a line on standard input with one on standard output; runs in an oracle's own environment."""

import json
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

type Operation = Callable[..., Any]


class Refused(Exception):
    """What an SDK says no to; anything else that is raised is a fault of the program."""


def asked(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the SDK gives
    """Run what asks the SDK for a verdict or a value: whatever it raises is its refusal."""
    try:
        return ask()
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}"[:300]) from error


def serve(operations: Mapping[str, Operation], version: str) -> None:
    """Answer until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(json.dumps(_answer(operations, version, line)) + "\n")
        answers.flush()


def _answer(operations: Mapping[str, Operation], version: str, line: str) -> dict[str, Any]:
    try:
        details = json.loads(line)
        what = details.pop("do")
        if what == "hello":
            return {"value": {"version": version, "can": [*operations]}}
        return {"value": operations[what](**details)}
    except Refused as refusal:
        return {"refused": str(refusal)}
    except Exception:  # noqa: BLE001 - told to the harness, which stops
        return {"broken": traceback.format_exc(limit=4)}
