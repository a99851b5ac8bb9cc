"""`EntityEmbedder`. Source: MLJFlux.jl, src/mlj_embedder_interface.jl."""

from __future__ import annotations

from typing import Any, ClassVar

from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers._tabular import TABULAR, TabularModel
from mlj_keras.containers.neural_network import NeuralNetwork
from mlj_keras.data.scitypes import Continuous, Table
from mlj_keras.errors import MLJKerasWarning
from mlj_keras.models import Traits, Unsupervised, param
from mlj_keras.models.interface import Change, FitOutcome, PartialFit


def _check_model(value: Any) -> TabularModel | NeuralNetwork:
    if isinstance(value, TabularModel | NeuralNetwork):
        return value
    given = f"the class {value.__name__}" if isinstance(value, type) else repr(value)
    raise TypeError(
        "EntityEmbedder wraps a neural-network model of tables, such as "
        f"NeuralNetworkClassifier(), got {given}"
    )


class EntityEmbedder(Unsupervised):
    """A transformer that replaces factors by the embeddings that a supervised network learns for
    them.

    Training data: `machine(EntityEmbedder(model), X, y)` with the data of the wrapped model.

    Hyper-parameters: model (positional): a neural-network model of tables, or a NeuralNetwork that
        picks one; its own are nested, "model.epochs".
    Operations: `transform(mach, Xnew)`: each factor `f` becomes the columns `f_1`, `f_2`, ... in
        its place; the rest is unchanged.
    Fitted parameters: `network`, `embeddings`. Report: that of the wrapped model. Raising the
        wrapped epochs is a warm restart.
    Raises: InvalidModelError if the wrapped model is not one of ours for tables.

    Example:
        >>> from mlj_keras.containers import EntityEmbedder, NeuralNetworkRegressor
        >>> EntityEmbedder(NeuralNetworkRegressor(epochs=5))
        EntityEmbedder(model=NeuralNetworkRegressor(epochs=5))

    Source: MLJFlux.jl, src/mlj_embedder_interface.jl. There more epochs mean a cold refit, and
        image models are accepted.
    """

    traits: ClassVar[Traits] = Traits(
        input_scitype=TABULAR,
        output_scitype=Table[Continuous],
        supervised=False,
        target_in_fit=True,
        is_wrapper=True,
        supports_weights=True,
        supports_class_weights=True,
        supports_training_losses=True,
        iteration_parameter="model.epochs",
        package_name="mlj_keras",
        package_license="MIT",
    )
    native_data: ClassVar[bool] = False
    checkpoints: ClassVar[bool] = True

    model: Any = param(convert=_check_model, positional=True)

    def own_traits(self) -> Traits:
        """The target is what the wrapped model takes."""
        return self.traits.with_target(self.model.traits.target_scitype)

    def resolve(self, *scitypes: Any) -> EntityEmbedder:
        """Around the container for these data."""
        model = self.model.resolve(*scitypes)
        return self if model is self.model else EntityEmbedder(model)

    def check_data(self, *args: Any) -> None:
        """What the wrapped model checks."""
        self.model.check_data(*args)

    def doubts(self, *args: Any) -> list[MLJKerasWarning]:
        """Those of the wrapped model."""
        found: list[MLJKerasWarning] = self.model.doubts(*args)
        return found

    def fit(self, verbosity: int, X: Any, y: Any = None, w: Any = None) -> FitOutcome:
        """Train the wrapped network."""
        try:
            outcome: FitOutcome = self.model.fit(verbosity, X, y, w)
        except PartialFit as partial:
            raise self._wrapped(partial) from None
        return outcome

    def update(
        self,
        verbosity: int,
        outcome: FitOutcome,
        old_model: Any,
        X: Any,
        y: Any = None,
        w: Any = None,
    ) -> FitOutcome:
        """Continue training the wrapped network where it can."""
        try:
            updated: FitOutcome = self.model.update(verbosity, outcome, old_model.model, X, y, w)
        except PartialFit as partial:
            raise self._wrapped(partial) from None
        return updated

    def _wrapped(self, partial: PartialFit) -> PartialFit:
        """What was kept of the wrapped network, as what was kept of this model."""
        return PartialFit(partial.outcome, EntityEmbedder(partial.model), partial.cause)

    def change_since(self, old_model: Any) -> Change:
        """As the wrapped model judges."""
        if type(self) is not type(old_model):
            return "update"
        change: Change = self.model.change_since(old_model.model)
        return change

    def transform(self, fitresult: NetworkFit, Xnew: Any) -> Any:
        """X with factors replaced by their embeddings, as it came."""
        return self.model.transform(fitresult, Xnew)

    def fitted_params(self, fitresult: NetworkFit) -> dict[str, Any]:
        """`network` and `embeddings`."""
        return {"network": fitresult.network(), "embeddings": fitresult.embeddings()}

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the wrapped network."""
        return self.model.training_losses(report)

    def snapshot(self, outcome: FitOutcome) -> Any:
        """That of the wrapped network."""
        return self.model.snapshot(outcome)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, EntityEmbedder]:
        """The wrapped network put back."""
        restored, model = self.model.restore(outcome, state)
        return restored, EntityEmbedder(model)

    def trained_parts(
        self, outcome: FitOutcome, operation: str
    ) -> dict[str, tuple[Any, FitOutcome]]:
        """The wrapped network, which has learned the same."""
        return {"model": (self.model, outcome)}

    def to_keras(self, fitresult: NetworkFit, *, finaliser: bool, processing: bool) -> Any:
        """The wrapped network as a fresh Keras model."""
        return self.model.to_keras(fitresult, finaliser=finaliser, processing=processing)
