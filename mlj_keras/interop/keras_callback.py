"""`KerasCallback`: a callback of Keras as a control of an iterated model.

Knows Keras, controls and runs. Source: Keras, keras/src/callbacks/callback.py, for what a callback
may ask.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.engine.networks import put_values, values_of
from mlj_keras.engine.state import EMA_SLOT
from mlj_keras.errors import InvalidModelError, UnsupportedOperation
from mlj_keras.iteration.control import Control, Setting
from mlj_keras.iteration.controls.schedule import path_in
from mlj_keras.models import param

_HOOKS = ("set_model", "set_params", "on_train_begin", "on_epoch_begin", "on_epoch_end")
_RATE = "optimiser.learning_rate"


def _check_callback(value: Any) -> Any:
    if isinstance(value, type) or not all(hasattr(value, name) for name in _HOOKS):
        given = f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
        raise TypeError(
            "must be a callback of Keras, such as keras.callbacks.EarlyStopping(), got " + given
        )
    return value


class KerasCallback(Control):
    """Call a callback of Keras once in each cycle, as Keras does once an epoch.

    Hyper-parameters: callback (positional): an instance of keras.callbacks.Callback.

    Put it after Step. The callback is told the epoch, the count of iterations less 1, and the logs
    "loss" (the last training loss), "val_loss" (the loss out of sample; of a score, of which more
    is better, its negative), "val_" with the name of the measure (as it is measured), and
    "learning_rate". Its `model` is a Keras model of the network of its own, as
    `fitted_params(mach).network`, with the weights learned so far and an optimizer of the same
    class (if it averages weights, with the averages); of several pairs of rows it is the network
    of the first. What the callback does to
    it comes back: `stop_training` ends iteration, a changed `optimizer.learning_rate` and changed
    weights are trained on with. Tested are EarlyStopping, ReduceLROnPlateau, CSVLogger,
    LambdaCallback and TensorBoard (which needs the extra `tracking`); others work as far as they
    use the hooks of training and of epochs. Both hooks of an epoch are called after it: what
    `on_epoch_begin` sets, as LearningRateScheduler does, is for the next cycle. Hooks of batches
    are never called, and there is no `train_function`, nor slots of the optimizer: ModelCheckpoint
    and BackupAndRestore save by epochs only, and what the latter puts back is weights, after the
    first Step. To go on as if nothing had happened take Checkpoint.

    A callback holds its own state: one instance is for one training. If training is cut off,
    `on_train_end` is not called, as in Keras, and the next fit goes on with the callback as it is;
    an iteration that goes on from a checkpoint begins it anew.
    Report: stopped, whether it ended iteration.
    Raises: InvalidModelError for what is no callback; when the machine is made, for a model that
        is no network and does not end in one.
    Example:
        >>> import keras
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> stop = mlj.KerasCallback(keras.callbacks.EarlyStopping(patience=2))
        >>> net = mlj.NeuralNetworkRegressor(rng=1)
        >>> model = mlj.IteratedModel(net, controls=[mlj.Step(1), stop, mlj.NumberLimit(5)])
        >>> mlj.report(mlj.fit(mlj.machine(model, X, y), verbosity=0)).n_iterations <= 5
        True

    Source: Keras, `Callback`.
    """

    callback: Any = param(convert=_check_callback, positional=True)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Show it the network as it is, and take over what it does to it."""
        if not run.n_iterations:
            raise UnsupportedOperation(
                "there is no network yet. Put KerasCallback after Step in the controls"
            )
        part, learned = _part(*run.machine.trained("call a callback"))
        shown = state and state.get("shown")
        first = shown is None
        if first:
            shown = _Shown(_compiled(part, learned))
        network, shown.run = shown.network, run
        values = learned.fitresult.state.prediction_arrays()
        rate = _rate(run)
        _bring_up_to_date(network, learned.fitresult.state, rate)
        if first:
            self._begin(network, verbosity)
        epoch = run.n_iterations - 1
        self.callback.on_epoch_begin(epoch, {})
        self.callback.on_epoch_end(epoch, _logs(run, rate))
        self._take_over(run, network, values, rate)
        return {"shown": shown, "stopped": bool(network.stop_training)}

    def _begin(self, network: Any, verbosity: int) -> None:
        self.callback.set_params({"epochs": None, "steps": None, "verbose": max(verbosity, 0)})
        self.callback.set_model(network)
        self.callback.on_train_begin({})

    def _take_over(self, run: Any, network: Any, before: Mapping[str, Any], rate: Any) -> None:
        """The learning rate and the weights that the callback has left, where it changed them."""
        if rate is not None:
            now = float(network.optimizer.learning_rate.numpy())
            if now != float(np.float32(rate)):  # the variable is of single precision
                self._set_rate(run, now)
        changed = changed_values(network, before)
        if changed:
            model, outcome = run.machine.trained("call a callback")
            state = model.snapshot(outcome).network
            run.restore(state.with_arrays(_with_averages(changed, state.arrays)))

    def _set_rate(self, run: Any, rate: float) -> None:
        path = path_in(run.model, run.parameter, _RATE)
        if run.model.replace({path: rate}).change_since(run.model) == "update":
            raise InvalidModelError(
                f"{type(self.callback).__name__} sets {path!r}, and a change of that makes "
                f"{type(run.model).__name__} train from the start. Set "
                "optimiser_changes_trigger_retraining=False"
            )
        run.model.set(path, rate)

    def done(self, state: Any) -> bool:
        """Whether it wants to stop."""
        return bool(state) and bool(state["stopped"])

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """Tell it that training ends, and take over what it then does."""
        shown = state and state.get("shown")
        if shown and not shown.ended:
            shown.ended = True  # a later choice of what is kept takes down once more
            self.callback.on_train_end(_logs(shown.run, _rate(shown.run)))
            learned = _part(*shown.run.machine.trained("call a callback"))[1]
            values = learned.fitresult.state.prediction_arrays()
            self._take_over(shown.run, shown.network, values, None)
        return {"stopped": self.done(state)}

    def cut_off(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """Leave it as it is, for the fit that goes on."""
        return {"stopped": self.done(state)}

    def plain(self, state: Any) -> Any:
        """The state without the network, which is made anew."""
        return state and {"stopped": state["stopped"]}

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"{type(self.callback).__name__} stops the training"

    def check_setting(self, setting: Setting) -> None:
        """Raise for what is no network."""
        if not setting.model.checkpoints:
            raise InvalidModelError(
                f"KerasCallback is for networks, and {setting.name} is none, and does not end in "
                "one. Leave it out."
            )


@dataclasses.dataclass
class _Shown:
    """The Keras model that a callback is shown, and the run that it is brought up to date from."""

    network: Any
    run: Any = None
    ended: bool = False

    def __deepcopy__(self, memo: dict[int, Any]) -> _Shown:
        return self  # the callback holds the network, and is itself not copied


def _part(model: Any, outcome: Any) -> tuple[Any, Any]:
    """The part of a model that is a network, and what it has learned."""
    while not hasattr(type(model), "to_keras"):
        if hasattr(outcome.fitresult, "machine_of"):
            model, outcome = outcome.fitresult.machine_of(model.predictor).trained("call")
        else:  # a wrapper that learns what its model does
            model = model.model
    return model, outcome


def _compiled(part: Any, learned: Any) -> Any:
    """A Keras model of the network of its own, with an optimizer of its kind."""
    network = part.to_keras(learned.fitresult, finaliser=True, processing=False)
    owner = part.model if hasattr(part, "model") else part
    network.compile(optimizer=owner.optimiser.to_keras(), loss="mse")
    network.stop_training = False
    return network


def _bring_up_to_date(network: Any, state: Any, rate: float | None) -> None:
    put_values(network, state.prediction_arrays())  # which the loss was taken with
    network.optimizer.iterations.assign(int(state.arrays.get("slots/iteration", 0)))
    if rate is not None:
        network.optimizer.learning_rate.assign(rate)


def _with_averages(changed: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Changed weights, and in their place in the optimiser's averages too, where it keeps some:
    those are what is predicted with."""
    names = {key: f"slots/{EMA_SLOT}/{key}" for key in changed}
    averages = {names[key]: value for key, value in changed.items() if names[key] in arrays}
    return {**changed, **averages}


def _rate(run: Any) -> float | None:
    rate = run.model.get(path_in(run.model, run.parameter, _RATE))
    return rate if isinstance(rate, float) else None


def _logs(run: Any, rate: float | None) -> dict[str, float]:
    logs = {} if not run.training_losses else {"loss": run.training_losses[-1]}
    if run.scoring is not None and run.losses:
        logs["val_loss"] = run.sign * run.losses[-1]  # which callbacks minimise
        logs[f"val_{run.scoring.trial.measures[0].name}"] = run.losses[-1]
    return logs if rate is None else {**logs, "learning_rate": rate}


def changed_values(network: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a Keras model that are not those of `before`, by name.

    Example:
        >>> import keras, numpy as np
        >>> network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> changed_values(network, values_of(network))
        {}

    Source: ours.
    """
    return {
        key: value
        for key, value in values_of(network).items()
        if value.tobytes() != before[key].tobytes()
    }
