"""`launch`: a function run by several workers of one cluster, all on this machine.

Knows processes; what a worker does is in worker.py. Source: ours; `torchrun` and `mpirun` start
scripts in this way.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument, WorkerLostError
from mlj_keras.parallel.cluster import VARIABLE, Cluster
from mlj_keras.parallel.jobs import threads_of_worker

cloudpickle = lazy_module("cloudpickle")

# Once a worker has ended badly, the others get so long to notice and to say so themselves.
SECONDS_OF_GRACE = 45.0
_SECONDS_TO_TERMINATE = 5.0
_SHOWN = 3_000  # characters of what a worker wrote


def launch(function: Callable[..., Any], workers: int = 2, args: Sequence[Any] = ()) -> list[Any]:
    """Run a function in several processes of this machine that form a cluster.

    Each calls `function(*args)` with the environment that `MultiWorker()` reads, and shares the
    cores with the others. What they write goes to this process' standard error, line by line.

    Args:
        function: picklable, as are its arguments and results; lambdas and functions of a notebook
            are
        workers: how many processes
        args: the same for all.
    Returns: the results, in the order of the workers.
    Raises: WorkerLostError if a worker ends badly: names it, and ends the others; InvalidArgument
        if there is less than one worker.
    Example:
        >>> def square(x):
        ...     return x * x
        >>> launch(square, workers=1, args=(3,))
        [9]

    Source: ours.
    """
    with tempfile.TemporaryDirectory(prefix="mlj_keras-") as folder:
        job = Path(folder) / "job"
        job.write_bytes(cloudpickle.dumps((function, tuple(args))))
        (Path(folder) / "path").write_text(json.dumps(sys.path))
        results = [Path(folder) / f"result{index}" for index in range(_counted(workers))]
        run_workers([["--job", str(job), str(result)] for result in results])
        for index, result in enumerate(results):
            if not result.exists():
                raise WorkerLostError(
                    f"Worker {index} of {workers} ended without a result: the function must "
                    "return, and not end the process."
                )
        return [cloudpickle.loads(result.read_bytes()) for result in results]


def run_workers(arguments: Sequence[Sequence[str]]) -> None:
    """Start a worker for each list of arguments of worker.py, and wait for all of them.

    Raises: WorkerLostError if one of them ends badly.
    """
    with _listening(len(arguments)) as addresses:
        pass
    processes: list[_Process] = []
    try:
        for index, own in enumerate(arguments):
            processes.append(_Process(Cluster(addresses, index), own))
        _wait(processes)
    finally:
        _end(processes)


class _Process:
    """A worker, and the last that it wrote."""

    def __init__(self, cluster: Cluster, arguments: Sequence[str]) -> None:
        self.index = cluster.index
        self.written = ""
        threads = threads_of_worker(len(cluster.workers))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlj_keras.launching.worker", *arguments],
            env={**os.environ, **threads, VARIABLE: cluster.environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.written = (self.written + line)[-_SHOWN:]
                sys.stderr.write(f"[worker {self.index}] {line}")

    def end_in_words(self) -> str:
        """How it ended."""
        code = self.process.returncode
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with code {code}"


def _wait(processes: Sequence[_Process]) -> None:
    """Return when all have ended well."""
    first: _Process | None = None
    until = float("inf")
    while True:
        running = [p for p in processes if p.process.poll() is None]
        bad = [p for p in processes if p.process.returncode not in (None, 0)]
        bad.sort(key=lambda p: p.process.returncode > 0)  # who was killed before who noticed
        if bad and first is None:
            first, until = bad[0], time.monotonic() + SECONDS_OF_GRACE
        if not running or time.monotonic() > until:
            break
        time.sleep(0.05)
    if first is not None:
        first.reader.join(timeout=2)
        raise WorkerLostError(
            f"Worker {first.index} of {len(processes)} {first.end_in_words()}; the others were "
            f"ended. It wrote last:\n{first.written.strip() or '(nothing)'}"
        )


def _end(processes: Sequence[_Process]) -> None:
    for worker in processes:
        if worker.process.poll() is None:
            worker.process.terminate()
    until = time.monotonic() + _SECONDS_TO_TERMINATE
    for worker in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(timeout=max(0.1, until - time.monotonic()))
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()
        worker.reader.join(timeout=2)


@contextlib.contextmanager
def _listening(n: int) -> Iterator[tuple[str, ...]]:
    """Addresses of free ports of the loopback interface, held until the block ends."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for own in sockets:
            own.bind(("127.0.0.1", 0))
        yield tuple(f"127.0.0.1:{own.getsockname()[1]}" for own in sockets)


def _counted(workers: Any) -> int:
    if type(workers) is not int or workers < 1:
        raise InvalidArgument(f"workers must be an int of 1 or more, got {workers!r}.")
    return workers
