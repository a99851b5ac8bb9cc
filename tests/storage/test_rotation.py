"""Numbered archives of a folder: the newest that is whole counts, whatever happens."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import (
    CheckpointInUseError,
    CheckpointWarning,
    CorruptFile,
    FormatTooNewError,
    NotAMachineFile,
)
from mlj_keras.storage import locked, members, read_newest, remove_all, write_numbered
from mlj_keras.storage.rotation import LOCK, numbered

ARRAYS = {"x": np.arange(5.0)}


def write(folder: Path, *numbers: int, keep: int = 2) -> None:
    for number in numbers:
        write_numbered(folder, number, "example", {"n": number}, ARRAYS, keep=keep)


def newest(folder: Path) -> int | None:
    found = read_newest(folder, "example")
    return None if found is None else int(found[1]["n"])


def test_the_last_few_are_kept_and_the_newest_is_read(tmp_path: Path) -> None:
    assert newest(tmp_path) is None and newest(tmp_path / "nowhere") is None
    write(tmp_path, 1, 2, 10, keep=2)
    assert [number for number, _ in numbered(tmp_path)] == [10, 2] and newest(tmp_path) == 10
    write(tmp_path, 11, keep=1)
    assert [number for number, _ in numbered(tmp_path)] == [11]


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "7.ckpt.bak").write_text("mine")
    write(tmp_path, 1, 2, 3)
    remove_all(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"notes.txt", "7.ckpt.bak"}


def test_what_is_cut_is_passed_over_with_a_warning_and_refused_if_there_is_no_other(
    tmp_path: Path,
) -> None:
    write(tmp_path, 1, 2)
    last = tmp_path / "0000000002.ckpt"
    last.write_bytes(last.read_bytes()[:-10])
    with pytest.warns(CheckpointWarning, match="is truncated.*before it is taken"):
        assert newest(tmp_path) == 1
    (tmp_path / "0000000001.ckpt").unlink()
    with pytest.raises(CorruptFile, match="0000000002"):
        newest(tmp_path)


def test_one_of_a_later_version_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 1)
    with monkeypatch.context() as later:
        later.setattr(members, "FORMAT_VERSION", (2, 0))
        write(tmp_path, 2)
    with pytest.raises(FormatTooNewError):
        newest(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotAMachineFile, match="is a file, and checkpoints are in a folder"):
        newest(tmp_path / "file")


def test_a_folder_has_one_writer_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with locked(folder):
        with pytest.raises(CheckpointInUseError, match=f"by the process {os.getpid()} of "):
            with locked(folder):
                pass
        assert (folder / LOCK).exists()
    assert not (folder / LOCK).exists()
    with locked(folder):
        pass


def holder(**changes: Any) -> str:
    return json.dumps({"host": socket.gethostname(), "pid": 1, "began": "0", **changes})


def test_the_lock_of_a_process_that_has_died_is_taken_over(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    for text in (holder(pid=process.pid), holder(pid=os.getpid(), began="1"), "{", "[]"):
        (tmp_path / LOCK).write_text(text)
        with locked(tmp_path):
            assert json.loads((tmp_path / LOCK).read_text())["pid"] == os.getpid()


def test_the_lock_of_another_computer_stays(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text(holder(host="elsewhere", pid=2**22 + 1))
    with pytest.raises(CheckpointInUseError, match="of elsewhere.*has ended, delete"):
        with locked(tmp_path):
            pass
    assert json.loads((tmp_path / LOCK).read_text())["host"] == "elsewhere"


def test_what_a_dead_process_left_half_written_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    for name in ("0000000003.ckpt", LOCK):
        (tmp_path / f".{name}.tmp-{process.pid}-00ff00ff").touch()
    mine = tmp_path / f".0000000004.ckpt.tmp-{os.getpid()}-00ff00ff"
    mine.touch()
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [mine]


WRITER = """
import os, sys, threading, time, random, signal
from pathlib import Path
import numpy as np
from mlj_keras.storage import locked, write_numbered
folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
arrays = {"x": np.zeros(200_000)}
print("ready", flush=True)
threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
with locked(folder):
    for number in range(1, 100_000):
        write_numbered(folder, number, "example", {"n": number}, arrays, keep=2)
"""


def test_a_writer_that_is_killed_at_any_moment_leaves_a_folder_that_can_be_read(
    tmp_path: Path,
) -> None:
    for k in range(3):
        command = [sys.executable, "-c", WRITER, str(tmp_path / "run"), str(0.05 + 0.03 * k)]
        assert subprocess.run(command, stdout=subprocess.PIPE, check=False).returncode == -9
        found = newest(tmp_path / "run")
        assert found is not None and found >= 1
        with locked(tmp_path / "run"):
            remove_all(tmp_path / "run")
        assert list((tmp_path / "run").iterdir()) == []
