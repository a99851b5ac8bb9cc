"""How many threads TensorFlow computes with, set before it is loaded.

Knows TensorFlow's settings only. Source: ours; Julia's are set by `julia --threads`.
"""

from __future__ import annotations

import os
import sys

from mlj_keras._imports import lazy_module
from mlj_keras.errors import AlreadyLoadedError, InvalidArgument
from mlj_keras.parallel.jobs import THREADS

context = lazy_module("tensorflow.python.eager.context")


def set_threads(n: int) -> None:
    """Let TensorFlow compute with n threads, here and in the worker processes started from here.

    The same seed gives the same bytes at the same number of threads; large networks may differ in
    the last digits otherwise.

    Args: n: int >= 1.
    Raises: InvalidArgument if n is no count; AlreadyLoadedError if TensorFlow has computed
        something in this process.
    Example:
        >>> set_threads(0)
        Traceback (most recent call last):
        mlj_keras.errors.InvalidArgument: set_threads(n) takes an int of 1 or more, got 0.

    Source: TensorFlow, `tf.config.threading`.
    """
    if type(n) is not int or n < 1:
        raise InvalidArgument(f"set_threads(n) takes an int of 1 or more, got {n!r}.")
    if "tensorflow" in sys.modules and context.context()._initialized:
        raise AlreadyLoadedError(
            "TensorFlow has chosen its threads already. Call set_threads first in a fresh "
            "process, before anything is trained."
        )
    for name in THREADS:
        os.environ[name] = str(n)
