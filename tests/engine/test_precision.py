"""Precision: what layers compute in, while weights stay float32."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.engine.precision import check_precision
from mlj_keras.errors import InvalidModelError
from tests.batteries.oracles import fitted

MIXED = ("mixed_bfloat16", "mixed_float16")


@pytest.fixture(scope="module")
def wine() -> Any:
    return mlj.load_wine()


def classifier(**given: Any) -> mlj.NeuralNetworkClassifier:
    settings = {"epochs": 15, "batch_size": 16, "rng": 3, "optimiser": mlj.Adam(0.01)}
    return mlj.NeuralNetworkClassifier(**{**settings, **given})


@pytest.mark.parametrize("jit_compile", [True, False])
@pytest.mark.parametrize("precision", MIXED)
def test_mixed_precision_learns_what_float32_learns(
    precision: str, jit_compile: Any, wine: Any
) -> None:
    X, y = wine
    full = fitted(classifier(lambda_=0.1, jit_compile=jit_compile), X, y)
    mixed = fitted(classifier(lambda_=0.1, jit_compile=jit_compile, precision=precision), X, y)
    losses, expected = mlj.training_losses(mixed), mlj.training_losses(full)
    np.testing.assert_allclose(losses, expected, rtol=0.15, atol=0.01)
    assert not np.array_equal(losses, expected)
    assert (mlj.predict_mode(mixed, X) == y).mean() > 0.95
    arrays = mlj.snapshot(mixed).arrays
    assert {a.dtype for k, a in arrays.items() if k.startswith("layers/")} == {np.dtype("float32")}


@pytest.mark.parametrize("precision", MIXED)
def test_layers_compute_in_it_and_the_network_ends_in_float32(precision: str, wine: Any) -> None:
    before = keras.config.dtype_policy()
    mach = fitted(classifier(precision=precision, epochs=1), *wine)
    assert keras.config.dtype_policy() == before
    network = mlj.fitted_params(mach).network
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    assert {layer.compute_dtype for layer in dense} == {precision.removeprefix("mixed_")}
    assert network.output.dtype == "float32"
    X, _ = wine
    own = mlj.predict(mach, X).to_numpy()
    np.testing.assert_allclose(mlj.to_keras(mach)(X.to_numpy("float32")), own, atol=0.02)


def test_the_scale_of_the_loss_is_part_of_the_state_and_restarts_warmly(wine: Any) -> None:
    X, y = wine
    twice = fitted(classifier(precision="mixed_float16", epochs=3), X, y)
    assert mlj.snapshot(twice).arrays["slots/dynamic_scale"] == 2.0**15
    twice.model.epochs = 6
    mlj.fit(twice, verbosity=0)
    once = fitted(classifier(precision="mixed_float16", epochs=6), X, y)
    assert mlj.snapshot(twice) == mlj.snapshot(once)


def test_a_step_that_overflows_float16_is_left_out_and_the_scale_halved() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(64, 3)).astype(np.float32)
    y = 1e3 * X[:, 0]
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"),
        precision="mixed_float16",
        standardise=False,
        batch_size=64,
        epochs=1,
        rng=1,
        optimiser=mlj.SGD(1e-3),
    )
    state = mlj.snapshot(fitted(model, X, y))
    assert state.arrays["slots/dynamic_scale"] == 2.0**14
    model.epochs = 0
    start = mlj.snapshot(fitted(model, X, y))
    for key in start.arrays:
        if key.startswith("layers/"):
            np.testing.assert_array_equal(state.arrays[key], start.arrays[key])


def test_another_word_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InvalidModelError, match="mixed_bfloat16"):
        classifier(precision="bfloat16")


def see_gpu(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int] | None) -> None:
    details = {} if capability is None else {"compute_capability": capability}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["first"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: details)


def test_a_precision_that_the_device_does_not_have_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(InvalidModelError, match="TPU computes in bfloat16.*'mixed_bfloat16', or"):
        check_precision("mixed_float16", "/TPU:0")
    see_gpu(monkeypatch, (7, 5))
    with pytest.raises(InvalidModelError, match="capability 8.0, and /GPU:0 is older.*_float16'"):
        check_precision("mixed_bfloat16", "/GPU:0")
    for precision, device in (
        ("mixed_float16", "/GPU:0"),
        ("float32", "/GPU:0"),
        ("mixed_bfloat16", "/TPU:0"),
        ("mixed_bfloat16", "/CPU:0"),
        ("mixed_float16", "/CPU:0"),
    ):
        check_precision(precision, device)
    for capability in ((8, 0), (9, 0), None):
        see_gpu(monkeypatch, capability)
        check_precision("mixed_bfloat16", "/GPU:0")
