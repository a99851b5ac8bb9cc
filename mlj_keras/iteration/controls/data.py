"""`Data`: new rows to train on in each cycle. Source: IterationControl.jl, src/controls.jl."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import Control, Setting
from mlj_keras.models import param


def _check_iterable(value: Any) -> Any:
    if isinstance(value, Iterator) or not isinstance(value, Iterable):
        raise TypeError(
            "must be something that can be gone through again, such as a list of pairs (X, y), "
            f"got {type(value).__name__}"
        )
    return value


class Data(Control):
    """Give the machine the next data to train on, in each cycle; put it before Step.

    Hyper-parameters:
        iterable (positional): of (X, y), or (X, y, w), with the columns and levels that the
            machine was made with; it is gone through once, and when it is exhausted the last data
            stay
        stop_when_exhausted: end iteration then, default False.
    Needs resampling=None. Encoders and statistics stay those of the first data.
    Report: taken, how many.
    Raises: InvalidModelError when the machine is made with a resampling strategy.
    Example:
        >>> Data([([[0.0]], [1.0])], stop_when_exhausted=True).may_stop()
        True

    Source: IterationControl.jl, src/controls.jl; there no machine takes it.
    """

    stops: ClassVar[bool] = True

    iterable: Any = param(convert=_check_iterable, positional=True)
    stop_when_exhausted: bool = param(False, kind=bool)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Hand over the next data."""
        taken = 0 if state is None else state["taken"]
        items = state["items"] if state and "items" in state else None
        if items is None:
            items = itertools.islice(iter(self.iterable), taken, None)
        item = next(items, None)
        if item is None:
            return {"taken": taken, "items": iter(()), "exhausted": True}
        run.ingest(*item)
        return {"taken": taken + 1, "items": items, "exhausted": False}

    def plain(self, state: Any) -> Any:
        """The state without the iterator, which goes to where it was when it is needed."""
        return state and {key: value for key, value in state.items() if key != "items"}

    def done(self, state: Any) -> bool:
        """Whether there are no more."""
        return bool(state) and self.stop_when_exhausted and bool(state["exhausted"])

    def may_stop(self) -> bool:
        """If it is to."""
        return bool(self.stop_when_exhausted)

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """How many were taken."""
        return {"taken": 0 if state is None else state["taken"]}

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return "the data are exhausted"

    def check_setting(self, setting: Setting) -> None:
        """Raise if a part of the data is measured on."""
        if setting.resampled:
            raise InvalidModelError(
                "Data feeds new rows to train on, and a part of the old ones would be measured "
                "on. Give resampling=None."
            )
