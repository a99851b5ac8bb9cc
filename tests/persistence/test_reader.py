"""Tests of reader: machines from files, with data and without, and what there is to warn of."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    CorruptFile,
    InvalidArgument,
    LimitExceeded,
    MachineFileWarning,
    MissingPackageError,
    NotAMachineFile,
    UntrustedModelError,
    WrongType,
)
from mlj_keras.persistence import reader
from tests.batteries.saving import FACTORS, TRUSTED, Wide, Y, net
from tests.persistence.hostile_content import changed
from tests.persistence.test_writer import Bits, file_of, trained


def loaded(whole: bytes, *data: Any, **options: Any) -> mlj.Machine:
    """The machine in a file."""
    return mlj.load_machine(io.BytesIO(whole), *data, **options)


def test_a_machine_goes_through_a_path_and_through_an_open_file(tmp_path: Path) -> None:
    mach, path = trained(), tmp_path / "machine.mlj"
    mlj.save(path, mach)
    with open(tmp_path / "other.mlj", "wb") as file:
        mlj.save(file, mach)
    assert path.read_bytes() == (tmp_path / "other.mlj").read_bytes()
    with open(path, "rb") as file:
        found = [mlj.load_machine(each) for each in (path, str(path), file)]
    for each in found:
        assert mlj.snapshot(each) == mlj.snapshot(mach)


def test_a_loaded_machine_has_model_report_parameters_and_losses() -> None:
    mach = trained()
    same = loaded(file_of(mach))
    assert same.model == mach.model and same.container is mach.container
    assert mlj.report(same)._asdict().keys() == mlj.report(mach)._asdict().keys()
    np.testing.assert_array_equal(mlj.training_losses(same), mlj.training_losses(mach))
    assert mlj.fitted_params(same)._asdict().keys() == mlj.fitted_params(mach)._asdict().keys()


def test_without_data_it_predicts_and_does_not_train() -> None:
    same = loaded(file_of(trained()))
    assert len(mlj.predict(same, FACTORS.head(3))) == 3
    with pytest.raises(InvalidArgument, match=r"load_machine\(path, X, y\)"):
        mlj.fit(same)
    assert "not here; it was Table" in repr(same)


@pytest.mark.parametrize(
    "form",
    [lambda X: X, pl.from_pandas, lambda X: X.iloc[:, ::-1]],
    ids=["same", "polars", "back"],
)
def test_new_data_come_in_any_kind_and_order_of_columns(form: Any) -> None:
    mach = trained()
    given = mlj.predict(loaded(file_of(mach)), form(FACTORS))
    assert given.to_numpy().tobytes() == mlj.predict(mach, FACTORS).to_numpy().tobytes()


def test_with_its_own_data_it_trains_on_with_rows_and_weights_as_before() -> None:
    rows, w = np.arange(0, 40), np.linspace(1, 2, len(Y))
    mach = mlj.fit(mlj.machine(net(), FACTORS, Y, w), rows=rows, verbosity=0)
    same = loaded(file_of(mach), FACTORS, Y, w)
    for each in (mach, same):
        each.model.epochs = 5
        mlj.fit(each, rows=rows, verbosity=0)
    assert mlj.snapshot(same) == mlj.snapshot(mach)
    assert same.state == mach.state == 2


def test_with_other_data_it_warns_and_trains_from_the_start() -> None:
    whole = file_of(trained())
    with pytest.warns(MachineFileWarning, match="trained with other data than these"):
        same = loaded(whole, FACTORS.iloc[::-1].reset_index(drop=True), Y)
    assert len(mlj.predict(same, FACTORS)) == len(FACTORS)
    mlj.fit(same, verbosity=0)
    assert mlj.snapshot(same).epochs == net().epochs


def test_a_file_for_inference_says_that_it_is_why_the_next_fit_trains_from_the_start() -> None:
    whole = file_of(trained(), for_inference=True)
    with pytest.warns(MachineFileWarning, match="saved for inference.*: the next fit trains from"):
        same = loaded(whole, FACTORS, Y)
    mlj.fit(same, verbosity=0)
    assert mlj.snapshot(same) == mlj.snapshot(trained())


@pytest.mark.parametrize("for_inference", [True, False])
def test_nodes_are_never_the_data_that_it_was_trained_with(*, for_inference: bool) -> None:
    whole = file_of(trained(), for_inference=for_inference)
    with pytest.warns(MachineFileWarning, match="for inference|is given nodes, whose data"):
        same = loaded(whole, mlj.source(FACTORS), mlj.source(Y))
    assert same.in_network and same.is_stale()


def test_a_frozen_machine_stays_as_it_is_with_other_data_and_says_so() -> None:
    mach = mlj.freeze(mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0))
    wrapped = mlj.machine(mlj.Freezable(mlj.Standardizer()), [1.0, 2.0, 3.0])
    mlj.fit(wrapped, verbosity=0).model.frozen = True
    mlj.fit(wrapped, verbosity=0)
    for each in (mach, wrapped):
        with pytest.warns(MachineFileWarning, match="it is frozen and stays as it is; thawed"):
            same = loaded(file_of(each), [4.0, 5.0, 6.0])
        assert mlj.transform(mlj.fit(same, verbosity=0), [4.0]).tolist() == [2.0]
        if each is wrapped:
            same.model.frozen = False
        mlj.fit(mlj.thaw(same), verbosity=0)
        assert mlj.transform(same, [5.0]).tolist() == [0.0]


class Kept(mlj.Unsupervised):
    """A model of data of any kind."""

    def fit(self, verbosity: int, X: Any) -> Any:
        return 1.0

    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        return fitresult


class Sentence:
    """A kind of data that nobody else knows."""


def test_data_of_a_kind_of_the_users_own_are_not_known_again() -> None:
    data, own = Sentence(), ["tests.persistence.test_reader:Kept"]
    whole = file_of(mlj.fit(mlj.machine(Kept(), data), verbosity=0))
    with pytest.warns(MachineFileWarning, match="keeps nothing by which the data.*known again"):
        same = loaded(whole, data, trusted=own)
    assert mlj.fit(same, verbosity=0).state == 2


def test_data_of_another_kind_with_the_same_values_are_the_same_data() -> None:
    numbers = FACTORS.drop(columns="shape")
    mach = mlj.fit(mlj.machine(net(), numbers, Y), verbosity=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = loaded(file_of(mach), pl.from_pandas(numbers), Y)
    assert mlj.fit(same, verbosity=0).state == 1


def test_code_of_the_users_own_is_loaded_only_by_its_exact_name() -> None:
    whole = file_of(trained(net(builder=Wide(n1=3))))
    assert mlj.inspect_file(io.BytesIO(whole)).trusted == TRUSTED[1:]
    with pytest.raises(UntrustedModelError, match=r"trusted=\['tests.batteries.saving:Wide'\]"):
        loaded(whole)
    with pytest.raises(UntrustedModelError, match=r"saving:Wide"):
        loaded(whole, trusted=["tests.batteries.saving:Scaled"])
    assert loaded(whole, trusted=TRUSTED[1:]).model.builder == Wide(n1=3)


@pytest.mark.parametrize(
    ("trusted", "kind", "message"),
    [
        (True, WrongType, "takes a list of exact names"),
        ("tests.batteries.saving:Wide", WrongType, "takes a list of exact names"),
        (["tests.*:Wide"], InvalidArgument, "there are no wildcards"),
        ([Wide], InvalidArgument, "takes exact names"),
    ],
)
def test_trust_is_given_by_exact_names_only(trusted: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        loaded(file_of(trained()), trusted=trusted)


def test_changed_code_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = file_of(trained(net(builder=Wide(n1=3))))
    monkeypatch.setattr("mlj_keras.persistence.code.digest_of", lambda value: "0" * 64)
    with pytest.warns(
        MachineFileWarning, match="source of tests.batteries.saving:Wide is another"
    ):
        loaded(whole, trusted=TRUSTED)


def test_other_versions_are_no_matter_as_long_as_the_outputs_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = file_of(trained())
    monkeypatch.setattr(reader, "versions", lambda: {"keras": "9.0.0", "tensorflow": "9.0.0"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded(whole)
    monkeypatch.setattr("mlj_keras.containers.NetworkFit.probe", lambda fit: np.ones((1, 3)))
    with pytest.warns(MachineFileWarning, match="gives other outputs"):
        loaded(whole)


def test_weights_that_are_not_finite_are_warned_of() -> None:
    mach = trained()
    state = mlj.snapshot(mach)
    key = next(key for key in state.arrays if key.endswith("kernel"))
    mlj.restore(mach, state.with_arrays({key: np.full_like(state.arrays[key], np.nan)}))
    whole = file_of(mach)
    with pytest.warns(MachineFileWarning, match="weights that are not finite"):
        loaded(whole)


def test_a_larger_file_than_is_read_is_refused() -> None:
    whole = file_of(trained())
    with pytest.raises(LimitExceeded, match=r"more than the 100 bytes that are read"):
        loaded(whole, max_bytes=100)


def test_an_open_file_is_read_to_its_end_in_parts_that_are_never_large() -> None:
    whole = file_of(trained())
    asked: list[int] = []

    class Asked(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size or 0)
            return super().read(size)

    mlj.load_machine(Asked(whole))
    assert 0 < min(asked) <= max(asked) <= 2**20
    same = mlj.load_machine(Bits(whole))  # type: ignore[arg-type]
    assert file_of(same) == whole
    mlj.load_machine(io.BytesIO(whole), max_bytes=len(whole))
    with pytest.raises(LimitExceeded, match="more than the"):
        mlj.load_machine(Bits(whole), max_bytes=len(whole) - 1)  # type: ignore[arg-type]


def test_what_an_open_file_gives_may_be_a_bytearray_and_not_nothing() -> None:
    whole = file_of(trained())

    class Odd:
        def __init__(self, *pieces: Any) -> None:
            self.pieces = list(pieces)

        def read(self, size: int) -> Any:
            return self.pieces.pop(0)

    odd: Any = Odd(bytearray(whole), bytearray())
    assert file_of(mlj.load_machine(odd)) == whole
    with pytest.raises(BlockingIOError, match="no bytes now"):
        mlj.load_machine(Odd(whole[:9], None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (None, "load_machine takes a path as a text, or an open binary file, got None"),
        (b"PK", r"got b'PK'. Write .*io.BytesIO\(content\) for what a file holds"),
        (mlj.machine(mlj.Standardizer(), [1.0, 2.0]), r"Write save\(path, mach\) to save"),
        (3, "got 3. Give a path"),
    ],
)
def test_what_is_no_path_and_no_binary_file_is_refused(path: Any, message: str) -> None:
    with pytest.raises(WrongType, match=message):
        mlj.load_machine(path)


@pytest.mark.parametrize(
    ("max_bytes", "kind", "message"),
    [
        (None, WrongType, "max_bytes is a number of bytes.*got None"),
        ("1GB", WrongType, "got '1GB'"),
        (1e9, WrongType, "got 1000000000.0"),
        (True, WrongType, "got True"),
        (0, InvalidArgument, "max_bytes must be at least 1, got 0"),
    ],
)
def test_a_limit_is_a_number_of_bytes(max_bytes: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        mlj.load_machine("unused.mlj", max_bytes=max_bytes)


def test_a_module_of_the_users_own_that_fails_is_not_the_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(source: str) -> None:
        (tmp_path / "own_steps.py").write_text(source)
        sys.modules.pop("own_steps", None)
        importlib.invalidate_caches()

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    make("def half(X):\n    return X / 2\n")
    half = importlib.import_module("own_steps").half
    whole = file_of(mlj.machine(mlj.Pipeline(half, mlj.Standardizer()), FACTORS))
    for source, kind, message in (
        ("raise OSError('no disk')", InvalidArgument, "raises OSError: no disk.*file is fine"),
        ("import nothing_here", MissingPackageError, "nothing_here.*file is fine"),
    ):
        make(source)
        with pytest.raises(kind, match=message):
            loaded(whole, trusted=["own_steps:half"])


@pytest.mark.parametrize(
    "facts",
    [
        {"was": "\x1b[2J"},
        {"was": "a\nb"},
        {"was": "\u202e"},
        {"fingerprint": "\x1b" * 64},
        {"fingerprint": ""},
    ],
)
def test_data_that_are_told_by_what_moves_a_cursor_are_refused(facts: dict[str, str]) -> None:
    whole = file_of(mlj.machine(mlj.Standardizer(), [1.0]))
    whole = changed(whole, "data.json", lambda data: data[0].update(facts))
    with pytest.raises(CorruptFile, match="its data are"):
        loaded(whole)


def test_a_file_that_is_open_as_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("text")
    with open(path) as file, pytest.raises(WrongType, match="'rb'"):
        mlj.load_machine(file)


def test_a_state_is_no_machine(tmp_path: Path) -> None:
    from mlj_keras.machine.state_file import write_state

    write_state(tmp_path / "net.state", trained())
    with pytest.raises(NotAMachineFile, match="holds a state, not a machine"):
        mlj.load_machine(tmp_path / "net.state")


def test_a_loaded_machine_can_be_a_part_of_a_learning_network() -> None:
    mach = mlj.fit(mlj.machine(mlj.Standardizer(), pd.DataFrame({"a": [1.0, 2, 3]})), verbosity=0)
    same = loaded(file_of(mach))
    Xs = mlj.source(pd.DataFrame({"a": [4.0, 5.0]}))
    assert mlj.transform(same, Xs)()["a"].tolist() == [2.0, 3.0]


def test_pickles_and_copies_of_a_loaded_machine_work() -> None:
    import copy
    import pickle

    same = loaded(file_of(trained()))
    for other in (copy.deepcopy(same), pickle.loads(pickle.dumps(same))):
        assert mlj.snapshot(other) == mlj.snapshot(same)


@pytest.mark.slow
def test_inspecting_loads_neither_keras_nor_tensorflow(tmp_path: Path) -> None:
    path = tmp_path / "machine.mlj"
    mlj.save(path, trained())
    script = (
        "import sys, mlj_keras as mlj\n"
        f"print(mlj.inspect_file({str(path)!r}))\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules), 'loaded'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "NeuralNetworkClassifier" in done.stdout
