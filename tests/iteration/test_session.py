"""Sessions: states written on the way, and iteration that goes on from them to the same bytes."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import cloudpickle
import keras
import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    CheckpointInUseError,
    CheckpointWarning,
    ControlError,
    CorruptFile,
    ResumeMismatchError,
    UnsupportedOperation,
)
from mlj_keras.iteration import NumberLimit, Patience, Snapshots, Step
from mlj_keras.iteration.run import Run
from mlj_keras.storage import locked
from tests.batteries import killing
from tests.batteries.iterating import fitted, iterated

X, Y = mlj.load_diabetes()


def net(**changes: Any) -> Any:
    settings = {"builder": mlj.Short(dropout=0.3), "batch_size": 32, "rng": 3}
    return mlj.NeuralNetworkRegressor(**settings | changes)


def model(folder: Path | None, inner: Any = None, **options: Any) -> Any:
    controls = [
        mlj.CycleLearningRate(2, 0.001, 0.01),
        Step(1),
        mlj.GL(1e6),
        Snapshots(every=2),
        Patience(9),
        NumberLimit(6),
    ]
    controls += [] if folder is None else [mlj.Checkpoint(folder, every=2)]
    given = {"measure": mlj.rms, **options}
    return mlj.IteratedModel(net() if inner is None else inner, controls=controls, **given)


def found(mach: mlj.Machine) -> dict[str, Any]:
    """All that a fit gives, as values that can be compared."""
    report = mlj.report(mach)
    return {
        "state": mlj.snapshot(mach).digest(),
        "losses": report.losses,
        "best": report.best_iteration,
        "controls": [repr(each) for _, each in report.controls[:6]],
        "predictions": np.asarray(mlj.predict(mach, X)).tobytes(),
    }


def fit(whole: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(whole, X, Y), verbosity=0)


def cut_off(monkeypatch: pytest.MonkeyPatch, whole: Any, *, files: int) -> None:
    """Train until so many files have been written, in a machine that is then forgotten."""
    write, written = mlj.Checkpoint.write, []

    def heard(self: mlj.Checkpoint, number: int, facts: Any, arrays: Any) -> None:
        write(self, number, facts, arrays)
        written.append(number)
        if len(written) == files:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mlj.Checkpoint, "write", heard)
        with pytest.raises(KeyboardInterrupt):
            mlj.fit(mlj.machine(whole, X, Y), verbosity=-1)


CASES: dict[str, Any] = {
    "a network": lambda folder: model(folder),
    "the last state": lambda folder: model(folder, keep="last"),
    "snapshots": lambda folder: model(folder, keep="snapshots"),
    "a pipeline": lambda folder: model(folder, mlj.Standardizer() | net()),
    "training losses": lambda folder: model(folder, resampling=None, measure=None),
    "two folds, trained again": lambda folder: model(
        folder, resampling=mlj.CV(nfolds=2), retrain=True
    ),
}


@pytest.mark.parametrize("files", [1, 2, 3])
@pytest.mark.parametrize("case", CASES)
def test_iteration_that_was_cut_off_goes_on_to_the_same_bytes(
    case: str, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    cut_off(monkeypatch, CASES[case](folder), files=files)
    assert found(fit(CASES[case](folder))) == found(fit(CASES[case](None)))


def test_fresh_objects_of_a_kind_in_the_controls_are_the_same_controls(tmp_path: Path) -> None:
    def once(folder: Path) -> mlj.Machine:
        whole = model(folder)
        told: list[float] = []
        said = mlj.WithLossDo(functools.partial(lambda out, loss: out.append(loss), told))
        seen = mlj.KerasCallback(keras.callbacks.CSVLogger(str(tmp_path / "log.csv")))
        whole.controls = (*whole.controls, said, seen)
        return fit(whole)

    first = once(tmp_path / "at")
    assert found(once(tmp_path / "at")) == found(first)


def test_iteration_that_has_ended_is_read_and_trains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fit(model(tmp_path / "run"))
    monkeypatch.setattr(Run, "train", None)
    again = fit(model(tmp_path / "run"))
    assert found(again) == found(first)


def test_an_unseeded_network_goes_on_with_its_own_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = model(tmp_path / "run", net(rng=None), resampling=mlj.Holdout(0.7))
    cut_off(monkeypatch, whole, files=1)
    first = fit(whole)
    assert found(fit(whole)) == found(first)


def test_a_state_of_another_model_data_or_controls_is_refused_with_what_differs(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    fit(model(folder))
    files = {path: path.read_bytes() for path in folder.iterdir()}

    def refused(whole: Any, match: str, data: Any = (X, Y)) -> None:
        with pytest.raises(ResumeMismatchError, match=match):
            mlj.fit(mlj.machine(whole, *data), verbosity=0)

    refused(model(folder, net(lambda_=0.1)), r"another model \(lambda_: 0.0 there, 0.1 here\)")
    refused(model(folder), r"of other data \(values: \w+ there, \w+ here\) than", (X, Y + 1))
    refused(model(folder), "of other data .values", (X.iloc[::-1].reset_index(drop=True), Y))
    refused(model(folder, measure=mlj.l1), r"another iterated model \(measures: ")
    other = model(folder)
    other.controls = [*other.controls[:4], Patience(8), *other.controls[5:]]
    refused(other, r"other controls \(5: Patience\(n=9\) there, Patience\(n=8\) here\)")
    assert {path: path.read_bytes() for path in folder.iterdir()} == files


def test_of_a_damaged_state_the_one_before_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = fit(model(folder))
    last = sorted(folder.iterdir())[-1]
    last.write_bytes(last.read_bytes()[:-100])
    with pytest.warns(CheckpointWarning, match="The checkpoint before it is taken"):
        assert found(fit(model(folder))) == found(first)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CorruptFile), pytest.warns(CheckpointWarning):
        fit(model(folder))


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "run"), pytest.raises(CheckpointInUseError):
        fit(model(tmp_path / "run"))


def test_what_has_no_state_to_write_is_refused_when_the_machine_is_made(tmp_path: Path) -> None:
    given = iterated((1.0,), [Step(1), NumberLimit(2), mlj.Checkpoint(tmp_path / "run")])
    with pytest.raises(UnsupportedOperation, match="Given does not train by epochs.*Leave Check"):
        fitted(given)


def test_factors_and_classes_go_on_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed_frame: pd.DataFrame
) -> None:
    data = mixed_frame[["length", "colour"]], mixed_frame["grade"]
    inner = mlj.NeuralNetworkClassifier(batch_size=4, rng=1)
    controls = [Step(1), NumberLimit(4)]

    def whole(*more: Any) -> Any:
        return mlj.IteratedModel(inner, controls=[*controls, *more], resampling=mlj.InSample())

    monkeypatch.setattr(f"{__name__}.X", data[0])
    monkeypatch.setattr(f"{__name__}.Y", data[1])
    checkpoint = mlj.Checkpoint(tmp_path / "run")
    cut_off(monkeypatch, whole(checkpoint), files=2)
    assert mlj.snapshot(fit(whole(checkpoint))) == mlj.snapshot(fit(whole()))


def test_a_process_killed_at_two_moments_and_started_again_ends_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    uncut = killing.run("", 0)
    assert uncut is not None
    assert killing.run(tmp_path / "run", 0.2) is None
    assert list((tmp_path / "run").glob("*.ckpt"))
    killing.run(tmp_path / "run", 0.4)
    again = killing.run(tmp_path / "run", 0)
    assert again is not None and again[0] == uncut[0]


def test_force_begins_anew_in_place_of_what_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    mach = fit(model(folder))
    first = found(mach)
    for path in folder.iterdir():
        path.unlink()
    (folder / "0000000099.ckpt").write_bytes(b"not a state")
    assert found(mlj.fit(mach, force=True, verbosity=0)) == first and mach.state == 2
    assert sorted(path.name for path in folder.iterdir()) == ["0000000004.ckpt", "0000000006.ckpt"]


def test_controls_that_go_on_write_after_those_of_before(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    mach = fit(model(folder))
    mach.model.controls = [Step(1), NumberLimit(2), mlj.Checkpoint(folder)]
    mlj.fit(mach, verbosity=0)
    assert sorted(path.name for path in folder.iterdir()) == ["0000000007.ckpt", "0000000008.ckpt"]


def test_a_machine_whose_fit_was_cut_off_goes_on_in_another_process_too() -> None:
    broken = [True]

    def look(run: Any) -> None:
        if broken and run.n_iterations == 3:
            raise OSError

    whole = model(None)
    whole.controls = [*whole.controls[:2], mlj.Callback(look, raw=True), *whole.controls[2:]]
    mach = mlj.machine(whole, X, Y)
    with pytest.raises(ControlError):
        mlj.fit(mach, verbosity=-1)
    broken.clear()
    other = cloudpickle.loads(cloudpickle.dumps(mach))
    for each in (mach, other):
        mlj.fit(each, verbosity=0)
        assert mlj.report(each).losses == mlj.report(fit(model(None))).losses
