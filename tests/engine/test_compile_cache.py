"""What XLA compiled, kept on disk: found again by another process, and never trusted unchecked."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import mlj_keras as mlj
from mlj_keras.engine import compile_cache as module
from mlj_keras.errors import AlreadyLoadedError, InvalidArgument, WrongType
from tests.batteries.processes import lines_of

FIT = """
import mlj_keras as mlj
folder = mlj.compile_cache({path!r})
X, y = mlj.load_iris()
model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
mach = mlj.machine(model, X, y).fit(verbosity=0)
print(folder)
print(mlj.snapshot(mach).digest())
"""


@pytest.fixture
def before_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not loaded TensorFlow, and does not run to its end."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setenv("TF_XLA_FLAGS", "")
    monkeypatch.setattr(module.atexit, "register", lambda *_: None)


def programs(folder: Path) -> dict[str, tuple[int, int]]:
    return {f.name: (f.stat().st_size, f.stat().st_mtime_ns) for f in folder.glob("*.pb")}


@pytest.mark.slow
def test_a_second_process_finds_the_program_and_a_damaged_one_is_compiled_again(
    tmp_path: Path,
) -> None:
    script = FIT.format(path=str(tmp_path / "cache"))
    name, digest = lines_of(script)
    folder = Path(name)
    first = programs(folder)
    assert first
    assert json.loads((folder / "checksums.json").read_text()).keys() == first.keys()
    assert lines_of(script) == [name, digest]
    assert programs(folder) == first

    damaged = folder / next(iter(first))
    damaged.write_bytes(damaged.read_bytes()[:-100])
    assert lines_of(script) == [name, digest]
    assert programs(folder)[damaged.name][0] == first[damaged.name][0]


@pytest.mark.usefixtures("before_tensorflow")
def test_the_folder_is_private_and_named_to_tensorflow(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "new" / "cache")
    assert folder.parent == tmp_path / "new" / "cache"
    assert folder.stat().st_mode & 0o77 == 0
    assert f"--tf_xla_persistent_cache_directory={folder}" in os.environ["TF_XLA_FLAGS"]
    with pytest.raises(InvalidArgument, match="TF_XLA_FLAGS names a cache already"):
        mlj.compile_cache(tmp_path)


@pytest.mark.usefixtures("before_tensorflow")
def test_programs_without_their_checksum_are_removed_and_noted_ones_stay(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "good.pb").write_bytes(b"good")
    module._note_checksums(folder)
    (folder / "unknown.pb").write_bytes(b"from elsewhere")
    os.environ["TF_XLA_FLAGS"] = ""
    mlj.compile_cache(tmp_path / "cache")
    assert set(programs(folder)) == {"good.pb"}

    (folder / "good.pb").write_bytes(b"bad!")
    module._note_checksums(folder)  # what was noted once is not noted anew
    os.environ["TF_XLA_FLAGS"] = ""
    mlj.compile_cache(tmp_path / "cache")
    assert not programs(folder)


@pytest.mark.usefixtures("before_tensorflow")
@pytest.mark.parametrize("text", ["", "[]", "{not json"])
def test_a_broken_list_of_checksums_vouches_for_nothing(text: str, tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "one.pb").write_bytes(b"one")
    (folder / "checksums.json").write_text(text)
    os.environ["TF_XLA_FLAGS"] = ""
    mlj.compile_cache(tmp_path / "cache")
    assert not programs(folder)


@pytest.mark.usefixtures("before_tensorflow")
def test_the_oldest_programs_go_first_when_the_folder_is_full(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    for number in range(5):
        file = folder / f"{number}.pb"
        file.write_bytes(b"x" * 100)
        os.utime(file, (number, number))
    module._note_checksums(folder)
    os.environ["TF_XLA_FLAGS"] = ""
    mlj.compile_cache(tmp_path / "cache", max_bytes=250)
    assert set(programs(folder)) == {"3.pb", "4.pb"}


@pytest.mark.usefixtures("before_tensorflow")
def test_folders_that_others_can_write_to_are_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(InvalidArgument, match="chmod go-w"):
        mlj.compile_cache(shared)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidArgument, match="is no folder"):
        mlj.compile_cache(tmp_path / "file")


@pytest.mark.usefixtures("before_tensorflow")
def test_wrong_arguments_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongType, match="path must be"):
        mlj.compile_cache(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="max_bytes"):
        mlj.compile_cache(tmp_path, max_bytes=0)
    assert os.environ["TF_XLA_FLAGS"] == ""


def test_after_tensorflow_was_loaded_it_is_too_late(tmp_path: Path) -> None:
    import tensorflow as tf  # noqa: F401, PLC0415

    with pytest.raises(AlreadyLoadedError, match="right after `import mlj_keras`"):
        mlj.compile_cache(tmp_path)
