"""Folds as lists of row positions: the rows of one, and those of all others.

Knows rows only; must not know strategies. Source: MLJBase.jl, src/data/data.jl (`restrict`,
`corestrict`, `complement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.data.rows import selectrows
from mlj_keras.errors import InvalidArgument


def complement(folds: Sequence[Any], i: int) -> np.ndarray:
    """The rows of all folds but one, fold by fold.

    Args: folds: row positions of each fold, ints (arrays, lists or ranges) · i: from 0.
    Returns: ints, in the order of the folds; empty if there is no other fold.
    Raises: InvalidArgument if there is no fold i.
    Example:
        >>> complement([[0, 1], [2, 3], [4]], 1)
        array([0, 1, 4])

    Source: MLJBase.jl, src/data/data.jl, `complement`, which counts folds from 1.
    """
    _check_index(folds, i)
    others = [np.asarray(fold, dtype=np.int64) for j, fold in enumerate(folds) if j != i]
    return np.concatenate([np.empty(0, dtype=np.int64), *others])


def restrict(X: Any, folds: Sequence[Any], i: int) -> Any:
    """The observations in fold i.

    Args: X: a table, column or images · folds: row positions of each fold, ints · i: from 0.
    Returns: an object of X's kind.
    Raises: InvalidArgument if there is no fold i; RowsError for rows outside the data.
    Example:
        >>> restrict(["a", "b", "c", "d", "e"], [[0, 1], [2, 3], [4]], 1)
        ['c', 'd']

    Source: MLJBase.jl, src/data/data.jl, `restrict`, which counts folds from 1.
    """
    _check_index(folds, i)
    return selectrows(X, folds[i])


def corestrict(X: Any, folds: Sequence[Any], i: int) -> Any:
    """The observations in all folds but i, fold by fold.

    Args: X: a table, column or images · folds: row positions of each fold, ints · i: from 0.
    Returns: an object of X's kind.
    Raises: InvalidArgument if there is no fold i; RowsError for rows outside the data.
    Example:
        >>> corestrict(["a", "b", "c", "d", "e"], [[0, 1], [2, 3], [4]], 1)
        ['a', 'b', 'e']

    Source: MLJBase.jl, src/data/data.jl, `corestrict`, which counts folds from 1.
    """
    return selectrows(X, complement(folds, i))


def pairs_of(folds: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each fold once as the test rows, with all others, fold by fold, as the train rows."""
    return [(complement(folds, i), fold) for i, fold in enumerate(folds)]


def _check_index(folds: Sequence[Any], i: Any) -> None:
    whole = isinstance(i, int | np.integer) and not isinstance(i, bool)
    if not whole or not 0 <= i < len(folds):
        raise InvalidArgument(
            f"There is no fold {i!r} among {len(folds)}. They are counted from 0: pass an int in "
            f"0..{len(folds) - 1}."
        )
