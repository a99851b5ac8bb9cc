"""Models of named components: fields, paths, copies and comparison as of any model."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, UnknownFieldError


class Bundle(mlj.ComponentModel):
    """Any components, and a field."""

    weight: float = 0.5

    def __init__(self, weight: float = 0.5, **components: Any) -> None:
        self._begin(components, weight=weight)

    def check_components(self, components: dict[str, Any]) -> dict[str, Any]:
        if None in components.values():
            raise InvalidModelError("no component is None")
        return components


def bundle() -> Bundle:
    return Bundle(left=mlj.Standardizer(), right=mlj.NeuralNetworkRegressor(epochs=3))


def test_components_come_before_other_fields_and_are_attributes() -> None:
    model = bundle()
    assert model.fields() == ("left", "right", "weight")
    assert model.left == mlj.Standardizer() and list(model.components) == ["left", "right"]
    assert repr(model) == "Bundle(left=Standardizer(), right=NeuralNetworkRegressor(epochs=3))"


def test_paths_reach_into_components() -> None:
    model = bundle()
    assert model.get("right.optimiser.learning_rate") == 0.001
    model.set("right.epochs", 7)
    changed = model.replace({"left.count": True, "weight": 0.25})
    assert (model.right.epochs, model.left.count, model.weight) == (7, False, 0.5)
    assert (changed.right.epochs, changed.left.count, changed.weight) == (7, True, 0.25)


def test_a_component_may_be_replaced_and_is_checked() -> None:
    model = bundle()
    model.left = 3
    assert model.left == 3 and model.fields() == ("left", "right", "weight")
    with pytest.raises(InvalidModelError, match="no component is None"):
        model.right = None
    assert model.right.epochs == 3
    with pytest.raises(InvalidModelError, match="no component is None"):
        Bundle(left=None)


def test_unknown_names_raise_with_near_components() -> None:
    with pytest.raises(UnknownFieldError, match="'rigth'.*Did you mean 'right'"):
        bundle().rigth = 1
    with pytest.raises(UnknownFieldError, match="'weigth'.*Did you mean 'weight'"):
        _ = bundle().weigth
    with pytest.raises(UnknownFieldError, match="'middle'.*It has: left, right, weight"):
        bundle().get("middle")


def test_models_are_equal_if_their_components_are_in_names_order_and_values() -> None:
    model = bundle()
    assert model == bundle() and model != Bundle(left=mlj.Standardizer())
    assert model != model.replace({"right.epochs": 4}) and model != model.replace({"weight": 1.0})
    assert Bundle(a=1, b=2) != Bundle(b=2, a=1) and Bundle(a=1) != 3


def test_copies_are_deep_and_part_what_was_given_twice() -> None:
    shared = mlj.Standardizer()
    model = Bundle(a=shared, b=shared)
    assert model.a is model.b
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(bundle()))):
        assert again in (model, bundle())
    again = copy.deepcopy(model)
    again.a.count = True
    assert again.b.count is False and model.a.count is False


def test_names_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(InvalidModelError, match="something called 'weight' of its own"):
        Bundle()._begin({"weight": 1})
    with pytest.raises(InvalidModelError, match="something called 'fields' of its own"):
        Bundle(fields=1)
    with pytest.raises(InvalidModelError, match="'_a' cannot name a component"):
        Bundle(_a=1)
    with pytest.raises(InvalidModelError, match="'a b' cannot name a component"):
        Bundle(**{"a b": 1})
