"""A training that is due is a value: it is done anywhere, and says what became of it."""

from __future__ import annotations

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ScitypeError, ScitypeWarning
from mlj_keras.machine.checking import checking
from mlj_keras.machine.staleness import Action
from mlj_keras.machine.task import Task
from mlj_keras.models import FitOutcome
from tests.batteries.counting import Mean, Shift, X, Y, trained
from tests.batteries.networks import Fails


def task_of(mach: Any, *, force: bool = False) -> Task:
    task = mach._task(None, 0, force=force)
    assert isinstance(task, Task)
    return task


def test_it_trains_a_copy_and_the_machine_learns_nothing_until_it_is_given_it() -> None:
    model = Mean(epochs=2)
    mach = mlj.machine(model, X, Y)
    task = task_of(mach)
    model.epochs = 5  # the task is of the model as it was
    trained()
    done = task.run(0)
    assert trained() == ["fit mean 2"] and task.action is Action.FIT
    assert (mach.state, done.cause, done.model.epochs) == (0, None, 2)
    assert done.model is not model
    mach._commit(task, done)
    assert (mach.state, mlj.report(mach).epochs) == (1, 2)
    assert mach._task(None, 0, force=False).action is Action.UPDATE


def test_it_updates_or_learns_anew_as_the_machine_has_decided() -> None:
    mach = mlj.fit(mlj.machine(Mean(), X, Y), verbosity=0)
    assert mach._task(None, 0, force=False) is None  # nothing is due
    mach.model.epochs = 3
    trained()
    assert task_of(mach).run(0).outcome.report["epochs"] == 3
    assert trained() == ["update mean 2"]
    assert task_of(mach, force=True).run(0).outcome.report["epochs"] == 3
    assert trained() == ["fit mean 3"]


def test_a_forced_training_refits_models_of_the_same_kind_and_fits_others() -> None:
    class Refits(Mean):
        def refit(self, verbosity: int, outcome: Any, old_model: Any, *data: Any) -> Any:
            return FitOutcome("refitted", None, {})

    mach = mlj.fit(mlj.machine(Refits(), X, Y), verbosity=0)
    assert mach.trained("test")[1].fitresult != "refitted"
    assert task_of(mach, force=True).run(0).outcome.fitresult == "refitted"
    mach.model = Mean()
    assert task_of(mach).run(0).outcome.fitresult["mean"] == 3.0


def test_what_a_model_returns_becomes_an_outcome() -> None:
    done = task_of(mlj.machine(Shift(), X)).run(0)
    assert done.outcome == FitOutcome(X.mean()) and done.cause is None


def test_a_cut_off_is_no_error_but_its_cause_and_what_is_kept() -> None:
    mach = mlj.machine(Mean(epochs=5, stops_at=2), X, Y)
    task = task_of(mach)
    done = task.run(0)
    assert isinstance(done.cause, KeyboardInterrupt)
    assert (done.model.epochs, done.outcome.report["epochs"]) == (2, 2)
    with pytest.raises(BaseException, match="stop") as caught:
        mach._commit(task, done)
    assert type(caught.value).__name__ == "PartialFit" and mach.state == 1
    mach.model.stops_at = -1
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 3"]


def test_an_error_is_raised_as_it_is() -> None:
    mach = mlj.machine(Fails(), X, Y)
    with pytest.raises(ZeroDivisionError, match="no"):
        task_of(mach).run(0)
    assert mach.state == 0


def test_it_may_travel_and_learns_the_same_there() -> None:
    data, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), epochs=2, rng=1)
    for model, args in ((Mean(epochs=2), (X, Y)), (net, (data, y))):
        mach = mlj.machine(model, *args)
        task = task_of(mach)
        there = pickle.loads(pickle.dumps(task)).run(0)
        mach._commit(task, pickle.loads(pickle.dumps(there)))
        here = mlj.fit(mlj.machine(model, *args), verbosity=0)
        np.testing.assert_array_equal(mlj.predict(mach), mlj.predict(here))
        assert mach._task(None, 0, force=False) is None


class Makes(mlj.Deterministic):
    """Makes a machine inside, of a target that a network takes with a warning."""

    def fit(self, verbosity: int, X: Any, y: Any) -> int:
        inner = mlj.NeuralNetworkRegressor(builder=mlj.Linear(), epochs=0, rng=1)
        return mlj.machine(inner, X, np.arange(len(y))).scitype_check_level


def test_machines_inside_check_as_strictly_as_the_one_around() -> None:
    quiet = task_of(mlj.machine(Makes(), X, Y, scitype_check_level=0))
    assert quiet.run(0).outcome.fitresult == 0
    with pytest.raises(ScitypeError, match="y is Count"):
        task_of(mlj.machine(Makes(), X, Y, scitype_check_level=2)).run(0)


def test_what_was_said_when_the_task_was_made_is_not_said_again_in_another_thread() -> None:
    mach = mlj.machine(Makes(), X, Y)
    with pytest.warns(ScitypeWarning, match="y is Count"):
        task_of(mach).run(0)
    with checking(said=True):
        task = task_of(mach)
    with ThreadPoolExecutor(1) as pool, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pool.submit(task.run, 0).result().outcome.fitresult == 1
