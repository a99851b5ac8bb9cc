"""Data gives new rows to train on in each cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import Data, NumberLimit, Step
from tests.batteries.iterating import Given, X, Y, fitted, iterated, trained

PARTS = [(X[:k], Y[:k]) for k in (4, 6, 8)]


def test_each_cycle_trains_on_the_next_and_the_last_stay() -> None:
    trained()
    options = {"resampling": None, "measure": None}
    mach = fitted(iterated((), [Data(PARTS), Step(1), NumberLimit(4)], **options))
    assert trained() == [(0, 1, 4), (1, 2, 6), (2, 3, 8), (3, 4, 8)]
    assert mlj.report(mach).controls[0][1] == {"taken": 3}


def test_iteration_ends_when_they_are_exhausted_if_it_is_to() -> None:
    control = Data(PARTS, stop_when_exhausted=True)
    assert control.may_stop() and not Data(PARTS).may_stop()
    options = {"resampling": None, "measure": None}
    mach = fitted(iterated((), [control, Step(1)], **options))
    assert mlj.report(mach).n_iterations == 4
    assert control.message(None) == "the data are exhausted"


def test_a_network_learns_from_a_stream_as_from_the_whole_in_parts() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = X @ np.array([1.0, 2.0, 3.0])
    net = mlj.NeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"), batch_size=8, rng=1, optimiser=mlj.Adam(0.1)
    )
    parts = [(X[k : k + 30], y[k : k + 30]) for k in (0, 30, 60)] * 4
    controls = [Data(parts, stop_when_exhausted=True), Step(2)]
    model = mlj.IteratedModel(net, controls=controls, resampling=None, keep="last")
    mach = mlj.fit(mlj.machine(model, X[:30], y[:30]), verbosity=0)
    assert mlj.rms(mlj.predict(mach, X), y) < 0.3 * y.std()


def test_a_state_from_a_file_goes_on_where_it_was() -> None:
    control = Data(PARTS)

    class Run:
        """Notes what it is given."""

        given: list[int] = []

        def ingest(self, X: Any, y: Any) -> None:
            self.given.append(len(X))

    state = control.update(Run(), 0, 1)
    state = control.update(Run(), 0, 2, control.plain(state))
    state = control.update(Run(), 0, 3, control.plain(state))
    assert Run.given == [4, 6, 8] and control.plain(None) is None
    assert control.plain(state) == {"taken": 3, "exhausted": False}
    assert control.update(Run(), 0, 4, control.plain(state))["exhausted"]


def test_a_part_that_is_measured_on_is_refused_when_the_machine_is_made() -> None:
    model = mlj.IteratedModel(Given(), controls=[Data(PARTS), Step(1), NumberLimit(2)])
    with pytest.raises(InvalidModelError, match="Give resampling=None"):
        mlj.machine(model, X, Y)


def test_what_can_be_gone_through_once_only_is_refused() -> None:
    for given in (iter(PARTS), (part for part in PARTS), 3):
        with pytest.raises(InvalidModelError, match="can be gone through again, such as a list"):
            Data(given)
