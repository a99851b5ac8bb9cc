"""A pool of worker processes that outlives a call, and notices those that are killed.

Knows jobs only. Source: joblib's loky.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-untyped]  # it comes without types
from joblib.externals import loky

from mlj_keras.errors import WorkerLostError
from mlj_keras.parallel.jobs import Outcome, Work, attempt_packed, threads_of_worker
from mlj_keras.storage.atomic import runs

_IDLE_SECONDS = 300
_LOOKS_UP_SECONDS = 1.0
# Compiled programs stay in a process: the pool is replaced after so many jobs a worker.
_JOBS_PER_WORKER = 200


class _Pool:
    """The present pool, if any: what it was made for, and how many jobs it was given."""

    executor: Any = None
    made_for: Any = None
    jobs = 0
    lock = threading.RLock()


def run_in_processes(work: Work, payload: Any, n_jobs: int, n_workers: int) -> Iterator[Outcome]:
    """As `run_jobs`, in worker processes. No more jobs are under way than there are workers, so
    that those which a killed process may have had are few, and known."""
    waiting = list(reversed(range(n_jobs)))
    running: dict[Future[bytes], int] = {}
    threads = threads_of_worker(n_workers)  # the same, however few jobs there are
    n_workers = min(n_workers, n_jobs)
    with _packed(work, payload) as path, _ended_on_error():
        while waiting or running:
            while waiting and len(running) < n_workers:
                index = waiting.pop()
                running[_submit(path, index, n_workers, threads)] = index
            done = _done(running)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                done = wait(running).done  # the pool has broken as a whole
            for future in sorted(done, key=running.__getitem__):
                index = running.pop(future)
                lost = isinstance(future.exception(), BrokenProcessPool)
                yield _alone(path, index, threads) if lost else pickle.loads(future.result())


def _done(running: Iterable[Future[bytes]]) -> set[Future[bytes]]:
    """Those that are done, one at least. Looks up now and then: Ctrl-C is heard by whichever
    thread the system picks, which need not wake this one."""
    done: set[Future[bytes]] = set()
    while not done:
        done = wait(running, timeout=_LOOKS_UP_SECONDS, return_when=FIRST_COMPLETED).done
    return done


def _alone(path: str, index: int, threads: dict[str, str]) -> Outcome:
    """A job whose process may have been killed, once more, in a pool of its own."""
    try:
        (future,) = _done([_submit(path, index, 1, threads)])
        outcome: Outcome = pickle.loads(future.result())
        return outcome
    except BrokenProcessPool as error:
        lost = WorkerLostError(
            "Its worker process was killed, and so was the second one: by the system if memory "
            f"ran out, or by the job itself. Use fewer processes, or CPU1(). {error}"
        )
        return Outcome(index, error=lost)


def _submit(path: str, index: int, n_workers: int, threads: dict[str, str]) -> Future[bytes]:
    # Several processes may use one GPU: none may take all of its memory.
    environment = {**threads, "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    with _Pool.lock:
        try:
            return _pool(n_workers, environment).submit(_attempt_packed, path, index)
        except BrokenProcessPool:  # an idle worker was killed since the last call
            end_workers()
            return _pool(n_workers, environment).submit(_attempt_packed, path, index)


def _pool(n_workers: int, environment: dict[str, str]) -> Executor:
    """The present pool if it suits, or else a new one."""
    size, made_for = _Pool.made_for or (0, None)
    used_up = _Pool.jobs >= _JOBS_PER_WORKER * n_workers
    if used_up or size < n_workers or made_for != environment:
        end_workers(kill=False)
        # Not loky's reusable pool: there is one a process, and joblib takes it for its own.
        _Pool.executor = loky.ProcessPoolExecutor(
            n_workers, timeout=_IDLE_SECONDS, env=environment, initializer=_begin_worker
        )
        _Pool.made_for = (n_workers, environment)
    _Pool.jobs += 1
    pool: Executor = _Pool.executor
    return pool


def _begin_worker() -> None:
    """In a worker: it may grow, as loky ends, with a warning, those that grow by 300 MB after
    their first job, and loading TensorFlow does that; and it ends when its parent has died."""
    loky.process_executor._USE_PSUTIL = False
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process once another one is its parent: its own was killed."""
    while os.getppid() == parent:
        time.sleep(_LOOKS_UP_SECONDS / 2)
    os._exit(1)


def end_workers(*, kill: bool = True) -> None:
    """End the worker processes: at once, or when they have done what is under way."""
    with _Pool.lock:
        if _Pool.executor is not None:
            _Pool.executor.shutdown(wait=True, kill_workers=kill)
        _Pool.executor, _Pool.made_for, _Pool.jobs = None, None, 0


@contextlib.contextmanager
def _ended_on_error() -> Iterator[None]:
    """On Ctrl-C, or if whoever takes the outcomes gives up, nothing works on."""
    try:
        yield
    except BaseException:
        end_workers()
        raise


@contextlib.contextmanager
def _packed(work: Work, payload: Any) -> Iterator[str]:
    """The path of a file with what all jobs share, which each worker reads once."""
    _remove_left()
    handle, path = tempfile.mkstemp(prefix=f"mlj_keras_{os.getpid()}_", suffix=".jobs")
    try:
        with os.fdopen(handle, "wb") as file:
            cloudpickle.dump((work, payload), file)
        yield path
    finally:
        os.unlink(path)


def _remove_left() -> None:
    """Remove what processes that were killed have left."""
    for path in Path(tempfile.gettempdir()).glob("mlj_keras_*_*.jobs"):
        number = path.name.split("_")[2]
        if number.isdigit() and not runs(int(number)):
            with contextlib.suppress(OSError):  # of another user, or gone by now
                path.unlink()


@functools.lru_cache(maxsize=1)
def _unpacked(path: str) -> tuple[Work, Any]:
    with open(path, "rb") as file:
        job: tuple[Work, Any] = pickle.load(file)
        return job


def _attempt_packed(path: str, index: int) -> bytes:
    work, payload = _unpacked(path)
    return attempt_packed(work, payload, index)
