"""Interoperation with other libraries."""

from mlj_keras.interop.keras_export import to_keras

__all__ = ["to_keras"]
