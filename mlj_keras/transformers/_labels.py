"""Labels that stand for other levels, or for missing values: which, and where in the pool. Knows
pools and codes. Source: MLJTransforms.jl, src/generic.jl."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.categorical import factor_codes, level_list, sorted_factor
from mlj_keras.data.columns import Values, factor, is_factor
from mlj_keras.errors import InvalidModelError, SchemaMismatch
from mlj_keras.transformers._levels import no_labels

_KINDS = {str: "string", int: "number", float: "number"}


def check_labels(value: Any) -> Mapping[str, Any]:
    """A mapping from "string" and "number", which may be written as types, to labels of the kind.

    Raises: TypeError for anything else.
    """
    if not isinstance(value, Mapping):
        raise TypeError(
            'the labels must be a mapping such as {"string": "other", "number": -1}, got '
            f"{value!r}"
        )
    found = {}
    for key, label in value.items():
        kind = _KINDS.get(key, key) if isinstance(key, type) else key
        if kind not in ("string", "number"):
            raise TypeError(f'the kinds of labels are "string" and "number", got {key!r}')
        if _kind_of(label) != kind or (kind == "number" and not math.isfinite(label)):
            raise TypeError(f"the label of a {kind} must be a finite {kind}, got {label!r}")
        found[kind] = label
    return MappingProxyType(found)


def _kind_of(label: Any) -> str:
    """ "string", "number", or the name of the type."""
    return _KINDS.get(type(label), type(label).__name__)


def label_beside(pool: tuple[Any, ...], labels: Mapping[str, Any], name: str, field: str) -> Any:
    """The label for levels such as those of this pool: a new level of their kind.

    Args: field: the hyper-parameter that the labels come from, with its model.
    Raises: InvalidModelError if none is said for the kind, or it is a level already.
    """
    kind = _kind_of(pool[0])
    label = labels.get(kind)
    if label is None and kind == "number":
        return min(pool) - 1
    if label is None:
        raise InvalidModelError(
            f"{field} has no label for column {name!r}, whose levels are of the type "
            f"{type(pool[0]).__name__}, such as {pool[0]!r}. "
            + (
                f'Set {field}={{"string": ...}}'
                if kind == "string"
                else "Turn its levels into strings"
            )
            + ", or leave the column out by features."
        )
    if label in pool:
        raise InvalidModelError(
            f"{field} gives {label!r} for column {name!r}, which is a level of it already. Give "
            "another label."
        )
    if isinstance(pool[0], int) and not float(label).is_integer():
        raise InvalidModelError(
            f"{field} gives {label!r} for column {name!r}, whose levels are whole numbers. Give a "
            "whole number."
        )
    return label if isinstance(label, str) else type(pool[0])(label)


def pool_with(pool: tuple[Any, ...], label: Any, *, ordered: bool) -> tuple[Any, ...]:
    """The pool with one more level: where it belongs among ascending levels, else last. In an
    order of strings a label has no place of its own: last."""
    if list(pool) == sorted(pool) and not (ordered and isinstance(label, str)):
        return tuple(sorted((*pool, label)))
    return (*pool, label)


def with_labels(
    values: Values,
    pool: tuple[Any, ...],
    *,
    instead: Mapping[Any, Any],
    ordered: bool,
    name: str,
    who: str,
) -> pa.DictionaryArray:
    """The values as a factor of this pool; values outside it, as they are, are its last levels.

    Args: instead: the label that takes the place of a level; of None: of missing values.
    Raises: SchemaMismatch for what can be no labels, or labels of another kind.
    """
    own, codes = _levels_and_codes(values, name, who)
    used = [own[code] for code in np.unique(codes[codes >= 0])]
    labels = {level: instead.get(level, level) for level in used}
    strange = [level for level in labels.values() if level not in pool]
    if strange and pool and _kind_of(strange[0]) != _kind_of(pool[0]):
        raise SchemaMismatch(
            f"Column {name!r} has levels such as {strange[0]!r}, and this {who} was trained on "
            f"levels such as {pool[0]!r}. Give labels of the same type."
        )
    wanted = (*pool, *strange)
    position = {label: code for code, label in enumerate(wanted)}
    missing = position[instead[None]] if None in instead else -1
    table = [position[labels[level]] if level in labels else -1 for level in own]
    return factor(np.array([*table, missing])[codes], wanted, ordered=ordered)


def _levels_and_codes(values: Values, name: str, who: str) -> tuple[tuple[Any, ...], np.ndarray]:
    """The levels that values have, and the code of each, -1 where missing."""
    if not is_factor(values):
        try:
            values = sorted_factor(values, ordered=False, pool=None, name=f"column {name!r}")
        except (TypeError, pa.ArrowNotImplementedError) as error:
            raise no_labels(values, name, who) from error
    return level_list(values), factor_codes(values)
