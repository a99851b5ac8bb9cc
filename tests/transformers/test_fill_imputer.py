"""FillImputer: fills by mathematics, kinds of tables, factors with their pools, no Optional."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer

import mlj_keras as mlj
from mlj_keras.data.columns import column_of
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    CoercionError,
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
    UnseenLevelError,
    UnsupportedOperation,
)
from mlj_keras.transformers.fill_imputer import FillImputer

GRADES = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
FRAME = pd.DataFrame(
    {
        "a": [1.0, np.nan, 4.0, 9.0],
        "n": pd.array([1, 2, None, 7], dtype="Int64"),
        "whole": [5, 6, 7, 8],
        "f": pd.Categorical([None, "y", "x", "y"], categories=["y", "x", "z"]),
        "g": pd.Categorical(["low", None, "high", "high"], dtype=GRADES),
        "s": ["p", "q", "r", "s"],
    },
    index=[7, 8, 9, 10],
)


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.machine(FillImputer(**values), X).fit(verbosity=0)


def fillers(X: Any, **values: Any) -> Any:
    return fitted(X, **values).fitted_params().filler_given_feature


def listed(column: Any) -> Any:
    return column_of(column).values.to_pylist()


def test_medians_and_modes_of_the_present_values_fill() -> None:
    mach = fitted(FRAME)
    assert mach.fitted_params().filler_given_feature == {
        "a": 4.0,
        "n": 2,
        "whole": 6,  # 6.5, to the even number
        "f": "y",
        "g": "high",
    }
    found = mach.transform()
    assert list(found) == list(FRAME) and found.index.tolist() == [7, 8, 9, 10]
    assert found["a"].tolist() == [1.0, 4.0, 4.0, 9.0]
    assert found["n"].tolist() == [1, 2, 2, 7]
    assert found["f"].tolist() == ["y", "y", "x", "y"]
    assert found["f"].cat.categories.tolist() == ["y", "x", "z"]
    assert found["g"].tolist() == ["low", "high", "high", "high"]
    assert found["g"].dtype == GRADES
    pd.testing.assert_frame_equal(found[["whole", "s"]], FRAME[["whole", "s"]])


def test_what_comes_out_has_the_scitypes_that_were_promised() -> None:
    promised = FillImputer().transformed_columns(column_scitypes(table_of(FRAME)))
    assert promised == column_scitypes(table_of(fitted(FRAME).transform()))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_table_comes_back_as_the_kind_it_was(kind: Callable[..., Any]) -> None:
    table = kind({"a": [1.0, None, 3.0], "n": [True, None, True], "s": ["p", "q", "r"]})
    mach = fitted(table)
    for new in (table, kind({"s": ["t"], "n": [None], "a": [None], "more": [[1]]})):
        found = mach.transform(new)
        assert type(found) is type(table) and list(table_of(found).names) == list(
            table_of(new).names
        )
        assert column_scitypes(table_of(found))["a"] == mlj.Continuous
        assert listed(mlj.selectcols(found, "a"))[-2:] == ([2.0, 3.0] if new is table else [2.0])
        assert listed(mlj.selectcols(found, "n"))[-2:] == ([True, True] if new is table else [1])
        assert listed(mlj.selectcols(found, "s")) == listed(mlj.selectcols(new, "s"))


def test_a_matrix_comes_back_as_a_matrix_of_its_dtype() -> None:
    matrix = np.array([[1, np.nan], [np.nan, 4], [2, 8]], dtype="float32")
    found = fitted(matrix).transform()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[1, 6], [1.5, 4], [2, 8]])


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=12),
    st.sampled_from(["median", "mean"]),
)
def test_numbers_are_filled_as_by_scikit_learn(values: list[float | None], fill: str) -> None:
    column = np.array([np.nan if v is None else v for v in values])
    if np.isnan(column).all():
        with pytest.raises(MissingValuesError):
            fitted(column)
        return
    oracle = SimpleImputer(strategy=fill).fit_transform(column.reshape(-1, 1))[:, 0]
    np.testing.assert_allclose(fitted(column, continuous_fill=fill).transform(), oracle)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_the_mode_is_the_first_of_the_most_frequent_levels(labels: list[str]) -> None:
    column = pd.Categorical([*labels, None], categories=["c", "a", "b"])
    best = max("cab", key=labels.count)  # max gives the first of several
    found = fitted(column).transform()
    assert list(found) == [*labels, best]
    assert found.categories.tolist() == ["c", "a", "b"] and not found.ordered


@pytest.mark.parametrize(
    ("values", "filler"),
    [
        ([1, 2], 2),  # 1.5, to the even number
        ([2, 3], 2),
        ([2**60, 2**60 + 2, 2**60 + 4], 2**60 + 2),
        ([2**63 - 1, 2**63 - 1], 2**63 - 1),
        ([True, False, True], 1),
    ],
)
def test_the_median_of_a_count_is_rounded_and_exact(values: list[int], filler: int) -> None:
    assert fillers({"n": values}) == {"n": filler}


def test_fills_may_be_named_numbers_or_functions() -> None:
    X = FRAME[["a", "n", "f"]]
    assert fillers(X, continuous_fill="mean", count_fill="mean") == pytest.approx(
        {"a": 14 / 3, "n": 3, "f": "y"}
    )
    assert fillers({"a": [2.0, 1.0, 2.0, 1.0]}, continuous_fill="mode") == {"a": 1.0}
    assert fillers({"n": [1, 3, 3]}, count_fill="mode") == {"n": 3}
    assert fillers(X, continuous_fill=-1, count_fill=0) == {"a": -1.0, "n": 0, "f": "y"}
    own = {"continuous_fill": np.max, "count_fill": len, "finite_fill": lambda v: sorted(v)[0]}
    assert fillers(X, **own) == {"a": 9.0, "n": 3, "f": "x"}


def test_columns_without_missing_values_in_training_are_filled_in_new_data() -> None:
    found = fitted(FRAME).transform(FRAME.assign(whole=[np.nan, 1.0, 2.0, 3.0]))
    assert found["whole"].tolist() == [6, 1, 2, 3]  # pandas had made floats of the integers
    assert found["whole"].dtype == np.int64
    nothing = fitted(FRAME).transform({name: [None] for name in FRAME})
    assert {name: listed(column) for name, column in nothing.items()} == {
        "a": [4.0],
        "n": [2],
        "whole": [6],
        "f": ["y"],
        "g": ["high"],
        "s": [None],
    }


def test_a_count_keeps_its_dtype_if_the_fill_fits() -> None:
    mach = fitted(pa.table({"n": [1000, 1000], "b": [7, 7], "c": [1, 1]}))
    small = pa.array([1, None], pa.int8())
    new = pa.table({"n": small, "b": small, "c": pa.array([False, None])})
    found = mach.transform(new)
    assert found.schema.types == [pa.int64(), pa.int8(), pa.bool_()]
    assert found.to_pydict() == {"n": [1, 1000], "b": [1, 7], "c": [False, True]}
    truth = mach.transform(new.set_column(1, "b", pa.array([True, None])))
    assert truth["b"].to_pylist() == [1, 7]


def test_a_single_column_is_filled_as_in_the_reference() -> None:
    assert fitted([1.0, 2.0, None, 3.0]).transform([None, None, 101.0]).tolist() == [2, 2, 101]
    assert fitted([1, 1, 1, 2, None, 3, 3]).transform([None, 5]).tolist() == [2, 5]
    y = mlj.coerce(["y", "n", "y", None, "y"], mlj.Optional[mlj.Multiclass])
    assert list(fitted(y).transform()) == ["y", "n", "y", "y", "y"]
    assert fillers(pd.Series([1.0, np.nan], name="c")) == {"y": 1.0}


def test_new_factors_keep_their_own_pools() -> None:
    mach = fitted(FRAME)
    other = pd.Categorical(["x", None, "y", None], categories=["x", "y", "new"])
    found = mach.transform(FRAME.assign(f=other))["f"]
    assert found.tolist() == ["x", "y", "y", "y"]
    assert found.cat.categories.tolist() == ["x", "y", "new"]
    lacking = mach.transform(FRAME.assign(f=pd.Categorical(["x", None, "x", "x"])))["f"]
    assert lacking.tolist() == ["x", "y", "x", "x"]
    assert lacking.cat.categories.tolist() == ["y", "x", "z"]
    plain = mach.transform(FRAME.assign(g=["mid", None, "low", "low"]))["g"]
    assert plain.tolist() == ["mid", "high", "low", "low"] and plain.dtype == GRADES
    with pytest.raises(UnseenLevelError, match=r"Column 'f' has 1 value.*'odd'.*levels are 'y'"):
        mach.transform(FRAME.assign(f=["odd", "y", "x", None]))
    with pytest.raises(SchemaMismatch, match="trained on a factor there. Give the levels"):
        mach.transform({**{name: FRAME[name] for name in FRAME}, "f": [["x"]] * 4})


def test_categoricals_of_polars_keep_the_values_that_occur() -> None:
    table = pl.DataFrame({"f": pl.Series(["b", "a", None, "b", "c"], dtype=pl.Categorical)})
    mach = fitted(table)
    assert mach.transform(rows=[2, 1])["f"].to_list() == ["b", "a"]
    assert mach.transform(pl.DataFrame({"f": ["a", None]}))["f"].to_list() == ["a", "b"]
    enum = pl.DataFrame({"f": pl.Series(["b", None], dtype=pl.Enum(["b", "a"]))})
    assert fitted(enum).transform()["f"].dtype == pl.Enum(["b", "a"])


def test_missing_values_of_other_scitypes_stay_with_a_warning() -> None:
    table = {"a": [1.0, None], "s": ["p", None], "t": [None, "q"], "u": [None, [1]]}
    with pytest.warns(
        ModelWarning, match=r"columns \['s', 't', 'u'\] have missing values and are"
    ):
        found = fitted(table).transform()
    assert found["s"] == ["p", None] and found["u"] == [None, [1]]
    with (
        pytest.warns(ModelWarning, match=r"columns \['s'\] have"),
        pytest.warns(ModelWarning, match="leaves as they are, for their scitypes"),
    ):
        fitted(table, features=["a", "s"])
    with pytest.warns(ModelWarning, match=r"columns \['t'\] have"):
        fitted(table, features=lambda name: name in ("a", "t"))
    assert fillers(table, features=["s", "t", "u"], ignore=True) == {"a": 1.0}


def test_columns_that_are_all_missing_raise_with_their_name() -> None:
    for gone in ([np.nan] * 4, [None] * 4, pd.Categorical([None] * 4, categories=["x"])):
        X = FRAME.assign(empty=gone)
        with pytest.raises(
            MissingValuesError, match="of column 'empty' are missing.*Drop the col"
        ):
            fitted(X)
        assert "empty" not in fillers(X, features=["empty"], ignore=True)


def test_what_cannot_be_meant_raises() -> None:
    for wrong in ("max", True, np.inf, None):
        with pytest.raises(InvalidModelError, match="continuous_fill: the fill must be 'median'"):
            FillImputer(continuous_fill=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidModelError, match="finite_fill: the fill must be 'mode', or a func"):
        FillImputer(finite_fill="median")
    with pytest.raises(InvalidModelError, match="leaves out the names in features"):
        fitted(FRAME, ignore=True)
    with pytest.raises(InvalidModelError, match="count_fill gives 2.5 for column 'n'.*whole numb"):
        fitted({"n": [1, 2]}, count_fill=2.5)
    with pytest.raises(InvalidModelError, match="continuous_fill gives None for column 'a'"):
        fitted({"a": [1.0]}, continuous_fill=lambda v: None)
    with pytest.raises(
        InvalidModelError, match=r"finite_fill gives 'odd' for column 'f'.*'y', 'x'"
    ):
        fitted(FRAME, finite_fill=lambda labels: "odd")
    with pytest.raises(NonFiniteError, match="continuous_fill gives inf for column 'a'"):
        fitted({"a": [1.0, np.inf, np.inf]})
    with pytest.raises(ScitypeError, match=r"takes a table, or .*got a column of Textual"):
        fitted(["a", "b"])
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform"):
        fitted(FRAME).inverse_transform(FRAME)


def test_new_data_of_another_kind_than_in_training_raise() -> None:
    mach = fitted(FRAME)
    with pytest.raises(SchemaMismatch, match=r"lacks the columns \['a'\]"):
        mach.transform(FRAME.drop(columns="a"))
    with pytest.raises(
        SchemaMismatch, match=r"'a' is Textual.*on numbers.*coerce\(X, \{'a': Cont"
    ):
        mach.transform(FRAME.assign(a=["1", "2", "3", "4"]))
    with pytest.raises(CoercionError, match="'whole' of scitype Continuous.*0.5 at row 1"):
        mach.transform(FRAME.assign(whole=[np.nan, 0.5, 1, 2]))
    assert mach.transform(FRAME.assign(a=[1, 2, 3, 4]))["a"].dtype == np.float64


def test_copies_and_pickles_fill_alike() -> None:
    mach = fitted(FRAME)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        pd.testing.assert_frame_equal(other.transform(FRAME), mach.transform(FRAME))
