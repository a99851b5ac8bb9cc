"""Hyper-parameters under scikit-learn's names."""

from __future__ import annotations

import pytest

from mlj_keras.builders import MLP, Linear
from mlj_keras.containers import EntityEmbedder, NeuralNetworkClassifier
from mlj_keras.errors import InvalidArgument, InvalidModelError
from mlj_keras.interop.sklearn_params import nested_parameters, replaced, split_parameters
from mlj_keras.optimisers import SGD


def test_the_names_of_all_levels_are_joined_by_two_underscores() -> None:
    embedder = EntityEmbedder(NeuralNetworkClassifier(optimiser=SGD(0.25), lambda_=0.5))
    names = nested_parameters("model", embedder)
    assert names["model__model"] is embedder.model
    assert names["model__model__lambda_"] == 0.5
    assert names["model__model__optimiser__learning_rate"] == 0.25


def test_mappings_come_as_dicts_which_can_be_copied() -> None:
    model = NeuralNetworkClassifier(embedding_dims={"colour": 2})
    assert type(nested_parameters("m", model)["m__embedding_dims"]) is dict


def test_what_is_no_model_has_nothing_inside() -> None:
    assert nested_parameters("model", None) == {}


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
