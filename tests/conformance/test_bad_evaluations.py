"""What is wrong in an evaluation is said before anything is trained, or in what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    MeasureWarning,
    RowsError,
    UnsupportedOperation,
    WeightsError,
    WrongType,
)
from tests.resampling.test_evaluate import ROWS, TARGET, Mean, X

WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "69-too few rows": (
        {"resampling": mlj.CV(nfolds=13)},
        EmptyData,
        "needs at least 13 rows, got 12",
    ),
    "61-unknown measure": ({"measure": "log_los"}, InvalidArgument, "Did you mean 'log_loss'"),
    "61-no measure": ({"measure": 3}, InvalidArgument, "is no measure"),
    "61-a measure's class": ({"measure": mlj.LogLoss}, InvalidArgument, r"Write LogLoss\(\)"),
    "61-both": ({"measure": "l1", "measures": ["l2"]}, InvalidArgument, "both given"),
    "61-none": ({"measures": []}, InvalidArgument, "measures is empty"),
    "60-not that kind": ({"measure": "accuracy"}, InvalidArgument, "needs a target of scitype"),
    "60-distributions": ({"measure": "log_loss"}, InvalidArgument, "compares predicted distrib"),
    "61-operation": ({"operation": "transform"}, InvalidArgument, "operation must be one of"),
    "61-operations": ({"operations": ["predict"] * 2}, DimensionMismatch, "2 operations were"),
    "58-short weights": ({"weights": [1.0]}, DimensionMismatch, "w has 1 weights"),
    "58-weights by class": ({"weights": {"a": 1.0}}, WeightsError, "class_weights="),
    "59-class weights": ({"class_weights": {"a": 1.0}}, WeightsError, "categorical target"),
    "69-repeats": ({"repeats": 0}, InvalidArgument, "repeats must be an int of 1 or more"),
    "70-rows and pairs": (
        {"resampling": [([0], [1])], "rows": [0, 1]},
        InvalidArgument,
        "rows cannot be given beside a list of pairs",
    ),
    "70-pairs outside": ({"resampling": [([0], [99])]}, RowsError, "the data have 12 rows"),
    "70-pairs overlap": (
        {"resampling": [([0, 1], [1])]},
        RowsError,
        "trains and tests on the same",
    ),
    "69-resampling": ({"resampling": 5}, WrongType, r"Write CV\(nfolds=5\)"),
    "75-acceleration": ({"acceleration": 2}, InvalidArgument, "name of a joblib backend"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_go_together_is_said_before_training(case: str) -> None:
    options, kind, words = WRONG[case]
    with pytest.raises(kind, match=words):
        mlj.evaluate(Mean(fails_on=0), ROWS, TARGET, verbosity=0, **options)


def test_what_is_evaluated_must_be_supervised_models_with_data() -> None:
    with pytest.raises(WrongType, match="evaluate takes a machine, or a model with X and y"):
        mlj.evaluate(3, ROWS, TARGET)
    with pytest.raises(InvalidArgument, match="evaluate needs X and y for a model"):
        mlj.evaluate(Mean())
    with pytest.raises(InvalidArgument, match="evaluate needs X and y for a model"):
        mlj.evaluate(Mean(), ROWS, w=TARGET)
    with pytest.raises(InvalidArgument, match="which has its data, and data"):
        mlj.evaluate(mlj.machine(Mean(), ROWS, TARGET), ROWS, TARGET)
    with pytest.raises(UnsupportedOperation, match="needs a supervised model"):
        mlj.evaluate(mlj.Standardizer(), X)
    with pytest.raises(InvalidArgument, match="There is no model to evaluate"):
        mlj.evaluate({}, ROWS, TARGET)


def test_two_names_that_read_alike_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="same name.*each its own"):
        mlj.evaluate({1: Mean(), "1": Mean(shift=1.0)}, ROWS, TARGET, verbosity=0)


def test_nan_inside_a_measurement_of_classes_is_reported() -> None:
    def by_class(prediction: Any, truth: Any) -> dict[str, float]:
        return {"a": 1.0, "b": float("nan")}

    with pytest.warns(MeasureWarning, match=r"by_class of Mean is NaN in fold\(s\) \[0, 1\]"):
        mlj.evaluate(
            Mean(), ROWS, TARGET, measure=by_class, resampling=mlj.CV(nfolds=2), verbosity=0
        )
