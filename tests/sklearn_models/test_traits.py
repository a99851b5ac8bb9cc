"""The traits of scikit-learn's estimators."""

from __future__ import annotations

import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import RFE
from sklearn.linear_model import LinearRegression, LogisticRegression, MultiTaskLasso
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import mlj_keras as mlj
from mlj_keras.sklearn_models.traits import (
    gives_distributions,
    parameters_of,
    required,
    takes_missing,
    traits_of,
    traits_with,
)

LOGISTIC = LogisticRegression()


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (LOGISTIC, True),
        (LinearSVC(), False),
        (FixedThresholdClassifier(LOGISTIC), False),
        (StackingClassifier([("a", LOGISTIC)]), True),
        (StackingClassifier([("a", LOGISTIC)], final_estimator=LinearSVC()), False),
        (VotingClassifier([("a", LOGISTIC)]), False),
        (VotingClassifier([("a", LOGISTIC)], voting="soft"), True),
    ],
)
def test_what_has_probabilities_and_predicts_by_them_gives_distributions(
    estimator: object, *, expected: bool
) -> None:
    assert gives_distributions(estimator) is expected


def test_missing_values_are_taken_where_the_tags_allow_nan() -> None:
    assert takes_missing(StandardScaler()) and not takes_missing(LOGISTIC)
    with_trees = VotingClassifier([("a", HistGradientBoostingClassifier())])
    assert takes_missing(with_trees)


def test_scitypes_say_what_an_estimator_takes() -> None:
    several = traits_of(LinearRegression, LinearRegression()).target_scitype
    assert mlj.Vector[mlj.Continuous] <= several and mlj.Table[mlj.Continuous] <= several
    tables = traits_of(MultiTaskLasso, MultiTaskLasso()).target_scitype
    assert tables == mlj.Table[mlj.Continuous]
    binary = traits_of(FixedThresholdClassifier, FixedThresholdClassifier(LOGISTIC))
    assert binary.target_scitype == mlj.Vector[mlj.Finite[2]] and binary.is_wrapper
    forest = traits_of(RandomForestRegressor, RandomForestRegressor()).input_scitype
    assert mlj.Table[mlj.Optional[mlj.Continuous], mlj.Finite] <= forest
    assert not mlj.Table[mlj.Optional[mlj.Finite]] <= forest
    boosting = HistGradientBoostingClassifier
    assert mlj.Table[mlj.Optional[mlj.Finite]] <= traits_of(boosting, boosting()).input_scitype


def test_a_selector_is_a_transformer_that_is_trained_on_a_target() -> None:
    traits = traits_of(RFE, RFE(LOGISTIC))
    assert not traits.supervised and traits.takes_target
    assert mlj.Vector[mlj.Continuous] <= traits.target_scitype


def test_weights_are_supported_where_fit_takes_them() -> None:
    logistic = traits_of(LogisticRegression, LOGISTIC)
    assert logistic.supports_weights and logistic.supports_class_weights
    neighbours = traits_of(KNeighborsClassifier, KNeighborsClassifier())
    assert not neighbours.supports_weights and not neighbours.supports_class_weights
    linear = traits_of(LinearRegression, LinearRegression())
    assert linear.supports_weights and not linear.supports_class_weights


def test_an_instance_has_traits_of_its_own() -> None:
    traits = traits_of(VotingClassifier, VotingClassifier([("a", LOGISTIC)]))
    soft = VotingClassifier([("a", HistGradientBoostingClassifier())], voting="soft")
    own = traits_with(traits, VotingClassifier, soft)
    assert traits.prediction_type == "deterministic" and own.prediction_type == "probabilistic"
    assert mlj.Table[mlj.Optional[mlj.Continuous]] <= own.input_scitype
    assert not mlj.Table[mlj.Optional[mlj.Continuous]] <= traits.input_scitype


def test_the_parameters_of_a_constructor_are_read_in_order() -> None:
    assert list(parameters_of(SVC))[:2] == ["C", "kernel"]
    assert required(Pipeline) == ("steps",) and required(SVC) == ()
