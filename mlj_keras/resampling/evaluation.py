"""`PerformanceEvaluation`: what an evaluation found, fold by fold and put together.

Knows measures and what folds give; trains nothing.
Source: MLJBase.jl, src/resampling/evaluation_results.jl and describe.jl.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.errors import UnsupportedOperation
from mlj_keras.machine.record import Record
from mlj_keras.measures.aggregation import total
from mlj_keras.measures.base import Measure
from mlj_keras.resampling.fold import Fold, Trial
from mlj_keras.resampling.representation import evaluation_html, evaluation_line, evaluation_text
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class PerformanceEvaluation:
    """How well a model does, by some measures on some folds. Made by `evaluate`.

    Attributes, lists with an entry for each measure:
        measure: the measures
        measurement: the aggregate over folds: floats, or what a measure gives
        operation: names of what was compared with the truth, such as "predict_mode"
        per_fold: (n_folds,) arrays, or lists of what is no number
        per_observation: for each fold an array (n_test,), by row and without weights; None where
            a measure has none, or it was not asked for
        uncertainty_radius_95: 1.96 standard errors of the mean over folds; inf for one fold,
            None for what is no number.
    And of the whole:
        model, tag (its name), train_test_rows (a pair of row positions a fold), resampling,
        repeats; fitted_params_per_fold and report_per_fold, lists of records.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> e = mlj.evaluate(model, X, y, resampling=mlj.CV(nfolds=3, rng=1),
        ...                  measures=[mlj.log_loss, mlj.accuracy], verbosity=0)
        >>> e.operation, len(e.per_fold[0]), 0 <= e.measurement[1] <= 1
        (['predict', 'predict_mode'], 3, True)

    Source: MLJBase.jl, src/resampling/evaluation_results.jl.
    """

    model: Any
    tag: str
    measure: list[Measure]
    measurement: list[Any]
    operation: list[str]
    per_fold: list[Any]
    per_observation: list[list[np.ndarray] | None]
    uncertainty_radius_95: list[float | None]
    train_test_rows: list[tuple[np.ndarray, np.ndarray]]
    resampling: Any
    repeats: int
    _trained: tuple[Any, ...] | None = None

    @property
    def fitted_params_per_fold(self) -> list[Record]:
        """What was learned in each fold; networks are made when asked for.

        Raises: UnsupportedOperation for a compact evaluation.
        """
        return [
            Record(**model.fitted_params(outcome.fitresult)) for model, outcome in self._kept()
        ]

    @property
    def report_per_fold(self) -> list[Record]:
        """The by-products of training of each fold.

        Raises: UnsupportedOperation for a compact evaluation.
        """
        return [Record(**outcome.report) for _, outcome in self._kept()]

    def _kept(self) -> tuple[Any, ...]:
        if self._trained is None:
            raise UnsupportedOperation(
                "A compact evaluation keeps nothing of the trained models. Call evaluate(..., "
                "compact=False)."
            )
        return self._trained

    def describe(self) -> dict[str, str]:
        """The tag, and each measurement with its radius, by the measures' names, for tables.

        Example: {"tag": "net", "log_loss": "0.21 ± 0.04"}.
        """
        facts = {"tag": self.tag}
        for name, value, radius in zip(
            unique_names(self.measure), self.measurement, self.uncertainty_radius_95, strict=True
        ):
            facts[name] = evaluation_line([value], [radius])
        return facts

    def __repr__(self) -> str:
        return evaluation_text(self)

    def _repr_html_(self) -> str:
        return evaluation_html(self)


def evaluation_of(
    trial: Trial, folds: Sequence[Fold], tag: str, resampling: Any, repeats: int
) -> PerformanceEvaluation:
    """Put the folds of a trial together."""
    per_fold: list[Any] = []
    rows: list[Any] = []
    measurements, radii = [], []
    for i, measure in enumerate(trial.measures):
        measured = [fold.measured[i] for fold in folds]
        values: Any = [m.value for m in measured]
        counting = [m for m in measured if m.weight > 0] or measured  # rows without weight do not
        weights = None if type(measure).aggregation is total else [m.weight for m in counting]
        measurements.append(type(measure).aggregation([m.value for m in counting], weights))
        numbers = all(isinstance(v, int | float | np.number) for v in values)
        values = np.array(values, dtype=np.float64) if numbers else values
        per_fold.append(values)
        radii.append(radius_95(values) if numbers else None)
        by_row = [m.rows for m in measured]
        rows.append(None if any(r is None for r in by_row) else by_row)
    return PerformanceEvaluation(
        model=trial.model,
        tag=tag,
        measure=list(trial.measures),
        measurement=measurements,
        operation=list(trial.operations),
        per_fold=per_fold,
        per_observation=rows,
        uncertainty_radius_95=radii,
        train_test_rows=list(trial.pairs),
        resampling=resampling,
        repeats=repeats,
        _trained=tuple(fold.trained for fold in folds) if trial.keeps else None,
    )


def radius_95(per_fold: Any) -> float:
    """1.96 s / sqrt(k - 1), s being the sample standard deviation over k folds; inf for one.

    Example:
        >>> round(radius_95([0.7, 0.8, 0.9]), 7)
        0.1385929

    Source: MLJBase.jl, src/resampling/evaluation_results.jl, `radius_95`.
    """
    values = np.asarray(per_fold, dtype=np.float64)
    if len(values) < 2:
        return math.inf
    with np.errstate(invalid="ignore"):  # of infinite measurements
        return float(1.96 * values.std(ddof=1) / math.sqrt(len(values) - 1))


def unique_names(measures: Sequence[Measure]) -> list[str]:
    """The names of measures; a second one of the same name is numbered."""
    names: list[str] = []
    for measure in measures:
        name, count = measure.name, 1
        while name in names:
            count += 1
            name = f"{measure.name}_{count}"
        names.append(name)
    return names
