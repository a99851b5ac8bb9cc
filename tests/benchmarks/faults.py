"""What faults cost: how soon bad data are told, Ctrl-C at random moments, processes killed with
their workers, and seeds of hashing.

Run: `make soak`, or `python -m tests.benchmarks.faults latency interrupts orphans hashing`, all or
some of them.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import mlj_keras as mlj
from mlj_keras.errors import MLJKerasError

N_INTERRUPTS, N_KILLS, N_SEEDS = 50, 20, 20
ROOT = Path(__file__).parents[2]


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def latency() -> None:
    """Seconds from `machine` to the error, for a million rows whose last number is bad."""
    X = np.random.default_rng(0).normal(size=(1_000_000, 20))
    y, net = X[:, 0].copy(), mlj.NeuralNetworkRegressor(rng=1)
    slowest = 0.0
    for bad in (np.nan, np.inf, 1e300):
        X[-1, -1] = bad
        began = time.perf_counter()
        with contextlib.suppress(MLJKerasError):
            mlj.machine(net, X, y)
            raise SystemExit("nothing was said")
        slowest = max(slowest, time.perf_counter() - began)
    say(f"a bad value among 1,000,000 x 20 is told after {slowest:.2f} s at most")


def interrupts() -> None:
    """Ctrl-C at random moments of a fit: how long it takes, and what the next fit comes to."""
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(
        builder=mlj.Short(dropout=0.3), epochs=400, batch_size=16, rng=3
    )
    mlj.fit(mlj.machine(net.replace({"epochs": 1}), X, y), verbosity=-1)  # compiles
    began = time.perf_counter()
    whole = mlj.snapshot(mlj.fit(mlj.machine(net, X, y), verbosity=-1)).digest()
    length = time.perf_counter() - began
    rng, longest, cut = random.Random(0), 0.0, 0
    for _ in range(N_INTERRUPTS):
        sent: list[float] = []

        def press(sent: list[float] = sent) -> None:
            sent.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        mach = mlj.machine(net, X, y)
        timer = threading.Timer(rng.uniform(0, length), press)
        timer.start()
        try:
            mlj.fit(mach, verbosity=-1)
            while not sent:  # it was over before
                time.sleep(0.01)
            time.sleep(0.1)
        except KeyboardInterrupt:
            cut += 1
            longest = max(longest, time.perf_counter() - sent[0])
        timer.join()
        if mlj.snapshot(mlj.fit(mach, verbosity=-1)).digest() != whole:
            raise SystemExit("other bytes after Ctrl-C")
    say(
        f"Ctrl-C at {N_INTERRUPTS} random moments of a fit of {length:.1f} s, {cut} of them in "
        f"training: answered in {longest:.2f} s at most, the next fit always at the same bytes"
    )


EVALUATE = """
import sys, mlj_keras as mlj
mlj.disable_default_handler()
if __name__ == "__main__":
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(epochs=300, rng=1)
    print("ready", flush=True)
    mlj.evaluate(net, X, y, resampling=mlj.CV(nfolds=12, rng=1), verbosity=0,
                 acceleration=mlj.CPUProcesses(2))
"""


def orphans() -> None:
    """Kill a process that evaluates in others: what is left of those and of their files."""
    rng, left, files = random.Random(0), 0, 0
    for number in range(N_KILLS):
        with tempfile.TemporaryDirectory() as name:
            script, mark = Path(name) / "script.py", f"FAULTS_{os.getpid()}_{number}"
            script.write_text(EVALUATE)
            (Path(name) / "tmp").mkdir()
            environment = {**os.environ, "TMPDIR": f"{name}/tmp", "MARK": mark}
            process = subprocess.Popen(
                [sys.executable, str(script)],
                cwd=ROOT,
                env={**environment, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0, 15))
            process.send_signal(signal.SIGKILL if number % 2 else signal.SIGINT)
            process.wait()
            process.stdout.close()
            time.sleep(3)
            alive = marked(mark)
            left += len(alive)
            if number % 2 == 0:  # one that was killed cannot clean up
                files += sum(path.is_file() for path in (Path(name) / "tmp").rglob("*"))
            for pid in alive:
                os.kill(pid, signal.SIGKILL)
    say(
        f"{N_KILLS} evaluations in processes cut off, half by Ctrl-C, half by a kill: {left} "
        f"processes left after 3 s, {files} files left by those that had Ctrl-C"
    )


def marked(mark: str) -> list[int]:
    """The processes that were started with a mark in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return found


HASHING = """
import mlj_keras as mlj
mlj.disable_default_handler()
frame = mlj.load_titanic().dropna(subset=["age", "fare"])
frame = mlj.coerce(frame, {"sex": mlj.Multiclass, "survived": mlj.Multiclass})
X, y = frame[["sex", "age", "fare"]], frame["survived"]
net = mlj.NeuralNetworkClassifier(epochs=3, rng=1)
mach = mlj.fit(mlj.machine(mlj.OneHotEncoder() | net, X, y), verbosity=0)
print(mlj.snapshot(mach).digest())
"""


def hashing() -> None:
    """One pipeline in processes of other seeds of hashing: how many digests there are."""
    found = set()
    for seed in range(N_SEEDS):
        done = subprocess.run(
            [sys.executable, "-c", HASHING],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.split()[-1])
    say(f"{N_SEEDS} seeds of hashing: {len(found)} digest(s)")


PARTS: dict[str, Callable[[], None]] = {
    "latency": latency,
    "interrupts": interrupts,
    "orphans": orphans,
    "hashing": hashing,
}


def main() -> None:
    """Run what is named, or all."""
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    main()
