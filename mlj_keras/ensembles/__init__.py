"""Ensembles: many of one model, whose predictions are put together."""

from mlj_keras.ensembles.ensemble_model import EnsembleModel

__all__ = ["EnsembleModel"]
