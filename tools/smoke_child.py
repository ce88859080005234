"""Runs alone, by path, in an isolated interpreter (`python -I -S -B`): a Lambda container in little.

Nothing of the development environment is in reach. What was loaded is written to a file, because a handler prints.
"""

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class _Context:
    function_name = "smoke"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:smoke:live"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000


def main(plan_path: str) -> None:
    """Import the plan's handler, call it with the plan's events, and write what came of it."""
    plan = json.loads(Path(plan_path).read_text("utf-8"))
    sys.path[:0] = plan["path"]
    module_name, _, function_name = plan["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module_name), function_name)
    answers = [_call(handler, event) for event in plan["events"]]
    modules = {
        name: _place(module)
        for name, module in sorted(sys.modules.items())
        if module is not sys.modules["__main__"]  # which multiprocessing lists a second time
    }
    Path(plan["result"]).write_text(json.dumps({"modules": modules, "answers": answers}), "utf-8")


def _call(handler: Callable[[Any, _Context], Any], event: Any) -> Any:  # noqa: ANN401 - any JSON
    try:
        return handler(event, _Context())
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 - some events are answered with an exception
        return {"raised": type(error).__name__}


def _place(module: object) -> str:
    file = getattr(module, "__file__", None)
    if file:
        return str(file)
    # A namespace package has no file, only folders; a built-in module has neither.
    return next(iter(getattr(module, "__path__", [])), "")


if __name__ == "__main__":
    main(sys.argv[1])
