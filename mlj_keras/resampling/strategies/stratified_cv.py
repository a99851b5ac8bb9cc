"""`StratifiedCV`: cross-validation with every class spread evenly over the folds.

Knows rows and the classes of a target. Source: MLJBase.jl, src/resampling/strategies.jl.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.data.categorical import factor_codes
from mlj_keras.data.columns import column_of, missing_mask
from mlj_keras.data.inference import scitype
from mlj_keras.data.rows import selectrows
from mlj_keras.data.scitypes import Finite, Optional, Vector
from mlj_keras.errors import MissingValuesError, ScitypeError
from mlj_keras.models import param
from mlj_keras.resampling.strategies._rows import row_order
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy
from mlj_keras.resampling.strategies.folds import pairs_of


class StratifiedCV(ResamplingStrategy):
    """Cross-validation with the rows of each class spread over the folds as evenly as possible.

    The rows of each class, shuffled or not, are dealt to the folds in turn, each class going on at
    the fold where the one before stopped. So the folds differ by a row at most, in all and in each
    class, and the names and order of the classes have no influence.

    Hyper-parameters:
        nfolds: int >= 2, default 6.
        shuffle: bool or None, default None, which means True if rng is given.
        rng: int, None or a numpy.random.Generator, default None; with an int the pairs are the
            same at each use, with None each shuffle is another.
    Raises: InvalidModelError for an impossible value. `train_test_pairs`: EmptyData for fewer
        rows than folds; ScitypeError if y is not categorical (Vector[Finite]);
        MissingValuesError if it has missing values.
    Example:
        >>> import pandas as pd
        >>> y = pd.Categorical(["a", "a", "b", "b", "b"])
        >>> [test.tolist() for _, test in StratifiedCV(nfolds=2).train_test_pairs(range(5), y=y)]
        [[0, 2, 4], [1, 3]]

    Source: MLJBase.jl, src/resampling/strategies.jl, `StratifiedCV`; not the algorithm of
        scikit-learn's StratifiedKFold. Deviation: as for CV.
    """

    nfolds: int = param(6, kind=int, ge=2)
    shuffle: bool | None = param(None, kind=bool, optional=True)
    rng: int | None = param(None)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """nfolds pairs; the train rows are those of the other folds, fold by fold."""
        who = f"StratifiedCV(nfolds={self.nfolds})"
        order = row_order(
            rows,
            shuffle=self.shuffle,
            rng=self.rng,
            repeat=repeat,
            least=self.nfolds,
            who=who,
        )
        codes = class_codes(y, order, who)
        _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        # Class after class in order of first appearance, each in the order of the rows.
        dealt = np.argsort(first[inverse], kind="stable")
        fold_of = np.empty(len(order), dtype=np.int64)
        fold_of[dealt] = np.arange(len(order)) % self.nfolds
        return pairs_of([order[fold_of == fold] for fold in range(self.nfolds)])


def class_codes(y: Any, rows: np.ndarray, who: str) -> np.ndarray:
    """A code (n,), int32, for the class of each of these rows.

    Args: y: the whole target, of any kind · rows (n,): positions · who: asks, for the message.
    Raises: ScitypeError if y is not categorical; MissingValuesError for rows without a class.
    """
    if y is None:
        raise ScitypeError(
            f"{who} needs a categorical target, got none. Give y, or use resampling that does not "
            "look at classes, such as CV."
        )
    chosen = selectrows(y, rows)
    found = scitype(chosen)
    if not found <= Vector[Optional[Finite]]:
        coerced = "Write y = coerce(y, Multiclass), or use" if found <= Vector else "Use"
        raise ScitypeError(
            f"{who} needs a categorical target, Vector[Finite], got {found}. {coerced} "
            "resampling that does not look at classes, such as CV."
        )
    values = column_of(chosen).values
    missing = missing_mask(values)
    if missing.any():
        raise MissingValuesError(
            f"{who} needs the class of every row, and y is missing at {missing.sum()} row(s), "
            f"first at {rows[missing][:5].tolist()}. Leave these rows out."
        )
    return factor_codes(values)
