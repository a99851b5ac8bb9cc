"""What wraps a model hands on to it all that it does not do itself."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.models import FitOutcome
from mlj_keras.models.interface import Learned, Operations
from mlj_keras.models.wrapper import WrappedOperations, Wrapper, check_model


class Around(Wrapper):
    """Nothing of its own."""

    note: str = ""

    def fit(self, verbosity: int, *data: Any) -> Any:
        return self.model.fit(verbosity, *data)


def test_operations_and_facts_are_those_of_the_model() -> None:
    X, y = mlj.load_diabetes()
    Ridge = mlj.load("Ridge", package="scikit-learn")
    mach = mlj.fit(mlj.machine(Around(Ridge()), X, y), verbosity=0)
    own = mlj.fit(mlj.machine(Ridge(), X, y), verbosity=0)
    assert mlj.predict(mach, X).tolist() == mlj.predict(own, X).tolist()
    assert mlj.feature_importances(mach) == mlj.feature_importances(own)
    assert mlj.training_losses(mach) is None
    scale = mlj.fit(mlj.machine(Around(mlj.Standardizer()), X), verbosity=0)
    back = mlj.inverse_transform(scale, mlj.transform(scale))
    assert abs(back.select_dtypes("number") - X.select_dtypes("number")).max().max() < 1e-12


def test_every_hook_of_a_model_is_handed_on() -> None:
    own = {*vars(Wrapper), *vars(WrappedOperations)}
    both = {*vars(Operations), *vars(Learned)}
    hooks = {name for name in both if not name.startswith("_")}
    # Which each wrapper decides, and what goes through all models inside by itself.
    assert hooks - own == {"change_since", "forget", "paused", "refit"}


def test_the_same_around_another_model() -> None:
    around = Around(mlj.Standardizer(), note="kept")
    assert around.with_model(around.model) is around
    other = around.with_model(mlj.OneHotEncoder())
    assert other == Around(mlj.OneHotEncoder(), note="kept")


def test_snapshots_are_those_of_the_model() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(4,)), epochs=1, rng=1)
    mach = mlj.fit(mlj.machine(Around(net), X, y), verbosity=0)
    _, outcome = mach.trained("test")
    state = Around(net).snapshot(outcome)
    restored, model = Around(net).restore(outcome, state)
    assert isinstance(restored, FitOutcome) and model == Around(net)


def test_only_models_are_wrapped() -> None:
    assert check_model(mlj.Standardizer()) == mlj.Standardizer()
    with pytest.raises(TypeError, match="got the class Standardizer"):
        check_model(mlj.Standardizer)
    with pytest.raises(TypeError, match="got 3"):
        check_model(3)
