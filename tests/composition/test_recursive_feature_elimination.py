"""Features dropped one after another: which are left, how often is trained, what is predicted."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import RFE

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidModelError,
    TableError,
)
from tests.batteries.counting import Mean, trained
from tests.batteries.eliminating import (
    NAMES,
    ORDER,
    RNG,
    Deaf,
    Ranked,
    Silent,
    X,
    Y,
    diabetes,
    eliminating,
    fitted,
    linear,
)


def test_38_half_is_left_and_scores_count_how_often_a_feature_was_kept() -> None:
    trained()
    mach = fitted(eliminating(step=3))
    assert [len(each) for each in trained()] == [10, 7, 5]
    report = mlj.report(mach)
    assert report.sizes == [10, 7, 5]
    wanted = {name: 3 if name in ORDER[:5] else 2 if name in ORDER[:7] else 1 for name in NAMES}
    assert report.scores == wanted and list(report.scores) == NAMES
    assert sorted(report.scores.values(), reverse=True) == [3] * 5 + [2] * 2 + [1] * 3
    assert mlj.feature_importances(mach) == list(wanted.items())
    assert mlj.fitted_params(mach).features_left == tuple(ORDER[:5])


@pytest.mark.parametrize(
    ("n_features", "step", "sizes"),
    [
        (0, 1, [10, 9, 8, 7, 6, 5]),
        (0.5, 3, [10, 7, 5]),
        (0.05, 20, [10, 1]),
        (0.39, 4, [10, 6, 3]),
        (7.9, 1.9, [10, 9, 8, 7]),
        (2, 0.35, [10, 7, 4, 2]),
        (8, 0.01, [10, 9, 8]),
        (10, 1, [10]),
    ],
)
def test_counts_and_shares_are_rounded_down(
    n_features: float, step: float, sizes: list[int]
) -> None:
    trained()
    mach = fitted(eliminating(n_features=n_features, step=step))
    assert mlj.report(mach).sizes == sizes == [len(each) for each in trained()]
    left = ORDER[: sizes[-1]] if len(sizes) > 1 else NAMES
    assert mlj.fitted_params(mach).features_left == tuple(left)


def test_each_fit_sees_the_table_order_and_the_last_one_that_of_the_importances() -> None:
    trained()
    fitted(eliminating(n_features=4, step=3))
    kept = "".join(sorted(ORDER[:7]))
    assert trained() == ["abcdefghij", kept, ORDER[:4]]


def test_of_equally_important_features_the_earlier_in_the_table_are_kept() -> None:
    mach = fitted(eliminating(Deaf(gives={name: -1.0 for name in reversed(NAMES)}), n_features=3))
    assert mlj.fitted_params(mach).features_left == ("a", "b", "c")
    mach = fitted(eliminating(Deaf(gives={"h": 0.5}), n_features=3))  # the others have 0
    assert mlj.fitted_params(mach).features_left == ("h", "a", "b")


@pytest.mark.parametrize("step", [1, 3, 0.34])
@pytest.mark.parametrize("n_features", [1, 4, 0.7])
@pytest.mark.parametrize("kind", ["LinearRegression", "RandomForestRegressor"])
def test_the_features_left_are_those_of_scikit_learn(
    kind: str, n_features: float, step: float
) -> None:
    frame, y = diabetes()
    options = {"n_estimators": 5, "random_state": 1} if kind == "RandomForestRegressor" else {}
    model = mlj.load(kind)(**options)
    mach = fitted(eliminating(model, n_features=n_features, step=step), frame, y)
    oracle = RFE(model.build(), n_features_to_select=n_features, step=step).fit(frame, y)
    left = mlj.fitted_params(mach).features_left
    assert sorted(left) == sorted(frame.columns[oracle.support_])
    scores = np.array(list(mlj.report(mach).scores.values()))
    np.testing.assert_array_equal(scores.max() - scores + 1, oracle.ranking_)


def test_features_left_are_in_the_order_of_their_importance_when_they_were_chosen() -> None:
    frame, y = diabetes()
    mach = fitted(eliminating(linear(), n_features=3, step=6), frame, y)
    sizes = dict(mlj.feature_importances(fitted(linear(), frame, y)))
    assert mlj.fitted_params(mach).features_left == tuple(
        sorted(sizes, key=lambda name: -sizes[name])[:3]
    )


def test_it_selects_and_predicts_as_the_model_trained_on_what_is_left() -> None:
    frame, y = diabetes()
    mach = fitted(eliminating(linear(), n_features=4), frame, y)
    selected = mlj.transform(mach, frame)
    assert selected.equals(frame[list(mlj.fitted_params(mach).features_left)])
    alone = fitted(linear(), selected, y)
    pd.testing.assert_series_equal(mlj.predict(mach, frame), mlj.predict(alone, selected))
    learned = mlj.fitted_params(mach).model_fitted_params
    np.testing.assert_array_equal(learned.coef, mlj.fitted_params(alone).coef)
    assert mlj.report(mach).model_report.features == tuple(selected.columns)


def test_predictions_are_distributions_if_the_model_gives_them() -> None:
    frame, y = mlj.load_iris()
    Bayes = mlj.load("RandomForestClassifier")(n_estimators=5, random_state=1)
    model = eliminating(Bayes, n_features=2)
    assert model.own_traits().prediction_type == "probabilistic"
    mach = fitted(model, frame, y)
    left = list(mlj.fitted_params(mach).features_left)
    alone = fitted(Bayes, frame[left], y)
    assert mlj.predict(mach, frame) == mlj.predict(alone, frame[left])
    assert mlj.predict_mode(mach, frame).equals(mlj.predict_mode(alone, frame[left]))


def test_weights_reach_every_fit() -> None:
    frame, y = diabetes()
    w = RNG.uniform(0.1, 3, len(y))
    mach = fitted(eliminating(linear(), n_features=4), frame, y, w)
    oracle = RFE(linear().build(), n_features_to_select=4).fit(frame, y, sample_weight=w)
    assert sorted(mlj.fitted_params(mach).features_left) == sorted(frame.columns[oracle.support_])
    np.testing.assert_allclose(mlj.predict(mach, frame), oracle.predict(frame))


def test_any_change_trains_from_the_start() -> None:
    mach = fitted(eliminating(n_features=8))
    for path, value, sizes in (
        ("n_features", 9, [10, 9]),
        ("model.epochs", 5, [10, 9]),
        ("step", 2, [10, 9]),
    ):
        trained()
        mach.model.set(path, value)
        mlj.fit(mach, verbosity=-1)
        assert [len(each) for each in trained()] == sizes
    mlj.fit(mach, verbosity=-1)
    assert trained() == []


def test_it_says_on_how_many_features_it_trains(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mlj_keras"):
        mlj.fit(mlj.machine(eliminating(step=3), X, Y))
    said = [r.message for r in caplog.records if "features." in r.message]
    assert said == [f"Training on {n} features." for n in (10, 7, 5)]


def test_a_training_that_is_cut_off_leaves_the_machine_as_it_was() -> None:
    mach = fitted(eliminating(n_features=8))
    before = list(mlj.predict(mach, X))
    mach.model.model.stops = True
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert list(mlj.predict(mach, X)) == before and mach.state == 1


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (Ranked, "got the class Ranked"),
        (mlj.Standardizer(), "must be a model that predicts from tables"),
        (mlj.ImageClassifier(), "must be a model that predicts from tables"),
        (Silent(), "Silent reports no feature importances. Give importances=..."),
        (Mean(), "Mean reports no feature importances"),
        (mlj.NeuralNetworkRegressor(), "NeuralNetworkRegressor reports no feature importances"),
        (mlj.load("KNeighborsRegressor")(), "reports no feature importances"),
    ],
)
def test_a_model_that_cannot_say_what_is_important_raises(model: Any, problem: str) -> None:
    with pytest.raises(InvalidModelError, match=problem):
        mlj.RecursiveFeatureElimination(model)


def test_a_model_that_is_put_in_later_is_checked_at_machine() -> None:
    model = eliminating()
    model.model = Silent()
    with pytest.raises(InvalidModelError, match="Silent reports no feature importances"):
        mlj.machine(model, X, Y)
    model.importances = lambda mach: {}
    mlj.machine(model, X, Y)


def test_a_specification_without_a_function_raises_at_machine() -> None:
    model = eliminating(mlj.NeuralNetwork())
    with pytest.raises(InvalidModelError, match="NeuralNetworkRegressor reports no feature"):
        mlj.machine(model, X, Y)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("n_features", -1, "must be a number of features, a share.*got -1"),
        ("n_features", float("nan"), "must be a number of features"),
        ("n_features", "half", "must be a number of features"),
        ("n_features", True, "must be a number of features"),
        ("step", 0, "must be a number of features to drop at a time.*got 0"),
        ("step", -0.5, "to drop at a time"),
        ("step", float("inf"), "to drop at a time"),
        ("importances", 3, "must be a function of a trained machine, or None, got 3"),
        ("importances", dict, "must be a function"),
    ],
)
def test_impossible_values_raise_when_they_are_assigned(
    name: str, value: Any, problem: str
) -> None:
    model = eliminating()
    with pytest.raises(InvalidModelError, match=problem):
        setattr(model, name, value)


def test_what_there_are_no_features_in_raises_at_machine() -> None:
    with pytest.raises(InvalidModelError, match="n_features=11 is more than the 10 features"):
        mlj.machine(eliminating(n_features=11), X, Y)
    mlj.machine(eliminating(n_features=10.9), X, Y)
    with pytest.raises(DimensionMismatch, match=r"two features or more.*X has \['a'\]"):
        mlj.machine(eliminating(), X[["a"]], Y)
    with pytest.raises(TableError, match="X must be a table"):
        mlj.machine(eliminating(), X["a"], Y)
    with pytest.raises(DimensionMismatch, match="X must be a table"):
        mlj.machine(eliminating(), X["a"].to_numpy(), Y)
    with pytest.raises(TableError, match="must be a table, got object"):
        mlj.machine(eliminating(), object(), Y)
    mach = mlj.machine(eliminating(n_features=11), X, Y, scitype_check_level=0)
    with pytest.raises(InvalidModelError, match="is more than the 10 features"):
        mlj.fit(mach, verbosity=-1)


def test_a_support_vector_machine_has_importances_with_a_linear_kernel_only() -> None:
    SVC, (frame, y) = mlj.load("SVC"), mlj.load_iris()
    mach = fitted(eliminating(SVC(kernel="linear")), frame, y)
    assert mlj.report(mach).sizes == [4, 3, 2]
    with pytest.raises(InvalidModelError, match="SVC reports no feature importances with these"):
        fitted(eliminating(SVC()), frame, y)
