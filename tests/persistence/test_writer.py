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
from mlj_keras.errors import UnsavableError, WrongType
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
