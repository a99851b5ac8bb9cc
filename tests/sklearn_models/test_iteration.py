"""Estimators that go on training: which they are, and that going on is what it should be."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from threadpoolctl import threadpool_limits

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, InvalidModelError
from mlj_keras.machine.machine import with_data
from mlj_keras.sklearn_models import model_class, model_names
from mlj_keras.sklearn_models.iteration import BY_EPOCHS, has_stopped, trained_on
from mlj_keras.sklearn_models.traits import parameters_of

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
# Their warm_start gives an optimisation a start value, or their partial_fit takes a batch: neither
# is one more of the iterations that they count.
NOT = {
    *("BernoulliRBM", "ElasticNet", "GammaRegressor", "HuberRegressor", "Lasso"),
    *("LatentDirichletAllocation", "LogisticRegression", "MiniBatchDictionaryLearning"),
    *("MiniBatchKMeans", "MiniBatchNMF", "MultiTaskElasticNet", "MultiTaskLasso"),
    *("NeighborhoodComponentsAnalysis", "PoissonRegressor", "TweedieRegressor"),
}
COUNTS = {"n_estimators", "max_iter", "n_iter"}
# SGD needs columns of one size.
NUMERIC = X.select_dtypes("number")
SCALED = (NUMERIC - NUMERIC.mean()) / NUMERIC.std()
STOPPING = {"early_stopping": True, "n_iter_no_change": 3}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Other work on the machine would stall small loops."""
    with threadpool_limits(1):
        yield


def hush_fit(mach: mlj.Machine) -> mlj.Machine:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few iterations
        return mlj.fit(mach, verbosity=0)


def trained(name: str, count: int, **options: Any) -> mlj.Machine:
    model = model_class(name)(**options)
    model.set(model.traits.iteration_parameter, count)
    data = (IRIS, SPECIES) if "Classifier" in name or name == "Perceptron" else (X, Y)
    args = data if model.traits.takes_target else data[:1]
    return hush_fit(mlj.machine(model, *args))


def goes_on(mach: mlj.Machine, count: int) -> mlj.Machine:
    mach.model.set(mach.model.traits.iteration_parameter, count)
    return mlj.fit(mach, verbosity=0)


def estimator_of(mach: mlj.Machine) -> Any:
    return mlj.fitted_params(mach).estimator


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
    assert found == wanted


def test_whatever_can_be_called_again_and_counts_iterates_or_is_known_not_to() -> None:
    def may(name: str) -> bool:
        cls = model_class(name).estimator_class
        parameters = set(parameters_of(cls))
        again = "warm_start" in parameters or hasattr(cls, "partial_fit")
        return again and bool(COUNTS & parameters)

    iterate = {n for n in model_names() if model_class(n).traits.iteration_parameter is not None}
    assert {name for name in model_names() if may(name)} == iterate | NOT and not iterate & NOT


@pytest.mark.parametrize("name", sorted(BY_TREES | BY_STAGES))
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


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("MLPClassifier", {"early_stopping": True}),
        ("MLPClassifier", {"solver": "lbfgs"}),
        ("SGDRegressor", {"early_stopping": True}),
        ("SGDRegressor", {"learning_rate": "adaptive"}),
        ("SGDClassifier", {"average": True}),
        ("BaggingRegressor", {"oob_score": True}),
        ("GradientBoostingRegressor", {"n_iter_no_change": 2}),
    ],
)
def test_with_options_of_which_scikit_learn_cannot_go_on_they_train_from_the_start(
    name: str, options: dict[str, Any]
) -> None:
    assert model_class(name)().own_traits().iteration_parameter is not None
    assert model_class(name)(**options).own_traits().iteration_parameter is None
    mach, whole = (trained(name, count, random_state=3, **options) for count in (9, 14))
    mach.model.set(mach.model.traits.iteration_parameter, 14)
    hush_fit(mach)
    np.testing.assert_array_equal(numbers(mach), numbers(whole))


@pytest.mark.parametrize(
    ("name", "options"),
    [("MLPRegressor", {}), ("SGDRegressor", {"tol": None}), ("SGDRegressor", {"average": True})],
)
def test_epochs_without_shuffling_are_those_of_an_uninterrupted_training(
    name: str, options: dict[str, Any]
) -> None:
    options = {
        "shuffle": False,
        "random_state": 3,
        "tol": None if "SGD" in name else 1e-4,
    } | options
    apart, whole = (model_class(name)(max_iter=n, **options) for n in (5, 12))
    mach = hush_fit(mlj.machine(apart, SCALED, Y))
    apart.max_iter = 12
    once = hush_fit(mlj.machine(whole, SCALED, Y))
    np.testing.assert_allclose(
        mlj.fit(mach, verbosity=0).predict(SCALED), once.predict(SCALED), rtol=1e-9
    )
    assert estimator_of(mach).n_iter_ == estimator_of(once).n_iter_ == 12


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("MLPRegressor", {"tol": 1e3, "n_iter_no_change": 2}),
        ("SGDRegressor", {}),
        ("HistGradientBoostingRegressor", STOPPING),
    ],
)
def test_what_has_stopped_by_itself_stays_as_it_is(name: str, options: dict[str, Any]) -> None:
    model = model_class(name)(max_iter=90, random_state=3, **options)
    mach = mlj.fit(mlj.machine(model, SCALED, Y), verbosity=0)
    before = estimator_of(mach)
    model.max_iter = 99
    whole = mlj.fit(mlj.machine(model, SCALED, Y), verbosity=0)
    found = mlj.fit(mach, verbosity=0).predict(SCALED)
    np.testing.assert_array_equal(found, whole.predict(SCALED))
    after = estimator_of(mach)
    assert (before.max_iter, after.max_iter) == (90, 99)
    assert after.n_iter_ == estimator_of(whole).n_iter_ < 90


@pytest.mark.parametrize("validation_fraction", [0.1, None])
def test_histograms_stop_at_the_same_iteration_one_by_one(
    validation_fraction: float | None,
) -> None:
    options = {**STOPPING, "random_state": 3, "validation_fraction": validation_fraction}
    model = model_class("HistGradientBoostingRegressor")(tol=20.0, **options)
    whole = mlj.fit(mlj.machine(model, SCALED, Y), verbosity=0)
    steps = mlj.machine(model.replace({"max_iter": 1}), SCALED, Y)
    stop = estimator_of(whole).n_iter_
    for count in range(1, stop + 4):
        goes_on(steps, count)
        assert has_stopped(estimator_of(steps), count) == (count >= stop)
    assert estimator_of(steps).n_iter_ == stop
    np.testing.assert_array_equal(steps.predict(SCALED), whole.predict(SCALED))


def test_losses_of_histograms_are_there_if_they_stop_early_by_the_loss() -> None:
    Hist = model_class("HistGradientBoostingRegressor")
    assert not Hist.traits.supports_training_losses
    assert not Hist(early_stopping=True, scoring="r2").own_traits().supports_training_losses
    assert Hist(early_stopping=True).own_traits().supports_training_losses
    mach = trained("HistGradientBoostingRegressor", 3, early_stopping=True, random_state=1)
    early, late = mlj.training_losses(mach), mlj.training_losses(goes_on(mach, 5))
    scores = estimator_of(mach).train_score_
    assert late == [-score for score in scores[1:]] and late[:3] == early and late[4] < late[0]
    for options in ({"early_stopping": True, "scoring": "r2"}, {"early_stopping": False}):
        assert mlj.training_losses(trained("HistGradientBoostingRegressor", 2, **options)) is None


def test_a_network_without_epochs_promises_no_losses() -> None:
    model = model_class("MLPRegressor")(solver="lbfgs")
    assert not model.own_traits().supports_training_losses
    assert model_class("MLPRegressor").traits.supports_training_losses


@pytest.mark.parametrize("value", [None, "many", 7.0])
def test_a_count_that_is_none_is_refused(value: object) -> None:
    mach = trained("RandomForestRegressor", 2, random_state=1)
    mach.model.n_estimators = value
    with pytest.raises(InvalidModelError, match="'n_estimators' parameter .* must be an int"):
        mlj.fit(mach, verbosity=0)


FEW = IRIS.iloc[:100], SPECIES.iloc[:100]  # of two of the three classes


@pytest.mark.parametrize(
    "name", sorted(n for n in BY_TREES | BY_STAGES if n.endswith("Classifier"))
)
def test_ensembles_refuse_rows_of_other_classes(name: str) -> None:
    mach = with_data(trained(name, 2, random_state=1), *FEW)
    with pytest.raises(InvalidArgument, match="just the 3 classes.* these have 2, 0 of them new"):
        goes_on(mach, 4)


@pytest.mark.parametrize("name", ["MLPClassifier", "SGDClassifier"])
def test_epochs_go_on_without_a_class_and_refuse_new_ones(name: str) -> None:
    mach = with_data(trained(name, 2, random_state=1), *FEW)
    assert estimator_of(goes_on(mach, 4)).n_iter_ == 4
    start = model_class(name)(max_iter=2, random_state=1)
    mach = with_data(hush_fit(mlj.machine(start, *FEW)), IRIS, SPECIES)
    with pytest.raises(InvalidArgument, match="none but the 2 classes.*Give rows of each class"):
        goes_on(mach, 4)


def test_histograms_refuse_other_rows() -> None:
    mach = trained("HistGradientBoostingRegressor", 2, random_state=1)
    with pytest.raises(InvalidArgument, match="cannot go on with other rows.*GradientBoosting"):
        goes_on(with_data(mach, X.iloc[:200], Y.iloc[:200]), 4)


def test_a_network_that_is_interrupted_does_not_go_through_the_other_epochs() -> None:
    class Interrupted:
        random_state, warm_start, calls, n_iter_ = 1, False, 0, 5

        def set_params(self, **options: Any) -> None:
            vars(self).update(options)

        def partial_fit(self, *data: Any) -> None:
            type(self).calls += 1
            self.n_iter_ = 0  # as a network does that has swallowed Ctrl-C

    Interrupted.__name__ = "MLPRegressor"
    with pytest.raises(KeyboardInterrupt):
        trained_on(Interrupted(), "max_iter", (5, 9), (X, Y), {})
    assert Interrupted.calls == 1


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
