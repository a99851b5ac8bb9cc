"""`TrainedWrapper`: a model around another that is, once it has learned, a trained model.

Knows what wrappers and trained models are; not how one is found. Source: MLJTuning.jl,
src/tuned_models.jl, and MLJIteration.jl, src/core.jl (`predict` and the like).
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.models import FitOutcome
from mlj_keras.models.wrapper import Wrapper


class TrainedWrapper(Wrapper):
    """Base of wrappers that learn a TrainedModels, or something that has one: `need(operation)`
    gives it or raises, and `with_trained(other)` is the same with another."""

    native_data: ClassVar[bool] = False  # whatever the model's

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        """As the trained model."""
        return fitresult.need("predict").apply("predict", Xnew)

    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        """As the trained model."""
        return fitresult.need("transform").apply("transform", Xnew)

    def inverse_transform(self, fitresult: Any, Xnew: Any) -> Any:
        """As the trained model."""
        return fitresult.need("inverse_transform").apply("inverse_transform", Xnew)

    def feature_importances(self, fitresult: Any, report: dict[str, Any]) -> Any:
        """Those of the trained model."""
        trained: TrainedModels = fitresult.need("feature_importances")
        outcome = trained.outcome
        return trained.model.feature_importances(outcome.fitresult, outcome.report)

    def trained_parts(
        self, outcome: FitOutcome, operation: str
    ) -> dict[str, tuple[Any, FitOutcome]]:
        """The trained model; or the several whose predictions are averaged."""
        trained: TrainedModels = outcome.fitresult.need(operation)
        if len(trained.members) == 1:
            return {"model": trained.members[0]}
        return {f"model[{i}]": each for i, each in enumerate(trained.members)}

    def snapshot(self, outcome: FitOutcome) -> Any:
        """That of the trained model."""
        trained: TrainedModels = outcome.fitresult.need("snapshot")
        return trained.model.snapshot(trained.outcome)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """The trained model with another state."""
        trained: TrainedModels = outcome.fitresult.need("restore")
        restored, model = trained.model.restore(trained.outcome, state)
        fitresult = outcome.fitresult.with_trained(TrainedModels(((model, restored),)))
        return dataclasses.replace(outcome, fitresult=fitresult), self
