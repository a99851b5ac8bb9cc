"""Limits that look at no loss: `Never`, `NumberLimit`, `TimeLimit`. Source: EarlyStopping.jl,
src/criteria.jl."""

from __future__ import annotations

import datetime
import secrets
import time
from typing import Any, ClassVar

from mlj_keras.iteration.controls.criterion import Criterion
from mlj_keras.models import param

# Clocks of other processes tell other times.
_PROCESS = secrets.token_hex(8)


class Never(Criterion):
    """Never ends iteration.

    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(Never(), [3.0, 2.0, 1.0])
        0

    Source: EarlyStopping.jl, src/criteria.jl.
    """

    needs_loss: ClassVar[bool] = False
    stops: ClassVar[bool] = False

    def start(self) -> dict[str, Any]:
        """Nothing to note."""
        return {}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """Nothing to note."""
        return state

    def done(self, state: Any) -> bool:
        """Never."""
        return False


class NumberLimit(Criterion):
    """End when applied n times: that many cycles, each of which may be several iterations.

    Hyper-parameters: n (positional): int >= 1, default 100.
    Example:
        >>> from mlj_keras.iteration import stopping_time
        >>> stopping_time(NumberLimit(3), [5.0, 4.0, 3.0, 2.0])
        3

    Source: EarlyStopping.jl, src/criteria.jl.
    """

    needs_loss: ClassVar[bool] = False

    n: int = param(100, kind=int, ge=1, positional=True)

    def start(self) -> dict[str, Any]:
        """No application yet."""
        return {"number": 0}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """One more."""
        return {"number": state["number"] + 1}

    def done(self, state: Any) -> bool:
        """Whether there have been n."""
        return bool(state) and state["number"] >= self.n

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"the limit of {self.n} cycles is reached"


def _check_time(value: Any) -> Any:
    if isinstance(value, datetime.timedelta):
        hours = value / datetime.timedelta(hours=1)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        hours = float(value)
    else:
        raise TypeError(f"must be hours, or a datetime.timedelta, got {value!r}")
    if not 0 < hours < float("inf"):
        raise ValueError(f"must be more than 0 hours, got {value!r}")
    return value if isinstance(value, datetime.timedelta) else hours


class TimeLimit(Criterion):
    """End when more than a time has passed since it was first applied; after a resumption, in all
    processes together.

    Hyper-parameters: t (positional): hours, or a datetime.timedelta; more than 0, default 0.5.
        Whole iterations are trained, so that a cycle under way is not cut off.
    Example:
        >>> TimeLimit(t=2)
        TimeLimit(t=2.0)

    Source: EarlyStopping.jl, src/criteria.jl.
    """

    needs_loss: ClassVar[bool] = False

    t: Any = param(0.5, convert=_check_time, positional=True)

    @property
    def seconds(self) -> float:
        """The limit in seconds."""
        if isinstance(self.t, datetime.timedelta):
            return self.t.total_seconds()
        return float(self.t) * 3600

    def start(self) -> dict[str, Any]:
        """The clock starts."""
        return {"elapsed": 0.0, "clock": time.monotonic(), "process": _PROCESS}

    def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
        """The time since then."""
        now = time.monotonic()
        passed = now - state["clock"] if state["process"] == _PROCESS else 0.0
        return {"elapsed": state["elapsed"] + passed, "clock": now, "process": _PROCESS}

    def done(self, state: Any) -> bool:
        """Whether it is over."""
        return bool(state) and state["elapsed"] > self.seconds

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"{self.seconds:g} s have passed"
