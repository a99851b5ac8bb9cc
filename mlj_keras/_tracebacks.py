"""Errors of users, told without the frames of this package.

Knows nothing of the rest of the package but its base of errors. Source: ours; Keras filters its
tracebacks, too.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

from mlj_keras.errors import MLJKerasError

FULL = "MLJ_KERAS_FULL_TRACEBACKS"
_PACKAGE = __name__.split(".")[0]
_P = ParamSpec("_P")
_R = TypeVar("_R")
_C = TypeVar("_C")


def short_tracebacks(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A function whose errors of this package show the lines of its callers, and of their own
    functions that it calls, but none between. Set MLJ_KERAS_FULL_TRACEBACKS to anything to
    see all.

    Args: function: a public one.
    Example:
        >>> from mlj_keras.errors import InvalidArgument
        >>> @short_tracebacks
        ... def three(value):
        ...     raise InvalidArgument(f"value must be 3, got {value}.")
        >>> three(4)
        Traceback (most recent call last):
        mlj_keras.errors.InvalidArgument: value must be 3, got 4.

    Source: Keras, src/utils/traceback_utils.py, for the idea.
    """

    @functools.wraps(function)
    def short(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except MLJKerasError as error:
            if os.environ.get(FULL):
                raise
            shown = error.with_traceback(_outside(error.__traceback__))
            raise shown  # noqa: B904

    return short


def _outside(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without its frames in this package."""
    kept = []
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.split(".")[0] != _PACKAGE:
            kept.append(traceback)
        traceback = traceback.tb_next
    below = None
    for each in reversed(kept):
        below = TracebackType(below, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return below


def short_methods(cls: type[_C]) -> type[_C]:
    """A class whose own public methods have short tracebacks.

    Args: cls: changed in place.
    Example:
        >>> @short_methods
        ... class Asked:
        ...     def one(self):
        ...         return 1
        >>> Asked().one(), Asked.one.__wrapped__.__name__
        (1, 'one')

    Source: ours.
    """
    for name, value in list(vars(cls).items()):
        if inspect.isfunction(value) and not name.startswith("_"):
            setattr(cls, name, short_tracebacks(value))
    return cls
