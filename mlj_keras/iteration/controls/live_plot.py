"""`LivePlot`: losses drawn while a model trains. Source: ours; MLJFlux.jl's tutorial on live
training, for the manner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras._imports import require
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import Control, Setting
from mlj_keras.iteration.controls.schedule import path_in
from mlj_keras.models import param
from mlj_keras.plots import plot_live_training
from mlj_keras.plots.live_figure import check_picture, new_figure, show_figure

_EMPTY: dict[str, Any] = {"training": (), "rates": (), "at": (), "figure": None, "handle": None}


class LivePlot(Control):
    """Draw losses and the learning rate in each cycle: into the notebook cell, or into a file.

    Hyper-parameters:
        path (positional): a picture, such as "run.png", that is written anew each time; None
            (default): in a notebook its cell, else nowhere until iteration ends
        every: draw in each so-manieth cycle, default 1, and in the end
        rate: the path of a hyper-parameter that is drawn below, default "optimiser.learning_rate";
            None: none.
    Put it after Step. Needs the extra `plots`.
    Report: axes, of the last drawing (a matplotlib Axes, or two), or None.
    Raises: MissingPackageError when the machine is made; OSError if the file cannot be written.
    Example:
        >>> LivePlot("run.png", every=5)
        LivePlot(path='run.png', every=5)

    Source: ours.
    """

    path: str | None = param(None, convert=check_picture, optional=True, positional=True)
    every: int = param(1, kind=int, ge=1)
    rate: str | None = param("optimiser.learning_rate", kind=str, optional=True)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Note the losses, and draw."""
        noted: dict[str, Any] = _EMPTY | (state or {})
        noted["training"] += tuple(run.training_losses or ())
        if self._has_rate(run):
            noted["rates"] += (float(run.model.get(self._rate_path(run))),)
            noted["at"] += (run.n_iterations,)
        noted["facts"] = self._facts(run)
        if n % self.every == 0:
            self._draw(noted)
        return noted

    def plain(self, state: Any) -> Any:
        """The state without the figure, which is made anew."""
        return state and {**state, "figure": None, "handle": None}

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """Draw for the last time."""
        if not state:
            return {"axes": None}
        axes = self._draw(state)
        return {"axes": axes}

    def check_setting(self, setting: Setting) -> None:
        """Raise if there is nothing to draw, or nothing to draw with."""
        require("matplotlib", extra="plots")
        if not setting.has_losses:
            raise InvalidModelError(
                f"LivePlot draws losses, and {setting.name} reports none in training. "
                "Give resampling=Holdout()."
            )

    def _rate_path(self, run: Any) -> str:
        return path_in(run.model, run.parameter, str(self.rate))

    def _has_rate(self, run: Any) -> bool:
        if self.rate is None:
            return False
        try:
            value = run.model.get(self._rate_path(run))
        except AttributeError:  # a model without
            return False
        return isinstance(value, float)

    def _facts(self, run: Any) -> dict[str, Any]:
        measure = "loss" if run.scoring is None else run.scoring.trial.measures[0].name
        out_of_sample = run.scoring is not None
        return {
            "iterations": tuple(run.iterations) if out_of_sample else (),
            "losses": tuple(run.losses) if out_of_sample else (),
            "best": None if run.best is None else run.best.iteration,
            "measure": measure,
        }

    def _draw(self, state: dict[str, Any]) -> Any:
        facts, name = state["facts"], str(self.rate)
        training = state["training"] or None
        drawn = facts["iterations"], facts["losses"]
        if not facts["losses"]:  # of training alone
            drawn, training = (tuple(range(1, len(state["training"]) + 1)), training or ()), None
        units = [facts["measure"]] + (["training loss"] if training else [])  # not always the same
        figure = state["figure"]
        if figure is None:
            n = 2 if state["rates"] else 1
            figure = new_figure((6, 2.5 + 1.5 * n))
            figure.subplots(n, 1, sharex=True, height_ratios=(2, 1)[:n])
            state["figure"] = figure
        axes = plot_live_training(
            *drawn,
            training_losses=training,
            rates={name: (state["at"], state["rates"])} if state["rates"] else None,
            best=facts["best"],
            names=(", ".join(units), "training"),
            axes=figure.axes[0] if len(figure.axes) == 1 else list(figure.axes),
        )
        state["handle"] = show_figure(figure, self.path, state["handle"])
        return axes
