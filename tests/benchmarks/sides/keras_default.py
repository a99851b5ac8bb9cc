"""`keras.Model.fit` and `Model.predict` on arrays, with their defaults."""

from __future__ import annotations

import keras
from cases import Case
from data import Data, frame_of, new_rows
from sides.keras_networks import FreshWeights, features, loss_name, network, predict
from turns import Prepared, many_calls, seconds


def training(case: Case) -> Prepared:
    """Seconds per epoch of `fit` from fresh weights; compiled before."""
    rows = case.make()
    model = compiled(case, rows)
    fresh = FreshWeights(model)
    fit(model, case, rows, epochs=1)

    def turn() -> tuple[float, float]:
        fresh.put_back()
        spent = seconds(lambda: fit(model, case, rows, epochs=case.epochs))
        return spent / case.epochs, rows.loss(predict(model, rows))

    return Prepared(turn)


def anew(case: Case) -> Prepared:
    """Seconds of building, compiling and fitting."""
    rows = case.make()

    def turn() -> tuple[float, float]:
        keras.utils.clear_session()
        made: list[keras.Model] = []

        def work() -> None:
            made.append(compiled(case, rows))
            fit(made[0], case, rows, epochs=case.epochs)

        spent = seconds(work)
        return spent, rows.loss(predict(made[0], rows))

    return Prepared(turn)


def predicting(case: Case) -> Prepared:
    """Seconds of `predict`."""
    rows = case.make()
    model = compiled(case, rows)
    fit(model, case, rows, epochs=1)
    new = new_rows(case.n_new, rows.X.shape[1])
    if case.pandas:
        frame = frame_of(new)
        return many_calls(lambda: model.predict(frame.to_numpy(), verbose=0))
    return many_calls(lambda: model.predict(new, verbose=0))


def compiled(case: Case, rows: Data) -> keras.Model:
    """The case's network with Adam."""
    model = network(case, rows)
    model.compile("adam", loss_name(rows))
    return model


def fit(model: keras.Model, case: Case, rows: Data, *, epochs: int) -> None:
    """Train on the arrays."""
    model.fit(features(rows), rows.y, batch_size=case.batch, epochs=epochs, verbose=0)
