"""The configuration file that operators write: business lines, channel accounts and ladders, checked before it counts."""

import base64
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from paycenter.domain.ladder import Ladder, query_ladder
from paycenter.domain.order import LatePolicy

MINIMUM_WEBHOOK_SECRET_BYTES: Final = 24
MAXIMUM_WEBHOOK_SECRET_BYTES: Final = 64
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


class LadderSection(_Section):
    """The active query's ladder, as the seed's three parameters: RocketMQ levels or plain durations."""

    query_init_level: str | int = "3"
    query_count: str | int = "6"
    query_delay_levels: str = "2,3,4,5,14,15"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.ladder()
        return self

    def ladder(self) -> Ladder:
        """Return the ladder; raises ValueError with a sentence where the three do not fit."""
        return query_ladder(
            str(self.query_init_level), str(self.query_count), self.query_delay_levels
        )


class ConfigurationFile(_Section):
    """The whole file."""

    ladders: LadderSection = LadderSection()
    lines: dict[Annotated[str, Field(pattern=_LINE)], LineSection] = {}
    accounts: dict[Annotated[str, Field(pattern=_ACCOUNT_VERSION)], AccountSection] = {}


def check_webhook_secret(secret: str) -> str | None:
    """Return what is wrong with a webhook secret, or None: `whsec_` and base64 of 24 to 64 bytes."""
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except ValueError:
        size = 0
    if (
        not secret.startswith("whsec_")
        or not MINIMUM_WEBHOOK_SECRET_BYTES <= size <= MAXIMUM_WEBHOOK_SECRET_BYTES
    ):
        return "must be whsec_ followed by base64 of 24 to 64 random bytes"
    return None
