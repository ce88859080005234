"""JSON that two parsers could read differently is refused. Holds S-14, S-15, S-16, S-21."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.contracts.strict_json import loads
from paycenter.domain.errors import Malformed

DOCUMENTS = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(10**17), 10**17)
    | some.text(some.characters(codec="utf-8")),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(some.text(some.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_plain_json_is_read_as_the_standard_library_reads_it(document: object) -> None:
    for ascii_only in (True, False):
        body = json.dumps(document, ensure_ascii=ascii_only).encode()
        assert loads(body) == document


@given(some.binary(max_size=64))
def test_any_bytes_are_read_or_refused_and_never_anything_else(body: bytes) -> None:
    try:
        loads(body)
    except Malformed as refusal:
        told = str(refusal)
    else:
        told = "Read."
    assert told.endswith(".")


BAD: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("blanks", b"  "),
    ("half", b'{"a":'),
    ("two documents", b"{}{}"),
    ("a comment", b"{} // x"),
    ("single quotes", b"{'a':1}"),
    ("a trailing comma", b'{"a":1,}'),
    ("a bare word", b"yes"),
    ("a duplicate key", b'{"amount":1,"amount":100}'),
    ("the same key escaped", b'{"amount":1,"\\u0061mount":100}'),
    ("a duplicate key deep inside", b'{"a":[{"b":1,"b":1}]}'),
    ("a float", b'{"a":100.0}'),
    ("an exponent", b'{"a":1e2}'),
    ("infinity by exponent", b'{"a":1E400}'),
    ("NaN", b'{"a":NaN}'),
    ("Infinity", b'{"a":Infinity}'),
    ("-Infinity", b'{"a":-Infinity}'),
    ("a number of 20 digits", b'{"a":' + b"1" * 20 + b"}"),
    ("a number of 5,000 digits", b'{"a":' + b"1" * 5000 + b"}"),
    ("a leading zero", b'{"a":01}'),
    ("a plus", b'{"a":+1}'),
    ("hexadecimal", b'{"a":0x10}'),
    ("underscores", b'{"a":1_000}'),
    ("full-width digits", '{"a":１００}'.encode()),
    ("a lone surrogate as a value", b'{"a":"\\ud800"}'),
    ("a lone surrogate as a name", b'{"\\udfff":1}'),
    ("a lone surrogate in a list", b'{"a":[["x","\\ud800"]]}'),
    ("a lone surrogate in a list alone", b'["\\ud800"]'),
    ("a lone surrogate alone", b'"\\ud800"'),
    ("surrogates in the wrong order", b'{"a":"\\udc00\\ud800"}'),
    ("UTF-16", '{"a":1}'.encode("utf-16")),
    ("UTF-32", '{"a":1}'.encode("utf-32")),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("Latin-1", b'{"a":"\xe9"}'),
    ("an overlong form", b'{"a":"\xc0\xaf"}'),
    ("an encoded surrogate", b'{"a":"\xed\xa0\x80"}'),
    ("a raw newline in a text", b'{"a":"x\ny"}'),
    ("a NUL", b'{"a":"\x00"}'),
    ("100,000 arrays", b"[" * 100_000),
    ("100,000 objects", b'{"a":' * 100_000),
]


@pytest.mark.parametrize("body", [body for _, body in BAD], ids=[name for name, _ in BAD])
def test_what_is_not_plain_json_is_malformed(body: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(Malformed) as refusal:
        loads(body)
    assert time.monotonic() - began < 0.5
    str(refusal.value).encode()
    assert refusal.value.__cause__ is None


def test_a_duplicate_key_is_named() -> None:
    with pytest.raises(Malformed, match="send it once") as refusal:
        loads(b'{"amount":1,"amount":100}')
    assert refusal.value.field == "amount"


def test_a_name_that_can_not_be_printed_is_told_in_a_form_that_can() -> None:
    with pytest.raises(Malformed) as refusal:
        loads(b'{"\\ud800":1}')
    assert refusal.value.field == "\\ud800"


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b"9223372036854775807", 9223372036854775807),
        (b"-1", -1),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"a":null}', {"a": None}),
        (b"[]", []),
    ],
)
def test_what_is_plain_passes(body: bytes, document: object) -> None:
    assert loads(body) == document
