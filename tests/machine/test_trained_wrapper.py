"""Wrappers that are a trained model: iterated and tuned ones do what theirs does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import NotTrainedError, UnsupportedOperation

X, Y = mlj.load_iris()


def net(**changes: Any) -> Any:
    return mlj.NeuralNetworkClassifier(batch_size=16, epochs=2, rng=1, **changes)


def wrappers(model: Any) -> list[Any]:
    """Models around one that are trained on all rows for as long as it says."""
    controls = [mlj.Step(2), mlj.NumberLimit(1)]
    models = [mlj.TunedModel(models=[model])]
    if model.own_traits().iteration_parameter:
        models.append(mlj.IteratedModel(model, controls=controls, resampling=None))
    return models


@pytest.mark.parametrize("wrapper", wrappers(net()), ids=lambda each: type(each).__name__)
def test_it_predicts_and_has_the_snapshots_of_the_trained_model(wrapper: Any) -> None:
    alone = mlj.fit(mlj.machine(net(), X, Y), verbosity=0)
    mach = mlj.fit(mlj.machine(wrapper, X, Y), verbosity=0)
    assert np.array_equal(np.asarray(mlj.predict(mach, X)), np.asarray(mlj.predict(alone, X)))
    assert mlj.snapshot(mach) == mlj.snapshot(alone)
    other = mlj.fit(mlj.machine(net().replace({"epochs": 4}), X, Y), verbosity=0)
    mlj.restore(mach, mlj.snapshot(other))
    assert np.array_equal(np.asarray(mlj.predict(mach, X)), np.asarray(mlj.predict(other, X)))


def test_its_part_is_the_trained_model() -> None:
    for wrapper in wrappers(net()):
        model, outcome = fitted_of(wrapper).trained("report")
        ((name, (part, learned)),) = model.trained_parts(outcome, "report").items()
        assert name == "model" and part.epochs == learned.report["epochs"] == 2
    untrained = mlj.TunedModel(models=[net()], train_best=False)
    model, outcome = fitted_of(untrained).trained("report")
    with pytest.raises(NotTrainedError, match="report needs the best model"):
        model.trained_parts(outcome, "report")


def fitted_of(model: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


def test_it_transforms_as_the_trained_model() -> None:
    factors = X.assign(band=(X["petal_width"] > 1).map({True: "wide", False: "narrow"}))
    factors = mlj.coerce(factors, {"band": mlj.Multiclass})
    alone = mlj.fit(mlj.machine(net(), factors, Y), verbosity=0)
    for wrapper in wrappers(net()):
        mach = mlj.fit(mlj.machine(wrapper, factors, Y), verbosity=0)
        assert mlj.transform(mach, factors).equals(mlj.transform(alone, factors))
        assert not mlj.transform(mach, factors).equals(factors)
    with pytest.raises(UnsupportedOperation, match="inverse_transform"):
        mlj.inverse_transform(mach, factors)


def test_it_has_the_importances_of_the_trained_model() -> None:
    forest = mlj.load("RandomForestClassifier")(n_estimators=5, random_state=1)
    alone = mlj.fit(mlj.machine(forest, X, Y), verbosity=0)
    for wrapper in wrappers(forest)[:1]:
        mach = mlj.fit(mlj.machine(wrapper, X, Y), verbosity=0)
        assert mlj.feature_importances(mach) == mlj.feature_importances(alone)


def test_what_the_model_has_not_the_wrapper_has_not() -> None:
    forest = mlj.load("RandomForestClassifier")(n_estimators=5, random_state=1)
    mach = mlj.fit(mlj.machine(mlj.TunedModel(models=[forest]), X, Y), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="transform"):
        mlj.transform(mach, X)
