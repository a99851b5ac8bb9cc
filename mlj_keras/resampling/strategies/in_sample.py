"""`InSample`: test on the rows that were trained on. Knows row positions only. Source:
MLJBase.jl, src/resampling/strategies.jl."""

from __future__ import annotations

from typing import Any

from mlj_keras.resampling.strategies._rows import check_enough, row_array
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy


class InSample(ResamplingStrategy):
    """Train on all rows and test on the same: an estimate that is too good, of use as a check.

    Raises: EmptyData if there are no rows.
    Example:
        >>> InSample().train_test_pairs(range(3))
        [(array([0, 1, 2]), array([0, 1, 2]))]

    Source: MLJBase.jl, src/resampling/strategies.jl, `InSample`.
    """

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """One pair, (rows, rows)."""
        rows = row_array(rows)
        check_enough(len(rows), 1, "InSample()")
        return [(rows, rows)]
