"""Checks of data against a model: one message, all columns in it, and the line to paste."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    LevelsWarning,
    MissingValuesError,
    ScitypeError,
    ScitypeWarning,
    TableError,
)

X = pd.DataFrame(
    np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"], index=range(100, 124)
)
Y = X["a"] - X["b"]
CLASSES = pd.Series(pd.Categorical(["u", "v", "w"] * 8), index=X.index)
REGRESSOR = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), epochs=1, batch_size=8, rng=1)
CLASSIFIER = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(4,)), epochs=1, batch_size=8, rng=1
)


def message(kind: type[Exception], model: Any, *data: Any, level: int = 1) -> str:
    with pytest.raises(kind) as caught:
        mlj.machine(model, *data, scitype_check_level=level)
    return str(caught.value)


def test_lengths_are_compared_at_every_level_and_all_are_named() -> None:
    for level in (0, 1, 2):
        text = message(DimensionMismatch, REGRESSOR, X, Y[:23], level=level)
        assert "X has 24, y has 23" in text and "Give a target" in text


def test_no_rows_and_no_columns_raise() -> None:
    assert "no rows" in message(EmptyData, REGRESSOR, X[:0], Y[:0])
    assert "X has no columns" in message(EmptyData, REGRESSOR, X[[]], Y)


def test_equal_labels_in_another_order_raise_with_the_line_that_reorders() -> None:
    text = message(InvalidArgument, REGRESSOR, X, Y[::-1])
    assert "same row labels in another order" in text and "y = y.loc[X.index]" in text
    weights = pd.Series(1.0, index=X.index)[::-1]
    assert "w = w.loc[X.index]" in message(InvalidArgument, REGRESSOR, X, Y, weights)


def test_unrelated_labels_bind_by_position() -> None:
    mlj.machine(REGRESSOR, X, Y.reset_index(drop=True))
    mlj.machine(REGRESSOR, X.reset_index(drop=True), Y)
    mlj.machine(REGRESSOR, X, Y.to_numpy())


def test_integers_for_numbers_warn_once_with_every_column_and_the_line_to_paste() -> None:
    counts = X.assign(n=1, m=2)
    with pytest.warns(ScitypeWarning) as caught:
        mlj.machine(REGRESSOR, counts, pd.Series(np.arange(24), index=X.index))
    (warning,) = caught
    text = str(warning.message)
    assert "column 'n' is Count" in text and "column 'm' is Count" in text and "y is Count" in text
    assert "X = coerce(X, {'n': Continuous, 'm': Continuous})" in text
    assert "y = coerce(y, Continuous)" in text
    assert warning.filename == __file__, "the warning names the caller's line"


def test_the_line_to_paste_silences_the_warning() -> None:
    fixed = mlj.coerce(X.assign(n=1), {"n": mlj.Continuous})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlj.machine(REGRESSOR, fixed, Y, scitype_check_level=2)


def test_every_mismatch_raises_at_level_two_and_none_is_looked_for_at_level_zero() -> None:
    counts = X.assign(n=1)
    text = message(ScitypeError, REGRESSOR, counts, Y, level=2)
    assert "column 'n' is Count" in text
    assert text.rstrip(".").endswith("X = coerce(X, {'n': Continuous})")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mach = mlj.machine(REGRESSOR, counts, Y, scitype_check_level=0)
        mlj.fit(mach, verbosity=0)
    assert np.isfinite(mlj.predict(mach)).all()


def test_everything_a_model_cannot_take_is_one_message_that_ends_with_the_line_to_paste() -> None:
    wrong = X.assign(name="x", n=1)
    text = message(ScitypeError, CLASSIFIER, wrong, ["u", "v", "w"] * 8)
    assert "column 'name' is Textual" in text and "y is Textual" in text
    assert "'name': Multiclass" in text and "y = coerce(y, Multiclass)" in text
    assert text.index("cannot take these data") < text.index("coerce(")


def test_a_float_target_of_a_classifier_raises() -> None:
    assert "y is Continuous" in message(ScitypeError, CLASSIFIER, X, Y)
    assert "y = coerce(y, Multiclass)" in message(ScitypeError, CLASSIFIER, X, Y)


def test_an_integer_target_of_a_classifier_raises_with_both_readings() -> None:
    text = message(ScitypeError, CLASSIFIER, X, np.arange(24) % 3)
    assert "coerce(y, Multiclass)" in text and "coerce(y, Continuous)" in text


def test_a_categorical_target_of_a_regressor_says_what_is_wanted() -> None:
    text = message(ScitypeError, REGRESSOR, X, CLASSES)
    assert "y is Multiclass[3]" in text and "Vector[Continuous]" in text


def test_times_raise_and_say_to_make_numbers_of_them() -> None:
    text = message(ScitypeError, REGRESSOR, X.assign(day=pd.Timestamp("2020-01-01")), Y)
    assert "column 'day' is ScientificDateTime" in text and "into numbers first" in text


def test_missing_values_raise_with_columns_counts_rows_and_a_way_to_fill_them() -> None:
    gone = X.copy()
    gone.iloc[[3, 7], 0] = np.nan
    text = message(MissingValuesError, REGRESSOR, gone, Y)
    assert "column 'a' has 2 missing (first rows 3, 7)" in text and "'b'" not in text
    assert "X = X.fillna(X.median(numeric_only=True))" in text
    y = CLASSES.copy()
    y.iloc[5] = None
    assert "y has 1 missing (first rows 5)" in message(MissingValuesError, CLASSIFIER, X, y)


@pytest.mark.parametrize(
    ("y", "line"),
    [
        (Y.to_frame("t"), "Write y = y['t']"),
        (Y.to_numpy()[:, None], "Write y = y[:, 0]"),
        (pl.DataFrame({"t": Y.to_numpy()}), "Write y = y['t']"),
        (np.arange(24)[:, None], "Write y = coerce(y[:, 0], Continuous)"),
    ],
    ids=["frame", "matrix", "polars", "integers"],
)
def test_a_target_table_of_one_column_gets_the_line_that_takes_it(y: Any, line: str) -> None:
    text = message(ScitypeError, REGRESSOR, X, y)
    assert f"and Vector[Continuous] is needed. {line}" in text and text.endswith(line)


def test_the_line_that_takes_the_one_column_works() -> None:
    y = Y.to_numpy()[:, None]
    mlj.machine(REGRESSOR, X, y[:, 0])
    frame = CLASSES.to_frame("t")
    assert message(ScitypeError, CLASSIFIER, X, frame).endswith("Write y = y['t']")
    mlj.machine(CLASSIFIER, X, frame["t"])


def test_the_way_to_fill_them_works() -> None:
    gone = X.copy()
    gone.iloc[3, 0] = np.nan
    mlj.machine(REGRESSOR, gone.fillna(gone.median(numeric_only=True)), Y)


def test_missing_values_and_other_problems_are_said_together() -> None:
    wrong = X.assign(name="x")
    wrong.iloc[3, 0] = np.nan
    text = message(ScitypeError, REGRESSOR, wrong, Y)
    assert "column 'name' is Textual" in text and "column 'a' has 1 missing" in text


def test_the_kind_of_table_makes_no_difference_to_the_message() -> None:
    wrong = {"a": np.arange(24.0), "name": ["x"] * 24}
    texts = {
        message(ScitypeError, REGRESSOR, table, np.arange(24.0))
        for table in (wrong, pd.DataFrame(wrong), pl.DataFrame(wrong))
    }
    assert len(texts) == 1


@pytest.mark.parametrize("data", [3, "a.csv", object(), None])
def test_what_is_no_table_raises_with_what_to_pass(data: Any) -> None:
    with pytest.raises(TableError, match="table"):
        mlj.machine(REGRESSOR, data, Y)


def test_one_row_as_a_column_raises_with_both_readings() -> None:
    mach = mlj.fit(mlj.machine(REGRESSOR, X, Y), verbosity=0)
    with pytest.raises(TableError, match=r"one row of a frame write X\.iloc\[\[0\]\] with two"):
        mlj.predict(mach, X.iloc[0])
    with pytest.raises(DimensionMismatch, match=r"X\.reshape\(1, -1\) for one row"):
        mlj.predict(mach, X.to_numpy()[0])
    with pytest.raises(TableError, match=r"numpy\.asarray\(X\)\.reshape\(1, -1\) for a row"):
        mlj.predict(mach, X.iloc[0].tolist())
    with pytest.raises(TableError, match=r"got polars\.Series\. Pass X\.to_frame\(\)"):
        mlj.predict(mach, pl.Series([1.0, 2.0]))
    one = mlj.predict(mach, X.iloc[[0]]).to_numpy()
    np.testing.assert_array_equal(one, mlj.predict(mach, X.to_numpy()[0].reshape(1, -1)))


def test_images_are_no_table_and_a_table_is_no_images() -> None:
    with pytest.raises((TableError, ScitypeError, DimensionMismatch)):
        mlj.machine(REGRESSOR, np.zeros((24, 4, 4)), Y)
    with pytest.raises((TableError, ScitypeError, DimensionMismatch)):
        mlj.machine(mlj.ImageClassifier(), X, CLASSES)


def test_a_single_class_in_the_training_rows_warns_when_they_are_chosen() -> None:
    mach = mlj.machine(CLASSIFIER, X, CLASSES)
    with pytest.warns(LevelsWarning, match="Only one class, 'u', occurs in the training rows"):
        mlj.fit(mach, rows=range(0, 24, 3), verbosity=0)


def test_two_of_three_classes_in_the_training_rows_do_not_warn() -> None:
    mach = mlj.machine(CLASSIFIER, X, CLASSES)
    assert mlj.fit(mach, rows=[0, 1, 3, 4, 6, 7, 9, 10], verbosity=0).state == 1
