"""`Criterion`: controls that end iteration for what the losses are, and the same without a model:
`EarlyStopper`, `stopping_time`.

Source: EarlyStopping.jl, src/api.jl and src/early_stopper.jl.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from mlj_keras.errors import DimensionMismatch, InvalidModelError, WrongType
from mlj_keras.iteration.control import Control, Setting


class Criterion(Control):
    """Base of the controls that end iteration for what the losses are.

    A subclass defines `start` and `observe`, which give states, and `done`. Losses are those of
    the measure; for a score `sign` is -1, and sign * loss is the smaller the better.

    Class attribute: needs_loss: whether it makes no sense without a loss.
    Example:
        >>> class Twice(Criterion):
        ...     def start(self):
        ...         return 0
        ...     def observe(self, state, loss, sign=1):
        ...         return state + 1
        ...     def done(self, state):
        ...         return state == 2
        >>> stopping_time(Twice(), [0.3, 0.2, 0.1])
        2

    Source: EarlyStopping.jl, src/api.jl.
    """

    needs_loss: ClassVar[bool] = True
    needs_training_losses: ClassVar[bool] = False

    def start(self) -> Any:
        """The state before the first loss."""
        raise NotImplementedError(f"{type(self).__name__} must define start(self)")

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """The state after another loss, NaN if there is none."""
        raise NotImplementedError(f"{type(self).__name__} must define observe(self, state, loss)")

    def observe_training(self, state: Any, loss: float) -> Any:
        """The state after another training loss."""
        return state

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        """Note the training losses of the last training, then its loss."""
        state = self.start() if state is None else state
        for loss in run.training_losses or ():
            state = self.observe_training(state, loss)
        loss = run.loss if self.needs_loss or run.losses else float("nan")
        return self.observe(state, loss, run.sign)

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """Whether it ended iteration, why, and its last state."""
        done = state is not None and self.done(state)
        return {"done": done, "log": self.message(state) if done else "", "state": state}

    def check_setting(self, setting: Setting) -> None:
        """Raise if there will be no losses that it needs."""
        if self.needs_loss and not setting.has_losses:
            raise InvalidModelError(
                f"{self!r} looks at losses, and there are none: {setting.name} reports "
                "no training losses. Give resampling=Holdout()."
            )
        if self.needs_training_losses and not setting.has_training_losses:
            raise InvalidModelError(
                f"{self!r} looks at training losses, and {setting.name} reports none. "
                "Leave it out."
            )


class EarlyStopper:
    """Criteria that are told losses one by one, without a model.

    Args: criteria: controls that look at losses, such as Patience(5).
    Raises: WrongType for anything else.
    Example:
        >>> from mlj_keras.iteration import NumberLimit, Patience
        >>> stopper = EarlyStopper(Patience(1), NumberLimit(100))
        >>> [stopper.done(loss) for loss in (0.5, 0.4, 0.6)]
        [False, False, True]

    Source: EarlyStopping.jl, src/early_stopper.jl.
    """

    def __init__(self, *criteria: Criterion) -> None:
        for criterion in criteria:
            if not isinstance(criterion, Criterion):
                raise WrongType(
                    f"EarlyStopper takes criteria such as Patience(5), got {criterion!r:.60}."
                )
        self.criteria = criteria
        self.reset()

    def reset(self) -> None:
        """Forget all losses."""
        self.states = [criterion.start() for criterion in self.criteria]

    def done(self, loss: float, *, training: bool = False) -> bool:
        """Note a loss, of training or out-of-sample; whether one of the criteria is met."""
        pairs = zip(self.criteria, self.states, strict=True)
        if training:
            self.states = [c.observe_training(state, loss) for c, state in pairs]
        else:
            self.states = [c.observe(state, loss) for c, state in pairs]
        return any(self._met())

    def message(self) -> str:
        """Why to stop; empty if there is no reason."""
        met = zip(self.criteria, self.states, self._met(), strict=True)
        return next((c.message(state) for c, state, is_met in met if is_met), "")

    def _met(self) -> list[bool]:
        return [c.done(state) for c, state in zip(self.criteria, self.states, strict=True)]


def stopping_time(
    criterion: Criterion,
    losses: Sequence[float],
    is_training: Sequence[bool] | None = None,
) -> int:
    """After how many out-of-sample losses a criterion is met.

    Args: criterion: such as Patience(5) · losses: one after another · is_training: of each loss,
        whether it is one of training; None: none is.
    Returns: int, 0 if it is never met.
    Raises: DimensionMismatch if the lengths differ; WrongType for what is no criterion.
    Example:
        >>> from mlj_keras.iteration import Patience
        >>> stopping_time(Patience(2), [10.0, 11.0, 12.0, 13.0])
        3

    Source: EarlyStopping.jl, src/stopping_time.jl.
    """
    flags = [False] * len(losses) if is_training is None else list(is_training)
    if len(flags) != len(losses):
        raise DimensionMismatch(
            f"There are {len(losses)} losses and {len(flags)} entries of is_training. Give one "
            "for each."
        )
    stopper, count = EarlyStopper(criterion), 0
    for loss, training in zip(losses, flags, strict=True):
        count += not training
        if stopper.done(loss, training=training):
            return count
    return 0
