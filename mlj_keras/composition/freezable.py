"""`Freezable`: a model that can be kept from being trained again.

Knows models only. Source: MLJBase.jl, `Freezable`, and the table of src/machines.jl.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.models import FitOutcome, param
from mlj_keras.models.interface import Change, PartialFit
from mlj_keras.models.wrapper import Wrapper


class Freezable(Wrapper):
    """A model that trains once, and then not again as long as `frozen` is True: not for other
    rows, not by force, and not as a part of a pipeline.

    Hyper-parameters: model (positional): any model; frozen: bool, default False.
    Training data, operations, fitted parameters, report: those of the model.
    Raises: InvalidModelError for anything but a model.

    Example:
        >>> import mlj_keras as mlj
        >>> model = Freezable(mlj.Standardizer(), frozen=True)
        >>> mach = mlj.fit(mlj.machine(model, [1.0, 2.0, 3.0]), rows=[0, 1], verbosity=0)
        >>> mlj.fitted_params(mlj.fit(mach, verbosity=0)).means
        {'y': 1.5}

    Source: MLJBase.jl, `Freezable`.
    """

    frozen: bool = param(False, kind=bool)

    def change_since(self, old_model: Any) -> Change:
        """As the model; freezing itself changes nothing."""
        if type(self) is not type(old_model) or type(self.model) is not type(old_model.model):
            return "update"
        change: Change = self.model.change_since(old_model.model)
        return change

    def fit(self, verbosity: int, *data: Any) -> Any:
        """Train the model."""
        return self._kept(self.model.fit, verbosity, *data)

    def update(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> Any:
        """Update the model; train it if it is another."""
        if type(self.model) is not type(old_model.model):
            return self.fit(verbosity, *data)
        return self._kept(self.model.update, verbosity, outcome, old_model.model, *data)

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> Any:
        """Train the model on other data."""
        return self._kept(self.model.refit, verbosity, outcome, old_model.model, *data)

    def paused(self, outcome: FitOutcome) -> FitOutcome:
        """As the model, which has learned the same."""
        found: FitOutcome = self.model.paused(outcome)
        return found

    def forget(self) -> None:
        """What the model has written, unless it is frozen."""
        if not self.frozen:
            super().forget()

    def _kept(self, train: Any, *arguments: Any) -> Any:
        try:
            return train(*arguments)
        except PartialFit as partial:
            model = self.with_model(partial.model)
            raise PartialFit(partial.outcome, model, partial.cause) from None
