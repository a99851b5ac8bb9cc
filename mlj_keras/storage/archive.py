"""One checked file of arrays and JSON.

A zip of uncompressed members (kind, version, facts, arrays), whose comment is the SHA-256 of all
that comes before it: a file that is cut, or has one bit changed, is refused. Nothing that is read
is executed. Knows nothing of models.
Source: the format safetensors for the arrays; ours for the rest.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from mlj_keras.errors import (
    CorruptFile,
    FormatTooNewError,
    InvalidArgument,
    MachineFileError,
    NotAMachineFile,
)

VERSION = 1
MAX_BYTES = 2**33
_MEMBERS = ("kind", "version", "facts.json", "arrays.safetensors")
_DATE = (1980, 1, 1, 0, 0, 0)  # equal contents make equal files
_DIGEST = 64
_END = 22  # bytes of the zip's end record, before its comment
_START = b"PK\x03\x04"
_REMEDY = "Take a copy of it, or the file before."
_RESERVED = "__metadata__"  # of safetensors
# What safetensors gives back as NumPy arrays: it writes bfloat16, and then cannot read it.
_DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64"),
)


def write_archive(
    path: str | os.PathLike[str],
    kind: str,
    facts: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Write a file in place of the one that may be there: whoever reads finds the old or the new
    one, also after a crash.

    Args:
        path: the file; its folder exists
        kind: what it holds, to be asked for when it is read
        facts: what JSON can hold
        arrays: of booleans, integers, floats or complex64; in any layout and byte order.
    Raises: InvalidArgument if an array is of another dtype, or has a name that cannot be written;
        OSError if the file cannot be written. The old file is then still there.
    Example:
        >>> import tempfile, numpy as np
        >>> path = os.path.join(tempfile.mkdtemp(), "file")
        >>> write_archive(path, "example", {"n": 1}, {"x": np.ones(2)})
        >>> read_archive(path, "example")
        ({'n': 1}, {'x': array([1., 1.])})

    Source: ours.
    """
    target = Path(path)
    own = target.with_name(f".{target.name}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with open(own, "xb") as file:
            file.write(_packed(kind, facts, arrays))
            file.flush()
            os.fsync(file.fileno())
        os.replace(own, target)
    except BaseException:
        with contextlib.suppress(OSError):
            own.unlink()
        raise
    sync_folder(target.parent)


def read_archive(
    path: str | os.PathLike[str], kind: str, *, max_bytes: int = MAX_BYTES
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The facts and arrays of a file.

    Args:
        kind: what it has to hold
        max_bytes: a larger file is refused.
    Raises: NotAMachineFile if it is no such file, or of another kind; CorruptFile if it has been
        changed or cut; FormatTooNewError if a later version wrote it; FileNotFoundError.
    Example: see `write_archive`.
    Source: ours.
    """
    whole = _bytes_of(path, max_bytes)
    if not whole.startswith(_START):
        raise NotAMachineFile(f"{os.fspath(path)!r} is no file of mlj_keras: {_begins(whole)}.")
    body, said = whole[:-_DIGEST], whole[-_DIGEST:]
    if hashlib.sha256(body).hexdigest().encode() != said:
        raise CorruptFile(
            f"{os.fspath(path)!r} has been cut or changed since it was written: its checksum is "
            f"another. {_REMEDY}"
        )
    return _unpacked(os.fspath(path), body, kind)


def _packed(kind: str, facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    contiguous = {key: _contiguous(key, array) for key, array in sorted(arrays.items())}
    shapes = {key: np.shape(array) for key, array in arrays.items()}  # () would become (1,)
    text = json.dumps({"facts": dict(facts), "shapes": shapes}, sort_keys=True)
    parts = (kind.encode(), str(VERSION).encode(), text.encode(), save(contiguous))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, part in zip(_MEMBERS, parts, strict=True):
            archive.writestr(zipfile.ZipInfo(name, _DATE), part)
        archive.comment = b"0" * _DIGEST
    body = buffer.getvalue()[:-_DIGEST]
    return body + hashlib.sha256(body).hexdigest().encode()


def _contiguous(name: str, array: np.ndarray) -> np.ndarray:
    found = np.ascontiguousarray(array)
    if found.dtype.name not in _DTYPES:
        raise InvalidArgument(
            f"The array {name!r} has the dtype {found.dtype}, which a file cannot hold. Convert "
            f"it to one of {', '.join(_DTYPES)}, as in array.astype('float32')."
        )
    if name == _RESERVED or name != name.encode(errors="ignore").decode():
        raise InvalidArgument(f"An array cannot have the name {name!r} in a file. Rename it.")
    return found


def _unpacked(path: str, body: bytes, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        found, text, packed = _parts(path, body)
        if found.decode() != kind:
            raise NotAMachineFile(f"{path!r} holds a {found.decode()}, not a {kind}.")
        content, arrays = json.loads(text), load(packed)
        facts, shapes = content["facts"], content["shapes"]
        if not isinstance(facts, dict) or shapes.keys() != arrays.keys():
            raise ValueError("its facts are no mapping, or its arrays are others than it says")
        return facts, {key: arrays[key].reshape(shape) for key, shape in shapes.items()}
    except (MachineFileError, MemoryError):
        raise
    except Exception as error:  # what fails depends on what somebody has put into the file
        raise CorruptFile(
            f"{path!r} cannot be understood ({type(error).__name__}: {error}). {_REMEDY}"
        ) from error


def _parts(path: str, body: bytes) -> list[bytes]:
    """Kind, facts and arrays, once the members are those of this version."""
    with zipfile.ZipFile(io.BytesIO(body + b"0" * _DIGEST)) as archive:
        members = archive.infolist()
        names = tuple(member.filename for member in members)
        # Nothing is decompressed: a small file could become a very large one.
        stored = [m for m in members if m.compress_type == zipfile.ZIP_STORED]
        versions = [archive.read(m).decode() for m in stored if m.filename == "version"]
        version = versions[0] if len(versions) == 1 else ""
        if version.isdigit() and int(version) > VERSION:
            raise FormatTooNewError(
                f"{path!r} has the format {version}, and this version of mlj_keras reads up "
                f"to {VERSION}. Install a later one."
            )
        if names != _MEMBERS or stored != members or version != str(VERSION):
            raise CorruptFile(
                f"{path!r} has other members than it has to, or compressed ones: "
                f"{list(names)[:9]}, of the format {version[:9]!r}. {_REMEDY}"
            )
        return [archive.read(_MEMBERS[i]) for i in (0, 2, 3)]


def _bytes_of(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)  # without waiting, should it be a pipe
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        raise NotAMachineFile(f"{os.fspath(path)!r} is not a regular file.")
    with open(descriptor, "rb") as file:
        if about.st_size > max_bytes:
            raise NotAMachineFile(
                f"{os.fspath(path)!r} has {about.st_size:,} bytes, more than the {max_bytes:,} "
                "that are read."
            )
        if about.st_size < len(_START) + _END + _DIGEST:
            raise NotAMachineFile(
                f"{os.fspath(path)!r} has {about.st_size} bytes, too few for a file of mlj_keras."
            )
        return file.read(max_bytes)


def _begins(whole: bytes) -> str:
    if whole.startswith(b"\x80"):
        return "it looks like a pickle, which is never loaded"
    if whole.startswith(b"\x89HDF"):
        return "it is an HDF5 file"
    return f"it begins with {whole[:8]!r}"


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
