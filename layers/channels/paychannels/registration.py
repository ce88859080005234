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
    CALLBACKS = "callbacks"


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a channel keeps each part, as `module:name`.

    CREATE, QUERY and CLOSE name a maker that takes a Transport and a Clock; CALLBACKS names one that takes nothing,
    because a callback never calls a channel. MANIFEST names the Manifest itself, CHECK_ACCOUNT the function.
    """

    parts: Mapping[Operation, str]
