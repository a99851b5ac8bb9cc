"""`InteractionTransformer`: products of columns. Source: MLJTransforms.jl,
src/transformers/other_transformers/interaction_transformer.jl."""

from __future__ import annotations

import functools
import itertools
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.data.coerce import written
from mlj_keras.data.columns import Values, as_floats
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Infinite,
    Missing,
    Optional,
    Scitype,
    Table,
    non_missing,
)
from mlj_keras.data.tables import InnerTable, table_column
from mlj_keras.errors import ModelWarning, NonFiniteError, SchemaMismatch, ScitypeError
from mlj_keras.models import FitOutcome, Traits, Unsupervised, param
from mlj_keras.transformers._columnwise import Columns
from mlj_keras.transformers._reading import table_with


def _check_names(value: Any) -> Any:
    names = isinstance(value, tuple) and all(isinstance(name, str) for name in value)
    if value is None or (names and len(set(value)) == len(value) > 1):
        return value
    raise TypeError(
        f"features must be None, or a list of two column names or more, each once, got {value!r}"
    )


class InteractionTransformer(Unsupervised):
    """Append the products of 2, 3, ... columns of numbers.

    Training data: `machine(InteractionTransformer(), X)` with X a table: which columns are
        multiplied is learned, so that new data may have others, and in another order.

    Hyper-parameters:
        order: the greatest number of columns in a product, an int above 1, default 2. p columns
            have p (p - 1) / 2 products of two, and more of each higher order.
        features: names of the columns to multiply, two or more; None (default): all Continuous and
            Count columns.
    Report: `features_fit`, `new_features`.
    Operations: `transform` gives a table of the kind given, with the products after its own
        columns: first those of two columns, in their order, "a_b" of "a" and "b", then those of
        three; "_" is appended where a name is taken. No column is multiplied by itself. A product
        of Count columns is Count, any other Continuous; it is missing where a factor is.
    Raises: SchemaMismatch for names that are no columns; ScitypeError for named columns that are
        no numbers; NonFiniteError for products that are too large; TableError for what is no
        table. Warns: ModelWarning for a table with less than two columns of numbers.

    Example:
        >>> import mlj_keras as mlj
        >>> X = {"A": [1, 2, 3], "B": [4, 5, 6], "C": [7, 8, 9]}
        >>> found = mlj.machine(InteractionTransformer(order=3), X).fit(verbosity=0).transform()
        >>> {name: column.tolist() for name, column in found.items() if "_" in name}
        {'A_B': [4, 10, 18], 'A_C': [7, 16, 27], 'B_C': [28, 40, 54], 'A_B_C': [28, 80, 162]}

    Source: MLJTransforms.jl, src/transformers/other_transformers/interaction_transformer.jl, which
        is static, and leaves out columns with missing values.
    """

    traits: ClassVar[Traits] = Traits(
        supervised=False,
        input_scitype=Table,
        output_scitype=Table,
        package_name="mlj_keras",
        package_license="MIT",
    )
    native_data: ClassVar[bool] = False

    order: int = param(2, kind=int, ge=2)
    features: tuple[str, ...] | None = param(None, convert=_check_names)

    def transformed_columns(self, columns: Columns) -> dict[Any, Scitype] | None:
        """The columns and their products."""
        if not all(isinstance(name, str) for name in columns):  # names that depend on levels
            return None
        found = dict(columns)
        for label, names in self._products(columns).items():
            factors = [columns[name] for name in names]
            whole = all(non_missing(each) <= Count for each in factors)
            made = Count if whole else Continuous
            found[label] = Optional[made] if any(each >= Missing for each in factors) else made
        return found

    def fit(self, verbosity: int, X: InnerTable) -> FitOutcome:
        """Learn which columns are multiplied, and the names of their products.

        Warns: ModelWarning for less than two columns of numbers.
        """
        columns = column_scitypes(X)
        names = self._chosen(columns)
        if len(names) < 2:
            warn(
                f"X has {len(names)} column(s) of numbers: InteractionTransformer appends nothing."
                " Coerce columns to Continuous or Count, or leave it out.",
                ModelWarning,
            )
        products = self._products(columns)
        return FitOutcome(products, None, {"features_fit": names, "new_features": tuple(products)})

    def transform(self, fitresult: dict[str, tuple[str, ...]], Xnew: Any) -> Any:
        """The table with the products after its columns."""
        needed = dict.fromkeys(name for names in fitresult.values() for name in names)
        table = table_with(needed, Xnew, "InteractionTransformer", made=fitresult)
        if not fitresult:
            return replace_columns(table, {})
        last = len(table.names) - 1
        group: dict[Any, Any] = {table.origin.labels[last]: last}
        for label, names in fitresult.items():
            like = table_column(table, names[0])
            group[label] = written(_product(table, names), like, f"column {label!r}", None)
        return replace_columns(table, {table.names[last]: group})

    def _products(self, columns: Columns) -> dict[str, tuple[str, ...]]:
        """The factors of each product, by its name."""
        names = self._chosen(columns)
        used, found = set(columns), {}
        for size in range(2, min(self.order, len(names)) + 1):
            for factors in itertools.combinations(names, size):
                label = "_".join(factors)
                while label in used:
                    label += "_"
                used.add(label)
                found[label] = factors
        return found

    def _chosen(self, columns: Columns) -> tuple[str, ...]:
        numeric = tuple(n for n, scitype in columns.items() if non_missing(scitype) <= Infinite)
        if self.features is None:
            return numeric
        unknown = [name for name in self.features if name not in columns]
        if unknown:
            raise SchemaMismatch(
                f"InteractionTransformer.features names no columns of X: {unknown!r}. X has "
                f"{list(columns)!r}."
            )
        wrong = {name: columns[name] for name in self.features if name not in numeric}
        if wrong:
            raise ScitypeError(
                f"InteractionTransformer multiplies numbers, and features names {wrong!r}. Take "
                "them out, or write X = coerce(X, {"
                + ", ".join(f"{name!r}: Continuous" for name in wrong)
                + "})."
            )
        return self.features


def _product(table: InnerTable, names: tuple[str, ...]) -> Values:
    """The product (n,): floats, or integers if all factors are."""
    factors: list[Any] = [table.column(name) for name in names]
    numbers = [as_floats(values) for values in factors]
    with np.errstate(over="ignore", invalid="ignore"):
        made = functools.reduce(np.multiply, numbers)
    whole = not any(pa.types.is_floating(values.type) for values in factors)
    limit = 2.0**63 if whole else np.inf  # of int64, which would wrap around
    finite = np.all(np.isfinite(numbers), axis=0)
    large = np.flatnonzero(finite & (np.max(np.abs([*numbers, made]), axis=0) >= limit))
    if len(large):
        remedy = "coerce one of them to Continuous" if whole else "give them in larger units"
        raise NonFiniteError(
            f"The product of the columns {list(names)!r} is too large at row {large[0]}. Leave "
            f"them out by features, or {remedy}."
        )
    if not whole:
        return made
    gone = np.isnan(made)
    integers = [values.cast(pa.int64()).fill_null(0).to_numpy() for values in factors]
    return pa.array(functools.reduce(np.multiply, integers), mask=gone)
