"""Learning networks and composites as MLJ has them: what they tell, and in other processes.

The tables of the reference, of scheduling and of partial retraining, are in
tests/machine/test_schedule.py and tests/conformance/test_composition.py.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.parallel.processes import end_workers
from tests.batteries.counting import Mean, X, Y, trained
from tests.batteries.networks import Aside, Diamond, Fails, Halves, Telling, diamond

PROCESSES = mlj.CPUProcesses(2)
_DIABETES, _PROGRESS = mlj.load_diabetes()
NUMBERS, TARGET = _DIABETES.drop(columns="sex").to_numpy()[:200], _PROGRESS.to_numpy()[:200]


@pytest.fixture(scope="module", autouse=True)
def workers_end() -> Iterator[None]:
    """No worker outlives this file."""
    yield
    end_workers()


# What is told besides.


def check_told(mach: Any, data: Any = X, target: Any = Y) -> None:
    """What it tells are values on its training data, by the parts as they are."""
    report, learned = mlj.report(mach), mlj.fitted_params(mach)
    yhat = mlj.predict(mach, data)
    assert report.error == pytest.approx(mlj.rms(yhat, target))
    np.testing.assert_allclose(report.rest, target - yhat)
    np.testing.assert_allclose(learned.centred, data - data.mean() - mach.model.shift.by)
    assert learned.spread == pytest.approx(np.std(data))
    assert report.left.epochs == mach.model.left.epochs and learned.shift.fitresult == data.mean()


def test_nodes_for_report_and_fitted_params_tell_their_values_on_the_training_data() -> None:
    mach = mlj.fit(mlj.machine(Telling(), X, Y), verbosity=0)
    check_told(mach)
    mlj.fit(mach, rows=[0, 1, 3], verbosity=0)
    check_told(mach, X[[0, 1, 3]], Y[[0, 1, 3]])


def test_what_nodes_tell_follows_updates_and_comes_back_with_a_snapshot() -> None:
    model = Telling()
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    state, before = mlj.snapshot(mach), mlj.report(mach).error
    model.left.bias, model.left.epochs = 5.0, 3
    model.shift.by = 2.0
    mlj.fit(mach, verbosity=0)
    check_told(mach)
    assert mlj.report(mach).error > before + 3
    mlj.restore(mach, state)
    assert mlj.report(mach).error == before and mlj.report(mach).left.epochs == 1
    np.testing.assert_allclose(mlj.fitted_params(mach).centred, X - X.mean())
    assert mlj.fitted_params(mach).spread == pytest.approx(np.std(X))
    again = pickle.loads(pickle.dumps(mach))
    assert mlj.report(again).error == before
    np.testing.assert_array_equal(mlj.fitted_params(again).centred, X - X.mean())


def test_machines_that_only_what_is_told_needs_are_trained_too() -> None:
    class Beside(Halves):
        def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
            Xs, ys = sources
            left, right = (mlj.machine(each, Xs, ys) for each in (self.left, self.right))
            difference = mlj.node(np.subtract, mlj.predict(left, Xs), mlj.predict(right, Xs))
            return {"predict": mlj.predict(left, Xs), "report": {"difference": difference}}

    trained()
    model = Beside(left=Mean(name="left", bias=1.0), right=Mean(name="right"))
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    assert sorted(trained()) == ["fit left 1", "fit right 1"]
    np.testing.assert_allclose(mlj.report(mach).difference, np.ones(4))
    model.right.bias = 3.0
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit right 1"]
    np.testing.assert_allclose(mlj.report(mach).difference, np.full(4, -2.0))


@pytest.mark.slow
def test_what_is_told_of_folds_is_that_of_their_training_rows_also_from_processes() -> None:
    folds = [([0, 1, 2], [3]), ([1, 3], [0])]
    options: dict[str, Any] = {"resampling": folds, "measure": "rms", "verbosity": 0}
    found = [
        mlj.evaluate(Telling(), X, Y, acceleration=where, **options)
        for where in (mlj.CPU1(), PROCESSES)
    ]
    for e in found:
        for (train, _), told, learned in zip(
            folds, e.report_per_fold, e.fitted_params_per_fold, strict=True
        ):
            np.testing.assert_allclose(learned.centred, X[train] - X[train].mean())
            assert told.error == pytest.approx(np.sqrt(np.mean(told.rest**2)))
            assert len(told.rest) == len(train)


# In other processes.


def nets(**changes: Any) -> list[Any]:
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 64}
    return [mlj.NeuralNetworkRegressor(**given | changes, rng=seed) for seed in (1, 2)]


def of_networks() -> Diamond:
    left, right = nets()
    return diamond(left=left, right=right, data=NUMBERS, target=TARGET)


@pytest.mark.slow
def test_networks_learn_the_same_bytes_in_processes_and_go_on_there() -> None:
    here, there = of_networks(), of_networks()
    for net, where in ((here, None), (there, PROCESSES)):
        mlj.fit(net.yhat, verbosity=0, acceleration=where)
    for epochs in (2, 4):
        for net, where in ((here, None), (there, PROCESSES)):
            net.left.model.epochs = epochs
            mlj.fit(net.yhat, verbosity=0, acceleration=where)
        assert mlj.snapshot(here.left) == mlj.snapshot(there.left)
        assert mlj.snapshot(here.right) == mlj.snapshot(there.right)
        np.testing.assert_array_equal(here.yhat(), there.yhat())
    assert there.states() == [1, 2, 1, 2] and mlj.report(there.left).epochs == 4
    at_once = mlj.fit(mlj.machine(nets(epochs=4)[0], *there.left.args), verbosity=0)
    assert mlj.snapshot(there.left) == mlj.snapshot(at_once)  # it has gone on, bit for bit


@pytest.mark.slow
def test_errors_and_cut_offs_come_back_from_processes_and_the_other_branch_is_kept() -> None:
    net = diamond(left=Mean(name="left", epochs=5, stops_at=2), right=Mean(name="right"))
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(net.yhat, verbosity=-1, acceleration=PROCESSES)
    assert net.states() == [1, 1, 1, 0] and mlj.report(net.left).epochs == 2
    failing = diamond(left=Fails(), right=Mean(name="right"))
    with pytest.raises(ZeroDivisionError, match="no") as caught:
        mlj.fit(failing.yhat, verbosity=-1, acceleration=PROCESSES)
    assert "machine(Fails(), ...) of a network" in caught.value.__notes__[-1]
    assert failing.states() == [1, 0, 1, 0]
    for each in (net, failing):
        each.left.model = Mean(name="left", epochs=5)
        trained()
        mlj.fit(each.yhat, verbosity=0)
        assert each.states()[2:] == [1, 1] and trained()[-1] == "fit judge 1"


@pytest.mark.slow
def test_a_composite_learns_the_same_bytes_wherever_its_parts_are_trained() -> None:
    left, right = nets()
    accelerations = (None, mlj.CPUThreads(2), PROCESSES)
    machines = []
    for where in accelerations:
        model = Aside(left=left.replace({}), right=right.replace({}), acceleration=where)
        mach = mlj.fit(mlj.machine(model, NUMBERS, TARGET), verbosity=0)
        model.left.epochs = 3
        machines.append(mlj.fit(mach, verbosity=0))
    states = [mlj.snapshot(mach) for mach in machines]
    assert states[0] == states[1] == states[2]
    machines[2].model.acceleration = None  # what came back from processes goes on here
    for mach in machines[::2]:
        mach.model.right.epochs = 3
        mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(machines[0]) == mlj.snapshot(machines[2])
