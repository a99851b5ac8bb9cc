"""`TunedModel`: a model that searches for good hyper-parameters, and is then the best one found.

Knows searches. Source: MLJTuning.jl, src/tuned_models.jl.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.errors import InvalidModelError, NotTrainedError
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checks import check_inner
from mlj_keras.machine.record import Record
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.machine.trained_wrapper import TrainedWrapper
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.models.interface import PartialFit
from mlj_keras.models.params import same
from mlj_keras.models.unfinished import finished, mark_unfinished
from mlj_keras.models.wrapper import check_model
from mlj_keras.parallel import CPU1
from mlj_keras.parallel.jobs import check_job_acceleration
from mlj_keras.resampling.plan import AUTO, check_resampling
from mlj_keras.resampling.tracking import check_logger
from mlj_keras.storage.records import storable
from mlj_keras.tuning._fields import (
    check_callbacks,
    check_heuristic,
    check_models,
    check_path,
    check_ranges,
    check_strategy,
)
from mlj_keras.tuning.history import history_frame, plotting, running_best
from mlj_keras.tuning.paused import PausedSearch
from mlj_keras.tuning.planning import begun, warn_of_kinds
from mlj_keras.tuning.records import forget
from mlj_keras.tuning.running import run
from mlj_keras.tuning.search import Search
from mlj_keras.tuning.selection import NaiveSelection
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies import Explicit, RandomSearch

# Fields that do not change what a candidate is, or how it is measured.
_FREE = ("n", "train_best", "selection_heuristic", "acceleration", "acceleration_resampling")
_WATCHING = ("cache", "compact_history", "logger", "timeout_s", "callbacks")


class TunedModel(TrainedWrapper):
    """Try many hyper-parameters of a model, all on the same rows, and train the best on all.

    Hyper-parameters:
        model (positional): any model; with it go ranges
        models: in place of model and ranges: a list of models, of any classes, to try one by one
        ranges: of hyper-parameters, made by `param_range`: one, or a list; a strategy may take
            pairs, such as (range, 5) for Grid. `range` is the same.
        tuning: a strategy: Grid(), RandomSearch() (default), LatinHypercube(), TPE(), CmaEs(),
            ASHA(), a sampler of Optuna, or Explicit() (default for models)
        n: how many candidates; None (default): as the strategy says. Raising it goes on.
        resampling: as in `evaluate`; "auto" (default): Holdout(0.7), shuffled by the model's seed,
            and stratified for a categorical target. The rows are the same for all candidates.
        measures: one or several, of which the first decides; default as in `evaluate`. `measure`
            is the same.
        weights: (n,) of the measures, or None · class_weights: by level, or None · operations: as
            in `evaluate`; `operation` is the same · repeats: of the resampling, default 1
        selection_heuristic: what is the best, default NaiveSelection()
        train_best: whether the best model is trained on all rows in the end, default True
        acceleration: where candidates and their folds are trained: CPU1() (default),
            CPUThreads(n), CPUProcesses(n), or a joblib backend by name, such as "dask"
        acceleration_resampling: the same, one candidate after the other and its folds side by
            side; one of the two may be other than CPU1()
        history: path of a file that each candidate is written to when it is done; a search that
            was killed goes on from there. Searches that other models make, of the folds of an
            evaluation say, write none. Default None.
        timeout_s: seconds after which no candidate begins, or None (default). The next fit goes
            on.
        callbacks: functions of the list of entries, called when one is done, such as
            LiveTuningPlot(); what they have by the name `ended` is called in the end
        logger: with a method `log_evaluation`, called for each candidate, such as MLflowLogger()
        check_measure: whether measures are checked against the target, default True
        compact_history: whether evaluations are kept without trained models, default True
        cache: whether the search is kept, for more candidates, default True.
    Training data, operations: those of the model. Fitted parameters: best_model,
    best_fitted_params (of it). Report: history, a frame with a row for each candidate (columns:
    the searched paths, measurement, further measures, uncertainty_radius_95, iterations,
    iterations_done, failure, evaluation, model; a searched path that is called as another column
    has "(searched)" after it); best_model, best_index, best_history_entry, best_evaluation,
    best_report; plotting. A candidate that fails is noted with its reason, and never wins. A fit
    that is cut off keeps the candidates that are done, and predicts as before it; the next one
    goes on.
    With one seed the history is the same on any acceleration with equal threads.
    Raises: InvalidModelError for impossible values, and for what a strategy cannot search; when
        the machine is made, for measures that the model does not suit. While training:
        AllCandidatesFailed; ResumeMismatchError for the history of another search.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> r = mlj.param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1, scale="log10")
        >>> tuned = TunedModel(net, ranges=r, tuning=mlj.Grid(resolution=3), measure=mlj.log_loss)
        >>> mach = mlj.fit(mlj.machine(tuned, X, y), verbosity=0)
        >>> len(mlj.report(mach).history), mlj.fitted_params(mach).best_model.epochs
        (3, 5)

    Source: MLJTuning.jl, src/tuned_models.jl, `TunedModel`. Deviations: what failed never wins;
        the default resampling is shuffled and stratified.
    """

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )
    aliases: ClassVar[Mapping[str, str]] = {
        "range": "ranges",
        "measure": "measures",
        "operation": "operations",
        "strategy": "tuning",
    }
    checkpoints: ClassVar[bool] = False  # it has a history for that

    model: Any = param(None, positional=True, optional=True, convert=check_model)
    models: Any = param(None, optional=True, convert=check_models)
    ranges: Any = param(None, optional=True, convert=check_ranges)
    tuning: Any = param(None, optional=True, convert=check_strategy)
    n: int | None = param(None, kind=int, ge=1, optional=True)
    resampling: Any = param(AUTO, convert=check_resampling)
    measures: Any = param(None)
    weights: Any = param(None)
    class_weights: Any = param(None)
    operations: Any = param(None)
    repeats: int = param(1, kind=int, ge=1)
    selection_heuristic: Any = param(factory=NaiveSelection, convert=check_heuristic)
    train_best: bool = param(True, kind=bool)
    acceleration: Any = param(factory=CPU1, convert=check_job_acceleration)
    acceleration_resampling: Any = param(factory=CPU1, convert=check_job_acceleration)
    history: Any = param(None, optional=True, convert=check_path)
    timeout_s: float | None = param(None, kind=float, gt=0, optional=True)
    callbacks: Any = param((), convert=check_callbacks)
    logger: Any = param(None)
    check_measure: bool = param(True, kind=bool)
    compact_history: bool = param(True, kind=bool)
    cache: bool = param(True, kind=bool)

    def check(self) -> None:
        """The fields, and that they go together."""
        super().check()
        if (self.model is None) == (self.models is None):
            raise InvalidModelError(
                "TunedModel takes a model with ranges, or models, a list to try one by one. Write "
                "TunedModel(model, ranges=[...]) or TunedModel(models=[...])."
            )
        if self.models is not None and self.ranges is not None:
            raise InvalidModelError(
                "TunedModel got models, which are tried as they are, and ranges. Give a model "
                "with ranges, or models alone."
            )
        if self.resampling is None:
            raise InvalidModelError(
                "TunedModel measures candidates on rows that they are not trained on, and got "
                "resampling=None. Give Holdout(), CV(), or InSample() for the training rows."
            )
        if CPU1() not in (self.acceleration, self.acceleration_resampling):
            raise InvalidModelError(
                "acceleration trains candidates and their folds side by side, "
                "acceleration_resampling the folds of one candidate. Give one of them."
            )
        check_logger(self.logger)
        self.strategy.check_space(self.space())

    @property
    def inner(self) -> Any:
        """The model, or the first of them."""
        return self.model if self.models is None else self.models[0]

    @property
    def strategy(self) -> Any:
        """The strategy, by default one that suits."""
        if self.tuning is not None:
            return self.tuning
        return RandomSearch() if self.models is None else Explicit()

    def space(self) -> Space:
        """What is searched.

        Raises: UnknownFieldError for the path of a range that does not exist.
        """
        space = Space(self.inner, dimensions_of(self.ranges), self.models or ())
        for each in space.dimensions:
            space.model.get(each.field)
        return space

    def n_candidates(self) -> int:
        """How many candidates are tried."""
        return self.n or int(self.strategy.default_n(self.space()))

    def with_model(self, model: Any) -> Any:
        """The same around another model."""
        if self.models is None:
            return super().with_model(model)
        return self if model is self.inner else self.replace({"models": (model, *self.models[1:])})

    def resolve(self, *scitypes: Any) -> Any:
        """Around models that data have made definite."""
        if self.models is None:
            return super().resolve(*scitypes)
        found = tuple(each.resolve(*scitypes) for each in self.models)
        unchanged = all(a is b for a, b in zip(found, self.models, strict=True))
        return self if unchanged else self.replace({"models": found})

    def own_traits(self) -> Traits:
        """Those of the model; candidates are what it counts."""
        inner: Traits = self.inner.own_traits()
        return dataclasses.replace(
            inner, is_wrapper=True, iteration_parameter="n", supports_training_losses=True
        )

    def check_data(self, *data: Any) -> None:
        """What the model checks, and that measures and resampling suit it."""
        for model in self.models or (self.model,):
            if data:
                check_inner(model, data)
        begun(self, data)
        warn_of_kinds(self.models or ())

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Search from the start."""
        return self._searched(begun(self, data), None, verbosity, data)

    def forget(self) -> None:
        """Remove what the history holds."""
        super().forget()
        if self.history is not None:
            forget(self.history)

    def settled(self, n_rows: int) -> Any:
        """Around a model that has chosen by the number of rows; without a file, which the folds
        of an evaluation would share."""
        if self.models is None:
            return super().settled(n_rows).replace({"history": None})
        models = [model.settled(n_rows) for model in self.models]
        return self.replace({"models": models, "history": None})

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Go on, if there are to be more candidates, or the best is to be chosen or trained
        otherwise; else search from the start."""
        search: Search | None = outcome.cache
        if isinstance(search, PausedSearch):  # which was in a file
            search = begun(finished(old_model, "callbacks")[0], data).resumed(search)
        old, _ = finished(old_model, "callbacks")
        changed = {n for n in self.fields() if not same(getattr(self, n), getattr(old, n))}
        fewer = search is not None and self.n_candidates() < max(search.goals)
        if search is None or fewer or not changed <= {*_FREE, *_WATCHING}:
            return self.fit(verbosity, *data)
        return self._searched(search.copy(), outcome, verbosity, data)

    def _searched(
        self, search: Search, before: FitOutcome | None, verbosity: int, data: tuple[Any, ...]
    ) -> FitOutcome:
        n_done = len(search.jobs)
        try:
            whole = run(search, self, verbosity)
            best = self.selection_heuristic.best(search.entries)
            fit, report = None, None
            if self.train_best:
                fit, report = self._trained(best, before, verbosity, data)
            outcome = self._outcome(search, best, fit, report)
            if not whole:
                mark_unfinished(self, "callbacks")
            return outcome
        except BaseException as error:
            cause = error.cause if isinstance(error, PartialFit) else error
            best = NaiveSelection().best(search.entries)  # the user's own may be what failed
            if best is None or (before is not None and len(search.jobs) == n_done):
                raise cause from cause.__cause__  # there is nothing new to keep
            fit, report = None, None
            if before is not None:  # predictions stay those of the best before
                fit, report = before.fitresult.trained, before.report["best_report"]
            unfinished = copy.deepcopy(self)
            mark_unfinished(unfinished, "callbacks")
            outcome = self._outcome(search, best, fit, report)
            raise PartialFit(outcome, unfinished, cause) from None

    def _trained(
        self, best: Any, before: FitOutcome | None, verbosity: int, data: tuple[Any, ...]
    ) -> tuple[TrainedModels, Any]:
        """The best model, trained on all rows; as it was before if it is the same."""
        if before is not None and before.fitresult.trained is not None:
            if same(before.fitresult.trained_model, best.model):
                return before.fitresult.trained, before.report["best_report"]
        mach = Machine(copy.deepcopy(best.model), tuple(Source(each) for each in data))
        mach.fit_or_partial(None, max(verbosity - 1, -1), force=False)
        model, outcome = mach.trained("tune")
        bare = dataclasses.replace(outcome, cache=None)
        return TrainedModels(((model, bare),)), Record(**outcome.report)

    def _outcome(self, search: Search, best: Any, fit: Any, best_report: Any) -> FitOutcome:
        entries, measures = search.entries, search.trial.measures
        fields = list(dict.fromkeys(each.field for each in search.space.dimensions))
        report = {
            "history": history_frame(entries, fields, measures),
            "best_model": None if best is None else best.model,
            "best_index": None if best is None else best.index,
            "best_history_entry": best,
            "best_evaluation": None if best is None else best.evaluation,
            "best_report": best_report,
            "plotting": plotting(entries, search.space, measures[0]),
            "losses": running_best(entries),
        }
        chosen = Tuned(report["best_model"], fit)
        return FitOutcome(chosen, search if self.cache else None, report)

    def fitted_params(self, fitresult: Tuned) -> dict[str, Any]:
        """`best_model`, and `best_fitted_params`, a record, or None if it was not trained."""
        found = None
        if fitresult.trained is not None:
            model, outcome = fitresult.trained.model, fitresult.trained.outcome
            found = Record(**model.fitted_params(outcome.fitresult))
        return {"best_model": fitresult.best_model, "best_fitted_params": found}

    def training_losses(self, report: dict[str, Any]) -> Any:
        """The best loss among the first k candidates, for each k."""
        return report["losses"]


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Tuned:
    """What a tuned model has learned: the best model, and what that has learned on all rows, or
    None if it was not trained."""

    best_model: Any
    trained: TrainedModels | None

    @property
    def trained_model(self) -> Any:
        """The model that was trained: the best one, or that of an earlier fit, if the last one was
        cut off."""
        return None if self.trained is None else self.trained.model

    def need(self, operation: str) -> TrainedModels:
        """What the best model has learned.

        Raises: NotTrainedError if it was not trained.
        """
        if self.trained is None:
            raise NotTrainedError(
                f"{operation} needs the best model, which was not trained: the search was cut "
                "off, or has train_best=False. Call fit(mach), with train_best=True."
            )
        return self.trained

    def with_trained(self, trained: TrainedModels) -> Tuned:
        """The same with others that are trained."""
        return dataclasses.replace(self, trained=trained)
