"""The distance losses: measures of predicted numbers by prediction - truth, here r, alone.

Knows differences. The losses of LPLoss and LogCoshLoss are in continuous.py.
Source: LossFunctions.jl, src/losses/distance.jl; StatisticalMeasures.jl,
ext/LossFunctionsExt.jl, which makes measures of them.
"""

from __future__ import annotations

import numpy as np

from mlj_keras.measures.base import Measure
from mlj_keras.measures.continuous import NumberMeasure
from mlj_keras.models.params import param


class DistanceLoss(NumberMeasure):
    """Base of the losses of differences: subclasses define `of_differences`.

    A loss, aggregated by the mean; a weighted mean divides by the sum of the weights.
    """

    def errors(self, prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """The losses of prediction - truth."""
        return self.of_differences(prediction - truth)

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """The loss of each difference, NaN of NaN."""
        raise NotImplementedError(f"{type(self).__name__} must define of_differences")


class HuberLoss(DistanceLoss):
    """The mean of r²/2 where |r| <= d, and of d (|r| - d/2) beyond: quadratic in small errors,
    linear in large ones. `huber_loss`, a loss.

    Hyper-parameters: d: float > 0, in the unit of the truth, default 1.
    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth, squared.
    Example:
        >>> HuberLoss(d=1).measurements([1.0, 3.0], [0.0, 0.0])
        array([0.5, 2.5])

    Source: LossFunctions.jl, src/losses/distance.jl, `HuberLoss`. Deviation: its documentation has
    d³/2 where its code, as here, has d²/2.
    """

    d: float = param(1.0, kind=float, gt=0)

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """r²/2, or d (|r| - d/2)."""
        size = np.abs(difference)
        return np.where(size <= self.d, size**2 / 2, self.d * (size - self.d / 2))


class L1EpsilonInsLoss(DistanceLoss):
    """The mean of |r| - eps, errors up to eps being free, as in support vector regression.
    `l1_epsilon_ins_loss`, a loss.

    Hyper-parameters: eps: float > 0, in the unit of the truth, default 1.
    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth.
    Example:
        >>> L1EpsilonInsLoss(eps=1).measurements([0.5, 3.0], [0.0, 0.0])
        array([0., 2.])

    Source: LossFunctions.jl, src/losses/distance.jl, `L1EpsilonInsLoss`. Deviation: eps has a
    default.
    """

    eps: float = param(1.0, kind=float, gt=0)

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """max(0, |r| - eps)."""
        return np.maximum(0, np.abs(difference) - self.eps)


class L2EpsilonInsLoss(DistanceLoss):
    """The mean of (|r| - eps)², errors up to eps being free. `l2_epsilon_ins_loss`, a loss.

    Hyper-parameters: eps: float > 0, in the unit of the truth, default 1.
    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth, squared.
    Example:
        >>> L2EpsilonInsLoss(eps=1).measurements([0.5, 3.0], [0.0, 0.0])
        array([0., 4.])

    Source: LossFunctions.jl, src/losses/distance.jl, `L2EpsilonInsLoss`. Deviation: eps has a
    default.
    """

    eps: float = param(1.0, kind=float, gt=0)

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """max(0, |r| - eps)²."""
        return np.maximum(0, np.abs(difference) - self.eps) ** 2


class LogitDistLoss(DistanceLoss):
    """The mean of -log(4 exp(r) / (1 + exp(r))²), a quarter of the square of small errors, the
    size of large ones less log(4). `logit_dist_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure`; the truth should be dimensionless.
    Example:
        >>> round(LogitDistLoss()([1.0, 2.0], [0.0, 2.0]), 7)
        0.1201145

    Source: LossFunctions.jl, src/losses/distance.jl, `LogitDistLoss`. Deviation: large errors do
    not overflow.
    """

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """|r| + 2 log(1 + exp(-|r|)) - log(4), which is the same."""
        size = np.abs(difference)
        return size + 2 * np.log1p(np.exp(-size)) - np.log(4)


class PeriodicLoss(DistanceLoss):
    """The mean of 1 - cos(2 pi r / c), for angles and times of day: the distance on a circle.
    `periodic_loss`, a loss in [0, 2].

    Hyper-parameters: c: float > 0, the circumference, in the unit of the truth, default 1.
    Args, Returns, Raises: as every measure, see `Measure`; dimensionless.
    Example:
        >>> PeriodicLoss(c=24).measurements([23.0, 12.0], [-1.0, 0.0])
        array([0., 2.])

    Source: LossFunctions.jl, src/losses/distance.jl, `PeriodicLoss`. Deviations: none.
    """

    c: float = param(1.0, kind=float, gt=0)

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """1 - cos(2 pi r / c)."""
        # Whole turns are taken off first: they would cost digits of the cosine.
        return 1 - np.cos(2 * np.pi * np.remainder(difference / self.c, 1))


class QuantileLoss(DistanceLoss):
    """The mean of (1 - tau) r where r > 0, and of -tau r elsewhere, the pinball loss: least for
    the quantile tau of the truth. `quantile_loss` (tau=0.7), a loss.

    Hyper-parameters: tau: float in [0, 1], dimensionless, default 0.7; 0.5 gives half of `l1`.
    Args, Returns, Raises: as every measure, see `Measure`; the unit is that of the truth.
    Example:
        >>> QuantileLoss(tau=0.75).measurements([2.0, 0.0], [0.0, 2.0])
        array([0.5, 1.5])

    Source: LossFunctions.jl, src/losses/distance.jl, `QuantileLoss`, which is scikit-learn's
    mean_pinball_loss with alpha=tau. Deviations: tau has a default and bounds; that file's
    documentation has tau and 1 - tau the other way round, its code has them as here.
    """

    tau: float = param(0.7, kind=float, ge=0, le=1)

    def of_differences(self, difference: np.ndarray) -> np.ndarray:
        """(1 - tau) r, or -tau r."""
        return difference * ((difference > 0) - self.tau)


huber_loss = HuberLoss()
l1_epsilon_ins_loss = L1EpsilonInsLoss()
l2_epsilon_ins_loss = L2EpsilonInsLoss()
logit_dist_loss = LogitDistLoss()
periodic_loss = PeriodicLoss()
quantile_loss = QuantileLoss()

ALIASES: dict[str, Measure] = {
    "huber_loss": huber_loss,
    "l1_epsilon_ins_loss": l1_epsilon_ins_loss,
    "l2_epsilon_ins_loss": l2_epsilon_ins_loss,
    "logit_dist_loss": logit_dist_loss,
    "periodic_loss": periodic_loss,
    "quantile_loss": quantile_loss,
}
