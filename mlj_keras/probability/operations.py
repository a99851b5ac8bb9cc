"""MLJ's functions on distributions: mode, pdf, logpdf, support.

They take one distribution or a vector of them. Knows distributions only.
Source: Distributions.jl as extended by CategoricalDistributions.jl, src/methods.jl.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.errors import UnsupportedOperation
from mlj_keras.probability._finite import Label
from mlj_keras.probability.univariate_finite import UnivariateFinite, UnivariateFiniteVector


def pdf(d: Any, x: Any) -> Any:
    """The probability of a label, or of each label of a list.

    Args:
        d: a UnivariateFinite, or a UnivariateFiniteVector of n
        x: a label, or k labels.
    Returns: for one distribution a float, or (k,) floats; for a vector (n,) or (n, k) floats. For
        the probability of each row's own label write `d.pdf_at(y)`.
    Raises: UnsupportedOperation if d is no distribution; UnseenLevelError for a label outside the
        pool; InvalidArgument if a vector is given more labels than it has levels.
    Example:
        >>> pdf(UnivariateFinite(["a", "b"], [[0.2, 0.8], [0.5, 0.5]]), "b")
        array([0.8, 0.5])

    Source: Distributions.jl, `pdf`.
    """
    return _distribution(d, "pdf").pdf(x)


def logpdf(d: Any, x: Any) -> Any:
    """The natural logarithm of `pdf(d, x)`; -inf for 0.

    Args, Returns, Raises: as `pdf`.
    Example:
        >>> logpdf(UnivariateFinite(["a", "b"], [0, 1]), "b")
        0.0

    Source: Distributions.jl, `logpdf`.
    """
    return _distribution(d, "logpdf").logpdf(x)


def mode(d: Any) -> Any:
    """The most probable class; of ties the earliest in the pool.

    Args: d: a UnivariateFinite, or a UnivariateFiniteVector of n.
    Returns: a label; for a vector a column (n,) as the target came.
    Raises: UnsupportedOperation if d is no distribution; InvalidArgument if a probability is NaN.
    Example:
        >>> mode(UnivariateFinite(["a", "b"], [0.2, 0.8]))
        'b'

    Source: Distributions.jl, `mode`.
    """
    return _distribution(d, "mode").mode()


def support(d: Any) -> tuple[Label, ...]:
    """The classes that were given a probability, 0 included, in pool order.

    Args: d: a UnivariateFinite, or a UnivariateFiniteVector.
    Returns: tuple of labels, a part of `levels(d)`.
    Raises: UnsupportedOperation if d is no distribution.
    Example:
        >>> support(UnivariateFinite(["c", "a"], [0.2, 0.8], pool=["a", "b", "c"]))
        ('a', 'c')

    Source: Distributions.jl, `support`.
    """
    return _distribution(d, "support").support


def _distribution(d: Any, operation: str) -> UnivariateFinite | UnivariateFiniteVector:
    if isinstance(d, UnivariateFinite | UnivariateFiniteVector):
        return d
    raise UnsupportedOperation(
        f"{operation} needs a distribution (UnivariateFinite or UnivariateFiniteVector), got "
        f"{type(d).__module__}.{type(d).__qualname__}. Predictions of a deterministic model are "
        "values already; those of a classifier have distributions in predict(mach, X)."
    )
