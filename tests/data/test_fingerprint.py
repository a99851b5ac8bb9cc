"""Fingerprints: equal for equal data, whatever holds them; another for any other value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
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
