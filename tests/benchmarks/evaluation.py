"""Cross-validation of a network, ours and by scikit-learn's cross_val_score over wrappers.

A side runs in a process of its own that has only imported: `python evaluation.py SIDE` prints its
seconds and its mean squared error as JSON. `rows` of the second table are made from them by
growth.py.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, case_named
from processes import run_json
from report import Row
from turns import seconds
from worker import answers

CASE = "train 64-64 on 2,000 × 10, batch 32"
N_FOLDS = 6
N_EPOCHS = 10
ROUNDS = 3
EPOCHS_OF_A_MINUTE = 7_000


def rows() -> list[Row]:
    """Ours with an empty and a warm compile cache against the wrappers, and two processes against
    one."""
    found = []
    times: dict[str, list[float]] = {name: [] for name in ("cold", "warm", "scikeras", "skorch")}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as cache:
            times["cold"].append(run_json("evaluation.py", "ours", "--cache", cache)["seconds"])
            times["warm"].append(run_json("evaluation.py", "ours", "--cache", cache)["seconds"])
        for name in ("scikeras", "skorch"):
            times[name].append(run_json("evaluation.py", name)["seconds"])
    middle = {name: statistics.median(spent) for name, spent in times.items()}
    what = "6-fold evaluate of 64-64 on 2,000 × 10, 10 epochs"
    found += [Row(f"{what}, {name}", 1e3 * spent, "ms") for name, spent in middle.items()]
    for ours, wanted in (
        ("cold", {"scikeras": 5, "skorch": 1.5}),
        ("warm", {"scikeras": 10, "skorch": 3}),
    ):
        for peer, least in wanted.items():
            ratio = middle[peer] / middle[ours]
            found.append(
                Row(f"{peer} against ours, {ours} cache", ratio, "×", f"≥ {least}", ratio >= least)
            )
    return found + processes()


def processes() -> list[Row]:
    """A job of a minute on one process and on two, and whether they find the same."""
    told = run_json("evaluation.py", "processes")
    ratio, same = told["one"] / told["two"], float(told["same"])
    return [
        Row("6-fold evaluate of a minute, CPU1", told["one"], "s"),
        Row("the same, CPUProcesses(2)", told["two"], "s"),
        Row("CPU1 against CPUProcesses(2)", ratio, "×", "≥ 1.6", ratio >= 1.6),
        Row("the same bytes", same, "", "1", same == 1.0),
    ]


def ours(case: Case, cache: str | None) -> dict[str, float]:
    """`evaluate`, with a compile cache in a folder or without."""
    import mlj_keras as mlj

    if cache:
        mlj.compile_cache(cache)  # before TensorFlow loads
    import tensorflow as tf

    data = case.make()
    tf.constant(0.0)  # importing is not measured, on any side
    model, found = model_of(case, N_EPOCHS), []

    def work() -> None:
        folds = mlj.CV(nfolds=N_FOLDS)
        found.append(
            mlj.evaluate(model, data.X, data.y, resampling=folds, measure=mlj.l2, verbosity=0)
        )

    return {"seconds": seconds(work), "loss": found[0].measurement[0]}


def model_of(case: Case, epochs: int) -> Any:
    """The network of the case as ours."""
    import mlj_keras as mlj

    return mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=case.network.hidden),
        epochs=epochs,
        batch_size=case.batch,
        standardise=False,
        rng=1,
    )


def scored(estimator: Any, X: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """scikit-learn's cross_val_score, one fold after another."""
    from sklearn.model_selection import KFold, cross_val_score

    found: list[np.ndarray] = []
    spent = seconds(
        lambda: found.append(
            cross_val_score(estimator, X, y, cv=KFold(N_FOLDS), scoring="neg_mean_squared_error")
        )
    )
    return {"seconds": spent, "loss": -float(found[0].mean())}


def scikeras(case: Case, cache: str | None) -> dict[str, float]:
    """SciKeras, which makes and compiles a Keras model for each fold."""
    import tensorflow as tf
    from sides.scikeras_wrapper import regressor

    data = case.make()
    tf.constant(0.0)
    estimator = regressor(case, data, epochs=N_EPOCHS).set_params(warm_start=False)
    return scored(estimator, data.X, data.y)


def skorch(case: Case, cache: str | None) -> dict[str, float]:
    """skorch."""
    from sides.skorch_wrapper import regressor

    data = case.make()
    return scored(regressor(case, data, epochs=N_EPOCHS), data.X, data.y[:, None])


def one_and_two(case: Case, cache: str | None) -> dict[str, float]:
    """A longer job in this process and in two; each after a short one, so that all is compiled."""
    import mlj_keras as mlj

    data, folds = case.make(), mlj.CV(nfolds=N_FOLDS)
    spent, found = {}, {}
    for name, where in (("one", mlj.CPU1()), ("two", mlj.CPUProcesses(2))):

        def work(epochs: int, where: Any = where) -> Any:
            model = model_of(case, epochs)
            options = {"resampling": folds, "measure": mlj.l2, "verbosity": 0}
            return mlj.evaluate(model, data.X, data.y, acceleration=where, **options)

        results: list[Any] = []
        work(1)
        spent[name] = seconds(lambda w=work, r=results: r.append(w(EPOCHS_OF_A_MINUTE)))
        found[name] = results[0].per_fold[0]
    return {**spent, "same": float(np.array_equal(found["one"], found["two"]))}


SIDES: dict[str, Callable[[Case, str | None], dict[str, float]]] = {
    "ours": ours,
    "scikeras": scikeras,
    "skorch": skorch,
    "processes": one_and_two,
}


def main() -> None:
    """Print what one side found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("--cache")
    options = parser.parse_args()
    channel = answers()
    channel.write(json.dumps(SIDES[options.side](case_named(CASE), options.cache)))
    channel.close()


if __name__ == "__main__":
    main()
