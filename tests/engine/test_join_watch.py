"""The watch beside a worker that joins its cluster, and what counts as an answer."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest

from mlj_keras.engine import join_watch
from mlj_keras.engine.join_watch import answers, watched


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


def test_an_address_answers_if_somebody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert answers(address) and answers(address)
    assert not answers(address)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "no-such-host.invalid:80"])
def test_an_address_without_a_listener_or_a_host_does_not_answer(address: str) -> None:
    assert not answers(address)


def test_a_free_port_that_answers_itself_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        class Itself(socket.socket):
            def getsockname(self) -> tuple[str, int]:  # as of a socket connected to itself
                return ("127.0.0.1", port)

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            line = Itself()
            line.connect(address)
            return line

        monkeypatch.setattr(socket, "create_connection", connect)
        assert not answers(f"127.0.0.1:{port}")


def test_the_watch_ends_with_what_it_watches_and_harms_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(join_watch, "SECONDS", 60.0)
    began = time.monotonic()
    with watched([f"127.0.0.1:{free_port()}"] * 2, own=0):
        pass
    assert time.monotonic() - began < 20  # it did not wait for the one that does not answer
    with pytest.raises(KeyError), watched(["127.0.0.1:1", "127.0.0.1:2"], own=1):
        raise KeyError("what failed inside")


@pytest.mark.slow
def test_the_watch_leaves_a_process_alone_while_all_others_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there, own = server.getsockname()[1], free_port()
        script = WATCHED.format(workers=[f"127.0.0.1:{own}", f"127.0.0.1:{there}"])
        done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == 7


WATCHED = """
import sys, time
from mlj_keras.engine import join_watch
join_watch.SECONDS = 1.5
with join_watch.watched({workers}, own=0):
    time.sleep(3)
sys.exit(7)
"""


DIES_WHILE_JOINING = """
import os, socket, sys, time
from mlj_keras.engine import cluster, join_watch
from mlj_keras.parallel.cluster import Cluster

join_watch.SECONDS = 3.0
own = Cluster(tuple(sys.argv[2:]), int(sys.argv[1]))
meet = cluster._meet

def meet_and_die(_):
    meet(own)
    if own.index == 1:
        with socket.create_server(("", int(own.address.rpartition(":")[2]))):
            time.sleep(2)
        os._exit(3)

cluster._meet = meet_and_die
cluster.join(own)
"""


@pytest.mark.slow
def test_a_worker_that_ends_while_they_join_leaves_none_waiting() -> None:
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    command = [sys.executable, "-c", DIES_WHILE_JOINING]
    workers = [
        subprocess.Popen([*command, str(index), *addresses], stderr=subprocess.PIPE, text=True)
        for index in range(2)
    ]
    said, _ = (worker.communicate(timeout=90)[1] for worker in workers)
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 3]
    assert f"worker 1 ({addresses[1]}) was there and has ended before the cluster" in said
