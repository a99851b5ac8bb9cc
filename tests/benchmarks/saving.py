"""The file of a machine of 100 MB: its size beside that of its arrays, and how long it takes to
save and to load it beside writing the same number of raw bytes. Run: `make bench`, or
`python -m tests.benchmarks.saving`.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import mlj_keras as mlj

WIDTH = 2850  # units of two layers: 34 MB of weights, and twice that of slots
TURNS = 9


def machine() -> mlj.Machine:
    """A trained network of 8.4 million weights."""
    X = np.random.default_rng(0).normal(size=(256, 100)).astype("float32")
    builder = mlj.MLP(hidden=(WIDTH, WIDTH))
    net = mlj.NeuralNetworkRegressor(builder=builder, epochs=1, batch_size=256, rng=1)
    return mlj.fit(mlj.machine(net, X, X.mean(axis=1)), verbosity=0)


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def write_raw(path: Path, whole: bytes) -> None:
    """Write bytes, and have them on the disk."""
    with open(path, "wb") as file:
        file.write(whole)
        file.flush()
        os.fsync(file.fileno())


def main() -> None:
    """Print the ratios; sides in turns, medians."""
    mach = machine()
    n_bytes = sum(array.nbytes for array in mlj.snapshot(mach).arrays.values())
    whole = os.urandom(n_bytes)
    times: dict[str, list[float]] = {"raw": [], "save": [], "load": []}
    with tempfile.TemporaryDirectory() as name:
        raw, path = Path(name) / "raw", Path(name) / "machine.mlj"
        mlj.save(path, mach)
        mlj.load_machine(path)
        for _ in range(TURNS):
            times["raw"].append(seconds(lambda: write_raw(raw, whole)))
            times["save"].append(seconds(lambda: mlj.save(path, mach)))
            times["load"].append(seconds(lambda: mlj.load_machine(path)))
        size = path.stat().st_size
    medians = {side: statistics.median(found) for side, found in times.items()}
    part = size / n_bytes
    sys.stdout.write(f"{n_bytes / 1e6:.1f} MB of arrays, {part:.4f} of that in the file\n")
    sys.stdout.write(f"raw bytes written in {medians['raw']:.2f} s\n")
    for side in ("save", "load"):
        ratio = medians[side] / medians["raw"]
        sys.stdout.write(f"{side}: {medians[side]:.2f} s, {ratio:.2f} of writing the raw bytes\n")


if __name__ == "__main__":
    main()
