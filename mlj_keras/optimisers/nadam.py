"""`Nadam`. Adam with Nesterov momentum.

Knows its hyper-parameters only. Source: Optimisers.jl, `NAdam`.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Nadam(Optimiser):
    """Adam with Nesterov momentum.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        beta_1: float in [0, 1), default 0.9; memory of the mean of the gradient.
        beta_2: float in [0, 1), default 0.999; memory of the mean of its square.
        epsilon: float > 0, default 1e-7; added to the denominator.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Nadam(2e-3).learning_rate
        0.002

    Source: Optimisers.jl, `NAdam`. Deviation: names, defaults and the schedule of
    the momentum, beta_1 * (1 - 0.96**t / 2) at step t, are Keras'.
    """

    keras_class: ClassVar[str] = "Nadam"

    learning_rate: LearningRate = rate(0.001)
    beta_1: float = param(0.9, kind=float, ge=0, lt=1)
    beta_2: float = param(0.999, kind=float, ge=0, lt=1)
    epsilon: float = param(1e-7, kind=float, gt=0)
