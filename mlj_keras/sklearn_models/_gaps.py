"""`close_gaps`: what an estimator has learned, in arrays that lie in memory as they do in a file.

Sums of products depend in their last digits on how the factors lie, so a part of a larger array
would predict other bytes than its copy does, after a file or in another process. Source: ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module

sklearn_base = lazy_module("sklearn.base")


def close_gaps(estimator: Any) -> None:
    """Replace learned arrays that are parts of larger ones by copies, in order as they lie; also
    of estimators inside.

    Args: estimator: a trained one, changed in place.
    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> model = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])
        >>> model.coef_ = np.array([[2.0, 9.0], [4.0, 9.0]])[:, 0]
        >>> close_gaps(model)
        >>> model.coef_.base, model.coef_.tolist()
        (None, [2.0, 4.0])

    Source: ours.
    """
    for name, value in vars(estimator).items():
        if isinstance(value, np.ndarray) and value.dtype != object:
            if not value.flags.forc:
                setattr(estimator, name, value.copy(order="K"))
            continue
        inside = value.ravel() if isinstance(value, np.ndarray) else value
        for each in inside if isinstance(inside, list | tuple | np.ndarray) else (inside,):
            if name.endswith("_") and isinstance(each, sklearn_base.BaseEstimator):
                close_gaps(each)
