"""One checked file of arrays and facts.

The members of the file are facts as JSON, and arrays as safetensors. Nothing that is read is
executed. Files of before the manifest (kind, version, facts, arrays, and a SHA-256 of all in the
comment of the zip) are read, too. Knows nothing of models.
Source: the format safetensors for the arrays; ours for the rest.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.errors import CorruptFile, MachineFileError, NotAMachineFile
from mlj_keras.storage.atomic import MAX_BYTES, bytes_of, write_atomically
from mlj_keras.storage.members import REMEDY, members_of, written
from mlj_keras.storage.plain import packed, unpacked
from mlj_keras.storage.strict_json import dumped, loaded
from mlj_keras.storage.tensors import arrays_from, tensor_bytes

_FACTS, _ARRAYS = "facts.json", "arrays.safetensors"
_BEFORE = ("kind", "version", "facts.json", "arrays.safetensors")
_DIGEST = 64


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
        facts: numbers, texts, None, lists, tuples and mappings
        arrays: of booleans, integers, floats or complex64; in any layout and byte order.
    Raises: InvalidArgument if a fact is none of these, or an array is of another dtype or has a
        name that cannot be written; OSError if the file cannot be written. The old file is then
        still there.
    Example:
        >>> import tempfile, numpy as np
        >>> path = os.path.join(tempfile.mkdtemp(), "file")
        >>> write_archive(path, "example", {"n": 1}, {"x": np.ones(2)})
        >>> read_archive(path, "example")
        ({'n': 1}, {'x': array([1., 1.])})

    Source: ours.
    """
    ordered = dict(sorted(facts.items()))  # equal facts make equal files
    parts = {_FACTS: dumped(packed(ordered)[0]), _ARRAYS: tensor_bytes(arrays)}
    write_atomically(path, written(kind, parts, {}, (1, 0)))


def read_archive(
    path: str | os.PathLike[str], kind: str, *, max_bytes: int = MAX_BYTES
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The facts and arrays of a file.

    Args:
        kind: what it has to hold
        max_bytes: a larger file is refused.
    Raises: NotAMachineFile if it is no such file, or of another kind; CorruptFile if it has been
        changed or cut; FormatTooNewError if a later version wrote it; LimitExceeded;
        FileNotFoundError.
    Example: see `write_archive`.
    Source: ours.
    """
    whole, named = bytes_of(path, max_bytes=max_bytes), os.fspath(path)
    if whole[30:34] == b"kind":
        return _from_before(whole, named, kind)
    parts = members_of(whole, named, kind).parts
    try:
        facts = unpacked(loaded(parts[_FACTS], _FACTS), {})
        if not isinstance(facts, dict) or parts.keys() != {_FACTS, _ARRAYS}:
            raise ValueError("its facts are no mapping, or it has other members")
        return facts, arrays_from(parts[_ARRAYS])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_understood(named, error) from error


def _not_understood(named: str, error: Exception) -> CorruptFile:
    return CorruptFile(f"{named!r} cannot be understood ({error}). {REMEDY}")


def _from_before(
    whole: bytes, named: str, kind: str
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The facts and arrays of a file without a manifest."""
    body, said = whole[:-_DIGEST], whole[-_DIGEST:]
    if hashlib.sha256(body).hexdigest().encode() != said:
        raise CorruptFile(
            f"{named!r} has been cut or changed since it was written: its checksum is another. "
            f"{REMEDY}"
        )
    try:
        found, text, packed = _parts_of_before(body)
        if found != kind:
            raise NotAMachineFile(f"{named!r} holds a {found}, not a {kind}.")
        content, arrays = json.loads(text), arrays_from(memoryview(packed))
        facts, shapes = content["facts"], content["shapes"]
        if not isinstance(facts, dict) or shapes.keys() != arrays.keys():
            raise ValueError("its facts are no mapping, or its arrays are others than it says")
        return facts, {key: arrays[key].reshape(shape) for key, shape in shapes.items()}
    except (MachineFileError, MemoryError):
        raise
    except Exception as error:  # what fails depends on what somebody has put into the file
        raise _not_understood(named, error) from error


def _parts_of_before(body: bytes) -> tuple[str, bytes, bytes]:
    """Kind, facts and arrays, once the members are those of that version."""
    with zipfile.ZipFile(io.BytesIO(body + b"0" * _DIGEST)) as archive:
        members = archive.infolist()
        stored = [m for m in members if m.compress_type == zipfile.ZIP_STORED]
        # Nothing is decompressed: a small file could become a very large one.
        if tuple(m.filename for m in members) != _BEFORE or stored != members:
            raise ValueError("it has other members than it has to, or compressed ones")
        if archive.read("version") != b"1":
            raise ValueError("it is of no version that there was")
        facts, arrays = map(archive.read, _BEFORE[2:])
        return archive.read("kind").decode(), facts, arrays
