"""What a model predicts, as numbers: values, probabilities of classes, or shares of classes.

Knows predictions. Must not know grids. Source: ours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import as_floats, column_of, is_column, is_factor, is_numeric
from mlj_keras.data.tables import is_table, table_of
from mlj_keras.errors import InvalidArgument, UnsupportedOperation
from mlj_keras.machine.machine import Machine
from mlj_keras.measures.reading import distributions_of


@dataclasses.dataclass(frozen=True)
class Outputs:
    """Predictions as numbers.

    Args: response: what they are: "prediction", "probability", or "share", of a class among
        predicted ones · names: of the k outputs: targets or levels · values: (n, k).
    """

    response: str
    names: tuple[str, ...]
    values: np.ndarray


def outputs_of(mach: Machine, Xnew: Any, levels: Any) -> Outputs:
    """What the machine predicts: of numbers one output a target; of classes one a level that is
    named in `levels`, for None all, of two the second.

    Raises: InvalidArgument for levels that the target has not; UnsupportedOperation for
        predictions that are neither numbers nor classes.
    """
    prediction = mach.predict(Xnew)
    distributions = distributions_of(prediction)
    if distributions is not None:
        return _chosen("probability", distributions.levels, distributions.probabilities, levels)
    if mach.current_model().own_traits().prediction_type == "probabilistic":
        prediction = mach.predict_mean(Xnew)
    if is_column(prediction):
        column = column_of(prediction)
        if is_factor(column.values):
            pool, codes = level_list(column.values), factor_codes(column.values)
            return _chosen("share", pool, codes[:, None] == np.arange(len(pool)), levels)
        names, columns = [column.origin.name or "prediction"], [column.values]
    elif is_table(prediction):
        table = table_of(prediction)
        names, columns = list(table.names), [table.column(name) for name in table.names]
    else:
        names, columns = [], []
    if not columns or not all(map(is_numeric, columns)):
        raise UnsupportedOperation(
            f"Partial dependence is of numbers, probabilities and classes, and {mach.model!r} "
            "predicts something else."
        )
    if levels is not None:
        raise InvalidArgument(
            f"levels are of classes, and {type(mach.model).__name__} predicts numbers. Leave them "
            "out."
        )
    values = np.column_stack([as_floats(column) for column in columns])
    return Outputs("prediction", tuple(map(str, names)), values.astype(np.float64))


def _chosen(response: str, pool: tuple[Any, ...], values: np.ndarray, levels: Any) -> Outputs:
    asked = list(pool[-1:] if len(pool) == 2 else pool)
    if levels is not None:
        asked = list(levels) if isinstance(levels, list | tuple | np.ndarray) else [levels]
    unknown = [level for level in asked if level not in pool]
    if unknown or not asked:
        raise InvalidArgument(
            f"levels must be some of {list(pool)[:10]!r}, got {levels!r:.60}. Leave them out for "
            "all; of two, for the second."
        )
    places = [pool.index(level) for level in dict.fromkeys(asked)]
    names = tuple(str(pool[place]) for place in places)
    return Outputs(response, names, values[:, places].astype(np.float64))
