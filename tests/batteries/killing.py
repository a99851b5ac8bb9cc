"""An iterated fit in a process that kills itself at some moment, and is started again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# Trains with a checkpoint in the folder; after some seconds of training the process is killed.
SCRIPT = """
import json, os, signal, sys, threading, time
import numpy as np
import mlj_keras as mlj

folder, seconds = sys.argv[1], float(sys.argv[2])
X, y = mlj.load_diabetes()
net = mlj.NeuralNetworkRegressor(builder=mlj.Short(dropout=0.3), batch_size=32, rng=3)
controls = [
    mlj.CycleLearningRate(3, 0.001, 0.01),
    mlj.Step(1),
    mlj.GL(1e6),
    mlj.PQ(1e6),
    mlj.Patience(99),
    mlj.Snapshots(every=20),
    mlj.NumberLimit(60),
]
if folder:
    controls.append(mlj.Checkpoint(folder, every=1))
mach = mlj.machine(mlj.IteratedModel(net, controls=controls, measure=mlj.rms), X, y)
once = mlj.IteratedModel(net, controls=[mlj.Step(1), mlj.NumberLimit(1)], measure=mlj.rms)
mlj.fit(mlj.machine(once, X, y), verbosity=0)  # load and compile
if seconds:
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
began = time.perf_counter()
mlj.fit(mach, verbosity=-1)
seconds = time.perf_counter() - began
report = mlj.report(mach)
found = {
    "seconds": seconds,
    "state": mlj.snapshot(mach).digest(),
    "losses": report.losses,
    "best": report.best_iteration,
    "controls": [repr(each) for control, each in report.controls[:-1]] if folder else
        [repr(each) for control, each in report.controls],
    "predictions": np.asarray(mlj.predict(mach, X)).tobytes().hex(),
}
print(json.dumps(found), flush=True)
os._exit(0)
"""


def run(folder: Path | str, seconds: float) -> tuple[dict[str, Any], float] | None:
    """What a process found, and how long its fit took; None if it was killed. Any other end
    fails."""
    command = [sys.executable, "-c", SCRIPT, str(folder), str(seconds)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    if done.returncode == -9:
        return None
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found, found.pop("seconds")
