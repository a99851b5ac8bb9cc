"""Distributions over classes, and the operations on them."""

from mlj_keras.probability.mixture import Mixture
from mlj_keras.probability.operations import logpdf, mode, pdf, support
from mlj_keras.probability.univariate_finite import UnivariateFinite, UnivariateFiniteVector

__all__ = [
    "Mixture",
    "UnivariateFinite",
    "UnivariateFiniteVector",
    "logpdf",
    "mode",
    "pdf",
    "support",
]
