"""What an estimator has learned lies in memory as it does in a file."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import LinearRegression, Ridge

from mlj_keras.sklearn_models._gaps import close_gaps

X = np.random.default_rng(0).normal(size=(30, 5))


def test_a_part_of_a_larger_array_becomes_a_copy_that_lies_in_the_same_order() -> None:
    model = PCA(2).fit(X)
    model.components_ = np.asfortranarray(np.arange(20.0).reshape(4, 5))[:2]
    before = model.components_.copy()
    close_gaps(model)
    assert model.components_.flags.f_contiguous
    assert np.array_equal(model.components_, before)


def test_arrays_without_gaps_are_left_as_they_are() -> None:
    model = LinearRegression().fit(X, X @ np.arange(5.0))
    before = model.coef_
    close_gaps(model)
    assert model.coef_ is before


def test_estimators_inside_are_reached() -> None:
    model = BaggingRegressor(Ridge(), n_estimators=2, random_state=0).fit(X, X[:, 0])
    model.estimators_[1].coef_ = np.arange(10.0)[::2]
    close_gaps(model)
    assert model.estimators_[1].coef_.flags.c_contiguous
