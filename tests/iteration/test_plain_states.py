"""The state of an iteration as plain values comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument
from mlj_keras.iteration import NumberLimit, Snapshots, Step
from mlj_keras.iteration.loop import Progress
from mlj_keras.iteration.plain_states import plain_progress, put_progress
from mlj_keras.iteration.session import Session
from mlj_keras.storage import packed, unpacked

X, Y = mlj.load_diabetes()
CONTROLS = (Step(1), mlj.GL(1e6), Snapshots(every=2), NumberLimit(3))


def session(n: int, controls: Any = CONTROLS) -> Session:
    """That of a fit of n cycles."""
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    controls = (*controls[:-1], NumberLimit(n))
    model = mlj.IteratedModel(net, controls=controls, resampling=mlj.Holdout(0.7))
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    found = mach.trained("test")[1].cache
    assert isinstance(found, Session)
    return found


def test_what_was_written_is_put_into_a_run_that_has_learned_nothing_else() -> None:
    old, new = session(3).progress, session(1).copy().progress
    facts = unpacked(*packed(plain_progress(old, CONTROLS)))
    put_progress(new, facts)
    assert isinstance(new, Progress) and new.run.losses == old.run.losses
    for name in ("n_cycles", "n_iterations", "iterations", "training_losses"):
        assert getattr(new.run, name) == getattr(old.run, name)
    assert mlj.snapshot(new.run.machine) == mlj.snapshot(old.run.machine)
    assert new.run.best is not None and old.run.best is not None
    assert new.run.best.iteration == old.run.best.iteration
    assert repr(new.states) == repr(old.states)
    new.run.train(2)
    old.run.train(2)
    assert mlj.snapshot(new.run.machine) == mlj.snapshot(old.run.machine)
    assert new.run.losses == old.run.losses


def test_a_state_that_is_no_plain_value_is_refused_with_where_it_is() -> None:
    progress = session(1).progress
    progress.states[1] = {"best": object()}
    with pytest.raises(InvalidArgument, match="best.*which a file cannot hold"):
        packed(plain_progress(progress, CONTROLS))
