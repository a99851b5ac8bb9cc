"""What the strategies share: reading rows, shuffling them, and refusing too few.

Knows row positions and the number of rows of data; nothing of strategies. Source: ours.
"""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np

from mlj_keras.data.rows import nrows
from mlj_keras.errors import EmptyData, RowsError
from mlj_keras.rng import entropy, stream


class LongTuple(tuple[Any, ...]):
    """A tuple that shows its first items only, as it may have one for each row of the data; and
    the pandas index that came with it, or None."""

    row_index: Any = None

    def __repr__(self) -> str:
        return reprlib.repr(tuple(self))


def row_array(rows: Any) -> np.ndarray:
    """Row positions (n,), int64, from an array, list or range of ints.

    Raises: RowsError if they are no ints.
    """
    array = np.arange(rows.start, rows.stop, rows.step) if isinstance(rows, range) else rows
    array = np.asarray(array)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "iu"):
        raise RowsError(
            f"rows must be row positions, got {type(rows).__name__} {rows!r:.60}. Write "
            "range(len(y)) for all rows."
        )
    return array.astype(np.int64)


def row_order(
    rows: Any, *, shuffle: bool | None, rng: int | None, repeat: int, least: int, who: str
) -> np.ndarray:
    """The rows in the order in which they are cut into folds, int64 (n,).

    Args:
        rows: as `row_array` takes them
        shuffle, rng, repeat: as `shuffler` takes them
        least: the number of rows that are needed
        who: the strategy as the user would write it, for the message.
    Raises: RowsError if rows are no ints; EmptyData for fewer than `least`.
    """
    order = row_array(rows)
    check_enough(len(order), least, who)
    generator = shuffler(shuffle=shuffle, rng=rng, repeat=repeat)
    return order if generator is None else generator.permutation(order)


def shuffler(*, shuffle: bool | None, rng: int | None, repeat: int) -> np.random.Generator | None:
    """The generator to shuffle with, or None if nothing is shuffled.

    Args:
        shuffle: None means True if rng is given
        rng: seed; None draws fresh entropy at each call
        repeat: which repetition, 0, 1, ...; each has a stream of its own.
    """
    if not (rng is not None if shuffle is None else shuffle):
        return None
    return stream(entropy() if rng is None else rng, "resampling", repeat)


def check_enough(n_rows: int, least: int, who: str) -> None:
    """Raise EmptyData for fewer than `least` rows."""
    if n_rows < least:
        advice = f"nfolds={n_rows}" if "nfolds" in who and n_rows > 1 else "other resampling"
        raise EmptyData(
            f"{who} needs at least {least} rows, got {n_rows}. Pass more rows, or use {advice}."
        )


def data_length(X: Any, y: Any, *, otherwise: int) -> int:
    """The number of rows of the whole data; `otherwise` if there is neither X nor y."""
    for data in (X, y):
        if data is not None:
            return nrows(data)
    return otherwise
