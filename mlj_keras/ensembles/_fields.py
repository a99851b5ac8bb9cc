"""The hyper-parameters of ensembles, checked when they are assigned.

Knows models and measures. Source: MLJEnsembles.jl, src/ensembles.jl (`clean!`).
"""

from __future__ import annotations

import math
from typing import Any

from mlj_keras.measures.base import Measure
from mlj_keras.measures.catalog import measure_of
from mlj_keras.models import Model


def check_atom(value: Any) -> Any:
    """A model that predicts. Raises: TypeError for anything else."""
    known = isinstance(value, Model) and hasattr(value, "own_traits")
    if known and value.own_traits().supervised:
        return value
    given = f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
    raise TypeError(
        f"must be a model that predicts, such as NeuralNetworkClassifier(), got {given}"
    )


def check_atomic_weights(value: Any) -> tuple[float, ...]:
    """Numbers, none negative, not all zero; none for equal weights.

    Raises: TypeError, ValueError for anything else.
    """
    if value is None:
        return ()
    try:
        weights = tuple(map(float, value))
    except (TypeError, ValueError):
        raise TypeError(f"must be a sequence of numbers, got {value!r:.60}") from None
    wrong = [weight for weight in weights if not math.isfinite(weight) or weight < 0]
    if wrong or (weights and not sum(weights)):
        raise ValueError(f"must be numbers of 0 or more, not all zero, got {value!r:.60}")
    return weights


def check_measures(value: Any) -> tuple[Measure, ...]:
    """Measures. Raises: what `measure_of` raises."""
    given = () if value is None else value
    return tuple(map(measure_of, given if isinstance(given, list | tuple) else (given,)))
