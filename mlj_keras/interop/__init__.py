"""Interoperation with other libraries."""

from mlj_keras.interop.keras_export import to_keras
from mlj_keras.interop.sklearn_estimator import as_estimator

__all__ = ["as_estimator", "to_keras"]
