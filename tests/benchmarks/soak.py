"""Resident memory over many fits: 200 of one shape, then 50 of 50 shapes. Run: `make soak`."""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path

import numpy as np

import mlj_keras as mlj
from mlj_keras.engine.program import cache_sizes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(500, 8))
Y = X.sum(axis=1)


def resident_mb() -> float:
    """The resident memory of this process, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def fit_once(n_units: int, seed: int) -> None:
    """A fit of two epochs and a prediction."""
    builder = mlj.MLP(hidden=(n_units,))
    model = mlj.NeuralNetworkRegressor(builder=builder, epochs=2, rng=seed)
    mlj.machine(model, X, Y).fit(verbosity=0).predict(X)


def main() -> None:
    """Print the growth of one shape after the tenth fit, and of each new shape."""
    for seed in range(10):
        fit_once(16, seed)
    start, sizes = resident_mb(), cache_sizes()
    for seed in range(10, 200):
        fit_once(16, seed)
    growth = resident_mb() - start
    assert cache_sizes() == sizes, "fits of one shape made new programs"
    sys.stdout.write(f"200 fits of one shape: {growth:.1f} MB after the tenth, programs {sizes}\n")
    start = resident_mb()
    for n_units in range(17, 67):
        fit_once(n_units, 1)
    each = (resident_mb() - start) / 50
    sys.stdout.write(f"50 fits of 50 shapes: {each:.1f} MB each\n")


if __name__ == "__main__":
    main()
