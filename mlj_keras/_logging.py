"""The logger `mlj_keras` and its own handler on stderr, so that `verbosity` is heard in a plain
script.

Knows nothing of the rest of the package.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever `sys.stderr` is at the time of the message (notebooks and tests replace
    it)."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(logging.Formatter("[ %(levelname)s: %(message)s ]"))

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        raise AttributeError("the stream of this handler is always sys.stderr")


logger = logging.getLogger("mlj_keras")
_handler = _StderrHandler()


def enable_default_handler() -> None:
    """Let the logger `mlj_keras` write its messages of level INFO and above to stderr (this is the
    state at import).

    Example:
        >>> enable_default_handler()

    Source: the same call of Optuna's `optuna.logging`.
    """
    if _handler not in logger.handlers:
        logger.addHandler(_handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


def disable_default_handler() -> None:
    """Silence the stderr handler of the logger `mlj_keras`; messages still reach handlers of the
    application.

    Example:
        >>> disable_default_handler()
        >>> enable_default_handler()

    Source: the same call of Optuna's `optuna.logging`.
    """
    logger.removeHandler(_handler)


enable_default_handler()
