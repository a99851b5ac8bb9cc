"""Losses of all spellings resolved to one loss a row; what does not fit the target raises."""

from __future__ import annotations

import functools
import sys
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.engine.losses import (
    KNOWN_NAMES,
    canonical_name,
    check_loss_value,
    resolve_loss,
    works_on_logits,
)
from mlj_keras.errors import InvalidModelError

LOSSES = keras.losses


def floats(*rows: list[float]) -> Any:
    return np.array(rows, dtype="float32")


def resolved(loss: Any, kind: Any = "numbers", finaliser: Any = None, **given: bool) -> Any:
    return resolve_loss(loss, kind, finaliser, **{"finalised": False, **given})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", "mean_squared_error"),
        ("MSE", "mean_squared_error"),
        ("MeanSquaredError", "mean_squared_error"),
        ("mean_squared_error", "mean_squared_error"),
        ("mae", "mean_absolute_error"),
        ("Huber", "huber"),
        ("kl_divergence", "kl_divergence"),
        ("BinaryCrossentropy", "binary_crossentropy"),
    ],
)
def test_all_spellings_of_a_keras_loss_have_one_name(name: str, expected: str) -> None:
    assert canonical_name(name) == expected


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("mean_square_error", "'mean_squared_error'"),
        ("categorical_crossentrop", "'categorical_crossentropy'"),
        ("zzzz", "'mean_squared_error' or 'categorical_crossentropy'"),
    ],
)
def test_an_unknown_name_raises_with_the_nearest_ones(name: str, advice: str) -> None:
    with pytest.raises(InvalidModelError, match=f"loss='{name}' is no loss.*{advice}"):
        canonical_name(name)
    with pytest.raises(InvalidModelError, match="Did you mean"):
        resolved(name)


def test_spellings_of_one_loss_share_a_program_and_other_losses_do_not() -> None:
    keys = [resolved(name).key for name in ("mse", "MeanSquaredError", "mean_squared_error")]
    assert keys[0] == keys[1] == keys[2] != resolved("mae").key


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (lambda: LOSSES.Huber(0.3), lambda: LOSSES.Huber(0.5)),
        (lambda: LOSSES.CosineSimilarity(axis=-1), lambda: LOSSES.CosineSimilarity(axis=1)),
        (
            lambda: LOSSES.CategoricalCrossentropy(label_smoothing=0.1),
            lambda: LOSSES.CategoricalCrossentropy(label_smoothing=0.2),
        ),
        (lambda: LOSSES.MeanSquaredError(), lambda: LOSSES.MeanAbsoluteError()),
    ],
)
def test_keras_objects_share_a_program_if_class_and_every_setting_are_equal(
    make: Any, other: Any
) -> None:
    kind = "classes" if "Categorical" in type(make()).__name__ else "numbers"
    keys = [resolved(loss, kind).key for loss in (make(), make(), other())]
    assert keys[0] == keys[1] != keys[2]
    assert hash(keys[0]) == hash(keys[1])


def test_objects_of_a_users_own_class_are_told_apart_by_identity() -> None:
    class Own(keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)

    one, other = Own(), Own()
    assert resolved(one).key == resolved(one).key != resolved(other).key
    assert resolved(one).function(np.zeros((2, 1)), np.ones((2, 1))).numpy().tolist() == [1, 1]


def test_functions_are_told_apart_by_what_they_close_over() -> None:
    def scaled(factor: float) -> Any:
        def loss(y_true: Any, y_pred: Any) -> Any:
            return factor * tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)

        return loss

    one = scaled(2.0)
    assert resolved(one).key == resolved(one).key != resolved(scaled(3.0)).key
    partial = functools.partial(one)
    assert resolved(partial).key == resolved(partial).key != resolved(one).key


@pytest.mark.parametrize("loss", ["mse", LOSSES.MeanSquaredError(), LOSSES.Huber(reduction="sum")])
def test_the_result_is_one_loss_a_row_whatever_the_reduction_of_the_object(loss: Any) -> None:
    y, p = floats([0.0], [2.0]), floats([1.0], [2.0])
    values = np.asarray(resolved(loss).function(tf.constant(y), tf.constant(p)))
    assert values.shape == (2,)
    assert values[0] > 0 == values[1]


@pytest.mark.parametrize(
    ("name", "kind", "finaliser"),
    [
        ("categorical_crossentropy", "classes", "softmax"),
        ("sparse_categorical_crossentropy", "classes", "softmax"),
        ("binary_crossentropy", "binary", "sigmoid"),
    ],
)
def test_a_crossentropy_by_name_works_on_logits_where_its_own_finaliser_would_follow(
    name: str, kind: Any, finaliser: str
) -> None:
    loss = resolved(name, kind, finaliser)
    assert loss.on_logits
    assert not resolved(name, kind, finaliser, finalised=True).on_logits
    assert not resolved(name, kind, "linear").on_logits
    truth: Any = {
        "classes": floats([1, 0, 0]),
        "binary": floats([1]),
    }[kind]
    if loss.wants_codes:
        truth = np.zeros(1, dtype="int32")
    # On probabilities a loss of 100 is cut off, as if they were 1e-7; on logits it is exact.
    logits = floats([-100, 0, 0] if kind == "classes" else [-100])
    exact = 100 + np.log(2) if kind == "classes" else 100
    np.testing.assert_allclose(
        loss.function(tf.constant(truth), tf.constant(logits)), [exact], 1e-5
    )


def test_focal_losses_and_objects_keep_to_probabilities_unless_they_say_from_logits() -> None:
    assert not resolved("categorical_focal_crossentropy", "classes", "softmax").on_logits
    for from_logits in (False, True):
        loss = LOSSES.CategoricalCrossentropy(from_logits=from_logits)
        assert resolved(loss, "classes", "softmax").on_logits is from_logits
        assert works_on_logits(loss) is from_logits
    assert not works_on_logits("categorical_crossentropy")


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        LOSSES.SparseCategoricalCrossentropy(),
        LOSSES.sparse_categorical_crossentropy,
    ],
)
def test_sparse_losses_want_codes_and_others_do_not(loss: Any) -> None:
    assert resolved(loss, "classes", "softmax").wants_codes
    assert not resolved("categorical_crossentropy", "classes", "softmax").wants_codes


@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", "binary_crossentropy", LOSSES.BinaryFocalCrossentropy()]
)
def test_a_loss_of_classes_raises_for_a_continuous_target(loss: Any) -> None:
    with pytest.raises(InvalidModelError, match="target is Continuous.*'mean_squared_error'"):
        resolved(loss, "numbers")


@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", LOSSES.SparseCategoricalCrossentropy()]
)
def test_a_loss_of_many_outputs_raises_for_a_binary_classifier(loss: Any) -> None:
    with pytest.raises(InvalidModelError, match="Use 'binary_crossentropy'"):
        resolved(loss, "binary", "sigmoid")


def test_what_is_no_loss_raises() -> None:
    with pytest.raises(InvalidModelError, match="a Keras loss or a function.*got 3"):
        resolved(3)
    with pytest.raises(InvalidModelError, match=r"Give an instance: MeanSquaredError\(\)"):
        resolved(LOSSES.MeanSquaredError)


def test_every_name_that_is_known_before_keras_is_one_of_keras() -> None:
    for name in KNOWN_NAMES:
        assert keras.losses.get(name) is not None


@pytest.mark.parametrize(
    ("value", "error", "advice"),
    [
        (3, TypeError, "loss must be a Keras name .* got 3"),
        (None, TypeError, "loss must be a Keras name .* got None"),
        (keras.losses.Huber, TypeError, r"loss is a class. Give an instance: Huber\(\)"),
        ("msee", ValueError, "'msee' is no loss of Keras. Did you mean 'mse'"),
    ],
)
def test_an_impossible_loss_is_refused_as_a_hyper_parameter(
    value: Any, error: type[Exception], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        check_loss_value(value)
    with pytest.raises(InvalidModelError, match=advice):
        mlj.NeuralNetworkRegressor(loss=value)


def test_a_wrong_name_is_known_without_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keras")
    assert check_loss_value("huber") == "huber"
    with pytest.raises(ValueError, match="is no loss of Keras"):
        check_loss_value("hubert")
