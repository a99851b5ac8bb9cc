"""Fits that stop early: what is kept, in which state the machine is, and how the next one goes on."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import NonFiniteLossError, NotTrainedError
from mlj_keras.models.interface import PartialFit

X = pd.DataFrame(np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"])
Y = X["a"] - 2 * X["b"]


def net(**changes: Any) -> mlj.NeuralNetworkRegressor:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetworkRegressor(**values)


def trained(model: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


def digest(mach: mlj.Machine) -> str:
    return str(mlj.snapshot(mach).digest())


class Interrupts(logging.Handler):
    """Raises at the first line about an epoch, as Ctrl-C would."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Epoch "):
            raise KeyboardInterrupt


def test_an_interrupted_fit_keeps_whole_epochs_and_the_next_one_trains_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "mlj_keras")
    model = net(epochs=40)
    mach = mlj.machine(model, X, Y)
    handler = Interrupts()
    logging.getLogger("mlj_keras").addHandler(handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            mlj.fit(mach, verbosity=2)
    finally:
        logging.getLogger("mlj_keras").removeHandler(handler)
    done = mlj.report(mach).epochs
    assert 1 <= done <= 40 and mach.state == 1 and model.epochs == 40
    assert f"The machine keeps {done} whole epoch(s)" in caplog.messages[-1]
    assert len(mlj.training_losses(mach)) == done
    assert digest(mach) == digest(trained(net(epochs=done)))
    assert mlj.fit(mach, verbosity=0).state == (1 if done == 40 else 2)
    assert digest(mach) == digest(trained(net(epochs=40)))


def test_a_loss_that_explodes_keeps_the_last_whole_epoch() -> None:
    model = net(optimiser=mlj.SGD(0.05))
    mach = trained(model)
    before = digest(mach)
    model.optimiser, model.epochs = mlj.SGD(1e30), 6
    with pytest.raises(NonFiniteLossError, match=r"epoch \d \(learning rate 1e\+30\).*Lower the"):
        mlj.fit(mach, verbosity=0)
    assert np.isfinite(mlj.predict(mach)).all()
    assert mlj.report(mach).epochs >= 2
    if mlj.report(mach).epochs == 2:
        assert digest(mach) == before
    model.optimiser = mlj.SGD(0.05)
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).epochs == 6


def test_a_model_of_the_users_own_may_stop_with_something_worth_keeping() -> None:
    class Halting(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> Any:
            raise PartialFit(mlj.FitOutcome("half"), self, ValueError("enough"))

    mach = mlj.machine(Halting(), X, Y)
    with pytest.raises(ValueError, match="enough"):
        mlj.fit(mach, verbosity=0)
    assert mach.state == 1 and mlj.fitted_params(mach).fitresult == "half"


def test_an_ordinary_error_leaves_the_machine_as_it_was_and_unlocked() -> None:
    class Moody(mlj.Deterministic):
        bad: bool = False

        def fit(self, verbosity: int, X: Any, y: Any) -> str:
            if self.bad:
                raise ZeroDivisionError("moody")
            return "fitted"

    model = Moody()
    mach = trained(model)
    model.bad = True
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            mlj.fit(mach, verbosity=0)
    assert mach.state == 1 and mlj.fitted_params(mach).fitresult == "fitted"


def test_a_loss_that_explodes_in_the_first_epoch_leaves_the_machine_untrained() -> None:
    mach = mlj.machine(net(optimiser=mlj.SGD(1e30), standardise=False), X, 1e10 * Y)
    with pytest.raises(NonFiniteLossError, match="NaN or infinite in epoch 1 "):
        mlj.fit(mach, verbosity=0)
    assert mach.state == 0
    with pytest.raises(NotTrainedError):
        mlj.predict(mach)
