"""`NeuralNetwork`: the scitypes of the data pick the container; the user's object stays the
model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.errors import MissingValuesError, ScitypeError, ScitypeWarning

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(24, 2)), columns=["a", "b"])
MIXED = X.assign(f=pd.Categorical(["p", "q"] * 12))
MATRIX = X.to_numpy()
GRAY = RNG.integers(0, 256, size=(24, 6, 6), dtype="uint8")
COLOUR = RNG.random(size=(24, 6, 6, 3))
NUMBERS = X["a"] - X["b"]
TWO = pd.DataFrame({"s": NUMBERS, "t": X["a"]})
THREE_CLASSES = pd.Series(pd.Categorical(["u", "v", "w"] * 8))
TWO_CLASSES = pd.Series(pd.Categorical(["no", "yes"] * 12))
GRADES = pd.Series(pd.Categorical(["lo", "hi"] * 12, categories=["lo", "hi"], ordered=True))

TABLE: list[tuple[Any, Any, Any]] = [
    (X, NUMBERS, mlj.NeuralNetworkRegressor),
    (MIXED, NUMBERS, mlj.NeuralNetworkRegressor),
    (MATRIX, NUMBERS.to_numpy(), mlj.NeuralNetworkRegressor),
    (pl.DataFrame({"a": MATRIX[:, 0]}), pl.Series(MATRIX[:, 1]), mlj.NeuralNetworkRegressor),
    (X, TWO, mlj.MultitargetNeuralNetworkRegressor),
    (MATRIX, MATRIX, mlj.MultitargetNeuralNetworkRegressor),
    (X, TWO[["s"]], mlj.MultitargetNeuralNetworkRegressor),
    (MIXED, THREE_CLASSES, mlj.NeuralNetworkClassifier),
    (MATRIX, THREE_CLASSES, mlj.NeuralNetworkClassifier),
    (X, TWO_CLASSES, mlj.NeuralNetworkBinaryClassifier),
    (X, GRADES, mlj.NeuralNetworkBinaryClassifier),
    (GRAY, THREE_CLASSES, mlj.ImageClassifier),
    (COLOUR, TWO_CLASSES, mlj.ImageClassifier),
    (list(COLOUR), THREE_CLASSES, mlj.ImageClassifier),
    (GRAY, NUMBERS, mlj.ImageRegressor),
]


def spec(**changes: Any) -> mlj.NeuralNetwork:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetwork(**values)


@pytest.mark.parametrize(("X", "y", "container"), TABLE)
def test_the_scitypes_of_the_data_pick_the_container(X: Any, y: Any, container: Any) -> None:
    assert mlj.container_for(X, y) is container
    mach = mlj.machine(mlj.NeuralNetwork(rng=1), X, y)
    assert mach.container is container
    assert type(mach.model) is mlj.NeuralNetwork


@pytest.mark.parametrize("table", [X, MIXED])
def test_integers_as_target_raise_with_both_readings(table: Any) -> None:
    y = np.arange(24) % 3
    for call in (lambda: mlj.container_for(table, y), lambda: mlj.machine(spec(), table, y)):
        with pytest.raises(
            ScitypeError, match=r"y = coerce\(y, Multiclass\).*y = coerce\(y, Continuous\)"
        ):
            call()
    assert mlj.container_for(table, mlj.coerce(y, mlj.Multiclass)).__name__.endswith("Classifier")
    assert mlj.container_for(table, mlj.coerce(y, mlj.Continuous)) is mlj.NeuralNetworkRegressor


def test_an_explicit_regressor_takes_integers_with_a_warning() -> None:
    y = np.arange(24) % 3
    model = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), epochs=1, batch_size=8, rng=1)
    with pytest.warns(ScitypeWarning, match=r"y is Count.*y = coerce\(y, Continuous\)"):
        mach = mlj.machine(model, X, y)
    found = mlj.predict(mlj.fit(mach, verbosity=0))
    explicit = mlj.fit(mlj.machine(model, X, mlj.coerce(y, mlj.Continuous)), verbosity=0)
    np.testing.assert_array_equal(found, mlj.predict(explicit))


@pytest.mark.parametrize(
    ("X", "y", "advice"),
    [
        (X, ["u", "v"] * 12, r"Its strings are classes: y = coerce\(y, Multiclass\)"),
        (GRAY, TWO, "Images take one target"),
        (X, pd.Series(pd.date_range("2026-01-01", periods=24)), "A target is"),
        (NUMBERS, NUMBERS, "X must be a table or images"),
    ],
)
def test_data_that_fit_no_container_raise_with_what_to_do(X: Any, y: Any, advice: str) -> None:
    with pytest.raises(ScitypeError, match=advice):
        mlj.container_for(X, y)


def test_a_target_with_missing_values_is_refused_by_row_whatever_container_would_take_it() -> None:
    with pytest.raises(MissingValuesError, match=r"y has \d+ missing \(first rows"):
        mlj.machine(spec(), X, NUMBERS.where(NUMBERS > 0))


def test_epochs_added_to_the_specification_continue_training() -> None:
    model = spec()
    mach = mlj.fit(mlj.machine(model, X, NUMBERS), verbosity=0)
    model.epochs += 5
    mlj.fit(mach, verbosity=0)
    assert mach.model is model and mach.state == 2
    assert mlj.report(mach).epochs == 7 and len(mlj.training_losses(mach)) == 7
    at_once = mlj.fit(mlj.machine(spec(epochs=7), X, NUMBERS), verbosity=0)
    assert mlj.snapshot(mach).digest() == mlj.snapshot(at_once).digest()


def test_a_specification_trains_as_its_container_does() -> None:
    common: dict[str, Any] = {
        "builder": mlj.MLP(hidden=(4,)),
        "epochs": 2,
        "batch_size": 8,
        "rng": 1,
        "optimiser": mlj.SGD(0.1),
        "lambda_": 0.1,
        "alpha": 0.5,
        "shuffle": False,
        "standardise": False,
        "embedding_dims": {"f": 2},
    }
    for y in (NUMBERS, THREE_CLASSES):
        one = mlj.fit(mlj.machine(mlj.NeuralNetwork(**common), MIXED, y), verbosity=0)
        other = mlj.fit(mlj.machine(mlj.container_for(MIXED, y)(**common), MIXED, y), verbosity=0)
        assert mlj.snapshot(one).digest() == mlj.snapshot(other).digest()


def test_values_left_out_are_those_of_the_container() -> None:
    for X_, y, container in TABLE:
        model: Any = container()
        resolved: Any = mlj.NeuralNetwork().resolve(mlj.scitype(X_), mlj.scitype(y))
        assert type(resolved) is container and resolved == model


def test_a_specification_is_of_no_kind_until_it_meets_data() -> None:
    traits = mlj.NeuralNetwork.traits
    assert traits.input_scitype == traits.target_scitype == mlj.Unknown
    assert traits.prediction_type == "unknown"
