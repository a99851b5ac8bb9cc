"""Fingerprints: equal for equal data, whatever holds them; another for any other value."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.columns import column_of
from mlj_keras.data.fingerprint import fingerprint
from mlj_keras.data.images import images_of
from mlj_keras.data.tables import table_of
from mlj_keras.data.weights import ClassWeights, read_weights

FRAME = pd.DataFrame(
    {
        "x": [0.5, np.nan, 2.0],
        "n": [1, 2, 3],
        "f": pd.Categorical(["b", "a", None], categories=["b", "a", "c"]),
        "s": ["one", None, "three"],
    }
)


def of(frame: Any) -> str:
    return fingerprint(table_of(frame))


def test_the_same_data_have_the_same_fingerprint_whatever_was_there_before() -> None:
    assert of(FRAME) == of(FRAME.copy()) == of(FRAME.iloc[[0, 1, 2]])
    assert of(FRAME.iloc[1:]) == of(FRAME.drop(index=0).reset_index(drop=True))
    numbers = pl.DataFrame({"x": [0.5, 2.0], "n": [1, 2]})
    assert of(numbers) == of(numbers.to_pandas()) == of(pl.concat([numbers[:1], numbers[1:]]))


CHANGES = {
    "a value": lambda d: d.assign(x=[0.5, np.nan, 2.5]),
    "a missing value": lambda d: d.assign(x=[0.5, 1.0, 2.0]),
    "a name": lambda d: d.rename(columns={"x": "z"}),
    "the order of columns": lambda d: d[["n", "x", "f", "s"]],
    "the order of rows": lambda d: d.iloc[::-1],
    "a level": lambda d: d.assign(f=d["f"].cat.rename_categories({"c": "d"})),
    "the order of levels": lambda d: d.assign(f=d["f"].cat.reorder_categories(["a", "b", "c"])),
    "an order": lambda d: d.assign(f=d["f"].cat.as_ordered()),
    "a text": lambda d: d.assign(s=["one", None, "four"]),
    "a row less": lambda d: d.iloc[:2],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_changes_it(change: Any) -> None:
    assert of(change(FRAME)) != of(FRAME)


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.integers(0, 10**6))
def test_of_columns_of_numbers_it_says_whether_they_are_equal(x: list[float], seed: int) -> None:
    column = column_of(np.array(x))
    assert fingerprint(column) == fingerprint(column_of(np.array(x)))
    other = np.array(x)
    place = seed % len(x)
    other[place] = 1.5 if other[place] != 1.5 else 2.5
    assert fingerprint(column_of(other)) != fingerprint(column)


def test_weights_images_and_anything_else_have_one() -> None:
    images = np.arange(32, dtype=np.uint8).reshape(2, 4, 4)
    by_level = read_weights({"a": 1.0, "b": 2.0}, 3)
    assert isinstance(by_level, ClassWeights)
    found = {
        fingerprint(images_of(images)),
        fingerprint(images_of(images[::-1])),
        fingerprint(by_level),
        fingerprint(np.array([1.0, 2.0])),
        fingerprint("balanced"),
        fingerprint(None),
        fingerprint(),
    }
    assert len(found) == 7


def test_weights_of_classes_are_the_same_in_any_order_and_as_any_kind_of_number() -> None:
    given = [
        {"a": 1.0, "b": 2.0},
        {"b": 2.0, "a": 1.0},
        {"b": 2, "a": True},
        {np.str_("a"): np.float64(1), "b": 2.0},
    ]
    assert len({fingerprint(ClassWeights(each)) for each in given}) == 1
    assert fingerprint(ClassWeights({"a": 2.0, "b": 1.0})) != fingerprint(ClassWeights(given[0]))
    assert fingerprint(ClassWeights(None)) != fingerprint(ClassWeights({}))


def test_sparse_matrices_count_by_their_values_in_whatever_form_they_are() -> None:
    dense = np.zeros((300, 300))
    dense[5, 7], dense[200, 3] = 1.5, 2.5
    forms = [
        kind(dense)
        for kind in (
            *(scipy.sparse.csr_matrix, scipy.sparse.csc_matrix, scipy.sparse.coo_array),
            *(scipy.sparse.lil_array, scipy.sparse.dok_array),
        )
    ]
    twice = scipy.sparse.coo_array(([2.5, 0.5, 1.0], ([200, 5, 5], [3, 7, 7])), (300, 300))
    assert len({fingerprint(each) for each in (*forms, twice)}) == 1 and twice.nnz == 3
    for row, column, value in ((5, 7, 1.0), (5, 8, 1.5), (6, 7, 1.5)):
        other = dense.copy()
        other[5, 7], other[row, column] = 0, value
        assert fingerprint(scipy.sparse.csr_array(other)) != fingerprint(forms[0])
    unsorted = scipy.sparse.csr_array(([1.0, 2.0], [1, 0], [0, 2]), (1, 2))
    fingerprint(unsorted)
    assert unsorted.indices.tolist() == [1, 0]  # it stays as the user has it


PLAIN = [
    *([1, 2], (1, 2), [[1], 2], [1.0, 2.0], ["1", "2"], ["12"], [1, None], [True, 2], b"12"),
    *(np.array([1, None]), np.array(["1", None]), np.array([["1", None]]), [np.float32(1), 2]),
    *([np.array([1]), 2], {"a": 1}, {"a": 2}, {"b": 1}, [{}], [decimal.Decimal("1.0")]),
    *([datetime.date(2020, 1, 2)], [pd.Timestamp("2020-01-02")], [pd.NA], [pd.NaT], 1, "1", 1j),
]


def test_plain_values_and_lists_of_them_have_one_that_any_other_value_changes() -> None:
    assert len({fingerprint(each) for each in PLAIN} - {None}) == len(PLAIN)
    assert fingerprint(column_of([{"a": 1}])) == fingerprint(column_of([{"a": 1}])) is not None
    long = list(range(5000))  # of which a repr of NumPy shows the ends
    one, other = (
        np.array([long[:2500], each], dtype=object) for each in (long[2500:], long[:2500])
    )
    assert fingerprint(one) != fingerprint(other)


class Sentence:
    """A kind of data of the user's own, whose repr says nothing."""

    def __repr__(self) -> str:
        return "Sentence"


def test_of_kinds_that_nobody_knows_there_is_none() -> None:
    endless: list[Any] = []
    endless.append(endless)
    for data in (
        *(Sentence(), [Sentence()], {"a": Sentence()}, np.array([Sentence()]), {1, 2}, object),
        *(column_of([Sentence(), Sentence()]), endless, np.ma.array([1.0, 2.0], mask=[0, 1])),
    ):
        assert fingerprint(data) is None
        assert fingerprint([1.0], data) is None
