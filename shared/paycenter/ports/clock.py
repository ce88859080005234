"""Time and chance, so that nothing else reads the clock or draws a random number."""

from typing import Protocol


class Clock(Protocol):
    """Business time; its rate is the speed of the sandbox, 1 everywhere else."""

    @property
    def rate(self) -> int:
        """Return how many business seconds pass in one second."""

    def now(self) -> int:
        """Return the business time in whole seconds since 1970 UTC."""

    def now_ms(self) -> int:
        """Return the business time in milliseconds since 1970 UTC."""


class Randomness(Protocol):
    """Where unguessable bits come from."""

    def secret(self) -> str:
        """Return 128 fresh random bits as 26 characters of `[A-Z2-7]`."""
