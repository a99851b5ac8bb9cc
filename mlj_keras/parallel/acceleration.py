"""Where work runs, as values: `CPU1()` and `GPU(index)`.

Knows nothing of TensorFlow. Source: ComputationalResources.jl (`CPU1`, `CUDALibs`), as used by
MLJ.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class CPU1:
    """The CPU of this machine, one process.

    Example:
        >>> CPU1()
        CPU1()

    Source: ComputationalResources.jl, `CPU1`.
    """


@dataclasses.dataclass(frozen=True)
class GPU:
    """One GPU of this machine: the index-th that TensorFlow lists.

    Args: index: 0 for the first of `tensorflow.config.list_logical_devices("GPU")`.
    Raises: ValueError if index is no non-negative int.
    Example:
        >>> GPU(0)
        GPU(index=0)

    Source: ComputationalResources.jl, `CUDALibs`.
    """

    index: int = 0

    def __post_init__(self) -> None:
        if type(self.index) is not int or self.index < 0:
            raise ValueError(
                f"GPU(index) takes an int of 0 or more, got {self.index!r}. Write GPU(0)."
            )


def check_acceleration(value: Any) -> CPU1 | GPU | None:
    """None, CPU1() or GPU(i); TypeError otherwise."""
    if value is None or isinstance(value, CPU1 | GPU):
        return value
    if value in (CPU1, GPU):
        return check_acceleration(value())
    raise TypeError(f"acceleration must be None, CPU1() or GPU(0), got {value!r}")
