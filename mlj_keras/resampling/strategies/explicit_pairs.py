"""`ExplicitPairs`: pairs of rows that the user lists.

Knows row positions only. Source: MLJBase.jl, src/resampling.jl (`TrainTestPairs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.rows import row_positions
from mlj_keras.errors import EmptyData, InvalidArgument, RowsError, WrongType
from mlj_keras.models import param
from mlj_keras.resampling.strategies._rows import LongTuple, data_length, row_array
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy

_ADVICE = "Write [(train, test), ...], each a list of row positions, a slice or a mask"


def _read_pairs(value: Any) -> tuple[Any, ...]:
    """The pairs as tuples of plain data; WrongType or InvalidArgument for what is none."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise WrongType(f"pairs must be a list of pairs, got {value!r:.60}. {_ADVICE}.")
    pairs = tuple(_read_pair(pair, i) for i, pair in enumerate(value))
    if not pairs:
        raise InvalidArgument(f"pairs is empty: there is nothing to train and test on. {_ADVICE}.")
    return pairs


def _read_pair(pair: Any, i: int) -> tuple[Any, Any]:
    if not isinstance(pair, tuple | list | np.ndarray) or len(pair) != 2:
        raise WrongType(f"pair {i} is {pair!r:.60}, which is no pair. {_ADVICE}.")
    return _read_side(pair[0], f"train of pair {i}"), _read_side(pair[1], f"test of pair {i}")


def _read_side(side: Any, what: str) -> slice | LongTuple:
    if side is None:
        return slice(None)
    if isinstance(side, slice):
        return side
    try:
        array = np.asarray(side)
    except ValueError:  # lists of unequal length
        array = np.empty((0, 0))
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "iub"):
        raise WrongType(f"{what} is {side!r:.60}, which are no rows. {_ADVICE}.")
    if not len(array):
        raise InvalidArgument(f"{what} has no rows. Give it at least one, or drop the pair.")
    return LongTuple(array.tolist())


class ExplicitPairs(ResamplingStrategy):
    """The pairs (train, test) of row positions that are listed, as they are.

    A list of pairs may be given wherever a `resampling` is asked for; it becomes this.

    Hyper-parameters:
        pairs: list of pairs (train, test), by position; each of the two is a list of positions
            into the whole data, a slice, a mask with a boolean for each row, or None for all rows.
    Raises: InvalidModelError for what is no list of pairs. `train_test_pairs`: RowsError for
        positions outside the data, a mask of another length, and a row that is listed twice or in
        both parts; EmptyData if a part selects no row.
    Example:
        >>> ExplicitPairs([([0, 1], [2]), (slice(1, 3), [0])]).train_test_pairs(range(3))
        [(array([0, 1]), array([2])), (array([1, 2]), array([0]))]

    Source: MLJBase.jl, src/resampling.jl, `TrainTestPairs`. Deviation: there, rows may be listed
        twice, or in both parts; use InSample for testing on the rows trained on.
    """

    takes_rows: ClassVar[bool] = False

    pairs: Any = param(convert=_read_pairs, positional=True)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """The pairs listed; `rows` tell the number of rows of the data where X and y are None."""
        known = int(row_array(rows).max(initial=-1)) + 1
        return checked_pairs(self.pairs, data_length(X, y, otherwise=known))


def checked_pairs(pairs: Iterable[tuple[Any, Any]], n_rows: int) -> Pairs:
    """The pairs as positions, int64, into data of n_rows rows.

    Raises: RowsError, EmptyData, which name the pair; see ExplicitPairs.
    """
    return [_checked_pair(train, test, i, n_rows) for i, (train, test) in enumerate(pairs)]


def _checked_pair(train: Any, test: Any, i: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    train = _positions(train, f"train of pair {i}", n_rows)
    test = _positions(test, f"test of pair {i}", n_rows)
    trained = np.zeros(n_rows, dtype=bool)
    trained[train] = True
    both = test[trained[test]]
    if len(both):
        raise RowsError(
            f"Pair {i} trains and tests on the same {len(both)} row(s), first {both[:5].tolist()}."
            " Leave them out of one of the two; InSample() is for testing on the rows trained on."
        )
    return train, test


def _positions(side: Any, what: str, n_rows: int) -> np.ndarray:
    try:
        found = row_positions(side, n_rows)
    except (RowsError, EmptyData) as error:
        raise type(error)(f"{what}: {error}") from error
    if found is None:
        return np.arange(n_rows)
    twice = np.flatnonzero(np.bincount(found, minlength=n_rows) > 1)
    if len(twice):
        raise RowsError(
            f"{what} lists rows more than once: {twice[:5].tolist()}. List each row once."
        )
    return found
