"""What a trained network answers: operations, and what is told of what was learned.

Knows networks; not how they are trained. Source: MLJBase.jl,
src/composition/models/network_composite.jl.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.composition.network import Network
from mlj_keras.data.edges import inward, outward
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.models.interface import FitOutcome, Operations


class NetworkAnswers(Operations):
    """The operations of a model that learns a Network."""

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
        return {**fitresult.fitted_params(), **fitresult.values}

    def trained_parts(
        self, outcome: FitOutcome, operation: str
    ) -> dict[str, tuple[Any, FitOutcome]]:
        """What each machine has learned, by the name of its model, or else of its class."""
        network: Network = outcome.fitresult
        found = network.by_name(lambda machine: machine.trained(operation), others=True)
        return {
            f"{name}[{i}]" if isinstance(each, list) else name: kept
            for name, each in found.items()
            for i, kept in enumerate(each if isinstance(each, list) else [each])
        }

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
