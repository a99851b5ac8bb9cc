"""What a result does not depend on, told by digests: how epochs are cut, what was trained before,
the kind of the table, where and when; and what it does depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from tests.batteries.oracles import digest_of, factor, fitted, numbers

N_ROWS = 13  # three batches of four, and one of a single row
X, Y = numbers(N_ROWS, 3), numbers(N_ROWS, 1, seed=1)[:, 0]
FRAME = pd.DataFrame({"left": X[:, 0], "kind": factor(N_ROWS, 4), "right": X[:, 1]})
PIXELS = np.random.default_rng(0).uniform(size=(N_ROWS, 5, 5)).astype("float32")


class Normalised(mlj.Builder):
    """Batch normalisation and dropout, one of them, or none; of tables and images."""

    dropout: float = 0.5
    normalised: bool = True

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = keras.layers.Dense(4)(keras.layers.Flatten()(inputs))
        if self.normalised:
            hidden = keras.layers.BatchNormalization()(hidden)
        return keras.layers.Dense(n_out)(keras.layers.Dropout(self.dropout)(hidden))


# Every container, with an optimiser of its own.
MODELS: dict[str, tuple[Any, Any, tuple[Any, Any]]] = {
    "regressor": (mlj.NeuralNetworkRegressor, mlj.SGD(0.01, momentum=0.9, nesterov=True), (X, Y)),
    "multitarget": (
        mlj.MultitargetNeuralNetworkRegressor,
        mlj.Adafactor(0.01),
        (X, numbers(N_ROWS, 2, seed=2)),
    ),
    "classifier": (
        mlj.NeuralNetworkClassifier,
        mlj.RMSprop(0.01, use_ema=True),
        (FRAME, factor(N_ROWS, 3)),
    ),
    "binary": (mlj.NeuralNetworkBinaryClassifier, mlj.Ftrl(0.01), (FRAME, factor(N_ROWS, 2))),
    "images": (mlj.ImageClassifier, mlj.Nadam(0.01), (PIXELS, factor(N_ROWS, 3))),
    "image regressor": (mlj.ImageRegressor, mlj.Lion(0.01), (PIXELS, Y)),
}
BUILDERS = {
    "both": Normalised(),
    "dropout alone": Normalised(normalised=False),
    "neither": Normalised(dropout=0.0, normalised=False),
}
GRID = [*((name, "both") for name in MODELS), *(("regressor", b) for b in list(BUILDERS)[1:])]


def made(name: str = "regressor", **given: Any) -> Any:
    model, optimiser, _ = MODELS[name]
    options = {"builder": BUILDERS["both"], "batch_size": 4, "rng": 3, "epochs": 3, **given}
    return model(optimiser=optimiser, **options)


def values_of(predicted: Any) -> np.ndarray:
    """Predictions as numbers."""
    return np.asarray(predicted.to_numpy() if hasattr(predicted, "to_numpy") else predicted)


@pytest.mark.parametrize(("name", "builder"), GRID)
def test_ten_epochs_are_ten_epochs_and_another_seed_is_another_result(
    name: str, builder: str
) -> None:
    def digest(stages: tuple[int, ...], rng: int = 1) -> str:
        model = made(name, builder=BUILDERS[builder], rng=rng)
        return digest_of(model, MODELS[name][2], stages)

    whole = digest((10,))
    assert [digest(stages) for stages in ((10,), (5, 5), (3, 3, 4))] == [whole] * 3
    assert digest((10,), rng=2) != whole


def test_what_was_made_and_trained_before_or_between_changes_nothing() -> None:
    alone = digest_of(made(), (X, Y), (2, 2))
    for name in ("images", "classifier", "regressor"):
        fitted(made(name, rng=9), *MODELS[name][2])
    mach, others = mlj.machine(made(epochs=2), X, Y), mlj.machine(made(rng=8), X, Y)
    mlj.fit(others, verbosity=0)
    mlj.fit(mach, verbosity=0)
    others.model.epochs, mach.model.epochs = 9, 4
    mlj.fit(others, verbosity=0)
    mlj.predict(others)
    assert mlj.snapshot(mlj.fit(mach, verbosity=0)).digest() == alone


POOL = [*FRAME["kind"].cat.categories]
CODES = pa.array(FRAME["kind"].cat.codes.to_numpy(), pa.int32())
KIND = pa.DictionaryArray.from_arrays(CODES, pa.array(POOL))
TABLES: dict[str, Callable[[], Any]] = {
    "pandas of other dtypes": lambda: FRAME.astype({"left": "float64", "right": "Float32"}),
    "pandas with labels": lambda: FRAME.set_index(pd.Index([*"abcdefghijklm"])),
    "polars": lambda: pl.DataFrame(
        {
            "left": X[:, 0],
            "kind": pl.Series([*FRAME["kind"]], dtype=pl.Enum(POOL)),
            "right": X[:, 1],
        }
    ),
    "pyarrow": lambda: pa.table({"left": X[:, 0], "kind": KIND, "right": X[:, 1]}),
    "pyarrow in pieces": lambda: pa.concat_tables(
        [TABLES["pyarrow"]().slice(0, 5), TABLES["pyarrow"]().slice(5)]
    ),
    "a dict": lambda: {"left": X[:, 0], "kind": FRAME["kind"], "right": X[:, 1]},
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_the_same_values_train_the_same_bytes(kind: str) -> None:
    y = factor(N_ROWS, 3)
    ours = fitted(made("classifier"), FRAME, y)
    theirs = fitted(made("classifier"), TABLES[kind](), y.array)
    assert mlj.snapshot(theirs).network.digest() == mlj.snapshot(ours).network.digest()
    np.testing.assert_array_equal(
        mlj.predict(theirs, TABLES[kind]()).to_numpy(), mlj.predict(ours).to_numpy()
    )


MATRICES: dict[str, Callable[[], Any]] = {
    "float64": lambda: X.astype("float64"),
    "column by column": lambda: np.asfortranarray(X),
    "a view": lambda: np.repeat(X, 2, axis=0)[::2],
    "big-endian": lambda: X.astype(">f4"),
    "pandas": lambda: pd.DataFrame(X),
    "polars": lambda: pl.from_numpy(X),
}


@pytest.mark.parametrize("kind", MATRICES)
def test_matrices_of_the_same_values_train_the_same_bytes(kind: str) -> None:
    ours, theirs = fitted(made(), X, Y), fitted(made(), MATRICES[kind](), Y.astype("float64"))
    assert mlj.snapshot(theirs).network.digest() == mlj.snapshot(ours).network.digest()


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_columns_are_found_by_name_whatever_their_order(kind: str) -> None:
    names = ["right", "left", "kind"]
    mach = fitted(made("classifier"), FRAME, factor(N_ROWS, 3))
    given = FRAME[names] if kind == "pandas" else TABLES[kind]().select(names)
    np.testing.assert_array_equal(
        mlj.predict(mach, given).to_numpy(), mlj.predict(mach, FRAME).to_numpy()
    )


def test_what_models_of_other_packages_have_learned_is_part_of_a_pipelines_digest() -> None:
    def digest(y: np.ndarray) -> str:
        ridge = mlj.load("Ridge")(random_state=1)
        return str(mlj.snapshot(fitted(mlj.Standardizer() | ridge, X, y)).digest())

    assert digest(Y) == digest(Y.copy()) != digest(Y + X[:, 0])


def test_rows_are_trained_on_in_the_order_in_which_they_are_named() -> None:
    order = [7, 2, 9, 4, 0, 11, 5]
    digests = {}
    for name, rows in {
        "listed": order,
        "an array": np.array(order),
        "sorted": sorted(order),
    }.items():
        mach = mlj.machine(made(shuffle=False), X, Y)
        digests[name] = mlj.snapshot(mlj.fit(mach, rows=rows, verbosity=0)).digest()
    taken = fitted(made(shuffle=False), X[order], Y[order])
    assert digests["listed"] == digests["an array"] == mlj.snapshot(taken).digest()
    assert digests["sorted"] != digests["listed"]


MASK = (np.arange(N_ROWS) >= 2) & (np.arange(N_ROWS) < 8)


@pytest.mark.parametrize("rows", [range(2, 8), slice(2, 8), np.arange(2, 8), MASK], ids=repr)
def test_rows_may_be_named_in_any_way(rows: Any) -> None:
    named, listed = (
        mlj.snapshot(mlj.fit(mlj.machine(made(), X, Y), rows=each, verbosity=0)).digest()
        for each in (rows, [2, 3, 4, 5, 6, 7])
    )
    assert named == listed


@pytest.mark.parametrize("name", MODELS)
def test_rows_predicted_one_by_one_are_those_predicted_together(name: str) -> None:
    data, y = MODELS[name][2]
    mach = fitted(made(name), data, y)
    together = values_of(mlj.predict(mach))
    for size in (1, 5):
        parts = [
            mlj.predict(mach, rows=range(N_ROWS)[i : i + size]) for i in range(0, N_ROWS, size)
        ]
        np.testing.assert_allclose(
            np.concatenate([values_of(part) for part in parts]), together, rtol=1e-6, atol=1e-6
        )


def test_one_replica_trains_the_bytes_of_no_strategy() -> None:
    alone = digest_of(made(acceleration=mlj.CPU1()), (X, Y), (3,))
    assert digest_of(made(acceleration=mlj.Mirrored(["CPU:0"])), (X, Y), (3,)) == alone
