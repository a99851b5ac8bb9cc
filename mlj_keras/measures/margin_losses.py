"""The margin losses: measures of predicted distributions over two classes by their margin alone.

The margin is 2 p - 1 for the probability p of the true class: 1 where it is certain, 0 where the
classes are equally probable, -1 where the other one is certain. Knows margins, here a.
Source: LossFunctions.jl, src/losses/margin.jl; StatisticalMeasures.jl, ext/LossFunctionsExt.jl,
which makes measures of them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.errors import InvalidArgument
from mlj_keras.measures.base import Measure, Reader, RowMeasure
from mlj_keras.measures.reading import Pair, read_distributions
from mlj_keras.models.params import param


def read_two_classes(name: str, prediction: Any, truth: Any) -> Pair:
    """Distributions over a pool of two levels, and labels in it.

    Raises: InvalidArgument for another number of levels; and as `read_distributions`.
    """
    pair = read_distributions(name, prediction, truth)
    if len(pair.levels) != 2:
        raise InvalidArgument(
            f"{name} is a measure for two classes, got distributions over {len(pair.levels)}: "
            f"{list(pair.levels)[:6]!r}. Use log_loss or brier_loss, which take any number."
        )
    return pair


class MarginLoss(RowMeasure):
    """Base of the losses of margins: subclasses define `of_margins`.

    A loss, aggregated by the mean. Prediction: distributions over two classes, in any order.
    Weighted means divide by the sum of the weights; weights of classes are taken too.
    """

    target_scitype: ClassVar[Scitype] = Vector[Finite[2]]
    prediction_type: ClassVar[str] = "probabilistic"
    supports_class_weights: ClassVar[bool] = True
    reads: ClassVar[Reader] = read_two_classes

    def of_rows(self, pair: Pair) -> np.ndarray:
        """The loss of the margin of each row."""
        own = pair.prediction[np.arange(len(pair)), pair.truth].astype(np.float64)
        return self.of_margins(2 * own - 1)

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """The loss of each margin, which may be any number; NaN of NaN."""
        raise NotImplementedError(f"{type(self).__name__} must define of_margins")


class DWDMarginLoss(MarginLoss):
    """The mean of 1 - a where a <= q / (q + 1), and of q**q / (q + 1)**(q + 1) / a**q beyond:
    distance weighted discrimination. `dwd_margin_loss`, a loss.

    Hyper-parameters: q: float > 0, dimensionless, default 1.
    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> DWDMarginLoss(q=1).measurements(prediction, ["yes", "no"])
        array([0.5, 1.5])

    Source: LossFunctions.jl, src/losses/margin.jl, `DWDMarginLoss`. Deviations: q has a default.
    """

    q: float = param(1.0, kind=float, gt=0)

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """1 - a, or (bound / a)**q / (q + 1), which is the same."""
        bound = self.q / (self.q + 1)
        beyond = (bound / np.maximum(margin, bound)) ** self.q / (self.q + 1)
        return np.where(margin <= bound, 1 - margin, beyond)


class ExpLoss(MarginLoss):
    """The mean of exp(-a), as in AdaBoost. `exp_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> ExpLoss().measurements(prediction, ["yes", "no"]).round(7)
        array([0.6065307, 1.6487213])

    Source: LossFunctions.jl, src/losses/margin.jl, `ExpLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """exp(-a)."""
        return np.exp(-margin)


class L1HingeLoss(MarginLoss):
    """The mean of max(0, 1 - a), which of probabilities is 2 (1 - p). `l1_hinge_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> L1HingeLoss().measurements(prediction, ["yes", "no"])
        array([0.5, 1.5])

    Source: LossFunctions.jl, src/losses/margin.jl, `L1HingeLoss`. Deviations: none;
    scikit-learn's hinge_loss is the same, of the margins.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """max(0, 1 - a)."""
        return np.maximum(0, 1 - margin)


class L2HingeLoss(MarginLoss):
    """The mean of max(0, 1 - a)², which of probabilities is 4 (1 - p)². `l2_hinge_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> L2HingeLoss().measurements(prediction, ["yes", "no"])
        array([0.25, 2.25])

    Source: LossFunctions.jl, src/losses/margin.jl, `L2HingeLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """max(0, 1 - a)²."""
        return np.maximum(0, 1 - margin) ** 2


class L2MarginLoss(MarginLoss):
    """The mean of (1 - a)², which of probabilities is 4 (1 - p)². `l2_margin_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> L2MarginLoss().measurements(prediction, ["yes", "no"])
        array([0.25, 2.25])

    Source: LossFunctions.jl, src/losses/margin.jl, `L2MarginLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """(1 - a)²."""
        return (1 - margin) ** 2


class LogitMarginLoss(MarginLoss):
    """The mean of log(1 + exp(-a)); not `log_loss`, which is -log(p). `logit_margin_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> LogitMarginLoss().measurements(prediction, ["yes", "no"]).round(7)
        array([0.474077, 0.974077])

    Source: LossFunctions.jl, src/losses/margin.jl, `LogitMarginLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """log(1 + exp(-a))."""
        return np.log1p(np.exp(-margin))


class ModifiedHuberLoss(MarginLoss):
    """The mean of max(0, 1 - a)² where a >= -1, which all margins of probabilities are, and of
    -4 a elsewhere. `modified_huber_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> ModifiedHuberLoss().measurements(prediction, ["yes", "no"])
        array([0.25, 2.25])

    Source: LossFunctions.jl, src/losses/margin.jl, `ModifiedHuberLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """max(0, 1 - a)², or -4 a."""
        return np.where(margin >= -1, np.maximum(0, 1 - margin) ** 2, -4 * margin)


class PerceptronLoss(MarginLoss):
    """The mean of max(0, -a): only classes that are missed count. `perceptron_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> PerceptronLoss().measurements(prediction, ["yes", "no"])
        array([0. , 0.5])

    Source: LossFunctions.jl, src/losses/margin.jl, `PerceptronLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """max(0, -a)."""
        return np.maximum(0, -margin)


class SigmoidLoss(MarginLoss):
    """The mean of 1 - tanh(a). `sigmoid_loss`, a loss.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> SigmoidLoss().measurements(prediction, ["yes", "no"]).round(7)
        array([0.5378828, 1.4621172])

    Source: LossFunctions.jl, src/losses/margin.jl, `SigmoidLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """1 - tanh(a)."""
        return 1 - np.tanh(margin)


class SmoothedL1HingeLoss(MarginLoss):
    """The mean of max(0, 1 - a)² / (2 gamma) where a >= 1 - gamma, and of 1 - gamma/2 - a
    elsewhere: the hinge loss with its corner rounded. `smoothed_l1_hinge_loss`, a loss.

    Hyper-parameters: gamma: float > 0, dimensionless, default 1.
    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> SmoothedL1HingeLoss(gamma=1).measurements(prediction, ["yes", "no"])
        array([0.125, 1.   ])

    Source: LossFunctions.jl, src/losses/margin.jl, `SmoothedL1HingeLoss`. Deviations: gamma has a
    default.
    """

    gamma: float = param(1.0, kind=float, gt=0)

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """max(0, 1 - a)² / (2 gamma), or 1 - gamma/2 - a."""
        smooth = np.maximum(0, 1 - margin) ** 2 / (2 * self.gamma)
        return np.where(margin >= 1 - self.gamma, smooth, 1 - self.gamma / 2 - margin)


class ZeroOneLoss(MarginLoss):
    """The part of rows with a < 0, whose class is less probable than the other: `zero_one_loss`, a
    loss in [0, 1]. Where both are equally probable nothing is lost, whichever is true.

    Args, Returns, Raises: as every measure, see `Measure` and `MarginLoss`; dimensionless.
    Example:
        >>> from mlj_keras.probability import UnivariateFinite
        >>> prediction = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.25, 0.75]])
        >>> ZeroOneLoss().measurements(prediction, ["yes", "no"])
        array([0., 1.])

    Source: LossFunctions.jl, src/losses/margin.jl, `ZeroOneLoss`. Deviations: none.
    """

    def of_margins(self, margin: np.ndarray) -> np.ndarray:
        """1 where a < 0, else 0."""
        return np.where(np.isnan(margin), margin, margin < 0)


dwd_margin_loss = DWDMarginLoss()
exp_loss = ExpLoss()
l1_hinge_loss = L1HingeLoss()
l2_hinge_loss = L2HingeLoss()
l2_margin_loss = L2MarginLoss()
logit_margin_loss = LogitMarginLoss()
modified_huber_loss = ModifiedHuberLoss()
perceptron_loss = PerceptronLoss()
sigmoid_loss = SigmoidLoss()
smoothed_l1_hinge_loss = SmoothedL1HingeLoss()
zero_one_loss = ZeroOneLoss()

ALIASES: dict[str, Measure] = {
    "dwd_margin_loss": dwd_margin_loss,
    "exp_loss": exp_loss,
    "l1_hinge_loss": l1_hinge_loss,
    "l2_hinge_loss": l2_hinge_loss,
    "l2_margin_loss": l2_margin_loss,
    "logit_margin_loss": logit_margin_loss,
    "modified_huber_loss": modified_huber_loss,
    "perceptron_loss": perceptron_loss,
    "sigmoid_loss": sigmoid_loss,
    "smoothed_l1_hinge_loss": smoothed_l1_hinge_loss,
    "zero_one_loss": zero_one_loss,
}
