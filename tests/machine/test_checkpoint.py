"""A training that is cut off, and started again from its file, ends as if it had not been."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    CheckpointInUseError,
    CheckpointWarning,
    CorruptFile,
    InvalidArgument,
    NotAMachineFile,
    ResumeMismatchError,
    UnsupportedOperation,
)
from mlj_keras.machine import checkpoint as module
from mlj_keras.storage import locked, read_newest
from tests.batteries.oracles import X11, Y11


def model(epochs: int = 7, **changes: Any) -> mlj.NeuralNetworkRegressor:
    settings = {"builder": mlj.MLP(hidden=(5,)), "batch_size": 4, "rng": 1, "epochs": epochs}
    return mlj.NeuralNetworkRegressor(**{**settings, **changes})


def whole(**changes: Any) -> mlj.MachineState:
    return mlj.snapshot(mlj.fit(mlj.machine(model(**changes), X11, Y11), verbosity=0))


def train(path: Any, epochs: int = 7, data: Any = (X11, Y11), **changes: Any) -> mlj.Machine:
    mach = mlj.machine(model(epochs, **changes), *data)
    return mlj.fit(mach, checkpoint=path, verbosity=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run"


def files(path: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {each.name: each.read_bytes() for each in sorted(path.iterdir())}


@pytest.mark.parametrize("every", [1, 2, 5, 100])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimiser": mlj.SGD(0.01, momentum=0.9), "lambda_": 0.1},
        {"precision": "mixed_float16"},
    ],
    ids=["Adam", "SGD", "mixed_float16"],
)
def test_a_training_started_again_ends_with_the_same_bytes(
    every: int, changes: dict[str, Any], path: Path
) -> None:
    cut = train(mlj.Checkpoint(path, every=every), epochs=4, **changes)
    assert cut.model.epochs == 4 and mlj.snapshot(cut).epochs == 4
    again = train(mlj.Checkpoint(path, every=every), **changes)
    assert again.model.epochs == 7
    assert mlj.snapshot(again) == whole(**changes)
    assert len(mlj.training_losses(again)) == 7


def test_factors_and_classes_go_on_too(path: Path, mixed_frame: pd.DataFrame) -> None:
    X, y = mixed_frame[["length", "colour"]], mixed_frame["grade"]
    classifier = mlj.NeuralNetworkClassifier(epochs=4, batch_size=4, rng=1)
    expected = mlj.snapshot(mlj.fit(mlj.machine(classifier, X, y), verbosity=0))
    first = classifier.replace({"epochs": 2})
    mlj.fit(mlj.machine(first, X, y), checkpoint=path, verbosity=0)
    mach = mlj.machine(classifier, X, y).fit(checkpoint=path, verbosity=0)
    assert mlj.snapshot(mach) == expected


def test_the_file_is_written_every_so_many_epochs_and_at_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    write = mlj.Checkpoint.write

    def heard(self: mlj.Checkpoint, number: int, facts: Any, arrays: Any) -> None:
        written.append(number)
        write(self, number, facts, arrays)

    monkeypatch.setattr(mlj.Checkpoint, "write", heard)
    train(mlj.Checkpoint(path, every=3))
    assert written == [3, 6, 7]
    assert list(files(path)) == ["0000000006.ckpt", "0000000007.ckpt"]
    found = read_newest(path, "checkpoint")
    assert found is not None
    _, facts, arrays = found
    assert facts["epochs"] == 7 and len(facts["losses"]) == 8
    state = whole()
    assert arrays.keys() == state.arrays.keys()
    assert all(np.array_equal(arrays[key], state.arrays[key]) for key in arrays)


def test_an_interrupted_training_keeps_the_last_file_and_the_users_epochs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mach = mlj.machine(model(), X11, Y11)
    fit = mlj.Machine.fit

    def interrupted(self: mlj.Machine, **given: Any) -> Any:
        if self.model.epochs > 4:
            raise KeyboardInterrupt
        return fit(self, **given)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(mlj.Machine, "fit", interrupted)
        module.fit_with_checkpoint(
            mach, mlj.Checkpoint(path, every=2), rows=None, verbosity=0, force=False
        )
    assert mach.model.epochs == 7 and mlj.snapshot(mach).epochs == 4
    assert mlj.snapshot(train(path)) == whole()
    assert mlj.snapshot(mlj.fit(mach, checkpoint=path, verbosity=0)) == whole()


def test_a_trained_machine_goes_on_from_itself_and_not_from_the_file(path: Path) -> None:
    mach = mlj.fit(mlj.machine(model(3), X11, Y11), verbosity=0)
    train(path, epochs=5)
    mach.model.epochs = 7
    assert mlj.snapshot(mlj.fit(mach, checkpoint=path, verbosity=0)) == whole()


def test_force_begins_anew_in_place_of_the_file(path: Path) -> None:
    train(path, rng=2)
    mach = mlj.fit(mlj.machine(model(), X11, Y11), checkpoint=path, force=True, verbosity=0)
    assert mlj.snapshot(mach) == whole()
    assert mlj.snapshot(train(path)) == whole()


def test_an_unseeded_model_goes_on_with_the_seed_of_the_file(path: Path) -> None:
    cut = mlj.snapshot(train(path, epochs=3, rng=None))
    again = mlj.snapshot(train(path, epochs=3, rng=None))
    assert again == cut


def test_the_place_and_the_optimiser_may_be_others(path: Path) -> None:
    train(path, epochs=3)
    mach = train(path, acceleration=mlj.CPU1(), optimiser=mlj.Adam(0.01))
    assert mlj.snapshot(mach).epochs == 7


def test_a_file_of_another_model_or_other_data_is_refused_with_what_differs(path: Path) -> None:
    train(path)
    before = files(path)
    differs = r"is of another model \(lambda_: 0.0 there, 0.5 here\) than this machine"
    with pytest.raises(ResumeMismatchError, match=differs):
        train(path, lambda_=0.5)
    with pytest.raises(ResumeMismatchError, match="is of other data .rows: 11 there, 9 here"):
        train(path, data=(X11[:9], Y11[:9]))
    with pytest.raises(InvalidArgument, match="has 7 epochs, more than the 5"):
        train(path, epochs=5)
    assert files(path) == before


def test_a_file_that_was_refused_is_refused_again(path: Path) -> None:
    train(path)
    before = files(path)
    mach = mlj.machine(model(lambda_=0.5), X11, Y11)
    for _ in range(2):  # a cell that is run again
        with pytest.raises(InvalidArgument, match="is of another model"):
            mlj.fit(mach, checkpoint=path, verbosity=0)
    assert files(path) == before and mach.model.epochs == 7


def test_other_data_are_told_where_nothing_was_learned_of_them(path: Path) -> None:
    train(path, standardise=False)
    with pytest.raises(InvalidArgument, match="is of other data"):
        train(path, standardise=False, data=(X11, 2 * Y11))


def test_a_wrapped_network_and_one_that_meets_its_data_go_on(
    path: Path, mixed_frame: pd.DataFrame
) -> None:
    X, y = mixed_frame[["length", "colour"]], mixed_frame["grade"]
    inner = mlj.NeuralNetworkClassifier(epochs=4, batch_size=4, rng=1)
    cases = [(mlj.EntityEmbedder(inner), "model.epochs"), (mlj.NeuralNetwork(rng=1), "epochs")]
    for number, (own, name) in enumerate(cases):
        file = path.with_name(f"{number}")
        whole = mlj.fit(mlj.machine(own.replace({name: 4}), X, y), verbosity=0)
        cut = mlj.machine(own.replace({name: 2}), X, y)
        mlj.fit(cut, checkpoint=file, verbosity=0)
        again = mlj.machine(own.replace({name: 4}), X, y)
        mlj.fit(again, checkpoint=file, verbosity=0)
        assert again.model.get(name) == 4
        assert mlj.snapshot(again) == mlj.snapshot(whole)


def test_a_keras_model_built_again_is_the_same_model(path: Path) -> None:
    import keras

    def built() -> Any:
        keras.utils.set_random_seed(3)
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

    train(path, epochs=3, builder=built())
    assert mlj.snapshot(train(path, builder=built())) == whole(builder=built())


def damage(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1] + b"x")


def test_of_a_damaged_file_the_one_before_is_taken_and_if_all_are_it_is_refused(
    path: Path,
) -> None:
    train(path, epochs=5)
    damage(path / "0000000005.ckpt")
    with pytest.warns(CheckpointWarning, match="0000000005.ckpt.*The checkpoint before it"):
        assert mlj.snapshot(train(path)) == whole()
    for file in path.iterdir():
        damage(file)
    with pytest.raises(CorruptFile, match="0000000006.ckpt"), pytest.warns(CheckpointWarning):
        train(path)


def test_a_folder_that_another_process_writes_to_is_refused(path: Path) -> None:
    with locked(path), pytest.raises(CheckpointInUseError, match="is written by the process"):
        train(path)
    assert mlj.snapshot(train(path)) == whole()


def test_a_path_that_is_a_file_is_refused(path: Path) -> None:
    path.write_text("something")
    with pytest.raises(NotAMachineFile, match="checkpoints are in a folder"):
        train(path)
    assert path.read_text() == "something"


def test_a_pipeline_goes_on_to_the_same_bytes(path: Path, mixed_frame: pd.DataFrame) -> None:
    X, y = mixed_frame[["length", "colour"]], mixed_frame["grade"]
    net = mlj.NeuralNetworkClassifier(epochs=5, batch_size=4, rng=1)
    pipe = mlj.Pipeline(hot=mlj.OneHotEncoder(), net=net)
    uncut = mlj.fit(mlj.machine(pipe, X, y), verbosity=0)
    cut = mlj.machine(pipe.replace({"net.epochs": 2}), X, y)
    mlj.fit(cut, checkpoint=path, verbosity=0)
    again = mlj.fit(mlj.machine(pipe, X, y), checkpoint=path, verbosity=0)
    assert mlj.snapshot(again) == mlj.snapshot(uncut)


def test_a_checkpoint_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    mach = mlj.machine(mlj.NeuralNetworkClassifier(epochs=1), *mlj.load_iris())
    with pytest.raises(InvalidArgument, match="There is no folder .*nowhere"):
        mlj.fit(mach, checkpoint=tmp_path / "nowhere" / "file", verbosity=0)
    for name in ("every", "keep"):
        for value in (0, -1, 1.5, True):
            with pytest.raises(InvalidArgument, match=f"{name} must be an int of 1 or more"):
                mlj.Checkpoint(tmp_path / "file", **{name: value})
    assert mlj.Checkpoint(os.fspath(tmp_path / "f")) == mlj.Checkpoint(os.fspath(tmp_path / "f"))


class Mean(mlj.Deterministic):
    """A model of a user's own, without epochs."""

    def fit(self, verbosity: int, X: Any, y: Any) -> float:
        return float(np.mean(y))

    def predict(self, fitresult: float, Xnew: Any) -> Any:
        return [fitresult for _ in Xnew]


def test_a_model_without_epochs_has_no_checkpoint(path: Path) -> None:
    with pytest.raises(UnsupportedOperation, match="Mean does not train by epochs"):
        mlj.fit(mlj.machine(Mean(), X11, Y11), checkpoint=path, verbosity=0)
