"""`EnsembleModel`: many of one model, each trained on rows of its own, predicting together.

Knows members; not how one is trained. Source: MLJEnsembles.jl, src/ensembles.jl.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.scitypes import Finite, Textual, Unknown, Vector
from mlj_keras.data.stored import check_finite_numbers
from mlj_keras.ensembles._fields import check_atom, check_atomic_weights, check_measures
from mlj_keras.ensembles.aggregation import aggregated
from mlj_keras.ensembles.members import Member, Plan, out_of_bag
from mlj_keras.ensembles.training import train_due
from mlj_keras.errors import EmptyData, InvalidModelError, ModelWarning
from mlj_keras.machine import Source
from mlj_keras.machine.checking import level_around
from mlj_keras.machine.checks import check_inner
from mlj_keras.machine.record import Record
from mlj_keras.machine.staleness import keeps
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.models.interface import Change, Operations, PartialFit
from mlj_keras.models.params import same
from mlj_keras.models.wrapper import Wrapper
from mlj_keras.parallel import CPU1
from mlj_keras.parallel.jobs import check_job_acceleration
from mlj_keras.resampling.evaluation import unique_names
from mlj_keras.resampling.fold import Trial
from mlj_keras.resampling.operations import check_measure, operations_for
from mlj_keras.resampling.plan import model_seed
from mlj_keras.rng import entropy
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Ensemble:
    """What an ensemble has learned.

    Args: members · weights: of members, with sum 1 · seed: that rows and seeds derive from ·
        n_rows, n_train: of all, and of each member · labels: whether that is what they predict ·
        missed: whether there were other rows since, while the model was frozen.
    """

    members: tuple[Member, ...]
    weights: tuple[float, ...]
    seed: int
    n_rows: int
    n_train: int
    labels: bool
    missed: bool = False

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        if not self.members or len(self.weights) != len(self.members):
            raise ValueError(f"it has {len(self.members)} members and {len(self.weights)} weights")
        check_finite_numbers(self.weights, "weights", (len(self.members),))
        if (
            min(self.weights) < 0
            or not 0 < sum(self.weights) <= 2
            or not 0 < self.n_train <= self.n_rows
        ):
            raise ValueError("its weights of members or numbers of rows are impossible")


class EnsembleModel(Wrapper):
    """Train many of one model, each with other seeds and on a sample of the rows, and predict
    their mean or vote.

    Hyper-parameters:
        model (positional): any model that predicts; a network is all the better together. Its
            seeds are replaced: those of member i derive from `rng` and i.
        n: how many members, default 100. Raising it adds members, and changes no other.
        bagging_fraction: of the rows that each member is trained on, 0 < f <= 1, default 0.8:
            floor(f n_rows) of them, drawn without replacement; 1.0: all of them.
        atomic_weights: of the members in the mean, by default all alike; n numbers, which are
            divided by their sum. They do not count in votes.
        rng: int, or None (default): the seed of the model, or fresh entropy at each cold fit.
        out_of_bag_measures: one or several, of each member's predictions for the rows that it was
            not trained on; default none. `out_of_bag_measure` is the same.
        acceleration: where members are trained: CPU1() (default), CPUThreads(n), CPUProcesses(n),
            or a joblib backend by name
        together: whether networks are trained several in one program, each a part of it: "auto"
            (default), wherever that can be: networks of layers that work row by row, on one
            device; or False. Scores are the same up to floating-point order. A program is
            compiled for each structure and number of members: for one short fit False is faster.
    Training data: those of the model, weights included.
    Operations: `predict`: of classifiers the mean of probabilities; the mean of numbers; the vote
        of labels, of equals the earlier in the pool; a Mixture of other distributions.
    Fitted parameters: members, trained machines without data; atomic_weights. Report: n, rng,
        out_of_bag (a dict by measure; of members the aggregate, as over folds), members (reports).
        Feature importances are means.
    Raising n, or what continues the model's training such as "model.epochs", goes on from what is
    there: n = 5 and then 10 is the same as 10. A lower n leaves the last members out. A fit that
    is cut off keeps the members that are done, and the next one goes on.
    Raises: InvalidModelError for impossible values, and for a model that does not predict, or a
        fraction of 1 with out-of-bag measures; at `machine`: EmptyData for a fraction of no row,
        InvalidArgument for measures that the model does not suit.
    Warns: ModelWarning for weights whose sum is not 1.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(epochs=5)
        >>> model = EnsembleModel(net, n=3, rng=1, out_of_bag_measure=mlj.log_loss)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> list(mlj.report(mach).out_of_bag), len(mlj.fitted_params(mach).members)
        (['log_loss'], 3)

    Source: MLJEnsembles.jl, src/ensembles.jl. Deviations: members differ in their seeds, too; an
        impossible fraction raises; a changed fraction trains anew; changes of the model that
        continue its training are continued.
    """

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )
    aliases: ClassVar[Mapping[str, str]] = {"out_of_bag_measure": "out_of_bag_measures"}
    native_data: ClassVar[bool] = False
    checkpoints: ClassVar[bool] = False  # there are many trainings

    model: Any = param(positional=True, convert=check_atom)
    n: int = param(100, kind=int, ge=1)
    bagging_fraction: float = param(0.8, kind=float, gt=0, le=1)
    atomic_weights: Any = param((), convert=check_atomic_weights)
    rng: int | None = param(None)
    out_of_bag_measures: Any = param((), convert=check_measures)
    acceleration: Any = param(factory=CPU1, convert=check_job_acceleration)
    together: bool | str = param("auto", options=("auto", False))

    def __post_init__(self) -> None:
        self._check_whole()

    def check(self) -> None:
        """The fields, and that they go together."""
        super().check()
        self._check_whole()

    def _check_whole(self) -> None:
        if self.atomic_weights and len(self.atomic_weights) != self.n:
            raise InvalidModelError(
                f"atomic_weights has {len(self.atomic_weights)} numbers for n={self.n} members. "
                "Give one each, or none."
            )
        if self.out_of_bag_measures and self.bagging_fraction == 1:
            raise InvalidModelError(
                "out_of_bag_measures are of rows that a member was not trained on, and with "
                "bagging_fraction=1.0 there are none. Lower it, or leave the measures out."
            )

    def own_traits(self) -> Traits:
        """Those of the model; members are what it counts, unless each has its weight."""
        counts = None if self.atomic_weights else "n"
        return dataclasses.replace(
            super().own_traits(), iteration_parameter=counts, supports_training_losses=False
        )

    def has_operation(self, name: str) -> bool:
        """predict alone."""
        return name == "predict"

    def check_data(self, *data: Any) -> None:
        """What the model checks, and that there are rows and measures that suit."""
        check_inner(self.model, data)
        self._plan(data, 0, -1)

    def _plan(self, data: tuple[Any, ...], seed: int, verbosity: int) -> Plan:
        """What members need.

        Raises: EmptyData, InvalidArgument.
        """
        sources = tuple(Source(each) for each in data)
        n_rows = sources[0].n_rows or 0
        n_train = int(self.bagging_fraction * n_rows)
        if n_train == 0:
            raise EmptyData(
                f"bagging_fraction={self.bagging_fraction} of {n_rows} row(s) is none. Raise it."
            )
        traits, target = self.model.own_traits(), sources[1].scitype
        who, measures = type(self.model).__name__, self.out_of_bag_measures
        operations = operations_for(None, measures, traits, target, who)
        for measure in measures:
            check_measure(measure, target)
        facts = (self.model, sources, (), measures, operations)
        trial = Trial(*facts, check_level=level_around(), observes=False)
        together = self.together == "auto" and hasattr(self.model, "train_together")
        return Plan(trial, n_rows, n_train, seed, together, verbosity - 1)

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Train all members."""
        seed = self._seed()
        plan = self._plan(data, entropy() if seed is None else seed, verbosity)
        return self._trained(plan, (), verbosity)

    def _seed(self) -> int | None:
        """What rows and seeds derive from; None for fresh entropy."""
        return model_seed(self.model) if self.rng is None else self.rng

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> FitOutcome:
        """As `fit`; a frozen model keeps what it has learned."""
        if not keeps(self.model, old_model.model):
            return self.fit(verbosity, *data)
        learned: Ensemble = outcome.fitresult
        plan = dataclasses.replace(self._plan(data, learned.seed, verbosity), missed=True)
        return self._trained(plan, learned.members[: self.n], verbosity)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Train the members that are missing, and those whose model has changed; all, if they are
        of other rows or seeds."""
        learned: Ensemble = outcome.fitresult
        seed = self._seed()
        plan = self._plan(data, learned.seed if seed is None else seed, verbosity)
        drawn = (learned.seed, learned.n_rows, learned.n_train)
        thawed = learned.missed and not keeps(self.model, old_model.model)
        if thawed or (plan.seed, plan.n_rows, plan.n_train) != drawn:
            return self.refit(verbosity, outcome, old_model, *data)
        plan = dataclasses.replace(plan, missed=learned.missed)
        members = learned.members[: self.n]
        if not same(self.out_of_bag_measures, old_model.out_of_bag_measures):
            members = tuple(
                dataclasses.replace(m, out_of_bag=out_of_bag(plan, i, m.model, m.outcome))
                for i, m in enumerate(members)
            )
        return self._trained(plan, members, verbosity)

    def change_since(self, old_model: Any) -> Change:
        """Nothing to train for where and how members are trained."""
        changed = {n for n in self.fields() if not same(getattr(self, n), getattr(old_model, n))}
        rest = changed - {"acceleration", "together"}
        freezable = "frozen" in self.model.fields()  # members know what they have missed
        if rest == {"model"} and type(self.model) is type(old_model.model) and not freezable:
            change: Change = self.model.change_since(old_model.model)
            return change
        return "update" if rest else "record" if changed else "none"

    def _trained(self, plan: Plan, before: Sequence[Member], verbosity: int) -> FitOutcome:
        """The ensemble, of which some members have learned something before."""
        members: dict[int, Member] = {}
        due: list[tuple[int, Member | None]] = []
        for i, member in enumerate(before):
            model = plan.model(i)
            frozen = keeps(model, member.model)
            stale = not frozen and _change(model, member.model) == "update"
            members[i] = member if stale or frozen else dataclasses.replace(member, model=model)
            due += [(i, member)] if stale else []
        due += [(i, None) for i in range(len(before), self.n)]
        cause = train_due(plan, due, members, self.acceleration, shown=verbosity > 0)
        if cause is not None:
            raise self._cut_off(plan, members, before, cause) from None
        return self._outcome(plan, [members[i] for i in range(self.n)])

    def _cut_off(
        self,
        plan: Plan,
        members: Mapping[int, Member],
        before: Sequence[Member],
        cause: BaseException,
    ) -> BaseException:
        """What is kept: the first members, as far as all have learned as much; the cause, if that
        is no more than before."""
        if 0 not in members:
            return cause
        kept, parameter = copy.deepcopy(self), self.model.own_traits().iteration_parameter
        if parameter is not None:
            kept.model.set(parameter, members[0].model.get(parameter))
        trial = dataclasses.replace(plan.trial, model=kept.model)
        reached = dataclasses.replace(plan, trial=trial)
        done: list[Member] = []
        while (found := members.get(len(done))) and found.model == reached.model(len(done)):
            done.append(found)
        new = any(a.outcome is not b.outcome for a, b in zip(done, before, strict=False))
        if len(done) < max(1, len(before)) or not (new or len(done) > len(before)):
            return cause
        weights = self.atomic_weights[: len(done)]
        kept.n, kept.atomic_weights = len(done), weights if any(weights) else ()
        return PartialFit(kept._outcome(reached, done), kept, cause)

    def _outcome(self, plan: Plan, members: Sequence[Member]) -> FitOutcome:
        drawn = (plan.seed, plan.n_rows, plan.n_train)
        labels, missed = _has_labels(plan), plan.missed
        learned = Ensemble(tuple(members), self._weights(), *drawn, labels, missed)
        report = {
            "n": len(members),
            "rng": plan.seed,
            "out_of_bag": _out_of_bag(plan, members),
            "members": tuple(Record(**member.outcome.report) for member in members),
        }
        return FitOutcome(learned, None, report)

    def _weights(self) -> tuple[float, ...]:
        if not self.atomic_weights:
            return (1.0 / self.n,) * self.n
        total = sum(self.atomic_weights)
        if abs(total - 1) > 1e-6:
            warn(f"atomic_weights have the sum {total:.6g}, and are divided by it.", ModelWarning)
        return tuple(weight / total for weight in self.atomic_weights)

    def predict(self, fitresult: Ensemble, Xnew: Any) -> Any:
        """What all members predict together."""
        found = [_trained_models(member).apply("predict", Xnew) for member in fitresult.members]
        return aggregated(found, fitresult.weights, labels=fitresult.labels)

    def fitted_params(self, fitresult: Ensemble) -> dict[str, Any]:
        """`members`, trained machines without data, and `atomic_weights`."""
        members = tuple(_trained_models(member).machine(2) for member in fitresult.members)
        return {"members": members, "atomic_weights": fitresult.weights}

    def trained_parts(
        self, outcome: FitOutcome, operation: str
    ) -> dict[str, tuple[Any, FitOutcome]]:
        """The members."""
        learned: Ensemble = outcome.fitresult
        return {f"members[{i}]": (m.model, m.outcome) for i, m in enumerate(learned.members)}

    def training_losses(self, report: dict[str, Any]) -> Any:
        """None: there are many trainings."""
        return None

    def feature_importances(self, fitresult: Ensemble, report: dict[str, Any]) -> Any:
        """The means of those of the members."""
        found = [
            m.model.feature_importances(m.outcome.fitresult, m.outcome.report)
            for m in fitresult.members
        ]
        if any(pairs is None for pairs in found):
            return None
        sums: dict[Any, list[float]] = {}
        for name, value in (pair for pairs in found for pair in pairs):
            sums.setdefault(name, []).append(float(value))
        return [(name, float(np.mean(values))) for name, values in sums.items()]

    def snapshot(self, outcome: FitOutcome) -> Any:
        """None is to be had: raises UnsupportedOperation."""
        return Operations.snapshot(self, outcome)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """As `snapshot`."""
        return Operations.restore(self, outcome, state)


def _trained_models(member: Member) -> TrainedModels:
    return TrainedModels(((member.model, member.outcome),))


def _change(model: Any, old: Any) -> Change:
    if type(model) is not type(old):
        return "update"
    change: Change = model.change_since(old)
    return change


def _has_labels(plan: Plan) -> bool:
    """Whether members predict labels: a model may say of its target nothing, but its data do."""
    traits, bound = plan.trial.model.own_traits(), plan.trial.args[1].scitype
    targets = [each for each in (traits.target_scitype, bound) if each != Unknown]
    finite = any(each <= Vector[Finite] or each <= Vector[Textual] for each in targets)
    return finite and traits.prediction_type == "deterministic"


def _out_of_bag(plan: Plan, members: Sequence[Member]) -> dict[str, Any]:
    """By the names of measures the aggregates over members."""
    found, names = {}, unique_names(plan.trial.measures)
    for k, measure in enumerate(plan.trial.measures):
        values = [member.out_of_bag[k].value for member in members if member.out_of_bag]
        found[names[k]] = type(measure).aggregation(values, None)
    return found
