"""What XLA compiled, kept on disk: found again by another process, and never trusted unchecked."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from threading import Thread

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
    monkeypatch.setattr(module, "_in_use", [])


def as_in_a_new_process() -> None:
    os.environ["TF_XLA_FLAGS"] = ""
    module._in_use.clear()


def noted(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "checksums.json").read_text())
    return found


def checksums(folder: Path) -> dict[str, str]:
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.glob("*.pb")}


def programs(folder: Path) -> dict[str, tuple[int, int]]:
    return {f.name: (f.stat().st_size, f.stat().st_mtime_ns) for f in folder.glob("*.pb")}


@pytest.mark.slow
def test_a_second_process_finds_the_program_and_a_damaged_one_is_compiled_again(
    tmp_path: Path,
) -> None:
    script = FIT.format(path=str(tmp_path / "my cache"))
    name, digest = lines_of(script)
    folder = Path(name)
    first = programs(folder)
    assert first
    assert folder.parent == tmp_path / "my cache"
    assert noted(folder) == checksums(folder)
    assert lines_of(script) == [name, digest]
    assert programs(folder) == first

    damaged = folder / next(iter(first))
    damaged.write_bytes(damaged.read_bytes()[:-100])
    assert lines_of(script) == [name, digest]
    again = programs(folder)
    assert again.keys() == first.keys()
    assert again[damaged.name] != first[damaged.name]
    assert noted(folder) == checksums(folder)  # of the new file, and no longer of the first
    assert lines_of(script) == [name, digest]
    assert programs(folder) == again


CHILD = """
import subprocess, sys
import mlj_keras as mlj
folder = mlj.compile_cache({path!r})
(folder / "unknown.pb").write_bytes(b"unknown")
child = "import sys, mlj_keras as mlj\\n"
child += "folder = mlj.compile_cache(sys.argv[1])\\n"
child += "print(folder, [f.name for f in folder.glob('*.pb')])\\n"
child += "(folder / 'of_the_child.pb').write_bytes(b'new')"
command = [sys.executable, "-c", child, {path!r}]
print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
print(folder, (folder / "checksums.json").read_text().count("of_the_child.pb"))
"""


@pytest.mark.slow
def test_a_child_that_inherits_the_folder_checks_it_and_notes_its_programs(tmp_path: Path) -> None:
    in_child, in_parent = lines_of(CHILD.format(path=str(tmp_path / "cache")))
    folder = next((tmp_path / "cache").iterdir())
    assert in_child == f"{folder} []"
    assert in_parent == f"{folder} 1"


@pytest.mark.usefixtures("before_tensorflow")
def test_the_folder_is_private_and_named_to_tensorflow(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "new" / "my cache")
    assert folder.parent == tmp_path / "new" / "my cache"
    assert folder.stat().st_mode & 0o77 == 0
    flag = f'--tf_xla_persistent_cache_directory="{folder}"'
    assert os.environ["TF_XLA_FLAGS"] == flag
    with pytest.raises(InvalidArgument, match="TF_XLA_FLAGS names a cache already"):
        mlj.compile_cache(tmp_path)


@pytest.mark.usefixtures("before_tensorflow")
def test_called_again_for_the_same_folder_it_returns_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    flags = os.environ["TF_XLA_FLAGS"]
    (folder / "new.pb").write_bytes(b"compiled since")
    assert mlj.compile_cache(tmp_path / "cache") == folder

    monkeypatch.setitem(sys.modules, "tensorflow", object())  # a cell that is run again
    assert mlj.compile_cache(tmp_path / "cache") == folder
    assert os.environ["TF_XLA_FLAGS"] == flags
    assert set(programs(folder)) == {"new.pb"}
    with pytest.raises(AlreadyLoadedError):
        mlj.compile_cache(tmp_path / "another")


@pytest.mark.usefixtures("before_tensorflow")
def test_an_inherited_folder_is_checked_before_tensorflow_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    flags = os.environ["TF_XLA_FLAGS"]
    (folder / "unknown.pb").write_bytes(b"unknown")
    module._in_use.clear()
    with monkeypatch.context() as loaded, pytest.raises(AlreadyLoadedError):
        loaded.setitem(sys.modules, "tensorflow", object())
        mlj.compile_cache(tmp_path / "cache")
    assert mlj.compile_cache(tmp_path / "cache") == folder
    assert os.environ["TF_XLA_FLAGS"] == flags
    assert not programs(folder)


@pytest.mark.usefixtures("before_tensorflow")
def test_programs_without_their_checksum_are_removed_and_noted_ones_stay(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "good.pb").write_bytes(b"good")
    module.note_programs()
    (folder / "unknown.pb").write_bytes(b"from elsewhere")
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache")
    assert set(programs(folder)) == {"good.pb"}

    (folder / "good.pb").write_bytes(b"bad!")
    module.note_programs()  # what was noted once is not noted anew
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache")
    assert not programs(folder)


@pytest.mark.usefixtures("before_tensorflow")
@pytest.mark.parametrize("max_bytes", [3, 2**30])
def test_the_successor_of_a_removed_program_is_kept(max_bytes: int, tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "one.pb").write_bytes(b"first")
    module.note_programs()
    if max_bytes > 3:
        (folder / "one.pb").write_bytes(b"damaged")
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache", max_bytes=max_bytes)
    assert not programs(folder)
    assert noted(folder) == {}

    (folder / "one.pb").write_bytes(b"compiled again, to other bytes")
    module.note_programs()
    assert noted(folder) == checksums(folder)
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache")
    assert set(programs(folder)) == {"one.pb"}


@pytest.mark.usefixtures("before_tensorflow")
def test_what_another_process_noted_meanwhile_stays_noted(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "checksums.json").write_text('{"of_another.pb": "its checksum"}')
    (folder / "own.pb").write_bytes(b"own")
    module.note_programs()
    assert noted(folder) == {"of_another.pb": "its checksum", **checksums(folder)}


@pytest.mark.usefixtures("before_tensorflow")
def test_writers_of_checksums_wait_for_one_another(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "one.pb").write_bytes(b"one")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        writer = Thread(target=module.note_programs)
        writer.start()
        writer.join(timeout=0.2)
        assert writer.is_alive()
        assert not (folder / "checksums.json").exists()
    writer.join(timeout=10)
    assert noted(folder) == checksums(folder)


@pytest.mark.usefixtures("before_tensorflow")
def test_noting_does_nothing_without_a_cache_and_warns_when_it_cannot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.logger, "propagate", True)
    module.note_programs()
    assert not caplog.records
    folder = mlj.compile_cache(tmp_path / "cache")
    folder.rename(tmp_path / "moved")
    module.note_programs()
    assert "could not be noted" in caplog.text


@pytest.mark.usefixtures("before_tensorflow")
def test_old_files_of_killed_processes_are_swept(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "one.pb").write_bytes(b"one")
    module.note_programs()
    two_hours_ago = time.time() - 7200
    for name in ("a.tmp", "tmpabc.json"):
        (folder / name).write_bytes(b"half")
    for file in folder.iterdir():
        os.utime(file, (two_hours_ago, two_hours_ago))
    (folder / "young.tmp").write_bytes(b"half")
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache")
    left = {file.name for file in folder.iterdir()}
    assert left == {"one.pb", "checksums.json", "lock", "young.tmp"}


@pytest.mark.usefixtures("before_tensorflow")
@pytest.mark.parametrize("text", ["", "[]", "{not json"])
def test_a_broken_list_of_checksums_vouches_for_nothing(text: str, tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    (folder / "one.pb").write_bytes(b"one")
    (folder / "checksums.json").write_text(text)
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache")
    assert not programs(folder)


@pytest.mark.usefixtures("before_tensorflow")
def test_the_oldest_programs_go_first_when_the_folder_is_full(tmp_path: Path) -> None:
    folder = mlj.compile_cache(tmp_path / "cache")
    for number in range(5):
        file = folder / f"{number}.pb"
        file.write_bytes(b"x" * 100)
        os.utime(file, (number, number))
    module.note_programs()
    as_in_a_new_process()
    mlj.compile_cache(tmp_path / "cache", max_bytes=250)
    assert set(programs(folder)) == {"3.pb", "4.pb"}


@pytest.mark.usefixtures("before_tensorflow")
def test_folders_that_others_can_write_to_are_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(InvalidArgument, match="chmod go-w"):
        mlj.compile_cache(shared)
    with pytest.raises(InvalidArgument, match="in place of cache"):
        mlj.compile_cache(shared / "cache")
    shared.chmod(0o1777)
    assert mlj.compile_cache(shared / "cache").is_dir()
    as_in_a_new_process()
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidArgument, match="is no folder"):
        mlj.compile_cache(tmp_path / "file")
    with pytest.raises(InvalidArgument, match="is no folder"):
        mlj.compile_cache(tmp_path / "file" / "cache")


@pytest.mark.usefixtures("before_tensorflow")
def test_wrong_arguments_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongType, match="path must be"):
        mlj.compile_cache(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="max_bytes"):
        mlj.compile_cache(tmp_path, max_bytes=0)
    for character in '"\\\n':
        with pytest.raises(InvalidArgument, match="path must be without double quotes"):
            mlj.compile_cache(tmp_path / f"a{character}b")
    assert os.environ["TF_XLA_FLAGS"] == ""


def test_after_tensorflow_was_loaded_it_is_too_late(tmp_path: Path) -> None:
    import tensorflow as tf  # noqa: F401, PLC0415

    with pytest.raises(AlreadyLoadedError, match="right after `import mlj_keras`"):
        mlj.compile_cache(tmp_path)
