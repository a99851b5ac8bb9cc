"""Confusion matrices as values: counts of predicted and true classes that are looked up, added,
put in another order and drawn.

Knows pairs of codes and the picture; no measure. Source: StatisticalMeasures.jl,
src/confusion_matrices.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument, UnseenLevelError, UnsupportedOperation
from mlj_keras.measures._confusion_display import confusion_html, confusion_text
from mlj_keras.measures.reading import Pair
from mlj_keras.plots.confusion_matrix import plot_confusion_matrix
from mlj_keras.storage.records import storable

pd = lazy_module("pandas")


@storable
@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ConfusionMatrixValue:
    """How often each class was predicted for each true class: what the measure `confmat` gives.

    Args:
        levels: K labels
        matrix: (K, K) ints, kept read-only; rows are predictions, columns the truth
        ordered: whether the order of the levels is meant, so that the last of two is positive.
    Raises: InvalidArgument for a matrix of another shape, or a level given twice.
    Example:
        >>> cm = ConfusionMatrixValue(("no", "yes"), [[5, 1], [2, 7]])
        >>> cm
                    ┌───────────────┐
                    │ Ground Truth  │
        ┌───────────┼───────┬───────┤
        │ Predicted │  no   │  yes  │
        ├───────────┼───────┼───────┤
        │    no     │   5   │   1   │
        ├───────────┼───────┼───────┤
        │    yes    │   2   │   7   │
        └───────────┴───────┴───────┘
        >>> cm("yes", "no"), (cm + cm)("yes", "no")
        (2, 4)

    Source: StatisticalMeasures.jl, src/confusion_matrices.jl, `ConfusionMatrix`. Deviations:
    indices start at 0; matrices whose levels differ do not add up, there they do.
    """

    levels: tuple[Any, ...]
    matrix: np.ndarray
    ordered: bool = False

    def __post_init__(self) -> None:
        levels, matrix = tuple(self.levels), np.array(self.matrix, dtype=np.int64)
        if matrix.shape != (len(levels), len(levels)) or len(set(levels)) < len(levels):
            raise InvalidArgument(
                "A confusion matrix has one row and one column for each level, all different; got "
                f"the shape {matrix.shape} and the levels {list(levels)[:6]!r}."
            )
        matrix.flags.writeable = False
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "matrix", matrix)

    def __call__(self, prediction: Any, truth: Any) -> int:
        """The number of rows of class `truth` for which `prediction` was predicted.

        Raises: UnseenLevelError for a label that is no level.
        """
        unknown = [label for label in (prediction, truth) if label not in self.levels]
        if unknown:
            raise UnseenLevelError(
                f"{unknown[0]!r} is no level of this confusion matrix. Its levels are "
                f"{list(self.levels)[:6]!r}."
            )
        return int(self.matrix[self.levels.index(prediction), self.levels.index(truth)])

    def __getitem__(self, index: Any) -> Any:
        """The entries of `matrix`, where the order of the levels is meant.

        Raises: UnsupportedOperation if the levels have no order.
        """
        if not self.ordered:
            raise UnsupportedOperation(
                f"The levels {list(self.levels)[:6]!r} of this confusion matrix have no order, so "
                "an index could mean any of them. Write cm(prediction, truth) with labels, use "
                "cm.matrix, or make it with ordered factors or ConfusionMatrix(levels=[...])."
            )
        return self.matrix[index]

    def __add__(self, other: object) -> ConfusionMatrixValue:
        """The counts of both together.

        Raises: InvalidArgument if the levels differ, or are ordered otherwise.
        """
        if not isinstance(other, ConfusionMatrixValue):
            return NotImplemented
        if not self._agrees_with(other):
            raise InvalidArgument(
                f"Confusion matrices of different levels do not add up, {list(self.levels)[:6]!r} "
                f"and {list(other.levels)[:6]!r}. Make both with ConfusionMatrix(levels=[...])."
            )
        counts = self.matrix + with_levels(other, self.levels).matrix
        return ConfusionMatrixValue(self.levels, counts, self.ordered and other.ordered)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConfusionMatrixValue):
            return NotImplemented
        return self._agrees_with(other) and np.array_equal(
            self.matrix, with_levels(other, self.levels).matrix
        )

    def _agrees_with(self, other: ConfusionMatrixValue) -> bool:
        """Whether the levels are the same, as lists if both are ordered."""
        if self.ordered and other.ordered:
            return self.levels == other.levels
        return set(self.levels) == set(other.levels)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.levels, self.matrix, self.ordered)  # else a copy is writeable

    def to_pandas(self) -> Any:
        """The counts as a pandas frame (typed Any, as pandas loads on use).

        Returns: frame of ints; the index `predicted` and the columns `ground_truth` are labels.
        Example:
            >>> ConfusionMatrixValue(("a", "b"), [[5, 1], [2, 7]]).to_pandas().loc["b", "a"]
            np.int64(2)

        Source: ours.
        """
        rows = pd.Index(self.levels, name="predicted")
        columns = pd.Index(self.levels, name="ground_truth")
        return pd.DataFrame(self.matrix.copy(), index=rows, columns=columns)

    def plot(self, *, axes: Any = None, title: str = "") -> Any:
        """Draw the counts on matplotlib axes, new ones by default, and return these.

        Raises: MissingPackageError without matplotlib.
        """
        return plot_confusion_matrix(
            self.matrix, [str(level) for level in self.levels], axes=axes, title=title
        )

    def __repr__(self) -> str:
        return confusion_text(self.levels, self.matrix)

    def _repr_html_(self) -> str:
        return confusion_html(self.levels, self.matrix)


def counted(pair: Pair) -> ConfusionMatrixValue:
    """The confusion matrix of a pair of codes without missing truths."""
    k = len(pair.levels)
    cells = pair.prediction.astype(np.int64) * k + pair.truth
    counts = np.bincount(cells, minlength=k * k).reshape(k, k)
    return ConfusionMatrixValue(pair.levels, counts, pair.ordered)


def with_levels(
    confusion: ConfusionMatrixValue, levels: Sequence[Any], *, checks: bool = True
) -> ConfusionMatrixValue:
    """The counts of the levels given, in their order, 0 for new ones.

    Raises: UnseenLevelError if checks and a level that occurs is left out; without checks its
        rows are left out.
    """
    old, position = confusion.levels, {level: code for code, level in enumerate(levels)}
    kept = [level in position for level in old]
    inner = confusion.matrix[np.ix_(kept, kept)]
    if checks and inner.sum() < confusion.matrix.sum():
        occurs = confusion.matrix.sum(axis=0) + confusion.matrix.sum(axis=1) > 0
        lost = [level for level, k, o in zip(old, kept, occurs, strict=True) if o and not k]
        raise UnseenLevelError(
            f"levels={list(levels)!r} lack {lost!r:.80}, found in the data. Add them to "
            "levels, or leave such rows out with checks=False."
        )
    places = [position[level] for level, k in zip(old, kept, strict=True) if k]
    counts = np.zeros((len(position), len(position)), dtype=np.int64)
    counts[np.ix_(places, places)] = inner
    return ConfusionMatrixValue(tuple(levels), counts, ordered=True)


def permuted(confusion: ConfusionMatrixValue, perm: Sequence[int]) -> ConfusionMatrixValue:
    """The same counts with level i where perm[i] was."""
    places = list(perm)
    levels = tuple(confusion.levels[place] for place in places)
    return ConfusionMatrixValue(levels, confusion.matrix[np.ix_(places, places)], ordered=True)


def ratio(numerator: Any, denominator: Any) -> Any:
    """The quotient of counts, one or many; NaN for 0/0."""
    with np.errstate(invalid="ignore"):
        return np.true_divide(numerator, denominator)
