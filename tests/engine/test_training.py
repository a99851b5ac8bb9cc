"""The training loop: a NumPy oracle, the penalty, class weights, histories and the path.

More oracles, one for each loss, optimiser and kind of network, are in tests/conformance, and so
are reproducibility and what happens when training ends early.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.engine import training
from mlj_keras.engine.batches import epoch_batches
from mlj_keras.engine.data import EncodedData
from mlj_keras.engine.program import Program
from mlj_keras.engine.training import (
    Settings,
    TrainingStopped,
    initial_state,
    mean_batch_loss,
    train,
)
from tests.batteries.oracles import (
    CPU,
    TANH,
    X11,
    Y11,
    assert_close,
    digest_of,
    factor,
    fitted,
    numbers,
    one_hot,
    program_of,
    regressor,
    train_eagerly,
    train_from_the_start,
    weights_of,
)


def numpy_sgd(
    weights: list[np.ndarray],
    batches: list[slice],
    *,
    rate: float,
    momentum: float,
    nesterov: bool,
) -> list[float]:
    """One epoch of a tanh network with one hidden layer under the squared error, by hand; changes
    `weights` (kernel, bias, kernel, bias, and their four velocities) in place."""
    losses = []
    for rows in batches:
        w1, b1, w2, b2 = weights[:4]
        x, y = X11[rows].astype("float64"), Y11[rows].astype("float64")[:, None]
        hidden = np.tanh(x @ w1 + b1)
        error = hidden @ w2 + b2 - y
        losses.append(float(np.mean(error**2)))
        d_out = 2 * error / len(x)
        d_hidden = (d_out @ w2.T) * (1 - hidden**2)
        gradients = [x.T @ d_hidden, d_hidden.sum(0), hidden.T @ d_out, d_out.sum(0)]
        for position, gradient in enumerate(gradients):
            velocity = momentum * weights[4 + position] - rate * gradient
            step = momentum * velocity - rate * gradient if nesterov else velocity
            weights[4 + position] = velocity
            weights[position] = weights[position] + step
    return losses


@pytest.mark.parametrize("nesterov", [False, True], ids=["plain", "nesterov"])
def test_sgd_with_momentum_agrees_with_gradients_worked_out_by_hand(nesterov: bool) -> None:  # noqa: FBT001
    model = regressor(optimiser=mlj.SGD(0.1, momentum=0.9, nesterov=nesterov))
    mach, start = train_from_the_start(model, X11, Y11, epochs=3)
    weights = [array.astype("float64") for array in start] + [np.zeros(a.shape) for a in start]
    batches = [slice(0, 4), slice(4, 8), slice(8, 11)]
    history = [
        np.mean(numpy_sgd(weights, batches, rate=0.1, momentum=0.9, nesterov=nesterov))
        for _ in range(3)
    ]
    assert_close(weights_of(mach), weights[:4])
    velocities = [
        a for k, a in mlj.snapshot(mach).arrays.items() if k.startswith("slots/momentum")
    ]
    assert_close(velocities, weights[4:])
    assert_close(mlj.training_losses(mach), history)


def test_the_first_entry_of_the_history_is_the_loss_of_the_untrained_network_in_test_mode() -> (
    None
):
    model = regressor(builder=mlj.Short(n_hidden=4), batch_size=4, epochs=2)
    mach, start = train_from_the_start(model, X11[:7], Y11[:7], epochs=2)
    w1, b1, w2, b2 = start
    outputs = (1 / (1 + np.exp(-(X11[:7] @ w1 + b1))) @ w2 + b2)[:, 0]  # without dropout
    squared = (outputs - Y11[:7]) ** 2
    by_batch = [squared[:4].mean(), squared[4:].mean()]
    losses = mlj.report(mach).training_losses
    assert len(losses) == 3 and len(mlj.training_losses(mach)) == 2
    np.testing.assert_allclose(losses[0], np.mean(by_batch), rtol=1e-5)
    assert abs(np.mean(by_batch) - squared.mean()) > 1e-3, "the two means must be told apart"


def test_the_loss_of_an_epoch_is_the_unweighted_mean_of_its_batch_losses() -> None:
    # A rate so small that the weights stay: the batch losses are those at the start.
    model = regressor(optimiser=mlj.SGD(1e-30), epochs=1)
    losses = mlj.report(fitted(model, X11[:7], Y11[:7])).training_losses
    assert len(losses) == 2
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0])
def test_the_penalty_is_lambda_over_batches_on_every_trainable_and_not_reported(
    batch_size: int, alpha: float
) -> None:
    lambda_ = 0.3
    X, y = numbers(12, 3), numbers(12, 1, seed=1)
    model = regressor(optimiser=mlj.SGD(0.02), lambda_=lambda_, alpha=alpha, batch_size=batch_size)
    mach, start = train_from_the_start(model, X, y[:, 0], epochs=2)
    network = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(1)]
    )
    network.set_weights(start)

    def penalty(variables: Any) -> Any:
        return tf.add_n(
            [
                lambda_ * tf.reduce_sum(alpha * tf.abs(v.value) + (1 - alpha) * v.value**2)
                for v in variables
            ]
        )

    history = train_eagerly(
        network,
        network.trainable_variables,
        keras.optimizers.SGD(0.02),
        keras.losses.MeanSquaredError(),
        (X,),
        y,
        epochs=2,
        batch_size=batch_size,
        penalty=penalty,
    )
    assert_close(weights_of(mach), network.get_weights())
    assert_close(mlj.training_losses(mach), history)


def test_alpha_means_nothing_without_lambda() -> None:
    plain, mixed = (regressor(alpha=alpha, epochs=3) for alpha in (0.0, 0.9))
    digests = {mlj.snapshot(fitted(model, X11, Y11)).digest() for model in (plain, mixed)}
    assert len(digests) == 1


def test_class_weights_agree_with_keras_own_fit() -> None:
    y = factor(11, 3)
    by_level = {"a": 0.5, "b": 3.0, "c": 1.0}
    model = mlj.NeuralNetworkClassifier(
        builder=TANH,
        optimiser=mlj.SGD(0.1, momentum=0.9),
        batch_size=4,
        rng=3,
        shuffle=False,
        standardise=False,
    )
    mach, start = train_from_the_start(model, X11, y, by_level, epochs=3)
    network = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    network.set_weights(start)
    network.compile(keras.optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy")
    network.fit(
        X11,
        one_hot(y),
        class_weight={0: 0.5, 1: 3.0, 2: 1.0},
        batch_size=4,
        epochs=3,
        shuffle=False,
        verbose=0,
    )
    assert_close(weights_of(mach), network.get_weights())
    by_row = np.array([by_level[level] for level in y], dtype="float32")
    digests = {digest_of(model.replace({}), (X11, y, w), (3,)) for w in (by_level, by_row)}
    assert len(digests) == 1, "a vector of the same weights is the same thing"


@pytest.mark.parametrize("jit_compile", ["auto", True, False])
def test_the_path_is_reported_and_kept_when_training_goes_on(jit_compile: Any) -> None:
    model = regressor(jit_compile=jit_compile, epochs=1)
    mach = fitted(model, X11, Y11)
    expected = "graph" if jit_compile is False else "xla"
    assert mlj.snapshot(mach).path == mlj.report(mach).path == expected
    model.epochs = 2
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).path == mlj.report(mach).path == expected
    assert mlj.snapshot(mach).epochs == mlj.report(mach).epochs == 2


def test_a_restored_state_goes_on_along_its_own_path() -> None:
    model = regressor(jit_compile=False, epochs=2)
    mach = fitted(model, X11, Y11)
    early = mlj.snapshot(mach)
    whole = digest_of(regressor(jit_compile=False), (X11, Y11), (4,))
    model.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == whole
    mlj.fit(mlj.restore(mach, early), verbosity=0)
    assert mlj.snapshot(mach).digest() == whole
    assert mlj.snapshot(mach).path == "graph"


# The engine's own functions, without a machine.


def engine_parts() -> tuple[Program, EncodedData, Any]:
    data = EncodedData((X11,), Y11[:, None])
    return program_of(), data, data.put(CPU, padded=True)


SETTINGS = Settings(0.1, shuffle=True)


def test_training_for_no_epochs_gives_the_very_state_back() -> None:
    program, data, tensors = engine_parts()
    state = initial_state(program, TANH, 3, data, shuffle=True)
    assert train(program, state, data, tensors, 0, SETTINGS) is state
    assert state.epochs == 0 and len(state.losses) == 1


def test_train_is_a_function_of_its_arguments_and_changes_none_of_them() -> None:
    program, data, tensors = engine_parts()
    state = initial_state(program, TANH, 3, data, shuffle=True)
    before = state.digest()
    other = train(
        program, initial_state(program, TANH, 4, data, shuffle=True), data, tensors, 3, SETTINGS
    )
    heard: list[Any] = []
    once = train(
        program,
        state,
        data,
        tensors,
        3,
        SETTINGS,
        lambda count, losses: heard.append((count, losses)),
    )
    again = train(program, state, data, tensors, 3, SETTINGS)
    assert state.digest() == before
    assert once.digest() == again.digest() != other.digest()
    assert sum(count for count, _ in heard) == 3
    assert tuple(loss for _, losses in heard for loss in losses) == once.losses[1:]


def test_whatever_ends_training_comes_with_the_last_whole_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "SECONDS_PER_CALL", 0)  # one epoch a group
    program, data, tensors = engine_parts()
    state = initial_state(program, TANH, 3, data, shuffle=True)

    class Enough(Exception):
        pass

    def stop(count: int, losses: list[float]) -> None:
        raise Enough("enough")

    with pytest.raises(TrainingStopped, match="enough") as stopped:
        train(program, state, data, tensors, 100, SETTINGS, stop)
    assert isinstance(stopped.value.cause, Enough)
    assert stopped.value.state.epochs == 1
    one = train(program, state, data, tensors, 1, SETTINGS)
    assert stopped.value.state.digest() == one.digest()


def test_the_mean_batch_loss_counts_true_rows_with_their_weights() -> None:
    program, data, _ = engine_parts()
    weighted = EncodedData(data.inputs, data.target, np.linspace(0, 2, 11).astype("float32"))
    state = initial_state(program, TANH, 3, weighted, shuffle=False)
    w1, b1, w2, b2 = (a for k, a in state.arrays.items() if k.startswith("layers/"))
    squared = ((np.tanh(X11 @ w1 + b1) @ w2 + b2)[:, 0] - Y11) ** 2 * np.linspace(0, 2, 11)
    batches = epoch_batches(11, 4, seed=3, epoch=0, shuffle=True)
    expected = np.mean([squared[rows[rows >= 0]].mean() for rows in batches])
    np.testing.assert_allclose(mean_batch_loss(program, state, weighted, batches), expected, 1e-5)
    in_order = [squared[:4].mean(), squared[4:8].mean(), squared[8:].mean()]
    np.testing.assert_allclose(state.losses, [np.mean(in_order)], 1e-5)


def test_a_loss_that_is_one_number_a_batch_trains_as_the_same_loss_by_rows() -> None:
    def whole(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean((y_true - y_pred) ** 2)

    data = (X11[:8], Y11[:8])
    machines = [fitted(regressor(loss=loss, epochs=3), *data) for loss in (whole, "mse")]
    assert_close(weights_of(machines[0]), weights_of(machines[1]))
    assert_close(*(mlj.report(mach).training_losses for mach in machines))
