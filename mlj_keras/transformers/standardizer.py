"""`Standardizer`: columns to mean 0 and standard deviation 1. Source: MLJTransforms.jl,
src/transformers/standardizer.jl."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import (
    Column,
    Values,
    as_floats,
    column_of,
    column_out,
    is_column,
    is_factor,
    is_numeric,
)
from mlj_keras.data.images import ImageVector
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.scitypes import Continuous, Count, OrderedFactor, Scitype, non_missing
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.errors import (
    InvalidModelError,
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
    UnsupportedOperation,
)
from mlj_keras.models import FitOutcome, Traits, Unsupervised, param

_ALONE = "y"  # the name of a column that is given alone


def _check_features(value: Any) -> Any:
    if callable(value) or (
        isinstance(value, tuple) and all(isinstance(name, str) for name in value)
    ):
        return value
    raise TypeError(
        "features must be a list of column names, or a function of a name that is True or False, "
        f"got {value!r}"
    )


@dataclasses.dataclass(frozen=True)
class StandardizerFit:
    """Means and standard deviations of the columns that are standardised, and the levels of those
    that are factors."""

    means: dict[str, float]
    stds: dict[str, float]
    pools: dict[str, tuple[Any, ...]]
    alone: bool


class Standardizer(Unsupervised):
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

    traits: ClassVar[Traits] = Traits(
        supervised=False, package_name="mlj_keras", package_license="MIT"
    )
    native_data: ClassVar[bool] = False

    features: tuple[str, ...] | Callable[[str], bool] = param((), convert=_check_features)
    ignore: bool = param(False, kind=bool)
    ordered_factor: bool = param(False, kind=bool)
    count: bool = param(False, kind=bool)

    def check_data(self, X: Any) -> None:
        """No images, and a column that is given alone is one of numbers."""
        if isinstance(X, ImageVector):
            raise ScitypeError(
                "Standardizer takes a table, or a column of Continuous, got images of scitype "
                f"{X.scitype}. Give images to ImageClassifier or ImageRegressor as they are, or "
                "the pixels as a table: X.reshape(len(X), -1)."
            )
        if isinstance(X, Column) and not self._takes(values_scitype(X.values)):
            raise ScitypeError(
                "Standardizer takes a table, or a column of Continuous, got a column of "
                f"{values_scitype(X.values)}. Write coerce(x, Continuous)."
            )

    def fit(self, verbosity: int, X: Any) -> FitOutcome:
        """Learn means and standard deviations."""
        if self.ignore and not self.features:
            raise InvalidModelError(
                "Standardizer.ignore=True leaves out the names in features, and features is empty."
            )
        alone = not isinstance(X, InnerTable)
        columns = (
            {_ALONE: X.values} if alone else {name: X.column(name) for name in self._chosen(X)}
        )
        pools = {name: level_list(v) for name, v in columns.items() if is_factor(v)}
        moments = {
            name: _moments(_numbers(values, pools.get(name), name), name)
            for name, values in columns.items()
        }
        means, stds = ({name: pair[i] for name, pair in moments.items()} for i in (0, 1))
        return FitOutcome(
            StandardizerFit(means, stds, pools, alone), None, {"features_fit": tuple(columns)}
        )

    def _takes(self, scitype: Scitype) -> bool:
        kind = non_missing(scitype)
        return bool(
            kind <= Continuous
            or (self.count and kind <= Count)
            or (self.ordered_factor and kind <= OrderedFactor)
        )

    def _chosen(self, X: InnerTable) -> list[str]:
        usable = [name for name in X.names if self._takes(values_scitype(X.column(name)))]
        if callable(self.features):
            return [name for name in usable if bool(self.features(name)) is not self.ignore]
        unknown = [name for name in self.features if name not in X.names]
        if unknown:
            warn(f"Standardizer.features names no columns of X: {unknown!r}.", ModelWarning)
        if not self.features:
            return usable
        return [name for name in usable if (name in self.features) is not self.ignore]

    def transform(self, fitresult: StandardizerFit, Xnew: Any) -> Any:
        """Standardised data, of the kind given."""
        return self._apply(fitresult, Xnew, lambda v, mean, std: (v - mean) / std)

    def inverse_transform(self, fitresult: StandardizerFit, Xnew: Any) -> Any:
        """The data back in their own units."""
        if self.count or self.ordered_factor:
            raise UnsupportedOperation(
                "A Standardizer with count=True or ordered_factor=True has no inverse: those "
                "columns have become floats."
            )
        return self._apply(fitresult, Xnew, lambda v, mean, std: v * std + mean)

    def _apply(
        self,
        fit: StandardizerFit,
        X: Any,
        function: Callable[[np.ndarray, float, float], np.ndarray],
    ) -> Any:
        if fit.alone:
            if not isinstance(X, Column) and not is_column(X):
                raise SchemaMismatch(
                    f"This Standardizer was trained on a single column, got {type(X).__name__}."
                )
            column = column_of(X)
            numbers = _numbers(column.values, fit.pools.get(_ALONE), _ALONE)
            values = function(numbers, fit.means[_ALONE], fit.stds[_ALONE])
            return column_out(values, column.origin, column.index)
        if not is_table(X):
            raise SchemaMismatch(
                f"This Standardizer was trained on a table, got {type(X).__name__}. Pass a table "
                "with the same columns."
            )
        table = table_of(X)
        lacking = [name for name in fit.means if name not in table.position]
        if lacking:
            raise SchemaMismatch(
                f"X lacks the columns {lacking!r} that the Standardizer was trained on."
            )
        new = {}
        for name, mean in fit.means.items():
            numbers = _numbers(table.column(name), fit.pools.get(name), name)
            new[name] = function(numbers, mean, fit.stds[name])
        return replace_columns(table, new)

    def fitted_params(self, fitresult: StandardizerFit) -> dict[str, Any]:
        """`means` and `stds`."""
        return {"means": dict(fitresult.means), "stds": dict(fitresult.stds)}


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
        except (TypeError, pa.ArrowNotImplementedError):
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
        return 0.0, 1.0
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
