"""Machine files as somebody could write them who wants to do harm: rows 1 to 19 of the table of
hostile files, which are about bytes, zips and manifests.

Takes valid files apart and puts them together again, with checksums that are right unless a case
is about them. Knows the format from its description, not from the code that writes it. Source:
ours; the format is PKWARE's APPNOTE, stored members with 64-bit sizes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import joblib
import numpy as np

Parts = dict[str, bytes]
Files = Mapping[str, bytes]
NOT, CORRUPT, NEW, LIMIT = "NotAMachineFile", "CorruptFile", "FormatTooNewError", "LimitExceeded"
UNTRUSTED, INVALID = "UntrustedModelError", "InvalidStoredModel"
MIMETYPE = b"application/x-mlj-machine"


class Case(NamedTuple):
    """A file that has to be refused.

    Args: row: of the table · name · content · error: the name of the error's class · words: a
        pattern that is in its message · inspected: whether `inspect_file` refuses it, too.
    """

    row: int
    name: str
    content: bytes
    error: str
    words: str
    inspected: bool = True


def unseen(row: int, name: str, content: bytes, error: str, words: str) -> Case:
    """A case that `inspect_file` need not see, as it builds nothing of the trees."""
    return Case(row, name, content, error, words, inspected=False)


@dataclasses.dataclass
class Entry:
    """A member, and what its headers say of it; None for the truth."""

    name: bytes
    content: bytes
    flags: int = 0
    method: int = 0
    version: int = 45
    attributes: int = 0
    checksum: int | None = None
    size: int | None = None
    unpacked: int | None = None
    offset: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    local_checksum: int | None = None
    disk: int = 0
    extra: bytes = b""


def parts_of(whole: bytes) -> Parts:
    """The members of a valid file, without its kind and its manifest."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        names = archive.namelist()[2:]
        return {name: archive.read(name) for name in names}


def manifest_of(parts: Parts, **changed: Any) -> dict[str, Any]:
    """The manifest of these members, some of its entries changed; None leaves one out."""
    members = {
        name: {"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)}
        for name, part in parts.items()
    }
    told = {
        "facts": {"code": {}, "for_inference": False, "versions": {}},
        "format": "machine",
        "format_version": [1, 0],
        "members": members,
        "min_reader": [1, 0],
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def file_of(
    parts: Parts,
    *,
    manifest: bytes | None = None,
    change: Callable[[list[Entry]], Any] | None = None,
    **end: Any,
) -> bytes:
    """A file of these members; its checksums are right.

    Args: manifest: its text · change: of the entries, in place · end: see `zip_of`.
    """
    text = json.dumps(manifest_of(parts)).encode() if manifest is None else manifest
    whole = {"mimetype": MIMETYPE, "manifest.json": text, **parts}
    entries = [Entry(name.encode(), content) for name, content in whole.items()]
    if change is not None:
        change(entries)
    return zip_of(entries, **end)


def zip_of(
    entries: list[Entry],
    *,
    count: int | None = None,
    begin: int | None = None,
    disk: int = 0,
    before: bytes = b"",
    between: bytes = b"",
) -> bytes:
    """A zip of entries, closed by the checksum of its manifest and directory."""
    body, directory, manifest = before, b"", b""
    for entry in entries:
        manifest = manifest or (entry.content if entry.name == b"manifest.json" else b"")
        at = len(body) if entry.offset is None else entry.offset
        body += local(entry) + entry.content + between
        directory += central(entry, at)
    n, start = len(entries) if count is None else count, len(body) if begin is None else begin
    end64 = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, disk, 0, n, n, len(directory), start
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", disk, len(body) + len(directory), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 64)
    rest = directory + end64 + locator + end
    return body + rest + hashlib.sha256(manifest + rest).hexdigest().encode()


def local(entry: Entry) -> bytes:
    """The header before a member."""
    name = entry.name if entry.local_name is None else entry.local_name
    size = _first(entry.local_size, entry.size, len(entry.content))
    checksum = _first(entry.local_checksum, entry.checksum, zlib.crc32(entry.content))
    unpacked = _first(entry.unpacked, size)
    wide = struct.pack("<HHQQ", 1, 16, unpacked, size) + entry.extra
    head = (entry.version, entry.flags, entry.method, 0, 33, checksum, 2**32 - 1, 2**32 - 1)
    return struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *head, len(name), len(wide)) + name + wide


def central(entry: Entry, at: int) -> bytes:
    """The entry of a member in the directory."""
    size = _first(entry.size, len(entry.content))
    checksum = _first(entry.checksum, zlib.crc32(entry.content))
    wide = struct.pack("<HHQQQ", 1, 24, _first(entry.unpacked, size), size, at) + entry.extra
    head = (entry.version, entry.version, entry.flags, entry.method, 0, 33, checksum)
    far = (2**32 - 1, 2**32 - 1, len(entry.name), len(wide), 0, entry.disk, 0, entry.attributes)
    start = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", *head, *far, 2**32 - 1)
    return start + entry.name + wide


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def other_files(files: Files) -> Iterator[Case]:
    """Rows 1 to 4: what is no machine file at all."""
    rng = np.random.default_rng(0)
    yield Case(1, "empty", b"", NOT, "0 bytes")
    for n in (1, 4, 64, 4096, 100_000):
        yield Case(2, f"{n} random bytes", rng.bytes(n), NOT, "is no file of mlj_keras")
        yield Case(2, f"{n} zeros", bytes(n), NOT, "it begins with")
    for protocol in range(2, 6):
        whole = pickle.dumps({"a": "b" * 200}, protocol)
        yield Case(3, f"pickle of protocol {protocol}", whole, NOT, "a pickle, which is never")
    dump = io.BytesIO()
    joblib.dump(np.zeros(9), dump)
    yield Case(3, "joblib", dump.getvalue(), NOT, "a pickle, which is never loaded")
    for names, words in (
        (("metadata.json", "config.json", "model.weights.h5"), r"it is a \.keras file"),
        (("config.json",), r"it is a \.keras file"),
        (("saved_model/saved_model.pb",), "a zip that begins with b'saved_model/saved_"),
        (("schema.json",), "a zip that begins with b'schema.json'"),
        (("word/document.xml",), "a zip that begins with"),
    ):
        yield Case(4, " and ".join(names), _plain_zip(names), NOT, words)
    starts = {
        "h5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        "gzip": (b"\x1f\x8b\x08", "compressed by gzip"),
        "arrow": (b"ARROW1\0\0", "an Arrow file"),
        "parquet": (b"PAR1", "a Parquet file"),
        "SavedModel": (b"\x08\x01\x12\x10", "looks like a SavedModel, which is a program"),
        "npy": (b"\x93NUMPY\x01\0", "it begins with"),
        "json": (b'{"a": 1}', r"it begins with b'\{"),
    }
    for name, (start, words) in starts.items():
        yield Case(4, name, start + bytes(500), NOT, words)
    other = file_of(
        parts_of(files["transformer"]), change=lambda e: _set(e[0], MIMETYPE[:-7] + b"state")
    )
    yield Case(4, "another kind", other, NOT, "holds a state, not a machine")


def _plain_zip(names: tuple[str, ...]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}" * 50)
    return buffer.getvalue()


def _set(entry: Entry, content: bytes) -> None:
    entry.content = content


def cut_files(files: Files) -> Iterator[Case]:
    """Rows 6 and 8: files that are cut, joined, or have junk about them."""
    whole = files["pipeline"]
    truncated = "is truncated, or has bytes outside its members"
    for i in range(1, 50):
        yield Case(6, f"{i}/50 of it", whole[: len(whole) * i // 50], CORRUPT, truncated)
    for n in (1, 2, 64, 65):
        yield Case(6, f"without its last {n}", whole[:-n], CORRUPT, truncated)
    yield Case(6, "without its first byte", whole[1:], NOT, "is no file of mlj_keras")
    yield Case(8, "twice", whole + whole, CORRUPT, "bytes outside its members")
    yield Case(8, "two", whole + files["transformer"], CORRUPT, "bytes outside its members")
    for junk in (b"\0", b"\n", b"PK\x03\x04", bytes(5000), whole[-64:]):
        yield Case(8, f"{junk[:4]!r} behind", whole + junk, CORRUPT, truncated)
        yield Case(8, f"{junk[:4]!r} before", junk + whole, NOT, "no file of mlj_keras")
        middle = whole[:5000] + junk + whole[5000:]
        yield Case(8, f"{junk[:4]!r} inside", middle, CORRUPT, "bytes outside its members")
    parts = parts_of(files["transformer"])
    for name, odd in (("before", {"before": bytes(9)}), ("between", {"between": bytes(9)})):
        yield Case(8, f"zeros {name}", file_of(parts, **odd), NOT, "is no file of mlj_keras")


def zip_files(files: Files) -> Iterator[Case]:
    """Rows 9 to 15: names and headers of zips that lie."""
    parts = parts_of(files["transformer"])

    def case(row: int, name: str, words: str, change: Any = None, **end: Any) -> Case:
        return Case(row, name, file_of(parts, change=change, **end), CORRUPT, words)

    names = ["../../x", "/etc/x", "C:\\x", "a\\b", "a\0b", "", ".", "..", "a/../b", "a//b", "a/"]
    names += [
        "A.json",
        "ä",
        "a b",
        "a" * 201,
        "a" * 65_000,
        "model.json\n",
        "\u202ea",
        "~/x",
        "-a",
    ]
    for name in names:
        more = Entry(name.encode(), b"x")
        yield case(
            9, f"member {name[:20]!r}", "has the member name", lambda e, m=more: e.append(m)
        )
    first = Entry(b"model.json", parts["model.json"])
    yield case(10, "twice", "has the member 'model.json' twice", lambda e: e.append(first))
    yield case(
        10, "two manifests", "has the member 'manifest.json' twice", lambda e: e.append(e[1])
    )
    for name in ("MODEL.JSON", "Model.json", "mode\u0131.json", "model.json\u0301"):
        more = Entry(name.encode(), b"{}")
        yield case(10, f"{name!r} beside", "has the member name", lambda e, m=more: e.append(m))
    for name, bits in (("link", 0o120777), ("folder", 0o040755), ("device", 0o020666)):
        change = lambda e, b=bits: setattr(e[2], "attributes", b << 16)  # noqa: E731
        yield case(11, name, "of another kind or layout", change)
    yield case(11, "DOS folder", "another kind", lambda e: setattr(e[2], "attributes", 16))
    for method in (8, 9, 12, 14, 93, 99):
        change = lambda e, m=method: setattr(e[2], "method", m)  # noqa: E731
        yield case(12, f"method {method}", "that is compressed", change)
    yield Case(12, "bomb", _bomb(), NOT, "a zip that begins with")
    for row, field, value in (
        *((12, "size", 10 * 2**30), (12, "size", 2**63), (12, "unpacked", 10 * 2**30)),
        *((12, "offset", 0), (12, "offset", 1), (12, "offset", 2**64 - 1), (12, "size", 0)),
        *((13, "local_name", b"other.json"), (13, "local_size", 1), (13, "local_checksum", 1)),
        *((13, "checksum", 0), (13, "local_size", 2**64 - 1), (13, "local_name", b"")),
        *((14, "flags", 1), (14, "flags", 0x41), (14, "flags", 8), (14, "flags", 0x800)),
        *((14, "version", 20), (14, "version", 63), (14, "version", 65535), (14, "disk", 1)),
        *((14, "extra", b"\x01\0\0\0"), (14, "extra", b"ux\x0b\0" + bytes(11))),
    ):
        change = lambda e, f=field, v=value: setattr(e[3], f, v)  # noqa: E731
        words = "overlapping|two different headers|another (kind|layout)|encrypted|bytes outside"
        words += "|checksum of its member"
        yield case(row, f"{field} {value!r}", words, change)
    yield from _counted_files(parts)


def _counted_files(parts: Parts) -> Iterator[Case]:
    """Numbers of members and of disks that lie, and too many members."""

    def case(name: str, words: str, **end: Any) -> Case:
        return Case(14, name, file_of(parts, **end), CORRUPT, words)

    yield case("many disks", "another end", disk=1)
    for n in (0, 1, 4, 9_999):
        yield case(f"count {n}", "bytes outside|truncated|directory|no manifest", count=n)
    for at in (0, 10, 2**63):
        yield case(f"directory at {at}", "bytes outside its members", begin=at)
    million = file_of(parts, count=1_000_000)
    yield Case(15, "a million members", million, LIMIT, "has 1,000,000 members, more than")
    more = {**parts, **{f"x{i}": b"" for i in range(10_000)}}
    yield Case(15, "10,000 members more", file_of(more), LIMIT, "members, more than the 10,000")


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(10**7))
    return buffer.getvalue()


def manifest_files(files: Files) -> Iterator[Case]:
    """Rows 16 to 19: manifests that are not there, that lie, or cannot be read."""
    parts = parts_of(files["transformer"])
    good = json.dumps(manifest_of(parts)).encode()
    yield Case(16, "none", file_of(parts, change=lambda e: e.pop(1)), CORRUPT, "no manifest")
    later = file_of(parts, change=lambda e: e.insert(2, e.pop(1)))
    yield Case(16, "not the second", later, CORRUPT, "no manifest in its place")
    for n, error in ((2**22 + 1, LIMIT), (2**22 - 1, CORRUPT)):
        yield Case(16, f"{n} bytes", file_of(parts, manifest=b" " * n), error, "manifest")
    texts = {
        "no UTF-8": b'"\xff"',
        "UTF-16": good.decode().encode("utf-16"),
        "a mark at its start": b"\xef\xbb\xbf" + good,
        "a name twice": good[:-1] + b', "format": "machine"}',
        "NaN": good[:-1] + b', "x": NaN}',
        "infinity": good[:-1] + b', "x": -Infinity}',
        "a number too large": good[:-1] + b', "x": 1e400}',
        "nested lists": b"[" * 100_000,
        "nested lists, closed": b"[" * 100_000 + b"]" * 100_000,
        "nested mappings": b'{"a":' * 100_000,
        "an integer of a million digits": good[:-1] + b', "x": ' + b"9" * 10**6 + b"}",
        "no JSON": b"{'format': 1}",
        "two values": good + good,
        "a list": b"[]",
        "a number": b"1",
        "empty": b"",
        "cut": good[:-1],
        "comments": b"/* */" + good,
    }
    for name, text in texts.items():
        yield Case(17, name, file_of(parts, manifest=text), CORRUPT, "manifest")
    for key in ("facts", "members", "format"):
        for value in (None, 1, [], "x"):
            text = json.dumps(manifest_of(parts, **{key: value})).encode()
            yield Case(17, f"{key} {value!r}", file_of(parts, manifest=text), CORRUPT, "manifest")
    yield from _checksum_files(parts)
    for version in ("1", -1, None, [1], [1, 0, 0], [1, -1], [True, 0], [1.0, 0], {}, [0, 9]):
        for key in ("format_version", "min_reader") if version != [0, 9] else ("format_version",):
            text = json.dumps(manifest_of(parts, **{key: version})).encode()
            words = "manifest (with the version|of another format)"
            yield Case(19, f"{key} {version!r}", file_of(parts, manifest=text), CORRUPT, words)
    for key, version in (
        ("format_version", [2, 0]),
        ("min_reader", [1, 1]),
        ("min_reader", [2, 0]),
    ):
        text = json.dumps(manifest_of(parts, **{key: version})).encode()
        yield Case(
            19, f"{key} {version}", file_of(parts, manifest=text), NEW, "Install a later one"
        )


def _checksum_files(parts: Parts) -> Iterator[Case]:
    """Row 18: members that the manifest does not tell of, or tells of in another way."""
    for name in parts:
        for what, about in (("sha256", "0" * 64), ("size", 1), ("sha256", None), ("size", "1")):
            told = manifest_of(parts)
            told["members"][name][what] = about
            changed = file_of(parts, manifest=json.dumps(told).encode())
            words = f"checksum of its member '{name}' is another"
            yield Case(18, f"{what} {about!r} of {name}", changed, CORRUPT, words)
        fewer = {other: part for other, part in parts.items() if other != name}
        text = json.dumps(manifest_of(parts)).encode()
        words = f"lacks the member '{name}'"
        yield Case(18, f"without {name}", file_of(fewer, manifest=text), CORRUPT, words)
        words, seen = f"KeyError: '{name}'", name != "weights.safetensors"
        yield Case(18, f"nothing of {name}", file_of(fewer), CORRUPT, words, seen)
        text = json.dumps(manifest_of(fewer)).encode()
        words = f"has a member '{name}' more"
        yield Case(18, f"untold {name}", file_of(parts, manifest=text), CORRUPT, words)
    odd = file_of({**parts, "odd.bin": b"x"})
    yield Case(
        18, "a member of no use", odd, CORRUPT, "has the member 'odd.bin', which no machine"
    )
    swapped = dict(zip(parts, [parts["data.json"], *list(parts.values())[1:]], strict=True))
    yield Case(18, "swapped members", file_of(swapped), CORRUPT, "is no mapping|no place")
