"""What is known of a pipeline before training: its order, and the columns of each step."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.composition._pipeline_checks import check_columns, check_order
from mlj_keras.errors import InvalidModelError, MissingValuesError, ModelWarning, ScitypeError

NET = mlj.NeuralNetworkClassifier()


def test_encoders_that_learn_from_the_target_come_before_what_predicts_it() -> None:
    embedder = mlj.EntityEmbedder(NET)
    check_order({"embed": embedder, "net": NET})
    with pytest.raises(InvalidModelError, match="embed learns from the target"):
        check_order({"net": NET, "embed": embedder})


def test_columns_are_followed_through_the_steps() -> None:
    columns = {"a": mlj.Count, "c": mlj.Multiclass[3], "t": mlj.Textual}
    pipe = mlj.OneHotEncoder() | mlj.Standardizer(count=True) | NET
    with pytest.raises(ScitypeError, match="given column 't' of Textual. Coerce these columns"):
        check_columns(pipe, columns)
    del columns["t"]
    check_columns(pipe, columns)  # Counts are converted
    with pytest.raises(MissingValuesError, match="columns made of 'c' of Optional"):
        check_columns(pipe, {**columns, "c": mlj.Optional[mlj.Multiclass[2]]})


def test_nothing_is_said_of_what_a_function_makes() -> None:
    check_columns(mlj.Pipeline(f=lambda X: X, net=NET), {"t": mlj.Textual})


def test_a_step_of_scikit_learn_is_checked_as_well() -> None:
    scale = mlj.load("StandardScaler", package="scikit-learn")()
    with pytest.raises(ScitypeError, match=r"StandardScaler \(standard_scaler of the pipeline\)"):
        check_columns(mlj.Pipeline(scale, NET), {"t": mlj.Textual})


def test_columns_that_are_chosen_by_names_of_levels_are_left_to_training() -> None:
    columns = {"c": mlj.Multiclass[2]}
    for selector in (
        mlj.FeatureSelector(features=["c__a"]),
        mlj.Standardizer(features=lambda name: name.startswith("c")),
        mlj.InteractionTransformer(features=["c__a", "c__b"]),
    ):
        pipe = mlj.OneHotEncoder() | selector | NET
        check_columns(pipe, columns)
        assert (mlj.OneHotEncoder() | selector).transformed_columns(columns) is None
    X = {"c": mlj.coerce(["a", "b", "a", "b"], mlj.Multiclass)}
    y = mlj.coerce(["u", "v", "u", "v"], mlj.Multiclass)
    pipe = mlj.OneHotEncoder() | mlj.FeatureSelector(features=["c__a"]) | NET
    mlj.fit(mlj.machine(pipe, X, y), verbosity=0)


def test_a_column_that_is_all_missing_is_named_when_the_machine_is_made() -> None:
    X = {"a": [1.0, 2.0], "b": [None, None]}
    with pytest.raises(MissingValuesError, match="All values of column 'b' are missing"):
        mlj.machine(mlj.FillImputer() | mlj.NeuralNetworkRegressor(), X, [1.0, 2.0])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mlj.Pipeline(mlj.Standardizer(), operation="predict_mode"), "this one has none"),
        (lambda: mlj.Pipeline(NET, operation="predict_mean"), "Classes have no mean"),
        (
            lambda: mlj.Pipeline(NET, prediction_type="deterministic"),
            "is not that of Neural",
        ),
        (
            lambda: mlj.Pipeline(mlj.NeuralNetworkRegressor(), operation="predict_mean"),
            "is of distributions, and NeuralNetworkRegressor predicts values",
        ),
    ],
)
def test_options_that_a_pipeline_cannot_have_are_refused(make: Any, words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        make()


def test_components_that_learn_from_the_target_have_to_take_it() -> None:
    X, y = mlj.load_iris()
    embedder = mlj.EntityEmbedder(mlj.NeuralNetworkRegressor())
    with pytest.raises(ScitypeError, match=r"EntityEmbedder \(entity_embedder of the pipeline\)"):
        mlj.machine(mlj.Standardizer() | embedder | NET, X, y)


def test_weights_reach_a_component_before_one_that_takes_none() -> None:
    X, y = mlj.load_iris()
    X = X.assign(c=pd.Categorical(["a", "b", "c"] * 50))
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(4,)), epochs=2, rng=1)
    neighbours = mlj.load("KNeighborsClassifier", package="scikit-learn")()
    w = np.where(y == "setosa", 0.0, 1.0)
    weighted = mlj.fit(mlj.machine(mlj.EntityEmbedder(net) | neighbours, X, y, w), verbosity=0)
    plain = mlj.fit(mlj.machine(mlj.EntityEmbedder(net) | neighbours, X, y), verbosity=0)
    losses = [mlj.report(m).entity_embedder.training_losses[0] for m in (weighted, plain)]
    assert losses[0] != losses[1]


def test_a_target_is_checked_by_every_component_when_the_machine_is_made() -> None:
    X = pd.DataFrame({"f": pd.Categorical(list("ab") * 5)})
    y = pd.Series(pd.Categorical(list("uvvuw") * 2))
    pipe = mlj.FillImputer() | mlj.TargetEncoder(m="auto") | mlj.NeuralNetworkClassifier()
    with pytest.raises(InvalidModelError, match="m='auto' is for regression"):
        mlj.machine(pipe, X, y)


def test_a_transformed_target_inside_says_at_machine_that_it_has_no_inverse() -> None:
    inner = mlj.TransformedTargetModel(
        mlj.NeuralNetworkRegressor(epochs=1, batch_size=8), transformer=np.exp
    )
    X, y = pd.DataFrame({"x": np.linspace(0, 1, 20)}), np.linspace(0, 2, 20)
    with pytest.warns(ModelWarning, match="no inverse"):
        mach = mlj.machine(mlj.Standardizer() | inner, X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mach.fit(verbosity=0)


def test_a_pipeline_inside_a_transformed_target_is_checked_when_the_machine_is_made() -> None:
    inner = mlj.OneHotEncoder() | mlj.NeuralNetworkRegressor()
    model = mlj.TransformedTargetModel(inner, transformer=np.log, inverse=np.exp)
    X, y = pd.DataFrame({"s": ["some", "text"] * 5}), np.linspace(1, 2, 10)
    for each in (model, mlj.TransformedTargetModel(inner, transformer="Standardizer")):
        with pytest.raises(ScitypeError, match="column 's' of Textual"):
            mlj.machine(each, X, y)
