"""What a model has learned is of the kind that it learns."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.models.interface import FitOutcome
from mlj_keras.models.learned import check_learned

X = pd.DataFrame({"a": [1.0, 2.0, 4.0], "c": pd.Categorical(["x", "y", "x"])})
MODELS = [
    mlj.Standardizer(),
    mlj.OneHotEncoder(),
    mlj.FillImputer(),
    mlj.MissingIndicator(),
    mlj.ContinuousEncoder(),
    mlj.Standardizer() | mlj.OneHotEncoder(),
]


def outcome_of(model: Any) -> FitOutcome:
    mach = mlj.fit(mlj.machine(model, X), verbosity=0)
    outcome: FitOutcome = mach.trained("check")[1]
    return outcome


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_what_a_model_has_learned_is_its_own(model: Any) -> None:
    check_learned(model, outcome_of(model))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("fitresult", [3, None, "x", ()])
def test_anything_else_is_not(model: Any, fitresult: Any) -> None:
    with pytest.raises(ValueError, match=rf"{type(model).__name__} learns a .*, and this is"):
        check_learned(model, FitOutcome(fitresult))


def test_columns_that_another_transformer_has_learned_of_are_refused() -> None:
    with pytest.raises(ValueError, match="FillImputer does not learn Moments.* of 'a'"):
        check_learned(mlj.FillImputer(), outcome_of(mlj.Standardizer()))


def test_an_estimator_of_another_class_is_refused() -> None:
    ridge, tree = mlj.load("Ridge")(), mlj.load("DecisionTreeRegressor")()
    mach = mlj.fit(mlj.machine(ridge, X[["a"]], X.a), verbosity=0)
    check_learned(ridge, mach.trained("check")[1])
    with pytest.raises(ValueError, match=r"DecisionTreeRegressor learns no Ridge\("):
        check_learned(tree, mach.trained("check")[1])


def test_what_has_learned_is_a_model() -> None:
    with pytest.raises(ValueError, match="what has learned is 3, and no model"):
        check_learned(3, FitOutcome(None))


def test_a_model_of_the_users_own_learns_what_it_says_or_anything() -> None:
    class Mine(mlj.Deterministic):
        def predict(self, fitresult: Any, Xnew: Any) -> Any:
            return fitresult

    check_learned(Mine(), FitOutcome(object()))
