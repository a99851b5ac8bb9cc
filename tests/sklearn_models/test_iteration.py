"""Estimators that go on training: which they are, and that going on is what it should be."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

import mlj_keras as mlj
from mlj_keras.sklearn_models import model_class, model_names
from mlj_keras.sklearn_models.iteration import BY_EPOCHS

X, Y = mlj.load_diabetes()
IRIS, SPECIES = mlj.load_iris()

BY_TREES = {
    "BaggingClassifier",
    "BaggingRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "RandomTreesEmbedding",
}
BY_STAGES = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}
NOT = {"AdaBoostClassifier", "ElasticNet", "GaussianMixture", "Lasso", "LogisticRegression"}


def trained(name: str, count: int, **options: Any) -> mlj.Machine:
    model = model_class(name)(**options)
    model.set(model.traits.iteration_parameter, count)
    data = (IRIS, SPECIES) if "Classifier" in name or name == "Perceptron" else (X, Y)
    args = data if model.traits.takes_target else data[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few iterations
        return mlj.fit(mlj.machine(model, *args), verbosity=0)


def goes_on(mach: mlj.Machine, count: int) -> mlj.Machine:
    mach.model.set(mach.model.traits.iteration_parameter, count)
    return mlj.fit(mach, verbosity=0)


def numbers(mach: mlj.Machine) -> np.ndarray:
    data = IRIS if mach.args[0].data is IRIS else X
    found = mlj.predict(mach, data) if mach.model.traits.supervised else mlj.transform(mach, data)
    return found.to_numpy() if hasattr(found, "to_numpy") else np.asarray(found)


def test_the_estimators_that_iterate_are_these() -> None:
    found = {
        name: model_class(name).traits.iteration_parameter
        for name in model_names()
        if model_class(name).traits.iteration_parameter is not None
    }
    wanted = dict.fromkeys(BY_TREES, "n_estimators") | dict.fromkeys(BY_STAGES, "max_iter")
    wanted |= dict.fromkeys(BY_EPOCHS & set(model_names()), "max_iter")
    assert {name: found.get(name) for name in wanted} == wanted
    assert set(found) - set(wanted) <= {"IsolationForest"} and not NOT & set(found)


@pytest.mark.parametrize("name", sorted((BY_TREES | BY_STAGES) - {"RandomTreesEmbedding"}))
def test_5_and_5_more_are_10(name: str) -> None:
    apart, whole = trained(name, 5, random_state=3), trained(name, 10, random_state=3)
    before = pickle.dumps(apart.trained("test")[1].fitresult.estimator)
    outcome = apart.trained("test")[1]
    goes_on(apart, 10)
    np.testing.assert_array_equal(numbers(apart), numbers(whole))
    assert pickle.dumps(outcome.fitresult.estimator) == before and apart.state == 2


def test_the_first_trees_are_those_of_before_also_without_a_seed() -> None:
    mach = trained("RandomForestRegressor", 3)
    first = mlj.fitted_params(mach).estimator
    more = mlj.fitted_params(goes_on(mach, 5)).estimator
    assert len(more.estimators_) == 5 and more.warm_start is False
    for one, other in zip(first.estimators_, more.estimators_[:3], strict=True):
        np.testing.assert_array_equal(one.tree_.threshold, other.tree_.threshold)
        np.testing.assert_array_equal(one.tree_.value, other.tree_.value)
    seeds = {tree.random_state for tree in more.estimators_}
    assert len(seeds) == 5


def test_it_is_the_warm_start_of_scikit_learn() -> None:
    numeric = X.select_dtypes("number")
    forest = RandomForestRegressor(4, random_state=1, warm_start=True).fit(numeric, Y)
    forest.set_params(n_estimators=9).fit(numeric, Y)
    model = model_class("RandomForestRegressor")(n_estimators=4, random_state=1)
    mach = mlj.fit(mlj.machine(model, numeric, Y), verbosity=0)
    model.n_estimators = 9
    mlj.fit(mach, verbosity=0)
    np.testing.assert_array_equal(mach.predict(numeric), forest.predict(numeric))


@pytest.mark.parametrize("name", sorted(BY_EPOCHS & set(model_names()) - {"SGDOneClassSVM"}))
def test_epochs_go_on_and_in_parts_as_at_once(name: str) -> None:
    once, parts = trained(name, 2, random_state=3), trained(name, 2, random_state=3)
    early = numbers(once)
    goes_on(once, 7)
    for count in (3, 5, 7):
        goes_on(parts, count)
    np.testing.assert_array_equal(numbers(once), numbers(parts))
    assert not np.array_equal(numbers(once), early)
    assert mlj.fitted_params(once).estimator.random_state == 3


def test_losses_of_iterations_are_reported() -> None:
    for name in ("MLPRegressor", "GradientBoostingRegressor"):
        mach = trained(name, 3, random_state=1)
        early = mlj.training_losses(mach)
        late = mlj.training_losses(goes_on(mach, 8))
        assert len(early) == 3 and len(late) == 8 and late[:3] == early
    assert mlj.training_losses(trained("RandomForestRegressor", 3)) is None


@pytest.mark.parametrize(
    ("change", "count"), [({"max_depth": 2}, 10), ({}, 3), ({"warm_start": True}, 10)]
)
def test_any_other_change_trains_from_the_start(change: dict[str, Any], count: int) -> None:
    mach = trained("RandomForestRegressor", 5, random_state=1)
    for name, value in change.items():
        mach.model.set(name, value)
    goes_on(mach, count)
    whole = trained("RandomForestRegressor", count, random_state=1, **change)
    np.testing.assert_array_equal(numbers(mach), numbers(whole))


def test_early_stopping_of_their_own_cannot_go_on() -> None:
    for name in ("MLPClassifier", "SGDRegressor"):
        model = model_class(name)(early_stopping=True)
        assert model.own_traits().iteration_parameter is None
    assert model_class("MLPClassifier")(solver="lbfgs").own_traits().iteration_parameter is None


def test_weights_of_rows_go_on_too() -> None:
    w = np.linspace(0.1, 3, len(Y))
    model = model_class("GradientBoostingRegressor")(n_estimators=4, random_state=1)
    mach = mlj.fit(mlj.machine(model, X, Y, w), verbosity=0)
    goes_on(mach, 8)
    whole = mlj.machine(model.replace({"n_estimators": 8}), X, Y, w)
    np.testing.assert_array_equal(mach.predict(X), mlj.fit(whole, verbosity=0).predict(X))


@pytest.mark.parametrize(
    "name", ["RandomForestClassifier", "GradientBoostingClassifier", "MLPClassifier"]
)
def test_they_are_iterated_under_control_and_the_best_is_kept(name: str) -> None:
    model = model_class(name)(random_state=1)
    controls = [mlj.Step(2), mlj.NumberSinceBest(3), mlj.NumberLimit(8)]
    pair = mlj.Holdout(0.6, rng=1).train_test_pairs(range(150))
    iterated = mlj.IteratedModel(model, controls=controls, resampling=pair)
    mach = mlj.fit(mlj.machine(iterated, IRIS, SPECIES), verbosity=0)
    report, (_, test) = mlj.report(mach), pair[0]
    found = mlj.log_loss(mlj.predict(mach, IRIS.iloc[test]), SPECIES.iloc[test])
    assert found == min(report.losses) and report.kept == "best"
