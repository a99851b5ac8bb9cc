"""Standardizer: moments by mathematics, only the columns meant, the same kind of table back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
    UnseenLevelError,
    UnsupportedOperation,
)
from tests.batteries.transformers import check_transformer

FRAME = pd.DataFrame(
    {
        "a": [1.0, 2.0, 4.0, 9.0],
        "b": [0.5, -0.5, 0.5, 1.5],
        "n": [1, 2, 2, 5],
        "f": pd.Categorical(["x", "y", "x", "x"]),
        "g": pd.Categorical(["lo", "hi", "hi", "lo"], categories=["lo", "hi"], ordered=True),
        "s": ["p", "q", "r", "s"],
    },
    index=[7, 8, 9, 10],
)


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(mlj.Standardizer(**values), X), verbosity=0)


def standard(column: Any) -> Any:
    return (column - column.mean()) / column.std(ddof=1)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"count": True, "ordered_factor": True},
        {"features": ["a", "b"]},
        {"features": ["a"], "ignore": True, "count": True},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(mlj.Standardizer(**values), FRAME)
    numbers = FRAME[["a", "b"]].assign(c=[1.0, np.nan, 3.0, 5.0])
    check_transformer(mlj.Standardizer(), numbers)  # as a matrix, too


def test_continuous_columns_are_scaled_and_the_rest_is_unchanged() -> None:
    found = mlj.transform(fitted(FRAME))
    assert list(found) == list(FRAME) and found.index.tolist() == [7, 8, 9, 10]
    for name in ("a", "b"):
        np.testing.assert_allclose(found[name], standard(FRAME[name]), rtol=1e-12)
    for name in ("n", "f", "g", "s"):
        assert found[name].tolist() == FRAME[name].tolist()
    assert found["g"].cat.ordered and found["g"].cat.categories.tolist() == ["lo", "hi"]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_table_comes_back_as_the_kind_it_was(kind: Any) -> None:
    table = kind({"a": FRAME["a"].to_numpy(), "s": ["p", "q", "r", "s"]})
    mach = fitted(table)
    found = mlj.transform(mach)
    assert type(found) is type(table)
    np.testing.assert_allclose(mlj.selectcols(found, "a"), standard(FRAME["a"]), rtol=1e-12)
    back = mlj.inverse_transform(mach, found)
    assert type(back) is type(table)
    np.testing.assert_allclose(mlj.selectcols(back, "a"), FRAME["a"], rtol=1e-12)
    assert list(mlj.selectcols(found, "s")) == list(mlj.selectcols(table, "s"))


def test_a_matrix_comes_back_as_a_matrix() -> None:
    matrix = FRAME[["a", "b"]].to_numpy()
    np.testing.assert_allclose(mlj.transform(fitted(matrix)), standard(FRAME[["a", "b"]]))


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20),
)
def test_the_inverse_undoes_the_transform(train: list[float], new: list[float]) -> None:
    assume(np.std(train) > 1e-3)
    mach = fitted(np.array(train))
    there = mlj.transform(mach, np.array(new))
    np.testing.assert_allclose(mlj.inverse_transform(mach, there), new, rtol=1e-9, atol=1e-6)
    own = mlj.transform(mach)
    np.testing.assert_allclose([own.mean(), own.std(ddof=1)], [0, 1], atol=1e-6)


def test_training_rows_alone_give_the_moments() -> None:
    mach = mlj.fit(mlj.machine(mlj.Standardizer(), FRAME), rows=[0, 1, 2], verbosity=0)
    params = mlj.fitted_params(mach)
    assert params.means == pytest.approx({"a": 7 / 3, "b": 1 / 6})
    assert params.stds == pytest.approx({"a": np.sqrt(7 / 3), "b": np.sqrt(1 / 3)})
    assert mlj.report(mach).features_fit == ("a", "b")
    np.testing.assert_allclose(mlj.transform(mach)["a"][10], (9 - 7 / 3) / np.sqrt(7 / 3))


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ({}, ("a", "b")),
        ({"features": ["a"]}, ("a",)),
        ({"features": ["a"], "ignore": True}, ("b",)),
        ({"features": lambda name: name > "a"}, ("b",)),
        ({"features": lambda name: name > "a", "ignore": True}, ("a",)),
        ({"features": lambda name: name.count("a")}, ("a",)),
        ({"features": lambda name: np.bool_(name > "a"), "ignore": True}, ("a",)),
        ({"count": True}, ("a", "b", "n")),
        ({"ordered_factor": True}, ("a", "b", "g")),
        ({"count": True, "ordered_factor": True, "features": ["n", "g"]}, ("n", "g")),
    ],
)
def test_features_are_chosen_by_scitype_name_or_predicate(
    values: dict[str, Any], chosen: tuple[str, ...]
) -> None:
    mach = fitted(FRAME, **values)
    assert mlj.report(mach).features_fit == chosen
    assert tuple(mlj.fitted_params(mach).means) == chosen
    found = mlj.transform(mach)
    positions = {"g": pd.Series([1.0, 2.0, 2.0, 1.0], index=FRAME.index)}
    for name in FRAME:
        if name in chosen:
            np.testing.assert_allclose(found[name], standard(positions.get(name, FRAME[name])))
        else:
            assert found[name].tolist() == FRAME[name].tolist()


def test_missing_values_are_skipped_in_training_and_stay_missing() -> None:
    column = pd.Series([1.0, np.nan, 3.0], name="c")
    found = mlj.transform(fitted(column))
    half = 1 / np.sqrt(2)
    np.testing.assert_allclose(found, [-half, np.nan, half])
    assert found.name == "c"


def test_a_constant_column_is_centred_with_a_warning() -> None:
    mach = mlj.machine(mlj.Standardizer(), pd.DataFrame({"a": [3.0, 3.0], "b": [1.0, 2.0]}))
    with pytest.warns(ModelWarning, match="'a' does not vary: it is centred and not scaled"):
        mlj.fit(mach, verbosity=0)
    assert mlj.transform(mach)["a"].tolist() == [0.0, 0.0]
    assert mlj.fitted_params(mach).stds["a"] == 1.0


def test_names_that_are_no_columns_warn() -> None:
    with pytest.warns(ModelWarning, match="names no columns of X.*'zz'"):
        mach = fitted(FRAME, features=["a", "zz"])
    assert mlj.report(mach).features_fit == ("a",)


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(InvalidModelError, match="leaves out the names in features"):
        fitted(FRAME, ignore=True)
    with pytest.raises(ScitypeError, match=r"got .*Textual.*Write coerce\(x, Continuous\)"):
        fitted(["x", "y"])
    for wrong in (3, "a", [1, 2]):
        with pytest.raises(InvalidModelError, match="Standardizer.features: must be a list"):
            mlj.Standardizer(features=wrong)  # type: ignore[arg-type]


def test_data_of_another_shape_raise() -> None:
    mach = fitted(FRAME)
    with pytest.raises(SchemaMismatch, match=r"lacks the columns \['b'\]"):
        mlj.transform(mach, FRAME.drop(columns="b"))
    with pytest.raises(SchemaMismatch, match="trained on a single column, got"):
        mlj.transform(fitted([1.0, 2.0]), FRAME)


def test_counts_and_factors_that_became_floats_have_no_inverse() -> None:
    for values in ({"count": True}, {"ordered_factor": True}):
        mach = fitted(FRAME, **values)
        with pytest.raises(UnsupportedOperation, match="has no inverse"):
            mlj.inverse_transform(mach, mlj.transform(mach))


def test_a_change_of_a_hyperparameter_fits_again() -> None:
    model: Any = mlj.Standardizer()
    mach = mlj.fit(mlj.machine(model, FRAME), verbosity=0)
    model.features = ["b"]
    mlj.fit(mach, verbosity=0)
    assert mach.state == 2 and mlj.report(mach).features_fit == ("b",)


def test_images_are_refused_when_the_machine_is_made() -> None:
    for images in (np.zeros((3, 4, 4)), [np.zeros((4, 4, 3), dtype="uint8")] * 3):
        with pytest.raises(ScitypeError, match=r"got images of scitype .*Image\[4, 4\].*reshape"):
            mlj.machine(mlj.Standardizer(), images)
    with pytest.raises(SchemaMismatch, match="trained on a table, got ImageVector. Pass a table"):
        mlj.transform(fitted(FRAME), np.zeros((3, 4, 4)))


def test_infinite_and_too_large_values_in_training_raise_with_their_column() -> None:
    frame = FRAME.assign(b=[0.5, np.inf, 1.5, -np.inf])
    with pytest.raises(NonFiniteError, match=r"Column 'b' has 2 infinite.*rows \[1, 3\]"):
        fitted(frame)
    assert mlj.report(fitted(frame, features=["a"])).features_fit == ("a",)
    with pytest.raises(NonFiniteError, match="'y' has values up to 1e.300.*larger unit"):
        fitted([1e300, -1e300])


def test_new_data_of_another_kind_than_in_training_raise() -> None:
    mach = fitted(FRAME)
    for other, scitype in ((["1", "2", "3", "4"], "Textual"), (FRAME["f"], r"Multiclass\[2\]")):
        message = rf"'a' is {scitype}, .*trained on numbers there. Write X = coerce\(X, \{{'a': C"
        with pytest.raises(SchemaMismatch, match=message):
            mlj.transform(mach, FRAME.assign(a=other))
    with pytest.raises(SchemaMismatch, match="'y' is Textual"):
        mlj.transform(fitted([1.0, 2.0]), ["a"])
    with pytest.raises(SchemaMismatch, match="trained on a table, got Column"):
        mlj.transform(mach, [1.0])
    ordered = fitted(FRAME, ordered_factor=True, features=["g"])
    with pytest.raises(SchemaMismatch, match=r"an OrderedFactor there.*levels=\['lo', 'hi'\]"):
        mlj.transform(ordered, {"g": [["lo"], ["hi"]]})
    whole = mlj.transform(mach, FRAME.assign(a=[1, 2, 4, 9]))  # whole numbers are numbers
    np.testing.assert_allclose(whole["a"], standard(FRAME["a"]))


def test_positions_are_those_of_the_levels_in_training() -> None:
    mach = fitted(FRAME, ordered_factor=True, features=["g"])
    turned = FRAME.assign(g=FRAME["g"].cat.reorder_categories(["hi", "lo"]))
    np.testing.assert_array_equal(mlj.transform(mach, turned)["g"], mlj.transform(mach)["g"])
    other = pd.Categorical(["top"] * 4, ordered=True)
    with pytest.raises(UnseenLevelError, match="Column 'g' has 4 value.*'top'"):
        mlj.transform(mach, FRAME.assign(g=other))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_plain_values_are_encoded_by_the_levels_in_training(kind: Any) -> None:
    mach = fitted(FRAME, ordered_factor=True, features=["g"])
    found = mlj.transform(mach, kind({"g": ["hi", None, "lo"]}))
    half = np.sqrt(3) / 2  # positions 1, 2, 2, 1: mean 3/2, variance 1/3
    np.testing.assert_allclose(mlj.selectcols(found, "g"), [half, np.nan, -half], rtol=1e-12)
    for wrong in (["hi", "top"], [1.0, None]):
        with pytest.raises(UnseenLevelError, match="Column 'g' has 1 value.*levels are 'lo', 'h"):
            mlj.transform(mach, kind({"g": wrong}))


def test_columns_that_are_not_standardised_keep_their_dtypes_in_pandas() -> None:
    frame = pd.DataFrame(
        {
            "a": [1.0, 2.0, 4.0],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "b": pd.array([True, None, False], dtype="boolean"),
            "s": pd.array(["x", None, "z"], dtype="string"),
            "p": pd.period_range("2020", periods=3, freq="M"),
        },
        index=[3, 4, 5],
    )
    found = mlj.transform(fitted(frame))
    pd.testing.assert_frame_equal(found.iloc[:, 1:], frame.iloc[:, 1:])
    part = mlj.transform(fitted(frame), rows=[2, 0])
    pd.testing.assert_frame_equal(part.iloc[:, 1:], frame.iloc[[2, 0], 1:])


@pytest.mark.parametrize("kind", [pl.DataFrame, pa.table, dict])
def test_columns_that_are_not_standardised_stay_as_they_are(kind: Any) -> None:
    table = kind({"a": [1.0, 2.0, 4.0], "n": [1, None, 3], "l": [[1], [2], None]})
    found = mlj.transform(fitted(table))
    for name in ("n", "l"):
        column = mlj.selectcols(table, name)
        assert type(mlj.selectcols(found, name)) is type(column)
        assert str(mlj.selectcols(found, name)) == str(column)


def test_a_column_that_is_all_missing_in_training_is_named() -> None:
    X = pd.DataFrame({"a": [np.nan, np.nan, 1.0], "b": [1.0, 2.0, 3.0]})
    with pytest.raises(MissingValuesError, match="All values of column 'a' are missing"):
        mlj.fit(mlj.machine(mlj.Standardizer(), X), rows=[0, 1], verbosity=0)


def test_columns_may_be_named_by_an_index_of_pandas() -> None:
    assert mlj.Standardizer(features=FRAME.columns[:2]) == mlj.Standardizer(features=["a", "b"])


def test_names_of_columns_that_are_not_standardised_warn() -> None:
    with pytest.warns(ModelWarning, match="leaves as they are, for their scitypes: {'s': Textual"):
        mach = fitted(FRAME, features=["a", "s", "f"])
    assert mlj.report(mach).features_fit == ("a",)
    assert mlj.report(fitted(FRAME, features=["s", "a"], ignore=True)).features_fit == ("b",)
