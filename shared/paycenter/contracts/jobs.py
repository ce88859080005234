"""Jobs as queue messages: compact JSON out, validated JSON in."""

import json
from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from paycenter.domain.errors import Malformed
from paycenter.domain.jobs import Job


def encode(job: Job) -> str:
    """Render a job as a message body; fields at their default are left out."""
    return json.dumps(
        {
            field.name: value
            for field in fields(job)
            if (value := getattr(job, field.name)) != field.default or field.default is MISSING
        },
        separators=(",", ":"),
    )


def decode(body: str) -> Job:
    """Read a message body; raises Malformed for anything that is not a job."""
    from pydantic import ValidationError  # noqa: PLC0415 - functions that only send jobs never pay for pydantic

    try:
        job: Job = _adapter().validate_json(body)
    except ValidationError as error:
        message = f"not a job: {error.error_count()} errors"
        raise Malformed(message) from error
    return job


@cache
def _adapter() -> Any:  # noqa: ANN401 - TypeAdapter is imported late
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Job)
