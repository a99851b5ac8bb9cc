"""The state of an iteration as plain values, for checkpoints, and back.

Knows runs and their progress. Source: ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from mlj_keras.engine.state import MachineState
from mlj_keras.iteration.control import plain_state
from mlj_keras.iteration.loop import Progress
from mlj_keras.iteration.run import Kept, Run
from mlj_keras.machine.checkpoint import state_facts, state_from

_STATE = "MachineState"


def plain_progress(progress: Progress, controls: Sequence[Any]) -> dict[str, Any]:
    """What `put_progress` needs to go on as if nothing had happened."""
    run = progress.run
    best = run.best
    return {
        "n_cycles": run.n_cycles,
        "n_iterations": run.n_iterations,
        "new_iterations": run.new_iterations,
        "losses": list(run.losses),
        "iterations": list(run.iterations),
        "training_losses": run.training_losses,
        "settings": _model_settings(run),
        "machines": [_network(machine.trained("checkpoint")) for machine in run.machines],
        "best": best and [best.iteration, best.loss, [_network(each) for each in best.trained]],
        "controls": [
            _plain(plain_state(control, state))
            for control, state in zip(controls, progress.states, strict=True)
        ],
    }


def put_progress(progress: Progress, facts: Mapping[str, Any]) -> None:
    """Put what was written into machines that have been trained for no iteration."""
    run = progress.run
    fresh = tuple(machine.trained("checkpoint") for machine in run.machines)
    for name in ("n_cycles", "n_iterations", "new_iterations", "training_losses"):
        setattr(run, name, facts[name])
    run.losses, run.iterations = list(facts["losses"]), list(facts["iterations"])
    for path, value in facts["settings"].items():
        run.model.set(path, value)
    for machine, (model, outcome), state in zip(
        run.machines, fresh, facts["machines"], strict=True
    ):
        machine.replace_outcome(*_put(model, outcome, state, keep_cache=True))
    run.model.set(run.parameter, run.n_iterations)
    if facts["best"]:
        iteration, loss, states = facts["best"]
        pairs = zip(fresh, states, strict=True)
        trained = tuple(_put(model, outcome, state) for (model, outcome), state in pairs)
        run.best = Kept(iteration, loss, trained)
    progress.states = [_revived(state) for state in facts["controls"]]


def _model_settings(run: Run) -> dict[str, Any]:
    """Hyper-parameters that controls change: the numbers of the optimiser that is iterated."""
    prefix, dot, _ = run.parameter.rpartition(".")
    owner = run.model.get(prefix) if prefix else run.model
    optimiser = getattr(owner, "optimiser", None) if "optimiser" in owner.fields() else None
    names = () if optimiser is None else optimiser.fields()
    values = {name: getattr(optimiser, name) for name in names}
    return {
        f"{prefix}{dot}optimiser.{name}": value
        for name, value in values.items()
        if type(value) in (int, float)
    }


def _network(trained: tuple[Any, Any]) -> Any:
    model, outcome = trained
    return _plain(model.snapshot(outcome).network)


def _put(model: Any, outcome: Any, state: Any, *, keep_cache: bool = False) -> tuple[Any, Any]:
    restored, model = model.restore(outcome, _revived(state))
    return model, restored if keep_cache else dataclasses.replace(restored, cache=None)


def _plain(value: Any) -> Any:
    if isinstance(value, MachineState):
        return {_STATE: state_facts(value), "arrays": dict(value.arrays)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_plain(item) for item in value)
    return value


def _revived(value: Any) -> Any:
    if isinstance(value, Mapping):
        if _STATE in value:
            return state_from(value[_STATE], value["arrays"])
        return {key: _revived(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_revived(item) for item in value)
    return value
