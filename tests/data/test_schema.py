"""The schema: the same from every kind of table, and its text, HTML and pandas forms."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data import Schema, schema
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Multiclass,
    Optional,
    OrderedFactor,
    Textual,
)
from mlj_keras.errors import TableError

PLAIN: dict[str, list[Any]] = {"length": [0.5, 1.5], "visits": [1, 2], "name": ["x", None]}
FACTORS = {
    "colour": pd.Categorical(["red", "red"], categories=["blue", "red"]),
    "grade": pd.Categorical(["low", "high"], categories=["low", "high"], ordered=True),
}


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_the_schema_is_the_same_for_every_kind_of_table(kind: Any) -> None:
    found = schema(kind(PLAIN))
    assert found.names == ("length", "visits", "name")
    assert found.scitypes == (Continuous, Count, Optional[Textual])
    assert found.n_rows == 2


def test_factors_are_alike_in_every_kind_that_has_them() -> None:
    frame = pd.DataFrame(FACTORS)
    arrow = pa.Table.from_pandas(frame)
    for table in (frame, arrow, dict(FACTORS)):
        assert schema(table).scitypes == (Multiclass[2], OrderedFactor[2])
    grade = pl.DataFrame({"grade": pl.Series(["low"], dtype=pl.Enum(["low", "high"]))})
    assert schema(grade).scitypes == (OrderedFactor[2],)


@pytest.mark.parametrize(
    ("table", "types"),
    [
        (pd.DataFrame(PLAIN), ("float64", "int64", "str")),
        (pl.DataFrame(PLAIN), ("Float64", "Int64", "String")),
        (pa.table(PLAIN), ("double", "int64", "string")),
        (PLAIN, ("float", "int", "NoneType | str")),
        ({"a": np.ones(2), "b": pa.array([1, 2]), "c": []}, None),
        (np.ones((2, 2), dtype="float32"), ("float32", "float32")),
        (pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["x", "y"]))}), ("Enum",)),
        (
            {"a": pl.Series([1]), "b": np.ones(1), "c": pa.array([1])},
            ("Int64", "float64", "int64"),
        ),
    ],
)
def test_types_are_written_as_the_library_of_the_table_writes_them(table: Any, types: Any) -> None:
    if types is None:
        with pytest.raises(ValueError, match="different lengths"):
            schema(table)
    else:
        assert schema(table).types == types


def test_the_text_is_an_aligned_table() -> None:
    assert repr(schema(pd.DataFrame(PLAIN))).splitlines() == [
        "Schema of 2 rows and 3 columns",
        "name    scitype            type",
        "length  Continuous         float64",
        "visits  Count              int64",
        "name    Optional[Textual]  str",
    ]
    assert repr(schema({"a\nb": [1]})).splitlines()[:1] == ["Schema of 1 row and 1 column"]
    assert repr(schema({"a\nb": [1]})).splitlines()[2].startswith("a b  ")


def test_wide_tables_are_cut_in_text_and_html_but_not_in_pandas() -> None:
    wide = schema(np.zeros((1, 103)))
    assert repr(wide).splitlines()[-1] == "... and 3 more: see to_pandas()"
    assert "... and 3 more" in wide._repr_html_() and "x104" not in wide._repr_html_()
    assert len(wide.to_pandas()) == 103


def test_the_html_escapes_names_and_takes_its_colours_from_the_page() -> None:
    text = schema({"<script>": [1]})._repr_html_()
    assert "&lt;script&gt;" in text and "<script>" not in text
    colours = [part.split(";")[0].strip() for part in text.split("color:")[1:]]
    assert colours and set(colours) == {"inherit"}
    assert "#" not in text and "white" not in text and "rgba(128,128,128" in text


def test_the_pandas_form_holds_scitypes_themselves() -> None:
    frame = schema(pd.DataFrame(PLAIN)).to_pandas()
    assert list(frame.columns) == ["name", "scitype", "type"]
    assert frame["scitype"].tolist() == [Continuous, Count, Optional[Textual]]


def test_a_schema_is_a_value() -> None:
    assert schema(PLAIN) == schema({name: list(items) for name, items in PLAIN.items()})
    assert schema({}) == Schema((), (), (), 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        schema(PLAIN).n_rows = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ([1, 2], "One column is no table"),
        (np.zeros(3), r"array of shape \(3,\)"),
        (np.zeros((2, 2, 2)), r"there is scitype\(X\)"),
        (None, "must be a table"),
        ("abc", "must be a table"),
    ],
)
def test_the_schema_of_anything_else_raises(obj: Any, message: str) -> None:
    with pytest.raises(TableError, match=message):
        schema(obj)
