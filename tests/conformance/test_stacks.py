"""Stacks wherever they train, with weights, evaluated, tuned and iterated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.parallel.processes import end_workers
from tests.batteries.counting import trained
from tests.batteries.networks import MEETING, Fails, Meets
from tests.batteries.stacking import (
    LEVELS,
    W10,
    X10,
    Y10,
    classes,
    diabetes,
    fitted,
    given,
    learner,
    mixed,
    net,
    numbers,
    predicted,
    stack,
)

XD, YD = diabetes(10)
XM, YM = mixed(60)


@pytest.fixture(scope="module", autouse=True)
def workers_end() -> Iterator[None]:
    """No worker outlives this file."""
    yield
    end_workers()


# Wherever they train.


def test_threads_learn_the_same_bytes_and_go_on() -> None:
    machines = []
    for where in (mlj.CPU1(), mlj.CPUThreads(2)):
        model = stack(acceleration=where, measures="log_loss")
        mach = fitted(model, XM, YM)
        model.net.epochs = 4
        machines.append(mlj.fit(mach, verbosity=0))
    one, two = machines
    assert mlj.snapshot(one) == mlj.snapshot(two)
    np.testing.assert_array_equal(predicted(one), predicted(two))
    at_once = fitted(stack(net=net(epochs=4)), XM, YM)
    assert mlj.snapshot(one) == mlj.snapshot(at_once)  # it has gone on, bit for bit
    one, two = (mlj.report(mach).cv_report["net"].per_fold[0] for mach in machines)
    assert list(one) == list(two)


@pytest.mark.slow
def test_processes_learn_the_same_bytes_and_what_they_learned_goes_on_here() -> None:
    here, model = fitted(stack(measures="log_loss"), XM, YM), stack(measures="log_loss")
    model.acceleration = mlj.CPUProcesses(2)
    there = fitted(model, XM, YM)
    assert mlj.snapshot(here) == mlj.snapshot(there)
    np.testing.assert_array_equal(predicted(here), predicted(there))
    model.acceleration = mlj.CPU1()
    for mach in (here, there):
        mach.model.net.epochs = 3
        mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(here) == mlj.snapshot(there)
    options: dict[str, Any] = {"resampling": mlj.CV(nfolds=2), "verbosity": 0}
    options["measures"] = ["log_loss"]
    evaluations = [
        mlj.evaluate(stack(), XM, YM, acceleration=where, **options)
        for where in (mlj.CPU1(), mlj.CPUProcesses(2))
    ]
    assert list(evaluations[0].per_fold[0]) == list(evaluations[1].per_fold[0])


def test_all_trainings_but_the_metalearners_are_side_by_side() -> None:
    MEETING.reset()
    model = numbers(a=Meets(name="a"), b=Meets(name="b"), acceleration=mlj.CPUThreads(2))
    trained()
    fitted(model, XD, YD)  # six that meet two by two
    assert len(trained()) == 7


def test_a_failed_or_interrupted_model_is_named_and_what_was_learned_before_is_kept() -> None:
    model = numbers(b=Fails(fails=False))
    mach = fitted(model, XD, YD)
    before = np.asarray(mlj.predict(mach))
    model.b.fails = True
    with pytest.raises(ZeroDivisionError) as caught:
        mlj.fit(mach, verbosity=0)
    assert caught.value.__notes__ == ["It was raised by 'b' of Stack."]
    np.testing.assert_array_equal(mlj.predict(mach), before)
    model.b.fails, model.a.epochs, model.a.stops_at = False, 5, 3
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(mach, verbosity=-1)
    np.testing.assert_array_equal(mlj.predict(mach), before)
    assert mach.state == 1
    model.a.stops_at = -1
    assert mlj.report(mlj.fit(mach, verbosity=0)).folds.a[0].epochs == 5


# Weights.


def test_weights_reach_the_rows_that_they_are_of() -> None:
    mach = fitted(classes(), X10, Y10, W10)
    learned = mlj.fitted_params(mach)
    np.testing.assert_array_equal(learned.a.fitresult["w"], W10)
    np.testing.assert_array_equal(learned.folds.a[0].fitresult["w"], W10[5:])
    np.testing.assert_array_equal(learned.metalearner.fitresult["w"], W10)
    mlj.fit(mach, rows=[9, 3, 2, 7], verbosity=0)
    np.testing.assert_array_equal(given(mach)["w"], W10[[9, 3, 2, 7]])


@pytest.mark.parametrize("weights", [dict(zip(LEVELS, (1.0, 5.0, 2.0), strict=True)), "balanced"])
def test_weights_of_classes_are_those_of_their_rows(weights: Any) -> None:
    exact = {"random_state": 1, "tol": 1e-10, "max_iter": 10_000, "solver": "newton-cg"}
    judge = learner("LogisticRegression", **exact)
    model = mlj.Stack(net=net(), logistic=judge.replace({}), metalearner=judge)
    model.resampling = mlj.CV(nfolds=2)
    y = YM.where(np.arange(60) % 3 > 0, "versicolor")  # which has more rows
    by_class = fitted(model, XM, y, weights)
    alone = fitted(net(), XM, y, weights)
    assert mlj.snapshot(by_class).parts["net"] == mlj.snapshot(alone)
    assert np.abs(predicted(by_class) - predicted(fitted(model, XM, y))).max() > 1e-3
    if weights != "balanced":  # which weighs by the counts of each fold
        by_row = fitted(model, XM, y, y.map(weights).astype(float))
        np.testing.assert_allclose(predicted(by_class), predicted(by_row), atol=1e-6)


# Evaluated, tuned, iterated.


def test_evaluate_trains_each_fold_as_a_whole() -> None:
    trained()
    options: dict[str, Any] = {"resampling": mlj.CV(nfolds=2), "verbosity": 0}
    e = mlj.evaluate(classes(), X10, Y10, measures=["log_loss", "accuracy"], **options)
    done = trained()
    assert len(done) == 2 * 7 and done.count("fit judge on 5") == 2
    mach = fitted(classes(), X10.iloc[5:], Y10.iloc[5:])
    wanted = mlj.log_loss(mlj.predict(mach, X10.head(5)), Y10.head(5))
    assert e.per_fold[0][0] == pytest.approx(wanted)
    assert len(e.fitted_params_per_fold[0].folds.a) == 2


@pytest.mark.parametrize(
    ("path", "values"), [("a.epochs", [1, 2, 4]), ("metalearner.width", [1.0, 9.0])]
)
def test_hyper_parameters_inside_are_tuned(path: str, values: list[Any]) -> None:
    model, options = classes(), {"resampling": mlj.Holdout(0.7), "measure": "log_loss"}
    epochs = mlj.param_range(model, path, values=values)
    mach = fitted(mlj.TunedModel(model, ranges=[epochs], tuning=mlj.Grid(), **options), X10, Y10)
    history = mlj.report(mach).history
    found = dict(zip(history[path], history["measurement"], strict=True))
    wanted = {
        value: mlj.evaluate(
            model.replace({path: value}), X10, Y10, verbosity=0, **options
        ).measurement[0]
        for value in values
    }
    assert found == pytest.approx(wanted)
    best = mlj.fitted_params(mach).best_model
    assert best.get(path) == min(wanted, key=wanted.__getitem__)
    np.testing.assert_allclose(predicted(mach), predicted(fitted(best, X10, Y10)))


def test_a_learning_curve_goes_over_epochs_of_a_model_inside() -> None:
    model = classes()
    epochs = mlj.param_range(model, "a.epochs", values=[1, 2, 3])
    options: dict[str, Any] = {"resampling": mlj.Holdout(0.5), "measure": "log_loss"}
    curve = mlj.learning_curve(mlj.machine(model, X10, Y10), range=epochs, verbosity=0, **options)
    assert list(curve.parameter_values) == [1, 2, 3] and len(curve.measurements) == 3


def test_epochs_of_a_model_inside_are_iterated() -> None:
    model = mlj.IteratedModel(
        stack(),
        iteration_parameter="net.epochs",
        controls=[mlj.Step(2), mlj.NumberLimit(3)],
        resampling=mlj.Holdout(0.7),
        measure="log_loss",
        retrain=True,
    )
    mach = fitted(model, XM, YM)
    assert mlj.report(mach).n_iterations == 6 and len(mlj.report(mach).losses) == 3
    again = fitted(stack(net=net(epochs=mlj.report(mach).best_iteration)), XM, YM)
    np.testing.assert_allclose(predicted(mach), predicted(again), atol=1e-6)


def test_models_that_tune_or_iterate_themselves_stand_in_a_stack() -> None:
    epochs = mlj.param_range(net(), "epochs", values=[1, 3])
    options: dict[str, Any] = {"resampling": mlj.Holdout(0.7), "measure": "log_loss"}
    model = stack(
        tuned=mlj.TunedModel(net(), ranges=[epochs], tuning=mlj.Grid(), **options),
        iterated=mlj.IteratedModel(net(), controls=[mlj.Step(1), mlj.NumberLimit(2)], **options),
    )
    report = mlj.report(fitted(model, XM, YM))
    assert report.iterated.n_iterations == 2 and len(report.folds.tuned[0].history) == 2
