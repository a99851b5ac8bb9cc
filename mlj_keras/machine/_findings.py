"""Words about what a column holds that a network cannot take, for messages.

Knows columns only. Source: ours.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from mlj_keras.data.columns import Values, is_factor, missing_mask


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


def fill_line(values: Values, name: str) -> str:
    """The line of pandas that removes the missing values of the column `name` of X.

    Example:
        >>> from mlj_keras.data.columns import column_of
        >>> fill_line(column_of([0.5, None]).values, "a")
        'X = X.fillna(X.median(numeric_only=True))'

    Source: ours.
    """
    if missing_mask(values).all():
        return f"X = X.drop(columns={name!r}), which holds nothing else"
    if is_factor(values) or isinstance(values, np.ndarray) or pa.types.is_string(values.type):
        return "X = X.fillna(X.mode().iloc[0])"
    return "X = X.fillna(X.median(numeric_only=True))"


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
