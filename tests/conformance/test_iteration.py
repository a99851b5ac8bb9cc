"""The reference's checks 25 to 35, on iteration; deviations are those of the guide."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.iteration.controls.early_stopping import generalisation_loss
from tests.batteries.iterating import X, Y, fitted, iterated


def test_check_25_generalisation_loss() -> None:
    losses, best = [10, 8, 9, 8.1, 8.2], [10, 8, 8, 8, 8]
    found = [generalisation_loss(a, b) for a, b in zip(losses, best, strict=True)]
    assert found == pytest.approx([0, 0, 12.5, 1.25, 2.5], abs=1e-6)
    assert mlj.stopping_time(mlj.GL(2.0), losses) == 3
    assert mlj.stopping_time(mlj.GL(15), losses) == 0


def test_check_26_generalisation_loss_of_negative_losses_as_documented() -> None:
    # The reference's code gives -150; its documentation 50, which is what is computed here.
    assert generalisation_loss(-0.5, -1.0) == 50
    assert mlj.stopping_time(mlj.GL(2.0), [-1.0, -0.5]) == 2


def test_check_27_patience() -> None:
    assert mlj.stopping_time(mlj.Patience(2), [10, 11, 11, 12, 13]) == 5
    assert mlj.stopping_time(mlj.Patience(2), [10, 11, 12]) == 3


def test_check_28_number_since_best() -> None:
    assert mlj.stopping_time(mlj.NumberSinceBest(2), [10, 9, 9, 9.5]) == 4


@pytest.mark.parametrize(
    ("training", "losses", "stops"),
    [
        ((0.105, 0.1, 0.1, 0.1, 0.1), (8.0, 9.0), True),
        ((0.11, 0.1, 0.1, 0.1, 0.1), (8.0, 9.0), False),
        ((0.1, 0.1, 0.1, 0.1, 0.1), (8.0, 8.0), True),
    ],
)
def test_check_29_quotient(training: Any, losses: Any, stops: Any) -> None:
    before, after = losses
    is_training = [False, *[True] * 5, False]
    time = mlj.stopping_time(mlj.PQ(0.75, k=5), [before, *training, after], is_training)
    assert (time > 0) == stops


def test_check_30_threshold_and_invalid_value() -> None:
    assert mlj.stopping_time(mlj.Threshold(0.5), [0.6, 0.5, 0.49]) == 3
    stopper = mlj.EarlyStopper(mlj.InvalidValue())
    assert not stopper.done(1.0)
    assert stopper.done(math.nan, training=True) and stopper.done(1.0)


def test_check_31_warm_up() -> None:
    assert mlj.stopping_time(mlj.Warmup(mlj.Patience(1), n=2), [1, 2, 3, 4]) == 4


def test_check_32_changed_controls_go_on() -> None:
    mach = fitted(iterated((), [mlj.Step(2), mlj.NumberLimit(3)]))
    assert mlj.report(mach).n_iterations == 6
    mach.model.controls = [mlj.Step(2), mlj.NumberLimit(2)]
    assert mlj.report(mlj.fit(mach, verbosity=0)).n_iterations == 10


def test_check_33_saving_in_some_cycles(tmp_path: Path) -> None:
    data = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=64, rng=1)
    save = mlj.skip(mlj.Save(str(tmp_path / "m.bin")), predicate=3)
    model = mlj.IteratedModel(net, controls=[mlj.Step(1), save, mlj.NumberLimit(7)])
    mach = mlj.fit(mlj.machine(model, *data), verbosity=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m1.bin", "m2.bin"]
    for name, epochs in (("m1.bin", 3), ("m2.bin", 6)):
        assert mlj.snapshot(mlj.restore(mach, tmp_path / name)).epochs == epochs


def test_check_34_a_callback_after_the_control_that_stops_still_runs() -> None:
    seen: list[int] = []
    callback = mlj.Callback(lambda mach: seen.append(mlj.report(mach).n))
    mach = mlj.machine(iterated((1.0, 2.0), [mlj.Step(1), mlj.Patience(1), callback]), X, Y)
    mlj.fit(mach, verbosity=0)
    assert seen == [1, 2]


def test_check_35_a_cycle_of_the_learning_rate() -> None:
    control = mlj.CycleLearningRate(4, 0.001, 0.05)
    wanted = [0.001, 0.01325, 0.0255, 0.03775, 0.05, 0.03775, 0.0255, 0.01325, 0.001]
    assert [control.value(n, 0) for n in range(1, 10)] == pytest.approx(wanted, abs=1e-6)
