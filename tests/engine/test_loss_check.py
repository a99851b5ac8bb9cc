"""A loss is tried before training: what it returns must be one loss a row, or mean the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mlj_keras.engine.data import EncodedData
from mlj_keras.engine.loss_check import check_loss
from mlj_keras.errors import InvalidModelError
from tests.batteries.oracles import factor, numbers, one_hot, program_of


def data_of(n_rows: int, *, weighted: bool = False) -> EncodedData:
    weights = np.ones(n_rows, dtype="float32") if weighted else None
    return EncodedData((numbers(n_rows, 3),), numbers(n_rows, 1, seed=1), weights)


def check(loss: Any, data: EncodedData) -> None:
    check_loss(program_of(loss=loss), data)  # batches of four


def by_row(y_true: Any, y_pred: Any) -> Any:
    return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)


def by_batch(y_true: Any, y_pred: Any) -> Any:
    return tf.reduce_mean(tf.abs(y_true - y_pred))


def by_entry(y_true: Any, y_pred: Any) -> Any:
    return tf.abs(y_true - y_pred)


def raising(y_true: Any, y_pred: Any) -> Any:
    raise ZeroDivisionError("too much")


@pytest.mark.parametrize("n_rows", [1, 2, 7, 8])
def test_one_loss_a_row_passes_for_any_data(n_rows: int) -> None:
    check(by_row, data_of(n_rows, weighted=True))
    check("mse", data_of(n_rows, weighted=True))


def test_one_number_a_batch_passes_only_without_weights_and_with_whole_batches() -> None:
    check(by_batch, data_of(8))
    with pytest.raises(InvalidModelError, match="by_batch returns one number.*there are weights"):
        check(by_batch, data_of(8, weighted=True))
    with pytest.raises(
        InvalidModelError, match=r"last batch is smaller than the others. Return one loss for each"
    ):
        check(by_batch, data_of(7))


def test_any_other_shape_raises_and_says_how_to_reduce_it() -> None:
    with pytest.raises(
        InvalidModelError,
        match=r"by_entry must return one loss for each row, shape \(2,\), got shape \(2, 1\)"
        r".*Take the mean over the last axis",
    ):
        check(by_entry, data_of(8))


def test_a_loss_that_raises_is_named_with_the_shapes_that_it_got() -> None:
    with pytest.raises(
        InvalidModelError,
        match=r"raising raised ZeroDivisionError for y_true of shape \(2, 1\).*\(2, 1\): too much",
    ) as error:
        check(raising, data_of(8))
    assert isinstance(error.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "kl_divergence"])
def test_the_trial_has_the_shapes_of_training(loss: str) -> None:
    seen: list[Any] = []

    def spying(function: Callable[..., Any]) -> Callable[..., Any]:
        def spy(y_true: Any, y_pred: Any) -> Any:
            seen.append((y_true.shape.as_list(), y_pred.shape.as_list()))
            return function(y_true, y_pred)

        return spy

    program = program_of(
        n_out=3, loss=spying(tf.keras.losses.get(loss)), kind="classes", finaliser="softmax"
    )
    target = one_hot(factor(7, 3))
    check_loss(program, EncodedData((numbers(7, 3),), target))
    assert seen == [([2, 3], [2, 3])]
