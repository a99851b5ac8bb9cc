"""`Builder`: a subclass in five lines, its fields, its key, and reproducible unseeded layers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.builders.base import check_activation, seed_of
from mlj_keras.errors import BuilderError, InvalidModelError, UnknownFieldError

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, 0] - X[:, 1]


class Wide(mlj.Builder):
    """A hidden layer and dropout, none of them seeded."""

    n1: int = 4
    dropout: float = mlj.param(0.0, kind=float, ge=0, lt=1)

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """Dense(n1), Dropout, Dense(n_out)."""
        import keras

        hidden = keras.layers.Dense(self.n1, activation="relu")(inputs)
        hidden = keras.layers.Dropout(self.dropout)(hidden)
        return keras.layers.Dense(n_out)(hidden)


def trained(builder: Any, **changes: Any) -> mlj.Machine:
    """A regressor's machine with this builder, trained."""
    values: dict[str, Any] = {"epochs": 2, "batch_size": 8, "rng": 1, **changes}
    model = mlj.NeuralNetworkRegressor(builder=builder, **values)
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


def state_bytes(mach: mlj.Machine) -> dict[str, bytes]:
    """Every learned array as bytes."""
    return {key: array.tobytes() for key, array in mlj.snapshot(mach).arrays.items()}


def test_a_subclass_of_five_lines_is_a_builder_with_tunable_fields() -> None:
    mach = trained(Wide(n1=5))
    shapes = [w.shape for w in mlj.fitted_params(mach).network.get_weights()]
    assert [shape for shape in shapes if shape != (2,)] == [(3, 5), (5,), (5, 1), (1,)]
    assert mach.model.get("builder.n1") == 5
    mach.model.set("builder.n1", 2)
    mlj.fit(mach, verbosity=0)
    assert mlj.fitted_params(mach).network.get_weights()[0].shape == (3, 2)
    assert repr(Wide(n1=8)) == "Wide(n1=8)"


def test_fields_are_checked_as_those_of_any_model() -> None:
    with pytest.raises(InvalidModelError, match=r"Wide\.dropout must be a number >= 0 and < 1"):
        Wide(dropout=1.0)
    with pytest.raises(InvalidModelError, match=r"Wide\.n1 must be an int, got 2\.5"):
        Wide(n1=2.5)  # type: ignore[arg-type]  # the very point
    with pytest.raises(UnknownFieldError, match="no hyper-parameter 'n2'. Did you mean 'n1'"):
        Wide(n2=3)  # type: ignore[call-arg]  # the very point


def test_copies_are_equal_and_have_equal_keys() -> None:
    builder = Wide(n1=7)
    for twin in (copy.deepcopy(builder), pickle.loads(pickle.dumps(builder)), Wide(n1=7)):
        assert twin == builder
        assert twin.key() == builder.key()
        assert hash(twin.key()) == hash(builder.key())
    assert Wide(n1=8).key() != builder.key()
    assert mlj.MLP().key() != builder.key()


def test_unseeded_layers_are_reproduced_from_the_seed_of_the_model(
    unchanged_generators: None,
) -> None:
    one, same, other = (trained(Wide(dropout=0.5), rng=rng) for rng in (1, 1, 2))
    assert state_bytes(one) == state_bytes(same)
    assert state_bytes(one) != state_bytes(other)
    undropped = trained(Wide(dropout=0.0))
    assert mlj.training_losses(one).tolist() != mlj.training_losses(undropped).tolist()


def test_warm_restarts_with_unseeded_dropout_equal_one_go() -> None:
    steps = trained(Wide(dropout=0.5), epochs=1)
    steps.model.epochs = 3
    assert state_bytes(mlj.fit(steps, verbosity=0)) == state_bytes(
        trained(Wide(dropout=0.5), epochs=3)
    )


def test_the_rng_that_build_gets_is_a_numpy_generator_and_does_not_shape_the_network() -> None:
    seen = []

    def net(inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        import keras

        seen.append(type(rng))
        start = keras.initializers.RandomNormal(seed=seed_of(rng))
        return keras.layers.Dense(n_out, kernel_initializer=start)(inputs)

    builder = mlj.builder_from(net)
    one, other = trained(builder, rng=1, epochs=0), trained(builder, rng=2, epochs=0)
    assert set(seen) == {np.random.Generator}
    assert state_bytes(one) != state_bytes(other)
    assert state_bytes(one) == state_bytes(trained(builder, rng=1, epochs=0))


def test_seeds_of_layers_are_drawn_in_order() -> None:
    first, second = (np.random.default_rng(3) for _ in range(2))
    seeds = [seed_of(first) for _ in range(4)]
    assert seeds == [seed_of(second) for _ in range(4)]
    assert len(set(seeds)) == 4
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_builder_without_build_says_what_to_define() -> None:
    class Empty(mlj.Builder):
        """Defines nothing."""

    with pytest.raises(BuilderError, match=r"Empty must define build\(self, inputs, n_out, rng\)"):
        trained(Empty())
    assert Empty().initial_weights() is None


def test_layers_that_existed_before_are_refused() -> None:
    import keras

    old = keras.layers.Dense(1)
    old.build((None, 3))

    def reuse(inputs: Any, n_out: int) -> Any:
        return old(inputs)

    with pytest.raises(BuilderError, match="layers that existed before .*Make the layers inside"):
        trained(mlj.builder_from(reuse))


def test_an_activation_is_a_name_of_keras_or_a_function() -> None:
    import keras

    assert check_activation("gelu") == "gelu"
    assert check_activation(np.tanh) is np.tanh
    with pytest.raises(ValueError, match="'rleu' is no activation of Keras. Did you mean relu"):
        check_activation("rleu")
    with pytest.raises(TypeError, match="a name such as 'relu' or a function of a tensor, got 3"):
        check_activation(3)
    with pytest.raises(TypeError, match="a name such as 'relu'"):
        check_activation(keras.layers.ReLU)


def test_every_activation_of_keras_is_known_by_name() -> None:
    import keras

    names = [
        name
        for name in dir(keras.activations)
        if name[0].islower() and name not in ("get", "serialize", "deserialize", "threshold")
    ]  # threshold needs arguments of its own
    assert len(names) > 20
    assert [name for name in names if check_activation(name) != name] == []
