"""What training says while it runs: a progress bar at verbosity 1 (for work over a second), a line
an epoch at verbosity 2.

Knows counts and losses only. Source: MLJFlux.jl, src/core.jl (`train`, its `ProgressMeter` and
`@info` lines).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlj_keras._logging import logger

BAR_DELAY_S = 1.0


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
    bar = _bar(total - first) if verbosity == 1 and total > first else None
    try:
        yield Progress(verbosity, first, total, bar)
    finally:
        if bar is not None:
            bar.close()


def _bar(epochs: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm warns in notebooks without widgets, and then works
        from tqdm.auto import tqdm

    return tqdm(total=epochs, desc="Training", unit="epoch", delay=BAR_DELAY_S, leave=False)
