"""`NeuralNetworkRegressor`: the battery, standardising, scales, kinds of y, penalties aside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ModelWarning, NonFiniteError, UnsupportedOperation
from tests.batteries.containers import check_container

N_ROWS = 30


def small(**changes: Any) -> mlj.NeuralNetworkRegressor:
    """One structure for most tests of this file."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8}
    return mlj.NeuralNetworkRegressor(**{**values, "rng": 1, **changes})


@pytest.fixture
def X() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(N_ROWS, 2))
    return pd.DataFrame(values * [3.0, 0.2] + [50.0, -1.0], columns=["a", "b"]).set_axis(
        pd.Index(range(100, 100 + N_ROWS))
    )


@pytest.fixture
def y(X: pd.DataFrame) -> pd.Series:
    return (1000.0 + 40.0 * X["a"] + 300.0 * X["b"]).rename("price")


def test_the_battery_of_containers(X: pd.DataFrame, y: pd.Series) -> None:
    check_container(small(), X, y)


def test_the_battery_with_factors_among_the_columns(X: pd.DataFrame, y: pd.Series) -> None:
    shade = pd.Categorical(["dark", "light", "mid"] * (N_ROWS // 3))
    check_container(small(), X.assign(shade=shade), y)


def test_predictions_are_on_the_scale_of_the_target(X: pd.DataFrame, y: pd.Series) -> None:
    model = small(epochs=300, optimiser=mlj.Adam(0.02))
    predicted = mlj.predict(mlj.fit(mlj.machine(model, X, y), verbosity=0), X)
    # A linear target of a standard deviation of about 130: the network gets within a tenth of it.
    assert float(np.sqrt(np.mean((predicted - y) ** 2))) < 0.1 * float(y.std())


def test_the_output_is_the_network_on_standardised_columns_scaled_back(
    X: pd.DataFrame, y: pd.Series
) -> None:
    train = list(range(0, N_ROWS, 2))
    mach = mlj.fit(mlj.machine(small(), X, y), rows=train, verbosity=0)
    seen, target = X.iloc[train].to_numpy(), y.iloc[train].to_numpy()
    scaled = (X.to_numpy() - seen.mean(axis=0)) / seen.std(axis=0, ddof=1)
    outputs = np.asarray(mlj.fitted_params(mach).network(scaled.astype(np.float32)))
    oracle = outputs[:, 0] * target.std(ddof=1) + target.mean()
    np.testing.assert_allclose(mlj.predict(mach, X), oracle, rtol=1e-5)


def test_without_standardising_the_network_sees_raw_numbers(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(small(standardise=False), X, y), verbosity=0)
    oracle = np.asarray(mlj.fitted_params(mach).network(X.to_numpy(dtype=np.float32)))[:, 0]
    np.testing.assert_allclose(mlj.predict(mach, X), oracle, rtol=1e-5)


def test_the_first_loss_is_that_of_the_untrained_network(X: pd.DataFrame, y: pd.Series) -> None:
    model = small(epochs=0, standardise=False, batch_size=10)
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    mse = float(np.mean((mlj.predict(mach, X).to_numpy() - y.to_numpy()) ** 2))
    assert mlj.report(mach).training_losses == pytest.approx([mse], rel=1e-5)
    assert len(mlj.training_losses(mach)) == 0


@pytest.mark.parametrize("kind", ["numpy", "polars", "pyarrow", "dict"])
def test_every_kind_of_table_gives_the_same_bytes_and_gets_its_own_kind_back(
    kind: str, X: pd.DataFrame, y: pd.Series
) -> None:
    tables: dict[str, Any] = {
        "numpy": (X.to_numpy(), y.to_numpy()),
        "polars": (pl.from_pandas(X), pl.Series("price", y.to_numpy())),
        "pyarrow": (pa.table(dict(X)), pa.array(y.to_numpy())),
        "dict": ({name: X[name].to_numpy() for name in X}, y.tolist()),
    }
    own_X, own_y = tables[kind]
    wanted = mlj.predict(mlj.fit(mlj.machine(small(), X, y), verbosity=0), X).to_numpy()
    mach = mlj.fit(mlj.machine(small(), own_X, own_y), verbosity=0)
    predicted: Any = mlj.predict(mach, own_X)
    assert type(predicted) is (np.ndarray if kind == "dict" else type(own_y))
    assert np.asarray(predicted).tobytes() == wanted.tobytes()
    if isinstance(predicted, pl.Series):
        assert predicted.name == "price"


def test_a_float32_target_gives_float32_predictions(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(small(), X, y.astype("float32")), verbosity=0)
    assert mlj.predict(mach, X).dtype == np.float32


def test_a_constant_column_and_a_constant_target_are_learned_from(X: pd.DataFrame) -> None:
    y = np.full(N_ROWS, 7.0)
    mach = mlj.fit(mlj.machine(small(epochs=60), X.assign(b=3.5), y), verbosity=0)
    np.testing.assert_allclose(mlj.predict(mach, X.assign(b=3.5)), 7.0, atol=0.7)


def test_other_column_orders_are_matched_by_name(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(small(), X, y), verbosity=0)
    wanted = mlj.predict(mach, X)
    pd.testing.assert_series_equal(mlj.predict(mach, X[["b", "a"]]), wanted)


def test_weights_of_two_are_the_same_as_rows_given_twice(X: pd.DataFrame, y: pd.Series) -> None:
    # One full batch of plain gradient descent: the sum over doubled rows, over twice the rows.
    model = small(
        batch_size=2 * N_ROWS, epochs=3, optimiser=mlj.SGD(0.01), standardise=False, rng=5
    )
    target = y / 1000
    w = np.where(np.arange(N_ROWS) % 2, 2.0, 1.0)
    rows = np.repeat(np.arange(N_ROWS), w.astype(int))
    weighted = mlj.fit(mlj.machine(model, X / 50, target, w), verbosity=0)
    # The weighted batch divides by its 30 rows, the repeated one by its 45.
    model.optimiser = mlj.SGD(0.015)
    repeated = mlj.fit(mlj.machine(model, X.iloc[rows] / 50, target.iloc[rows]), verbosity=0)
    np.testing.assert_allclose(
        mlj.predict(weighted, X / 50), mlj.predict(repeated, X / 50), rtol=1e-4
    )


def test_a_network_that_ends_in_relu_warns_at_the_line_of_the_user(
    X: pd.DataFrame, y: pd.Series
) -> None:
    with pytest.warns(ModelWarning, match=r"Write Linear\(activation='linear'\)") as caught:
        mlj.fit(mlj.machine(small(builder=mlj.Linear(), epochs=0), X, y), verbosity=0)
    assert caught[0].filename == __file__


def test_a_regressor_has_no_mode(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(small(), X, y), verbosity=0)
    with pytest.raises(UnsupportedOperation, match=r"Use predict\(mach, Xnew\)"):
        mlj.predict_mode(mach, X)


def test_a_regressor_takes_no_classes(X: pd.DataFrame) -> None:
    y = pd.Categorical(["x", "y"] * (N_ROWS // 2))
    with pytest.raises(TypeError, match=r"y is Multiclass\[2\].*Vector\[Continuous\].*NeuralNetw"):
        mlj.machine(small(), X, y)


def mixes(inputs: Any, n_out: int) -> Any:
    """A network whose rows are normalised together."""
    import keras

    hidden = keras.layers.BatchNormalization()(keras.layers.Dense(4)(inputs))
    return keras.layers.Dense(n_out)(hidden)


def test_layers_that_mix_rows_get_batches_of_sixteen_and_a_warning_for_one() -> None:
    X = np.random.default_rng(0).normal(size=(40, 3))
    model = mlj.NeuralNetworkRegressor(builder=mlj.builder_from(mixes), epochs=1, rng=1)
    mach = mlj.fit(mlj.machine(model, X, X.sum(axis=1)), verbosity=0)
    assert mlj.report(mach).batch_size == 16
    model.batch_size = 1
    with pytest.warns(ModelWarning, match="batch_size=1 leaves layers that mix rows"):
        mlj.fit(mach, verbosity=0)


@pytest.mark.parametrize("loss", ["msle", "mape", "poisson"])
def test_a_loss_that_depends_on_the_unit_of_the_target_warns_when_it_is_standardised(
    loss: str,
) -> None:
    X = np.random.default_rng(0).normal(size=(16, 2))
    model = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(2,)), loss=loss, epochs=0, rng=1)
    with pytest.warns(ModelWarning, match="depends on the unit and sign of the target"):
        mlj.fit(mlj.machine(model, X, np.exp(X[:, 0])), verbosity=0)


def test_a_number_too_far_from_the_training_rows_is_refused_by_row() -> None:
    X = pd.DataFrame({"a": 1e-20 * np.arange(16.0), "b": np.arange(16.0)})
    model = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(2,)), epochs=0, rng=1)
    mach = mlj.fit(mlj.machine(model, X, X["b"]), verbosity=0)
    new = pd.DataFrame({"a": [0.0, 1e30], "b": [0.0, 1.0]})
    with pytest.raises(NonFiniteError, match=r"Column 'a' has a value at row 1 that is too far"):
        mlj.predict(mach, new)
