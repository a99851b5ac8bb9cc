"""Independent jobs give the same outcomes wherever they run, and an exception is one of them."""

from __future__ import annotations

import pickle
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest

from mlj_keras.errors import InvalidArgument
from mlj_keras.parallel import CPU1, CPUProcesses, CPUThreads
from mlj_keras.parallel.acceleration import GPU
from mlj_keras.parallel.jobs import (
    THREADS,
    Outcome,
    attempt,
    attempt_elsewhere,
    check_job_acceleration,
    pack_outcome,
    run_jobs,
    threads_of_worker,
)
from mlj_keras.parallel.processes import end_workers

# Workers get the functions below themselves, not the name of this file, which they cannot import.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

HERE = [CPU1(), CPUThreads(2), "threading"]
ELSEWHERE = [CPUProcesses(2), "loky"]


@pytest.fixture(scope="module", autouse=True)
def workers_end() -> Iterator[None]:
    """No worker outlives this file."""
    yield
    end_workers()
    joblib.externals.loky.get_reusable_executor().shutdown(kill_workers=True)


class OwnError(Exception):
    """An exception that needs two arguments to be made: it cannot be unpickled."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(f"{what}: {code}")


def power(payload: dict[str, int], index: int) -> int:
    return int(payload["base"] ** index)


def power_or_error(payload: dict[str, int], index: int) -> int:
    if index == 1:
        raise ZeroDivisionError("the second job")
    if index == 2:
        raise OwnError("the third job", 3)
    return power(payload, index)


def outcomes(work: Any, payload: Any, n_jobs: int, where: Any) -> list[Outcome]:
    """In the order of the jobs."""
    return sorted(run_jobs(work, payload, n_jobs, where), key=lambda outcome: outcome.index)


@pytest.mark.parametrize("where", HERE, ids=str)
def test_jobs_give_their_results_and_their_exceptions_in_this_process(where: Any) -> None:
    assert outcomes(power, {"base": 3}, 4, where) == [Outcome(i, 3**i) for i in range(4)]
    assert outcomes(power, {"base": 3}, 1, where) == [Outcome(0, 1)]
    assert outcomes(power, {"base": 3}, 0, where) == []
    check_errors(outcomes(power_or_error, {"base": 3}, 4, where))


@pytest.mark.slow
@pytest.mark.parametrize("where", ELSEWHERE, ids=str)
def test_jobs_give_the_same_in_other_processes(where: Any) -> None:
    assert outcomes(power, {"base": 3}, 4, where) == [Outcome(i, 3**i) for i in range(4)]
    assert outcomes(power, {"base": 3}, 0, where) == []
    found = outcomes(power_or_error, {"base": 3}, 4, where)
    check_errors(found)
    for each in found[1:3]:
        (note,) = each.error.__notes__
        assert note.startswith("In a worker process:\nTraceback")
        assert "in power_or_error" in note


def check_errors(found: list[Outcome]) -> None:
    """The second and the third job failed, and the others did not."""
    assert [each.result for each in found] == [1, None, None, 27]
    assert [each.index for each in found] == [0, 1, 2, 3]
    assert found[0].error is None and found[3].error is None
    assert type(found[1].error) is ZeroDivisionError
    assert str(found[1].error) == "the second job"
    assert type(found[2].error) is OwnError and str(found[2].error) == "the third job: 3"


@pytest.mark.slow
def test_what_workers_cannot_give_back_is_told_in_words() -> None:
    def work(payload: None, index: int) -> Any:
        return threading.Lock() if index else index

    right, lost = outcomes(work, None, 2, CPUProcesses(2))
    assert right == Outcome(0, 0)
    assert isinstance(lost.error, TypeError)
    assert "What the job returned, lock, cannot be brought back" in str(lost.error)
    assert "Use CPU1() or CPUThreads(n)." in str(lost.error)


class Counted:
    """Counts how often it is pickled."""

    times = 0

    def __reduce__(self) -> Any:
        Counted.times += 1
        return (int, (7,))


@pytest.mark.slow
@pytest.mark.parametrize("where", ["threading", CPUProcesses(2)], ids=str)
def test_what_jobs_share_is_pickled_once(where: Any) -> None:
    Counted.times = 0
    found = outcomes(lambda payload, index: payload + index, Counted(), 5, where)
    assert [each.result for each in found] == [7, 8, 9, 10, 11]
    assert Counted.times == 1


def test_what_jobs_share_is_not_copied_in_this_process() -> None:
    payload = Counted()
    for where in (CPU1(), CPUThreads(2)):
        found = outcomes(lambda shared, index: shared, payload, 2, where)
        assert all(each.result is payload for each in found)


def test_threads_run_side_by_side() -> None:
    first = threading.Event()

    def work(payload: None, index: int) -> bool:
        return first.wait(10) if index == 0 else first.set() or True

    found = list(run_jobs(work, None, 2, CPUThreads(2)))
    assert [each.result for each in found] == [True, True]  # the first waits for the second


def test_threads_begin_no_more_jobs_once_nobody_takes_the_outcomes() -> None:
    begun = []

    def work(payload: None, index: int) -> None:
        begun.append(index)
        time.sleep(0.01)

    taken = run_jobs(work, None, 500, CPUThreads(2))
    next(taken)
    taken.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(begun) < 250


def test_one_after_another_a_job_begins_when_its_outcome_is_wanted() -> None:
    begun: list[int] = []
    taken = run_jobs(lambda payload, index: begun.append(index), None, 3, CPU1())
    next(taken)
    assert begun == [0]


@pytest.mark.parametrize("where", [CPU1(), CPUThreads(2)], ids=str)
def test_ctrl_c_in_a_job_is_no_outcome(where: Any) -> None:
    def work(payload: None, index: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run_jobs(work, None, 2, where))


def test_a_job_elsewhere_gives_a_pickled_outcome() -> None:
    packed = np.frombuffer(cloudpickle.dumps((power, {"base": 2})), np.uint8)
    assert pickle.loads(attempt_elsewhere(packed, 5)) == Outcome(5, 32)
    other = np.frombuffer(cloudpickle.dumps((power, {})), np.uint8)
    failed = pickle.loads(attempt_elsewhere(other, 5))
    assert (failed.index, type(failed.error), failed.error.args) == (5, KeyError, ("base",))


def test_an_exception_that_cannot_be_pickled_is_told_in_words() -> None:
    holding = ValueError("holds a lock")
    holding.lock = threading.Lock()  # type: ignore[attr-defined]
    outcome = attempt(raising, holding, 4)
    assert outcome.error is holding
    back = pickle.loads(pack_outcome(outcome))
    words = "ValueError: holds a lock"
    assert (back.index, type(back.error), str(back.error)) == (4, RuntimeError, words)
    assert "in raising" in back.error.__notes__[0]


def test_an_exception_of_a_class_with_other_arguments_keeps_its_class_and_attributes() -> None:
    error = OwnError("two arguments", 5)
    error.code = 7  # type: ignore[attr-defined]  # as those that callers look at
    back = pickle.loads(pack_outcome(attempt(raising, error, 4))).error
    assert (type(back), str(back), back.code) == (OwnError, "two arguments: 5", 7)
    assert "in raising" in back.__notes__[0]


def warning(payload: str, index: int) -> int:
    """Warns of the same thing in each job, and of one in the last."""
    warnings.warn(payload, UserWarning, stacklevel=1)
    if index == 2:
        warnings.warn("the last", DeprecationWarning, stacklevel=1)
    return index


@pytest.mark.slow
@pytest.mark.parametrize("where", [CPUProcesses(2), "loky"])
def test_what_workers_warn_of_is_said_once_to_the_caller(where: Any) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        done = outcomes(warning, "beware", 3, where)
    assert [each.result for each in done] == [0, 1, 2]
    assert [str(w.message) for w in heard if w.category is UserWarning] == ["beware"]
    assert {w.filename for w in heard if str(w.message) == "beware"} == {__file__}


def test_processes_are_asked_for_by_the_acceleration(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        "mlj_keras.parallel.processes.run_in_processes",
        lambda work, payload, n_jobs, n_workers: asked.append(n_workers) or iter(()),
    )
    list(run_jobs(power, {}, 3, CPUProcesses(64)))
    list(run_jobs(power, {}, 3, CPUProcesses(2)))
    assert asked == [64, 2]


def raising(payload: Exception, index: int) -> None:
    raise payload


def test_an_exception_comes_back_with_its_traceback_as_a_note() -> None:
    back = pickle.loads(pack_outcome(attempt(raising, KeyError("k"), 0))).error
    assert type(back) is KeyError and back.args == ("k",)
    assert back.__notes__[0].startswith("In a worker process:\nTraceback (most recent call last)")
    assert "raise payload" in back.__notes__[0]


@pytest.mark.parametrize("kind", [CPUThreads, CPUProcesses])
def test_workers_are_counted_and_anything_but_a_count_is_refused(kind: Any) -> None:
    assert kind(3).n_workers == 3 and kind() == kind(None)
    assert kind().n_workers == joblib.cpu_count()
    assert kind(2) == kind(2) != kind(3) and len({kind(2), kind(2)}) == 1
    for wrong in (0, -1, 1.0, True, "2"):
        words = rf"{kind.__name__}\(n\) takes an int of 1 or more, .*Write {kind.__name__}\(2\)"
        with pytest.raises(InvalidArgument, match=words):
            kind(wrong)


def test_each_process_gets_its_share_of_the_cores_or_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    for n_workers, share in ((1, "8"), (2, "4"), (3, "2"), (8, "1"), (20, "1")):
        assert threads_of_worker(n_workers) == dict.fromkeys(THREADS, share)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert threads_of_worker(2) == {**dict.fromkeys(THREADS, "4"), "OMP_NUM_THREADS": "5"}
    assert "TF_NUM_INTRAOP_THREADS" in THREADS


@pytest.mark.parametrize("value", [CPU1(), CPUThreads(2), CPUProcesses(1), "dask"], ids=str)
def test_an_acceleration_of_jobs_is_taken_as_it_is(value: Any) -> None:
    assert check_job_acceleration(value) is value
    assert check_job_acceleration(None) == CPU1()


@pytest.mark.parametrize("value", ["", 2, CPUThreads, GPU(0), ["dask"]], ids=str)
def test_another_acceleration_of_jobs_is_refused(value: Any) -> None:
    words = r"must be CPU1\(\), CPUThreads\(n\).*Where each network trains is the acceleration of"
    with pytest.raises(InvalidArgument, match=words):
        check_job_acceleration(value)


def test_an_unknown_backend_is_refused() -> None:
    words = r"joblib has no backend 'nonsense' here .*Use CPUProcesses\(n\), or register it"
    with pytest.raises(InvalidArgument, match=words):
        list(run_jobs(power, {"base": 1}, 2, "nonsense"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # dask's own
def test_jobs_give_the_same_on_a_cluster_of_dask() -> None:
    distributed = pytest.importorskip("distributed", reason="dask is an extra")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        assert outcomes(power, {"base": 3}, 4, "dask") == [Outcome(i, 3**i) for i in range(4)]
        check_errors(outcomes(power_or_error, {"base": 3}, 4, "dask"))


def slow_or_quick(seconds: list[float], index: int) -> float:
    time.sleep(seconds[index])
    return seconds[index]


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_backend_gives_outcomes_as_they_are_done(backend: str) -> None:
    found = [each.index for each in run_jobs(slow_or_quick, [1.5, 0.0], 2, backend)]
    assert found == [1, 0]


def test_a_backend_that_cannot_give_them_one_by_one_gives_them_all() -> None:
    assert {each.result for each in run_jobs(power, {"base": 2}, 3, "sequential")} == {1, 2, 4}
