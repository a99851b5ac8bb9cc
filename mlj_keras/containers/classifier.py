"""`NeuralNetworkClassifier`. Source: MLJFlux.jl, src/classifier.jl."""

from __future__ import annotations

from typing import Any, ClassVar

from mlj_keras.containers._classes import ClassModel
from mlj_keras.containers._network_fit import network_traits
from mlj_keras.containers._tabular import TABULAR, TabularModel, check_classes
from mlj_keras.containers._targets import ClassTarget
from mlj_keras.data.columns import Column
from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.engine.losses import check_loss_value
from mlj_keras.models import Probabilistic, Traits, param


class NeuralNetworkClassifier(TabularModel, ClassModel, Probabilistic):
    """A neural network that predicts a distribution over the classes of a Finite target.

    Training data: `machine(model, X, y)` with X a table of Continuous and Finite columns (factors
    go through entity embeddings) or a matrix, and y a column of Multiclass or OrderedFactor; also
    `machine(model, X, y, w)`, w a vector of weights, a dict from level to weight, or "balanced".
    There is an output for every level of the pool of y, seen or not.

    Hyper-parameters: those of NeuralNetworkRegressor, but
        loss: default "categorical_crossentropy"; y_true is one-hot (n, K), or codes (n,) for
            "sparse_..." losses.
        finaliser: what follows the builder's network, default "softmax"; a network that ends in it
            gets no second one, and a from-logits loss gets it at predict only.
        standardise: scales X alone.
    Operations: `predict` gives a UnivariateFiniteVector, `predict_mode` a column of labels as y
        came; `transform` puts embeddings.
    Fitted parameters, report: as NeuralNetworkRegressor.
    Raises: InvalidModelError for impossible values, UnknownFieldError for unknown ones.

    Example:
        >>> from mlj_keras.builders import MLP
        >>> from mlj_keras.containers import NeuralNetworkClassifier
        >>> NeuralNetworkClassifier(builder=MLP(hidden=(32, 32)), optimizer="sgd", rng=42)
        NeuralNetworkClassifier(builder=MLP(hidden=(32, 32)), optimiser=SGD(), rng=42)

    Source: MLJFlux.jl, src/classifier.jl and src/types.jl.
    """

    traits: ClassVar[Traits] = network_traits(TABULAR, Vector[Finite])

    loss: Any = param("categorical_crossentropy", convert=check_loss_value)

    def _check_target(self, y: Column) -> None:
        check_classes(y)

    def _fit_target(self, y: Column) -> ClassTarget:
        return ClassTarget.fit(y, binary=False)
