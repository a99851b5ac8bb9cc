"""The zip of a skops file: members by name, and the bytes that are the same for the same members.

Knows zips and NumPy's arrays as bytes; nothing of what they mean. Source: PKWARE's APPNOTE, by
Python's zipfile; NumPy's format npy.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

MAX_PARTS = 200_000
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Members as a zip: in order, stored, of one date."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, part)
    return file.getvalue()


def parts_of(whole: bytes, *, stored: bool = True) -> dict[str, bytes]:
    """The members of a zip.

    Args: stored: refuse one in which anything becomes larger when it is read.
    Raises: ValueError for no zip, a member that is there twice, or claims of more than there is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            members = archive.infolist()
            sizes = sum(member.file_size for member in members)
            plain = all(member.compress_type == zipfile.ZIP_STORED for member in members)
            if len(members) > MAX_PARTS or stored and (sizes > len(whole) or not plain):
                raise ValueError("its estimators are compressed, or claim more than there is")
            if len({member.filename for member in members}) < len(members):
                raise ValueError("its estimators have a member twice")
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError("its estimators are no zip") from error


def header_of(whole: bytes) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of an array in NumPy's format.

    Raises: ValueError for an array of objects, or of another size than its bytes.
    """
    file = io.BytesIO(whole)
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError("its estimators have an array of another version")
    shape, _, dtype = read(file)
    count, size = math.prod(shape), len(whole) - file.tell()
    if dtype.hasobject or count * dtype.itemsize != size or min(shape, default=0) < 0:
        raise ValueError("its estimators have an array of another size than its bytes")
    if count > len(whole):  # of a dtype without size
        raise ValueError("its estimators have an array of nothing")
    return shape, dtype


def unpadded(whole: bytes) -> bytes:
    """An array of records in NumPy's format with zeros between the fields, where memory is left as
    it was; any other array as it is."""
    array = np.load(io.BytesIO(whole), allow_pickle=False)
    if array.dtype.names is None:
        return whole
    order: Any = "F" if np.isfortran(array) else "C"
    clean, file = np.zeros(array.shape, array.dtype, order), io.BytesIO()
    for name in array.dtype.names:
        clean[name] = array[name]
    np.save(file, clean, allow_pickle=False)
    return file.getvalue()


def by_columns(whole: bytes) -> bytes:
    """An array in NumPy's format with its columns one after the other."""
    file = io.BytesIO()
    array = np.load(io.BytesIO(whole), allow_pickle=False)
    np.save(file, np.asfortranarray(array), allow_pickle=False)
    return file.getvalue()
