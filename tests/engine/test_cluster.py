"""Joining a cluster: what is told when that cannot be, or when another worker is lost."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from mlj_keras.engine import cluster as module
from mlj_keras.engine.cluster import compare, join, worker_losses
from mlj_keras.errors import AlreadyLoadedError, DeviceError, WorkerLostError
from mlj_keras.parallel.cluster import Cluster
from tests.batteries.processes import lines_of


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


@pytest.fixture
def before_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this process had not used TensorFlow yet."""
    unused = SimpleNamespace(context=lambda: SimpleNamespace(_initialized=False))
    monkeypatch.setattr(module, "context", unused)


@pytest.mark.usefixtures("before_tensorflow")
def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DeviceError, match=rf"Port {port} of this host is taken: 127.0.0.1:"):
            join(Cluster((f"127.0.0.1:{port}",), 0))


def test_workers_wait_for_each_other() -> None:
    addresses = tuple(f"127.0.0.1:{free_port()}" for _ in range(3))

    def meet(index: int) -> socket.socket:
        module._meet(Cluster(addresses, index))
        port = int(addresses[index].partition(":")[2])
        return socket.create_server(("127.0.0.1", port))  # as TensorFlow does from then on

    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(meet, index) for index in (2, 0)]
        time.sleep(0.3)
        assert not any(one.done() for one in waiting)
        servers = [one.result(timeout=20) for one in [*waiting, pool.submit(meet, 1)]]
    for server in servers:
        server.close()


@pytest.mark.usefixtures("before_tensorflow")
def test_workers_that_do_not_come_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_TO_START", 0.2)
    addresses = tuple(f"127.0.0.1:{free_port()}" for _ in range(3))
    words = rf"there is no worker 1 \({addresses[1]}\), worker 2 \({addresses[2]}\)\. Start"
    with pytest.raises(WorkerLostError, match=words):
        join(Cluster(addresses, 0))


def test_a_process_that_has_used_tensorflow_comes_too_late() -> None:
    tf.constant(1)
    addresses = tuple(f"127.0.0.1:{free_port()}" for _ in range(2))
    with pytest.raises(AlreadyLoadedError, match="has to join its cluster before"):
        join(Cluster(addresses, 0))


@pytest.mark.parametrize(
    "kind", [tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.InternalError]
)
def test_an_exchange_that_broke_off_names_the_workers_that_do_not_answer(kind: Any) -> None:
    with socket.socket() as alive:
        alive.bind(("127.0.0.1", 0))
        alive.listen()
        there = f"127.0.0.1:{alive.getsockname()[1]}"
        gone = f"127.0.0.1:{free_port()}"
        cluster = Cluster((there, gone, "127.0.0.1:1"), 2)
        with pytest.raises(WorkerLostError, match=rf"exchange with worker 1 \({gone}\) broke off"):
            with worker_losses(cluster):
                raise kind(None, None, "connection reset")


def test_without_one_that_does_not_answer_tensorflows_word_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "answers", lambda address: True)
    cluster = Cluster(("a:1", "b:2", "c:3"), 0)
    with pytest.raises(tf.errors.InternalError), worker_losses(cluster):
        raise tf.errors.InternalError(None, None, "a kernel of this device")
    for message, named in (
        ("from /job:worker/replica:0/task:2: reset", r"worker 2 \(c:3\)"),
        ("aborted by /job:worker/replica:0/task:0", "another worker"),
    ):
        with pytest.raises(WorkerLostError, match=f"The exchange with {named} broke off"):
            with worker_losses(cluster):
                raise tf.errors.UnavailableError(None, None, message)


def test_other_errors_pass() -> None:
    cluster = Cluster(("a:1", "b:2"), 0)
    with pytest.raises(tf.errors.InvalidArgumentError), worker_losses(cluster):
        raise tf.errors.InvalidArgumentError(None, None, "a shape")
    with pytest.raises(KeyError), worker_losses(cluster):
        raise KeyError("x")


def test_what_workers_say_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    said = ["keras 3.15.1", "keras 3.15.1"]
    monkeypatch.setattr(module, "_said_by_all", lambda strategy, own: said)
    compare(None, "packages", said[0])
    said[1] = "keras 3.14.0"
    words = "differ in their packages: worker 0: keras 3.15.1; worker 1: keras 3.14.0. Make them"
    with pytest.raises(WorkerLostError, match=words):
        compare(None, "packages", said[0])


# In a process of its own: collective operations of one process share the numbers of their groups.
EXCHANGES = """
import logging
import numpy as np
import tensorflow as tf
from mlj_keras.engine.cluster import from_first

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
said = []
kept = logging.Handler()
kept.emit = said.append
tf.get_logger().addHandler(kept)
strategy = tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"])
for n in range(8):
    arrays = {"a": np.arange(n + 1, dtype=np.float32), "b": np.array([2**53 - 1])}
    found = from_first(strategy, arrays)
    np.testing.assert_array_equal(found["a"], arrays["a"])
    np.testing.assert_array_equal(found["b"], arrays["b"])
print(sum("retracing" in record.getMessage() for record in said))
"""


@pytest.mark.slow
def test_exchanges_take_what_the_first_has_and_make_tensorflow_warn_of_no_retracing() -> None:
    assert lines_of(EXCHANGES)[-1] == "0"
