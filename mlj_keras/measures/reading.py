"""What a measure is given, read: predictions and truths as arrays, row by row.

Numbers, tables of numbers, classes in one pool, or distributions with the codes of the truth in
their pool. Knows columns, tables and distributions; no measure but by name.
Source: StatisticalMeasuresBase.jl, src/fussy.jl (the checks) and StatisticalMeasures.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.data.alignment import check_row_order, row_labels
from mlj_keras.data.categorical import encode, level_list, sorted_factor
from mlj_keras.data.columns import (
    Column,
    Values,
    as_floats,
    column_of,
    is_column,
    is_factor,
    is_numeric,
    missing_mask,
)
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    MissingValuesError,
    ScitypeError,
    UnseenLevelError,
)
from mlj_keras.probability.univariate_finite import UnivariateFinite, UnivariateFiniteVector


@dataclasses.dataclass(frozen=True)
class Pair:
    """Predictions and truths of the same n rows.

    Args:
        prediction: (n,) floats or codes, (n, k) floats of k targets, or (n, K) probabilities
        truth: (n,) floats or codes, -1 where missing; (n, k) floats; NaN where missing
        present: (n,) booleans, False where the truth is missing
        levels: the pool of classes, () for numbers; the last of two is the positive one
        ordered: whether the pool is ordered, so that the positive class is meant.
    """

    prediction: np.ndarray
    truth: np.ndarray
    present: np.ndarray
    levels: tuple[Any, ...] = ()
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.truth)

    def complete(self) -> Pair:
        """The rows whose truth is there."""
        if self.present.all():
            return self
        rows = self.present
        return dataclasses.replace(
            self, prediction=self.prediction[rows], truth=self.truth[rows], present=rows[rows]
        )


def read_numbers(name: str, prediction: Any, truth: Any) -> Pair:
    """Two columns of numbers; NaN and missing predictions stay NaN."""
    _refuse_distributions(name, prediction, truth, "predict_mean(mach, X)")
    left = _floats(name, prediction, "prediction")
    right = _floats(name, truth, "truth")
    _check_lengths(name, left, right)
    return Pair(left, right, ~np.isnan(right))


def read_number_tables(name: str, prediction: Any, truth: Any) -> Pair:
    """Two tables of numbers, or one column each; columns of the prediction by the truth's names
    where both have names."""
    _refuse_distributions(name, prediction, truth, "predict_mean(mach, X)")
    left, right = _numbers_of_table(name, prediction), _numbers_of_table(name, truth)
    names, wanted = left[1], right[1]
    if left[0].shape[1:] != right[0].shape[1:] or (
        names and wanted and sorted(names) != sorted(wanted)
    ):
        raise DimensionMismatch(
            f"{name} needs the same targets twice, got {names or left[0].shape[1]} as prediction "
            f"and {wanted or right[0].shape[1]} as truth. Select the same columns of both."
        )
    numbers = left[0][:, [names.index(n) for n in wanted]] if names and wanted else left[0]
    _check_lengths(name, numbers, right[0])
    return Pair(numbers, right[0], ~np.isnan(right[0]).any(axis=1))


def read_classes(name: str, prediction: Any, truth: Any) -> Pair:
    """Two columns of labels in one pool: that of both, of the one that has one, or else the
    sorted values."""
    _refuse_distributions(name, prediction, truth, "predict_mode(mach, X)")
    left, right = _column(name, prediction, "prediction"), _column(name, truth, "truth")
    _check_lengths(name, left, right)
    levels, ordered = _common_pool(name, left.values, right.values)
    codes = _codes(name, left.values, levels, "prediction")
    truths = _codes(name, right.values, levels, "truth")
    present = truths >= 0
    if (codes[present] < 0).any():
        raise MissingValuesError(
            f"{name} was given {(codes[present] < 0).sum()} missing prediction(s), first at row "
            f"{np.flatnonzero(present & (codes < 0))[0]}. Drop those rows of both."
        )
    return Pair(codes, truths, present, levels, ordered)


def read_distributions(name: str, prediction: Any, truth: Any) -> Pair:
    """Distributions over a pool, and labels in it."""
    vector = distributions_of(prediction)
    if vector is None:
        if distributions_of(truth) is not None:
            raise InvalidArgument(
                f"{name} was given the truth first. Call {name}(prediction, truth): predicted "
                "distributions, then what was observed."
            )
        raise InvalidArgument(
            f"{name} needs predicted distributions, got {_kind(prediction)}. Give "
            "predict(mach, X) of a classifier, or UnivariateFinite(levels, probabilities)."
        )
    column = _column(name, truth, "truth")
    _check_lengths(name, vector, column)
    rows, pool, ordered = vector.probabilities, vector.levels, vector.ordered
    if is_factor(column.values):
        own = level_list(column.values)
        _check_pools(name, pool, own)
        if column.values.type.ordered and not ordered:  # the truth says which class is last
            rows, pool, ordered = rows[:, [pool.index(level) for level in own]], own, True
        elif column.values.type.ordered:
            _check_orders(name, pool, own)
    codes = _codes(name, column.values, pool, "truth")
    return Pair(rows, codes, codes >= 0, pool, ordered)


def check_rows(prediction: Any, truth: Any) -> None:
    """Raise InvalidArgument if both have the same pandas row labels in another order."""
    check_row_order(("prediction", "truth"), (row_labels(prediction), row_labels(truth)))


def has_truth(truth: Any) -> np.ndarray:
    """(n,) booleans: False for rows whose truth, or one of several, is missing."""
    if is_column(truth) or isinstance(truth, Column):
        return ~missing_mask(column_of(truth).values)
    if not is_table(truth) and not isinstance(truth, InnerTable):
        return np.ones(len(truth) if hasattr(truth, "__len__") else 0, dtype=bool)
    table = table_of(truth)
    masks = [missing_mask(table.column(name)) for name in table.names]
    return ~np.any(masks, axis=0) if masks else np.ones(table.n_rows, dtype=bool)


def is_distribution(obj: Any) -> bool:
    """True for distributions over classes, one or many."""
    return distributions_of(obj) is not None


def distributions_of(obj: Any) -> UnivariateFiniteVector | None:
    """Distributions over classes as one vector, or None for anything else."""
    if isinstance(obj, UnivariateFiniteVector):
        return obj
    if isinstance(obj, UnivariateFinite):
        obj = [obj]
    if not isinstance(obj, list | tuple) or not obj:
        return None
    if not all(isinstance(one, UnivariateFinite) for one in obj):
        return None
    pool = obj[0].levels
    if any(one.levels != pool for one in obj):
        raise InvalidArgument(
            "These distributions have different pools of classes: "
            f"{' and '.join(map(str, list(dict.fromkeys(one.levels for one in obj))[:3]))}. Make "
            "them with one: UnivariateFinite(..., pool=[...])."
        )
    rows = np.stack([one.probabilities for one in obj])
    return UnivariateFiniteVector(rows, pool, ordered=obj[0].ordered)


def _refuse_distributions(name: str, prediction: Any, truth: Any, instead: str) -> None:
    if is_distribution(truth):
        raise InvalidArgument(
            f"{name} was given distributions as truth. Call {name}(prediction, truth), with "
            f"{instead} as prediction."
        )
    if is_distribution(prediction):
        raise InvalidArgument(
            f"{name} needs predicted values, got {_kind(prediction)}. Give {instead}."
        )


def _column(name: str, obj: Any, what: str) -> Column:
    if not is_column(obj) and not isinstance(obj, Column):
        scalar = np.isscalar(obj) or obj is None
        advice = "Give one value a row." if not scalar else f"Write [{obj!r}] for one row."
        raise InvalidArgument(f"{name} needs columns, got {_kind(obj)} as {what}. {advice}")
    return column_of(obj, what)


def _floats(name: str, obj: Any, what: str) -> np.ndarray:
    values = _column(name, obj, what).values
    if not is_numeric(values):
        shown = "a factor" if is_factor(values) else f"values such as {values[:1].tolist()[0]!r}"
        raise ScitypeError(
            f"{name} compares numbers, and the {what} is {shown}. Give numbers, or a measure of "
            "classes such as accuracy."
        )
    return as_floats(values).astype(np.float64, copy=False)


def _numbers_of_table(name: str, obj: Any) -> tuple[np.ndarray, list[str]]:
    """((n, k) floats, the names of the columns: none for matrices and columns)."""
    if not is_table(obj) and not isinstance(obj, InnerTable):
        return _floats(name, obj, "column")[:, None], []
    table = table_of(obj, "the table")
    columns = [_floats(name, Column(table.column(n), None), f"column {n!r}") for n in table.names]  # type: ignore[arg-type]  # the origin plays no part
    if not columns:
        raise EmptyData(f"{name} was given a table without columns. Give a column a target.")
    names = [] if table.origin.kind == "matrix" else list(table.names)
    return np.column_stack(columns), names


def _common_pool(name: str, left: Values, right: Values) -> tuple[tuple[Any, ...], bool]:
    factors = [values for values in (right, left) if is_factor(values)]
    if not factors:
        union = [*_plain(left), *_plain(right)]
        pool = sorted_factor(column_of(union).values, ordered=False, pool=None, name=name)
        return level_list(pool), False
    if len(factors) == 2:
        _check_pools(name, level_list(left), level_list(right))
        if all(values.type.ordered for values in factors):
            _check_orders(name, level_list(left), level_list(right))
    best = next((f for f in factors if f.type.ordered), factors[0])
    return level_list(best), bool(best.type.ordered)


def _codes(name: str, values: Values, levels: tuple[Any, ...], what: str) -> np.ndarray:
    try:
        return encode(values, levels, what)
    except UnseenLevelError as error:
        raise UnseenLevelError(
            f"The {what} given to {name} has values outside the pool {list(levels)[:6]!r}. Give "
            f"both one pool, for example with coerce(..., levels=[...]). {error}"
        ) from error


def _plain(values: Values) -> list[Any]:
    gone = missing_mask(values)
    return [value for value, lacks in zip(values.tolist(), gone, strict=True) if not lacks]


def _check_pools(name: str, left: tuple[Any, ...], right: tuple[Any, ...]) -> None:
    if set(left) != set(right):
        raise InvalidArgument(
            f"{name} was given classes of different pools: the prediction has "
            f"{list(left)[:6]!r}, the truth {list(right)[:6]!r}. Give both one pool, for example "
            "with set_levels."
        )


def _check_orders(name: str, left: tuple[Any, ...], right: tuple[Any, ...]) -> None:
    if left != right:
        raise InvalidArgument(
            f"{name} was given levels in two orders, {left} and {right}. Make them one, for "
            "example with set_levels(truth, levels(prediction))."
        )


def _check_lengths(name: str, left: Any, right: Any) -> None:
    if len(left) != len(right):
        raise DimensionMismatch(
            f"{name} was given {len(left)} predictions and {len(right)} truths. Give the same "
            "rows of both."
        )
    if not len(right):
        raise EmptyData(f"{name} was given no rows. Give at least one.")


def _kind(obj: Any) -> str:
    if is_distribution(obj):
        return "distributions"
    return f"{type(obj).__module__}.{type(obj).__qualname__}".removeprefix("builtins.")
