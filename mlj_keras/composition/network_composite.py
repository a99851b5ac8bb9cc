"""`NetworkComposite`: models that are made of other models, by a network of machines.

What was learned is a Network; training works on a copy of it, in which each machine does only
what it has to. Knows networks; no composite in particular.
Source: MLJBase.jl, src/composition/models/network_composite.jl.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.composition._state import CompositeState
from mlj_keras.composition.network import Network
from mlj_keras.data.edges import inward, outward
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import UnsupportedOperation, WrongType
from mlj_keras.machine import Node, Source
from mlj_keras.machine.checking import checking
from mlj_keras.machine.staleness import keeps
from mlj_keras.models import FitOutcome, Model
from mlj_keras.models.diagram import Drawn
from mlj_keras.models.interface import Change, Operations, PartialFit
from mlj_keras.models.params import same


class NetworkComposite(Drawn, Model, Operations):
    """Base of the models that are a network of machines. A subclass says what it predicts by a
    second base, such as Deterministic, and defines `prefit`.

    Hyper-parameters that are models may be changed and replaced; each machine of the network then
    trains, updates or stays as it would by itself. Any other change trains all anew. Report and
    fitted parameters are by the names of these hyper-parameters.

    Example:
        >>> import mlj_keras as mlj
        >>> class Scaled(NetworkComposite, mlj.Deterministic):
        ...     scaler: mlj.Standardizer = mlj.param(factory=mlj.Standardizer)
        ...     model: mlj.Model = mlj.param(positional=True)
        ...     def prefit(self, verbosity, Xs, ys):
        ...         scaler = mlj.machine(self.scaler, Xs)
        ...         Z = mlj.transform(scaler, Xs)
        ...         return {"predict": mlj.predict(mlj.machine(self.model, Z, ys), Z)}
        >>> X, y = mlj.load_diabetes()
        >>> net = mlj.NeuralNetworkRegressor(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(Scaled(model=net), X, y), verbosity=0)
        >>> mlj.report(mach).model.epochs, len(mlj.predict(mach, X.head(3)))
        (2, 3)

    Source: MLJBase.jl, src/composition/models/network_composite.jl. Deviation: machines take the
        models themselves, where MLJ has the names of their fields.
    """

    native_data: ClassVar[bool] = False
    # Whether `check_data` has said all that the machines inside would warn of.
    says_early: ClassVar[bool] = False

    def prefit(self, verbosity: int, *sources: Source) -> Mapping[str, Node]:
        """The network: by the name of each operation the node that answers it. Machines have
        hyper-parameters of this model as their models."""
        raise NotImplementedError(f"{type(self).__name__} must define prefit(verbosity, *sources)")

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Make the network and train it."""
        return self._trained(self._network(verbosity, data), verbosity)

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> FitOutcome:
        """Make the network anew; what is frozen keeps what it has learned."""
        network, old = self._network(verbosity, data), outcome.fitresult
        if len(network.machines) == len(old.machines):
            for new, before in zip(network.machines, old.machines, strict=True):
                if before.state and keeps(new.model, before.trained("fit")[0]):
                    new.replace_outcome(*before.trained("fit"))
        return self._trained(network, verbosity)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Train what has become stale."""
        before: Network = outcome.fitresult
        if self._others_changed(old_model, before):
            return self.refit(verbosity, outcome, old_model, *data)
        network = before.copy()
        network.bind(tuple(map(inward, data)), outcome.cache)
        for machine, name in zip(network.machines, network.names, strict=True):
            if name is not None:
                machine.model = getattr(self, name)
        return self._trained(network, verbosity)

    def _network(self, verbosity: int, data: tuple[Any, ...]) -> Network:
        self._part()
        sources = tuple(Source(inward(each)) for each in data)
        nodes = self.prefit(verbosity, *sources)
        _check_nodes(nodes, type(self).__name__)
        return Network.of(nodes, sources, self)

    def _part(self) -> None:
        """Make two of a model that was given twice, as machines know it by its identity."""
        seen: set[int] = set()
        for name in self.fields():
            value = getattr(self, name)
            if isinstance(value, Model) and id(value) in seen:
                setattr(self, name, copy.deepcopy(value))
            seen.add(id(value))

    def _others_changed(self, old_model: Any, network: Network) -> bool:
        """Whether anything else than the models of machines is not as it was."""
        if self.fields() != old_model.fields():
            return True
        others = [name for name in self.fields() if name not in network.names]
        return any(not same(getattr(self, n), getattr(old_model, n)) for n in others)

    def _trained(self, network: Network, verbosity: int) -> FitOutcome:
        for machine, name in zip(network.machines, network.names, strict=True):
            try:
                with checking(said=self.says_early or None):
                    machine.fit_or_partial(None, verbosity, force=False)
            except PartialFit as partial:
                raise self._partial(network, machine, name, partial) from None
            except Exception as error:
                if name is not None:
                    error.add_note(f"It was raised by {name!r} of {type(self).__name__}.")
                raise
        return self._outcome(network)

    def _outcome(self, network: Network) -> FitOutcome:
        bare, caches = network.stripped()
        return FitOutcome(bare, caches, network.report())

    def _partial(
        self, network: Network, machine: Any, name: str | None, partial: PartialFit
    ) -> BaseException:
        """What is kept if a machine stopped early: all, if nothing that follows has become stale;
        else nothing, and the machine of this model stays as it was."""
        later = network.machines[network.machines.index(machine) + 1 :]
        if name is None or any(m.is_stale() for m in later):
            return partial.cause
        model = copy.deepcopy(self)
        setattr(model, name, partial.model)
        return PartialFit(self._outcome(network), model, partial.cause)

    def change_since(self, old_model: Any) -> Change:
        """An update if any part asks for one."""
        if self == old_model:
            return "none"
        if type(self) is not type(old_model) or self.fields() != old_model.fields():
            return "update"
        changes = {_change(getattr(self, n), getattr(old_model, n)) for n in self.fields()}
        return "update" if "update" in changes else "record"

    def predict(self, fitresult: Network, Xnew: Any) -> Any:
        """What the network predicts."""
        return self._answer(fitresult, "predict", Xnew)

    def transform(self, fitresult: Network, Xnew: Any) -> Any:
        """What the network transforms."""
        return self._answer(fitresult, "transform", Xnew)

    def inverse_transform(self, fitresult: Network, Xnew: Any) -> Any:
        """What the network transforms back."""
        return self._answer(fitresult, "inverse_transform", Xnew)

    def _answer(self, network: Network, operation: str, Xnew: Any) -> Any:
        if operation not in network.nodes:
            raise UnsupportedOperation(
                f"{type(self).__name__} has no {operation}. It has: {', '.join(network.nodes)}."
            )
        inner = inward(Xnew)
        return outward(network.nodes[operation](inner), Xnew, inner)

    def fitted_params(self, fitresult: Network) -> dict[str, Any]:
        """What each part has learned, by name."""
        return dict(fitresult.fitted_params())

    @property
    def predictor(self) -> str | None:
        """The name of the part whose losses and importances are those of the whole, or None."""
        return None

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the part that predicts."""
        if self.predictor is None:
            return None
        return getattr(self, self.predictor).training_losses(report[self.predictor]._asdict())

    def feature_importances(self, fitresult: Network, report: dict[str, Any]) -> Any:
        """Those of the part that predicts."""
        mach = None if self.predictor is None else fitresult.machine_of(self.predictor)
        if mach is None:
            return None
        model, outcome = mach.trained("feature_importances")
        return model.feature_importances(outcome.fitresult, outcome.report)

    @property
    def checkpoints(self) -> bool:  # type: ignore[override]  # that of the part
        """Whether the part that predicts trains by epochs whose state can be written."""
        part = None if self.predictor is None else getattr(self, self.predictor)
        return bool(getattr(part, "checkpoints", False))

    def snapshot(self, outcome: FitOutcome) -> CompositeState:
        """What all machines have learned."""
        network: Network = outcome.fitresult
        part = (self.own_traits().iteration_parameter or "").split(".")[0]
        return CompositeState.of(network.names, network.outcomes(), part)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """All machines put back to what they had learned then; given the state of a network, the
        part that predicts."""
        network, model = outcome.fitresult.copy(), copy.deepcopy(self)
        if isinstance(state, MachineState):
            machine = network.machine_of(self.predictor)
            before, learned = machine.trained("restore")
            kept, part = before.restore(learned, state)
            machine.replace_outcome(part, kept, anew=False)
            setattr(model, str(self.predictor), copy.deepcopy(part))
            return self._outcome(network), model
        for machine, name, kept in zip(
            network.machines, network.names, state.outcomes, strict=True
        ):
            if kept is not None:
                machine.replace_outcome(*kept, anew=False)
                if name is not None:
                    setattr(model, name, copy.deepcopy(kept[0]))
        return self._outcome(network), model


def _change(new: Any, old: Any) -> Change:
    if getattr(old, "frozen", False) is True and getattr(new, "frozen", False) is not True:
        return "update"  # it may have missed what its machine was to learn
    if isinstance(new, Model) and isinstance(new, Operations) and type(new) is type(old):
        change: Change = new.change_since(old)
        return change
    return "none" if same(new, old) else "update"


def _check_nodes(nodes: Any, who: str) -> None:
    """Raise WrongType unless these are nodes by the names of operations."""
    if isinstance(nodes, Mapping) and nodes and all(isinstance(n, Node) for n in nodes.values()):
        return
    given = (
        {k: type(v).__name__ for k, v in nodes.items()} if isinstance(nodes, Mapping) else nodes
    )
    raise WrongType(
        f"prefit of {who} must give nodes by the names of operations, got {given!r:.80}. Write "
        'return {"predict": predict(mach, X)}.'
    )
