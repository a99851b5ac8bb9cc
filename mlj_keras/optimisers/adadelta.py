"""`Adadelta`. Adadelta: steps scaled by running means of squared gradients and squared steps.

Knows its hyper-parameters only.
Source: Optimisers.jl, `AdaDelta`, which has no learning rate: 1.0 is that rule.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Adadelta(Optimiser):
    """Adadelta: steps scaled by running means of squared gradients and squared steps.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        rho: float in [0, 1), default 0.95; memory of both means.
        epsilon: float > 0, default 1e-7; added inside both roots.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Adadelta(1.0).learning_rate
        1.0

    Source: Optimisers.jl, `AdaDelta`, which has no learning rate: 1.0 is that rule.
    Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "Adadelta"

    learning_rate: LearningRate = rate(0.001)
    rho: float = param(0.95, kind=float, ge=0, lt=1)
    epsilon: float = param(1e-7, kind=float, gt=0)
