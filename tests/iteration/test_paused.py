"""Tests of paused: an iteration as a value, from which it goes on."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.iteration.paused import PausedSession
from mlj_keras.machine import Machine


def iterated(limit: int, **changes: Any) -> Any:
    """An iterated network whose held-out rows are drawn anew each time."""
    net = mlj.NeuralNetworkRegressor(builder=mlj.Short(n_hidden=3), batch_size=64, rng=1)
    controls = [mlj.Step(1), mlj.Patience(9), mlj.NumberLimit(limit)]
    resampling = mlj.Holdout(0.7, shuffle=True)
    return mlj.IteratedModel(net, controls=controls, resampling=resampling, **changes)


def paused_and_not(limit: int = 2) -> tuple[Machine, Machine]:
    """A trained machine, and one that has learned the same, with its cache as a value."""
    X, y = mlj.load_diabetes()
    mach = mlj.fit(mlj.machine(iterated(limit), X, y), verbosity=0)
    model, outcome = mach.trained("test")
    other = mlj.machine(mach.model.replace({}), X, y)
    mlj.fit(other, verbosity=0)
    other.replace_outcome(model, model.paused(outcome))
    return mach, other


def test_a_paused_iteration_goes_on_to_the_bytes_of_one_that_was_not() -> None:
    mach, other = paused_and_not()
    for each in (mach, other):
        each.model.controls = (*each.model.controls[:-1], mlj.NumberLimit(3))
        mlj.fit(each, verbosity=0)
    assert mlj.snapshot(other).digest() == mlj.snapshot(mach).digest()
    assert mlj.report(other).losses == mlj.report(mach).losses
    assert len(mlj.report(other).losses) == 5


def test_a_paused_iteration_keeps_the_rows_that_were_held_out() -> None:
    mach, other = paused_and_not()
    held = other.trained("test")[1].cache
    assert isinstance(held, PausedSession)
    session = mach.trained("test")[1].cache
    (train, test), (own_train, own_test) = held.pairs[0], session.run.scoring.trial.pairs[0]
    np.testing.assert_array_equal(train, own_train)
    np.testing.assert_array_equal(test, own_test)


def test_a_paused_iteration_holds_no_data() -> None:
    _, other = paused_and_not()
    held = other.trained("test")[1].cache
    assert all(outcome.cache is None for _, outcome in held.trained)
    assert {field.name for field in dataclasses.fields(held)}.isdisjoint({"sources", "data"})


def test_what_is_paused_twice_is_the_same() -> None:
    model, outcome = paused_and_not()[1].trained("test")
    assert model.paused(outcome).cache is outcome.cache


def test_without_a_cache_there_is_nothing_to_pause() -> None:
    X, y = mlj.load_diabetes()
    mach = mlj.fit(mlj.machine(iterated(1, cache=False), X, y), verbosity=0)
    model, outcome = mach.trained("test")
    assert model.paused(outcome).cache is None


@pytest.mark.parametrize("changed", [{"retrain": True}, {"measures": mlj.l1}])
def test_a_change_that_starts_anew_does_so_with_a_paused_iteration_too(changed: Any) -> None:
    _, other = paused_and_not()
    for name, value in changed.items():
        other.model.set(name, value)
    mlj.fit(other, verbosity=0)
    assert mlj.report(other).n_iterations == 2
