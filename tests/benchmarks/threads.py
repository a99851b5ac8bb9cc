"""Predictions of one machine from many threads: each right, and nothing compiled on the way.

Run: `make soak`, or `python -m tests.benchmarks.threads 8 1000`.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np

import mlj_keras as mlj


def machine() -> tuple[mlj.Machine, np.ndarray]:
    """A trained classifier, and its data."""
    X, y = mlj.load_wine()
    net = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
    return mlj.fit(mlj.machine(net, X, y), verbosity=0), X.to_numpy()


def compiled(mach: mlj.Machine) -> dict[bool, Any]:
    """The compiled functions that predict, by whether they leave the finaliser out."""
    network, _ = mach.trained("predict")[1].fitresult._bind()
    return dict(network._predict)


def predict_in_threads(n_threads: int, n_calls: int) -> int:
    """How many predictions of random numbers of rows differ from those of one thread.

    Raises: AssertionError if something was compiled after the first.
    """
    mach, X = machine()
    whole = mlj.predict(mach, X).to_numpy()
    before, wrong = compiled(mach), []

    def work(number: int) -> None:
        rng = np.random.default_rng(number)
        for _ in range(n_calls):
            rows = rng.integers(0, len(X), size=rng.integers(1, 60))
            found = mlj.predict(mach, X[rows]).to_numpy()
            # Rows predicted together or apart may differ in the last digits.
            if not np.allclose(found, whole[rows], rtol=0, atol=1e-6):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = compiled(mach)
    assert after.keys() == before.keys() and all(after[key] is before[key] for key in before)
    return len(wrong)


def main() -> None:
    """Print how many were wrong."""
    n_threads, n_calls = (int(each) for each in (*sys.argv[1:], 8, 1000)[:2])
    wrong = predict_in_threads(n_threads, n_calls)
    sys.stdout.write(f"{n_threads} threads, {n_calls} predictions each: {wrong} wrong\n")


if __name__ == "__main__":
    main()
