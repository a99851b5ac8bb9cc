"""What every control passes: its state is plain data, and goes on the same way when it comes back
from a file."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

from mlj_keras.iteration.control import plain_state
from mlj_keras.models import Traits
from mlj_keras.storage import packed, unpacked
from tests.batteries.iterating import Given


class Silent(Given):
    """A model that reports no training losses."""

    traits: ClassVar[Traits] = Traits(prediction_type="deterministic", iteration_parameter="n")

    def training_losses(self, report: dict[str, Any]) -> None:
        """None."""


class FakeRun:
    """A run that does nothing: what controls read of one, given losses."""

    def __init__(self, losses: Sequence[float], training: Sequence[float] = ()) -> None:
        self.given, self.training = list(losses), list(training)
        self.losses: list[float] = []
        self.iterations: list[int] = []
        self.n_cycles = self.n_iterations = 0
        self.training_losses: list[float] | None = None
        self.sign = 1

    @property
    def loss(self) -> float:
        """The last loss."""
        return self.losses[-1]

    def next(self) -> FakeRun:
        """The run after another cycle."""
        k = len(self.losses)
        self.losses.append(self.given[k])
        self.n_cycles, self.n_iterations = k + 1, k + 1
        self.iterations.append(k + 1)
        self.training_losses = self.training[k : k + 1] or None
        return self


def states_of(control: Any, run: FakeRun) -> list[Any]:
    """The states after each cycle."""
    states, state = [], None
    for n in range(1, len(run.given) + 1):
        state = control.update(run.next(), 0, n, state)
        states.append(copy.copy(state))
    return states


def stopping_cycle(control: Any, losses: Sequence[float], training: Sequence[float] = ()) -> int:
    """The first cycle after which a control is done; 0 if there is none."""
    states = states_of(control, FakeRun(losses, training))
    return next((n for n, state in enumerate(states, start=1) if control.done(state)), 0)


def check_control(control: Any, losses: Sequence[float], training: Sequence[float] = ()) -> None:
    """States are plain, and go on the same way; copies of a control are equal and do the same."""
    wanted = states_of(control, FakeRun(losses, training))
    again = copy.deepcopy(control)
    assert again == control and repr(states_of(again, FakeRun(losses, training))) == repr(wanted)
    for cut in range(1, len(losses)):
        run, state = FakeRun(losses, training), None
        for n in range(1, cut + 1):
            state = control.update(run.next(), 0, n, state)
        state = unpacked(*packed(plain_state(control, state)))
        for n in range(cut + 1, len(losses) + 1):
            state = control.update(run.next(), 0, n, state)
        assert repr(state) == repr(wanted[-1])
        assert control.done(state) == control.done(wanted[-1])
