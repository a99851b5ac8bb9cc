"""`ImageRegressor`: the battery on small images, and the scale of the target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import NonFiniteError, ScitypeError
from tests.batteries.containers import check_container, state_bytes

N_ROWS = 12


def small(**changes: Any) -> mlj.ImageRegressor:
    """One structure for most tests of this file."""
    tiny = mlj.ImageCNN(blocks=((2, 1),), dense=())
    values: dict[str, Any] = {"builder": tiny, "epochs": 2, "batch_size": 4, "rng": 1}
    return mlj.ImageRegressor(**{**values, **changes})


@pytest.fixture
def X() -> np.ndarray:
    """Float images (n, 6, 6) of rising brightness."""
    noise = np.random.default_rng(0).uniform(0, 0.1, size=(N_ROWS, 6, 6))
    return (noise + np.linspace(0, 0.9, N_ROWS)[:, None, None]).astype(np.float32)


@pytest.fixture
def y(X: np.ndarray) -> pd.Series:
    return pd.Series(500.0 + 200.0 * X.mean(axis=(1, 2)), name="lux")


def test_the_battery_of_containers(X: np.ndarray, y: pd.Series) -> None:
    check_container(small(), X, y)


def test_brightness_is_learned_on_the_scale_of_the_target(X: np.ndarray, y: pd.Series) -> None:
    model = small(epochs=150, optimiser=mlj.Adam(0.02))
    predicted = mlj.predict(mlj.fit(mlj.machine(model, X, y), verbosity=0), X)
    assert predicted.name == "lux"
    assert float(np.sqrt(np.mean((predicted - y) ** 2))) < 0.2 * float(y.std())


def test_the_target_alone_is_standardised(X: np.ndarray, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(small(), X, y), verbosity=0)
    outputs = np.asarray(mlj.fitted_params(mach).network(X[..., None]))[:, 0]
    oracle = outputs * y.std() + y.mean()
    np.testing.assert_allclose(mlj.predict(mach, X), oracle, rtol=1e-5)
    plain = mlj.fit(mlj.machine(small(standardise=False), X, y), verbosity=0)
    outputs = np.asarray(mlj.fitted_params(plain).network(X[..., None]))[:, 0]
    np.testing.assert_allclose(mlj.predict(plain, X), outputs, rtol=1e-5)


def test_a_vector_of_weights_is_taken_and_class_weights_are_refused(
    X: np.ndarray, y: pd.Series
) -> None:
    even = mlj.fit(mlj.machine(small(), X, y, np.ones(N_ROWS)), verbosity=0)
    tilted = mlj.fit(mlj.machine(small(), X, y, np.linspace(0.1, 2, N_ROWS)), verbosity=0)
    assert state_bytes(even) == state_bytes(mlj.fit(mlj.machine(small(), X, y), verbosity=0))
    assert state_bytes(tilted) != state_bytes(even)
    with pytest.raises(ValueError, match="ImageRegressor takes no class weights. Leave them out"):
        mlj.machine(small(), X, y, "balanced")


def test_targets_that_are_no_finite_numbers_are_refused(X: np.ndarray, y: pd.Series) -> None:
    infinite = y.copy()
    infinite[2] = np.inf
    with pytest.raises(NonFiniteError, match=r"y has 1 value.*rows \[2\], the first is inf"):
        mlj.machine(small(), X, infinite)
    with pytest.raises(ScitypeError, match=r"y is Multiclass\[2\].*let NeuralNetwork pick"):
        mlj.machine(small(), X, pd.Categorical(["a", "b"] * 6))
