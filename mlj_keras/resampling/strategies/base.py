"""`ResamplingStrategy`: how rows are divided into rows to train on and rows to test on.

Knows no strategy in particular, no machines and no measures.
Source: MLJBase.jl, src/resampling/strategies.jl (`ResamplingStrategy`).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mlj_keras.models import Model

Pairs = list[tuple[np.ndarray, np.ndarray]]


class ResamplingStrategy(Model):
    """Base of the resampling strategies: a few hyper-parameters, and the pairs of rows they give.

    For a strategy of your own, subclass it and write `train_test_pairs`; it then works wherever a
    `resampling` is asked for. Like all models, strategies are equal if their fields are, and are
    validated on assignment.

    Example:
        >>> class LeaveLastOut(ResamplingStrategy):
        ...     n_last: int = 1
        ...     def train_test_pairs(self, rows, X=None, y=None, *, repeat=0):
        ...         return [(rows[:-self.n_last], rows[-self.n_last:])]
        >>> LeaveLastOut(n_last=2).train_test_pairs(np.arange(5))
        [(array([0, 1, 2]), array([3, 4]))]

    Source: MLJBase.jl, src/resampling/strategies.jl, `ResamplingStrategy`. Deviation: strategies
        can be changed by assignment, as all models can.
    """

    # Whether it divides whatever rows it is given; False if its rows are fixed beforehand.
    takes_rows: ClassVar[bool] = True

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """The pairs (train, test) of row positions.

        Args:
            rows: positions (n,) into the whole data, ints; array, list or range
            X: the whole data, of any kind; None if the strategy looks at rows only
            y: the whole target, of any kind, or None
            repeat: which repetition, 0, 1, ...; a strategy that shuffles does so in another way
                for each, and in the same way at each use with the same int rng.
        Returns: list of pairs of int arrays, both parts of `rows`.
        Raises: RowsError if rows are no ints; EmptyData if they are too few; what the strategy
            says.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define train_test_pairs(self, rows, X=None, y=None, *, "
            "repeat=0)"
        )
