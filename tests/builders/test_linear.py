"""`Linear`: one dense layer, its activation, its initial weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = np.abs(X[:, :3])


def untrained(builder: mlj.Builder, rng: int = 1) -> mlj.Machine:
    """Four inputs, three outputs, no epoch."""
    model = mlj.MultitargetNeuralNetworkRegressor(
        builder=builder, epochs=0, standardise=False, rng=rng
    )
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


@pytest.mark.parametrize("activation", ["relu", "linear", "tanh"])
def test_one_dense_layer_with_the_activation(activation: str) -> None:
    mach = untrained(mlj.Linear(activation=activation))
    network = mlj.fitted_params(mach).network
    kernel, bias = network.get_weights()
    assert (kernel.shape, bias.shape) == ((4, 3), (3,))
    function: Any = {"relu": lambda z: np.maximum(z, 0), "linear": np.asarray, "tanh": np.tanh}
    oracle = function[activation](X @ kernel + bias)
    np.testing.assert_allclose(mlj.predict(mach, X), oracle, atol=1e-5)


def test_the_default_activation_is_that_of_mljflux() -> None:
    assert mlj.Linear() == mlj.Linear(activation="relu")
    assert (mlj.predict(untrained(mlj.Linear()), X) >= 0).all()


def test_weights_start_uniform_within_the_glorot_limit_and_biases_at_zero() -> None:
    kernel, bias = mlj.fitted_params(untrained(mlj.Linear())).network.get_weights()
    assert np.abs(kernel).max() <= np.sqrt(6 / (4 + 3))
    assert len(np.unique(kernel)) == 12
    assert not bias.any()


def test_the_same_seed_gives_the_same_weights_and_another_one_others() -> None:
    one, same, other = (
        mlj.fitted_params(untrained(mlj.Linear(), rng)).network.get_weights()[0]
        for rng in (1, 1, 2)
    )
    assert one.tobytes() == same.tobytes()
    assert not np.any(one == other)


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(InvalidModelError, match=r"Linear\.activation: 'rleu' is no activation"):
        mlj.Linear(activation="rleu")
