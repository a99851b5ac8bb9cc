"""Interoperation with other libraries."""

from mlj_keras.interop.export import export
from mlj_keras.interop.keras_callback import KerasCallback
from mlj_keras.interop.keras_export import to_keras
from mlj_keras.interop.sklearn_estimator import as_estimator

__all__ = ["KerasCallback", "as_estimator", "export", "to_keras"]
