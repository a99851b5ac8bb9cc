"""`Adagrad`. Adagrad: steps that shrink with the sum of all squared gradients.

Knows its hyper-parameters only. Source: Optimisers.jl, `AdaGrad`.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Adagrad(Optimiser):
    """Adagrad: steps that shrink with the sum of all squared gradients.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        initial_accumulator_value: float >= 0, default 0.1; where the sums start.
        epsilon: float > 0, default 1e-7; added to the denominator.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Adagrad(0.1, initial_accumulator_value=0).initial_accumulator_value
        0.0

    Source: Optimisers.jl, `AdaGrad`. Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "Adagrad"

    learning_rate: LearningRate = rate(0.001)
    initial_accumulator_value: float = param(0.1, kind=float, ge=0)
    epsilon: float = param(1e-7, kind=float, gt=0)
