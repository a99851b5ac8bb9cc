"""How far predicted probabilities are frequencies: the expected calibration error, and the curve.

Knows pairs of probabilities and codes. Source: ours; Guo et al., "On calibration of modern neural
networks", ICML 2017. StatisticalMeasures.jl has neither.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from mlj_keras._display import grid_html, titled_html
from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.errors import InvalidArgument
from mlj_keras.measures.base import Measure, Reader, WholeMeasure
from mlj_keras.measures.curves import check_complete, scores_of, warn_unordered
from mlj_keras.measures.reading import Pair, read_distributions
from mlj_keras.models.params import param
from mlj_keras.plots.calibration import plot_calibration
from mlj_keras.storage.records import storable

DEFAULT_BINS = 10
STRATEGIES = ("uniform", "quantile")


def confidence_of(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """((n,) largest probability of each row in float64, (n,) booleans: its class is observed)."""
    rows = pair.prediction.astype(np.float64, copy=False)
    return rows.max(axis=1), rows.argmax(axis=1) == pair.truth


def uniform_bins(values: np.ndarray, n_bins: int) -> np.ndarray:
    """Codes (n,) of n_bins bins of equal width; each has its upper edge, the first also 0."""
    return np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], values)


class ExpectedCalibrationError(WholeMeasure):
    """How far the confidence in predicted classes is from their accuracy, over bins of confidence:
    `expected_calibration_error`, also `ece`, a loss in [0, 1]: Σ n(bin)/n |accuracy - confidence|.

    The confidence of a row is the largest of its probabilities; it is right if that class is
    observed.

    Hyper-parameters: n_bins: int >= 1, number of bins of equal width, by default 15; each has its
        upper edge.
    Orientation: loss.
    Args, Returns, Raises: as every measure, see `Measure`.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["a", "b"], [[0.75, 0.25], [0.25, 0.75]])
        >>> ExpectedCalibrationError()(prediction, ["a", "a"])
        0.25

    Source: ours; Guo et al. (2017), section 3 there.
    """

    target_scitype: ClassVar[Scitype] = Vector[Finite]
    prediction_type: ClassVar[str] = "probabilistic"
    reads: ClassVar[Reader] = read_distributions

    n_bins: int = param(15, kind=int, ge=1)

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> float:
        """The error of the rows, weighted."""
        own = np.ones(len(pair)) if weights is None else weights
        used = own > 0  # a row without weight does not count, be it NaN
        own, (confidence, right) = own[used], (each[used] for each in confidence_of(pair))
        if not len(own):
            return float("nan")
        bins = uniform_bins(confidence, self.n_bins)
        gaps = np.bincount(bins, weights=own * (right - confidence))
        return float(np.abs(gaps).sum() / own.sum())


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Observed frequencies against predicted probabilities, bin by bin. Unpacks as predicted,
    observed, counts.

    Args:
        predicted: (b,) mean predicted probability of the rows of each bin that has rows
        observed: (b,) part of these rows that are of the class
        counts: (b,) ints, number of these rows.
    Example: see `calibration_curve`.
    Source: ours.
    """

    predicted: np.ndarray
    observed: np.ndarray
    counts: np.ndarray

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.predicted
        yield self.observed
        yield self.counts

    def __repr__(self) -> str:
        return f"CalibrationCurve({len(self.counts)} bins, {int(self.counts.sum())} rows)"

    def _repr_html_(self) -> str:
        rows = [
            [f"{p:.3g}", f"{o:.3g}", str(n)]
            for p, o, n in zip(self.predicted, self.observed, self.counts, strict=True)
        ]
        head = ["mean predicted probability", "observed frequency", "rows"]
        return titled_html("CalibrationCurve", grid_html(head, rows))

    def plot(self, *, axes: Any = None, label: str = "") -> Any:
        """Draw the bins, and the diagonal on which probabilities are right.

        Args: axes: matplotlib axes to draw on, None for new ones · label: of the curve.
        Returns: the matplotlib axes; nothing is shown by itself. Needs the extra `plots`.
        """
        return plot_calibration(self.predicted, self.observed, axes=axes, label=label)


def calibration_curve(
    prediction: Any, truth: Any, *, n_bins: int = DEFAULT_BINS, strategy: str = "uniform"
) -> CalibrationCurve:
    """The observed frequency of a class among rows of about the same predicted probability.

    Args:
        prediction: (n,) distributions. Of two classes the last, the positive one, is looked at;
            of more the most probable of each row.
        truth: (n,) labels; rows where it is missing do not count
        n_bins: int >= 1; bins without rows are left out
        strategy: "uniform" for bins of equal width, "quantile" for bins of about as many rows.
    Returns: CalibrationCurve, which unpacks as predicted, observed, counts.
    Raises: InvalidArgument for other predictions, NaN, or other options; DimensionMismatch,
        EmptyData. Warns (LevelsWarning) if a pool of two classes has no order.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> scores = [0.1, 0.2, 0.6, 0.8]
        >>> prediction = UnivariateFinite(["O", "X"], scores, augment=True, ordered=True)
        >>> predicted, observed, counts = calibration_curve(prediction, list("OXXX"), n_bins=2)
        >>> predicted.round(2).tolist(), observed.tolist(), counts.tolist()
        ([0.15, 0.7], [0.5, 1.0], [2, 2])

    Source: ours; for two classes the bins are those of scikit-learn's calibration_curve, which
    gives (observed, predicted).
    """
    _check_options(n_bins, strategy)
    values, right = _of_one_class(prediction, truth)
    if strategy == "uniform":
        bins = uniform_bins(values, n_bins)
    else:
        edges = np.percentile(values, 100 * np.linspace(0, 1, n_bins + 1))
        bins = np.searchsorted(edges[1:-1], values)
    counts = np.bincount(bins)
    used = counts > 0
    counts = counts[used]
    predicted, observed = (np.bincount(bins, weights=of)[used] / counts for of in (values, right))
    return CalibrationCurve(predicted, observed, counts)


def _of_one_class(prediction: Any, truth: Any) -> tuple[np.ndarray, np.ndarray]:
    name = "calibration_curve"
    pair = check_complete(name, read_distributions(name, prediction, truth))
    return scores_of(warn_unordered(name, pair)) if len(pair.levels) == 2 else confidence_of(pair)


def _check_options(n_bins: int, strategy: str) -> None:
    if isinstance(n_bins, bool) or not isinstance(n_bins, int | np.integer) or n_bins < 1:
        raise InvalidArgument(f"n_bins must be an int >= 1, got {n_bins!r}. Try 10.")
    if strategy not in STRATEGIES:
        raise InvalidArgument(f"strategy must be one of {STRATEGIES}, got {strategy!r}.")


expected_calibration_error = ExpectedCalibrationError()

ALIASES: dict[str, Measure] = {
    "expected_calibration_error": expected_calibration_error,
    "ece": expected_calibration_error,
}
