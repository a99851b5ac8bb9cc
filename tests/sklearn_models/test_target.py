"""Targets reach an estimator as codes or floats, and come back as they came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlj_keras.errors import MissingValuesError, NonFiniteError, OneClassError, ScitypeError
from mlj_keras.sklearn_models._target import ClassCodes, NumberTable, target_of


def test_classes_are_codes_of_the_pool_and_come_back_as_they_came(classes: pd.Series) -> None:
    target = target_of(classes)
    codes = target.encode(classes)
    assert isinstance(target, ClassCodes) and codes.dtype == np.int64
    np.testing.assert_array_equal(codes, classes.cat.codes)
    pd.testing.assert_series_equal(target.decode(codes, classes.index), classes)


def test_distributions_have_probability_0_for_classes_that_the_estimator_has_not_seen() -> None:
    target = ClassCodes(
        target_of(pd.Categorical(["a", "b"])).origin, ("a", "b", "c"), ordered=True
    )
    found = target.distributions(np.array([[0.25, 0.75]]), np.array([0, 2]), None)
    assert found.pdf(["a", "b", "c"]).tolist() == [[0.25, 0.0, 0.75]]
    assert found.ordered


def test_numbers_come_back_as_the_kind_they_came_in() -> None:
    y = pl.Series("y", [1.0, 2.0], dtype=pl.Float32)
    target = target_of(y)
    back = target.decode(np.array([3.0, 4.0]), None)
    assert back.dtype == pl.Float32 and back.name == "y" and back.to_list() == [3.0, 4.0]


def test_a_table_of_numbers_comes_back_as_a_table(two_numbers: pd.DataFrame) -> None:
    target = target_of(two_numbers)
    assert isinstance(target, NumberTable)
    matrix = target.encode(two_numbers)
    pd.testing.assert_frame_equal(target.decode(matrix, two_numbers.index), two_numbers)


def test_what_is_no_target_raises() -> None:
    with pytest.raises(MissingValuesError, match=r"y has 1 missing.*rows \[1\].*Drop"):
        target_of([1.0, None])
    with pytest.raises(MissingValuesError, match="column 'b' of y has 1 missing.*Drop"):
        target_of({"a": [1.0, 2.0], "b": [1.0, np.nan]})
    with pytest.raises(NonFiniteError, match=r"y has 1 infinite.*rows \[0\].*Replace"):
        target_of([np.inf, 1.0])
    with pytest.raises(OneClassError, match="single level.*coerce"):
        target_of(pd.Categorical(["a", "a"]))
    with pytest.raises(ScitypeError, match=r"Vector\[Textual\].*coerce\(y, Multiclass\)"):
        target_of(["a", "b"])
