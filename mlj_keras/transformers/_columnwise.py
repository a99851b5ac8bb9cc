"""`Columnwise`: what the transformers share that treat each column by itself.

Which columns, by names and scitypes; tables in and out; a single column instead of a table. A
subclass says what it learns of a column and what it makes of one. Knows tables and scitypes.
Source: ours; MLJTransforms.jl, src/generic.jl, for the categorical ones.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import factor_codes, level_list, with_levels
from mlj_keras.data.coerce import written
from mlj_keras.data.columns import Column, Values, column_of, is_column, is_factor
from mlj_keras.data.images import ImageVector
from mlj_keras.data.inference import column_scitypes, values_scitype
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.scitypes import Scitype
from mlj_keras.data.stored import check_names
from mlj_keras.data.tables import InnerTable, is_table, table_column
from mlj_keras.errors import (
    InvalidModelError,
    ModelWarning,
    SchemaMismatch,
    ScitypeError,
    UnsupportedOperation,
)
from mlj_keras.models import FitOutcome, Traits, Unsupervised, param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._reading import table_with

ALONE = "y"  # the name of a column that is given alone
Columns = Mapping[Any, Scitype]


def check_features(value: Any) -> Any:
    """Names as a tuple, or a predicate on names, as they are.

    Raises: TypeError for anything else.
    """
    if hasattr(value, "tolist"):  # an Index of pandas, say
        value = tuple(value.tolist())
    if callable(value) or (
        isinstance(value, tuple) and all(isinstance(name, str) for name in value)
    ):
        return value
    raise TypeError(
        "must be a list of column names, or a function of a name that is True or False, "
        f"got {value!r}{_hint(value)}"
    )


def _hint(value: Any) -> str:
    """How columns without names in words are named."""
    if not isinstance(value, tuple) or not any(type(name) is int for name in value):
        return ""
    names = [str(name) if type(name) is int else name for name in value]
    return (
        f". Names are strings: features={names!r} for columns whose labels are numbers; the "
        "columns of a matrix are 'x1', 'x2', ..."
    )


@storable
@dataclasses.dataclass(frozen=True)
class ColumnwiseFit:
    """What was learned of each column that is transformed, the labels of what it becomes, and
    whether it was a column alone."""

    learned: dict[str, Any]
    labels: dict[str, tuple[str, ...]]
    alone: bool

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        if {*self.labels} - {*self.learned} or (self.alone and {*self.learned} != {ALONE}):
            raise ValueError("it has learned of other columns than it says")
        check_names([label for labels in self.labels.values() for label in labels])


class Columnwise(Unsupervised):
    """Base of the transformers that treat each column by itself.

    A subclass defines `takes`, `learn` and `apply`; `labels` if a column becomes several; `gives`
    if the scitype changes; and `revert` if there is an inverse.
    """

    traits: ClassVar[Traits] = Traits(
        supervised=False, package_name="mlj_keras", package_license="MIT"
    )
    native_data: ClassVar[bool] = False
    wanted: ClassVar[str] = "a column"  # what `takes` takes, in words
    coerced: ClassVar[str] = "Continuous"  # how to make a column one of these

    features: tuple[str, ...] | Callable[[str], bool] = param((), convert=check_features)
    ignore: bool = param(False, kind=bool)

    def takes(self, scitype: Scitype) -> bool:
        """Whether columns of this scitype are transformed."""
        raise NotImplementedError(f"{type(self).__name__} must define takes")

    def learn(self, values: Values, name: str, target: Values | None = None) -> Any:
        """What is learned of a column; a column alone is called ALONE."""
        raise NotImplementedError(f"{type(self).__name__} must define learn")

    def apply(self, values: Values, learned: Any, name: str) -> Any:
        """The column transformed; or a list, a column for each of `labels`."""
        raise NotImplementedError(f"{type(self).__name__} must define apply")

    def labels(self, name: str, learned: Any) -> tuple[str, ...] | None:
        """The names of the columns that it becomes; None if it stays one, under its name."""
        return None

    def gives(self, scitype: Scitype) -> Scitype | list[Scitype]:
        """The scitype of what a column of this one becomes; a list for several columns."""
        return scitype

    def revert(self, values: Values, learned: Any, name: str) -> Any:
        """A transformed column as it was."""
        raise UnsupportedOperation(f"{type(self).__name__} has no inverse.")

    def has_operation(self, name: str) -> bool:
        """Whether it has this operation; an inverse only if there is one."""
        if name == "inverse_transform":
            return type(self).revert is not Columnwise.revert
        return super().has_operation(name)

    def chosen(self, columns: Columns) -> list[str]:
        """The columns that are transformed, of those with these scitypes."""
        usable = [name for name, scitype in columns.items() if self.takes(scitype)]
        if callable(self.features):
            return [name for name in usable if bool(self.features(name)) is not self.ignore]
        if not self.features:
            return usable
        return [name for name in usable if (name in self.features) is not self.ignore]

    def transformed_columns(self, columns: Columns) -> dict[Any, Scitype]:
        """The scitypes of the columns after transforming; the names of new ones, which depend on
        levels, are pairs."""
        chosen = set(self.chosen(columns))
        found: dict[Any, Scitype] = {}
        for name, scitype in columns.items():
            given = self.gives(scitype) if name in chosen else scitype
            if isinstance(given, list):
                found |= {(name, k): each for k, each in enumerate(given)}
            else:
                found[name] = given
        return found

    def check_data(self, X: Any, *y: Any) -> None:
        """No images; features that make sense; a column alone is one that is transformed."""
        name = type(self).__name__
        if isinstance(X, ImageVector):
            raise ScitypeError(
                f"{name} takes a table, or {self.wanted}, got images of scitype {X.scitype}. Give "
                "images to ImageClassifier or ImageRegressor as they are, or the pixels as a "
                "table: X.reshape(len(X), -1)."
            )
        self._check_features()
        if isinstance(X, Column) and not self.takes(values_scitype(X.values)):
            raise ScitypeError(
                f"{name} takes a table, or {self.wanted}, got a column of "
                f"{values_scitype(X.values)}. Write coerce(x, {self.coerced})."
            )

    def _check_features(self) -> None:
        if self.ignore and not self.features and not type(self).ignores_by_default():
            raise InvalidModelError(
                f"{type(self).__name__}.ignore=True leaves out the names in features, and "
                "features is empty."
            )

    @classmethod
    def ignores_by_default(cls) -> bool:
        """Whether the names in features are left out unless the user says otherwise."""
        return bool(cls.__dataclass_fields__["ignore"].default)

    def fit(self, verbosity: int, X: Any, y: Any = None) -> FitOutcome:
        """Learn of each column that is transformed."""
        self._check_features()
        alone = not isinstance(X, InnerTable)
        scitypes = {} if alone else column_scitypes(X)
        if not alone:
            warn_of_names(self, scitypes)
        chosen = [ALONE] if alone else self.chosen(scitypes)
        columns = {name: X.values if alone else X.column(name) for name in chosen}
        target = y.values if isinstance(y, Column) else y
        learned = {name: self.learn(values, name, target) for name, values in columns.items()}
        labels = free_labels(
            {name: self.labels(name, value) for name, value in learned.items()},
            () if alone else X.names,
        )
        fit = ColumnwiseFit(learned, labels, alone)
        return FitOutcome(fit, None, self._report_of(fit))

    def _report_of(self, fit: ColumnwiseFit) -> dict[str, Any]:
        """The report of training."""
        return {"features_fit": tuple(fit.learned)}

    def transform(self, fitresult: ColumnwiseFit, Xnew: Any) -> Any:
        """The data transformed, of the kind given."""
        return self._mapped(fitresult, Xnew, self.apply)

    def _mapped(self, fit: ColumnwiseFit, X: Any, function: Callable[..., Any]) -> Any:
        who = f"This {type(self).__name__}"
        if fit.alone:
            if not isinstance(X, Column) and not is_column(X):
                raise SchemaMismatch(
                    f"{who} was trained on a single column, got {type(X).__name__}."
                )
            column = column_of(X)
            made = function(column.values, fit.learned[ALONE], ALONE)
            return self._one(made, column, ALONE)
        if not is_table(X):
            raise SchemaMismatch(
                f"{who} was trained on a table, got {type(X).__name__}. Pass a table with the "
                "same columns."
            )
        made = itertools.chain.from_iterable(fit.labels.values())
        table = table_with(fit.learned, X, type(self).__name__, made=made)
        new: dict[str, Any] = {}
        for name, learned in fit.learned.items():
            column = table_column(table, name)
            made = function(column.values, learned, name)
            if isinstance(made, list):
                parts = [self._one(part, column, name) for part in made]
                new[name] = dict(zip(fit.labels[name], parts, strict=True))
            else:
                new[name] = self._one(made, column, name)
        return replace_columns(table, new)

    def _one(self, made: Any, column: Column, name: str) -> Any:
        """A column as the user's kind."""
        if isinstance(made, list):
            raise UnsupportedOperation(
                f"{type(self).__name__} makes several columns of one: give it a table of one "
                "column."
            )
        if column.origin.kind == "polars" and is_factor(made) and not made.type.ordered:
            # A Categorical of polars has no pool of its own: it has the values that occur, sorted.
            pool, codes = level_list(made), factor_codes(made)
            used = sorted(pool[code] for code in np.unique(codes[codes >= 0]))
            made = with_levels(made, used, f"column {name!r}")
        return written(made, column, f"column {name!r}", None)

    def inverse_transform(self, fitresult: ColumnwiseFit, Xnew: Any) -> Any:
        """Transformed data as they were."""
        return self._mapped(fitresult, Xnew, self.revert)


def warn_of_names(model: Any, columns: Columns) -> None:
    """Warn of names in a model's features that are none of these columns, and of those that it
    would transform if it took their scitypes."""
    listed = () if callable(model.features) else model.features
    unknown = [name for name in listed if name not in columns]
    if unknown:
        warn(f"{type(model).__name__}.features names no columns of X: {unknown!r}.", ModelWarning)
    known = {name: columns[name] for name in listed if name in columns}
    left = {name: scitype for name, scitype in known.items() if not model.takes(scitype)}
    if left and not model.ignore:
        warn(
            f"{type(model).__name__}.features names columns that it leaves as they are, for their "
            f"scitypes: {left!r}. Coerce them, or leave them out of features.",
            ModelWarning,
        )


def free_labels(
    labels: dict[str, tuple[str, ...] | None], names: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The labels of new columns; an underscore is appended to one that is taken."""
    taken = {name for name in names if labels.get(name) is None}
    found: dict[str, tuple[str, ...]] = {}
    for name, wanted in labels.items():
        own = []
        for label in wanted or ():
            while label in taken:
                label += "_"
            taken.add(label)
            own.append(label)
        found[name] = tuple(own)
    return found
