"""`ImageRegressor`. Source: ours; MLJFlux.jl has no such model."""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.containers._images import ImageModel
from mlj_keras.containers._network_fit import network_traits
from mlj_keras.containers._tabular import check_present
from mlj_keras.containers._targets import NumberTarget
from mlj_keras.data.columns import Column
from mlj_keras.data.scitypes import Continuous, Image, Vector
from mlj_keras.models import Deterministic, Traits, param


class ImageRegressor(ImageModel, Deterministic):
    """A neural network that predicts one Continuous target from images.

    Training data: `machine(model, X, y)` with X images as for ImageClassifier, and y a column of
        Continuous; w a vector of weights.

    Hyper-parameters: those of ImageClassifier without finaliser; loss: default
    "mean_squared_error"; standardise: scale the target by statistics of the training rows, default
    True.
    Operations: `predict` gives a column of floats as y came.
    Fitted parameters, report: as NeuralNetworkRegressor.
    Raises: InvalidModelError for impossible values, UnknownFieldError for unknown ones.

    Example:
        >>> from mlj_keras.containers import ImageRegressor
        >>> ImageRegressor(rng=3)
        ImageRegressor(rng=3)

    Source: ours.
    """

    traits: ClassVar[Traits] = network_traits(Vector[Image], Vector[Continuous])

    standardise: bool = param(True, kind=bool)

    def _check_target(self, y: Column) -> None:
        check_present(y)

    def _fit_target(self, y: Column) -> NumberTarget:
        return NumberTarget.fit(y, standardise=self.standardise)
