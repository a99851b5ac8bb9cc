"""Bad hyper-parameters, losses, optimisers and builders: a clear error of our own type, and
nothing changed by it. Each case has the number of its row in the table of bad input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    BuilderError,
    DeviceError,
    InvalidModelError,
    MemoryBudgetError,
    NonFiniteLossError,
    UnknownFieldError,
)
from tests.batteries.bad_input import (
    FACTORS,
    N_ROWS,
    NUMBERS,
    Y,
    check_refused,
    regressor,
    trained,
)

TWO = pd.Categorical(["no", "yes"] * (N_ROWS // 2))

# A hyper-parameter of a regressor and its value; the words follow the name of the model.
FIELDS: list[tuple[str, Any, type[Exception], str]] = [
    ("epochs", 10**30, InvalidModelError, r"int >= 0 and at most 9223372036854775807, got 1000"),
    (
        "epochs",
        10**5000,
        InvalidModelError,
        "at most 9223372036854775807, got a value of type int",
    ),
    ("lambda_", 10**400, InvalidModelError, r"\.lambda_ must be a number >= 0, got inf"),
    (
        "loss",
        "msee",
        InvalidModelError,
        "'msee' is no loss of Keras. Did you mean 'mse' or 'msle'",
    ),
    ("loss", keras.losses.Huber, InvalidModelError, r"a class\. Give an instance: Huber\(\)"),
    ("builder", mlj.MLP, InvalidModelError, r"builder is the class MLP\. Give an instance: MLP"),
    ("epoch", 5, UnknownFieldError, " has no hyper-parameter 'epoch'. Did you mean 'epochs'"),
    ("Lambda", 1, UnknownFieldError, "'Lambda'. Did you mean 'lambda_'"),
    ("finaliser", "softmax", UnknownFieldError, "has no hyper-parameter 'finaliser'"),
    *(
        ("epochs", value, InvalidModelError, rf"\.epochs must be an int >= 0, got {value!r}\. Set")
        for value in (-1, 1.5, "10", True, float("nan"), None)
    ),
    *(
        ("batch_size", value, InvalidModelError, r"\.batch_size must be an int >= 1 or None, got")
        for value in (0, -1, 1.5, "4", True)
    ),
    ("lambda_", -1, InvalidModelError, r"\.lambda_ must be a number >= 0, got -1\.0"),
    ("lambda_", float("inf"), InvalidModelError, r"\.lambda_ must be a number >= 0, got inf"),
    ("alpha", 2, InvalidModelError, r"\.alpha must be a number >= 0 and <= 1, got 2\.0"),
    ("shuffle", 1, InvalidModelError, r"\.shuffle must be True or False, got 1"),
    ("standardise", "yes", InvalidModelError, r"\.standardise must be True or False, got 'yes'"),
    ("jit_compile", "yes", InvalidModelError, r"must be one of 'auto', True, False, got 'yes'"),
    ("rng", "abc", InvalidModelError, r"\.rng: rng must be an int, None or .*got 'abc' .*rng=123"),
    ("rng", 1.5, InvalidModelError, "got 1.5 of type float. Write rng=123"),
    ("rng", -1, InvalidModelError, "rng must not be negative, got -1. Write a seed"),
    ("rng", np.random, InvalidModelError, "of type module. Write rng=123"),
    ("acceleration", "gpu", InvalidModelError, r"CPU1\(\), GPU\(0\), .*got 'gpu'"),
    ("optimiser", mlj.Adam, InvalidModelError, r"got the class Adam\. Write Adam\(\)"),
    ("optimiser", keras.optimizers.SGD, InvalidModelError, r"the class SGD\. Write SGD\(\)"),
    (
        "optimiser",
        "adm",
        InvalidModelError,
        "no optimiser has the name 'adm'. Did you mean 'Adam'",
    ),
    ("optimizer", 0.1, InvalidModelError, r"optimiser: must be an optimiser, .*got 0\.1\. Use"),
    ("builder", "mlp", InvalidModelError, r"\.builder: builder must be a Builder .*got 'mlp'"),
    ("embedding_dims", [2], InvalidModelError, "must be a dict from column name to an int or a"),
    ("embedding_dims", {"c": 0}, InvalidModelError, r"embedding_dims\['c'\] must be a positive"),
]


# The rows of the table of bad input; what is not named here is of row 38.
OF_ROW = {
    "epoch": 37, "Lambda": 37, "finaliser": 37, "optimiser": 43, "optimizer": 41, "builder": 43,
    "loss": 41, "rng": 74, "acceleration": 75,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        pytest.param(*case, id=f"{OF_ROW.get(case[0], 38)}-{case[0]}-{position}")
        for position, case in enumerate(FIELDS)
    ],
)
def test_impossible_hyper_parameters_are_refused_when_set(
    name: str, value: Any, error: type[Exception], words: str
) -> None:
    words = f"NeuralNetworkRegressor.*{words}"
    check_refused(lambda: mlj.NeuralNetworkRegressor(**{name: value}), error, words)
    model = regressor()
    before = repr(model)
    check_refused(lambda: setattr(model, name, value), error, words)
    assert repr(model) == before


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=f"40-{value!r:.9}")
        for value in (0, -1, float("nan"), float("inf"), "0.1", None, 10**400)
    ],
)
def test_an_impossible_learning_rate_is_refused(value: Any) -> None:
    words = r"Adam\.learning_rate: must be a finite number > 0 .*for example 0\.001"
    check_refused(lambda: mlj.Adam(value), InvalidModelError, words)
    model = regressor()
    check_refused(lambda: model.set("optimiser.learning_rate", value), InvalidModelError, words)


def test_unknown_paths_are_refused_with_the_nearest_name() -> None:
    check_refused(
        lambda: regressor().set("builder.hiden", 1),
        UnknownFieldError,
        r"MLP has no .*'hiden' \(in the path 'builder\.hiden'\)\. Did you mean 'hidden'",
    )
    check_refused(
        lambda: regressor().get("optimiser.learning_rate.x"), UnknownFieldError, "has no fields"
    )


@pytest.mark.parametrize("value", [pytest.param(-1, id="44-smuggled in")])
def test_an_impossible_value_smuggled_in_is_refused_at_the_next_fit(value: int) -> None:
    mach = mlj.fit(mlj.machine(regressor(), NUMBERS, Y), verbosity=0)
    object.__setattr__(mach.model, "epochs", value)
    check_refused(
        lambda: mlj.fit(mach, verbosity=0), InvalidModelError, r"epochs must be an int >= 0, got"
    )
    assert len(mlj.predict(mach, NUMBERS)) == N_ROWS


def scalar(y_true: Any, y_pred: Any) -> Any:
    """One number for a batch."""
    return keras.ops.mean((y_true - y_pred) ** 2)


def matrix(y_true: Any, y_pred: Any) -> Any:
    """A loss for each entry."""
    return (y_true - y_pred) ** 2


def raising(y_true: Any, y_pred: Any) -> Any:
    """Raises."""
    raise RuntimeError("boom")


# A machine that cannot be trained: its model, its X, y and w.
AT_FIT: list[tuple[str, Callable[[], tuple[Any, ...]], type[Exception], str]] = [
    ("42-a loss of classes for numbers",
     lambda: (regressor(loss="categorical_crossentropy"), NUMBERS, Y), InvalidModelError,
     "compares probabilities of classes, and the target is Continuous. Use 'mean_squared_error'"),
    ("42-a loss of many classes for two", lambda: (
        mlj.NeuralNetworkBinaryClassifier(loss="categorical_crossentropy"), NUMBERS, TWO),
     InvalidModelError, "a binary classifier has one. Use 'binary_crossentropy', or Neural"),
    ("42-a scalar loss with weights",
     lambda: (regressor(loss=scalar), NUMBERS, Y, np.linspace(1, 2, N_ROWS)), InvalidModelError,
     r"scalar returns one number .*there are weights\. Return one loss for each row: \(n,\)"),
    ("42-a scalar loss with a smaller last batch",
     lambda: (regressor(loss=scalar, batch_size=5), NUMBERS, Y), InvalidModelError,
     "scalar returns one number for a whole batch, and the last batch is smaller"),
    ("42-a loss for each entry", lambda: (regressor(loss=matrix), NUMBERS, Y), InvalidModelError,
     r"one loss for each row, shape \(2,\), got shape \(2, 1\) .*mean over the last axis only"),
    ("42-a loss that raises", lambda: (regressor(loss=raising), NUMBERS, Y), InvalidModelError,
     r"The loss raising raised RuntimeError .*\(2, 1\): boom\. It must return one loss"),
    ("38-widths of columns that are not there",
     lambda: (regressor(embedding_dims={"d": 2}), FACTORS, Y), InvalidModelError,
     r"embedding_dims names no columns of X: \['d'\]\. The categorical columns are \['c'\]"),
    ("38-widths of numbers", lambda: (regressor(embedding_dims={"a": 2}), FACTORS, Y),
     InvalidModelError, r"columns that are not categorical: \['a'\]"),
    ("75-a device that is not there", lambda: (regressor(acceleration=mlj.GPU(7)), NUMBERS, Y),
     DeviceError, "GPU:7 is not there: .*Use one of them, or acceleration=None"),
    ("40-training that explodes", lambda: (
        regressor(optimiser=mlj.SGD(1e30), standardise=False), NUMBERS, Y), NonFiniteLossError,
     r"NaN or infinite in epoch 1 \(learning rate 1e\+30\)\. Lower the learning rate"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "error", "words"), [pytest.param(*case[1:], id=case[0]) for case in AT_FIT]
)
def test_models_that_do_not_fit_the_data_are_refused_at_fit(
    make: Callable[[], tuple[Any, ...]], error: type[Exception], words: str
) -> None:
    mach = mlj.machine(*make())
    if error is NonFiniteLossError:  # the one that takes training to be seen; compiled already
        with pytest.raises(error, match=words):
            mlj.fit(mach, verbosity=0)
    else:
        trained()  # so that the first case is not blamed for loading TensorFlow
        check_refused(lambda: mlj.fit(mach, verbosity=0), error, words, NUMBERS, FACTORS, Y)
    assert mach.state == 0


def dense(n_units: int) -> Any:
    """A new layer."""
    return keras.layers.Dense(n_units)


OLD = dense(1)
OLD.build((None, 2))
BUILDERS: list[tuple[str, Callable[..., Any], str]] = [
    ("45-raises", lambda inputs, n_out: 1 / 0,
     r"GenericBuilder\(\) raised ZeroDivisionError for inputs of shape \(None, 2\) and n_out=1: "
     "division by zero. Correct its build method"),
    ("45-another width", lambda inputs, n_out: dense(n_out + 1)(inputs),
     r"wrong output shape: \(None, 2\) where \(None, 1\) is needed\. End it with a Dense"),
    ("45-too many axes", lambda inputs, n_out: dense(n_out)(keras.ops.expand_dims(inputs, 1)),
     r"wrong output shape: \(None, 1, 1\) where"),
    ("45-nothing", lambda inputs, n_out: None,
     "must return a Keras tensor, got NoneType. Call the"),
    ("45-a layer", lambda inputs, n_out: dense(n_out), "must return a Keras tensor, got Dense"),
    ("45-a model", lambda inputs, n_out: keras.Sequential([dense(n_out)]), "got Sequential. Call"),
    ("45-an array", lambda inputs, n_out: np.zeros(3), "must return a Keras tensor, got ndarray"),
    ("45-a list", lambda inputs, n_out: [dense(n_out)(inputs)], "a Keras tensor, got list"),
    ("45-an activation that raises",
     lambda inputs, n_out: keras.layers.Dense(n_out, activation=len)(inputs),
     "The network raised TypeError when it was called: len is not well defined .* Correct the la"),
    ("46-an old layer", lambda inputs, n_out: OLD(inputs),
     "layers that existed before .*every call must build anew. Make the layers inside build"),
    ("45-inputs of its own", lambda inputs, n_out: dense(n_out)(keras.Input((2,))),
     "is not connected to its inputs: .*Start from the tensor that build is given"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "words"), [pytest.param(*case[1:], id=case[0]) for case in BUILDERS]
)
def test_builders_that_give_no_network_are_refused(
    function: Callable[..., Any], words: str
) -> None:
    trained()
    mach = mlj.machine(regressor(builder=mlj.builder_from(function)), NUMBERS, Y)
    raised = check_refused(lambda: mlj.fit(mach, verbosity=0), BuilderError, words, NUMBERS, Y)
    assert mach.state == 0
    if "ZeroDivision" in words:
        assert isinstance(raised.__cause__, ZeroDivisionError)


UNITS = 10**30
TOO_LARGE: list[tuple[str, Callable[..., Any], type[Exception], str]] = [
    ("45-too many units", lambda inputs, n_out: dense(n_out)(dense(UNITS)(inputs)),
     MemoryBudgetError, rf"whose largest weight is dense.*/kernel of shape \(2, {UNITS}\), needs"),
    ("45-too many units, and raises", lambda inputs, n_out: dense(UNITS)(inputs) and 1 / 0,
     BuilderError, "The weights of the network cannot be made: .* out-of-range"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "error", "words"), [pytest.param(*case[1:], id=case[0]) for case in TOO_LARGE]
)
def test_networks_larger_than_the_memory_are_refused_and_leave_keras_as_it_was(
    function: Callable[..., Any], error: type[Exception], words: str
) -> None:
    trained()
    mach = mlj.machine(regressor(builder=mlj.builder_from(function)), NUMBERS, Y)
    check_refused(lambda: mlj.fit(mach, verbosity=0), error, words, NUMBERS, Y)
    other = regressor(builder=mlj.Short(n_hidden=2, dropout=0.0))  # a network not made before
    assert mlj.fit(mlj.machine(other, NUMBERS, Y), verbosity=0).state == 1
