"""Independent jobs run one after another, in threads, in processes, or by a joblib backend.

A job is `work(payload, index)`; what it returns does not depend on where it ran. An exception in a
job is its outcome, and stops no other. Knows nothing of models.
Source: ComputationalResources.jl (`CPUThreads`, `CPUProcesses`), as used by MLJBase.jl,
src/resampling/evaluate.jl.
"""

from __future__ import annotations

import dataclasses
import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import cloudpickle  # type: ignore[import-untyped]  # it comes without types
import joblib
import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.errors import InvalidArgument, WorkerLostError
from mlj_keras.parallel.acceleration import CPU1
from mlj_keras.storage.records import storable

# What sets the threads of TensorFlow, and of other libraries, in a new process.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
Work = Callable[[Any, int], Any]


def _count(n: Any, name: str) -> None:
    if n is not None and (type(n) is not int or n < 1):
        raise InvalidArgument(
            f"{name}(n) takes an int of 1 or more, or None for one a core, got {n!r}. Write "
            f"{name}(2)."
        )


@storable
@dataclasses.dataclass(frozen=True)
class CPUThreads:
    """Threads of this process.

    Networks share compiled programs, which train one machine at a time: threads gain where models
    are other packages' or data are large; `CPUProcesses` gains more. Ctrl-C waits for the jobs
    that are under way.

    Args: n: how many; None for one a core.
    Raises: InvalidArgument if n is no count.
    Example:
        >>> CPUThreads(2)
        CPUThreads(n=2)

    Source: ComputationalResources.jl, `CPUThreads`.
    """

    n: int | None = None

    def __post_init__(self) -> None:
        _count(self.n, "CPUThreads")

    @property
    def n_workers(self) -> int:
        """How many threads."""
        return self.n or joblib.cpu_count()


@storable
@dataclasses.dataclass(frozen=True)
class CPUProcesses:
    """Processes of this machine, each with its own TensorFlow and its share of the cores.

    They start at first use, which takes some seconds, and are used again by later calls until
    they have been idle for five minutes. Each has the number of threads that `set_threads` said,
    or else its share of the cores.

    Args: n: how many at most; None for one a core. There are no more than jobs.
    Raises: InvalidArgument if n is no count.
    Example:
        >>> CPUProcesses(2)
        CPUProcesses(n=2)

    Source: ComputationalResources.jl, `CPUProcesses`; the pool is joblib's loky.
    """

    n: int | None = None

    def __post_init__(self) -> None:
        _count(self.n, "CPUProcesses")

    @property
    def n_workers(self) -> int:
        """How many processes."""
        return self.n or joblib.cpu_count()


JobAcceleration = CPU1 | CPUThreads | CPUProcesses | str


def check_job_acceleration(value: Any) -> JobAcceleration:
    """CPU1(), CPUThreads(n), CPUProcesses(n) or the name of a joblib backend; None is CPU1().

    Raises: InvalidArgument for anything else.
    """
    if value is None:
        return CPU1()
    if isinstance(value, CPU1 | CPUThreads | CPUProcesses) or (isinstance(value, str) and value):
        return value
    raise InvalidArgument(
        "acceleration must be CPU1(), CPUThreads(n), CPUProcesses(n) or the name of a joblib "
        f"backend such as 'dask', got {value!r}. Where each network trains is the acceleration "
        "of its model."
    )


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Args: index: which · result: what it returned · error: what it raised, or None · warned: what
        it warned of in another process: categories and texts.
    """

    index: int
    result: Any = None
    error: BaseException | None = None
    warned: tuple[tuple[type[Warning], str], ...] = ()


def run_jobs(
    work: Work, payload: Any, n_jobs: int, acceleration: JobAcceleration
) -> Iterator[Outcome]:
    """The outcomes of work(payload, 0), ..., work(payload, n_jobs - 1), as they are done.

    A job whose process is killed is run once more, alone in a new process; WorkerLostError is its
    outcome if that is killed, too. What jobs warn of in other processes is said here, once.

    Raises: InvalidArgument for an unknown joblib backend; KeyboardInterrupt ends the workers.
    """
    said: set[tuple[type[Warning], str]] = set()
    for outcome in _outcomes(work, payload, n_jobs, acceleration):
        for category, text in set(outcome.warned) - said:
            warn(text, category)
        said.update(outcome.warned)
        yield outcome


def _outcomes(
    work: Work, payload: Any, n_jobs: int, acceleration: JobAcceleration
) -> Iterator[Outcome]:
    if isinstance(acceleration, str):
        yield from _by_joblib(work, payload, n_jobs, acceleration)
    elif isinstance(acceleration, CPUThreads) and n_jobs > 1:
        with ThreadPoolExecutor(min(acceleration.n_workers, n_jobs)) as pool:
            futures = [pool.submit(attempt, work, payload, index) for index in range(n_jobs)]
            try:
                for future in as_completed(futures):
                    yield future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
    elif isinstance(acceleration, CPUProcesses) and n_jobs > 0:
        from mlj_keras.parallel.processes import run_in_processes  # it takes outcomes from here

        yield from run_in_processes(work, payload, n_jobs, acceleration.n_workers)
    else:
        for index in range(n_jobs):
            yield attempt(work, payload, index)


def attempt(work: Work, payload: Any, index: int) -> Outcome:
    """Run one job; its exception is its outcome."""
    try:
        return Outcome(index, work(payload, index))
    except Exception as error:
        return Outcome(index, error=error)


def attempt_elsewhere(packed: np.ndarray, index: int, home: int | None = None) -> bytes:
    """Run one job in another process; its outcome is pickled, whatever it holds.

    Args: home: the process that asked. In a thread of that one warnings are left to it: what hears
        them is there for all threads alike.
    """
    work, payload = pickle.loads(packed.tobytes())
    if os.getpid() == home:
        return pack_outcome(attempt(work, payload, index))
    return attempt_packed(work, payload, index)


def attempt_packed(work: Work, payload: Any, index: int) -> bytes:
    """Run one job, hear what it warns of, and pickle its outcome."""
    with warnings.catch_warnings(record=True) as heard:
        outcome = attempt(work, payload, index)
    warned = tuple(dict.fromkeys((each.category, str(each.message)) for each in heard))
    return pack_outcome(dataclasses.replace(outcome, warned=warned))


def pack_outcome(outcome: Outcome) -> bytes:
    """The outcome pickled; a result or an exception that cannot be is told in words."""
    if outcome.error is None:
        try:
            return bytes(cloudpickle.dumps(outcome))
        except Exception as error:  # whatever the result holds
            told = TypeError(
                f"What the job returned, {type(outcome.result).__name__}, cannot be brought back "
                f"from another process: {error}. Use CPU1() or CPUThreads(n)."
            )
            return bytes(cloudpickle.dumps(Outcome(outcome.index, error=told)))
    where = "".join(traceback.format_exception(outcome.error))
    outcome.error.add_note(f"In a worker process:\n{where}")
    told_error = RuntimeError(f"{type(outcome.error).__name__}: {outcome.error}")
    told_error.add_note(f"In a worker process:\n{where}")
    for raised in (outcome.error, _Dismantled(outcome.error)):
        packed = _pickled(dataclasses.replace(outcome, error=raised))
        if packed is not None:
            return packed
    return bytes(cloudpickle.dumps(dataclasses.replace(outcome, error=told_error)))


def _pickled(outcome: Outcome) -> bytes | None:
    """The outcome pickled, or None if it cannot be read again."""
    try:
        packed = bytes(cloudpickle.dumps(outcome))
        pickle.loads(packed)
        return packed
    except Exception:  # whatever the exception holds or wants
        return None


class _Dismantled(Exception):
    """Stands for an exception that pickle does not know how to call, such as one whose class takes
    two arguments and hands on one; is that exception again when it is read."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return _assembled, (type(self.error), self.error.args, vars(self.error))


def _assembled(cls: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


def _by_joblib(work: Work, payload: Any, n_jobs: int, backend: str) -> Iterator[Outcome]:
    packed = np.frombuffer(cloudpickle.dumps((work, payload)), np.uint8)  # backends share arrays
    waiting = dict.fromkeys(range(n_jobs))
    for last_try in (False, True):
        parallel = _parallel(backend, packed)
        call = joblib.delayed(attempt_elsewhere)
        try:
            for done in parallel(call(packed, i, os.getpid()) for i in list(waiting)):
                outcome: Outcome = pickle.loads(done)
                del waiting[outcome.index]
                yield outcome
            return
        except _lost_by(backend) as error:  # those that did not come back once more
            if last_try:
                raise WorkerLostError(
                    f"A worker process of joblib's backend {backend!r} was killed, and one of the "
                    f"second try, too. Use fewer processes, or CPU1(). {error}"
                ) from error


def _parallel(backend: str, packed: np.ndarray) -> joblib.Parallel:
    """What runs jobs, and gives outcomes as they are done if the backend can."""
    # A copy for each worker of dask: of one alone nothing is left if that is killed.
    options: dict[str, Any] = {"scatter": [packed]} if backend == "dask" else {}
    try:
        with joblib.parallel_config(backend=backend, **options):  # Parallel does not know "dask"
            try:
                return joblib.Parallel(n_jobs=-1, return_as="generator_unordered")
            except ValueError:
                return joblib.Parallel(n_jobs=-1)
    except (ValueError, ImportError) as error:
        raise InvalidArgument(
            f"joblib has no backend {backend!r} here ({error}). Use CPUProcesses(n), or register "
            "it; for 'dask' start a dask.distributed.Client first."
        ) from error


def _lost_by(backend: str) -> tuple[type[BaseException], ...]:
    """The exceptions by which a backend says that a worker was killed."""
    if backend != "dask":
        return (BrokenProcessPool,)
    killed = sys.modules["distributed"].KilledWorker
    return killed, CancelledError


def threads_of_worker(n_workers: int) -> dict[str, str]:
    """The environment that gives one of so many processes its share of the cores, or what the
    environment says already."""
    share = str(max(1, joblib.cpu_count() // n_workers))
    return {name: os.environ.get(name, share) for name in THREADS}
