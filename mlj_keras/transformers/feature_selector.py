"""`FeatureSelector`: some columns of a table. Source: FeatureSelection.jl,
src/models/featureselector.jl."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from mlj_keras._warnings import warn
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.rows import selectcols
from mlj_keras.data.scitypes import Scitype, Table
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import InvalidModelError, ModelWarning, SchemaMismatch
from mlj_keras.models import FitOutcome, Traits, Unsupervised, param
from mlj_keras.transformers._columnwise import Columns, check_features
from mlj_keras.transformers._reading import table_with


class FeatureSelector(Unsupervised):
    """Keep some columns of a table, or leave some out.

    Training data: `machine(FeatureSelector(features=["a", "b"]), X)` with X a table.

    Hyper-parameters:
        features: names of the columns to keep, in the order in which they are wanted, or a
            predicate on names; empty (default): all columns seen in training.
        ignore: the columns named are left out instead, and all others kept, default False.
    Operations: `transform` gives a table of the kind given with the columns kept, which are the
        user's own: in the order of features if that is a list of names to keep, else in that of
        the training data. Columns that new data have besides are dropped. There is no inverse.
    Fitted parameters and report: `features_to_keep`.
    Raises: InvalidModelError for ignore without features; SchemaMismatch for names to keep that
        are no columns of X, if no column is left, and for new data without a column that is kept;
        TableError for what is no table. Warns: ModelWarning for names to leave out that are no
        columns.

    Example:
        >>> import mlj_keras as mlj
        >>> X = {"a": [1, 2], "b": ["p", "q"], "c": [0.5, 1.5]}
        >>> mach = mlj.machine(FeatureSelector(features=["c", "a"]), X).fit(verbosity=0)
        >>> mach.transform()
        {'c': [0.5, 1.5], 'a': [1, 2]}

    Source: FeatureSelection.jl, src/models/featureselector.jl.
    """

    traits: ClassVar[Traits] = Traits(
        supervised=False,
        input_scitype=Table,
        output_scitype=Table,
        package_name="mlj_keras",
        package_license="MIT",
    )
    native_data: ClassVar[bool] = False

    features: tuple[str, ...] | Callable[[str], bool] = param((), convert=check_features)
    ignore: bool = param(False, kind=bool)

    def chosen(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that are kept, of a table with these.

        Raises, warns: as the class says.
        """
        if callable(self.features):
            kept = tuple(n for n in names if bool(self.features(n)) is not self.ignore)
        elif self.ignore:
            kept = tuple(name for name in names if name not in self.features)
        else:
            kept = tuple(dict.fromkeys(self.features)) or names
        self._check_names(names)
        if not kept:
            raise SchemaMismatch(
                "FeatureSelector keeps no column of X. Change features, or ignore: X has "
                f"{list(names)!r}."
            )
        return kept

    def _check_names(self, names: tuple[str, ...]) -> None:
        if self.ignore and not self.features:
            raise InvalidModelError(
                "FeatureSelector.ignore=True leaves out the names in features, and features is "
                "empty. Name some, or set ignore=False."
            )
        listed = () if callable(self.features) else self.features
        unknown = [name for name in listed if name not in names]
        message = f"FeatureSelector.features names no columns of X: {unknown!r}"
        if unknown and self.ignore:
            warn(f"{message}.", ModelWarning)
        elif unknown:
            raise SchemaMismatch(f"{message}. X has {list(names)!r}.")

    def transformed_columns(self, columns: Columns) -> dict[Any, Scitype]:
        """The columns that are kept."""
        return {name: columns[name] for name in self.chosen(tuple(columns))}

    def fit(self, verbosity: int, X: InnerTable) -> FitOutcome:
        """Learn which columns to keep."""
        kept = self.chosen(X.names)
        return FitOutcome(kept, None, {"features_to_keep": kept})

    def transform(self, fitresult: tuple[str, ...], Xnew: Any) -> Any:
        """The columns that are kept."""
        table = table_with(fitresult, Xnew, "FeatureSelector")
        return selectcols(replace_columns(table, {}), fitresult)

    def fitted_params(self, fitresult: tuple[str, ...]) -> dict[str, Any]:
        """`features_to_keep`."""
        return {"features_to_keep": fitresult}
