"""Reading small form or JSON bodies of the sandbox's own pages; never used for a channel's wire protocol."""

import json
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

BODY_LIMIT_BYTES = 64 * 1024


async def read_body(request: Request) -> bytes:
    """Return the body, at most 64 KiB; HTTPException 413 above."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise HTTPException(413, "body too large")
    return body


async def read_fields(request: Request) -> dict[str, object]:
    """Return the members of a JSON object or the fields of a form (last one wins); HTTPException 400 for anything else."""
    body = await read_body(request)
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise HTTPException(400, "not JSON") from error
    if not isinstance(fields, dict):
        raise HTTPException(400, "not a JSON object")
    return fields


def whole_number(fields: dict[str, object], name: str) -> int | None:
    """Return a whole number of at least 0, given as JSON number or form text; None when absent; HTTPException 400 else."""
    value = fields.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, int | str) and str(value).isascii() and str(value).isdigit():
        return int(value)
    raise HTTPException(400, f"{name} must be a whole number")
