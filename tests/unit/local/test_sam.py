"""What is read from the SAM CLI's words, and what is counted."""

import pytest

from tools.events.expectation import EVENTS_FOLDER, expectation_of
from tools.local.cases import Count, nothing_done
from tools.local.sam import (
    SamError,
    failed,
    logical_id,
    parse_answer,
    with_public_url,
    with_role_of,
)


def test_the_answer_is_the_last_line() -> None:
    assert parse_answer('noise\n{"statusCode": 200}', "") == {"statusCode": 200}
    assert parse_answer("null\n", "") is None
    assert parse_answer("", "") is None


def test_no_answer_is_an_error_that_holds_the_last_words() -> None:
    with pytest.raises(SamError, match=r"(?s)not json.*no such image"):
        parse_answer("not json", "a\nno such image")


def test_an_error_is_told_from_an_answer() -> None:
    assert failed({"errorMessage": "x", "errorType": "ValueError", "stackTrace": []})
    assert not failed({"statusCode": 200, "body": "errorMessage"})
    assert not failed(None)


def test_the_logical_id_of_a_folder() -> None:
    assert logical_id("create_order") == "CreateOrderFunction"
    assert logical_id("sweep") == "SweepFunction"


def test_only_functions_that_know_the_public_address_are_told_another() -> None:
    given = {"A": {"PUBLIC_URL": "http://door", "X": "1"}, "B": {"X": "2"}}
    assert with_public_url(given, "http://api") == {
        "A": {"PUBLIC_URL": "http://api", "X": "1"},
        "B": {"X": "2"},
    }


def test_the_counts_name_what_differed() -> None:
    count = Count()
    count.add({"callback/paid": []})
    count.add({"callback/late": ["status is 503"]})
    assert str(count) == "2 run: 1 as expected, 1 not (callback/late)"


def test_a_borrowed_role_changes_one_functions_credentials_and_nothing_else() -> None:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    given = {function: {**dict.fromkeys(names, function), "X": function} for function in "ABC"}
    assert with_role_of("B", "A", given) == {
        **given,
        "A": {**dict.fromkeys(names, "B"), "X": "A"},
    }


def test_where_a_permission_is_missing_no_order_may_stand_afterwards() -> None:
    expect = nothing_done(expectation_of(EVENTS_FOLDER / "create_order" / "created.json"))
    assert (expect.status, expect.code) == (503, "try_again")
    assert [order.state for order in expect.state.values()] == ["ABSENT"]
