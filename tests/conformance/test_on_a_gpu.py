"""The same training on a GPU as on the CPU. Skipped where TensorFlow sees no GPU; to run it where
there is one: `CUDA_VISIBLE_DEVICES=0 python -m pytest tests/conformance/test_on_a_gpu.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
import mlj_keras.engine.data as engine_data
from mlj_keras.engine.data import Streamed
from tests.batteries.containers import numbers, output

pytestmark = pytest.mark.skipif(
    not tf.config.list_physical_devices("GPU"), reason="TensorFlow sees no GPU"
)

N_ROWS = 203
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(N_ROWS, 6)).astype("float32")
COLOURS = pd.Categorical.from_codes(RNG.integers(0, 5, N_ROWS), list("abcde"))
FACTORS = pd.DataFrame(NUMBERS).add_prefix("x").assign(colour=COLOURS)
IMAGES = RNG.integers(0, 255, (N_ROWS, 8, 8), dtype=np.uint8)
Y = NUMBERS @ np.arange(6, dtype="float32") / 6 + 0.1 * RNG.normal(size=N_ROWS).astype("float32")
CLASSES = pd.Series(pd.Categorical(np.where(Y > 0.5, "high", np.where(Y < -0.5, "low", "mid"))))
TWO = pd.Series(pd.Categorical(np.where(Y > 0, "yes", "no")))
TABLE = pd.DataFrame({"a": Y, "b": -2 * Y})
MLP = mlj.MLP(hidden=(16,))


def normalised(inputs: Any, n_out: int) -> Any:
    outputs = keras.layers.BatchNormalization()(keras.layers.Dense(16)(inputs))
    return keras.layers.Dense(n_out)(keras.layers.Activation("relu")(outputs))


def recurrent(inputs: Any, n_out: int) -> Any:
    return keras.layers.Dense(n_out)(keras.layers.LSTM(8)(keras.layers.Reshape((3, 2))(inputs)))


def without_cudnn(inputs: Any, n_out: int) -> Any:
    sequence = keras.layers.Reshape((3, 2))(inputs)
    return keras.layers.Dense(n_out)(keras.layers.LSTM(8, use_cudnn=False)(sequence))


CASES: dict[str, tuple[Any, Any, Any]] = {
    "regressor": (mlj.NeuralNetworkRegressor(builder=MLP), NUMBERS, Y),
    "multitarget": (mlj.MultitargetNeuralNetworkRegressor(builder=MLP), NUMBERS, TABLE),
    "classifier": (mlj.NeuralNetworkClassifier(builder=MLP), NUMBERS, CLASSES),
    "binary": (mlj.NeuralNetworkBinaryClassifier(builder=MLP), NUMBERS, TWO),
    "factors": (mlj.NeuralNetworkClassifier(builder=MLP), FACTORS, CLASSES),
    "normalised": (
        mlj.NeuralNetworkRegressor(builder=mlj.builder_from(normalised)),
        NUMBERS,
        Y,
    ),
    "recurrent": (
        mlj.NeuralNetworkRegressor(builder=mlj.builder_from(recurrent)),
        NUMBERS,
        Y,
    ),
    "images": (
        mlj.ImageClassifier(builder=mlj.ImageCNN(blocks=((4, 1),), dense=())),
        IMAGES,
        CLASSES,
    ),
}
# Adam would make a difference of rounding in a gradient near zero as large as any other.
SETTINGS = {
    "optimiser": mlj.SGD(0.05),
    "epochs": 3,
    "batch_size": 16,
    "lambda_": 0.01,
    "alpha": 0.3,
    "rng": 7,
}


@pytest.fixture(autouse=True)
def exact_products() -> Iterator[None]:
    """Products in float32 and not in TensorFloat-32, which rounds them to 11 bits."""
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(enabled=False)
    yield
    tf.config.experimental.enable_tensor_float_32_execution(before)


def trained(case: str, acceleration: Any, **changes: Any) -> mlj.Machine:
    model, X, y = CASES[case]
    own = model.replace({**SETTINGS, "acceleration": acceleration, **changes})
    return mlj.fit(mlj.machine(own, X, y), verbosity=0)


def weights(mach: mlj.Machine) -> dict[str, np.ndarray]:
    arrays = mlj.snapshot(mach).arrays
    return {key: array for key, array in arrays.items() if "seed" not in key}


@pytest.mark.parametrize("case", CASES)
def test_weights_and_predictions_equal_those_of_the_cpu(case: str) -> None:
    X = CASES[case][1]
    gpu, cpu = trained(case, mlj.GPU(0)), trained(case, mlj.CPU1())
    expected = weights(cpu)
    for key, found in weights(gpu).items():
        np.testing.assert_allclose(found, expected[key], rtol=1e-3, atol=1e-4, err_msg=key)
    np.testing.assert_allclose(
        numbers(output(gpu, X)), numbers(output(cpu, X)), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("case", CASES)
def test_a_machine_moves_between_devices_and_goes_on(case: str) -> None:
    once = trained(case, mlj.CPU1(), epochs=6)
    moved = trained(case, mlj.CPU1(), epochs=2)
    for epochs, acceleration in ((4, mlj.GPU(0)), (6, mlj.CPU1())):
        moved.model.acceleration, moved.model.epochs = acceleration, epochs
        mlj.fit(moved, verbosity=0)
    np.testing.assert_allclose(
        mlj.training_losses(moved), mlj.training_losses(once), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("case", sorted(CASES.keys() - {"recurrent"}))
def test_the_graph_path_gives_the_same(case: str) -> None:
    graph, xla = (trained(case, mlj.GPU(0), jit_compile=jit) for jit in (False, True))
    np.testing.assert_allclose(
        mlj.training_losses(graph), mlj.training_losses(xla), rtol=1e-3, atol=1e-4
    )


def test_cudnn_gives_what_xla_gives() -> None:
    """XLA cannot compile cuDNN: by itself the graph path is taken."""
    own = trained("recurrent", mlj.GPU(0))
    assert mlj.report(own).path == "graph"
    model = CASES["recurrent"][0].replace({"builder": mlj.builder_from(without_cudnn)})
    other = mlj.fit(
        mlj.machine(model.replace({**SETTINGS, "acceleration": mlj.GPU(0)}), NUMBERS, Y),
        verbosity=0,
    )
    assert mlj.report(other).path == "xla"
    np.testing.assert_allclose(
        mlj.training_losses(own), mlj.training_losses(other), rtol=1e-3, atol=1e-4
    )


def test_none_means_the_first_gpu() -> None:
    found, expected = trained("regressor", None), trained("regressor", mlj.GPU(0))
    assert mlj.report(found).device == mlj.report(expected).device == "/GPU:0"


def test_data_that_do_not_fit_are_streamed_to_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resident = trained("factors", mlj.GPU(0))
    monkeypatch.setattr(engine_data, "memory_of", lambda device: 100)
    sent: list[int] = []
    for_call = Streamed.for_call
    monkeypatch.setattr(
        Streamed,
        "for_call",
        lambda self, batches, size: sent.append(size) or for_call(self, batches, size),
    )
    streamed = trained("factors", mlj.GPU(0))
    assert sent
    expected = weights(resident)
    for key, found in weights(streamed).items():
        np.testing.assert_allclose(found, expected[key], rtol=1e-4, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("case", CASES)
def test_mixed_precision_learns_the_same_to_its_accuracy(case: str, precision: str) -> None:
    full, mixed = (trained(case, mlj.GPU(0), precision=p) for p in ("float32", precision))
    np.testing.assert_allclose(
        mlj.training_losses(mixed), mlj.training_losses(full), rtol=0.1, atol=0.05
    )


def test_two_trainings_give_equal_losses() -> None:
    one, two = (mlj.training_losses(trained("factors", mlj.GPU(0))) for _ in range(2))
    np.testing.assert_allclose(one, two, rtol=1e-5)
