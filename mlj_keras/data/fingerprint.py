"""`fingerprint`: data as a short text that changes whenever a value, a name or a pool does.

Tells whether a training goes on with the data that it began with. Knows the package's own forms of
data. Source: ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.categorical import factor_codes
from mlj_keras.data.columns import Column, is_factor, missing_mask
from mlj_keras.data.images import ImageVector
from mlj_keras.data.tables import InnerTable
from mlj_keras.data.weights import ClassWeights


def fingerprint(*data: Any) -> str:
    """SHA-256 over data: equal for equal names, values, missing values and pools.

    Args: data: tables, columns, images or weights in the package's own form; anything else counts
        by its repr.
    Returns: 64 hexadecimal digits.
    Example:
        >>> from mlj_keras.data.tables import table_of
        >>> one, other = table_of({"a": [1.0, 2.0]}), table_of({"a": [1.0, 3.0]})
        >>> fingerprint(one) == fingerprint(one), fingerprint(one) == fingerprint(other)
        (True, False)

    Source: ours.
    """
    digest = hashlib.sha256()
    for each in data:
        for part in _parts(each):
            digest.update(part)
    return digest.hexdigest()


def _parts(data: Any) -> Iterator[Any]:
    if isinstance(data, InnerTable):
        yield repr(("table", data.names, len(data))).encode()
        for name in data.names:
            yield from _values(data.column(name))
    elif isinstance(data, Column):
        yield b"column"
        yield from _values(data.values)
    elif isinstance(data, ImageVector):
        yield from _array(data.pixels)
    elif isinstance(data, ClassWeights):
        yield repr(data.by_level).encode()
    elif isinstance(data, np.ndarray) and data.dtype != object:
        yield from _array(data)
    else:
        yield repr(data).encode()


def _values(values: Any) -> Iterator[Any]:
    """The bytes of a column; what lies under missing values does not count."""
    if is_factor(values):
        pool = values.dictionary.to_pylist()
        yield repr(("factor", bool(values.type.ordered), pool)).encode()
        yield from _array(factor_codes(values))
        return
    if not isinstance(values, pa.Array):
        yield repr(list(values)).encode()
        return
    yield repr(str(values.type)).encode()
    gone = missing_mask(values)
    yield gone.tobytes()
    present = values.filter(pa.array(~gone)) if gone.any() else values
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        yield from _array(present.to_numpy(zero_copy_only=False))
    else:
        yield repr(present.to_pylist()).encode()


def _array(array: np.ndarray) -> Iterator[Any]:
    yield repr((array.dtype.str, array.shape)).encode()
    yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
