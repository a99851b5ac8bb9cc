"""Joining the other processes of a cluster, and what they have to agree on.

Knows clusters and TensorFlow's strategy for them. Source: tf.distribute's
MultiWorkerMirroredStrategy.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.join_watch import answers, watched
from mlj_keras.engine.tracing import compiled_function
from mlj_keras.errors import AlreadyLoadedError, DeviceError, WorkerLostError
from mlj_keras.parallel.cluster import Cluster

context = lazy_module("tensorflow.python.eager.context")
tf = lazy_module("tensorflow")

_COMPARED = ("mlj_keras", "tensorflow", "keras", "numpy")
_WIDTH = 256  # bytes of what is compared
SECONDS_TO_START = 300.0  # for the other workers
_TASK = re.compile(r"/job:worker/(?:replica:\d+/)?task:(\d+)")


def join(cluster: Cluster) -> Any:
    """The strategy of a cluster, once every worker is there and has the same packages.

    Raises: DeviceError if the port of this worker is taken; AlreadyLoadedError if TensorFlow was
        used before; WorkerLostError if another worker does not come, or has other packages.
    """
    if context.context()._initialized:
        raise _too_late()
    _meet(cluster)
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.workers)}),
        task_type="worker",
        task_id=cluster.index,
        rpc_layer="grpc",
    )
    with worker_losses(cluster):
        try:
            with watched(cluster.workers, cluster.index):
                strategy = tf.distribute.MultiWorkerMirroredStrategy(resolver)
        except RuntimeError as error:
            if "program startup" not in str(error):
                raise
            raise _too_late() from error
        _test_sum(strategy, cluster)
        versions = {name: _version(name) for name in _COMPARED}
        compare(strategy, "packages", ", ".join(f"{k} {v}" for k, v in versions.items()))
    return strategy


def _too_late() -> AlreadyLoadedError:
    return AlreadyLoadedError(
        "A process has to join its cluster before it uses TensorFlow for anything else. Start the "
        "script with `mlj-keras launch`, or fit the machine with acceleration=MultiWorker() first."
    )


def cluster_of_strategy(strategy: Any) -> Cluster | None:
    """The cluster that a strategy belongs to; None if it is of this process alone."""
    resolver = getattr(strategy, "cluster_resolver", None)
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) or resolver is None:
        return None
    jobs = resolver.cluster_spec().as_dict()
    chief = jobs.get("chief", [])
    index = (resolver.task_id or 0) + (len(chief) if resolver.task_type == "worker" else 0)
    workers = tuple(chief + jobs.get("worker", []))
    return Cluster(workers, index) if workers else None


def compare(strategy: Any, what: str, own: str) -> None:
    """Check that all workers say the same.

    Raises: WorkerLostError, on all of them, with what each says.
    """
    said = _said_by_all(strategy, own)
    if len(set(said)) > 1:
        each = "; ".join(f"worker {index}: {text}" for index, text in enumerate(said))
        raise WorkerLostError(f"The workers differ in their {what}: {each}. Make them the same.")


@contextmanager
def worker_losses(cluster: Cluster) -> Iterator[None]:
    """Errors of TensorFlow that say that another worker is gone, as WorkerLostError."""
    kinds = (
        tf.errors.UnavailableError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.DeadlineExceededError,
        tf.errors.InternalError,
        tf.errors.FailedPreconditionError,
    )
    try:
        yield
    except kinds as error:
        message = str(error)
        lost = _who_is_lost(cluster, message)
        exchange = "ollective" in message or isinstance(error, kinds[:4])
        if not lost and not exchange:
            raise
        raise WorkerLostError(_loss_in_words(cluster, lost, message)) from error


def _who_is_lost(cluster: Cluster, message: str) -> list[int]:
    lost = [
        i
        for i in range(len(cluster.workers))
        if i != cluster.index and not answers(cluster.workers[i])
    ]
    if not lost:
        lost = sorted({int(task) for task in _TASK.findall(message)} - {cluster.index})
    return lost


def _loss_in_words(cluster: Cluster, lost: list[int], message: str) -> str:
    names = " and ".join(f"worker {i} ({cluster.workers[i]})" for i in lost) or "another worker"
    reason = message.partition("aborted by: ")[2] or message  # without the place in the graph
    return (
        f"The exchange with {names} broke off: it has ended or cannot be reached. The machine "
        "keeps the last whole epoch. Start all workers again; fit with checkpoint= goes on from "
        f"there. TensorFlow said: {' '.join(reason.split())[:200]}"
    )


def _meet(cluster: Cluster) -> None:
    """Listen where TensorFlow will, until every other worker does: TensorFlow waits for ever."""
    port = int(cluster.address.rpartition(":")[2])
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            own.bind(("", port))
        except OSError as error:
            raise DeviceError(
                f"Port {port} of this host is taken: {cluster.address} is where this worker has "
                "to listen. Name another port for it on every worker, or end what uses it."
            ) from error
        own.listen()
        until = time.monotonic() + SECONDS_TO_START
        missing = [i for i in range(len(cluster.workers)) if i != cluster.index]
        while missing := [i for i in missing if not answers(cluster.workers[i])]:
            if time.monotonic() > until:
                names = ", ".join(f"worker {i} ({cluster.workers[i]})" for i in missing)
                raise WorkerLostError(
                    f"{SECONDS_TO_START:g} seconds have passed and there is no {names}. Start the "
                    "same script there, and check that this host may connect to it."
                )
            time.sleep(0.1)


def from_first(strategy: Any, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of the first worker, on all of them; shapes and dtypes are the same."""
    # Counters, seeds and float32 are exact in float64.
    ravelled = [np.ravel(array).astype(np.float64) for array in arrays.values()]
    vector = tf.constant(np.concatenate([np.zeros(0), *ravelled]))

    def step() -> Any:
        context = tf.distribute.get_replica_context()
        is_first = context.replica_id_in_sync_group == 0
        own = tf.where(is_first, vector, tf.zeros_like(vector))
        return context.all_reduce(tf.distribute.ReduceOp.SUM, own)

    found = _on_all(strategy, step)
    pieces = np.split(found, np.cumsum([array.size for array in arrays.values()])[:-1])
    return {
        key: piece.reshape(array.shape).astype(array.dtype)
        for (key, array), piece in zip(arrays.items(), pieces, strict=True)
    }


def _on_all(strategy: Any, step: Callable[[], Any]) -> np.ndarray:
    """What a step run by all replicas gives to the first one here."""
    run = compiled_function(lambda: strategy.run(step), xla=False, static=True)
    found: np.ndarray = strategy.experimental_local_results(run())[0].numpy()
    return found


def _test_sum(strategy: Any, cluster: Cluster) -> None:
    """Sum known numbers over all replicas."""
    n = strategy.num_replicas_in_sync

    def step() -> Any:
        context = tf.distribute.get_replica_context()
        own = tf.cast(context.replica_id_in_sync_group + 1, tf.float32) * tf.ones(3)
        return context.all_reduce(tf.distribute.ReduceOp.SUM, own)

    total = _on_all(strategy, step)
    if not np.array_equal(total, np.full(3, n * (n + 1) / 2, np.float32)):
        raise WorkerLostError(
            f"{n} replicas were to sum 1 to {n} and got {total[0]}: what they exchange is changed "
            f"on its way to {cluster.address}. With several GPUs try NCCL_P2P_DISABLE=1."
        )


def _said_by_all(strategy: Any, own: str) -> list[str]:
    """What each worker says, in their order."""
    text = own.encode()[:_WIDTH].ljust(_WIDTH)
    letters = tf.constant(np.frombuffer(text, np.uint8).astype(np.int32)[None])

    def step() -> Any:
        return tf.distribute.get_replica_context().all_gather(letters, axis=0)

    found = _on_all(strategy, step)
    cluster = cluster_of_strategy(strategy)
    assert cluster is not None  # only clusters are asked
    per_worker = len(found) // len(cluster.workers)
    return [bytes(row.astype(np.uint8)).decode().strip() for row in found[::per_worker]]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
