"""`TrainedModels`: what a wrapper has learned: one trained model, or several whose predictions are
averaged.

Knows machines and distributions. Source: MLJIteration.jl, src/core.jl (there a machine).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.data.columns import as_floats, column_of, column_out, is_numeric
from mlj_keras.data.edges import outward
from mlj_keras.data.tables import is_table, table_of, table_out
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.source import Source
from mlj_keras.models import FitOutcome
from mlj_keras.models.learned import check_learned
from mlj_keras.probability import UnivariateFiniteVector
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class TrainedModels:
    """Trained models, each with what it has learned; the first stands for all where there can be
    one only."""

    members: tuple[tuple[Any, FitOutcome], ...]

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        if not self.members:
            raise ValueError("it has no trained model")
        for model, outcome in self.members:
            check_learned(model, outcome)

    @property
    def model(self) -> Any:
        """The model as it was trained."""
        return self.members[0][0]

    @property
    def outcome(self) -> FitOutcome:
        """What it has learned."""
        return self.members[0][1]

    def need(self, operation: str) -> TrainedModels:
        """Itself: it is trained."""
        return self

    def with_trained(self, trained: TrainedModels) -> TrainedModels:
        """Others in its place."""
        return trained

    def apply(self, operation: str, Xnew: Any) -> Any:
        """An operation of the model; the mean of the predictions of several."""
        found = [_apply(model, outcome, operation, Xnew) for model, outcome in self.members]
        return found[0] if len(found) == 1 or operation != "predict" else mean_prediction(found)

    def machine(self, n_args: int) -> Machine:
        """A trained machine without data, of the model."""
        mach = Machine(self.model, tuple(Source(None) for _ in range(n_args)))
        mach.replace_outcome(self.model, self.outcome)
        mach.container = type(self.model)
        return mach


def _apply(model: Any, outcome: FitOutcome, operation: str, Xnew: Any) -> Any:
    given = outward(Xnew) if model.native_data else Xnew
    return getattr(type(model), operation)(model, outcome.fitresult, given)


def mean_prediction(predictions: list[Any], weights: Any = None) -> Any:
    """The mean of predictions of the same rows: of distributions over the same classes, of columns
    or tables of numbers; of the kind of the first.

    Args: predictions · weights: of each, or None.
    Raises: UnsupportedOperation for anything else, such as labels.
    Example:
        >>> mean_prediction([np.array([1.0, 2.0]), np.array([3.0, 2.0])])
        array([2., 2.])

    Source: ours.
    """
    first = predictions[0]
    if isinstance(first, UnivariateFiniteVector):
        other = next((each.levels for each in predictions if each.levels != first.levels), None)
        if other is not None:
            raise UnsupportedOperation(
                "Distributions over different classes have no mean: some are over "
                f"{list(first.levels)!r:.60}, others over {list(other)!r:.60}. Let the model "
                "predict all levels of the target."
            )
        numbers = [each.to_numpy() for each in predictions]
        probabilities = np.average(numbers, axis=0, weights=weights)
        return UnivariateFiniteVector(
            probabilities,
            first.levels,
            ordered=first.ordered,
            origin=first.origin,
            index=first.index,
        )
    if is_table(first):
        tables = [table_of(each) for each in predictions]
        columns = [_mean([t.column(n) for t in tables], weights) for n in tables[0].names]
        return table_out(tables[0].names, columns, tables[0].origin, tables[0].index)
    read = [column_of(each) for each in predictions]
    mean = _mean([column.values for column in read], weights)
    return column_out(mean, read[0].origin, read[0].index)


def _mean(values: list[Any], weights: Any) -> np.ndarray:
    if not all(map(is_numeric, values)):
        raise UnsupportedOperation(
            "Predictions are averaged, and these are labels. Take a model that predicts "
            "probabilities; of Snapshots, average='weights'."
        )
    return np.average([as_floats(each) for each in values], axis=0, weights=weights)
