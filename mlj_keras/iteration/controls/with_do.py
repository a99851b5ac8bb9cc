"""`With...Do`: call a function of something in each cycle. Source: IterationControl.jl and
MLJIteration.jl, src/controls.jl.

All have the same hyper-parameters: f (positional), a function; without one the value is logged, if
verbosity > 0; stop_if_true, default False: iteration ends if the function gives True;
stop_message: what is said then.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import Setting
from mlj_keras.iteration.controls.actions import FunctionControl
from mlj_keras.machine import fitted_params, report


class WithLossDo(FunctionControl):
    """Call f(loss), the measurement as it is.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: loss (the last), done, log.
    Example:
        >>> losses = []
        >>> WithLossDo(losses.append).may_stop()
        False

    Source: IterationControl.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The loss."""
        return run.loss

    def kept(self, value: Any) -> dict[str, Any]:
        """The loss."""
        return {"loss": value}

    def check_setting(self, setting: Setting) -> None:
        """Raise if there will be no losses."""
        if not setting.has_losses:
            raise InvalidModelError(
                f"WithLossDo needs losses, and {setting.name} reports none in training. "
                "Give resampling=Holdout()."
            )


class WithTrainingLossesDo(FunctionControl):
    """Call f(losses), those of the iterations of the last training, a list.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: latest_training_losses, done, log.
    Example:
        >>> WithTrainingLossesDo(lambda losses: max(losses) > 10, stop_if_true=True).may_stop()
        True

    Source: IterationControl.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The losses."""
        return run.training_losses

    def kept(self, value: Any) -> dict[str, Any]:
        """The losses."""
        return {"latest_training_losses": value}

    def check_setting(self, setting: Setting) -> None:
        """Raise if there will be none."""
        if not setting.has_training_losses:
            raise InvalidModelError(
                f"WithTrainingLossesDo needs training losses, and {setting.name} reports "
                "none. Leave it out."
            )


class WithNumberDo(FunctionControl):
    """Call f(n), the number of the cycle, 1, 2, ...

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> WithNumberDo(print).may_stop()
        False

    Source: IterationControl.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The number."""
        return n


class WithIterationsDo(FunctionControl):
    """Call f(n), the number of iterations done in all.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> WithIterationsDo(lambda n: n >= 500, stop_if_true=True).may_stop()
        True

    Source: MLJIteration.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The number of iterations."""
        return run.n_iterations


class WithEvaluationDo(FunctionControl):
    """Call f(evaluation), the PerformanceEvaluation of all measures.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> WithEvaluationDo(lambda e: print(e.measurement)).may_stop()
        False

    Source: MLJIteration.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The evaluation."""
        return run.evaluation


class WithFittedParamsDo(FunctionControl):
    """Call f(fitted_params(machine)) of the machine that is trained.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> WithFittedParamsDo(lambda learned: print(learned.network)).may_stop()
        False

    Source: MLJIteration.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """What was learned."""
        return fitted_params(run.machine)


class WithReportDo(FunctionControl):
    """Call f(report(machine)) of the machine that is trained.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> WithReportDo(lambda report: print(report.epochs)).may_stop()
        False

    Source: MLJIteration.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The report."""
        return report(run.machine)


class WithModelDo(FunctionControl):
    """Call f(model), the model that is trained, which may be changed in place.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> def slower(model):
        ...     model.optimiser.learning_rate *= 0.9
        >>> WithModelDo(slower).may_stop()
        False

    Source: MLJIteration.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The model."""
        return run.model


class WithMachineDo(FunctionControl):
    """Call f(machine), the machine that is trained.

    Hyper-parameters: f (positional), stop_if_true, stop_message: as in `Callback`.
    Report: done, log.
    Example:
        >>> WithMachineDo(lambda mach: print(mach.state)).may_stop()
        False

    Source: MLJIteration.jl, src/controls.jl.
    """

    def of_run(self, run: Any, n: int) -> Any:
        """The machine."""
        return run.machine
