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
from importlib.metadata import version
from pathlib import Path

from mlj_keras._logging import logger
from mlj_keras.errors import AlreadyLoadedError, InvalidArgument, WrongType

_FLAG = "--tf_xla_persistent_cache_directory"
_CHECKSUMS = "checksums.json"
_PROGRAMS = "*.pb"


def compile_cache(path: str | os.PathLike[str], *, max_bytes: int = 2**30) -> Path:
    """Keep what XLA compiles in a folder, so that the next process compiles it no more.

    A first fit of a shape takes a second or two, most of it compiling; with the folder filled it
    takes a third of that. Call it before anything loads TensorFlow, in every process that is to
    profit.

    Args:
        path: a folder of your own, made if it is not there; others may neither write nor own it.
            What it holds is machine code of your processor and version of TensorFlow, each in a
            folder of its own: do not copy it from elsewhere.
        max_bytes: the oldest programs are removed until the rest is no larger; int >= 1, bytes.
    Returns: the folder that this version and processor use.
    Raises: AlreadyLoadedError (a RuntimeError) after TensorFlow was loaded; InvalidArgument (a
        ValueError) for a folder that others can write to, a path that is no folder, or a cache
        that TF_XLA_FLAGS names already; WrongType (a TypeError) for another kind of argument.
    Example:
        >>> import subprocess, sys, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     code = f"import mlj_keras; print(mlj_keras.compile_cache({folder!r}).is_dir())"
        ...     subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        'True\\n'

    Files are checked at the call: one that was damaged, or that a process wrote which was killed
    before it could note its checksum, is removed and compiled again.
    Source: ours; TensorFlow's persistent cache of XLA programs.
    """
    if not isinstance(path, str | os.PathLike):
        raise WrongType(f"path must be a folder's name or a Path, got {path!r}.")
    if not isinstance(max_bytes, int) or isinstance(max_bytes, bool) or max_bytes < 1:
        raise InvalidArgument(f"max_bytes must be an int of at least 1, got {max_bytes!r}.")
    flags = os.environ.get("TF_XLA_FLAGS", "")
    if "tensorflow" in sys.modules:
        raise AlreadyLoadedError(
            "TensorFlow is loaded already, and reads where to keep compiled programs only once. "
            "Call compile_cache right after `import mlj_keras`, before anything is fitted."
        )
    if _FLAG in flags:
        raise InvalidArgument(
            f"TF_XLA_FLAGS names a cache already: {flags!r}. Remove it there, or do without "
            "compile_cache."
        )
    top = Path(path).expanduser().absolute()
    folder = top / _kind()
    for wanted in (top, folder):
        _private_folder(wanted)
    _remove_unknown(folder)
    _remove_oldest(folder, max_bytes)
    os.environ["TF_XLA_FLAGS"] = f"{flags} {_FLAG}={folder}".strip()
    atexit.register(_note_checksums, folder)
    return folder


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


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InvalidArgument(f"{folder} is no folder. Name another path.") from error
    found = folder.stat()
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        raise InvalidArgument(
            f"{folder} belongs to another user, who could put programs of their own there. Name "
            "a folder of your own."
        )
    if os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise InvalidArgument(
            f"Others can write to {folder}, and could put programs of their own there. Take that "
            f"away: chmod go-w {folder}"
        )


def _known(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / _CHECKSUMS).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _remove_unknown(folder: Path) -> None:
    known = _known(folder)
    bad = [f for f in folder.glob(_PROGRAMS) if known.get(f.name) != _checksum(f)]
    for file in bad:
        file.unlink(missing_ok=True)
    if bad:
        logger.info("compile_cache: %d program(s) of unknown contents removed.", len(bad))


def _remove_oldest(folder: Path, max_bytes: int) -> None:
    files = sorted(folder.glob(_PROGRAMS), key=lambda file: file.stat().st_mtime)
    size = sum(file.stat().st_size for file in files)
    for file in files:
        if size <= max_bytes:
            break
        size -= file.stat().st_size
        file.unlink(missing_ok=True)


def _note_checksums(folder: Path) -> None:
    """At the end of a process: take down what its programs must look like. A file once noted is
    not noted anew."""
    known = _known(folder)
    files = sorted(folder.glob(_PROGRAMS))
    noted = {file.name: known.get(file.name) or _checksum(file) for file in files}
    if noted == known:
        return
    handle, name = tempfile.mkstemp(dir=folder, suffix=".json")
    with os.fdopen(handle, "w") as file:
        json.dump(noted, file, indent=1)
    Path(name).replace(folder / _CHECKSUMS)
