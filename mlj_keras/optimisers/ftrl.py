"""`Ftrl`. Follow the regularised leader: for wide, sparse inputs.

Knows its hyper-parameters only. Source: none in Optimisers.jl; keras.optimizers.Ftrl.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Ftrl(Optimiser):
    """Follow the regularised leader: for wide, sparse inputs.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        learning_rate_power: float <= 0, default -0.5; how the rate falls with the number of steps.
        initial_accumulator_value: float >= 0, default 0.1; where the sums of squares start.
        l1_regularization_strength: float >= 0, default 0; drives weights to zero.
        l2_regularization_strength: float >= 0, default 0; shrinks weights.
        l2_shrinkage_regularization_strength: float >= 0, default 0; as l2, through the
            gradient: only weights that move are shrunk.
        beta: float >= 0, default 0; the beta of the published rule.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Ftrl(0.1, l1_regularization_strength=0.01).l1_regularization_strength
        0.01

    Source: none in Optimisers.jl; keras.optimizers.Ftrl. Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "Ftrl"

    learning_rate: LearningRate = rate(0.001)
    learning_rate_power: float = param(-0.5, kind=float, le=0)
    initial_accumulator_value: float = param(0.1, kind=float, ge=0)
    l1_regularization_strength: float = param(0.0, kind=float, ge=0)
    l2_regularization_strength: float = param(0.0, kind=float, ge=0)
    l2_shrinkage_regularization_strength: float = param(0.0, kind=float, ge=0)
    beta: float = param(0.0, kind=float, ge=0)
