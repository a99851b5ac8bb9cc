"""models, info, doc and load."""

from __future__ import annotations

import re

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.models import info as class_info
from mlj_keras.registry import doc, info, load, matching, models
from mlj_keras.sklearn_models import model_class


def test_all_models_are_listed_without_wrappers_unless_asked_for() -> None:
    names = [entry.name for entry in models()]
    assert names == sorted(names) and {"NeuralNetworkRegressor", "Ridge"} <= set(names)
    added = {entry.name for entry in models(wrappers=True)} - set(names)
    assert {"OneVsRestClassifier", "StackingRegressor", "EntityEmbedder"} <= added


def test_a_string_is_searched_in_names_and_docstrings() -> None:
    names = {entry.name for entry in models("randomforest")}
    assert {"RandomForestClassifier", "RandomForestRegressor"} <= names
    assert "Ridge" in {entry.name for entry in models("Tikhonov")}  # its docstring alone says so
    assert [entry.name for entry in models("^RIDGE")] == []  # capitals are meant
    with pytest.raises(InvalidArgument, match=r"'\(' is no regular expression.*re.escape"):
        models("(")


def test_a_pattern_and_a_function_of_the_record_are_conditions_and_all_must_hold() -> None:
    found = models(
        re.compile("^Ridge"),
        lambda record: record["prediction_type"] == "deterministic",
        lambda record: record["supports_class_weights"],
    )
    assert [entry.name for entry in found] == ["RidgeClassifier", "RidgeClassifierCV"]


def test_matching_is_a_condition_among_others() -> None:
    X, y = mlj.load_iris()
    found = models(matching(X, y), lambda record: record["package_name"] == "mlj_keras")
    assert [entry.name for entry in found] == ["NeuralNetworkClassifier"]


def test_other_conditions_raise() -> None:
    for condition in (3, model_class("Ridge")):
        with pytest.raises(WrongType, match=r"A condition is matching\(...\)"):
            models(condition)  # type: ignore[arg-type]


def test_the_list_shows_as_a_table() -> None:
    text = repr(models("^Bisecting"))
    assert text.splitlines()[0] == "1 model"
    assert text.splitlines()[1].split() == ["name", "package", "kind", "summary"]
    assert repr(models("^nothing of this name$")) == "0 models"
    html = models("^Bisecting")._repr_html_()
    assert html.count("<tr>") == 2 and "BisectingKMeans" in html
    assert all(len(line) < 130 for line in repr(models()).splitlines())


def test_info_takes_a_name_an_entry_a_class_or_a_model() -> None:
    Ridge = model_class("Ridge")
    (entry,) = models("^Ridge$", lambda record: record["name"] == "Ridge")
    assert info("Ridge") == info(entry) == info(Ridge) == info(Ridge()) == entry.info
    assert class_info(Ridge).items() <= info("Ridge", package="scikit-learn").items()
    with pytest.raises(InvalidArgument, match="Did you mean"):
        info("Rigde")


@pytest.mark.parametrize("path", ["iris.mlj", "models/iris", "C:\\iris"])
def test_the_name_of_a_file_leads_to_the_function_that_reads_it(path: str) -> None:
    with pytest.raises(InvalidArgument, match=r"There is no model .*write load_machine\('"):
        load(path)


def test_doc_is_the_docstring() -> None:
    text = doc("Ridge", pkg="scikit-learn")
    assert text.startswith("Linear least squares with l2 regularization.")
    assert "Training data: `machine(model, X, y)` (and w)" in text and ">>>" not in text
    assert doc("Standardizer") == models("^Standardizer$")[0].doc


def test_load_gives_the_class() -> None:
    assert load("Ridge") is load("Ridge", pkg="sklearn") is model_class("Ridge")
    assert load("NeuralNetworkClassifier", "mlj_keras") is mlj.NeuralNetworkClassifier
    with pytest.raises(InvalidArgument, match="package and pkg are the same, got both"):
        load("Ridge", package="scikit-learn", pkg="scikit-learn")


def test_doc_takes_what_info_takes() -> None:
    wanted = doc("Standardizer")
    entry = models("^Standardizer$")[0]
    for given in (entry, entry.model_class, entry.model_class()):
        assert doc(given) == wanted


def test_an_estimator_that_is_left_out_says_why() -> None:
    with pytest.raises(InvalidArgument, match="'DBSCAN'.*left out: it groups its training rows"):
        load("DBSCAN")
    with pytest.raises(InvalidArgument, match="'GridSearchCV'.*wrap the model in TunedModel"):
        load("GridSearchCV", package="scikit-learn")
