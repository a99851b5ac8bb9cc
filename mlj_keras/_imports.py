"""Packages that load on use: `lazy_module` for heavy ones, `require` for optional ones.

The one place that knows how Keras is loaded and that its backend must be TensorFlow. Knows nothing
of the package's other files.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
import threading
import types
from typing import Any

from mlj_keras.errors import MissingPackageError

_loading = threading.RLock()


class _LazyModule(types.ModuleType):
    """A module that is imported at the first access to one of its attributes."""

    def __getattr__(self, name: str) -> Any:
        # Tools that look around, such as doctest, ask for dunder names: they load nothing.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_load(self.__name__), name)


def _load(name: str) -> types.ModuleType:
    if name.split(".")[0] == "keras":
        return _load_keras(name)
    if name.split(".")[0] == "tensorflow":
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return _import(name)


def _import(name: str) -> types.ModuleType:
    """Import a module; the first time, Python's global generator is left as it was, which loading
    TensorFlow moves."""
    if name in sys.modules:
        return importlib.import_module(name)
    with _loading:  # one thread at a time: there is one generator for all
        before = random.getstate()
        try:
            return importlib.import_module(name)
        finally:
            random.setstate(before)


def _load_keras(name: str) -> types.ModuleType:
    if name not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    module = _import(name)
    backend = importlib.import_module("keras").backend.backend()
    if backend != "tensorflow":
        raise MissingPackageError(
            f"mlj_keras needs Keras on the TensorFlow backend, and Keras runs on {backend!r} "
            "here. Set KERAS_BACKEND=tensorflow in the environment before Keras is imported."
        )
    return module


def lazy_module(name: str) -> Any:
    """A stand-in for the module `name` that imports it at first use; typed Any, as modules are not
    values of a type."""
    return _LazyModule(name)


def require(name: str, *, extra: str) -> Any:
    """Import and return the optional module `name`, or raise MissingPackageError naming the
    `extra` that brings it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"This needs the package {name.split('.')[0]!r}, which is not installed. "
            f"Install it with: pip install 'mlj_keras[{extra}]'"
        ) from error
