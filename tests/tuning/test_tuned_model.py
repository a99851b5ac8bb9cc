"""Tuned models: what is searched, what is found, what goes on, what is refused."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    AllCandidatesFailed,
    InvalidArgument,
    ModelWarning,
    NotTrainedError,
)
from tests.batteries.searching import (
    STOPS,
    Valley,
    X,
    Y,
    a_range,
    fitted,
    plain,
    same_history,
    trained,
    tuned,
)


def net(**changes: Any) -> Any:
    settings = {"builder": mlj.MLP(hidden=(4,)), "batch_size": 16, "epochs": 3, "rng": 1}
    return mlj.NeuralNetworkClassifier(**settings | changes)


def test_the_best_of_the_candidates_is_found_and_trained_on_all_rows() -> None:
    trained()
    mach = fitted(tuned())
    report = mlj.report(mach)
    losses = [(a - 0.3) ** 2 + 1 for a in (0.0, 0.25, 0.5, 0.75, 1.0)]
    np.testing.assert_allclose(report.history["measurement"], losses, rtol=1e-15)
    assert list(report.history["a"]) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert report.best_index == 1 and report.best_model == Valley(a=0.25, rng=1)
    assert mlj.fitted_params(mach).best_model == report.best_model
    assert mlj.fitted_params(mach).best_fitted_params.fitresult[0] == losses[1]
    assert report.best_report.n == 1
    assert report.best_history_entry.measurement == pytest.approx([losses[1]], rel=1e-15)
    assert report.best_evaluation is report.best_history_entry.evaluation
    assert [a for a, _, _ in trained()] == [0.0, 0.25, 0.5, 0.75, 1.0, 0.25]
    assert mlj.predict(mach, X[:2]).tolist() == [losses[1]] * 2


def test_the_history_is_a_frame_with_a_row_for_each_candidate() -> None:
    history = mlj.report(fitted(tuned(measure=[mlj.l1, mlj.l2]))).history
    assert isinstance(history, pd.DataFrame) and history.index.name == "candidate"
    names = ["a", "measurement", "l2", "uncertainty_radius_95", "failure", "evaluation", "model"]
    assert list(history.columns) == names
    assert history["failure"].isna().all()
    assert history["model"][2] == Valley(a=0.5, rng=1)
    assert history["evaluation"][2].measurement[1] == history["l2"][2]


def test_a_score_is_maximised_and_its_sign_is_kept() -> None:
    X, y = mlj.load_iris()
    r = mlj.param_range(net(), "optimiser.learning_rate", values=[1e-5, 1e-1, 1e-4])
    mach = mlj.machine(
        mlj.TunedModel(net(), ranges=r, tuning=mlj.Grid(shuffle=False), measure=mlj.accuracy), X, y
    )
    report = mlj.report(mlj.fit(mach, verbosity=0))
    assert report.best_index == 1 and report.history["measurement"].idxmax() == 1
    assert (report.history["measurement"] >= 0).all()
    assert mlj.training_losses(mach)[-1] == -report.history["measurement"].max()


def test_raising_n_goes_on_lowering_it_or_another_change_begins_anew() -> None:
    mach = mlj.machine(tuned(tuning=mlj.RandomSearch(), n=4, train_best=False), X, Y)
    trained()
    first = mlj.report(mlj.fit(mach, verbosity=0)).history
    assert len(first) == len(trained()) == 4
    mach.model.n = 6
    more = mlj.report(mlj.fit(mach, verbosity=0)).history
    assert len(more) == 6 and len(trained()) == 2 and plain(more[:4]).equals(plain(first))
    mach.model.n = 3
    fewer = mlj.report(mlj.fit(mach, verbosity=0)).history
    assert len(fewer) == len(trained()) == 3 and plain(fewer).equals(plain(first[:3]))
    mach.model.model.k = 1
    mlj.fit(mach, verbosity=0)
    assert len(trained()) == 3
    mlj.fit(mach, verbosity=0)
    assert not trained()
    mlj.fit(mach, verbosity=0, force=True)
    assert len(trained()) == 3


def test_another_choice_of_the_best_trains_no_candidate() -> None:
    class Worst:
        def best(self, entries: Any) -> Any:
            return max(entries, key=lambda entry: entry.loss)

    mach = fitted(tuned(train_best=False))
    trained()
    with pytest.raises(
        NotTrainedError, match=r"train_best=False. Call fit\(mach\), with train_best=True"
    ):
        mlj.predict(mach, X)
    assert mlj.fitted_params(mach).best_fitted_params is None
    mach.model.train_best = True
    mlj.fit(mach, verbosity=0)
    assert trained() == [(0.25, 0, 1)]
    mach.model.selection_heuristic = Worst()
    assert mlj.report(mlj.fit(mach, verbosity=0)).best_index == 4
    assert trained() == [(1.0, 0, 1)]


def test_the_best_is_not_trained_again_if_it_stays_the_best() -> None:
    mach = fitted(tuned(ranges=[a_range(values=[0.3, 0.4])], n=1))
    trained()
    mach.model.n = 2
    mlj.fit(mach, verbosity=0)
    assert trained() == [(0.4, 0, 1)] and mlj.report(mach).best_index == 0


def test_what_fails_or_is_nan_is_noted_with_its_reason_and_never_wins() -> None:
    model = Valley(cliff=0.6, hole=0.1, rng=1)
    report = mlj.report(fitted(tuned(model)))
    failures = report.history["failure"]
    assert list(failures.isna()) == [False, True, True, False, False]
    assert failures[0] == "l1 is NaN" and failures[3] == "ValueError: over the cliff"
    assert report.history["measurement"].isna().tolist() == [True, False, False, True, True]
    assert report.best_index == 1 and math.isnan(report.losses[0])
    assert report.losses[-1] == report.history["measurement"][1]


def test_if_all_candidates_fail_the_reasons_are_grouped() -> None:
    model = Valley(cliff=-1, rng=1)
    mach = mlj.machine(tuned(model), X, Y)
    words = r"All 5 candidates failed: 5 with ValueError: over the cliff.*evaluate\(model"
    with pytest.raises(AllCandidatesFailed, match=words) as caught:
        mlj.fit(mach, verbosity=0)
    assert isinstance(caught.value.history, pd.DataFrame) and len(caught.value.history) == 5
    mach.model.model.cliff = 9
    assert mlj.report(mlj.fit(mach, verbosity=0)).best_index == 1


def test_models_of_a_list_are_tried_as_they_are() -> None:
    models = [Valley(a=1), Valley(a=0.3, n=3), Valley(k=1)]
    mach = fitted(tuned(models=models))
    report = mlj.report(mach)
    assert report.best_model == models[1] and list(report.history["model"]) == models
    assert report.plotting.parameter_names == []
    resolved = mlj.machine(
        mlj.TunedModel(models=[mlj.NeuralNetwork(epochs=1, rng=1), net()]), *mlj.load_iris()
    )
    mlj.fit(resolved, verbosity=0)
    assert {type(m).__name__ for m in mlj.report(resolved).history["model"]} == {
        "NeuralNetworkClassifier"
    }


def test_models_that_predict_otherwise_are_measured_otherwise_with_a_warning() -> None:
    X, y = mlj.load_diabetes()
    own = mlj.NeuralNetworkRegressor(epochs=1, rng=1)
    forest = mlj.load("RandomForestClassifier")
    Xc, yc = mlj.load_iris()
    svc = mlj.load("LinearSVC")  # which predicts labels
    both = mlj.TunedModel(models=[net(), svc()], measure=mlj.accuracy)
    with pytest.warns(ModelWarning, match="in different ways"):
        mach = mlj.fit(mlj.machine(both, Xc, yc), verbosity=0)
    operations = [e.operation for e in mlj.report(mach).history["evaluation"]]
    assert operations == [["predict_mode"], ["predict"]]
    with pytest.raises(InvalidArgument, match="log_loss compares predicted distributions"):
        mlj.machine(mlj.TunedModel(models=[forest(), svc()], measure=mlj.log_loss), Xc, yc)
    assert (
        mlj.report(
            mlj.fit(mlj.machine(mlj.TunedModel(models=[own]), X, y), verbosity=0)
        ).best_model
        == own
    )


def test_weights_and_class_weights_reach_every_fold() -> None:
    X, y = mlj.load_iris()
    w = np.linspace(0.1, 2, 150)
    by_class = {"setosa": 1.0, "versicolor": 2.0, "virginica": 3.0}
    r = mlj.param_range(net(), "lambda_", values=[0.0, 0.1])
    folds = mlj.StratifiedCV(nfolds=3, rng=1)
    settings = {"weights": w, "class_weights": by_class, "resampling": folds}
    model = mlj.TunedModel(net(), ranges=r, measure=mlj.log_loss, n=2, **settings)
    training = np.linspace(2, 0.5, 150)
    report = mlj.report(mlj.fit(mlj.machine(model, X, y, training), verbosity=0))
    for candidate, found in zip(
        report.history["model"], report.history["measurement"], strict=True
    ):
        alone = mlj.evaluate(
            candidate, X, y, training, measure=mlj.log_loss, verbosity=0, **settings
        )
        assert alone.measurement == [found]


def test_the_best_found_re_evaluates_to_the_reported_score() -> None:
    X, y = mlj.load_diabetes()
    model = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(8,)), epochs=4, rng=2)
    r = mlj.param_range(model, "optimiser.learning_rate", lower=1e-3, upper=1, scale="log10")
    folds = mlj.CV(nfolds=3, rng=1)
    mach = mlj.machine(mlj.TunedModel(model, ranges=r, n=4, resampling=folds), X, y)
    report = mlj.report(mlj.fit(mach, verbosity=0))
    again = mlj.evaluate(report.best_model, X, y, resampling=folds, verbosity=0)
    assert again.measurement == report.best_evaluation.measurement
    assert again.per_fold[0].tolist() == report.best_evaluation.per_fold[0].tolist()
    alone = mlj.fit(mlj.machine(report.best_model, X, y), verbosity=0)
    assert np.array_equal(mlj.predict(alone, X), mlj.predict(mach, X))


def test_ctrl_c_keeps_the_candidates_that_are_done_and_the_next_fit_goes_on() -> None:
    whole = fitted(tuned())
    mach = mlj.machine(tuned(Valley(stops_at=0.5, rng=1)), X, Y)
    trained()
    STOPS.append(1)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert len(mlj.report(mach).history) == 2 and mlj.report(mach).best_index == 1
    assert mlj.fitted_params(mach).best_model.a == 0.25
    with pytest.raises(NotTrainedError, match="predict needs the best model"):
        mlj.predict(mach, X)
    mlj.fit(mach, verbosity=0)
    assert same_history(mach, whole) and [a for a, _, _ in trained()] == [
        0,
        0.25,
        0.5,
        0.75,
        1,
        0.25,
    ]
    assert np.array_equal(mlj.predict(mach, X), mlj.predict(whole, X))


def test_ctrl_c_while_the_best_is_trained_keeps_the_search() -> None:
    mach = mlj.machine(tuned(Valley(stops_at=0.25, rng=1)), X, Y)
    STOPS.append(1)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)  # the candidate itself
    STOPS.clear()
    mlj.fit(mach, verbosity=0)
    mach = mlj.machine(tuned(Valley(rng=1), callbacks=[lambda entries: None]), X, Y)

    def stop(entries: Any) -> None:
        if len(entries) == 5:
            STOPS.append(1)

    mach = mlj.machine(tuned(Valley(stops_at=0.25, rng=1), callbacks=[stop]), X, Y)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert len(mlj.report(mach).history) == 5
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == [(0.25, 0, 1)]


def test_a_callback_that_fails_loses_nothing() -> None:
    def fail(entries: Any) -> None:
        if len(entries) == 3:
            raise OSError("the disk is full")

    mach = mlj.machine(tuned(callbacks=fail), X, Y)
    with pytest.raises(OSError, match="the disk is full"):
        mlj.fit(mach, verbosity=-1)
    assert len(mlj.report(mach).history) == 3
    mach.model.callbacks = ()
    trained()
    assert len(mlj.report(mlj.fit(mach, verbosity=0)).history) == 5
    assert [a for a, _, _ in trained()] == [0.75, 1.0, 0.25]


def test_nothing_begins_after_the_time_is_over_and_more_time_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mach = mlj.machine(tuned(timeout_s=1e-9), X, Y)
    with pytest.raises(
        AllCandidatesFailed, match="by Grid had no candidate done within timeout_s=1e-09"
    ):
        mlj.fit(mach, verbosity=0)

    def wait(entries: Any) -> None:
        import time

        time.sleep(0.3)

    mach = mlj.machine(tuned(timeout_s=0.2, callbacks=wait), X, Y)
    with caplog.at_level(logging.INFO, "mlj_keras"):
        logging.getLogger("mlj_keras").addHandler(caplog.handler)
        mlj.fit(mach, verbosity=1)
        logging.getLogger("mlj_keras").removeHandler(caplog.handler)
    assert len(mlj.report(mach).history) == 1
    assert "1 (of 5) models evaluated: the time is over." in caplog.text
    mlj.fit(mach, verbosity=0)  # which goes on, without any change
    assert len(mlj.report(mach).history) == 2
    mach.model.timeout_s, mach.model.callbacks = None, ()
    assert len(mlj.report(mlj.fit(mach, verbosity=0)).history) == 5


def test_a_supply_that_ends_is_told_and_the_best_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("mlj_keras").addHandler(caplog.handler)
    fitted_mach = mlj.machine(tuned(n=9), X, Y)
    mlj.fit(fitted_mach, verbosity=1)
    logging.getLogger("mlj_keras").removeHandler(caplog.handler)
    assert "Only 5 (of 9) models evaluated: model supply exhausted." in caplog.text
    assert "Best of 5: l1 1.0025 with a=0.25." in caplog.text


def test_it_nests_in_pipelines_evaluate_and_iterated_models() -> None:
    X, y = mlj.load_iris()
    r = mlj.param_range(net(), "lambda_", lower=1e-4, upper=1, scale="log10")
    search = mlj.TunedModel(net(), ranges=r, n=3)
    pipe = mlj.fit(mlj.machine(mlj.Standardizer() | search, X, y), verbosity=0)
    assert len(mlj.report(pipe).tuned_model.history) == 3
    evaluation = mlj.evaluate(search, X, y, resampling=mlj.CV(nfolds=2, rng=1), verbosity=0)
    assert [len(each.history) for each in evaluation.report_per_fold] == [3, 3]
    whole = mlj.IteratedModel(
        search, controls=[mlj.Step(2), mlj.NumberLimit(3)], resampling=None, keep="last"
    )
    report = mlj.report(mlj.fit(mlj.machine(whole, X, y), verbosity=0))
    assert report.n_iterations == 6 and len(report.model_report.history) == 6
    assert report.losses == sorted(report.losses, reverse=True)
    inside = mlj.TunedModel(
        mlj.Standardizer() | net(),
        ranges=mlj.param_range(
            mlj.Standardizer() | net(), "neural_network_classifier.epochs", values=[1, 2]
        ),
        tuning=mlj.Grid(),
    )
    mach = mlj.fit(mlj.machine(inside, X, y), verbosity=0)
    assert len(mlj.report(mach).history) == 2 and len(mlj.predict_mode(mach, X)) == 150


def test_a_specification_is_tuned_and_its_container_found() -> None:
    X, y = mlj.load_iris()
    spec = mlj.NeuralNetwork(builder=mlj.MLP(), epochs=1, rng=1)
    r = mlj.param_range(spec, "builder.hidden", values=[(2,), (3,)])
    mach = mlj.fit(
        mlj.machine(mlj.TunedModel(spec, ranges=r, tuning=mlj.Grid()), X, y), verbosity=0
    )
    report = mlj.report(mach)
    assert isinstance(report.best_model, mlj.NeuralNetworkClassifier)
    assert sorted(report.history["builder.hidden"]) == [(2,), (3,)]


def test_snapshots_are_those_of_the_best_model() -> None:
    X, y = mlj.load_iris()
    r = mlj.param_range(net(), "lambda_", values=[0.0, 0.1])
    mach = mlj.fit(mlj.machine(mlj.TunedModel(net(), ranges=r, n=2), X, y), verbosity=0)
    alone = mlj.fit(mlj.machine(mlj.report(mach).best_model, X, y), verbosity=0)
    assert mlj.snapshot(mach) == mlj.snapshot(alone)
    before = np.asarray(mlj.predict(mach, X))
    later = mlj.fit(
        mlj.machine(mlj.report(mach).best_model.replace({"epochs": 5}), X, y), verbosity=0
    )
    mlj.restore(mach, mlj.snapshot(later))
    assert not np.array_equal(np.asarray(mlj.predict(mach, X)), before)
    mlj.restore(mach, mlj.snapshot(alone))
    assert np.array_equal(np.asarray(mlj.predict(mach, X)), before)


def test_evaluations_keep_what_was_learned_if_asked_to() -> None:
    kept = mlj.report(fitted(tuned(compact_history=False))).history["evaluation"][0]
    assert len(kept.fitted_params_per_fold) == 1
    compact = mlj.report(fitted(tuned())).history["evaluation"][0]
    with pytest.raises(TypeError, match="compact"):
        _ = compact.fitted_params_per_fold


def test_each_candidate_is_logged_once() -> None:
    class Book:
        def __init__(self) -> None:
            self.tags: list[str] = []

        def log_evaluation(self, evaluation: Any) -> None:
            self.tags.append(evaluation.tag)

    book = Book()
    fitted(tuned(logger=book))
    assert book.tags == [f"candidate {i}" for i in range(5)]


def test_spellings_of_the_reference_are_taken(tmp_path: Path) -> None:
    model = mlj.TunedModel(
        model=Valley(), range=a_range(), tuning=mlj.Grid(), measure=mlj.l1, operation="predict"
    )
    assert model.ranges == a_range() and model.operations == "predict"
    assert mlj.load("TunedModel") is mlj.TunedModel
