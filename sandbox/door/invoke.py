"""Lambda Invoke over HTTP, signed, without a thread per call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.emulator import REGION

_OK: Final = 200


class FunctionFailedError(Exception):
    """The function raised, timed out, or ended its process."""


class NotInvokedError(Exception):
    """Lambda did not run the function: throttled, gone, or out of reach."""


@dataclass(frozen=True, slots=True)
class Lambda:
    """Lambda behind an endpoint; the key is the emulator's root's."""

    client: httpx.AsyncClient
    endpoint: str

    async def invoke(self, function: str, payload: bytes) -> Any:  # noqa: ANN401 - any JSON
        """Run a function (an alias's ARN) and return what it returned; raises one of this module's errors."""
        url = f"{self.endpoint}/2015-03-31/functions/{quote(function, safe='')}/invocations"
        try:
            response = await self.client.post(url, content=payload, headers=_signed(url, payload))
        except httpx.HTTPError as error:
            raise NotInvokedError(str(error)) from error
        if response.status_code != _OK:
            raise NotInvokedError(f"{response.status_code}: {response.text[:200]}")
        if "x-amz-function-error" in response.headers:
            raise FunctionFailedError(response.text[:500])
        return json.loads(response.content)


def _signed(url: str, payload: bytes) -> Mapping[str, str]:
    request = AWSRequest(method="POST", url=url, data=payload)
    request.headers["content-type"] = "application/json"
    SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(request)
    return dict(request.headers.items())
