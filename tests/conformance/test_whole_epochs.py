"""Training that ends early, by Ctrl-C or by numbers that are not finite: whole epochs are kept."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.engine import training
from mlj_keras.engine.program import Program
from mlj_keras.errors import NonFiniteLossError, NotTrainedError
from tests.batteries.oracles import (
    X11,
    Y11,
    assert_close,
    digest_of,
    fitted,
    regressor,
    weights_of,
)
from tests.batteries.processes import lines_of


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(1, 10))
def test_an_interrupt_in_any_call_leaves_whole_epochs_and_the_next_fit_ends_as_if_never_stopped(
    monkeypatch: pytest.MonkeyPatch, call: int, when: str
) -> None:
    whole = digest_of(regressor(shuffle=True), (X11, Y11), (3,))
    calls: list[None] = []
    plain = training.Training._call

    def interrupted(self: Any, batches: np.ndarray, size: int) -> np.ndarray:
        calls.append(None)
        if when == "before" and len(calls) == call:
            raise KeyboardInterrupt
        result = plain(self, batches, size)
        if when == "after" and len(calls) == call:
            raise KeyboardInterrupt
        return result

    model = regressor(shuffle=True, epochs=3)
    mach = mlj.machine(model, X11, Y11)
    with monkeypatch.context() as patch:
        patch.setattr(training, "SECONDS_PER_CALL", 0)  # one batch a call, one epoch a group
        patch.setattr(training.Training, "_call", interrupted)
        with pytest.raises(KeyboardInterrupt):
            mlj.fit(mach, verbosity=0)
    epochs = (call - 1) // 3
    if epochs:
        assert mlj.snapshot(mach).epochs == epochs
        assert len(mlj.report(mach).training_losses) == epochs + 1
        assert np.isfinite(mlj.predict(mach)).all()
    else:
        with pytest.raises(NotTrainedError):
            mlj.predict(mach)
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == whole


def test_an_interrupt_while_progress_is_told_keeps_the_epochs_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    model = regressor(epochs=2, shuffle=True)
    mach = fitted(model, X11, Y11)
    model.epochs = 50
    heard = []

    def interrupt(self: Any, count: int, losses: list[float]) -> None:
        heard.append(count)
        if sum(heard) >= 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mlj_keras.engine.progress.Progress.__call__", interrupt)
        with pytest.raises(KeyboardInterrupt):
            mlj.fit(mach, verbosity=0)
    done = 2 + sum(heard)
    assert mlj.snapshot(mach).epochs == done
    assert f"The machine keeps {done} whole epoch(s); call fit again" in caplog.text
    mlj.predict(mach)
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == digest_of(model.replace({}), (X11, Y11), (50,))


def test_a_rate_too_high_raises_and_leaves_an_untrained_machine_untrained() -> None:
    model = regressor(optimiser=mlj.SGD(1e30), epochs=3)
    mach = mlj.machine(model, X11, Y11)
    with pytest.raises(
        NonFiniteLossError, match=r"in epoch 1 \(learning rate 1e\+30\).*Lower the"
    ):
        mlj.fit(mach, verbosity=0)
    with pytest.raises(NotTrainedError, match="Call fit"):
        mlj.predict(mach)
    model.optimiser.learning_rate = 0.1
    mlj.fit(mach, verbosity=0)
    whole = digest_of(regressor(optimiser=mlj.SGD(0.1)), (X11, Y11), (3,))
    assert mlj.snapshot(mach).digest() == whole


def test_after_a_rate_too_high_training_goes_on_from_the_last_whole_epoch() -> None:
    model = regressor(epochs=2, shuffle=True)
    mach = fitted(model, X11, Y11)
    before, predictions = mlj.snapshot(mach).digest(), mlj.predict(mach)
    model.optimiser.learning_rate, model.epochs = 1e30, 4
    with pytest.raises(NonFiniteLossError, match="in epoch 3 .*What 2 whole"):
        mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == before
    np.testing.assert_array_equal(mlj.predict(mach), predictions)
    model.optimiser.learning_rate = 0.1
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == digest_of(regressor(shuffle=True), (X11, Y11), (4,))


@pytest.mark.parametrize("group", ["one epoch a call", "all epochs in one call"])
def test_the_epoch_that_went_wrong_is_found_and_those_before_it_are_kept(
    monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    # Three steps an epoch: the rate jumps at the first step of the sixth.
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([14], [0.1, 1e30])
    five = fitted(regressor(optimiser=mlj.SGD(schedule), shuffle=True, epochs=5), X11, Y11)
    model = regressor(optimiser=mlj.SGD(schedule), shuffle=True, epochs=20)
    mach = mlj.machine(model, X11, Y11)
    monkeypatch.setattr(training, "SECONDS_PER_CALL", 0 if group.startswith("one") else 1000)
    with pytest.raises(NonFiniteLossError, match="in epoch 6 .*from a schedule.*What 5 whole"):
        mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == mlj.snapshot(five).digest()
    model.optimiser = mlj.SGD(0.1)
    mlj.fit(mach, verbosity=0)
    plain = fitted(regressor(optimiser=mlj.SGD(0.1), shuffle=True, epochs=20), X11, Y11)
    assert mlj.snapshot(mach).epochs == 20
    assert_close(weights_of(mach), weights_of(plain))


def test_a_weight_that_is_nan_is_noticed_although_the_loss_is_finite() -> None:
    def finite_with_nan_gradient(y_true: Any, y_pred: Any) -> Any:
        # The branch that is never taken has an infinite slope, which the gradient multiplies by 0.
        never = tf.sqrt(0 * y_pred)
        squared = (y_true - y_pred) ** 2
        return tf.reduce_mean(tf.where(y_pred > 1e9, never, squared), axis=-1)

    model = regressor(loss=finite_with_nan_gradient, batch_size=11, epochs=1)
    with pytest.raises(NonFiniteLossError, match="a weight became NaN or infinite in epoch 1"):
        fitted(model, X11, Y11)
    before = mlj.report(fitted(model.replace({"epochs": 0}), X11, Y11)).training_losses
    assert np.isfinite(before).all()


def test_an_interrupt_after_the_last_epoch_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = digest_of(regressor(), (X11, Y11), (3,))
    model = regressor(epochs=3)
    mach = mlj.machine(model, X11, Y11)
    reads: list[None] = []
    plain = Program.read

    def interrupted(self: Any) -> dict[str, np.ndarray]:
        reads.append(None)
        if len(reads) == 1:
            raise KeyboardInterrupt
        return plain(self)

    with monkeypatch.context() as patch:
        patch.setattr(training, "SECONDS_PER_CALL", 1000)  # all epochs in one group, one read
        patch.setattr(Program, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == whole


SCRIPT = """
import json, signal, threading, time
import numpy as np
import mlj_keras as mlj

rng = np.random.default_rng(0)
X, y = rng.normal(size=(200, 3)).astype("float32"), rng.normal(size=200).astype("float32")

def model_of(epochs):
    return mlj.NeuralNetworkRegressor(
        builder=mlj.Short(n_hidden=4), epochs=epochs, batch_size=4, rng=3
    )

raised = []

def interrupt():
    raised.append(time.perf_counter())
    signal.raise_signal(signal.SIGINT)

model = model_of(1)
mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)  # compiles
model.epochs = 10**8
threading.Timer(0.7, interrupt).start()
try:
    mlj.fit(mach, verbosity=0)
except KeyboardInterrupt:
    seconds = time.perf_counter() - raised[0]
epochs = mlj.snapshot(mach).epochs
finite = bool(np.isfinite(mlj.predict(mach)).all())
model.epochs = epochs + 7
mlj.fit(mach, verbosity=0)
whole = mlj.fit(mlj.machine(model_of(epochs + 7), X, y), verbosity=0)
same = mlj.snapshot(mach).digest() == mlj.snapshot(whole).digest()
print(json.dumps({"seconds": seconds, "epochs": epochs, "finite": finite, "same": same}))
"""


@pytest.mark.slow
def test_ctrl_c_is_answered_soon_and_training_can_go_on() -> None:
    found = json.loads(lines_of(SCRIPT)[-1])
    # A call takes about 0.2 s; the rest is room for a busy machine.
    assert 0 <= found["seconds"] < 5
    assert found["epochs"] > 1
    assert found["finite"] and found["same"]
