"""Distributions over classes carried over by a map of the classes.

Knows distributions and columns. Source: ours; the push-forward of a distribution.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.data.categorical import level_list
from mlj_keras.data.columns import column_of, column_out, factor, is_factor, missing_mask
from mlj_keras.errors import DimensionMismatch, MissingValuesError, WrongType
from mlj_keras.probability.univariate_finite import UnivariateFiniteVector
from mlj_keras.storage.records import storable


@storable
def level_column(vector: Any) -> Any:
    """The levels of distributions as a column (K,) of the kind of the target.

    Raises: WrongType for anything but distributions over classes.
    Example:
        >>> v = UnivariateFiniteVector(np.array([[0.5, 0.5]]), ("a", "b"))
        >>> list(level_column(v))
        ['a', 'b']

    Source: ours.
    """
    if not isinstance(vector, UnivariateFiniteVector):
        raise WrongType(
            "Only distributions over classes can be transformed back, got "
            f"{type(vector).__name__}. Use a deterministic model, or inverse='identity'."
        )
    codes = np.arange(len(vector.levels), dtype=np.int32)
    return column_out(factor(codes, vector.levels, ordered=vector.ordered), vector.origin)


@storable
def relabelled(vector: UnivariateFiniteVector, labels: Any) -> UnivariateFiniteVector:
    """The distributions of f(Y), if those given are of Y.

    Args: vector: (n,) distributions over K levels · labels: (K,) what f makes of each level.
    Returns: UnivariateFiniteVector over these labels, in the order of the levels, or of their own
        pool; the probabilities of levels that become one are added.
    Raises: DimensionMismatch, MissingValuesError if a level has no label.
    Example:
        >>> v = UnivariateFiniteVector(np.array([[0.5, 0.3, 0.2]]), ("a", "b", "c"))
        >>> relabelled(v, ["x", "y", "y"]).to_pandas()
             x    y
        0  0.5  0.5

    Source: ours.
    """
    pool, values = vector.levels, column_of(labels, "the labels").values
    if len(values) != len(pool):
        raise DimensionMismatch(
            f"The inverse made {len(values)} labels of {len(pool)} levels. It has to give each "
            "its own."
        )
    gone = np.flatnonzero(missing_mask(values))
    if len(gone):
        raise MissingValuesError(
            f"The inverse gives no label to {[pool[k] for k in gone]!r}. Give each level one."
        )
    made = values.tolist()
    order = level_list(values) if is_factor(values) else made  # a pool has an order of its own
    new = [label for label in dict.fromkeys(order) if label in set(made)]
    rows = np.zeros((len(vector), len(new)), dtype=vector.probabilities.dtype)
    for k, label in enumerate(made):
        rows[:, new.index(label)] += vector.probabilities[:, k]
    ordered = is_factor(values) and bool(values.type.ordered)
    return UnivariateFiniteVector(
        rows, new, ordered=ordered, origin=vector.origin, index=vector.index
    )
