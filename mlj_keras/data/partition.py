"""Splitting rows, tables and columns into parts by fractions.

Knows rows only. Must not know models or resampling strategies.
Source: MLJBase.jl, src/data/data.jl (`partition`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras._warnings import warn
from mlj_keras.data.categorical import _distinct, factor_codes
from mlj_keras.data.columns import column_of, is_column, is_factor
from mlj_keras.data.images import is_images
from mlj_keras.data.rows import nrows, selectrows
from mlj_keras.data.tables import is_table
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    LevelsWarning,
    MLJKerasWarning,
    TableError,
)
from mlj_keras.rng import Seed, as_generator


@short_tracebacks
def partition(
    data: Any,
    *fractions: float,
    shuffle: bool | None = None,
    rng: Seed = None,
    stratify: Any = None,
    multi: bool = False,
) -> tuple[Any, ...]:
    """Split data into len(fractions) + 1 parts; the last one takes what is left.

    Part i has round(fractions[i] * n) rows (halves go to the even number), and no part is empty: a
    part that would be gets one row, with a warning. Rows keep their order unless shuffled.

    Args:
        data: row positions (range, list or array), a table, a column, images, or, with multi, a
            tuple of such of equal length, where None stays None (hence Any)
        fractions: each in (0, 1), of a sum below 1
        shuffle: None means True if rng is given, else False
        rng: int, numpy.random.Generator or None for fresh entropy; used only to shuffle
        stratify: a column of n values of any scitype; each class, missing values being one, is
            split in the same proportions up to a row
        multi: data is a tuple of things to be split alike.
    Returns: tuple of parts of data's kind (arrays for a range); with multi a tuple with the tuple
        of parts of each thing: ((Xtrain, Xtest), (ytrain, ytest)).
    Raises: InvalidArgument for impossible fractions, and for things that only multi splits;
        DimensionMismatch if lengths differ;
        EmptyData if there are fewer rows than parts; TableError if data cannot be split.
    Example:
        >>> train, valid, test = partition(range(10), 0.5, 0.2)
        >>> train.tolist(), valid.tolist(), test.tolist()
        ([0, 1, 2, 3, 4], [5, 6], [7, 8, 9])

    Source: MLJBase.jl, `partition`. There a last part without rows repeats one of another part,
        and the classes of `stratify` are rounded one by one, so that parts may miss their size.
    """
    shares = _check_fractions(fractions)
    things = _check_things(data, multi=multi)
    n = _common_length(things)
    sizes = _part_sizes(n, shares)
    order = np.arange(n)
    if shuffle if shuffle is not None else rng is not None:
        order = as_generator(rng).permutation(n)
    if stratify is None:
        parts = np.split(order, np.cumsum(sizes)[:-1])
    else:
        parts = _stratified(order, sizes, stratify)
    split = tuple(tuple(selectrows(thing, part) for part in parts) for thing in things)
    return split if multi else split[0]


def _check_fractions(fractions: tuple[Any, ...]) -> list[float]:
    if not fractions:
        raise InvalidArgument("partition needs at least one fraction. Write partition(data, 0.7).")
    for fraction in fractions:
        is_number = isinstance(fraction, int | float | np.number)
        if not is_number or isinstance(fraction, bool) or not 0 < fraction < 1:
            advice = (
                "Write partition(data, 0.7)."
                if is_number
                else "Several things are split alike by partition((X, y), 0.7, multi=True)."
            )
            shown = repr(fraction) if is_number else type(fraction).__name__
            raise InvalidArgument(f"A fraction must be a number in (0, 1), got {shown}. {advice}")
    shares = [float(fraction) for fraction in fractions]
    if math.fsum(shares) >= 1:
        raise InvalidArgument(
            f"The fractions {shares} sum to {math.fsum(shares)}, which leaves nothing for the "
            "last part. Leave out the last one: partition(data, 0.7) gives parts of 0.7 and 0.3."
        )
    return shares


def _check_things(data: Any, *, multi: bool) -> tuple[Any, ...]:
    if not multi:
        if data is None:
            raise TableError("partition got None. Pass rows, a table, a column or images.")
        _check_one(data)
        things: tuple[Any, ...] = (data,)
    elif isinstance(data, tuple | list):
        things = tuple(data)
    else:
        raise InvalidArgument(
            f"With multi=True data must be a tuple, got {type(data).__name__}. "
            "Write partition((X, y), 0.7, multi=True)."
        )
    return tuple(np.asarray(thing) if isinstance(thing, range) else thing for thing in things)


def _check_one(data: Any) -> None:
    """Raise if a tuple or list holds whole tables or columns, which `multi` is for.

    Lists of images, and lists of rows that are lists themselves, are data of their own.
    """
    if not isinstance(data, tuple | list) or is_images(data):
        return
    for kind in dict.fromkeys(map(type, data)):  # one of each type: there may be many rows
        position, thing = next((i, x) for i, x in enumerate(data) if type(x) is kind)
        if isinstance(thing, Mapping):
            is_whole = any(map(is_column, thing.values()))
        elif isinstance(thing, list | tuple | range):
            is_whole = isinstance(data, tuple)
        else:
            is_whole = is_table(thing) or is_column(thing) or is_images(thing)
        if is_whole:
            raise InvalidArgument(
                f"data is a {type(data).__name__} with {type(thing).__name__} at position "
                f"{position}, whose own rows are not split so. "
                "Write partition((X, y), 0.7, multi=True)."
            )


def _common_length(things: tuple[Any, ...]) -> int:
    lengths = [nrows(thing) for thing in things if thing is not None]
    if len(set(lengths)) > 1:
        raise DimensionMismatch(
            f"The things to split have different lengths: {lengths}. Pass things of equal length."
        )
    return lengths[0] if lengths else 0


def _part_sizes(n: int, shares: list[float]) -> list[int]:
    if n < len(shares) + 1:
        raise EmptyData(
            f"{n} row(s) cannot be split into {len(shares) + 1} parts of at least one row. "
            "Pass more rows, or fewer fractions."
        )
    wanted = [round(share * n) for share in shares]
    sizes = [*wanted, n - sum(wanted)]
    repaired = [max(size, 1) for size in sizes]
    while sum(repaired) > n:
        repaired[repaired.index(max(repaired))] -= 1
    if repaired != sizes:
        warn(
            f"Splitting {n} rows by {shares} would give parts of {sizes} rows; they get "
            f"{repaired} instead, as no part may be empty.",
            MLJKerasWarning,
        )
    return repaired


def _stratified(order: np.ndarray, sizes: list[int], stratify: Any) -> list[np.ndarray]:
    values = column_of(stratify, "stratify").values
    if len(values) != len(order):
        raise DimensionMismatch(
            f"stratify has {len(values)} values, and the data have {len(order)} rows. "
            "Pass the target of these very rows."
        )
    codes = factor_codes(values) if is_factor(values) else _distinct(values)[1]
    codes = np.unique(codes, return_inverse=True)[1]  # missing is -1: a class of its own
    quotas = _class_counts(np.bincount(codes), sizes)
    if (quotas == 0).any():
        lacking = np.flatnonzero((quotas == 0).any(axis=1)).tolist()
        warn(
            f"Some parts (0 is the first: {lacking}) have no row of some class, as the class has "
            "fewer rows than would be needed.",
            LevelsWarning,
        )
    part_of = np.empty(len(order), dtype=np.intp)  # by place in `order`
    for code, counts in enumerate(quotas.T):
        part_of[codes[order] == code] = np.repeat(np.arange(len(sizes)), counts)
    return [order[part_of == part] for part in range(len(sizes))]


def _class_counts(totals: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Rows of each class in each part, ints (n_parts, n_classes), summing to sizes and to totals.

    Each part takes its share of what the parts before have left, by largest remainders, so that
    a count is the exact quota rounded down or up.
    """
    left = totals.copy()
    rows = []
    for size in sizes:
        # Integer arithmetic: the quota of a class is left * size / left.sum().
        counts, remainders = np.divmod(left * size, left.sum())
        extra = np.argsort(-remainders, kind="stable")[: size - counts.sum()]
        counts[extra] += 1
        rows.append(counts)
        left = left - counts
    return np.array(rows)
