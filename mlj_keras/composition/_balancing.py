"""Balancing: from the rows that a machine trains on to those that a balancer makes of them.

Rows are picked wherever a sampler says which; else what it has made is read back, with the pools,
whole numbers and the order of columns of before. Knows balancers and data; no machine.
Source: MLJBalancing.jl, src/balanced_model.jl; imbalanced-learn for what samplers take and give.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras.composition.balancer import (
    Balancer,
    checks_data,
    draws_blindly,
    names_classes,
    picks_rows,
    takes_factors,
)
from mlj_keras.data.categorical import encode, factor_codes, level_list
from mlj_keras.data.columns import (
    Column,
    ColumnOrigin,
    as_floats,
    column_of,
    column_out,
    factor,
    is_factor,
    is_numeric,
)
from mlj_keras.data.images import ImageVector
from mlj_keras.data.inference import scitype, values_scitype
from mlj_keras.data.tables import InnerTable
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidModelError,
    MissingValuesError,
    ScitypeError,
    WeightsError,
    WrongType,
)
from mlj_keras.machine.source import take

pd = lazy_module("pandas")


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """What a machine trains on: a table, a column or images; classes; weights: a column, (n,),
    ClassWeights or None."""

    X: Any
    y: Column
    w: Any = None

    @classmethod
    def of(cls, X: Any, y: Any, w: Any = None) -> Rows:
        """The data of a machine.

        Raises: ScitypeError if y is no column of classes; MissingValuesError.
        """
        if not isinstance(y, Column) or not is_factor(y.values):
            raise ScitypeError(
                f"BalancedModel balances classes, and y is {scitype(y)}. Write y = coerce(y, "
                "Multiclass), or train the model without balancers."
            )
        if y.values.null_count:
            raise MissingValuesError(
                f"y has {y.values.null_count} missing value(s), and a balancer counts the rows of "
                "each class. Drop those rows of X and y."
            )
        return cls(X, y, w)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def data(self) -> tuple[Any, ...]:
        """X, y, and the weights if there are any."""
        return (self.X, self.y) if self.w is None else (self.X, self.y, self.w)

    @property
    def is_weighted(self) -> bool:
        """Whether there is a weight for each row."""
        return self.w is not None and not isinstance(self.w, ClassWeights)

    def take(self, positions: np.ndarray) -> Rows:
        """The rows at these positions."""
        w = None if self.w is None else take(self.w, positions)
        return Rows(take(self.X, positions), self.y.take(positions), w)

    def counts(self) -> dict[Any, int]:
        """How many rows there are of each class."""
        pool = level_list(self.y.values)
        counts = np.bincount(factor_codes(self.y.values), minlength=len(pool))
        return dict(zip(pool, counts.tolist(), strict=True))


def check_balancers(balancers: Mapping[str, Any], rows: Rows) -> None:
    """Raise if balancers cannot balance such rows, as far as that is known before.

    Args: balancers: by name, each a Balancer or a function · rows: all that there are.
    Raises: WeightsError for weights of rows that would be made; ScitypeError for images, and for
        columns that are no numbers where the sampler takes numbers only; InvalidModelError for
        impossible parameters; what the sampler says of the data, with a note.
    """
    known = True  # until a balancer of which nothing is known may mend what the next cannot take
    for name, balancer in balancers.items():
        sampler = balancer.build() if isinstance(balancer, Balancer) else balancer
        if picks_rows(sampler) is False:
            _check_makes(name, balancer, rows)
        known = known and checks_data(sampler)
        if known:
            _check_data(name, balancer, sampler, rows)


def _check_data(name: str, balancer: Balancer, sampler: Any, rows: Rows) -> None:
    if not takes_factors(sampler):
        _check_numbers(name, balancer, rows)
    with _blamed(name):
        _checked(sampler, *_given(sampler, rows))


def balanced(name: str, balancer: Any, rows: Rows) -> Rows:
    """The rows that a balancer makes of others.

    Args: name: of the balancer · balancer: a function, or a Balancer with all its seeds set ·
        rows: to train on.
    Raises: as `check_balancers`; DimensionMismatch, WrongType for what is no X and y.
    """
    with _blamed(name):
        if not isinstance(balancer, Balancer):
            _check_makes(name, balancer, rows)
            y = column_out(rows.y.values, ColumnOrigin("pandas", "y"))
            return _made(name, balancer(_frame(rows.X), y), rows, level_list(rows.y.values))
        sampler = balancer.build()
        result = sampler.fit_resample(*_given(sampler, rows))
        positions = getattr(sampler, "sample_indices_", None)
        if positions is not None and picks_rows(sampler) is not False:
            return rows.take(np.asarray(positions, dtype=np.int64))
        _check_makes(name, balancer, rows)
        return _made(name, result, rows, _seen(sampler, rows.y))


def _checked(sampler: Any, X: Any, y: np.ndarray) -> None:
    try:
        sampler.fit(X, y)
    except ValueError as error:
        strategy = sampler.get_params(deep=False).get("sampling_strategy", "auto")
        if isinstance(strategy, str) or _is_of_parameters(error):
            raise
        # Numbers of rows that all rows cannot have may suit those that are trained on.
        sampler.set_params(sampling_strategy="auto").fit(X, y)


def _is_of_parameters(error: Exception) -> bool:
    return type(error).__name__ == "InvalidParameterError"  # a private class of scikit-learn


@contextlib.contextmanager
def _blamed(name: str) -> Iterator[None]:
    """Note on what is raised which balancer has raised it."""
    try:
        yield
    except Exception as error:  # whatever a sampler or the user's function raises
        if _is_of_parameters(error):
            raise InvalidModelError(f"The balancer {name!r}: {error}") from error
        error.add_note(
            f"It was raised by the balancer {name!r} of BalancedModel; the model has not been "
            "trained."
        )
        raise


def _check_makes(name: str, balancer: Any, rows: Rows) -> None:
    """Raise for rows of which no new ones can be made."""
    who = f"The balancer {name!r}, {_title(balancer)}, makes new rows"
    if rows.is_weighted:
        raise WeightsError(
            f"{who}, which have no weights. Leave the weights out, give weights of classes, such "
            "as 'balanced', or take a balancer that picks rows, such as RandomOverSampler()."
        )
    if not isinstance(rows.X, InnerTable):
        raise ScitypeError(
            f"{who} of tables, and X is {scitype(rows.X)}. Take a balancer that picks rows, such "
            "as RandomOverSampler()."
        )


def _check_numbers(name: str, balancer: Any, rows: Rows) -> None:
    """Raise for columns that are no numbers."""
    table = rows.X
    if not isinstance(table, InnerTable) or table.block is not None:
        return
    columns = {column: table.column(column) for column in table.names}
    wrong = {n: values_scitype(values) for n, values in columns.items() if not is_numeric(values)}
    if wrong:
        shown = ", ".join(f"column {column!r} is {s}" for column, s in list(wrong.items())[:6])
        raise ScitypeError(
            f"The balancer {name!r}, {_title(balancer)}, takes numbers only, and {shown}. Take "
            "one for factors: SMOTENC('auto') if there are numbers too, SMOTEN() if not, or "
            "RandomOverSampler(); or make numbers of them first: OneHotEncoder() | "
            "BalancedModel(...)."
        )


def _title(balancer: Any) -> str:
    if isinstance(balancer, Balancer):
        return str(balancer.estimator_class.__name__)
    return f"the function {getattr(balancer, '__name__', type(balancer).__name__)}"


def _given(sampler: Any, rows: Rows) -> tuple[Any, np.ndarray]:
    """X and y as a sampler takes them."""
    return _input(sampler, rows), np.array(_seen(sampler, rows.y))[factor_codes(rows.y.values)]


def _seen(sampler: Any, y: Column) -> list[Any]:
    """What a sampler sees in the place of each level: where no parameter names a label, its rank,
    as some samplers fail for strings; the order of classes is that of the labels in both."""
    pool = level_list(y.values)
    ranks = {label: rank for rank, label in enumerate(sorted(pool))}
    return list(pool) if names_classes(sampler) else [ranks[label] for label in pool]


def _input(sampler: Any, rows: Rows) -> Any:
    if draws_blindly(sampler):
        return np.arange(len(rows))[:, None]
    if isinstance(rows.X, ImageVector):
        return rows.X.pixels.reshape(len(rows), -1)
    if not isinstance(rows.X, InnerTable):
        raise ScitypeError(
            f"{type(sampler).__name__} takes tables and images, and X is {scitype(rows.X)}. Take "
            "RandomOverSampler() or RandomUnderSampler()."
        )
    return _frame(rows.X)


def _frame(X: InnerTable) -> Any:
    """Numbers as floats, factors as categoricals, anything else as it is."""
    if X.block is not None:
        floats = X.block if X.block.dtype.kind == "f" else X.block.astype(np.float64)
        return pd.DataFrame(floats, columns=list(X.names))
    return pd.DataFrame({name: _series(X.column(name)) for name in X.names})


def _series(values: Any) -> Any:
    if is_factor(values):
        return pd.Categorical.from_codes(
            factor_codes(values), categories=_shown(values), ordered=values.type.ordered
        )
    return as_floats(values) if is_numeric(values) else column_out(values, ColumnOrigin())


def _shown(values: pa.DictionaryArray) -> list[Any]:
    """The pool as samplers see it: of booleans, which they take for numbers, the names."""
    return [str(level) if isinstance(level, bool) else level for level in level_list(values)]


def _made(name: str, result: Any, rows: Rows, seen: Sequence[Any]) -> Rows:
    """X and y that were made, in the form of those that they were made of.

    Args: name: of the balancer · result: X and y · rows: before · seen: what stands for levels.
    """
    if not isinstance(result, tuple) or len(result) < 2:
        raise WrongType(
            f"The balancer {name!r} must give X and y, got {type(result).__name__}. Let it return "
            "(X, y)."
        )
    X, y = result[:2]
    table = rows.X
    frame = X if hasattr(X, "iloc") else pd.DataFrame(np.asarray(X))
    if frame.shape[1] != len(table.names) or len(frame) != len(y):
        raise DimensionMismatch(
            f"The balancer {name!r} gave X of shape {frame.shape} and {len(y)} values of y, for "
            f"data of {len(table.names)} columns. It keeps columns, and gives a y for each row."
        )
    values = _factor(encode(column_of(y).values, seen, "y"), rows.y.values)
    return Rows(_table(frame, table), Column(values, rows.y.origin), rows.w)


def _table(frame: Any, like: InnerTable) -> InnerTable:
    made: dict[str, Any] = {"block": None, "columns": None}
    if like.block is not None:
        made["block"] = _typed(frame.to_numpy(dtype=np.float64), like.block.dtype)
    else:
        columns = (column_of(frame.iloc[:, j]).values for j in range(len(like.names)))
        made["columns"] = tuple(
            _like(values, like.column(name), name)
            for name, values in zip(like.names, columns, strict=True)
        )
    return dataclasses.replace(
        like, n_rows=len(frame), index=None, own=None, own_rows=None, **made
    )


def _factor(codes: np.ndarray, like: Any) -> pa.DictionaryArray:
    return factor(codes, level_list(like), ordered=bool(like.type.ordered))


def _like(values: Any, old: Any, name: str) -> Any:
    """New values of a column in the form of the old ones."""
    if not isinstance(old, pa.Array):  # objects that Arrow does not know
        return values
    if is_factor(old):
        return _factor(encode(values, _shown(old), f"column {name!r}"), old)
    if not is_numeric(old):
        return values
    if not is_numeric(values):
        raise ScitypeError(
            f"Column {name!r} was {values_scitype(old)}, and is {values_scitype(values)} now. A "
            "balancer keeps what columns are."
        )
    numbers = as_floats(values)
    gone = np.isnan(numbers)
    typed = _typed(np.where(gone, 0, numbers), np.dtype(old.type.to_pandas_dtype()))
    return pa.array(typed, mask=gone) if gone.any() else pa.array(typed)


def _typed(numbers: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """Floats as numbers of a kind: whole ones are the nearest, of booleans too."""
    if dtype.kind == "f":
        return numbers.astype(dtype)
    return numbers > 0.5 if dtype.kind == "b" else np.rint(numbers).astype(np.int64)
