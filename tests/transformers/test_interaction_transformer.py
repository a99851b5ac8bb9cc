"""InteractionTransformer: the reference's products, scikit-learn's, and what cannot be one."""

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
from sklearn.preprocessing import PolynomialFeatures

import mlj_keras as mlj
from mlj_keras.data.columns import column_of
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    InvalidModelError,
    ModelWarning,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
    TableError,
)
from mlj_keras.transformers.interaction_transformer import InteractionTransformer

TABLE = {"A": [1, 2, 3], "B": [4, 5, 6], "C": [7, 8, 9], "D": ["x", "y", "z"]}
PAIRS = {"A_B": [4, 10, 18], "A_C": [7, 16, 27], "B_C": [28, 40, 54]}


def transformed(X: Any, **values: Any) -> Any:
    return mlj.fit(mlj.machine(InteractionTransformer(**values), X), verbosity=0).transform(X)


def listed(X: Any) -> dict[str, list[Any]]:
    table = table_of(X)
    return {name: column_of(table.column(name)).values.to_pylist() for name in table.names}


@pytest.mark.parametrize(
    ("values", "products"),
    [
        ({}, PAIRS),
        ({"order": 3}, {**PAIRS, "A_B_C": [28, 80, 162]}),
        ({"order": 9}, {**PAIRS, "A_B_C": [28, 80, 162]}),
        ({"features": ["A", "B"]}, {"A_B": [4, 10, 18]}),
        ({"features": ["C", "A"]}, {"C_A": [7, 16, 27]}),
        ({"features": ["A", "B", "C"], "order": 3}, {**PAIRS, "A_B_C": [28, 80, 162]}),
    ],
)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_products_are_those_of_the_reference(
    kind: Callable[..., Any], values: dict[str, Any], products: dict[str, list[int]]
) -> None:
    found = transformed(kind(TABLE), **values)
    assert type(found) is type(kind(TABLE))
    assert listed(found) == {**TABLE, **products} and list(listed(found)) == [*TABLE, *products]
    promised = InteractionTransformer(**values).transformed_columns(
        column_scitypes(table_of(TABLE))
    )
    assert promised == column_scitypes(table_of(found))


@given(
    st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 4), min_size=1, max_size=6),
    st.integers(2, 4),
)
def test_a_matrix_gets_the_products_of_scikit_learn(
    rows: list[tuple[float, ...]], order: int
) -> None:
    matrix = np.array(rows)
    oracle = PolynomialFeatures(order, interaction_only=True, include_bias=False)
    found = transformed(matrix, order=order)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, oracle.fit_transform(matrix), rtol=1e-12, atol=1e-300)


def test_products_of_counts_are_counts_and_others_continuous() -> None:
    X = {"b": [True, False], "n": [2, 3], "c": [0.5, 1.5]}
    found = transformed(X, order=3)
    scitypes = column_scitypes(table_of(found))
    assert scitypes["b_n"] == mlj.Count and found["b_n"].tolist() == [2, 0]
    for name, expected in (("b_c", [0.5, 0]), ("n_c", [1, 4.5]), ("b_n_c", [1, 0])):
        assert scitypes[name] == mlj.Continuous and found[name].tolist() == expected
    narrow = pa.table({"a": pa.array([100], pa.int8()), "b": pa.array([100], pa.int8())})
    assert transformed(narrow)["a_b"].to_pylist() == [10000]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_product_is_missing_where_a_factor_is(kind: Callable[..., Any]) -> None:
    X = kind({"a": [0.5, None, 2.0], "b": [2.0, 3.0, 4.0]})
    found = transformed(X)
    values = np.asarray(mlj.selectcols(found, "a_b"), dtype=float)
    np.testing.assert_array_equal(values, [1, np.nan, 8])
    promised = InteractionTransformer().transformed_columns(column_scitypes(table_of(X)))
    assert promised == column_scitypes(table_of(found))


def test_missing_counts_stay_counts() -> None:
    frame = pd.DataFrame({"m": pd.array([2, None, 3], dtype="Int64"), "n": [4, 5, 2**62]})
    with pytest.raises(
        NonFiniteError, match=r"columns \['m', 'n'\] is too large at row 2.*coerce"
    ):
        transformed(frame)
    found = transformed(frame.iloc[:2])
    assert found["m_n"].dtype == "Int64" and found["m_n"].tolist() == [8, pd.NA]
    pd.testing.assert_frame_equal(found[["m", "n"]], frame.iloc[:2])


def test_the_users_own_columns_labels_and_index_stay() -> None:
    frame = pd.DataFrame(
        {0: [1.0, 2.0], 1: [3.0, 4.0], 2: pd.Categorical(["p", "q"])}, index=[7, 8]
    )
    found = transformed(frame)
    assert list(found) == [0, 1, 2, "0_1"] and found["0_1"].tolist() == [3.0, 8.0]
    pd.testing.assert_frame_equal(found[[0, 1, 2]], frame, check_column_type=False)
    taken = transformed({"a": [1], "b": [2], "a_b": ["p"], "a_b_": ["q"]})
    assert list(taken) == ["a", "b", "a_b", "a_b_", "a_b__"]
    assert taken["a_b"] == ["p"] and taken["a_b__"].tolist() == [2]


def test_a_table_with_nothing_to_multiply_stays_with_a_warning() -> None:
    X = {"a": [1.0], "s": ["p"]}
    with pytest.warns(ModelWarning, match="1 column.s. of numbers: Interaction.*appends nothing"):
        assert transformed(X) == X


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(InvalidModelError, match="order must be an int >= 2, got 1"):
        InteractionTransformer(order=1)
    for wrong in (["A"], ["A", "A"], "AB", [0, 1], []):
        with pytest.raises(InvalidModelError, match="None, or a list of two column names or more"):
            InteractionTransformer(features=wrong)  # type: ignore[arg-type]
    with pytest.raises(SchemaMismatch, match=r"names no columns of X: \['Z'\]. X has \['A'"):
        transformed(TABLE, features=["A", "Z"])
    with pytest.raises(
        ScitypeError, match=r"names \{'D': Textual\}.*coerce\(X, \{'D': Continuous"
    ):
        transformed(TABLE, features=["A", "D"])
    with pytest.raises(
        NonFiniteError, match="too large at row 1. Leave.*give them in larger unit"
    ):
        transformed({"a": [1.0, 1e200], "b": [np.inf, 1e200]})
    with pytest.raises(TableError, match="X must be a table, got list"):
        transformed([1.0, 2.0])


def test_copies_and_pickles_transform_alike() -> None:
    mach = mlj.fit(mlj.machine(InteractionTransformer(order=3), TABLE), verbosity=0)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        assert listed(other.transform(TABLE)) == listed(mach.transform(TABLE))


def test_new_data_may_have_other_columns_and_another_order() -> None:
    X = {"a": [1.0, 2.0], "b": [3.0, 4.0]}
    mach = mlj.fit(mlj.machine(InteractionTransformer(), X), verbosity=0)
    new = {"c": [9.0], "b": [3.0], "a": [2.0]}
    found = mlj.transform(mach, new)
    assert list(found) == ["c", "b", "a", "a_b"] and list(found["a_b"]) == [6.0]
    assert mlj.report(mach).new_features == ("a_b",)
    with pytest.raises(SchemaMismatch, match="lacks the columns"):
        mlj.transform(mach, {"a": [1.0]})


def test_it_follows_an_encoder_in_a_pipeline() -> None:
    X = {"a": [1.0, 2.0, 3.0], "c": mlj.coerce(["u", "v", "u"], mlj.Multiclass)}
    pipe = mlj.OneHotEncoder() | InteractionTransformer() | mlj.NeuralNetworkRegressor(epochs=1)
    mach = mlj.fit(mlj.machine(pipe, X, [1.0, 2.0, 3.0]), verbosity=0)
    assert mlj.report(mach).interaction_transformer.new_features == (
        "a_c__u",
        "a_c__v",
        "c__u_c__v",
    )
