"""Files that are whole or not there: written beside their place, and put into it when complete.

Also how files are opened to be read: once, and only if they are files. Knows nothing of what is in
them. Source: ours; POSIX for what a rename promises.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from mlj_keras.errors import LimitExceeded, NotAMachineFile

MAX_BYTES = 2**33
_FIRST = 1024
_CHUNK = 2**20  # bytes compared at a time
_SHOWN = 50  # characters of a file's name in that of the one beside it, which may not be longer
_OLD = 3600.0  # seconds after which a file that was left half-written is nobody's


def write_atomically(path: str | os.PathLike[str], pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file in place of the one that may be there: whoever reads finds the old or the new
    one, also after a crash. It is read again before it takes its place, and has the rights of the
    old one.

    Args: path: the file, or a symbolic link to it, which stays; its folder exists · pieces: its
        bytes, one after the other.
    Raises: OSError of the kind that the system says, with the path as its filename. The old file
        is then still there, and nothing else.
    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "file"
        >>> write_atomically(path, [b"ab", b"c"])
        >>> path.read_bytes(), len(list(path.parent.iterdir()))
        (b'abc', 1)

    Source: ours.
    """
    target = Path(os.path.realpath(path) if os.path.islink(path) else path)
    _check_target(target)
    own = target.with_name(f"{_beside(target)}{os.getpid()}-{secrets.token_hex(4)}")
    pieces = list(pieces)
    try:
        rights = _rights(target)
        with open(own, "xb", opener=None if rights is None else _only_mine) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        _check_written(own, pieces)
        if rights is not None:
            own.chmod(rights)
        os.replace(own, target)
        sync_folder(target.parent)
    except OSError as error:
        _remove(own)
        error.filename = os.fspath(path)  # not that of a file which is gone
        raise
    except BaseException:
        _remove(own)
        raise
    _remove_left(target)


def _beside(target: Path) -> str:
    """How the names of files that are to take the place of this one begin."""
    return f".{target.name[:_SHOWN]}.tmp-"


def _rights(target: Path) -> int | None:
    """Who may do what with a file; None if there is none."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def _only_mine(path: str, flags: int) -> int:
    """Open a file that nobody else may read before it is known who may."""
    return os.open(path, flags, 0o600)


def _check_target(target: Path) -> None:
    """Raise OSError for what cannot be replaced by a file: folders, pipes, devices and links that
    lead to themselves."""
    if target.is_symlink():
        raise OSError(errno.ELOOP, "It is a link to itself; name a file", os.fspath(target))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "It is a folder; name a file", os.fspath(target))
    if target.exists() and not target.is_file():
        raise FileExistsError(
            errno.EEXIST, "It is a pipe or device; name a file", os.fspath(target)
        )


def _check_written(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Raise OSError unless a file gives back what was written to it."""
    with open(path, "rb") as file:
        same = all(_is_next(file, memoryview(piece)) for piece in pieces) and not file.read(1)
    if not same:
        raise OSError(errno.EIO, "The disk gave back other bytes than were written")


def _is_next(file: BinaryIO, piece: memoryview) -> bool:
    """Whether a file goes on with these bytes. Compared as bytes, for views take ten times as
    long."""
    parts = (piece[at : at + _CHUNK] for at in range(0, len(piece), _CHUNK))
    return all(file.read(len(part)) == bytes(part) for part in parts)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _remove_left(target: Path) -> None:
    """Remove what writers of this file that have died have left half-written."""
    left = re.compile(rf"{re.escape(_beside(target))}(\d+)-[0-9a-f]+")
    with contextlib.suppress(OSError):
        for name in os.listdir(target.parent):
            match = left.fullmatch(name)
            path = target.with_name(name)
            if match and not runs(int(match[1])) and time.time() - path.stat().st_mtime > _OLD:
                _remove(path)


def runs(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def bytes_of(
    path: str | os.PathLike[str],
    *,
    max_bytes: int = MAX_BYTES,
    begins: Callable[[bytes], object] | None = None,
) -> bytes:
    """The bytes of a regular file, opened once and without waiting.

    Args:
        path: the file
        max_bytes: a larger file is refused
        begins: called with the first bytes of it, up to 1,024, before the others are read; what
            it raises is raised.
    Raises: NotAMachineFile for a folder, a pipe, a device or a symbolic link; LimitExceeded for
        more bytes than are read; FileNotFoundError, PermissionError and the like.
    Example: see `write_atomically`.
    Source: ours.
    """
    named = os.fspath(path)
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY", "O_NOCTTY"):
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise NotAMachineFile(_irregular(named)) from None
        raise
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        raise NotAMachineFile(_irregular(named))
    with open(descriptor, "rb") as file:
        if about.st_size > max_bytes:
            raise LimitExceeded(
                f"{named!r} has {about.st_size:,} bytes, more than the {max_bytes:,} that are "
                "read."
            )
        first = file.read(min(about.st_size, _FIRST))
        if begins is not None:
            begins(first)
        return first + file.read(about.st_size - len(first))


def _irregular(named: str) -> str:
    if os.path.islink(named):
        return (
            f"{named!r} is not a regular file, but a symbolic link, which is not followed: name "
            f"the file that it leads to, {os.path.realpath(named)!r}."
        )
    return f"{named!r} is not a regular file, but a folder, link, pipe or device: name the file."
