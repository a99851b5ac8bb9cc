"""Models of the user's own work everywhere machines do, on data as the user gave them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, NotTrainedError, RowsError, UnsupportedOperation

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(30, 3))
TARGET = MATRIX @ [1.0, -2.0, 0.5] + 3
COLUMNS = {name: MATRIX[:, k].copy() for k, name in enumerate("abc")}
TABLES: dict[str, Any] = {
    "pandas": pd.DataFrame(COLUMNS),
    "polars": pl.DataFrame(COLUMNS),
    "numpy": MATRIX,
}


class Ridge(mlj.Deterministic):
    """Least squares with a penalty on the squares of the coefficients, not on the intercept."""

    lambda_: float = mlj.param(0.0, kind=float, ge=0)

    def fit(self, verbosity: int, X: Any, y: Any) -> mlj.FitOutcome:
        A, b = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        centre = A.mean(axis=0)
        C = A - centre
        beta = np.linalg.solve(C.T @ C + self.lambda_ * np.eye(A.shape[1]), C.T @ (b - b.mean()))
        fitresult = (beta, b.mean() - centre @ beta)
        return mlj.FitOutcome(fitresult, report={"n_rows": len(b), "kind": type(X).__name__})

    def predict(self, fitresult: Any, Xnew: Any) -> np.ndarray:
        beta, intercept = fitresult
        return np.asarray(np.asarray(Xnew, dtype=float) @ beta + intercept)


class Ranger(mlj.Unsupervised):
    """Columns scaled to [0, 1]."""

    traits: ClassVar[mlj.Traits] = mlj.Traits(
        supervised=False, input_scitype=mlj.Table[mlj.Continuous]
    )

    def fit(self, verbosity: int, X: Any) -> Any:
        low, high = X.min(), X.max()
        return low, high

    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        low, high = fitresult
        return (Xnew - low) / (high - low)

    def inverse_transform(self, fitresult: Any, Xnew: Any) -> Any:
        low, high = fitresult
        return Xnew * (high - low) + low


class Twice(mlj.Static):
    factor: float = 2.0

    def transform(self, fitresult: None, Xnew: Any) -> Any:
        return self.factor * Xnew


@pytest.mark.parametrize("kind", TABLES)
def test_a_regressor_gets_the_data_as_they_were_given(kind: str) -> None:
    X = TABLES[kind]
    mach = mlj.fit(mlj.machine(Ridge(), X, TARGET), rows=range(20), verbosity=0)
    assert mlj.report(mach)._asdict() == {"n_rows": 20, "kind": type(X).__name__}
    np.testing.assert_allclose(mlj.predict(mach, mlj.selectrows(X, [25, 21])), TARGET[[25, 21]])
    np.testing.assert_allclose(mlj.predict(mach, rows=[25, 21]), TARGET[[25, 21]])
    np.testing.assert_allclose(mlj.predict(mach), TARGET)
    beta, intercept = mlj.fitted_params(mach).fitresult
    np.testing.assert_allclose([*beta, intercept], [1.0, -2.0, 0.5, 3.0])


def test_a_regressor_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import Ridge as Oracle

    y = TARGET + RNG.normal(size=30)
    mach = mlj.fit(mlj.machine(Ridge(lambda_=2), TABLES["pandas"], y), verbosity=0)
    oracle = Oracle(alpha=2.0).fit(MATRIX, y)
    np.testing.assert_allclose(mlj.predict(mach), oracle.predict(MATRIX), rtol=1e-9)


def test_a_change_fits_again_from_scratch_and_no_change_does_not() -> None:
    model = Ridge()
    mach = mlj.fit(mlj.machine(model, TABLES["polars"], TARGET), verbosity=0)
    model.lambda_ = 1e12
    assert mlj.fit(mach, verbosity=0).state == 2
    np.testing.assert_allclose(mlj.predict(mach), TARGET.mean(), rtol=1e-6)
    assert mlj.fit(mach, verbosity=0).state == 2
    with pytest.raises(InvalidModelError, match="Ridge.lambda_ must be a number >= 0, got -1"):
        model.lambda_ = -1


def test_update_gets_what_was_learned_and_the_model_of_then() -> None:
    class Counting(mlj.Deterministic):
        rounds: int = 1

        def fit(self, verbosity: int, X: Any, y: Any) -> mlj.FitOutcome:
            return mlj.FitOutcome(list(range(self.rounds)), cache="kept")

        def update(
            self, verbosity: int, outcome: mlj.FitOutcome, old_model: Any, X: Any, y: Any
        ) -> mlj.FitOutcome:
            assert (outcome.cache, old_model.rounds) == ("kept", 1)
            more = [f"more {k}" for k in range(self.rounds - old_model.rounds)]
            return mlj.FitOutcome(outcome.fitresult + more, outcome.cache)

    model = Counting()
    mach = mlj.fit(mlj.machine(model, MATRIX, TARGET), verbosity=0)
    model.rounds = 3
    mlj.fit(mach, verbosity=0)
    assert mlj.fitted_params(mach).fitresult == [0, "more 0", "more 1"]


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_transformer_gives_the_kind_it_makes_and_can_be_undone(kind: str) -> None:
    X = TABLES[kind]
    if kind == "polars":  # polars aggregates to a frame of one row, NumPy does the rest

        class PolarsRanger(Ranger):
            def fit(self, verbosity: int, X: Any) -> Any:
                return X.min().row(0), X.max().row(0)

            def transform(self, fitresult: Any, Xnew: Any) -> Any:
                limits = zip(Xnew.columns, *fitresult, strict=True)
                return Xnew.with_columns((pl.col(c) - lo) / (hi - lo) for c, lo, hi in limits)

        mach = mlj.fit(mlj.machine(PolarsRanger(), X), verbosity=0)
    else:
        mach = mlj.fit(mlj.machine(Ranger(), X), verbosity=0)
        back = mlj.inverse_transform(mach, mlj.transform(mach))
        pd.testing.assert_frame_equal(back, X)
    found = mlj.transform(mach)
    assert type(found) is type(X)
    spread = (MATRIX - MATRIX.min(axis=0)) / np.ptp(MATRIX, axis=0)
    np.testing.assert_allclose(found.to_numpy(), spread)


def test_a_declared_scitype_is_checked_for_own_models_too() -> None:
    with pytest.raises(TypeError, match="Ranger cannot take these data: column 's' is Textual"):
        mlj.machine(Ranger(), pd.DataFrame({"s": ["x", "y"]}))


def test_a_static_model_works_untrained_and_follows_its_fields_when_fitted() -> None:
    model = Twice()
    mach = mlj.machine(model)
    assert mlj.transform(mach, 4) == 8.0
    model.factor = 3.0
    assert mlj.transform(mlj.fit(mach, verbosity=0), 4) == 12.0
    with pytest.raises(ValueError, match=r"transform needs data: transform\(mach, Xnew\)"):
        mlj.transform(mach)
    with pytest.raises(ValueError, match="transform needs data"):
        mlj.transform(mach, rows=[0])


def test_an_operation_that_a_model_lacks_raises_with_those_it_has() -> None:
    ridge = mlj.fit(mlj.machine(Ridge(), MATRIX, TARGET), verbosity=0)
    ranger = mlj.fit(mlj.machine(Ranger(), TABLES["pandas"]), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="Ridge has no transform. It has: predict."):
        mlj.transform(ridge, MATRIX)
    with pytest.raises(
        UnsupportedOperation,
        match="Ranger has no predict. It has: transform, inverse_transform.",
    ):
        mlj.predict(ranger)

    class Bare(mlj.Unsupervised):
        def fit(self, verbosity: int, X: Any) -> None:
            return None

    with pytest.raises(UnsupportedOperation, match="Bare has no transform. It has: none."):
        mlj.transform(mlj.fit(mlj.machine(Bare(), MATRIX), verbosity=0))


def test_an_own_model_untrained_says_to_fit() -> None:
    with pytest.raises(
        NotTrainedError, match=r"predict needs a trained machine, and machine\(Rid"
    ):
        mlj.predict(mlj.machine(Ridge(), MATRIX, TARGET))


def test_arrow_tables_reach_own_models_as_arrow_tables() -> None:
    class Names(mlj.Unsupervised):
        def fit(self, verbosity: int, X: Any) -> Any:
            return X

    table = pa.table(COLUMNS)
    mach = mlj.fit(mlj.machine(Names(), table), rows=[0, 2], verbosity=0)
    assert mlj.fitted_params(mach).fitresult.equals(table.take([0, 2]))
    assert mlj.fitted_params(mlj.fit(mach, verbosity=0)).fitresult is table


def test_rows_of_data_that_have_none_are_refused() -> None:
    class Anything(mlj.Unsupervised):
        def fit(self, verbosity: int, X: Any) -> Any:
            return X

    mach = mlj.machine(Anything(), object())
    assert mlj.fit(mach, verbosity=0).state == 1
    with pytest.raises(RowsError, match="no rows to count"):
        mlj.fit(mach, rows=[0], verbosity=0)
