"""A search in a process that kills itself at some moment, and is started again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# Searches with a history in a file; after some seconds of searching the process is killed.
SCRIPT = """
import json, os, signal, sys, threading, time
import numpy as np
import mlj_keras as mlj
from mlj_keras.resampling import fold

path, strategy, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
X, y = mlj.load_diabetes()
net = mlj.NeuralNetworkRegressor(
    builder=mlj.Short(dropout=0.3), batch_size=32, rng=3, epochs=9
)
ranges = [
    mlj.param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1, scale="log10"),
    mlj.param_range(net, "lambda_", lower=1e-5, upper=1, scale="log10"),
]
tuned = mlj.TunedModel(
    net, ranges=ranges, tuning=eval("mlj." + strategy), n=18, resampling=mlj.CV(nfolds=2),
    measure=mlj.rms, history=path or None, train_best=False,
)
mlj.fit(mlj.machine(tuned.replace({"history": None, "n": 1}), X, y), verbosity=0)  # compile
trained = []
once = fold.fold_of
from mlj_keras.tuning import search

def noted(trial, k, begun=None):
    found = once(trial, k, begun)
    before = 0 if begun is None else begun[0].epochs
    trained.append([trial.model.epochs - before, trial.model.optimiser.learning_rate, k])
    return found

search.fold_of = noted
if seconds:
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
began = time.perf_counter()
mach = mlj.fit(mlj.machine(tuned, X, y), verbosity=-1)
seconds = time.perf_counter() - began
report = mlj.report(mach)
found = {
    "seconds": seconds,
    "trained": trained,
    "history": report.history.drop(columns=["evaluation", "model"]).to_json(double_precision=15),
    "folds": [e.per_fold[0].tobytes().hex() for e in report.history["evaluation"]],
    "best": repr(report.best_model),
}
print(json.dumps(found), flush=True)
os._exit(0)
"""


def run(path: Path | str, strategy: str, seconds: float) -> dict[str, Any] | None:
    """What a process found, `seconds` it took, and `trained`, what it had to train itself: epochs,
    rate and fold. None if it was killed. Any other end fails."""
    command = [sys.executable, "-c", SCRIPT, str(path), strategy, str(seconds)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    if done.returncode == -9:
        return None
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def outcome(found: dict[str, Any]) -> dict[str, Any]:
    """What has to be the same, however often a search was killed."""
    return {name: found[name] for name in ("history", "folds", "best")}
