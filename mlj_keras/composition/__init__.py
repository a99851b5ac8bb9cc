"""Composition: models that are made of other models."""

from mlj_keras.composition.balanced_model import BalancedModel
from mlj_keras.composition.binary_threshold_predictor import BinaryThresholdPredictor
from mlj_keras.composition.freezable import Freezable
from mlj_keras.composition.network_composite import NetworkComposite
from mlj_keras.composition.pipeline import Pipeline
from mlj_keras.composition.recursive_feature_elimination import RecursiveFeatureElimination
from mlj_keras.composition.stack import Stack
from mlj_keras.composition.transformed_target_model import TransformedTargetModel

__all__ = [
    "BalancedModel",
    "BinaryThresholdPredictor",
    "Freezable",
    "NetworkComposite",
    "Pipeline",
    "RecursiveFeatureElimination",
    "Stack",
    "TransformedTargetModel",
]
