"""What is known of a pipeline before training: its order, and the columns of each step."""

from __future__ import annotations

import pytest

import mlj_keras as mlj
from mlj_keras.composition._pipeline_checks import check_columns, check_order
from mlj_keras.errors import InvalidModelError, MissingValuesError, ScitypeError

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
