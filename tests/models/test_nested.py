"""Hyper-parameters of nested models by joined names."""

from __future__ import annotations

import mlj_keras as mlj
from mlj_keras.models.nested import flat_params, nested_params

NET = mlj.NeuralNetworkClassifier(epochs=3, builder=mlj.MLP(hidden=(4,)))


def test_a_part_comes_before_what_is_inside_it() -> None:
    found = list(nested_params(NET, "model__"))
    assert found.index("model__builder") < found.index("model__builder__hidden")
    assert nested_params(NET)["optimiser"] is NET.optimiser
    assert nested_params(3) == {} and nested_params(mlj.Linear) == {}


def test_flat_parameters_are_those_that_hold_no_others() -> None:
    found = flat_params(NET)
    assert found["epochs"] == 3 and found["builder__hidden"] == (4,)
    assert found["optimiser__learning_rate"] == 0.001 and "optimiser" not in found
