"""The registry: which models there are, what is known of them, and which fit some data."""

from mlj_keras.registry.catalog import ModelEntry
from mlj_keras.registry.matching import Matching, matching
from mlj_keras.registry.search import ModelList, doc, info, load, models

__all__ = [
    "Matching",
    "ModelEntry",
    "ModelList",
    "doc",
    "info",
    "load",
    "matching",
    "models",
]
