"""`BalancedModel`: a classifier that is trained on rows whose classes have been balanced.

Knows machines; how rows are balanced is in `_balancing.py`. Source: MLJBalancing.jl,
src/balanced_model.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from mlj_keras._warnings import warn
from mlj_keras.composition._balancing import Rows, balanced, check_balancers
from mlj_keras.composition._paused import paused_inner
from mlj_keras.composition.balancer import SEED, Balancer, as_balancer
from mlj_keras.data.scitypes import Finite, Scitype, Unknown, Vector
from mlj_keras.errors import ModelWarning, ScitypeError
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checking import checking, level_around
from mlj_keras.machine.checks import check_inner
from mlj_keras.machine.machine import continued
from mlj_keras.machine.record import Record
from mlj_keras.machine.staleness import keeps, thawed
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.machine.trained_wrapper import TrainedWrapper
from mlj_keras.models import ComponentModel, FitOutcome, Traits, param
from mlj_keras.models.interface import Change, PartialFit
from mlj_keras.models.params import same
from mlj_keras.models.wrapper import check_model
from mlj_keras.resampling.plan import model_seed
from mlj_keras.rng import derive_seed, entropy
from mlj_keras.storage.records import storable


def _takes_classes(target: Scitype) -> bool:
    """Whether a model of this target takes classes, or may."""
    return target == Unknown or target <= Vector[Finite] or Vector[Finite[2]] <= target


def _check_classifier(value: Any) -> Any:
    """A model that predicts classes, or may. Raises: TypeError."""
    traits = check_model(value).own_traits()
    if traits.supervised and _takes_classes(traits.target_scitype):
        return value
    raise TypeError(
        f"must be a model that predicts classes, as classes are balanced, got {value!r:.60}"
    )


class BalancedModel(ComponentModel, TrainedWrapper):
    """Train a classifier on rows whose classes balancers have balanced, one after the other.

    Only training rows are balanced: predictions are made for new data as they are, and in
    `evaluate` and the like the rows to test on stay as they are.

    Hyper-parameters:
        model (positional): a classifier
        balancers, in their order, by names of your choice: samplers of imbalanced-learn
            (`pip install mlj_keras[imbalanced]`), such as RandomOverSampler() or SMOTE(), or
            anything with `fit_resample(X, y)` and `get_params()`; their parameters are
            hyper-parameters, "oversampler.k_neighbors". Or functions of a pandas frame and a
            categorical column that give such ones. A sampler is copied, and its class then is
            `balanced.oversampler.estimator_class`.
    A random_state of None is derived from the seed of the model, so that one seed gives the same
    rows; without any it is drawn anew in each training from the start.
    Training data: X, y, w as for the model, y classes. Numbers reach a sampler as floats, factors
    as pandas categoricals, images as rows of pixels. Samplers that pick rows (those that draw at
    random or clean) keep rows whole, with their weights. Those that make new rows (SMOTE and its
    kin) take no weights of rows and no images; what they make has the pools of before, and of a
    Count the nearest whole number; factors need SMOTENC or SMOTEN. Weights of classes stay what
    they are; "balanced" counts the balanced rows.
    Operations: those of the model. Fitted parameters: model. Report: model, balancing (of each
    balancer: rows_before, rows_after, counts_before, counts_after, random_state). Training losses,
    feature importances and the iteration parameter, "model.epochs", are those of the model.
    More epochs go on with the same balanced rows; another balancer trains from the start. An
    IteratedModel goes around a balanced model: inside, it would hold out rows that are balanced.
    Raises: WrongType for a balancer that is none, or a class; InvalidModelError for a model that
        predicts no classes. At `machine`: ScitypeError for a target that is not Finite, and
        columns that a balancer cannot take; WeightsError; what samplers say of data and
        parameters.
    Warns: ModelWarning for no balancers.

    Example:
        >>> from imblearn.over_sampling import RandomOverSampler
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> model = BalancedModel(net, oversampler=RandomOverSampler())
        >>> mach = mlj.fit(mlj.machine(model, X, y), rows=range(30, 130), verbosity=0)
        >>> report = mlj.report(mach).balancing.oversampler
        >>> report.counts_before["setosa"], report.counts_after["setosa"], report.rows_after
        (20, 50, 150)

    Source: MLJBalancing.jl, src/balanced_model.jl, `BalancedModel`. Deviations: the balanced rows
        stay when training goes on; weights of rows that are picked; one seed for all.
    """

    traits: ClassVar[Traits] = Traits(
        target_scitype=Vector[Finite],
        is_wrapper=True,
        package_name="mlj_keras",
        package_license="MIT",
    )

    model: Any = param(positional=True, convert=_check_classifier)

    def __init__(self, model: Any = None, **balancers: Any) -> None:
        self._begin(balancers, model=model)
        if not balancers:
            warn(
                "BalancedModel has no balancers, and is as its model alone. Give one by a name, "
                "such as oversampler=RandomOverSampler().",
                ModelWarning,
            )

    def check_components(self, components: dict[str, Any]) -> dict[str, Any]:
        """Samplers as Balancers, functions as they are."""
        return {name: as_balancer(name, value) for name, value in components.items()}

    @property
    def predictor(self) -> str:
        """The part that predicts."""
        return "model"

    def own_traits(self) -> Traits:
        """Those of the model, for classes."""
        traits = super().own_traits()
        target = traits.target_scitype
        return traits.with_target(target if target <= Vector[Finite] else Vector[Finite])

    def resolve(self, *scitypes: Any) -> Any:
        """Around a model that data have made definite.

        Raises: ScitypeError for a target that makes it one that predicts no classes.
        """
        model = self.model.resolve(*scitypes)
        if not _takes_classes(model.own_traits().target_scitype):
            raise ScitypeError(
                f"BalancedModel balances classes, and y is {scitypes[1]}. Write y = coerce(y, "
                "Multiclass), or train the model without balancers."
            )
        return self.with_model(model)

    def check_data(self, X: Any, y: Any, w: Any = None) -> None:
        """What the model checks, and that the balancers take the data."""
        rows = Rows.of(X, y, w)
        check_inner(self.model, rows.data)
        check_balancers(self.components, rows)

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Balance the rows, and train the model on them."""
        kept = self._balanced(data)
        return self._trained(self._machine(kept), kept, verbosity)

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> FitOutcome:
        """As `fit`, on other rows; what is frozen keeps what it has learned."""
        if keeps(self.model, old_model.model):
            return outcome
        kept = self._balanced(data)
        mach = self._machine(kept)
        mach.replace_outcome(*_learned(outcome))
        return self._trained(mach, kept, verbosity)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Leave the rows as they were balanced, and do what the model asks for; other balancers
        train from the start."""
        if not self._keeps_rows(old_model):
            return self.refit(verbosity, outcome, old_model, *data)
        fit: BalancedFit = outcome.fitresult
        kept = None if outcome.cache is None else outcome.cache.kept
        kept = self._balanced(data, fit.seed) if kept is None else kept
        mach = continued(self._machine(kept), *_learned(outcome), None)
        return self._trained(mach, kept, verbosity)

    def _keeps_rows(self, old_model: Any) -> bool:
        """Whether the rows are balanced as for the old model, which has seen them."""
        return (
            self.fields() == old_model.fields()
            and all(same(v, getattr(old_model, n)) for n, v in self.components.items())
            and model_seed(self.model) == model_seed(old_model.model)
            and not thawed(self.model, old_model.model)
        )

    def _balanced(self, data: tuple[Any, ...], seed: int | None = None) -> _Kept:
        """The rows that the balancers make of the data, by a seed that was drawn before, or
        now."""
        seed = model_seed(self.model) if seed is None else seed
        seed = entropy() if seed is None else seed
        rows, said = Rows.of(*data), {}
        for name, balancer in self.components.items():
            seeded = _seeded(balancer, name, seed)
            before, rows = rows, balanced(name, seeded, rows)
            said[name] = _said(before, rows, seeded)
        return _Kept(rows, seed, Record(**said))

    def _machine(self, kept: _Kept) -> Machine:
        """Of the model, which is told all rows and checks them as they are now."""
        sources = tuple(Source(each) for each in kept.rows.data)
        return Machine(self.model, sources, in_network=True, scitype_check_level=level_around())

    def _trained(self, mach: Machine, kept: _Kept, verbosity: int) -> FitOutcome:
        try:
            with checking(said=True):
                mach.fit_or_partial(None, verbosity, force=False)
        except PartialFit as partial:
            outcome = _outcome(kept, partial.model, partial.outcome)
            raise PartialFit(outcome, self.with_model(partial.model), partial.cause) from None
        return _outcome(kept, *mach.trained("predict"))

    def change_since(self, old_model: Any) -> Change:
        """That of the model, if the rows stay."""
        if self == old_model:
            return "none"
        if type(self) is not type(old_model) or type(self.model) is not type(old_model.model):
            return "update"
        if not self._keeps_rows(old_model):
            return "update"
        change: Change = self.model.change_since(old_model.model)
        return change

    def fitted_params(self, fitresult: BalancedFit) -> dict[str, Any]:
        """`model`: those of the model."""
        return {"model": fitresult.machine_of("model").fitted_params()}

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the model."""
        return self.model.training_losses(report["model"]._asdict())

    def paused(self, outcome: FitOutcome) -> FitOutcome:
        """With what the model needs to go on; rows are balanced again."""
        held = None if outcome.cache is None else paused_inner(_learned(outcome))
        return dataclasses.replace(outcome, cache=held)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """The model put back; the balanced rows stay."""
        model, learned = _learned(outcome)
        restored, model = model.restore(learned, state)
        fit, cache = outcome.fitresult, outcome.cache
        rows = None if cache is None or cache.kept is None else cache.kept.rows
        kept = _Kept(rows, fit.seed, fit.balancing)
        return _outcome(kept, model, restored), self.with_model(model)


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class BalancedFit:
    """What is learned: the trained model; and, to balance once more, the seed of the balancers,
    with what they have done."""

    trained: TrainedModels
    seed: int
    balancing: Record

    def need(self, operation: str) -> TrainedModels:
        """The trained model."""
        return self.trained

    def machine_of(self, name: str) -> Machine:
        """A trained machine without data, of the model."""
        return self.trained.machine(2)


@dataclasses.dataclass(frozen=True, eq=False)
class _Kept:
    """Balanced rows, None where they are not kept; the seed, and what is said of them."""

    rows: Any
    seed: int
    balancing: Record


@dataclasses.dataclass(frozen=True, eq=False)
class _Cache:
    """What warm restarts take: that of the model, and the rows."""

    model: Any
    kept: _Kept


def _outcome(kept: _Kept, model: Any, learned: FitOutcome) -> FitOutcome:
    """The outcome around one of the model."""
    trained = TrainedModels(((model, dataclasses.replace(learned, cache=None)),))
    report = {"model": Record(**learned.report), "balancing": kept.balancing}
    cache = None if kept.rows is None else _Cache(learned.cache, kept)
    return FitOutcome(BalancedFit(trained, kept.seed, kept.balancing), cache, report)


def _learned(outcome: FitOutcome) -> tuple[Any, FitOutcome]:
    """The model as it was trained, and its own outcome."""
    trained: TrainedModels = outcome.fitresult.trained
    cache = None if outcome.cache is None else outcome.cache.model
    return trained.model, dataclasses.replace(trained.outcome, cache=cache)


def _seeded(balancer: Any, name: str, seed: int) -> Any:
    """A balancer whose seeds are all set, by its name."""
    if not isinstance(balancer, Balancer):
        return balancer
    words = {path: f"{name}.{path}".removesuffix(f".{SEED}") for path in balancer.unset_seeds()}
    # scikit-learn takes 32 bits
    drawn = {path: derive_seed(seed, "balancer", word) % 2**32 for path, word in words.items()}
    return balancer.replace(drawn)


def _said(before: Rows, after: Rows, balancer: Any) -> Record:
    """What a balancer has done, for the report."""
    seeded = isinstance(balancer, Balancer) and SEED in balancer.fields()
    return Record(
        rows_before=len(before),
        rows_after=len(after),
        counts_before=before.counts(),
        counts_after=after.counts(),
        **({SEED: balancer.get(SEED)} if seeded else {}),
    )
