"""A Keras model as a builder: its weights the start of every cold fit, itself never changed."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.builders import KerasModelBuilder
from mlj_keras.errors import BuilderError, InvalidModelError

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, 0] - 2 * X[:, 1]


class Blocks(keras.Model):
    """A subclassed model that can be rebuilt from its config."""

    def __init__(self, units: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.last = keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        """Two dense layers."""
        return self.last(self.hidden(inputs))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "units": self.units}


class Unfaithful(keras.Model):
    """A subclassed model with an argument and without get_config."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def call(self, inputs: Any) -> Any:
        """The layer."""
        return self.layer(inputs)


def functional() -> Any:
    """Inputs 3, hidden 4, output 1."""
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(4, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))


def sequential(*, built: bool) -> Any:
    """The same layers in a row."""
    layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input((3,)), *layers] if built else layers)


def subclassed() -> Any:
    """The same layers in a class of one's own, built."""
    model = Blocks()
    model(np.zeros((1, 3), dtype=np.float32))
    return model


BUILT = {
    "functional": functional,
    "sequential": lambda: sequential(built=True),
    "subclassed": subclassed,
}
UNBUILT = {"sequential": lambda: sequential(built=False), "subclassed": Blocks}


def machine(model: Any, **changes: Any) -> mlj.Machine:
    """An untrained machine of a regressor that has this Keras model as its builder."""
    values: dict[str, Any] = {"epochs": 2, "batch_size": 8, "rng": 1, "standardise": False}
    regressor = mlj.NeuralNetworkRegressor(builder=model, **{**values, **changes})
    return mlj.machine(regressor, X, Y)


def trained(model: Any, **changes: Any) -> mlj.Machine:
    """The machine, trained."""
    return mlj.fit(machine(model, **changes), verbosity=0)


def learned(mach: mlj.Machine) -> list[np.ndarray]:
    """The learned weights in Keras' order."""
    weights: list[np.ndarray] = mlj.fitted_params(mach).network.get_weights()
    return weights


def equal(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    """Bit by bit."""
    return [w.tobytes() for w in first] == [w.tobytes() for w in second]


@pytest.mark.parametrize("kind", BUILT)
def test_the_weights_of_a_built_model_are_the_start_whatever_the_seed(kind: str) -> None:
    model = BUILT[kind]()
    for rng in (1, 2):
        mach = trained(model, epochs=0, rng=rng)
        assert equal(learned(mach), model.get_weights())
    np.testing.assert_allclose(mlj.predict(mach, X), np.asarray(model(X))[:, 0], atol=1e-6)


@pytest.mark.parametrize("kind", BUILT)
def test_every_cold_fit_starts_there_again_and_the_model_is_never_changed(kind: str) -> None:
    model = BUILT[kind]()
    before = model.get_weights()
    mach = trained(model)
    first = learned(mach)
    assert not equal(first, before)
    assert equal(learned(mlj.fit(mach, force=True, verbosity=0)), first)
    assert equal(model.get_weights(), before)
    assert not hasattr(model, "optimizer") or model.optimizer is None
    assert mlj.training_losses(mach)[-1] < mlj.report(mach).training_losses[0]


@pytest.mark.parametrize("kind", UNBUILT)
def test_a_model_that_is_not_built_draws_its_weights_from_the_seed(kind: str) -> None:
    model = UNBUILT[kind]()
    one, same, other = (learned(trained(model, rng=rng)) for rng in (1, 1, 2))
    assert equal(one, same)
    assert not equal(one, other)
    assert [w.shape for w in one] == [(3, 4), (4,), (4, 1), (1,)]
    assert not model.built


def test_training_is_that_of_keras_from_the_same_weights() -> None:
    model = functional()
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    twin.compile(keras.optimizers.SGD(0.05), "mean_squared_error")
    twin.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    mach = trained(model, epochs=3, shuffle=False, optimiser=mlj.SGD(0.05))
    for ours, theirs in zip(learned(mach), twin.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_frozen_layers_stay_frozen_bit_for_bit() -> None:
    model = functional()
    model.layers[1].trainable = False
    mach = trained(model, epochs=3)
    assert equal(learned(mach)[:2], model.get_weights()[:2])
    assert not equal(learned(mach)[2:], model.get_weights()[2:])
    assert mlj.training_losses(mach)[-1] < mlj.report(mach).training_losses[0]


def test_a_layer_frozen_in_a_nested_model_stays_frozen() -> None:
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(4)])
    inner.layers[0].trainable = False
    model = keras.Sequential([keras.Input((3,)), inner, keras.layers.Dense(1)])
    mach = trained(model, epochs=3)
    assert equal(learned(mach)[:2], model.get_weights()[:2])
    assert not equal(learned(mach)[2:4], model.get_weights()[2:4])


def test_weights_changed_later_do_not_matter_to_a_builder_made_before() -> None:
    model = functional()
    before = model.get_weights()
    mach = machine(model, epochs=0)
    model.set_weights([w + 1 for w in before])
    assert equal(learned(mlj.fit(mach, verbosity=0)), before)
    anew = trained(model, epochs=0)
    assert equal(learned(anew), model.get_weights())


def test_warm_restarts_equal_one_go() -> None:
    model = functional()
    steps = trained(model, epochs=1)
    steps.model.epochs = 3
    assert equal(learned(mlj.fit(steps, verbosity=0)), learned(trained(model, epochs=3)))


def test_a_model_that_ends_in_softmax_gets_no_second_one() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    y = mlj.coerce(["a", "b"] * 8, mlj.Multiclass)
    classifier = mlj.NeuralNetworkClassifier(builder=model, epochs=0, standardise=False, rng=1)
    mach = mlj.fit(mlj.machine(classifier, X, y), verbosity=0)
    outputs = mlj.predict(mach, X).to_numpy()
    np.testing.assert_allclose(outputs, np.asarray(model(X)), atol=1e-6)
    # Of class codes, the cross-entropy of these very probabilities.
    loss = -np.log(outputs[np.arange(16), np.arange(16) % 2]).mean()
    assert mlj.report(mach).training_losses == pytest.approx([loss], rel=1e-5)


def test_a_wrong_input_width_is_named_with_both_widths() -> None:
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
    with pytest.raises(
        BuilderError, match=r"inputs of shape \(None, 3\).*expected shape=\(None, 5"
    ):
        trained(model)


def test_a_wrong_output_width_is_named_with_both_widths() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    with pytest.raises(BuilderError, match=r"output shape: \(None, 2\) where \(None, 1\) is need"):
        trained(model)


def test_a_model_without_a_config_is_refused_with_what_to_define() -> None:
    words = "'unfaithful.*' of class Unfaithful cannot be rebuilt .* Define get_config and"
    with pytest.raises(InvalidModelError, match=words):
        mlj.NeuralNetworkRegressor(builder=Unfaithful(keras.layers.Dense(1)))


def test_what_is_no_keras_model_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="a keras.Model instance is wanted, got 3"):
        KerasModelBuilder(3)


def test_the_message_shows_the_model_by_class_and_name() -> None:
    model = keras.Sequential([keras.layers.Dense(1)], name="mine")
    assert repr(KerasModelBuilder(model)) == "KerasModelBuilder(model=<Sequential mine>)"


def test_copies_share_the_keras_model_and_its_first_weights() -> None:
    builder = KerasModelBuilder(functional())
    twin = copy.deepcopy(builder)
    assert twin == builder
    assert twin.key() == builder.key()
    first, second = builder.initial_weights(), twin.initial_weights()
    assert first is not None and second is not None
    assert equal(list(first), list(second))


def test_a_pickled_machine_goes_on_from_its_weights() -> None:
    mach = trained(functional())
    twin = pickle.loads(pickle.dumps(mach))
    assert mlj.predict(twin, X).tobytes() == mlj.predict(mach, X).tobytes()
    assert equal(learned(mlj.fit(twin, force=True, verbosity=0)), learned(mach))


def test_the_same_keras_model_with_other_weights_is_another_start() -> None:
    model = functional()
    mach = trained(model, epochs=0)
    assert mlj.fit(mach, verbosity=0).state == 1
    model.set_weights([w + 1 for w in model.get_weights()])
    mach.model.builder = model
    assert mlj.fit(mach, verbosity=0).state == 2
    assert equal(learned(mach), model.get_weights())
    assert KerasModelBuilder(Blocks()) != KerasModelBuilder(model)
    assert KerasModelBuilder(model) != mlj.MLP()


def test_assigning_another_model_takes_its_weights() -> None:
    builder = KerasModelBuilder(functional())
    other = functional()
    builder.model = other
    weights = builder.initial_weights()
    assert weights is not None
    assert equal(list(weights), other.get_weights())


def normalised() -> tuple[keras.Model, np.ndarray]:
    """A model that starts with an adapted Normalization, and its own predictions."""
    norm = keras.layers.Normalization()
    norm.adapt(5 + 3 * X)
    model = keras.Sequential([keras.Input((3,)), norm, keras.layers.Dense(1)])
    return model, model.predict(X, verbose=0)[:, 0]


def test_an_adapted_normalization_is_part_of_the_copy() -> None:
    model, expected = normalised()
    net = mlj.NeuralNetworkRegressor(builder=model, epochs=0, standardise=False, rng=1)
    mach = mlj.fit(mlj.machine(net, X, Y), verbosity=0)
    np.testing.assert_allclose(mlj.predict(mach), expected, rtol=1e-5, atol=1e-6)
    exported = mlj.fitted_params(mach).network.predict(X, verbose=0)[:, 0]
    np.testing.assert_allclose(exported, expected, rtol=1e-5, atol=1e-6)
    assert len(KerasModelBuilder(model).initial_weights() or ()) == 2


def test_what_is_frozen_later_in_the_keras_model_changes_no_builder() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    net = mlj.NeuralNetworkRegressor(builder=model, epochs=1, batch_size=8, rng=1)
    mach = mlj.fit(mlj.machine(net, X, Y), verbosity=0)
    before = mlj.fitted_params(mach).network.get_weights()
    model.layers[0].trainable = False
    net.epochs = 2
    after = mlj.fitted_params(mlj.fit(mach, verbosity=0)).network.get_weights()
    assert not np.array_equal(before[0], after[0])
    assert KerasModelBuilder(model) != net.builder


def test_a_pickled_builder_keeps_its_weights_as_arrays() -> None:
    model, _ = normalised()
    found = pickle.loads(pickle.dumps(KerasModelBuilder(model))).initial_weights()
    assert [type(weight) for weight in found] == [np.ndarray, np.ndarray]


def test_frozen_layers_of_an_unbuilt_model_stay_frozen() -> None:
    model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
    model.layers[0].trainable = False
    net = mlj.NeuralNetworkRegressor(builder=model, epochs=1, batch_size=8, rng=1)
    network = mlj.fitted_params(mlj.fit(mlj.machine(net, X, Y), verbosity=0)).network
    assert [v.shape for v in network.trainable_variables] == [(4, 1), (1,)]


class Listed(keras.Model):
    """A subclassed model whose config has an entry called layers that is none of Keras'."""

    def __init__(self, layers: Any = (4,), **given: Any) -> None:
        super().__init__(**given)
        self.units = list(layers)
        self.stack = [keras.layers.Dense(n) for n in (*self.units, 1)]

    def call(self, inputs: Any) -> Any:
        """Dense layers one after another."""
        for layer in self.stack:
            inputs = layer(inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "layers": self.units}


def test_a_config_with_other_things_called_layers_is_taken_as_it_is() -> None:
    model = Listed([5])
    expected = model(X).numpy()[:, 0]
    net = mlj.NeuralNetworkRegressor(builder=model, epochs=0, standardise=False, rng=1)
    found = mlj.predict(mlj.fit(mlj.machine(net, X, Y), verbosity=0))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_a_normalization_that_is_wrapped_is_part_of_the_copy() -> None:
    norm = keras.layers.Normalization()
    norm.adapt(np.arange(12.0).reshape(4, 3))
    parts = [keras.layers.Reshape((2, 3)), keras.layers.TimeDistributed(norm)]
    last = [keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(6), *parts, *last])
    expected = model.predict(X, verbose=0)[:, 0]
    net = mlj.NeuralNetworkRegressor(builder=model, epochs=0, standardise=False, rng=1)
    found = mlj.predict(mlj.fit(mlj.machine(net, X, Y), verbosity=0))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_builders_of_two_equal_keras_models_are_equal() -> None:
    def net() -> keras.Model:
        layers = [keras.Input((2,), name="in"), keras.layers.Dense(1, name="out")]
        model = keras.Sequential(layers, name="net")
        model.set_weights([np.ones((2, 1)), np.zeros(1)])
        return model

    first, second = KerasModelBuilder(net()), KerasModelBuilder(net())
    assert first == second
    changed = net()
    changed.set_weights([np.zeros((2, 1)), np.zeros(1)])
    assert first != KerasModelBuilder(changed)


def test_weights_of_a_layer_in_a_model_that_is_not_built_are_not_lost_in_silence() -> None:
    learned = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    with pytest.raises(InvalidModelError, match=r"weights, which would be lost. Begin it"):
        KerasModelBuilder(keras.Sequential([learned]))
