"""PayCenter as a business line sees it: two requests over HTTP."""

from dataclasses import dataclass

import httpx

from sandbox.shop.lines import Line

API_LIMIT_SECONDS = 35.0


class ApiProblem(Exception):
    """PayCenter refused or could not be reached; the sentence is fit for a page."""


@dataclass(frozen=True, slots=True)
class PayCenterApi:
    """Speaks as one of the lines, with that line's key."""

    base_url: str
    client: httpx.AsyncClient

    async def create_order(self, line: Line, body: dict[str, object]) -> dict[str, object]:
        """Create an order, or find it again by its ``out_order_no``; ApiProblem when that fails."""
        return await self._ask(line, "POST", "/v1/orders", body=body)

    async def find_order(self, line: Line, out_order_no: str) -> dict[str, object]:
        """Return an order by the line's own number; ApiProblem when there is none."""
        return await self._ask(line, "GET", "/v1/orders", query={"out_order_no": out_order_no})

    async def _ask(
        self,
        line: Line,
        verb: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: dict[str, object] | None = None,
    ) -> dict[str, object]:
        headers = {"authorization": f"Bearer {line.api_key}"}
        url = self.base_url + path
        try:
            answer = await self.client.request(verb, url, params=query, json=body, headers=headers)
            fields = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ApiProblem(f"PayCenter: {type(error).__name__} {error}") from error
        if not answer.is_success or not isinstance(fields, dict):
            raise ApiProblem(_sentence(answer.status_code, fields))
        return fields


def _sentence(status: int, fields: object) -> str:
    if isinstance(fields, dict):
        return f"PayCenter {status}: {fields.get('code')}: {fields.get('detail') or fields.get('title')}"
    return f"PayCenter {status}"
