"""`BinaryThresholdPredictor`: a probabilistic classifier of two classes that predicts the positive
one where its probability is above a threshold.

Knows machines; how a threshold is searched is in `_threshold_search.py`. Source: MLJModels.jl,
src/builtins/ThresholdPredictors.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from mlj_keras._logging import logger
from mlj_keras.composition._binary_classes import BinaryClasses, binary_part
from mlj_keras.composition._paused import paused_inner
from mlj_keras.composition._threshold_search import (
    Folds,
    best_threshold,
    check_measure,
    out_of_sample,
    planned,
)
from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.data.stored import check_number
from mlj_keras.data.tables import InnerTable
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checking import level_around
from mlj_keras.machine.checks import check_inner
from mlj_keras.machine.machine import continued
from mlj_keras.machine.record import Record
from mlj_keras.machine.staleness import thawed
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.machine.trained_wrapper import TrainedWrapper
from mlj_keras.measures.finite import BalancedAccuracy
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.models.interface import Change, PartialFit
from mlj_keras.models.params import same
from mlj_keras.models.wrapper import check_model
from mlj_keras.parallel import CPU1
from mlj_keras.parallel.jobs import check_job_acceleration
from mlj_keras.probability import UnivariateFiniteVector
from mlj_keras.resampling.plan import AUTO, check_resampling
from mlj_keras.storage.records import storable


def _check_classifier(value: Any) -> Any:
    """A model that may predict distributions over two classes. Raises: TypeError."""
    traits = check_model(value).own_traits()
    probabilistic = traits.prediction_type in ("probabilistic", "unknown")
    if traits.supervised and probabilistic and binary_part(traits.target_scitype) is not None:
        return value
    raise TypeError(
        f"must be a probabilistic classifier that takes a target of two classes, got {value!r:.60}"
    )


def _check_threshold(value: Any) -> Any:
    """A number in [0, 1), or "auto". Raises: ValueError."""
    if isinstance(value, str) and value == AUTO:
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < 1:
        raise ValueError(f"must be a number in [0, 1), or 'auto', got {value!r:.60}")
    return float(value)


def _check_resampling(value: Any) -> Any:
    """A strategy, or "auto". Raises: TypeError."""
    if value is None:
        raise TypeError("must be a resampling strategy or 'auto', such as InSample(), got None")
    return check_resampling(value)


class BinaryThresholdPredictor(TrainedWrapper):
    """Predict the positive one of two classes where its probability is above a threshold.

    The positive class is the second level of the target's pool, ordered or not. It is predicted
    where p / threshold > (1 - p) / (1 - threshold), which is p > threshold: a tie is negative, and
    with the threshold 0 all rows with p > 0 are positive. With 0.5 predictions are the modes.

    Hyper-parameters:
        model (positional): a probabilistic classifier that takes a target of two classes
        threshold: a number in [0, 1), default 0.5; or "auto": the one that `measure` likes best,
            on predictions for rows that copies of the model were not trained on
        measure: of "auto": a measure of classes that is a loss or a score, default
            BalancedAccuracy(); rows count alike
        resampling: of "auto": a strategy, or pairs of rows; "auto" (default): Holdout(0.7),
            shuffled by the model's seed and stratified. Predictions of several pairs are pooled.
        acceleration: where the pairs of "auto" are trained: CPU1() (default), CPUThreads(n),
            CPUProcesses(n), or a joblib backend by name.
    Training data: those of the model, with a target of two levels; weights are the model's.
    Operations: predict, a column as the target; transform if the model has it. Fitted parameters:
    threshold, and those of the model. Report: threshold; for "auto" measure (its name),
    measurement, and curve, a frame of all thresholds that were tried (columns threshold,
    measurement); model_report.
    "auto" tries 0.5 and what lies between the predicted probabilities, 300 thresholds at most; of
    equally good ones the nearest to 0.5 is taken. The model is trained on all rows all the same.
    Another threshold trains nothing; changed hyper-parameters of the model are left to its own
    warm restart, in the pairs of "auto" too. Snapshots are the model's: one that is put back
    leaves the threshold.
    Raises: InvalidModelError for impossible values, among them a model that is deterministic or
        no classifier; when the machine is made, ScitypeError for a target of other than two
        levels, and what the resampling says of the rows.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> X, y = X[50:], mlj.coerce(y[50:].astype(str), mlj.OrderedFactor)
        >>> net = mlj.NeuralNetworkBinaryClassifier(epochs=5, rng=1)
        >>> model = BinaryThresholdPredictor(net, threshold=0)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> set(mlj.predict(mach))
        {'virginica'}
        >>> model.threshold = "auto"
        >>> 0 < mlj.report(mlj.fit(mach, verbosity=0)).threshold < 1
        True

    Source: MLJModels.jl, src/builtins/ThresholdPredictors.jl, `BinaryThresholdPredictor`.
    Deviations: "auto"; an impossible threshold raises, where MLJ takes 0.5; with the threshold 0
    rows of p = 0 are negative; another threshold does not train a model without warm restart.
    """

    traits: ClassVar[Traits] = Traits(
        target_scitype=Vector[Finite[2]],
        prediction_type="deterministic",
        is_wrapper=True,
        package_name="mlj_keras",
        package_license="MIT",
    )

    model: Any = param(positional=True, convert=_check_classifier)
    threshold: Any = param(0.5, convert=_check_threshold)
    measure: Any = param(factory=BalancedAccuracy, convert=check_measure)
    resampling: Any = param(AUTO, convert=_check_resampling)
    acceleration: Any = param(factory=CPU1, convert=check_job_acceleration)

    @property
    def checkpoints(self) -> bool:  # type: ignore[override]  # that of the model
        """As the model; not with "auto", as its states hold no threshold."""
        return self.threshold != AUTO and bool(self.model.checkpoints)

    def own_traits(self) -> Traits:
        """Those of the model, for two classes, and deterministic."""
        traits = super().own_traits()
        target = binary_part(traits.target_scitype) or Vector[Finite[2]]
        return dataclasses.replace(traits, target_scitype=target, prediction_type="deterministic")

    def has_operation(self, name: str) -> bool:
        """As the model, of those that take no distributions."""
        return hasattr(type(self), name) and super().has_operation(name)

    def resolve(self, *scitypes: Any) -> Any:
        """Around a model that data have made definite; of a target that is not binary nothing
        is."""
        if len(scitypes) > 1 and not scitypes[1] <= Vector[Finite[2]]:
            return self
        return super().resolve(*scitypes)

    def check_data(self, *data: Any) -> None:
        """What the model checks, and that the resampling suits the rows."""
        if data:
            check_inner(self.model, data)
            if self.threshold == AUTO:
                planned(self.model, data, self.resampling)

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Train from the start."""
        return self._trained(verbosity, data)

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> FitOutcome:
        """Train on other data; what is frozen in the model keeps what it has learned."""
        return self._trained(verbosity, data, outcome, anew=True)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Do what the model and the threshold ask for, each by itself."""
        return self._trained(verbosity, data, outcome, anew=thawed(self.model, old_model.model))

    def _trained(
        self,
        verbosity: int,
        data: tuple[Any, ...],
        before: FitOutcome | None = None,
        *,
        anew: bool = False,
    ) -> FitOutcome:
        """What is learned; of the model onward from `before`, unless that is of other data."""
        classes = BinaryClasses.of(data[1], type(self).__name__)
        folds, said = None, {"threshold": self.threshold}
        if self.threshold == AUTO:
            cache = None if before is None or anew else before.cache
            folds, said = self._searched(data, classes, cache, verbosity)
        level = level_around()
        sources = tuple(Source(each) for each in data)
        mach = Machine(self.model, sources, scitype_check_level=level)
        if before is not None and anew:
            mach.replace_outcome(*_learned(before))
        elif before is not None:
            continued(mach, *_learned(before), None)
        try:
            mach.fit_or_partial(None, max(verbosity - 1, -1), force=False)
        except PartialFit as partial:
            outcome = _outcome(classes, folds, said, partial.model, partial.outcome)
            raise PartialFit(outcome, self.with_model(partial.model), partial.cause) from None
        return _outcome(classes, folds, said, *mach.trained("predict"))

    def _searched(
        self, data: tuple[Any, ...], classes: BinaryClasses, cache: _Cache | None, verbosity: int
    ) -> tuple[Folds, dict[str, Any]]:
        """The threshold that is best for the predictions of all pairs, and what is said of it."""
        pairs = planned(self.model, data, self.resampling)
        before = None if cache is None else cache.folds
        folds, predictions = out_of_sample(self.model, data, pairs, before, self.acceleration)
        who, codes = type(self.model).__name__, classes.codes(data[1])
        found = best_threshold(
            self.measure,
            np.concatenate([classes.probabilities(each, who) for each in predictions]),
            np.concatenate([codes[test] for _, test in pairs]),
            classes.levels,
        )
        name = self.measure.name
        if verbosity > 0:
            shown = found.threshold, name, found.measurement
            logger.info("The threshold is %.4g, where %s is %.4g.", *shown)
        said = {"threshold": found.threshold, "measure": name, "measurement": found.measurement}
        return folds, {**said, "curve": found.curve}

    def change_since(self, old_model: Any) -> Change:
        """Of the model by itself; another threshold has to be put in place."""
        if self == old_model:
            return "none"
        if type(self) is not type(old_model) or type(self.model) is not type(old_model.model):
            return "update"
        changed = {n for n in self.fields() if not same(getattr(self, n), getattr(old_model, n))}
        idle = {"model", "acceleration"}
        if self.threshold != AUTO:
            idle |= {"measure", "resampling"}
        if not changed <= idle or thawed(self.model, old_model.model):
            return "update"
        return "update" if self.model.change_since(old_model.model) == "update" else "record"

    def predict(self, fitresult: Thresholded, Xnew: Any) -> Any:
        """Classes, as the target came."""
        return fitresult.classify(fitresult.trained.apply("predict", Xnew), Xnew)

    def fitted_params(self, fitresult: Thresholded) -> dict[str, Any]:
        """`threshold`, and those of the model."""
        model, outcome = fitresult.trained.model, fitresult.trained.outcome
        learned: dict[str, Any] = model.fitted_params(outcome.fitresult)
        return {"threshold": fitresult.threshold} | learned

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the model."""
        return self.model.training_losses(report["model_report"]._asdict())

    def paused(self, outcome: FitOutcome) -> FitOutcome:
        """With what the model needs to go on."""
        held = None if outcome.cache is None else paused_inner(_learned(outcome))
        return dataclasses.replace(outcome, cache=held)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """The model put back; the threshold stays."""
        model, learned = _learned(outcome)
        restored, model = model.restore(learned, state)
        folds = None if outcome.cache is None else outcome.cache.folds
        found = _outcome(outcome.fitresult.classes, folds, outcome.report, model, restored)
        return found, self.with_model(model)


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Thresholded:
    """What is learned: a threshold, the classes of the target, and the trained model."""

    threshold: float
    classes: BinaryClasses
    trained: TrainedModels

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_number(self.threshold, "threshold")

    def need(self, operation: str) -> TrainedModels:
        """The trained model."""
        return self.trained

    def classify(self, predicted: Any, Xnew: Any) -> Any:
        """Distributions for new data as classes, with the row labels of the one or the other."""
        who = type(self.trained.model).__name__
        positive = self.classes.probabilities(predicted, who) > self.threshold
        labelled = predicted if isinstance(predicted, UnivariateFiniteVector) else Xnew
        is_known = isinstance(labelled, UnivariateFiniteVector | InnerTable)
        return self.classes.column(positive, labelled.index if is_known else None)


@dataclasses.dataclass(frozen=True, eq=False)
class _Cache:
    """What warm restarts take: that of the model, and what the pairs of "auto" have learned."""

    model: Any
    folds: Folds | None


def _outcome(
    classes: BinaryClasses,
    folds: Folds | None,
    said: dict[str, Any],
    model: Any,
    learned: FitOutcome,
) -> FitOutcome:
    """The outcome around one of the model; `said`: what the report says besides."""
    bare = dataclasses.replace(learned, cache=None)
    fit = Thresholded(said["threshold"], classes, TrainedModels(((model, bare),)))
    report = {**said, "model_report": Record(**learned.report)}
    return FitOutcome(fit, _Cache(learned.cache, folds), report)


def _learned(outcome: FitOutcome) -> tuple[Any, FitOutcome]:
    """The model as it was trained, and its own outcome."""
    trained: TrainedModels = outcome.fitresult.trained
    cache = None if outcome.cache is None else outcome.cache.model
    return trained.model, dataclasses.replace(trained.outcome, cache=cache)
