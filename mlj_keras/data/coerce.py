"""`coerce`: tables and columns turned into data of another scitype, as the kind they came in.

Knows tables, columns and images, and leaves the values to `conversion`. Must not know models.
Source: ScientificTypes.jl, src/coerce.jl and src/convention/coerce.jl.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras._logging import logger
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras._warnings import warn
from mlj_keras.data.categorical import factor_codes, label_list, level_list, sorted_factor
from mlj_keras.data.columns import (
    Column,
    Values,
    column_of,
    column_out,
    is_factor,
    missing_mask,
    module_of,
)
from mlj_keras.data.conversion import convert
from mlj_keras.data.images import coerce_images
from mlj_keras.data.inference import column_scitypes, scitype
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.rows import find_label
from mlj_keras.data.scitypes import (
    Finite,
    Image,
    Infinite,
    Missing,
    Optional,
    Scitype,
    Vector,
    non_missing,
)
from mlj_keras.data.tables import INNER, InnerTable, is_table, table_column, table_of
from mlj_keras.errors import CoercionError, InvalidArgument, ScitypeWarning

pd = lazy_module("pandas")

Spec = Scitype | Mapping[Any, Scitype]
Levels = Sequence[Any] | Mapping[Any, Sequence[Any]] | None


@short_tracebacks
def coerce(
    obj: Any, spec: Spec, *, levels: Levels = None, tight: bool = False, verbosity: int = 1
) -> Any:
    """A table or column whose values have the scitypes that you say they have.

    | from | to | result |
    |---|---|---|
    | float | Count | ints; an error for a value that is not whole |
    | int, bool | Continuous | floats |
    | string | Count, Continuous | the number that is written there; an error if there is none |
    | Finite | Count, Continuous | the 1-based **position in the order of the levels**, no label |
    | number, string | Multiclass, OrderedFactor | a factor; levels ascending, or as in `levels` |
    | Multiclass, OrderedFactor | the other | levels and their order stay |
    | anything else | Finite | strings first, with a warning |
    | anything | Textual | an error |
    | arrays, files | GrayImage, ColorImage | images |

    The labels of a factor of numbers, rather than positions, are `numpy.asarray(y).astype(float)`.
    Missing values stay missing, with an info line unless the target is Optional.

    Args:
        obj: a table, a column or images of any accepted kind (hence Any); never changed
        spec: for a column a Scitype; for a table a mapping of names or old scitypes (of the
            columns that are it, or Optional of it) to new ones
        levels: all levels in their order, for targets Finite: a list for a column or if one column
            becomes Finite, else a mapping name -> list
        tight: also give a column without missing values its plainest type, such as int64 for
            pandas' Int64
        verbosity: 0 for no info lines.
    Returns: an object of obj's kind, where columns that are not coerced are as before. A matrix
        stays one if its one dtype can hold all columns, and else becomes a pandas frame. NumPy
        arrays and lists give a NumPy array, or a pandas Categorical. In polars Multiclass is
        Categorical, OrderedFactor is Enum.
    Raises: CoercionError naming column, value and row for what cannot be converted; SchemaMismatch
        for names that are not there; InvalidArgument for specs that say nothing or contradict
        themselves; TableError if obj is no data.
    Example:
        >>> from mlj_keras.data.scitypes import Count, Multiclass
        >>> y = coerce([3, 1, 3], Multiclass)
        >>> y.tolist(), scitype(y)
        ([3, 1, 3], Vector[Multiclass[2]])
        >>> coerce({"a": ["52", "15"], "b": [1, 2]}, {"a": Count})["a"]
        array([52, 15])

    Source: ScientificTypes.jl, `coerce`, which ignores names that are not in the table.
    """
    _check_spec(spec)
    if isinstance(spec, Mapping):
        result, notes = _coerce_table(obj, spec, levels, tight=tight)
    elif spec.kind == "atom" and spec <= Image:
        result, notes = _coerce_images(obj, spec), []
    else:
        result, notes = _coerce_column(obj, spec, levels, tight=tight)
    for note in notes if verbosity > 0 else ():
        logger.info("coerce: %s", note)
    return result


def _check_spec(spec: object) -> None:
    if isinstance(spec, type):
        raise _machine_type(spec, "the data")
    if not isinstance(spec, Scitype | Mapping):
        raise InvalidArgument(
            f"spec must be a scitype (for a column) or a mapping to scitypes, got {spec!r:.60}. "
            "Write coerce(y, Multiclass) or coerce(X, {'name': Multiclass})."
        )


def _coerce_column(
    obj: Any, spec: Scitype, levels: Levels, *, tight: bool
) -> tuple[Any, list[str]]:
    if is_table(obj):
        raise InvalidArgument(
            f"A table needs a target for each column, got {spec} for all of it. "
            f"Write coerce(X, {{name: {spec}}}) or, say, coerce(X, {{Textual: {spec}}})."
        )
    what = "this column"
    target = _check_target(spec, what)
    pool = _check_levels(levels, target, what)
    column = column_of(obj, "obj")
    values, notes = _coerced(column.values, target, what, pool)
    if column.origin.kind != "list" and _is_same(column.values, values, tight=tight):
        return obj, notes
    return written(values, column, what, pool), notes


def _coerce_table(
    obj: Any, spec: Mapping[Any, Any], levels: Levels, *, tight: bool
) -> tuple[Any, list[str]]:
    if not is_table(obj) and (isinstance(obj, np.ndarray | list | tuple) or _reads(obj)):
        raise InvalidArgument(
            f"A mapping of names is for tables, got a column ({type(obj).__name__}). "
            "Write coerce(y, Multiclass)."
        )
    table = table_of(obj)
    targets = _resolve(spec, table)
    pools = _resolve_levels(levels, targets, table)
    new: dict[str, Any] = {}
    notes: list[str] = []
    for label, target in targets.items():
        column = _own_column(obj, table, label)
        what = f"column {str(label)!r}"
        values, told = _coerced(column.values, target, what, pools.get(label))
        notes += told
        if not _is_same(column.values, values, tight=tight):
            new[str(label)] = written(values, column, what, pools.get(label))
    return (replace_columns(table, new) if spec else obj), notes


def _reads(obj: Any) -> bool:
    """True for one-dimensional data of pandas, polars or Arrow."""
    return module_of(obj) in ("pandas", "polars", "pyarrow") and hasattr(obj, "__len__")


def _coerce_images(obj: Any, target: Scitype) -> Any:
    if target.name == "Image":
        if scitype(obj) <= Vector[target]:
            return obj
        raise CoercionError(
            f"{type(obj).__name__} of scitype {scitype(obj)} cannot be coerced to {target}. "
            "Write GrayImage or ColorImage."
        )
    result = coerce_images(obj, target)
    got = scitype(result)
    if not got <= Vector[target]:
        raise CoercionError(
            f"These images have scitype {got}, and {target} was asked for. Resize or crop them."
        )
    return result


def _machine_type(target: type, what: str) -> CoercionError:
    return CoercionError(
        f"{what} cannot be coerced to {target.__name__}, which is no scientific type. "
        "Write Continuous, Count, Multiclass or OrderedFactor."
    )


def _check_target(target: Any, what: str) -> Scitype:
    if isinstance(target, type):
        raise _machine_type(target, what)
    if not isinstance(target, Scitype):
        raise InvalidArgument(
            f"The target of {what} must be a scitype, got {target!r:.60}. Write Multiclass, say."
        )
    if non_missing(target).kind != "atom" or target == Missing:
        raise InvalidArgument(
            f"The target of {what} must be one scitype of a value, or Optional of it, "
            f"got {target}. Write Continuous or Optional[Continuous], say."
        )
    return target


def _resolve(spec: Mapping[Any, Any], table: InnerTable) -> dict[Any, Scitype]:
    """The target of each column that the spec means, by the user's own label, in column order."""
    labels = table.origin.labels
    own = None
    said: dict[Any, list[Any]] = {}
    for key, target in spec.items():
        if isinstance(key, Scitype):
            own = column_scitypes(table) if own is None else own
            # A column of missing values only is no evidence of a scitype.
            found = [
                label
                for label in labels
                if own[str(label)] != Missing and own[str(label)] <= Optional[key]
            ]
        elif isinstance(key, str | int | np.integer) and not isinstance(key, bool):
            found = [find_label(key, labels)]
        else:
            raise InvalidArgument(
                f"spec must map names or scitypes to scitypes, got the key {key!r:.60}. "
                "Write {'name': Multiclass} or {Textual: Multiclass}."
            )
        target = _check_target(target, f"column {key!r}")
        for label in found:
            said.setdefault(label, []).append((key, target))
    for label, pairs in said.items():
        if len(pairs) > 1:
            shown = ", ".join(f"{key!r}: {target}" for key, target in pairs)
            raise InvalidArgument(
                f"spec resolves column {str(label)!r} more than once: {shown}. "
                "Leave all but one out."
            )
    return {label: said[label][0][1] for label in labels if label in said}


def _resolve_levels(
    levels: Levels, targets: Mapping[Any, Scitype], table: InnerTable
) -> dict[Any, tuple[Any, ...]]:
    if levels is None:
        return {}
    if not isinstance(levels, Mapping):
        finite = [label for label, target in targets.items() if non_missing(target) <= Finite]
        if len(finite) != 1:
            raise InvalidArgument(
                f"One list of levels is for one column that becomes Finite, and spec has "
                f"{len(finite)}. Write levels={{name: [...]}}."
            )
        levels = {finite[0]: levels}
    result = {}
    for name, pool in levels.items():
        label = find_label(name, table.origin.labels)
        what = f"column {str(label)!r}"
        if label not in targets:
            raise InvalidArgument(
                f"levels names {what}, which spec does not coerce. "
                "Add it to spec, or use set_levels."
            )
        result[label] = _check_levels(pool, targets[label], what) or ()
    return result


def _check_levels(levels: Any, target: Scitype, what: str) -> tuple[Any, ...] | None:
    if levels is None:
        return None
    if not non_missing(target) <= Finite:
        raise InvalidArgument(
            f"levels are for targets that are Finite, and {what} goes to {target}. "
            "Leave levels out."
        )
    return label_list(levels, what)


def _coerced(
    values: Values, target: Scitype, what: str, pool: tuple[Any, ...] | None
) -> tuple[Values, list[str]]:
    """The converted values, and what the user should be told."""
    wanted = non_missing(target)
    result = convert(values, wanted, what, pool=pool)
    notes = []
    if wanted <= Infinite and is_factor(values):
        labels = level_list(values)
        if labels and not isinstance(labels[0], str):
            notes.append(
                f"{what}: the levels {list(labels)[:5]!r} become their positions 1, 2, ..., not "
                "their own values; those are numpy.asarray(column).astype(float)."
            )
    if not target >= Missing and missing_mask(result).any():
        notes.append(
            f"{what} has missing values, so it is Optional[{wanted}] now. "
            f"Write Optional[{wanted}] to say that you know."
        )
    return result, notes


def _is_same(old: Values, new: Values, *, tight: bool) -> bool:
    return new is old and not (tight and not missing_mask(old).any())


def _own_column(obj: Any, table: InnerTable, label: Any) -> Column:
    if isinstance(obj, Mapping):
        return column_of(obj[label], f"X[{label!r}]")
    return table_column(table, str(label))


def written(values: Values, column: Column, what: str, pool: tuple[Any, ...] | None) -> Any:
    """The values as the kind of column that `column` came from."""
    origin = column.origin
    if origin.kind == INNER:
        return values
    if origin.kind == "polars" and is_factor(values):
        values = _polars_factor(values, what, is_asked=pool is not None)
    elif isinstance(values, pa.Array) and pa.types.is_integer(values.type) and values.null_count:
        # NumPy's ints know no missing value, and floats would not be Count.
        if origin.kind in ("pandas", "categorical"):
            array = pd.array(values.to_pylist(), dtype="Int64")
            if origin.kind == "categorical":
                return array
            return pd.Series(array, index=column.index, name=origin.name)
        if origin.kind in ("numpy", "list"):
            return np.array(values.to_pylist(), dtype=object)
    return column_out(values, origin, column.index)


def _polars_factor(values: pa.DictionaryArray, what: str, *, is_asked: bool) -> pa.Array:
    """The factor with string levels; raises if it is unordered and polars would lose its pool.

    Args: is_asked: the order of the levels is that of the argument `levels`.
    """
    pool, codes = level_list(values), factor_codes(values)
    labels = [str(label) for label in pool]
    if labels != list(pool):
        warn(
            f"polars has strings only as categories: the levels {list(pool)[:5]!r} of {what} "
            "become strings.",
            ScitypeWarning,
        )
        labels = labels if is_asked or values.type.ordered else sorted(labels)
    used = sorted(str(pool[code]) for code in np.unique(codes[codes >= 0]))
    if not values.type.ordered and used != labels:
        raise CoercionError(
            f"polars cannot hold the levels {labels[:5]!r} of {what} as Multiclass: its "
            "Categorical has the values that occur, sorted. "
            "Coerce to OrderedFactor, or use another kind of table."
        )
    names = np.array([*map(str, pool), None], dtype=object)  # code -1 means missing
    return sorted_factor(
        pa.array(names[codes], pa.string()), ordered=values.type.ordered, pool=labels, name=what
    )
