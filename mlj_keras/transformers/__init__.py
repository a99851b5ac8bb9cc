"""Transformers: unsupervised models for tables and columns."""

from mlj_keras.transformers.standardizer import Standardizer

__all__ = ["Standardizer"]
