"""Checks when a machine is made: scitypes, lengths, row labels, weights. One message, all columns
in it, and the line to paste.

Knows traits and sources. Source: MLJBase.jl, src/machines.jl (`check`), with other levels: 0 none,
1 what a model cannot take raises and a lossless conversion warns, 2 every mismatch raises.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.alignment import check_row_order, row_labels
from mlj_keras.data.categorical import factor_codes, levels
from mlj_keras.data.columns import Column, is_factor, missing_mask
from mlj_keras.data.images import ImageVector, images_of, is_images
from mlj_keras.data.inference import column_scitypes, values_scitype
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Found,
    Image,
    Scitype,
    Table,
    Textual,
    Unknown,
    Vector,
    members,
    non_missing,
)
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    LevelsWarning,
    MissingValuesError,
    ModelWarning,
    OneClassError,
    ScitypeError,
    ScitypeWarning,
)
from mlj_keras.machine._findings import (
    column_line,
    described,
    fill_line,
    holds_numbers,
    listed,
    one_axis,
)
from mlj_keras.machine.checking import said_before
from mlj_keras.machine.source import Source
from mlj_keras.models import Traits, info
from mlj_keras.models.params import normalise, same


def check_kind(traits: Traits, data: Any, inner: Any) -> None:
    """X is data of a kind that the model can read at all: a table where it wants one, or images.

    Raises: TableError, DimensionMismatch, with what to pass instead.
    """
    if traits.input_scitype <= Vector[Image]:
        empty = isinstance(data, list | tuple) and not data  # a list of no images has no shape
        if not isinstance(inner, ImageVector) and not empty:
            images_of(data)
    elif traits.input_scitype.name == "Table":
        if not isinstance(inner, InnerTable):
            wrong = one_axis(data)
            if wrong is not None:
                raise wrong
            table_of(data)
    elif not isinstance(inner, InnerTable | Column | ImageVector):
        if is_images(data):  # of several sizes, which is said
            images_of(data)
        table_of(data)


def check_lengths(sources: tuple[Source, ...], names: tuple[str, ...]) -> None:
    """All arguments have the same number of rows, at least one, and pandas labels in one order.

    Raises: DimensionMismatch, EmptyData, InvalidArgument.
    """
    if isinstance(sources[0].inner, InnerTable) and not sources[0].inner.names:
        raise EmptyData("X has no columns: there are no features to learn from.")
    counted = [
        (name, s.n_rows) for name, s in zip(names, sources, strict=True) if s.n_rows is not None
    ]
    if len({count for _, count in counted}) > 1:
        raise DimensionMismatch(
            "The data have different numbers of rows: "
            + ", ".join(f"{name} has {n}" for name, n in counted)
            + ". "
            "Give a target, and a weight if any, for each row of X."
        )
    if counted and counted[0][1] == 0:
        raise EmptyData("The data have no rows: there is nothing to learn from.")
    check_labels(sources, names)


def check_labels(sources: tuple[Source, ...], names: tuple[str, ...]) -> None:
    """Arguments with the same pandas row labels have them in one order.

    Raises: InvalidArgument.
    """
    check_row_order(names, [row_labels(each.inner) for each in sources])


def resolved(model: Any, sources: tuple[Source, ...], level: int) -> Any:
    """The model that does the work for these data: `model`, or what a specification picks.

    Raises: ScitypeError if nothing fits the target, with all that is wrong with X and the lines to
        paste. Warns: ModelWarning for values of hyper-parameters that the picked model has not.
    """
    try:
        picked = model.resolve(*(source.scitype for source in sources))
    except ScitypeError as error:
        raise ScitypeError(" ".join([str(error), *_more(sources)])) from None
    lost = _without_effect(model, picked) if level > 0 else []
    if lost:
        warn(
            f"For these data {type(model).__name__} picks {type(picked).__name__}, which has no "
            f"{' and no '.join(lost)}: what is set there has no effect. Leave it out.",
            ModelWarning,
        )
    return picked


def _without_effect(model: Any, picked: Any) -> list[str]:
    """The hyper-parameters of `model`, not at their defaults, that `picked` lacks."""
    if type(picked) is type(model):
        return []
    defaults = info(model)["hyperparameters"]
    return [
        name
        for name in model.fields()
        if name not in picked.fields()
        and not same(getattr(model, name), normalise(defaults[name]))
    ]


def _more(sources: tuple[Source, ...]) -> list[str]:
    """What else there is to say where nothing fits the target: about a y of one column, and what
    is wrong with X."""
    said = []
    if len(sources) > 1 and _is_single(sources[1]):
        found = _Findings()
        _examine_single("y", sources[1], (Finite,), found)
        said.append(f"It has one column: {' and '.join(found.advice)}.")
    if isinstance(sources[0].inner, InnerTable):
        found = _Findings()
        # What picks by scitype states none: of a table, all networks take numbers and factors.
        _examine("X", sources[0], Table[Continuous, Finite], found)
        wrong = found.problems + found.missing
        if wrong:
            ways = [found.fill()] if found.missing else []
            ways += [f"Write {' and '.join(found.advice)}"] if found.advice else []
            said.append(f"X cannot be taken either:{listed(wrong)}{' '.join(ways)}".rstrip())
    return said


@dataclasses.dataclass
class _Findings:
    """What is wrong with the data, in words, and the lines to paste."""

    problems: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    missing: list[str] = dataclasses.field(default_factory=list)
    advice: list[str] = dataclasses.field(default_factory=list)
    fills: list[str] = dataclasses.field(default_factory=list)

    def remedy(self, traits: Traits) -> str:
        """The line to paste, or what the model takes."""
        if self.advice:
            return f"Write {' and '.join(self.advice)}"
        wanted = f"It takes X of {traits.input_scitype}"
        if not any(problem.startswith("y ") or " of y " in problem for problem in self.problems):
            return f"{wanted}: convert or drop what is something else."
        return (
            f"{wanted} and y of {traits.target_scitype}. Convert y, or let NeuralNetwork pick the "
            "model that fits it."
        )

    def fill(self) -> str:
        """How missing values are removed."""
        ways = list(dict.fromkeys(self.fills))
        if not ways:
            return "Drop those rows of X and y."
        fill = " and ".join(ways)
        return (
            f"Fill them first, for example with {fill}, or by a pipeline, FillImputer() | model, "
            "or drop those rows of X and y."
        )


def check_scitypes(traits: Traits, sources: tuple[Source, ...], level: int, model: str) -> None:
    """X and y are of scitypes that the model takes.

    Raises: ScitypeError, MissingValuesError. Warns: ScitypeWarning for lossless conversions at
        level 1.
    """
    if level == 0:
        return
    wanted = [("X", traits.input_scitype)] + (
        [("y", traits.target_scitype)] if traits.takes_target else []
    )
    found = _Findings()
    for (name, scitype), source in zip(wanted, sources, strict=False):
        if scitype in (Unknown, Found) or source.scitype <= scitype:
            continue
        _examine(name, source, scitype, found)
    if found.missing and not found.problems:
        raise MissingValuesError(
            f"{model} takes no missing values:{listed(found.missing)}{found.fill()}"
        )
    if found.problems or (found.notes and level >= 2):
        wrong = found.problems + found.missing + (found.notes if level >= 2 else [])
        fill = f"{found.fill()} " if found.missing else ""
        raise ScitypeError(
            f"{model} cannot take these data:{listed(wrong)}{fill}{found.remedy(traits)}"
        )
    if found.notes and not said_before():
        warn(
            f"{model} takes these data as Continuous:{listed(found.notes)}To say so "
            f"yourself, write {' and '.join(found.advice)}",
            ScitypeWarning,
        )


def _examine(name: str, source: Source, wanted: Scitype, found: _Findings) -> None:
    if wanted.kind == "union":  # of a column and a table: the member of the data's own shape
        wanted = next((m for m in members(wanted) if m.name == source.scitype.name), wanted)
    inner = source.inner
    allowed = wanted.args or (Found,)
    coerced: dict[str, str] = {}
    if isinstance(inner, InnerTable) and wanted.name == "Table":
        for column, scitype in column_scitypes(inner).items():
            label = f"column {column!r}" + ("" if name == "X" else f" of {name}")
            values, known = inner.column(column), len(found.missing)
            coerced |= _examine_column(label, column, scitype, allowed, values, found)
            if name == "X" and len(found.missing) > known:
                found.fills.append(fill_line(inner, column))
        if coerced:
            pairs = ", ".join(f"{column!r}: {target}" for column, target in coerced.items())
            found.advice.append(f"{name} = coerce({name}, {{{pairs}}})")
        return
    if isinstance(inner, Column) and wanted.name == "Vector":
        element = (source.scitype.args or (Unknown,))[0]
        coerced = _examine_column(name, name, element, allowed, inner.values, found)
        found.advice += [_coerce_lines(name, name, target) for target in coerced.values()]
        return
    found.problems.append(f"{name} is {source.scitype}, and {wanted} is needed")
    if wanted.name == "Vector" and _is_single(source):
        _examine_single(name, source, allowed, found)


def _is_single(source: Source) -> bool:
    return isinstance(source.inner, InnerTable) and len(source.inner.names) == 1


def _examine_single(
    name: str, source: Source, allowed: tuple[Scitype, ...], found: _Findings
) -> None:
    """Note how the one column of a table becomes the column that is wanted."""
    table: InnerTable = source.inner
    column = column_line(table, name)
    values = table.column(table.names[0])
    inside = _Findings()
    coerced = _examine_column(name, name, values_scitype(values), allowed, values, inside)
    lines = [_coerce_lines(name, column, target) for target in coerced.values()]
    found.missing += inside.missing
    found.advice += lines or [f"{name} = {column}"]


def _coerce_lines(name: str, column: str, target: str) -> str:
    return " or ".join(f"{name} = coerce({column}, {reading})" for reading in target.split(" or "))


def _examine_column(
    label: str,
    name: str,
    scitype: Scitype,
    allowed: tuple[Scitype, ...],
    values: Any,
    found: _Findings,
) -> dict[str, str]:
    """Note what is wrong with one column; {its name: the scitype to coerce it to}, if there is
    one."""
    if any(scitype <= target for target in allowed):
        return {}
    present = non_missing(scitype)
    if present != scitype or scitype.name == "Missing":
        rows = np.flatnonzero(missing_mask(values))
        found.missing.append(
            f"{label} has {len(rows)} missing (first rows {', '.join(map(str, rows[:5]))})"
        )
        nothing = len(rows) == len(values)
        if nothing or any(present <= target for target in allowed):
            return {}
    takes_classes = any(target <= Finite for target in allowed)
    if present <= Count and Continuous in allowed:
        found.notes.append(f"{label} is Count")
        return {name: "Continuous"}
    found.problems.append(f"{label} is {present}")
    if present <= Textual and Continuous in allowed and holds_numbers(values):
        found.problems[-1] += " (numbers written as strings)"
        return {name: "Continuous"}
    if present <= Textual and takes_classes:
        return {name: "Multiclass"}
    if present <= Count and takes_classes:
        # The other reading of integers is a measurement, which another model takes.
        found.problems[-1] += " (are the integers classes, or measurements for a regressor?)"
        return {name: "Multiclass or Continuous"}
    if present <= Continuous and takes_classes:
        return {name: "Multiclass"}
    if any(member.name.startswith("Scientific") for member in members(present)):
        found.problems[-1] += " (turn times into numbers first, such as days since a date)"
    elif present == Unknown:
        found.problems[-1] += (
            f" (it holds {described(values)}: turn them all into numbers or strings first)"
        )
    return {}


def check_inner(model: Any, data: tuple[Any, ...]) -> None:
    """What a model inside another one checks of the data of that, in the form that it takes.

    Raises: what `check_data` of the model raises.
    """
    native = model.native_data
    model.check_data(*(Source(each).rows(None, native=native) for each in data))


def check_pool(y: Any) -> None:
    """Raise OneClassError if a target that needs two levels has a single one."""
    if isinstance(y, Column) and is_factor(y.values) and len(levels(y)) == 1:
        raise OneClassError(
            f"The target has a single level, {levels(y)[0]!r}: there is nothing to tell apart. "
            "Give both: y = coerce(y, Multiclass, levels=[...])."
        )


def check_levels(traits: Traits, y: Any) -> None:
    """Warn if a categorical target shows a single one of its levels."""
    if (
        not isinstance(y, Column)
        or not is_factor(y.values)
        or not traits.target_scitype <= Vector[Finite]
    ):
        return
    observed = np.unique(factor_codes(y.values))
    observed = observed[observed >= 0]
    if len(observed) == 1:
        level = y.values.dictionary.to_pylist()[observed[0]]
        warn(
            f"Only one class, {level!r}, occurs in the training rows: the model will hardly "
            "predict another.",
            LevelsWarning,
        )
