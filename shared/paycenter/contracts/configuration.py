"""The configuration file that operators write: business lines, channel accounts and ladders, checked before it counts."""

import base64
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from paycenter.domain.ladder import notify_ladder, order_timeout, query_ladder
from paycenter.domain.order import LatePolicy

MINIMUM_WEBHOOK_SECRET_BYTES: Final = 24
MAXIMUM_WEBHOOK_SECRET_BYTES: Final = 64
PRIVATE_KEY_BYTES: Final = 32
_LINE = r"^[a-z][a-z0-9-]{0,31}$"
_WORD = r"^[a-z][a-z0-9_]{0,31}$"
_ACCOUNT_VERSION = r"^[a-z0-9][a-z0-9-]{0,40}~[0-9]{1,4}$"
_ORIGIN = r"^https?://[a-z0-9.\[\]:-]+$"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretSource(_Section):
    """Where a secret is read from when the file is applied: a file beside it, an environment variable, or the text.

    The text itself is for sandboxes; whoever applies the file elsewhere is refused.
    """

    file: str = ""
    env: str = ""
    text: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(bool(source) for source in (self.file, self.env, self.text)) != 1:
            raise ValueError("give exactly one of file, env and text")
        return self


class KeySection(_Section):
    """One API key of a line, hashed: the SHA-256 of `<line>.<secret>` in lower-case hex."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scopes: Annotated[
        tuple[Annotated[str, Field(pattern=r"^(pay|refund|read)$")], ...], Field(min_length=1)
    ]


class LineSection(_Section):
    """One business line."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    name_zh: Annotated[str, Field(min_length=1, max_length=64)]
    notify_url: Annotated[str, Field(max_length=512)]
    return_origins: tuple[Annotated[str, Field(pattern=_ORIGIN)], ...] = ()
    late_policy: LatePolicy = LatePolicy.REFUND
    cashier: Annotated[
        tuple[
            tuple[Annotated[str, Field(pattern=_WORD)], Annotated[str, Field(pattern=_WORD)]], ...
        ],
        Field(min_length=1, max_length=20),
    ]
    keys: Annotated[tuple[KeySection, ...], Field(min_length=1, max_length=2)]
    webhook_secrets: Annotated[tuple[SecretSource, ...], Field(min_length=1, max_length=2)]
    # A disabled line's keys open nothing; its orders under way go on.
    disabled: bool = False


class AccountSection(_Section):
    """One version of a channel account. Retired versions stay in the file while money of theirs may still report."""

    channel: Annotated[str, Field(pattern=_WORD)]
    live: bool = True
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    settings: dict[str, str] = {}
    secrets: dict[str, SecretSource] = {}


class QueryLadderSection(_Section):
    """The active query's ladder, as the seed's three parameters: RocketMQ levels or plain durations."""

    query_init_level: str | int | None = None
    query_count: str | int | None = None
    query_delay_levels: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        three = (self.query_init_level, self.query_count, self.query_delay_levels)
        given = [str(value) for value in three if value is not None]
        if given:
            if len(given) != len(three):
                raise ValueError(
                    "query_init_level, query_count and query_delay_levels belong together; give all three"
                )
            query_ladder(*given)
        return self

    def parameters(self) -> dict[str, str]:
        """Return what is given, as Parameter Store keeps it."""
        return {
            name: str(value)
            for name, value in self.model_dump().items()
            if value is not None and not isinstance(value, dict)
        }


class LineLadderSection(QueryLadderSection):
    """What a business line has of its own: its query ladder, its notifications' ladder, its orders' life."""

    notify_delay_levels: str | None = None
    order_timeout: str | None = None

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.notify_delay_levels is not None:
            notify_ladder(self.notify_delay_levels)
        if self.order_timeout is not None:
            order_timeout(self.order_timeout)
        return self


class LadderSection(LineLadderSection):
    """The system's ladders, and those of channels and business lines; the nearest one counts: line, channel, system."""

    channels: dict[Annotated[str, Field(pattern=_WORD)], QueryLadderSection] = {}
    lines: dict[Annotated[str, Field(pattern=_LINE)], LineLadderSection] = {}

    def all_parameters(self) -> dict[str, str]:
        """Return every level's parameters by name, below the folder of ladders."""
        named = dict(self.parameters())
        for folder, sections in (("channels", self.channels), ("lines", self.lines)):
            for name, section in sections.items():
                named |= {
                    f"{folder}/{name}/{key}": value for key, value in section.parameters().items()
                }
        return named


class ConfigurationFile(_Section):
    """The whole file."""

    ladders: LadderSection = LadderSection()
    lines: dict[Annotated[str, Field(pattern=_LINE)], LineSection] = {}
    accounts: dict[Annotated[str, Field(pattern=_ACCOUNT_VERSION)], AccountSection] = {}


def check_webhook_secret(secret: str) -> str | None:
    """Return what is wrong with a webhook secret, or None.

    `whsec_` and base64 of 24 to 64 bytes is a shared one, `whsk_` and base64 of 32 bytes an ed25519 private key.
    """
    prefix, _, text = secret.partition("_")
    try:
        size = len(base64.b64decode(text, validate=True))
    except ValueError:
        size = 0
    shared = MINIMUM_WEBHOOK_SECRET_BYTES <= size <= MAXIMUM_WEBHOOK_SECRET_BYTES
    if (prefix == "whsec" and shared) or (prefix == "whsk" and size == PRIVATE_KEY_BYTES):
        return None
    return (
        "must be whsec_ followed by base64 of 24 to 64 random bytes,"
        " or whsk_ followed by base64 of the 32 bytes of an ed25519 private key"
    )
