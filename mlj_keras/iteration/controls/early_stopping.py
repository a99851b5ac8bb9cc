"""Criteria on losses: `InvalidValue`, `Threshold`, `NumberSinceBest`, `Patience`, `GL`, `PQ`,
`Warmup`. Source: EarlyStopping.jl, src/criteria.jl; Prechelt (1998), Early stopping, but when?"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from mlj_keras.iteration.control import Setting
from mlj_keras.iteration.controls.criterion import Criterion
from mlj_keras.models import param


class InvalidValue(Criterion):
    """End when a loss, or a training loss, is NaN or infinite.

    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(InvalidValue(), [1.0, float("nan"), 1.0])
        2

    Source: EarlyStopping.jl, src/criteria.jl.
    """

    needs_loss: ClassVar[bool] = False

    def start(self) -> dict[str, Any]:
        """No such loss yet."""
        return {"invalid": False}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Look at a loss."""
        return self.observe_training(state, loss)

    def observe_training(self, state: Any, loss: float) -> Any:
        """Look at a training loss."""
        return {"invalid": state["invalid"] or not math.isfinite(loss)}

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        """Look at the losses of the last training; no loss is no invalid one."""
        state = self.start() if state is None else state
        for loss in [*(run.training_losses or ()), *run.losses[-1:]]:
            state = self.observe(state, loss)
        return state

    def done(self, state: Any) -> bool:
        """Whether there has been one."""
        return bool(state) and bool(state["invalid"])

    def may_stop(self) -> bool:
        """As a rule losses are valid, so that it does not end iteration by itself."""
        return False

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return "a loss is NaN or infinite: lower the learning rate, or clip gradients"


class Threshold(Criterion):
    """End when the loss is below a value, or the score above it.

    Hyper-parameters: value (positional): float, in the unit of the measure, default 0.0.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(Threshold(0.5), [0.6, 0.5, 0.49])
        3

    Source: EarlyStopping.jl, src/criteria.jl. Deviation: scores.
    """

    value: float = param(0.0, kind=float, positional=True)

    def start(self) -> dict[str, Any]:
        """No loss yet."""
        return {"met": False}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Compare a loss with the value."""
        return {"met": bool(sign * loss < sign * self.value)}

    def done(self, state: Any) -> bool:
        """Whether the last loss was below."""
        return bool(state) and bool(state["met"])

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"the loss has passed {self.value:g}"


def _new_best(cost: float, best: float | None) -> bool:
    # Nothing is less than NaN, which would else stay the best for ever.
    return best is None or math.isnan(best) or cost < best


class NumberSinceBest(Criterion):
    """End when the best loss is n losses old; an equal one is no new best.

    Hyper-parameters: n (positional): int >= 1, default 6.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(NumberSinceBest(2), [10.0, 9.0, 9.0, 9.5])
        4

    Source: EarlyStopping.jl, src/criteria.jl. Deviation: a loss of NaN is never the best.
    """

    n: int = param(6, kind=int, ge=1, positional=True)

    def start(self) -> dict[str, Any]:
        """No best yet."""
        return {"best": None, "number": 0}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Compare a loss with the best."""
        if _new_best(sign * loss, state["best"]):
            return {"best": sign * loss, "number": 0}
        return {"best": state["best"], "number": state["number"] + 1}

    def done(self, state: Any) -> bool:
        """Whether the best is n losses old."""
        return bool(state) and state["number"] >= self.n

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"the best loss is {self.n} cycles old"


class Patience(Criterion):
    """End after n losses in succession that are worse than the one before each; Prechelt's UP_n.

    Hyper-parameters: n (positional): int >= 1, default 5.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(Patience(2), [10.0, 11.0, 11.0, 12.0, 13.0])
        5

    Source: EarlyStopping.jl, src/criteria.jl. Deviation: with a score, what is counted is its
        getting worse.
    """

    n: int = param(5, kind=int, ge=1, positional=True)

    def start(self) -> dict[str, Any]:
        """No loss yet."""
        return {"last": None, "number": 0}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Compare a loss with the one before."""
        cost, last = sign * loss, state["last"]
        worse = last is not None and cost > last
        return {"last": cost, "number": state["number"] + 1 if worse else 0}

    def done(self, state: Any) -> bool:
        """Whether there were n."""
        return bool(state) and state["number"] >= self.n

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"the loss has become worse {self.n} times in succession"


def generalisation_loss(cost: float, best: float) -> float:
    """By how many per cent a loss is above the best.

    100 (E - E_opt) / |E_opt|; infinite for a best loss of 0, unless the loss is 0 too.
    """
    if cost == best:
        return 0.0
    return 100 * (cost - best) / abs(best) if best else math.inf


class GL(Criterion):
    """End when the loss is more than alpha per cent above the best (generalisation loss).

    Hyper-parameters: alpha (positional): per cent, > 0, default 2.0.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(GL(2.0), [10.0, 8.0, 9.0])
        3

    Source: EarlyStopping.jl, src/criteria.jl. Deviation: as its documentation says, and not its
        code, negative losses are divided by their absolute value: -0.5 after -1 is 50 per cent
        above. A loss of NaN is never the best.
    """

    alpha: float = param(2.0, kind=float, gt=0, positional=True)

    def start(self) -> dict[str, Any]:
        """No loss yet."""
        return {"best": None, "loss": 0.0}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Compare a loss with the best."""
        cost = sign * loss
        best = cost if _new_best(cost, state["best"]) else state["best"]
        return {"best": best, "loss": generalisation_loss(cost, best)}

    def done(self, state: Any) -> bool:
        """Whether it is too far above."""
        return bool(state) and state["loss"] > self.alpha

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"the loss is more than {self.alpha:g} % above the best"


class PQ(Criterion):
    """End when the generalisation loss is too large for the progress that training still makes.

    The progress P is 1000 (mean / min - 1) of the last k training losses, GL as in `GL`; it ends
    when GL / P > alpha, or P <= tol.

    Hyper-parameters:
        alpha (positional): > 0, default 0.75
        k: how many training losses, int >= 2, default 5; before there are so many it never ends
        tol: >= 0, default 2.22e-16.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> losses = [8.0, 0.105, 0.1, 0.1, 0.1, 0.1, 9.0]
        >>> stopping_time(PQ(), losses, [False, *[True] * 5, False])
        2

    It judges when a loss has come that follows the training losses, not while these come in.

    Source: EarlyStopping.jl, src/criteria.jl; Prechelt (1998). Deviation: a loss of NaN is never
        the best.
    """

    needs_training_losses: ClassVar[bool] = True

    alpha: float = param(0.75, kind=float, gt=0, positional=True)
    k: int = param(5, kind=int, ge=2)
    tol: float = param(2.220446049250313e-16, kind=float, ge=0)

    def start(self) -> dict[str, Any]:
        """No loss yet."""
        return {"best": None, "loss": 0.0, "training": [], "waiting": True}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Compare a loss with the best."""
        cost = sign * loss
        best = cost if _new_best(cost, state["best"]) else state["best"]
        loss = generalisation_loss(cost, best)
        return {**state, "best": best, "loss": loss, "waiting": False}

    def observe_training(self, state: Any, loss: float) -> Any:
        """Keep the last k, and wait for the loss that they lead to."""
        return {**state, "training": [*state["training"], loss][-self.k :], "waiting": True}

    def done(self, state: Any) -> bool:
        """Whether it is not worth it."""
        if not state or state["waiting"] or len(state["training"]) < self.k:
            return False
        progress = self.progress(state["training"])
        return progress <= self.tol or state["loss"] / progress > self.alpha

    @staticmethod
    def progress(training: Any) -> float:
        """How far the mean of training losses is above the least, in thousandths of it."""
        mean, least = float(np.mean(training)), float(np.min(training))
        if mean == least:
            return 0.0
        return 1000 * (mean - least) / abs(least) if least else math.inf

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"the loss grows too much for the progress of training (PQ > {self.alpha:g})"


def _check_criterion(value: Any) -> Any:
    if isinstance(value, Criterion):
        return value
    raise TypeError(f"must be a criterion such as Patience(5), got {value!r:.60}")


class Warmup(Criterion):
    """Another criterion, which does not see the first n losses, of training or not.

    Hyper-parameters: criterion (positional), such as Patience(5) · n: int >= 1, default 1.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(Warmup(Patience(1), n=2), [1.0, 2.0, 3.0, 4.0])
        4

    Source: EarlyStopping.jl, src/criteria.jl.
    """

    criterion: Any = param(positional=True, convert=_check_criterion)
    n: int = param(1, kind=int, ge=1)

    @property
    def needs_loss(self) -> bool:  # type: ignore[override]  # as the criterion
        """Whether the criterion makes no sense without a loss."""
        return bool(self.criterion.needs_loss)

    def start(self) -> dict[str, Any]:
        """Nothing seen yet."""
        return {"number": 0, "state": None}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Count a loss, or hand it on."""
        return self._seen(state, lambda own: self.criterion.observe(own, loss, sign))

    def observe_training(self, state: Any, loss: float) -> Any:
        """Count a training loss, or hand it on."""
        return self._seen(state, lambda own: self.criterion.observe_training(own, loss))

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        """Note the losses of the last training; where there never are any, count the cycle."""
        if run.losses or self.needs_loss:
            return super().update(run, verbosity, n, state)
        state = self.start() if state is None else state
        return self._seen(state, lambda own: self.criterion.update(run, verbosity, n, own))

    def _seen(self, state: Any, observe: Any) -> Any:
        number = state["number"] + 1
        if number <= self.n:
            return {"number": number, "state": None}
        own = self.criterion.start() if state["state"] is None else state["state"]
        return {"number": number, "state": observe(own)}

    def done(self, state: Any) -> bool:
        """As the criterion, once it has begun."""
        return bool(state) and state["state"] is not None and self.criterion.done(state["state"])

    def may_stop(self) -> bool:
        """As the criterion."""
        return bool(self.criterion.may_stop())

    def message(self, state: Any) -> str:
        """As the criterion."""
        return str(self.criterion.message(state["state"]))

    def check_setting(self, setting: Setting) -> None:
        """As the criterion."""
        self.criterion.check_setting(setting)
