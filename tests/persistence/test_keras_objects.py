"""Keras' objects in files: losses, schedules, functions and classes come back; what no file holds
is said when it is saved; machines with Keras models go on as before."""

from __future__ import annotations

import io
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

import mlj_keras as mlj
from mlj_keras.builders import KerasModelBuilder
from mlj_keras.errors import UnsavableError
from mlj_keras.persistence._keras_tables import CLASSES, FUNCTIONS, TYPES
from tests.persistence.keras_again import (
    ROW,
    again,
    captured,
    encoded,
)


@pytest.mark.parametrize("name", sorted(CLASSES["losses"]))
def test_a_loss_comes_back_with_its_settings(name: str) -> None:
    loss = getattr(keras.losses, name)(reduction="sum", name="mine")
    found = again(loss)
    assert type(found) is type(loss)
    assert (found.get_config(), found._fn_kwargs) == (loss.get_config(), loss._fn_kwargs)
    assert found.dtype == loss.dtype


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.Huber(2.5),
        keras.losses.CosineSimilarity(axis=0),
        keras.losses.CategoricalFocalCrossentropy(alpha=[0.2, 0.8], gamma=1.5),
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1, dtype="float64"),
        keras.losses.Tversky(0.3, 0.7, axis=(1,)),
    ],
)
def test_a_loss_that_comes_back_gives_the_same_numbers(loss: Any) -> None:
    y_true, y_pred = np.array([[0.0, 1], [1, 0]]), np.array([[9, 0.2], [0.3, 0.9]])
    assert float(again(loss)(y_true, y_pred)) == float(loss(y_true, y_pred))


@pytest.mark.parametrize(
    "schedule",
    [
        keras.optimizers.schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=3),
        keras.optimizers.schedules.CosineDecayRestarts(0.1, 10, t_mul=1.5),
        keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True),
        keras.optimizers.schedules.InverseTimeDecay(0.1, 10, 0.5),
        keras.optimizers.schedules.PiecewiseConstantDecay([3, 9], [0.1, 0.01, 0.001]),
        keras.optimizers.schedules.PolynomialDecay(0.1, 10, power=2.0, cycle=True),
    ],
)
def test_a_schedule_comes_back(schedule: Any) -> None:
    optimiser = mlj.Adam(schedule)
    found = again(optimiser)
    assert found == optimiser
    assert [float(found.learning_rate(i)) for i in range(15)] == [
        float(schedule(i)) for i in range(15)
    ]


@pytest.mark.parametrize("family", ["initializers", "regularizers", "constraints"])
def test_small_objects_of_keras_come_back(family: str) -> None:
    for name in CLASSES[family]:
        value = getattr(getattr(keras, family), name)()
        found = again(value)
        assert type(found) is type(value)
        assert found.get_config() == value.get_config()


def test_functions_and_classes_of_optimizers_come_back_as_themselves() -> None:
    for table in (FUNCTIONS, TYPES):
        for family, names in table.items():
            for name in names:
                value = getattr(getattr(keras, family), name)
                assert again(value) is value


def test_one_object_that_is_there_twice_is_one_object_again() -> None:
    loss = keras.losses.Huber(2.0)
    first, second = again([loss, loss])
    assert first is second


def own_activation(x: Any) -> Any:
    """An activation of a user's own."""
    return ops.sin(x)


class Own(layers.Layer):
    """A layer of a user's own."""

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs


class OwnModel(keras.Model):
    """A model of a user's own, which can be made of its config."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.last = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        """One layer."""
        return self.last(inputs)


def stack(*parts: Any) -> Any:
    """A sequential model of rows."""
    return keras.Sequential([keras.Input(ROW), *parts])


@pytest.mark.parametrize(
    ("network", "what"),
    [
        (lambda: stack(Own(name="mine")), r"the layer 'mine': it is a Own.*trusted="),
        (lambda: stack(layers.Lambda(lambda x: x, name="f")), r"the layer 'f': it is a Lambda"),
        (lambda: stack(layers.Hashing(3)), "it is a Hashing"),
        (lambda: stack(layers.Reshape((3, 2)), layers.TimeDistributed(Own())), "it is a Own"),
        (lambda: OwnModel(), "a Keras model of the class OwnModel.*keras.Sequential"),
        (lambda: stack(layers.Dense(2, activation=own_activation)), "activation: it is 'own"),
        (lambda: stack(layers.Dense(2, lora_rank=2)), "lora_rank: it is 2, of a Dense"),
        (lambda: stack(layers.Masking(float("inf"))), "mask_value: it is inf"),
        (lambda: keras.Model(x := keras.Input(ROW), ops.sort(x)), "it is a Sort"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_no_file_holds_is_said_when_it_is_saved(network: Any, what: str) -> None:
    with pytest.raises(UnsavableError, match=what):
        encoded(KerasModelBuilder(network()))


def test_a_model_that_keras_itself_makes_another_of_is_said_when_it_is_saved() -> None:
    shared = layers.Dense(6)
    network = stack(stack(shared), shared)
    with pytest.raises(UnsavableError, match="made of its layers is another one"):
        encoded(KerasModelBuilder(network))


def file_of(mach: Any) -> bytes:
    """A machine as the bytes of its file."""
    file = io.BytesIO()
    mlj.save(file, mach)
    return file.getvalue()


def transfer() -> Any:
    """A model whose builder is a Keras model with a frozen part."""
    base = keras.Sequential([keras.Input((2,)), layers.Dense(8, activation="relu")], name="base")
    base.trainable = False
    inputs = keras.Input((2,))
    return mlj.NeuralNetworkRegressor(
        builder=keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.2)(base(inputs)))),
        rng=1,
        epochs=2,
        batch_size=8,
        loss=keras.losses.Huber(0.5),
        optimiser=mlj.Adam(
            keras.optimizers.schedules.PiecewiseConstantDecay([3, 9], [0.1, 0.01, 0.001])
        ),
    )


def test_a_machine_with_a_keras_model_predicts_and_trains_on_as_before() -> None:
    X = np.random.default_rng(0).normal(size=(24, 2))
    y = X[:, 0] - X[:, 1] ** 2
    mach = mlj.fit(mlj.machine(transfer(), X, y), verbosity=0)
    content = file_of(mach)
    found = mlj.load_machine(io.BytesIO(content), X, y)
    np.testing.assert_array_equal(mlj.predict(found, X), mlj.predict(mach, X))
    assert file_of(found) == content
    state = found.state
    assert mlj.fit(found, verbosity=0).state == state  # there is nothing to train
    for each in (mach, found):
        each.model.epochs = 4
        mlj.fit(each, verbosity=0)
    before, now = mlj.snapshot(mach), mlj.snapshot(found)
    assert now.epochs == 4
    assert before.arrays.keys() == now.arrays.keys()
    for key, array in before.arrays.items():
        np.testing.assert_array_equal(now.arrays[key], array)

    found.model.rng = 2  # a cold fit: the frozen layer stays as the file has it
    frozen, _, last, _ = captured(found.model.builder).weights
    cold = mlj.snapshot(mlj.fit(found, verbosity=0)).arrays
    np.testing.assert_array_equal(cold["layers/1/kernel"], frozen)
    assert not any(np.array_equal(array, last) for array in cold.values())


def test_an_optimizer_without_a_class_of_its_own_here_comes_back() -> None:
    model = mlj.NeuralNetworkRegressor(optimiser=keras.optimizers.ScheduleFreeAdamW(0.02))
    assert again(model) == model
