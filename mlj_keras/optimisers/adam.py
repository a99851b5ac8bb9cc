"""`Adam`. Adam: steps scaled by running means of the gradient and of its square.

Knows its hyper-parameters only.
Source: Optimisers.jl, `Adam` and `AMSGrad`; the default optimiser of MLJFlux.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Adam(Optimiser):
    """Adam: steps scaled by running means of the gradient and of its square.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        beta_1: float in [0, 1), default 0.9; memory of the mean of the gradient.
        beta_2: float in [0, 1), default 0.999; memory of the mean of its square.
        epsilon: float > 0, default 1e-7; added to the denominator.
        amsgrad: bool, default False; use the largest mean square so far.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Adam(1e-2, beta_1=0.8).beta_1
        0.8

    Source: Optimisers.jl, `Adam` and `AMSGrad`; the default optimiser of MLJFlux.
    Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "Adam"

    learning_rate: LearningRate = rate(0.001)
    beta_1: float = param(0.9, kind=float, ge=0, lt=1)
    beta_2: float = param(0.999, kind=float, ge=0, lt=1)
    epsilon: float = param(1e-7, kind=float, gt=0)
    amsgrad: bool = param(False, kind=bool)
