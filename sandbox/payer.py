"""A payer without a browser: follows the same forms and redirects as one, over HTTP alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Mobile/15E148"


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, and what it holds already."""

    action: str
    method: str
    identity: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = values.get("method", "get").upper()
            self._open = Form(values.get("action", ""), method, values.get("id", ""))
            self.forms.append(self._open)
        elif tag == "input" and self._open is not None and values.get("name"):
            self._open.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page with the values their inputs have, HTML escapes undone."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Payer:
    """Opens pages, fills in forms, follows redirects; keeps the last page."""

    def __init__(self, user_agent: str = DESKTOP) -> None:
        headers = {"user-agent": user_agent, "accept-language": "en"}
        self._client = httpx.Client(
            follow_redirects=True, timeout=30, headers=headers, trust_env=False
        )
        self.address = ""
        self.html = ""
        self.status = 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def open(self, address: str) -> None:
        """Open an address."""
        self._take(self._client.get(urljoin(self.address, address)))

    def submit(self, form: Form, **filled: str) -> None:
        """Send a form with what it holds and what is filled in."""
        target = urljoin(self.address, form.action)
        data = {**form.fields, **filled}
        # A browser says where a form comes from; the cashier checks it.
        origin = str(httpx.URL(self.address).copy_with(raw_path=b"/")).rstrip("/")
        if form.method == "GET":
            self._take(self._client.get(target, params=data))
        else:
            self._take(self._client.post(target, data=data, headers={"origin": origin}))

    def form(self, identity: str = "", fields: Mapping[str, str] | None = None) -> Form | None:
        """Return the first form with this id or these values, or None where the page has none."""
        wanted = dict(fields or {})
        for form in forms_of(self.html):
            same = all(form.fields.get(name) == value for name, value in wanted.items())
            if same and identity in ("", form.identity):
                return form
        return None

    def _take(self, answer: httpx.Response) -> None:
        self.address, self.html, self.status = str(answer.url), answer.text, answer.status_code
