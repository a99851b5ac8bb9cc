"""Processes of a cluster train what one process trains, and notice when one of them is lost."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import WorkerLostError
from mlj_keras.parallel.cluster import Cluster
from tests.batteries.containers import numbers, output
from tests.conformance.test_replicas import (
    CASES,
    DROPPING,
    X,
    Y,
    arrays_of,
    check_equal,
    check_same_law,
    embedded,
    trained,
)

pytestmark = pytest.mark.slow
FEW = ("dense, weighted", "many levels", "images, normalised")


def index() -> int:
    return int(json.loads(os.environ["TF_CONFIG"])["task"]["index"])


def train_all(cases: list[str]) -> dict[str, Any]:
    """What a worker does: arrays, predictions and where it was, of each case; twice."""
    found: dict[str, Any] = {"embedded": embedded(mlj.MultiWorker())}
    for case in cases:
        mach = trained(case, mlj.MultiWorker(), epochs=2)
        mach.model.epochs = 3  # a warm restart
        mlj.fit(mach, verbosity=0)
        again = trained(case, mlj.MultiWorker())
        same = mlj.snapshot(mach) == mlj.snapshot(again)
        predicted = numbers(output(mach, CASES[case][1]))
        found[case] = arrays_of(mach), predicted, mlj.report(mach).device, same
    return found


@functools.cache
def on_workers(n: int) -> list[dict[str, Any]]:
    return mlj.launch(train_all, workers=n, args=(list(CASES if n == 2 else FEW),))


@functools.cache
def embedded_alone() -> np.ndarray:
    return embedded(mlj.CPU1())


@functools.cache
def on_one(case: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    mach = trained(case, mlj.CPU1())
    return arrays_of(mach), numbers(output(mach, CASES[case][1]))


@pytest.mark.parametrize(("n", "case"), [*((2, c) for c in CASES), *((3, c) for c in FEW)])
def test_workers_train_and_predict_what_one_process_does(n: int, case: str) -> None:
    arrays, predicted = on_one(case)
    tol = 1e-4 if "normalised" in case else 1e-5
    for number, worker in enumerate(on_workers(n)):
        found, theirs, device, same = worker[case]
        check_equal(found, arrays, tol)
        np.testing.assert_allclose(theirs, predicted, rtol=1e-3, atol=1e-4)
        assert device == f"MultiWorker, worker {number} of {n}, on /CPU:0"
        assert same, "two trainings of a place are equal to the bit, restarted or not"
        np.testing.assert_allclose(worker["embedded"], embedded_alone(), rtol=1e-4, atol=1e-5)
    first, *others = on_workers(n)
    for other in others:
        assert all(np.array_equal(first[case][0][key], a) for key, a in other[case][0].items())


def kill(folder: str) -> None:
    Path(folder, "killed").write_text(str(time.time()))
    os.kill(os.getpid(), signal.SIGKILL)


def train_until_killed(folder: str, seconds: float) -> str:
    """Train with a checkpoint; the last worker is killed some seconds into it, unless 0."""
    workers = json.loads(os.environ["TF_CONFIG"])["cluster"]["worker"]
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=(8,)),
        epochs=20,
        batch_size=8,
        rng=3,
        acceleration=mlj.MultiWorker(),
    )
    mach = mlj.machine(model, X, Y)
    if seconds and index() == len(workers) - 1:
        threading.Timer(seconds, kill, args=(folder,)).start()
    checkpoint = mlj.Checkpoint(f"{folder}/run.ckpt", every=2)
    try:
        mlj.fit(mach, checkpoint=checkpoint, verbosity=0)
    except WorkerLostError as error:
        killed = float(Path(folder, "killed").read_text())
        text = json.dumps([time.time() - killed, str(error)])
        Path(folder, f"lost{index()}").write_text(text)
        raise
    if seconds:
        Path(folder, "done").touch()
    return mlj.snapshot(mach).digest()


def check_kill(folder: Path, seconds: float) -> float:
    """A worker is killed; the other says so, and both together end as if nothing had been.

    Returns: the seconds from the kill to the error of the other worker.
    """
    with pytest.raises(WorkerLostError, match="Worker 1 of 2 was ended by SIGKILL"):
        mlj.launch(train_until_killed, workers=2, args=(str(folder), seconds))
    spent, message = json.loads((folder / "lost0").read_text())
    assert "worker 1 (127.0.0.1:" in message
    assert spent < 60
    resumed = mlj.launch(train_until_killed, workers=2, args=(str(folder), 0))
    assert set(resumed) == {uninterrupted()}
    return float(spent)


@functools.cache
def uninterrupted() -> str:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (digest, other) = mlj.launch(train_until_killed, workers=2, args=(folder, 0))
    assert digest == other
    return digest


def test_a_killed_worker_is_named_soon_and_training_goes_on_to_the_same_bytes(
    tmp_path: Path,
) -> None:
    check_kill(tmp_path, seconds=2.0)


def said_of(model: mlj.Model, checkpoint: Any = None) -> str:
    """What is said when a worker that is not as the others trains; "" if it trains."""
    try:
        mlj.fit(mlj.machine(model, X, Y), checkpoint=checkpoint, verbosity=0)
    except WorkerLostError as error:
        return str(error)
    return ""


def linear(by: float, settings: dict[str, Any]) -> mlj.Model:
    """A network that begins from other weights on the second worker."""
    network = keras.Sequential([keras.Input((X.shape[1],)), keras.layers.Dense(1)])
    network.set_weights([np.full((X.shape[1], 1), 0.5 + by * index()), np.zeros(1)])
    return mlj.NeuralNetworkRegressor(builder=network, **settings)


def begin_apart(folder: str) -> dict[str, str]:
    """What is said of a checkpoint that one worker alone has, of other batch sizes, and of other
    weights; and the weights learned from nearly the same ones."""
    settings = {"epochs": 4, "rng": 3, "acceleration": mlj.MultiWorker()}
    model = mlj.NeuralNetworkRegressor(**settings)
    own = Path(folder, f"of{index()}")
    own.mkdir()
    if index() == 0:
        single = mlj.machine(model.replace({"epochs": 2, "acceleration": mlj.CPU1()}), X, Y)
        mlj.fit(single, checkpoint=own / "run.ckpt", verbosity=0)
    mach = mlj.fit(mlj.machine(linear(1e-6, settings), X, Y), verbosity=0)
    arrays = mlj.snapshot(mach).arrays.values()
    return {
        "checkpoint": said_of(model, own / "run.ckpt"),
        "settings": said_of(model.replace({"batch_size": 8 + index()})),
        "weights": said_of(linear(0.1, settings)),
        "learned": "".join(array.tobytes().hex() for array in arrays),
    }


def test_workers_that_begin_apart_say_so_and_those_that_round_otherwise_go_along(
    tmp_path: Path,
) -> None:
    workers = mlj.launch(begin_apart, workers=2, args=(str(tmp_path),))
    for said in workers:
        message = said["checkpoint"]
        assert "The workers differ in their training: worker 0: 107 rows, 2 epochs" in message
        assert "worker 1: 107 rows, 0 epochs done" in message
        message = said["settings"]
        assert "The workers differ in their settings: worker 0: " in message
        assert "batches of 8" in message and "batches of 9" in message
        message = said["weights"]
        assert "differ in their weights: worker 0: as on worker 0; worker 1: others" in message
    assert workers[0]["learned"] == workers[1]["learned"] != ""


def dropout_losses(_: None) -> tuple[list[float], bool]:
    """The last losses of 20 seeds, and whether the last is the same a second time."""
    machines = []
    for seed in [*range(20), 19]:
        own = DROPPING.replace({"rng": seed, "acceleration": mlj.MultiWorker()})
        machines.append(mlj.fit(mlj.machine(own, X, Y), verbosity=0))
    *_, last, again = map(mlj.snapshot, machines)
    return [mlj.training_losses(mach)[-1] for mach in machines[:20]], last == again


def test_random_layers_draw_the_same_law_on_workers() -> None:
    (two, same), (others, _) = mlj.launch(dropout_losses, workers=2, args=(None,))
    assert same and two == others
    check_same_law(two)


SETUP = """
ip netns add {a} && ip netns add {b}
ip link add {a} type veth peer name {b}
ip link set {a} netns {a} && ip link set {b} netns {b}
for n in {a} {b}; do ip -n $n link set lo up && ip -n $n link set $n up; done
ip -n {a} addr add 10.77.0.1/24 dev {a} && ip -n {b} addr add 10.77.0.2/24 dev {b}
"""


@pytest.fixture
def two_hosts() -> Iterator[tuple[str, str]]:
    """The names of two network namespaces that see each other as 10.77.0.1 and 10.77.0.2."""
    names = f"mlja{os.getpid()}", f"mljb{os.getpid()}"
    script = SETUP.format(a=names[0], b=names[1])
    try:
        made = subprocess.run(["sh", "-ec", script], capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"no network namespaces here: {made.stderr.strip()[:80]}")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


@pytest.mark.skipif(shutil.which("ip") is None, reason="there is no command ip")
def test_workers_on_two_hosts_train_what_one_process_does(
    two_hosts: tuple[str, str], tmp_path: Path
) -> None:
    case = "dense, weighted"
    (tmp_path / "job").write_bytes(cloudpickle.dumps((train_all, ([case],))))
    (tmp_path / "path").write_text(json.dumps(sys.path))
    cluster = [Cluster(("10.77.0.1:4000", "10.77.0.2:4000"), index) for index in range(2)]
    results = [tmp_path / f"result{index}" for index in range(2)]
    worker = [sys.executable, "-m", "mlj_keras.launching.worker", "--job", str(tmp_path / "job")]
    processes = [
        subprocess.Popen(
            ["ip", "netns", "exec", name, *worker, str(result)],
            env={**os.environ, "TF_CONFIG": own.environment()},
        )
        for name, own, result in zip(two_hosts, cluster, results, strict=True)
    ]
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    for result in results:
        found, _, device, same = cloudpickle.loads(result.read_bytes())[case]
        check_equal(found, on_one(case)[0], 1e-5)
        assert "of 2" in device and same
