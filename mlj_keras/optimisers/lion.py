"""`Lion`. Lion: steps of one size in the direction of the sign of a running mean.

Knows its hyper-parameters only. Source: Optimisers.jl, `Lion`.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Lion(Optimiser):
    """Lion: steps of one size in the direction of the sign of a running mean.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        beta_1: float in (0, 1], default 0.9; the mean against the gradient of the batch.
        beta_2: float in [0, 1], default 0.99; memory of the mean of the gradient.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Lion(1e-4).beta_2
        0.99

    Source: Optimisers.jl, `Lion`. Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "Lion"

    learning_rate: LearningRate = rate(0.001)
    beta_1: float = param(0.9, kind=float, gt=0, le=1)
    beta_2: float = param(0.99, kind=float, ge=0, le=1)
