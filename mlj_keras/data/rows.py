"""Rows and columns of whatever the user gave: how many, which ones; canonical row positions.

Works on the user's own objects, without reading their values. Must not know scitypes or models.
Source: MLJModelInterface.jl, src/data_utils.jl (`selectrows`, `selectcols`, `nrows`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.columns import module_of
from mlj_keras.data.tables import InnerTable, _check_names, inner_table, is_table, table_of
from mlj_keras.errors import DimensionMismatch, EmptyData, RowsError, SchemaMismatch


def nrows(X: Any) -> int:
    """The number of observations.

    Args: X: a table, a column, images, a vector of distributions, or None (hence Any).
    Returns: int; 0 for None.
    Raises: TableError if X has no rows to count; DimensionMismatch if the columns of a mapping
        have different lengths.
    Example:
        >>> nrows({"a": [1, 2, 3]}), nrows(None)
        (3, 0)

    Source: MLJModelInterface.jl, `nrows`.
    """
    if X is None:
        return 0
    if isinstance(X, Mapping):
        lengths = {label: nrows(column) for label, column in X.items()}
        if len(set(lengths.values())) > 1:
            raise DimensionMismatch(
                f"The columns of X have different lengths: {lengths}. Make them equal."
            )
        return next(iter(lengths.values()), 0)
    readable = hasattr(X, "__getitem__") or hasattr(X, "take")
    if readable and hasattr(X, "__len__") and not isinstance(X, str | bytes):
        try:
            return len(X)
        except TypeError:  # arrays without a dimension, and sparse matrices
            pass
    return table_of(X).n_rows


def selectrows(X: Any, rows: Any) -> Any:
    """The observations at these rows, as the kind of object that X is.

    Args:
        X: a table, a column, images, a vector of distributions, or None (hence Any)
        rows: as `row_positions` takes them; no rows at all are allowed here.
    Returns: an object of X's kind (an array for a range); X itself for all rows in order; a table
        of one row, or a column of length 1, for one int; None for None. Pools of factors are kept.
    Raises: RowsError for positions outside the data; TableError if X has no rows to select.
    Example:
        >>> selectrows({"a": [1, 2, 3], "b": ["x", "y", "z"]}, [2, 0])
        {'a': [3, 1], 'b': ['z', 'x']}

    Source: MLJModelInterface.jl, `selectrows`; there an X without rows comes back unchanged.
    """
    if X is None:
        return None
    positions = _positions(rows, nrows(X))
    return X if positions is None else _take(X, positions)


def _take(X: Any, positions: np.ndarray) -> Any:
    package = module_of(X)
    if package == "pandas":
        return X.iloc[positions] if hasattr(X, "iloc") else X[positions]
    if isinstance(X, np.ndarray) or package == "polars":
        return X[positions]
    if package == "pyarrow":
        return X.take(pa.array(positions))
    if isinstance(X, Mapping):
        return {label: _take(column, positions) for label, column in X.items()}
    if isinstance(X, list | tuple):
        picked = [X[position] for position in positions.tolist()]
        return picked if isinstance(X, list) else tuple(picked)
    if isinstance(X, range):
        return np.asarray(X)[positions]
    if hasattr(X, "take"):
        return X.take(positions)
    return pa.table(X).take(pa.array(positions)) if is_table(X) else X[positions]


def row_positions(rows: Any, n: int) -> np.ndarray | None:
    """Row positions in one canonical form, so that equal choices of rows compare equal.

    Args:
        rows: None (all rows), one int, ints in an array, list, range or column, a slice (bounds as
            in Python), or a mask of n booleans; repeated rows are allowed
        n: rows of the data.
    Returns: int64 array (n_selected,), a copy; None for all rows in order, however given.
    Raises: RowsError naming the first position that is negative, too large, or no int, and for a
        mask of another length; EmptyData if no row is selected.
    Example:
        >>> row_positions([True, False, True], 3), row_positions(range(3), 3)
        (array([0, 2]), None)

    Source: MLJBase.jl, src/machines.jl, where None and explicit all rows count as different.
    """
    positions = _positions(rows, n)
    if positions is not None and not len(positions):
        raise EmptyData(
            "rows selects no row. Pass at least one row position, or rows=None for all."
        )
    return positions


def _positions(rows: Any, n: int) -> np.ndarray | None:
    if rows is None:
        return None
    positions = _read_rows(rows, n)
    if not len(positions):
        return positions
    low, high = positions.min(), positions.max()
    if low < 0 or high >= n:
        where = int(np.flatnonzero((positions < 0) | (positions >= n))[0])
        advice = "Count from the start: the last row is n - 1." if positions[where] < 0 else ""
        raise RowsError(
            f"rows has {positions[where]} at position {where}, and the data have {n} rows. "
            f"Row positions lie in 0..{n - 1}. {advice}".rstrip()
        )
    positions = positions.astype(np.int64)
    whole = len(positions) == n and low == 0 and high == n - 1
    return None if whole and np.array_equal(positions, np.arange(n)) else positions


def _read_rows(rows: Any, n: int) -> np.ndarray:
    """Integers (n_selected,), of any integer dtype, not yet compared with n."""
    if isinstance(rows, slice):
        try:
            return np.arange(n)[rows]
        except TypeError as error:
            raise RowsError(
                f"rows is {rows!r}, whose bounds are no ints. Write slice(0, 10)."
            ) from error
    array = rows if isinstance(rows, np.ndarray) else _as_array(rows)
    if array.ndim == 0 and array.dtype.kind in "iu":
        return array.reshape(1)
    if array.ndim != 1:
        raise RowsError(
            f"rows must be one-dimensional, got {_described(rows, array)}. "
            "Pass ints, a slice, or a mask of booleans."
        )
    if array.dtype.kind == "b":
        if len(array) != n:
            raise RowsError(
                f"rows is a mask of {len(array)} booleans, and the data have {n} rows. "
                "Give one boolean a row."
            )
        return np.flatnonzero(array)
    if len(array) and array.dtype.kind not in "iu":
        items = array.tolist()
        # Objects that are a mask but for a missing value are blamed for the missing value.
        wanted = bool if isinstance(items[0], bool) else int
        wrong = (i for i, x in enumerate(items) if type(x) is not wanted)
        where = next(wrong, 0)
        raise RowsError(
            f"rows must be ints, got {items[where]!r} at position {where}. "
            "Pass row positions 0, 1, 2, ..., not labels, floats or missing values."
        )
    return array if len(array) else np.empty(0, dtype=np.int64)


def _as_array(rows: Any) -> np.ndarray:
    if isinstance(rows, range):
        return np.arange(rows.start, rows.stop, rows.step)
    try:
        return np.asarray(rows)
    except ValueError as error:  # lists of unequal length
        raise RowsError(
            f"rows must be one-dimensional, got {type(rows).__name__}. "
            "Pass ints, a slice, or a mask of booleans."
        ) from error


def _described(rows: Any, array: np.ndarray) -> str:
    return f"an array of shape {array.shape}" if array.ndim else f"{rows!r:.60}"


def column_labels(X: Any) -> tuple[Any, ...]:
    """The user's own labels of the columns of a table; x1, x2, ... for a matrix.

    Raises: TableError if X is no table; SchemaMismatch if a label occurs twice.
    """
    if not is_table(X):
        table_of(X)  # raises, with advice
    package = module_of(X)
    if isinstance(X, Mapping):
        labels = tuple(X)
    elif package in ("pandas", "polars"):
        labels = tuple(X.columns)
    elif package == "pyarrow":
        labels = tuple(X.column_names)
    else:
        return table_of(X).origin.labels
    _check_names(labels, "X")
    return labels


def find_label(name: Any, labels: Sequence[Any], what: str = "X") -> Any:
    """The label among `labels` that `name` means: itself, or the one that reads the same.

    Raises: SchemaMismatch with the nearest labels if there is none.
    """
    if isinstance(name, str | int | np.integer):
        for label in labels:
            if label == name:
                return label
        for label in labels:
            if str(label) == str(name):
                return label
    near = difflib.get_close_matches(str(name), [str(label) for label in labels], n=3)
    shown = ", ".join(repr(str(label)) for label in labels[:10]) + (
        ", ..." if len(labels) > 10 else ""
    )
    raise SchemaMismatch(
        f"{what} has no column {name!r}."
        + (f" Did you mean {' or '.join(map(repr, near))}?" if near else "")
        + f" The columns are {shown or 'none'}."
    )


def selectcols(X: Any, names: Any) -> Any:
    """One column by its name, or a table of the named columns, in the order asked for.

    Args:
        X: a table, or None (hence Any)
        names: a name (of a matrix also an int position), or a sequence of names.
    Returns: a column for one name, a table of X's kind for a sequence; None for None.
    Raises: SchemaMismatch with near names for a name that is not there; TableError if X is no
        table.
    Example:
        >>> selectcols({"a": [1, 2], "b": [3, 4]}, "b"), selectcols({"a": [1], "b": [3]}, ["b"])
        ([3, 4], {'b': [3]})

    Source: MLJModelInterface.jl, `selectcols`.
    """
    if X is None:
        return None
    if isinstance(X, InnerTable):  # one that stays inside
        columns = [X.column(name) for name in names]
        return inner_table(names, columns, X.origin, X.index)
    labels = column_labels(X)
    one = isinstance(names, str) or not isinstance(names, Sequence | np.ndarray)
    places = [_place(name, labels, X) for name in ([names] if one else names)]
    if isinstance(X, np.ndarray):
        return X[:, places[0]] if one else X[:, places]
    if isinstance(X, Mapping):
        return (
            X[labels[places[0]]] if one else {labels[place]: X[labels[place]] for place in places}
        )
    package = module_of(X)
    if package == "pandas":
        return X.iloc[:, places[0]] if one else X.iloc[:, places]
    if package == "polars":
        return X.to_series(places[0]) if one else X.select([labels[place] for place in places])
    if package != "pyarrow":
        X = pa.table(X)
    return X.column(places[0]) if one else X.select(places)


def _place(name: Any, labels: Sequence[Any], X: Any) -> int:
    is_position = isinstance(name, int | np.integer) and not isinstance(name, bool)
    if isinstance(X, np.ndarray) and is_position and 0 <= name < len(labels):
        return int(name)
    return labels.index(find_label(name, labels))
