"""Composition: models that are made of other models."""

from mlj_keras.composition.freezable import Freezable
from mlj_keras.composition.network_composite import NetworkComposite
from mlj_keras.composition.pipeline import Pipeline
from mlj_keras.composition.transformed_target_model import TransformedTargetModel

__all__ = ["Freezable", "NetworkComposite", "Pipeline", "TransformedTargetModel"]
