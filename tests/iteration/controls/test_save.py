"""Save writes numbered files, which can be put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ControlError, InvalidModelError
from mlj_keras.iteration import NumberLimit, Save, Step, skip
from tests.batteries.controls import FakeRun
from tests.batteries.iterating import fitted, iterated


def test_files_are_numbered_before_the_extension(tmp_path: Path) -> None:
    written: list[tuple[str, int]] = []
    save = Save(str(tmp_path / "m.bin"), method=lambda p, m: written.append((p, mlj.report(m).n)))
    mach = fitted(iterated((), [Step(1), skip(save, predicate=3), NumberLimit(7)]))
    files = [str(tmp_path / "m1.bin"), str(tmp_path / "m2.bin")]
    assert written == [(files[0], 3), (files[1], 6)]
    assert mlj.report(mach).controls[1][1] == {"files": tuple(files)}
    assert Save().numbered(3) == "machine3.state"


def test_the_state_of_a_network_is_written_and_put_back(tmp_path: Path) -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    seen: list[Any] = []
    controls = [
        Step(1),
        Save(str(tmp_path / "run.state")),
        mlj.WithMachineDo(lambda mach: seen.append(mlj.predict(mach, X))),
        NumberLimit(3),
    ]
    model = mlj.IteratedModel(net, controls=controls, keep="last")
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"run{k}.state" for k in (1, 2, 3)]
    for k in (1, 2, 3):
        mlj.restore(mach, tmp_path / f"run{k}.state")
        np.testing.assert_array_equal(mlj.predict(mach, X), seen[k - 1])


def test_a_folder_that_is_not_there_and_a_name_that_is_none_are_told(tmp_path: Path) -> None:
    save = Save(str(tmp_path / "nowhere" / "m.bin"), method=lambda path, mach: None)
    with pytest.raises(ControlError, match="There is no folder '.*nowhere'. Make it"):
        fitted(iterated((), [Step(1), save, NumberLimit(2)]))
    with pytest.raises(InvalidModelError, match="Save.filename: must name a file"):
        Save("/")
    state = Save(str(tmp_path / "m"), method=lambda path, mach: None)
    with pytest.raises(AttributeError):  # it is given the machine, which this run has not
        state.update(FakeRun([1.0]).next(), 0, 1)
