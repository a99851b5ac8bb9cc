"""Training behind an estimator: from the start or onward, and what is kept."""

from __future__ import annotations

import logging
import pickle

import numpy as np
import pandas as pd
import pytest

from mlj_keras.builders import MLP, Linear
from mlj_keras.containers import (
    EntityEmbedder,
    NeuralNetwork,
    NeuralNetworkBinaryClassifier,
    NeuralNetworkRegressor,
)
from mlj_keras.errors import InvalidArgument, MissingValuesError, NonFiniteLossError, ScitypeError
from mlj_keras.interop.sklearn_training import bound, goes_on, train, unlike, without_data
from mlj_keras.machine import Machine, machine, predict, report, snapshot, training_losses
from mlj_keras.models import Deterministic
from mlj_keras.optimisers import SGD, Adam
from mlj_keras.parallel import CPU1
from mlj_keras.transformers import Standardizer

X = np.random.default_rng(0).normal(size=(80, 3))
Y = X[:, 0] + 1.0


def regressor(**changes: object) -> NeuralNetworkRegressor:
    given = {"builder": MLP(hidden=(4,)), "epochs": 3, "batch_size": 8, "rng": 1}
    return NeuralNetworkRegressor(acceleration=CPU1(), **{**given, **changes})


def trained(model: NeuralNetworkRegressor) -> Machine:
    mach = machine(model, X, Y, cache=False)
    train(mach, None, 0, restart=False)
    return without_data(*mach.trained("test"))


def onward(model: NeuralNetworkRegressor, before: Machine, *, restart: bool = False) -> Machine:
    mach = machine(model, X, Y, cache=False)
    train(mach, before, 0, restart=restart)
    return mach


def test_networks_and_their_wrappers_go_on_and_nothing_else_does() -> None:
    class Mean(Deterministic):
        pass

    assert goes_on(NeuralNetwork()) and goes_on(EntityEmbedder(regressor()))
    assert not goes_on(Standardizer()) and not goes_on(Mean()) and not goes_on(None)


def test_going_on_with_the_same_rows_is_training_for_longer() -> None:
    twice = onward(regressor(), trained(regressor()))
    once = trained(regressor(epochs=6))
    assert snapshot(twice) == snapshot(once)
    np.testing.assert_array_equal(training_losses(twice), training_losses(once))


def test_going_on_takes_the_rows_that_are_given_now() -> None:
    # A linear network of three inputs passes through any two points.
    linear = {"builder": Linear(activation="linear"), "optimiser": Adam(0.1), "batch_size": 2}
    before = trained(regressor(**linear))
    mach = machine(regressor(**linear, epochs=400), X[:2], [5.0, -5.0])
    train(mach, before, 0, restart=False)
    np.testing.assert_allclose(predict(mach, X[:2]), [5.0, -5.0], atol=0.01)
    assert report(mach).epochs == 403


def test_a_change_of_anything_but_the_course_of_training_is_refused() -> None:
    before = trained(regressor())
    free = regressor(optimiser=SGD(0.1), epochs=1)
    assert unlike(before, free) == []
    with pytest.raises(InvalidArgument, match="lambda_ is not as it was. Call fit"):
        onward(regressor(lambda_=0.1), before)


def test_a_change_begins_anew_where_that_is_allowed() -> None:
    mach = onward(regressor(lambda_=0.1), trained(regressor()), restart=True)
    assert report(mach).epochs == 3


def test_another_container_is_unlike_whatever_its_values() -> None:
    assert unlike(trained(regressor()), Standardizer()) == ["Standardizer"]


def test_the_iterations_of_a_wrapped_network_are_free_too() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["u", "v"] * 20), "b": X[:40, 0]})
    mach = machine(EntityEmbedder(regressor()), frame, Y[:40]).fit(verbosity=0)
    assert unlike(mach, EntityEmbedder(regressor(epochs=9, optimiser=Adam(0.5)))) == []
    assert unlike(mach, EntityEmbedder(regressor(rng=9))) == ["model.rng"]


def test_what_is_kept_holds_no_rows_and_predicts_from_a_pickle() -> None:
    kept = trained(regressor())
    assert kept.args == () and kept.container is NeuralNetworkRegressor
    again = pickle.loads(pickle.dumps(kept))
    np.testing.assert_array_equal(predict(again, X), predict(kept, X))


def test_what_is_kept_is_frozen_so_fit_leaves_it_as_it_is() -> None:
    kept = trained(regressor())
    before = snapshot(kept)
    assert snapshot(kept.fit(verbosity=0)) == before


def test_a_loss_that_becomes_nan_leaves_the_epochs_before_it() -> None:
    before = trained(regressor())
    mach = machine(regressor(optimiser=SGD(1e30)), X, Y)
    with pytest.raises(NonFiniteLossError):
        train(mach, before, 0, restart=False)
    assert snapshot(before).epochs == 3


def test_binding_does_not_say_which_class_is_positive(caplog: pytest.LogCaptureFixture) -> None:
    labels = pd.Categorical(["a", "b"] * 40)
    with caplog.at_level(logging.INFO, "mlj_keras"):
        bound(NeuralNetworkBinaryClassifier(), (X, labels))
    assert caplog.records == []


def test_binding_checks_scitypes_and_values() -> None:
    with pytest.raises(ScitypeError, match="coerce"):
        bound(regressor(), (pd.DataFrame({"a": ["u", "v"]}), [0.5, 1.5]))
    with pytest.raises(MissingValuesError, match="drop those rows"):
        bound(regressor(), (np.array([[np.nan], [1.0]]), [0.5, 1.5]))
