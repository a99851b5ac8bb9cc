"""Tests of plain_decoding: plain values come back with their types, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mlj_keras.errors import LimitExceeded
from mlj_keras.persistence.plain_decoding import PLAIN_KINDS, PlainDecoder
from tests.persistence.test_decoding import back

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals(allow_nan=False)
)
KEYS = st.integers() | st.text() | st.booleans()
VALUES = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.lists(inside, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inside, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_come_back_with_their_types(value: Any) -> None:
    found = back(value)
    assert repr(found) == repr(value)


@given(
    arrays.arrays(
        st.sampled_from(
            ["float32", "float64", "int8", "uint64", "bool", "<U5", "M8[ns]", "m8[s]"]
        ),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_arrays_come_back_bit_for_bit(value: np.ndarray) -> None:
    found = back(value)
    assert found.dtype == value.dtype and found.shape == value.shape
    assert found.tobytes() == value.tobytes()


def test_arrays_of_objects_and_columns_come_back() -> None:
    value = np.array([1, "a", None, (2,)], dtype=object).reshape(2, 2)
    assert back(value).tolist() == value.tolist()
    column = pa.array(["a", None, "b"]).dictionary_encode()
    assert back(column).equals(column)


class Plain(PlainDecoder):
    """Of plain values alone."""

    kinds = PLAIN_KINDS


def test_what_belongs_to_nothing_is_told() -> None:
    decoder = Plain({"000000": np.zeros(2), "000001": np.ones(2)}, {})
    decoder.value({"array": "000000"}, "it")
    with pytest.raises(ValueError, match="the array '000001', which belongs to nothing"):
        decoder.check_used()


def test_copies_take_no_more_room_than_the_file_allows() -> None:
    decoder = Plain({"000000": np.zeros(2)}, {})
    decoder.take_room(2**26)
    with pytest.raises(LimitExceeded, match="more memory than it has bytes"):
        decoder.take_room(1000)


def test_models_are_no_plain_values() -> None:
    with pytest.raises(ValueError, match="of the kind 'model', which there is not"):
        Plain({}, {}).value({"model": {}}, "it")
