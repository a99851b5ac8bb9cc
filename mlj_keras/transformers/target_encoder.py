"""`TargetEncoder`: levels as statistics of the target. Source: MLJTransforms.jl,
src/encoders/target_encoding."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import Column, Values, as_floats, is_factor, is_numeric, missing_mask
from mlj_keras.data.inference import scitype
from mlj_keras.data.scitypes import Continuous, Optional, Scitype, non_missing
from mlj_keras.data.stored import check_finite_numbers, check_levels
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    NonFiniteError,
    OneClassError,
    ScitypeError,
)
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit
from mlj_keras.transformers._levels import (
    codes_in,
    looked_up,
    training_codes,
    training_pool,
)

_WHO = "TargetEncoder"


@storable
@dataclasses.dataclass(frozen=True)
class TargetStatistics:
    """The levels of a column, a row of numbers for each, and the classes of a target that is
    categorical: the numbers are one mean, one frequency of the first of two classes, or the
    frequencies of all of more."""

    pool: tuple[Any, ...]
    numbers: np.ndarray  # (levels, 1) or (levels, classes)
    classes: tuple[Any, ...] | None = None

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.pool)
        check_levels(self.classes or (), "classes")
        n = len(self.classes) if self.classes and len(self.classes) > 2 else 1
        check_finite_numbers(self.numbers, "statistics", (len(self.pool), n))


def _check_m(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "auto" or (number and math.isfinite(value) and value >= 0):
        return value
    raise ValueError(f"m must be a number >= 0, or 'auto', got {value!r}")


class TargetEncoder(CategoricalEncoder):
    """Replace each level of a factor by a statistic of the target in the rows of that level.

    Training data: `machine(TargetEncoder(), X, y)` with X a table, or one column of Multiclass,
        and y a column of Continuous or Count (regression), or Multiclass or OrderedFactor
        (classification), without missing values.

    Hyper-parameters:
        features: names, or a predicate on names, default empty.
        ignore: True (default): the columns named are left out; False: only they are encoded.
        ordered_factor: OrderedFactor columns too, default False.
        lambda_: from 0 to 1, default 1.0: the weight of the statistic of the level; that of the
            whole target has the rest. `lambda` is the same.
        m: a number >= 0, default 0: how many rows the statistic of the whole target counts for.
            If lambda_ is 1, it becomes n / (n + m), level by level, for levels of n rows. "auto",
            for regression: the variance of y in the level, divided by that of all y. Advice: for
            levels of few rows give 5 or so, since without it they reveal their own targets.
    Operations: `transform` gives data of the kind given. In regression a level becomes the mean of
        y. With two classes it becomes the frequency of the first, with more the frequencies of
        all: the columns `name_class` take the place of `name`, with "_" appended where a name is
        taken. A level without training rows gets the statistic of the whole target. Missing values
        stay missing: a MissingnessEncoder before makes them a level of their own. Training rows
        are encoded as new ones are, with their own targets, without cross-fitting.
    Fitted parameters: `task`, "Regression" or "Classification" (None if no column is encoded), and
        `y_statistic_given_feat_level`: by column, a mapping from level to a number, or to a tuple
        of one for each class. Report: `encoded_features`.
    Raises: ScitypeError for a target of another scitype; MissingValuesError for missing targets,
        and a column that is all missing; NonFiniteError for infinite targets; OneClassError for a
        target of one level; InvalidModelError for m="auto" in classification, and ignore=False
        without features; UnseenLevelError for values that are no levels of the training pool;
        SchemaMismatch for new data without the columns, or without labels there. Warns:
        ModelWarning for an m that has no effect.

    Example:
        >>> import mlj_keras as mlj
        >>> X = mlj.coerce({"eye": ["red", "red", "blue"]}, {"eye": mlj.Multiclass})
        >>> mach = mlj.machine(TargetEncoder(m=1), X, [2.0, 4.0, 6.0]).fit(verbosity=0)
        >>> mach.transform()["eye"].round(3).tolist()
        [3.333, 3.333, 5.0]

    Source: MLJTransforms.jl, src/encoders/target_encoding, after Micci-Barreca (2001). Deviations:
        there the lambda of the first level serves all others, and m="auto" divides the other way
        round; here both are as in the paper, with the variances of scikit-learn (ddof 0).
    """

    traits: ClassVar[Traits] = dataclasses.replace(Columnwise.traits, target_in_fit=True)
    aliases: ClassVar[Mapping[str, str]] = {"lambda": "lambda_"}

    lambda_: float = param(1.0, kind=float, ge=0, le=1)
    m: float | str = param(0, convert=_check_m)

    def gives(self, scitype: Scitype) -> list[Scitype]:
        """Continuous; in how many columns, and so their names, depends on the target."""
        return [Continuous if scitype == non_missing(scitype) else Optional[Continuous]]

    def check_data(self, X: Any, *y: Any) -> None:
        """A target that can be learned from."""
        super().check_data(X, *y)
        self.check_target(*y)
        self._check_alone(X, *y)

    def fit(self, verbosity: int, X: Any, y: Any = None) -> FitOutcome:
        """Learn the statistics of each column.

        Warns: ModelWarning for an m that has no effect.
        """
        self.check_target(y)
        self._check_alone(X, y)
        if self.lambda_ != 1 and self.m != 0:
            warn(
                f"{_WHO}.m={self.m!r} has no effect with lambda_={self.lambda_}. Leave one of "
                "them out.",
                ModelWarning,
            )
        return super().fit(verbosity, X, y)

    def check_target(self, y: Any) -> None:
        """A target that can be learned from."""
        if not isinstance(y, Column) or not (is_factor(y.values) or is_numeric(y.values)):
            raise ScitypeError(
                f"{_WHO} takes a target of Continuous, Count, Multiclass or OrderedFactor, got "
                f"{scitype(y)}. Give one column: y = coerce(y, Multiclass), say."
            )
        gone = np.flatnonzero(missing_mask(y.values))
        if len(gone):
            raise MissingValuesError(
                f"{_WHO} takes no missing targets: y has {len(gone)} missing (first rows "
                f"{', '.join(map(str, gone[:5]))}). Drop those rows of X and y."
            )
        if is_factor(y.values):
            self._check_classes(level_list(y.values))
        elif not np.isfinite(as_floats(y.values)).all():
            raise NonFiniteError(f"{_WHO} takes no infinite targets. Drop those rows of X and y.")

    def _check_classes(self, classes: tuple[Any, ...]) -> None:
        if len(classes) < 2:
            raise OneClassError(
                f"The target has the levels {list(classes)!r}: there is nothing to tell apart. "
                "Give all: y = coerce(y, Multiclass, levels=[...])."
            )
        if self.m == "auto":
            raise InvalidModelError(
                f"{_WHO}.m='auto' is for regression, and y is categorical. Give a number."
            )

    def _check_alone(self, X: Any, y: Any) -> None:
        classes = level_list(y.values) if is_factor(y.values) else ()
        if isinstance(X, Column) and len(classes) > 2:
            raise ScitypeError(
                f"{_WHO} makes a column for each of {len(classes)} classes, so it takes a table, "
                'got a single column. Give a table of one column: {"x": x}.'
            )

    def learn(self, values: Values, name: str, target: Any = None) -> TargetStatistics:
        """The statistics of each level."""
        pool = training_pool(values, name, _WHO)
        codes = training_codes(values, name, _WHO)
        if not is_factor(target):
            y = as_floats(target).astype(np.float64)
            with np.errstate(over="ignore", invalid="ignore"):
                means = self._means(codes, len(pool), y)
            if not np.isfinite(means).all():
                raise NonFiniteError(
                    f"{_WHO} was given targets up to {np.abs(y).max():.3g}, too large for a mean. "
                    "Give y in a larger unit."
                )
            return TargetStatistics(pool, means[:, None])
        classes = level_list(target)
        frequencies = self._frequencies(codes, len(pool), factor_codes(target), len(classes))
        shown = frequencies[:, :1] if len(classes) == 2 else frequencies
        return TargetStatistics(pool, shown, classes)

    def _means(self, codes: np.ndarray, n_levels: int, y: np.ndarray) -> np.ndarray:
        """The mean of y (n,) in each level, mixed with that of all y: (n_levels,)."""
        prior, present = y.mean(), codes >= 0
        counts = np.bincount(codes[present], minlength=n_levels)
        own = _ratio(np.bincount(codes[present], y[present], n_levels), counts, prior)
        m: Any = self.m
        if m == "auto":
            squares = (y - own[codes])[present] ** 2
            within = _ratio(np.bincount(codes[present], squares, n_levels), counts, 0.0)
            m = _ratio(within, np.var(y), 0.0)
        weight = self._weight(counts, m)
        mixed: np.ndarray = weight * own + (1 - weight) * prior
        return mixed

    def _frequencies(
        self, codes: np.ndarray, n_levels: int, y: np.ndarray, n_classes: int
    ) -> np.ndarray:
        """The frequency of each class of y, codes (n,), in each level, mixed with those in all y:
        (n_levels, n_classes)."""
        prior, present = np.bincount(y, minlength=n_classes) / len(y), codes >= 0
        pairs = codes[present].astype(np.int64) * n_classes + y[present]
        table = np.bincount(pairs, minlength=n_levels * n_classes).reshape(n_levels, n_classes)
        counts = table.sum(axis=1)
        weight = self._weight(counts, self.m)[:, None]
        own = _ratio(table, counts[:, None], prior)
        mixed: np.ndarray = weight * own + (1 - weight) * prior
        return mixed

    def _weight(self, counts: np.ndarray, m: Any) -> np.ndarray:
        """lambda, of each level."""
        if self.lambda_ != 1:
            return np.full(len(counts), self.lambda_)
        return _ratio(counts, counts + m, 1.0)

    def labels(self, name: str, learned: TargetStatistics) -> tuple[str, ...] | None:
        """`name_class`, of more than two classes."""
        if learned.classes is None or len(learned.classes) == 2:
            return None
        return tuple(f"{name}_{each}" for each in learned.classes)

    def apply(self, values: Values, learned: TargetStatistics, name: str) -> Any:
        """The statistics (n,), of several classes a column each."""
        codes = codes_in(values, learned.pool, name, _WHO)
        columns = [looked_up(numbers, codes) for numbers in learned.numbers.T]
        return columns[0] if self.labels(name, learned) is None else columns

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`task` and `y_statistic_given_feat_level`."""
        found = fitresult.learned
        tasks = [
            "Regression" if each.classes is None else "Classification" for each in found.values()
        ]
        return {
            "task": tasks[0] if tasks else None,
            "y_statistic_given_feat_level": {
                name: {
                    level: row[0] if len(row) == 1 else tuple(row)
                    for level, row in zip(each.pool, each.numbers.tolist(), strict=True)
                }
                for name, each in found.items()
            },
        }


def _ratio(above: Any, below: Any, otherwise: Any) -> np.ndarray:
    """The ratio, and `otherwise` where it would be divided by 0."""
    empty = below == 0
    ratio: np.ndarray = np.where(empty, otherwise, above / np.where(empty, 1, below))
    return ratio
