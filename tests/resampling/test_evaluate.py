"""`evaluate` trains copies on some rows, measures them on others, and leaves the machine alone."""

from __future__ import annotations

import dataclasses
import os
import pickle
import signal
import warnings
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import mean_absolute_error

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    FoldError,
    InvalidArgument,
    LevelsWarning,
    MeasureWarning,
    UnsupportedOperation,
    WrongType,
)
from mlj_keras.parallel.processes import end_workers

X, Y = mlj.load_iris()
NET = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(4,)), epochs=3, batch_size=16, rng=1)
BOTH = [mlj.log_loss, mlj.accuracy]
CV3 = mlj.CV(nfolds=3, rng=5)


class Mean(mlj.Deterministic):
    """Predicts the mean of the target; fails or kills its process when told to."""

    shift: float = 0.0
    fails_on: int = -1  # a row to be trained on
    flag: str = ""

    def fit(self, verbosity: int, X: Any, y: Any) -> float:
        if self.fails_on in np.asarray(X)[:, 0]:
            raise RuntimeError("there is that row")
        if self.flag and not Path(self.flag).exists() and 0 in np.asarray(X)[:, 0]:
            Path(self.flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return float(np.mean(y)) + self.shift

    def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.full(len(Xnew), fitresult)


ROWS = np.arange(12.0).reshape(-1, 1)
TARGET = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])


def found(evaluation: mlj.PerformanceEvaluation) -> list[Any]:
    """All numbers of an evaluation."""
    folds = [list(map(float, per_fold)) for per_fold in evaluation.per_fold]
    rows = [[list(map(float, r)) for r in by_row or ()] for by_row in evaluation.per_observation]
    return [evaluation.measurement, folds, rows]


def test_an_evaluation_equals_training_and_measuring_by_hand() -> None:
    e = mlj.evaluate(NET, X, Y, resampling=CV3, measures=BOTH, verbosity=0)
    losses = []
    for train, test in e.train_test_rows:
        mach = mlj.fit(mlj.machine(NET, X, Y), rows=train, verbosity=0)
        losses.append(mlj.log_loss(mlj.predict(mach, rows=test), Y.iloc[test]))
    assert e.per_fold[0].tolist() == losses
    assert e.operation == ["predict", "predict_mode"]
    assert e.measurement[0] == pytest.approx(np.mean(losses))
    assert [len(rows) for rows in e.per_observation[0]] == [50, 50, 50]
    assert np.mean(e.per_observation[0][1]) == pytest.approx(losses[1])


def test_a_machine_and_its_model_are_as_before() -> None:
    mach = mlj.fit(mlj.machine(NET, X, Y), rows=range(100), verbosity=0)
    before, state = mlj.snapshot(mach), mach.state
    e = mlj.evaluate(mach, resampling=CV3, measures=BOTH, verbosity=0)
    assert mlj.snapshot(mach) == before and mach.state == state and mach.model == NET
    again = mlj.evaluate(NET, X, Y, resampling=CV3, measures=BOTH, verbosity=0)
    assert found(again) == found(e)


@pytest.mark.slow
def test_the_numbers_do_not_depend_on_where_folds_run() -> None:
    options = {"resampling": CV3, "measures": [*BOTH, "brier_loss"], "verbosity": 0}
    one = mlj.evaluate(NET, X, Y, **options)
    for acceleration in (mlj.CPUThreads(2), mlj.CPUProcesses(2), "threading"):
        other = mlj.evaluate(NET, X, Y, acceleration=acceleration, **options)
        assert found(other) == found(one)
        assert other.report_per_fold[2].epochs == 3
        assert other.fitted_params_per_fold[0].network.count_params() > 0


@pytest.mark.slow
def test_a_killed_worker_in_the_middle_of_six_folds_changes_nothing(tmp_path: Path) -> None:
    options = {"resampling": mlj.CV(nfolds=6), "measure": mlj.l2, "verbosity": 0}
    dies = Mean(flag=str(tmp_path / "killed"))
    e = mlj.evaluate(dies, ROWS, TARGET, acceleration=mlj.CPUProcesses(2), **options)
    assert (tmp_path / "killed").exists()
    assert found(e) == found(mlj.evaluate(Mean(), ROWS, TARGET, **options))
    end_workers()


def test_the_default_shuffles_by_the_models_seed_and_stratifies() -> None:
    e = mlj.evaluate(NET, X, Y, verbosity=0)
    assert e.resampling == mlj.StratifiedCV(nfolds=6, rng=1)
    assert e.measure == [mlj.log_loss]
    for _, test in e.train_test_rows:
        assert set(Y.iloc[test].value_counts()) <= {8, 9}
    regression = mlj.evaluate(Mean(), ROWS, TARGET, verbosity=0)
    assert isinstance(regression.resampling, mlj.CV) and regression.measure == [mlj.l2]


def test_folds_of_repetitions_are_treated_alike() -> None:
    e = mlj.evaluate(
        Mean(), ROWS, TARGET, resampling=mlj.CV(nfolds=5, rng=1), repeats=10, verbosity=0
    )
    assert len(e.per_fold[0]) == len(e.train_test_rows) == 50
    tests = {tuple(sorted(test)) for _, test in e.train_test_rows}
    assert len(tests) > 30, "each repetition has folds of its own"


def test_several_models_are_measured_on_the_same_folds() -> None:
    both = mlj.evaluate(
        {"a": Mean(), "b": Mean(shift=1.0)},
        ROWS,
        TARGET,
        resampling=mlj.CV(nfolds=4, shuffle=True),
        measures=["l1", "rms"],
        verbosity=0,
    )
    assert list(both) == ["a", "b"]
    for left, right in zip(both["a"].train_test_rows, both["b"].train_test_rows, strict=True):
        assert np.array_equal(left[0], right[0]) and np.array_equal(left[1], right[1])
    assert list(mlj.evaluate([Mean(), Mean()], ROWS, TARGET, verbosity=0)) == ["Mean", "Mean_2"]
    machines = [mlj.machine(Mean(), ROWS, TARGET), mlj.machine(Mean(), ROWS[:9], TARGET[:9])]
    with pytest.raises(DimensionMismatch, match=r"machines have \[9, 12\] rows"):
        mlj.evaluate(machines, verbosity=0)


def test_weights_of_measures_weight_rows_and_folds() -> None:
    w = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    e = mlj.evaluate(
        Mean(), ROWS, TARGET, resampling=mlj.CV(nfolds=4), measure="l1", weights=w, verbosity=0
    )
    errors = np.concatenate(e.per_observation[0])
    assert e.measurement[0] == pytest.approx(np.average(errors, weights=w))
    _, test = e.train_test_rows[1]
    assert e.per_fold[0][1] == pytest.approx(np.average(errors[test], weights=w[test]))


def test_folds_whose_rows_do_not_count_are_left_out() -> None:
    w = np.repeat([0.0, 1.0], 6)
    measures = ["l1", "rms", "l1_sum", "neg_mean_absolute_error"]
    options = {"resampling": mlj.CV(nfolds=4), "measures": measures, "weights": w}
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", MeasureWarning)
        e = mlj.evaluate(Mean(), ROWS, TARGET, verbosity=0, **options)
    assert [str(w.message).split(" of Mean is NaN")[0] for w in heard] == measures
    errors = np.concatenate(e.per_observation[0])[6:]
    assert e.measurement[0] == pytest.approx(errors.mean())
    assert e.measurement[1] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert e.measurement[2] == pytest.approx(errors.sum())
    assert e.measurement[3] == pytest.approx(-errors.mean())


def test_class_weights_go_to_the_measures_that_take_them() -> None:
    weights = {"setosa": 0.0, "versicolor": 1.0, "virginica": 1.0}
    with pytest.warns(MeasureWarning, match="bac takes no class weights"):
        e = mlj.evaluate(
            NET,
            X,
            Y,
            measures=["accuracy", "bac", "multiclass_recall"],
            class_weights=weights,
            resampling=CV3,
            verbosity=0,
        )
    hits = np.concatenate(e.per_observation[0])
    rows = np.concatenate([test for _, test in e.train_test_rows])
    others = (Y != "setosa").to_numpy()[rows]
    assert e.measurement[0] == pytest.approx(hits[others].mean())


def test_weights_whose_rows_are_in_another_order_are_refused() -> None:
    frame = pd.DataFrame({"a": TARGET})
    weights = pd.Series(TARGET + 1, index=range(11, -1, -1))
    with pytest.raises(InvalidArgument, match="X and weights have the same row labels"):
        mlj.evaluate(Mean(), frame, TARGET, weights=weights, verbosity=0)


def test_training_weights_are_bound_in_the_machine() -> None:
    w = np.where(Y == "setosa", 1.0, 0.001)
    e = mlj.evaluate(NET, X, Y, w, resampling=CV3, measure="log_loss", verbosity=0)
    plain = mlj.evaluate(NET, X, Y, resampling=CV3, measure="log_loss", verbosity=0)
    assert e.measurement[0] != plain.measurement[0]


def test_only_the_rows_asked_for_are_used() -> None:
    e = mlj.evaluate(
        Mean(), ROWS, TARGET, rows=[2, 3, 5, 7], resampling=mlj.CV(nfolds=2), verbosity=0
    )
    assert [test.tolist() for _, test in e.train_test_rows] == [[2, 3], [5, 7]]


@pytest.mark.parametrize("kind", ["numpy", "polars", "pyarrow"])
def test_tables_and_columns_of_other_kinds_give_the_same(kind: str) -> None:
    options = {"resampling": CV3, "measures": BOTH, "verbosity": 0}
    frame = mlj.load_iris(split=False)
    y: Any = Y
    if kind == "numpy":
        table: Any = X.to_numpy()
    elif kind == "polars":
        table, y = pl.from_pandas(X), pl.Series(frame["target"].tolist(), dtype=pl.Categorical)
    else:
        import pyarrow as pa

        table = pa.Table.from_pandas(X, preserve_index=False)
    assert found(mlj.evaluate(NET, table, y, **options)) == found(
        mlj.evaluate(NET, X, Y, **options)
    )


def test_a_splitter_of_scikit_learn_and_explicit_pairs_give_the_same() -> None:
    from sklearn.model_selection import KFold

    options = {"measure": "rms", "verbosity": 0}
    by_splitter = mlj.evaluate(Mean(), ROWS, TARGET, resampling=KFold(4), **options)
    pairs = list(KFold(4).split(ROWS))
    by_pairs = mlj.evaluate(Mean(), ROWS, TARGET, resampling=pairs, **options)
    own = mlj.evaluate(Mean(), ROWS, TARGET, resampling=mlj.CV(nfolds=4), **options)
    assert found(by_splitter) == found(by_pairs) == found(own)


def test_a_compact_evaluation_keeps_nothing_of_the_models() -> None:
    e = mlj.evaluate(Mean(), ROWS, TARGET, compact=True, per_observation=False, verbosity=0)
    with pytest.raises(UnsupportedOperation, match="compact=False"):
        _ = e.report_per_fold
    assert e.per_observation == [None]


def test_a_fold_that_fails_is_named_and_the_others_are_kept() -> None:
    fails = Mean(fails_on=11)  # the last fold alone does not train on it
    with pytest.raises(FoldError, match="fold 0, fold 1 of the evaluation failed") as caught:
        mlj.evaluate(fails, ROWS, TARGET, resampling=mlj.CV(nfolds=3), verbosity=0)
    assert "RuntimeError: there is that row" in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError) and caught.value.fold == 0
    kept: Any = caught.value.evaluation
    assert [test.tolist() for _, test in kept.train_test_rows] == [[8, 9, 10, 11]]
    with pytest.raises(FoldError, match="of b of the evaluation failed.*attribute") as caught:
        mlj.evaluate({"a": Mean(), "b": Mean(fails_on=11)}, ROWS, TARGET, verbosity=0)
    kept = caught.value.evaluation
    assert len(kept["a"].per_fold[0]) == 6 and len(kept["b"].per_fold[0]) == 1


class AllNaN(Mean):
    def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.full(len(Xnew), np.nan if 0 in np.asarray(Xnew) else fitresult)


def test_predictions_that_are_nan_are_reported() -> None:
    with pytest.warns(MeasureWarning, match=r"l2 of AllNaN is NaN in fold\(s\) \[0\]"):
        e = mlj.evaluate(AllNaN(), ROWS, TARGET, resampling=mlj.CV(nfolds=3), verbosity=0)
    assert np.isnan(e.measurement[0]) and np.isfinite(e.per_fold[0][1:]).all()


def test_a_class_absent_from_a_training_fold_is_said_and_the_pool_defines_the_result() -> None:
    with pytest.warns(LevelsWarning, match=r"fold 0: \['setosa'\]"):
        e = mlj.evaluate(NET, X, Y, resampling=mlj.CV(nfolds=3), measure="log_loss", verbosity=0)
    assert np.isfinite(e.per_fold[0]).all()


def test_the_batch_size_of_all_folds_is_that_of_the_longest() -> None:
    n = 3_000
    rng = np.random.default_rng(0)
    table, y = rng.normal(size=(n, 2)), rng.normal(size=n)
    model = mlj.NeuralNetworkRegressor(builder=mlj.Linear(activation="linear"), epochs=1, rng=1)
    e = mlj.evaluate(model, table, y, resampling=mlj.TimeSeriesCV(nfolds=3), verbosity=0)
    assert {report.batch_size for report in e.report_per_fold} == {32}


def test_scorers_metrics_and_functions_are_measures() -> None:
    from sklearn.metrics import accuracy_score, make_scorer, roc_auc_score

    two = mlj.coerce(Y.astype(str).replace("virginica", "versicolor"), mlj.Multiclass)
    scorer = make_scorer(roc_auc_score, response_method="predict_proba")
    e = mlj.evaluate(
        NET,
        X,
        two,
        resampling=CV3,
        measures=["accuracy", accuracy_score, "neg_log_loss", scorer, mlj.auc, _share_of_setosa],
        operations=[
            "predict_mode",
            "predict_mode",
            "predict",
            "predict",
            "predict",
            "predict_mode",
        ],
        verbosity=0,
    )
    assert e.measurement[0] == pytest.approx(e.measurement[1])
    assert e.measurement[2] < 0 and e.measurement[3] == pytest.approx(e.measurement[4])
    assert 0 <= e.measurement[5] <= 1
    assert [m.name for m in e.measure][2:4] == ["neg_log_loss", "roc_auc_score"]


def _share_of_setosa(prediction: Any, truth: Any) -> float:
    return float(np.mean(np.asarray(prediction) == "setosa"))


def test_a_logger_hears_of_each_evaluation() -> None:
    heard: list[mlj.PerformanceEvaluation] = []

    @dataclasses.dataclass
    class Listener:
        def log_evaluation(self, evaluation: mlj.PerformanceEvaluation) -> None:
            heard.append(evaluation)

    models = {"a": Mean(), "b": Mean(shift=1.0)}
    both = mlj.evaluate(models, ROWS, TARGET, logger=Listener(), verbosity=0)
    assert heard == [both["a"], both["b"]]
    with pytest.raises(WrongType, match="must have a method log_evaluation"):
        mlj.evaluate(Mean(), ROWS, TARGET, logger="mlflow", verbosity=0)


def test_folds_say_nothing_twice() -> None:
    counts = pd.DataFrame({"a": range(12)})
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"), epochs=1, rng=1, batch_size=4
    )
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        mlj.evaluate(model, counts, TARGET, verbosity=0)
    assert len([w for w in heard if "Count" in str(w.message)]) == 1


def test_an_evaluation_does_not_change_when_its_resampling_does_and_can_be_pickled() -> None:
    resampling = mlj.CV(nfolds=3, rng=1)
    e = mlj.evaluate(Mean(), ROWS, TARGET, resampling=resampling, verbosity=0)
    resampling.nfolds = 7
    assert e.resampling == mlj.CV(nfolds=3, rng=1)
    pairs = ((range(6), range(6, 12)) for _ in range(2))  # which can be read once
    e = mlj.evaluate(Mean(), ROWS, TARGET, resampling=pairs, compact=True, verbosity=0)
    again = pickle.loads(cloudpickle.dumps(e))
    assert again.measurement == e.measurement
    assert len(again.resampling.train_test_pairs(range(12))) == 2


def test_rows_without_a_truth_count_neither_for_functions_nor_in_the_weight_of_a_fold() -> None:
    truth = TARGET.copy()
    truth[[0, 1, 2, 6]] = np.nan
    measures = ["l1", mean_absolute_error, "neg_mean_absolute_error"]
    pairs = [([4, 5, 7], range(4)), ([4, 5], range(6, 12))]
    e = mlj.evaluate(Mean(), ROWS, truth, resampling=pairs, measures=measures, verbosity=0)
    own, metric, scorer = e.measurement
    assert metric == pytest.approx(own, rel=1e-12) and scorer == pytest.approx(-own, rel=1e-12)
    by_hand = [abs(3 - 16 / 3), *(abs(k - 4.5) for k in range(7, 12))]
    assert own == pytest.approx(np.mean(by_hand), rel=1e-12)


def test_nothing_is_said_of_the_positive_class_where_nothing_is_to_be_said(caplog: Any) -> None:
    X, y = mlj.load_breast_cancer()
    forest = mlj.NeuralNetworkBinaryClassifier(builder=mlj.Linear(), epochs=1, rng=1)
    with caplog.at_level("INFO", logger="mlj_keras"):
        mlj.evaluate(forest, X, y, resampling=mlj.Holdout(0.5), verbosity=0)
        assert not caplog.messages
        mlj.evaluate(forest, X, y, resampling=mlj.Holdout(0.5), verbosity=1)
    assert len(caplog.messages) == 1 and "positive class" in caplog.messages[0]


def test_a_machine_of_nodes_is_refused_with_the_way_to_do_it() -> None:
    Xs, ys = mlj.source([[0.0], [1.0]] * 5), mlj.source([0.5, 1.0] * 5)
    mach = mlj.machine(mlj.NeuralNetworkRegressor(), Xs, ys)
    with pytest.raises(InvalidArgument, match="arguments are nodes.*NetworkComposite"):
        mlj.evaluate(mach)
