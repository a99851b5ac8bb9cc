"""The catalog: entries of all models, found by name and package."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest

import mlj_keras as mlj
from mlj_keras import composition, containers, transformers
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.models import Static
from mlj_keras.registry import ModelEntry
from mlj_keras.registry import catalog as catalog_module
from mlj_keras.registry.catalog import OWN, entries, entry_of, full_info, kind_of
from mlj_keras.sklearn_models import model_class, model_names


def test_every_model_of_the_containers_and_transformers_is_listed() -> None:
    found = set()
    for package in (composition, containers, transformers):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if module.name.split(".")[-1].startswith("_"):  # bases of models
                continue
            for cls in vars(import_module(module.name)).values():
                if inspect.isclass(cls) and cls.__module__ == module.name:
                    if issubclass(cls, mlj.Supervised | mlj.Unsupervised | Static):
                        found.add(cls)
    assert found <= set(OWN), "add a line to OWN in registry/catalog.py"


def test_entries_are_sorted_and_hold_every_model_once() -> None:
    keys = [(entry.name, entry.package) for entry in entries()]
    assert keys == sorted(set(keys))
    assert len(keys) == len(OWN) + len(model_names())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NeuralNetworkClassifier", "classifier"),
        ("ImageRegressor", "regressor"),
        ("MultitargetNeuralNetworkRegressor", "regressor"),
        ("NeuralNetwork", "supervised"),
        ("Standardizer", "transformer"),
        ("LinearRegression", "regressor"),
        ("SVC", "classifier"),
        ("KMeans", "transformer"),
        ("MeanShift", "clusterer"),
        ("SelectKBest", "transformer"),
    ],
)
def test_the_kind_says_what_a_model_is_for(name: str, kind: str) -> None:
    assert entry_of(name).kind == kind


def test_a_static_model_has_a_kind_of_its_own() -> None:
    class Double(Static):
        """Doubles."""

    assert kind_of(Double) == "static"


def test_a_record_has_traits_hyper_parameters_and_where_the_class_is() -> None:
    record = full_info(model_class("SVC"))
    assert record["name"] == "SVC" and record["package_name"] == "scikit-learn"
    assert record["load_path"] == "mlj_keras.sklearn_models.classes.SVC"
    assert record["operations"] == ("predict",) and record["kind"] == "classifier"
    assert record["prediction_type"] == "deterministic" and "Support Vector" in record["docstring"]
    assert record["hyperparameters"]["kernel"] == "rbf"


def test_the_record_of_a_model_has_what_its_hyper_parameters_decide() -> None:
    Classifier = model_class("SGDClassifier")
    assert full_info(Classifier(loss="log_loss"))["prediction_type"] == "probabilistic"
    assert full_info(Classifier())["prediction_type"] == "deterministic"
    with pytest.raises(WrongType, match="takes a model class or a model, got 3"):
        full_info(3)


def test_an_unknown_name_raises_with_the_nearest_ones() -> None:
    with pytest.raises(InvalidArgument, match="no model 'ridge'. Did you mean 'Ridge'"):
        entry_of("ridge")
    with pytest.raises(InvalidArgument, match="no model '...'. See models"):
        entry_of("???")
    with pytest.raises(WrongType, match="is a string, got <class.*Write 'RandomForestClassifier'"):
        entry_of(model_class("Ridge"))  # type: ignore[arg-type]


def test_a_package_picks_among_models_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ridge(mlj.Deterministic):
        """Another ridge."""

        traits = mlj.Traits(package_name="mlj_keras")

    both = (ModelEntry.of(Ridge), ModelEntry.of(model_class("Ridge")))
    monkeypatch.setattr(catalog_module, "entries", lambda: both)
    with pytest.raises(
        InvalidArgument, match=r"Several packages.*\['mlj_keras', 'scikit-learn'\]"
    ):
        entry_of("Ridge")
    assert entry_of("Ridge", "mlj_keras").model_class is Ridge
    assert entry_of("Ridge", "scikit-learn").model_class is model_class("Ridge")
    assert entry_of("Ridge", "sklearn").package == "scikit-learn"


def test_an_unknown_package_or_the_wrong_one_raises() -> None:
    with pytest.raises(InvalidArgument, match="no package 'keras'. There are"):
        entry_of("Ridge", "keras")
    with pytest.raises(
        InvalidArgument, match="no model 'Ridge' in the package 'mlj_keras'.*one in"
    ):
        entry_of("Ridge", "mlj_keras")
