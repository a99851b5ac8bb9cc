"""Measures of each predicted distribution.

Knows pairs of probabilities and codes, and for the logarithmic measures densities at the truth.
Source: StatisticalMeasures.jl, src/probabilistic.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.scitypes import Finite, Infinite, Scitype, Vector
from mlj_keras.errors import InvalidArgument
from mlj_keras.measures.base import Measure, Reader, RowMeasure
from mlj_keras.measures.reading import Pair, is_distribution, read_distributions, read_numbers
from mlj_keras.models.params import param

EPSILON = float(np.finfo(np.float64).eps)


def read_probabilities(name: str, prediction: Any, truth: Any) -> Pair:
    """Distributions over classes, or a list of distributions of numbers: of those the density at
    each truth (n,) is kept as prediction."""
    if _are_of_numbers(truth) and not _are_of_numbers(prediction):
        raise InvalidArgument(
            f"{name} was given the truth first. Call {name}(prediction, truth): predicted "
            "distributions, then what was observed."
        )
    if not _are_of_numbers(prediction):
        return read_distributions(name, prediction, truth)
    pair = read_numbers(name, np.zeros(len(prediction)), truth)
    # One call a row: each object may be of another family.
    densities = [_density(one, y) for one, y in zip(prediction, pair.truth, strict=True)]
    return dataclasses.replace(pair, prediction=np.array(densities, dtype=np.float64))


def _are_of_numbers(obj: Any) -> bool:
    if not isinstance(obj, list | tuple) or not obj or is_distribution(obj):
        return False
    return all(hasattr(one, "pdf") or hasattr(one, "pmf") for one in obj)


def _density(distribution: Any, y: float) -> float:
    """Its density at y, or its probability of y if it has a mass function."""
    of = distribution.pmf if hasattr(distribution, "pmf") else distribution.pdf
    return float(of(y))


def probabilities(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """((n, K) probabilities in float64, (n,) those of the true classes)."""
    rows = pair.prediction.astype(np.float64, copy=False)
    return rows, rows[np.arange(len(pair)), pair.truth]


def squared_distances(pair: Pair) -> np.ndarray:
    """Σ (p(class) - [class is the true one])² of each row (n,)."""
    gaps = pair.prediction.astype(np.float64)  # a copy
    gaps[np.arange(len(pair)), pair.truth] -= 1
    return np.square(gaps).sum(axis=1)


class DistributionMeasure(RowMeasure):
    """Base of the measures of each predicted distribution over classes."""

    target_scitype: ClassVar[Scitype] = Vector[Finite]
    prediction_type: ClassVar[str] = "probabilistic"
    supports_class_weights: ClassVar[bool] = True
    reads: ClassVar[Reader] = read_distributions


class LogScore(DistributionMeasure):
    """The mean of log(probability of the true class): `log_score`, in nats, at most 0.

    Hyper-parameters: tol: float in (0, 0.5), by default the resolution of float64: probabilities
        are kept in [tol, 1 - tol], so that the least score of a row is -36.04.
    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`. Predictions may also be a list of
        distributions of numbers, such as frozen ones of scipy.stats: the density (method `pdf`),
        or the probability (`pmf`), at the truth is kept in the same bounds.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["a", "b"], [[0.2, 0.8], [0.6, 0.4]])
        >>> round(LogScore()(prediction, ["a", "b"]), 7)
        -1.2628643

    Source: StatisticalMeasures.jl, src/probabilistic.jl, `LogScore`; as there, a density above 1
    earns nothing. Deviations: a row with a NaN among its probabilities is NaN, whichever its
    class; a weighted mean divides by the sum of the weights. From scikit-learn: see `LogLoss`.
    """

    orientation: ClassVar[str] = "score"
    target_scitype: ClassVar[Scitype] = Vector[Finite | Infinite]
    reads: ClassVar[Reader] = read_probabilities

    tol: float = param(EPSILON, kind=float, gt=0, lt=0.5)

    def of_rows(self, pair: Pair) -> np.ndarray:
        """log(probability of the true class) of each row."""
        if pair.prediction.ndim == 1:  # densities at the truth
            own = pair.prediction
        else:
            rows, own = probabilities(pair)
            own = np.where(np.isnan(rows).any(axis=1), np.nan, own)
        return np.log(np.clip(own, self.tol, 1 - self.tol))


class LogLoss(LogScore):
    """The mean of -log(probability of the true class): `log_loss`, also `cross_entropy`, in nats.

    Hyper-parameters: tol: float in (0, 0.5), by default the resolution of float64: probabilities
        are kept in [tol, 1 - tol], so that the largest loss of a row is 36.04.
    Orientation: loss.
    Args, Returns, Raises: as every measure, see `Measure`. Predictions may also be a list of
        distributions of numbers, see `LogScore`.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["a", "b"], [[0.2, 0.8], [0.6, 0.4]])
        >>> round(LogLoss()(prediction, ["a", "b"]), 7)
        1.2628643

    Source: StatisticalMeasures.jl, src/probabilistic.jl, `LogLoss`. Deviations: those of
    `LogScore`. scikit-learn's log_loss agrees where rows sum to 1 and lie within the bounds; it
    takes its bounds from the type of the probabilities.
    """

    orientation: ClassVar[str] = "loss"

    def of_rows(self, pair: Pair) -> np.ndarray:
        """-log(probability of the true class) of each row."""
        return -super().of_rows(pair)


class BrierScore(DistributionMeasure):
    """The mean of 2 p(true class) - Σ p(class)² - 1: `brier_score`, also `quadratic_score`, in
    [-2, 0].

    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["a", "b"], [[0.8, 0.2], [0.4, 0.6]])
        >>> round(BrierScore()(prediction, ["b", "a"]), 7)
        -1.0

    Source: StatisticalMeasures.jl, src/probabilistic.jl, `BrierScore`. Deviations: distributions
    over classes only; a weighted mean divides by the sum of the weights. From scikit-learn: see
    `BrierLoss`.
    """

    orientation: ClassVar[str] = "score"

    def of_rows(self, pair: Pair) -> np.ndarray:
        """2 p(true class) - Σ p(class)² - 1 of each row."""
        return 0.0 - squared_distances(pair)  # a negative sign would turn 0 into -0


class BrierLoss(DistributionMeasure):
    """The mean of Σ (p(class) - [class is the true one])²: `brier_loss`, also `quadratic_loss`, in
    [0, 2].

    Orientation: loss.
    Args, Returns, Raises: as every measure, see `Measure`.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["a", "b"], [[0.8, 0.2], [0.4, 0.6]])
        >>> round(BrierLoss()(prediction, ["b", "a"]), 7)
        1.0

    Source: StatisticalMeasures.jl, src/probabilistic.jl, `BrierLoss`. Deviations: those of
    `BrierScore`. For two classes scikit-learn's brier_score_loss is half of it by default, and
    the same with scale_by_half=False.
    """

    orientation: ClassVar[str] = "loss"

    def of_rows(self, pair: Pair) -> np.ndarray:
        """Σ (p(class) - [class is the true one])² of each row."""
        return squared_distances(pair)


class SphericalScore(DistributionMeasure):
    """The mean of (p(true class) / ‖p‖)^(alpha - 1), with the norm (Σ p^alpha)^(1 / alpha):
    `spherical_score`, in [0, 1].

    Hyper-parameters: alpha: float > 1, dimensionless.
    Orientation: score.
    Args, Returns, Raises: as every measure, see `Measure`.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> SphericalScore()(UnivariateFinite(["a", "b"], [[0.6, 0.8]]), ["b"])
        0.8

    Source: StatisticalMeasures.jl, src/probabilistic.jl, `SphericalScore`: what its code computes,
    not the formula in its text. Deviations: distributions over classes only; a weighted mean
    divides by the sum of the weights.
    """

    orientation: ClassVar[str] = "score"

    alpha: float = param(2.0, kind=float, gt=1)

    def of_rows(self, pair: Pair) -> np.ndarray:
        """(p(true class) / ‖p‖)^(alpha - 1) of each row."""
        rows, own = probabilities(pair)
        with np.errstate(invalid="ignore"):  # a row of zeros has no score: NaN
            norms = np.power(rows, self.alpha).sum(axis=1) ** (1 / self.alpha)
            return (own / norms) ** (self.alpha - 1)


log_score = LogScore()
log_loss = LogLoss()
brier_score = BrierScore()
brier_loss = BrierLoss()
spherical_score = SphericalScore()

ALIASES: dict[str, Measure] = {
    "log_score": log_score,
    "log_loss": log_loss,
    "cross_entropy": log_loss,
    "brier_score": brier_score,
    "quadratic_score": brier_score,
    "brier_loss": brier_loss,
    "quadratic_loss": brier_loss,
    "spherical_score": spherical_score,
}
