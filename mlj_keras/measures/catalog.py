"""All measures by their names, and those that suit given data.

Knows every family of measures. Source: StatisticalMeasures.jl, src/registry.jl.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from mlj_keras._display import grid_html, text_table, titled_html
from mlj_keras.data.scitypes import Finite, Infinite, Scitype, Table, Vector
from mlj_keras.errors import InvalidArgument
from mlj_keras.measures import (
    calibration,
    confusion,
    continuous,
    finite,
    losses,
    margin_losses,
    multiclass,
    multitarget,
    multitarget_classes,
    probabilistic,
    ranking,
    rates,
)
from mlj_keras.measures.base import Measure
from mlj_keras.measures.custom import measure_of_callable, scorer_named, scorer_names

_FAMILIES = (
    continuous,
    multitarget,
    losses,
    finite,
    multitarget_classes,
    confusion,
    rates,
    multiclass,
    probabilistic,
    margin_losses,
    ranking,
    calibration,
)
_HEAD = ("name", "orientation", "prediction", "target", "weights", "other names")
ALIASES: dict[str, Measure] = {
    alias: measure for family in _FAMILIES for alias, measure in family.ALIASES.items()
}


class MeasureList(list[Measure]):
    """What `measures` gives: a list of measures that shows as a table.

    Example:
        >>> measures("kappa")
        1 measure
        name   orientation  prediction     target          weights  other names
        kappa  score        deterministic  Vector[Finite]

    Source: StatisticalMeasures.jl, the vector of metadata that `measures` gives.
    """

    def __repr__(self) -> str:
        if not self:
            return self._title()
        return f"{self._title()}\n{text_table(_HEAD, list(map(_cells, self)))}"

    def _repr_html_(self) -> str:
        return titled_html(self._title(), grid_html(_HEAD, list(map(_cells, self))))

    def _title(self) -> str:
        return f"{len(self)} measure" + ("" if len(self) == 1 else "s")


def _cells(measure: Measure) -> tuple[str, ...]:
    kinds = {"rows": measure.supports_weights, "classes": measure.supports_class_weights}
    return (
        measure.name,
        measure.orientation,
        measure.prediction_type,
        str(measure.target_scitype),
        ", ".join(kind for kind, takes in kinds.items() if takes),
        ", ".join(aliases_of(measure)),
    )


def aliases_of(measure: Measure) -> tuple[str, ...]:
    """The names by which a measure is known besides its own."""
    return tuple(a for a, m in ALIASES.items() if m == measure and a != measure.name)


def measures(*conditions: Any) -> MeasureList:
    """The measures of the package that meet all conditions.

    Args: conditions: functions of a measure, such as `matching(y)`; a scitype that the truth has;
        or a text that is in a name. None: all measures.
    Returns: a list of measures, which shows names, traits and aliases.
    Example:
        >>> from mlj_keras.data import Multiclass, Vector
        >>> [m.name for m in measures(Vector[Multiclass[3]], "brier")]
        ['brier_score', 'brier_loss']

    Source: StatisticalMeasures.jl, `measures`.
    """
    tests = [_test(condition) for condition in conditions]
    found: list[Measure] = []
    for measure in ALIASES.values():
        if measure not in found and all(test(measure) for test in tests):
            found.append(measure)
    return MeasureList(found)


def _test(condition: Any) -> Callable[[Measure], bool]:
    if isinstance(condition, Scitype):
        return lambda measure: measure.takes(condition)
    if isinstance(condition, str):
        return lambda measure: any(condition in n for n in (measure.name, *aliases_of(measure)))
    if callable(condition):
        return lambda measure: bool(condition(measure))
    raise InvalidArgument(
        f"A condition on measures is a function, a scitype or a text, got {condition!r:.60}."
    )


def measure_of(given: Any) -> Measure:
    """A measure from what the user gives: a measure, its name or alias, the name of a scorer of
    scikit-learn, a scorer, or a function.

    Raises: InvalidArgument for an unknown name, with the nearest ones, and for anything else.
    """
    if isinstance(given, Measure):
        return given
    if not isinstance(given, str):
        return measure_of_callable(given)
    if given in ALIASES:
        return ALIASES[given]
    scorer = scorer_named(given)
    if scorer is not None:
        return scorer
    near = difflib.get_close_matches(given, [*ALIASES, *scorer_names()], n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise InvalidArgument(f"No measure is called {given!r}. {advice}measures() lists them all.")


def default_measure(prediction_type: str, target: Scitype) -> Measure:
    """What is measured if nothing is said.

    Raises: InvalidArgument if nothing is known of the model or its target.
    """
    if target <= Vector[Finite]:
        name = "log_loss" if prediction_type == "probabilistic" else "misclassification_rate"
        return ALIASES[name]
    if target <= Vector[Infinite]:
        return ALIASES["log_loss" if prediction_type == "probabilistic" else "l2"]
    if target <= Table[Infinite]:
        return ALIASES["multitarget_l2"]
    raise InvalidArgument(
        f"There is no default measure for a target of scitype {target}. Give measure=..."
    )
