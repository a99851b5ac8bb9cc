"""One file of named members: a zip that is written in one way only, so that any other is refused.

Members are stored as they are, in order, with fixed dates: equal contents make equal files. The
first says what kind of file it is; the second is a manifest with size and SHA-256 of each of the
others; the comment of the zip is the SHA-256 of the manifest and of all that is no member. Nothing
that is read is executed, and nothing is believed before it is checked. Knows nothing of what is in
the members.
Source: PKWARE's APPNOTE, of whose format this is a part; ours for the rest.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mlj_keras.errors import (
    CorruptFile,
    FormatTooNewError,
    LimitExceeded,
    MachineFileError,
    NotAMachineFile,
)
from mlj_keras.storage.strict_json import dumped, loaded

FORMAT_VERSION = (1, 0)  # files before had no manifest; see archive.py
START = b"PK\x03\x04"
MAX_MEMBERS = 10_000
MAX_MANIFEST = 2**22  # bytes
REMEDY = "Take a copy of it, or save the machine again."
_TYPE = "application/x-mlj-"
_FIRST = re.compile(rb"application/x-mlj-([a-z ]{1,40})" + START)
_NAME = re.compile(r"[a-z0-9_]+(?:[-./][a-z0-9_]+)*")
_LONGEST_NAME = 200

# Fixed parts of a zip with 64-bit sizes everywhere: version 4.5, no flags, stored, 1980-01-01.
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_END = struct.Struct("<4sHHHHIIH")
_WIDE_LOCAL = struct.Struct("<HHQQ")
_WIDE_CENTRAL = struct.Struct("<HHQQQ")
_FAR, _ALL = 0xFFFFFFFF, 0xFFFF
_DATE = (1 << 5) | 1
_DIGEST = 64
_TAIL = _END64.size + _LOCATOR.size + _END.size + _DIGEST


class Entry(NamedTuple):
    """A member as the directory of the zip has it."""

    name: str
    size: int
    checksum: int
    offset: int


Part = bytes | Sequence[bytes | memoryview]  # a member, or its pieces in order


def written(
    kind: str, members: Mapping[str, Part], facts: Mapping[str, Any], min_reader: tuple[int, int]
) -> Iterator[bytes | memoryview]:
    """The pieces of a file, in order.

    Args: kind: what it holds, such as "machine" · members: by name, beside `mimetype` and
        `manifest.json` · facts: for the manifest · min_reader: the format that a reader must know.
    Raises: LimitExceeded for more members than are read.
    """
    if len(members) > MAX_MEMBERS - 2:
        raise LimitExceeded(
            f"A file holds up to {MAX_MEMBERS:,} members, and this would have {len(members):,}: "
            "columns of reports, say. Leave them out."
        )
    own = {name: [part] if isinstance(part, bytes) else part for name, part in members.items()}
    sums = {name: _summed(pieces) for name, pieces in own.items()}
    manifest = {
        "facts": dict(facts),
        "format": kind,
        "format_version": list(FORMAT_VERSION),
        "members": {
            name: {"sha256": sha256, "size": size} for name, (sha256, size, _) in sums.items()
        },
        "min_reader": list(min_reader),
    }
    text = dumped(manifest)
    entries, offset = [], 0
    first = {"mimetype": [f"{_TYPE}{kind}".encode()], "manifest.json": [text]}
    sums |= {name: _summed(pieces) for name, pieces in first.items()}
    for name, pieces in {**first, **own}.items():
        _, size, checksum = sums[name]
        entry = Entry(name, size, checksum, offset)
        head = _local(entry)
        offset += len(head) + size
        entries.append(entry)
        yield head
        yield from pieces
    rest = b"".join([*map(_central, entries), _end(entries, offset)])
    yield rest
    yield _digest(text, rest)


def _summed(pieces: Sequence[bytes | memoryview]) -> tuple[str, int, int]:
    """SHA-256, size and CRC-32 of the pieces of a member."""
    digest, size, checksum = hashlib.sha256(), 0, 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
    return digest.hexdigest(), size, checksum


def _digest(manifest: bytes | memoryview, rest: bytes | memoryview) -> bytes:
    found = hashlib.sha256(manifest)
    found.update(rest)
    return found.hexdigest().encode()


def _local(entry: Entry) -> bytes:
    name = entry.name.encode()
    wide = _WIDE_LOCAL.pack(1, 16, entry.size, entry.size)
    sizes = (entry.checksum, _FAR, _FAR, len(name), len(wide))
    return _LOCAL.pack(START, 45, 0, 0, 0, _DATE, *sizes) + name + wide


def _central(entry: Entry) -> bytes:
    name = entry.name.encode()
    wide = _WIDE_CENTRAL.pack(1, 24, entry.size, entry.size, entry.offset)
    sizes = (entry.checksum, _FAR, _FAR, len(name), len(wide), 0, 0, 0, 0, _FAR)
    return _CENTRAL.pack(b"PK\x01\x02", 45, 45, 0, 0, 0, _DATE, *sizes) + name + wide


def _end(entries: list[Entry], offset: int) -> bytes:
    count, length = len(entries), sum(len(_central(entry)) for entry in entries)
    end64 = _END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, offset)
    locator = _LOCATOR.pack(b"PK\x06\x07", 0, offset + length, 1)
    return end64 + locator + _END.pack(b"PK\x05\x06", 0, 0, _ALL, _ALL, _FAR, _FAR, _DIGEST)


class Members(NamedTuple):
    """What is in a file: the kind, the manifest's facts, and the members by name."""

    kind: str
    facts: dict[str, Any]
    parts: dict[str, memoryview]


def members_of(whole: bytes, path: str, kind: str) -> Members:
    """The members of a file.

    Args: whole: the file · path: for messages · kind: what it has to hold.
    Raises: NotAMachineFile if it is no such file, or of another kind; FormatTooNewError;
        LimitExceeded; CorruptFile if anything is not as `written` makes it.
    """
    check_kind(whole, path, kind)
    try:
        entries, end = _entries(whole)
        return _checked(memoryview(whole), entries, end, kind)
    except MachineFileError as error:
        raise type(error)(f"{path!r} {error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, struct.error) as error:
        raise CorruptFile(f"{path!r} is damaged: {error}. {REMEDY}") from error


def check_kind(whole: bytes, path: str, kind: str) -> None:
    """Raise NotAMachineFile unless a file begins as one of this kind does."""
    head = _first(whole)
    if head is None:
        raise NotAMachineFile(f"{path!r} is no file of mlj_keras: {_begins(whole)}.")
    if head != kind:
        raise NotAMachineFile(f"{path!r} holds a {head}, not a {kind}.")


def _first(whole: bytes) -> str | None:
    """The kind that the first member names, or None."""
    at = _LOCAL.size + len(b"mimetype")
    found = _FIRST.match(whole, at + _WIDE_LOCAL.size)
    if found is None or not whole.startswith(START) or whole[_LOCAL.size : at] != b"mimetype":
        return None
    return found[1].decode()


def _begins(whole: bytes) -> str:
    """What a file of another kind looks like."""
    if not whole:
        return "it has 0 bytes"
    if whole.startswith(START):
        name = whole[_LOCAL.size : _LOCAL.size + int.from_bytes(whole[26:28], "little")]
        known = name in (b"metadata.json", b"config.json") or name.endswith(b".weights.h5")
        return "it is a .keras file" if known else f"it is a zip that begins with {name[:40]!r}"
    for start, what in _STARTS.items():
        if whole.startswith(start):
            return what
    return f"it begins with {whole[:8]!r}"


_STARTS = {
    b"\x80": "it looks like a pickle, which is never loaded",
    b"\x89HDF": "it is an HDF5 file",
    b"\x1f\x8b": "it is compressed by gzip",
    b"ARROW1": "it is an Arrow file",
    b"PAR1": "it is a Parquet file",
    b"\x08\x01\x12": "it looks like a SavedModel, which is a program and never loaded",
}


def _entries(whole: bytes) -> tuple[list[Entry], int]:
    """The directory of the zip, and where it begins; every byte that is no member is as `written`
    has it."""
    at = len(whole) - _TAIL
    if at < 0 or whole[at : at + 4] != b"PK\x06\x06":
        raise CorruptFile(
            "is truncated, or has bytes outside its members: its end record is not where it ends. "
            f"{REMEDY}"
        )
    count, _, length, begin = _END64.unpack_from(whole, at)[6:]
    if count > MAX_MEMBERS:
        raise LimitExceeded(f"has {count:,} members, more than the {MAX_MEMBERS:,} that are read.")
    if begin + length != at:
        raise CorruptFile(f"has bytes outside its members. {REMEDY}")
    entries, position, offset = [], begin, 0
    for _ in range(count):
        entry, position = _entry(whole, position, at)
        if entry.offset != offset or offset + entry.size > begin:
            raise CorruptFile(
                f"has overlapping members, or bytes outside them, at {entry.name!r}. {REMEDY}"
            )
        head = _local(entry)
        if whole[offset : offset + len(head)] != head:
            raise CorruptFile(
                f"has two different headers of the member {entry.name!r}: "
                f"{_unlike(whole, offset)}. {REMEDY}"
            )
        offset += len(head) + entry.size
        entries.append(entry)
    if offset != begin or position != at or whole[at:-_DIGEST] != _end(entries, begin):
        raise CorruptFile(f"has bytes outside its members, or another end. {REMEDY}")
    return entries, begin


def _entry(whole: bytes, position: int, limit: int) -> tuple[Entry, int]:
    """An entry of the directory, and where the next one begins."""
    if position + _CENTRAL.size > limit:
        raise CorruptFile(f"is truncated in its directory. {REMEDY}")
    found = _CENTRAL.unpack_from(whole, position)
    mark, flags, method, checksum, length, extra = (found[i] for i in (0, 3, 4, 7, 10, 11))
    at = position + _CENTRAL.size
    name = _checked_name(whole[at : at + min(length, _LONGEST_NAME + 1)])
    if mark != b"PK\x01\x02" or flags & 1 or method:
        why = "encrypted" if flags & 1 else "compressed" if method else "not in the directory"
        raise CorruptFile(f"has a member {name!r} that is {why}. {REMEDY}")
    if extra != _WIDE_CENTRAL.size or at + length + extra > limit:
        raise CorruptFile(f"has a member {name!r} of another layout. {REMEDY}")
    size, _, offset = _WIDE_CENTRAL.unpack_from(whole, at + length)[2:]
    entry = Entry(name, size, checksum, offset)
    own = _central(entry)
    if whole[position : position + len(own)] != own:
        raise CorruptFile(f"has a member {name!r} of another kind or layout. {REMEDY}")
    return entry, position + len(own)


def _checked_name(given: bytes) -> str:
    """The name of a member; raises CorruptFile for one that could lead elsewhere."""
    name = given.decode("ascii", errors="backslashreplace")
    if len(given) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise CorruptFile(f"has the member name {name[:60]!r}, which is not allowed. {REMEDY}")
    return name


def _unlike(whole: bytes, offset: int) -> str:
    if whole[offset : offset + 4] != START:
        return "one is not there"
    return "another name, size or checksum"


def _checked(whole: memoryview, entries: list[Entry], end: int, kind: str) -> Members:
    """The members, once their sizes and checksums are those that the manifest has."""
    parts: dict[str, memoryview] = {}
    for entry in entries:
        if entry.name in parts:
            raise CorruptFile(f"has the member {entry.name!r} twice: a duplicate. {REMEDY}")
        at = entry.offset + len(_local(entry))
        parts[entry.name] = whole[at : at + entry.size]
    if [*parts][:2] != ["mimetype", "manifest.json"]:
        raise CorruptFile(f"has no manifest in its place. {REMEDY}")
    first, text = parts["mimetype"], parts["manifest.json"]
    if len(text) > MAX_MANIFEST:
        raise LimitExceeded(
            f"has a manifest of {len(text):,} bytes, more than the {MAX_MANIFEST:,} that are read."
        )
    manifest = _manifest(text, kind)
    told = _digest(text, whole[end:-_DIGEST]) == bytes(whole[-_DIGEST:])
    if not told or any(
        zlib.crc32(p) != e.checksum for p, e in zip((first, text), entries, strict=False)
    ):
        raise CorruptFile(f"has been changed: the checksum of its manifest is another. {REMEDY}")
    if bytes(first) != f"{_TYPE}{kind}".encode():
        raise CorruptFile(f"has been changed: its first member is another. {REMEDY}")
    del parts["mimetype"], parts["manifest.json"]
    _check_members(manifest["members"], parts, entries)
    return Members(kind, manifest["facts"], parts)


def _manifest(text: memoryview, kind: str) -> dict[str, Any]:
    found = loaded(text, "the manifest")
    if not isinstance(found, dict):
        raise CorruptFile(f"has a manifest that is no mapping. {REMEDY}")
    version, least = (_version(found.get(name)) for name in ("format_version", "min_reader"))
    if max(least, (version[0], 0)) > FORMAT_VERSION:
        raise FormatTooNewError(
            f"has the format {'.'.join(map(str, version))}, and this version of mlj_keras reads "
            f"up to {'.'.join(map(str, FORMAT_VERSION))}. Install a later one."
        )
    if version < (1, 0) or found.get("format") != kind:
        raise CorruptFile(f"has a manifest of another format. {REMEDY}")
    if not isinstance(found.get("members"), dict) or not isinstance(found.get("facts"), dict):
        raise CorruptFile(f"has a manifest without members or facts. {REMEDY}")
    return found


def _version(value: Any) -> tuple[int, int]:
    whole = isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value)
    if not whole or min(value) < 0:
        raise CorruptFile(f"has a manifest with the version {value!r:.40}. {REMEDY}")
    return value[0], value[1]


def _check_members(
    told: dict[str, Any], parts: dict[str, memoryview], entries: list[Entry]
) -> None:
    missing, extra = sorted(set(told) - set(parts)), sorted(set(parts) - set(told))
    if missing or extra:
        what = f"lacks the member {missing[0]!r}" if missing else f"has a member {extra[0]!r} more"
        raise CorruptFile(f"{what} than its manifest says. {REMEDY}")
    checksums = {entry.name: entry.checksum for entry in entries}
    for name, part in parts.items():
        own = {"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)}
        if told[name] != own or zlib.crc32(part) != checksums[name]:
            raise CorruptFile(
                f"has been changed: the checksum of its member {name!r} is another. {REMEDY}"
            )
