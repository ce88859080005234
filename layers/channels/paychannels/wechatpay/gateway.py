"""Asks WeChat: sign, send, verify the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.clock import Clock
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer, NotSent, Transport
from paychannels.flow import Reply
from paychannels.wechatpay import answers, documents, signing, verification

# Requests without a user agent may be refused.
_USER_AGENT: Final = "PayCenter"
_JSON: Final = "application/json"
_MAXIMUM_FILE_BYTES: Final = 1 << 26
_MAXIMUM_FILE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Gateway:
    """The way to WeChat, shared by all operations that call it."""

    transport: Transport
    clock: Clock

    def call_channel(
        self,
        account: Account,
        method: str,
        target: str,
        content: Mapping[str, object] | None = None,
    ) -> Reply:
        """Call one operation; raises ValueError where the account's own keys can't be read.

        `target` is path and query, percent-encoded: the encoded form is signed and sent.
        """
        body = b"" if content is None else documents.write(content)
        response = self.ask(account, method, account.settings["gateway"] + target, body)
        if isinstance(response, Reply):
            return response
        return answers.read(response, verification.known_keys(account), self.clock.now())

    def ask(
        self, account: Account, method: str, url: str, body: bytes = b""
    ) -> HttpResponse | Reply:
        """Send one signed request and return what came back, not verified; a Reply where nothing did."""
        headers = {**self._headers(account, method, url, body), "accept": _JSON}
        return self._send(HttpRequest(method=method, url=url, headers=headers, body=body))

    def fetch(self, account: Account, url: str) -> HttpResponse | Reply:
        """Fetch a file, which is longer than an answer and never signed; else as `ask`."""
        headers = {**self._headers(account, "GET", url, b""), "accept": "*/*"}
        return self._send(
            HttpRequest(
                method="GET",
                url=url,
                headers=headers,
                maximum_bytes=_MAXIMUM_FILE_BYTES,
                maximum_seconds=_MAXIMUM_FILE_SECONDS,
            )
        )

    def _send(self, request: HttpRequest) -> HttpResponse | Reply:
        try:
            return self.transport.send(request)
        except NotSent:
            return Reply(outcome=Outcome.NOT_EXECUTED, code="not_sent")
        except NoAnswer:
            return Reply(outcome=Outcome.UNKNOWN, code="no_answer")

    def _headers(self, account: Account, method: str, url: str, body: bytes) -> dict[str, str]:
        address = urlsplit(url)
        target = f"{address.path}?{address.query}" if address.query else address.path
        nonce = signing.nonce(self.clock.now_ms(), method.encode(), target.encode(), body)
        headers = {
            "authorization": signing.authorization(
                account, method, target, body, self.clock.now(), nonce
            ),
            "content-type": _JSON,
            "user-agent": _USER_AGENT,
        }
        if "public_key_id" in account.settings:
            # Selects the key that the answer is signed with.
            headers["wechatpay-serial"] = account.settings["public_key_id"]
        return headers
