"""The matrix of an estimator: numbers as they are, factors in columns, from any table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    MissingValuesError,
    NonFiniteError,
    SchemaMismatch,
    ScitypeWarning,
    UnseenLevelError,
)
from mlj_keras.sklearn_models._matrix import MatrixEncoder


def encoder_of(X: Any, *, form: str = "one_hot", nan: bool = False) -> MatrixEncoder:
    """The encoder learned on X."""
    return MatrixEncoder.fit(table_of(X), form=form, nan=nan)


def test_a_multiclass_has_a_column_for_each_level_of_its_pool_and_an_ordered_factor_one(
    table: pd.DataFrame, matrix: np.ndarray
) -> None:
    encoder = encoder_of(table)
    assert encoder.features == (
        "width",
        "height",
        "visits",
        "colour__red",
        "colour__green",
        "colour__blue",
        "colour__white",
        "grade",
    )
    assert encoder.origins[2:5] == ("visits", "colour", "colour")
    np.testing.assert_array_equal(encoder.encode(table), matrix)


@pytest.mark.parametrize("kind", ["matrix", "fortran", "polars", "pyarrow", "dict"])
def test_every_kind_of_table_gives_the_same_bytes_in_the_same_order(
    kind: str, table: pd.DataFrame
) -> None:
    frame = table[["width", "height", "visits"]]
    given = {
        "matrix": lambda: frame.to_numpy(),
        "fortran": lambda: np.asfortranarray(frame.to_numpy()),
        "polars": lambda: pl.from_pandas(frame),
        "pyarrow": lambda: pa.Table.from_pandas(frame, preserve_index=False),
        "dict": lambda: {name: frame[name].to_numpy() for name in frame},
    }[kind]()
    encoded = encoder_of(given).encode(given)
    assert encoded.tobytes() == encoder_of(frame).encode(frame).tobytes()
    assert encoded.flags.c_contiguous and encoded.dtype == np.float64


def test_float32_numbers_alone_stay_float32() -> None:
    X = np.ones((3, 2), dtype=np.float32)
    assert encoder_of(X).encode(X).dtype == np.float32
    columns = {"a": X[:, 0], "b": X[:, 1]}
    assert encoder_of(columns).encode(columns).dtype == np.float32
    mixed = columns | {"c": [1, 2, 3]}
    assert encoder_of(mixed).encode(mixed).dtype == np.float64


def test_codes_follow_the_pool_and_missing_ones_are_nan_where_they_may_be() -> None:
    X = pd.DataFrame({"a": pd.Categorical(["v", None, "u"], categories=["v", "u"])})
    encoded = encoder_of(X, form="codes", nan=True).encode(X)
    np.testing.assert_array_equal(encoded, [[0.0], [np.nan], [1.0]])
    with pytest.raises(MissingValuesError, match="'a' has 1 .first rows 1.*Fill them first"):
        encoder_of(X, form="codes").encode(X)
    with pytest.raises(MissingValuesError, match="Fill them first"):  # no place in one-hot
        encoder_of(X, nan=True).encode(X)


def test_labels_stay_labels() -> None:
    X = pd.DataFrame({"a": pd.Categorical(["v", None, "u"]), "n": [1.5, 2.0, 3.0]})
    encoded = encoder_of(X, form="labels", nan=True).encode(X)
    assert encoded.dtype == object
    assert encoded.tolist() == [["v", 1.5], [None, 2.0], ["u", 3.0]]


def test_plain_strings_that_are_levels_are_encoded_and_others_raise(table: pd.DataFrame) -> None:
    encoder = encoder_of(table)
    strings = table.assign(colour=table["colour"].astype(str))
    np.testing.assert_array_equal(encoder.encode(strings), encoder.encode(table))
    with pytest.raises(UnseenLevelError, match="'colour' has 48 .*'pink'"):
        encoder.encode(table.assign(colour="pink"))


def test_columns_are_found_by_name_and_extra_ones_are_warned_of_once(table: pd.DataFrame) -> None:
    encoder, warned = encoder_of(table), set[str]()
    turned = table[table.columns[::-1]].assign(more=1)
    with pytest.warns(ScitypeWarning, match="ignored: .'more'"):
        encoded = encoder.encode(turned, warned)
    np.testing.assert_array_equal(encoded, encoder.encode(table))
    encoder.encode(turned, warned)  # a second warning would be an error


def test_lacking_columns_raise_and_name_what_may_be_meant(table: pd.DataFrame) -> None:
    encoder = encoder_of(table)
    with pytest.raises(SchemaMismatch, match="lacks .*'width'.*'width' may be 'widht'.*rename"):
        encoder.encode(table.rename(columns={"width": "widht"}))
    with pytest.raises(SchemaMismatch, match="X has 2 columns.*trained on 5"):
        encoder.encode(np.ones((2, 2)))


def test_a_matrix_is_matched_by_position() -> None:
    encoder = encoder_of(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}))
    np.testing.assert_array_equal(encoder.encode(np.array([[5.0, 6.0]])), [[5.0, 6.0]])


def test_text_where_numbers_were_raises_with_the_line_to_paste() -> None:
    encoder = encoder_of({"a": [1.0, 2.0]})
    with pytest.raises(SchemaMismatch, match=r"coerce\(X, \{'a': Continuous\}\)"):
        encoder.encode({"a": ["x", "y"]})


@pytest.mark.parametrize("as_matrix", [True, False])
def test_missing_and_infinite_numbers_raise_by_column_and_row(as_matrix: bool) -> None:  # noqa: FBT001
    def given(value: float) -> Any:
        block = np.array([[1.0, 2.0], [3.0, value]])
        return block if as_matrix else {"x1": block[:, 0], "x2": block[:, 1]}

    encoder = encoder_of(given(4.0))
    with pytest.raises(MissingValuesError, match="'x2' has 1 .first rows 1.*Fill them"):
        encoder.encode(given(np.nan))
    with pytest.raises(NonFiniteError, match="'x2' has 1 .first rows 1.*Replace them"):
        encoder.encode(given(np.inf))
    allowed = encoder_of(given(4.0), nan=True)
    assert np.isnan(allowed.encode(given(np.nan))[1, 1])
    with pytest.raises(NonFiniteError, match="infinite"):
        allowed.encode(given(-np.inf))


def test_finite_numbers_whose_sum_is_not_are_taken() -> None:
    X = np.array([[1e308], [1e308]])
    np.testing.assert_array_equal(encoder_of(X).encode(X), X)
