"""`LiveTuningPlot`: the history of a search, drawn while it runs. Knows entries and plots. Source:
ours."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from mlj_keras.errors import InvalidArgument
from mlj_keras.plots import plot_tuning_history
from mlj_keras.plots.live_figure import check_picture, new_figure, show_figure
from mlj_keras.tuning.entry import Entry


class LiveTuningPlot:
    """Draw each candidate's measurement when it is done, and the best so far.

    For TunedModel(callbacks=[...]).
    Args: path: a picture, such as "search.png", that is written anew each time; None (default): in
        a notebook its cell, else nowhere · every_s: seconds between drawings at least, default 1.
    Attributes: axes: of the last drawing, or None.
    Raises: TypeError for what is no path; InvalidArgument for a negative time. While searching:
        MissingPackageError without the extra `plots`; OSError if the file cannot be written.
    Example:
        >>> LiveTuningPlot("search.png", every_s=5)
        LiveTuningPlot(path='search.png', every_s=5)

    Source: ours.
    """

    def __init__(self, path: Any = None, *, every_s: float = 1.0) -> None:
        self.path = None if path is None else check_picture(path)
        if not isinstance(every_s, int | float) or not every_s >= 0:
            raise InvalidArgument(f"every_s must be a number of 0 or more, got {every_s!r}.")
        self.every_s = every_s
        self.axes: Any = None
        self._figure: Any = None
        self._handle: Any = None
        self._drawn_at = -float("inf")

    def __call__(self, entries: Sequence[Entry]) -> None:
        """Draw, unless it has just been done."""
        if time.monotonic() - self._drawn_at >= self.every_s:
            self.draw(entries)
            self._drawn_at = time.monotonic()

    def ended(self, entries: Sequence[Entry]) -> None:
        """Draw for the last time."""
        self.draw(entries)

    def draw(self, entries: Sequence[Entry]) -> None:
        """Draw these entries."""
        measures = [entry.measure[0] for entry in entries if entry.measure]
        if not measures:
            return
        if self._figure is None:
            self._figure = new_figure((6, 4))
            self.axes = self._figure.subplots()
        self.axes.clear()
        plot_tuning_history(
            [e.measurement[0] if e.failure is None else float("nan") for e in entries],
            orientation="score" if measures[0].orientation == "score" else "loss",
            name=measures[0].name,
            axes=self.axes,
        )
        self._handle = show_figure(self._figure, self.path, self._handle)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LiveTuningPlot):
            return NotImplemented
        return (self.path, self.every_s) == (other.path, other.every_s)

    __hash__ = None  # type: ignore[assignment]  # it holds a figure

    def __repr__(self) -> str:
        given = [] if self.path is None else [f"path={self.path!r}"]
        given += [] if self.every_s == 1 else [f"every_s={self.every_s}"]
        return f"LiveTuningPlot({', '.join(given)})"
