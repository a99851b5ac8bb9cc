"""Means of predictions: of distributions, columns and tables, of the kind of the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.machine.trained_models import TrainedModels, mean_prediction


def test_distributions_are_averaged_class_by_class() -> None:
    index = pd.Index(["p", "q"])
    one, other = (
        mlj.UnivariateFiniteVector(np.array(rows), ("a", "b"), ordered=True, index=index)
        for rows in ([[0.2, 0.8], [1.0, 0.0]], [[0.6, 0.4], [0.5, 0.5]])
    )
    found = mean_prediction([one, other])
    np.testing.assert_allclose(found.to_numpy(), [[0.4, 0.6], [0.75, 0.25]])
    assert found.levels == ("a", "b") and found.ordered and found.index.equals(index)


def test_columns_and_tables_stay_what_they_are() -> None:
    series = pd.Series([1.0, 2.0], index=[5, 6], name="y")
    found = mean_prediction([series, series + 2])
    pd.testing.assert_series_equal(found, series + 1)
    assert mean_prediction([pl.Series("y", [1.0]), pl.Series("y", [4.0])]).to_list() == [2.5]
    table = pd.DataFrame({"a": [1.0], "b": [3.0]}, index=[9])
    pd.testing.assert_frame_equal(mean_prediction([table, table * 3]), table * 2)


def test_weights_say_how_much_each_counts() -> None:
    found = mean_prediction([np.array([0.0, 4.0]), np.array([4.0, 4.0])], np.array([0.25, 0.75]))
    assert found.tolist() == [3.0, 4.0]
    table = pd.DataFrame({"a": [1.0], "b": [3.0]})
    pd.testing.assert_frame_equal(mean_prediction([table, table * 3], [1, 3]), table * 2.5)
    one, other = (mlj.UnivariateFiniteVector(np.array([[p, 1 - p]]), ("a", "b")) for p in (0, 1))
    found = mean_prediction([one, other], [0.2, 0.8])
    np.testing.assert_allclose(found.to_numpy(), [[0.8, 0.2]])


def test_labels_are_not_averaged() -> None:
    with pytest.raises(UnsupportedOperation, match="these are labels. Take a model that predicts"):
        mean_prediction([np.array(["a", "b"]), np.array(["b", "b"])])


def test_a_machine_without_data_predicts_new_data() -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), epochs=1, batch_size=32, rng=1)
    mach = mlj.fit(mlj.machine(net, X, y), verbosity=0)
    own = TrainedModels((mach.trained("test"),)).machine(2)
    assert own.predict(X.head(3)).tolist() == mach.predict(X.head(3)).tolist()
    assert own.state == 1 and mlj.report(own).epochs == 1
