"""What candidates have learned, on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import CheckpointWarning
from mlj_keras.resampling.fold import fold_of
from mlj_keras.tuning.planning import begun
from mlj_keras.tuning.states import States, put_into
from tests.batteries.searching import Valley

X, Y = mlj.load_diabetes()


def trial_of(epochs: int) -> mlj.Machine:
    net = mlj.NeuralNetworkRegressor(builder=mlj.Short(dropout=0.3), batch_size=32, rng=1)
    r = mlj.param_range(net, "epochs", values=[epochs])
    model = mlj.TunedModel(
        net, ranges=r, resampling=mlj.CV(nfolds=2), measure=mlj.rms, compact_history=False
    )
    search = begun(model, (X, Y))
    return search.trial_of(net.replace({"epochs": epochs}))


def test_training_goes_on_from_a_written_state_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    short, long = trial_of(2), trial_of(5)
    states = States(tmp_path / "history.states")
    states.write(3, tuple(fold_of(short, k).trained for k in range(2)))
    read = states.read(3)
    assert read is not None and [state.epochs for state in read] == [2, 2]
    for k in range(2):
        went_on = fold_of(long, k, put_into(long, k, read[k]))
        at_once = fold_of(long, k)
        assert went_on.measured[0].value == at_once.measured[0].value
        model, outcome = went_on.trained
        assert model.snapshot(outcome) == at_once.trained[0].snapshot(at_once.trained[1])


def test_what_is_not_there_or_damaged_is_none(tmp_path: Path) -> None:
    states = States(tmp_path / "history.states")
    assert states.read(0) is None
    states.write(0, (fold_of(trial_of(1), 0).trained,))
    (path,) = states.folder.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.warns(CheckpointWarning, match="Candidate 0 trains from the start"):
        assert states.read(0) is None
    states.remove()
    assert not list(states.folder.iterdir())


def test_models_without_a_state_that_can_be_written_write_nothing(tmp_path: Path) -> None:
    states = States(tmp_path / "history.states")
    mach = mlj.fit(mlj.machine(Valley(rng=1), np.zeros((4, 1)), np.zeros(4)), verbosity=0)
    states.write(0, (mach.trained("test"),))
    assert not states.folder.exists()
