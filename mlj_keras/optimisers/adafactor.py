"""`Adafactor`. Adafactor: like Adam, with the memory of a matrix kept as one row and one column.

Knows its hyper-parameters only. Source: none in Optimisers.jl; keras.optimizers.Adafactor.
"""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.models.params import param
from mlj_keras.optimisers.base import LearningRate, Optimiser, rate


class Adafactor(Optimiser):
    """Adafactor: like Adam, with the memory of a matrix kept as one row and one column.

    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        beta_2_decay: float < 0, default -0.8; how fast the memory of squares lengthens.
        epsilon_1: float > 0, default 1e-30; added to squared gradients.
        epsilon_2: float > 0, default 1e-3; the least size a variable counts as having.
        clip_threshold: float > 0, default 1; the largest root mean square of a step.
        relative_step: bool, default True; let the rate fall as one over the root of the number of
            steps once that is below learning_rate.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a value out of its range.
    Example:
        >>> Adafactor(0.01, relative_step=False).relative_step
        False

    Source: none in Optimisers.jl; keras.optimizers.Adafactor.
    Deviation: names and defaults are Keras'.
    """

    keras_class: ClassVar[str] = "Adafactor"

    learning_rate: LearningRate = rate(0.001)
    beta_2_decay: float = param(-0.8, kind=float, lt=0)
    epsilon_1: float = param(1e-30, kind=float, gt=0)
    epsilon_2: float = param(1e-3, kind=float, gt=0)
    clip_threshold: float = param(1.0, kind=float, gt=0)
    relative_step: bool = param(True, kind=bool)
