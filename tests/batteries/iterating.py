"""A model whose losses are given: what controls see is known before."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits
from mlj_keras.models.interface import PartialFit

N_ROWS = 20
X = np.arange(N_ROWS, dtype=float)[:, None]
Y = np.zeros(N_ROWS)
HALVES = [(range(10), range(10, N_ROWS))]


class Given(mlj.Deterministic):
    """After n iterations it predicts losses[n - 1] for each row, which is its mean absolute error
    on targets of 0; its training losses are `training`. `done` lists what was trained, as (from,
    to, rows)."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="deterministic",
        supports_weights=True,
        supports_training_losses=True,
        iteration_parameter="n",
    )
    done: ClassVar[list[tuple[int, int, int]]] = []

    losses: tuple[float, ...] = ()
    training: tuple[float, ...] = ()
    n: int = 1
    shift: float = 0.0
    stops_at: int = 0  # an iteration before which training is interrupted

    def fit(self, verbosity: int, X: Any, y: Any, *w: Any) -> FitOutcome:
        return self._train(0, len(X))

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> FitOutcome:
        alike = self.replace({"n": old_model.n, "stops_at": 0}) == old_model.replace(
            {"stops_at": 0}
        )
        return self._train(outcome.fitresult[0] if alike else 0, len(X))

    def _train(self, first: int, n_rows: int) -> FitOutcome:
        if first < self.stops_at <= self.n:
            last = self.stops_at - 1
            Given.done.append((first, last, n_rows))
            done = self.replace({"n": last, "stops_at": 0})
            raise PartialFit(self._outcome(last), done, KeyboardInterrupt("stopped"))
        Given.done.append((first, self.n, n_rows))
        return self._outcome(self.n)

    def _outcome(self, n: int) -> FitOutcome:
        training = [*self.training, *[0.5] * n][:n]
        return FitOutcome((n, self.shift), None, {"training_losses": training, "n": n})

    def predict(self, fitresult: tuple[int, float], Xnew: Any) -> np.ndarray:
        n, shift = fitresult
        value = self.losses[n - 1] if n <= len(self.losses) else 1.0
        return np.full(len(Xnew), value + shift)

    def training_losses(self, report: dict[str, Any]) -> Any:
        return report["training_losses"]


def trained() -> list[tuple[int, int, int]]:
    """What was trained since it was asked last."""
    done = list(Given.done)
    Given.done.clear()
    return done


def iterated(losses: Any, controls: Any, **options: Any) -> mlj.IteratedModel:
    """A Given under control; its loss is l1 on the second half of the rows."""
    settings = {"resampling": HALVES, "measure": mlj.l1, **options}
    training = settings.pop("training", ())
    return mlj.IteratedModel(
        Given(losses=losses, training=training), controls=controls, **settings
    )


def fitted(model: Any) -> mlj.Machine:
    """Its machine, trained."""
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)
