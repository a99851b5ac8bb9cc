"""Distributions are carried over to the labels that a function makes of classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlj_keras.data.columns import ColumnOrigin
from mlj_keras.errors import DimensionMismatch, MissingValuesError, WrongType
from mlj_keras.probability import UnivariateFiniteVector
from mlj_keras.probability.relabelling import level_column, relabelled

ROWS = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
V = UnivariateFiniteVector(
    ROWS, ("a", "b", "c"), origin=ColumnOrigin("pandas", "y"), index=pd.Index([7, 8])
)


def test_the_levels_are_a_column_of_the_kind_of_the_target() -> None:
    column = level_column(V)
    assert isinstance(column, pd.Series) and column.tolist() == ["a", "b", "c"]
    with pytest.raises(WrongType, match="Only distributions.*inverse='identity'"):
        level_column([1.0, 2.0])


def test_other_names_keep_probabilities_and_index() -> None:
    found = relabelled(V, ["x", "y", "z"])
    assert found.levels == ("x", "y", "z") and found.index.tolist() == [7, 8]
    np.testing.assert_array_equal(found.probabilities, ROWS)
    assert found.mode().tolist() == ["x", "z"] and found.mode().index.tolist() == [7, 8]


def test_probabilities_of_levels_that_become_one_are_added() -> None:
    found = relabelled(V, ["x", "y", "x"])
    np.testing.assert_allclose(found.pdf("x"), [0.7, 0.9])
    np.testing.assert_allclose(found.to_numpy().sum(axis=1), 1.0)


def test_a_pool_of_the_labels_gives_the_order() -> None:
    labels = pd.Categorical(["x", "y", "z"], categories=["z", "q", "y", "x"], ordered=True)
    found = relabelled(V, labels)
    assert found.levels == ("z", "y", "x") and found.ordered
    np.testing.assert_array_equal(found.pdf("z"), ROWS[:, 2])


def test_a_level_without_a_label_raises() -> None:
    with pytest.raises(DimensionMismatch, match="made 2 labels of 3 levels"):
        relabelled(V, ["x", "y"])
    with pytest.raises(MissingValuesError, match=r"no label to \['b'\]"):
        relabelled(V, ["x", None, "z"])
