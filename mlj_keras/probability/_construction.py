"""Reading the arguments of `UnivariateFinite(...)`: support, probabilities, pool, augmentation.

Knows labels and arrays only; the distributions are built from what `parts_of` returns.
Source: CategoricalDistributions.jl, src/types.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.data.categorical import level_list
from mlj_keras.data.columns import column_of, is_factor
from mlj_keras.errors import DimensionMismatch, InvalidArgument
from mlj_keras.probability._finite import Label, is_missing, labels_of, positions, shown


@dataclasses.dataclass(frozen=True)
class Parts:
    """Probabilities over the whole pool, (K,) or (n, K), and the pool."""

    probabilities: np.ndarray
    levels: tuple[Label, ...]
    support: tuple[Label, ...]
    ordered: bool


def parts_of(support: Any, probs: Any, pool: Any, *, augment: bool, ordered: bool) -> Parts:
    """The parts of the distribution or distributions that the arguments describe.

    Raises: InvalidArgument, DimensionMismatch, UnseenLevelError, see UnivariateFinite.
    """
    if isinstance(support, Mapping):
        support, probs = _split_mapping(support, probs, augment=augment)
    elif probs is None:
        support, probs = None, support
    if probs is None:
        raise InvalidArgument(
            "UnivariateFinite needs probabilities, got none. "
            'Write UnivariateFinite(["a", "b"], [0.2, 0.8]).'
        )
    given = _numbers(probs)
    if support is None:
        classes, own_pool = _invented(given, pool, augment=augment), None
    else:
        classes, own_pool = _classes(support)
    if augment:
        given = _augmented(given, classes)
    elif given.ndim not in (1, 2) or given.shape[-1] != len(classes):
        raise DimensionMismatch(
            f"The last axis of probs must have one entry for each of the {len(classes)} classes "
            f"{shown(classes)}, and probs one or two axes, got the shape {given.shape}. "
            "If the first class is left out on purpose, write augment=True."
        )
    _check_not_negative(given)
    levels, pool_ordered = _pool(pool, own_pool, classes)
    codes = positions(classes, levels, "pool")
    full = given
    if codes.tolist() != list(range(len(levels))):
        full = np.zeros((*given.shape[:-1], len(levels)), dtype=given.dtype)
        full[..., codes] = given
    return Parts(full, levels, tuple(levels[c] for c in sorted(codes)), ordered or pool_ordered)


def _split_mapping(mapping: Mapping[Any, Any], probs: Any, *, augment: bool) -> tuple[Any, Any]:
    if probs is not None or augment:
        raise InvalidArgument(
            "A mapping from class to probability stands alone, got it with "
            f"{'augment=True' if augment else 'probs'}. Give every class its probability in it."
        )
    columns = [np.asarray(column) for column in mapping.values()]
    shapes = sorted({column.shape for column in columns})
    if len(shapes) > 1:
        raise DimensionMismatch(
            f"The probabilities of a mapping must have one shape, got {shapes}. "
            "Give a number for every class, or arrays of one length."
        )
    return list(mapping), np.stack(columns, axis=-1) if columns else np.empty(0)


def _numbers(probs: Any) -> np.ndarray:
    """A fresh float32 or float64 array."""
    try:
        array = np.asarray(probs)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise _no_numbers(probs) from error
    if array.dtype.kind not in "fiub":
        raise _no_numbers(probs)
    return np.array(array, dtype=np.float32 if array.dtype == np.float32 else np.float64)


def _no_numbers(probs: Any) -> InvalidArgument:
    text = repr(probs)
    return InvalidArgument(
        f"probs must be numbers in rows of equal length, got {text[:60]}. "
        'Write UnivariateFinite(["a", "b"], [0.2, 0.8]), classes first.'
    )


def _invented(given: np.ndarray, pool: Any, *, augment: bool) -> tuple[Label, ...]:
    if pool is not None:
        raise InvalidArgument(
            "pool= was given without a support, so it is unknown which level has which "
            "probability. Give both: UnivariateFinite(levels(pool), probs, pool=pool)."
        )
    if given.ndim == 2:
        count = given.shape[1] + augment
    else:
        count = 2 if augment or given.ndim == 0 else len(given)
    if count == 0:
        raise _empty()
    return tuple(f"class_{i}" for i in range(1, count + 1))


def _classes(support: Any) -> tuple[tuple[Label, ...], tuple[tuple[Label, ...], bool] | None]:
    """The classes in the order given, and the pool and order that they bring if categorical."""
    values: Any = column_of(support, "support").values  # Any: pyarrow has no types
    classes = tuple(labels_of(support, "support"))
    if not classes:
        raise _empty()
    _check_labels(classes, "support")
    return classes, (level_list(values), values.type.ordered) if is_factor(values) else None


def _empty() -> InvalidArgument:
    return InvalidArgument(
        "A distribution needs at least one class, got an empty support. Name the classes."
    )


def _pool(
    pool: Any, own: tuple[tuple[Label, ...], bool] | None, classes: tuple[Label, ...]
) -> tuple[tuple[Label, ...], bool]:
    """The levels of the distribution, and whether the pool says that they are ordered."""
    if pool is None:
        return own if own is not None else (classes, False)
    if isinstance(getattr(pool, "levels", None), tuple):  # a distribution, or a vector of them
        return pool.levels, bool(pool.ordered)
    values: Any = column_of(pool, "pool").values  # Any: pyarrow has no types
    if is_factor(values):
        return level_list(values), bool(values.type.ordered)
    levels = tuple(labels_of(pool, "pool"))
    _check_labels(levels, "pool")
    return levels, False


def _check_labels(labels: tuple[Label, ...], name: str) -> None:
    if any(map(is_missing, labels)):
        raise InvalidArgument(f"{name} contains a missing value, which is no class. Leave it out.")
    try:
        distinct = len(set(labels))
    except TypeError as error:
        raise InvalidArgument(
            f"{name} holds labels that do not hash, got {shown(labels)}. Use strings or numbers."
        ) from error
    if distinct < len(labels):
        twice = [label for label in dict.fromkeys(labels) if labels.count(label) > 1]
        raise InvalidArgument(
            f"{name} names {shown(twice)} more than once. Name each class once; the levels of a "
            "categorical column y are levels(y)."
        )


def _augmented(given: np.ndarray, classes: tuple[Label, ...]) -> np.ndarray:
    """With the probability of the first class put before the others.

    In the binary case `given` has the shape of the result: (), or (n,).
    """
    if not ((given >= 0) & (given <= 1)).all():
        raise InvalidArgument(
            "With augment=True probabilities must lie in [0, 1], got "
            f"{given[~((given >= 0) & (given <= 1))][0]:.3g}. Correct or normalise them first."
        )
    binary = len(classes) == 2
    wanted = (0, 1) if binary else (1, 2)
    if given.ndim not in wanted or (not binary and given.shape[-1] != len(classes) - 1):
        wants = "a number or one axis, the probability of the second class,"
        if not binary:
            wants = f"a last axis of {len(classes) - 1}, the probabilities of all but the first,"
        raise DimensionMismatch(
            f"With augment=True and {len(classes)} classes, probs must have {wants} got the shape "
            f"{given.shape}."
            + (" Write probs.ravel()." if binary else " Leave the first class out.")
        )
    rest = given[..., np.newaxis] if binary else given
    first = 1 - rest.sum(axis=-1, keepdims=True)
    # Probabilities that sum to 1 in exact arithmetic may exceed it by their rounding.
    if (first < -len(classes) * np.finfo(given.dtype).eps).any():
        raise InvalidArgument(
            f"With augment=True the probabilities of a row must not sum to more than 1, got "
            f"{1 - first.min():.6g}. Normalise them, or give all classes without augment."
        )
    return np.concatenate([np.maximum(first, 0), rest], axis=-1)


def _check_not_negative(given: np.ndarray) -> None:
    wrong = (given < 0) | np.isinf(given)
    if wrong.any():
        raise InvalidArgument(
            f"Probabilities must be finite and not negative, got {given[wrong][0]:.3g}. "
            "Apply a softmax to logits first."
        )
