"""`NeuralNetwork`: a specification without a container of its own, and `container_for`, the table
that picks one.

Source: ours; MLJ has no such model. The table is that of the dispatch in MLJFlux.jl,
docs/src/interface/Summary.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.builders import Builder
from mlj_keras.builders.convert import as_builder
from mlj_keras.builders.entity_embedding import check_embedding_dims
from mlj_keras.builders.keras_model import KerasModelBuilder
from mlj_keras.containers._classes import check_finaliser
from mlj_keras.containers._network_fit import NetworkModel
from mlj_keras.containers.binary_classifier import NeuralNetworkBinaryClassifier
from mlj_keras.containers.classifier import NeuralNetworkClassifier
from mlj_keras.containers.image_classifier import ImageClassifier
from mlj_keras.containers.image_regressor import ImageRegressor
from mlj_keras.containers.multitarget_regressor import MultitargetNeuralNetworkRegressor
from mlj_keras.containers.regressor import NeuralNetworkRegressor
from mlj_keras.data.inference import scitype
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Image,
    Scitype,
    Table,
    Textual,
    Vector,
    non_missing,
)
from mlj_keras.engine.losses import check_loss_value
from mlj_keras.errors import BuilderError, ScitypeError
from mlj_keras.models import Supervised, Traits, param

_DISPATCH: tuple[tuple[Scitype, Scitype, type[NetworkModel]], ...] = (
    (Table, Vector[Continuous], NeuralNetworkRegressor),
    (Table, Table[Continuous], MultitargetNeuralNetworkRegressor),
    (Table, Vector[Finite[2]], NeuralNetworkBinaryClassifier),
    (Table, Vector[Finite], NeuralNetworkClassifier),
    (Vector[Image], Vector[Finite], ImageClassifier),
    (Vector[Image], Vector[Continuous], ImageRegressor),
)


def container_for(X: Any, y: Any) -> type[NetworkModel]:
    """The container that a NeuralNetwork specification takes for these data.

    Args:
        X: a table, matrix or images
        y: a column, table or matrix; both of any accepted kind.
    Returns: a model class, such as NeuralNetworkClassifier.
    Raises: ScitypeError if no container fits, with the `coerce` call that would make one fit.
    Example:
        >>> import numpy as np
        >>> container_for(np.zeros((3, 2)), [0.5, 1.5, 2.5]).__name__
        'NeuralNetworkRegressor'

    Source: ours.
    """
    return container_of(scitype(X), scitype(y))


def container_of(x_scitype: Scitype, y_scitype: Scitype) -> type[NetworkModel]:
    """The container for data of these scitypes; see container_for."""
    # Missing values change nothing about the container, which then says where they are.
    present = _present(y_scitype)
    for x, y, container in _DISPATCH:
        if x_scitype <= x and present <= y:
            return container
    raise ScitypeError(_advice(x_scitype, y_scitype))


def _present(scitype: Scitype) -> Scitype:
    if scitype.kind != "container" or scitype.args is None:
        return scitype
    whole = Table if scitype.name == "Table" else Vector
    return whole[tuple(non_missing(element) for element in scitype.args)]


def _advice(x: Scitype, y: Scitype) -> str:
    if not (x <= Table or x <= Vector[Image]):
        return (
            f"X must be a table or images, and has scitype {x}. Pass a table, a 2-D array, or an "
            "array of images."
        )
    start = f"No network fits a target of scitype {y}. "
    y = _present(y)
    if y <= Vector[Count]:
        return start + (
            "Its integers are classes: y = coerce(y, Multiclass); or measurements: y = coerce(y, "
            "Continuous)."
        )
    if y <= Vector[Textual]:
        return start + "Its strings are classes: y = coerce(y, Multiclass)."
    if x <= Vector[Image] and y.name == "Table":
        return start + "Images take one target: a column of classes or of numbers."
    if y <= Table[Continuous, Count]:
        return start + "Its integers are measurements: y = coerce(y, {Count: Continuous})."
    return start + (
        "A target is a column or table of Continuous, or a column of Multiclass or OrderedFactor, "
        "without missing values."
    )


class NeuralNetwork(NetworkModel, Supervised):
    """A network specification that picks its container when its machine meets data.

    Training data: `machine(NeuralNetwork(...), X, y)`. The scitypes of X and y decide: a
    Continuous column makes it a NeuralNetworkRegressor, a table of them a
    MultitargetNeuralNetworkRegressor, two classes a NeuralNetworkBinaryClassifier, more a
    NeuralNetworkClassifier, images an ImageClassifier or ImageRegressor. `mach.model` stays this
    object, `mach.container` is the class that was picked.

    Hyper-parameters: those of the containers; None for builder, loss and finaliser (the defaults)
        means the container's own. A value of one that the container lacks, such as finaliser
        for a regressor, has no effect; `machine` warns of it.
    Raises: InvalidModelError, UnknownFieldError as the containers; ScitypeError at `machine` if no
        container fits.

    Example:
        >>> from mlj_keras.containers import NeuralNetwork
        >>> NeuralNetwork(epochs=3, rng=1)
        NeuralNetwork(epochs=3, rng=1)

    Source: ours.
    """

    traits: ClassVar[Traits] = Traits(
        supports_weights=True,
        supports_class_weights=True,
        supports_training_losses=True,
        iteration_parameter="epochs",
        package_name="mlj_keras",
        package_license="MIT",
    )

    builder: Builder | None = param(
        None, convert=lambda value: None if value is None else as_builder(value)
    )  # type: ignore[assignment]  # not yet a builder until data are met
    loss: Any = param(None, convert=lambda v: None if v is None else check_loss_value(v))
    finaliser: Any = param(None, convert=check_finaliser)
    embedding_dims: Mapping[str, int | float] = param(factory=dict, convert=check_embedding_dims)
    standardise: bool = param(True, kind=bool)

    def resolve(self, *scitypes: Scitype) -> NetworkModel:
        """The container with this specification's values.

        Raises: ScitypeError if no container fits; BuilderError for a Keras model of two outputs
            and a target of two classes.
        """
        container = container_of(*scitypes[:2])
        if container is NeuralNetworkBinaryClassifier:
            _check_outputs(self.builder)
        names = {field for field in container().fields()}
        given = {name: getattr(self, name) for name in self.fields() if name in names}
        own = {
            name: value
            for name, value in given.items()
            if not (value is None and name in _CONTAINERS_OWN)
        }
        return container(**own)


_CONTAINERS_OWN = ("builder", "loss", "finaliser")


def _check_outputs(builder: Builder | None) -> None:
    if not isinstance(builder, KerasModelBuilder):
        return
    shape = getattr(builder.model, "output_shape", None)  # a model without inputs has none yet
    if isinstance(shape, tuple) and shape[-1:] == (2,):
        raise BuilderError(
            f"The Keras model {builder.model.name!r} has 2 outputs, and for two classes "
            "NeuralNetwork takes NeuralNetworkBinaryClassifier, whose network has 1. Write "
            "NeuralNetworkClassifier instead of NeuralNetwork, or end the model in Dense(1)."
        )
