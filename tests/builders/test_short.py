"""`Short`: one hidden layer of a default width, and dropout."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError


def shapes(builder: mlj.Builder, n_in: int, n_out: int) -> list[tuple[int, ...]]:
    """The shapes of the weights of the network for so many inputs and outputs."""
    inputs = keras.Input((n_in,))
    outputs = builder.build(inputs, n_out, np.random.default_rng(0))
    return [tuple(w.shape) for w in keras.Model(inputs, outputs).trainable_weights]


@pytest.mark.parametrize(
    ("n_in", "n_out", "n_hidden"), [(4, 9, 6), (4, 1, 2), (1, 1, 1), (5, 3, 4), (3, 1, 2)]
)
def test_the_default_width_is_the_rounded_geometric_mean(
    n_in: int, n_out: int, n_hidden: int
) -> None:
    assert shapes(mlj.Short(), n_in, n_out) == [
        (n_in, n_hidden),
        (n_hidden,),
        (n_hidden, n_out),
        (n_out,),
    ]


def test_the_width_may_be_given() -> None:
    assert shapes(mlj.Short(n_hidden=4), 5, 3) == [(5, 4), (4,), (4, 3), (3,)]


def test_the_layers_are_dense_dropout_dense() -> None:
    inputs = keras.Input((5,))
    network = keras.Model(inputs, mlj.Short(dropout=0.2).build(inputs, 3, np.random.default_rng()))
    _, first, dropout, last = network.layers
    assert first.get_config()["activation"] == "sigmoid"
    assert dropout.rate == 0.2
    assert last.get_config()["activation"] == "linear"


def trained(X: np.ndarray, **changes: Any) -> mlj.Machine:
    """A regressor's machine with this builder, trained."""
    values: dict[str, Any] = {"dropout": 0.5, **changes}
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.Short(n_hidden=4, **values), epochs=2, batch_size=8, rng=1
    )
    return mlj.fit(mlj.machine(model, X, X[:, 0]), verbosity=0)


def test_dropout_is_drawn_from_the_seed_and_off_in_prediction() -> None:
    X = np.random.default_rng(0).normal(size=(16, 3))
    mach = trained(X)
    assert mlj.training_losses(mach).tolist() == mlj.training_losses(trained(X)).tolist()
    assert (
        mlj.training_losses(mach).tolist() != mlj.training_losses(trained(X, dropout=0.0)).tolist()
    )
    assert mlj.predict(mach, X).tobytes() == mlj.predict(mach, X).tobytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dropout": 1.0}, r"Short\.dropout must be a number >= 0 and < 1, got 1\.0"),
        ({"dropout": -0.1}, r"Short\.dropout must be a number >= 0 and < 1, got -0\.1"),
        ({"n_hidden": -1}, r"Short\.n_hidden must be an int >= 0, got -1"),
        ({"n_hidden": 2.0}, r"Short\.n_hidden must be an int >= 0, got 2\.0"),
        ({"activation": "sigmiod"}, r"Short\.activation: 'sigmiod' is no .*Did you mean sigmoid"),
    ],
)
def test_impossible_values_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidModelError, match=message):
        mlj.Short(**changes)
