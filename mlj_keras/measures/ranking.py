"""Measures of how well probabilities of the positive class, the last of two, rank the rows.

Knows scores and curves. Source: StatisticalMeasures.jl, src/probabilistic.jl and
src/functions.jl.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras._logging import logger
from mlj_keras.data.scitypes import Finite, OrderedFactor, Scitype, Vector
from mlj_keras.errors import InvalidModelError
from mlj_keras.measures.base import Measure, Reader, WholeMeasure
from mlj_keras.measures.curves import (
    left_area,
    precision_recall,
    read_positive_class,
    read_two_classes,
    scores_of,
)
from mlj_keras.measures.reading import Pair
from mlj_keras.models.params import param

metrics = lazy_module("sklearn.metrics")
stats = lazy_module("scipy.stats")

NAN = float("nan")


class RankingMeasure(WholeMeasure):
    """Base of the measures of probabilities of the positive class: of all rows at once, without
    weights."""

    orientation: ClassVar[str] = "score"
    target_scitype: ClassVar[Scitype] = Vector[OrderedFactor[2]]
    prediction_type: ClassVar[str] = "probabilistic"
    supports_weights: ClassVar[bool] = False
    reads: ClassVar[Reader] = read_positive_class

    def of_scores(self, scores: np.ndarray, positive: np.ndarray) -> float:
        """The measurement of probabilities (n,), none of them NaN, and booleans (n,), one of them
        True."""
        raise NotImplementedError(f"{type(self).__name__} must define of_scores")

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> float:
        """The same of a pair; NaN if a probability is, or if no row is positive."""
        scores, positive = scores_of(pair)
        if np.isnan(pair.prediction).any() or not positive.any():
            return NAN
        return float(self.of_scores(scores, positive))


class AreaUnderCurve(RankingMeasure):
    """The area under the ROC curve: `auc`, also `area_under_curve`, a score in [0, 1]; the chance
    that a positive row has a larger probability than a negative one, ties counting one half.

    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`; InvalidArgument unless there are two
        classes. NaN if only one is observed.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["O", "X"], [0.2, 0.9, 0.7], augment=True)
        >>> AreaUnderCurve()(prediction, ["O", "X", "O"])
        1.0

    Source: StatisticalMeasures.jl, src/probabilistic.jl, `AreaUnderCurve`; by scikit-learn's
    roc_auc_score. As in MLJ, no warning if the pool has no order: swapping the classes changes
    nothing.
    """

    target_scitype: ClassVar[Scitype] = Vector[Finite[2]]
    reads: ClassVar[Reader] = read_two_classes

    @property
    def name(self) -> str:
        """ "auc"."""
        return "auc"

    def of_scores(self, scores: np.ndarray, positive: np.ndarray) -> float:
        """The area."""
        return NAN if positive.all() else metrics.roc_auc_score(positive, scores)


class AveragePrecision(RankingMeasure):
    """The area under precision against recall as steps: `average_precision`, a score in [0, 1].
    Each precision is kept until the next recall, and the first is 1.

    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`; InvalidArgument unless there are two
        classes. Warns (LevelsWarning) if the pool has no order.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["O", "X"], [0.2, 0.9, 0.7], augment=True, ordered=True)
        >>> AveragePrecision()(prediction, ["X", "X", "O"])
        0.75

    Source: StatisticalMeasures.jl, src/functions.jl, `average_precision`. Deviation: NaN if no
    row is positive. scikit-learn's average_precision_score takes for each step the precision at
    its end: 0.833 in the example.
    """

    def of_scores(self, scores: np.ndarray, positive: np.ndarray) -> float:
        """The area."""
        recalls, precisions, _ = precision_recall(scores, positive)
        return left_area(recalls, precisions)


class PrecisionAtFixedRecall(RankingMeasure):
    """The precision at the smallest recall that reaches a threshold: `precision_at_fixed_recall`,
    a score in [0, 1]; the mean of them if several thresholds have that recall, 0 if none has.

    Hyper-parameters: recall_threshold: float in [0, 1], dimensionless. The last point of the
        curve, where every row is taken for positive, does not count.
    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`; InvalidArgument unless there are two
        classes. Warns (LevelsWarning) if the pool has no order.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["O", "X"], [0.2, 0.9, 0.7], augment=True, ordered=True)
        >>> PrecisionAtFixedRecall(recall_threshold=0.5)(prediction, ["X", "X", "O"])
        0.75

    Source: StatisticalMeasures.jl, src/functions.jl, `precision_at_fixed_recall`. Deviations: NaN
    if no row is positive; a threshold above 1 is refused, where MLJ gives 0.
    """

    recall_threshold: float = param(0.95, kind=float, ge=0, le=1)

    def of_scores(self, scores: np.ndarray, positive: np.ndarray) -> float:
        """The mean precision at that recall."""
        recalls, precisions, _ = precision_recall(scores, positive)
        recalls, precisions = recalls[:-1], precisions[:-1]
        reached = recalls[recalls >= self.recall_threshold]
        return precisions[recalls == reached[0]].mean() if len(reached) else 0.0


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """The correlation of ranks, tied ones averaged; NaN of one point, or of equal ones."""
    return pearson(stats.rankdata(x), stats.rankdata(y))


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """The correlation of two arrays (n,); NaN of one point, or of equal ones."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return NAN
    return float(np.corrcoef(x, y)[0, 1])


def _as_correlation(value: Any) -> Any:
    if value not in ("spearman", "pearson") and not callable(value):
        raise ValueError("must be 'spearman', 'pearson' or a function (x, y) → float")
    return value


class ContinuousBoyceIndex(RankingMeasure):
    """How the part of positives rises with the predicted probability: `cbi`, also
    `continuous_boyce_index`, a score in [-1, 1], by default Spearman's correlation of the two over
    bins that overlap. Used in ecology, where negative rows are background.

    Hyper-parameters:
        nbins: int >= 2, number of bins, whose starts are evenly spaced · binwidth: float > 0
        min, max: floats, where the first bin starts and the last one ends
        cor: "spearman", "pearson", or a function (x, y) → float: how bins are compared
        verbosity: int >= 0: 0 does not warn of a pool without order; 2 tells of empty bins, which
            do not count.
    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`; InvalidArgument unless there are two
        classes; InvalidModelError unless min + binwidth < max. NaN if only one class is observed.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> scores = [0.1, 0.2, 0.3, 0.6, 0.7, 0.8]
        >>> prediction = UnivariateFinite(["O", "X"], scores, augment=True, ordered=True)
        >>> round(ContinuousBoyceIndex(nbins=3, binwidth=0.4)(prediction, list("OXOXXX")), 4)
        1.0

    Source: StatisticalMeasures.jl, src/functions.jl, `cbi`; Hirzel et al., Ecological Modelling
    199 (2006).
    """

    target_scitype: ClassVar[Scitype] = Vector[Finite[2]]

    nbins: int = param(101, kind=int, ge=2)
    binwidth: float = param(0.1, kind=float, gt=0)
    min: float = param(0.0, kind=float)
    max: float = param(1.0, kind=float)
    cor: str | Callable[[np.ndarray, np.ndarray], float] = param(
        "spearman", convert=_as_correlation
    )
    verbosity: int = param(1, kind=int, ge=0)

    @property
    def name(self) -> str:
        """ "cbi", or "continuous_boyce_index" with other hyper-parameters."""
        return "cbi" if self == ContinuousBoyceIndex() else super().name

    def read(self, prediction: Any, truth: Any) -> Pair:
        """Prediction and truth as arrays, checked."""
        reader = read_positive_class if self.verbosity else read_two_classes
        return reader(self.name, prediction, truth)

    def of_scores(self, scores: np.ndarray, positive: np.ndarray) -> float:
        """The correlation of starts of bins and parts of positives."""
        if self.min + self.binwidth >= self.max:
            raise InvalidModelError(
                f"{self.name} needs min + binwidth < max, got {self.min} + {self.binwidth} and "
                f"{self.max}. Choose a smaller binwidth."
            )
        order = np.argsort(scores)
        starts = np.linspace(self.min, self.max - self.binwidth, self.nbins)
        first = np.searchsorted(scores[order], starts, "left")
        last = np.searchsorted(scores[order], starts + self.binwidth, "right")
        used = last > first
        if self.verbosity > 1 and not used.all():
            logger.info("%s leaves out %d bins without rows", self.name, np.sum(~used))
        hits = np.concatenate([[0], np.cumsum(positive[order])])
        parts = (hits[last] - hits[first])[used] / (last - first)[used]
        return self._correlation()(parts, starts[used])

    def _correlation(self) -> Callable[[np.ndarray, np.ndarray], float]:
        named = {"spearman": spearman, "pearson": pearson}
        return named[self.cor] if isinstance(self.cor, str) else self.cor


auc = AreaUnderCurve()
average_precision = AveragePrecision()
precision_at_fixed_recall = PrecisionAtFixedRecall()
cbi = ContinuousBoyceIndex()

ALIASES: dict[str, Measure] = {
    "auc": auc,
    "area_under_curve": auc,
    "average_precision": average_precision,
    "precision_at_fixed_recall": precision_at_fixed_recall,
    "cbi": cbi,
    "continuous_boyce_index": cbi,
}
