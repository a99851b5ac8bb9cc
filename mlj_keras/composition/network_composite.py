"""`NetworkComposite`: models that are made of other models, by a network of machines.

What was learned is a Network; training works on a copy of it, in which each machine does only
what it has to. Knows networks; no composite in particular.
Source: MLJBase.jl, src/composition/models/network_composite.jl.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.composition._answers import NetworkAnswers
from mlj_keras.composition._state import CompositeState
from mlj_keras.composition.network import Network
from mlj_keras.data.edges import inward
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import WrongType
from mlj_keras.machine import Machine, Node, Source
from mlj_keras.machine.checking import checking
from mlj_keras.machine.machine import continued
from mlj_keras.machine.schedule import fit_machines
from mlj_keras.machine.staleness import keeps, thawed
from mlj_keras.models import FitOutcome, Model
from mlj_keras.models.diagram import Drawn
from mlj_keras.models.interface import Change, Operations, PartialFit
from mlj_keras.models.params import same
from mlj_keras.parallel.jobs import JobAcceleration, check_job_acceleration

FURTHER = ("report", "fitted_params")  # what prefit may add to the nodes of operations


class NetworkComposite(Drawn, Model, NetworkAnswers):
    """Base of the models that are a network of machines. A subclass says what it predicts by a
    second base, such as Deterministic, and defines `prefit`.

    Hyper-parameters that are models may be changed and replaced; each machine of the network then
    trains, updates or stays as it would by itself. Any other change trains all anew; but not of a
    hyper-parameter `acceleration`, if the class has one: where machines that do not need one
    another are trained side by side. Nor of those that the class names in `telling_fields`, as
    no machine learns by them: such as the weights of a blend, which only functions of predictions
    use. Report and fitted parameters are by the names of the models. A class takes weights if its
    `traits` say so.

    Raises: at `machine`, what `prefit` raises, WrongType if it gives no nodes, and InvalidArgument
        for machines in a circle and for nodes of another network.

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
    # Whether there are so many machines that a bar tells of them, and not each of itself.
    is_large: ClassVar[bool] = False
    # Hyper-parameters of which the learned does not depend.
    idle_fields: ClassVar[tuple[str, ...]] = ("acceleration",)
    # Those of which what is told and predicted depends, and nothing that a machine learns.
    telling_fields: ClassVar[tuple[str, ...]] = ()

    def prefit(self, verbosity: int, *sources: Source) -> Mapping[str, Any]:
        """The network: by the name of each operation the node that answers it. Machines have
        hyper-parameters of this model as their models. Under "report" and "fitted_params" there
        may be further nodes by name, whose values on the training data are added to these."""
        raise NotImplementedError(f"{type(self).__name__} must define prefit(verbosity, *sources)")

    def check_data(self, *data: Any) -> None:
        """That a network can be made of these data."""
        copy.deepcopy(self)._network(0, data)

    def fit(self, verbosity: int, *data: Any) -> FitOutcome:
        """Make the network and train it."""
        return self._trained(self._network(verbosity, data), verbosity)

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> FitOutcome:
        """Make the network anew; what is frozen keeps what it has learned."""
        network, old = self._network(verbosity, data), outcome.fitresult
        learned = old.by_place()
        for place, machine in network.by_place().items():
            before = learned.get(place)
            if before is not None and before.state:
                if keeps(machine.model, before.trained("fit")[0]):
                    machine.replace_outcome(*before.trained("fit"))
        return self._trained(network, verbosity)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Train what has become stale."""
        before: Network = outcome.fitresult
        changed = self._others_changed(old_model, before)
        if not changed <= {*self.telling_fields}:
            return self.refit(verbosity, outcome, old_model, *data)
        network = before.copy()
        network.bind(tuple(map(inward, data)), outcome.cache)
        if changed:
            network = self._retold(network)
        for machine, name in zip(network.machines, network.names, strict=True):
            if name is not None:
                machine.model = getattr(self, name)
        return self._trained(network, verbosity)

    def _network(self, verbosity: int, data: tuple[Any, ...]) -> Network:
        self._part()
        self._where()
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

    def _retold(self, network: Network) -> Network:
        """The network as the `telling_fields` now ask for: made anew, of machines that have
        learned what they had."""
        made = Network.of(self.prefit(0, *network.sources), network.sources, self)
        for new, old in zip(made.machines, network.machines, strict=True):
            if old.state:
                continued(new, *old.trained("update"), None)
        return made

    def _others_changed(self, old_model: Any, network: Network) -> set[str]:
        """Hyper-parameters that are no models of machines, and are not as they were."""
        if self.fields() != old_model.fields():
            return set(self.fields())
        others = set(self.fields()) - {*network.names, *self.idle_fields}
        return {n for n in others if not same(getattr(self, n), getattr(old_model, n))}

    def _trained(self, network: Network, verbosity: int) -> FitOutcome:
        def note(machine: Machine, error: BaseException) -> None:
            name = network.name_of(machine)
            if name is not None:
                error.add_note(f"It was raised by {name!r} of {type(self).__name__}.")

        with checking(said=self.says_early or None):
            cut_off = fit_machines(
                network.machines,
                verbosity=verbosity - self.is_large,
                acceleration=self._where(),
                shown=self.is_large and verbosity > 0,
                on_error=note,
            )
        if cut_off is not None:
            raise self._partial(network, *cut_off) from None
        return self._outcome(network)

    def _where(self) -> JobAcceleration:
        """Where machines are trained side by side. Raises: InvalidArgument."""
        named = "acceleration" in self.fields()
        return check_job_acceleration(getattr(self, "acceleration") if named else None)  # noqa: B009 - a field

    def _outcome(self, network: Network, before: FitOutcome | None = None) -> FitOutcome:
        """What was learned; `before`: an outcome whose further report and values still hold, of a
        network without data."""
        if before is None:
            told = {name: each() for name, each in network.told.items()}
            values = {name: each() for name, each in network.learned.items()}
            network = dataclasses.replace(network, values=values)
        else:
            told = {name: before.report[name] for name in network.told}
        bare, caches = network.stripped()
        return FitOutcome(bare, caches, {**network.report(), **told})

    def _partial(self, network: Network, machine: Machine, partial: PartialFit) -> BaseException:
        """What is kept if a machine stopped early: all, if no other has something left to do; else
        nothing, and the machine of this model stays as it was."""
        name = network.name_of(machine)
        if name is None or any(_is_behind(m) for m in network.machines if m is not machine):
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
        fields = [name for name in self.fields() if name not in self.idle_fields]
        changes = {_change(getattr(self, n), getattr(old_model, n)) for n in fields}
        return "update" if "update" in changes else "record"

    @property
    def checkpoints(self) -> bool:  # type: ignore[override]  # that of the part
        """Whether the part that predicts trains by epochs whose state can be written."""
        part = None if self.predictor is None else getattr(self, self.predictor)
        return bool(getattr(part, "checkpoints", False))

    def paused(self, outcome: FitOutcome) -> FitOutcome:
        """With what the machines need to go on, as far as it is no data."""
        return dataclasses.replace(outcome, cache=outcome.fitresult.paused(outcome.cache))

    def snapshot(self, outcome: FitOutcome) -> CompositeState:
        """What all machines have learned."""
        network: Network = outcome.fitresult
        part = (self.own_traits().iteration_parameter or "").split(".")[0]
        told = {name: outcome.report[name] for name in network.told}
        return CompositeState.of(network.names, network.outcomes(), part, (told, network.values))

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """All machines put back to what they had learned then; given the state of a network, the
        part that predicts."""
        network, model = outcome.fitresult.copy(), copy.deepcopy(self)
        if isinstance(state, MachineState):
            machine = None if self.predictor is None else network.machine_of(self.predictor)
            if machine is None:
                raise WrongType(
                    f"restore got the state of a network, and {type(self).__name__} has no part "
                    "that it could be of. Give what snapshot(mach) gave."
                )
            before, learned = machine.trained("restore")
            kept, part = before.restore(learned, state)
            machine.replace_outcome(part, kept, anew=False)
            setattr(model, str(self.predictor), copy.deepcopy(part))
            return self._outcome(network, outcome), model
        if not isinstance(state, CompositeState):
            raise WrongType(f"restore takes what snapshot(mach) gave, got {type(state).__name__}.")
        if state.names != network.names:
            raise KeyError(f"its models are {state.names}, and those here {network.names}")
        for machine, name, kept in zip(
            network.machines, network.names, state.outcomes, strict=True
        ):
            if kept is not None:
                machine.replace_outcome(*kept, anew=False)
                if name is not None:
                    setattr(model, name, copy.deepcopy(kept[0]))
        told, values = state.further
        network = dataclasses.replace(network, values=values)
        before = dataclasses.replace(outcome, report={**outcome.report, **told})
        return self._outcome(network, before), model


def _is_behind(machine: Machine) -> bool:
    """Whether a machine has not learned, or not as its model now says."""
    if machine.is_stale():
        return True
    model, old = machine.model.resolve(*(a.scitype for a in machine.args)), machine.current_model()
    if machine.frozen or keeps(model, old):
        return False
    return type(model) is not type(old) or model.change_since(old) == "update"


def _change(new: Any, old: Any) -> Change:
    if thawed(new, old):
        return "update"
    if isinstance(new, Model) and isinstance(new, Operations) and type(new) is type(old):
        change: Change = new.change_since(old)
        return change
    return "none" if same(new, old) else "update"


def _are_nodes(nodes: Any) -> bool:
    return isinstance(nodes, Mapping) and all(isinstance(n, Node) for n in nodes.values())


def _check_nodes(nodes: Any, who: str) -> None:
    """Raise WrongType unless these are nodes by the names of operations."""
    if isinstance(nodes, Mapping):
        further = [nodes[name] for name in FURTHER if name in nodes]
        answers = {name: each for name, each in nodes.items() if name not in FURTHER}
        if answers and _are_nodes(answers) and all(map(_are_nodes, further)):
            return
    given = (
        {k: type(v).__name__ for k, v in nodes.items()} if isinstance(nodes, Mapping) else nodes
    )
    raise WrongType(
        f"prefit of {who} must give nodes by the names of operations, got {given!r:.80}. Write "
        'return {"predict": predict(mach, X)}.'
    )
