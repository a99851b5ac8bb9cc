"""ContinuousEncoder: the reference's table, one Continuous table of any kind, and what is lost."""

from __future__ import annotations

import copy
import dataclasses
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
from sklearn.preprocessing import OneHotEncoder as Oracle

import mlj_keras as mlj
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    ModelWarning,
    SchemaMismatch,
    ScitypeError,
    TableError,
    UnseenLevelError,
    UnsupportedOperation,
)
from mlj_keras.transformers.continuous_encoder import ContinuousEncoder, ContinuousFit

FRAME = pd.DataFrame(
    {
        "name": pd.Categorical(["Ben", "John", "Mary", "John"], ordered=True),
        "height": [1.85, 1.67, 1.5, 1.67],
        "rubbish": ["a", "b", "c", "a"],
        "number": pd.Categorical([7, 5, 10, 5]),
        "age": [23, 23, 14, 23],
    },
    index=[7, 8, 9, 10],
)


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.machine(ContinuousEncoder(**values), X).fit(verbosity=0)


def test_the_table_of_the_reference_becomes_continuous() -> None:
    mach = fitted(FRAME)
    found = mach.transform()
    expected = {
        "name": [1.0, 2.0, 3.0, 2.0],
        "height": [1.85, 1.67, 1.5, 1.67],
        "number__5": [0.0, 1.0, 0.0, 1.0],
        "number__7": [1.0, 0.0, 0.0, 0.0],
        "number__10": [0.0, 0.0, 1.0, 0.0],
        "age": [23.0, 23.0, 14.0, 23.0],
    }
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected, index=FRAME.index))
    assert mlj.scitype(found) <= mlj.Table[mlj.Continuous]
    assert mach.report().features_to_keep == ("name", "height", "number", "age")
    assert mach.report().features_dropped == ("rubbish",)
    assert mach.report().new_features == tuple(expected)
    assert mach.fitted_params().levels == {"name": ("Ben", "John", "Mary"), "number": (5, 7, 10)}


def test_ordered_factors_may_be_one_hot_and_last_levels_dropped_as_in_the_reference() -> None:
    mach = fitted(FRAME, drop_last=True, one_hot_ordered_factors=True)
    found = mach.transform()
    names = ["name__Ben", "name__John", "height", "number__5", "number__7", "age"]
    assert list(found) == names and mach.report().new_features == tuple(names)
    assert found["name__John"].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "values", [{}, {"drop_last": True}, {"drop_last": True, "one_hot_ordered_factors": True}]
)
def test_what_comes_out_has_the_scitypes_that_were_promised(values: dict[str, bool]) -> None:
    model = ContinuousEncoder(**values)
    promised = model.transformed_columns(column_scitypes(table_of(FRAME)))
    found = mlj.machine(model, FRAME).fit(verbosity=0).transform()
    assert list(promised.values()) == list(column_scitypes(table_of(found)).values())


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_table_comes_back_as_the_kind_it_was(kind: Callable[..., Any]) -> None:
    table = kind({"c": [1.5, 2.5], "s": ["p", "q"], "b": [True, False], "n": [1, 2]})
    found = fitted(table).transform()
    assert type(found) is type(table) and table_of(found).names == ("c", "b", "n")
    for name, expected in (("c", [1.5, 2.5]), ("b", [1.0, 0.0]), ("n", [1.0, 2.0])):
        assert np.asarray(mlj.selectcols(found, name)).tolist() == expected
    assert mlj.scitype(found) <= mlj.Table[mlj.Continuous]


def test_categoricals_of_polars_are_encoded_by_the_levels_of_training() -> None:
    table = pl.DataFrame(
        {
            "f": pl.Series(["b", "a", "c"], dtype=pl.Categorical),
            "g": pl.Series(["hi", "lo", "hi"], dtype=pl.Enum(["lo", "hi"])),
        }
    )
    found = fitted(table).transform(rows=[0, 2])
    assert found.columns == ["f__a", "f__b", "f__c", "g"]
    assert found.rows() == [(0, 1, 0, 2), (0, 0, 1, 2)]


def test_a_matrix_comes_back_as_a_matrix_of_floats() -> None:
    found = fitted(np.array([[1, 2], [3, 4]])).transform()
    assert isinstance(found, np.ndarray) and found.dtype == np.float64
    np.testing.assert_array_equal(found, [[1, 2], [3, 4]])
    lacking = np.array([[1, np.nan, 2], [3, 4, 5]])
    with pytest.warns(ModelWarning, match=r"drops the columns \['x2'\]"):
        mach = fitted(lacking)
    np.testing.assert_array_equal(mach.transform(), [[1, 2], [3, 5]])


@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=12), st.integers(0, 1))
def test_levels_are_encoded_as_by_scikit_learn(labels: list[str], n_dropped: int) -> None:
    X = {"f": pd.Categorical(labels, categories=list("abcd")), "c": np.zeros(len(labels))}
    found = fitted(X, drop_last=n_dropped == 1).transform()
    oracle = Oracle(categories=[list("abcd")], sparse_output=False)
    expected = oracle.fit_transform(np.array(labels).reshape(-1, 1))
    shown = [f"f__{level}" for level in "abcd"][: 4 - n_dropped]
    assert list(found) == [*shown, "c"]
    np.testing.assert_array_equal(
        np.column_stack([found[name] for name in shown]), expected[:, : len(shown)]
    )


def test_columns_with_missing_values_are_dropped_with_a_warning() -> None:
    X = FRAME.assign(
        age=[1.0, np.nan, 2.0, 3.0], number=pd.Categorical([None, "p", "q", "p"]), gone=[None] * 4
    )
    message = r"drops the columns \['number', 'age', 'gone'\], which have missing values. Fill the"
    with pytest.warns(ModelWarning, match=message):
        mach = fitted(X)
    assert list(mach.transform()) == ["name", "height"]
    assert mach.report().features_dropped == ("rubbish", "number", "age", "gone")


def test_missing_values_in_new_data_stay_missing() -> None:
    new = FRAME.assign(
        age=[1.0, np.nan, 2.0, 3.0], number=pd.Categorical([None, 5, 7, 5]), name=[None] * 4
    )
    found = fitted(FRAME).transform(new)
    np.testing.assert_array_equal(found["age"], [1, np.nan, 2, 3])
    for label, expected in (("5", [np.nan, 1, 0, 1]), ("10", [np.nan, 0, 0, 0])):
        np.testing.assert_array_equal(found[f"number__{label}"], expected)
    assert found["name"].isna().all()


def test_new_data_may_have_other_columns_orders_and_pools() -> None:
    mach = fitted(FRAME)
    other = FRAME.assign(number=pd.Categorical([5, 5, 7, 7]), name=["Mary", "Ben", "Ben", "John"])
    other = other.assign(more=1.0, height=[1, 2, 3, 4])[["more", *list(FRAME)[::-1]]]
    found = mach.transform(other)
    assert list(found) == ["age", "number__5", "number__7", "number__10", "height", "name"]
    assert found["number__5"].tolist() == [1, 1, 0, 0] and found["number__10"].tolist() == [0] * 4
    assert found["name"].tolist() == [3, 1, 1, 2]
    assert mlj.scitype(found) <= mlj.Table[mlj.Continuous]


def test_names_that_are_taken_get_an_underscore_and_int_labels_stay() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a", "b"]), "f__a": [1.0, 2.0], 0: [1, 2]})
    assert list(fitted(X).transform()) == ["f__a_", "f__b", "f__a", 0]


def test_the_users_own_floats_are_not_shared() -> None:
    X = {"c": np.array([1.0, 2.0]), "s": ["p", "q"]}
    found = fitted(X).transform()
    found["c"][:] = 0
    assert X["c"].tolist() == [1.0, 2.0]  # type: ignore[attr-defined]


def test_what_cannot_be_encoded_raises() -> None:
    with pytest.raises(
        ScitypeError, match="would drop all columns: .*Textual.*Coerce some to Con"
    ):
        fitted({"s": ["p", "q"]})
    with pytest.raises(TableError, match="X must be a table, got list"):
        fitted([1.0, 2.0])
    mach = fitted(FRAME)
    with pytest.raises(
        SchemaMismatch, match=r"lacks the columns \['age'\] that the ContinuousEnc"
    ):
        mach.transform(FRAME.drop(columns="age"))
    with pytest.raises(SchemaMismatch, match=r"'age' is Textual.*coerce\(X, \{'age': Continuous"):
        mach.transform(FRAME.assign(age=["1", "2", "3", "4"]))
    with pytest.raises(UnseenLevelError, match="Column 'number' has 1 value.*11.*levels are 5, 7"):
        mach.transform(FRAME.assign(number=pd.Categorical([5, 7, 11, 5])))
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform"):
        mach.inverse_transform(FRAME)


def test_copies_and_pickles_encode_alike() -> None:
    mach = fitted(FRAME)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        pd.testing.assert_frame_equal(other.transform(FRAME), mach.transform(FRAME))


def test_more_labels_of_a_column_than_levels_are_none_that_were_learned() -> None:
    fit = ContinuousFit(("c",), {"c": ("a", "b")}, {"c": ("c__a", "c__b")})
    fit.check_stored()
    with pytest.raises(ValueError, match="more labels of a column than that has levels"):
        dataclasses.replace(fit, labels={"c": ("1", "2", "3")}).check_stored()
