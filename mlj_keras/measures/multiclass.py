"""Measures of any number of predicted classes, each against the rest: counts, rates and F scores,
one for each class or averaged.

The formulas are those of rates.py. Source: StatisticalMeasures.jl, src/finite.jl.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.measures import rates
from mlj_keras.measures.base import Measure
from mlj_keras.measures.one_against_rest import MulticlassCount, MulticlassRate
from mlj_keras.measures.rates import BinaryMeasure
from mlj_keras.models.params import param
from mlj_keras.models.representation import changed_fields


class MulticlassTruePositive(MulticlassCount):
    """For each class, the number of its rows that are predicted as it:
    `multiclass_true_positive`, a score.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassCount`.
    Example:
        >>> MulticlassTruePositive()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        {'a': 1, 'b': 1, 'c': 2}

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassTruePositive`.
    Deviations: none.
    """

    short: ClassVar[str] = "multiclass_true_positive"
    binary: ClassVar[BinaryMeasure] = rates.true_positive


class MulticlassTrueNegative(MulticlassCount):
    """For each class, the number of other rows that are predicted as others:
    `multiclass_true_negative`, a score.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassCount`.
    Example:
        >>> MulticlassTrueNegative()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        {'a': 3, 'b': 3, 'c': 3}

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassTrueNegative`.
    Deviations: none.
    """

    short: ClassVar[str] = "multiclass_true_negative"
    binary: ClassVar[BinaryMeasure] = rates.true_negative


class MulticlassFalsePositive(MulticlassCount):
    """For each class, the number of other rows that are predicted as it:
    `multiclass_false_positive`, a loss.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassCount`.
    Example:
        >>> MulticlassFalsePositive()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        {'a': 1, 'b': 0, 'c': 0}

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassFalsePositive`.
    Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "multiclass_false_positive"
    binary: ClassVar[BinaryMeasure] = rates.false_positive


class MulticlassFalseNegative(MulticlassCount):
    """For each class, the number of its rows that are predicted as others:
    `multiclass_false_negative`, a loss.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassCount`.
    Example:
        >>> MulticlassFalseNegative()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        {'a': 0, 'b': 1, 'c': 0}

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassFalseNegative`.
    Deviations: none.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "multiclass_false_negative"
    binary: ClassVar[BinaryMeasure] = rates.false_negative


class MulticlassTruePositiveRate(MulticlassRate):
    """The part of the rows of a class that is predicted as it, averaged:
    `multiclass_tpr`, a score.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassTruePositiveRate()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.8333333333333334

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassTruePositiveRate`.
    Deviations: see `MulticlassRate`. As scikit-learn's recall_score with zero_division=0.
    """

    short: ClassVar[str] = "multiclass_tpr"
    binary: ClassVar[BinaryMeasure] = rates.tpr


class MulticlassTrueNegativeRate(MulticlassRate):
    """The part of the other rows that is not predicted as a class, averaged:
    `multiclass_tnr`, a score.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassTrueNegativeRate()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.9166666666666666

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassTrueNegativeRate`.
    Deviations: see `MulticlassRate`.
    """

    short: ClassVar[str] = "multiclass_tnr"
    binary: ClassVar[BinaryMeasure] = rates.tnr


class MulticlassFalsePositiveRate(MulticlassRate):
    """The part of the other rows that is predicted as a class, averaged: `multiclass_fpr`, a loss.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassFalsePositiveRate()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.08333333333333333

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassFalsePositiveRate`.
    Deviations: see `MulticlassRate`.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "multiclass_fpr"
    binary: ClassVar[BinaryMeasure] = rates.fpr


class MulticlassFalseNegativeRate(MulticlassRate):
    """The part of the rows of a class that is predicted as another, averaged:
    `multiclass_fnr`, a loss.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassFalseNegativeRate()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.16666666666666666

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassFalseNegativeRate`.
    Deviations: see `MulticlassRate`.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "multiclass_fnr"
    binary: ClassVar[BinaryMeasure] = rates.fnr


class MulticlassFalseDiscoveryRate(MulticlassRate):
    """The part of the predictions of a class that is wrong, averaged: `multiclass_fdr`, a loss.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassFalseDiscoveryRate()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.16666666666666666

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassFalseDiscoveryRate`.
    Deviations: see `MulticlassRate`.
    """

    orientation: ClassVar[str] = "loss"
    short: ClassVar[str] = "multiclass_fdr"
    binary: ClassVar[BinaryMeasure] = rates.fdr


class MulticlassPositivePredictiveValue(MulticlassRate):
    """The part of the predictions of a class that is right, averaged: `multiclass_ppv`, a score.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassPositivePredictiveValue()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.8333333333333334

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassPositivePredictiveValue`.
    Deviations: see `MulticlassRate`. As scikit-learn's precision_score with zero_division=0.
    """

    short: ClassVar[str] = "multiclass_ppv"
    binary: ClassVar[BinaryMeasure] = rates.ppv


class MulticlassNegativePredictiveValue(MulticlassRate):
    """The part of the predictions of other classes that is right, averaged:
    `multiclass_npv`, a score.

    Hyper-parameters, Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassNegativePredictiveValue()(
        ...     ["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"]
        ... )
        0.9166666666666666

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassNegativePredictiveValue`.
    Deviations: see `MulticlassRate`.
    """

    short: ClassVar[str] = "multiclass_npv"
    binary: ClassVar[BinaryMeasure] = rates.npv


class MulticlassFScore(MulticlassRate):
    """The F score of each class against the rest, averaged: `macro_f1score` and `micro_f1score`,
    scores.

    Hyper-parameters:
        beta: float >= 0, default 1: how much more recall counts than precision; without effect
            on micro averages
        average, return_type, levels, perm, rev, checks: see `MulticlassRate`.
    Args, Returns, Raises: see `MulticlassRate`.
    Example:
        >>> MulticlassFScore()(["a", "a", "b", "c", "c"], ["a", "b", "b", "c", "c"])
        0.7777777777777777

    Source: StatisticalMeasures.jl, src/finite.jl, `MulticlassFScore`. Deviation: see
    `MulticlassRate`. As scikit-learn's fbeta_score with zero_division=0.
    """

    short: ClassVar[str] = "macro_f1score"

    beta: float = param(1.0, kind=float, ge=0)

    @property
    def name(self) -> str:
        """ "macro_f1score", "micro_f1score", or "multiclass_f_score" with other fields."""
        micro = changed_fields(self) == {"average": "micro"}
        return "micro_f1score" if micro else super().name

    def one(self) -> BinaryMeasure:
        """The F score of one class against the rest."""
        return rates.FScore(beta=self.beta)


multiclass_true_positive = MulticlassTruePositive()
multiclass_true_negative = MulticlassTrueNegative()
multiclass_false_positive = MulticlassFalsePositive()
multiclass_false_negative = MulticlassFalseNegative()
multiclass_tpr = MulticlassTruePositiveRate()
multiclass_tnr = MulticlassTrueNegativeRate()
multiclass_fpr = MulticlassFalsePositiveRate()
multiclass_fnr = MulticlassFalseNegativeRate()
multiclass_fdr = MulticlassFalseDiscoveryRate()
multiclass_ppv = MulticlassPositivePredictiveValue()
multiclass_npv = MulticlassNegativePredictiveValue()
macro_f1score = MulticlassFScore()
micro_f1score = MulticlassFScore(average="micro")

ALIASES: dict[str, Measure] = {
    "multiclass_true_positive": multiclass_true_positive,
    "multiclass_truepositive": multiclass_true_positive,
    "multiclass_true_negative": multiclass_true_negative,
    "multiclass_truenegative": multiclass_true_negative,
    "multiclass_false_positive": multiclass_false_positive,
    "multiclass_falsepositive": multiclass_false_positive,
    "multiclass_false_negative": multiclass_false_negative,
    "multiclass_falsenegative": multiclass_false_negative,
    "multiclass_tpr": multiclass_tpr,
    "multiclass_recall": multiclass_tpr,
    "multiclass_sensitivity": multiclass_tpr,
    "multiclass_hit_rate": multiclass_tpr,
    "multiclass_true_positive_rate": multiclass_tpr,
    "multiclass_truepositive_rate": multiclass_tpr,
    "multiclass_tnr": multiclass_tnr,
    "multiclass_specificity": multiclass_tnr,
    "multiclass_selectivity": multiclass_tnr,
    "multiclass_true_negative_rate": multiclass_tnr,
    "multiclass_truenegative_rate": multiclass_tnr,
    "multiclass_fpr": multiclass_fpr,
    "multiclass_fallout": multiclass_fpr,
    "multiclass_false_positive_rate": multiclass_fpr,
    "multiclass_falsepositive_rate": multiclass_fpr,
    "multiclass_fnr": multiclass_fnr,
    "multiclass_miss_rate": multiclass_fnr,
    "multiclass_false_negative_rate": multiclass_fnr,
    "multiclass_falsenegative_rate": multiclass_fnr,
    "multiclass_fdr": multiclass_fdr,
    "multiclass_false_discovery_rate": multiclass_fdr,
    "multiclass_falsediscovery_rate": multiclass_fdr,
    "multiclass_ppv": multiclass_ppv,
    "multiclass_precision": multiclass_ppv,
    "multiclass_positive_predictive_value": multiclass_ppv,
    "multiclass_positivepredictive_value": multiclass_ppv,
    "multiclass_npv": multiclass_npv,
    "multiclass_negative_predictive_value": multiclass_npv,
    "multiclass_negativepredictive_value": multiclass_npv,
    "macro_f1score": macro_f1score,
    "multiclass_f1score": macro_f1score,
    "micro_f1score": micro_f1score,
}
