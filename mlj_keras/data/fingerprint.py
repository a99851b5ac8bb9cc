"""`fingerprint`: data as a short text that changes whenever a value, a name or a pool does.

Tells whether a training goes on with the data that it began with. Knows the package's own forms of
data, plain values, and the sparse matrices of SciPy. Source: ours.
"""

from __future__ import annotations

import datetime
import decimal
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.categorical import factor_codes
from mlj_keras.data.columns import Column, is_factor, missing_mask, module_of
from mlj_keras.data.images import ImageVector
from mlj_keras.data.tables import InnerTable
from mlj_keras.data.weights import ClassWeights

# Of these, equal texts mean equal values, in any process.
_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, decimal.Decimal))
_TIMES = (datetime.date, datetime.time, datetime.timedelta)
_MISSING = ("NAType", "NaTType")  # of pandas


def fingerprint(*data: Any) -> str | None:
    """SHA-256 over data: equal for equal names, values, missing values and pools.

    Args: data: tables, columns, images or weights in the package's own form, arrays, sparse
        matrices; numbers, texts, times, and lists, tuples and mappings of these.
    Returns: 64 hexadecimal digits; None for data with anything else in them, such as objects of
        the user's own: nothing tells whether two of them are the same.
    Example:
        >>> from mlj_keras.data.tables import table_of
        >>> one, other = table_of({"a": [1.0, 2.0]}), table_of({"a": [1.0, 3.0]})
        >>> fingerprint(one) == fingerprint(one), fingerprint(one) == fingerprint(other)
        (True, False)

    Source: ours.
    """
    digest = hashlib.sha256()
    try:
        for each in data:
            for part in _parts(each):
                digest.update(part)
    except (_Unknown, RecursionError):  # a list may hold itself
        return None
    return digest.hexdigest()


class _Unknown(Exception):
    """There are data whose values nobody knows."""


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
        yield from _class_weights(data)
    elif isinstance(data, np.ndarray | np.generic) and not isinstance(data, np.ma.MaskedArray):
        yield from _array(np.asarray(data))
    elif module_of(data) == "scipy" and hasattr(data, "tocsr"):
        yield from _sparse(data)
    else:
        yield from _plain(data)


def _plain(data: Any) -> Iterator[Any]:
    """The bytes of a plain value, or of a list, tuple or mapping."""
    if type(data) in _PLAIN or isinstance(data, _TIMES) or type(data).__name__ in _MISSING:
        yield f"{data!r}\0".encode(errors="surrogatepass")
    elif type(data) in (list, tuple):
        yield from _items(type(data).__name__, data)
    elif type(data) is dict:
        yield from _items("dict", [each for pair in data.items() for each in pair])
    else:
        raise _Unknown


def _items(kind: str, items: Iterable[Any]) -> Iterator[Any]:
    items = list(items)
    yield repr((kind, len(items))).encode()
    for each in items:
        yield from _parts(each)


def _class_weights(weights: ClassWeights) -> Iterator[Any]:
    """The bytes of weights by class, in whatever order they were given."""
    if weights.by_level is None:
        yield b"balanced"
        return
    levels = (each.item() if isinstance(each, np.generic) else each for each in weights.by_level)
    given = zip(levels, map(float, weights.by_level.values()), strict=True)
    yield from _items("class weights", sorted(given, key=repr))


def _sparse(matrix: Any) -> Iterator[Any]:
    """The bytes of a sparse matrix, in whatever of SciPy's forms it is."""
    if len(matrix.shape) > 2:  # which have no rows
        raise _Unknown
    rows = matrix.tocsr(copy=True) if matrix.format == "csr" else matrix.tocsr()
    rows.sum_duplicates()
    yield repr(("sparse", rows.shape)).encode()
    yield from _array(rows.data)
    yield from _array(rows.indices.astype(np.int64))
    yield from _array(rows.indptr.astype(np.int64))


def _values(values: Any) -> Iterator[Any]:
    """The bytes of a column; what lies under missing values does not count."""
    if is_factor(values):
        pool = values.dictionary.to_pylist()
        yield repr(("factor", bool(values.type.ordered), pool)).encode()
        yield from _array(factor_codes(values))
        return
    if not isinstance(values, pa.Array):
        yield from _items("objects", values)
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
    if array.dtype.hasobject:
        yield from _items(repr((array.dtype.str, array.shape)), array.reshape(-1).tolist())
        return
    yield repr((array.dtype.str, array.shape)).encode()
    yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
