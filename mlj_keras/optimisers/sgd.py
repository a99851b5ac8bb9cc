"""`SGD`. Stochastic gradient descent, with or without momentum.

Knows its hyper-parameters only. Source: Optimisers.jl, `Descent`, `Momentum` and `Nesterov`.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class SGD(Optimiser):
    """Stochastic gradient descent, with or without momentum.

    Hyper-parameters:
        learning_rate: float > 0, default 0.01, or a Keras schedule; may be given by position.
        momentum: float in [0, 1], default 0; the part of the last step that is taken again.
        nesterov: bool, default False; look ahead along the momentum, if there is any.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> SGD(0.1, momentum=0.9).momentum
        0.9

    Source: Optimisers.jl, `Descent`, `Momentum` and `Nesterov`.
    Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "SGD"

    learning_rate: LearningRate = rate(0.01)
    momentum: float = param(0.0, kind=float, ge=0, le=1)
    nesterov: bool = param(False, kind=bool)
