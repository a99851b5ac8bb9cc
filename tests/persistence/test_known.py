"""Tests of known: the closed table of models has those of the package, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

import mlj_keras as mlj
from mlj_keras.persistence.known import model_id, model_of_id
from mlj_keras.registry.catalog import OWN
from mlj_keras.sklearn_models import model_class


@pytest.mark.parametrize("cls", OWN, ids=lambda cls: cls.__name__)
def test_every_model_of_the_catalog_has_an_id_that_leads_back(cls: type[mlj.Model]) -> None:
    name = model_id(cls)
    assert name is not None and model_of_id(name) is cls


def test_every_public_class_of_models_measures_controls_and_strategies_has_one() -> None:
    public = [
        value
        for value in vars(mlj).values()
        if isinstance(value, type) and issubclass(value, mlj.Model)
    ]
    bases = {"Model", "Supervised", "Deterministic", "Probabilistic", "Unsupervised", "Static"}
    bases |= {"ComponentModel"}
    lacking = [cls.__name__ for cls in public if model_id(cls) is None]
    assert set(lacking) <= {*bases, "KerasCallback"}
    assert len(public) > 150


def test_models_of_scikit_learn_are_found_by_their_names_there() -> None:
    assert model_id(model_class("OneHotEncoder")) == "sklearn_models.OneHotEncoder"
    assert model_id(mlj.OneHotEncoder) == "transformers.OneHotEncoder"
    assert model_of_id("sklearn_models.Ridge") is model_class("Ridge")


@pytest.mark.parametrize(
    "name",
    ["", "Ridge", "os.system", "sklearn_models.os", "builders.Builder.key", "builders", "a.b.c"],
)
def test_other_names_lead_nowhere(name: str) -> None:
    assert model_of_id(name) is None


def test_a_model_of_the_users_own_has_no_id_even_under_the_name_of_one_of_ours() -> None:
    class Adam(mlj.Deterministic):
        """Not the optimiser."""

    builder = mlj.builder_from(lambda inputs, n_out: inputs)
    assert model_id(Adam) is None
    assert model_id(type(builder)) is None


def test_looking_up_a_name_that_is_not_there_imports_nothing() -> None:
    script = (
        "import sys; from mlj_keras.persistence.known import model_of_id\n"
        "model_of_id('builders.MLP'); before = set(sys.modules)\n"
        "assert model_of_id('antigravity.fly') is None\n"
        "assert set(sys.modules) == before, set(sys.modules) - before\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
