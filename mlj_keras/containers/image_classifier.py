"""`ImageClassifier`. Source: MLJFlux.jl, src/image.jl."""

from __future__ import annotations

from typing import Any, ClassVar

from mlj_keras.containers._classes import ClassModel
from mlj_keras.containers._images import ImageModel
from mlj_keras.containers._network_fit import network_traits
from mlj_keras.containers._tabular import check_classes
from mlj_keras.containers._targets import ClassTarget
from mlj_keras.data.columns import Column
from mlj_keras.data.scitypes import Finite, Image, Vector
from mlj_keras.engine.losses import check_loss_value
from mlj_keras.models import Probabilistic, Traits, param


class ImageClassifier(ImageModel, ClassModel, Probabilistic):
    """A neural network that predicts a distribution over classes from images.

    Training data: `machine(model, X, y)` with X gray or colour images of one size: an array (n,
    height, width) or (n, height, width, channels), a list of arrays or of PIL images, or what
    `coerce(paths, GrayImage)` gave; y a column of Multiclass or OrderedFactor. Pixels of uint8
    are divided by 255, of uint16 by 65535, floats are taken as they are; new images have pixels of
    the same kind. Weights as NeuralNetworkClassifier.

    Hyper-parameters: those of NeuralNetworkClassifier, without embedding_dims and standardise;
        builder: default ImageCNN().
    Operations: `predict` gives a UnivariateFiniteVector, `predict_mode` a column of labels as y
        came.
    Fitted parameters, report: as NeuralNetworkRegressor.
    Raises: InvalidModelError for impossible values, UnknownFieldError for unknown ones.

    Example:
        >>> from mlj_keras.containers import ImageClassifier
        >>> ImageClassifier(epochs=5).builder
        ImageCNN()

    Source: MLJFlux.jl, src/image.jl.
    """

    traits: ClassVar[Traits] = network_traits(Vector[Image], Vector[Finite])

    loss: Any = param("categorical_crossentropy", convert=check_loss_value)

    def _check_target(self, y: Column) -> None:
        check_classes(y)

    def _fit_target(self, y: Column) -> ClassTarget:
        return ClassTarget.fit(y, binary=False)
