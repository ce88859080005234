"""What a simulator's folder says about itself in ``simulator.toml``, for its own start and for the supervisor."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = "simulator.toml"


@dataclass(frozen=True, slots=True)
class Description:
    """One simulator: the folder's name, what people call it, and its usual port."""

    name: str
    title: str
    port: int

    @property
    def module(self) -> str:
        """Return what ``python -m`` starts."""
        return f"sandbox.{self.name}"


@cache
def simulators() -> tuple[Description, ...]:
    """Return all simulators whose folders stand in the sandbox, by port."""
    files = Path(__file__).parents[1].glob(f"*/{FILE}")
    return tuple(sorted((described(file.parent) for file in files), key=lambda one: one.port))


def described(folder: Path) -> Description:
    """Read one folder's description; KeyError when a line is missing."""
    lines = tomllib.loads((folder / FILE).read_text("utf-8"))
    return Description(folder.name, lines["title"], lines["port"])
