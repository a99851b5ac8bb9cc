"""Tests of writer: what `save` writes, what it refuses, and that nothing is lost by it."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, MachineFileWarning, UnsavableError, WrongType
from mlj_keras.storage import atomic
from tests.batteries.saving import FACTORS, Y, net


def file_of(mach: Any, **options: Any) -> bytes:
    """The bytes that `save` writes."""
    file = io.BytesIO()
    mlj.save(file, mach, **options)
    return file.getvalue()


def trained(model: Any | None = None) -> mlj.Machine:
    """A small network, trained."""
    model = model or net(optimiser=mlj.Adam(1e-2))
    return mlj.fit(mlj.machine(model, FACTORS, Y), verbosity=0)


def test_a_file_is_a_zip_of_stored_members_whose_first_says_what_it_is() -> None:
    with zipfile.ZipFile(io.BytesIO(file_of(trained()))) as archive:
        names = archive.namelist()
        assert names[:2] == ["mimetype", "manifest.json"]
        assert archive.read("mimetype") == b"application/x-mlj-machine"
        assert {m.compress_type for m in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
    assert set(names) == {"mimetype", "manifest.json", *manifest["members"]}
    assert manifest["format_version"] == [1, 0]
    assert "tensorflow" in manifest["facts"]["versions"]


def test_a_file_holds_neither_data_nor_names_of_this_computer() -> None:
    marked = FACTORS.assign(sepal_length=FACTORS["sepal_length"] + 1234.5678)
    mach = mlj.fit(mlj.machine(net(), marked, Y), verbosity=0)
    whole = file_of(mach)
    for value in marked["sepal_length"]:
        assert np.float64(value).tobytes() not in whole
        assert repr(value).encode() not in whole
    assert str(Path.home()).encode() not in whole
    assert str(Path.cwd()).encode() not in whole


def test_the_same_machine_gives_the_same_bytes_and_a_loaded_one_too() -> None:
    mach = trained()
    whole = file_of(mach)
    assert file_of(mach) == whole
    assert file_of(mlj.load_machine(io.BytesIO(whole))) == whole


def test_for_inference_the_slots_of_the_optimiser_are_left_out() -> None:
    mach = trained(net(optimiser=mlj.Adam(use_ema=True)))
    whole, small = file_of(mach), file_of(mach, for_inference=True)
    assert len(small) < len(whole)
    assert "optimiser.safetensors" not in mlj.inspect_file(io.BytesIO(small)).members
    same = mlj.load_machine(io.BytesIO(small))
    assert mlj.predict(same, FACTORS).to_numpy().tobytes() == (
        mlj.predict(mach, FACTORS).to_numpy().tobytes()
    )


def test_a_file_is_hardly_larger_than_its_arrays() -> None:
    large = net(builder=mlj.MLP(hidden=(300, 300)), epochs=1)
    mach = trained(large)
    arrays = sum(array.nbytes for array in mlj.snapshot(mach).arrays.values())
    assert len(file_of(mach)) <= 1.05 * arrays + 65_536
    small = trained(net(epochs=1))
    arrays = sum(array.nbytes for array in mlj.snapshot(small).arrays.values())
    assert len(file_of(small)) <= 1.05 * arrays + 65_536


def test_an_untrained_machine_is_saved_as_it_is() -> None:
    mach = mlj.load_machine(io.BytesIO(file_of(mlj.machine(net(), FACTORS, Y))), FACTORS, Y)
    assert mach.state == 0
    assert mach.model == net()
    assert mlj.fit(mach, verbosity=0).state == 1


def half(inputs: Any) -> Any:
    """A step that can be imported."""
    return inputs / 2


@pytest.mark.parametrize(
    ("model", "data", "where"),
    [
        (lambda: mlj.Pipeline(lambda X: X, mlj.Standardizer()), (FACTORS,), "model"),
        (lambda: mlj.FeatureSelector(features=lambda n: True), (FACTORS,), "model.features"),
        (lambda: net(loss=lambda truth, output: abs(truth - output)), (FACTORS, Y), "model.loss"),
    ],
)
def test_what_cannot_be_imported_is_refused_and_named(model: Any, data: Any, where: str) -> None:
    with pytest.raises(UnsavableError, match=rf"(?s)hold the machine.{where}.*<lambda>.*module"):
        file_of(mlj.machine(model(), *data))


def test_a_function_that_can_be_imported_is_named_in_the_file() -> None:
    whole = file_of(mlj.machine(mlj.Pipeline(half, mlj.Standardizer()), FACTORS))
    assert mlj.inspect_file(io.BytesIO(whole)).trusted == ("tests.persistence.test_writer:half",)


def test_a_failed_save_leaves_the_old_file_and_a_machine_that_predicts(tmp_path: Path) -> None:
    path, mach = tmp_path / "machine.mlj", trained()
    mlj.save(path, mach)
    before = path.read_bytes()
    odd = mlj.machine(mlj.FeatureSelector(features=lambda n: True), FACTORS)
    with pytest.raises(UnsavableError):
        mlj.save(path, odd)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["machine.mlj"]
    assert mlj.transform(mlj.fit(odd, verbosity=0), FACTORS).shape == FACTORS.shape


def test_a_disk_that_gives_back_other_bytes_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "machine.mlj"
    path.write_bytes(b"old")

    def cut(descriptor: int) -> None:
        os.truncate(descriptor, 100)

    monkeypatch.setattr(atomic.os, "fsync", cut)
    with pytest.raises(OSError, match="gave back other bytes") as caught:
        mlj.save(path, mlj.machine(mlj.Standardizer(), [1.0, 2.0]))
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_is_told_with_the_path_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "machine.mlj"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        mlj.save(path, mlj.machine(mlj.Standardizer(), [1.0, 2.0]))
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [("nowhere/machine.mlj", FileNotFoundError), (".", IsADirectoryError)],
)
def test_an_impossible_path_is_told_by_the_system(
    path: str, kind: type[OSError], tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        mlj.save(tmp_path / path, mlj.machine(mlj.Standardizer(), [1.0, 2.0]))
    assert caught.value.filename == str(tmp_path / path)


def test_what_is_no_machine_is_refused() -> None:
    Xs = mlj.source(pd.DataFrame({"a": [1.0, 2.0]}))
    node = mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs)
    for given, message in (
        (node, "got a node. Save the machines of its network"),
        (mlj.Standardizer(), "save takes a machine, got Standardizer"),
    ):
        with pytest.raises(WrongType, match=message):
            mlj.save("unused.mlj", given)
    with pytest.raises(WrongType, match=r"Its arguments are save\(path, mach\)"):
        mlj.save(mlj.machine(mlj.Standardizer(), [1.0, 2.0]), "unused.mlj")


def test_a_machine_of_a_learning_network_is_saved_without_the_others() -> None:
    Xs = mlj.source([1.0, 2.0, 3.0])
    mach = mlj.machine(mlj.Standardizer(), Xs)
    mlj.fit(mlj.transform(mach, Xs), verbosity=0)
    same = mlj.load_machine(io.BytesIO(file_of(mach)))
    assert mlj.transform(same, [4.0]) == [2.0]
    assert not same.in_network


class Bits(io.RawIOBase):
    """An open file that takes and gives seven bytes at a time."""

    def __init__(self, whole: bytes = b"") -> None:
        self.inside = io.BytesIO(whole)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        return self.inside.write(bytes(piece[:7]))

    def readinto(self, into: Any) -> int:
        piece = self.inside.read(min(7, len(into)))
        into[: len(piece)] = piece
        return len(piece)


SMALL = mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0])


def test_an_open_file_that_takes_a_part_at_a_time_gets_all() -> None:
    bits = Bits()
    mlj.save(bits, SMALL)  # type: ignore[arg-type]
    assert bits.inside.getvalue() == file_of(SMALL)


def test_an_open_file_that_takes_nothing_is_told_and_one_that_does_not_count_gets_all() -> None:
    class Full(Bits):
        def write(self, piece: Any) -> Any:
            return 0 if len(piece) == 0 else None

    with pytest.raises(BlockingIOError, match="takes no more bytes"):
        mlj.save(Full(), SMALL)  # type: ignore[arg-type]

    class Silent:
        def __init__(self) -> None:
            self.whole = b""

        def write(self, piece: Any) -> None:
            self.whole += bytes(piece)

    silent = Silent()
    mlj.save(silent, SMALL)  # type: ignore[arg-type]
    assert silent.whole == file_of(SMALL)


def test_a_path_that_can_also_write_is_a_path(tmp_path: Path) -> None:
    class Local:  # as py.path.local
        def __fspath__(self) -> str:
            return str(tmp_path / "machine.mlj")

        def write(self, data: Any) -> None:
            raise AssertionError

        def read(self, mode: str = "r") -> Any:
            raise AssertionError

    mlj.save(Local(), SMALL)
    assert mlj.load_machine(Local()).model == mlj.Standardizer()  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == ["machine.mlj"]


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        (None, WrongType, "save takes a path as a text, or an open binary file, got None"),
        (3, WrongType, "got 3. Give a path such as 'iris.mlj'"),
        (b"iris.mlj", WrongType, r"got b'iris.mlj'. Write os.fsdecode\(path\) for a path\."),
        (io.BytesIO, WrongType, "got <class '_io.BytesIO'>"),
        (io.StringIO(), WrongType, r"'StringIO' is open as a text.*open\(path, 'wb'\)"),
        ("iris\0.mlj", InvalidArgument, "No path has the character 0"),
    ],
)
def test_what_is_no_path_and_no_binary_file_is_refused(path: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        mlj.save(path, SMALL)


def test_a_file_that_is_open_as_text_is_named(tmp_path: Path) -> None:
    with open(tmp_path / "text", "w") as file, pytest.raises(WrongType, match="text' is open as"):
        mlj.save(file, SMALL)  # type: ignore[arg-type]


def test_a_file_for_inference_stays_one_when_it_is_loaded_and_saved_again() -> None:
    mach = trained(net(optimiser=mlj.Adam(use_ema=True)))
    small = file_of(mach, for_inference=True)
    again = file_of(mlj.load_machine(io.BytesIO(small)))
    assert again == small and mlj.inspect_file(io.BytesIO(again)).for_inference
    Xs = mlj.source([1.0, 2.0, 3.0])
    one = mlj.machine(mlj.Standardizer(), Xs)
    mlj.fit(mlj.transform(one, Xs), verbosity=0)
    small = file_of(one, for_inference=True)
    assert file_of(mlj.load_machine(io.BytesIO(small))) == small


def test_data_that_a_machine_has_not_learned_of_are_not_known_again() -> None:
    whole = file_of(mlj.fit(SMALL, verbosity=0))
    other = [4.0, 5.0, 7.0]
    with pytest.warns(MachineFileWarning, match="other data"):
        same = mlj.load_machine(io.BytesIO(whole), other)
    with pytest.warns(MachineFileWarning, match="keeps nothing by which"):
        again = mlj.load_machine(io.BytesIO(file_of(same)), other)
    assert mlj.transform(mlj.fit(again, verbosity=0), [16 / 3]).tolist() == pytest.approx([0.0])
    same = mlj.load_machine(io.BytesIO(file_of(again)), other)
    assert mlj.fit(same, verbosity=0).state == again.state
