"""Traits, and `info`: what is known of a model class before it meets data."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import pytest

import mlj_keras as mlj
from mlj_keras.data.scitypes import Continuous, Finite, Image, Table, Unknown, Vector
from mlj_keras.models import Deterministic, Traits, info, param


def test_nothing_is_promised_by_default() -> None:
    traits = Traits()
    assert traits.input_scitype == traits.target_scitype == traits.output_scitype == Unknown
    assert traits.prediction_type == "unknown"
    assert traits.iteration_parameter is None
    flags = ("static", "is_wrapper", "supports_weights", "supports_class_weights")
    assert not any(getattr(traits, name) for name in flags)
    with pytest.raises(dataclasses.FrozenInstanceError):
        traits.supervised = False  # type: ignore[misc]


def test_supervised_models_take_a_target_and_others_only_if_they_say_so() -> None:
    assert Traits().takes_target
    assert not Traits(supervised=False).takes_target
    assert Traits(supervised=False, target_in_fit=True).takes_target
    assert not Traits(target_in_fit=False).takes_target


def test_a_wrapper_has_the_traits_of_its_class_with_another_target() -> None:
    traits = Traits(supports_weights=True)
    other = traits.with_target(Vector[Finite])
    assert other == Traits(supports_weights=True, target_scitype=Vector[Finite])
    assert traits.target_scitype == Unknown
    embedder = mlj.EntityEmbedder(mlj.NeuralNetworkClassifier())
    assert embedder.own_traits().target_scitype == Vector[Finite]
    assert mlj.EntityEmbedder.traits.target_scitype == Unknown


TABULAR = Table[Continuous, Finite]
DECLARED: dict[Any, tuple[Any, Any, str, bool]] = {
    mlj.NeuralNetworkRegressor: (TABULAR, Vector[Continuous], "deterministic", False),
    mlj.MultitargetNeuralNetworkRegressor: (TABULAR, Table[Continuous], "deterministic", False),
    mlj.NeuralNetworkClassifier: (TABULAR, Vector[Finite], "probabilistic", True),
    mlj.NeuralNetworkBinaryClassifier: (TABULAR, Vector[Finite[2]], "probabilistic", True),
    mlj.ImageClassifier: (Vector[Image], Vector[Finite], "probabilistic", True),
    mlj.ImageRegressor: (Vector[Image], Vector[Continuous], "deterministic", False),
}


@pytest.mark.parametrize("model", DECLARED, ids=lambda model: model.__name__)
def test_containers_declare_what_they_take(model: Any) -> None:
    inputs, target, kind, class_weights = DECLARED[model]
    traits = model.traits
    assert (traits.input_scitype, traits.target_scitype) == (inputs, target)
    assert traits.prediction_type == kind
    assert traits.supports_weights and traits.supports_class_weights is class_weights
    assert traits.supports_training_losses and traits.iteration_parameter == "epochs"
    assert not traits.reports_feature_importances and not traits.is_wrapper
    assert (traits.package_name, traits.package_license) == ("mlj_keras", "MIT")


class Ridge(Deterministic):
    """Least squares with a penalty,
    on two lines.

    More words.
    """

    traits: ClassVar[Traits] = Traits(prediction_type="deterministic", supports_weights=True)
    lambda_: float = 1.0
    dims: Any = param(factory=dict)


class Wrapper(Deterministic):
    """Needs a model."""

    model: Any = param(positional=True)


def test_info_has_the_name_the_summary_every_trait_and_the_hyperparameters() -> None:
    record = info(Ridge)
    assert record["name"] == "Ridge"
    assert record["summary"] == "Least squares with a penalty, on two lines."
    assert record["hyperparameters"] == {"lambda_": 1.0, "dims": {}}
    for field in dataclasses.fields(Traits):
        if field.name != "target_in_fit":
            assert record[field.name] == getattr(Ridge.traits, field.name)


@pytest.mark.parametrize(
    ("model", "takes"),
    [(Ridge, True), (mlj.Standardizer, False), (mlj.EntityEmbedder, True)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_info_says_whether_fit_takes_a_target(model: Any, *, takes: bool) -> None:
    assert info(model)["target_in_fit"] is takes


def test_info_says_which_hyperparameters_are_required() -> None:
    assert info(Wrapper)["hyperparameters"] == {"model": "required"}
    assert info(mlj.EntityEmbedder)["hyperparameters"] == {"model": "required"}


def test_info_is_the_same_of_an_instance_whatever_its_values() -> None:
    assert info(Ridge(lambda_=7)) == info(Ridge)


@pytest.mark.parametrize("wrong", ["NeuralNetworkClassifier", 3, int, None])
def test_info_of_anything_else_raises_with_what_to_write(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"info takes a model class or a model, got .*Write info"):
        info(wrong)
