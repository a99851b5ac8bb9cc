"""Plain values come back from JSON and arrays as they were."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.errors import InvalidArgument
from mlj_keras.storage import packed, unpacked

NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ARRAYS = st.lists(st.floats(width=32)).map(lambda x: np.array(x, dtype="float32"))
VALUES = st.recursive(
    NUMBERS | ARRAYS,
    lambda inside: (
        st.lists(inside)
        | st.lists(inside).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inside)
    ),
    max_leaves=12,
)


def alike(a: Any, b: Any) -> bool:
    """Equal, of the same types, NaN equal to itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b) or a != a and b != b
    return bool(a == b)


@given(VALUES)
def test_any_plain_value_comes_back(value: Any) -> None:
    text, arrays = packed(value)
    assert alike(unpacked(json.loads(json.dumps(text, allow_nan=False)), arrays), value)


def test_numbers_of_numpy_become_those_of_python() -> None:
    text, arrays = packed({"n": np.int64(3), "x": np.float32(0.5), "b": np.True_})
    assert unpacked(text, arrays) == {"n": 3, "x": 0.5, "b": True} and not arrays


@pytest.mark.parametrize("value", [object(), {1, 2}, print, b"x", 1j])
def test_anything_else_is_refused_with_where_it_is(value: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"value\['a'\]\[1\] is .*cannot hold: give numbers"):
        packed({"a": [1, value]})


@pytest.mark.parametrize("text", [{"odd": 1}, {"array": "1"}, {"map": [1]}, {"a": 1, "b": 2}])
def test_what_was_not_packed_is_not_unpacked(text: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        unpacked(text, {})
