"""A small process beside a worker that joins its cluster, and ends it if another worker is lost.

TensorFlow waits for the other workers for ever, deaf to signals, and holds Python's lock
meanwhile: nothing in the worker itself could end that. Run as a script; knows addresses and
Python alone, and so starts at once.
Source: ours.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence

SECONDS = 30.0  # between two answers of a worker that was there


@contextlib.contextmanager
def watched(workers: Sequence[str], own: int) -> Iterator[None]:
    """Kill this process, and say why on its standard error, if a worker other than `own` does not
    answer for `SECONDS` meanwhile."""
    command = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(own), str(SECONDS)]
    with subprocess.Popen([*command, *workers], stdin=subprocess.PIPE) as watch:
        try:
            yield
        finally:
            assert watch.stdin is not None  # it is a pipe
            watch.stdin.close()  # its sign to end


def answers(address: str) -> bool:
    """Whether somebody listens at an address."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=2) as line:
            return bool(line.getsockname() != line.getpeername())  # a free port may answer itself
    except OSError:
        return False


def _watch(process: int, own: int, seconds: float, workers: Sequence[str]) -> None:
    """Look every second until nobody answers at an address for so long."""
    heard = {i: time.monotonic() for i in range(len(workers)) if i != own}
    while True:
        heard.update({i: time.monotonic() for i in heard if answers(workers[i])})
        lost = [i for i, last in heard.items() if time.monotonic() - last > seconds]
        if lost:
            names = " and ".join(f"worker {i} ({workers[i]})" for i in lost)
            sys.stderr.write(
                f"mlj_keras: {names} was there and has ended before the cluster was joined. "
                "TensorFlow waits for it for ever, so this process is ended. Start all workers "
                "again.\n"
            )
            sys.stderr.flush()
            os.kill(process, signal.SIGKILL)
            return
        time.sleep(1)


if __name__ == "__main__":
    _process, _own, _seconds, *_workers = sys.argv[1:]
    threading.Thread(
        target=_watch, args=(int(_process), int(_own), float(_seconds), _workers), daemon=True
    ).start()
    sys.stdin.read()  # until it is closed, or its owner has ended
