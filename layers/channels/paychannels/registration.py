"""What a channel's folder hands to the registry: where each operation is made, by name, so that nothing loads early."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """What can be asked of a channel's folder."""

    MANIFEST = "manifest"
    CHECK_ACCOUNT = "check_account"
    CREATE = "create"
    QUERY = "query"
    CLOSE = "close"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"
    BILLS = "bills"
    CALLBACKS = "callbacks"
    IDENTIFICATION = "identification"
    MATERIAL = "material"


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a channel keeps each part, as `module:name`.

    MANIFEST names the Manifest itself, CHECK_ACCOUNT the function. All else names a maker that takes a Transport and a
    Clock, but for CALLBACKS: a callback never calls a channel, so its maker takes the Clock alone. IDENTIFICATION is
    there only where a product needs the payer's id, MATERIAL only where public keys are fetched.
    """

    parts: Mapping[Operation, str]
