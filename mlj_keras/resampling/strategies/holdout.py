"""`Holdout`: one part of the rows to train on, the rest to test on. Source: MLJBase.jl,
src/resampling/strategies.jl."""

from __future__ import annotations

from typing import Any

from mlj_keras.data.partition import partition
from mlj_keras.models import param
from mlj_keras.resampling.strategies._rows import row_order
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy
from mlj_keras.resampling.strategies.stratified_cv import class_codes


class Holdout(ResamplingStrategy):
    """One pair: the first round(fraction_train * n) rows to train on, the rest to test on.

    Hyper-parameters:
        fraction_train: float in (0, 1), default 0.7; may be given by position. Half a row goes to
            the even number.
        shuffle: bool or None, default None, which means True if rng is given.
        rng: int, None or a numpy.random.Generator, default None; with an int the pair is the same
            at each use, with None each shuffle is another.
        stratify: bool, default False; divide each class of a categorical target alike, up to a
            row.
    Raises: InvalidModelError for an impossible value. `train_test_pairs`: EmptyData for fewer
        than 2 rows; ScitypeError if stratify is True and y is not categorical;
        MissingValuesError if it has missing values.
    Example:
        >>> Holdout(0.6).train_test_pairs(range(5))
        [(array([0, 1, 2]), array([3, 4]))]

    Source: MLJBase.jl, src/resampling/strategies.jl, `Holdout`. Deviations: stratify is ours;
        there, an int rng gives another shuffle at each use of one object.
    """

    fraction_train: float = param(0.7, kind=float, gt=0, lt=1, positional=True)
    shuffle: bool | None = param(None, kind=bool, optional=True)
    rng: int | None = param(None)
    stratify: bool = param(False, kind=bool)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """One pair; see the class."""
        order = row_order(
            rows, shuffle=self.shuffle, rng=self.rng, repeat=repeat, least=2, who="Holdout"
        )
        classes = class_codes(y, order, "Holdout(stratify=True)") if self.stratify else None
        train, test = partition(order, self.fraction_train, stratify=classes)
        return [(train, test)]
