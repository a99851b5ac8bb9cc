"""`Mixture`: one of several distributions of numbers, each with its probability.

Knows of the distributions only what they can be asked. Source: Distributions.jl, `MixtureModel`,
as MLJEnsembles.jl uses it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.errors import UnsupportedOperation

optimize = lazy_module("scipy.optimize")


@dataclasses.dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of distributions of numbers: a draw is one of the component that is drawn first.

    Args: components: distributions with `mean()`, and `pdf(x)`, `cdf(x)` for those here: SciPy's
        frozen ones, or a model's own · weights: their probabilities.
    Example:
        >>> from scipy.stats import norm
        >>> mixture = Mixture((norm(0, 1), norm(4, 1)), (0.75, 0.25))
        >>> mixture.mean(), round(mixture.cdf(2.0), 3)
        (1.0, 0.739)

    Source: Distributions.jl, `MixtureModel`.
    """

    components: tuple[Any, ...]
    weights: tuple[float, ...]

    def mean(self) -> float:
        """Σ w mean."""
        mean: float = self._sum("mean")
        return mean

    def pdf(self, x: Any) -> Any:
        """Σ w pdf(x); of counts Σ w pmf(x)."""
        return self._sum("pmf" if hasattr(self.components[0], "pmf") else "pdf", x)

    def cdf(self, x: Any) -> Any:
        """Σ w cdf(x)."""
        return self._sum("cdf", x)

    def median(self) -> float:
        """Where the distribution function is a half.

        Raises: UnsupportedOperation for components without a median and a distribution function.
        """
        middles = [float(self._ask(each, "median")) for each in self.components]
        low, high = min(middles), max(middles)
        if low == high or self.cdf(low) >= 0.5:  # the latter of values with gaps between them
            return low
        if self.cdf(high) <= 0.5:  # by rounding
            return high
        return float(optimize.brentq(lambda x: self.cdf(x) - 0.5, low, high, xtol=1e-12))

    def mode(self) -> float:
        """Raises UnsupportedOperation: a mixture may have several."""
        raise UnsupportedOperation(
            "A mixture of distributions may have several modes. Use predict_mean or "
            "predict_median."
        )

    def _sum(self, name: str, *args: Any) -> Any:
        values = [np.asarray(self._ask(each, name, *args), float) for each in self.components]
        found = np.tensordot(np.asarray(self.weights), np.stack(values), axes=1)
        return found if found.ndim else float(found)

    @staticmethod
    def _ask(component: Any, name: str, *args: Any) -> Any:
        if not hasattr(component, name):
            raise UnsupportedOperation(
                f"A mixture has a {name} if its components have one, and "
                f"{type(component).__name__} has none."
            )
        return getattr(component, name)(*args)
