"""Inspection: what a trained machine has learned of each column, whatever its model."""

from mlj_keras.inspection.partial_dependence import PartialDependence, partial_dependence
from mlj_keras.inspection.permutation_importance import (
    PermutationImportance,
    permutation_importance,
)
from mlj_keras.inspection.reproducibility_report import (
    ReproducibilityReport,
    TrainedPart,
    reproducibility_report,
)

__all__ = [
    "PartialDependence",
    "PermutationImportance",
    "ReproducibilityReport",
    "TrainedPart",
    "partial_dependence",
    "permutation_importance",
    "reproducibility_report",
]
