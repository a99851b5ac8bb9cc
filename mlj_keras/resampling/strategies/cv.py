"""`CV`: cross-validation by blocks of rows. Knows row positions only. Source: MLJBase.jl,
src/resampling/strategies.jl."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.models import param
from mlj_keras.resampling.strategies._rows import row_order
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy
from mlj_keras.resampling.strategies.folds import pairs_of


class CV(ResamplingStrategy):
    """Cross-validation: the rows, shuffled or not, are cut into blocks; each is tested on once.

    The blocks differ by a row at most, the larger ones come first; the others are trained on, in
    the order of the rows.

    Hyper-parameters:
        nfolds: int >= 2, default 6.
        shuffle: bool or None, default None, which means True if rng is given.
        rng: int, None or a numpy.random.Generator, default None; with an int the pairs are the
            same at each use, with None each shuffle is another.
    Raises: InvalidModelError for an impossible value. `train_test_pairs`: EmptyData for fewer
        rows than folds.
    Example:
        >>> CV(nfolds=2).train_test_pairs(range(5))
        [(array([3, 4]), array([0, 1, 2])), (array([0, 1, 2]), array([3, 4]))]

    Source: MLJBase.jl, src/resampling/strategies.jl, `CV`. Deviation: there, an int rng gives
        another shuffle at each use of one object.
    """

    nfolds: int = param(6, kind=int, ge=2)
    shuffle: bool | None = param(None, kind=bool, optional=True)
    rng: int | None = param(None)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """nfolds pairs; see the class."""
        order = row_order(
            rows,
            shuffle=self.shuffle,
            rng=self.rng,
            repeat=repeat,
            least=self.nfolds,
            who=f"CV(nfolds={self.nfolds})",
        )
        return pairs_of(np.array_split(order, self.nfolds))
