"""Small fitted estimators' data, and the way through a file, for tests of estimators in files."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.persistence import estimators

X = np.random.default_rng(0).normal(size=(40, 3))
NUMBERS = X @ [1.0, 2.0, 3.0]
CLASSES = np.digitize(NUMBERS, [-1.0, 1.0])


def round_trip(estimator: Any) -> Any:
    whole = estimators.dumped([estimator])
    assert list(estimators.opened(whole).needed) == []
    (found,) = estimators.opened(whole).loaded(())
    assert estimators.dumped([found]) == whole
    return found
