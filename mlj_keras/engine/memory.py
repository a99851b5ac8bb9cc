"""`Memory`: which state the working memory of a network holds, so that training which goes on does
not load what is there; and how a variable is read.

Knows programs by their identity only. Source: ours.
"""

from __future__ import annotations

import ctypes
import dataclasses
import sys
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module

tf = lazy_module("tensorflow")


@dataclasses.dataclass(frozen=True)
class Memory:
    """The program that left a state in the working memory, and its arrays; neither is kept alive.

    Example:
        >>> arrays = {"layers/1/bias": np.zeros(2)}
        >>> memory = Memory.of(program := set(), arrays)
        >>> memory.holds(program, arrays), memory.holds(program, {"layers/1/bias": np.zeros(2)})
        (True, False)

    Source: ours.
    """

    program: weakref.ref[Any]
    arrays: Mapping[str, weakref.ref[np.ndarray]]

    @classmethod
    def of(cls, program: Any, arrays: Mapping[str, np.ndarray]) -> Memory:
        """After a program has read these arrays from its memory."""
        return cls(weakref.ref(program), {key: weakref.ref(a) for key, a in arrays.items()})

    def holds(self, program: Any, arrays: Mapping[str, np.ndarray]) -> bool:
        """Whether it is the state of these very arrays, which nobody can have changed: they are
        read-only."""
        if self.program() is not program or self.arrays.keys() != arrays.keys():
            return False
        return all(self.arrays[key]() is array for key, array in arrays.items())


def read_value(variable: Any) -> np.ndarray:
    """The value of a Keras variable, as an array of its own."""
    value = variable.value
    if type(value).__name__ == "ResourceVariable":  # what `numpy` does besides takes its time
        return np.array(
            tf.raw_ops.ReadVariableOp(resource=value.handle, dtype=value.dtype).numpy()
        )
    return np.array(variable.numpy())


def return_memory() -> None:
    """Give the system back what dropped programs held: by itself the C library keeps it."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # in glibc
        library.malloc_trim(0)
