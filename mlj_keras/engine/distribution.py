"""From an acceleration to the place where programs run: one device, or replicas on several.

A program is the same in every place. Where there are replicas, each computes its share of a batch,
what they computed is summed, and each makes the same step. Knows accelerations, and TensorFlow's
devices and strategies; nothing of networks.
Source: MLJFlux.jl, src/mlj_model_interface.jl (`gpu_isdead`, `Mover`); tf.distribute for replicas.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras._logging import logger
from mlj_keras.engine.cluster import (
    cluster_of_strategy,
    compare,
    from_first,
    join,
    worker_losses,
)
from mlj_keras.errors import DeviceError
from mlj_keras.parallel.acceleration import CPU1, GPU, TPU, Mirrored, MultiWorker
from mlj_keras.parallel.cluster import Cluster, cluster_of

device_lib = lazy_module("tensorflow.python.client.device_lib")
tf = lazy_module("tensorflow")

# So far apart are the seeds of a random layer on neighbouring replicas: odd, so that 2**32 differ.
_APART = 0x1E3779B1
_number = itertools.count(1)
_lock = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Place:
    """One device.

    Args: device: its name, "/CPU:0" or "/GPU:0"; where predictions are computed.
    """

    device: str

    @property
    def n_replicas(self) -> int:
        """How many shares a batch is cut into."""
        return 1

    def __str__(self) -> str:
        return self.device

    @property
    def alone(self) -> bool:
        """Whether programs run on one device without a strategy."""
        return True

    @property
    def in_step(self) -> bool:
        """Whether other processes make the same calls, so that their lengths may not depend on
        time."""
        return False

    @property
    def is_first(self) -> bool:
        """Whether this process writes what all have learned."""
        return True

    def agree(self, what: str, own: str) -> None:
        """Check that other processes say the same."""

    def of_first(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arrays of the first process, where others are in step with this one."""
        return arrays

    @property
    def loops_inside(self) -> bool:
        """Whether the loop over batches is part of what `run` is given, not around it."""
        return True

    def exclusive(self) -> AbstractContextManager[Any]:
        """Held by one training at a time, where two could mix up their exchanges."""
        return contextlib.nullcontext()

    def scope(self) -> AbstractContextManager[Any]:
        """Where variables are made, and programs called."""
        scope: AbstractContextManager[Any] = tf.device(self.device)
        return scope

    def copies(self, make: Callable[[], Any]) -> Any:
        """What `make` gives, on every device."""
        with self.scope():
            return make()

    def run(self, step: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """A step on every replica; what it returns is the same on all."""
        return step(*arguments)

    # The rest is for use inside a step.

    def share(self, rows: Any) -> Any:
        """The part of a batch that this replica computes."""
        return rows

    def sums(self, tensors: Sequence[Any]) -> list[Any]:
        """The sums over the replicas."""
        return list(tensors)

    def joined(self, tensor: Any) -> Any:
        """The tensors of all replicas, one after the other."""
        return tensor

    def own_seed(self, seed: Any) -> Any:
        """The state of a random layer, (seed, counter), for this replica, from that for all."""
        return seed


@dataclasses.dataclass(frozen=True)
class Replicas(Place):
    """Several devices, by a strategy of `tf.distribute`.

    Args:
        strategy: with two replicas or more, or of a TPU
        acceleration: what the user wrote
        cluster: the processes that the replicas are in, None for this one alone.
    """

    strategy: Any = None
    acceleration: Any = None
    cluster: Cluster | None = None
    lock: Any = dataclasses.field(default_factory=threading.RLock, compare=False, repr=False)

    @property
    def n_replicas(self) -> int:
        """Those of all hosts."""
        return int(self.strategy.num_replicas_in_sync)

    def __str__(self) -> str:
        names = ", ".join(map(_short, self.strategy.extended.worker_devices))
        kind = type(self.strategy).__name__
        if self.cluster is not None:
            kind = f"MultiWorker, worker {self.cluster.index} of {len(self.cluster.workers)},"
        return f"{kind} on {names}"

    def __reduce__(self) -> Any:
        mirrored = isinstance(self.acceleration, Mirrored)  # others belong to their processes
        return _place_elsewhere, (self.acceleration if mirrored else None,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Replicas:
        return self

    @property
    def alone(self) -> bool:
        """False."""
        return False

    @property
    def in_step(self) -> bool:
        """True if other processes make the same calls."""
        return self.cluster is not None

    @property
    def is_first(self) -> bool:
        """True on the first worker of a cluster."""
        return self.cluster is None or self.cluster.index == 0

    def exclusive(self) -> AbstractContextManager[Any]:
        """The lock of the strategy."""
        lock: AbstractContextManager[Any] = self.lock
        return lock

    def agree(self, what: str, own: str) -> None:
        """Raise WorkerLostError if another process says something else."""
        if self.cluster is not None:
            with worker_losses(self.cluster):
                compare(self.strategy, what, own)

    def of_first(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        """One exchange for all of them."""
        if self.cluster is None:
            return arrays
        with worker_losses(self.cluster):
            return from_first(self.strategy, arrays)

    @property
    def loops_inside(self) -> bool:
        """Only a TPU's strategy can exchange within a loop, and makes one device program of it."""
        return "TPU" in self.device

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Variables are made once for each replica."""
        with contextlib.ExitStack() as stack:
            if self.cluster is not None:
                stack.enter_context(worker_losses(self.cluster))
            stack.enter_context(self.strategy.scope())
            yield

    def copies(self, make: Callable[[], Any]) -> Any:
        """Each replica of this host gets its own."""
        devices = iter(self.strategy.extended.worker_devices)

        def on_next(context: Any) -> Any:
            with tf.device(next(devices)):
                return make()

        return self.strategy.experimental_distribute_values_from_function(on_next)

    def run(self, step: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """What the first replica of this host returns."""
        results = self.strategy.run(step, args=arguments)
        return self.strategy.experimental_local_results(results)[0]

    def share(self, rows: Any) -> Any:
        """The part whose turn is that of this replica; the batch can be cut evenly."""
        size = (rows.shape[0] or tf.shape(rows)[0]) // self.n_replicas
        return tf.slice(rows, [_replica() * size], [size])

    def sums(self, tensors: Sequence[Any]) -> list[Any]:
        """One exchange for all of them."""
        context = tf.distribute.get_replica_context()
        return list(context.all_reduce(tf.distribute.ReduceOp.SUM, list(tensors)))

    def joined(self, tensor: Any) -> Any:
        """In the order of the shares."""
        return tf.distribute.get_replica_context().all_gather(tensor, axis=0)

    def own_seed(self, seed: Any) -> Any:
        """Random layers draw other masks on other replicas."""
        return seed + tf.cast(tf.stack([_replica() * _APART, 0]), seed.dtype)


def _replica() -> Any:
    return tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int32)


def place_of(acceleration: Any) -> Place:
    """The place that an acceleration stands for; None stands for the first GPU that TensorFlow
    sees, or else the CPU, which is said once.

    Raises: DeviceError if a device is not there; lists those that are.
    """
    if isinstance(acceleration, CPU1):
        return Place("/CPU:0")
    if isinstance(acceleration, GPU):
        return Place(f"/GPU:{_present('GPU', acceleration.index)}")
    if acceleration is None:
        device = "/GPU:0" if tf.config.list_logical_devices("GPU") else "/CPU:0"
        return Place(device)
    if isinstance(acceleration, MultiWorker):
        cluster = cluster_of(acceleration)
        acceleration = MultiWorker(cluster.workers, cluster.index)
    with _lock:
        return _replicas(acceleration)


@functools.cache
def say_default(place: Place) -> None:
    """Say once where networks are trained by default."""
    logger.info("acceleration=None: networks are trained on %s.", place)


@functools.cache
def _replicas(acceleration: Any) -> Place:
    strategy = acceleration
    if isinstance(acceleration, MultiWorker):
        strategy = join(cluster_of(acceleration))
    elif isinstance(acceleration, Mirrored):
        strategy = _mirrored(acceleration)
    elif isinstance(acceleration, TPU):
        strategy = _tpu(acceleration)
    cluster, device = cluster_of_strategy(strategy), strategy.extended.worker_devices[0]
    if cluster is None:
        device = _short(device)
        if strategy.num_replicas_in_sync == 1 and "TPU" not in device:
            return Place(device)
    return Replicas(device, strategy, acceleration, cluster)


def _place_elsewhere(acceleration: Any) -> Place:
    """The place of a machine that comes from another process: if its devices are not here, the
    default."""
    try:
        return place_of(acceleration)
    except DeviceError:
        return place_of(None)


def _tpu(acceleration: TPU) -> Any:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(acceleration.name or "local")
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except Exception as error:  # what fails depends on the kind of host
        raise DeviceError(
            f"{acceleration!r} is not to be had ({type(error).__name__}: {str(error)[:200]}). "
            f"TensorFlow sees {', '.join(devices())}. On a TPU host install the package of "
            "TensorFlow for TPUs, or use acceleration=None."
        ) from error


def _mirrored(acceleration: Mirrored) -> Any:
    names = acceleration.devices
    if names is None:
        gpus = tf.config.list_logical_devices("GPU")
        names = tuple(f"/GPU:{index}" for index in range(len(gpus))) or ("/CPU:0",)
    for name in names:
        kind, _, index = name.rpartition("/")[2].partition(":")
        _present(kind, int(index))
    reduction = {
        None: lambda: None,
        "nccl": tf.distribute.NcclAllReduce,
        "hierarchical_copy": tf.distribute.HierarchicalCopyAllReduce,
        "one_device": tf.distribute.ReductionToOneDevice,
    }[acceleration.reduction]()
    # Two strategies of a process would otherwise take each other's exchanges for their own.
    apart = {"_collective_key_base": 1_000 * next(_number)}
    own: Any = type("MirroredStrategy", (tf.distribute.MirroredStrategy,), apart)
    return own(list(names), cross_device_ops=reduction)


def _present(kind: str, index: int) -> int:
    """`index`, if there is such a device."""
    found = devices()
    if f"/{kind}:{index}" not in found:
        raise DeviceError(
            f"/{kind}:{index} is not there: TensorFlow sees {', '.join(found)}. Use one of them, "
            "or acceleration=None."
        )
    return index


def devices() -> list[str]:
    """The devices that networks can be trained on, by the names that `Mirrored` takes.

    Example:
        >>> devices()[0]
        '/CPU:0'

    Source: `tensorflow.config.list_logical_devices`.
    """
    return [
        _short(device.name)
        for kind in ("CPU", "GPU", "TPU")
        for device in tf.config.list_logical_devices(kind)
    ]


def _short(name: str) -> str:
    """ "/CPU:0", from "/job:localhost/replica:0/task:0/device:CPU:0"."""
    return "/" + name.rpartition("/")[2].removeprefix("device:")


@functools.cache  # TensorFlow opens every device anew to list them
def memory_of(device: str) -> int | None:
    """Bytes of memory that TensorFlow may use on a device, None for the CPU, whose memory holds
    the data already."""
    if "CPU" in device:
        return None
    found = {d.name: d.memory_limit for d in device_lib.list_local_devices()}
    return found.get("/device:" + _short(device).lstrip("/"))
