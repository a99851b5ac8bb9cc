"""Tests of paused: a search as a value, from which it goes on."""

from __future__ import annotations

from typing import Any

import mlj_keras as mlj
from mlj_keras.machine import Machine
from mlj_keras.tuning.paused import PausedSearch

FOUND = ["alpha", "measurement"]  # of a history
CALLS: list[int] = []


def counted(prediction: Any, truth: Any) -> float:
    """The root mean squared error; notes that it was called."""
    CALLS.append(len(truth))
    return float(mlj.rms(prediction, truth))


def search(n: int) -> Any:
    """A search whose seed is drawn."""
    ridge = mlj.load("Ridge")()
    alpha = mlj.param_range(ridge, "alpha", lower=0.01, upper=100, scale="log10")
    return mlj.TunedModel(
        ridge,
        ranges=[alpha],
        tuning=mlj.RandomSearch(),
        n=n,
        resampling=mlj.CV(nfolds=2, rng=1),
        measure=mlj.FunctionMeasure(counted, orientation="loss"),
    )


def paused_and_not() -> tuple[Machine, Machine]:
    """A trained machine, and one that has learned the same, with its cache as a value."""
    X, y = mlj.load_diabetes()
    mach = mlj.fit(mlj.machine(search(2), X, y), verbosity=0)
    model, outcome = mach.trained("test")
    other = mlj.fit(mlj.machine(mach.model.replace({}), X, y), verbosity=0)
    other.replace_outcome(model, model.paused(outcome))
    return mach, other


def test_a_paused_search_goes_on_to_the_candidates_of_one_that_was_not() -> None:
    mach, other = paused_and_not()
    assert isinstance(other.trained("test")[1].cache, PausedSearch)
    for each in (mach, other):
        each.model.n = 5
        mlj.fit(each, verbosity=0)
    histories = [mlj.report(each).history[FOUND] for each in (mach, other)]
    assert len(histories[0]) == 5
    assert histories[0].equals(histories[1])


def test_a_paused_search_measures_nothing_again() -> None:
    _, other = paused_and_not()
    before = mlj.report(other).history
    other.model.n = 4
    CALLS.clear()
    mlj.fit(other, verbosity=0)
    assert len(CALLS) == 2 * 2  # two new candidates on two folds
    assert mlj.report(other).history[FOUND].iloc[:2].equals(before[FOUND])


def test_a_paused_search_holds_no_trained_models() -> None:
    _, other = paused_and_not()
    held = other.trained("test")[1].cache
    assert all(fold.trained is None for job in held.jobs for fold in job.folds)
    assert held.paused(None) is held
