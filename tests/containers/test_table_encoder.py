"""The encoder of tables: what was learned stays as it was, whatever is encoded."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.containers._table_encoder import TableEncoder
from mlj_keras.data.tables import table_of
from mlj_keras.errors import MissingValuesError, SchemaMismatch, ScitypeWarning

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0], "c": pd.Categorical(["u", "v", "u"])})


def encoder(X: Any = FRAME) -> TableEncoder:
    return TableEncoder.fit(table_of(X), standardise=True, embedding_dims={})


def test_numbers_are_standardised_and_factors_are_codes() -> None:
    numbers, codes = encoder().encode(FRAME)
    assert numbers.tolist() == [[-1.0], [0.0], [1.0]]
    assert codes.tolist() == [[0], [1], [0]]


def test_columns_of_0_and_1_stay_as_they_are() -> None:
    # One 1 in 50 rows would become 7, and one in 30,000 more than a hundred.
    rare = np.zeros((50, 3))
    rare[7, 0], rare[:, 1], rare[:, 2] = 1.0, 1.0, np.arange(50)
    (numbers,) = encoder(rare).encode(rare)
    np.testing.assert_array_equal(numbers[:, :2], rare[:, :2])
    assert abs(numbers[:, 2].std(ddof=1) - 1) < 1e-6
    new = rare + [[3.0, 0.5, 0.0]]
    np.testing.assert_array_equal(encoder(rare).encode(new)[0][:, :2], new[:, :2])


def test_what_was_warned_of_is_kept_by_the_caller_and_not_by_the_encoder() -> None:
    own, warned = encoder(), set[str]()
    before = pickle.dumps(own)
    with pytest.warns(ScitypeWarning, match=r"ignored: \['d'\]"):
        own.encode(FRAME.assign(d=1.0), warned)
    assert warned == {"d"} and pickle.dumps(own) == before
    own.encode(FRAME.assign(d=1.0), warned)
    with pytest.warns(ScitypeWarning, match=r"ignored: \['d', 'e'\]"):
        own.encode(FRAME.assign(d=1.0, e=2.0), warned)


def test_a_warning_leaves_the_snapshots_of_a_machine_as_they_were() -> None:
    X = pd.DataFrame({"a": np.linspace(-1, 1, 12)})
    model = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(2,)), epochs=1, batch_size=8, rng=1)
    mach = mlj.fit(mlj.machine(model, X, X["a"]), verbosity=0)
    early = mlj.snapshot(mach)
    before = pickle.dumps(early.encoding)
    for _ in range(2):  # a machine that is given its state back warns once more
        with pytest.warns(ScitypeWarning):
            mlj.predict(mach, X.assign(b=1.0))
        mlj.predict(mach, X.assign(b=1.0))  # warnings are errors here
        assert pickle.dumps(early.encoding) == before
        mlj.restore(mach, early)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (FRAME.assign(a=[np.nan, 1.0, 2.0]), "X = X.fillna(X.median(numeric_only=True)), or drop"),
        (pl.DataFrame({"a": [None, 1.0, 2.0], "c": ["u"] * 3}), "X = X.fill_nan(None).with_col"),
        ({"a": [None, 1.0, 2.0], "c": ["u"] * 3}, "with the median of column 'a', or drop"),
        (pl.DataFrame({"a": [1.0], "c": pl.Series([None], dtype=pl.String)}), "polars.col('c')"),
        ({"a": [1.0], "c": [None]}, "with the most frequent value of column 'c', or drop"),
        (np.array([[None, "u"]], dtype=object), "with the median of column 'a', or drop"),
    ],
    ids=["pandas", "polars", "dict", "polars factor", "dict factor", "objects"],
)
def test_missing_values_are_refused_with_advice_for_the_kind_of_table(X: Any, words: str) -> None:
    with pytest.raises(MissingValuesError) as caught:
        encoder().encode(X)
    assert words in str(caught.value)


def test_missing_numbers_of_a_matrix_are_refused_with_a_line_for_numpy() -> None:
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(MissingValuesError, match=r"numpy\.nanmedian\(X, axis=0\), X\), or drop"):
        encoder(matrix).encode(matrix * [np.nan, 1.0])


def test_text_where_numbers_are_taken_is_refused_with_the_line_to_paste() -> None:
    with pytest.raises(
        SchemaMismatch, match=r"the network takes numbers there\. Write X = coerce"
    ):
        encoder().encode(FRAME.assign(a="7"))
