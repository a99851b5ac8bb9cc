"""`NeuralNetworkBinaryClassifier`. Source: MLJFlux.jl, src/classifier.jl."""

from __future__ import annotations

from typing import Any, ClassVar

from mlj_keras.containers._classes import ClassModel, check_finaliser
from mlj_keras.containers._network_fit import network_traits
from mlj_keras.containers._tabular import TABULAR, TabularModel, check_classes
from mlj_keras.containers._targets import ClassTarget
from mlj_keras.data.columns import Column
from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.engine.losses import check_loss_value
from mlj_keras.models import Probabilistic, Traits, param


class NeuralNetworkBinaryClassifier(TabularModel, ClassModel, Probabilistic):
    """A neural network with one output: the probability of the second of two classes.

    Training data: `machine(model, X, y)` with X as for NeuralNetworkClassifier, and y a column of
    a Finite scitype with two levels. The positive class is the second level of the pool, ordered
    or not: `coerce(y, OrderedFactor, levels=["no", "yes"])`.

    Hyper-parameters: those of NeuralNetworkClassifier, but
        loss: default "binary_crossentropy"; y_true is (n, 1), 1 for the second level.
        finaliser: default "sigmoid".
    Operations, fitted parameters, report: as NeuralNetworkClassifier. The builder gets n_out = 1.
    Raises: InvalidModelError for impossible values, UnknownFieldError for unknown ones.

    Example:
        >>> from mlj_keras.containers import NeuralNetworkBinaryClassifier
        >>> NeuralNetworkBinaryClassifier().finaliser
        'sigmoid'

    Source: MLJFlux.jl, src/classifier.jl.
    """

    traits: ClassVar[Traits] = network_traits(TABULAR, Vector[Finite[2]])
    default_finaliser: ClassVar[str] = "sigmoid"

    loss: Any = param("binary_crossentropy", convert=check_loss_value)
    finaliser: Any = param("sigmoid", convert=check_finaliser)

    def _check_target(self, y: Column) -> None:
        check_classes(y)

    def _fit_target(self, y: Column) -> ClassTarget:
        return ClassTarget.fit(y, binary=True)
