"""JSON as it is written here, and nothing else."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.storage.strict_json import dumped, loaded

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(value=values)
def test_values_come_back_with_their_types_and_every_bit(value: Any) -> None:
    text = dumped(value)
    assert repr(loaded(text, "it")) == repr(json.loads(text))
    assert loaded(memoryview(text), "it") == value and dumped(loaded(text, "it")) == text


def test_equal_values_make_equal_bytes() -> None:
    assert dumped({"b": [1, 2.5], "a": "ä"}) == b'{"a":"\\u00e4","b":[1,2.5]}'
    assert dumped({"b": 1, "a": 2}) == dumped({"a": 2, "b": 1})


def test_numbers_that_json_does_not_know_are_not_written() -> None:
    for number in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            dumped([number])
    with pytest.raises(TypeError, match="not JSON serializable"):
        dumped({1, 2})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', "it has the name 'a' twice"),
        (b'[{"x": {"a": 1, "a": 1}}]', "it has the name 'a' twice"),
        (b"[NaN]", "it has the number NaN, which JSON does not know"),
        (b"-Infinity", "it has the number -Infinity"),
        (b"1e400", "it has the number 1e400, which is too large"),
        (b"-1e400", "it has the number -1e400, which is too large"),
        (b"9" * 401, "it has a number of 401 digits"),
        (b"-" + b"9" * 10**6, "it has a number of 1000001 digits"),
        (b"0." + b"9" * 10**6, "it has a number of 1000002 digits"),
        (b"[" * 10**5, "it is nested too deeply"),
        (b"[" * 10**5 + b"]" * 10**5, "it is nested too deeply"),
        (b'{"a":' * 10**5, "it is nested too deeply"),
        (b"\xef\xbb\xbf[]", "it is no JSON"),
        (b'"\xff"', "it is no UTF-8"),
        (b'"\xed\xa0\x80"', "it is no UTF-8"),
        ("[]".encode("utf-16"), "it is no UTF-8"),
        (b"", "it is no JSON"),
        (b"[] []", "it is no JSON"),
        (b"{'a': 1}", "it is no JSON"),
        (b"[1,]", "it is no JSON"),
        (b"01", "it is no JSON"),
        (b'"\n"', "it is no JSON"),
        (b"// a\n[]", "it is no JSON"),
    ],
)
def test_anything_else_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        loaded(text, "it")


def test_long_texts_of_digits_are_texts() -> None:
    assert loaded(b'["' + b"1" * 5000 + b'", 7]', "it") == ["1" * 5000, 7]


def test_a_long_number_is_refused_also_where_python_would_take_it() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        with pytest.raises(ValueError, match="a number of 100000 digits"):
            loaded(b"1" * 10**5, "it")
    finally:
        sys.set_int_max_str_digits(before)
