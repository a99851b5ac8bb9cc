"""`Wrapper`: a model that holds another, and hands on to it all that it does not do itself.

Knows models only. Source: MLJBase.jl, src/composition/inspection.jl and the wrappers of MLJ.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.errors import MLJKerasWarning
from mlj_keras.models.base import Model
from mlj_keras.models.diagram import Drawn
from mlj_keras.models.interface import FitOutcome, Operations
from mlj_keras.models.params import param
from mlj_keras.models.traits import Traits


def check_model(value: Any) -> Any:
    """A model as it is. Raises: TypeError for a class, and for what is no model."""
    if isinstance(value, Model) and hasattr(value, "own_traits"):
        return value
    given = f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
    raise TypeError(f"must be a model such as Standardizer(), got {given}")


class WrappedOperations(Operations):
    """Operations, and what is told of the learned, by the model in the field `model`."""

    model: Any

    @property
    def inner(self) -> Any:
        """The model."""
        return self.model

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        """As the model."""
        return self.inner.predict(fitresult, Xnew)

    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        """As the model."""
        return self.inner.transform(fitresult, Xnew)

    def inverse_transform(self, fitresult: Any, Xnew: Any) -> Any:
        """As the model."""
        return self.inner.inverse_transform(fitresult, Xnew)

    def fitted_params(self, fitresult: Any) -> dict[str, Any]:
        """As the model."""
        return dict(self.inner.fitted_params(fitresult))

    def training_losses(self, report: dict[str, Any]) -> Any:
        """As the model."""
        return self.inner.training_losses(report)

    def feature_importances(self, fitresult: Any, report: dict[str, Any]) -> Any:
        """As the model."""
        return self.inner.feature_importances(fitresult, report)

    def trained_parts(
        self, outcome: FitOutcome, operation: str
    ) -> dict[str, tuple[Any, FitOutcome]]:
        """The model, which has learned the same."""
        return {"model": (self.inner, outcome)}


class Wrapper(Drawn, Model, WrappedOperations):
    """Base of models around another, which they hold in the field `model`."""

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )

    model: Any = param(positional=True, convert=check_model)

    @property
    def native_data(self) -> bool:  # type: ignore[override]  # that of the model
        """The form in which the model takes data."""
        return bool(self.inner.native_data)

    @property
    def checkpoints(self) -> bool:  # type: ignore[override]  # as above
        """Whether the model's training can be written epoch by epoch."""
        return bool(self.inner.checkpoints)

    def with_model(self, model: Any) -> Any:
        """The same around another model; itself around its own."""
        return self if model is self.inner else self.replace({"model": model})

    def own_traits(self) -> Traits:
        """Those of the model."""
        inner: Traits = self.inner.own_traits()
        parameter = inner.iteration_parameter
        return dataclasses.replace(
            inner,
            is_wrapper=True,
            iteration_parameter=None if parameter is None else f"model.{parameter}",
        )

    def has_operation(self, name: str) -> bool:
        """As the model."""
        return bool(self.inner.has_operation(name))

    def transformed_columns(self, columns: Mapping[Any, Any]) -> dict[Any, Any] | None:
        """As the model."""
        found: dict[Any, Any] | None = self.inner.transformed_columns(columns)
        return found

    def resolve(self, *scitypes: Any) -> Any:
        """Around a model that data have made definite."""
        return self.with_model(self.inner.resolve(*scitypes))

    def settled(self, n_rows: int) -> Any:
        """Around a model that has chosen by the number of rows."""
        return self.with_model(self.inner.settled(n_rows))

    def check_data(self, *data: Any) -> None:
        """As the model."""
        self.inner.check_data(*data)

    def doubts(self, *data: Any) -> list[MLJKerasWarning]:
        """As the model."""
        found: list[MLJKerasWarning] = self.inner.doubts(*data)
        return found

    def check_target(self, y: Any) -> None:
        """As the model."""
        self.inner.check_target(y)

    def snapshot(self, outcome: FitOutcome) -> Any:
        """As the model."""
        return self.inner.snapshot(outcome)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """As the model."""
        restored, model = self.inner.restore(outcome, state)
        return restored, self.with_model(model)
