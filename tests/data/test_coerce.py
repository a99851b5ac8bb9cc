"""`coerce` on the user's own tables and columns: specs, levels, kinds kept, words to the user."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data import coerce, elscitype, levels, schema, selectcols, selectrows
from mlj_keras.data.columns import column_of
from mlj_keras.data.scitypes import (
    Binary,
    Continuous,
    Count,
    Finite,
    Infinite,
    Missing,
    Multiclass,
    Optional,
    OrderedFactor,
    Scitype,
    Table,
    Textual,
)
from mlj_keras.errors import (
    CoercionError,
    DimensionMismatch,
    InvalidArgument,
    SchemaMismatch,
    ScitypeWarning,
    TableError,
)

KINDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": lambda columns: pd.DataFrame(columns, index=["r", "s", "t"]),
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "dict": dict,
}
X: dict[str, list[Any]] = {
    "visits": [3, 1, 2],
    "length": [0.5, 1.5, 2.5],
    "whole": [1.0, 2.0, 3.0],
    "code": ["b", "a", None],
}


def items_of(column: Any) -> list[Any]:
    """The values of a column of any kind, None where missing."""
    return [None if item != item else item for item in column_of(column).values.to_pylist()]


def scitypes_of(table: Any) -> dict[str, Scitype]:
    """The scitype of each column of a table of any kind."""
    found = schema(table)
    return dict(zip(found.names, found.scitypes, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_named_columns_change_and_all_else_stays(kind: str) -> None:
    before = KINDS[kind](X)
    after = coerce(before, {"visits": Continuous, "whole": Count, "code": Optional[Multiclass]})
    assert type(after) is type(before)
    assert scitypes_of(after) == {
        "visits": Continuous,
        "length": Continuous,
        "whole": Count,
        "code": Optional[Multiclass[2]],
    }
    for name, items in X.items():
        assert items_of(selectcols(after, name)) == items
        assert items_of(selectcols(before, name)) == items
    assert schema(before) == schema(KINDS[kind](X))
    if kind == "pandas":
        assert list(after.index) == ["r", "s", "t"]


def test_other_columns_of_a_pandas_frame_keep_their_dtypes_and_labels() -> None:
    before = pd.DataFrame({0: [1, 2], "b": ["x", "y"]}).assign(c=pd.array([1, 2], dtype="Int16"))
    after = coerce(before, {"0": Continuous})
    assert list(after.columns) == [0, "b", "c"]
    assert [str(dtype) for dtype in after.dtypes] == ["float64", "str", "Int16"]
    assert str(before[0].dtype) == "int64"
    after.loc[0, "b"] = "changed"
    assert before.loc[0, "b"] == "x"


@pytest.mark.parametrize("kind", KINDS)
def test_scitypes_stand_for_all_columns_that_have_them_missing_or_not(kind: str) -> None:
    after = coerce(KINDS[kind](X), {Count: Continuous, Textual: Optional[OrderedFactor]})
    assert scitypes_of(after)["visits"] == Continuous
    assert scitypes_of(after)["code"] == Optional[OrderedFactor[2]]


def test_names_and_scitypes_mix_and_a_wider_scitype_takes_all_below_it() -> None:
    after = coerce(X, {"code": Optional[Multiclass], Infinite: Multiclass})
    assert set(scitypes_of(after).values()) == {Multiclass[3], Optional[Multiclass[2]]}
    # A column of missing values only is no evidence of a scitype.
    factors = {"a": pd.Categorical(["x"]), "m": [None]}
    after = coerce(factors, {Multiclass: OrderedFactor, Textual: Count})
    assert scitypes_of(after) == {"a": OrderedFactor[1], "m": Missing}


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["b", "a"], pd.Categorical),
        (np.array(["b", "a"]), pd.Categorical),
        (pd.Series(["b", "a"], index=[7, 8], name="n"), pd.Series),
        (pl.Series("n", ["b", "a"]), pl.Series),
        (pa.array(["b", "a"]), pa.DictionaryArray),
        (pa.chunked_array([["b"], ["a"]]), pa.DictionaryArray),
        (("b", "a"), pd.Categorical),
    ],
    ids=["list", "numpy", "pandas", "polars", "pyarrow", "chunks", "tuple"],
)
def test_a_column_comes_back_as_its_kind(column: Any, kind: type) -> None:
    for target in (Multiclass, OrderedFactor, Finite):
        after = coerce(column, target)
        assert isinstance(after, kind)
        assert elscitype(after) <= target and levels(after) == ("a", "b")
        assert items_of(after) == ["b", "a"]
    if kind is pd.Series:
        assert list(after.index) == [7, 8] and after.name == "n"
    if kind is pl.Series:
        assert after.name == "n"


def test_polars_has_categorical_for_multiclass_and_enum_for_ordered_factor() -> None:
    assert coerce(pl.Series(["b", "a"]), Multiclass).dtype == pl.Categorical
    enum = coerce(pl.Series(["b", "a"]), OrderedFactor, levels=["b", "c", "a"])
    assert enum.dtype == pl.Enum(["b", "c", "a"])


@pytest.mark.parametrize("pool", [["b", "a"], ["a", "b", "c"]])
def test_a_pool_that_polars_cannot_hold_raises(pool: list[str]) -> None:
    frame = pl.DataFrame({"s": ["a", "b"]})
    with pytest.raises(CoercionError, match="of column 's' as Multiclass.*OrderedFactor, or use"):
        coerce(frame, {"s": Multiclass}, levels=pool)
    with pytest.raises(CoercionError, match="polars cannot hold"):
        coerce(pl.Series(["a", "b"], dtype=pl.Enum(pool)), Multiclass)
    assert levels(coerce(pl.Series(["a", "b"]), Multiclass, levels=["a", "b"])) == ("a", "b")


def test_numbers_become_strings_as_levels_in_polars() -> None:
    with pytest.warns(ScitypeWarning, match=r"levels \[9, 10\] of this column become strings"):
        enum = coerce(pl.Series([10, 9, None]), Optional[OrderedFactor])
    assert levels(enum) == ("9", "10") and enum.to_list() == ["10", "9", None]
    with pytest.warns(ScitypeWarning, match="become strings"):
        categorical = coerce(pl.Series([10, 9]), Multiclass)
    assert levels(categorical) == ("10", "9") and categorical.to_list() == ["10", "9"]
    with (
        pytest.warns(ScitypeWarning, match="become strings"),
        pytest.raises(CoercionError, match="polars cannot hold"),
    ):
        coerce(pl.Series([10, 9]), Multiclass, levels=[9, 10])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (np.array([1.0, np.nan]), np.ndarray),
        ([1.0, None], np.ndarray),
        (pd.Series([1.0, None], index=[4, 5], name="n"), pd.Series),
        (pd.Categorical([7.0, None]), pd.api.extensions.ExtensionArray),
        (pl.Series([1.0, None]), pl.Series),
        (pa.array([1.0, None]), pa.Array),
    ],
    ids=["numpy", "list", "pandas", "categorical", "polars", "pyarrow"],
)
def test_counts_with_missing_values_are_counts_in_every_kind(column: Any, expected: type) -> None:
    after = coerce(column, Optional[Count], verbosity=0)
    assert isinstance(after, expected)
    assert elscitype(after) == Optional[Count] and items_of(after) == [1, None]
    if expected is pd.Series:
        assert list(after.index) == [4, 5] and after.name == "n"


def test_a_matrix_stays_one_where_its_dtype_can_say_it() -> None:
    floats = np.array([[1.0, 2.5], [3.0, 4.5]], dtype="float32")
    assert coerce(np.array([[1, 2], [3, 4]]), {Count: Continuous}).dtype == "float64"
    assert coerce(floats, {"x1": Continuous}).dtype == "float32"
    assert coerce(floats[:, :1], {"x1": Count}).dtype == "int64"
    for spec, expected in (
        ({"x1": Count}, {"x1": Count, "x2": Continuous}),
        ({"x1": Multiclass}, {"x1": Multiclass[2], "x2": Continuous}),
    ):
        frame = coerce(floats, spec)
        assert isinstance(frame, pd.DataFrame) and scitypes_of(frame) == expected
        assert frame["x2"].dtype == "float32"
    objects = np.array([["1", 2.5], ["3", 4.5]], dtype=object)
    assert scitypes_of(coerce(objects, {"x1": Count})) == {"x1": Count, "x2": Continuous}


def test_an_empty_spec_gives_the_table_itself() -> None:
    frame = pd.DataFrame(X)
    assert coerce(frame, {}) is frame


def test_positions_not_labels_with_a_word_about_it(caplog: pytest.LogCaptureFixture) -> None:
    column = pd.Categorical([10, 20, 10])
    with caplog.at_level(logging.INFO, "mlj_keras"):
        assert coerce(column, Continuous).tolist() == [1.0, 2.0, 1.0]
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "numpy.asarray(column).astype(float)" in caplog.text
    assert np.asarray(column).astype(float).tolist() == [10.0, 20.0, 10.0]
    caplog.clear()
    coerce(pd.Categorical(["x"]), Count)
    assert not caplog.records


def test_missing_values_are_told_of_unless_expected_or_quiet(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "mlj_keras"):
        after = coerce({"a": [1, None], "b": [0.5, 1.5]}, {"a": Continuous, "b": Continuous})
    assert scitypes_of(after)["a"] == Optional[Continuous]
    assert len(caplog.records) == 1
    assert "column 'a' has missing values" in caplog.text
    assert "Write Optional[Continuous]" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.INFO, "mlj_keras"):
        coerce([1, None], Optional[Continuous])
        coerce([1, None], Continuous, verbosity=0)
        coerce([1, 2], Continuous)
    assert not caplog.records


def test_tight_writes_columns_without_missing_values_in_the_plainest_type() -> None:
    full, gap = pd.Series([1, 2], dtype="Int64"), pd.Series([1, None], dtype="Int64")
    assert coerce(full, Count) is full
    assert coerce(full, Count, tight=True).dtype == "int64"
    assert coerce(gap, Optional[Count], tight=True) is gap
    frame = coerce(pd.DataFrame({"a": full, "b": full}), {"a": Count}, tight=True)
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "Int64"]


@pytest.mark.parametrize("kind", KINDS)
def test_levels_order_the_pool_of_a_table_column(kind: str) -> None:
    table = KINDS[kind](X)
    pool = ["b", "c", "a"]
    spec = {"code": Optional[OrderedFactor], "visits": Continuous}
    for given_levels in (pool, {"code": pool}):
        after = coerce(table, spec, levels=given_levels)
        assert levels(selectcols(after, "code")) == tuple(pool)
        assert levels(selectrows(selectcols(after, "code"), [1])) == tuple(pool)


def test_multiclass_and_ordered_factor_exchange_with_their_levels() -> None:
    column = pd.Categorical(["b", "a"], categories=["b", "z", "a"])
    there = coerce(column, OrderedFactor)
    assert there.ordered and levels(there) == ("b", "z", "a")
    assert coerce(there, Multiclass).equals(column)


@given(st.lists(st.sampled_from(["x", "y", "z", None]), min_size=1))
def test_a_column_survives_the_way_to_a_factor_in_every_kind(items: list[str | None]) -> None:
    for make in (
        list,
        lambda c: pd.Series(c, dtype=object),
        lambda c: pl.Series(c, dtype=pl.String),
    ):
        after = coerce(make(items), Optional[Multiclass], verbosity=0)
        assert items_of(after) == items
        assert levels(after) == tuple(sorted({item for item in items if item is not None}))


def test_mapping_columns_of_other_libraries_stay_theirs() -> None:
    after = coerce({"a": pl.Series([1, 2]), "b": pd.Series([1, 2])}, {Count: Continuous})
    assert isinstance(after["a"], pl.Series) and isinstance(after["b"], pd.Series)


BAD: list[tuple[Any, Any, dict[str, Any], type[Exception], str]] = [
    (X, {"lenght": Count}, {}, SchemaMismatch, "no column 'lenght'.*'length'"),
    (X, {"length": Count}, {}, CoercionError, "column 'length'.*0.5 at row 0"),
    (X, {"visits": Count, Count: Continuous}, {}, InvalidArgument, "'visits' more than once"),
    (X, {Count: Continuous, Infinite: Multiclass}, {}, InvalidArgument, "more than once"),
    (X, {3.5: Count}, {}, InvalidArgument, r"Write \{'name': Multiclass\}"),
    (X, {"visits": "Count"}, {}, InvalidArgument, "must be a scitype, got 'Count'"),
    (X, {"visits": float}, {}, CoercionError, "float, which is no scientific type"),
    (X, Multiclass, {}, InvalidArgument, r"Write coerce\(X, \{name: Multiclass\}\)"),
    (X, "Multiclass", {}, InvalidArgument, "spec must be a scitype"),
    (X["visits"], {"a": Count}, {}, InvalidArgument, r"Write coerce\(y, Multiclass\)"),
    (pl.Series([1]), {"a": Count}, {}, InvalidArgument, "got a column"),
    (X["visits"], float, {}, CoercionError, "no scientific type"),
    (X["visits"], Missing, {}, InvalidArgument, "must be one scitype of a value"),
    (X["visits"], Count | Textual, {}, InvalidArgument, "must be one scitype of a value"),
    (X["visits"], Table[Count], {}, InvalidArgument, "must be one scitype of a value"),
    (["a", "b", "c"], Binary, {}, CoercionError, "has 3 levels"),
    (["a"], Textual, {}, CoercionError, "Nothing can be coerced to Textual"),
    (3, Count, {}, TableError, "must be a column"),
    (None, {"a": Count}, {}, TableError, "must be a table"),
    (np.zeros((2, 2, 2)), Count, {}, DimensionMismatch, "must be one column"),
    (["a"], Count, {"levels": ["a"]}, InvalidArgument, "targets that are Finite"),
    (["a"], Multiclass, {"levels": "ab"}, InvalidArgument, r"a list such as \['low', 'high'\]"),
    (["a"], Multiclass, {"levels": ["b"]}, CoercionError, "lack 'a'"),
    (["a"], Multiclass, {"levels": ["a", "a"]}, CoercionError, "more than once"),
    (X, {Infinite: Multiclass}, {"levels": [1]}, InvalidArgument, "spec has 3"),
    (X, {"visits": Count}, {"levels": [1]}, InvalidArgument, "spec has 0"),
    (X, {"visits": Count}, {"levels": {"visits": [1]}}, InvalidArgument, "targets that are Fin"),
    (X, {"visits": Multiclass}, {"levels": {"code": []}}, InvalidArgument, "or use set_levels"),
    (X, {"visits": Multiclass}, {"levels": {"vists": []}}, SchemaMismatch, "'visits'"),
]


@pytest.mark.parametrize(("obj", "spec", "options", "error", "message"), BAD)
def test_what_cannot_be_done_raises(
    obj: Any, spec: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        coerce(obj, spec, **options)


def test_a_coerced_frame_of_pandas_is_a_copy_with_its_index_attrs_and_name_of_columns() -> None:
    before = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=["r", "r"])
    before.columns.name, before.attrs = "field", {"unit": "cm"}
    after = coerce(before, {"a": Continuous})
    assert after.columns.name == "field" and after.attrs == {"unit": "cm"}
    assert after.index.tolist() == ["r", "r"]
    after.iloc[0, 0], after.iloc[0, 1] = 9.0, "changed"
    assert before.iloc[0].tolist() == [1, "x"]


def test_whole_numbers_beyond_64_bits_become_floats() -> None:
    assert coerce([2**80, 1], Continuous).tolist() == [2.0**80, 1.0]
