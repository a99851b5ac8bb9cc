"""Hyper-parameters reach scikit-learn in the form that it takes."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.naive_bayes import CategoricalNB

from mlj_keras.builders import MLP
from mlj_keras.data.tables import table_of
from mlj_keras.errors import InvalidModelError
from mlj_keras.sklearn_models import model_class
from mlj_keras.sklearn_models._matrix import MatrixEncoder
from mlj_keras.sklearn_models._parameters import (
    data_parameters,
    estimator_value,
    random_state_of,
    unset_seeds,
    wants_list,
)
from mlj_keras.sklearn_models._target import target_of


def test_a_generator_becomes_an_int_drawn_from_it() -> None:
    assert random_state_of(np.random.default_rng(3)) == int(
        np.random.default_rng(3).integers(2**31)
    )
    old = int(np.random.RandomState(3).randint(2**31 - 1))
    assert random_state_of(np.random.RandomState(3)) == old
    assert random_state_of(None) is None and random_state_of(7) == 7


def test_models_become_estimators_however_deep_and_mappings_dicts() -> None:
    ridge = model_class("Ridge")(alpha=2.0)
    (name, estimator), *_ = estimator_value((("r", ridge),), wants_list=True)
    assert name == "r" and type(estimator) is Ridge and estimator.alpha == 2.0
    assert estimator_value(MappingProxyType({"a": (1, 2)})) == {"a": (1, 2)}
    with pytest.raises(InvalidModelError, match="no scikit-learn model.*as_estimator"):
        estimator_value(MLP())


def test_a_list_is_given_only_where_scikit_learn_insists() -> None:
    assert wants_list(StackingRegressor, "estimators")
    assert not wants_list(RidgeCV, "alphas")
    assert not wants_list(Ridge, "alpha")


def test_seeds_that_are_not_set_are_drawn_nested_ones_too() -> None:
    forests = [("a", RandomForestClassifier()), ("b", RandomForestClassifier(random_state=1))]
    assert set(unset_seeds(VotingClassifier(forests))) == {"a__random_state"}
    assert unset_seeds(Ridge(random_state=0)) == {}


def test_class_weights_and_positive_labels_are_given_by_label(classes: pd.Series) -> None:
    encoder = MatrixEncoder((), {}, frozenset(), "one_hot", nan=False)
    target = target_of(classes)
    weights = {"never": 1.0, "yes": 2.0}
    found = data_parameters(RandomForestClassifier(class_weight=weights), encoder, target)
    assert found == {"class_weight": {3: 1.0, 0: 2.0}}
    with pytest.raises(InvalidModelError, match="class_weight names 'y', which is no level"):
        data_parameters(RandomForestClassifier(class_weight={"y": 1}), encoder, target)


def test_gradient_boosting_is_told_which_columns_are_categories(table: pd.DataFrame) -> None:
    encoder = MatrixEncoder.fit(table_of(table), form="codes", nan=True)

    def masked(**settings: object) -> object:
        boosting = HistGradientBoostingRegressor(**settings)
        return data_parameters(boosting, encoder, None)["categorical_features"]

    assert masked() == [False, False, False, True, False]
    assert masked(categorical_features=["grade"]) == [False, False, False, False, True]
    assert masked(categorical_features=[0]) == [0]
    with pytest.raises(InvalidModelError, match="categorical_features names no columns.*'shape'"):
        masked(categorical_features=["shape"])
    found = data_parameters(
        HistGradientBoostingRegressor(monotonic_cst={"height": -1}), encoder, None
    )
    assert found["monotonic_cst"] == [0, -1, 0, 0, 0]


def test_naive_bayes_of_categories_knows_the_whole_pools(table: pd.DataFrame) -> None:
    encoder = MatrixEncoder.fit(table_of(table), form="codes", nan=False)
    assert data_parameters(CategoricalNB(), encoder, None) == {"min_categories": [0, 0, 0, 4, 2]}
    assert data_parameters(CategoricalNB(min_categories=3), encoder, None) == {}
