"""First timings: training and predicting against `keras.Model.fit` and `predict`, both sides in
one run.

Same network, optimiser, batch size and epochs; the sides take turns, and medians and their ratio
are reported with the spread. Writes RESULTS.md and results.json beside this file. Run: `make
bench`.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import mlj_keras as mlj

REPEATS = 5
HERE = Path(__file__).parent
Sides = tuple[Callable[[], float], Callable[[], float]]


def seconds(work: Callable[[], Any]) -> float:
    """The wall time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def data(n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Normal columns, and a target that three of them explain."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, n_columns)).astype(np.float32)
    return X, (X[:, :3].sum(axis=1) + rng.normal(size=n_rows)).astype(np.float32)


def networks(n_columns: int, hidden: tuple[int, ...], batch_size: int) -> tuple[Any, keras.Model]:
    """The same network as a model of ours and as a compiled Keras model."""
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=hidden), batch_size=batch_size, standardise=False, rng=1
    )
    layers = [keras.layers.Dense(n_units, activation="relu") for n_units in hidden]
    peer = keras.Sequential([keras.Input((n_columns,)), *layers, keras.layers.Dense(1)])
    peer.compile("adam", "mean_squared_error")
    return model, peer


def training(
    n_rows: int, n_columns: int, batch: int, hidden: tuple[int, ...], epochs: int
) -> Sides:
    """Seconds per epoch of a warm program: ours, Keras."""
    X, y = data(n_rows, n_columns)
    model, peer = networks(n_columns, hidden, batch)
    model.epochs = epochs
    mach = mlj.machine(model, X, y)
    mach.fit(verbosity=0).fit(verbosity=0, force=True)
    peer.fit(X, y, batch_size=batch, epochs=1, verbose=0)
    few = max(2, epochs // 5)
    return (
        lambda: seconds(lambda: mach.fit(verbosity=0, force=True)) / epochs,
        lambda: seconds(lambda: peer.fit(X, y, batch_size=batch, epochs=few, verbose=0)) / few,
    )


def predicting(n_rows: int, calls: int) -> Sides:
    """Seconds per call for a table of `n_rows`: ours, Keras."""
    X, y = data(max(n_rows, 2000), 10)
    model, peer = networks(10, (64, 64), 32)
    model.epochs = 1
    mach = mlj.machine(model, X[:2000], y[:2000]).fit(verbosity=0)
    table = X[:n_rows]
    mach.predict(table)
    peer.predict(table, verbose=0)
    few = max(1, calls // 10)
    return (
        lambda: seconds(lambda: [mach.predict(table) for _ in range(calls)]) / calls,
        lambda: seconds(lambda: [peer.predict(table, verbose=0) for _ in range(few)]) / few,
    )


CASES: dict[str, tuple[Callable[[], Sides], float | None]] = {
    "train 2,000 × 10, batch 32, 64-64 (an epoch)": (
        lambda: training(2_000, 10, 32, (64, 64), 20),
        20.0,
    ),
    "train 20,000 × 50, batch 256, 256-256 (an epoch)": (
        lambda: training(20_000, 50, 256, (256, 256), 10),
        2.5,
    ),
    "predict 1 row": (lambda: predicting(1, 200), 40.0),
    "predict 100,000 rows": (lambda: predicting(100_000, 5), None),
}


def measure(make: Callable[[], Sides], target: float | None) -> dict[str, Any]:
    """Medians in ms, and the ratio Keras / ours of each pair of turns."""
    ours, peer = make()
    pairs = [(ours(), peer()) for _ in range(REPEATS)]
    ratios = sorted(theirs / mine for mine, theirs in pairs)
    return {
        "ours_ms": 1e3 * statistics.median(mine for mine, _ in pairs),
        "keras_ms": 1e3 * statistics.median(theirs for _, theirs in pairs),
        "ratio": statistics.median(ratios),
        "ratio_min": ratios[0],
        "ratio_max": ratios[-1],
        "target": target,
    }


def table(results: dict[str, dict[str, Any]]) -> str:
    """The results as Markdown."""
    lines = [
        "| case | ours, ms | Keras, ms | ratio (min–max) | wanted |",
        "|---|---|---|---|---|",
    ]
    for name, row in results.items():
        wanted = "–" if row["target"] is None else f"≥ {row['target']:g}"
        spread = f"{row['ratio']:.1f} ({row['ratio_min']:.1f}–{row['ratio_max']:.1f})"
        lines.append(
            f"| {name} | {row['ours_ms']:.2f} | {row['keras_ms']:.1f} | {spread} | {wanted} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run every case, print the table and write it."""
    results = {name: measure(make, target) for name, (make, target) in CASES.items()}
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}, "
        f"NumPy {np.__version__}"
    )
    text = (
        "# Timings\n\nOurs against `keras.Model.fit` and `Model.predict` with their defaults; the "
        "same network, "
        f"Adam, batch size and epochs.\nMedians of {REPEATS} turns in one process; the ratio is "
        "Keras / ours, turn "
        f"by turn. Compiling is not counted.\n\n{table(results)}\n\nMachine: {machine}.\n"
    )
    (HERE / "RESULTS.md").write_text(text)
    (HERE / "results.json").write_text(
        json.dumps({"machine": machine, "cases": results}, indent=1)
    )
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
