"""The values that a column is given: of numbers and factors, in the type of the column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    EmptyData,
    InvalidArgument,
    MLJKerasError,
    ScitypeError,
    UnseenLevelError,
)
from tests.batteries.inspecting import FRAME, MATRIX, MIXED, N, OfA, Visited, forest, trained


def test_columns_keep_their_types_and_the_kind_of_their_table() -> None:
    X = MIXED.assign(a=FRAME["a"].astype("float32"))
    mach = trained(OfA(), X)
    for feature in X.columns.drop("word"):
        mlj.partial_dependence(mach, feature, grid_resolution=3)
    tables = mach._outcome.fitresult
    assert len(tables) == 7 and all(list(t.dtypes) == list(X.dtypes) for t in tables)
    assert all(len(table) % N == 0 for table in tables)


def test_factors_are_given_every_level_of_their_pool() -> None:
    mach = trained(Visited(), MIXED)
    found = mlj.partial_dependence(mach, "colour")
    assert found.grid[0].tolist() == ["red", "green", "blue"] and not len(found.deciles[0])
    mean = MIXED["visits"].mean()
    np.testing.assert_allclose(found.average, [[mean, mean + 10, mean]])
    some = mlj.partial_dependence(mach, "colour", grid=pd.Series(["blue", "green", "blue"]))
    assert some.grid[0].tolist() == ["blue", "green"]
    np.testing.assert_allclose(some.average, [[mean, mean + 10]])
    pair = mlj.partial_dependence(mach, ("colour", "visits"), grid=(None, [3, 1]))
    np.testing.assert_allclose(pair.average, [[[1, 3], [11, 13], [1, 3]]])


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "dict"])
def test_factors_of_other_tables_are_given_their_levels(kind: str) -> None:
    factors = MIXED[["a", "grade"]].reset_index(drop=True)
    enum = pl.Enum(["low", "mid", "high"])
    table: Any = {
        "polars": lambda: pl.DataFrame(
            {"a": factors["a"], "grade": pl.Series(factors["grade"].tolist(), dtype=enum)}
        ),
        "pyarrow": lambda: pa.Table.from_pandas(factors),
        "dict": lambda: {"a": MATRIX[:, 0], "grade": factors["grade"].array},
    }[kind]()
    expected = mlj.partial_dependence(trained(forest("Regressor"), factors), "grade")
    found = mlj.partial_dependence(trained(forest("Regressor"), table), "grade")
    assert found.grid[0].tolist() == ["low", "mid", "high"]
    np.testing.assert_allclose(found.average, expected.average, rtol=1e-12)


def test_the_grid_lies_between_percentiles_or_is_of_few_distinct_numbers() -> None:
    mach = trained(Visited(), MIXED)
    found = mlj.partial_dependence(mach, "a", grid_resolution=5, percentiles=(0.1, 0.6))
    ends = np.quantile(FRAME["a"], [0.1, 0.6])
    np.testing.assert_allclose(found.grid[0], np.linspace(*ends, 5), rtol=1e-14)
    np.testing.assert_allclose(found.deciles[0], np.quantile(FRAME["a"], np.arange(1, 10) / 10))
    counts = mlj.partial_dependence(mach, "visits")
    assert counts.grid[0].tolist() == list(range(7)) and counts.grid[0].dtype == np.int64
    np.testing.assert_allclose(np.diff(counts.average), 1)
    few = mlj.partial_dependence(mach, "visits", grid_resolution=3, percentiles=(0, 1))
    assert few.grid[0].tolist() == [0, 3, 6] and few.grid[0].dtype == np.int64
    assert mlj.partial_dependence(mach, "paid").grid[0].tolist() == [0, 1]
    given = mlj.partial_dependence(mach, "visits", grid=[2.5, 0, 2.5])
    assert given.grid[0].tolist() == [0, 2.5]


def test_missing_values_do_not_count() -> None:
    X = FRAME.assign(a=FRAME["a"].where(FRAME["a"] < 1))
    found = mlj.partial_dependence(trained(OfA(), X), "a", percentiles=(0, 1))
    assert found.grid[0][-1] == X["a"].max() < 1
    np.testing.assert_allclose(found.average, 3 * found.grid[0][None])


def test_a_column_that_hardly_varies_wants_other_percentiles() -> None:
    X = FRAME.assign(a=[*range(2), *[0] * (N - 2)], b=np.r_[np.arange(9.0), np.zeros(N - 9)])
    mach = trained(OfA(), X)
    with pytest.raises(InvalidArgument, match=r"of column 'b' are both 0. Give others, such as"):
        mlj.partial_dependence(mach, "b", grid_resolution=5, percentiles=(0.0, 0.5))


@pytest.mark.parametrize(
    ("options", "error", "advice"),
    [
        ({"grid_resolution": 1}, InvalidArgument, "grid_resolution must be an int of 2 or more"),
        ({"grid_resolution": 2.5}, InvalidArgument, "2 or more, got 2.5. Write grid_resol"),
        ({"percentiles": (0.9, 0.1)}, InvalidArgument, r"got \(0.9, 0.1\). Write \(0.05, 0.95\)"),
        ({"percentiles": 0.5}, InvalidArgument, "percentiles must be two numbers"),
        ({"percentiles": (5, 95)}, InvalidArgument, "<= 1, got"),
        ({"grid": []}, InvalidArgument, r"a list of values, got \[\]. Write a list, or leave"),
        ({"grid": "abc"}, InvalidArgument, "a list of values, got 'abc'"),
        ({"grid": ["x"]}, InvalidArgument, "'a' must be finite numbers, as the column is"),
        ({"grid": [1, np.nan]}, InvalidArgument, "must be finite numbers"),
        ({"features": ("a", "b"), "grid": [1, 2, 3]}, InvalidArgument, "a pair for two features"),
        ({"features": "grade", "grid": ["top"]}, UnseenLevelError, "grid of column 'grade' has"),
        ({"features": "word"}, ScitypeError, r"'word' is Textual. Write X = coerce\(X, {'word'"),
        ({"X": MIXED.assign(a=np.nan)}, EmptyData, "'a' holds no number. Give rows, or"),
    ],
)
def test_a_grid_that_cannot_be_raises_with_advice(
    options: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    arguments: dict[str, Any] = {"features": "a", **options}
    with pytest.raises(error, match=advice):
        mlj.partial_dependence(trained(OfA(), MIXED), arguments.pop("features"), **arguments)
