"""Measures of two predicted classes: counts of right and wrong ones, their rates, and the F score.

The formulas stand here once; multiclass.py applies them to each class against the rest. Knows
confusion matrices. Source: StatisticalMeasures.jl, src/finite.jl and src/functions.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.errors import InvalidArgument, LevelsWarning
from mlj_keras.measures.aggregation import Aggregation, total
from mlj_keras.measures.base import Measure
from mlj_keras.measures.confusion import OrderedMeasure, check_levels
from mlj_keras.measures.confusion_value import ConfusionMatrixValue, ratio
from mlj_keras.models.params import param


@dataclasses.dataclass(frozen=True)
class Counts:
    """Counts of true and false positives and negatives: ints, or arrays with an entry a class."""

    tp: Any
    tn: Any
    fp: Any
    fn: Any


def _two_levels(value: Any) -> tuple[Any, ...]:
    levels = check_levels(value)
    if len(levels) != 2:
        raise ValueError(
            f"levels must be the negative and the positive one, got {list(levels)!r:.80}. Write "
            "levels=['no', 'yes']."
        )
    return levels


class BinaryMeasure(OrderedMeasure):
    """Base of the measures of two classes; the last level is the positive one. A subclass says in
    `of_counts` what it makes of the counts.

    Hyper-parameters:
        levels: the negative and the positive label, or None (default) for the pool of the data,
            which warns if that has no order
        rev: bool or None (default): True makes the first level the positive one
        checks: bool, default True: levels that occur and are not in `levels` raise; False leaves
            their rows out.
    Args: prediction, truth: (n,) labels as in every measure, see `Measure`; no weights. Or a
        ConfusionMatrixValue alone.
    Raises: as every measure; InvalidArgument if there are not two levels. Warns LevelsWarning if
        they have no order.

    Source: StatisticalMeasures.jl, src/finite.jl. Deviations: 0/0 is NaN as there, where
    scikit-learn has 0; `rev=False` leaves the order alone, there it reverses.
    """

    orientation: ClassVar[str] = "score"
    target_scitype: ClassVar[Scitype] = Vector[Finite[2]]

    levels: Sequence[Any] | None = param(None, optional=True, convert=_two_levels)

    def of_confusion(self, confusion: ConfusionMatrixValue) -> Any:
        """The measurement of two levels in the order asked for."""
        two = self.arrange(confusion)
        self._check(two)
        return np.asarray(self.of_counts(binary_counts(two.matrix))).item()

    def of_counts(self, counts: Counts) -> Any:
        """The formula, entry by entry."""
        raise NotImplementedError(f"{type(self).__name__} must define of_counts")

    def _check(self, confusion: ConfusionMatrixValue) -> None:
        levels, name = list(confusion.levels), type(self).__name__
        if len(levels) != 2:
            advice = f"Use Multiclass{name}" if len(levels) > 2 else "Name both"
            raise InvalidArgument(
                f"{self.name} needs two levels, the negative and the positive one, got "
                f"{levels[:6]!r}. {advice}, or {name}(levels=[...])."
            )
        if not confusion.ordered:
            warn(
                f"{self.name} takes {levels[1]!r}, the last level of {levels!r}, as the positive "
                "class, though the levels have no order. Give ordered factors, or "
                f"{name}(levels={levels!r}).",
                LevelsWarning,
            )


def binary_counts(matrix: np.ndarray) -> Counts:
    """The counts of a (2, 2) matrix with the positive class last."""
    return Counts(tp=matrix[1, 1], tn=matrix[0, 0], fp=matrix[1, 0], fn=matrix[0, 1])


class TruePositive(BinaryMeasure):
    """The number of positive rows predicted as positive: `true_positive`, a score.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: int; folds add up.
    Example:
        >>> TruePositive(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        2

    Source: StatisticalMeasures.jl, src/finite.jl, `TruePositive`. Deviations: none.
    """

    aggregation: ClassVar[Aggregation] = total
    short: ClassVar[str] = "true_positive"

    def of_counts(self, counts: Counts) -> Any:
        """The true positives."""
        return counts.tp


class TrueNegative(BinaryMeasure):
    """The number of negative rows predicted as negative: `true_negative`, a score.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: int; folds add up.
    Example:
        >>> TrueNegative(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        3

    Source: StatisticalMeasures.jl, src/finite.jl, `TrueNegative`. Deviations: none.
    """

    aggregation: ClassVar[Aggregation] = total
    short: ClassVar[str] = "true_negative"

    def of_counts(self, counts: Counts) -> Any:
        """The true negatives."""
        return counts.tn


class FalsePositive(BinaryMeasure):
    """The number of negative rows predicted as positive: `false_positive`, a loss.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: int; folds add up.
    Example:
        >>> FalsePositive(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        1

    Source: StatisticalMeasures.jl, src/finite.jl, `FalsePositive`. Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    aggregation: ClassVar[Aggregation] = total
    short: ClassVar[str] = "false_positive"

    def of_counts(self, counts: Counts) -> Any:
        """The false positives."""
        return counts.fp


class FalseNegative(BinaryMeasure):
    """The number of positive rows predicted as negative: `false_negative`, a loss.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: int; folds add up.
    Example:
        >>> FalseNegative(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        1

    Source: StatisticalMeasures.jl, src/finite.jl, `FalseNegative`. Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    aggregation: ClassVar[Aggregation] = total
    short: ClassVar[str] = "false_negative"

    def of_counts(self, counts: Counts) -> Any:
        """The false negatives."""
        return counts.fn


class TruePositiveRate(BinaryMeasure):
    """The part of the positive rows that is predicted as positive: `tpr`, a score.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if no row is positive.
    Example:
        >>> TruePositiveRate(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.6666666666666666

    Source: StatisticalMeasures.jl, src/finite.jl, `TruePositiveRate`. Deviation from
    scikit-learn's recall_score: NaN where that has 0.
    """

    short: ClassVar[str] = "tpr"

    def of_counts(self, counts: Counts) -> Any:
        """tp / (tp + fn)"""
        return ratio(counts.tp, counts.tp + counts.fn)


class TrueNegativeRate(BinaryMeasure):
    """The part of the negative rows that is predicted as negative: `tnr`, a score.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if no row is negative.
    Example:
        >>> TrueNegativeRate(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.75

    Source: StatisticalMeasures.jl, src/finite.jl, `TrueNegativeRate`. Deviations: none.
    """

    short: ClassVar[str] = "tnr"

    def of_counts(self, counts: Counts) -> Any:
        """tn / (tn + fp)"""
        return ratio(counts.tn, counts.tn + counts.fp)


class FalsePositiveRate(BinaryMeasure):
    """The part of the negative rows that is predicted as positive: `fpr`, a loss.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if no row is negative.
    Example:
        >>> FalsePositiveRate(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.25

    Source: StatisticalMeasures.jl, src/finite.jl, `FalsePositiveRate`. Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "fpr"

    def of_counts(self, counts: Counts) -> Any:
        """fp / (tn + fp)"""
        return ratio(counts.fp, counts.tn + counts.fp)


class FalseNegativeRate(BinaryMeasure):
    """The part of the positive rows that is predicted as negative: `fnr`, a loss.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if no row is positive.
    Example:
        >>> FalseNegativeRate(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.3333333333333333

    Source: StatisticalMeasures.jl, src/finite.jl, `FalseNegativeRate`. Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "fnr"

    def of_counts(self, counts: Counts) -> Any:
        """fn / (tp + fn)"""
        return ratio(counts.fn, counts.tp + counts.fn)


class FalseDiscoveryRate(BinaryMeasure):
    """The part of the positive predictions that is wrong: `fdr`, a loss.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if none is predicted as positive.
    Example:
        >>> FalseDiscoveryRate(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.3333333333333333

    Source: StatisticalMeasures.jl, src/finite.jl, `FalseDiscoveryRate`. Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "fdr"

    def of_counts(self, counts: Counts) -> Any:
        """fp / (tp + fp)"""
        return ratio(counts.fp, counts.tp + counts.fp)


class PositivePredictiveValue(BinaryMeasure):
    """The part of the positive predictions that is right: `ppv`, a score.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if none is predicted as positive.
    Example:
        >>> PositivePredictiveValue(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.6666666666666666

    Source: StatisticalMeasures.jl, src/finite.jl, `PositivePredictiveValue`. Deviation from
    scikit-learn's precision_score: NaN where that has 0.
    """

    short: ClassVar[str] = "ppv"

    def of_counts(self, counts: Counts) -> Any:
        """tp / (tp + fp)"""
        return ratio(counts.tp, counts.tp + counts.fp)


class NegativePredictiveValue(BinaryMeasure):
    """The part of the negative predictions that is right: `npv`, a score.

    Hyper-parameters, Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if none is predicted as negative.
    Example:
        >>> NegativePredictiveValue(levels=[0, 1])([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0])
        0.75

    Source: StatisticalMeasures.jl, src/finite.jl, `NegativePredictiveValue`. Deviations: none.
    """

    short: ClassVar[str] = "npv"

    def of_counts(self, counts: Counts) -> Any:
        """tn / (tn + fn)"""
        return ratio(counts.tn, counts.tn + counts.fn)


class FScore(BinaryMeasure):
    """The weighted harmonic mean of precision and recall: `f1score`, a score.

    Hyper-parameters:
        beta: float >= 0, default 1: how much more recall counts than precision
        levels, rev, checks: see `BinaryMeasure`.
    Args, Raises: see `BinaryMeasure`.
    Returns: float in [0, 1]; NaN if no row is positive and none is predicted as positive.
    Example:
        >>> FScore(beta=2, levels=["no", "yes"])(["yes", "yes", "no"], ["yes", "no", "no"])
        0.8333333333333334

    Source: StatisticalMeasures.jl, src/finite.jl, `FScore`. Deviation from scikit-learn's
    fbeta_score: NaN where that has 0 for 0/0.
    """

    short: ClassVar[str] = "f1score"

    beta: float = param(1.0, kind=float, ge=0)

    def of_counts(self, counts: Counts) -> Any:
        """(1 + beta**2) tp / ((1 + beta**2) tp + beta**2 fn + fp)."""
        square = self.beta**2
        hits = (1 + square) * counts.tp
        return ratio(hits, hits + square * counts.fn + counts.fp)


true_positive = TruePositive()
true_negative = TrueNegative()
false_positive = FalsePositive()
false_negative = FalseNegative()
tpr = TruePositiveRate()
tnr = TrueNegativeRate()
fpr = FalsePositiveRate()
fnr = FalseNegativeRate()
fdr = FalseDiscoveryRate()
ppv = PositivePredictiveValue()
npv = NegativePredictiveValue()
f1score = FScore()

ALIASES: dict[str, Measure] = {
    **dict.fromkeys(("true_positive", "truepositive"), true_positive),
    **dict.fromkeys(("true_negative", "truenegative"), true_negative),
    **dict.fromkeys(("false_positive", "falsepositive"), false_positive),
    **dict.fromkeys(("false_negative", "falsenegative"), false_negative),
    **dict.fromkeys(
        ("tpr", "recall", "sensitivity", "hit_rate", "true_positive_rate", "truepositive_rate"),
        tpr,
    ),
    **dict.fromkeys(
        ("tnr", "specificity", "selectivity", "true_negative_rate", "truenegative_rate"), tnr
    ),
    **dict.fromkeys(("fpr", "fallout", "false_positive_rate", "falsepositive_rate"), fpr),
    **dict.fromkeys(("fnr", "miss_rate", "false_negative_rate", "falsenegative_rate"), fnr),
    **dict.fromkeys(("fdr", "false_discovery_rate", "falsediscovery_rate"), fdr),
    **dict.fromkeys(
        ("ppv", "precision", "positive_predictive_value", "positivepredictive_value"), ppv
    ),
    **dict.fromkeys(("npv", "negative_predictive_value", "negativepredictive_value"), npv),
    "f1score": f1score,
}
