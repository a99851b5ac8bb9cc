"""`MultitargetNeuralNetworkRegressor`: the battery, kinds of tables, scales of each target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import MissingValuesError, NonFiniteError, ScitypeError
from tests.batteries.containers import check_container

N_ROWS = 24


def small(**changes: Any) -> mlj.MultitargetNeuralNetworkRegressor:
    """One structure for most tests of this file."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8}
    return mlj.MultitargetNeuralNetworkRegressor(**{**values, "rng": 1, **changes})


@pytest.fixture
def X() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(N_ROWS, 2))
    return pd.DataFrame(values, columns=["a", "b"], index=range(50, 50 + N_ROWS))


@pytest.fixture
def Y(X: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"price": 1e4 + 2e3 * X["a"], "size": 0.01 * X["b"]})


def test_the_battery_of_containers(X: pd.DataFrame, Y: pd.DataFrame) -> None:
    check_container(small(), X, Y)


def test_each_target_comes_back_on_its_own_scale_and_under_its_name(
    X: pd.DataFrame, Y: pd.DataFrame
) -> None:
    model = small(epochs=200, optimiser=mlj.Adam(0.02))
    predicted = mlj.predict(mlj.fit(mlj.machine(model, X, Y), verbosity=0), X)
    assert list(predicted) == ["price", "size"]
    assert predicted.index.equals(X.index)
    # Linear targets: each is met within a fifth of its own standard deviation.
    assert (np.sqrt(((predicted - Y) ** 2).mean()) < 0.2 * Y.std()).all()


def test_standardising_is_that_of_numpy(X: pd.DataFrame, Y: pd.DataFrame) -> None:
    rows = range(0, N_ROWS, 2)
    mach = mlj.fit(mlj.machine(small(), X, Y), rows=rows, verbosity=0)
    seen, target = X.iloc[list(rows)].to_numpy(), Y.iloc[list(rows)].to_numpy()
    scaled = ((X.to_numpy() - seen.mean(0)) / seen.std(0, ddof=1)).astype(np.float32)
    outputs = np.asarray(mlj.fitted_params(mach).network(scaled))
    oracle = outputs * target.std(0, ddof=1) + target.mean(0)
    np.testing.assert_allclose(mlj.predict(mach, X), oracle, rtol=1e-4)


@pytest.mark.parametrize("kind", ["numpy", "polars", "pyarrow", "dict"])
def test_predictions_are_a_table_of_the_kind_of_the_target(
    kind: str, X: pd.DataFrame, Y: pd.DataFrame
) -> None:
    tables: dict[str, Any] = {
        "numpy": Y.to_numpy(),
        "polars": pl.from_pandas(Y),
        "pyarrow": pa.table(dict(Y)),
        "dict": {name: Y[name].to_numpy() for name in Y},
    }
    mach = mlj.fit(mlj.machine(small(), X, tables[kind]), verbosity=0)
    predicted = mlj.predict(mach, X)
    assert type(predicted) is type(tables[kind])
    wanted = mlj.predict(mlj.fit(mlj.machine(small(), X, Y), verbosity=0), X)
    if kind == "numpy":
        assert predicted.tobytes() == wanted.to_numpy().tobytes()
    else:
        assert np.asarray(predicted["size"]).tobytes() == wanted["size"].to_numpy().tobytes()


def test_one_target_column_in_a_table_gives_a_table(X: pd.DataFrame, Y: pd.DataFrame) -> None:
    mach = mlj.fit(mlj.machine(small(), X, Y[["size"]]), verbosity=0)
    assert mlj.predict(mach, X).shape == (N_ROWS, 1)


def test_a_target_that_cannot_be_learned_is_named_by_column(
    X: pd.DataFrame, Y: pd.DataFrame
) -> None:
    gone, infinite = Y.copy(), Y.copy()
    gone.iloc[3, 1] = np.nan
    infinite.iloc[4, 0] = np.inf
    with pytest.raises(MissingValuesError, match=r"column 'size' of y has 1 missing .*rows 3"):
        mlj.machine(small(), X, gone)
    with pytest.raises(NonFiniteError, match=r"target column 'price' has 1 .*\[4\].*is inf"):
        mlj.machine(small(), X, infinite)
    with pytest.raises(ScitypeError, match=r"y is Vector\[Continuous\], and Table\[Continuous\]"):
        mlj.machine(small(), X, Y["size"])
