"""Resident memory over many fits: 1,000 of one shape, then of many shapes. Run: `make soak`.

The programs of old shapes are dropped, so that the second figure is what TensorFlow keeps for
good.
"""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path

import numpy as np

import mlj_keras as mlj
from mlj_keras.engine import program

RNG = np.random.default_rng(0)
X = RNG.normal(size=(500, 8))
Y = X.sum(axis=1)


def resident_mb() -> float:
    """The resident memory of this process, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def fit_once(n_units: int, seed: int, *, rule: str = "adam", path: str = "xla") -> None:
    """A fit of two epochs and a prediction."""
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=(n_units,)),
        optimiser=rule,
        epochs=2,
        rng=seed,
        jit_compile=path == "xla",
    )
    mlj.machine(model, X, Y).fit(verbosity=0).predict(X)


def growth_of_a_shape(n_shapes: int, rule: str, *, path: str) -> float:
    """The growth for each of this many shapes, after 10 others, in MB."""
    for n_units in range(20, 30):
        fit_once(n_units, 1, rule=rule, path=path)
    start = resident_mb()
    for n_units in range(30, 30 + n_shapes):
        fit_once(n_units, 1, rule=rule, path=path)
    return (resident_mb() - start) / n_shapes


def main() -> None:
    """Print the growth of one shape after the tenth fit, and of each new shape."""
    for seed in range(10):
        fit_once(16, seed)
    start, sizes = resident_mb(), program.cache_sizes()
    for seed in range(10, 1000):
        fit_once(16, seed)
    growth = resident_mb() - start
    assert program.cache_sizes() == sizes, "fits of one shape made new programs"
    told = f"1,000 fits of one shape: {growth:.1f} MB after the tenth, programs {sizes}\n"
    sys.stdout.write(told)
    program.MAX_NETWORKS = 4
    for n_shapes, rule, path in (
        (300, "adam", "xla"),
        (50, "sgd", "xla"),
        (50, "adam", "graph"),
        (50, "sgd", "graph"),
    ):
        each = growth_of_a_shape(n_shapes, rule, path=path)
        sys.stdout.write(f"{n_shapes} shapes, {rule}, {path}: {each:.1f} MB each\n")


if __name__ == "__main__":
    main()
