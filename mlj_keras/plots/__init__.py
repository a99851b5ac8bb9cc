"""Plots: plain arrays in, axes out."""

from mlj_keras.plots.training_losses import plot_losses

__all__ = ["plot_losses"]
