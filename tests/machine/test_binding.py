"""Binding a model to data: what `machine` accepts as model, arguments, level and weights."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidArgument,
    InvalidModelError,
    WeightsError,
)

X = pd.DataFrame(np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"])
Y = X["a"] - X["b"]
BINARY = pd.Series(pd.Categorical(["no", "yes"] * 12))


class Mean(mlj.Deterministic):
    """The mean of the target, weighted where weights are given."""

    traits: ClassVar[mlj.Traits] = mlj.Traits(
        prediction_type="deterministic", supports_weights=True
    )

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> float:
        return float(np.average(y, weights=w))

    def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.full(len(Xnew), fitresult)


class Plain(mlj.Deterministic):
    def fit(self, verbosity: int, X: Any, y: Any) -> float:
        return float(np.mean(y))


class Twice(mlj.Static):
    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        return 2 * Xnew


def net(**changes: Any) -> mlj.NeuralNetwork:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 1, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetwork(**values)


def test_a_machine_keeps_the_users_model_and_trains_nothing() -> None:
    model = net()
    mach = mlj.machine(model, X, Y)
    assert mach.model is model
    assert mach.container is mlj.NeuralNetworkRegressor
    assert (mach.state, mach.frozen) == (0, False)
    assert [s() is data for s, data in zip(mach.args, (X, Y), strict=True)] == [True, True]


def test_the_container_of_an_explicit_model_is_its_class() -> None:
    assert mlj.machine(Mean(), X, Y).container is Mean
    assert mlj.machine(mlj.Standardizer(), X).container is mlj.Standardizer
    assert mlj.machine(Twice()).container is None


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        (mlj.NeuralNetwork, r"got the class NeuralNetwork. Write NeuralNetwork\(\)"),
        (3, "needs a model instance, got 3. Give a model"),
        (None, "needs a model instance, got None"),
        ("iris.mlj", r"got the path .iris.mlj."),
        (Path("iris.mlj"), r"reads no files"),
    ],
)
def test_what_is_no_model_raises_with_what_to_write(wrong: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        mlj.machine(wrong, X, Y)


@pytest.mark.parametrize(
    ("model", "data", "advice"),
    [
        (net(), (X,), r"machine\(NeuralNetwork\(\), ...\) takes X, y or X, y, w, got 1"),
        (net(), (X, Y, None, None), "takes X, y or X, y, w, got 4"),
        (Mean(), (), "takes X, y or X, y, w, got 0"),
        (mlj.Standardizer(), (X, Y), "takes X, got 2"),
        (mlj.Standardizer(), (), "takes X, got 0"),
        (Twice(), (X,), "takes no data, got 1"),
    ],
)
def test_a_wrong_number_of_arguments_raises(
    model: Any, data: tuple[Any, ...], advice: str
) -> None:
    with pytest.raises(InvalidArgument, match=advice):
        mlj.machine(model, *data)


@pytest.mark.parametrize("level", [3, -1, "1", 0.5])
def test_a_check_level_that_does_not_exist_raises(level: Any) -> None:
    with pytest.raises(InvalidArgument, match="must be 0, 1 or 2, got"):
        mlj.machine(Mean(), X, Y, scitype_check_level=level)


def test_a_model_made_bad_in_place_raises_when_it_is_bound() -> None:
    model = net(optimiser=mlj.SGD(0.1))
    object.__setattr__(model.optimiser, "momentum", 7.0)
    with pytest.raises(InvalidModelError, match="SGD.momentum"):
        mlj.machine(model, X, Y)


def test_weights_reach_the_model_row_by_row() -> None:
    w = np.arange(24.0)
    mach = mlj.fit(mlj.machine(Mean(), X, Y, w), rows=range(5, 15), verbosity=0)
    expected = np.average(Y[5:15], weights=w[5:15])
    np.testing.assert_allclose(mlj.predict(mach), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "y", "w", "kind", "advice"),
    [
        (Plain(), Y, np.ones(24), WeightsError, r"Plain takes no weights. Leave them out"),
        (Plain(), Y, "balanced", WeightsError, "Plain takes no class weights"),
        (net(), Y, {"no": 1.0}, WeightsError, "need a categorical target. Give a vector"),
        (net(), Y, "balanced", WeightsError, "need a categorical target"),
        (net(), BINARY, {"no": 1.0}, WeightsError, "name every level of the target.*'yes'"),
        (net(), Y, "unbalanced", WeightsError, "'balanced', got 'unbalanced'"),
        (net(), Y, -np.ones(24), WeightsError, "negative, missing or infinite, first at row 0"),
        (net(), Y, np.zeros(24), WeightsError, "All weights are zero"),
        (net(), Y, np.ones(23), DimensionMismatch, "w has 23 weights and the data have 24 rows"),
    ],
)
def test_weights_that_cannot_be_used_raise_when_the_machine_is_made(
    model: Any, y: Any, w: Any, kind: type[Exception], advice: str
) -> None:
    with pytest.raises(kind, match=advice):
        mlj.machine(model, X, y, w)


def test_class_weights_are_those_of_their_rows() -> None:
    by_class = mlj.fit(mlj.machine(net(), X, BINARY, {"no": 1.0, "yes": 3.0}), verbosity=0)
    rows = np.where(BINARY == "yes", 3.0, 1.0)
    by_row = mlj.fit(mlj.machine(net(), X, BINARY, rows), verbosity=0)
    assert mlj.snapshot(by_class).digest() == mlj.snapshot(by_row).digest()
    plain = mlj.fit(mlj.machine(net(), X, BINARY), verbosity=0)
    assert mlj.snapshot(by_class).digest() != mlj.snapshot(plain).digest()


def test_the_positive_class_is_said_when_a_binary_target_is_bound(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "mlj_keras")
    mlj.machine(net(), X, BINARY)
    assert caplog.messages == ["The positive class is 'yes', the second of the levels of y."]
    caplog.clear()
    mlj.machine(net(), X, mlj.coerce(BINARY, mlj.OrderedFactor))  # whose order says it
    mlj.machine(net(), X, Y)
    assert caplog.messages == []


def test_nodes_of_sources_of_other_lengths_are_of_another_network() -> None:
    Xs, ys = mlj.source(X), mlj.source(Y)
    short, few = mlj.source(X.head(7)), mlj.source(Y.head(7))
    scaler = mlj.machine(mlj.Standardizer(), short)
    words = "come from sources of 7 and 24 rows: are they nodes of another network"
    for args in (
        (short, ys),
        (Xs, few),
        (mlj.transform(scaler, short), ys),
        (Xs, ys, mlj.source(np.ones(7))),
        (Xs, mlj.node(np.add, ys, few)),
        (X.head(7), ys),
    ):
        with pytest.raises(DimensionMismatch, match=words):
            mlj.machine(Mean(), *args)
    mlj.machine(Mean(), mlj.transform(scaler, Xs), ys)  # trained on others, computed from these


def test_a_machine_of_nodes_in_a_circle_is_refused() -> None:
    Xs, ys = mlj.source(X), mlj.source(Y)
    one = mlj.machine(mlj.Standardizer(), Xs)
    two = mlj.machine(mlj.Standardizer(), mlj.transform(one, Xs))
    Z = mlj.transform(two, Xs)
    one.args = (Z,)
    with pytest.raises(
        InvalidArgument, match=r"learns from what it makes itself: node\(transform"
    ):
        mlj.machine(Mean(), Z, ys)


@pytest.mark.parametrize("weights", [{"no": 1.0, "yes": 3.0}, "balanced"])
@pytest.mark.parametrize("rows", [None, range(12)])
def test_weights_of_classes_have_no_rows_to_compare_in_a_network_too(
    weights: Any, rows: Any
) -> None:
    alone = mlj.fit(mlj.machine(net(), X, BINARY, weights), rows=rows, verbosity=0)
    for given in (weights, mlj.source(weights)):
        Xs = mlj.source(X)
        mach = mlj.machine(net(), Xs, mlj.source(BINARY), given)
        mlj.fit(mlj.predict(mach, Xs), rows=rows, verbosity=0)
        assert mlj.snapshot(mach).digest() == mlj.snapshot(alone).digest()
