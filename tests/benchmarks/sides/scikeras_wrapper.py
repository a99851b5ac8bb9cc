"""SciKeras: Keras behind scikit-learn's interface. Its compiled model is kept between turns."""

from __future__ import annotations

from cases import Case
from data import Data, new_rows
from scikeras.wrappers import KerasRegressor
from sides.keras_default import compiled
from sides.keras_networks import FreshWeights
from turns import Prepared, many_calls, seconds


def training(case: Case) -> Prepared:
    """Seconds per epoch of `fit` from fresh weights; compiled before."""
    rows = case.make()
    # A warm start keeps the model, which would be compiled anew in every fit otherwise.
    estimator = regressor(case, rows, epochs=case.epochs).initialize(rows.X, rows.y)
    fresh = FreshWeights(estimator.model_)
    estimator.fit(rows.X, rows.y)

    def turn() -> tuple[float, float]:
        fresh.put_back()
        spent = seconds(lambda: estimator.fit(rows.X, rows.y))
        return spent / case.epochs, rows.loss(estimator.predict(rows.X, batch_size=4_096))

    return Prepared(turn)


def predicting(case: Case) -> Prepared:
    """Seconds of `predict`."""
    rows = case.make()
    estimator = regressor(case, rows, epochs=1).fit(rows.X, rows.y)
    new = new_rows(case.n_new, rows.X.shape[1])
    return many_calls(lambda: estimator.predict(new))


def regressor(case: Case, rows: Data, *, epochs: int) -> KerasRegressor:
    """The case's network with Adam."""
    return KerasRegressor(
        model=lambda: compiled(case, rows),
        epochs=epochs,
        batch_size=case.batch,
        verbose=0,
        warm_start=True,
    )
