"""`Schedule`: a hyper-parameter that changes while a model trains. Source: ours; MLJIteration.jl's
CycleLearningRate and Keras' LearningRateScheduler, for the manner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import Control, Setting
from mlj_keras.iteration.controls.actions import check_function
from mlj_keras.models import param


class ScheduledControl(Control):
    """Base of the controls that set a hyper-parameter in each cycle, before training: they come
    before Step in the list."""

    def path(self) -> str:
        """The dotted path of the hyper-parameter."""
        raise NotImplementedError(f"{type(self).__name__} must define path(self)")

    def value(self, n: int, n_iterations: int) -> Any:
        """Its value in cycle n, when so many iterations have been done."""
        raise NotImplementedError(f"{type(self).__name__} must define value(self, n, ...)")

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Set the hyper-parameter."""
        value = self.value(n, run.n_iterations)
        run.model.set(path_in(run.model, run.parameter, self.path()), value)
        known = {"iterations": (), "values": ()} if state is None else state
        return {
            "iterations": (*known["iterations"], run.n_iterations),
            "values": (*known["values"], value),
        }

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """The values, and the counts of iterations at which they were set."""
        return dict(state or {"iterations": (), "values": ()})

    def check_setting(self, setting: Setting) -> None:
        """Raise if there is no such hyper-parameter, or if setting it would train from the
        start."""
        path = path_in(setting.model, setting.parameter, self.path())
        old = setting.model.get(path)
        for n in (1, 2):
            changed = setting.model.replace({path: self.value(n, n - 1)})
            if changed.change_since(setting.model) == "update" and changed.get(path) != old:
                raise InvalidModelError(
                    f"{type(self).__name__} sets {path!r}, and a change of that makes "
                    f"{setting.name} train from the start. Take a hyper-parameter of the "
                    "optimiser, such as 'optimiser.learning_rate'."
                )


def path_in(model: Any, parameter: str, path: str) -> str:
    """A path as it is, or, of a composite, in the part that iterates: "optimiser.learning_rate" is
    "model.optimiser.learning_rate" beside "model.epochs"."""
    prefix, dot, _ = parameter.rpartition(".")
    return path if path.split(".")[0] in model.fields() else f"{prefix}{dot}{path}"


class Schedule(ScheduledControl):
    """Set a hyper-parameter to function(n) in each cycle; n counts the iterations done before it.

    Hyper-parameters:
        parameter (positional): a dotted path, such as "optimiser.learning_rate"; in a pipeline
            also without the name of the component that is iterated
        function (positional): of the number of iterations done, 0 at first.
    Hyper-parameters whose change continues training only: see the model; of networks those of the
    optimiser. Put it before Step.
    Report: iterations, values.
    Raises: InvalidModelError when the machine is made, for any other hyper-parameter;
        UnknownFieldError if there is none.
    Example:
        >>> decay = Schedule("optimiser.learning_rate", lambda n: 0.01 * 0.9**n)
        >>> round(decay.value(1, 2), 4)
        0.0081

    Source: ours.
    """

    parameter: str = param(kind=str, positional=True)
    function: Any = param(convert=check_function, positional=True)

    def path(self) -> str:
        """The hyper-parameter."""
        return self.parameter

    def value(self, n: int, n_iterations: int) -> Any:
        """The function of the number of iterations."""
        return self.function(n_iterations)
