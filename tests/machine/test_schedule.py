"""Machines of a network are trained after those that they need, side by side where they can be,
and only if they have become stale."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ConcurrentFitError, InvalidArgument, NonFiniteError
from mlj_keras.machine.schedule import fit_machines, name_machine, waves
from mlj_keras.models.interface import PartialFit
from tests.batteries.counting import Mean, Shift, X, Y, trained
from tests.batteries.networks import (
    BEGUN,
    MAY_END,
    MEETING,
    Diamond,
    Fails,
    Meets,
    Waits,
    diamond,
)

THREADS = mlj.CPUThreads(2)
ALL = ["fit shift", "fit left 1", "fit right 1", "fit judge 1"]
Change = Callable[[Diamond], Any]


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    """No test is left waiting for another one."""
    MEETING.reset()
    BEGUN.clear(), MAY_END.clear()
    trained()
    yield
    MAY_END.set()
    MEETING.reset()


def fitted(net: Diamond, **options: Any) -> list[str]:
    """What was trained by a fit of the network."""
    trained()
    mlj.fit(net.yhat, **{"verbosity": 0, **options})
    return trained()


# Order.


def test_a_wave_needs_only_what_is_in_waves_before_it() -> None:
    net = diamond()
    shift, left, right, judge = net.machines
    assert net.yhat.machines == (shift, left, right, judge)
    assert waves(net.yhat.machines) == [[shift], [left, right], [judge]]
    assert waves([]) == [] and waves([shift]) == [[shift]]


def test_a_machine_is_in_the_first_wave_in_which_it_can_be_trained() -> None:
    net = diamond()
    alone = mlj.machine(Mean(name="alone"), net.shift.args[0], net.judge.args[1])
    late = mlj.machine(Mean(), net.both, net.judge.args[1])
    top = mlj.node(np.add, net.yhat, mlj.predict(alone, net.shift.args[0]))
    top = mlj.node(np.add, top, mlj.predict(late, net.both))
    assert waves(top.machines) == [
        [net.shift, alone],
        [net.left, net.right],
        [net.judge, late],
    ]


def test_a_machine_that_learns_from_a_prediction_waits_for_it_also_as_target_or_weights() -> None:
    Xs, ys = mlj.source(X), mlj.source(Y)
    first = mlj.machine(Mean(name="first"), Xs, ys)
    rest = mlj.node(np.subtract, ys, mlj.predict(first, Xs))
    second = mlj.machine(Mean(name="second"), Xs, rest)
    weights = mlj.node(np.abs, mlj.predict(second, Xs))
    third = mlj.machine(Mean(name="third"), Xs, ys, weights)
    assert waves(mlj.predict(third, Xs).machines) == [[first], [second], [third]]
    mlj.fit(mlj.predict(third, Xs), verbosity=0, acceleration=THREADS)
    assert trained() == ["fit first 1", "fit second 1", "fit third 1"]
    residuals = Y - mlj.predict(first, X)
    assert mlj.fitted_params(second).fitresult["mean"] == pytest.approx(residuals.mean())


@pytest.mark.parametrize("acceleration", [None, mlj.CPU1(), THREADS, "threading"], ids=str)
def test_each_machine_is_trained_after_those_that_it_needs(acceleration: Any) -> None:
    net = diamond()
    found = fitted(net, acceleration=acceleration)
    assert (found[0], found[-1], sorted(found)) == (ALL[0], ALL[-1], sorted(ALL))
    assert acceleration == THREADS or acceleration == "threading" or found == ALL
    assert net.states() == [1, 1, 1, 1]
    one = X.mean(axis=1) - X.mean() + Y.mean()  # what the left branch predicts
    np.testing.assert_allclose(net.both(), np.column_stack([one, one + 1]))
    np.testing.assert_allclose(net.yhat(), one)


# What has become stale.

CASES: list[tuple[str, Change, dict[str, Any], list[str]]] = [
    ("nothing", lambda net: None, {}, []),
    ("all rows, named", lambda net: None, {"rows": range(4)}, []),
    ("other rows", lambda net: None, {"rows": [0, 2]}, ALL),
    ("force", lambda net: None, {"force": True}, ALL),
    ("the last", lambda net: net.judge.model.set("bias", 2.0), {}, ["fit judge 1"]),
    ("the last, onward", lambda net: net.judge.model.set("epochs", 3), {}, ["update judge 2"]),
    (
        "one branch",
        lambda net: net.left.model.set("bias", 2.0),
        {},
        ["fit left 1", "fit judge 1"],
    ),
    (
        "one branch, onward",
        lambda net: net.right.model.set("epochs", 4),
        {},
        ["update right 3", "fit judge 1"],
    ),
    ("the first", lambda net: net.shift.model.set("by", 1.0), {}, ["update shift", *ALL[1:]]),
    (
        "the first and the last",
        lambda net: (net.shift.model.set("by", 1.0), net.judge.model.set("epochs", 2)),
        {},
        ["update shift", "fit left 1", "fit right 1", "fit judge 2"],
    ),
    (
        "a model of another kind",
        lambda net: setattr(net.right, "model", Fails(fails=False, name="other")),
        {},
        ["fit other 1", "fit judge 1"],
    ),
    ("changed and put back", lambda net: net.left.model.set("bias", 0.0), {}, []),
    ("one trained apart", lambda net: mlj.fit(net.left, force=True, verbosity=0), {}, [ALL[3]]),
    (
        "frozen, changed",
        lambda net: (mlj.freeze(net.left), net.left.model.set("bias", 2.0)),
        {},
        [],
    ),
    ("frozen, force", lambda net: mlj.freeze(net.left), {"force": True}, [ALL[0], *ALL[2:]]),
    ("frozen, other rows", lambda net: mlj.freeze(net.shift), {"rows": [0, 1]}, ALL[1:]),
]


@pytest.mark.parametrize("acceleration", [None, THREADS], ids=str)
@pytest.mark.parametrize(("case", "change", "options", "done"), CASES, ids=[c[0] for c in CASES])
def test_only_what_has_become_stale_is_trained(
    case: str, change: Change, options: dict[str, Any], done: list[str], acceleration: Any
) -> None:
    net = diamond()
    fitted(net)
    change(net)
    found = fitted(net, **{"verbosity": -1, **options}, acceleration=acceleration)
    assert (found if acceleration is None else sorted(found)) == (
        done if acceleration is None else sorted(done)
    )
    assert fitted(net, **{"verbosity": -1, **options, "force": False}) == []


def test_what_was_frozen_is_trained_once_it_is_thawed() -> None:
    net = diamond()
    fitted(net)
    mlj.freeze(net.left)
    net.left.model.bias = 2.0
    assert fitted(net, verbosity=-1) == []
    mlj.thaw(net.left)
    assert fitted(net) == ["fit left 1", "fit judge 1"]


def test_a_machine_frozen_before_it_was_trained_stays_untrained_and_is_named() -> None:
    net = diamond()
    mlj.freeze(net.left)
    with pytest.raises(mlj.errors.NotTrainedError, match="name='left'"):
        mlj.fit(net.yhat, verbosity=-1)
    assert net.states() == [1, 0, 1, 0]


def test_a_frozen_model_trains_once_and_not_again_for_other_rows_or_by_force() -> None:
    model = mlj.Freezable(Mean(name="left"), frozen=True)
    net = diamond(left=model)
    assert fitted(net) == ALL
    assert fitted(net, rows=[0, 1], verbosity=-1) == [ALL[0], *ALL[2:]]
    assert fitted(net, rows=[0, 1], force=True, verbosity=-1) == [ALL[0], *ALL[2:]]
    model.frozen = False
    assert fitted(net, rows=[0, 1]) == ["fit left 1", "fit judge 1"]


# Errors and cut-offs.


@pytest.mark.parametrize("acceleration", [None, THREADS], ids=str)
def test_what_was_done_before_an_error_is_kept_and_the_next_fit_trains_the_rest(
    acceleration: Any,
) -> None:
    model = Fails(name="right")
    net = diamond(right=model)
    with pytest.raises(ZeroDivisionError, match="no") as caught:
        fitted(net, acceleration=acceleration)
    assert caught.value.__notes__ == [
        f"It was raised by machine({model!r:.60}, ...) of a network."
    ]
    assert trained() == ALL[:2] and net.states() == [1, 1, 0, 0]
    model.fails = False
    assert fitted(net, acceleration=acceleration) == ALL[2:]


def test_in_a_wave_the_other_branch_is_kept_also_if_the_first_one_fails() -> None:
    model = Fails(name="left")
    net = diamond(left=model)
    with pytest.raises(ZeroDivisionError, match="no"):
        fitted(net, acceleration=THREADS)
    assert trained() == [ALL[0], ALL[2]] and net.states() == [1, 0, 1, 0]
    model.fails = False
    assert fitted(net) == [ALL[1], ALL[3]]


def test_data_that_a_machine_cannot_take_are_told_of_it_and_nothing_of_its_wave_is_begun() -> None:
    net = diamond()
    Z = net.left.args[0]
    broken = mlj.node(lambda values: values + np.inf, Z)
    bad = mlj.machine(mlj.NeuralNetworkRegressor(epochs=1, rng=1), broken, net.left.args[1])
    both = mlj.node(np.add, net.yhat, mlj.predict(bad, broken))
    with pytest.raises(NonFiniteError) as caught:
        mlj.fit(both, verbosity=0, acceleration=THREADS)
    assert "NeuralNetworkRegressor" in caught.value.__notes__[-1]
    assert trained() == ALL[:1] and net.states() == [1, 0, 0, 0]


@pytest.mark.parametrize("acceleration", [None, THREADS], ids=str)
def test_after_a_cut_off_nothing_more_is_begun_and_the_next_fit_goes_on(acceleration: Any) -> None:
    model = Mean(name="left", epochs=5, stops_at=2)
    net = diamond(left=model)
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(net.yhat, verbosity=-1, acceleration=acceleration)
    side_by_side = acceleration is not None
    assert sorted(trained()) == sorted(["fit shift", "fit left 5"] + ALL[2:3] * side_by_side)
    assert net.states() == [1, 1, int(side_by_side), 0]
    assert mlj.report(net.left).epochs == 2
    model.stops_at = -1
    assert fitted(net) == ["update left 3", *ALL[2 + side_by_side :]]


def test_the_machine_that_was_cut_off_is_told() -> None:
    net = diamond(right=Mean(name="right", epochs=3, stops_at=1))
    for acceleration in (None, THREADS):
        again = diamond(right=net.right.model)
        found = fit_machines(again.yhat.machines, verbosity=-1, acceleration=acceleration)
        assert found is not None and found[0] is again.right
        assert isinstance(found[1], PartialFit) and found[1].model.epochs == 1
    net.right.model.stops_at = -1
    assert fit_machines(net.yhat.machines, verbosity=-1) is None


def test_an_error_is_raised_rather_than_a_cut_off_beside_it() -> None:
    net = diamond(left=Mean(name="left", epochs=3, stops_at=1), right=Fails())
    with pytest.raises(ZeroDivisionError):
        mlj.fit(net.yhat, verbosity=-1, acceleration=THREADS)
    assert net.states() == [1, 1, 0, 0] and mlj.report(net.left).epochs == 1


def test_whoever_asks_is_told_of_the_machine_that_failed() -> None:
    net, told = diamond(right=Fails()), []
    for on_error in (lambda machine, error: told.append((machine, str(error))), name_machine):
        with pytest.raises(ZeroDivisionError) as caught:
            fit_machines(net.yhat.machines, verbosity=-1, on_error=on_error)
    assert told == [(net.right, "no")] and "Fails" in caught.value.__notes__[0]


# Side by side.


def test_branches_are_trained_at_the_same_time_in_threads() -> None:
    net = diamond(left=Meets(name="left"), right=Meets(name="right"))
    assert sorted(fitted(net, acceleration=THREADS)) == sorted(ALL)
    assert net.states() == [1, 1, 1, 1]
    alone = diamond(left=Meets(name="left", timeout_s=0.05), right=Meets(name="right"))
    with pytest.raises(threading.BrokenBarrierError):  # one after the other they never meet
        fitted(alone)


def test_threads_train_what_one_after_the_other_trains() -> None:
    one, two = diamond(), diamond()
    fitted(one)
    fitted(two, acceleration=THREADS)
    np.testing.assert_array_equal(one.yhat(X), two.yhat(X))
    for each in (one, two):
        each.left.model.epochs = 3
    fitted(one)
    assert fitted(two, acceleration=THREADS) == ["update left 2", "fit judge 1"]
    np.testing.assert_array_equal(one.yhat(X), two.yhat(X))


@pytest.mark.parametrize("acceleration", [None, THREADS], ids=str)
def test_a_machine_that_another_thread_trains_is_refused(acceleration: Any) -> None:
    net = diamond(right=Waits(name="right"))
    Xs, ys = mlj.source(X), mlj.source(Y)
    free = mlj.machine(Mean(name="free"), Xs, ys)
    both = mlj.node(np.add, mlj.predict(free, Xs), mlj.predict(net.right, net.right.args[0]))
    thread = threading.Thread(target=lambda: mlj.fit(net.yhat, verbosity=-1))
    thread.start()
    assert BEGUN.wait(10.0)
    with pytest.raises(ConcurrentFitError, match="being trained by another thread"):
        mlj.fit(both, verbosity=0, acceleration=acceleration)
    assert net.right.state == 0
    MAY_END.set()
    thread.join()
    assert net.states() == [1, 1, 1, 1]
    mlj.fit(both, verbosity=0, acceleration=acceleration)  # the locks have been given back
    assert net.right.state == 1 and free.state == 1


def test_acceleration_is_of_nodes_and_must_be_a_place_for_jobs() -> None:
    net = diamond()
    with pytest.raises(InvalidArgument, match="and this is one machine. Where it trains is a hyp"):
        mlj.fit(net.shift, acceleration=THREADS)
    with pytest.raises(InvalidArgument, match=r"acceleration must be CPU1\(\), CPUThreads\(n\)"):
        mlj.fit(net.yhat, acceleration=mlj.GPU(0))
    with pytest.raises(InvalidArgument, match="joblib has no backend 'nowhere'"):
        mlj.fit(net.yhat, acceleration="nowhere", verbosity=0)
    assert trained() == ["fit shift"]


def test_a_network_without_machines_has_nothing_to_train() -> None:
    twice = mlj.node(lambda values: 2 * values, mlj.source(X))
    assert mlj.fit(twice, verbosity=0, acceleration=THREADS) is twice
    assert fit_machines((), verbosity=1) is None


def test_a_machine_alone_in_its_wave_trains_in_this_process() -> None:
    class Where(Shift):
        def fit(self, verbosity: int, X: Any) -> Any:
            return threading.current_thread() is threading.main_thread()

    Xs = mlj.source(X)
    mach = mlj.machine(Where(), Xs)
    mlj.fit(mlj.transform(mach, Xs), verbosity=0, acceleration=THREADS)
    assert mlj.fitted_params(mach).fitresult is True


def test_fit_of_a_machine_over_nodes_trains_first_what_it_needs() -> None:
    net = diamond()
    trained()
    mlj.fit(net.judge, verbosity=0)
    assert trained() == ALL
    mlj.fit(net.judge, verbosity=0, force=True)
    assert trained() == ["fit judge 1"]
