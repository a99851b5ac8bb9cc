"""`Measure`: what compares predictions with the truth; its traits, and how weights enter.

A measure is a small model-like value: `rms` is `RootMeanSquaredError()`. Most measure each row,
and the rows are then aggregated with their weights; others need all rows at once. Knows how
predictions are read; nothing of machines.
Source: StatisticalMeasuresBase.jl, src/measures.jl and src/traits.jl. Deviations: a weighted mean
divides by the sum of weights, not by the count; rows without a truth count neither in the sum nor
in the count; per-observation measurements are unweighted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.columns import as_floats, column_of
from mlj_keras.data.scitypes import Optional, Scitype, Table, Unknown, Vector
from mlj_keras.data.weights import ClassWeights, read_weights
from mlj_keras.errors import UnsupportedOperation, WeightsError
from mlj_keras.measures.aggregation import Aggregation, mean
from mlj_keras.measures.reading import Pair, check_rows
from mlj_keras.models.base import Model
from mlj_keras.models.representation import snake_case

Reader = Callable[[str, Any, Any], Pair]


class Measure(Model):
    """Base of the measures. Call one as `measure(prediction, truth, weights)`.

    Subclass `RowMeasure` or `WholeMeasure`, and set the traits:
        orientation: "loss" (smaller is better), "score" (larger is), or "none"
        target_scitype: what the truth may be, such as Vector[Finite]
        prediction_type: "deterministic" for values, "probabilistic" for distributions
        aggregation: how folds are put together: `mean`, `root_mean` or `total`
        supports_weights, supports_class_weights: whether weights enter
        reads: how prediction and truth are read, a function of reading.py
    and override the property `name`, by default the class in snake case.

    Example:
        >>> import mlj_keras as mlj
        >>> isinstance(mlj.log_loss, Measure), mlj.log_loss.orientation, mlj.log_loss.name
        (True, 'loss', 'log_loss')

    Source: StatisticalMeasuresBase.jl, src/traits.jl.
    """

    orientation: ClassVar[str] = "loss"
    target_scitype: ClassVar[Scitype] = Unknown
    prediction_type: ClassVar[str] = "deterministic"
    aggregation: ClassVar[Aggregation] = mean
    supports_weights: ClassVar[bool] = True
    supports_class_weights: ClassVar[bool] = False
    reports_observations: ClassVar[bool] = False
    reads: ClassVar[Reader]

    @property
    def name(self) -> str:
        """The name in messages and tables, such as "log_loss"."""
        return snake_case(type(self).__name__)

    def takes(self, target: Scitype) -> bool:
        """Whether truths of this scitype can be measured; missing ones do not count."""
        wanted = self.target_scitype
        return bool(target <= wanted or target <= _with_missing(wanted))

    @short_tracebacks
    def __call__(
        self,
        prediction: Any,
        truth: Any,
        weights: Any = None,
        *,
        class_weights: Any = None,
    ) -> Any:
        """The measurement of all rows.

        Args:
            prediction: (n,) what a model predicted: values or distributions, see the measure
            truth: (n,) what was observed; rows where it is missing do not count
            weights: (n,) numbers >= 0 or None: a weight for each row
            class_weights: mapping from each level of the truth to a number >= 0, or None; both
                multiply.
        Returns: float, NaN if a prediction is NaN; a mapping or a matrix where the measure says
            so.
        Raises: InvalidArgument, ScitypeError for predictions of another kind, or given second;
            DimensionMismatch, EmptyData; WeightsError for unusable weights, or for any where the
            measure takes none.
        """
        pair = self.read(prediction, truth)
        return self.of_pair(pair, self.weights_of(pair, weights, class_weights))

    def read(self, prediction: Any, truth: Any) -> Pair:
        """Prediction and truth as arrays, checked."""
        check_rows(prediction, truth)
        if not hasattr(type(self), "reads"):
            raise NotImplementedError(
                f"{type(self).__name__} must say what it reads, a function of "
                "mlj_keras.measures.reading: reads = read_numbers, read_classes or "
                "read_distributions."
            )
        return type(self).reads(self.name, prediction, truth)

    def weights_of(self, pair: Pair, weights: Any, class_weights: Any) -> np.ndarray | None:
        """The weight of each row (n,), or None if there are none."""
        if weights is None and class_weights is None:
            return None
        name = self.name
        if weights is not None and not self.supports_weights:
            raise WeightsError(f"{name} takes no weights. Leave them out.")
        result = np.ones(len(pair))
        if weights is not None:
            if isinstance(read_weights(weights, len(pair)), ClassWeights):
                raise WeightsError(
                    f"weights of {name} must be one number a row. Give weights of classes as "
                    "class_weights={...}."
                )
            # Not those that were read for training: they are of single precision.
            result = as_floats(column_of(weights).values).astype(np.float64)
        if class_weights is not None:
            result = result * self._weights_by_class(pair, class_weights)
        return result

    def _weights_by_class(self, pair: Pair, class_weights: Any) -> np.ndarray:
        if not self.supports_class_weights:
            raise WeightsError(f"{self.name} takes no class weights. Leave them out.")
        if not isinstance(class_weights, Mapping) or set(class_weights) != set(pair.levels):
            raise WeightsError(
                f"class_weights must name each level of the truth once, {list(pair.levels)!r}, "
                f"got {class_weights!r:.100}."
            )
        read_weights(class_weights, len(pair))  # finite, not negative, not all zero
        table = np.array([float(class_weights[level]) for level in pair.levels] + [0.0])
        return table[pair.truth]  # a missing truth, -1, has none

    def size_of(self, pair: Pair, weights: np.ndarray | None) -> float:
        """How much these rows count among others: the sum of their weights, or their number."""
        own = pair.present if weights is None else weights[pair.present]
        return float(own.sum())

    def of_pair(self, pair: Pair, weights: np.ndarray | None) -> Any:
        """The measurement of rows that have been read, with their weights."""
        raise NotImplementedError(f"{type(self).__name__} must define of_pair")

    def measurements(self, prediction: Any, truth: Any) -> np.ndarray:
        """The measurement of each row by itself, (n,) floats, NaN where the truth is missing;
        weights enter when rows are aggregated.

        Raises: UnsupportedOperation for a measure that needs all rows at once.
        """
        raise UnsupportedOperation(
            f"{self.name} needs all rows at once: it has no measurement of a single one."
        )

    def better(self, left: float, right: float) -> bool:
        """Whether `left` is the better measurement of the two; NaN never is.

        Raises: UnsupportedOperation for a measure without orientation.
        """
        if self.orientation == "none":
            raise UnsupportedOperation(f"Of two values of {self.name} none is the better.")
        if np.isnan(left):
            return False
        return bool(
            np.isnan(right) or (left < right if self.orientation == "loss" else left > right)
        )


class RowMeasure(Measure):
    """A measure of each row, aggregated over rows as over folds.

    Example:
        >>> import mlj_keras as mlj
        >>> mlj.l1([2.0, 5.0, 5.0], [1.0, None, 3.0])
        1.5

    Source: StatisticalMeasuresBase.jl, src/multimeasure.jl, `Multimeasure`.
    """

    reports_observations: ClassVar[bool] = True

    def of_rows(self, pair: Pair) -> np.ndarray:
        """The measurement of each row (n,) of a pair without missing truths."""
        raise NotImplementedError(f"{type(self).__name__} must define of_rows")

    def of_pair(self, pair: Pair, weights: np.ndarray | None) -> Any:
        """The rows' measurements aggregated."""
        rows = self.of_rows(pair.complete())
        return type(self).aggregation(rows, None if weights is None else weights[pair.present])

    def measurements(self, prediction: Any, truth: Any) -> np.ndarray:
        """The measurement of each row by itself."""
        return self.measurements_of(self.read(prediction, truth))

    def measurements_of(self, pair: Pair) -> np.ndarray:
        """The same, of rows that have been read."""
        result = np.full(len(pair), np.nan)
        result[pair.present] = self.of_rows(pair.complete())
        return result


class WholeMeasure(Measure):
    """A measure that needs all rows at once.

    Example:
        >>> import numpy as np
        >>> from mlj_keras.measures.reading import read_numbers
        >>> class Worst(WholeMeasure):
        ...     reads = read_numbers
        ...     def of_all(self, pair, weights):
        ...         return float(np.abs(pair.prediction - pair.truth).max())
        >>> Worst()([1.0, 2.0], [1.5, 4.0])
        2.0

    Source: StatisticalMeasuresBase.jl, `can_report_unaggregated` false.
    """

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> Any:
        """The measurement of a pair without missing truths, weights (n,) or None."""
        raise NotImplementedError(f"{type(self).__name__} must define of_all")

    def of_pair(self, pair: Pair, weights: np.ndarray | None) -> Any:
        """The measurement of the rows that have a truth."""
        return self.of_all(pair.complete(), None if weights is None else weights[pair.present])


def _with_missing(wanted: Scitype) -> Scitype:
    """The same scitype, and missing values."""
    container = {"Vector": Vector, "Table": Table}.get(wanted.name)
    return container[Optional[wanted.args[0]]] if container and wanted.args else wanted
