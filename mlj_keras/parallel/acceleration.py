"""Where work runs, as values: one device, several, several
hosts, a TPU.

Knows nothing of TensorFlow. Source: ComputationalResources.jl (`CPU1`, `CUDALibs`), as used by
MLJ.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Sequence
from typing import Any

from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.storage.records import storable

REDUCTIONS = ("nccl", "hierarchical_copy", "one_device")


@storable
@dataclasses.dataclass(frozen=True)
class CPU1:
    """The CPU of this machine, one process.

    Example:
        >>> CPU1()
        CPU1()

    Source: ComputationalResources.jl, `CPU1`.
    """


@storable
@dataclasses.dataclass(frozen=True)
class GPU:
    """One GPU of this machine: the index-th that TensorFlow lists.

    Args: index: 0 for the first of `tensorflow.config.list_logical_devices("GPU")`.
    Raises: InvalidArgument if index is no non-negative int.
    Example:
        >>> GPU(0)
        GPU(index=0)

    Source: ComputationalResources.jl, `CUDALibs`.
    """

    index: int = 0

    def __post_init__(self) -> None:
        if type(self.index) is not int or self.index < 0:
            raise InvalidArgument(
                f"GPU(index) takes an int of 0 or more, got {self.index!r}. Write GPU(0)."
            )


@storable
@dataclasses.dataclass(frozen=True)
class Mirrored:
    """Several devices of this machine: each trains on its share of every batch.

    Args:
        devices: names that `devices()` lists; None for all GPUs, or the CPU where there is none
        reduction: how gradients are summed: "nccl", "hierarchical_copy", "one_device", or None,
            which leaves it to TensorFlow.
    Raises: InvalidArgument if a device is named twice, or the reduction is unknown.
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
                raise InvalidArgument(
                    f"Mirrored takes one device or more, each once, got {list(names)}. Write "
                    'Mirrored(["/GPU:0", "/GPU:1"]).'
                )
        if self.reduction not in (None, *REDUCTIONS):
            raise InvalidArgument(
                f"reduction must be None or one of {', '.join(map(repr, REDUCTIONS))}, got "
                f"{self.reduction!r}."
            )


@storable
@dataclasses.dataclass(frozen=True)
class MultiWorker:
    """Processes on several hosts, or on one: each trains on its share of every batch.

    Every process runs the same script on the same data. `launch` starts them on one host; on
    several, the environment of the cluster does.

    Args:
        cluster: "host:port" of every worker, in the same order everywhere; None reads it from the
            environment variable TF_CONFIG
        index: which of them this process is; None only without `cluster`.
    Raises: InvalidArgument if a host has no port or is named twice, or the index counts no worker.
    Example:
        >>> MultiWorker(["10.0.0.1:4000", "10.0.0.2:4000"], index=0)
        MultiWorker(cluster=('10.0.0.1:4000', '10.0.0.2:4000'), index=0)

    Source: `tf.distribute.MultiWorkerMirroredStrategy`.
    """

    cluster: Sequence[str] | None = None
    index: int | None = None

    def __post_init__(self) -> None:
        if self.cluster is None and self.index is None:
            return
        workers = tuple(self.cluster or ())
        object.__setattr__(self, "cluster", workers)
        check_workers(workers, self.index)


@storable
@dataclasses.dataclass(frozen=True)
class TPU:
    """All cores of a TPU.

    Args: name: of the TPU or its address; None for the one that this host is attached to.
    Example:
        >>> TPU()
        TPU(name=None)

    Source: `tf.distribute.TPUStrategy`.
    """

    name: str | None = None

    def __post_init__(self) -> None:
        if self.name is not None and not isinstance(self.name, str):
            raise InvalidArgument(
                f"TPU(name) takes a name or None, got {self.name!r}. Write TPU()."
            )


def check_workers(workers: tuple[str, ...], index: Any) -> None:
    """Raise ValueError unless these are hosts with ports, each once, and the index is of one."""
    for worker in workers:
        host, _, port = str(worker).rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 2**16:
            raise InvalidArgument(
                f"{worker!r} is no worker. Write host:port, as in '10.0.0.1:4000'."
            )
    if not workers or len(set(workers)) < len(workers):
        raise InvalidArgument(f"Name one worker or more, each once, got {list(workers)}.")
    if type(index) is not int or not 0 <= index < len(workers):
        raise InvalidArgument(
            f"The index of {len(workers)} worker(s) is 0 to {len(workers) - 1}, got {index!r}: "
            "it says which of them this process is."
        )


def _device_name(name: Any) -> str:
    if isinstance(name, GPU):
        return f"/GPU:{name.index}"
    found = re.fullmatch(r"/?(?:device:)?(CPU|GPU):(\d+)", str(name), re.IGNORECASE)
    if not found:
        raise InvalidArgument(f"{name!r} names no device. Write '/GPU:0' or '/CPU:0'.")
    return f"/{found[1].upper()}:{int(found[2])}"


_KINDS = (CPU1, GPU, Mirrored, MultiWorker, TPU)


def check_acceleration(value: Any) -> Any:
    """None, CPU1(), GPU(i), Mirrored(...), MultiWorker(...), TPU(...), or a strategy of
    tf.distribute; TypeError otherwise."""
    if value is None or isinstance(value, _KINDS) or _is_strategy(value):
        return value
    if value in _KINDS:
        return check_acceleration(value())
    raise WrongType(
        "acceleration must be None, CPU1(), GPU(0), Mirrored(), MultiWorker(), TPU() or a "
        f"tf.distribute.Strategy, got {value!r}"
    )


def _is_strategy(value: Any) -> bool:
    # TensorFlow is not loaded to find out: whoever has a strategy has loaded it.
    distribute = getattr(sys.modules.get("tensorflow"), "distribute", None)
    if distribute is None or not isinstance(value, distribute.Strategy):
        return False
    if isinstance(value, distribute.experimental.ParameterServerStrategy):
        raise WrongType(
            "Parameter servers are not supported: Keras 3 is not made for them. Use MultiWorker()."
        )
    return True
