"""`MissingIndicator`: a column that says where another has missing values. Source: ours."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.columns import missing_mask
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.scitypes import Continuous, Missing, Scitype, Table
from mlj_keras.data.tables import InnerTable
from mlj_keras.models import FitOutcome, Traits
from mlj_keras.transformers._columnwise import Columns, Columnwise, warn_of_names
from mlj_keras.transformers._reading import table_with


class MissingIndicator(Columnwise):
    """Add, after each column with missing values, a column that is 1 where they are and else 0.

    Put it before a FillImputer, so that a model knows which values were filled.

    Training data: `machine(MissingIndicator(), X)` with X a table.

    Hyper-parameters:
        features: names, or a predicate on names, of columns that get an indicator, whether values
            are missing in training or not; empty (default): the columns whose scitype in training
            is Optional.
        ignore: those columns, without the names in features, default False.
    Operations: `transform` gives a table of the kind given, with a Continuous column
        `name_missing` after each `name`, "_" appended where that is taken. All other columns are
        the user's own, missing values included: in new data, a column without missing values in
        training gets no indicator. There is no inverse.
    Fitted parameters: `indicator_given_feature`: the name of each column's indicator. Report:
        `features_fit`, `new_features`.
    Raises: TableError for what is no table; SchemaMismatch for new data without the columns.

    Example:
        >>> import mlj_keras as mlj
        >>> X = {"a": [1.0, None, 4.0], "b": [1, 2, 3]}
        >>> mach = mlj.machine(MissingIndicator(), X).fit(verbosity=0)
        >>> mach.transform({"a": [None, 9.0], "b": [5, 6]})
        {'a': [None, 9.0], 'a_missing': array([1., 0.]), 'b': [5, 6]}

    Source: ours; `sklearn.impute.MissingIndicator` gives the indicators alone.
    """

    traits: ClassVar[Traits] = Traits(
        supervised=False,
        input_scitype=Table,
        output_scitype=Table,
        package_name="mlj_keras",
        package_license="MIT",
    )

    def takes(self, scitype: Scitype) -> bool:
        """What has missing values; anything that the user names."""
        named = bool(self.features) and not self.ignore
        return named or scitype >= Missing

    def transformed_columns(self, columns: Columns) -> dict[Any, Scitype]:
        """The columns and, after each that gets one, its indicator."""
        labels = _labels(self.chosen(columns), tuple(columns))
        found: dict[Any, Scitype] = {}
        for name, scitype in columns.items():
            found[name] = scitype
            if name in labels:
                found[labels[name]] = Continuous
        return found

    def fit(self, verbosity: int, X: InnerTable, y: Any = None) -> FitOutcome:
        """Learn which columns get an indicator, and its name."""
        self._check_features()
        warn_of_names(self, column_scitypes(X))
        labels = _labels(self.chosen(column_scitypes(X)), X.names)
        report = {"features_fit": tuple(labels), "new_features": tuple(labels.values())}
        return FitOutcome(labels, None, report)

    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        """The table with the indicators."""
        table = table_with(fitresult, Xnew, "MissingIndicator", made=fitresult.values())
        new: dict[str, dict[Any, Any]] = {}
        for name, label in fitresult.items():
            place = table.position[name]
            gone = missing_mask(table.column(name)).astype(np.float64)
            new[name] = {table.origin.labels[place]: place, label: gone}
        return replace_columns(table, new)

    def fitted_params(self, fitresult: dict[str, str]) -> dict[str, Any]:
        """`indicator_given_feature`."""
        return {"indicator_given_feature": dict(fitresult)}


def _labels(names: list[str], taken: tuple[Any, ...]) -> dict[str, str]:
    """The name of each indicator, that of no other column."""
    used, found = set(taken), {}
    for name in names:
        label = f"{name}_missing"
        while label in used:
            label += "_"
        used.add(label)
        found[name] = label
    return found
