"""`CycleLearningRate`: learning rates that rise and fall. Source: MLJFlux.jl's tutorials and
MLJIteration.jl, src/controls.jl; Smith (2017), Cyclical learning rates; Loshchilov and Hutter
(2017), SGDR."""

from __future__ import annotations

import math

from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import Setting
from mlj_keras.iteration.controls.schedule import ScheduledControl
from mlj_keras.models import param

SHAPES = ("triangular", "cosine", "one_cycle")


class CycleLearningRate(ScheduledControl):
    """Set the learning rate in each cycle: between two bounds, up and down.

    Hyper-parameters:
        stepsize (positional): int >= 1, default 4, in cycles
        lower, upper (positional): > 0, defaults 0.001 and 0.05
        shape: "triangular" (default): up from lower in stepsize cycles, and down again in as many,
            over and over; "cosine": down from upper along half a cosine in stepsize cycles, then a
            restart at upper; "one_cycle": up and down once, then in stepsize cycles down to
            lower / 100, where it stays
        learning_rate_parameter: its path, default "optimiser.learning_rate".
    Put it before Step. A change continues training, and compiles nothing.
    Report: iterations, values.
    Raises: InvalidModelError for bounds in the wrong order; when the machine is made, as Schedule.
    Example:
        >>> rates = CycleLearningRate(2, 0.0, 1.0)
        Traceback (most recent call last):
        ...
        mlj_keras.errors.InvalidModelError: CycleLearningRate.lower must be a number > 0, got ...
        >>> rates = CycleLearningRate(2, 0.1, 0.5)
        >>> [round(rates.value(n, 0), 2) for n in range(1, 6)]
        [0.1, 0.3, 0.5, 0.3, 0.1]

    Source: MLJIteration.jl, src/controls.jl. Deviation: the other shapes.
    """

    stepsize: int = param(4, kind=int, ge=1, positional=True)
    lower: float = param(0.001, kind=float, gt=0, positional=True)
    upper: float = param(0.05, kind=float, gt=0, positional=True)
    shape: str = param("triangular", options=SHAPES)
    learning_rate_parameter: str = param("optimiser.learning_rate", kind=str)

    def check(self) -> None:
        """The fields, and that the bounds are in order."""
        super().check()
        if self.lower > self.upper:
            raise InvalidModelError(
                f"CycleLearningRate: lower={self.lower} is above upper={self.upper}. Exchange "
                "them."
            )

    def check_setting(self, setting: Setting) -> None:
        """Raise for bounds in the wrong order, and as Schedule."""
        self.check()
        super().check_setting(setting)

    def path(self) -> str:
        """The learning rate."""
        return self.learning_rate_parameter

    def value(self, n: int, n_iterations: int) -> float:
        """The rate in cycle n = 1, 2, ..."""
        position, span = n - 1, self.upper - self.lower
        if self.shape == "cosine":
            share = position % self.stepsize / self.stepsize
            return self.lower + span * (1 + math.cos(math.pi * share)) / 2
        if self.shape == "one_cycle" and position > 2 * self.stepsize:
            share = min((position - 2 * self.stepsize) / self.stepsize, 1.0)
            return self.lower * (1 - 0.99 * share)
        position %= 2 * self.stepsize
        away = abs(position - self.stepsize) / self.stepsize  # from the upper bound
        return self.lower + span * (1 - away)
