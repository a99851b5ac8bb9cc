"""An append-only file of records, each one complete or not there at all.

A line is a checksum, a length and a text of JSON. What a crash has left of the last line is
dropped when the file is opened again. One process at a time has it open. Nothing that is read is
executed. Knows nothing of models. Source: ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mlj_keras.errors import CorruptFile, FormatTooNewError, JournalInUseError, NotAMachineFile
from mlj_keras.storage.atomic import sync_folder

VERSION = 1
_NAME = "mlj_keras journal"


class Journal:
    """A file of records, open to be read and appended to; a context manager.

    Args: path: the file, which is made if there is none; its folder exists · kind: of records.
    Attributes: records: those that were there when it was opened.
    Raises: NotAMachineFile for another file; CorruptFile if a record before the last one has been
        changed; FormatTooNewError; JournalInUseError if another process has it open; OSError.
    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "journal")
        >>> with Journal(path, "example") as journal:
        ...     journal.append({"n": 1})
        >>> with Journal(path, "example") as journal:
        ...     journal.records
        [{'n': 1}]

    Source: ours.
    """

    def __init__(self, path: str | os.PathLike[str], kind: str) -> None:
        self.path = Path(path)
        self._head = {"journal": _NAME, "kind": kind, "version": VERSION}
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self._file = os.fdopen(os.open(self.path, flags, 0o644), "r+b", buffering=0)
        try:
            _lock(self._file, self.path)
            self.records = self._read()
        except BaseException:
            self._file.close()
            raise

    def _read(self) -> list[dict[str, Any]]:
        """The records; cuts off what is left of one that was not written whole."""
        self._file.seek(0)
        whole = self._file.read()
        head = self._head
        lines = whole.split(b"\n")
        if len(lines) < 2:  # not even its head
            if whole and not _line(head).startswith(whole):
                raise NotAMachineFile(f"{str(self.path)!r} is no history: name another file.")
            self._file.truncate(0)
            self._write(_line(head))
            sync_folder(self.path.parent)
            return []
        *finished, rest = lines
        found = [_record(line) for line in finished]
        _check_head(found[0], head, self.path)
        if rest:
            self._file.truncate(len(whole) - len(rest))
        if found[-1] is None and not _is_longer(finished[-1]):  # what was in it was not written
            self._file.truncate(len(whole) - len(rest) - len(finished[-1]) - 1)
            found.pop()
        if any(record is None for record in found):
            number = found.index(None)
            raise CorruptFile(
                f"Line {number + 1} of {str(self.path)!r} has been changed since it was written: "
                "its checksum is another. Take a copy of the file, or delete it to begin anew."
            )
        return [record for record in found[1:] if record is not None]

    def append(self, record: Mapping[str, Any]) -> None:
        """Write a record of what JSON can hold; it is on the disk when this returns."""
        self._write(_line(record))

    def clear(self) -> None:
        """Remove all records."""
        self._file.truncate(0)
        self._write(_line(self._head))
        self.records = []

    def _write(self, line: bytes) -> None:
        """All of it, or nothing."""
        before = os.fstat(self._file.fileno()).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                self._file.truncate(before)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._file.close()


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %d %s\n" % (zlib.crc32(text), len(text), text)


def _record(line: bytes) -> dict[str, Any] | None:
    """The record of a line, or None if it is damaged."""
    said, _, rest = line.partition(b" ")
    _, _, text = rest.partition(b" ")
    if said != b"%08x" % zlib.crc32(text):
        return None
    with contextlib.suppress(ValueError):
        found = json.loads(text)
        return found if isinstance(found, dict) else None
    return None


def _is_longer(line: bytes) -> bool:
    """Whether the text is longer than the line says, as that of two that have become one."""
    _, _, rest = line.partition(b" ")
    said, _, text = rest.partition(b" ")
    return said.isdigit() and len(text) > int(said)


def _check_head(found: dict[str, Any] | None, head: dict[str, Any], path: Path) -> None:
    if found is None or found.get("journal") != _NAME or found.get("kind") != head["kind"]:
        raise NotAMachineFile(f"{str(path)!r} is no {head['kind']}: name another file.")
    if found.get("version") != VERSION:
        raise FormatTooNewError(
            f"{str(path)!r} has the format {found.get('version')!r:.20}, and this version of "
            f"mlj_keras reads {VERSION}. Install a later one."
        )


def _lock(file: Any, path: Path) -> None:
    """Keep others out until the file is closed or the process ends."""
    try:
        import fcntl
    except ImportError:  # where there is none, as on Windows, nobody is kept out
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise JournalInUseError(
            f"Another process writes to {str(path)!r}. Wait until it has ended, or name another "
            "file."
        ) from error
