"""`Snapshots`: states kept on the way, to be averaged. Source: ours; Huang et al. (2017), Snapshot
ensembles; Izmailov et al. (2018), Averaging weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import Control, Setting
from mlj_keras.models import param

AVERAGES = ("predictions", "weights")


class Snapshots(Control):
    """Keep states of the network on the way. With IteratedModel(..., keep="snapshots") the model
    is their average.

    Hyper-parameters:
        every: int >= 1, default 1: keep the state of each so-manieth cycle
        best: int >= 1, or None (default): only the so many with the best losses
        average: "predictions" (default): predictions are the means of those of all states;
            "weights": the model has the mean weights of all states. Means of weights make sense
            for states of one training that are near one another; statistics of normalisation
            layers are averaged too.
    Put it after Step. Each state takes the memory of the network and its optimiser.
    Report: iterations, losses, states (as `snapshot` gives them, for `restore`).
    Raises: InvalidModelError when the machine is made, for what is no network and no pipeline that
        ends in one, and for best without losses.
    Example:
        >>> Snapshots(every=5, average="weights")
        Snapshots(every=5, average='weights')

    Source: ours.
    """

    every: int = param(1, kind=int, ge=1)
    best: int | None = param(None, kind=int, ge=1, optional=True)
    average: str = param("predictions", options=AVERAGES)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Keep the state, or not."""
        known = {"iterations": (), "losses": (), "states": ()} if state is None else state
        if n % self.every:
            return known
        model, outcome = run.machine.trained("keep")
        loss = run.losses[-1] if run.losses else math.nan
        entries = [
            *zip(known["iterations"], known["losses"], known["states"], strict=True),
            (run.n_iterations, loss, model.snapshot(outcome).network),
        ]
        if self.best is not None and len(entries) > self.best:
            worst = max(range(len(entries)), key=lambda i: _rank(run.sign * entries[i][1]))
            del entries[worst]
        columns = tuple(zip(*entries, strict=True))
        return dict(zip(("iterations", "losses", "states"), columns, strict=True))

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """What was kept."""
        return dict(state or {"iterations": (), "losses": (), "states": ()})

    def check_setting(self, setting: Setting) -> None:
        """Raise for what has no states to keep."""
        if not setting.model.checkpoints:
            raise InvalidModelError(
                f"Snapshots keeps states of networks, and {setting.name} is none, and "
                "does not end in one. Leave it out."
            )
        if self.best is not None and not setting.has_losses:
            raise InvalidModelError(
                "Snapshots(best=...) needs losses: give resampling=Holdout(), or leave best out."
            )


def _rank(cost: float) -> float:
    return math.inf if math.isnan(cost) else cost
