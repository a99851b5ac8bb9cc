"""What a stack makes of predictions: columns of numbers, fold after fold, and measurements."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import norm

import mlj_keras as mlj
from mlj_keras.composition._meta_features import InternalMeasures, Rows, joined, meta_features
from mlj_keras.data.columns import Column, column_of
from mlj_keras.data.edges import inward
from mlj_keras.data.images import ImageVector, images_of
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.errors import DimensionMismatch, UnsupportedOperation
from mlj_keras.probability.mixture import Mixture
from tests.batteries.stacking import X10, Y10, Shares, Umpire, classes, diabetes, fitted, given

FRAME = pd.DataFrame(
    {"a": [0.5, 1.5, 2.5], "c": pd.Categorical(["u", "v", "u"], categories=["u", "v", "w"])},
    index=[7, 8, 9],
)
X = table_of(FRAME)


def numbers(table: InnerTable) -> np.ndarray:
    assert table.block is not None
    return np.asarray(table.block)


PROBABILITIES = mlj.UnivariateFinite(["u", "v", "w"], [[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5]])


@pytest.mark.parametrize(
    ("prediction", "columns"),
    [
        (PROBABILITIES, [[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5]]),
        (np.array([1.0, 2.0, 3.0]), [[1], [2], [3]]),
        (pd.Series([1, 2, 3]), [[1], [2], [3]]),
        (pl.Series([1.0, 2.0, 3.0]), [[1], [2], [3]]),
        ([1.0, 2.0, 3.0], [[1], [2], [3]]),
        (pd.DataFrame({"s": [1.0, 2.0, 3.0], "t": [4, 5, 6]}), [[1, 4], [2, 5], [3, 6]]),
        ({"s": [1.0, 2.0, 3.0]}, [[1], [2], [3]]),
        (np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]), [[1, 4], [2, 5], [3, 6]]),
        ([norm(1.0, 2.0), norm(2.0), norm(3.0)], [[1], [2], [3]]),
        ([Mixture((norm(1.0), norm(3.0)), (0.5, 0.5))] * 3, [[2], [2], [2]]),
        (norm(np.array([1.0, 2.0, 3.0])), [[1], [2], [3]]),
        (list(PROBABILITIES), [[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5]]),
    ],
)
def test_a_prediction_becomes_columns_of_numbers(prediction: Any, columns: Any) -> None:
    found = meta_features(X, prediction)
    np.testing.assert_array_equal(numbers(found), np.array(columns, dtype=float))
    assert found.names == tuple(f"x{i + 1}" for i in range(len(columns[0])))
    assert list(found.index) == [7, 8, 9]


def test_models_stand_side_by_side_in_their_order() -> None:
    found = meta_features(X, np.array([1.0, 2.0, 3.0]), PROBABILITIES, [4, 5, 6])
    assert found.names == ("x1", "x2", "x3", "x4", "x5")
    np.testing.assert_array_equal(numbers(found)[0], [1, 0.2, 0.3, 0.5, 4])
    plain = meta_features(np.zeros((3, 2)), np.array([1.0, 2.0, 3.0]))
    assert plain.index is None


@pytest.mark.parametrize(
    "labels", [["u", "v", "u"], FRAME["c"], np.array(["u", "v", "u"]), pl.Series(["u", "v", "u"])]
)
def test_labels_are_refused(labels: Any) -> None:
    with pytest.raises(UnsupportedOperation, match="and a model in it predicts labels"):
        meta_features(X, labels)


def test_folds_are_joined_one_after_the_other_without_an_index() -> None:
    one = meta_features(X, np.array([1.0, 2.0, 3.0]))
    two = meta_features(X.take(np.array([0])), np.array([4.0]))
    found = joined(two, one)
    np.testing.assert_array_equal(numbers(found), [[4], [1], [2], [3]])
    assert found.index is None and found.names == ("x1",)


def test_rows_are_picked_of_all_kinds_of_data_with_all_levels() -> None:
    picked = Rows(np.array([2, 0]))
    for table in (X, inward(FRAME)):
        found = picked(table)
        assert isinstance(found, InnerTable) and list(found.index) == [9, 7]
        assert found.column("a").to_numpy().tolist() == [2.5, 0.5]
        assert found.column("c").dictionary.to_pylist() == ["u", "v", "w"]
    factor = picked(column_of(FRAME["c"]))
    assert isinstance(factor, Column) and list(factor.index) == [9, 7]
    images = picked(images_of(np.arange(12, dtype=np.uint8).reshape(3, 2, 2)))
    assert isinstance(images, ImageVector) and len(images) == 2
    for rows in (picked, pickle.loads(pickle.dumps(picked))):
        assert rows(np.array([1, 2, 3])).values.tolist() == [3, 1]
        sizes = [
            np.zeros((2, 2)),
            np.zeros((3, 3)),
            np.ones((2, 3)),
        ]  # for some models
        assert [each.shape for each in rows(sizes)] == [(2, 3), (2, 2)]


def test_other_numbers_of_rows_cannot_stand_side_by_side() -> None:
    with pytest.raises((ValueError, DimensionMismatch)):
        meta_features(X, np.zeros(3), np.zeros(2))


def test_measurements_are_those_of_each_models_own_predictions() -> None:
    from mlj_keras.resampling.plan import Options, trial_for

    mach = mlj.machine(Shares(), X10, Y10)
    pairs = [(np.arange(5), np.arange(5, 10)), (np.arange(5, 10), np.arange(5))]
    options = Options(mlj.CV(nfolds=2), ["log_loss", "accuracy"], compact=True)
    trial = trial_for(mach, pairs, options)
    predictions = []
    for train, test in pairs:
        part = fitted(Shares(), X10.iloc[train], Y10.iloc[train])
        predictions += [mlj.predict(part, X10.iloc[test]), mlj.predict_mode(part, X10.iloc[test])]
    found = InternalMeasures({"one": trial}, options.resampling, 1)(Y10, *predictions)
    wanted = mlj.evaluate(mach, resampling=pairs, measures=["log_loss", "accuracy"], verbosity=0)
    assert list(found) == ["one"]
    assert found["one"].measurement == pytest.approx(wanted.measurement)
    assert mlj.report(fitted(classes(measures="log_loss"), X10, Y10)).cv_report["a"].measure


def test_regressors_that_predict_distributions_give_their_means() -> None:
    class Normal(mlj.Probabilistic):
        def fit(self, verbosity: int, X: Any, y: Any) -> float:
            return float(np.mean(y))

        def predict(self, fitresult: float, Xnew: Any) -> Any:
            return [norm(fitresult + i) for i in range(len(Xnew))]

    frame, y = diabetes(10)
    stack = mlj.Stack(a=Normal(), metalearner=Umpire(), resampling=mlj.CV(nfolds=2))
    table = given(fitted(stack, frame, y))["X"]
    means = np.repeat([y[5:].mean(), y[:5].mean()], 5) + np.tile(np.arange(5), 2)
    np.testing.assert_allclose(table[:, 0], means)
