"""`Adam` has the fields, defaults and meaning of Keras' Adam."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.adam import Adam

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_adam_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Adam,
        changed={"beta_1": 0.75, "beta_2": 0.5, "epsilon": 0.001, "amsgrad": True},
        impossible={
            "beta_1": [1.0, -0.1],
            "beta_2": [1.0, -0.1],
            "epsilon": [0.0, -1e-07],
            "amsgrad": [0, None],
        },
    )


def test_the_first_step_of_adam_is_the_published_one(
    train: Callable[..., np.ndarray],
) -> None:
    spec = Adam(0.1, beta_1=0.8, beta_2=0.9, epsilon=0.01)
    mean, square = 0.2 * GRADIENT, 0.1 * GRADIENT**2
    step = 0.1 * np.sqrt(0.1) / 0.2 * mean / (np.sqrt(square) + 0.01)
    np.testing.assert_allclose(train(spec, WEIGHTS, [GRADIENT]), WEIGHTS - step, rtol=1e-5)
