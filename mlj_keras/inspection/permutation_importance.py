"""`permutation_importance`: how much worse a trained machine does when a column is shuffled.

Knows machines, measures, and where jobs run; not how models learn. Source: ours, after Breiman
(2001), Random forests, section 10, and Fisher, Rudin, Dominici (2019), All models are wrong, but
many are useful; `sklearn.inspection.permutation_importance` does the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from mlj_keras._display import grid_html, text_table, titled_html
from mlj_keras._imports import lazy_module
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.columns import as_floats, column_of
from mlj_keras.data.replacement import own_table, replace_columns
from mlj_keras.data.rows import selectcols, selectrows
from mlj_keras.data.tables import InnerTable
from mlj_keras.data.weights import ClassWeights, read_weights
from mlj_keras.errors import InvalidArgument, UnsupportedOperation, WeightsError
from mlj_keras.inspection._subject import (
    bound,
    check_choice,
    check_count,
    check_machine,
    column_named,
    copied,
    copies_a_call,
    given,
    seed_of,
    table_in,
)
from mlj_keras.machine.checks import check_labels, check_lengths
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.source import Source
from mlj_keras.measures.base import Measure
from mlj_keras.parallel.jobs import check_job_acceleration, run_jobs
from mlj_keras.plots.importances import plot_importances
from mlj_keras.resampling.fold import Trial, measured
from mlj_keras.resampling.operations import check_measure, check_oriented, operations_for
from mlj_keras.resampling.plan import measures_for
from mlj_keras.rng import stream

pd = lazy_module("pandas")

Feature: TypeAlias = str | tuple[str, ...]
_NAME = "permutation_importance"
_SHOWN = 20  # features in a representation


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class PermutationImportance:
    """What `permutation_importance` found.

    Attributes:
        features: names, or tuples of the names that were shuffled together
        importances: (n_features, n_repeats) floats in the unit of the measure; positive where
            shuffling made the predictions worse
        mean, std: (n_features,) over the repeats; std as NumPy has it, divided by n_repeats
        measure: the measure · baseline: its value before anything is shuffled
        table: pandas frame, the most important first: feature, importance, standard_deviation
        pairs: (feature, mean) in the order of the features, as `feature_importances` gives.
    Example:
        >>> from mlj_keras.measures import l2
        >>> found = PermutationImportance(("a", "b"), np.array([[0.0, 0.0], [3.0, 5.0]]), l2, 1.0)
        >>> found.pairs
        [('a', 0.0), ('b', 4.0)]
        >>> found
        PermutationImportance: l2 is 1 before shuffling, mean of 2 repeats
          feature  importance  ±
          ───────  ──────────  ─
          b        4           1
          a        0           0

    Source: ours.
    """

    features: tuple[Feature, ...]
    importances: np.ndarray
    measure: Measure
    baseline: float

    @property
    def mean(self) -> np.ndarray:
        """The importance of each feature (n_features,), the mean over the repeats."""
        return np.asarray(self.importances.mean(axis=1))

    @property
    def std(self) -> np.ndarray:
        """The standard deviation over the repeats (n_features,), 0 for a single one."""
        return np.asarray(self.importances.std(axis=1))

    @property
    def pairs(self) -> list[tuple[Feature, float]]:
        """Pairs (feature, importance), in the order of the features."""
        return list(zip(self.features, self.mean.tolist(), strict=True))

    @property
    def table(self) -> Any:
        """A pandas frame with a row for each feature, the most important first; a group has the
        names of its columns, joined by " + "."""
        order = np.argsort(-self.mean, kind="stable")
        return pd.DataFrame(
            {
                "feature": [_text(self.features[i]) for i in order],
                "importance": self.mean[order],
                "standard_deviation": self.std[order],
            }
        )

    def plot(self, *, axes: Any = None) -> Any:
        """Draw a bar for each feature, the most important on top, with a point for each repeat.

        Args: axes: matplotlib axes, None for new ones.
        Returns: the axes. Needs the extra `plots`.
        """
        change = "increase" if self.measure.orientation == "loss" else "decrease"
        return plot_importances(
            list(zip(self.features, self.importances, strict=True)),
            name=f"{change} of {self.measure.name} when shuffled",
            axes=axes,
        )

    def __repr__(self) -> str:
        table = text_table(*self._cells(), rule=True)
        return "\n".join([self._title(), *("  " + line for line in table.splitlines())])

    def _repr_html_(self) -> str:
        return titled_html(self._title(), grid_html(*self._cells()))

    def _title(self) -> str:
        n = self.importances.shape[1]
        repeats = "one repeat" if n == 1 else f"mean of {n} repeats"
        return (
            f"PermutationImportance: {self.measure.name} is {self.baseline:.3g} before "
            f"shuffling, {repeats}"
        )

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        table = self.table
        shown = table.head(_SHOWN).itertuples(index=False)
        rows = [[name, f"{mean:.3g}", f"{std:.2g}"] for name, mean, std in shown]
        left = len(table) - len(rows)
        return ["feature", "importance", "±"], rows + ([[f"... {left} more", "", ""]] * bool(left))


def _text(feature: Feature) -> str:
    return feature if isinstance(feature, str) else " + ".join(feature)


@short_tracebacks
def permutation_importance(
    mach: Machine,
    X: Any = None,
    y: Any = None,
    *,
    rows: Any = None,
    features: Any = None,
    measure: Any = None,
    weights: Any = None,
    n_repeats: int = 5,
    rng: Any = 0,
    acceleration: Any = None,
) -> PermutationImportance:
    """Measure a trained machine before and after the values of a column are shuffled; nothing is
    trained.

    The importance is by how much the measure becomes worse, be it a loss or a score. A column that
    is not used has 0. Columns that tell the same stand in for one another, and all look
    unimportant: shuffle them together. Rows that the model was trained on flatter columns that it
    has learned by heart: better give new data, or the rows of a test set.

    Args:
        mach: trained, of any model that predicts from a table
        X, y: a table and what was observed; or neither: the data of the machine
        rows: of the data of the machine, as `predict` takes them; None for all
        features: names of columns (of a matrix also positions), and tuples of names that are
            shuffled together, such as the columns of one factor; None for each column
        measure: a measure or what stands for one; None: as in `evaluate`
        weights: (n,) numbers, a weight of the measure for each row of X, or of the machine's data
        n_repeats: how often each is shuffled · rng: seed; an order is drawn by the feature and
            the repeat, so that it is the same whichever features are asked for
        acceleration: CPU1(), CPUThreads(n), CPUProcesses(n), or a joblib backend by name.
    Returns: PermutationImportance.
    Raises: NotTrainedError; UnsupportedOperation for images, and models without predict or
        target; SchemaMismatch with near names for an unknown feature; InvalidArgument,
        InvalidModelError, WeightsError, DimensionMismatch, EmptyData for what does not fit.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=20, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), rows=range(0, 150, 2), verbosity=0)
        >>> found = permutation_importance(mach, rows=range(1, 150, 2), measure=mlj.accuracy)
        >>> found.importances.shape, found.table["importance"].is_monotonic_decreasing
        ((4, 5), True)

    Source: ours; scikit-learn, `permutation_importance`.
    """
    asked = features, check_count(n_repeats, "n_repeats", 1), seed_of(rng)
    where = check_job_acceleration(acceleration)
    return _found(_work(mach, _data(mach, X, y, rows, weights), measure, *asked), where)


def _found(work: _Work, where: Any) -> PermutationImportance:
    """What the jobs give."""
    found: list[Any] = [None] * (1 + len(work.groups))
    for outcome in run_jobs(_measured, work, len(found), where):
        if outcome.error is not None:
            raise outcome.error
        found[outcome.index] = outcome.result
    measure = work.trial.measures[0]
    sign = 1 if measure.orientation == "loss" else -1
    return PermutationImportance(
        tuple(group if len(group) > 1 else group[0] for group in work.groups),
        sign * (np.array(found[1:]) - found[0]),
        measure,
        float(found[0][0]),
    )


def _data(
    mach: Machine, X: Any, y: Any, rows: Any, weights: Any
) -> tuple[Source, Source, np.ndarray | None]:
    """X, y and the weights (n,) of the same rows, checked."""
    check_machine(mach, _NAME)
    if (X is None) != (y is None):
        raise InvalidArgument(
            f"{_NAME} needs X and y, or neither for the data of the machine, got "
            f"{'y' if X is None else 'X'} alone. Give both."
        )
    check_choice(X, rows, _NAME)
    if X is not None:
        sources = given(X, "X", _NAME), given(y, "y", _NAME)
        whole, positions = sources[0], None
    else:
        if len(mach.args) < 2:
            raise UnsupportedOperation(
                f"{_NAME} compares predictions with a target, and "
                f"{type(mach.model).__name__} learns without one. Give X and y."
            )
        sources = bound(mach, 0, rows, _NAME), bound(mach, 1, rows, _NAME)
        whole, positions = mach.args[0], mach.positions(rows)
    table_in(sources[0], _NAME)
    check_lengths(sources, ("X", "y"))
    own = _weights(weights, whole)
    return *sources, own if own is None or positions is None else own[positions]


def _weights(weights: Any, X: Source) -> np.ndarray | None:
    """One number for each row of X, in double precision."""
    if weights is None:
        return None
    if isinstance(read_weights(weights, X.n_rows or 0), ClassWeights):
        raise WeightsError(f"weights of {_NAME} must be one number a row. Give a vector.")
    check_labels((X, Source(weights)), ("X", "weights"))
    return as_floats(column_of(weights).values).astype(np.float64)


@dataclasses.dataclass(frozen=True)
class _Work:
    """What all jobs need. Job 0 measures the table as it is, in as many copies as the others
    shuffle: what is not used then gives the very same numbers. Job i shuffles group i - 1."""

    mach: Machine
    X: Source
    y: Source
    trial: Trial
    groups: tuple[tuple[str, ...], ...]
    n_repeats: int
    seed: int


def _work(
    mach: Machine,
    sources: tuple[Source, Source, np.ndarray | None],
    measure: Any,
    features: Any,
    n_repeats: int,
    seed: int,
) -> _Work:
    X, y, weights = sources
    model, _ = mach.trained(_NAME)
    known = len(mach.args) > 1 and mach.args[1].n_rows is not None
    target = mach.args[1].scitype if known else y.scitype
    traits = model.own_traits()
    measures = measures_for(None if measure is None else [measure], traits, target)
    check_measure(measures[0], target)
    check_oriented(measures[0], "say how much a feature matters")
    operations = operations_for(None, measures, traits, target, type(model).__name__)
    if weights is not None and not measures[0].supports_weights:
        raise WeightsError(f"{measures[0].name} takes no weights. Leave them out.")
    trial = Trial(model, (), (), measures, operations, weights, observes=False)
    return _Work(mach, X, y, trial, groups_of(X.inner, features), n_repeats, seed)


def groups_of(table: InnerTable, features: Any) -> tuple[tuple[str, ...], ...]:
    """The columns that are shuffled together, for each feature that was asked for.

    Raises: SchemaMismatch with near names for a name that is not there; InvalidArgument for no
        feature, or one that is named twice.
    """
    if features is None:
        return tuple((name,) for name in table.names)
    listed = [features] if isinstance(features, str | int) else list(features)
    parts = [list(each) if isinstance(each, list | tuple) else [each] for each in listed]
    groups = tuple(tuple(column_named(table, name) for name in part) for part in parts)
    if not groups or not all(groups):
        raise InvalidArgument(
            f"features must name at least one column each, got {features!r:.60}. Leave them out "
            "for all columns."
        )
    sets = [frozenset(group) for group in groups]
    if len(set(sets)) < len(sets) or any(len(set(g)) < len(g) for g in groups):
        raise InvalidArgument(
            f"features names a column twice, got {features!r:.200}. Name each once."
        )
    return groups


def _measured(work: _Work, index: int) -> np.ndarray:
    """The measurement (n_repeats,) of each repeat of one job."""
    table: InnerTable = work.X.inner
    n, most = len(table), copies_a_call(table)
    group = work.groups[index - 1] if index else ()
    predict = getattr(work.mach, work.trial.operations[0])
    truth, rows = work.y.rows(None, native=True), np.arange(n)
    found = []
    for first in range(0, work.n_repeats, most):
        repeats = range(first, min(first + most, work.n_repeats))
        predicted = predict(_shuffled(table, group, work.seed, repeats))
        for i in range(len(repeats)):
            part = selectrows(predicted, slice(i * n, (i + 1) * n))
            predictions = {work.trial.operations[0]: part}
            found.append(float(measured(work.trial, predictions, truth, rows)[0].value))
    return np.array(found)


def _shuffled(table: InnerTable, group: tuple[str, ...], seed: int, repeats: Sequence[int]) -> Any:
    """A copy of the table for each repeat, below one another, whose columns of the group are in
    an order of its own."""
    # By the positions of the columns, in one order however the group was written.
    name = sorted(table.position[each] for each in group)
    orders = [stream(seed, "permutation", *name, k).permutation(len(table)) for k in repeats]
    order, own = np.concatenate(orders), own_table(table)
    new = {each: selectrows(selectcols(own, each), order) for each in group}
    return replace_columns(copied(table, len(repeats)), new)
