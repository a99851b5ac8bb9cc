"""Measures of several targets of numbers, given as tables: a measure of one target, of each.

The targets of a row are aggregated as the rows are afterwards. Knows measures of one target.
Source: StatisticalMeasures.jl, src/continuous.jl (`Multitarget...`); StatisticalMeasuresBase.jl,
src/multimeasure.jl.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.scitypes import Infinite, Scitype, Table
from mlj_keras.errors import DimensionMismatch
from mlj_keras.measures.aggregation import Aggregation, mean, root_mean, total
from mlj_keras.measures.base import Measure, Reader, RowMeasure
from mlj_keras.measures.continuous import (
    EPSILON,
    LogCoshLoss,
    LPLoss,
    LPSumLoss,
    MeanAbsoluteProportionalError,
    RootMeanSquaredError,
    RootMeanSquaredLogError,
    RootMeanSquaredLogProportionalError,
    RootMeanSquaredProportionalError,
)
from mlj_keras.measures.reading import Pair, read_number_tables
from mlj_keras.models.params import param

# How the targets of all rows, (n, k) numbers with (k,) weights, become one number a row.
_ACROSS: dict[Aggregation, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    mean: lambda values, weights: values @ weights / weights.sum(),
    root_mean: lambda values, weights: np.sqrt(values**2 @ weights / weights.sum()),
    total: lambda values, weights: values @ weights,
}


def _check_atomic_weights(value: Any) -> tuple[float, ...] | None:
    if value is None:
        return None
    usable = isinstance(value, tuple) and all(
        isinstance(w, int | float) and not isinstance(w, bool) and math.isfinite(w) and w >= 0
        for w in value
    )
    if not usable or not any(value):
        raise ValueError(
            f"atomic_weights must be one finite number >= 0 for each target, not all 0, got "
            f"{value!r:.100}. Give a list such as [1.0, 2.0], or None for equal weights."
        )
    return tuple(map(float, value))


class MultitargetMeasure(RowMeasure):
    """Base of the measures of several targets: subclasses say which measure is `inner`.

    Its measurement of each target is aggregated over the targets with `atomic_weights`, and the
    result over the rows. Prediction and truth are tables of the same columns. A row counts if all
    its targets are there.

    Hyper-parameters: atomic_weights: one float >= 0 for each target, dimensionless, or None, the
        default, for equal weights.
    Raises: DimensionMismatch for another number of atomic_weights.
    Source: StatisticalMeasures.jl, `Multitarget...`. Deviations: means divide by the sum of the
    atomic weights; rows that lack the truth of some target are left out; no class weights, as
    targets have classes of their own.
    """

    target_scitype: ClassVar[Scitype] = Table[Infinite]
    reads: ClassVar[Reader] = read_number_tables

    atomic_weights: tuple[float, ...] | None = param(None, convert=_check_atomic_weights)

    def inner(self) -> RowMeasure:
        """The measure of one target."""
        raise NotImplementedError(f"{type(self).__name__} must define inner")

    @property
    def name(self) -> str:
        """ "multitarget_" and the name of the inner measure; with atomic weights, the class in
        snake case."""
        if self.atomic_weights is not None:
            return super().name
        return f"multitarget_{self.inner().name}"

    def read(self, prediction: Any, truth: Any) -> Pair:
        """Prediction and truth as arrays (n, k), checked."""
        pair = super().read(prediction, truth)
        weights, n_targets = self.atomic_weights, pair.truth.shape[1]
        if weights is not None and len(weights) != n_targets:
            raise DimensionMismatch(
                f"{self.name} has {len(weights)} atomic_weights, and the data have {n_targets} "
                "targets. Give one weight for each target."
            )
        return pair

    def of_rows(self, pair: Pair) -> np.ndarray:
        """The inner measurements of each row, aggregated over its targets."""
        n_targets, inner = pair.truth.shape[1], self.inner()
        weights = np.array(self.atomic_weights or (1.0,) * n_targets)
        used = weights > 0  # a target without weight does not count, be it NaN
        columns = [inner.of_rows(_target(pair, j)) for j in range(n_targets) if used[j]]
        values = np.column_stack(columns)
        with np.errstate(all="ignore"):
            return _ACROSS[type(self).aggregation](values, weights[used])


def _target(pair: Pair, position: int) -> Pair:
    return Pair(pair.prediction[:, position], pair.truth[:, position], pair.present)


class MultitargetLPLoss(MultitargetMeasure):
    """The mean over rows of the mean over targets of |prediction - truth|**p: `multitarget_l1`,
    `multitarget_l2`. A loss.

    Hyper-parameters: p: float > 0, dimensionless, default 2; atomic_weights: one float >= 0 a
        target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; the unit is that of the targets to the power p.
    Example:
        >>> truth = {"a": [3.0, 2.0], "b": [4.0, 4.0]}
        >>> MultitargetLPLoss(p=2)({"a": [1.0, 2.0], "b": [4.0, 2.0]}, truth)
        2.0

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    p: float = param(2.0, kind=float, gt=0)

    def inner(self) -> LPLoss:
        """The LPLoss of one target."""
        return LPLoss(p=self.p)


class MultitargetLPSumLoss(MultitargetMeasure):
    """The sum over rows and targets of |prediction - truth|**p: `multitarget_l1_sum`,
    `multitarget_l2_sum`. A loss; folds are added.

    Hyper-parameters: p: float > 0, dimensionless, default 2; atomic_weights: one float >= 0 a
        target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; the unit is that of the targets to the power p.
    Example:
        >>> truth = {"a": [3.0, 2.0], "b": [4.0, 4.0]}
        >>> MultitargetLPSumLoss(p=2)({"a": [1.0, 2.0], "b": [4.0, 2.0]}, truth)
        8.0

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    aggregation: ClassVar[Aggregation] = total

    p: float = param(2.0, kind=float, gt=0)

    def inner(self) -> LPSumLoss:
        """The LPSumLoss of one target."""
        return LPSumLoss(p=self.p)


class MultitargetRootMeanSquaredError(MultitargetMeasure):
    """The root of the mean over rows and targets of (prediction - truth)²: `multitarget_rms`. A
    loss.

    Hyper-parameters: atomic_weights: one float >= 0 a target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; in the unit of the targets.
    Example:
        >>> measure = MultitargetRootMeanSquaredError(atomic_weights=[3, 1])
        >>> round(measure({"a": [1.0], "b": [4.0]}, {"a": [3.0], "b": [2.0]}), 7)
        2.0

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`;
    scikit-learn's root_mean_squared_error averages the roots of the targets instead.
    """

    aggregation: ClassVar[Aggregation] = root_mean

    def inner(self) -> RootMeanSquaredError:
        """The RootMeanSquaredError of one target."""
        return RootMeanSquaredError()


class MultitargetRootMeanSquaredLogError(MultitargetMeasure):
    """The root of the mean over rows and targets of (log(prediction) - log(truth))²:
    `multitarget_rmsl`. A loss.

    Hyper-parameters: atomic_weights: one float >= 0 a target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; dimensionless.
    Example:
        >>> prediction, truth = {"a": [2.0], "b": [4.0]}, {"a": [1.0], "b": [4.0]}
        >>> round(MultitargetRootMeanSquaredLogError()(prediction, truth), 7)
        0.4901291

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    aggregation: ClassVar[Aggregation] = root_mean

    def inner(self) -> RootMeanSquaredLogError:
        """The RootMeanSquaredLogError of one target."""
        return RootMeanSquaredLogError()


class MultitargetRootMeanSquaredLogProportionalError(MultitargetMeasure):
    """The root of the mean over rows and targets of
    (log(prediction + offset) - log(truth + offset))²: `multitarget_rmslp1`. A loss.

    Hyper-parameters: offset: float, in the unit of the targets, default 1; atomic_weights: one
        float >= 0 a target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; dimensionless.
    Example:
        >>> rmslp1 = MultitargetRootMeanSquaredLogProportionalError(offset=1)
        >>> round(rmslp1({"a": [2.0], "b": [4.0]}, {"a": [1.0], "b": [4.0]}), 7)
        0.2867071

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    aggregation: ClassVar[Aggregation] = root_mean

    offset: float = param(1.0, kind=float)

    def inner(self) -> RootMeanSquaredLogProportionalError:
        """The RootMeanSquaredLogProportionalError of one target."""
        return RootMeanSquaredLogProportionalError(offset=self.offset)


class MultitargetRootMeanSquaredProportionalError(MultitargetMeasure):
    """The root of the mean over rows and targets of ((prediction - truth) / truth)²:
    `multitarget_rmsp`. A loss.

    Hyper-parameters: tol: float >= 0, in the unit of the targets, by default the resolution of
        float64, see `RootMeanSquaredProportionalError`; atomic_weights: one float >= 0 a target,
        or None.
    Args, Returns, Raises: as `MultitargetMeasure`; dimensionless.
    Example:
        >>> prediction, truth = {"a": [1.0], "b": [4.0]}, {"a": [1.0], "b": [2.0]}
        >>> MultitargetRootMeanSquaredProportionalError()(prediction, truth)
        0.7071067811865476

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    aggregation: ClassVar[Aggregation] = root_mean

    tol: float = param(EPSILON, kind=float, ge=0)

    def inner(self) -> RootMeanSquaredProportionalError:
        """The RootMeanSquaredProportionalError of one target."""
        return RootMeanSquaredProportionalError(tol=self.tol)


class MultitargetMeanAbsoluteProportionalError(MultitargetMeasure):
    """The mean over rows of the mean over targets of |prediction - truth| / |truth|:
    `multitarget_mape`. A loss.

    Hyper-parameters: tol: float >= 0, in the unit of the targets, by default the resolution of
        float64, see `MeanAbsoluteProportionalError`; atomic_weights: one float >= 0 a target, or
        None.
    Args, Returns, Raises: as `MultitargetMeasure`; dimensionless.
    Example:
        >>> prediction, truth = {"a": [1.0], "b": [4.0]}, {"a": [1.0], "b": [2.0]}
        >>> MultitargetMeanAbsoluteProportionalError()(prediction, truth)
        0.5

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    tol: float = param(EPSILON, kind=float, ge=0)

    def inner(self) -> MeanAbsoluteProportionalError:
        """The MeanAbsoluteProportionalError of one target."""
        return MeanAbsoluteProportionalError(tol=self.tol)


class MultitargetLogCoshLoss(MultitargetMeasure):
    """The mean over rows of the mean over targets of log(cosh(prediction - truth)):
    `multitarget_log_cosh`. A loss.

    Hyper-parameters: atomic_weights: one float >= 0 a target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; targets should be dimensionless.
    Example:
        >>> prediction, truth = {"a": [1.0], "b": [2.0]}, {"a": [0.0], "b": [2.0]}
        >>> round(MultitargetLogCoshLoss()(prediction, truth), 7)
        0.2168904

    Source: StatisticalMeasures.jl, src/continuous.jl. Deviations: see `MultitargetMeasure`.
    """

    def inner(self) -> LogCoshLoss:
        """The LogCoshLoss of one target."""
        return LogCoshLoss()


multitarget_l1 = MultitargetLPLoss(p=1)
multitarget_l2 = MultitargetLPLoss(p=2)
multitarget_l1_sum = MultitargetLPSumLoss(p=1)
multitarget_l2_sum = MultitargetLPSumLoss(p=2)
multitarget_rms = MultitargetRootMeanSquaredError()
multitarget_rmsl = MultitargetRootMeanSquaredLogError()
multitarget_rmslp1 = MultitargetRootMeanSquaredLogProportionalError()
multitarget_rmsp = MultitargetRootMeanSquaredProportionalError()
multitarget_mape = MultitargetMeanAbsoluteProportionalError()
multitarget_log_cosh = MultitargetLogCoshLoss()

ALIASES: dict[str, Measure] = {
    "multitarget_l1": multitarget_l1,
    "multitarget_mae": multitarget_l1,
    "multitarget_mav": multitarget_l1,
    "multitarget_mean_absolute_error": multitarget_l1,
    "multitarget_mean_absolute_value": multitarget_l1,
    "multitarget_l2": multitarget_l2,
    "multitarget_l1_sum": multitarget_l1_sum,
    "multitarget_l2_sum": multitarget_l2_sum,
    "multitarget_rms": multitarget_rms,
    "multitarget_rmse": multitarget_rms,
    "multitarget_root_mean_squared_error": multitarget_rms,
    "multitarget_rmsl": multitarget_rmsl,
    "multitarget_rmsle": multitarget_rmsl,
    "multitarget_root_mean_squared_log_error": multitarget_rmsl,
    "multitarget_rmslp1": multitarget_rmslp1,
    "multitarget_rmsp": multitarget_rmsp,
    "multitarget_mape": multitarget_mape,
    "multitarget_log_cosh": multitarget_log_cosh,
    "multitarget_log_cosh_loss": multitarget_log_cosh,
}
