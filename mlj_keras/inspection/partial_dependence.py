"""`partial_dependence`: what a trained machine predicts on average, as one column or two change.

Knows machines and their predictions; not how models learn. Source: ours, after Friedman (2001),
Greedy function approximation, section 8.2, and Goldstein and others (2015), Peeking inside the
black box (curves of single rows); `sklearn.inspection.partial_dependence` does the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._display import GAP, ends, grid_html, titled_html
from mlj_keras._imports import lazy_module
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import InvalidArgument
from mlj_keras.inspection._grid import Axis, axes_of
from mlj_keras.inspection._outputs import Outputs, outputs_of
from mlj_keras.inspection._subject import (
    bound,
    check_choice,
    check_count,
    check_machine,
    copied,
    copies_a_call,
    given,
    seed_of,
    table_in,
)
from mlj_keras.machine.machine import Machine
from mlj_keras.plots.partial_dependence import plot_partial_dependence
from mlj_keras.rng import stream

pd = lazy_module("pandas")

_NAME = "partial_dependence"
_KINDS = ("average", "individual", "both")
_SHOWN, _SHOWN_OUTPUTS = 20, 8  # values and outputs in a notebook


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class PartialDependence:
    """What `partial_dependence` found.

    Attributes:
        features: one name, or two
        grid: of each feature the values that it was given: numbers in ascending order, or levels
        outputs: names of what is predicted: targets, or levels of the target
        average: (n_outputs, *lengths of the grid) floats, the mean prediction over rows, in the
            unit of the target or as a probability
        individual: (n_outputs, n_rows, length of the grid), of each row; None for "average"
        rows: (n_rows,) positions in the data of the rows that were used
        kind: "average", "individual" or "both"
        response: "prediction", "probability", or "share" of the rows for which a level is
            predicted, of models that predict classes without probabilities
        deciles: of each feature (9,) numbers; none for a factor
        table: pandas frame: the features, output, value; of curves of single rows also row, which
            is missing for their mean.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> found = partial_dependence(mach, "petal_length", levels="setosa", grid=[1, 3])
        >>> found
        PartialDependence(petal_length: 2 values; probability of setosa; 150 rows)
        >>> found.table.columns.tolist()
        ['petal_length', 'output', 'value']

    Source: ours.
    """

    features: tuple[str, ...]
    grid: list[np.ndarray]
    average: np.ndarray
    individual: np.ndarray | None
    outputs: tuple[str, ...]
    rows: np.ndarray
    kind: str
    response: str
    deciles: tuple[np.ndarray, ...]

    @property
    def table(self) -> Any:
        """A tidy pandas frame: a row for each output, row of the data and point of the grid."""
        parts = [] if self.kind == "individual" else [self._tidy(self.average[:, None], None)]
        if self.individual is not None:
            parts.append(self._tidy(self.individual, self.rows))
        frame = pd.concat(parts, ignore_index=True)
        return frame.drop(columns="row") if self.individual is None else frame

    def _tidy(self, values: np.ndarray, rows: np.ndarray | None) -> Any:
        """A part of the table, of values (n_outputs, n_rows, *grid)."""
        outputs, n, *shape = np.indices(values.shape).reshape(values.ndim, -1)
        columns = {f: grid[i] for f, grid, i in zip(self.features, self.grid, shape, strict=True)}
        columns["output"] = np.array(self.outputs, dtype=object)[outputs]
        columns["row"] = pd.array([pd.NA] * values.size if rows is None else rows[n], "Int64")
        return pd.DataFrame({**columns, "value": values.ravel()})

    def plot(self, *, axes: Any = None) -> Any:
        """Draw curves over a feature, with a line for each output; or of two features a panel for
        each output: a surface, a line for each level, or a table of levels.

        Args: axes: matplotlib axes, of two features one for each output; None for new ones.
        Returns: the axes, a tuple of them for several panels. Needs the extra `plots`.
        """
        is_factor = [not len(deciles) for deciles in self.deciles]
        return plot_partial_dependence(
            [
                list(map(str, grid)) if factor else grid
                for grid, factor in zip(self.grid, is_factor, strict=True)
            ],
            None if self.kind == "individual" else self.average,
            features=self.features,
            outputs=self.outputs,
            individual=self.individual,
            deciles=self.deciles,
            response=self.response,
            axes=axes,
        )

    def __repr__(self) -> str:
        sizes = [f"{f}: {len(g)} values" for f, g in zip(self.features, self.grid, strict=True)]
        shown = ", ".join(self.outputs[:5]) + (", ..." if len(self.outputs) > 5 else "")
        what = shown if self.outputs == ("prediction",) else f"{self.response} of {shown}"
        return f"PartialDependence({', '.join(sizes)}; {what}; {len(self.rows)} rows)"

    def _repr_html_(self) -> str:
        if len(self.features) == 2:
            return titled_html(repr(self), "")
        columns = [self.grid[0], *self.average[:_SHOWN_OUTPUTS]]
        head = [self.features[0], *self.outputs[:_SHOWN_OUTPUTS]]
        left = len(self.outputs) - _SHOWN_OUTPUTS
        head += [f"... {left} more"] if left > 0 else []
        rows = [
            [f"{v:.4g}" if isinstance(v, float) else str(v) for v in row]
            + ([GAP] if left > 0 else [])
            for row in zip(*(column.tolist() for column in columns), strict=True)
        ]
        return titled_html(repr(self), grid_html(head, ends(rows, _SHOWN, [GAP] * len(head))))


@short_tracebacks
def partial_dependence(
    mach: Machine,
    features: Any,
    X: Any = None,
    *,
    rows: Any = None,
    grid_resolution: int = 50,
    grid: Any = None,
    percentiles: tuple[float, float] = (0.05, 0.95),
    kind: str = "average",
    levels: Any = None,
    max_rows: int | None = 1000,
    rng: Any = 0,
) -> PartialDependence:
    """What a trained machine predicts, on average over rows, when a column has one value in all of
    them: for each value of a grid, and for two columns for each pair of values.

    Where columns depend on one another, rows that cannot be are asked about, too.

    Args:
        mach: trained, of any model that predicts numbers or classes from a table
        features: the name of a column (of a matrix also a position), or a pair of names
        X, rows: a table; or neither, for the data of the machine, or rows of these, as `predict`
            takes them
        grid_resolution, percentiles: a column of numbers is given so many values at equal
            distances between these parts of its sorted values, whole ones where it has ints; if
            it has fewer distinct numbers, these. A factor is given all levels of its pool
        grid: other values, each once; for a pair of names a pair of lists, or of None
        kind: "average"; "individual" for a curve of each row; "both". Of one feature only
        levels: of a classifier: one or more levels of the target; None: all, of two the second
        max_rows: if there are more rows, so many of them, drawn at random by the seed `rng`, are
            used; the grid is of all; None for no bound.
    Returns: PartialDependence.
    Raises: NotTrainedError; UnsupportedOperation for images, and models without predict;
        SchemaMismatch with near names for an unknown feature; ScitypeError for a column of
        neither numbers nor levels; UnseenLevelError, InvalidArgument, EmptyData for what does not
        fit.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> model = mlj.NeuralNetworkRegressor(epochs=5, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> partial_dependence(mach, ["bmi", "s5"], grid_resolution=10).average.shape
        (1, 10, 10)

    Source: ours; scikit-learn, `partial_dependence` with method "brute".
    """
    check_machine(mach, _NAME)
    asked = _names(features)
    _check_kind(kind, len(asked))
    table, positions = _table(mach, X, rows)
    axes = axes_of(table, asked, grid, resolution=grid_resolution, percentiles=percentiles)
    kept = _drawn(len(table), max_rows, rng)
    return _found(mach, table.take(kept), axes, kind, levels, positions[kept])


def _check_kind(kind: Any, n_features: int) -> None:
    if kind not in _KINDS:
        raise InvalidArgument(f"kind must be one of {', '.join(_KINDS)}, got {kind!r:.60}.")
    if n_features == 2 and kind != "average":
        raise InvalidArgument(
            f"kind={kind!r} draws a curve for each row, over one feature, got two. Leave kind out."
        )


def _names(features: Any) -> list[Any]:
    """One name or two."""
    if isinstance(features, str | int | np.integer):
        return [features]
    listed = list(features) if isinstance(features, list | tuple) else []
    if len(listed) not in (1, 2):
        raise InvalidArgument(
            f"features must be the name of a column, or a pair of names, got {features!r:.80}. "
            "Write 'a', or ('a', 'b')."
        )
    return listed


def _table(mach: Machine, X: Any, rows: Any) -> tuple[InnerTable, np.ndarray]:
    """The table that is asked about, and the positions of its rows in the data."""
    check_choice(X, rows, _NAME)
    if X is None:
        table = table_in(bound(mach, 0, rows, _NAME), _NAME)
        positions = mach.positions(rows)
        return table, np.arange(len(table)) if positions is None else positions
    table = table_in(given(X, "X", _NAME), _NAME)
    return table, np.arange(len(table))


def _drawn(n: int, max_rows: Any, rng: Any) -> np.ndarray:
    """Positions of the rows that are used, in their order."""
    most = n if max_rows is None else check_count(max_rows, "max_rows", 1)
    seed = seed_of(rng)
    if n <= most:
        return np.arange(n)
    return np.sort(stream(seed, "partial dependence").choice(n, most, replace=False))


def _found(
    mach: Machine,
    table: InnerTable,
    axes: Sequence[Axis],
    kind: str,
    levels: Any,
    rows: np.ndarray,
) -> PartialDependence:
    """What is predicted at each point of the grid; `rows`: where the table lies in the data."""
    average, individual, outputs = _predicted(mach, table, axes, levels, keeps=kind != "average")
    return PartialDependence(
        tuple(axis.name for axis in axes),
        [axis.values for axis in axes],
        average,
        individual,
        outputs.names,
        rows,
        kind,
        outputs.response,
        tuple(axis.deciles for axis in axes),
    )


def _predicted(
    mach: Machine, table: InnerTable, axes: Sequence[Axis], levels: Any, *, keeps: bool
) -> tuple[np.ndarray, np.ndarray | None, Outputs]:
    """Average predictions (n_outputs, *grid), those of each row if they are kept, and what is
    predicted."""
    shape = [len(axis) for axis in axes]
    points = np.indices(shape).reshape(len(axes), -1)
    n, most = len(table), copies_a_call(table)
    averages, individual = [], []
    for first in range(0, points.shape[1], most):
        some = points[:, first : first + most]
        new = {
            axis.name: axis.column(table, np.repeat(places, n))
            for axis, places in zip(axes, some, strict=True)
        }
        found = outputs_of(mach, replace_columns(copied(table, some.shape[1]), new), levels)
        by_point = found.values.reshape(some.shape[1], n, -1)
        averages.append(by_point.mean(axis=1))
        if keeps:
            individual.append(by_point)
    average = np.concatenate(averages).T.reshape(-1, *shape)
    rows = np.concatenate(individual).transpose(2, 1, 0) if keeps else None
    return average, rows, found
