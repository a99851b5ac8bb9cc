"""What classifiers share: the finaliser, distributions as predictions, and their modes.

Source: MLJFlux.jl, src/classifier.jl.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlj_keras.builders.base import check_activation
from mlj_keras.containers._network_fit import NetworkModel
from mlj_keras.engine.losses import works_on_logits
from mlj_keras.models import param


def check_finaliser(value: Any) -> Any:
    """A finaliser: None, a name that Keras knows, or a callable."""
    return None if value is None else check_activation(value)


class ClassModel(NetworkModel):
    """A container whose predictions are distributions over classes."""

    default_finaliser: ClassVar[str] = "softmax"

    finaliser: Any = param("softmax", convert=check_finaliser)

    def _finaliser(self) -> Any:
        # A loss of logits trains without finaliser; predictions are probabilities all the same.
        if works_on_logits(self.loss):
            return self.default_finaliser
        return None if self.finaliser == "linear" else self.finaliser
