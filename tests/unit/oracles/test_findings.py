"""What counts as agreement, as a known difference and as a failure."""

import pytest

from tools.oracles.findings import ACCEPTED, REFUSED, Finding, Tally

REASONS = {"old": "because"}


def tally_of(*findings: Finding) -> Tally:
    tally = Tally(REASONS)
    for finding in findings:
        tally.add(finding)
    return tally


def test_both_sides_saying_the_same_agree() -> None:
    tally = tally_of(Finding(case="new", ours="x", theirs="x"))
    assert (tally.agreed, tally.failed) == (1, 0)


def test_a_difference_that_nobody_listed_fails() -> None:
    tally = tally_of(Finding(case="new", ours=REFUSED, theirs=ACCEPTED, right=REFUSED))
    assert tally.failures == {"new": "we say refused, they say accepted"}


def test_what_we_refuse_and_they_accept_is_counted_where_it_is_listed() -> None:
    tally = tally_of(Finding(case="old", ours=REFUSED, theirs=ACCEPTED, right=REFUSED))
    assert (tally.refused_here, tally.otherwise, tally.failed) == (1, 0, 0)
    assert tally.differed == {"old": "accepted there, refused here"}


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [(ACCEPTED, REFUSED, "refused there, accepted here"), ("a", "b", "another value there")],
)
def test_other_listed_differences_are_counted_apart(ours: str, theirs: str, how: str) -> None:
    tally = tally_of(Finding(case="old", ours=ours, theirs=theirs))
    assert (tally.refused_here, tally.otherwise) == (0, 1)
    assert tally.differed == {"old": how}


@pytest.mark.parametrize("theirs", [ACCEPTED, REFUSED])
def test_our_side_must_be_right_whatever_they_say_and_whatever_is_listed(theirs: str) -> None:
    tally = tally_of(Finding(case="old", ours=ACCEPTED, theirs=theirs, right=REFUSED, mode="v3"))
    assert tally.failures == {"old": "(v3) must be refused, we say accepted"}


def test_a_listed_difference_that_does_not_show_fails() -> None:
    tally = tally_of(Finding(case="old", ours="x", theirs="x"))
    tally.finish()
    assert list(tally.failures) == ["old"]


def test_an_oracle_that_was_asked_nothing_has_failed() -> None:
    tally = Tally({})
    tally.finish()
    assert tally.failures == {"all": "no case ran"}


def test_every_case_counts_and_the_first_failure_of_each_is_kept() -> None:
    tally = tally_of(
        Finding(case="new", ours=1, theirs=2),
        Finding(case="new", ours=3, theirs=4),
        Finding(case="old", ours=5, theirs=6),
        Finding(case="other", ours=7, theirs=7),
    )
    assert tally.cases == 4
    assert tally.failures == {"new": "we say 1, they say 2"}


def test_long_values_are_cut() -> None:
    shown = Finding(case="new", ours="x" * 1000, theirs="").different
    assert len(shown) < 400
