"""A folder of archives of one training, numbered, of which the last few are kept.

The newest that can be read counts; an older one is removed only when a newer one is complete. One
process at a time writes to a folder. Knows archives; nothing of models. Source: ours; Keras'
BackupAndRestore overwrites its one file in place.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.errors import (
    CheckpointInUseError,
    CheckpointWarning,
    FormatTooNewError,
    MachineFileError,
    NotAMachineFile,
)
from mlj_keras.storage.archive import read_archive, write_archive
from mlj_keras.storage.atomic import runs

_NAME = re.compile(r"(\d+)\.ckpt")
_LEFT_BY = re.compile(r"\.(?:\d+\.ckpt|lock)\.tmp-(\d+)-[0-9a-f]+")
LOCK = "lock"


def write_numbered(
    folder: Path, number: int, kind: str, facts: Mapping[str, Any], arrays: Any, *, keep: int
) -> None:
    """Write the archive of this number, then remove all but the last `keep`.

    Raises: OSError if it cannot be written; the others are then still there.
    Example: see `read_newest`.
    Source: ours.
    """
    write_archive(folder / f"{number:010d}.ckpt", kind, facts, arrays)
    for _, path in numbered(folder)[keep:]:
        path.unlink(missing_ok=True)


def read_newest(folder: Path, kind: str) -> tuple[Path, dict[str, Any], dict[str, Any]] | None:
    """(path, facts, arrays) of the archive of the highest number that can be read; None if there
    are none.

    Raises: MachineFileError if there are some and none can be read; FormatTooNewError if a later
        version wrote the newest. Warns: CheckpointWarning for one that is passed over.
    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for number in (1, 2, 3):
        ...     write_numbered(folder, number, "example", {"n": number}, {}, keep=2)
        >>> sorted(path.name for path in folder.iterdir())
        ['0000000002.ckpt', '0000000003.ckpt']
        >>> read_newest(folder, "example")[1]
        {'n': 3}

    Source: ours.
    """
    _check_folder(folder)
    found = numbered(folder)
    for place, (_, path) in enumerate(found):
        try:
            return path, *read_archive(path, kind)
        except FormatTooNewError:
            raise
        except MachineFileError as error:
            if place + 1 == len(found):
                raise
            warn(f"{error} The checkpoint before it is taken.", CheckpointWarning)
    return None


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotAMachineFile(
            f"{str(folder)!r} is a file, and checkpoints are in a folder. Name another path."
        )


def numbered(folder: Path) -> list[tuple[int, Path]]:
    """The archives in a folder, the highest number first."""
    if not folder.is_dir():
        return []
    found = [(m, folder / m[0]) for m in map(_NAME.fullmatch, os.listdir(folder)) if m]
    return sorted(((int(m[1]), path) for m, path in found), reverse=True)


def remove_all(folder: Path) -> None:
    """Remove the archives of a folder."""
    for _, path in numbered(folder):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A folder that is this process' own for a while; made if it is not there. What a process that
    has died left half-written is removed.

    Raises: CheckpointInUseError if another process writes to it; NotAMachineFile for a file.
    Example:
        >>> import tempfile
        >>> with locked(Path(tempfile.mkdtemp()) / "run"):
        ...     pass

    Source: ours.
    """
    _check_folder(folder)
    folder.mkdir(exist_ok=True)
    path, own = folder / LOCK, _identity()
    _take(path, own)
    try:
        _remove_half_written(folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def _take(path: Path, own: dict[str, Any]) -> None:
    written = path.with_name(f".{LOCK}.tmp-{own['pid']}-{secrets.token_hex(4)}")
    written.write_text(json.dumps(own))
    try:
        for _ in range(10):  # between looking and taking, another may have taken it
            try:
                os.link(written, path)  # which fails if it is there, and never shows half of it
                return
            except FileExistsError:
                holder = _holder(path)
                if holder is not None and _alive(holder):
                    break
                path.unlink(missing_ok=True)  # of a process that has died
    finally:
        written.unlink()
    holder = _holder(path) or {}
    raise CheckpointInUseError(
        f"The folder {str(path.parent)!r} is written by the process {holder.get('pid', '?')} of "
        f"{holder.get('host', 'another computer')}. Name another folder; if that process has "
        f"ended, delete {str(path)!r}."
    )


def _identity() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid(), "began": _began(os.getpid())}


def _holder(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):  # gone by now, or damaged
        return None
    return found if isinstance(found, dict) and type(found.get("pid")) is int else None


def _alive(holder: dict[str, Any]) -> bool:
    """Whether the process may still run: of another computer that cannot be known."""
    if holder.get("host") != socket.gethostname():
        return True
    if holder == _identity():  # another thread, or a fit inside a fit
        return True
    return runs(holder["pid"]) and holder.get("began") == _began(holder["pid"])


def _began(pid: int) -> str | None:
    """When a process began, in ticks of its system; None where that is not told."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def _remove_half_written(folder: Path) -> None:
    for name in os.listdir(folder):
        match = _LEFT_BY.fullmatch(name)
        if match and not runs(int(match[1])):
            (folder / name).unlink(missing_ok=True)
