"""Where work runs, as values: `CPU1()`, `GPU(index)` and `Mirrored(devices)`.

Knows nothing of TensorFlow. Source: ComputationalResources.jl (`CPU1`, `CUDALibs`), as used by
MLJ.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Sequence
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


@dataclasses.dataclass(frozen=True)
class Mirrored:
    """Several devices of this machine: each trains on its share of every batch.

    Args:
        devices: names that `devices()` lists; None for all GPUs, or the CPU where there is none
        reduction: how gradients are summed: "nccl", "hierarchical_copy", "one_device", or None,
            which leaves it to TensorFlow.
    Raises: ValueError if a device is named twice, or the reduction is unknown.
    Example:
        >>> Mirrored(["/GPU:0", "/GPU:1"])
        Mirrored(devices=('/GPU:0', '/GPU:1'), reduction=None)

    Source: `tf.distribute.MirroredStrategy`.
    """

    devices: Sequence[str] | None = None
    reduction: str | None = None

    def __post_init__(self) -> None:
        if self.devices is not None:
            object.__setattr__(self, "devices", tuple(map(_device_name, self.devices)))
            names = self.devices
            if not names or len(set(names)) < len(names):
                raise ValueError(
                    f"Mirrored takes one device or more, each once, got {list(names)}. Write "
                    'Mirrored(["/GPU:0", "/GPU:1"]).'
                )
        if self.reduction not in (None, *REDUCTIONS):
            raise ValueError(
                f"reduction must be None or one of {', '.join(map(repr, REDUCTIONS))}, got "
                f"{self.reduction!r}."
            )


REDUCTIONS = ("nccl", "hierarchical_copy", "one_device")


def _device_name(name: Any) -> str:
    if isinstance(name, GPU):
        return f"/GPU:{name.index}"
    found = re.fullmatch(r"/?(?:device:)?(CPU|GPU):(\d+)", str(name), re.IGNORECASE)
    if not found:
        raise ValueError(f"{name!r} names no device. Write '/GPU:0' or '/CPU:0'.")
    return f"/{found[1].upper()}:{int(found[2])}"


def check_acceleration(value: Any) -> Any:
    """None, CPU1(), GPU(i), Mirrored(...), or a strategy of tf.distribute; TypeError otherwise."""
    if value is None or isinstance(value, CPU1 | GPU | Mirrored) or _is_strategy(value):
        return value
    if value in (CPU1, GPU, Mirrored):
        return check_acceleration(value())
    raise TypeError(
        "acceleration must be None, CPU1(), GPU(0), Mirrored() or a tf.distribute.Strategy, got "
        f"{value!r}"
    )


def _is_strategy(value: Any) -> bool:
    # TensorFlow is not loaded to find out: whoever has a strategy has loaded it.
    distribute = getattr(sys.modules.get("tensorflow"), "distribute", None)
    return distribute is not None and isinstance(value, distribute.Strategy)
