"""`NeuralNetworkBinaryClassifier`: the battery, one output: the chance of the second level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, ScitypeError
from tests.batteries.containers import check_container, state_bytes

N_ROWS = 24


def small(**changes: Any) -> mlj.NeuralNetworkBinaryClassifier:
    """One structure for most tests of this file."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8}
    return mlj.NeuralNetworkBinaryClassifier(**{**values, "rng": 1, **changes})


@pytest.fixture
def X() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(N_ROWS, 2))
    return pd.DataFrame(values, columns=["a", "b"], index=[f"r{i}" for i in range(N_ROWS)])


@pytest.fixture
def y(X: pd.DataFrame) -> pd.Series:
    labels = np.where(X["a"] > 0, "yes", "no")
    return pd.Series(pd.Categorical(labels, categories=["no", "yes"]), index=X.index, name="ill")


def test_the_battery_of_containers(X: pd.DataFrame, y: pd.Series) -> None:
    check_container(small(), X, y)


def test_the_probability_of_the_second_level_is_the_sigmoid_of_the_one_output(
    X: pd.DataFrame, y: pd.Series
) -> None:
    mach = mlj.fit(mlj.machine(small(standardise=False), X, y), verbosity=0)
    predicted = mlj.predict(mach, X)
    network = mlj.fitted_params(mach).network
    outputs = np.asarray(network(X.to_numpy(dtype=np.float32)))
    assert outputs.shape == (N_ROWS, 1)
    assert network.layers[-1].get_config()["activation"] == "sigmoid"
    np.testing.assert_allclose(predicted.pdf("yes"), outputs[:, 0], atol=1e-6)
    np.testing.assert_allclose(predicted.pdf("no"), 1 - outputs[:, 0], atol=1e-6)


def test_a_reversed_pool_swaps_the_classes(X: pd.DataFrame, y: pd.Series) -> None:
    turned = mlj.set_levels(y, ["yes", "no"])
    model = small(epochs=100, optimiser=mlj.Adam(0.02))
    first = mlj.predict(mlj.fit(mlj.machine(model, X, y), verbosity=0), X)
    second = mlj.predict(mlj.fit(mlj.machine(model, X, turned), verbosity=0), X)
    assert (first.levels, second.levels) == (("no", "yes"), ("yes", "no"))
    assert (mlj.mode(first) == y).mean() > 0.9
    assert (np.asarray(mlj.mode(second)) == np.asarray(y)).mean() > 0.9


def test_the_builder_is_asked_for_one_output(X: pd.DataFrame, y: pd.Series) -> None:
    asked: list[Any] = []

    def recording(inputs: Any, n_out: int) -> Any:
        import keras

        asked.append((tuple(inputs.shape), n_out))
        return keras.layers.Dense(n_out)(inputs)

    model = small(builder=mlj.builder_from(recording), epochs=0)
    mlj.fit(mlj.machine(model, X, y), verbosity=0)
    assert set(asked) == {((None, 2), 1)}


def test_the_first_loss_is_the_binary_cross_entropy(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(small(epochs=0), X, y), verbosity=0)
    p = mlj.predict(mach, X).to_numpy()[np.arange(N_ROWS), y.cat.codes]
    assert mlj.report(mach).training_losses == pytest.approx([-np.log(p).mean()], rel=1e-5)


def test_class_weights_name_both_levels(X: pd.DataFrame, y: pd.Series) -> None:
    counts = y.value_counts()
    by_level = {label: N_ROWS / (2 * counts[label]) for label in ("yes", "no")}
    machines = [
        mlj.fit(mlj.machine(small(), X, y, w), verbosity=0) for w in ("balanced", by_level)
    ]
    assert state_bytes(machines[0]) == state_bytes(machines[1])


def test_three_levels_and_losses_of_many_classes_are_refused(
    X: pd.DataFrame, y: pd.Series
) -> None:
    with pytest.raises(ScitypeError, match=r"y is Multiclass\[3\].*let NeuralNetwork pick"):
        mlj.machine(small(), X, y.cat.add_categories(["maybe"]))
    wrong = small(loss="categorical_crossentropy")
    with pytest.raises(InvalidModelError, match="Use 'binary_crossentropy', or NeuralNetworkCl"):
        mlj.fit(mlj.machine(wrong, X, y), verbosity=0)
