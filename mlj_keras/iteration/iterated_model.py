"""`IteratedModel`: a model whose iterations are controlled: stopped early, written down, watched.

Knows sessions; its controls are objects of any kind. Source: MLJIteration.jl,
src/constructors.jl and src/core.jl.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras._logging import logger
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration._fields import (
    check_controls,
    default_controls,
)
from mlj_keras.iteration.control import Setting, check_setting
from mlj_keras.iteration.controls.snapshots import Snapshots
from mlj_keras.iteration.loop import take_down
from mlj_keras.iteration.paused import PausedSession, plan_with_rows, resumed_progress
from mlj_keras.iteration.session import Session, begin, chosen, forget, go_on
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checks import check_inner
from mlj_keras.machine.record import Record
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.machine.trained_wrapper import TrainedWrapper
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.models.interface import Change, PartialFit
from mlj_keras.models.params import same
from mlj_keras.models.unfinished import finished, mark_unfinished
from mlj_keras.resampling.operations import check_oriented
from mlj_keras.resampling.plan import (
    AUTO,
    Options,
    check_resampling,
    holdout_for,
    pairs_for,
    trial_for,
)

KEEP = ("best", "last", "snapshots")


class IteratedModel(TrainedWrapper):
    """Train a model step by step, until one of its controls ends it.

    A part of the rows is held out, the rest is trained on; after each Step the loss on the part
    held out is taken, and the controls act on it. The model that is kept is the best one.

    Hyper-parameters:
        model (positional): any model that counts iterations: networks, pipelines and transformed
            targets with one in them, boosting and forests of scikit-learn. The count that it has
            itself is ignored.
        controls: applied in their order in each cycle; one of them trains (see Step), one ends it.
            Default [Step(1), Patience(5), GL(), NumberLimit(100), InvalidValue()]. `control` is
            the same.
        resampling: a strategy of one pair of rows, to train on and to measure on, such as
            Holdout(0.8, shuffle=True, rng=1), or such a pair [(train, test)]; "auto" (default):
            Holdout(0.7), shuffled by the model's seed, and stratified for a categorical target;
            None: all rows are trained on, and training losses take the place of the loss. Several
            pairs (CV) need retrain=True: there is a machine for each, and the loss is that of all.
        measures: one or several, of which the first is the loss; a score is turned round. Default
            as in `evaluate`. `measure` is the same.
        weights: (n,) of the measures, or None · class_weights: by level, or None
        operations: as in `evaluate`, default found for each measure. `operation` is the same.
        retrain: whether a model with the count of iterations found is trained on all rows in the
            end, default False: it has learned from the training rows only
        keep: "best" (default): the state with the best loss; "last"; or "snapshots", the average
            of the states that a Snapshots control has kept
        check_measure: whether the measures are checked against the target, default True
        iteration_parameter: dotted path of the field that counts; None (default): the model's own
        cache: whether what a warm restart needs is kept, default True.
    Training data, operations: those of the model. Fitted parameters: machine, trained, without
    data. Report: n_iterations (in all), best_iteration, last_iteration, kept_iteration, kept
    (which of them), losses and iterations (where they were taken), measure, controls (pairs of a
    control and what it reports), model_report.
    A fit that is cut off keeps what was learned, and the next fit goes on with all control states.
    Changed controls, or warm changes of the model, go on from the last state with fresh control
    states; any other change trains from the start.
    Raises: InvalidModelError for impossible values, no control that ends it, and, when the machine
        is made, an iteration parameter that does not exist, measures that the model does not suit,
        and what controls say; EmptyData for a part without rows. While training: ControlError for
        a control that fails.
    Warns: ModelWarning if no control trains: Step(1) is added.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(rng=1)
        >>> model = IteratedModel(net, controls=[mlj.Step(2), mlj.Patience(3), mlj.NumberLimit(9)])
        >>> report = mlj.report(mlj.fit(mlj.machine(model, X, y), verbosity=0))
        >>> report.kept, report.best_iteration <= report.last_iteration <= 18
        ('best', True)

    Source: MLJIteration.jl, src/constructors.jl. Deviations: the best state is kept, where MLJ
        keeps the last; scores are turned round; no default depends on the clock; the held-out part
        is shuffled and stratified; changes of the model are honoured in a warm restart; several
        pairs of rows are trained side by side.
    """

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )
    aliases: ClassVar[Mapping[str, str]] = {
        "control": "controls",
        "measure": "measures",
        "operation": "operations",
    }
    checkpoints: ClassVar[bool] = False  # it has controls for that

    controls: Any = param(factory=default_controls, convert=check_controls)
    resampling: Any = param(AUTO, convert=check_resampling)
    measures: Any = param(None)
    weights: Any = param(None)
    class_weights: Any = param(None)
    operations: Any = param(None)
    retrain: bool = param(False, kind=bool)
    keep: str = param("best", options=KEEP)
    check_measure: bool = param(True, kind=bool)
    iteration_parameter: str | None = param(None, kind=str, optional=True)
    cache: bool = param(True, kind=bool)

    def check(self) -> None:
        """The fields, and that they go together."""
        super().check()
        self._parameter()
        if self.keep == "snapshots" and self._snapshots_at() is None:
            raise InvalidModelError(
                "keep='snapshots' averages what a Snapshots control has kept, and there is none. "
                "Add Snapshots(every=...) to the controls."
            )

    def own_traits(self) -> Traits:
        """Those of the model, which has nothing to count any more."""
        return dataclasses.replace(super().own_traits(), iteration_parameter=None)

    def _parameter(self) -> str:
        """The path of the field that counts iterations."""
        path = self.iteration_parameter or self.model.own_traits().iteration_parameter
        if path is None:
            raise InvalidModelError(
                f"{type(self.model).__name__} has no field that is known to count iterations. "
                "Name it by iteration_parameter='...', or take a model that trains by iterations."
            )
        value = self.model.get(path)  # which raises if there is none
        if value is not None and (type(value) is not int):
            raise InvalidModelError(
                f"iteration_parameter={path!r} of {type(self.model).__name__} is {value!r}, which "
                "counts no iterations. Name a field that is an int."
            )
        return path

    def _snapshots_at(self) -> int | None:
        places = (i for i, each in enumerate(self.controls) if isinstance(each, Snapshots))
        return next(places, None)

    def check_data(self, *data: Any) -> None:
        """What the model checks, and that measures, resampling and controls suit it."""
        if data:
            check_inner(self.model, data)
        parameter = self._parameter()
        setting = Setting(self.model, parameter, resampled=self.resampling is not None)
        for control in self.controls:
            check_setting(control, setting)
        self._plan(data)

    def _plan(self, data: tuple[Any, ...]) -> Any:
        """(trial, strategy) for these data, or None without resampling."""
        if self.resampling is None:
            return None
        mach = Machine(self.model, tuple(Source(each) for each in data))
        strategy = holdout_for(mach, self.resampling)
        options = Options(
            strategy,
            self.measures,
            self.weights,
            self.class_weights,
            self.operations,
            check_measure=self.check_measure,
            per_observation=False,
        )
        pairs, _ = pairs_for(mach, strategy, options)
        if len(pairs) > 1 and not self.retrain:
            raise InvalidModelError(
                f"{strategy!r:.60} gives {len(pairs)} pairs of rows, and so as many machines, of "
                "which none is the model. Set retrain=True to train one on all rows in the end, "
                "or take Holdout()."
            )
        trial = trial_for(mach, pairs, options)
        check_oriented(trial.measures[0], "control iteration")
        return trial, strategy

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Train from the start."""
        session = self._begun(data)
        return self._trained(session, verbosity, data)

    def _begun(self, data: tuple[Any, ...]) -> Session:
        plan = self._plan(data)
        model = copy.deepcopy(self.model)
        if plan is not None:
            model = model.settled(max(len(train) for train, _ in plan[0].pairs))
        return begin(model, self._parameter(), data, plan, len(self.controls))

    def forget(self) -> None:
        """Remove the states in the folders of checkpoints."""
        super().forget()
        forget(self)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Go on, if only the controls, the choice of what is kept, or warm hyper-parameters of the
        model have changed; else train from the start."""
        session: Session | None = self._resumed(outcome.cache, old_model, data)
        old, unfinished = finished(old_model, "controls")
        changed = {n for n in self.fields() if not same(getattr(self, n), getattr(old, n))}
        warm = {"controls", "model", "keep", "cache"}
        if session is None or not changed <= warm or not self._warm_model(old):
            return self.fit(verbosity, *data)
        session = session.copy()
        parameter, done = self._parameter(), session.run.n_iterations
        if "model" in changed:
            session.run.model = self.model.replace({parameter: done})
        if not unfinished and not changed & {"controls", "model"}:
            return self._outcome(session, verbosity, data)
        if "controls" in changed or not unfinished:
            session.progress.states = [None] * len(self.controls)
            session.progress.place = session.run.n_cycles = 0
        return self._trained(session, verbosity, data)

    def _resumed(self, cache: Any, old_model: Any, data: tuple[Any, ...]) -> Session | None:
        """The session that a fit goes on with; one that was in a file, bound to the data."""
        if not isinstance(cache, PausedSession):
            found: Session | None = cache
            return found
        owner: IteratedModel = finished(old_model, "controls")[0]
        plan = plan_with_rows(cache, owner._plan(data))
        fresh = begin(cache.model, owner._parameter(), data, plan, 0)
        return Session(resumed_progress(cache, fresh.run), fresh.sources)

    def _warm_model(self, old: IteratedModel) -> bool:
        """Whether the model may go on from where the old one was, given the same count."""
        if type(self.model) is not type(old.model):
            return False
        parameter = self._parameter()
        before = old.model.replace({parameter: self.model.get(parameter)})
        return bool(self.model.change_since(before) != "update")

    def _trained(self, session: Session, verbosity: int, data: tuple[Any, ...]) -> FitOutcome:
        try:
            go_on(session, self, verbosity)
            return self._outcome(session, verbosity, data)
        except BaseException as cause:
            if not all(machine.state for machine in session.run.machines):
                raise  # nothing has been learned
            unfinished = copy.deepcopy(self)
            mark_unfinished(unfinished, "controls")
            kept = self.replace({"retrain": False}) if self.retrain else self
            outcome = kept._outcome(session, -1, data, cut_off=True)
            raise PartialFit(outcome, unfinished, cause) from None

    def _outcome(
        self, session: Session, verbosity: int, data: tuple[Any, ...], *, cut_off: bool = False
    ) -> FitOutcome:
        run = session.run
        controls = take_down(session.progress, self.controls, verbosity, cut_off=cut_off)
        place = self._snapshots_at()
        states = None if place is None else controls[place][1]["states"]
        averaged = (self.controls[place].average, states) if place is not None and states else None
        kept, fit = chosen(session, self.keep, averaged)
        if self.retrain and self.resampling is not None:
            fit = self._retrained(kept.iteration, verbosity, data)
        best = None if run.best is None else run.best.iteration
        report = {
            "n_iterations": run.n_iterations,
            "best_iteration": best,
            "last_iteration": run.done_iterations(),
            "kept_iteration": kept.iteration,
            "kept": _kept(self.keep, best, averaged),
            "losses": list(run.losses),
            "iterations": list(run.iterations),
            "measure": None if run.scoring is None else run.scoring.trial.measures[0].name,
            "controls": controls,
            "model_report": Record(**fit.outcome.report),
        }
        if verbosity > 0:
            _say(report)
        return FitOutcome(fit, session if self.cache else None, report)

    def _retrained(self, count: int, verbosity: int, data: tuple[Any, ...]) -> TrainedModels:
        """A model of this count of iterations, trained on all rows."""
        model = self.model.replace({self._parameter(): count})
        mach = Machine(model, tuple(Source(each) for each in data))
        mach.fit_or_partial(None, max(verbosity - 1, -1), force=False)
        trained, outcome = mach.trained("retrain")
        return TrainedModels(((trained, dataclasses.replace(outcome, cache=None)),))

    def change_since(self, old_model: Any) -> Change:
        """Whether there is anything to do."""
        return "none" if self == old_model else "update"

    def fitted_params(self, fitresult: TrainedModels) -> dict[str, Any]:
        """`machine`: trained, without data."""
        return {"machine": fitresult.machine(2 if self.own_traits().takes_target else 1)}

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the model that is kept."""
        return self.model.training_losses(report["model_report"]._asdict())


def _kept(keep: str, best: int | None, averaged: Any) -> str:
    """What was kept: the last state, if there is none of the kind asked for."""
    lacking = (keep == "best" and best is None) or (keep == "snapshots" and averaged is None)
    return "last" if lacking else keep


def _say(report: dict[str, Any]) -> None:
    if report["losses"]:
        name = report["measure"] or "training loss"
        logger.info("Final %s: %.6g.", name, report["losses"][-1])
    logger.info(
        "%d iterations in all; kept is the state of iteration %d (%s).",
        report["n_iterations"],
        report["kept_iteration"],
        report["kept"],
    )
