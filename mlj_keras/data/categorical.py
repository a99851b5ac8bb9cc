"""Factors: pools of levels, their order, and the codes of values in them.

Knows columns only. Source: CategoricalArrays.jl (`levels`, `levels!`) and ScientificTypes.jl,
src/convention/coerce.jl.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.columns import Values, column_of, column_out, factor, is_factor, missing_mask
from mlj_keras.errors import (
    CoercionError,
    InvalidArgument,
    SchemaMismatch,
    ScitypeError,
    UnseenLevelError,
)


def level_list(values: pa.DictionaryArray) -> tuple[Any, ...]:
    """The pool of a factor, in its order, unused levels included."""
    return tuple(values.dictionary.to_pylist())


def factor_codes(values: pa.DictionaryArray) -> np.ndarray:
    """Codes (n,), int32, into the factor's own pool; -1 where missing."""
    indices = values.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    codes: np.ndarray = indices.to_numpy(zero_copy_only=False)
    return codes


def levels(y: Any) -> tuple[Any, ...]:
    """The levels of a factor: the whole pool in its order, unused levels included.

    Args: y: a categorical column of any kind, a UnivariateFinite or a vector of them; scitype
        Vector[Finite].
    Returns: tuple of labels.
    Raises: ScitypeError if y is not categorical.
    Example:
        >>> import pandas as pd
        >>> levels(pd.Categorical(["b", "a"], categories=["b", "a", "c"]))
        ('b', 'a', 'c')

    Source: CategoricalArrays.jl, `levels`; polars' Categorical has no order of its own, so its
        levels are the sorted values.
    """
    own = getattr(y, "levels", None)  # distributions have them
    if isinstance(own, tuple):
        return own
    values = column_of(y).values
    if not is_factor(values):
        raise ScitypeError(
            f"levels needs a categorical column, got {type(y).__name__} of "
            f"{getattr(values, 'type', 'objects')}. Write levels(coerce(y, Multiclass))."
        )
    return level_list(values)


def set_levels(y: Any, new_levels: Sequence[Any]) -> Any:
    """The same categorical column with its pool reordered or extended.

    Args:
        y: a categorical column, scitype Vector[Finite]
        new_levels: all levels in their new order; every level in use is in it.
    Returns: a column of y's kind.
    Raises: ScitypeError if y is not categorical; InvalidArgument if new_levels is no list;
        CoercionError if a level in use is dropped or a level is given twice.
    Example:
        >>> import pandas as pd
        >>> levels(set_levels(pd.Categorical(["b", "a"]), ["b", "a", "z"]))
        ('b', 'a', 'z')

    Source: CategoricalArrays.jl, `levels!` (which works in place).
    """
    levels(y)
    column = column_of(y)
    pool = label_list(new_levels, "this column")
    values = with_levels(column.values, pool, "this column")
    return column_out(values, column.origin, column.index)


def with_levels(
    values: pa.DictionaryArray, new_levels: Sequence[Any], name: str
) -> pa.DictionaryArray:
    """A factor re-coded into another pool.

    Raises: CoercionError if a level in use is not in the new pool, or a level is given twice.
    """
    wanted = check_pool(new_levels, name)
    old, codes = level_list(values), factor_codes(values)
    position = {label: code for code, label in enumerate(wanted)}
    lost = [old[code] for code in np.unique(codes[codes >= 0]) if old[code] not in position]
    if lost:
        raise CoercionError(
            f"levels={list(wanted)!r} of {name} drop {lost!r}, found in the data. Add them to "
            "levels."
        )
    table = np.array([position.get(label, -1) for label in old] + [-1], dtype=np.int32)
    return factor(table[codes], wanted, ordered=values.type.ordered)


def label_list(levels_: Any, name: str) -> tuple[Any, ...]:
    """The levels that the user wrote, as a tuple; InvalidArgument for what is no list of them."""
    if isinstance(levels_, str | bytes | Mapping) or not hasattr(levels_, "__iter__"):
        raise InvalidArgument(
            f"levels of {name} must be a list of labels, got {levels_!r:.60}. "
            "Write a list such as ['low', 'high']."
        )
    return tuple(levels_)


def check_pool(levels_: Sequence[Any], name: str) -> tuple[Any, ...]:
    """The levels as a tuple of Python scalars; CoercionError if one is given twice or missing."""
    wanted = tuple(item.item() if isinstance(item, np.generic) else item for item in levels_)
    if len(set(wanted)) < len(wanted):
        twice = sorted({repr(item) for item in wanted if wanted.count(item) > 1})
        raise CoercionError(
            f"levels of {name} name {', '.join(twice)} more than once. Give each level once."
        )
    if any(item is None or item != item for item in wanted):
        raise CoercionError(
            f"levels of {name} contain a missing value, which is never a level. Leave it out."
        )
    return wanted


def encode(values: Values, pool: Sequence[Any], what: str) -> np.ndarray:
    """Codes (n,), int32, of any column's values in a given pool; -1 where missing. Matched by
    label, not by code.

    Args:
        values: a factor, or plain values all of which are levels
        pool: labels
        what: name for messages, such as "column 'a'".
    Raises: UnseenLevelError naming `what`, the values and the levels; SchemaMismatch for lists
        and the like, which can be no labels.
    """
    if is_factor(values):
        own, codes = level_list(values), factor_codes(values)
        if own == tuple(pool):
            return codes
    else:
        try:
            own, codes = _distinct(values)
        except (TypeError, pa.ArrowNotImplementedError) as error:
            kind = values.type if isinstance(values, pa.Array) else f"{values[0]!r:.40}"
            raise SchemaMismatch(
                f"{what[:1].upper()}{what[1:]} holds {kind}, which can be no level, and was a "
                f"factor in training. The levels are {_some(pool)}. Give one of them in each row."
            ) from error
    position = {label: code for code, label in enumerate(pool)}
    table = np.array([position.get(label, -1) for label in own] + [-1], dtype=np.int32)
    result: np.ndarray = table[codes]
    unseen = np.flatnonzero((result < 0) & (codes >= 0))
    if len(unseen):
        labels = list(dict.fromkeys(own[code] for code in codes[unseen]))
        raise UnseenLevelError(
            f"{what} has {len(unseen)} value(s) that are no level seen in training: "
            f"{_some(labels)} (first at row {unseen[0]}). The levels are {_some(pool)}. Drop "
            "those rows, or train with a pool that has them: coerce(..., levels=[...])."
        )
    return result


def _some(labels: Sequence[Any]) -> str:
    shown = ", ".join(map(repr, list(labels)[:5]))
    return shown + (f", ... ({len(labels)} in all)" if len(labels) > 5 else "")


def _distinct(values: Values) -> tuple[tuple[Any, ...], np.ndarray]:
    if isinstance(values, np.ndarray):
        present = ~missing_mask(values)
        labels = tuple(dict.fromkeys(values[present].tolist()))
        where = {label: code for code, label in enumerate(labels)}
        codes = np.full(len(values), -1, dtype=np.int32)
        codes[present] = [where[item] for item in values[present].tolist()]
        return labels, codes
    gone = missing_mask(values)
    encoded = values.dictionary_encode()
    codes = factor_codes(encoded).copy()
    codes[gone] = -1
    return tuple(encoded.dictionary.to_pylist()), codes


def sorted_factor(
    values: Values, *, ordered: bool, pool: Sequence[Any] | None, name: str
) -> pa.DictionaryArray:
    """Plain values as a factor: levels sorted ascending, or those of `pool` in its order.

    Raises: CoercionError if a value is not in `pool`, or the values cannot be sorted.
    """
    labels, codes = _distinct(values)
    present = [labels[code] for code in np.unique(codes[codes >= 0])]
    if pool is None:
        try:
            wanted: tuple[Any, ...] = tuple(sorted(present))
        except TypeError as error:
            raise CoercionError(
                f"The values of {name} are of types that have no common order. Turn them into "
                "strings first."
            ) from error
    else:
        wanted = check_pool(pool, name)
    position = {label: code for code, label in enumerate(wanted)}
    lost = [label for label in present if label not in position]
    if lost:
        raise CoercionError(
            f"levels={list(wanted)!r} of {name} lack {_some(lost)}, found in the data. "
            "Add them to levels."
        )
    table = np.array([position.get(label, -1) for label in labels] + [-1], dtype=np.int32)
    return factor(table[codes], wanted, ordered=ordered)
