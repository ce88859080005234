"""What a case found: what we say, what an SDK says, what is right; and the sum of many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
_DIRECTIONS: Final[Mapping[tuple[object, object], str]] = {
    (REFUSED, ACCEPTED): "accepted there, refused here",
    (ACCEPTED, REFUSED): "refused there, accepted here",
}
_SHOWN_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One case: `ours` and `theirs` are verdicts or values of the same thing.

    `right` is a verdict that is not ours to choose; `mode` tells apart repetitions of a case under other accounts.
    """

    case: str
    ours: object
    theirs: object
    right: str | None = None
    mode: str = ""

    @property
    def wrong(self) -> str:
        """Say what is wrong on our side alone, whatever the SDK says; empty where nothing is."""
        if self.right is None or self.ours == self.right:
            return ""
        return f"{self._where}must be {self.right}, we say {_shown(self.ours)}"

    @property
    def different(self) -> str:
        """Say how the two sides differ; empty where they agree."""
        if self.ours == self.theirs:
            return ""
        return f"{self._where}we say {_shown(self.ours)}, they say {_shown(self.theirs)}"

    @property
    def _where(self) -> str:
        return f"({self.mode}) " if self.mode else ""


@dataclass(slots=True)
class Tally:
    """What became of the cases of one oracle; `reasons` are its known differences by case.

    `differed` says by case how they showed, `failures` keeps the first failure of each case.
    """

    reasons: Mapping[str, str]
    version: str = ""
    agreed: int = 0
    refused_here: int = 0
    otherwise: int = 0
    failed: int = 0
    differed: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count a finding; a known difference counts as one only where our side is right."""
        if finding.wrong:
            self.fail(finding.case, finding.wrong)
        elif not finding.different:
            self.agreed += 1
        elif finding.case in self.reasons:
            self._differ(finding)
        else:
            self.fail(finding.case, finding.different)

    def _differ(self, finding: Finding) -> None:
        sides = (finding.ours, finding.theirs)
        self.differed[finding.case] = _DIRECTIONS.get(sides, "another value there")
        self.refused_here += sides == (REFUSED, ACCEPTED)
        self.otherwise += sides != (REFUSED, ACCEPTED)

    def fail(self, case: str, words: str) -> None:
        """Count a failure."""
        self.failed += 1
        self.failures.setdefault(case, words)

    def finish(self) -> None:
        """Fail where nothing was asked, and for known differences that did not show: they are to leave the list."""
        if not self.cases:
            self.fail("all", "no case ran")
        for case in self.reasons:
            if case not in self.differed:
                self.fail(case, "listed as a difference, but it did not show")

    @property
    def cases(self) -> int:
        """Return how many cases were counted."""
        return self.agreed + self.refused_here + self.otherwise + self.failed


def verdict(accepted: bool) -> str:  # noqa: FBT001 - the one thing that it takes
    """Return the word for a yes or no."""
    return ACCEPTED if accepted else REFUSED


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
