"""UnivariateBoxCoxTransformer: λ by the reference's normality, values by SciPy, the inverse."""

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
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    InvalidArgument,
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
)
from mlj_keras.transformers.univariate_box_cox_transformer import UnivariateBoxCoxTransformer

NORMAL = scipy.stats.norm.ppf((np.arange(40) + 0.5) / 40)


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.machine(UnivariateBoxCoxTransformer(**values), X).fit(verbosity=0)


def exponent(x: Any, **values: Any) -> Any:
    return fitted(x, **values).fitted_params().lambda_["y"]


def reference(x: np.ndarray, n: int) -> np.ndarray:
    """The scores of the exponents, written as the reference defines them."""
    scores = []
    for lambda_ in np.linspace(-0.4, 3, n):
        v = np.sort(scipy.stats.boxcox(x, lambda_))
        v = (v - v.mean()) / v.std(ddof=1)
        w = scipy.stats.norm.ppf(np.arange(1, len(v)) / len(v))
        scores.append(np.corrcoef((v[1:] + v[:-1]) / 2, w)[0, 1])
    return np.array(scores)


def test_the_exponent_that_made_a_normal_column_is_found() -> None:
    assert exponent(np.exp(NORMAL)) == 0.0  # exactly: the logarithm
    assert exponent((NORMAL + 10) ** 0.5) == pytest.approx(2.0, abs=0.3)
    assert exponent((NORMAL + 10) ** 2) == pytest.approx(0.5, abs=0.1)


@given(
    st.lists(st.floats(0.01, 100), min_size=4, max_size=25, unique=True),
    st.integers(2, 60),
)
def test_the_exponent_has_the_highest_normality_of_the_reference(x: list[float], n: int) -> None:
    column = np.array(x)
    scores = reference(column, n)
    chosen = np.argmin(np.abs(np.linspace(-0.4, 3, n) - exponent(column, n=n)))
    assert scores[chosen] == pytest.approx(np.nanmax(scores), abs=1e-6)


def test_values_are_those_of_scipy_for_the_exponent_found() -> None:
    x = np.array([0.5, 1.0, 1.5, 4.0, 9.0, 2.0])
    mach = fitted(x)
    lambda_ = mach.fitted_params().lambda_["y"]
    np.testing.assert_allclose(mach.transform(), scipy.stats.boxcox(x, lambda_))
    np.testing.assert_allclose(mach.transform(), (x**lambda_ - 1) / lambda_)
    new = mach.transform([3.0, 7.5])
    np.testing.assert_allclose(new, scipy.stats.boxcox(np.array([3.0, 7.5]), lambda_))


def test_a_shift_makes_room_for_zeros() -> None:
    x = np.array([0.0, 1.0, 2.0, 4.0, 9.0])
    mach = fitted(x, shift=True)
    assert mach.fitted_params().c == {"y": pytest.approx(0.2 * x.mean())}
    c, lambda_ = mach.fitted_params().c["y"], mach.fitted_params().lambda_["y"]
    np.testing.assert_allclose(mach.transform(), scipy.stats.boxcox(x + c, lambda_))
    np.testing.assert_allclose(mach.inverse_transform(mach.transform()), x, atol=1e-12)
    assert fitted(x + 1, shift=True).fitted_params().c == {"y": 0.0}


@given(st.lists(st.floats(1e-3, 1e3), min_size=5, max_size=20, unique=True))
def test_the_inverse_undoes_the_transform(x: list[float]) -> None:
    mach = fitted(np.array(x))
    np.testing.assert_allclose(mach.inverse_transform(mach.transform()), x, rtol=1e-6)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_the_continuous_columns_of_a_table_are_each_treated_by_themselves(
    kind: Callable[..., Any],
) -> None:
    a, b = np.exp(NORMAL), (NORMAL + 10) ** 2
    table = kind({"a": a, "n": np.arange(40), "b": b})
    mach = fitted(table)
    found = mach.transform()
    assert type(found) is type(table) and mach.report().features_fit == ("a", "b")
    for name, column in (("a", a), ("b", b)):
        alone = fitted(column).transform()
        np.testing.assert_array_equal(mlj.selectcols(found, name), alone)
        back = mlj.selectcols(mach.inverse_transform(found), name)
        np.testing.assert_allclose(back, column)
    assert list(mlj.selectcols(found, "n")) == list(mlj.selectcols(table, "n"))
    promised = UnivariateBoxCoxTransformer().transformed_columns(column_scitypes(table_of(table)))
    assert promised == column_scitypes(table_of(found))


def test_missing_values_are_skipped_in_training_and_stay_missing() -> None:
    x = pd.Series([1.0, np.nan, 2.0, 4.0, 8.0, 16.0], name="c")
    found = fitted(x).transform()
    assert found.isna().tolist() == [False, True, False, False, False, False]
    np.testing.assert_array_equal(found.dropna(), fitted(x.dropna()).transform())


def test_matrices_keep_their_dtype() -> None:
    matrix = np.exp(NORMAL).astype("float32").reshape(-1, 2)
    found = fitted(matrix).transform()
    assert isinstance(found, np.ndarray) and found.dtype == np.float32


@pytest.mark.parametrize("x", [[3.0] * 5, [1.0, 2.0, 5.0]])
def test_a_column_that_says_nothing_of_its_distribution_warns(x: list[float]) -> None:
    with pytest.warns(ModelWarning, match="'y' does not vary, or has less than four values"):
        mach = fitted(x)
    assert mach.fitted_params().lambda_ == {"y": 1.0}
    np.testing.assert_allclose(mach.transform(), np.array(x) - 1)


def test_very_large_and_very_small_values_have_an_exponent_too() -> None:
    for scale in (1e-90, 1e90):
        assert exponent(np.exp(NORMAL) * scale) == 0.0
        assert exponent((NORMAL + 10) ** 2 * scale) == exponent((NORMAL + 10) ** 2)


def test_columns_that_have_no_power_raise() -> None:
    with pytest.raises(InvalidArgument, match="'y' has negative values, the least is -1.0"):
        fitted([-1.0, 2.0, 3.0, 4.0])
    with pytest.raises(InvalidArgument, match="'y' has zeros.*Set shift=True"):
        fitted([0.0, 2.0, 3.0, 4.0])
    with pytest.raises(NonFiniteError, match=r"'y' has 1 infinite.*rows \[1\]"):
        fitted([1.0, np.inf, 2.0, 3.0])
    with pytest.raises(MissingValuesError, match="column 'y' are missing.*Drop the column"):
        fitted(np.array([np.nan, np.nan]))
    with pytest.raises(
        ScitypeError, match=r"got a column of Count. Write coerce\(x, Continuous\)"
    ):
        fitted([1, 2, 3])
    with pytest.raises(InvalidModelError, match="n must be an int >= 2, got 1"):
        UnivariateBoxCoxTransformer(n=1)


def test_new_values_that_have_no_power_raise() -> None:
    logarithm, square = fitted(np.exp(NORMAL)), fitted((NORMAL + 10) ** 0.5)
    for wrong in ([1.0, 0.0], [1.0, -1.0]):
        with pytest.raises(
            InvalidArgument, match=r"'y' has -?\d.0 at row 1: values plus 0.0 must"
        ):
            logarithm.transform(wrong)
    lambda_ = square.fitted_params().lambda_["y"]
    assert square.transform([0.0]).tolist() == [-1 / lambda_]  # as 0 to a positive power is 0
    with pytest.raises(
        InvalidArgument, match=rf"'y' has -9.0 at row 0.*all lie above {-1 / lambda_}"
    ):
        square.inverse_transform([-9.0])
    with pytest.raises(NonFiniteError, match="more than a float can hold. Give the column in a"):
        square.transform([1e300])
    with pytest.raises(SchemaMismatch, match="'y' is Textual.*trained on numbers"):
        square.transform(["a"])
    assert np.isinf(logarithm.transform([np.inf])[0])


def test_copies_and_pickles_transform_alike() -> None:
    mach = fitted(np.exp(NORMAL))
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        np.testing.assert_array_equal(other.transform([2.0]), mach.transform([2.0]))
