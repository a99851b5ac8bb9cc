"""Frames, series and indexes of pandas as trees, and back: reports have some.

Knows pandas' kinds of columns. Source: ours.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras.data.columns import module_of
from mlj_keras.errors import UnsavableError

pd = lazy_module("pandas")

Tree = Any


def tree_of(trees: Any, value: Any, where: str) -> Tree:
    """The tree of a value of pandas; None for anything else."""
    if module_of(value) != "pandas":
        return None
    if isinstance(value, pd.DataFrame):
        columns = [_values(trees, value.iloc[:, i], where) for i in range(value.shape[1])]
        names = _index(trees, value.columns, where)
        return {"frame": ["frame", names, columns, _index(trees, value.index, where)]}
    if isinstance(value, pd.Series):
        name, own = trees.tree(value.name, where), _values(trees, value, where)
        return {"frame": ["series", name, own, _index(trees, value.index, where)]}
    if isinstance(value, pd.Index):
        return {"frame": ["index", *_index(trees, value, where)]}
    if value is pd.NaT:
        return {"frame": ["no time"]}
    return {"frame": ["missing"]} if value is pd.NA else None


def _index(trees: Any, index: Any, where: str) -> list[Tree]:
    if isinstance(index, pd.RangeIndex):
        return ["range", [index.start, index.stop, index.step], trees.tree(index.name, where)]
    if isinstance(index, pd.MultiIndex):
        return ["many", trees.tree(index.tolist(), where), trees.tree(list(index.names), where)]
    return ["values", _values(trees, index, where), trees.tree(index.name, where)]


def _values(trees: Any, value: Any, where: str) -> list[Tree]:
    """The dtype of a column or index, and its values."""
    dtype = value.dtype
    if isinstance(dtype, np.dtype):
        return [dtype.str, trees.tree(value.to_numpy(), where)]
    found = pa.array(value, from_pandas=True)
    if isinstance(found, pa.ChunkedArray):  # of texts
        found = found.combine_chunks()
    try:
        _plain_dtype(str(dtype), found)
    except ValueError as error:
        raise UnsavableError(
            f"A file cannot hold {where}: {error}. Convert that column."
        ) from None
    return ["arrow", trees.tree(found, where), str(dtype)]


def value_of(values: Any, inside: list[Any], where: str) -> Any:
    """The value of the tree of one.

    Raises: ValueError for one that `tree_of` does not make.
    """
    kind, *rest = inside
    if kind in ("missing", "no time"):
        return pd.NA if kind == "missing" else pd.NaT
    if kind == "index":
        return _index_from(values, rest, where)
    name, content, index = rest
    index = _index_from(values, index, where)
    if kind == "series":
        found = _values_from(values, content, where)
        return pd.Series(found, index=index, name=values.value(name, where))
    if kind != "frame":
        raise ValueError(f"{where} is no frame")
    names = _index_from(values, name, where)
    columns = [_values_from(values, each, where) for each in content]
    if len(names) != len(columns) or any(len(c) != len(index) for c in columns):
        raise ValueError(f"{where} is a frame of columns of different lengths")
    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    frame.columns = names
    return frame


def _index_from(values: Any, inside: list[Any], where: str) -> Any:
    kind, content, name = inside
    name = values.value(name, where)
    if kind == "range":
        start, stop, step = content
        return pd.RangeIndex(start, stop, step, name=name)
    if kind == "many":
        return pd.MultiIndex.from_tuples(values.value(content, where), names=name)
    return pd.Index(_values_from(values, content, where), name=name)


def _values_from(values: Any, inside: list[Any], where: str) -> Any:
    if inside[0] == "arrow":
        _, tree, dtype = inside
        array = values.checked(tree, pa.Array, where)
        values.take_room(8 * len(array) + array.nbytes)
        # Not a series, which would look for its own labels in the index of a frame.
        return pd.Series(array.to_pandas()).astype(_plain_dtype(dtype, array)).array
    dtype, tree = inside
    found = values.array(tree, where)
    values.take_room(found.nbytes)
    if found.dtype != np.dtype(dtype):
        raise ValueError(f"{where} has values of another dtype than it says")
    return found


def _plain_dtype(name: str, array: pa.Array) -> Any:
    """The dtype of pandas by its name; of strings, categories and nullable numbers only."""
    if pa.types.is_dictionary(array.type) != (name == "category"):
        raise ValueError(f"a column of {array.type!s:.40} is none of the dtype {name!r:.40}")
    if name in ("str", "string", "boolean", "category") or name in _NULLABLE:
        return name
    unit, _, zone = name.removeprefix("datetime64[").removesuffix("]").partition(", ")
    if name.startswith("datetime64["):
        return pd.DatetimeTZDtype(unit, checked_zone(zone))
    raise ValueError(f"there is no column of the dtype {name!r:.40}")


_NULLABLE = frozenset(
    (f"{sign}Int{n}" for sign in ("", "U") for n in (8, 16, 32, 64)),
) | {"Float32", "Float64"}
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*|(?:UTC)?[+-][0-9]{2}:[0-9]{2}")


def is_zone(name: Any) -> bool:
    """Whether it is the name of a time zone, or the hours from UTC."""
    known = isinstance(name, str) and _ZONE.fullmatch(name) is not None
    return known and not name.startswith("dateutil")


def checked_zone(name: Any) -> str:
    """The name of a time zone; pandas takes paths of files for some, too.

    Raises: ValueError for anything else.
    """
    if not is_zone(name):
        raise ValueError(f"{name!r:.60} is no time zone")
    return str(name)


def time_from(inside: list[Any]) -> Any:
    """A time of pandas.

    Raises: ValueError for one that is none.
    """
    kind, unit, ticks, zone = inside
    if unit not in ("s", "ms", "us", "ns") or type(ticks) is not int:
        raise ValueError("it is no time")
    if kind == "delta":
        return pd.Timedelta(np.timedelta64(ticks, unit))
    found = pd.Timestamp(np.datetime64(ticks, unit))
    return found if zone is None else found.tz_localize("UTC").tz_convert(checked_zone(zone))
