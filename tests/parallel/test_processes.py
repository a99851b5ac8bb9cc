"""The pool of worker processes: kept, replaced, ended; and jobs whose process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
import pytest

from mlj_keras.errors import WorkerLostError
from mlj_keras.parallel import processes
from mlj_keras.parallel.jobs import THREADS, Outcome, run_jobs
from mlj_keras.parallel.processes import end_workers, run_in_processes

pytestmark = pytest.mark.slow  # each pool takes seconds to start

# Workers get the functions below themselves, not the name of this file, which they cannot import.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module", autouse=True)
def workers_end() -> Iterator[None]:
    """No worker outlives this file."""
    yield
    end_workers()


def whereabouts(names: Any, index: int) -> tuple[int, list[str | None]]:
    return os.getpid(), [os.environ.get(name) for name in names]


def killed_if(where: tuple[Path, str], index: int) -> int:
    """Twice the index; job 1 is killed, the first time or always."""
    folder, when = where
    tried = folder / str(index)
    first = not tried.exists()
    tried.touch()
    if index == 1 and (first or when == "always"):
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * index


def slow_after_the_first(folder: Path, index: int) -> int:
    if index:
        time.sleep(60)
    (folder / str(index)).touch()
    return os.getpid()


def pids(n_jobs: int = 4, n_workers: int = 2) -> list[int]:
    """The process of each of some jobs."""
    found = list(run_in_processes(whereabouts, (), n_jobs, n_workers))
    assert [each.error for each in found] == [None] * n_jobs
    return [each.result[0] for each in sorted(found, key=lambda each: each.index)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests, which run at the same time, have jobs too.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("jobs")))


def files() -> set[Path]:
    """What jobs share, on disk."""
    return set(Path(tempfile.gettempdir()).glob("mlj_keras_*.jobs"))


def test_the_same_processes_with_their_share_of_the_cores_serve_later_calls() -> None:
    end_workers()
    first = set(pids())
    running = set(processes._Pool.executor._processes)
    assert first <= running and len(running) == 2 and os.getpid() not in running
    assert set(pids(20)) <= running
    names = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "TF_FORCE_GPU_ALLOW_GROWTH")
    share = str(max(1, joblib.cpu_count() // 2))
    for each in run_in_processes(whereabouts, names, 2, 2):
        assert each.result[0] in running
        assert each.result[1] == [os.environ.get(names[0], share), share, "true"]
    assert list(run_in_processes(whereabouts, (), 0, 2)) == []


def test_processes_of_joblib_and_ours_do_not_mind_each_other() -> None:
    pids()
    running = set(processes._Pool.executor._processes)
    squares = joblib.Parallel(n_jobs=2)(joblib.delayed(pow)(i, 2) for i in range(4))
    assert squares == [0, 1, 4, 9]
    assert set(pids()) <= running
    joblib.externals.loky.get_reusable_executor().shutdown(kill_workers=True)
    assert set(pids()) <= running


def test_what_cannot_be_sent_to_a_process_is_raised_and_leaves_no_file() -> None:
    before = files()
    with pytest.raises(TypeError, match="cannot pickle 'generator' object"):
        list(run_in_processes(whereabouts, (i for i in "ab"), 2, 2))
    assert files() <= before


def test_a_process_killed_between_two_calls_is_replaced() -> None:
    killed = pids()[0]
    os.kill(killed, signal.SIGKILL)
    assert killed not in pids(6)
    time.sleep(0.5)  # long enough for the loss to be known
    assert killed not in pids(6)
    end_workers()


def test_processes_are_replaced_when_they_are_used_up_or_their_threads_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "_JOBS_PER_WORKER", 3)
    first, *others = pids(5, n_workers=1)
    assert others[:2] == [first, first] and first not in others[2:]
    assert others[2] == others[3] and not is_alive(first)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "7")
    (other,) = run_in_processes(whereabouts, ("TF_NUM_INTRAOP_THREADS",), 1, 1)
    assert other.result[1] == ["7"]
    assert other.result[0] != others[3] and not is_alive(others[3])
    end_workers()
    assert not is_alive(other.result[0])
    end_workers()  # there is none to end


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, GeneratorExit])
def test_ctrl_c_and_giving_up_end_the_workers_at_once(interrupt: Any, tmp_path: Path) -> None:
    before = files()
    outcomes = run_in_processes(slow_after_the_first, tmp_path, 3, 1)
    first = next(outcomes)
    assert files() > before
    began = time.monotonic()
    with pytest.raises(interrupt):
        outcomes.throw(interrupt)  # type: ignore[attr-defined]  # it is a generator
    assert time.monotonic() - began < 20  # of the 60 s that a job takes
    assert not is_alive(first.result)
    assert [path.name for path in tmp_path.iterdir()] == ["0"]
    assert files() <= before


def test_ctrl_c_while_jobs_run_ends_the_workers_at_once(tmp_path: Path) -> None:
    outcomes = run_in_processes(slow_after_the_first, tmp_path, 2, 1)
    pid = next(outcomes).result
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(outcomes)
    assert time.monotonic() - began < 20 and not is_alive(pid)


def test_a_job_whose_process_is_killed_is_run_once_more(tmp_path: Path) -> None:
    found = list(run_in_processes(killed_if, (tmp_path, "first"), 4, 2))
    assert sorted(found, key=lambda each: each.index) == [Outcome(i, 2 * i) for i in range(4)]


def test_a_job_whose_process_is_killed_twice_is_lost_and_no_other(tmp_path: Path) -> None:
    found = list(run_in_processes(killed_if, (tmp_path, "always"), 4, 2))
    outcomes = {each.index: each for each in found}
    assert [outcomes[i] for i in (0, 2, 3)] == [Outcome(i, 2 * i) for i in (0, 2, 3)]
    assert isinstance(outcomes[1].error, WorkerLostError)
    words = "Its worker process was killed, and so was the second one.*Use fewer processes, or"
    with pytest.raises(WorkerLostError, match=words):
        raise outcomes[1].error


def test_a_process_of_a_joblib_backend_that_is_killed_once_changes_nothing(tmp_path: Path) -> None:
    flag = str(tmp_path / "killed")
    found = sorted(run_jobs(killed_once, flag, 3, "loky"), key=lambda outcome: outcome.index)
    assert Path(flag).exists() and [outcome.result for outcome in found] == [0, 1, 2]


def killed_once(flag: str, index: int) -> int:
    """Kill this process, the first time."""
    if index == 1 and not os.path.exists(flag):
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return index


def grows(_: None, index: int) -> int:
    """A small job first, then one that takes 500 MB and keeps them."""
    if index:
        setattr(processes, "kept", bytearray(500 * 2**20))  # noqa: B010  (there for this test alone)
        time.sleep(1.5)
    return index


def test_a_worker_that_grows_is_left_alone() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = list(run_in_processes(grows, None, 4, 1))
    assert [each.result for each in found] == [0, 1, 2, 3]
    end_workers()


def test_there_are_no_more_processes_than_jobs_and_a_larger_pool_serves_fewer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    end_workers()
    threads = [n_threads(n_jobs, n_workers=2) for n_jobs in (1, 2, 1)]
    assert len(set(threads)) == 1  # whatever the number of jobs: results may depend on it
    assert processes._Pool.made_for[0] == 2
    end_workers()
    n_threads(1, n_workers=2)
    assert processes._Pool.made_for[0] == 1


def environment(name: str, index: int) -> str | None:
    return os.environ.get(name)


def n_threads(n_jobs: int, n_workers: int) -> str:
    """What workers are told of threads."""
    found = list(run_in_processes(environment, THREADS[0], n_jobs, n_workers))
    return str({each.result for each in found})


KILLED = """
import os, signal, sys, threading, time
from mlj_keras.parallel.jobs import run_jobs
from mlj_keras import CPUProcesses

def sleep(payload, index):
    with open(os.path.join(payload, str(os.getpid())), "w"):
        time.sleep(60)

if __name__ == "__main__":
    folder = sys.argv[1]
    def wait_and_die():
        while len(os.listdir(folder)) < 2:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=wait_and_die).start()
    list(run_jobs(sleep, folder, 2, CPUProcesses(2)))
"""


def test_workers_end_soon_after_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(KILLED)
    (tmp_path / "pids").mkdir()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "pids")],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    deadline = time.monotonic() + 20  # half a second, and whatever else the machine does
    while any(map(processes.runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(pids) == 2 and not any(map(processes.runs, pids))


def test_what_a_killed_process_has_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = tmp_path / f"mlj_keras_{int(ended.stdout)}_abc.jobs"
    own = tmp_path / f"mlj_keras_{os.getpid()}_abc.jobs"
    for path in (left, own):
        path.write_bytes(b"")
    assert [out.result for out in run_in_processes(lambda payload, index: index, None, 1, 1)] == [
        0
    ]
    assert not left.exists() and own.exists()
