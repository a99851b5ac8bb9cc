"""A network of four machines that note their trainings, and models that fail, wait or meet.

shift ─ Z ─┬─ left ──┬─ judge
           └─ right ─┘
"""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import numpy as np

import mlj_keras as mlj
from tests.batteries.counting import Mean, Shift, X, Y


def side_by_side(*columns: Any) -> np.ndarray:
    """Predictions as the columns of a table."""
    return np.column_stack([np.asarray(column) for column in columns])


@dataclasses.dataclass(frozen=True)
class Diamond:
    """The network, by its nodes and machines."""

    shift: Any
    left: Any
    right: Any
    judge: Any
    both: Any  # what the judge learns from
    yhat: Any

    @property
    def machines(self) -> tuple[Any, ...]:
        """Each after those that it needs."""
        return self.shift, self.left, self.right, self.judge

    def states(self) -> list[int]:
        """How often each has learned."""
        return [machine.state for machine in self.machines]


def diamond(*, left: Any = None, right: Any = None, data: Any = X, target: Any = Y) -> Diamond:
    """The network, untrained; of other models on its branches if these are given."""
    Xs, ys = mlj.source(data), mlj.source(target)
    shift = mlj.machine(Shift(), Xs)
    Z = mlj.transform(shift, Xs)
    machines = [
        mlj.machine(model or Mean(name=name, bias=bias), Z, ys)
        for name, model, bias in (("left", left, 0.0), ("right", right, 1.0))
    ]
    both = mlj.node(side_by_side, *(mlj.predict(each, Z) for each in machines))
    judge = mlj.machine(Mean(name="judge"), both, ys)
    return Diamond(shift, *machines, judge, both, mlj.predict(judge, both))


class Fails(Mean):
    """Fails as long as it is told to."""

    fails: bool = True

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> Any:
        if self.fails:
            raise ZeroDivisionError("no")
        return super().fit(verbosity, X, y, w)


MEETING = threading.Barrier(2)


class Meets(Mean):
    """Trains only while another one trains, too."""

    timeout_s: float = 10.0

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> Any:
        MEETING.wait(self.timeout_s)
        return super().fit(verbosity, X, y, w)


BEGUN, MAY_END = threading.Event(), threading.Event()


class Waits(Mean):
    """Says that it has begun, and ends when it may."""

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> Any:
        BEGUN.set()
        assert MAY_END.wait(10.0)
        return super().fit(verbosity, X, y, w)


class Halves(mlj.NetworkComposite, mlj.Deterministic):
    """The mean of two models."""

    left: Any
    right: Any

    def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
        Xs, ys = sources
        parts = [mlj.predict(mlj.machine(m, Xs, ys), Xs) for m in (self.left, self.right)]
        return {"predict": mlj.node(lambda a, b: (a + b) / 2, *parts)}


class Aside(Halves):
    """The mean of two models that may be trained side by side."""

    acceleration: Any = None


def spread(values: Any) -> float:
    """The standard deviation of all numbers."""
    return float(np.std(values))


class Telling(mlj.NetworkComposite, mlj.Deterministic):
    """A model on shifted data, with values of nodes in its report and fitted parameters."""

    shift: Any = mlj.param(factory=Shift)
    left: Any = mlj.param(factory=Mean)
    power: float = 1.0

    def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
        Xs, ys = sources
        Z = mlj.transform(mlj.machine(self.shift, Xs), Xs)
        yhat = mlj.predict(mlj.machine(self.left, Z, ys), Z)
        error = mlj.node(mlj.rms, yhat, ys)
        return {
            "predict": yhat,
            "report": {"error": error, "rest": mlj.node(np.subtract, ys, yhat)},
            "fitted_params": {"spread": mlj.node(spread, Z), "centred": Z},
        }
