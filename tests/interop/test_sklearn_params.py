"""Hyper-parameters under scikit-learn's names."""

from __future__ import annotations

import pytest

from mlj_keras.builders import MLP, Linear
from mlj_keras.containers import NeuralNetworkClassifier
from mlj_keras.errors import InvalidArgument, InvalidModelError
from mlj_keras.interop.sklearn_params import replaced, split_parameters


def test_underscores_and_dots_reach_the_same_place() -> None:
    given = {"model__optimiser__momentum": 1, "model.builder.hidden": (3,), "model": None}
    own, inside = split_parameters(given, "model")
    assert own == {"model": None}
    assert inside == {"optimiser.momentum": 1, "builder.hidden": (3,)}


def test_dots_may_follow_the_underscores_that_a_pipeline_takes_away() -> None:
    assert split_parameters({"model__optimiser.momentum": 1}, "model")[1] == {
        "optimiser.momentum": 1
    }


def test_a_part_is_set_before_what_is_inside_it_and_the_model_stays() -> None:
    model = NeuralNetworkClassifier(builder=Linear())
    changed = replaced(model, {"builder.hidden": (5,), "builder": MLP()})
    assert changed.get("builder") == MLP(hidden=(5,))
    assert model == NeuralNetworkClassifier(builder=Linear())


def test_an_unknown_name_is_a_value_error_that_proposes_the_nearest() -> None:
    with pytest.raises(InvalidArgument, match="Did you mean 'epochs'"):
        replaced(NeuralNetworkClassifier(), {"epoch": 5})


def test_an_impossible_value_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="epochs must be an int >= 0"):
        replaced(NeuralNetworkClassifier(), {"epochs": -1})
