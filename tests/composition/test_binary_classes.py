"""The two classes of a target: which data have them, and how probabilities become classes."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    LevelsWarning,
    MissingValuesError,
    OneClassError,
    ScitypeError,
)
from tests.batteries.thresholds import (
    LEVELS,
    P,
    Scores,
    X,
    Y,
    fitted,
    net,
    positive,
)


@pytest.mark.parametrize("gives", ["a vector", "a list", "counts"])
def test_distributions_of_any_form_are_taken_and_normalised(gives: str) -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(gives=gives), threshold=0.45))
    assert positive(mach, X) == list(P > 0.45)


def test_predictions_come_as_the_target_came() -> None:
    model = mlj.BinaryThresholdPredictor(Scores(gives="a list"), threshold=0.45)
    frame = pd.DataFrame({"p": P}, index=range(30, 40))
    y = Y.set_axis(frame.index).rename("answer")
    found = mlj.predict(fitted(model, frame, y), frame[7:])
    assert found.index.tolist() == [37, 38, 39] and found.name == "answer"
    assert found.dtype == y.dtype and list(found) == ["yes"] * 3
    enum = pl.Series("answer", list(Y), dtype=pl.Enum(LEVELS))
    found = mlj.predict(fitted(model, pl.DataFrame({"p": P}), enum), pl.DataFrame({"p": [0.9]}))
    assert found.equals(pl.Series("answer", ["yes"], dtype=pl.Enum(LEVELS)))


def test_of_classes_without_order_the_second_is_said_to_be_positive(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plain = mlj.coerce(Y, mlj.Multiclass)
    with caplog.at_level(logging.INFO, logger="mlj_keras"):
        mach = mlj.machine(
            mlj.BinaryThresholdPredictor(Scores(), threshold="auto", measure="f1score"), X, plain
        )
    assert "The positive class is 'yes', the second of the levels of y." in caplog.text
    found = mlj.predict(mlj.fit(mach, verbosity=-1), X)
    assert not found.cat.ordered and set(found) == {"no", "yes"}


THREE = mlj.coerce(pd.Series(list("abcabcabca")), mlj.Multiclass)


@pytest.mark.parametrize("model", [Scores(), mlj.NeuralNetwork(rng=1), net()])
@pytest.mark.parametrize(
    ("y", "error", "problem"),
    [
        (THREE, ScitypeError, r"Multiclass\[3\]"),
        (Y.cat.remove_categories(["yes"]).fillna("no"), OneClassError, "a single level, 'no'"),
        (pd.Series(P), ScitypeError, "y is Continuous"),
        (list("ababababab"), ScitypeError, "coerce"),
        (Y.where(P > 0), MissingValuesError, "y has 1 missing"),
    ],
)
def test_a_target_of_other_than_two_levels_raises_at_machine(
    model: Any, y: Any, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        mlj.machine(mlj.BinaryThresholdPredictor(model), X, y)


@pytest.mark.parametrize(
    ("y", "error", "problem"),
    [
        (THREE, ScitypeError, r"needs a target of two classes, and this one is .*\[3\]"),
        (list("ababababab"), ScitypeError, "needs a target of two classes"),
        (Y.where(P > 0), MissingValuesError, r"missing in 1 row\(s\), first \[0\]"),
    ],
)
def test_without_checks_training_says_it(y: Any, error: type[Exception], problem: str) -> None:
    model = mlj.BinaryThresholdPredictor(mlj.NeuralNetwork(rng=1))
    mach = mlj.machine(model, X, y, scitype_check_level=0)
    with pytest.raises(error, match=problem):
        mlj.fit(mach, verbosity=-1)


def test_probabilities_that_are_nan_raise() -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores()))
    with pytest.raises(InvalidArgument, match=r"Scores predicts a probability.*NaN \(row 1\)"):
        mlj.predict(mach, np.array([[0.5], [np.nan]]))


def test_a_class_that_training_rows_lack_is_said_by_the_machine() -> None:
    with pytest.warns(LevelsWarning, match="Only one class, 'no'"):
        mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold=0.45), rows=[0, 1, 3])
    assert positive(mach, X) == list(P > 0.45)


@pytest.mark.parametrize(
    ("target", "own"),
    [
        (mlj.Vector[mlj.Finite], mlj.Vector[mlj.Finite[2]]),
        (mlj.Vector[mlj.Finite[2]], mlj.Vector[mlj.Finite[2]]),
        (mlj.Vector[mlj.OrderedFactor], mlj.Vector[mlj.OrderedFactor[2]]),
        (mlj.Unknown, mlj.Vector[mlj.Finite[2]]),
    ],
)
def test_traits_are_those_of_the_model_for_two_classes(target: Any, own: Any) -> None:
    class Other(Scores):
        traits = Scores.traits.with_target(target)

    traits = mlj.BinaryThresholdPredictor(Other()).own_traits()
    assert traits.target_scitype == own and traits.prediction_type == "deterministic"
    assert traits.iteration_parameter == "model.epochs" and traits.is_wrapper
    assert traits.supports_weights and traits.supports_class_weights
