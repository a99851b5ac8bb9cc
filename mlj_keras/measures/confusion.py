"""The confusion matrix as a measure, and the bases of the measures that can be told from one.

Source: StatisticalMeasures.jl, src/finite.jl.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.categorical import check_pool, label_list
from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.errors import InvalidArgument, InvalidModelError, WeightsError
from mlj_keras.measures.aggregation import Aggregation, total
from mlj_keras.measures.base import Measure, Reader, WholeMeasure
from mlj_keras.measures.confusion_value import (
    ConfusionMatrixValue,
    counted,
    permuted,
    with_levels,
)
from mlj_keras.measures.reading import Pair, read_classes
from mlj_keras.models.params import param
from mlj_keras.models.representation import changed_fields


class ClassMeasure(Measure):
    """Base of the measures of predicted classes that can be told from a confusion matrix, and are
    called with one too: `accuracy(cm)`. A subclass says how in `of_confusion`.

    Source: StatisticalMeasures.jl, src/finite.jl.
    """

    target_scitype: ClassVar[Scitype] = Vector[Finite]
    reads: ClassVar[Reader] = read_classes
    short: ClassVar[str] = ""  # the name of the instance with all defaults

    @property
    def name(self) -> str:
        """The first alias, such as "tpr"; the class in snake case where a field was changed."""
        return self.short if self.short and not changed_fields(self) else super().name

    def __call__(
        self,
        prediction: Any,
        truth: Any = None,
        weights: Any = None,
        *,
        class_weights: Any = None,
    ) -> Any:
        """The measurement of all rows, see `Measure`, or of a confusion matrix as only argument.

        Raises: as every measure; InvalidArgument for a confusion matrix and more, or for no truth.
        """
        if isinstance(prediction, ConfusionMatrixValue):
            if truth is not None or weights is not None:
                raise InvalidArgument(
                    f"{self.name} was given a confusion matrix and more. Call {self.name}(cm), or "
                    f"{self.name}(prediction, truth, weights) of the rows."
                )
            return self.of_given(prediction, class_weights)
        if truth is None:
            raise InvalidArgument(
                f"{self.name} was given no truth. Call {self.name}(prediction, truth), or "
                f"{self.name}(cm) with a confusion matrix."
            )
        return super().__call__(prediction, truth, weights, class_weights=class_weights)

    def of_given(self, confusion: ConfusionMatrixValue, class_weights: Any) -> Any:
        """The measurement of a confusion matrix that the user gave."""
        if class_weights is not None:
            raise WeightsError(
                f"{self.name} of a confusion matrix takes no class weights. Give the rows: "
                f"{self.name}(prediction, truth, class_weights={{...}})."
            )
        return self.of_confusion(confusion)

    def of_confusion(self, confusion: ConfusionMatrixValue) -> Any:
        """The measurement of counts."""
        raise NotImplementedError(f"{type(self).__name__} must define of_confusion")


class ConfusionMeasure(ClassMeasure, WholeMeasure):
    """Base of the measures that need nothing but the confusion matrix, and take no weights."""

    supports_weights: ClassVar[bool] = False

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> Any:
        """The measurement of the counts of all rows."""
        return self.of_confusion(counted(pair))


def check_levels(value: Any) -> tuple[Any, ...]:
    """The levels that the user wrote as a field of a measure, as a tuple."""
    return check_pool(label_list(value, "a measure"), "a measure")


def _perm(value: Any) -> tuple[int, ...]:
    if not isinstance(value, tuple) or sorted(value) != list(range(len(value))):
        raise ValueError(f"perm must hold each of 0, 1, ..., K - 1 once, got {value!r}.")
    return value


class OrderedMeasure(ConfusionMeasure):
    """Base of the measures that depend on the order of the levels.

    Hyper-parameters:
        levels: labels in their order, or None (default) for the pool of the data
        rev: bool or None (default): True swaps the two levels of binary data
        checks: bool, default True: levels that occur and are not in `levels` raise; False leaves
            their rows out.
    """

    levels: Sequence[Any] | None = param(None, optional=True, convert=check_levels)
    rev: bool | None = param(None, kind=bool, optional=True)
    checks: bool = param(True, kind=bool)

    def arrange(self, confusion: ConfusionMatrixValue) -> ConfusionMatrixValue:
        """The counts in the order that the fields say; ordered if any of them is given."""
        if self.levels is not None:
            confusion = with_levels(confusion, self.levels, checks=self.checks)
        if self.rev is None:
            return confusion
        if len(confusion.levels) != 2:
            raise InvalidArgument(
                f"rev of {self.name} swaps two levels, and the data have "
                f"{len(confusion.levels)}: {list(confusion.levels)[:6]!r}. Give levels=[...] in "
                "the order you mean."
            )
        return permuted(confusion, (1, 0) if self.rev else (0, 1))


class PermutedMeasure(OrderedMeasure):
    """Base of the measures of any number of classes whose result has an order.

    Hyper-parameters: as `OrderedMeasure`, and
        perm: ints or None (default): level perm[i] of the data, or of `levels`, comes i-th,
            counted from 0.
    """

    perm: Sequence[int] | None = param(None, optional=True, convert=_perm)

    def arrange(self, confusion: ConfusionMatrixValue) -> ConfusionMatrixValue:
        """The counts in the order that the fields say."""
        if self.perm is None:
            return super().arrange(confusion)
        if self.rev is not None:
            raise InvalidModelError(
                f"{type(self).__name__} has both perm={self.perm} and rev={self.rev}. Give one."
            )
        arranged = super().arrange(confusion)
        if len(self.perm) != len(arranged.levels):
            raise InvalidArgument(
                f"perm={self.perm} of {self.name} orders {len(self.perm)} levels, and there are "
                f"{len(arranged.levels)}: {list(arranged.levels)[:6]!r}. Name each place once."
            )
        return permuted(arranged, self.perm)


class ConfusionMatrix(PermutedMeasure):
    """The count of each pair of predicted and true class: `confmat`, without orientation; folds
    add up.

    Hyper-parameters:
        levels: labels in their order, or None (default) for the pool of the data
        perm: ints or None (default): level perm[i] comes i-th, counted from 0
        rev: bool or None (default): True swaps the two levels of binary data
        checks: bool, default True: levels that occur and are not in `levels` raise; False leaves
            their rows out.
    Args, Raises: as every measure, see `Measure`; no weights.
    Returns: ConfusionMatrixValue; ordered if the data are, or levels, perm or rev are given.
    Example:
        >>> cm = ConfusionMatrix()(["a", "b", "b"], ["a", "b", "a"])
        >>> cm("b", "a"), cm.levels
        (1, ('a', 'b'))

    Source: StatisticalMeasures.jl, src/finite.jl, `ConfusionMatrix`. Deviations: rows are
    predictions, the transpose of scikit-learn's confusion_matrix; a missing prediction raises, a
    missing truth is left out; `rev=False` leaves the order alone, there it reverses.
    """

    orientation: ClassVar[str] = "none"
    aggregation: ClassVar[Aggregation] = total
    short: ClassVar[str] = "confmat"

    def of_confusion(self, confusion: ConfusionMatrixValue) -> ConfusionMatrixValue:
        """The counts in the order asked for."""
        return self.arrange(confusion)


confmat = ConfusionMatrix()

ALIASES: dict[str, Measure] = {"confmat": confmat, "confusion_matrix": confmat}
