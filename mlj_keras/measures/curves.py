"""Curves of predicted probabilities of two classes against the truth, and residuals of numbers.

Each is a small object of arrays that unpacks as MLJ's tuple and draws itself. Knows pairs and
plots. Source: StatisticalMeasures.jl, src/roc.jl, src/precision_recall.jl and src/functions.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from mlj_keras._display import html_table
from mlj_keras._warnings import warn
from mlj_keras.errors import EmptyData, InvalidArgument, LevelsWarning, OneClassError
from mlj_keras.measures.reading import Pair, read_distributions, read_numbers
from mlj_keras.plots.precision_recall import plot_precision_recall
from mlj_keras.plots.residuals import plot_residuals
from mlj_keras.plots.roc import plot_roc
from mlj_keras.storage.records import storable


def read_two_classes(name: str, prediction: Any, truth: Any) -> Pair:
    """Distributions over two classes, of which the last is the positive one, and labels.

    Raises: as `read_distributions`; InvalidArgument for more or fewer classes.
    """
    pair = read_distributions(name, prediction, truth)
    if len(pair.levels) != 2:
        raise InvalidArgument(
            f"{name} needs distributions over two classes, got {len(pair.levels)}: "
            f"{list(pair.levels)[:6]!r}. For one class against the rest, give "
            "UnivariateFinite([False, True], prediction.pdf(label), augment=True, ordered=True) "
            "and the truth as booleans."
        )
    return pair


def read_positive_class(name: str, prediction: Any, truth: Any) -> Pair:
    """The same, with a warning if the pool has no order that says which class is positive."""
    return warn_unordered(name, read_two_classes(name, prediction, truth))


def warn_unordered(name: str, pair: Pair) -> Pair:
    """The pair of two classes; warns (LevelsWarning) which of them is taken for positive if the
    pool has no order."""
    if not pair.ordered:
        first, last = pair.levels
        warn(
            f"{name} takes {last!r} for the positive class, the last of the levels, which have no "
            f"order. Coerce the target to OrderedFactor, with levels=[{first!r}, {last!r}] or "
            "the other way round, to say which it is.",
            LevelsWarning,
        )
    return pair


def scores_of(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """((n,) probabilities of the positive class in float64, (n,) booleans: it is observed)."""
    return pair.prediction[:, 1].astype(np.float64), pair.truth == 1


def counts_at_thresholds(
    scores: np.ndarray, positive: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True and false positives as the threshold falls, and the thresholds.

    Args: scores (n,) · positive (n,) booleans.
    Returns: (k + 1,) counts of true positives, (k + 1,) of false ones, (k,) distinct scores in
        descending order; the first counts, 0 and 0, belong to any threshold above all scores.
    """
    negated, group = np.unique(-scores, return_inverse=True)
    hits = np.bincount(group, weights=positive, minlength=len(negated))
    sizes = np.bincount(group, minlength=len(negated))
    true_positives = np.concatenate([[0.0], np.cumsum(hits)])
    return true_positives, np.concatenate([[0.0], np.cumsum(sizes - hits)]), -negated


def precision_recall(
    scores: np.ndarray, positive: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(k + 1,) recalls, (k + 1,) precisions and (k,) thresholds; a positive must be there."""
    true_positives, false_positives, thresholds = counts_at_thresholds(scores, positive)
    precisions = np.ones(len(true_positives))  # 1 where nothing is taken for positive
    precisions[1:] = true_positives[1:] / (true_positives[1:] + false_positives[1:])
    return true_positives / true_positives[-1], precisions, thresholds


def left_area(recalls: np.ndarray, precisions: np.ndarray) -> float:
    """The area under precisions as steps, each kept until the next recall."""
    return float(np.dot(precisions[:-1], np.diff(recalls)))


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class ROCCurve:
    """True against false positive rates, as the threshold falls: the receiver operating
    characteristic. Unpacks as false_positive_rates, true_positive_rates, thresholds.

    Args:
        false_positive_rates, true_positive_rates: (k + 1,) from (0, 0) to (1, 1)
        thresholds: (k,) distinct predicted probabilities, descending; point i + 1 holds from
            thresholds[i] down to the next
        area: under the curve, in [0, 1].
    Example: see `roc_curve`.
    Source: StatisticalMeasures.jl, src/roc.jl; the object is ours.
    """

    false_positive_rates: np.ndarray
    true_positive_rates: np.ndarray
    thresholds: np.ndarray
    area: float

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.false_positive_rates
        yield self.true_positive_rates
        yield self.thresholds

    def __repr__(self) -> str:
        return _line("ROCCurve", _facts(self, "area", self.area))

    def _repr_html_(self) -> str:
        return html_table("ROCCurve", _facts(self, "area", self.area))

    def plot(self, *, axes: Any = None, label: str = "") -> Any:
        """Draw the curve, with its area in the legend and the diagonal of pure chance.

        Args: axes: matplotlib axes to draw on, None for new ones · label: of the curve.
        Returns: the matplotlib axes; nothing is shown by itself. Needs the extra `plots`.
        """
        return plot_roc(
            self.false_positive_rates,
            self.true_positive_rates,
            axes=axes,
            label=_with_value(label, "area", self.area),
        )


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Precision against recall, as the threshold falls. Unpacks as recalls, precisions,
    thresholds.

    Args:
        recalls: (k + 1,) from 0 to 1
        precisions: (k + 1,), the first is 1, the last the part of positives
        thresholds: (k,) distinct predicted probabilities, descending
        average_precision: the measure of that name, in [0, 1].
    Example: see `precision_recall_curve`.
    Source: StatisticalMeasures.jl, src/precision_recall.jl; the object is ours.
    """

    recalls: np.ndarray
    precisions: np.ndarray
    thresholds: np.ndarray
    average_precision: float

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.recalls
        yield self.precisions
        yield self.thresholds

    def __repr__(self) -> str:
        return _line("PrecisionRecallCurve", self._shown())

    def _repr_html_(self) -> str:
        return html_table("PrecisionRecallCurve", self._shown())

    def _shown(self) -> dict[str, str]:
        return _facts(self, "average precision", self.average_precision)

    def plot(self, *, axes: Any = None, label: str = "") -> Any:
        """Draw the curve as the steps whose area is the average precision.

        Args: axes: matplotlib axes to draw on, None for new ones · label: of the curve.
        Returns: the matplotlib axes; nothing is shown by itself. Needs the extra `plots`.
        """
        return plot_precision_recall(
            self.recalls,
            self.precisions,
            axes=axes,
            label=_with_value(label, "average precision", self.average_precision),
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Residuals:
    """What predictions lack of the truth, row by row.

    Args:
        values: (n,) truth - prediction, in the unit of the truth; NaN where either is missing
        prediction: (n,) in the same unit.
    Example: see `residuals`.
    Source: ours.
    """

    values: np.ndarray
    prediction: np.ndarray

    def __repr__(self) -> str:
        return _line("Residuals", self._shown())

    def _repr_html_(self) -> str:
        return html_table("Residuals, truth - prediction", self._shown())

    def _shown(self) -> dict[str, str]:
        known = self.values[np.isfinite(self.values)]
        facts = {"rows": f"{len(self.values)}, of which {len(known)} are known"}
        if len(known):
            facts |= {"mean": f"{known.mean():.3g}", "standard deviation": f"{known.std():.3g}"}
            facts |= {"least": f"{known.min():.3g}", "greatest": f"{known.max():.3g}"}
        return facts

    def plot(self, *, axes: Any = None, label: str = "") -> Any:
        """Draw residuals against predictions, with the line of zero.

        Args: axes: matplotlib axes to draw on, None for new ones · label: of the points.
        Returns: the matplotlib axes; nothing is shown by itself. Needs the extra `plots`.
        """
        return plot_residuals(self.prediction, self.values, axes=axes, label=label)


def _line(title: str, facts: dict[str, str]) -> str:
    return f"{title}({', '.join(f'{name}: {text}' for name, text in facts.items())})"


def _facts(curve: Any, name: str, value: float) -> dict[str, str]:
    """What a notebook shows of a curve."""
    ends = f"{curve.thresholds[0]:.3g} to {curve.thresholds[-1]:.3g}"
    return {name: f"{value:.4g}", "thresholds": f"{len(curve.thresholds)}, from {ends}"}


def roc_curve(prediction: Any, truth: Any) -> ROCCurve:
    """The true and false positive rates at every threshold of the predicted probabilities.

    Args:
        prediction: (n,) distributions over two classes, the last of which is the positive one
        truth: (n,) labels; rows where it is missing do not count.
    Returns: ROCCurve, which unpacks as false_positive_rates, true_positive_rates, thresholds.
    Raises: InvalidArgument for other predictions, NaN, or other than two classes;
        DimensionMismatch, EmptyData; OneClassError if only one class is observed. Warns
        (LevelsWarning) if the pool has no order.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["O", "X"], [0.2, 0.9, 0.7], augment=True, ordered=True)
        >>> curve = roc_curve(prediction, ["O", "X", "O"])
        >>> false_positive_rates, true_positive_rates, thresholds = curve
        >>> false_positive_rates.tolist(), true_positive_rates.tolist(), thresholds.tolist()
        ([0.0, 0.0, 0.5, 1.0], [0.0, 1.0, 1.0, 1.0], [0.9, 0.7, 0.2])
        >>> curve.area
        1.0

    Source: StatisticalMeasures.jl, src/roc.jl. Deviations: missing truths are left out; one class
    raises, where the rates of MLJ are NaN. scikit-learn adds a threshold of infinity, and leaves
    out points on a line unless drop_intermediate=False.
    """
    scores, positive = _checked_scores("roc_curve", prediction, truth)
    if positive.all() or not positive.any():
        raise OneClassError(
            "roc_curve needs both classes among the observed ones, got only "
            f"{'positive' if positive.all() else 'negative'} rows. Take more rows, or stratify "
            "the sampling."
        )
    true_positives, false_positives, thresholds = counts_at_thresholds(scores, positive)
    true_rates = true_positives / true_positives[-1]
    false_rates = false_positives / false_positives[-1]
    area = float(np.trapezoid(true_rates, false_rates))
    return ROCCurve(false_rates, true_rates, thresholds, area)


def precision_recall_curve(prediction: Any, truth: Any) -> PrecisionRecallCurve:
    """Precision and recall at every threshold of the predicted probabilities.

    Args:
        prediction: (n,) distributions over two classes, the last of which is the positive one
        truth: (n,) labels; rows where it is missing do not count.
    Returns: PrecisionRecallCurve, which unpacks as recalls, precisions, thresholds.
    Raises: as `roc_curve`; OneClassError only if no row is positive.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["O", "X"], [0.2, 0.9, 0.7], augment=True, ordered=True)
        >>> recalls, precisions, thresholds = precision_recall_curve(prediction, ["X", "X", "O"])
        >>> recalls.tolist(), precisions.round(3).tolist(), thresholds.tolist()
        ([0.0, 0.5, 0.5, 1.0], [1.0, 1.0, 0.5, 0.667], [0.9, 0.7, 0.2])

    Source: StatisticalMeasures.jl, src/precision_recall.jl. Deviations: missing truths are left
    out; no positive raises, where the recalls of MLJ are NaN. scikit-learn gives precisions first,
    all in the opposite order.
    """
    scores, positive = _checked_scores("precision_recall_curve", prediction, truth)
    if not positive.any():
        raise OneClassError(
            "precision_recall_curve needs observed positives, got only negative rows. Take more "
            "rows, or stratify the sampling."
        )
    recalls, precisions, thresholds = precision_recall(scores, positive)
    area = left_area(recalls, precisions)
    return PrecisionRecallCurve(recalls, precisions, thresholds, area)


def residuals(prediction: Any, truth: Any) -> Residuals:
    """What each prediction lacks of the truth: truth - prediction.

    Args: prediction (n,): numbers · truth (n,): numbers, may be missing.
    Returns: Residuals, with `.values`, `.prediction` and `.plot()`.
    Raises: InvalidArgument, ScitypeError for anything but numbers; DimensionMismatch, EmptyData.
    Example:
        >>> residuals([1.0, 2.0, 3.0], [1.5, 2.0, None]).values.tolist()
        [0.5, 0.0, nan]

    Source: ours; the sign is that of scikit-learn's PredictionErrorDisplay.
    """
    pair = read_numbers("residuals", prediction, truth)
    return Residuals(pair.truth - pair.prediction, pair.prediction)


def check_complete(name: str, pair: Pair) -> Pair:
    """The rows that have a truth.

    Raises: EmptyData if there are none; InvalidArgument for NaN among the probabilities.
    """
    pair = pair.complete()
    if not len(pair):
        raise EmptyData(f"{name} was given no observed truth, all are missing.")
    gone = np.isnan(pair.prediction).any(axis=1)
    if gone.any():
        raise InvalidArgument(
            f"{name} was given {gone.sum()} prediction(s) with NaN, among {len(pair)} rows with a "
            "truth. Look for the cause, or leave those rows out of both."
        )
    return pair


def _checked_scores(name: str, prediction: Any, truth: Any) -> tuple[np.ndarray, np.ndarray]:
    return scores_of(check_complete(name, read_positive_class(name, prediction, truth)))


def _with_value(label: str, what: str, value: float) -> str:
    return f"{label} ({what} {value:.3f})" if label else f"{what} {value:.3f}"
