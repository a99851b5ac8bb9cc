"""Models: hyper-parameters, kinds, traits and the contract with machines."""

from mlj_keras.models.base import (
    Deterministic,
    Model,
    Probabilistic,
    Static,
    Supervised,
    Unsupervised,
)
from mlj_keras.models.component_model import ComponentModel
from mlj_keras.models.interface import FitOutcome
from mlj_keras.models.params import param
from mlj_keras.models.traits import Traits, info

__all__ = [
    "ComponentModel",
    "Deterministic",
    "FitOutcome",
    "Model",
    "Probabilistic",
    "Static",
    "Supervised",
    "Traits",
    "Unsupervised",
    "info",
    "param",
]
