"""Warnings that name the line of the caller's own code, however deep in the package they arise.

Knows nothing of the rest of the package.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PACKAGE = __name__.split(".")[0]
_lock = threading.Lock()
_inside: Counter[str] = Counter()


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the first line up the stack that is outside this package."""
    level = 2
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
        level += 1
        if frame.f_back is None:
            break
        frame = frame.f_back
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def ignoring(message: str = "") -> Iterator[None]:
    """A block without warnings whose texts begin as the pattern `message` says.

    For code that several threads run: `warnings.catch_warnings` puts back the filters that it
    found, and so those of a thread that was inside at the time. Here the last one out removes the
    one filter, and no other is touched.
    """
    mark = f"(?#{_PACKAGE}){message}"  # the comment tells it from a filter of the user
    with _lock:
        _inside[mark] += 1
        if _inside[mark] == 1:
            warnings.filterwarnings("ignore", message=mark)
    try:
        yield
    finally:
        with _lock:
            _inside[mark] -= 1
            if not _inside[mark]:
                filters: Any = warnings.filters  # a list, which is declared as less
                filters[:] = [each for each in filters if not _is_of(each[1], mark)]


def _is_of(pattern: object, mark: str) -> bool:
    return getattr(pattern, "pattern", None) == mark
