"""`EntityEmbedder`: the battery, warm restart through the wrapped model, the columns it gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.engine import training
from mlj_keras.engine.progress import Progress
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ScitypeError,
    UnsupportedOperation,
)
from tests.batteries.containers import check_container, state_bytes

N_ROWS = 24


def network(**changes: Any) -> mlj.NeuralNetworkClassifier:
    """One structure for most tests of this file."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8}
    return mlj.NeuralNetworkClassifier(**{**values, "rng": 1, **changes})


@pytest.fixture
def X() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    town = pd.Categorical.from_codes(
        rng.integers(4, size=N_ROWS), categories=pd.Index(list("pqrs"))
    )
    return pd.DataFrame({"age": rng.normal(size=N_ROWS), "town": town}, index=range(9, 33))


@pytest.fixture
def y(X: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.Categorical(["no", "yes"] * (N_ROWS // 2)), index=X.index, name="ill")


def test_the_battery_of_containers(X: pd.DataFrame, y: pd.Series) -> None:
    check_container(mlj.EntityEmbedder(network()), X, y)


def test_the_table_is_that_of_the_wrapped_network(X: pd.DataFrame, y: pd.Series) -> None:
    embedder = mlj.fit(mlj.machine(mlj.EntityEmbedder(network()), X, y), verbosity=0)
    alone = mlj.fit(mlj.machine(network(), X, y), verbosity=0)
    assert state_bytes(embedder) == state_bytes(alone)
    table = mlj.transform(embedder, X)
    assert list(table) == ["age", "town_1", "town_2", "town_3"]
    assert table.index.equals(X.index)
    pd.testing.assert_frame_equal(table, mlj.transform(alone, X))
    vectors = mlj.fitted_params(embedder).embeddings["town"]
    np.testing.assert_array_equal(table.iloc[:, 1:], vectors[X["town"].cat.codes])


def test_the_wrapped_model_may_be_a_regressor(X: pd.DataFrame) -> None:
    model = mlj.EntityEmbedder(mlj.NeuralNetworkRegressor(epochs=1, batch_size=8, rng=1))
    mach = mlj.fit(mlj.machine(model, X, X["age"] * 2), verbosity=0)
    assert mlj.transform(mach, X).shape == (N_ROWS, 4)


def test_raising_the_wrapped_epochs_continues_and_lowering_them_starts_anew(
    X: pd.DataFrame, y: pd.Series
) -> None:
    model = mlj.EntityEmbedder(network(epochs=1))
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    first = mlj.training_losses(mach)
    model.set("model.epochs", 3)
    mlj.fit(mach, verbosity=0)
    assert mlj.training_losses(mach)[:1].tolist() == first.tolist()
    assert len(mlj.training_losses(mach)) == 3
    model.model.epochs = 1
    assert mlj.training_losses(mlj.fit(mach, verbosity=0)).tolist() == first.tolist()


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "dict"])
def test_the_table_comes_back_as_the_kind_it_was(kind: str, X: pd.DataFrame, y: pd.Series) -> None:
    labels = list(X["town"])
    tables: dict[str, Any] = {
        "polars": pl.DataFrame(
            {"age": X["age"].to_numpy(), "town": pl.Series(labels, dtype=pl.Categorical)}
        ),
        "pyarrow": pa.table({"age": X["age"].to_numpy(), "town": pa.array(labels)}),
        "dict": {"age": X["age"].to_numpy(), "town": X["town"].array},
    }
    tables["pyarrow"] = mlj.coerce(tables["pyarrow"], {"town": mlj.Multiclass})
    mach = mlj.fit(mlj.machine(mlj.EntityEmbedder(network()), tables[kind], y), verbosity=0)
    table = mlj.transform(mach, tables[kind])
    assert type(table) is type(tables[kind])
    wanted = mlj.transform(mlj.fit(mlj.machine(network(), X, y), verbosity=0), X)
    assert np.asarray(table["town_2"]).tolist() == wanted["town_2"].tolist()


def test_it_predicts_nothing_and_wraps_networks_of_tables_only(
    X: pd.DataFrame, y: pd.Series
) -> None:
    mach = mlj.fit(mlj.machine(mlj.EntityEmbedder(network()), X, y), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="EntityEmbedder has no predict. It has: tran"):
        mlj.predict(mach, X)
    with pytest.raises(InvalidModelError, match=r"networ.*such as NeuralNetworkClassifier\(\)"):
        mlj.EntityEmbedder(mlj.ImageClassifier())
    with pytest.raises(InvalidModelError, match="got the class NeuralNetworkClassifier"):
        mlj.EntityEmbedder(mlj.NeuralNetworkClassifier)
    with pytest.raises(ScitypeError, match=r"EntityEmbedder cannot .*y = coerce\(y, Multiclass\)"):
        mlj.machine(mlj.EntityEmbedder(network()), X, list(y))


def test_an_interrupted_fit_keeps_whole_epochs_and_goes_on(
    X: pd.DataFrame, y: pd.Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = mlj.fit(mlj.machine(mlj.EntityEmbedder(network(epochs=3)), X, y), verbosity=0)
    mach = mlj.machine(mlj.EntityEmbedder(network(epochs=3)), X, y)
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "__call__", interrupt)
        patch.setattr(training, "SECONDS_PER_CALL", 0.0)  # an epoch a call
        with pytest.raises(KeyboardInterrupt):
            mlj.fit(mach, verbosity=0)
    assert mach.container is mlj.EntityEmbedder
    assert mlj.report(mach).epochs == 1
    assert mlj.snapshot(mlj.fit(mach, verbosity=0)) == mlj.snapshot(whole)


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_the_network_can_be_exported(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(mlj.EntityEmbedder(network()), X, y), verbosity=0)
    age = X[["age"]].to_numpy()
    codes = X["town"].cat.codes.to_numpy()[:, None]
    expected = mlj.fit(mlj.machine(network(), X, y), verbosity=0).predict(X).to_numpy()
    np.testing.assert_allclose(mlj.to_keras(mach)([age, codes]), expected, atol=1e-6)


def test_columns_that_are_no_factors_keep_their_dtypes(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(mlj.EntityEmbedder(network(epochs=0)), X, y), verbosity=0)
    new = X.assign(age=X["age"].astype("Float64"), note=pd.array(["p"] * N_ROWS, dtype="string"))
    table = mlj.transform(mach, new)
    assert list(table) == ["age", "town_1", "town_2", "town_3", "note"]
    pd.testing.assert_frame_equal(table[["age", "note"]], new[["age", "note"]])
    assert set(table.dtypes.astype(str)[1:4]) == {"float32"}
    few = mlj.transform(mach, rows=[3, 1])
    pd.testing.assert_frame_equal(few, mlj.transform(mach, X).iloc[[3, 1]])


def test_a_missing_factor_has_no_embedding(X: pd.DataFrame, y: pd.Series) -> None:
    mach = mlj.fit(mlj.machine(mlj.EntityEmbedder(network(epochs=0)), X, y), verbosity=0)
    gap = X.assign(town=X["town"].where(X.index != 11))
    with pytest.raises(MissingValuesError, match=r"column 'town' has 1 \(first rows 2\)"):
        mlj.transform(mach, gap)


def test_a_specification_picks_the_container_that_is_wrapped(
    X: pd.DataFrame, y: pd.Series
) -> None:
    options = {"epochs": 2, "batch_size": 16, "rng": 1}
    mach = mlj.machine(mlj.EntityEmbedder(mlj.NeuralNetwork(**options)), X, y)
    container = mlj.container_for(X, y)
    own = mlj.machine(mlj.EntityEmbedder(container(**options)), X, y)
    assert type(mach.current_model().model) is container
    assert mlj.snapshot(mach.fit(verbosity=0)) == mlj.snapshot(own.fit(verbosity=0))
    mach.model.model.epochs = 4
    assert mlj.report(mach.fit(verbosity=0)).epochs == 4 and mach.state == 2
