"""`RMSprop`. RMSprop: steps divided by the root of a running mean of squared gradients.

Knows its hyper-parameters only. Source: Optimisers.jl, `RMSProp`.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class RMSprop(Optimiser):
    """RMSprop: steps divided by the root of a running mean of squared gradients.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        rho: float in [0, 1), default 0.9; memory of the mean square.
        momentum: float in [0, 1], default 0; the part of the last step that is taken again.
        epsilon: float > 0, default 1e-7; added inside the root.
        centered: bool, default False; divide by the variance, not the mean square.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> RMSprop(centered=True).centered
        True

    Source: Optimisers.jl, `RMSProp`. Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "RMSprop"

    learning_rate: LearningRate = rate(0.001)
    rho: float = param(0.9, kind=float, ge=0, lt=1)
    momentum: float = param(0.0, kind=float, ge=0, le=1)
    epsilon: float = param(1e-7, kind=float, gt=0)
    centered: bool = param(False, kind=bool)
