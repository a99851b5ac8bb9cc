"""`Scoring`: the out-of-sample loss of machines that are trained on, iteration by iteration.

The rows to test on are taken once. Knows machines and folds; no control.
Source: MLJIteration.jl, src/ic_model.jl (there a Resampler evaluates).
"""

from __future__ import annotations

import dataclasses
from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.machine.machine import Machine
from mlj_keras.resampling.evaluation import evaluation_of
from mlj_keras.resampling.fold import Fold, Trial, measured


@dataclasses.dataclass(frozen=True)
class Scoring:
    """What is measured: a trial, its strategy, and of each fold the rows to test on and their
    truth."""

    trial: Trial
    resampling: Any
    tests: tuple[tuple[Any, Any], ...]

    @classmethod
    def of(cls, trial: Trial, resampling: Any) -> Scoring:
        """For the pairs of a trial."""
        native = trial.model.native_data
        X, y = trial.args[:2]
        tests = tuple(
            (X.rows(test, native=native), y.rows(test, native=True)) for _, test in trial.pairs
        )
        return cls(trial, resampling, tests)

    @property
    def sign(self) -> int:
        """-1 if the first measure is a score."""
        return -1 if self.trial.measures[0].orientation == "score" else 1

    def loss(self, machines: tuple[Machine, ...]) -> float:
        """The first measurement, of all folds."""
        return self._number(self._evaluation(self._first, machines).measurement[0])

    def evaluation(self, machines: tuple[Machine, ...]) -> Any:
        """All measurements, with those of rows."""
        return self._evaluation(dataclasses.replace(self.trial, observes=True), machines)

    @property
    def _first(self) -> Trial:
        trial = self.trial
        return dataclasses.replace(
            trial,
            measures=trial.measures[:1],
            operations=trial.operations[:1],
            observes=False,
        )

    def _evaluation(self, trial: Trial, machines: tuple[Machine, ...]) -> Any:
        folds = []
        for machine, (X, truth), (_, test) in zip(machines, self.tests, trial.pairs, strict=True):
            found = {name: getattr(machine, name)(X) for name in dict.fromkeys(trial.operations)}
            results = measured(trial, found, truth, test)
            folds.append(Fold(results, machine.trained("evaluate")))
        return evaluation_of(trial, folds, type(trial.model).__name__, self.resampling, 1)

    def _number(self, value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InvalidModelError(
                f"{self.trial.measures[0].name} gives {type(value).__name__}, no number, and "
                "cannot control iteration. Put a measure of one number first."
            ) from None
