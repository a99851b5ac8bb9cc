"""`Machine`: a model bound to data, and what it has learned.

Trains, updates or leaves as `staleness.py` decides; hands data of the right form to the model;
never knows a container.
Source: MLJBase.jl, src/machines.jl.
"""

from __future__ import annotations

import copy
import dataclasses
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mlj_keras._tracebacks import short_methods, short_tracebacks
from mlj_keras._warnings import ignoring
from mlj_keras.data.rows import row_positions
from mlj_keras.errors import (
    ConcurrentFitError,
    InvalidArgument,
    NotTrainedError,
    RowsError,
    WrongType,
)
from mlj_keras.machine._operate import operate, point
from mlj_keras.machine.binding import bind, bind_data, check_binding, in_network, say_positive
from mlj_keras.machine.checking import level_around, said_before
from mlj_keras.machine.checks import check_levels
from mlj_keras.machine.known_rows import KnownRows, same_rows
from mlj_keras.machine.node import machines_of, origins_of
from mlj_keras.machine.record import Record
from mlj_keras.machine.representation import EVERYDAY, machine_html, machine_text
from mlj_keras.machine.source import lacks_data
from mlj_keras.machine.staleness import Action, Facts, announce, announce_partial, decide, keeps
from mlj_keras.machine.task import Done, Task
from mlj_keras.models import FitOutcome, Model
from mlj_keras.models.interface import PartialFit


@short_methods
class Machine:
    """A model bound to data. Made by `machine(model, X, y)`.

    Attributes: `model`, the user's own object; `container`, the model class that does the work, or
    None until data are met; `state`, the number of trainings and updates; `frozen`.

    Example:
        >>> from mlj_keras.models import Deterministic
        >>> class Mean(Deterministic):
        ...     def fit(self, verbosity, X, y):
        ...         return sum(y) / len(y)
        ...     def predict(self, fitresult, Xnew):
        ...         return [fitresult for _ in Xnew]
        >>> machine(Mean(), [[0.0], [1.0]], [2.0, 4.0]).fit(verbosity=0).predict([[5.0]])
        [3.0]

    Source: MLJBase.jl, src/machines.jl, `Machine`.
    """

    def __init__(
        self,
        model: Model,
        args: tuple[Any, ...],  # sources; in a network nodes, too
        *,
        in_network: bool = False,
        cache: bool = True,
        scitype_check_level: int = 1,
    ) -> None:
        self.model = model
        self.args = args
        self.in_network = in_network
        self.cache = cache
        self.scitype_check_level = scitype_check_level
        self.frozen = False
        self.state = 0
        self.container: type[Model] | None = None
        self._outcome: FitOutcome | None = None
        # The resolved copy of the model that was trained last, and that the operations use.
        self._old_model: Any = None
        self._old_rows: np.ndarray | KnownRows | None = None
        self._old_upstream: tuple[int, ...] = ()
        self._selected: tuple[Any, tuple[Any, ...]] | None = None
        self._lock = threading.Lock()

    def fit(
        self,
        *,
        rows: Any = None,
        verbosity: int = 1,
        force: bool = False,
        checkpoint: Any = None,
    ) -> Machine:
        """Train, update or leave the machine; see the function `fit`."""
        if checkpoint is not None:
            from mlj_keras.machine.checkpoint import fit_with_checkpoint  # it works on machines

            return fit_with_checkpoint(
                self, checkpoint, rows=rows, verbosity=verbosity, force=force
            )
        if self.in_network:
            from mlj_keras.machine.schedule import fit_or_raise  # it works on machines, too

            fit_or_raise(machines_of(self.args), rows=rows, verbosity=verbosity)
        try:
            with self._training():
                self.fit_or_partial(rows, verbosity, force=force)
        except PartialFit as partial:
            if verbosity > -1:
                announce_partial(partial)
            raise partial.cause from None
        return self

    @contextmanager
    def _training(self) -> Iterator[None]:
        """A block in which no other thread trains this machine. Raises: ConcurrentFitError."""
        if not self._lock.acquire(blocking=False):
            raise ConcurrentFitError(
                "This machine is being trained by another thread. Wait for it, or make a machine "
                "each."
            )
        try:
            yield
        finally:
            self._lock.release()

    def fit_or_partial(self, rows: Any, verbosity: int, *, force: bool) -> None:
        """As `fit`; raises PartialFit if training stopped early and the machine keeps what it
        learned until then."""
        task = self._task(rows, verbosity, force=force)
        if task is not None:
            self._commit(task, task.run(verbosity))

    def _task(self, rows: Any, verbosity: int, *, force: bool) -> Task | None:
        """What `fit` would have to train, with what it needs for that; None for nothing."""
        self.model.check()
        if self.frozen and self.state and lacks_data(self.args):  # there is nothing to look at
            announce(Action.FROZEN, self._old_model, verbosity, force=force, trained=True)
            return None
        model = copy.deepcopy(self._resolved())
        replaced = self.container not in (None, type(model))  # by another model
        if replaced and not self.in_network:
            check_binding(self.model, self.args, self.scitype_check_level)
        positions = self.positions(rows)
        upstream = tuple(arg.state for arg in self.args)
        action = decide(
            Facts(
                frozen=self.frozen or (self.state > 0 and keeps(model, self._old_model)),
                trained=self._outcome is not None,
                force=force,
                upstream_changed=upstream != self._old_upstream,
                rows_changed=not same_rows(positions, self._old_rows),
                type_changed=type(model) is not type(self._old_model),
                change="update"
                if self._old_model is None
                else model.change_since(self._old_model),
            )
        )
        announce(
            action,
            model,
            verbosity,
            force=force,
            trained=self._outcome is not None,
        )
        if action in (Action.SKIP, Action.FROZEN):
            return None
        if action is Action.RECORD:
            self._old_model = model
            return None
        data = self._data(model, positions, checked=action is not Action.FIT)
        if force:
            with ignoring():  # what it warns of is said in training
                model.check_data(*data)
            model.forget()
        before, level = (self._outcome, self._old_model), self.scitype_check_level
        return Task(action, model, data, *before, positions, upstream, level, said_before())

    def _commit(self, task: Task, done: Done) -> None:
        """Keep what a task has learned; raises PartialFit if it was cut off."""
        outcome = done.outcome
        if not self.cache:
            outcome = FitOutcome(outcome.fitresult, None, outcome.report)
        self._outcome, self._old_model = outcome, done.model
        self._old_rows, self._old_upstream = task.positions, task.upstream
        self.container = type(done.model)
        self.state += 1
        if done.cause is not None:
            raise PartialFit(outcome, done.model, done.cause)

    def positions(self, rows: Any) -> np.ndarray | None:
        """Row positions of the bound data, None for all; RowsError if it has no rows."""
        if self.in_network and rows is None:
            return None
        n_rows = origins_of(self.args[0])[0].n_rows if self.args else None
        if n_rows is None and rows is not None:
            raise RowsError("rows were given, and the data of this machine have no rows to count.")
        return None if n_rows is None else row_positions(rows, n_rows)

    def _resolved(self) -> Any:
        return self.model.resolve(*(arg.scitype for arg in self.args))

    def _data(self, model: Any, positions: np.ndarray | None, *, checked: bool) -> tuple[Any, ...]:
        """The arguments at these rows, in the form that the model wants; the last selection is
        kept. In a network they are known, and checked, only now."""
        native = model.native_data
        if self.in_network:
            sources = bind_data(self.model, tuple(arg.at(positions) for arg in self.args))
            if sources and not checked:
                check_binding(self.model, sources, self.scitype_check_level)
            return tuple(source.rows(None, native=native) for source in sources)
        if self._selected is not None and self._selected[0][0] == native:
            if same_rows(self._selected[0][1], positions):
                return self._selected[1]
        data = tuple(arg.rows(positions, native=native) for arg in self.args)
        check_levels(model.own_traits(), data[1] if len(data) > 1 else None)
        if self.cache:
            self._selected = ((native, positions), data)
        return data

    def predict(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """Predictions for new data, for rows of the bound data, or for all of these; see the
        function `predict`."""
        return operate(self, "predict", Xnew, rows)

    def predict_mode(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """The most probable class of each row; see the function `predict_mode`."""
        return point(self, "mode", Xnew, rows)

    def predict_mean(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """The mean of each predicted distribution; see the function `predict_mean`."""
        return point(self, "mean", Xnew, rows)

    def predict_median(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """The median of each predicted distribution; see the function `predict_median`."""
        return point(self, "median", Xnew, rows)

    def transform(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """Transformed new data, or rows of the bound data; see the function `transform`."""
        return operate(self, "transform", Xnew, rows)

    def inverse_transform(self, Xnew: Any) -> Any:
        """Data transformed back; see the function `inverse_transform`."""
        return operate(self, "inverse_transform", Xnew)

    def report(self) -> Record:
        """By-products of training; see the function `report`."""
        return Record(**self.trained("report")[1].report)

    def fitted_params(self) -> Record:
        """What was learned; see the function `fitted_params`."""
        model, outcome = self.trained("fitted_params")
        return Record(**model.fitted_params(outcome.fitresult))

    def trained(self, operation: str) -> tuple[Any, FitOutcome]:
        """(the model as it was trained last, what it learned), for what works on trained machines.

        Raises: NotTrainedError naming `operation`.
        """
        if self._outcome is None:
            raise NotTrainedError.of(f"machine({self.model!r}, ...)", operation)
        return self._old_model, self._outcome

    def current_model(self) -> Any:
        """The model as it was trained last, or the one that would be trained now."""
        if self._old_model is not None:
            return self._old_model
        return self.model if lacks_data(self.args) else self._resolved()

    def replace_outcome(self, model: Any, outcome: FitOutcome, *, anew: bool = True) -> None:
        """Put another outcome, and the model as it was trained for it, in the place of the old;
        `anew`: what follows from it is stale then."""
        self._outcome, self._old_model = outcome, copy.deepcopy(model)
        self.state += anew

    def is_stale(self) -> bool:
        """Whether it is untrained, or what it learns from has changed since it was trained."""
        return self.state == 0 or self._old_upstream != tuple(arg.state for arg in self.args)

    def __dir__(self) -> list[str]:
        return [*EVERYDAY]

    def __repr__(self) -> str:
        return machine_text(self)

    def _repr_html_(self) -> str:
        return machine_html(self)

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.__dict__.items()
            if name not in ("_lock", "_selected")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock(), _selected=None)


@short_tracebacks
def machine(
    model: Model, *args: Any, scitype_check_level: int | None = None, cache: bool = True
) -> Machine:
    """Bind a model to data; checks them, trains nothing.

    Args:
        model: an instance
        args: (X, y) or (X, y, w) for supervised models, (X,) for unsupervised ones, none for
            static ones; X: a table, matrix or images, y: a column or table, w: a vector of
            weights, a dict level → weight, or "balanced"
        scitype_check_level: 0 no checks; 1 what the model cannot take raises and lossless
            conversions warn; 2 every mismatch raises; None (default): 1, or inside a composite
            that of its own machine
        cache: keep selected and encoded rows for the next fit.
    Returns: Machine.
    Raises: WrongType for a class or something that is no model; InvalidArgument for a wrong number
        of arguments; DimensionMismatch, EmptyData, ScitypeError, MissingValuesError,
        NonFiniteError, OneClassError, WeightsError for data.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> mach = mlj.machine(mlj.NeuralNetwork(epochs=1), X, y)
        >>> mach.container.__name__, mach.state
        ('NeuralNetworkClassifier', 0)

    Source: MLJBase.jl, src/machines.jl, `machine`.
    """
    if isinstance(model, str) or hasattr(model, "__fspath__"):
        raise WrongType(
            f"machine binds a model to data and reads no files, got the path {model!r}. Write "
            f"load_machine({model!r}) for a machine that was saved."
        )
    if not isinstance(model, Model):
        given = f"the class {model.__name__}" if isinstance(model, type) else repr(model)
        advice = (
            f"Write {model.__name__}()."
            if isinstance(model, type)
            else "Give a model such as NeuralNetworkClassifier()."
        )
        if isinstance(model, types.UnionType):  # A | B of classes
            names = " | ".join(f"{each.__name__}()" for each in model.__args__)
            advice = f"Join instances: {names}."
        raise WrongType(f"machine needs a model instance, got {given}. {advice}")
    if scitype_check_level is None:
        scitype_check_level = level_around()
    if scitype_check_level not in (0, 1, 2):
        raise InvalidArgument(
            f"scitype_check_level must be 0, 1 or 2, got {scitype_check_level!r}."
        )
    model.check()
    mach = quiet_machine(model, *args, scitype_check_level=scitype_check_level, cache=cache)
    if mach.args and scitype_check_level > 0 and not mach.in_network:
        say_positive(mach._resolved().own_traits(), mach.args)
    return mach


def continued(mach: Machine, model: Any, outcome: FitOutcome, rows: Any) -> Machine:
    """The machine, with what a model has learned from these rows of the same data, to go on."""
    mach.replace_outcome(model, outcome)
    mach.container = type(model)
    mach._old_rows = mach.positions(rows)
    mach._old_upstream = tuple(arg.state for arg in mach.args)
    return mach


def with_data(mach: Machine, *args: Any) -> Machine:
    """A machine that has learned what `mach` has, and goes on with other data.

    Raises: as `machine`.
    """
    new = quiet_machine(mach.model, *args, scitype_check_level=mach.scitype_check_level)
    if mach._outcome is not None:
        new.replace_outcome(mach._old_model, dataclasses.replace(mach._outcome, cache=None))
        new._old_upstream = tuple(arg.state for arg in new.args)
    new.state = mach.state
    return new


def quiet_machine(
    model: Model, *args: Any, scitype_check_level: int = 1, cache: bool = True
) -> Machine:
    """As `machine`, of a checked model, without saying which class is the positive one."""
    if len(args) == 3 and args[2] is None:  # no weights
        args = args[:2]
    sources = bind(model, args)
    mach = Machine(
        model,
        sources,
        in_network=in_network(args),
        cache=cache,
        scitype_check_level=scitype_check_level,
    )
    if sources and not mach.in_network:
        mach.container = type(check_binding(model, mach.args, scitype_check_level))
    return mach
