"""Levels: what the encoders of factors read in training and in new data, with errors that say what
to do. Knows pools and codes. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.budget import check_budget
from mlj_keras.data.categorical import encode, factor_codes, level_list
from mlj_keras.data.columns import Column, Values
from mlj_keras.data.inference import values_scitype
from mlj_keras.errors import ModelWarning, SchemaMismatch, ScitypeError
from mlj_keras.transformers._reading import nothing_there


def check_table(X: Any, who: str) -> None:
    """No column alone, of which several would have to be made.

    Raises: ScitypeError.
    """
    if isinstance(X, Column):
        raise ScitypeError(
            f"{who} makes several columns of one, so it takes a table, got a single column. Give "
            'a table of one column: {"x": x}.'
        )


def training_pool(values: Any, name: str, who: str) -> tuple[Any, ...]:
    """The levels of a factor, in the order of its pool.

    Raises: MissingValuesError if it has none.
    """
    pool = level_list(values)
    if not pool:
        raise nothing_there(name, who)
    return pool


def check_width(n_rows: int, n_columns: int, *, name: str, who: str) -> None:
    """Raise MemoryBudgetError if so many columns in the place of one do not fit the memory."""
    check_budget(
        8 * n_rows * n_columns,
        what=f"Column {name!r}, of which {who} makes {n_columns} columns of {n_rows} rows,",
        advice="Merge rare levels by CardinalityReducer, or leave the column to a network, which "
        "has an embedding for it.",
    )


def training_codes(values: Any, name: str, who: str) -> np.ndarray:
    """Codes (n,) into the factor's own pool, -1 where missing.

    Raises: MissingValuesError if all are missing.
    """
    codes = factor_codes(values)
    if not (codes >= 0).any():
        raise nothing_there(name, who)
    return codes


def warn_of_no_column(name: str, who: str) -> None:
    """Warn that a column of one level becomes no column at all."""
    warn(
        f"Column {name!r} has a single level, so {who} makes no column of it: what it held is "
        "lost. Leave it out by features, or drop it.",
        ModelWarning,
    )


def codes_in(values: Values, pool: tuple[Any, ...], name: str, who: str) -> np.ndarray:
    """Codes (n,) of new values in the training pool, -1 where missing.

    Raises: UnseenLevelError for values outside it; SchemaMismatch for what can be no labels.
    """
    try:
        return encode(values, pool, f"Column {name!r}")
    except SchemaMismatch as error:
        raise no_labels(values, name, who) from error


def no_labels(values: Values, name: str, who: str) -> SchemaMismatch:
    """The error for new values that can be no labels, such as lists."""
    return SchemaMismatch(
        f"Column {name!r} is {values_scitype(values)}, and this {who} was trained on a factor "
        "there. Give labels, as a factor or as plain strings or numbers."
    )


def looked_up(numbers: Any, codes: np.ndarray, dtype: str = "float64") -> np.ndarray:
    """The number of each code (n,), NaN where missing."""
    table = np.append(np.asarray(numbers, dtype=dtype), np.nan).astype(dtype)
    found: np.ndarray = table[codes]
    return found
