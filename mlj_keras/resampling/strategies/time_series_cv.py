"""`TimeSeriesCV`: cross-validation that trains on the past only. Knows row positions only.
Source: MLJBase.jl, src/resampling/strategies.jl."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.errors import RowsWarning
from mlj_keras.models import param
from mlj_keras.resampling.strategies._rows import check_enough, row_array
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy


class TimeSeriesCV(ResamplingStrategy):
    """Cross-validation for rows in order of time: each block is tested on after training on all
    rows before it.

    The rows are cut into nfolds + 1 blocks of equal length; what is left over belongs to the
    first, which is never tested on.

    Hyper-parameters:
        nfolds: int >= 1, default 4.
    Raises: InvalidModelError for an impossible value. `train_test_pairs`: EmptyData for fewer
        than nfolds + 1 rows. Warns: RowsWarning for rows that are not in ascending order.
    Example:
        >>> TimeSeriesCV(nfolds=2).train_test_pairs(range(5))
        [(array([0, 1, 2]), array([3])), (array([0, 1, 2, 3]), array([4]))]

    Source: MLJBase.jl, src/resampling/strategies.jl, `TimeSeriesCV`.
    """

    nfolds: int = param(4, kind=int, ge=1)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """nfolds pairs; the same for each repeat."""
        rows = row_array(rows)
        check_enough(len(rows), self.nfolds + 1, f"TimeSeriesCV(nfolds={self.nfolds})")
        if (np.diff(rows) < 0).any():
            warn(
                "TimeSeriesCV trains on rows that come before others, and the rows are not in "
                "ascending order. Sort the data by time, and pass sorted rows.",
                RowsWarning,
            )
        size = len(rows) // (self.nfolds + 1)
        starts = len(rows) - size * np.arange(self.nfolds, 0, -1)
        return [(rows[:start], rows[start : start + size]) for start in starts]
