"""The conformance list of MLJ and MLJFlux, items 1 to 13: training and machines.

The numbers in the names are those of the list; oracles are NumPy and hand computation.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidArgument,
    InvalidModelError,
    NotTrainedError,
    ScitypeError,
    ScitypeWarning,
)
from tests.batteries.conformance import net

RNG = np.random.default_rng(7)
X = RNG.normal(size=(24, 3))
Y = X @ [1.0, -2.0, 0.5] + 1
CONTAINERS = (
    mlj.NeuralNetworkRegressor,
    mlj.MultitargetNeuralNetworkRegressor,
    mlj.NeuralNetworkClassifier,
    mlj.NeuralNetworkBinaryClassifier,
    mlj.ImageClassifier,
    mlj.ImageRegressor,
)


def plain(**changes: Any) -> Any:
    """MLJFlux's behaviour: nothing standardised, rows in their order."""
    return net(**{"shuffle": False, "standardise": False, **changes})


def trained(model: Any, X_: Any = X, y: Any = Y) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X_, y), verbosity=0)


def layers(mach: mlj.Machine) -> list[np.ndarray]:
    arrays = mlj.snapshot(mach).arrays
    return [arrays[key] for key in arrays if key.startswith("layers/")]


def digest(mach: mlj.Machine) -> str:
    return str(mlj.snapshot(mach).digest())


def start_of(model: Any, X_: Any = X, y: Any = Y) -> list[np.ndarray]:
    """The weights before the first epoch."""
    return [w.astype(float) for w in layers(trained(model.replace({"epochs": 0}), X_, y))]


def descend(
    weights: list[np.ndarray],
    X_: np.ndarray,
    y: np.ndarray,
    batches: list[np.ndarray],
    rate: float,
    penalty: Callable[[np.ndarray], np.ndarray] = np.zeros_like,
) -> tuple[list[np.ndarray], list[float]]:
    """An epoch of gradient descent on the mean squared error of Xw + b, by hand."""
    (w, b), losses = (weight.copy() for weight in weights), []
    for rows in batches:
        error = X_[rows] @ w[:, 0] + b[0] - y[rows]
        losses.append(float(np.mean(error**2)))
        step_w = 2 * X_[rows].T @ error[:, None] / len(rows) + penalty(w)
        step_b = np.array([2 * error.mean()]) + penalty(b)
        w, b = w - rate * step_w, b - rate * step_b
    return [w, b], losses


@pytest.fixture
def epochs_run(caplog: pytest.LogCaptureFixture) -> Callable[[mlj.Machine], int]:
    """`epochs_run(mach)`: fit it at verbosity 2, and count the lines about epochs."""
    caplog.set_level(logging.INFO, "mlj_keras")

    def run(mach: mlj.Machine) -> int:
        caplog.clear()
        mlj.fit(mach, verbosity=2)
        return sum(line.startswith("Epoch ") for line in caplog.messages)

    return run


def test_item_1_defaults() -> None:
    losses = [
        "mean_squared_error",
        "mean_squared_error",
        "categorical_crossentropy",
        "binary_crossentropy",
        "categorical_crossentropy",
        "mean_squared_error",
    ]
    finalisers = [None, None, "softmax", "sigmoid", "softmax", None]
    for container, loss, finaliser in zip(CONTAINERS, losses, finalisers, strict=True):
        model: Any = container()
        assert (model.epochs, model.batch_size, model.lambda_, model.alpha) == (10, None, 0, 0)
        assert (model.rng, model.shuffle, model.acceleration) == (None, True, None)
        assert model.optimiser == mlj.Adam(learning_rate=0.001)
        assert model.optimiser_changes_trigger_retraining is False
        assert model.loss == loss
        assert ("finaliser" in model.fields()) == (finaliser is not None)
        assert finaliser is None or model.finaliser == finaliser
        of_images = container in (mlj.ImageClassifier, mlj.ImageRegressor)
        assert model.builder == (mlj.ImageCNN() if of_images else mlj.MLP(hidden=(100,)))
        assert ("embedding_dims" in model.fields()) == (not of_images)


@pytest.mark.parametrize("n", [10, 95, 96, 181, 182, 300])
def test_item_1_default_batch_size_is_the_power_of_two_nearest_to_a_64th_of_the_rows(
    n: int,
) -> None:
    powers = [2.0**k for k in range(9)]
    nearest = min(powers, key=lambda p: abs(math.log2(p) - math.log2(n / 64)))
    mach = trained(net(batch_size=None, epochs=0), np.zeros((n, 3)), np.arange(n) / n)
    assert mlj.report(mach).batch_size == nearest


@pytest.mark.parametrize(
    ("name", "value"),
    [("lambda_", -1), ("alpha", -1), ("alpha", 1.5), ("epochs", -1), ("batch_size", 0)],
)
@pytest.mark.parametrize("container", CONTAINERS)
def test_item_2_impossible_values_raise_instead_of_being_reset(
    container: Any, name: str, value: Any
) -> None:
    with pytest.raises(InvalidModelError, match=rf"{container.__name__}.{name} must be .* got "):
        container(**{name: value})
    model = container()
    before = getattr(model, name)
    with pytest.raises(InvalidModelError):
        setattr(model, name, value)
    assert getattr(model, name) == before


def test_item_2_what_was_made_impossible_in_place_raises_at_fit() -> None:
    model = net(optimiser=mlj.SGD(0.1))
    mach = mlj.machine(model, X, Y)
    object.__setattr__(model.optimiser, "learning_rate", -1.0)
    with pytest.raises(InvalidModelError, match="SGD.learning_rate"):
        mlj.fit(mach)
    assert mach.state == 0


def test_item_3_history_length() -> None:
    mach = trained(net(epochs=10))
    history, losses = mlj.report(mach).training_losses, mlj.training_losses(mach)
    assert (len(history), len(losses)) == (11, 10)
    np.testing.assert_array_equal(history[1:], losses)


def test_item_3_no_epochs_give_the_untrained_network() -> None:
    mach = trained(plain(epochs=0))
    assert len(mlj.report(mach).training_losses) == 1 and len(mlj.training_losses(mach)) == 0
    kernel_1, bias_1, kernel_2, bias_2 = layers(mach)
    assert not bias_1.any() and not bias_2.any()
    limit = math.sqrt(6 / (3 + 5))
    assert 0 < np.abs(kernel_1).max() <= limit
    outputs = np.maximum(X @ kernel_1, 0) @ kernel_2
    np.testing.assert_allclose(mlj.predict(mach), outputs[:, 0], atol=1e-5)


class Ones(mlj.Builder):
    """One dense layer without bias, all of whose weights are one."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        import keras

        return keras.layers.Dense(n_out, use_bias=False, kernel_initializer="ones")(inputs)


@pytest.mark.parametrize("shuffle", [False, True])
def test_item_4_initial_loss(shuffle: bool) -> None:  # noqa: FBT001
    big = RNG.normal(size=(100, 3))
    target = RNG.normal(size=100)
    mach = trained(plain(builder=Ones(), batch_size=25, shuffle=shuffle), big, target)
    expected = np.mean((big.sum(axis=1) - target) ** 2)  # equal batches: the mean of all rows
    np.testing.assert_allclose(mlj.report(mach).training_losses[0], expected, rtol=1e-5)


def test_item_5_batches_are_consecutive_and_the_last_may_be_smaller() -> None:
    model = plain(builder=mlj.Linear(activation="linear"), batch_size=3, epochs=1)
    X10, y10 = X[:10], Y[:10]
    mach = trained(model, X10, y10)
    batches = np.split(np.arange(10), [3, 6, 9])
    weights, losses = descend(start_of(model, X10, y10), X10, y10, batches, rate=0.01)
    for found, expected in zip(layers(mach), weights, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(mlj.training_losses(mach), [np.mean(losses)], rtol=1e-5)


def test_item_5_the_loss_of_an_epoch_is_the_unweighted_mean_of_its_batches() -> None:
    model = plain(builder=mlj.Linear(activation="linear"), batch_size=4, epochs=1)
    X7, y7 = X[:7], Y[:7]
    batches = np.split(np.arange(7), [4])
    _, (first, second) = descend(start_of(model, X7, y7), X7, y7, batches, rate=0.01)
    found = mlj.training_losses(trained(model, X7, y7))[0]
    np.testing.assert_allclose(found, (first + second) / 2, rtol=1e-5)
    assert abs(found - (4 * first + 3 * second) / 7) > 1e-3, "not weighted by size"


def test_item_5_order_matters_and_shuffling_is_the_default() -> None:
    reversed_ = trained(plain(), X[::-1].copy(), Y[::-1].copy())
    assert digest(reversed_) != digest(trained(plain()))
    assert digest(trained(plain())) == digest(trained(plain()))
    assert net().shuffle
    shuffled = trained(plain(shuffle=True))
    assert digest(shuffled) == digest(trained(plain(shuffle=True))) != digest(trained(plain()))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5])
def test_item_6_regularisation(batch_size: int) -> None:
    lambda_, alpha, n = 0.3, 0.4, 12
    model = plain(builder=mlj.Linear(activation="linear"), batch_size=batch_size, epochs=1)
    model = model.replace({"lambda_": lambda_, "alpha": alpha})
    X12, y12 = X[:n], Y[:n]
    batches = np.split(np.arange(n), range(batch_size, n, batch_size))

    def penalty(w: np.ndarray) -> np.ndarray:
        """The gradient of lambda (alpha |w| + (1 - alpha) w²), divided by the batches."""
        gradient = lambda_ * (alpha * np.sign(w) + 2 * (1 - alpha) * w)
        return np.asarray(gradient / len(batches))

    start = start_of(model, X12, y12)
    weights, losses = descend(start, X12, y12, batches, 0.01, penalty)
    mach = trained(model, X12, y12)
    for found, expected in zip(layers(mach), weights, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(mlj.training_losses(mach), [np.mean(losses)], rtol=1e-5)


def test_item_6_alpha_means_nothing_without_lambda() -> None:
    assert digest(trained(plain(alpha=0.9))) == digest(trained(plain()))


@pytest.mark.parametrize(
    "changes",
    [
        {"optimiser": mlj.SGD(0.05, momentum=0.9)},
        {"optimiser": mlj.Adam(0.01)},
        {"builder": mlj.Short(n_hidden=5, dropout=0.5), "optimiser": mlj.Adam(0.01)},
        {"shuffle": True, "batch_size": 5},
    ],
    ids=str,
)
def test_item_7_warm_equals_one_go(changes: dict[str, Any]) -> None:
    model = plain(**{"epochs": 1, **changes})
    mach = trained(model)
    model.epochs = 2
    mlj.fit(mach, verbosity=0)
    at_once = trained(model.replace({}))
    assert digest(mach) == digest(at_once)
    np.testing.assert_array_equal(mlj.training_losses(mach), mlj.training_losses(at_once))


def test_item_8_warm_and_cold(epochs_run: Callable[[mlj.Machine], int]) -> None:
    cases: list[tuple[dict[str, Any], int, bool]] = [
        ({"epochs": 5}, 3, False),
        ({"epochs": 1}, 1, True),
        ({"batch_size": 2}, 2, True),
        ({"optimiser": mlj.SGD(0.05)}, 0, False),
        ({}, 0, False),
    ]
    for changes, expected, cold in cases:
        model = net()
        mach = trained(model)
        before = digest(mach)
        for name, value in changes.items():
            setattr(model, name, value)
        assert epochs_run(mach) == expected, changes
        assert mach.state == (2 if expected else 1)
        if cold:
            assert digest(mach) == digest(trained(net(**changes)))
        if not expected:
            assert digest(mach) == before

    model = net(optimiser_changes_trigger_retraining=True)
    mach = trained(model)
    model.optimiser = mlj.SGD(0.05)
    assert epochs_run(mach) == 2
    assert digest(mach) == digest(trained(model.replace({})))


def test_item_9_a_changed_optimiser_is_honoured() -> None:
    predictions = []
    for rate in (0.001, 0.01):
        model = net(optimiser=mlj.Adam(0.001), epochs=10)
        mach = trained(model)
        model.optimiser, model.epochs = mlj.Adam(rate), 30
        predictions.append(mlj.predict(mlj.fit(mach, verbosity=0)))
    assert np.abs(predictions[0] - predictions[1]).max() > 1e-3


def test_item_10_machine_cases(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mlj_keras")
    model = net()
    mach = mlj.machine(model, X, Y)
    half = range(12)
    states = [mlj.fit(mach, rows=rows).state for rows in (None, None, half, half)]
    model.lambda_ = 0.1
    states.append(mlj.fit(mach, rows=half).state)
    model.lambda_ = 0.2
    states += [mlj.fit(mach).state, mlj.fit(mach, force=True).state]
    verbs = [line.split(" machine(")[0] for line in caplog.messages]
    train, skip = "Training", "Not retraining"
    assert verbs == [train, skip, train, skip, "Updating", train, train]
    assert states == [1, 1, 2, 2, 3, 4, 5]


def test_item_11_freeze(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mlj_keras")
    model = net()
    mach = trained(model)
    before = digest(mach)
    mlj.freeze(mach)
    model.lambda_ = 0.1
    mlj.fit(mach)
    mlj.fit(mach, force=True)
    assert (mach.state, digest(mach)) == (1, before)
    mlj.fit(mlj.thaw(mach))
    verbs = [line.split(" machine(")[0] for line in caplog.messages]
    assert verbs == ["Not retraining", "Not retraining", "Updating"]
    assert mach.state == 2


def test_item_12_check_levels(recwarn: pytest.WarningsRecorder) -> None:
    counts, texts = np.arange(24), ["u", "v"] * 12
    mlj.machine(net(), X, counts, scitype_check_level=0)
    mlj.machine(net(mlj.NeuralNetworkClassifier), X, texts, scitype_check_level=0)
    assert not recwarn.list
    with pytest.warns(ScitypeWarning, match="y is Count"):
        mlj.machine(net(), X, counts)
    with pytest.raises(ScitypeError, match="y is Count"):
        mlj.machine(net(), X, counts, scitype_check_level=2)
    for level in (1, 2):
        with pytest.raises(ScitypeError, match=r"y is Textual.*coerce\(y, Multiclass\)"):
            mlj.machine(net(mlj.NeuralNetworkClassifier), X, texts, scitype_check_level=level)
    for level in (0, 1, 2):
        with pytest.raises(DimensionMismatch, match="X has 24, y has 23"):
            mlj.machine(net(), X, Y[:23], scitype_check_level=level)


def test_item_13_operations() -> None:
    model = net()
    mach = mlj.machine(model, X, Y)
    for call in (mlj.predict, mlj.training_losses, lambda m: mlj.predict(m, rows=[0])):
        with pytest.raises(NotTrainedError, match="is not trained. Call fit"):
            call(mach)
    mlj.fit(mach, rows=range(12), verbosity=0)
    found = mlj.predict(mach)
    assert len(found) == 24 and len(mlj.predict(mach, rows=[3, 1])) == 2
    np.testing.assert_array_equal(mlj.predict(mach, X), found)
    model.standardise = False
    np.testing.assert_array_equal(mlj.predict(mach), found)
    scaler = mlj.fit(mlj.machine(mlj.Standardizer(), X), verbosity=0)
    for none_given in (scaler, mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0]), verbosity=0)):
        with pytest.raises(InvalidArgument, match=r"inverse_transform needs data"):
            mlj.inverse_transform(none_given, None)
