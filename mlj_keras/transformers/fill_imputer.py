"""`FillImputer`: missing values filled with a statistic of the training rows. Source:
MLJTransforms.jl, src/transformers/other_transformers/fill_imputer.jl."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import encode, factor_codes, level_list
from mlj_keras.data.columns import Values, as_floats, factor, is_factor, missing_mask
from mlj_keras.data.conversion import convert
from mlj_keras.data.inference import column_scitypes, values_scitype
from mlj_keras.data.scitypes import Count, Finite, Infinite, Missing, Scitype, non_missing
from mlj_keras.data.stored import check_levels, check_number, check_one_of
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import InvalidModelError, ModelWarning, NonFiniteError, SchemaMismatch
from mlj_keras.models import FitOutcome, param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit
from mlj_keras.transformers._reading import floats, nothing_there

Fill = str | float | Callable[[np.ndarray], Any]


def _check_number_fill(value: Any) -> Any:
    named = isinstance(value, str) and value in ("median", "mean", "mode")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if named or callable(value) or (number and math.isfinite(value)):
        return value
    raise TypeError(
        "the fill must be 'median', 'mean', 'mode', a number, or a function of the values that "
        f"are not missing, got {value!r}"
    )


def _check_level_fill(value: Any) -> Any:
    if callable(value) or (isinstance(value, str) and value == "mode"):
        return value
    raise TypeError(
        f"the fill must be 'mode', or a function of the labels that are not missing, got {value!r}"
    )


@storable
@dataclasses.dataclass(frozen=True)
class Filler:
    """What fills a column, and the kind of the column in training: "Continuous", "Count", or
    "Finite" with the levels and whether they have an order."""

    value: Any
    kind: str
    pool: tuple[Any, ...] = ()
    ordered: bool = False

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_one_of(self.kind, ("Continuous", "Count", "Finite"), "kind of column")
        check_levels(self.pool)
        if self.kind != "Finite":
            check_number(self.value, "filler")
        elif self.value not in self.pool:
            raise ValueError("its filler is no level")


class FillImputer(Columnwise):
    """Fill missing values with a statistic of the training rows, column by column.

    A fill is learned of every Continuous, Count and Finite column, with missing values or without,
    so that new data are filled wherever values are missing.

    Training data: `machine(FillImputer(), X)` with X a table, or a single column.

    Hyper-parameters:
        features: names, or a predicate on names; empty (default): every column that can be filled.
        ignore: the names in features are left out instead, default False.
        continuous_fill: "median" (default), "mean", "mode" (of several the least), a number, or a
            function of the values that are not missing, a NumPy array.
        count_fill: the same for Count columns; "median" (default) and "mean" are rounded, halves
            to the even number. A number, and what a function gives, has to be whole.
        finite_fill: "mode" (default): the most frequent level, of several the first in the pool;
            or a function of the labels that are not missing, which gives a level.
    Operations: `transform` gives data of the kind given, in which these columns have no missing
        value: Continuous and Count columns as in training, factors with their own levels and
        order. Values that are no levels of the training pool raise. Columns of another scitype
        (Textual, times) are left as they are, with a warning in training if some of their values
        are missing. There is no inverse.
    Fitted parameters: `filler_given_feature`: by column. Report: `features_fit`.
    Raises: MissingValuesError for a column whose training values are all missing;
        InvalidModelError for a fill that gives no value of the column's kind; NonFiniteError for
        a statistic that is infinite; SchemaMismatch, CoercionError or UnseenLevelError for new
        data of another kind than in training.

    Example:
        >>> import mlj_keras as mlj
        >>> X = {"a": [1.0, None, 4.0], "n": [1, 2, None]}
        >>> mach = mlj.machine(FillImputer(), X).fit(verbosity=0)
        >>> mach.transform({"a": [None, 9.0], "n": [None, 7]})
        {'a': array([2.5, 9. ]), 'n': array([2, 7])}

    Source: MLJTransforms.jl, src/transformers/other_transformers/fill_imputer.jl, where a column
        alone is for UnivariateFillImputer, and columns that are not in the training data raise.
    """

    wanted: ClassVar[str] = "a column of Continuous, Count, Multiclass or OrderedFactor"
    coerced: ClassVar[str] = "Multiclass"

    continuous_fill: Fill = param("median", convert=_check_number_fill)
    count_fill: Fill = param("median", convert=_check_number_fill)
    finite_fill: Fill = param("mode", convert=_check_level_fill)

    def takes(self, scitype: Scitype) -> bool:
        """Continuous, Count and Finite; what is all missing too, so that `fit` says so."""
        kind = non_missing(scitype)
        return bool(kind <= Infinite or kind <= Finite or kind == Missing)

    def gives(self, scitype: Scitype) -> Scitype:
        """The scitype without Missing."""
        return non_missing(scitype)

    def check_data(self, X: Any, *y: Any) -> None:
        """As all transformers do; and no column is all missing."""
        super().check_data(X, *y)
        for name in self.chosen(column_scitypes(X)) if isinstance(X, InnerTable) else ():
            if len(X) and missing_mask(X.column(name)).all():
                raise nothing_there(name, "FillImputer")

    def fit(self, verbosity: int, X: Any, y: Any = None) -> FitOutcome:
        """Learn a fill of each column; warn of missing values that will be left.

        Warns: ModelWarning naming the columns.
        """
        outcome = super().fit(verbosity, X, y)
        left = self._left(X) if isinstance(X, InnerTable) else []
        if left:
            warn(
                f"The columns {left!r} have missing values and are left as they are: FillImputer "
                "fills Continuous, Count and Finite columns. Coerce them to one of these, or name "
                "the columns to fill in features.",
                ModelWarning,
            )
        return outcome

    def _left(self, X: InnerTable) -> list[str]:
        """The columns with missing values that are meant, but of no scitype that is filled."""
        others = [name for name, kind in column_scitypes(X).items() if not self.takes(kind)]
        if self.features:
            named = self.features if callable(self.features) else self.features.__contains__
            others = [name for name in others if bool(named(name)) is not self.ignore]
        return [name for name in others if missing_mask(X.column(name)).any()]

    def learn(self, values: Values, name: str, target: Values | None = None) -> Filler:
        """What fills this column."""
        present = ~missing_mask(values)
        if not present.any():
            raise nothing_there(name, "FillImputer")
        if is_factor(values):
            pool = level_list(values)
            level = self._level(pool, factor_codes(values)[present], name)
            return Filler(level, "Finite", pool, bool(values.type.ordered))
        if non_missing(values_scitype(values)) <= Count:
            return Filler(self._whole(_whole_numbers(values), name), "Count")
        numbers = as_floats(values)[present].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            found = _statistic(self.continuous_fill, numbers)
        return Filler(_number(found, f"{name!r}", "continuous_fill"), "Continuous")

    def _whole(self, present: np.ndarray, name: str) -> int:
        if isinstance(self.count_fill, str) and self.count_fill == "median":
            middle = np.sort(present)[[(len(present) - 1) // 2, len(present) // 2]]
            return round(Fraction(sum(map(int, middle)), 2))  # exact above 2**53 too
        found = _number(_statistic(self.count_fill, present), f"{name!r}", "count_fill")
        if isinstance(self.count_fill, str):
            return round(found)
        if not found.is_integer():
            raise InvalidModelError(
                f"FillImputer.count_fill gives {found} for column {name!r}, which is Count. Give "
                "a whole number, or coerce the column to Continuous."
            )
        return int(found)

    def _level(self, pool: tuple[Any, ...], codes: np.ndarray, name: str) -> Any:
        if not callable(self.finite_fill):
            return pool[int(np.argmax(np.bincount(codes, minlength=len(pool))))]
        found = self.finite_fill(np.array(pool)[codes])
        found = found.item() if isinstance(found, np.generic) else found
        if found not in pool:
            raise InvalidModelError(
                f"FillImputer.finite_fill gives {found!r} for column {name!r}, which is none of "
                f"its levels {list(pool)[:5]!r}. Give one of them."
            )
        return found

    def apply(self, values: Values, learned: Filler, name: str) -> Any:
        """The column filled."""
        if learned.kind == "Finite":
            return _filled_factor(values, learned, name)
        numbers = floats(values, name, "FillImputer")
        if learned.kind == "Continuous":
            return np.where(np.isnan(numbers), learned.value, numbers).astype(numbers.dtype)
        return _filled_counts(values, learned.value, name)

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`filler_given_feature`."""
        return {
            "filler_given_feature": {
                name: filler.value for name, filler in fitresult.learned.items()
            }
        }


def _whole_numbers(values: Any) -> np.ndarray:
    """The present integers; booleans as 0 and 1."""
    present: np.ndarray = values.drop_null().to_numpy(zero_copy_only=False)
    return present.astype(np.int64) if present.dtype.kind == "b" else present


def _statistic(fill: Fill, present: np.ndarray) -> Any:
    if callable(fill):
        return fill(present)
    if fill == "mode":
        found, counts = np.unique(present, return_counts=True)
        return found[np.argmax(counts)]
    if isinstance(fill, str):
        return np.median(present) if fill == "median" else np.mean(present)
    return fill


def _number(found: Any, column: str, field: str) -> float:
    try:
        number = float(found)
    except (TypeError, ValueError) as error:
        raise InvalidModelError(
            f"FillImputer.{field} gives {found!r} for column {column}, which is no number. Give a "
            "function of an array of numbers that gives a number."
        ) from error
    if not math.isfinite(number):
        raise NonFiniteError(
            f"FillImputer.{field} gives {number} for column {column}. Replace its infinite or "
            f"very large values first, or set {field} to a number."
        )
    return number


def _filled_counts(values: Any, filler: int, name: str) -> pa.Array:
    if pa.types.is_null(values.type):
        values = values.cast(pa.int64())
    # pandas keeps integers of which some are missing as floats.
    whole: Any = convert(values, Count, f"column {name!r}")
    if not whole.null_count:
        return whole
    if pa.types.is_boolean(whole.type):
        if filler in (0, 1):
            return whole.fill_null(bool(filler))
        whole = whole.cast(pa.uint8())
    try:
        return whole.fill_null(pa.scalar(filler, type=whole.type))
    except (pa.ArrowInvalid, OverflowError):  # the training column had wider integers
        return whole.cast(pa.int64()).fill_null(filler)


def _filled_factor(values: Values, learned: Filler, name: str) -> pa.DictionaryArray:
    try:
        codes = encode(values, learned.pool, f"Column {name!r}")
    except SchemaMismatch as error:
        raise SchemaMismatch(
            f"Column {name!r} is {values_scitype(values)}, and this FillImputer was trained on a "
            f"factor there. Give the levels {list(learned.pool)[:5]!r}, as strings or a factor."
        ) from error
    pool, ordered = learned.pool, learned.ordered
    if is_factor(values) and learned.value in level_list(values):
        pool, ordered, codes = level_list(values), values.type.ordered, factor_codes(values)
    return factor(np.where(codes < 0, pool.index(learned.value), codes), pool, ordered=ordered)
