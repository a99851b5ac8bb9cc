"""Each class against the rest: counts of every class, rates of them, and their averages.

The bases of multiclass.py. Knows confusion matrices and the measures of two classes.
Source: StatisticalMeasures.jl, src/finite.jl and src/functions.jl.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.errors import ModelWarning
from mlj_keras.measures.aggregation import Aggregation, total
from mlj_keras.measures.confusion import PermutedMeasure
from mlj_keras.measures.confusion_value import ConfusionMatrixValue, counted, ratio
from mlj_keras.measures.rates import BinaryMeasure, Counts
from mlj_keras.measures.reading import Pair
from mlj_keras.models.params import param

_AVERAGES = {
    "macro": "macro",
    "macro_avg": "macro",
    "micro": "micro",
    "micro_avg": "micro",
    "no_avg": None,
    None: None,
}


def _average(value: Any) -> str | None:
    if value not in _AVERAGES:
        raise ValueError(f"average must be 'macro', 'micro' or None, got {value!r}.")
    return _AVERAGES[value]


def _return_type(value: Any) -> str:
    if value in ("dict", "vector"):
        return str(value)
    if value is dict or value is np.ndarray:
        return "dict" if value is dict else "vector"
    raise ValueError(f"return_type must be 'dict' or 'vector', got {value!r}.")


def one_against_rest(matrix: np.ndarray) -> Counts:
    """The counts of each class (K,) when it alone is the positive one."""
    tp = matrix.diagonal()
    fp, fn = matrix.sum(axis=1) - tp, matrix.sum(axis=0) - tp
    return Counts(tp=tp, tn=matrix.sum() - tp - fp - fn, fp=fp, fn=fn)


class MulticlassMeasure(PermutedMeasure):
    """Base of the measures of each class against the rest.

    Hyper-parameters:
        return_type: "dict" (default) from level to number, or "vector" in the order of the levels
        levels: labels in their order, or None (default) for the pool of the data
        perm: ints or None (default): level perm[i] comes i-th, counted from 0
        rev: bool or None (default): True swaps the two levels of binary data
        checks: bool, default True: levels that occur and are not in `levels` raise; False leaves
            their rows out.
    """

    orientation: ClassVar[str] = "score"
    binary: ClassVar[BinaryMeasure]  # the measure of two classes whose formula is applied

    return_type: str | type = param("dict", convert=_return_type)

    def one(self) -> BinaryMeasure:
        """The measure of one class against the rest."""
        return type(self).binary

    def by_class(self, values: np.ndarray, levels: tuple[Any, ...]) -> Any:
        """A number for each class as the user wants them."""
        if self.return_type == "vector":
            return values
        return dict(zip(levels, values.tolist(), strict=True))


class MulticlassCount(MulticlassMeasure):
    """Base of the counts of each class; folds add up.

    Hyper-parameters: those of `MulticlassMeasure`.
    Args, Raises: as every measure, see `Measure`; no weights. Or a ConfusionMatrixValue alone.
    Returns: mapping from level to int, or a vector of ints.
    """

    aggregation: ClassVar[Aggregation] = total

    def of_confusion(self, confusion: ConfusionMatrixValue) -> Any:
        """The count of each class."""
        arranged = self.arrange(confusion)
        counts = self.one().of_counts(one_against_rest(arranged.matrix))
        return self.by_class(np.array(counts), arranged.levels)


class MulticlassRate(MulticlassMeasure):
    """Base of the rates of each class, or their averages. Weights are those of classes.

    Hyper-parameters, besides those of `MulticlassMeasure`:
        average: "macro" (default), the mean of the rates of all classes, those that are NaN
            counting as 0; "micro", the rate of the summed counts; or None, a rate for each class.
            Also "macro_avg", "micro_avg", "no_avg".
    Args: as every measure, see `Measure`; class_weights only: they weigh the classes of a macro
        average, multiply the rates of each class, and are ignored with a warning by micro. Or a
        ConfusionMatrixValue alone, or with class_weights.
    Returns: float in [0, 1], NaN if there is no row; with average=None a mapping from level to
        float, or a vector, NaN for 0/0.
    Raises: as every measure.

    Deviations from StatisticalMeasures.jl: a macro average with class weights divides by their
    sum, there by the number of classes.
    """

    supports_class_weights: ClassVar[bool] = True

    average: str | None = param("macro", convert=_average)

    def weights_of(self, pair: Pair, weights: Any, class_weights: Any) -> np.ndarray | None:
        """The weight of each level (K,), in the order of the result; there are none of rows."""
        super().weights_of(pair, weights, None)
        if class_weights is None:
            return None
        return self._of_levels(self.arrange(counted(pair.complete())), class_weights)

    def size_of(self, pair: Pair, weights: np.ndarray | None) -> float:
        """The number of rows: the weights are of levels."""
        return float(pair.present.sum())

    def of_pair(self, pair: Pair, weights: np.ndarray | None) -> Any:
        """The measurement of rows, with weights of levels."""
        return self._averaged(self.arrange(counted(pair.complete())), weights)

    def of_given(self, confusion: ConfusionMatrixValue, class_weights: Any) -> Any:
        """The measurement of a confusion matrix that the user gave, class weights included."""
        arranged = self.arrange(confusion)
        weights = None if class_weights is None else self._of_levels(arranged, class_weights)
        return self._averaged(arranged, weights)

    def of_confusion(self, confusion: ConfusionMatrixValue) -> Any:
        """The measurement of counts, without weights."""
        return self.of_given(confusion, None)

    def _of_levels(self, arranged: ConfusionMatrixValue, class_weights: Any) -> np.ndarray:
        codes = np.arange(len(arranged.levels))
        one_row_each = Pair(codes, codes, np.ones(len(codes), dtype=bool), arranged.levels)
        return self._weights_by_class(one_row_each, class_weights)

    def _averaged(self, arranged: ConfusionMatrixValue, weights: np.ndarray | None) -> Any:
        counts = one_against_rest(arranged.matrix)
        if self.average == "micro":
            return self._micro(counts, weights)
        values, own = self.one().of_counts(counts), np.ones(len(arranged.levels))
        own = own if weights is None else weights
        if self.average is None:
            return self.by_class(values * own, arranged.levels)
        if not arranged.matrix.any():
            return float("nan")  # no rows, so that no class has a rate
        return float(ratio(np.nansum(values * own), own.sum()))

    def _micro(self, counts: Counts, weights: np.ndarray | None) -> float:
        if weights is not None:
            warn(
                f"{self.name} sums the counts of all classes and takes no class weights: they are "
                "ignored. Use average='macro' to weigh classes.",
                ModelWarning,
            )
        summed = Counts(counts.tp.sum(), counts.tn.sum(), counts.fp.sum(), counts.fn.sum())
        return float(self.one().of_counts(summed))
