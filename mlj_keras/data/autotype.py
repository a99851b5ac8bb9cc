"""Suggested scitypes: rules that guess from the values what a column means.

Knows tables and scitypes. Must not know models, and changes nothing: its answer goes to `coerce`.
Source: ScientificTypes.jl, src/autotype.jl.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc

from mlj_keras.data.columns import Values, missing_mask
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Infinite,
    Missing,
    Multiclass,
    Optional,
    OrderedFactor,
    Scitype,
    Textual,
    Unknown,
    non_missing,
)
from mlj_keras.data.tables import table_of
from mlj_keras.errors import InvalidArgument


def autotype(
    obj: Any, rules: str | Sequence[str] = ("few_to_finite",), *, only_changes: bool = True
) -> dict[str, Scitype]:
    """Suggested scitypes of the columns of a table.

    `few_to_finite`: a column that is not Finite and has u distinct values in n rows is Finite if
    u <= max(min(0.1 n, 100), 4), or if u <= 3 and n >= 5: an OrderedFactor if its values are
    numbers (floats and booleans too, so any number column of at most 4 values), else Multiclass.
    `discrete_to_continuous`: Count becomes Continuous. `string_to_multiclass`: Textual becomes
    Multiclass, however many values there are. Columns of missing values only, and Unknown ones,
    are left alone.

    Args:
        obj: a table of any accepted kind (hence Any)
        rules: one name, or names, applied in this order, each to what the one before suggests
        only_changes: leave out the columns whose scitype stays.
    Returns: dict name -> Scitype, Optional where a value is missing; pass it to `coerce`.
    Raises: InvalidArgument for an unknown rule; TableError if obj is no table.
    Example:
        >>> autotype({"grade": [1, 2, 3, 1, 2, 3], "length": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
        {'grade': OrderedFactor}

    Source: ScientificTypes.jl, `autotype`.
    """
    names = (rules,) if isinstance(rules, str) else tuple(rules)
    for name in names:
        if name not in _RULES:
            near = difflib.get_close_matches(str(name), _RULES, n=1)
            raise InvalidArgument(
                f"autotype has no rule {name!r}."
                + (f" Did you mean {near[0]!r}?" if near else "")
                + f" The rules are {', '.join(map(repr, _RULES))}."
            )
    table = table_of(obj)
    result = {}
    for column, scitype in column_scitypes(table).items():
        if scitype == Missing or non_missing(scitype) == Unknown:
            suggested = scitype
        else:
            suggested = _suggest(table.column(column), non_missing(scitype), names)
            suggested = Optional[suggested] if scitype >= Missing else suggested
        if suggested != scitype or not only_changes:
            result[column] = suggested
    return result


def _suggest(values: Values, scitype: Scitype, rules: tuple[str, ...]) -> Scitype:
    suggested = scitype
    for rule in rules:
        suggested = _RULES[rule](suggested, scitype, values)
    return suggested


def _few_to_finite(suggested: Scitype, own: Scitype, values: Values) -> Scitype:
    if suggested <= Finite or not len(values):
        return suggested
    n_values, n = _n_distinct(values), len(values)
    few = (n_values <= 3 and n >= 5) or n_values <= max(min(0.1 * n, 100), 4)
    return (OrderedFactor if own <= Infinite else Multiclass) if few else suggested


def _discrete_to_continuous(suggested: Scitype, own: Scitype, values: Values) -> Scitype:
    return Continuous if suggested == Count else suggested


def _string_to_multiclass(suggested: Scitype, own: Scitype, values: Values) -> Scitype:
    return Multiclass if suggested == Textual else suggested


_RULES: dict[str, Callable[[Scitype, Scitype, Values], Scitype]] = {
    "few_to_finite": _few_to_finite,
    "discrete_to_continuous": _discrete_to_continuous,
    "string_to_multiclass": _string_to_multiclass,
}


def _n_distinct(values: Values) -> int:
    if isinstance(values, np.ndarray):
        present = values[~missing_mask(values)]
        return len({(type(item), repr(item)) for item in present})  # repr: items may not hash
    gone = missing_mask(values)
    return int(pc.count_distinct(values.filter(~gone) if gone.any() else values).as_py())
