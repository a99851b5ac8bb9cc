"""`compile_cache`: keep what XLA compiles on disk, for other processes.

Compiled programs are machine code: they are kept in a folder of the user's own, by version and
processor, and one whose checksum is not known is never loaded. Knows files and the environment;
loads nothing.
Source: ours; the files are those of TensorFlow's persistent cache of XLA programs.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import platform
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from mlj_keras._logging import logger
from mlj_keras.errors import AlreadyLoadedError, InvalidArgument, WrongType

if sys.platform != "win32":
    import fcntl

_FLAG = "--tf_xla_persistent_cache_directory="
_CHECKSUMS = "checksums.json"
_LOCK = "lock"
_PROGRAMS = "*.pb"
_LEFT_OVER_S = 3600.0

# The folder that this process has checked and named to TensorFlow, which reads it once.
_in_use: list[Path] = []


def compile_cache(path: str | os.PathLike[str], *, max_bytes: int = 2**30) -> Path:
    """Keep what XLA compiles in a folder, so that the next process compiles it no more.

    A first fit of a shape takes a second or two, most of it compiling; with the folder filled it
    takes a third of that. Call it before anything loads TensorFlow, in every process that is to
    profit. A child process inherits the folder by its environment: call it there too, since only
    the call checks the files. Called again for the same folder, it changes nothing.

    Args:
        path: a folder of your own, made if it is not there; others may neither write nor own it,
            nor write to the folder it lies in, unless that has the sticky bit, as /tmp does.
            What it holds is machine code of your processor and version of TensorFlow, each in a
            folder of its own: do not copy it from elsewhere.
        max_bytes: the oldest programs are removed until the rest is no larger; int >= 1, bytes.
    Returns: the folder that this version and processor use.
    Raises: AlreadyLoadedError (a RuntimeError) after TensorFlow was loaded, unless this process
        called it for the same folder before; InvalidArgument (a ValueError) for a folder that
        others can write to or replace, a path that is no folder or has a double quote, backslash
        or newline, or if TF_XLA_FLAGS names another cache; WrongType (a TypeError) for another
        kind of argument.
    Example:
        >>> import subprocess, sys, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     code = f"import mlj_keras; print(mlj_keras.compile_cache({folder!r}).is_dir())"
        ...     subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        'True\\n'

    Files are checked at the call: one that was damaged, or whose checksum is not noted, is
    removed and compiled again. Checksums are noted after each compiling call and at the end of
    the process.
    Source: ours; TensorFlow's persistent cache of XLA programs.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongType(f"path must be a folder's name or a Path, got {path!r}.")
    if not isinstance(max_bytes, int) or isinstance(max_bytes, bool) or max_bytes < 1:
        raise InvalidArgument(f"max_bytes must be an int of at least 1, got {max_bytes!r}.")
    # Links are followed first: what is checked below is then what TensorFlow uses.
    top = Path(path).expanduser().resolve()
    folder = top / _kind()
    flag = _flag(folder)
    flags = os.environ.get("TF_XLA_FLAGS", "")
    if flag in flags and folder in _in_use:
        return folder
    if "tensorflow" in sys.modules:
        raise AlreadyLoadedError(
            "TensorFlow is loaded already, and reads where to keep compiled programs only once. "
            "Call compile_cache right after `import mlj_keras`, before anything is fitted."
        )
    if _FLAG in flags and flag not in flags:
        raise InvalidArgument(
            f"TF_XLA_FLAGS names a cache already: {flags!r}. Remove it there, or do without "
            "compile_cache."
        )
    _make_private(top, folder)
    _clean(folder, max_bytes)
    if flag not in flags:
        os.environ["TF_XLA_FLAGS"] = f"{flags} {flag}".strip()
    _in_use[:] = [folder]
    atexit.register(note_programs)
    return folder


def note_programs() -> None:
    """Take down what the programs compiled since must look like, for the processes to come.

    The engine calls it after it compiled, the interpreter at its end. It does nothing where no
    cache was set up, and a file once noted is not noted anew. What cannot be noted is compiled
    again by the next process, so a full disk is a warning and no error.
    """
    for folder in _in_use:
        try:
            with _locked(folder):
                known = _known(folder)
                files = [f for f in sorted(folder.glob(_PROGRAMS)) if f.name not in known]
                if files:
                    _write(folder, known | {file.name: _checksum(file) for file in files})
        except OSError as error:
            logger.warning("compile_cache: compiled programs could not be noted: %s", error)


def _flag(folder: Path) -> str:
    """The folder as TF_XLA_FLAGS names it: in quotes, since TensorFlow splits flags at blanks."""
    name = folder.as_posix()
    if any(character in name for character in '"\\\n'):
        raise InvalidArgument(
            "path must be without double quotes, backslashes and newlines, which TF_XLA_FLAGS "
            f"cannot hold, got {name!r}. Name another folder."
        )
    return f'{_FLAG}"{name}"'


def _kind() -> str:
    """What compiled code depends on, as a folder's name."""
    facts = [platform.machine(), platform.processor()]
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        wanted = ("model name", "flags", "Features")
        lines = cpuinfo.read_text().splitlines()
        facts += sorted({line for line in lines if line.startswith(wanted)})
    processor = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
    return f"tensorflow-{version('tensorflow')}-{processor}"


def _make_private(top: Path, folder: Path) -> None:
    for part in (*reversed(top.parents), top, folder):
        try:
            part.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError as error:
            raise InvalidArgument(f"{part} is no folder. Name another path.") from error
    if sys.platform == "win32":
        return
    for part in (top, folder):
        if part.stat().st_uid != os.getuid():
            raise InvalidArgument(
                f"{part} belongs to another user, who could put programs of their own there. "
                "Name a folder of your own."
            )
        if _others_write(part):
            raise InvalidArgument(
                f"Others can write to {part}, and could put programs of their own there. Take "
                f"that away: chmod go-w '{part}'"
            )
    if _others_write(top.parent) and not top.parent.stat().st_mode & stat.S_ISVTX:
        raise InvalidArgument(
            f"Others can write to {top.parent}, and could put a folder of their own in place of "
            f"{top.name}. Take that away (chmod go-w '{top.parent}'), or name a folder elsewhere."
        )


def _others_write(folder: Path) -> bool:
    return bool(folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer of checksums at a time. On Windows there is no lock: what one of two writers
    noted may be lost there, and is compiled again."""
    with (folder / _LOCK).open("w") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _known(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / _CHECKSUMS).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(folder: Path, checksums: dict[str, str]) -> None:
    handle, name = tempfile.mkstemp(dir=folder, suffix=".json")
    with os.fdopen(handle, "w") as file:
        json.dump(checksums, file, indent=1)
    Path(name).replace(folder / _CHECKSUMS)


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _clean(folder: Path, max_bytes: int) -> None:
    """Remove programs that are not what was noted, the oldest ones, and what killed processes
    left behind."""
    with _locked(folder):
        known = _known(folder)
        files = list(folder.glob(_PROGRAMS))
        good = [file for file in files if known.get(file.name) == _checksum(file)]
        kept = _newest(good, max_bytes)
        # A program compiled again has other bytes: its old checksum must go with the old file,
        # and before it, so that a process killed in between leaves nothing that condemns the new.
        noted = {file.name: known[file.name] for file in kept}
        if noted != known:
            _write(folder, noted)
        for file in {*files}.difference(kept):
            file.unlink(missing_ok=True)
        _sweep(folder)
    if len(good) < len(files):
        logger.info(
            "compile_cache: %d program(s) of unknown contents removed.", len(files) - len(good)
        )


def _newest(files: list[Path], max_bytes: int) -> list[Path]:
    kept = sorted(files, key=lambda file: file.stat().st_mtime)
    size = sum(file.stat().st_size for file in kept)
    while size > max_bytes:
        size -= kept.pop(0).stat().st_size
    return kept


def _sweep(folder: Path) -> None:
    """Remove the half-written files of killed processes; one that is an hour old is no longer
    being written."""
    for file in folder.iterdir():
        if file.match(_PROGRAMS) or file.name in (_CHECKSUMS, _LOCK) or not file.is_file():
            continue
        with suppress(FileNotFoundError):  # a running process may rename it at this moment
            if time.time() - file.stat().st_mtime > _LEFT_OVER_S:
                file.unlink()
