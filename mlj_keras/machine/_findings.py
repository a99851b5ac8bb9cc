"""Words about data that a network cannot take, and lines to paste, for messages.

Knows columns and tables only. Source: ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.columns import Values, is_factor, missing_mask, module_of
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import DimensionMismatch, MissingValuesError, TableError

_ON_A_LINE = 3  # more findings are read better one under the other


def described(values: Values) -> str:
    """The types of values without a scientific type: how many of each, and where the first is.

    Example:
        >>> from mlj_keras.data.columns import column_of
        >>> described(column_of([1, "a", 2]).values)
        'int (2, first at row 0) and str (1, first at row 1)'

    Source: ours.
    """
    if isinstance(values, pa.Array):
        return str(values.type)
    present = np.flatnonzero(~missing_mask(values))
    kinds = [type(values[row]).__name__ for row in present]
    return " and ".join(
        f"{kind} ({count}, first at row {present[kinds.index(kind)]})"
        for kind, count in Counter(kinds).most_common(4)
    )


def fill_line(table: InnerTable, name: str) -> str:
    """The line, or the words, by which the column `name` of X loses its missing values, as fits
    the kind of X.

    Example:
        >>> from mlj_keras.data.tables import table_of
        >>> fill_line(table_of({"a": [0.5, None]}), "a")
        "the median of column 'a'"

    Source: ours.
    """
    values, kind = table.column(name), table.origin.own.kind
    position = table.names.index(name)
    label = table.origin.labels[position]
    if missing_mask(values).all():
        lines = {
            "pandas": f"X = X.drop(columns={label!r})",
            "polars": f"X = X.drop({label!r})",
            "pyarrow": f"X = X.drop_columns([{label!r}])",
            "dict": f"X.pop({label!r})",
            "matrix": f"X = numpy.delete(X, {position}, axis=1)",
        }
        return f"{lines[kind]}, which holds nothing else"
    plain = is_factor(values) or isinstance(values, np.ndarray) or pa.types.is_string(values.type)
    if kind == "matrix" and table.block is None:  # objects, which NumPy does not fill in one line
        kind = "objects"
    return MissingValuesError.filled_by(kind, label, numbers=not plain)


def one_axis(data: Any) -> Exception | None:
    """The error for X that is one row or one column and no table, with the line for either; None
    for anything else.

    Example:
        >>> print(one_axis(np.zeros(3)))
        X must be a table, got an array of shape (3,). Pass X.reshape(-1, 1) for one column, or
        X.reshape(1, -1) for one row.

    Source: ours.
    """
    if isinstance(data, np.ndarray) and data.ndim == 1 and data.dtype.names is None:
        return DimensionMismatch(
            f"X must be a table, got an array of shape {data.shape}. Pass X.reshape(-1, 1) for "
            "one column, or X.reshape(1, -1) for one row."
        )
    kind = f"{module_of(data)}.{type(data).__name__}"
    if kind == "pandas.Series":
        return TableError(
            "X must be a table, got pandas.Series. For one row of a frame write X.iloc[[0]] with "
            "two brackets, for one column X[['name']]; a Series becomes one by X.to_frame()."
        )
    if kind == "polars.Series":
        return TableError("X must be a table, got polars.Series. Pass X.to_frame().")
    if isinstance(data, list | tuple) and data and isinstance(data[0], int | float | np.number):
        return TableError(
            f"X must be a table, got {type(data).__name__}. One column or one row is none: pass "
            "numpy.asarray(X).reshape(-1, 1) for a column, numpy.asarray(X).reshape(1, -1) for a "
            "row."
        )
    return None


def column_line(table: InnerTable, name: str) -> str:
    """The expression that takes the only column of a table called `name`.

    Example:
        >>> from mlj_keras.data.tables import table_of
        >>> column_line(table_of(np.zeros((3, 1))), "y"), column_line(table_of({"t": [1.0]}), "y")
        ('y[:, 0]', "y['t']")

    Source: ours.
    """
    return (
        f"{name}[:, 0]"
        if table.origin.own.kind == "matrix"
        else (f"{name}[{table.origin.labels[0]!r}]")
    )


def holds_numbers(values: Values) -> bool:
    """True for strings that all read as numbers.

    Example:
        >>> from mlj_keras.data.columns import column_of
        >>> holds_numbers(column_of(["1", "2.5"]).values), holds_numbers(column_of(["a"]).values)
        (True, False)

    Source: ours.
    """
    if not isinstance(values, pa.Array):
        return False
    try:
        values.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return len(values) > 0


def listed(items: Sequence[str]) -> str:
    """What is wrong, to stand between a colon and advice: a sentence, or a line each of many.

    Example:
        >>> listed(["a is odd", "b is odd"]), listed(["a", "b", "c", "d"])
        (' a is odd; b is odd. ', '\\n  a\\n  b\\n  c\\n  d\\n')

    Source: ours.
    """
    if len(items) <= _ON_A_LINE:
        return f" {'; '.join(items)}. "
    return "".join(f"\n  {item}" for item in items) + "\n"
