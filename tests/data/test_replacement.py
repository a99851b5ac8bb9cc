"""Columns replaced in the user's own table: all others keep their bytes, dtypes and labels."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.tables import InnerTable, TableOrigin, table_of
from mlj_keras.errors import SchemaMismatch

ROWS = np.array([2, 0])
TWO = {"a_1": np.array([0.5, 1.5, 2.5]), "a_2": np.array([1, 2, 3])}


def frame() -> pd.DataFrame:
    """Dtypes that do not survive a way through Arrow or NumPy, and labels of two kinds."""
    return pd.DataFrame(
        {
            "a": [1.0, 2.0, 3.0],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "b": pd.array([True, None, False], dtype="boolean"),
            "s": pd.array(["x", None, "z"], dtype="string"),
            7: pd.Categorical(["u", "v", "u"], categories=["w", "v", "u"]),
            "p": pd.period_range("2020", periods=3, freq="M"),
        },
        index=["r", "r", "s"],
    )


def test_a_pandas_frame_keeps_the_dtypes_of_all_other_columns() -> None:
    before = frame()
    after = replace_columns(table_of(before), {"a": TWO["a_1"]})
    assert after["a"].tolist() == [0.5, 1.5, 2.5]
    pd.testing.assert_frame_equal(after.drop(columns="a"), before.drop(columns="a"))
    assert list(after.columns) == ["a", "n", "b", "s", 7, "p"]
    after.loc[:, "n"] = 5
    pd.testing.assert_frame_equal(before, frame())


def test_one_column_may_give_way_to_several_at_its_place() -> None:
    after = replace_columns(table_of(frame()), {"7": TWO})
    assert list(after.columns) == ["a", "n", "b", "s", "a_1", "a_2", "p"]
    assert after["a_2"].dtype == "int64" and after.index.tolist() == ["r", "r", "s"]
    assert list(replace_columns(table_of(frame()), {"a": {}}).columns)[0] == "n"


def test_rows_that_were_taken_are_taken_of_the_other_columns_too() -> None:
    table = table_of(frame()).take(ROWS)
    after = replace_columns(table, {"a": np.array([9.0, 8.0])})
    wanted = frame().iloc[ROWS].assign(a=[9.0, 8.0])
    pd.testing.assert_frame_equal(after, wanted)


def test_a_subclass_of_a_pandas_frame_stays_one() -> None:
    class Reading(pd.DataFrame):
        @property
        def _constructor(self) -> Any:
            return Reading

    after = replace_columns(table_of(Reading(frame())), {"a": TWO["a_1"]})
    assert type(after) is Reading


def test_a_polars_frame_keeps_the_dtypes_of_all_other_columns() -> None:
    before = pl.DataFrame(
        {"a": [1.0, 2.0, 3.0], "n": [1, None, 3], "e": ["x", "y", "x"], "l": [[1], [2], [3]]},
        schema_overrides={"n": pl.Int8, "e": pl.Enum(["z", "y", "x"])},
    )
    after = replace_columns(table_of(before), {"a": TWO})
    assert after.columns == ["a_1", "a_2", "n", "e", "l"]
    assert after.select("n", "e", "l").equals(before.select("n", "e", "l"))
    assert after.schema["n"] == pl.Int8 and after.schema["e"] == before.schema["e"]


@pytest.mark.parametrize("make", [pa.table, pa.record_batch])
def test_an_arrow_table_keeps_the_fields_of_all_other_columns(make: Any) -> None:
    fields = [pa.field("a", pa.float64()), pa.field("s", pa.large_string(), nullable=False)]
    schema = pa.schema(fields, metadata={"source": "sensor"})
    before = make({"a": [1.0, 2.0, 3.0], "s": ["x", "y", "z"]}, schema=schema)
    after = replace_columns(table_of(before), {"a": TWO["a_1"]})
    assert type(after) is type(before)
    assert after.schema.equals(schema, check_metadata=True)
    assert after.column(0).to_pylist() == [0.5, 1.5, 2.5]
    taken = replace_columns(table_of(before).take(ROWS), {"a": np.array([9.0, 8.0])})
    assert taken.to_pydict() == {"a": [9.0, 8.0], "s": ["z", "x"]}


@pytest.mark.parametrize("make", [pa.table, pa.record_batch])
def test_an_arrow_field_keeps_its_metadata_if_one_column_takes_its_place(make: Any) -> None:
    field = pa.field("a", pa.int8(), nullable=False, metadata={"unit": "cm"})
    before = make({"a": [1, 2, 3]}, schema=pa.schema([field]))
    one = replace_columns(table_of(before), {"a": np.array([0.5, np.nan, 2.5])})
    wanted = pa.field("a", pa.float64(), metadata={"unit": "cm"})
    assert one.schema.field("a").equals(wanted, check_metadata=True)
    several = replace_columns(table_of(before), {"a": {"a": TWO["a_1"], "b": TWO["a_2"]}})
    assert [item.metadata for item in several.schema] == [None, None]


def test_a_dict_keeps_all_other_columns_as_copies_of_their_kind() -> None:
    def columns() -> dict[Any, Any]:
        return {
            "a": [1.0, 2.0, 3.0],
            5: pd.Series(["x", "y", "z"]),
            "l": ["p", None, "q"],
            "n": np.array([1, 2, 3]),
            "c": pd.Categorical(["x", "y", "x"]),
            "p": pl.Series([1, 2, 3]),
            "w": pa.array([1, 2, 3]),
            "t": (1, 2, 3),
        }

    before = columns()
    after = replace_columns(table_of(before), {"a": TWO})
    assert list(after) == ["a_1", "a_2", 5, "l", "n", "c", "p", "w", "t"]
    for label in list(after)[2:]:
        assert type(after[label]) is type(before[label])
        assert list(after[label]) == list(before[label])
    for label, new in ((5, "y"), ("l", "r"), ("n", 9), ("c", "y"), ("p", 9)):
        after[label][0] = new
        assert after[label][0] == new
        assert list(before[label]) == list(columns()[label])


def test_a_matrix_stays_one_if_its_dtype_can_hold_all_columns() -> None:
    floats = np.arange(6.0).reshape(3, 2)
    after = replace_columns(table_of(floats), {"x2": TWO["a_1"]})
    assert np.array_equal(after, np.column_stack([floats[:, 0], TWO["a_1"]]))
    mixed = replace_columns(table_of(floats), {"x2": TWO["a_2"]})
    assert isinstance(mixed, pd.DataFrame)
    assert mixed.dtypes.astype(str).tolist() == ["float64", "int64"]
    assert list(mixed.columns) == ["x1", "x2"]
    same = replace_columns(table_of(floats), {})
    assert np.array_equal(same, floats) and not np.shares_memory(same, floats)


def test_a_table_that_was_made_inside_is_written_out() -> None:
    table = InnerTable(("a", "b"), 3, TableOrigin("dict"), (pa.array([1, 2, 3]),) * 2)
    after = replace_columns(table, {"a": TWO["a_1"]})
    assert after["a"].tolist() == [0.5, 1.5, 2.5] and after["b"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_rows_that_come_out_of_a_pickle_are_written_out(make: Any) -> None:
    table = table_of(make({"a": [1.0, 2.0, 3.0], "s": ["x", "y", "z"]}))
    back = pickle.loads(pickle.dumps(table.take(ROWS)))
    after = replace_columns(back, {"a": np.array([9.0, 8.0])})
    assert type(after) is type(make({"a": [1.0]}))
    assert list(after["a"]) == [9.0, 8.0] or after["a"].to_pylist() == [9.0, 8.0]
    again = replace_columns(back.take(np.array([1])), {"a": np.array([7.0])})
    assert list(map(str, again["s"])) == ["x"] and list(map(str, after["s"])) == ["z", "x"]


def test_two_columns_of_one_name_are_refused() -> None:
    table = table_of({"eye": ["a", "b"], "eye__a": [1.0, 2.0]})
    with pytest.raises(SchemaMismatch, match="several columns called 'eye__a'. Rename or drop"):
        replace_columns(table, {"eye": {"eye__a": np.ones(2)}})
