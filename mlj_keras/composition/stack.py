"""`Stack`: models whose predictions another model learns from.

A network: each base model is trained on the rows of each fold, and once on all. Knows networks and
resampling. Source: MLJBase.jl, src/composition/models/stacking.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.composition._meta_features import InternalMeasures, Rows, joined, meta_features
from mlj_keras.composition._stack_checks import check_bases, check_metalearner, common_scitype
from mlj_keras.composition.network import Network
from mlj_keras.composition.network_composite import NetworkComposite
from mlj_keras.data.scitypes import Continuous, Table, Unknown
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import InvalidModelError, ModelWarning
from mlj_keras.machine import Machine, Node, Source, machine
from mlj_keras.machine.checking import checking, level_around, said_before
from mlj_keras.machine.checks import check_scitypes, resolved
from mlj_keras.machine.record import Record
from mlj_keras.models import ComponentModel, FitOutcome, Traits, param
from mlj_keras.models.wrapper import check_model
from mlj_keras.parallel import CPU1
from mlj_keras.parallel.jobs import check_job_acceleration
from mlj_keras.resampling.plan import (
    AUTO,
    Options,
    check_resampling,
    model_seed,
    pairs_for,
    strategy_for,
    trial_for,
)


class Stack(ComponentModel, NetworkComposite):
    """Several models, and one more that learns from their predictions of rows that they were not
    trained on.

    For each fold of a resampling each base model is trained on the one part of the rows and
    predicts the other. From these predictions, put together fold after fold, the metalearner
    learns the target: a column a model for numbers, a column a class for probabilities, called x1,
    x2, ... Then each base model is trained on all rows, and the metalearner predicts from what
    these predict.

    Args, by name:
        metalearner: a model that takes a table of Continuous columns
        resampling: a strategy, as in `evaluate`; "auto" (default): 6 folds, shuffled by the seed
            of the first model that has one, and stratified for a categorical target. Of a Holdout
            the metalearner learns from the part held out.
        measures: of the base models' own predictions on the parts that they were not trained on,
            for the report; None (default): none. `measure` is the same.
        acceleration: where the trainings of a stack are done side by side: CPU1() (default),
            CPUThreads(n), CPUProcesses(n), or a joblib backend by name
        cache: whether data and what warm restarts need are kept, default True
        the base models, each under a name of its own: all regressors, or all classifiers that
            predict probabilities. `stack.net` is that model, "net.epochs" a hyper-parameter in it.
    Training data: those of the base models, X, y and w; weights reach those that take some, and
        the metalearner if it does.
    Operations: `predict`, as the metalearner predicts. There are no feature importances; see
        `permutation_importance`.
    Fitted parameters: by name; of base models as they were trained on all rows, and `folds`, by
        the name of each a list. Report: the same; and with measures `cv_report`, Evaluations:
        `cv_report["net"]` is that of the model `net`.
    A change of one model trains again that one and the metalearner; a change of the metalearner
    trains that alone; of measures nothing; of the resampling, or of the seed that "auto" takes,
    all. More epochs of a base model continue its training, of each fold.
    Raises: InvalidModelError for no base models, classifiers among regressors or without
        probabilities, a metalearner of another kind; at `machine`: what the models and the
        resampling do not take.
    Warns: ModelWarning at `machine` for weights that some of the models cannot take.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> Forest = mlj.load("RandomForestClassifier", package="scikit-learn")
        >>> Logistic = mlj.load("LogisticRegression", package="scikit-learn")
        >>> stack = Stack(
        ...     net=mlj.NeuralNetworkClassifier(epochs=5, rng=1),
        ...     forest=Forest(n_estimators=10, random_state=1),
        ...     metalearner=Logistic(),
        ...     resampling=mlj.StratifiedCV(nfolds=3, rng=1),
        ... )
        >>> mach = mlj.fit(mlj.machine(stack, X, y), verbosity=0)
        >>> len(mlj.report(mach).folds.net), mlj.predict(mach, X.head(2)).levels[0]
        (3, 'setosa')

    Source: MLJBase.jl, src/composition/models/stacking.jl; D. H. Wolpert, Stacked generalization,
        1992. Deviations: weights are passed on; the default resampling is shuffled and stratified.
    """

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )
    says_early: ClassVar[bool] = True
    is_large: ClassVar[bool] = True
    idle_fields: ClassVar[tuple[str, ...]] = ("acceleration", "cache")
    telling_fields: ClassVar[tuple[str, ...]] = ("measures",)
    aliases: ClassVar[Mapping[str, str]] = {"measure": "measures"}

    metalearner: Any = param(convert=check_model)
    resampling: Any = param(AUTO, convert=check_resampling)
    measures: Any = param(None)
    acceleration: Any = param(factory=CPU1, convert=check_job_acceleration)
    cache: bool = param(True, kind=bool)

    def __init__(
        self,
        *,
        metalearner: Any = None,
        resampling: Any = AUTO,
        measures: Any = None,
        measure: Any = None,
        acceleration: Any = None,
        cache: bool = True,
        **models: Any,
    ) -> None:
        if metalearner is None:
            raise InvalidModelError(
                "A stack needs a model that learns from the predictions: Stack(metalearner=..., "
                "name=model, ...)."
            )
        if measures is not None and measure is not None:
            raise InvalidModelError("measure and measures were both given. Give one of them.")
        self._begin(
            models,
            metalearner=metalearner,
            resampling=resampling,
            measures=measures if measure is None else measure,
            acceleration=acceleration,
            cache=cache,
        )
        check_metalearner(self.metalearner, self.components)

    def check(self) -> None:
        """The models and options, alone and together."""
        super().check()
        if self.resampling is None:
            raise InvalidModelError(
                "The metalearner of a stack learns from predictions of rows that the others were "
                "not trained on, and resampling is None. Give CV(), or 'auto'."
            )
        self.check_components(self.components)
        check_metalearner(self.metalearner, self.components)

    def check_components(self, components: dict[str, Any]) -> dict[str, Any]:
        """Models that predict, all of one kind."""
        check_bases(components)
        return components

    def resolve(self, *scitypes: Any) -> Any:
        """A copy in which network specifications have become the containers for these data."""
        if len(scitypes) < 2:
            return self
        found = {name: each.resolve(*scitypes) for name, each in self.components.items()}
        found["metalearner"] = self.metalearner.resolve(Table[Continuous], *scitypes[1:])
        changed = {name: each for name, each in found.items() if each is not getattr(self, name)}
        return self.replace(changed) if changed else self

    def settled(self, n_rows: int) -> Any:
        """With what the models choose by the number of rows chosen."""
        found = {name: each.settled(n_rows) for name, each in self.components.items()}
        changed = {name: each for name, each in found.items() if each is not getattr(self, name)}
        return self.replace(changed) if changed else self

    def own_traits(self) -> Traits:
        """Data of the base models, predictions of the metalearner."""
        bases = [each.own_traits() for each in self.components.values()]
        every = [*bases, self.metalearner.own_traits()]
        return dataclasses.replace(
            self.traits,
            supports_weights=any(each.supports_weights for each in every),
            supports_class_weights=any(each.supports_class_weights for each in every),
            input_scitype=common_scitype([each.input_scitype for each in bases]),
            target_scitype=common_scitype([each.target_scitype for each in bases]),
            prediction_type=every[-1].prediction_type,
        )

    def has_operation(self, name: str) -> bool:
        """predict alone."""
        return name == "predict"

    def check_data(self, *data: Any) -> None:
        """What each model is given suits it, and there are folds."""
        sources = tuple(Source(each) for each in data)
        found = {name: resolved(m, sources, level_around()) for name, m in self.components.items()}
        judge = self.metalearner.resolve(Table[Continuous], sources[1].scitype)
        known = self.own_traits().input_scitype != Unknown
        with checking(said=said_before() or known):
            for name, model in found.items():
                who = f"{name} ({type(model).__name__})"
                check_scitypes(model.own_traits(), sources[:2], level_around(), who)
            of_y = dataclasses.replace(judge.own_traits(), input_scitype=sources[0].scitype)
            who = f"The metalearner ({type(judge).__name__})"
            check_scitypes(of_y, sources[:2], level_around(), who)
        for model in found.values():
            model.check_data(*(s.rows(None, native=model.native_data) for s in sources[:2]))
        judge.check_target(sources[1].rows(None, native=judge.native_data))
        check_bases(found)
        check_metalearner(judge, found)
        _say_deaf({**found, "metalearner": judge}, sources)
        super().check_data(*data)

    def prefit(self, verbosity: int, *sources: Source) -> dict[str, Any]:
        """A machine for each base model and fold, one for each on all rows, and the
        metalearner's."""
        plan = _Plan(self, sources)
        X, y = sources[:2]
        whole = [self._machine(each, sources) for each in self.components.values()]
        parts = [plan.part(train) for train, _ in plan.pairs]
        tests = [_rows(X, test) for _, test in plan.pairs]
        folds = {
            name: [self._machine(each, part) for part in parts]
            for name, each in self.components.items()
        }
        features = [
            Node(
                meta_features,
                None,
                (test, *(machines[k].predict(test) for machines in folds.values())),
                takes_inner=True,
            )
            for k, test in enumerate(tests)
        ]
        Z = Node(joined, None, tuple(features), keeps_rows=False, takes_inner=True)
        rows = np.concatenate([test for _, test in plan.pairs])
        judge = self._machine(self.metalearner, (Z, *plan.part(rows)[1:]))
        final = Node(
            meta_features, None, (X, *(each.predict(X) for each in whole)), takes_inner=True
        )
        nodes: dict[str, Any] = {"predict": judge.predict(final)}
        if self.measures is not None:
            nodes["report"] = {"cv_report": plan.measured(folds, tests, y)}
        return nodes

    def _machine(self, model: Any, args: tuple[Any, ...]) -> Machine:
        takes = _takes(model.own_traits(), *args[2:])
        return machine(model, *args[: 3 if takes else 2], cache=self.cache)

    def _others_changed(self, old_model: Any, network: Network) -> set[str]:
        changed = super()._others_changed(old_model, network)
        reseeded = self.resampling == AUTO and model_seed(self) != model_seed(old_model)
        return changed | {"resampling"} if reseeded else changed

    def _retold(self, network: Network) -> Network:
        """With measurements in the folds that it has: a shuffle without a seed makes others."""
        folds: dict[str, list[Machine]] = {name: [] for name in self.components}
        for mach, name in zip(network.machines, network.names, strict=True):
            folds.get(name or "", []).append(mach)
        folds = {name: found[1:] for name, found in folds.items()}  # without those of all rows
        judge: Any = network.machine_of("metalearner")
        tests = [features.args[0] for features in judge.args[0].args]
        trains = [fold.args[0] for fold in next(iter(folds.values()))]
        pairs = [(a.operation.rows, b.operation.rows) for a, b in zip(trains, tests, strict=True)]
        told = {}
        if self.measures is not None:
            plan = _Plan(self, network.sources, pairs)
            told["cv_report"] = plan.measured(folds, tests, network.sources[1])
        return dataclasses.replace(network, told=told)

    def _outcome(self, network: Network, before: FitOutcome | None = None) -> FitOutcome:
        outcome = super()._outcome(network, before)
        cache = outcome.cache if self.cache else None  # which holds the rows of the folds, too
        return dataclasses.replace(outcome, report=self._by_fold(outcome.report), cache=cache)

    def fitted_params(self, fitresult: Network) -> dict[str, Any]:
        """What each model has learned, by name."""
        return self._by_fold(super().fitted_params(fitresult))

    def _by_fold(self, found: dict[str, Any]) -> dict[str, Any]:
        """By name what belongs to all rows, and what belongs to folds apart."""
        folds = {name: found[name][1:] for name in self.components if name in found}
        own = {name: found[name][0] for name in folds}
        return {**found, **own, "folds": Record(**folds)}


class _Plan:
    """The folds of a stack, and what is measured in them."""

    def __init__(
        self, stack: Stack, sources: tuple[Source, ...], pairs: list[Any] | None = None
    ) -> None:
        self.stack, self.sources = stack, sources
        mach = Machine(stack, sources)
        given = None if stack.resampling == AUTO else stack.resampling
        self.strategy = strategy_for(mach, given)
        self.options = Options(self.strategy, stack.measures, per_observation=False, compact=True)
        self.pairs = pairs or pairs_for(mach, self.strategy, self.options)[0]

    def part(self, rows: np.ndarray) -> tuple[Node | Source, ...]:
        """X, y and the weights at these rows."""
        return tuple(_rows(source, rows) for source in self.sources)

    def measured(self, folds: Mapping[str, list[Machine]], tests: list[Any], y: Source) -> Node:
        """The evaluations of the base models, by name."""
        trials, predictions = {}, []
        for name, machines in folds.items():
            mach = Machine(machines[0].model, self.sources[:2])
            trial = trial_for(mach, self.pairs, self.options)
            trials[name] = dataclasses.replace(trial, args=())
            for fold, test in zip(machines, tests, strict=True):
                operations = dict.fromkeys(trial.operations)
                predictions += [getattr(fold, each)(test) for each in operations]
        function = InternalMeasures(trials, self.strategy, repeats=1)
        return Node(function, None, (y, *predictions), keeps_rows=False, takes_inner=True)


def _rows(source: Source, rows: np.ndarray) -> Node | Source:
    """A source at these rows; weights of classes as they are."""
    if isinstance(source.data, ClassWeights):
        return source
    return Node(Rows(rows), None, (source,), keeps_rows=False, takes_inner=True)


def _say_deaf(models: Mapping[str, Any], sources: tuple[Source, ...]) -> None:
    """Warn of models that take no weights, if there are weights."""
    deaf = [n for n, m in models.items() if not _takes(m.own_traits(), *sources[2:])]
    if deaf and not said_before():
        names = f"{' and '.join(deaf)} {'takes' if len(deaf) == 1 else 'take'}"
        warn(f"{names} no weights, and will be trained without.", ModelWarning)


def _takes(traits: Traits, weights: Node | Source | None = None) -> bool:
    """Whether a model takes weights of this kind."""
    if weights is None:
        return True
    origin = weights if isinstance(weights, Source) else weights.origins[0]
    by_class = isinstance(origin.inner, ClassWeights)
    return traits.supports_class_weights if by_class else traits.supports_weights
