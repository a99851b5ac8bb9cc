"""Inspection: what a trained machine has learned of each column, whatever its model."""

from mlj_keras.inspection.partial_dependence import PartialDependence, partial_dependence
from mlj_keras.inspection.permutation_importance import (
    PermutationImportance,
    permutation_importance,
)

__all__ = [
    "PartialDependence",
    "PermutationImportance",
    "partial_dependence",
    "permutation_importance",
]
