"""Measures of predicted classes that do not depend on the order of the levels.

Knows pairs of codes and confusion matrices. Source: StatisticalMeasures.jl, src/finite.jl.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mlj_keras.measures.base import Measure, RowMeasure, WholeMeasure
from mlj_keras.measures.confusion import ClassMeasure, ConfusionMeasure
from mlj_keras.measures.confusion_value import ConfusionMatrixValue, ratio
from mlj_keras.measures.reading import Pair
from mlj_keras.models.params import param


class Accuracy(ClassMeasure, RowMeasure):
    """The part of rows whose class is predicted: `accuracy`, a score in [0, 1].

    Args, Returns, Raises: as every measure, see `Measure`; or a confusion matrix alone.
    Example:
        >>> Accuracy()(["a", "b", "b"], ["a", "b", "a"], weights=[1, 2, 3])
        0.5

    Source: StatisticalMeasures.jl, src/finite.jl, `Accuracy`. Deviation: weights are divided by
    their sum, as scikit-learn's accuracy_score does.
    """

    orientation: ClassVar[str] = "score"
    supports_class_weights: ClassVar[bool] = True
    short: ClassVar[str] = "accuracy"

    def of_rows(self, pair: Pair) -> np.ndarray:
        """1 where the class is right, 0 elsewhere."""
        return (pair.prediction == pair.truth).astype(np.float64)

    def of_confusion(self, confusion: ConfusionMatrixValue) -> float:
        """The part of the counts on the diagonal."""
        return float(ratio(confusion.matrix.trace(), confusion.matrix.sum()))


class MisclassificationRate(ClassMeasure, RowMeasure):
    """The part of rows whose class is not predicted: `mcr`, a loss in [0, 1].

    Args, Returns, Raises: as every measure, see `Measure`; or a confusion matrix alone.
    Example:
        >>> MisclassificationRate()(["a", "b", "b"], ["a", "b", "a"], weights=[2, 1, 1])
        0.25

    Source: StatisticalMeasures.jl, src/finite.jl, `MisclassificationRate`. Deviation: weights are
    divided by their sum, as scikit-learn's zero_one_loss does.
    """

    supports_class_weights: ClassVar[bool] = True
    short: ClassVar[str] = "mcr"

    def of_rows(self, pair: Pair) -> np.ndarray:
        """1 where the class is wrong, 0 elsewhere."""
        return (pair.prediction != pair.truth).astype(np.float64)

    def of_confusion(self, confusion: ConfusionMatrixValue) -> float:
        """The part of the counts off the diagonal."""
        counts = confusion.matrix
        return float(ratio(counts.sum() - counts.trace(), counts.sum()))


class BalancedAccuracy(ClassMeasure, WholeMeasure):
    """The mean over the true classes of the part that is predicted: `bac`, a score in [0, 1].

    Hyper-parameters: adjusted: bool, default False: True rescales so that guessing scores 0,
        (score - 1/K) / (1 - 1/K) for a pool of K levels; Youden's J for two.
    Args, Returns, Raises: as every measure, see `Measure`; or a confusion matrix alone.
    Example:
        >>> BalancedAccuracy()(["a", "b", "b"], ["a", "b", "a"])
        0.75

    Source: StatisticalMeasures.jl, src/finite.jl, `BalancedAccuracy`. Deviations: levels that no
    row has do not count in the mean, as in scikit-learn's balanced_accuracy_score, which takes
    the K of `adjusted` from the observed classes, here from the pool.
    """

    orientation: ClassVar[str] = "score"
    short: ClassVar[str] = "bac"

    adjusted: bool = param(False, kind=bool)

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> float:
        """The measurement of rows: sums of weights for each true class."""
        own = np.ones(len(pair)) if weights is None else weights
        k, hits = len(pair.levels), pair.prediction == pair.truth
        right = np.bincount(pair.truth, own * hits, minlength=k)
        return self._of_classes(right, np.bincount(pair.truth, own, minlength=k))

    def of_confusion(self, confusion: ConfusionMatrixValue) -> float:
        """The measurement of counts."""
        return self._of_classes(confusion.matrix.diagonal(), confusion.matrix.sum(axis=0))

    def _of_classes(self, right: np.ndarray, of_class: np.ndarray) -> float:
        observed = of_class > 0
        recalls = ratio(right[observed], of_class[observed])
        score = ratio(recalls.sum(), len(recalls))
        chance = 1 / len(of_class)
        return float(ratio(score - chance, 1 - chance) if self.adjusted else score)


class Kappa(ConfusionMeasure):
    """Cohen's kappa, the agreement beyond chance: `kappa`, a score in [-1, 1].

    Args, Returns, Raises: as every measure, see `Measure`; no weights. Or a confusion matrix
        alone. NaN where a single class is all that was predicted and observed.
    Example:
        >>> Kappa()(["a", "a", "b", "b"], ["a", "a", "b", "a"])
        0.5

    Source: StatisticalMeasures.jl, src/finite.jl, `Kappa`. Deviations: none; of counts, so that
    it is the same of a confusion matrix; equal to scikit-learn's cohen_kappa_score.
    """

    orientation: ClassVar[str] = "score"
    short: ClassVar[str] = "kappa"

    def of_confusion(self, confusion: ConfusionMatrixValue) -> float:
        """(observed - expected) / (1 - expected), times the square of the count."""
        counts = confusion.matrix
        n = counts.sum()
        by_chance = counts.sum(axis=0) @ counts.sum(axis=1)
        return float(ratio(n * counts.trace() - by_chance, n * n - by_chance))


class MatthewsCorrelation(ConfusionMeasure):
    """The correlation of predicted and true classes: `mcc`, a score in [-1, 1].

    Args, Returns, Raises: as every measure, see `Measure`; no weights. Or a confusion matrix
        alone. 0 where a single class is all that was predicted, or all that was observed.
    Example:
        >>> MatthewsCorrelation()(["a", "a", "b", "b"], ["a", "b", "b", "b"])
        0.5773502691896258

    Source: StatisticalMeasures.jl, src/finite.jl, `MatthewsCorrelation`. Deviations: none; of
    counts, so that it is the same of a confusion matrix; equal to scikit-learn's
    matthews_corrcoef.
    """

    orientation: ClassVar[str] = "score"
    short: ClassVar[str] = "mcc"

    def of_confusion(self, confusion: ConfusionMatrixValue) -> float:
        """The covariance of the indicators of the classes over their deviations."""
        counts = confusion.matrix
        n, predicted, true = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
        spreads = float(n * n - predicted @ predicted), float(n * n - true @ true)
        if n and not all(spreads):
            return 0.0
        covariance = n * counts.trace() - predicted @ true
        return float(ratio(covariance, np.sqrt(spreads[0] * spreads[1])))


accuracy = Accuracy()
mcr = MisclassificationRate()
bac = BalancedAccuracy()
kappa = Kappa()
mcc = MatthewsCorrelation()

ALIASES: dict[str, Measure] = {
    "accuracy": accuracy,
    "mcr": mcr,
    "misclassification_rate": mcr,
    "bac": bac,
    "bacc": bac,
    "balanced_accuracy": bac,
    "probability_of_correct_classification": bac,
    "kappa": kappa,
    "mcc": mcc,
    "matthews_correlation": mcc,
}
