"""Tests of known_rows: positions are known again by number and digest."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.machine.known_rows import KnownRows, same_rows

POSITIONS = st.lists(st.integers(0, 1000), max_size=30)


@given(POSITIONS, POSITIONS)
def test_known_rows_are_the_same_as_positions_only_if_all_are_in_their_order(
    a: list[int], b: list[int]
) -> None:
    known = KnownRows.of(np.array(a, dtype=np.int64))
    assert same_rows(np.array(b, dtype=np.int64), known) == (a == b)


def test_the_dtype_of_positions_does_not_count() -> None:
    assert KnownRows.of(np.array([1, 2], dtype=np.int32)).are(np.array([1, 2], dtype=np.int64))


def test_all_rows_are_no_positions() -> None:
    assert same_rows(None, None)
    assert not same_rows(None, KnownRows.of(np.array([0])))
    assert not same_rows(np.array([0]), None)


def test_known_rows_of_known_rows_are_themselves() -> None:
    known = KnownRows.of(np.array([3, 1]))
    assert KnownRows.of(known) is known
