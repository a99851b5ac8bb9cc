"""`Standardizer`: columns to mean 0 and standard deviation 1. Source: MLJTransforms.jl,
src/transformers/standardizer.jl."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import Values, as_floats, is_factor, is_numeric
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Optional,
    OrderedFactor,
    Scitype,
    non_missing,
)
from mlj_keras.data.stored import check_finite_numbers, check_levels
from mlj_keras.errors import (
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    UnsupportedOperation,
)
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit
from mlj_keras.transformers._reading import nothing_there


@storable
@dataclasses.dataclass(frozen=True)
class Moments:
    """The mean and standard deviation of a column, and the levels of one that is a factor."""

    mean: float
    std: float
    pool: tuple[Any, ...] | None = None

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_finite_numbers((self.mean, self.std), "moments", (2,))
        check_levels(self.pool or ())
        if self.std < 0:
            raise ValueError("its standard deviation is negative")


class Standardizer(Columnwise):
    """Subtract the mean and divide by the standard deviation (ddof 1), column by column.

    Training data: `machine(Standardizer(), X)` with X a table, or a single column of Continuous.

    Hyper-parameters:
        features: names, or a predicate on names; empty (the default): every column of a scitype
            that is standardised.
        ignore: the names in features are left out instead, default False.
        ordered_factor: OrderedFactor columns too, by their position (1, 2, ...), default False.
        count: Count columns too, default False.
    Operations: `transform` gives data of the kind given, other columns unchanged;
        `inverse_transform` undoes it, unless ordered_factor or count is set. Missing values are
        skipped in training and stay missing.
    Fitted parameters: `means`, `stds`, by column name. Report: `features_fit`.
    Raises: InvalidModelError for ignore without features; ScitypeError for images, and for a
        single column that is no number; NonFiniteError for infinite values in training;
        SchemaMismatch for new data without numbers where there were some in training.

    Example:
        >>> import mlj_keras as mlj
        >>> X = {"a": [1.0, 2.0, 4.0], "b": ["x", "y", "z"]}
        >>> mach = mlj.machine(Standardizer(), X).fit(verbosity=0)
        >>> [round(float(v), 7) for v in mach.transform()["a"]]
        [-0.8728716, -0.2182179, 1.0910895]

    Source: MLJTransforms.jl, src/transformers/standardizer.jl. Deviation: a constant column is
        centred and not divided by zero.
    """

    wanted: ClassVar[str] = "a column of Continuous"

    ordered_factor: bool = param(False, kind=bool)
    count: bool = param(False, kind=bool)

    def takes(self, scitype: Scitype) -> bool:
        """Continuous, and what the flags add."""
        kind = non_missing(scitype)
        return bool(
            kind <= Continuous
            or (self.count and kind <= Count)
            or (self.ordered_factor and kind <= OrderedFactor)
        )

    def gives(self, scitype: Scitype) -> Scitype:
        """Continuous, with missing values where there were some."""
        return Continuous if scitype == non_missing(scitype) else Optional[Continuous]

    def has_operation(self, name: str) -> bool:
        """No inverse if the flags make floats of other columns."""
        flagged = name == "inverse_transform" and (self.count or self.ordered_factor)
        return not flagged and super().has_operation(name)

    def learn(self, values: Values, name: str, target: Values | None = None) -> Moments:
        """Mean and standard deviation."""
        pool = level_list(values) if is_factor(values) else None
        mean, std = _moments(_numbers(values, pool, name), name)
        return Moments(mean, std, pool)

    def apply(self, values: Values, learned: Moments, name: str) -> np.ndarray:
        """The column standardised."""
        return (_numbers(values, learned.pool, name) - learned.mean) / learned.std

    def revert(self, values: Values, learned: Moments, name: str) -> np.ndarray:
        """The column in its own unit."""
        return _numbers(values, learned.pool, name) * learned.std + learned.mean

    def inverse_transform(self, fitresult: ColumnwiseFit, Xnew: Any) -> Any:
        """The data back in their own units."""
        if not self.has_operation("inverse_transform"):
            raise UnsupportedOperation(
                "A Standardizer with count=True or ordered_factor=True has no inverse: those "
                "columns have become floats."
            )
        return super().inverse_transform(fitresult, Xnew)

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`means` and `stds`."""
        learned = fitresult.learned.items()
        return {
            "means": {name: moments.mean for name, moments in learned},
            "stds": {name: moments.std for name, moments in learned},
        }


def _numbers(values: Values, pool: tuple[Any, ...] | None, name: str) -> np.ndarray:
    """Floats (n,), NaN where missing; of a factor the positions 1, 2, ... in the training pool.

    Args: pool: None for what were numbers in training.
    Raises: SchemaMismatch for a column of another kind than in training; UnseenLevelError for
        values, of any kind, that are not in the pool.
    """
    if pool is None and is_numeric(values):
        return as_floats(values)
    if pool is not None:
        try:
            positions = encode(values, pool, f"Column {name!r}").astype(np.float64) + 1
            return np.where(positions > 0, positions, np.nan)
        except SchemaMismatch:
            pass  # lists and the like, which can be no labels
    was, remedy = (
        ("numbers", f"coerce(X, {{{name!r}: Continuous}})")
        if pool is None
        else ("an OrderedFactor", f"coerce(X, {{{name!r}: OrderedFactor}}, levels={list(pool)!r})")
    )
    raise SchemaMismatch(
        f"Column {name!r} is {values_scitype(values)}, and this Standardizer was trained on {was} "
        f"there. Write X = {remedy}."
    )


def _moments(numbers: np.ndarray, name: str) -> tuple[float, float]:
    infinite = np.flatnonzero(np.isinf(numbers))
    if len(infinite):
        raise NonFiniteError(
            f"Column {name!r} has {len(infinite)} infinite value(s), first at rows "
            f"{infinite[:5].tolist()} of the training rows: it has no mean. Replace them, or drop "
            "those rows."
        )
    present = numbers[~np.isnan(numbers)].astype(np.float64)
    if not len(present):
        raise nothing_there(name, "Standardizer")
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(np.std(present, ddof=1)) if len(present) > 1 else 0.0
        mean = float(np.mean(present))
    if not np.isfinite(deviation):
        raise NonFiniteError(
            f"Column {name!r} has values up to {np.abs(present).max():.3g}, too large for a "
            "standard deviation. Give it in a larger unit."
        )
    if deviation <= 1e-12 * max(abs(mean), 1e-300):
        warn(f"Column {name!r} does not vary: it is centred and not scaled.", ModelWarning)
        return mean, 1.0
    return mean, deviation
