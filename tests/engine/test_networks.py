"""Networks: keys by position, initial values from named streams, finalisers, and bad builders."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.builders.convert import as_builder
from mlj_keras.builders.entity_embedding import ImageInputs, TabularInputs
from mlj_keras.engine import networks
from mlj_keras.engine.networks import Network, apply_finaliser, assemble, learned_values
from mlj_keras.engine.prediction import predict_arrays
from mlj_keras.errors import BuilderError
from tests.batteries.oracles import CPU, TANH, numbers

Layers = keras.layers
THREE = TabularInputs((None,) * 3)


def network_of(builder: Any, n_out: int = 1, finaliser: Any = None) -> Network:
    return Network(as_builder(builder), THREE, n_out, finaliser, CPU)


class Mixed(mlj.Builder):
    """Every kind of variable: shared and nested layers, statistics and generator states."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        shared = Layers.Dense(3, use_bias=False)
        hidden = Layers.BatchNormalization()(shared(shared(inputs)))
        nested = keras.Sequential([Layers.Dense(2), Layers.Dense(3), Layers.Dropout(0.5)])
        return Layers.Dense(n_out)(nested(hidden))


def test_variables_are_keyed_by_the_position_of_their_layer_and_not_by_keras_counters() -> None:
    one, other = network_of(Mixed()), network_of(Mixed())
    assert one.keys == other.keys
    assert one.shapes() == {
        "layers/1/kernel": (3, 3),
        "layers/2/gamma": (3,),
        "layers/2/beta": (3,),
        "layers/2/moving_mean": (3,),
        "layers/2/moving_variance": (3,),
        "layers/3/kernel": (3, 2),
        "layers/3/bias": (2,),
        "layers/3/kernel_2": (2, 3),
        "layers/3/bias_2": (3,),
        "layers/3/seed_generator_state": (2,),
        "layers/4/kernel": (3, 1),
        "layers/4/bias": (1,),
    }
    fixed = {"layers/2/moving_mean", "layers/2/moving_variance", "layers/3/seed_generator_state"}
    assert set(one.fixed_keys) == fixed
    assert set(one.trainable_keys) == set(one.keys) - fixed


def test_initial_values_depend_on_the_seed_alone() -> None:
    networks = [network_of(Mixed()) for _ in range(2)]
    first, again, other = (
        network.initial_arrays(seed, Mixed())
        for network, seed in ((networks[0], 1), (networks[1], 1), (networks[0], 2))
    )
    for key in first:
        np.testing.assert_array_equal(first[key], again[key])
    drawn = [key for key in first if "kernel" in key or "seed" in key]
    assert len(drawn) == 5
    assert not any(np.array_equal(first[key], other[key]) for key in drawn)


def test_initial_values_follow_the_initialisers_of_the_layers() -> None:
    arrays = network_of(mlj.MLP(hidden=(200, 300))).initial_arrays(1, TANH)
    kernel = arrays["layers/2/kernel"]
    limit = (6 / (200 + 300)) ** 0.5  # Glorot's uniform distribution
    assert np.abs(kernel).max() <= limit
    # 60,000 draws: the standard error of the mean is 0.0003, of the deviation 0.0002.
    np.testing.assert_allclose([kernel.mean(), kernel.std()], [0, limit / 3**0.5], atol=2e-3)
    assert not arrays["layers/2/bias"].any()


def test_layers_of_one_shape_get_draws_of_their_own() -> None:
    arrays = network_of(mlj.MLP(hidden=(3, 3))).initial_arrays(1, TANH)
    assert not np.array_equal(arrays["layers/1/kernel"], arrays["layers/2/kernel"])


class Fixed(mlj.Builder):
    """Initialisers with a seed, without one, and without chance."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = Layers.Dense(
            3,
            kernel_initializer=keras.initializers.HeNormal(seed=7),
            bias_initializer=keras.initializers.Constant(2.5),
        )(inputs)
        return Layers.Dense(n_out, kernel_initializer="orthogonal")(hidden)


def test_a_seed_inside_the_builder_gives_way_to_that_of_the_model() -> None:
    network = network_of(Fixed())
    one, other = (network.initial_arrays(seed, Fixed()) for seed in (1, 2))
    for key in ("layers/1/kernel", "layers/2/kernel"):
        assert not np.array_equal(one[key], other[key])
    assert one["layers/1/bias"].tolist() == other["layers/1/bias"].tolist() == [2.5] * 3
    np.testing.assert_allclose(np.linalg.norm(one["layers/2/kernel"]), 1, rtol=1e-6)


def test_a_keras_model_starts_from_its_own_weights_and_keeps_frozen_layers_frozen() -> None:
    theirs = keras.Sequential(
        [
            keras.Input((3,)),
            Layers.Dense(4, trainable=False),
            Layers.BatchNormalization(),
            Layers.Dropout(0.5),
            Layers.Dense(1),
        ]
    )
    theirs.set_weights([w + np.float32(0.25) for w in theirs.get_weights()])
    network = network_of(theirs)
    arrays = network.initial_arrays(1, as_builder(theirs))
    weights = [arrays[key] for key in network.keys if "seed" not in key]
    for one, other in zip(weights, theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [network.shapes()[key] for key in network.trainable_keys] == [(4,), (4,), (4, 1), (1,)]
    x = numbers(5, 3)
    ours = predict_arrays(network, network.tensors(arrays), (x,))
    np.testing.assert_allclose(ours, theirs(x, training=False), atol=1e-6)


def test_making_a_network_and_its_values_leaves_pythons_generator_as_it_was() -> None:
    before = random.getstate()
    network_of(Mixed()).initial_arrays(1, Mixed())
    assert random.getstate() == before


def test_the_tables_of_more_than_ten_factors_come_in_the_order_of_the_factors() -> None:
    inputs = TabularInputs((None, *((n_levels, 1) for n_levels in range(2, 14))))
    network = Network(TANH, inputs, 1, None, CPU)
    shapes = network.shapes()
    assert [shapes[key] for key in network.embedding_keys()] == [(n, 1) for n in range(2, 14)]


def test_loading_sets_every_variable() -> None:
    network = network_of(Mixed())
    arrays = network.initial_arrays(3, Mixed())
    network.load(arrays, network.keys)
    for key, variable in network.variables.items():
        np.testing.assert_array_equal(variable.numpy(), arrays[key])
    trainable, fixed = network.tensors(arrays)
    for keys, tensors in ((network.trainable_keys, trainable), (network.fixed_keys, fixed)):
        for key, tensor in zip(keys, tensors, strict=True):
            np.testing.assert_array_equal(tensor, arrays[key])


def test_a_finaliser_follows_unless_the_network_ends_in_it() -> None:
    x = np.array([[0.0, 1.0, 2.0]], dtype="float32")
    assert apply_finaliser(None, x) is x
    for finaliser in ("softmax", keras.activations.softmax):
        expected = np.exp(x) / np.exp(x).sum()
        np.testing.assert_allclose(apply_finaliser(finaliser, x), expected, rtol=1e-6)
    ended = mlj.Linear(activation="softmax")
    assert network_of(ended, 3, "softmax").finaliser is None
    assert network_of(ended, 3, "sigmoid").finaliser == "sigmoid"
    assert network_of(TANH, 3, "softmax").finaliser == "softmax"


@pytest.mark.parametrize("finaliser", [None, "linear", "softmax"])
def test_a_fresh_keras_model_with_the_learned_values_predicts_the_same(finaliser: Any) -> None:
    network = network_of(Mixed(), 3, finaliser)
    arrays = network.initial_arrays(1, Mixed())
    model = learned_values(assemble(Mixed(), THREE, 3), arrays, finaliser)
    x = numbers(5, 3)
    ours = predict_arrays(network, network.tensors(arrays), (x,))
    np.testing.assert_allclose(model(x, training=False), ours, atol=1e-6)
    model.set_weights([0 * weight for weight in model.get_weights()])
    np.testing.assert_array_equal(
        predict_arrays(network, network.tensors(arrays), (x,)), ours, "the model is its own"
    )


@pytest.mark.parametrize(
    ("units", "rows"), [(8, 2**16), (2**10, 2**13), (2**18, 64)], ids=["thin", "wide", "huge"]
)
def test_pieces_of_prediction_keep_the_widest_layer_at_32_megabytes(units: int, rows: int) -> None:
    def wide(inputs: Any, n_out: int) -> Any:
        repeated = Layers.Flatten()(Layers.RepeatVector(units // 2)(inputs[:, :2]))
        return Layers.Dense(n_out, use_bias=False)(repeated[:, :1])

    assert network_of(mlj.builder_from(wide)).rows_at_once == rows


def test_image_networks_get_height_width_and_channels() -> None:
    seen = []

    def build(inputs: Any, n_out: int) -> Any:
        seen.append(inputs.shape)
        return Layers.Dense(n_out)(Layers.Flatten()(inputs))

    Network(mlj.builder_from(build), ImageInputs((5, 4, 3)), 2, None, CPU)
    assert set(seen) == {(None, 5, 4, 3)}


# Builders that do not build.

OLD = Layers.Dense(1)


def raising(inputs: Any, n_out: int) -> Any:
    raise ZeroDivisionError("no units")


def misfit(inputs: Any, n_out: int) -> Any:
    return Layers.Conv2D(2, 3)(inputs)


BAD = {
    "raises": (
        raising,
        r"builder raising\(\) raised ZeroDivisionError for inputs of shape \(None, 3\) and "
        r"n_out=1: no units. Correct its build",
    ),
    "does not fit": (misfit, r"raised ValueError .*expected min_ndim=4, found ndim=2"),
    "returns a layer": (
        lambda inputs, n_out: Layers.Dense(n_out),
        "must return a Keras tensor, got Dense. Call the last layer",
    ),
    "has the wrong width": (
        lambda inputs, n_out: Layers.Dense(n_out + 1)(inputs),
        r"wrong output shape: \(None, 2\) where \(None, 1\) is needed. End it with a Dense",
    ),
    "is not flat": (
        lambda inputs, n_out: Layers.RepeatVector(2)(Layers.Dense(n_out)(inputs)),
        r"wrong output shape: \(None, 2, 1\)",
    ),
    "is not connected": (
        lambda inputs, n_out: Layers.Dense(n_out)(keras.Input((3,))),
        "not connected to its inputs.*Start from the tensor that build is given",
    ),
    "uses a layer made before": (
        lambda inputs, n_out: OLD(inputs),
        "layers that existed before .*Make the layers inside build, or give a keras.Model",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_builder_raises_that(name: str) -> None:
    function, message = BAD[name]
    if name == "uses a layer made before":
        OLD(keras.Input((3,)))
    with pytest.raises(BuilderError, match=message) as error:
        network_of(mlj.builder_from(function))
    assert "\x1b" not in str(error.value), "Keras' colours are left out"


def test_what_the_builder_raised_is_kept_as_the_cause() -> None:
    with pytest.raises(BuilderError) as error:
        network_of(mlj.builder_from(raising))
    assert isinstance(error.value.__cause__, ZeroDivisionError)


def test_a_draw_is_kept_for_its_seed_alone_and_never_changed_by_given_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = network_of(Mixed())
    draws = []
    draw = network._draw
    monkeypatch.setattr(network, "_draw", lambda seed: draws.append(seed) or draw(seed))
    first = network.initial_arrays(1, Mixed())
    again = network.initial_arrays(1, Mixed())
    network.initial_arrays(2, Mixed())
    back = network.initial_arrays(1, Mixed())
    assert draws == [1, 2, 1]
    for key in first:
        np.testing.assert_array_equal(first[key], again[key])
        np.testing.assert_array_equal(first[key], back[key])
        assert not first[key].flags.writeable
    monkeypatch.setattr(networks, "_LARGEST_KEPT", 3)
    for _ in range(2):
        network.initial_arrays(1, Mixed())
    assert draws == [1, 2, 1, 1]
