"""Other seeds for a model and for those in it."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.models.seeding import reseeded

Forest = mlj.load("RandomForestClassifier", package="scikit-learn")
Ridge = mlj.load("Ridge", package="scikit-learn")


def nested() -> Any:
    """A model with seeds on three levels."""
    pipe = mlj.Pipeline(scale=mlj.Standardizer(), net=mlj.NeuralNetworkClassifier(rng=1))
    return mlj.IteratedModel(
        pipe,
        controls=[mlj.Step(1), mlj.NumberLimit(2)],
        resampling=mlj.Holdout(rng=2, shuffle=True),
    )


PATHS = ("model.net.rng", "resampling.rng")


def seeds(model: Any, *paths: str) -> list[Any]:
    return [model.get(path) for path in paths]


def test_every_seed_is_replaced_and_nothing_else() -> None:
    model = nested()
    before = copy.deepcopy(model)
    found = reseeded(model, 5)
    assert model == before
    assert set(seeds(found, *PATHS)).isdisjoint(seeds(model, *PATHS))
    assert found.replace(dict(zip(PATHS, (1, 2), strict=True))) == model


def test_a_seed_derives_from_the_seed_and_its_place_alone() -> None:
    one, other = reseeded(nested(), 5), reseeded(nested(), 5)
    assert one == other
    changed = nested().replace({"model.net.rng": None, "model.net.epochs": 3})
    assert seeds(reseeded(changed, 5), *PATHS) == seeds(one, *PATHS)
    assert len(set(seeds(one, *PATHS))) == 2
    assert set(seeds(one, *PATHS)).isdisjoint(seeds(reseeded(nested(), 6), *PATHS))
    forest, net = reseeded(Forest(), 5), reseeded(mlj.NeuralNetworkRegressor(), 5)
    assert isinstance(forest.random_state, int) and isinstance(net.rng, int)
    assert forest.random_state != net.rng


def test_models_in_an_ensemble_and_a_stack_have_seeds_too() -> None:
    model = mlj.EnsembleModel(mlj.EnsembleModel(Forest(), n=2), n=2)
    found = seeds(reseeded(model, 1), "rng", "model.rng", "model.model.random_state")
    assert len(set(found)) == 3 and all(isinstance(seed, int) for seed in found)
    stack = mlj.Stack(metalearner=Forest(), one=Forest(), two=Forest())
    found = seeds(
        reseeded(stack, 1),
        "metalearner.random_state",
        "one.random_state",
        "two.random_state",
    )
    assert len(set(found)) == 3 and all(isinstance(seed, int) for seed in found)


def test_a_model_without_seeds_is_copied() -> None:
    model = mlj.Standardizer()
    found = reseeded(model, 1)
    assert found == model and found is not model


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_seeds_are_what_other_packages_take_and_differ(one: int, other: int) -> None:
    first, second = (reseeded(Ridge(), seed).random_state for seed in (one, other))
    assert 0 <= first < 2**31
    assert (first == second) is (one == other)


def test_a_model_that_is_called_like_a_seed_is_none() -> None:
    model = mlj.Pipeline(rng=mlj.Standardizer(), net=mlj.NeuralNetworkRegressor(rng=1))
    found = reseeded(model, 3)
    assert found.rng == mlj.Standardizer() and found.net.rng != 1
