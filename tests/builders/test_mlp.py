"""`MLP`: hidden layers, their shapes, activations and seeds; what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = X[:, :3]


def untrained(builder: mlj.Builder, rng: int = 1) -> mlj.Machine:
    """Four inputs, three outputs, no epoch."""
    model = mlj.MultitargetNeuralNetworkRegressor(
        builder=builder, epochs=0, standardise=False, rng=rng
    )
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


@pytest.mark.parametrize(
    ("hidden", "shapes"),
    [
        ((2, 2), [(4, 2), (2,), (2, 2), (2,), (2, 3), (3,)]),
        ([5], [(4, 5), (5,), (5, 3), (3,)]),
        (5, [(4, 5), (5,), (5, 3), (3,)]),
        (np.array([3, 2]), [(4, 3), (3,), (3, 2), (2,), (2, 3), (3,)]),
    ],
)
def test_there_is_a_dense_layer_for_each_hidden_one_and_one_for_the_outputs(
    hidden: Any, shapes: list[tuple[int, ...]]
) -> None:
    network = mlj.fitted_params(untrained(mlj.MLP(hidden=hidden))).network
    assert [weight.shape for weight in network.get_weights()] == shapes


def test_hidden_layers_are_activated_and_outputs_are_not() -> None:
    mach = untrained(mlj.MLP(hidden=(5, 2), activation="tanh"))
    w1, b1, w2, b2, w3, b3 = mlj.fitted_params(mach).network.get_weights()
    oracle = np.tanh(np.tanh(X @ w1 + b1) @ w2 + b2) @ w3 + b3
    np.testing.assert_allclose(mlj.predict(mach, X), oracle, atol=1e-5)


def test_the_defaults_are_those_of_mljflux() -> None:
    builder = mlj.MLP()
    assert (builder.hidden, builder.activation) == ((100,), "relu")


def test_an_activation_of_ones_own_is_called() -> None:
    def cubed(x: Any) -> Any:
        return x**3

    mach = untrained(mlj.MLP(hidden=(5,), activation=cubed))
    w1, b1, w2, b2 = mlj.fitted_params(mach).network.get_weights()
    np.testing.assert_allclose(mlj.predict(mach, X), (X @ w1 + b1) ** 3 @ w2 + b2, atol=1e-4)


def test_layers_of_one_shape_start_from_different_weights() -> None:
    _, _, second, _, third, _, _, _ = mlj.fitted_params(
        untrained(mlj.MLP(hidden=(4, 4, 4)))
    ).network.get_weights()
    assert not np.any(second == third)


def test_the_same_seed_gives_the_same_weights_and_another_one_others() -> None:
    one, same, other = (
        mlj.fitted_params(untrained(mlj.MLP(hidden=(5,)), rng)).network.get_weights()
        for rng in (1, 1, 2)
    )
    assert [w.tobytes() for w in one] == [w.tobytes() for w in same]
    assert not np.any(one[0] == other[0])


@pytest.mark.parametrize("hidden", [(), [], 0, -3, (4, 0), (4, 2.5), "4", None, (True,), True])
def test_hidden_must_be_positive_ints(hidden: Any) -> None:
    with pytest.raises(
        InvalidModelError,
        match=r"MLP\.hidden: hidden must be one or more positive ints, got .*hidden=\(64, 32\)",
    ):
        mlj.MLP(hidden=hidden)


def test_hidden_is_kept_as_a_tuple_whatever_happens_to_the_list() -> None:
    units: Any = [4, 2]
    builder = mlj.MLP(hidden=units)
    units.append(9)
    assert builder.hidden == (4, 2)


def test_the_number_of_layers_is_known_before_any_is_built() -> None:
    assert mlj.MLP(hidden=(8, 4)).n_layers() == 3
