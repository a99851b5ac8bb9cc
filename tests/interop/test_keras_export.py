"""`to_keras`: a Keras model of its own that predicts what the machine predicts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import NotTrainedError, UnsupportedOperation

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal([5.0, -300.0], [0.1, 40.0], size=(24, 2)), columns=["a", "b"])
Y = 1000 + 50 * X["a"] - X["b"]
TWO = pd.DataFrame({"s": Y, "t": X["a"]})
CLASSES = pd.Series(pd.Categorical(["u", "v", "w"] * 8))
BINARY = pd.Series(pd.Categorical(["no", "yes"] * 12))
MIXED = pd.DataFrame(
    {
        "f": pd.Categorical(["x", "y", "z"] * 8),
        "a": X["a"],
        "g": pd.Categorical(["p", "q"] * 12, categories=["q", "p"]),
        "b": X["b"],
    }
)
IMAGES = RNG.integers(0, 256, size=(24, 8, 8), dtype="uint8")
CNN = mlj.ImageCNN(blocks=((2, 1),), dense=(4,))


def numbers(frame: pd.DataFrame) -> Any:
    return frame.to_numpy(dtype="float32")


def numbers_and_codes(frame: pd.DataFrame) -> Any:
    codes = np.column_stack([frame[name].cat.codes for name in ("f", "g")]).astype("int32")
    return [frame[["a", "b"]].to_numpy(dtype="float32"), codes]


def pixels(images: np.ndarray) -> Any:
    return images[..., None].astype("float32") / 255


CASES: dict[str, tuple[Any, Any, Callable[[Any], Any]]] = {
    "regressor": (X, Y, numbers),
    "multitarget": (X, TWO, numbers),
    "classifier": (X, CLASSES, numbers),
    "binary": (X, BINARY, numbers),
    "factors": (MIXED, Y, numbers_and_codes),
    "factors and classes": (MIXED, CLASSES, numbers_and_codes),
    "factors alone": (MIXED[["f", "g"]], Y, lambda frame: numbers_and_codes(MIXED)[1]),
    "images": (IMAGES, CLASSES, pixels),
    "images and numbers": (IMAGES, Y, pixels),
}


def spec(X: Any, **changes: Any) -> mlj.NeuralNetwork:
    builder = CNN if isinstance(X, np.ndarray) else mlj.MLP(hidden=(4,))
    values = {"builder": builder, "epochs": 2, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetwork(**values)


def predictions(mach: mlj.Machine) -> np.ndarray:
    """(n, n_out) as the network gives them: of a binary model the probability of the second
    level."""
    found = mlj.predict(mach)
    if hasattr(found, "levels"):
        table = found.to_numpy()
        return table[:, 1:] if table.shape[1] == 2 else table
    return np.asarray(found).reshape(len(found), -1)


@pytest.mark.parametrize("case", CASES)
def test_the_keras_model_predicts_what_the_machine_predicts(case: str, tmp_path: Path) -> None:
    import keras

    inputs, target, raw = CASES[case]
    model = spec(inputs)
    mach = mlj.fit(mlj.machine(model, inputs, target), verbosity=0)
    exported = mlj.to_keras(mach)
    expected = predictions(mach)
    found = np.asarray(exported(raw(inputs)))
    assert found.shape == expected.shape
    # Relative to the spread of the predictions: float32 in, float32 out.
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-5)

    path = tmp_path / "exported.keras"
    exported.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_allclose(
        np.asarray(loaded(raw(inputs))) / scale, found / scale, rtol=0, atol=1e-6
    )

    model.epochs = 4
    mlj.fit(mach, verbosity=0)
    np.testing.assert_array_equal(np.asarray(exported(raw(inputs))), found)
    assert not np.allclose(predictions(mach) / scale, expected / scale, atol=1e-5)


@pytest.mark.parametrize(("target", "squash"), [(CLASSES, "softmax"), (BINARY, "sigmoid")])
def test_without_finaliser_the_outputs_are_logits(target: Any, squash: str) -> None:
    import keras

    mach = mlj.fit(mlj.machine(spec(X), X, target), verbosity=0)
    logits = np.asarray(mlj.to_keras(mach, finaliser=False)(numbers(X)))
    assert (logits < 0).any() or (logits > 1).any()
    found = np.asarray(getattr(keras.activations, squash)(logits))
    np.testing.assert_allclose(found, predictions(mach), atol=1e-5)


def test_a_loss_of_logits_gets_its_finaliser_in_the_export() -> None:
    import keras

    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    mach = mlj.fit(mlj.machine(spec(X, loss=loss), X, CLASSES), verbosity=0)
    np.testing.assert_allclose(mlj.to_keras(mach)(numbers(X)), predictions(mach), atol=1e-5)


def test_without_processing_it_is_the_network_of_the_fitted_parameters() -> None:
    mach = mlj.fit(mlj.machine(spec(X), X, Y), verbosity=0)
    standard = (X - X.mean()) / X.std(ddof=1)
    found = np.asarray(mlj.to_keras(mach, processing=False)(numbers(standard)))
    network = mlj.fitted_params(mach).network
    np.testing.assert_array_equal(np.asarray(network(numbers(standard))), found)
    in_units = found[:, 0] * Y.std(ddof=1) + Y.mean()
    np.testing.assert_allclose(in_units, mlj.predict(mach), rtol=1e-5)


def test_without_standardising_the_numbers_pass_through() -> None:
    small = X / [5.0, 300.0]
    mach = mlj.fit(mlj.machine(spec(X, standardise=False), small, 2 * small["a"]), verbosity=0)
    np.testing.assert_allclose(
        np.asarray(mlj.to_keras(mach)(numbers(small)))[:, 0], mlj.predict(mach), atol=1e-5
    )


@pytest.mark.parametrize("unit", [1e-9, 1e-20, 1e9])
def test_the_unit_of_a_column_does_not_matter(unit: float) -> None:
    scaled = X * [unit, 1.0]
    mach = mlj.fit(mlj.machine(spec(X), scaled, CLASSES), verbosity=0)
    found = np.asarray(mlj.to_keras(mach)(numbers(scaled)))
    np.testing.assert_allclose(found, predictions(mach), atol=1e-5)
    assert np.ptp(found, axis=0).min() > 1e-3, "the predictions depend on X at all"


def test_every_export_is_a_model_of_its_own() -> None:
    mach = mlj.fit(mlj.machine(spec(X), X, Y), verbosity=0)
    first, second = mlj.to_keras(mach), mlj.to_keras(mach)
    before = np.asarray(second(numbers(X)))
    for weight in first.weights:
        weight.assign(weight * 0)
    np.testing.assert_array_equal(np.asarray(second(numbers(X))), before)
    np.testing.assert_allclose(before[:, 0], mlj.predict(mach), rtol=1e-5)


def test_an_untrained_machine_and_one_without_network_raise() -> None:
    with pytest.raises(NotTrainedError, match="to_keras needs a trained machine"):
        mlj.to_keras(mlj.machine(spec(X), X, Y))
    scaler = mlj.fit(mlj.machine(mlj.Standardizer(), X), verbosity=0)
    with pytest.raises(UnsupportedOperation, match=r"trained network, and Standardizer is non"):
        mlj.to_keras(scaler)
