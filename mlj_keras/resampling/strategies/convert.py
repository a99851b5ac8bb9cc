"""`strategy_of`: whatever may be given as `resampling`, as a strategy. Knows all strategies.
Source: MLJBase.jl, src/resampling.jl (`evaluate!` takes a strategy or a vector of pairs)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlj_keras.errors import WrongType
from mlj_keras.resampling.strategies.base import ResamplingStrategy
from mlj_keras.resampling.strategies.explicit_pairs import ExplicitPairs
from mlj_keras.resampling.strategies.sklearn_splitter import SklearnSplitter, is_splitter


def strategy_of(resampling: Any) -> ResamplingStrategy:
    """A strategy from what a user gives as `resampling`.

    Args: resampling: a strategy, a list of pairs (train, test) of rows, or an object with
        scikit-learn's `split` and `get_n_splits`.
    Returns: the strategy itself, an ExplicitPairs or a SklearnSplitter.
    Raises: WrongType for anything else; InvalidModelError for a list that holds no pairs.
    Example:
        >>> strategy_of([([0, 1], [2])])
        ExplicitPairs(pairs=(((0, 1), (2,)),))

    Source: ours; MLJBase.jl dispatches on the type.
    """
    if isinstance(resampling, ResamplingStrategy):
        return resampling
    if is_splitter(resampling):
        return SklearnSplitter(resampling)
    if isinstance(resampling, Iterable) and not isinstance(resampling, str | bytes | Mapping):
        return ExplicitPairs(resampling)
    raise WrongType(
        "resampling must be a strategy, a list of pairs (train, test) of rows, or a splitter of "
        f"scikit-learn, got {resampling!r:.60}. {_advice(resampling)}"
    )


def _advice(resampling: Any) -> str:
    if isinstance(resampling, type):
        return f"Write {resampling.__name__}(), an instance."
    if isinstance(resampling, float):
        return f"Write Holdout({resampling!r})."
    n_folds = resampling if type(resampling) is int else 6
    return f"Write CV(nfolds={n_folds})."
