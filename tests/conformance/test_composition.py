"""Pipelines, target transforms and stacks: items 24 to 26 of the conformance list; kinds of
tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, ModelWarning
from tests.batteries import stacking
from tests.batteries.counting import Mean, Shift, X, Y, trained

IRIS, SPECIES = mlj.load_iris()


def net(**changes: Any) -> Any:
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 3, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkClassifier(**given | changes)


def fitted(pipe: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(pipe, *data), verbosity=0, **options)


@pytest.mark.parametrize(
    ("change", "done"),
    [
        (lambda pipe: None, []),
        (lambda pipe: pipe.set("mean.epochs", 4), ["update mean 3"]),
        (lambda pipe: pipe.set("mean.bias", 1.0), ["fit mean 1"]),
        (lambda pipe: pipe.set("shift.by", 1.0), ["update shift", "fit mean 1"]),
        (lambda pipe: pipe.set("shift", mlj.Standardizer()), ["fit mean 1"]),
        (lambda pipe: pipe.set("mean", Mean(bias=2.0)), ["fit mean 1"]),
    ],
)
def test_24_a_change_trains_what_it_has_to(change: Any, done: list[str]) -> None:
    pipe = Shift() | Mean()
    mach = fitted(pipe, X, Y)
    trained()
    change(pipe)
    mlj.fit(mach, verbosity=0)
    assert trained() == done
    at_once = fitted(pipe, X, Y)
    np.testing.assert_allclose(mlj.predict(mach), mlj.predict(at_once))


def test_24_other_rows_and_force_train_all_but_what_is_frozen() -> None:
    pipe = mlj.Pipeline(shift=mlj.Freezable(Shift()), mean=Mean())
    mach = fitted(pipe, X, Y)
    trained()
    mlj.fit(mach, rows=[0, 1, 2], verbosity=0)
    assert trained() == ["fit shift", "fit mean 1"]
    mlj.fit(mach, rows=[0, 1, 2], force=True, verbosity=0)
    assert trained() == ["fit shift", "fit mean 1"]
    pipe.shift.frozen = True
    mlj.fit(mach, rows=[0, 1], verbosity=-1)
    assert trained() == ["fit mean 1"]


def test_25_predictions_are_on_the_scale_of_the_target() -> None:
    diabetes, progress = mlj.load_diabetes()
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 30, "batch_size": 16, "rng": 1}
    regressor = mlj.NeuralNetworkRegressor(**given)
    options: dict[str, dict[str, Any]] = {
        "a model": {"transformer": mlj.Standardizer()},
        "functions": {"transformer": np.log, "inverse": np.exp},
    }
    for each in options.values():
        model = mlj.TransformedTargetModel(regressor, **each)
        found = np.asarray(mlj.predict(fitted(model, diabetes, progress)))
        assert mlj.rms(found, progress) < 60 < progress.std()
    with pytest.warns(ModelWarning, match="on the transformed scale"):
        alone = fitted(
            mlj.TransformedTargetModel(regressor, transformer=np.log), diabetes, progress
        )
    assert np.asarray(mlj.predict(alone)).max() < np.log(progress).max() + 1


def test_26_each_model_is_fitted_once_more_than_there_are_folds() -> None:
    for make, data, columns in (
        (stacking.classes, (stacking.X10, stacking.Y10), 6),
        (stacking.numbers, stacking.diabetes(10), 2),
    ):
        model = make(resampling=mlj.CV(nfolds=3))
        trained()
        mach = fitted(model, *data)
        done = [each.split()[1] for each in trained()]
        assert {name: done.count(name) for name in done[:-1]} == {"a": 4, "b": 4}
        assert done[-1] in ("judge", "umpire") and len(done) == 9
        assert stacking.given(mach)["X"].shape == (10, columns)
    with pytest.raises(InvalidModelError, match=r"b \(LinearSVC\) predicts labels"):
        stacking.classes(b=stacking.learner("LinearSVC"))


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "dict"])
def test_every_kind_of_table_gives_the_same_and_comes_back_as_it_was(kind: str) -> None:
    frame = IRIS.assign(colour=pd.Categorical(["red", "green", "blue"] * 50))
    make: Any = {
        "pandas": lambda table: table,
        "polars": lambda table: pl.DataFrame(
            {n: c.astype(object) if n == "colour" else c.to_numpy() for n, c in table.items()},
            schema_overrides={"colour": pl.Categorical},
        ),
        "pyarrow": lambda table: pa.Table.from_pandas(table, preserve_index=False),
        "dict": lambda table: {name: column.array for name, column in table.items()},
    }[kind]
    pipe = mlj.Standardizer() | mlj.OneHotEncoder() | net()
    wanted = mlj.predict(fitted(pipe, frame, SPECIES)).to_numpy()
    mach = fitted(pipe, make(frame), SPECIES)
    np.testing.assert_array_equal(mlj.predict(mach, make(frame)).to_numpy(), wanted)
    steps = fitted(mlj.Standardizer() | mlj.OneHotEncoder(), make(frame))
    assert type(mlj.transform(steps)) is type(make(frame))


def test_a_level_that_few_rows_have_is_known_in_every_fold_also_of_polars() -> None:
    colours = ["red"] * 149 + ["green"]
    table = pl.DataFrame({"a": np.arange(150.0), "c": pl.Series(colours, dtype=pl.Categorical)})
    pipe = mlj.Standardizer() | mlj.OneHotEncoder() | net()
    e = mlj.evaluate(pipe, table, SPECIES, resampling=mlj.StratifiedCV(nfolds=3), verbosity=0)
    assert np.isfinite(e.per_fold[0]).all()


def test_columns_that_no_step_touches_are_the_users_own() -> None:
    frame = IRIS.assign(n=pd.array([1, None, 3] * 50, dtype="Int64"))
    found = mlj.transform(fitted(mlj.Standardizer() | mlj.Standardizer(), frame))
    assert found["n"].dtype == "Int64" and found.index.equals(frame.index)


def test_functions_and_models_of_ones_own_get_the_users_kind_of_table() -> None:
    kinds: list[type] = []

    def noted(table: Any) -> Any:
        kinds.append(type(table))
        return table

    class Noting(mlj.Unsupervised):
        def fit(self, verbosity: int, X: Any) -> None:
            noted(X)

        def transform(self, fitresult: None, Xnew: Any) -> Any:
            return noted(Xnew)

    fitted(mlj.Standardizer() | noted | Noting() | net(), IRIS, SPECIES)
    assert set(kinds) == {pd.DataFrame} and len(kinds) >= 3
