"""A model whose loss is a formula of its hyper-parameters, and notes each training."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits

N_ROWS = 12
X = np.arange(N_ROWS, dtype=float)[:, None]
Y = np.zeros(N_ROWS)
HALVES = [(range(6), range(6, N_ROWS))]


class Valley(mlj.Deterministic):
    """Predicts (a - 0.3)^2 + k + 1 / n for each row, which is its mean absolute error on targets
    of 0. `done` lists what was trained, as (a, from, to). It fails where a is above `cliff`, and
    predicts NaN where it is below `hole`."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="deterministic",
        supports_weights=True,
        supports_training_losses=True,
        iteration_parameter="n",
    )
    done: ClassVar[list[tuple[float, int, int]]] = []

    a: float = mlj.param(0.0, kind=float, ge=-10, le=10)
    k: int = 0
    kind: str = "plain"
    n: int = 1
    cliff: float = 100.0
    hole: float = -100.0
    stops_at: float = 100.0  # the a at which Ctrl-C comes, once
    rng: int | None = None

    def fit(self, verbosity: int, X: Any, y: Any, *w: Any) -> FitOutcome:
        return self._train(0)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> FitOutcome:
        alike = self.replace({"n": old_model.n}) == old_model
        return self._train(outcome.fitresult[1] if alike and old_model.n <= self.n else 0)

    def _train(self, begun: int) -> FitOutcome:
        if self.a > self.cliff:
            raise ValueError("over the cliff")
        if self.a == self.stops_at and STOPS:
            STOPS.pop()
            raise KeyboardInterrupt
        Valley.done.append((self.a, begun, self.n))
        loss = (self.a - 0.3) ** 2 + self.k + 1 / self.n
        return FitOutcome((np.nan if self.a < self.hole else loss, self.n), None, {"n": self.n})

    def predict(self, fitresult: tuple[float, int], Xnew: Any) -> np.ndarray:
        return np.full(len(Xnew), fitresult[0])

    def training_losses(self, report: dict[str, Any]) -> Any:
        return [1 / (i + 1) for i in range(report["n"])]


STOPS: list[int] = []  # a Ctrl-C comes for each entry


def trained() -> list[tuple[float, int, int]]:
    """What was trained since it was asked last."""
    done = list(Valley.done)
    Valley.done.clear()
    return done


def a_range(**changes: Any) -> Any:
    """A range of a, from 0 to 1 unless said otherwise."""
    bounds: dict[str, Any] = {} if "values" in changes else {"lower": 0, "upper": 1}
    return mlj.param_range(Valley(), "a", **bounds | changes)


def tuned(model: Any = None, **options: Any) -> mlj.TunedModel:
    """A search of a in a grid of 5, not shuffled, with l1 on the second half of the rows."""
    settings: dict[str, Any] = {
        "ranges": [a_range()],
        "tuning": mlj.Grid(resolution=5, shuffle=False),
        "resampling": HALVES,
        "measure": mlj.l1,
    }
    settings |= options
    if "models" in settings:
        del settings["ranges"], settings["tuning"]
        return mlj.TunedModel(**settings)
    return mlj.TunedModel(Valley(rng=1) if model is None else model, **settings)


def fitted(model: Any, **options: Any) -> mlj.Machine:
    """Its machine, trained."""
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0, **options)


def plain(history: Any) -> Any:
    """A history without what is compared otherwise: evaluations and models."""
    return history.drop(columns=["evaluation", "model"])


def same_history(one: mlj.Machine, other: mlj.Machine) -> bool:
    """Whether two searches have found the same, to the bit."""
    a, b = mlj.report(one).history, mlj.report(other).history
    folds = [
        [
            None if e is None else [np.asarray(f).tobytes() for f in e.per_fold]
            for e in h.evaluation
        ]
        for h in (a, b)
    ]
    return bool(plain(a).equals(plain(b)) and folds[0] == folds[1])
