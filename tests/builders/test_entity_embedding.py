"""The embedding front: widths, order of columns, and lookup against NumPy."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.builders.entity_embedding import (
    EMBEDDING_NAME,
    ImageInputs,
    TabularInputs,
    check_embedding_dims,
    embedding_width,
)


@pytest.mark.parametrize(
    ("n_levels", "wanted", "width"),
    [
        (15, None, 10),
        (9, None, 8),
        (2, None, 1),
        (1, None, 1),
        (3, 0.5, 2),
        (5, 4, 4),
        (3, 1.0, 3),
        (3, 1, 1),
        (100, 0.001, 1),
        (2, 7, 7),
    ],
)
def test_the_width_of_an_embedding(n_levels: int, wanted: float | None, width: int) -> None:
    assert embedding_width(n_levels, wanted) == width


def front(columns: Any) -> tuple[Any, Any]:
    """The Keras model from the inputs to the tensor that builders get, and the inputs."""
    inputs = TabularInputs(columns)
    tensors, features = inputs.tensors()
    assert features.shape == (None, inputs.width)
    return keras.Model(tensors if len(tensors) > 1 else tensors[0], features), inputs


columns_of_tables = st.lists(
    st.one_of(st.none(), st.tuples(st.integers(1, 5), st.integers(1, 3))), min_size=1, max_size=6
)


@given(columns_of_tables, st.integers(0, 4))
def test_vectors_stand_in_the_place_of_their_columns(columns: list[Any], n_rows: int) -> None:
    model, inputs = front(tuple(columns))
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(n_rows, inputs.n_numbers)).astype(np.float32)
    factors = [column for column in columns if column is not None]
    codes = np.array([rng.integers(n, size=n_rows) for n, _ in factors], dtype=np.int32).T
    given_arrays = [a for a, used in ((numbers, inputs.n_numbers), (codes, factors)) if used]
    pieces, number, code = [], 0, 0
    for column in columns:
        if column is None:
            pieces.append(numbers[:, number : number + 1])
            number += 1
        else:
            table = np.asarray(model.get_layer(f"{EMBEDDING_NAME}{code}").embeddings)
            assert table.shape == column
            pieces.append(table[codes[:, code]])
            code += 1
    if n_rows == 0:
        return
    outputs = np.asarray(model(given_arrays if len(given_arrays) > 1 else given_arrays[0]))
    np.testing.assert_array_equal(outputs, np.hstack(pieces))


def test_numbers_alone_go_straight_through() -> None:
    model, inputs = front((None, None, None))
    assert (inputs.width, inputs.n_numbers) == (3, 3)
    assert len(model.layers) == 1


def test_tables_start_uniform_within_the_glorot_limit() -> None:
    model, _ = front(((50, 4),))
    table = np.asarray(model.get_layer(f"{EMBEDDING_NAME}0").embeddings)
    assert np.abs(table).max() <= np.sqrt(6 / (50 + 4))
    assert len(np.unique(table)) > 150


def test_equal_inputs_are_equal_keys() -> None:
    assert TabularInputs((None, (3, 2))) == TabularInputs((None, (3, 2)))
    assert hash(TabularInputs((None, (3, 2)))) != hash(TabularInputs(((3, 2), None)))


def test_images_come_as_they_are() -> None:
    tensors, features = ImageInputs((8, 6, 3)).tensors()
    assert tensors[0] is features
    assert features.shape == (None, 8, 6, 3)


def test_dims_are_a_mapping_of_ints_and_fractions() -> None:
    dims = {"a": 3, "b": 0.5, "c": 1.0}
    assert check_embedding_dims(dims) == dims
    for wrong in ([2], 3, "a"):
        with pytest.raises(TypeError, match="a dict from column name to an int or a fraction"):
            check_embedding_dims(wrong)


@pytest.mark.parametrize("dim", [0, -1, 0.0, 1.5, -0.5, True, "2", None, float("nan")])
def test_an_impossible_dim_is_refused_by_name_and_value(dim: Any) -> None:
    with pytest.raises(ValueError, match=r"embedding_dims\['a'\] must be a positive int or a flo"):
        check_embedding_dims({"a": dim})
