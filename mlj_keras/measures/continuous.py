"""Measures of predicted numbers.

Knows pairs of numbers. Source: StatisticalMeasures.jl, src/continuous.jl and src/functions.jl.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mlj_keras.data.scitypes import Infinite, Scitype, Vector
from mlj_keras.errors import InvalidArgument
from mlj_keras.measures.aggregation import Aggregation, root_mean, total
from mlj_keras.measures.base import Measure, Reader, RowMeasure, WholeMeasure
from mlj_keras.measures.reading import Pair, read_numbers
from mlj_keras.models.params import param

EPSILON = float(np.finfo(np.float64).eps)


class NumberMeasure(RowMeasure):
    """Base of the measures of each predicted number: subclasses define `errors`.

    Set `alias`, the name of the measure with default hyper-parameters.
    """

    target_scitype: ClassVar[Scitype] = Vector[Infinite]
    reads: ClassVar[Reader] = read_numbers
    alias: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The alias if the hyper-parameters are the defaults, else the class in snake case."""
        return self.alias if self.alias and self == type(self)() else super().name

    def of_rows(self, pair: Pair) -> np.ndarray:
        """The error of each row."""
        # An infinite prediction, or an error too large to square, gives infinity without a word.
        with np.errstate(all="ignore"):
            return self.errors(pair.prediction, pair.truth)

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """The error of each number, of the shape of both; NaN where the prediction is NaN."""
        raise NotImplementedError(f"{type(self).__name__} must define errors")


class LPLoss(NumberMeasure):
    """The mean of |prediction - truth|**p, without a root: `l1` (p=1, the mean absolute error) and
    `l2` (p=2, the mean squared error). A loss.

    Hyper-parameters: p: float > 0, dimensionless, default 2.
    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth to the
        power p.
    Example:
        >>> LPLoss(p=2)([1.0, 2.0], [3.0, 2.0])
        2.0

    Source: StatisticalMeasures.jl, src/continuous.jl, `LPLoss`. Deviation: a weighted mean divides
    by the sum of the weights, as scikit-learn's mean_absolute_error and mean_squared_error do.
    """

    p: float = param(2.0, kind=float, gt=0)

    @property
    def name(self) -> str:
        """ "l1", "l2", ..."""
        return f"l{self.p:g}"

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """|prediction - truth|**p."""
        return np.abs(prediction - truth) ** self.p


class LPSumLoss(LPLoss):
    """The sum of |prediction - truth|**p: `l1_sum` and `l2_sum`. A loss; folds are added.

    Hyper-parameters: p: float > 0, dimensionless, default 2.
    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth to the
        power p.
    Example:
        >>> LPSumLoss(p=1)([1.0, 2.0], [3.0, 1.0], weights=[1, 10])
        12.0

    Source: StatisticalMeasures.jl, src/continuous.jl, `LPSumLoss`. Deviations: none.
    """

    aggregation: ClassVar[Aggregation] = total

    @property
    def name(self) -> str:
        """ "l1_sum", "l2_sum", ..."""
        return f"{super().name}_sum"


class RootMeanSquaredError(NumberMeasure):
    """The root of the mean of (prediction - truth)²: `rms`, also `rmse`. A loss.

    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth. Folds
        are put together by the root of the mean of squares.
    Example:
        >>> RootMeanSquaredError()([1.0, 2.0, 3.0, 4.0], [3.0, 2.0, 3.0, 4.0])
        1.0

    Source: StatisticalMeasures.jl, src/continuous.jl, `RootMeanSquaredError`. Deviation: the mean
    divides by the sum of the weights, as scikit-learn's root_mean_squared_error does. The
    measurement of a row is its absolute error.
    """

    aggregation: ClassVar[Aggregation] = root_mean
    alias: ClassVar[str] = "rms"

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """|prediction - truth|."""
        return np.abs(prediction - truth)


class RootMeanSquaredLogProportionalError(NumberMeasure):
    """The root of the mean of (log(prediction + offset) - log(truth + offset))²: `rmslp1`
    (offset=1). A loss.

    Hyper-parameters: offset: float, in the unit of the truth, default 1.
    Args, Returns: as every measure, see `Measure`; dimensionless. Infinite if one of the two
        numbers, but not both, is -offset.
    Raises: InvalidArgument for numbers below -offset; and as every measure.
    Example:
        >>> round(RootMeanSquaredLogProportionalError()([2.0, 4.0], [1.0, 4.0]), 7)
        0.2867071

    Source: StatisticalMeasures.jl, src/continuous.jl, `RootMeanSquaredLogProportionalError`; with
    offset 1 it is scikit-learn's root_mean_squared_log_error, which refuses -1 itself. Deviation:
    the mean divides by the sum of the weights.
    """

    aggregation: ClassVar[Aggregation] = root_mean
    alias: ClassVar[str] = "rmslp1"

    offset: float = param(1.0, kind=float)

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """|log(truth + offset) - log(prediction + offset)|."""
        logs = _logs(self.name, prediction, truth, self.offset)
        return np.abs(logs[1] - logs[0])


class RootMeanSquaredLogError(NumberMeasure):
    """The root of the mean of (log(prediction) - log(truth))²: `rmsl`, also `rmsle`. A loss.

    Args, Returns: as every measure, see `Measure`; dimensionless. Infinite if one of the two
        numbers, but not both, is 0.
    Raises: InvalidArgument for negative numbers; and as every measure.
    Example:
        >>> round(RootMeanSquaredLogError()([2.0, 4.0], [1.0, 4.0]), 7)
        0.4901291

    Source: StatisticalMeasures.jl, src/continuous.jl, `RootMeanSquaredLogError`. Deviations: the
    mean divides by the sum of the weights; scikit-learn's root_mean_squared_log_error is
    another measure, `rmslp1`: it adds 1 before it takes logarithms.
    """

    aggregation: ClassVar[Aggregation] = root_mean
    alias: ClassVar[str] = "rmsl"

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """|log(truth) - log(prediction)|."""
        logs = _logs(self.name, prediction, truth, 0.0)
        return np.abs(logs[1] - logs[0])


def _logs(
    name: str, prediction: np.ndarray, truth: np.ndarray, offset: float
) -> tuple[np.ndarray, np.ndarray]:
    for what, values in (("prediction", prediction), ("truth", truth)):
        least = np.fmin.reduce(values, initial=np.inf)  # NaN aside
        if least + offset < 0:
            raise InvalidArgument(
                f"{name} needs numbers >= {0.0 - offset:g}, got {least:g} as {what}. Use rms, or "
                f"RootMeanSquaredLogProportionalError with an offset above {-least:g}."
            )
    return np.log(prediction + offset), np.log(truth + offset)


class _ProportionalError(NumberMeasure):
    """Base of the measures of errors in proportion to the truth."""

    tol: float = param(EPSILON, kind=float, ge=0)

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """|prediction - truth| / |truth|, 0 where |truth| <= tol."""
        difference, scale = np.abs(prediction - truth), np.abs(truth)
        return np.where((scale > self.tol) | np.isnan(difference), difference / scale, 0.0)


class RootMeanSquaredProportionalError(_ProportionalError):
    """The root of the mean of ((prediction - truth) / truth)²: `rmsp`. A loss.

    Hyper-parameters: tol: float >= 0, in the unit of the truth, by default the resolution of
        float64: rows with |truth| <= tol add no error, and count in the mean.
    Args, Returns, Raises: as every measure, see `Measure`; dimensionless.
    Example:
        >>> RootMeanSquaredProportionalError()([1.0, 9.0, 6.0, 1.0], [2.0, 0.0, 4.0, 0.5])
        0.6123724356957945

    Source: StatisticalMeasures.jl, src/continuous.jl, `RootMeanSquaredProportionalError`.
    Deviation: the mean divides by the sum of the weights.
    """

    aggregation: ClassVar[Aggregation] = root_mean
    alias: ClassVar[str] = "rmsp"


class MeanAbsoluteProportionalError(_ProportionalError):
    """The mean of |prediction - truth| / |truth|, a fraction and not a percentage: `mape`. A loss.

    Hyper-parameters: tol: float >= 0, in the unit of the truth, by default the resolution of
        float64: rows with |truth| <= tol add no error, and count in the mean.
    Args, Returns, Raises: as every measure, see `Measure`; dimensionless.
    Example:
        >>> MeanAbsoluteProportionalError()([1.0, 9.0, 5.0], [2.0, 0.0, 4.0])
        0.25

    Source: StatisticalMeasures.jl, src/continuous.jl, `MeanAbsoluteProportionalError`. Deviations:
    the mean divides by the sum of the weights; scikit-learn's mean_absolute_percentage_error
    divides an error by the resolution of float64 where the truth is 0, which gives a huge one.
    """

    alias: ClassVar[str] = "mape"


class LogCoshLoss(NumberMeasure):
    """The mean of log(cosh(prediction - truth)), half the square of small errors, the size of
    large ones less log(2): `log_cosh`, also `log_cosh_loss`. A loss.

    Args, Returns, Raises: as every measure, see `Measure`; the truth should be dimensionless.
    Example:
        >>> round(LogCoshLoss()([1.0, 2.0], [0.0, 2.0]), 7)
        0.2168904

    Source: StatisticalMeasures.jl, src/continuous.jl, `LogCoshLoss`. Deviation: a weighted mean
    divides by the sum of the weights.
    """

    alias: ClassVar[str] = "log_cosh"

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """log(cosh(prediction - truth)), which does not overflow."""
        size = np.abs(prediction - truth)
        return size + np.log1p(np.exp(-2 * size)) - np.log(2)


class _ShareMeasure(WholeMeasure):
    """Base of the scores that compare squared errors with the spread of the truth."""

    orientation: ClassVar[str] = "score"
    target_scitype: ClassVar[Scitype] = Vector[Infinite]
    supports_weights: ClassVar[bool] = False
    reads: ClassVar[Reader] = read_numbers

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> float:
        """The score; NaN if there are no rows."""
        if not len(pair):
            return float("nan")
        with np.errstate(all="ignore"):
            # From the first number, so that equal numbers have exactly themselves as their mean.
            center = pair.truth[0] + np.mean(pair.truth - pair.truth[0])
            error = np.sum((pair.prediction - pair.truth) ** 2)
            return float(self.score(error, pair.prediction - center, pair.truth - center))

    def score(self, error: np.float64, predicted: np.ndarray, observed: np.ndarray) -> float:
        """The score of a sum of squared errors, given deviations from the mean of the truth."""
        raise NotImplementedError(f"{type(self).__name__} must define score")


class RSquared(_ShareMeasure):
    """The coefficient of determination, 1 - Σ(prediction - truth)² / Σ(mean of truth - truth)²:
    `rsq`, also `rsquared`. A score of at most 1; takes no weights.

    Args, Returns, Raises: as every measure, see `Measure`. For a truth that is constant, a single
        row included: -inf, or NaN if every prediction is right.
    Example:
        >>> RSquared()([1.0, 2.0, 5.0], [1.0, 2.0, 3.0]), RSquared()([1.0, 2.0], [2.0, 2.0])
        (-1.0, -inf)

    Source: StatisticalMeasures.jl, src/continuous.jl, `RSquared`. Deviations: none; scikit-learn's
    r2_score gives the same with force_finite=False, while by default it makes -inf 0 and NaN 1,
    and it gives NaN for a single row.
    """

    @property
    def name(self) -> str:
        """ "rsq"."""
        return "rsq"

    def score(self, error: np.float64, predicted: np.ndarray, observed: np.ndarray) -> float:
        """1 - error / Σ observed²."""
        return 1 - error / np.sum(observed**2)


class WillmottD(_ShareMeasure):
    """Willmott's index of agreement, 1 - Σ(p - t)² / Σ(|p - m| + |t - m|)² for predictions p,
    truths t and their mean m: `willmott_d`. A score in [0, 1]; takes no weights.

    Args, Returns, Raises: as every measure, see `Measure`. 1 if all numbers are the same.
    Example:
        >>> WillmottD()([1.0, 2.0, 5.0], [1.0, 2.0, 3.0])
        0.8

    Source: StatisticalMeasures.jl, src/continuous.jl, `WillmottD`; Willmott (1981),
    doi:10.1080/02723646.1981.10642213. Deviations: none.
    """

    def score(self, error: np.float64, predicted: np.ndarray, observed: np.ndarray) -> float:
        """1 - error / Σ(|predicted| + |observed|)²."""
        largest = np.sum((np.abs(predicted) + np.abs(observed)) ** 2)
        return 1.0 if largest == 0 else 1 - error / largest


l1 = LPLoss(p=1)
l2 = LPLoss(p=2)
l1_sum = LPSumLoss(p=1)
l2_sum = LPSumLoss(p=2)
rms = RootMeanSquaredError()
rmsl = RootMeanSquaredLogError()
rmslp1 = RootMeanSquaredLogProportionalError()
rmsp = RootMeanSquaredProportionalError()
mape = MeanAbsoluteProportionalError()
log_cosh = LogCoshLoss()
rsq = RSquared()
willmott_d = WillmottD()

ALIASES: dict[str, Measure] = {
    "l1": l1,
    "mae": l1,
    "mav": l1,
    "mean_absolute_error": l1,
    "mean_absolute_value": l1,
    "l2": l2,
    "l1_sum": l1_sum,
    "l2_sum": l2_sum,
    "rms": rms,
    "rmse": rms,
    "root_mean_squared_error": rms,
    "rmsl": rmsl,
    "rmsle": rmsl,
    "root_mean_squared_log_error": rmsl,
    "rmslp1": rmslp1,
    "rmsp": rmsp,
    "mape": mape,
    "log_cosh": log_cosh,
    "log_cosh_loss": log_cosh,
    "rsq": rsq,
    "rsquared": rsq,
    "willmott_d": willmott_d,
}
