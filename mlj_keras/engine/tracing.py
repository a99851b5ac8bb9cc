"""Tracing: compiled functions, without stack traces.

TensorFlow keeps the Python stack that made each operation, for good, even of dropped programs.
For a small network that is two megabytes a program, half of what it leaves behind. What is lost is
the words "defined at" of an error inside a compiled program; the name of the layer stays. Knows
TensorFlow only. Source: ours.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlj_keras._imports import lazy_module

tf = lazy_module("tensorflow")
_session = lazy_module("tensorflow.python.client.pywrap_tf_session")

_SETTER = "TF_SetOpStackTrace"
_thread = threading.local()
_lock = threading.Lock()
_installed = False


@contextmanager
def without_stack_traces() -> Iterator[None]:
    """What this thread traces inside is kept without its stack traces."""
    _install()
    before = getattr(_thread, "silent", False)
    _thread.silent = True
    try:
        yield
    finally:
        _thread.silent = before


def _install() -> None:
    """Put a question before TensorFlow's own function, once a process."""
    global _installed  # noqa: PLW0603 - TensorFlow's module is one a process, too
    with _lock:
        keep = getattr(_session, _SETTER, None)
        if _installed or keep is None:  # another version may do without
            return

        def keep_unless_silent(operation: Any, trace: Any) -> None:
            if not getattr(_thread, "silent", False):
                keep(operation, trace)

        setattr(importlib.import_module(_session.__name__), _SETTER, keep_unless_silent)
        _installed = True


def compiled_function(work: Any, *, xla: bool, static: bool) -> Any:
    """`work` compiled by XLA or as a graph; `static`: of shapes that are known."""
    compiled = tf.function(work, jit_compile=xla, autograph=False, reduce_retracing=not static)
    # Counted by line of code, not by program.
    compiled._omit_frequent_tracing_warning = True
    return compiled
