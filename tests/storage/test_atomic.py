"""Files that are whole or not there, whatever happens; and what is opened to be read."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlj_keras.errors import LimitExceeded, NotAMachineFile
from mlj_keras.storage import write_archive
from mlj_keras.storage.atomic import bytes_of, runs, write_atomically
from tests.batteries.processes import lines_of

OLD, NEW = b"old", [b"n", b"", b"ew"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file, alone in its folder."""
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


def check_untouched(file: Path) -> None:
    """The old file is there, and nothing else."""
    assert file.read_bytes() == OLD
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_pieces_take_the_place_of_the_old_file(file: Path) -> None:
    write_atomically(file, NEW)
    assert file.read_bytes() == b"new" and len(list(file.parent.iterdir())) == 1
    write_atomically(str(file.with_name("other")), [])
    assert file.with_name("other").read_bytes() == b""


def test_a_new_file_has_the_rights_that_the_user_gives_to_new_files(file: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(file.with_name("new"), NEW)
    finally:
        os.umask(before)
    assert file.with_name("new").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("rights", [0o600, 0o444, 0o666, 0o200])
def test_a_file_that_takes_the_place_of_another_has_its_rights_and_never_more(
    file: Path, monkeypatch: pytest.MonkeyPatch, rights: int
) -> None:
    file.chmod(rights)
    seen: list[int] = []
    fsync = os.fsync

    def look(descriptor: int) -> None:
        seen.append(os.fstat(descriptor).st_mode & 0o777)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    write_atomically(file, NEW)
    assert file.stat().st_mode & 0o777 == rights and seen[0] == 0o600
    file.chmod(0o600)
    assert file.read_bytes() == b"new"


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), PermissionError(13, "no"), KeyboardInterrupt()],
)
@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_writing_that_fails_leaves_the_old_file_and_nothing_else(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException
) -> None:
    def fail(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        with pytest.raises(type(error)) as caught:
            write_atomically(file, NEW)
    check_untouched(file)
    if isinstance(error, OSError):
        assert isinstance(caught.value, OSError) and caught.value.filename == str(file)


def test_pieces_that_raise_leave_the_old_file_and_nothing_else(file: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"n"
        raise MemoryError

    with pytest.raises(MemoryError):
        write_atomically(file, pieces())
    check_untouched(file)


def test_a_disk_that_is_full_is_told_with_the_name_of_the_file() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("a system without a device that is always full")
    lines = lines_of(FULL)
    assert lines == ["28 /somewhere/file"]


FULL = """
import builtins, os
from mlj_keras.storage import atomic
own = builtins.open
atomic.open = lambda path, mode, opener: own("/dev/full", "wb")
try:
    atomic.write_atomically("/somewhere/file", [bytes(100_000)])
except OSError as error:
    print(error.errno, error.filename)
"""


def test_a_file_that_gives_back_other_bytes_does_not_take_the_place(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (0, 2, 5):
        monkeypatch.setattr(
            os, "fsync", lambda descriptor, size=size: os.truncate(descriptor, size)
        )
        with pytest.raises(OSError, match="gave back other bytes") as caught:
            write_atomically(file, NEW)
        assert caught.value.filename == str(file)
        check_untouched(file)


def test_what_is_written_is_on_the_disk_before_it_takes_the_name_of_the_old_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda *of: (calls.append("fsync"), fsync(*of)))
    monkeypatch.setattr(os, "replace", lambda *of: (calls.append("replace"), replace(*of)))
    write_atomically(file, NEW)
    assert calls == ["fsync", "replace", "fsync"]  # the last one is of the folder


def test_a_folder_pipe_or_device_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="name a file") as caught:
        write_atomically(tmp_path, NEW)
    assert caught.value.filename == str(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(FileExistsError, match="pipe or device; name a file"):
            write_atomically(path, NEW)
    assert os.listdir(tmp_path) == ["pipe"] and not Path("/dev/null").is_file()


def test_a_folder_that_is_not_there_is_told_with_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "nowhere" / "file", NEW)
    assert caught.value.filename == str(tmp_path / "nowhere" / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_to_is_told(file: Path) -> None:
    file.parent.chmod(0o500)
    try:
        with pytest.raises(PermissionError) as caught:
            write_atomically(file, NEW)
    finally:
        file.parent.chmod(0o700)
    assert caught.value.filename == str(file)
    check_untouched(file)


def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(file: Path) -> None:
    folder = file.with_name("folder")
    folder.mkdir()
    link, further, new = (folder / name for name in ("link", "further", "new"))
    link.symlink_to(Path("..") / file.name)
    further.symlink_to("link")
    write_atomically(further, NEW)
    assert link.is_symlink() and further.is_symlink() and file.read_bytes() == b"new"
    new.symlink_to("not yet")
    write_atomically(new, NEW)
    assert new.is_symlink() and (folder / "not yet").read_bytes() == b"new"
    assert len(list(folder.iterdir())) == 4


def test_a_link_to_itself_or_to_a_folder_is_told(tmp_path: Path) -> None:
    loop, folder = tmp_path / "loop", tmp_path / "folder"
    loop.symlink_to("loop")
    folder.symlink_to(".")
    with pytest.raises(OSError, match="a link to itself; name a file") as caught:
        write_atomically(loop, NEW)
    assert caught.value.errno == errno.ELOOP
    with pytest.raises(IsADirectoryError):
        write_atomically(folder, NEW)
    assert sorted(os.listdir(tmp_path)) == ["folder", "loop"]


@pytest.mark.parametrize("name", ["a" * 255, "\u00e4" * 127])
def test_the_longest_names_that_the_system_allows_can_be_written(
    tmp_path: Path, name: str
) -> None:
    write_atomically(tmp_path / name, NEW)
    assert os.listdir(tmp_path) == [name] and bytes_of(tmp_path / name) == b"new"


def test_what_a_dead_process_left_half_written_is_removed_once_it_is_old(file: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    old, young, mine, other = (
        file.with_name(f".{name}.tmp-{pid}-00ff00ff")
        for name, pid in (
            *(("file", process.pid), ("file", process.pid + 2**22)),
            *(("file", os.getpid()), ("files", process.pid)),
        )
    )
    for path in (old, young, mine, other):
        path.touch()
    for path in (old, mine, other):
        os.utime(path, (time.time() - 4000,) * 2)
    write_atomically(file, NEW)
    assert sorted(file.parent.iterdir()) == sorted([file, young, mine, other])


def test_it_is_known_which_processes_there_are() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert runs(os.getpid()) and runs(1) and not runs(process.pid)


def test_bytes_are_read_once_and_their_beginning_is_looked_at_first(file: Path) -> None:
    assert bytes_of(file) == OLD and bytes_of(str(file)) == OLD
    whole = bytes(range(256)) * 16
    file.write_bytes(whole)
    seen: list[bytes] = []
    assert bytes_of(file, begins=seen.append) == whole and seen == [whole[:1024]]

    def refuse(first: bytes) -> None:
        raise NotAMachineFile("no")

    with pytest.raises(NotAMachineFile):
        bytes_of(file, begins=refuse)


def test_a_file_of_too_many_bytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "large", "wb") as file:
        file.truncate(2**40)  # of which the disk holds nothing
    with pytest.raises(LimitExceeded, match=r"has 1,099,511,627,776 bytes, more than the 8,589"):
        bytes_of(tmp_path / "large")
    (tmp_path / "small").write_bytes(OLD)
    assert bytes_of(tmp_path / "small", max_bytes=3) == OLD
    with pytest.raises(LimitExceeded, match="has 3 bytes, more than the 2 that are read"):
        bytes_of(tmp_path / "small", max_bytes=2)


def test_what_is_no_file_is_refused_without_waiting_and_is_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        n_open = len(os.listdir("/proc/self/fd"))
        paths = [tmp_path / name for name in ("link", "folder", "pipe", "socket")]
        for path in (*paths, Path("/dev/zero"), Path("/dev/null")):
            with pytest.raises(NotAMachineFile, match="is not a regular file.*name the file"):
                bytes_of(path)
        assert len(os.listdir("/proc/self/fd")) == n_open


def test_a_link_is_not_followed_and_the_file_that_it_leads_to_is_named(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file.name)
    with pytest.raises(
        NotAMachineFile, match="link' is not a regular file, but a symbolic"
    ) as one:
        bytes_of(link)
    assert str(one.value).endswith(f"leads to, {str(file)!r}.")


def test_other_errors_of_the_system_are_raised_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bytes_of(tmp_path / "nowhere")
    with pytest.raises(OSError, match="too long") as caught:
        bytes_of(tmp_path / ("a" * 300))
    assert caught.value.errno == errno.ENAMETOOLONG


def test_a_file_that_becomes_shorter_while_it_is_read_gives_fewer_bytes(file: Path) -> None:
    file.write_bytes(bytes(10**6))
    assert len(bytes_of(file, begins=lambda _: os.truncate(file, 500_000))) == 500_000


KILLED = """
import os, random, signal, sys, time
import numpy as np
from mlj_keras.storage import read_archive, write_archive

path, draw, found = {path!r}, random.Random(0), []
WRITING = ("write_archive", "write_atomically", "written", "write_bytes")

def write(n):
    write_archive(path, "example", {{"n": n}}, {{"x": np.full(50_000, n)}})

def dies_at(line):  # write_bytes is how a file would be written in place
    def trace(frame, event, argument):
        nonlocal line
        line -= frame.f_code.co_name in WRITING
        return trace if line > 0 else os.kill(os.getpid(), signal.SIGKILL)
    sys.settrace(trace)

def end_of(child_writes, wait_s=None):
    child = os.fork()
    if child == 0:
        try: child_writes()
        finally: os._exit(0)
    if wait_s:
        time.sleep(wait_s), os.kill(child, signal.SIGKILL)
    killed = os.waitpid(child, 0)[1] != 0
    facts, arrays = read_archive(path, "example")
    assert (arrays["x"] == facts["n"]).all() and len(arrays["x"]) == 50_000
    found.append(facts["n"])
    return killed

write(0)
line = 1
while end_of(lambda: (dies_at(line), write(line))):
    line += 1
for n_kills in range(1, 200):  # at moments; a busy computer may get nothing done before the first
    end_of(lambda: [write(n) for n in range(found[-1], 10_000)], draw.uniform(0.01, 0.06))
    if n_kills >= 10 and found[-1] > line:
        break
assert line > 30 and found[0] == 0 and found[line - 1] == line < found[-1]
assert found == sorted(found) and not {{"tensorflow", "keras"}} & set(sys.modules)
"""


@pytest.mark.slow
def test_a_process_killed_at_any_line_or_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    write_archive(tmp_path / "file", "example", {}, {})
    assert lines_of(KILLED.format(path=str(tmp_path / "file"))) == []
