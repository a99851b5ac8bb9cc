"""A function run by several processes that know of each other."""

from __future__ import annotations

import importlib
import json
import os
import signal
import time
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, WorkerLostError
from mlj_keras.launching.launch import launch, run_workers

pytestmark = pytest.mark.slow


def test_each_worker_runs_the_function_and_the_results_come_in_their_order(
    capfd: pytest.CaptureFixture[str],
) -> None:
    factor = 10

    def work(number: int) -> Any:  # a closure
        config = json.loads(os.environ["TF_CONFIG"])
        print("my index is", config["task"]["index"])
        return number * factor + config["task"]["index"], config["cluster"]["worker"]

    (first, cluster), (second, again) = launch(work, workers=2, args=(4,))
    assert (first, second) == (40, 41)
    assert cluster == again and len(set(cluster)) == 2
    written = capfd.readouterr().err
    assert "[worker 0] my index is 0" in written and "[worker 1] my index is 1" in written


def test_a_worker_that_raises_is_named_with_what_it_wrote() -> None:
    def work() -> None:
        raise ValueError("these data are bad")

    with pytest.raises(WorkerLostError, match="(?s)Worker 0 of 1 ended with code 1.*data are bad"):
        launch(work, workers=1)


def test_a_worker_that_is_killed_is_named_and_the_others_are_ended() -> None:
    def work() -> None:
        if json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        raise SystemExit(3)

    with pytest.raises(
        WorkerLostError, match="Worker [01] of 2 (was ended by SIGKILL|ended with code)"
    ):
        launch(work, workers=2)


def test_workers_that_hang_are_ended_after_some_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(run_workers.__globals__, "SECONDS_OF_GRACE", 1.0)

    def work() -> None:
        if json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(300)

    began = time.monotonic()
    with pytest.raises(WorkerLostError, match="Worker 1 of 2 was ended by SIGKILL"):
        launch(work, workers=2)
    assert time.monotonic() - began < 120, "it did not wait for the one that hangs"


@pytest.mark.parametrize("workers", [0, -1, 1.0, True, "2"])
def test_less_than_one_worker_is_refused(workers: Any) -> None:
    with pytest.raises(InvalidArgument, match="workers must be an int of 1 or more"):
        mlj.launch(print, workers=workers)


def test_what_cannot_be_run_at_all_is_told() -> None:
    with pytest.raises(WorkerLostError, match="(?s)Worker 0 of 1 ended with code 1.*No such file"):
        run_workers([["--job", "no_such_file", "result"]])


def test_a_function_that_ends_its_process_is_told() -> None:
    with pytest.raises(WorkerLostError, match="Worker 0 of 1 ended without a result"):
        launch(lambda: os._exit(0), workers=1)


def test_modules_that_are_found_here_are_found_there(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_here_found.py").write_text("def answer():\n    return 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("only_here_found")
    assert launch(module.answer, workers=1) == [42]
