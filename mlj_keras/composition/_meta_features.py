"""What a stack makes of predictions: the features that its metalearner learns from, and the
measurements of each model's own predictions.

Knows data and measures; no network. Source: MLJBase.jl, src/composition/models/stacking.jl
(`pre_judge_transform`, `store_for_evaluation`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.data.columns import Column, as_floats, column_of, is_column, is_numeric
from mlj_keras.data.rows import selectrows
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.machine.source import Source, read, take
from mlj_keras.measures.reading import distributions_of
from mlj_keras.resampling.comparison import Evaluations
from mlj_keras.resampling.evaluation import evaluation_of
from mlj_keras.resampling.fold import Fold, Trial, measured
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """A function of data: these rows of them."""

    rows: np.ndarray

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        if self.rows.ndim != 1 or self.rows.dtype.kind not in "iu" or (self.rows < 0).any():
            raise ValueError("its rows are no positions")

    def __call__(self, data: Any) -> Any:
        inner = read(data)
        own = isinstance(inner, InnerTable | Column)
        return take(inner, self.rows) if own else selectrows(inner, self.rows)


@storable
def meta_features(X: Any, *predictions: Any) -> InnerTable:
    """A table of the predictions of the same rows, one model's after another's: the probability
    of each class, or numbers; the mean of any other distribution.

    Raises: UnsupportedOperation for labels.
    """
    block = np.column_stack([_numbers(each) for each in predictions])
    return dataclasses.replace(table_of(block), index=getattr(X, "index", None))


def _numbers(prediction: Any) -> np.ndarray:
    vector = distributions_of(prediction)
    if vector is not None:
        return np.asarray(vector.to_numpy())
    if is_table(prediction):
        table = table_of(prediction)
        return np.column_stack([as_floats(table.column(name)) for name in table.names])
    if is_column(prediction):
        column = column_of(prediction)
        if is_numeric(column.values):
            return as_floats(column.values)
    elif hasattr(prediction, "mean"):  # distributions of all rows in one
        return np.asarray(prediction.mean())
    if all(hasattr(each, "mean") and not isinstance(each, np.generic) for each in prediction):
        return np.array([each.mean() for each in prediction])
    raise UnsupportedOperation(
        "A stack learns from probabilities or numbers, and a model in it predicts labels."
    )


@storable
def joined(*folds: InnerTable) -> InnerTable:
    """The meta-features of all folds, fold after fold."""
    blocks = [fold.block for fold in folds if fold.block is not None]
    return table_of(np.concatenate(blocks))


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class InternalMeasures:
    """A function of the target and of predictions: evaluations of the models, by name.

    Args: trials: by name, without data · resampling: the strategy · repeats: of it. Predictions
    come model by model, of each fold by fold, of that by the trial's different operations.
    """

    trials: Mapping[str, Trial]
    resampling: Any
    repeats: int

    def __call__(self, y: Any, *predictions: Any) -> Evaluations:
        given, truth = iter(predictions), Source(y)
        found = {}
        for name, trial in self.trials.items():
            folds = []
            for _, test in trial.pairs:
                by_name = {each: next(given) for each in dict.fromkeys(trial.operations)}
                own = truth.rows(test, native=True)
                folds.append(Fold(measured(trial, by_name, own, test)))
            found[name] = evaluation_of(trial, folds, name, self.resampling, self.repeats)
        return Evaluations(found)
