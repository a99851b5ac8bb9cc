"""Values of one column turned into values of another scitype.

Knows Arrow values and factors. Must not know tables, nor the kind of column the user gave.
Source: ScientificTypes.jl, src/convention/coerce.jl.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import (
    _distinct,
    factor_codes,
    level_list,
    sorted_factor,
    with_levels,
)
from mlj_keras.data.columns import Values, as_floats, is_factor, missing_mask
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Infinite,
    Missing,
    ScientificTimeType,
    Scitype,
    Textual,
    non_missing,
)
from mlj_keras.errors import CoercionError, ScitypeWarning

_INTEGER = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_NUMBER = re.compile(
    r"\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf|infinity)\s*", re.ASCII | re.IGNORECASE
)
_LIMIT = 2**63  # of the int64 that a Count is kept in


def convert(
    values: Values, target: Scitype, name: str, *, pool: Sequence[Any] | None = None
) -> Values:
    """The values as values of scitype `target`; missing ones stay missing.

    Args:
        values: (n,)
        target: an atom, without Missing
        name: for messages, such as "column 'a'"
        pool: levels and their order, for a Finite target.
    Returns: values (n,) of scitype target or Optional[target].
    Raises: CoercionError if the conversion is not defined, or fails for a value.
    """
    own = non_missing(values_scitype(values))
    if target <= Textual:
        raise CoercionError(
            f"Nothing can be coerced to Textual, got {name} of scitype {own}. "
            "Turn the values into strings with your table's own tools."
        )
    if own <= target and own != Missing and pool is None:
        return values
    if target <= Finite:
        return _to_finite(values, target, name, pool)
    if target <= Count:
        return _to_count(values, name, own)
    if target <= Continuous:
        return _to_continuous(values, name, own)
    advice = (
        "Write Count for whole numbers, Continuous for others."
        if target == Infinite
        else "Data are coerced to Continuous, Count, Multiclass and OrderedFactor; images, which "
        f"no column of a table holds, on their own: coerce(list(X['name']), {target}) of paths."
        if target.name in ("GrayImage", "ColorImage", "Image")
        else "Read dates and times by your table's own tools, such as pandas.to_datetime."
        if target <= ScientificTimeType
        else "Data are coerced to Continuous, Count, Multiclass, OrderedFactor, and images."
    )
    raise CoercionError(f"{name} of scitype {own} cannot be coerced to {target}. {advice}")


def _to_count(values: Values, name: str, own: Scitype) -> pa.Array:
    if is_factor(values):
        codes = factor_codes(values).astype(np.int64)
        return pa.array(codes + 1, mask=codes < 0)
    if isinstance(values, pa.Array) and pa.types.is_floating(values.type):
        floats = as_floats(values)
        gone = missing_mask(values)
        whole = np.isfinite(floats) & (np.abs(floats) < _LIMIT) & (np.floor(floats) == floats)
        bad = np.flatnonzero(~gone & ~whole)
        if len(bad):
            raise _bad_value(name, floats[bad[0]].item(), int(bad[0]), "Count", own)
        return pa.array(np.where(gone, 0, floats).astype(np.int64), mask=gone)
    return _by_label(values, name, own, "Count", _whole, np.int64)


def _to_continuous(values: Values, name: str, own: Scitype) -> pa.Array:
    if is_factor(values):
        codes = factor_codes(values).astype(np.float64)
        return pa.array(codes + 1, mask=codes < 0)
    if own <= Count and isinstance(values, pa.Array):
        whole = values.cast(pa.uint8()) if pa.types.is_boolean(values.type) else values
        return whole.cast(pa.float64(), safe=False)  # ints above 2**53 are rounded
    return _by_label(values, name, own, "Continuous", _real, np.float64)


def _by_label(
    values: Values,
    name: str,
    own: Scitype,
    target: str,
    number: Callable[[Any], float | None],
    dtype: type[np.generic],
) -> pa.Array:
    """Each distinct value converted once by `number`, which gives None for what is no number."""
    try:
        labels, codes = _distinct(values)
    except (TypeError, pa.ArrowNotImplementedError) as error:  # lists, which do not hash
        raise CoercionError(
            f"{name} of scitype {own} cannot be coerced to {target}: its values are no numbers "
            "or strings. Replace them first."
        ) from error
    converted = [number(label) for label in labels]
    wrong = np.array([value is None for value in converted] + [False])
    bad = np.flatnonzero(wrong[codes])
    if len(bad):
        raise _bad_value(name, labels[codes[bad[0]]], int(bad[0]), target, own)
    table = np.array([0 if value is None else value for value in converted] + [0], dtype=dtype)
    return pa.array(table[codes], mask=codes < 0)


def _bad_value(name: str, value: Any, row: int, target: str, own: Scitype) -> CoercionError:
    what = "a whole number" if target == "Count" else "a number"
    return CoercionError(
        f"{name} of scitype {own} cannot be coerced to {target}: {value!r} at row {row} is not "
        f"{what}. Replace such values, or write None where they mean a missing value."
    )


def _whole(label: Any) -> int | None:
    if isinstance(label, str) and _INTEGER.fullmatch(label):
        whole = int(label)
    else:
        number = _real(label)
        if number is None or not float(number).is_integer():
            return None
        whole = int(number if isinstance(label, str) else label)
    return whole if -_LIMIT <= whole < _LIMIT else None


def _real(label: Any) -> float | None:
    if isinstance(label, str):
        return float(label) if _NUMBER.fullmatch(label) else None
    if not isinstance(label, numbers.Number) or isinstance(label, complex | np.complexfloating):
        return None
    try:
        return float(label)  # type: ignore[arg-type]  # Number promises no __float__; Decimal has it
    except (OverflowError, TypeError, ValueError):
        return None


def _to_finite(
    values: Values, target: Scitype, name: str, pool: Sequence[Any] | None
) -> pa.DictionaryArray:
    if is_factor(values):
        ordered = target.name == "OrderedFactor" or (
            target.name == "Finite" and values.type.ordered
        )
        values = pa.DictionaryArray.from_arrays(values.indices, values.dictionary, ordered=ordered)
        result = values if pool is None else with_levels(values, pool, name)
    else:
        ordered = target.name == "OrderedFactor"
        result = sorted_factor(_as_labels(values, name), ordered=ordered, pool=pool, name=name)
    n_levels = len(result.dictionary)
    if target.args is not None and target.args != (n_levels,):
        raise CoercionError(
            f"{name} has {n_levels} levels {list(level_list(result))[:5]!r}, and {target} has "
            f"{target.args[0]}. Write {target.name}, or give all levels by levels=[...]."
        )
    return result


def _as_labels(values: Values, name: str) -> pa.Array:
    """Values that can be levels as they are; others become strings."""
    if isinstance(values, pa.Array):
        kind = values.type
        tests = (
            pa.types.is_string,
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_boolean,
            pa.types.is_null,
        )
        if any(test(kind) for test in tests):
            return values
        items = values.to_pylist()
    else:
        items = values.tolist()
    gone = missing_mask(values)
    first = next(item for item, is_gone in zip(items, gone, strict=True) if not is_gone)
    warn(
        f"{name} holds values such as {first!r}, which become strings to be levels.",
        ScitypeWarning,
    )
    return pa.array(
        [None if is_gone else str(item) for item, is_gone in zip(items, gone, strict=True)],
        pa.string(),
    )
