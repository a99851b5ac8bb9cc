"""Training against loops of plain Keras, eager and without padding: weights and losses agree.

Each case trains on the XLA path and on the graph path. The rows make whole batches of four and a
last one of three. The oracle's network is made of Keras layers here, and starts from the weights
that the machine had before its first epoch.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
from tests.batteries.oracles import (
    BATCH_SIZE,
    EPOCHS,
    N_ROWS,
    PATHS,
    WEIGHTS,
    assert_close,
    check_both_paths,
    dense_network,
    factor,
    model_of,
    numbers,
    one_hot,
    train_eagerly,
    train_from_the_start,
    weights_of,
)

Layers = keras.layers


OPTIMISERS = {
    "SGD with momentum": (
        mlj.SGD(0.1, momentum=0.9),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    ),
    "Adam": (mlj.Adam(0.02), lambda: keras.optimizers.Adam(0.02)),
    "AdamW": (
        mlj.AdamW(0.02, weight_decay=0.05),
        lambda: keras.optimizers.AdamW(0.02, weight_decay=0.05),
    ),
    "RMSprop": (mlj.RMSprop(0.01), lambda: keras.optimizers.RMSprop(0.01)),
    "Adam with clipped norms": (
        mlj.Adam(0.02, clipnorm=0.1),
        lambda: keras.optimizers.Adam(0.02, clipnorm=0.1),
    ),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_each_optimiser_moves_the_weights_as_an_eager_loop_does(name: str, weighted: bool) -> None:  # noqa: FBT001
    ours, theirs = OPTIMISERS[name]
    X, y = numbers(N_ROWS, 3), numbers(N_ROWS, 1, seed=1)
    check_both_paths(
        lambda jit: model_of(mlj.NeuralNetworkRegressor, optimiser=ours, jit_compile=jit),
        (X, y[:, 0]),
        lambda: dense_network(1),
        theirs,
        keras.losses.MeanSquaredError(),
        y,
        weights=WEIGHTS if weighted else None,
    )


def test_a_schedule_sees_the_same_steps_as_in_an_eager_loop() -> None:
    def schedule() -> Any:
        return keras.optimizers.schedules.ExponentialDecay(0.2, 3, 0.5)

    X, y = numbers(N_ROWS, 3), numbers(N_ROWS, 2, seed=1)
    check_both_paths(
        lambda jit: model_of(
            mlj.MultitargetNeuralNetworkRegressor, optimiser=mlj.SGD(schedule()), jit_compile=jit
        ),
        (X, y),
        lambda: dense_network(2),
        lambda: keras.optimizers.SGD(schedule()),
        keras.losses.MeanSquaredError(),
        y,
    )


def test_predictions_use_the_moving_averages_that_keras_puts_in_place_after_training() -> None:
    X, y = numbers(N_ROWS, 3), numbers(N_ROWS, 1, seed=1)
    rule = mlj.SGD(0.1, use_ema=True, ema_momentum=0.7)
    model = model_of(mlj.NeuralNetworkRegressor, optimiser=rule)
    mach, start = train_from_the_start(model, X, y[:, 0], epochs=EPOCHS)
    theirs = dense_network(1)
    theirs.set_weights(start)
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.7)
    loss = keras.losses.MeanSquaredError()
    variables = theirs.trainable_variables
    train_eagerly(
        theirs, variables, optimizer, loss, (X,), y, epochs=EPOCHS, batch_size=BATCH_SIZE
    )
    before = theirs.get_weights()
    optimizer.finalize_variable_values(variables)
    assert np.abs(before[0] - theirs.get_weights()[0]).max() > 1e-3
    assert_close(weights_of(mach), theirs.get_weights())
    assert_close([mlj.predict(mach)], [np.asarray(theirs(X))[:, 0]])


class Normalised(mlj.Builder):
    """A dense layer, batch normalisation, and the outputs."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = Layers.BatchNormalization(momentum=0.8)(Layers.Dense(5)(inputs))
        return Layers.Dense(n_out)(Layers.Activation("tanh")(hidden))


class Centred(mlj.Builder):
    """Features less their mean over the batch, written on Keras tensors without a layer."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = Layers.Dense(5, activation="tanh")(inputs)
        return Layers.Dense(n_out)(hidden - keras.ops.mean(hidden, axis=0, keepdims=True))


def network_of(builder: mlj.Builder, shape: tuple[int, ...], n_out: int) -> Any:
    inputs = keras.Input(shape)
    return keras.Model(inputs, builder.build(inputs, n_out, np.random.default_rng()))


@pytest.mark.parametrize("builder", [Normalised(), Centred()], ids=["batch norm", "batch mean"])
def test_networks_that_mix_rows_see_the_last_batch_at_its_true_size(builder: mlj.Builder) -> None:
    X, y = numbers(N_ROWS, 3), numbers(N_ROWS, 1, seed=1)
    check_both_paths(
        lambda jit: model_of(mlj.NeuralNetworkRegressor, builder=builder, jit_compile=jit),
        (X, y[:, 0]),
        lambda: network_of(builder, (3,), 1),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9),
        keras.losses.MeanSquaredError(),
        y,
        weights=WEIGHTS,
    )


class Regularised(mlj.Builder):
    """Dense layers with Keras' own regularisers of kernels and activities."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = Layers.Dense(
            5, activation="tanh", kernel_regularizer="l2", activity_regularizer="l2"
        )(inputs)
        return Layers.Dense(n_out)(hidden)


def test_regularisers_of_layers_are_optimised_and_not_reported() -> None:
    X, y = numbers(N_ROWS, 3), numbers(N_ROWS, 1, seed=1)
    model = model_of(mlj.NeuralNetworkRegressor, builder=Regularised())
    mach, start = train_from_the_start(model, X, y[:, 0], epochs=EPOCHS)
    theirs = network_of(Regularised(), (3,), 1)
    theirs.set_weights(start)
    optimizer, squared = keras.optimizers.SGD(0.1, momentum=0.9), keras.losses.MeanSquaredError()
    n_batches = 3
    history = train_eagerly(
        theirs,
        theirs.trainable_variables,
        optimizer,
        squared,
        (X,),
        y,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        penalty=lambda _: n_batches * tf.add_n(theirs.losses),
    )
    assert_close(weights_of(mach), theirs.get_weights())
    assert_close(mlj.training_losses(mach), history)


def test_image_networks_train_as_an_eager_loop_does() -> None:
    images = np.random.default_rng(0).uniform(size=(N_ROWS, 6, 6, 1)).astype("float32")
    y = factor(N_ROWS, 3)
    builder = mlj.ImageCNN(blocks=((3, 1),), dense=(4,))

    def network() -> Any:
        return keras.Sequential(
            [
                keras.Input((6, 6, 1)),
                Layers.Conv2D(3, 3, padding="same", activation="relu"),
                Layers.MaxPooling2D(2),
                Layers.Flatten(),
                Layers.Dense(4, activation="relu"),
                Layers.Dense(3, activation="softmax"),
            ]
        )

    check_both_paths(
        lambda jit: model_of(mlj.ImageClassifier, builder=builder, jit_compile=jit),
        (images, y),
        network,
        lambda: keras.optimizers.SGD(0.1, momentum=0.9),
        keras.losses.CategoricalCrossentropy(),
        one_hot(y),
    )


@pytest.mark.parametrize("jit_compile", PATHS, ids=["xla", "graph"])
def test_embeddings_are_learned_as_rows_of_a_matrix_that_one_hot_codes_select(
    jit_compile: bool,  # noqa: FBT001
) -> None:
    left, right = numbers(N_ROWS, 2).T
    kind, sort = factor(N_ROWS, 4, seed=1), factor(N_ROWS, 3, seed=2)
    X = pd.DataFrame({"left": left, "kind": kind, "right": right, "sort": sort})
    y = numbers(N_ROWS, 1, seed=3)
    model = model_of(
        mlj.NeuralNetworkRegressor,
        builder=mlj.Linear(activation="tanh"),
        embedding_dims={"kind": 2},
        jit_compile=jit_compile,
    )
    model.epochs = 0
    mach = mlj.fit(mlj.machine(model, X, y[:, 0]), verbosity=0)
    tables, (kernel, bias) = mlj.fitted_params(mach).embeddings, weights_of(mach)[-2:]
    assert {name: table.shape for name, table in tables.items()} == {
        "kind": (4, 2),
        "sort": (3, 2),
    }
    variables = [keras.Variable(a) for a in (tables["kind"], tables["sort"], kernel, bias)]

    def forward(left: Any, kinds: Any, right: Any, sorts: Any) -> Any:
        of_kind, of_sort, kernel, bias = [variable.value for variable in variables]
        parts = [left[:, None], kinds @ of_kind, right[:, None], sorts @ of_sort]
        return tf.tanh(tf.concat(parts, axis=1) @ kernel + bias)

    history = train_eagerly(
        forward,
        variables,
        keras.optimizers.SGD(0.1, momentum=0.9),
        keras.losses.MeanSquaredError(),
        (left, one_hot(kind), right, one_hot(sort)),
        y,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
    )
    model.epochs = EPOCHS
    mlj.fit(mach, verbosity=0)
    learned = mlj.fitted_params(mach).embeddings
    assert_close(
        [learned["kind"], learned["sort"], *weights_of(mach)[-2:]],
        [variable.numpy() for variable in variables],
    )
    assert_close(mlj.training_losses(mach), history)
