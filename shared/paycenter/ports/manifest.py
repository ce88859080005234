"""What a channel is and can do, as data: its products, limits, and the form of its accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

DESKTOP: Final = "desktop"
PHONE: Final = "phone"
# The browser inside the channel's own app; `Manifest.own_browser` recognises it.
OWN_APP: Final = "own_app"


class Needs(StrEnum):
    """What a product must know of the payer before a payment can be made.

    CLIENT_ADDRESS is the payer's own address, with their system where that is known.
    """

    PAYER_ID = "payer_id"
    CLIENT_ADDRESS = "client_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One way to pay in a channel.

    `devices` are those on which the cashier shows it (`desktop`, `phone`, `own_app`); empty: only for business lines
    that evoke it themselves, in an app of theirs. `calls_channel` tells whether a create goes to the network. `needs`
    names what is asked of the payer first. `tells_origin` sends our origin as referer with the browser's navigation.
    """

    id: str
    name: str
    name_zh: str
    devices: frozenset[str]
    calls_channel: bool
    needs: frozenset[Needs] = frozenset()
    tells_origin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountField:
    """One field of a channel account, for the configuration's check and the console's form.

    A field with `choices` is a setting of exactly these values. `when` names settings and the values at which this
    field counts: elsewhere it is refused. `default` fills a setting that is left out; a field that is not `required`
    may be missing. `identity` fields name the merchant: within a version of an account they never change.
    """

    id: str
    label: str
    label_zh: str
    secret: bool
    identity: bool = False
    pattern: str = ".+"
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()
    when: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRules:
    """What a channel allows of refunds; seconds. `spacing_s` lies between two refunds of one payment."""

    maximum_count: int = 50
    spacing_s: int = 0
    window_s: int = 365 * 86400
    query_after_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a channel is and can do, as data.

    `icon` is inline SVG; `form_origins` are origins that its cashier's form may lead to, beside the account's gateway
    (`gateway_field` names the account's setting); seconds as DESIGN section 4 names them, `reusable_s` of a form that is
    signed here. `own_browser` is a pattern
    that the user agent of the channel's own app matches. `addresses` are an account's address settings by environment
    (`production`, and `test` where the channel has one). `confirm_callbacks`: a booked callback is confirmed by one
    query. `subject_characters` is the longest subject.
    """

    channel: str
    name: str
    name_zh: str
    icon: str
    products: Mapping[str, Product]
    currencies: frozenset[str]
    minimum_amount: int
    maximum_amount: int
    minimum_window_s: int
    deadline_margin_s: int
    close_after_s: int | None
    reusable_s: int | None
    account_fields: tuple[AccountField, ...]
    gateway_field: str
    form_origins: tuple[str, ...]
    own_browser: str = ""
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    refunds: RefundRules = RefundRules()
    confirm_callbacks: bool = False
    subject_characters: int = 127
