"""A frozen model trains once, alone and in a pipeline, and is otherwise as its model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from tests.batteries.counting import Mean, Shift, X, Y, trained


def test_a_frozen_model_trains_once_whatever_happens() -> None:
    model = mlj.Freezable(Shift(), frozen=True)
    mach = mlj.machine(model, X)
    trained()
    mlj.fit(mach, rows=[0, 1], verbosity=-1)
    assert trained() == ["fit shift"]
    model.model.by = 3.0
    mlj.fit(mach, verbosity=-1)
    mlj.fit(mach, force=True, verbosity=-1)
    assert trained() == []
    model.frozen = False
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit shift"]
    model.frozen = True
    mlj.fit(mach, verbosity=-1)
    assert trained() == []


def test_force_that_is_of_no_use_is_said(caplog: Any) -> None:
    mach = mlj.fit(mlj.machine(mlj.Freezable(Shift(), frozen=True), X), verbosity=-1)
    with caplog.at_level("WARNING", logger="mlj_keras"):
        mlj.fit(mach, force=True, verbosity=0)
    assert "it is frozen" in caplog.text


def test_a_frozen_step_is_kept_where_the_rest_is_trained_on_other_rows() -> None:
    pipe = mlj.Freezable(Shift(), frozen=True) | Mean()
    mach = mlj.machine(pipe, X, Y)
    trained()
    mlj.fit(mach, rows=[0, 1], verbosity=-1)
    assert trained() == ["fit shift", "fit mean 1"]
    kept = mlj.fitted_params(mach).freezable.fitresult
    mlj.fit(mach, verbosity=-1)
    assert trained() == ["fit mean 1"]
    assert mlj.fitted_params(mach).freezable.fitresult == kept == X[:2].mean()
    pipe.mean.epochs = 3
    mlj.fit(mach, verbosity=-1)
    assert trained() == ["update mean 2"]


def test_it_is_as_its_model_otherwise() -> None:
    iris, species = mlj.load_iris()
    inner = mlj.NeuralNetwork(epochs=2, rng=1)
    model = mlj.Freezable(inner)
    mach = mlj.fit(mlj.machine(model, iris, species), verbosity=0)
    own = mlj.fit(mlj.machine(inner, iris, species), verbosity=0)
    np.testing.assert_array_equal(mlj.predict(mach).to_numpy(), mlj.predict(own).to_numpy())
    assert mlj.training_losses(mach).tolist() == mlj.training_losses(own).tolist()
    state = mlj.snapshot(mach)
    model.model.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).epochs == 4
    assert mlj.report(mlj.restore(mach, state)).epochs == 2
    traits = model.own_traits()
    assert traits.iteration_parameter == "model.epochs" and traits.is_wrapper
    assert mlj.Freezable(mlj.Standardizer()).has_operation("inverse_transform")
    assert mlj.Freezable(mlj.OneHotEncoder()).transformed_columns({"a": mlj.Continuous}) == {
        "a": mlj.Continuous
    }
    with pytest.raises(InvalidModelError, match="must be a model such as Standardizer.*got 3"):
        mlj.Freezable(3)


def test_an_interrupted_training_keeps_its_whole_epochs() -> None:
    model = mlj.Freezable(Mean(epochs=5, stops_at=2))
    mach = mlj.machine(model, X, Y)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert mlj.report(mach).epochs == 2
    model.model.stops_at = -1
    trained()
    assert mlj.report(mlj.fit(mach, verbosity=0)).epochs == 5 and trained() == ["update mean 3"]


def test_a_thawed_step_learns_what_it_missed() -> None:
    pipe = mlj.Freezable(Shift(), frozen=True) | Mean()
    mach = mlj.machine(pipe, X, Y)
    mlj.fit(mach, rows=[0, 1], verbosity=-1)
    mlj.fit(mach, rows=[2, 3], verbosity=-1)
    pipe.freezable.frozen = False
    trained()
    mlj.fit(mach, rows=[2, 3], verbosity=0)
    assert trained() == ["fit shift", "fit mean 1"]
    assert mlj.fitted_params(mach).freezable.fitresult == X[2:].mean()


@pytest.mark.parametrize("rows", [[0, 1], [0, 1, 2]])
def test_another_model_in_the_place_of_a_frozen_one_is_trained(rows: list[int]) -> None:
    pipe = mlj.Pipeline(first=mlj.Freezable(Shift(), frozen=True), mean=Mean())
    mach = mlj.fit(mlj.machine(pipe, X, Y), rows=[0, 1], verbosity=-1)
    pipe.first = mlj.Freezable(mlj.Standardizer(), frozen=True)
    mlj.fit(mach, rows=rows, verbosity=-1)
    np.testing.assert_allclose(
        list(mlj.fitted_params(mach).first.means.values()), X[rows].mean(axis=0)
    )
    pipe.first.model = Shift()
    mlj.fit(mach, rows=rows, verbosity=-1)
    assert mlj.fitted_params(mach).first.fitresult == X[rows].mean()
