"""What training says while it runs: a progress bar at verbosity 1 (for work over a second), a line
an epoch at verbosity 2.

Knows counts and losses only. Source: MLJFlux.jl, src/core.jl (`train`, its `ProgressMeter` and
`@info` lines).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlj_keras._logging import logger
from mlj_keras._progress import progress_bar


class Progress:
    """Hears of finished epochs, and tells the user."""

    def __init__(self, verbosity: int, first: int, total: int, bar: Any) -> None:
        self.verbosity, self.epoch, self.total, self.bar = verbosity, first, total, bar

    def __call__(self, count: int, losses: list[float]) -> None:
        """`count` more epochs are done, with these losses."""
        for loss in losses:
            self.epoch += 1
            if self.verbosity >= 2:
                logger.info("Epoch %d/%d: loss %.4g", self.epoch, self.total, loss)
        if self.bar is not None:
            self.bar.set_postfix({"loss": f"{losses[-1]:.4g}"}, refresh=False)
            self.bar.update(count)


@contextmanager
def progress(verbosity: int, *, first: int, total: int) -> Iterator[Progress]:
    """A Progress from epoch `first` to `total`; its bar, if any, is closed at the end."""
    epochs = total - first
    shown = verbosity == 1 and epochs > 0
    bar = progress_bar("Training", unit="epoch", total=epochs) if shown else None
    try:
        yield Progress(verbosity, first, total, bar)
    finally:
        if bar is not None:
            bar.close()
