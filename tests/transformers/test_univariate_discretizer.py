"""UnivariateDiscretizer: cuts at quantiles, classes of equal size, middles as the inverse."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import KBinsDiscretizer

import mlj_keras as mlj
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
    ScitypeWarning,
    UnseenLevelError,
)
from mlj_keras.transformers.univariate_discretizer import UnivariateDiscretizer

NINE = np.arange(1.0, 10.0)


def fitted(X: Any, n_classes: int = 3, **values: Any) -> mlj.Machine:
    return mlj.machine(UnivariateDiscretizer(n_classes=n_classes, **values), X).fit(verbosity=0)


def test_cuts_and_middles_are_quantiles() -> None:
    params = fitted(NINE).fitted_params()
    np.testing.assert_allclose(params.odd_quantiles["y"], [11 / 3, 19 / 3])
    np.testing.assert_allclose(params.even_quantiles["y"], [7 / 3, 5, 23 / 3])


def test_a_value_is_in_the_class_after_the_cuts_below_it() -> None:
    mach = fitted(NINE, 2)  # the cut is 5
    found = mach.transform([-np.inf, 4.0, 5.0, np.nextafter(5, 6), 9.0, np.inf])
    assert found.tolist() == [1, 1, 1, 2, 2, 2]
    assert mlj.scitype(found) == mlj.Vector[mlj.OrderedFactor[2]]
    assert fitted(NINE).transform([4.0]).tolist() == [2]
    assert fitted(NINE).inverse_transform(fitted(NINE).transform([4.0])).tolist() == [5.0]


@given(st.lists(st.integers(-999, 999), min_size=12, max_size=40, unique=True), st.integers(2, 6))
def test_classes_are_those_of_scikit_learn_and_of_equal_size(x: list[int], n: int) -> None:
    column = np.array(x, dtype=float)
    mach = fitted(column, n)
    oracle = KBinsDiscretizer(n, encode="ordinal", strategy="quantile", quantile_method="linear")
    cuts = oracle.fit(column.reshape(-1, 1)).bin_edges_[0][1:-1]
    np.testing.assert_allclose(mach.fitted_params().odd_quantiles["y"], cuts, atol=1e-9)
    counts = np.bincount(np.asarray(mach.transform().codes), minlength=n)
    assert counts.max() - counts.min() <= 2


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30, unique=True), st.integers(2, 9))
def test_the_inverse_of_a_class_is_in_that_class(x: list[float], n: int) -> None:
    mach = fitted(np.array(x), n)
    classes = mach.transform()
    again = mach.transform(mach.inverse_transform(classes))
    assert again.tolist() == classes.tolist()


def test_by_default_there_are_512_classes_and_most_may_be_empty() -> None:
    mach = mlj.machine(UnivariateDiscretizer(), NINE).fit(verbosity=0)
    found = mach.transform()
    assert len(found.categories) == 512 and found[0] == 1 and found[-1] == 512
    np.testing.assert_allclose(mach.inverse_transform(found), NINE, atol=8 / 512)


@pytest.mark.parametrize("kind", [pd.DataFrame, pa.table, dict])
def test_the_continuous_columns_of_a_table_are_each_treated_by_themselves(
    kind: Callable[..., Any],
) -> None:
    table = kind({"a": NINE, "n": np.arange(9), "b": NINE[::-1] ** 2})
    mach = fitted(table)
    found = mach.transform()
    assert type(found) is type(table) and mach.report().features_fit == ("a", "b")
    promised = UnivariateDiscretizer(n_classes=3).transformed_columns(
        column_scitypes(table_of(table))
    )
    assert promised == column_scitypes(table_of(found))
    back = mach.inverse_transform(found)
    assert column_scitypes(table_of(back)) == column_scitypes(table_of(table))
    np.testing.assert_allclose(mlj.selectcols(back, "a"), np.repeat([7 / 3, 5, 23 / 3], 3))
    assert list(mlj.selectcols(back, "n")) == list(mlj.selectcols(table, "n"))


def test_in_polars_classes_are_strings_in_their_order() -> None:
    mach = fitted(pl.DataFrame({"a": np.arange(24.0)}), 12)
    with pytest.warns(ScitypeWarning, match="polars has strings only as categories"):
        found = mach.transform()
    assert found["a"].dtype == pl.Enum([str(k) for k in range(1, 13)])
    assert found["a"].to_list() == [str(k // 2 + 1) for k in range(24)]
    np.testing.assert_allclose(
        mach.inverse_transform(found)["a"], (np.arange(24) // 2) * 23 / 12 + 23 / 24
    )


def test_a_matrix_becomes_a_frame() -> None:
    found = fitted(NINE.reshape(-1, 1)).transform()
    assert found["x1"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_missing_values_are_skipped_in_training_and_stay_missing() -> None:
    x = pd.Series([*NINE, np.nan], name="c", index=range(5, 15))
    mach = fitted(x)
    found = mach.transform()
    assert found.tolist()[:-1] == fitted(NINE).transform().tolist()
    assert found.isna().tolist() == [False] * 9 + [True]
    assert mlj.scitype(found) == mlj.Vector[mlj.Optional[mlj.OrderedFactor[3]]]
    back = mach.inverse_transform(found)
    assert back.index.tolist() == list(range(5, 15)) and np.isnan(back.iloc[-1])


def test_plain_numbers_can_be_inverted() -> None:
    mach = fitted(NINE)
    for given_ in ([3, 1], [3.0, 1.0], np.array([3, 1], dtype="int8")):
        np.testing.assert_allclose(mach.inverse_transform(given_), [23 / 3, 7 / 3])
    for wrong in ([0], [4], [1.5], pd.Categorical([7])):
        with pytest.raises(UnseenLevelError, match="at row 0, which is no class: they are 1 to 3"):
            mach.inverse_transform(wrong)
    with pytest.raises(UnseenLevelError, match=r"levels \['low'\], which are no classes"):
        mach.inverse_transform(pd.Categorical(["low"]))


def test_a_column_that_does_not_vary_is_in_class_1_with_a_warning() -> None:
    with pytest.warns(ModelWarning, match="'y' does not vary: all of it is in class 1"):
        mach = fitted([3.0, 3.0])
    assert mach.transform().tolist() == [1, 1]


def test_what_cannot_be_discretised_raises() -> None:
    with pytest.raises(NonFiniteError, match=r"'y' has 2 infinite.*rows \[0, 2\]"):
        fitted([np.inf, 1.0, -np.inf])
    with pytest.raises(MissingValuesError, match="column 'a' are missing.*Drop the column"):
        fitted({"a": np.array([np.nan, np.nan])})
    with pytest.raises(
        ScitypeError, match=r"got a column of Count. Write coerce\(x, Continuous\)"
    ):
        fitted([1, 2, 3])
    with pytest.raises(SchemaMismatch, match=r"'a' is Textual.*Write X = coerce\(X, \{'a': Cont"):
        fitted({"a": NINE}).transform({"a": ["1"]})
    with pytest.raises(InvalidModelError, match="n_classes must be an int >= 2, got 1"):
        UnivariateDiscretizer(n_classes=1)


def test_copies_and_pickles_transform_alike() -> None:
    mach = fitted(NINE)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        assert other.transform([4.0, 9.0]).tolist() == mach.transform([4.0, 9.0]).tolist()
