"""What an ensemble predicts, from what its members predict.

Knows predictions only. Source: MLJEnsembles.jl, src/ensembles.jl (`predict`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import column_of, column_out, factor, is_column, is_factor
from mlj_keras.data.tables import is_table
from mlj_keras.machine.trained_models import mean_prediction
from mlj_keras.probability import UnivariateFiniteVector
from mlj_keras.probability.mixture import Mixture


def aggregated(predictions: list[Any], weights: Sequence[float], *, labels: bool) -> Any:
    """The prediction of an ensemble: the mean of numbers and of probabilities of classes, a
    mixture of other distributions, the vote of labels, in which weights do not count.

    Args: predictions: of the members for the same rows · weights: of members, with sum 1 ·
        labels: whether they are labels.
    """
    if labels:
        return vote(predictions)
    first = predictions[0]
    numbers = isinstance(first, UnivariateFiniteVector) or is_table(first)
    if numbers or (is_column(first) and not _are_distributions(first)):
        return mean_prediction(predictions, np.asarray(weights))
    mixed = zip(*predictions, strict=True)
    return [Mixture(components, tuple(map(float, weights))) for components in mixed]


def _are_distributions(prediction: Any) -> bool:
    first = next(iter(prediction), None)
    return hasattr(first, "pdf") or hasattr(first, "pmf")


def vote(predictions: list[Any]) -> Any:
    """The most frequent label of each row, of equals the earlier one in the pool; of the kind of
    the first.

    Example:
        >>> vote([["a", "b"], ["b", "b"], ["b", "a"]]).tolist()
        ['b', 'b']

    Source: MLJEnsembles.jl, src/ensembles.jl.
    """
    columns = [column_of(each) for each in predictions]
    first = columns[0]
    if not len(first.values):
        return predictions[0]
    if is_factor(first.values):
        levels: list[Any] = list(level_list(first.values))
        codes = np.array([factor_codes(each.values) for each in columns])
    else:
        found = [list(np.asarray(each.values)) for each in columns]
        levels = sorted({label for labels in found for label in labels})
        place = {label: code for code, label in enumerate(levels)}
        codes = np.array([[place[label] for label in labels] for labels in found])
    counts = np.stack([(codes == code).sum(axis=0) for code in range(len(levels))])
    chosen = counts.argmax(axis=0)
    if is_factor(first.values):
        values: Any = factor(chosen, levels, ordered=bool(first.values.type.ordered))
        return column_out(values, first.origin, first.index)
    made = column_of([levels[code] for code in chosen])
    return column_out(made.values, first.origin, first.index)
