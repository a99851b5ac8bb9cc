"""Batches as arrays of row positions, padded with -1 to whole batches.

Knows numbers only. Source: MLJFlux.jl, src/fit_utils.jl (`collate`), which never shuffles.
"""

from __future__ import annotations

import numpy as np

from mlj_keras.rng import stream

PADDING = -1


def default_batch_size(n_rows: int) -> int:
    """The power of two nearest to n_rows / 64, within 1..256.

    Example:
        >>> [default_batch_size(n) for n in (10, 150, 2000, 10**6)]
        [1, 2, 32, 256]

    Source: ours; MLJFlux has 1.
    """
    return int(2 ** min(max(round(float(np.log2(max(n_rows / 64, 1)))), 0), 8))


def n_batches(n_rows: int, batch_size: int) -> int:
    """The number of batches of an epoch; the last may be smaller."""
    return -(-n_rows // batch_size)


def epoch_batches(
    n_rows: int, batch_size: int, *, seed: int, epoch: int, shuffle: bool
) -> np.ndarray:
    """Row positions (n_batches, batch_size), int32, of one epoch; -1 pads the last batch.

    The order of epoch e derives from (seed, e) alone, so that it needs no state.
    """
    count = n_batches(n_rows, batch_size)
    rows = np.full(count * batch_size, PADDING, dtype=np.int32)
    rows[:n_rows] = (
        stream(seed, "epoch", epoch).permutation(n_rows) if shuffle else np.arange(n_rows)
    )
    return rows.reshape(count, batch_size)


def widened(batches: np.ndarray, width: int) -> np.ndarray:
    """Batches (k, ..., batch_size) with -1 after their rows up to (k, ..., width)."""
    missing = width - batches.shape[-1]
    room = ((0, 0),) * (batches.ndim - 1) + ((0, missing),)
    return np.pad(batches, room, constant_values=PADDING) if missing else batches


def row_bucket(n_rows: int) -> int:
    """`n_rows` rounded up to one of four sizes an octave: data of nearly equal size share one
    compiled program.

    Example:
        >>> [row_bucket(n) for n in (5, 64, 65, 105, 2000)]
        [64, 64, 80, 112, 2048]

    Source: ours.
    """
    if n_rows <= 64:
        return 64
    step: int = 2 ** (int(np.ceil(np.log2(n_rows))) - 3)
    return -(-n_rows // step) * step
