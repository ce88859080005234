"""A payer without a browser: follows the same forms, links and redirects as one, over HTTP alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

PASSWORD = "123456"  # noqa: S105 - the sandbox shows it on the page
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Mobile/15E148"


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, and what it holds already."""

    action: str
    method: str
    identity: str
    fields: dict[str, str] = field(default_factory=dict)


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.elements: dict[str, dict[str, str]] = {}
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.elements.setdefault(values.get("id", ""), values)
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
    return _parts_of(html).forms


def _parts_of(html: str) -> _Parts:
    parser = _Parts()
    parser.feed(html)
    return parser


class Payer:
    """Opens pages, fills in forms, follows links and redirects; keeps the last page."""

    def __init__(self, user_agent: str = DESKTOP) -> None:
        headers = {"user-agent": user_agent, "accept-language": "en"}
        self._client = httpx.Client(
            follow_redirects=True, timeout=30, headers=headers, trust_env=False
        )
        self.agent = user_agent
        self.address = ""
        self.html = ""
        self.status = 0
        self._referrer_policy = ""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def open(self, address: str, referer: str = "") -> None:
        """Open an address."""
        told = {"referer": referer} if referer else {}
        self._take(self._client.get(urljoin(self.address, address), headers=told))

    def follow(self, identity: str) -> bool:
        """Follow the link with this id to another site, telling it what the page allows; False where there is none."""
        link = self.element(identity).get("href", "")
        if link:
            self.open(link, f"{self._origin}/" if self._referrer_policy == "origin" else "")
        return bool(link)

    def submit(self, form: Form, **filled: str) -> None:
        """Send a form with what it holds and what is filled in."""
        target = urljoin(self.address, form.action)
        data = {**form.fields, **filled}
        # A browser says where a form comes from; the cashier checks it.
        if form.method == "GET":
            self._take(self._client.get(target, params=data))
        else:
            self._take(self._client.post(target, data=data, headers={"origin": self._origin}))

    def form(self, identity: str = "", fields: Mapping[str, str] | None = None) -> Form | None:
        """Return the first form with this id or these values, or None where the page has none."""
        wanted = dict(fields or {})
        for form in forms_of(self.html):
            same = all(form.fields.get(name) == value for name, value in wanted.items())
            if same and identity in ("", form.identity):
                return form
        return None

    def element(self, identity: str) -> Mapping[str, str]:
        """Return the attributes of the element with this id; empty where the page has none."""
        return _parts_of(self.html).elements.get(identity, {})

    @property
    def _origin(self) -> str:
        return str(httpx.URL(self.address).copy_with(raw_path=b"/")).rstrip("/")

    def _take(self, answer: httpx.Response) -> None:
        self.address, self.html, self.status = str(answer.url), answer.text, answer.status_code
        self._referrer_policy = answer.headers.get("referrer-policy", "")
