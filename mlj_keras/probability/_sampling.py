"""Drawing classes from rows of probabilities, all rows at once.

Knows arrays only. Source: CategoricalDistributions.jl, src/methods.jl, `rand`.
"""

from __future__ import annotations

import numpy as np

from mlj_keras.errors import InvalidArgument
from mlj_keras.probability._finite import Label
from mlj_keras.rng import Seed, as_generator


def draw(probabilities: np.ndarray, n: int | None, rng: Seed) -> np.ndarray:
    """Codes of classes drawn from each row, in proportion to its probabilities.

    Args:
        probabilities (rows, K), of any positive total a row
        n: draws a row, None for one
        rng: seed or generator.
    Returns: codes (rows,), int32, or (rows, n) if n is given.
    Raises: InvalidArgument if a row cannot be normalised, or n is no count.
    """
    if n is not None and (isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0):
        raise InvalidArgument(
            f"n must be a number of draws, an int of at least 0, got {n!r}. Write n=100, rng=123."
        )
    cumulative = probabilities.cumsum(axis=1, dtype=np.float64)
    total = cumulative[:, -1:]
    _check_rows(probabilities, total)
    generator = as_generator(rng)
    shape = (len(probabilities), 1 if n is None else int(n))
    # Rounding lifts u to a subnormal total itself, past every class that has a probability.
    u = np.minimum(generator.random(shape) * total, np.nextafter(total, 0))
    codes = np.zeros(shape, dtype=np.int32)
    for k in range(probabilities.shape[1] - 1):  # over classes, never over rows
        codes += u >= cumulative[:, k, np.newaxis]
    return codes[:, 0] if n is None else codes


def _check_rows(probabilities: np.ndarray, total: np.ndarray) -> None:
    usable = (probabilities >= 0).all(axis=1) & np.isfinite(total[:, 0]) & (total[:, 0] > 0)
    if not usable.all():
        row = int(np.flatnonzero(~usable)[0])
        raise InvalidArgument(
            "Sampling needs probabilities that are not negative, not NaN and not all 0, got "
            f"{probabilities[row].tolist()[:6]} (row {row}). Correct or drop those rows."
        )


def label_array(levels: tuple[Label, ...]) -> np.ndarray:
    """Labels (K,) in an array: numbers as such, everything else as objects."""
    if len({type(label) for label in levels}) == 1 and isinstance(levels[0], bool | int | float):
        return np.array(levels)
    array = np.empty(len(levels), dtype=object)
    array[:] = levels
    return array
