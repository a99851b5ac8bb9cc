"""The history of a search as a table, and as numbers for plots. Knows entries. Source:
MLJTuning.jl, src/tuned_models.jl, and the `plotting` of src/strategies/grid.jl."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlj_keras.machine.record import Record
from mlj_keras.measures.base import Measure
from mlj_keras.resampling.evaluation import unique_names
from mlj_keras.tuning.entry import Entry
from mlj_keras.tuning.ranges import NominalRange, NumericRange
from mlj_keras.tuning.space import Space

_FIXED = (
    *("uncertainty_radius_95", "iterations", "iterations_done", "failure", "evaluation"),
    "model",
)


def history_frame(
    entries: Sequence[Entry], fields: Sequence[str], measures: Sequence[Measure]
) -> Any:
    """A frame with a row for each candidate, in the order of their numbers.

    Columns: the dotted paths that are searched; `measurement`, of the first measure, and others by
    their names; `uncertainty_radius_95` of the first; `iterations` of the model and
    `iterations_done` in all, if the search sets them; `failure`, a text or None; `evaluation`;
    `model`.
    """
    names = ["measurement", *unique_names(measures)[1:]]
    fixed = {*names, *_FIXED}
    columns: dict[str, list[Any]] = {}
    for field in fields:
        title = f"{field} (searched)" if field in fixed else field
        columns[title] = [entry.values.get(field) for entry in entries]
    for i, name in enumerate(names):
        columns[name] = [_number(entry, i) for entry in entries]
    columns["uncertainty_radius_95"] = [
        math.nan if e.evaluation is None else _or_nan(e.evaluation.uncertainty_radius_95[0])
        for e in entries
    ]
    if any(entry.iterations is not None for entry in entries):
        columns["iterations"] = [entry.iterations for entry in entries]
        columns["iterations_done"] = [entry.iterations_done for entry in entries]
    frame = pd.DataFrame({name: _column(values) for name, values in columns.items()})
    for name in ("failure", "evaluation", "model"):
        frame[name] = _objects([getattr(entry, name) for entry in entries])
    frame.index = pd.Index([entry.index for entry in entries], name="candidate")
    return frame


def _number(entry: Entry, i: int) -> Any:
    return math.nan if entry.evaluation is None else entry.measurement[i]


def _or_nan(value: Any) -> float:
    return math.nan if value is None else float(value)


def _column(values: list[Any]) -> Any:
    """Numbers as an array of them, anything else as it is."""
    kinds = {type(value) for value in values}
    if kinds <= {int, float} or kinds <= {bool}:
        return np.array(values)
    return _objects(values)


def _objects(values: list[Any]) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return pd.Series(found, dtype=object)


def plotting(entries: Sequence[Entry], space: Space, measure: Measure) -> Record:
    """What plots draw: parameter_names, parameter_scales, parameter_values (a mapping from name to
    a list), parameter_orders (of ranges of values), measurements (n,) of the first measure, its
    name and orientation."""
    scales: Mapping[str, str] = {each.field: _scale_name(each.range) for each in space.dimensions}
    return Record(
        parameter_names=list(scales),
        parameter_scales=list(scales.values()),
        parameter_values={
            field: [entry.values.get(field) for entry in entries] for field in scales
        },
        parameter_orders={
            each.field: each.range.values
            for each in space.dimensions
            if isinstance(each.range, NominalRange)
        },
        measurements=np.array([_or_nan_number(entry) for entry in entries], dtype=float),
        measure=measure.name,
        orientation="score" if measure.orientation == "score" else "loss",
    )


def _or_nan_number(entry: Entry) -> float:
    return math.nan if entry.failure is not None else float(entry.measurement[0])


def _scale_name(r: Any) -> str:
    return r.layout.name if isinstance(r, NumericRange) else "linear"


def running_best(entries: Sequence[Entry]) -> list[float]:
    """The best loss of the first k candidates, for each k; NaN before the first that counts."""
    best, found = math.nan, []
    for entry in entries:
        if math.isnan(best) or entry.loss < best:
            best = entry.loss
        found.append(best)
    return found
