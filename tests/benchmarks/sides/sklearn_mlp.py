"""scikit-learn's MLPRegressor, on float32; it has dense networks only."""

from __future__ import annotations

import warnings

from cases import Case, Dense
from data import Data, frame_of, new_rows
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from turns import Prepared, many_calls, seconds

# It warns whenever it trains for all the epochs it was asked for.
warnings.filterwarnings("ignore", category=ConvergenceWarning)


def training(case: Case) -> Prepared | None:
    """Seconds per epoch, the draw of weights included, which `fit` does itself; None for networks
    that it does not have."""
    prepared = anew(case)
    if prepared is None:
        return None
    prepared.turn()

    def turn() -> tuple[float, float | None]:
        spent, loss = prepared.turn()
        return spent / case.epochs, loss

    return Prepared(turn)


def anew(case: Case) -> Prepared | None:
    """Seconds of a new regressor and its fit; None for networks that it does not have."""
    rows = case.make()
    if not isinstance(case.network, Dense) or rows.levels:
        return None

    def turn() -> tuple[float, float]:
        made: list[MLPRegressor] = []
        spent = seconds(lambda: made.append(regressor(case).fit(rows.X, rows.y)))
        return spent, rows.loss(made[0].predict(rows.X))

    return Prepared(turn)


def predicting(case: Case) -> Prepared:
    """Seconds of `predict`."""
    rows: Data = case.make()
    fitted = regressor(case).fit(rows.X, rows.y)
    new = new_rows(case.n_new, rows.X.shape[1])
    if case.pandas:
        frame = frame_of(new)
        return many_calls(lambda: fitted.predict(frame.to_numpy()))
    return many_calls(lambda: fitted.predict(new))


def regressor(case: Case) -> MLPRegressor:
    """The case's network, without penalty and without stopping early."""
    return MLPRegressor(
        hidden_layer_sizes=case.network.hidden,
        batch_size=case.batch,
        max_iter=case.epochs,
        alpha=0,
        tol=0,
        n_iter_no_change=10**6,
        learning_rate_init=1e-3,
        random_state=1,
    )
