"""`RMSprop` has the fields, defaults and meaning of Keras' RMSprop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.rmsprop import RMSprop

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_rmsprop_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        RMSprop,
        changed={"rho": 0.5, "momentum": 0.25, "epsilon": 0.001, "centered": True},
        impossible={
            "rho": [1.0, -0.1],
            "momentum": [-0.1, 1.1],
            "epsilon": [0.0, -1e-07],
            "centered": [1, None],
        },
    )


def test_the_first_step_of_rmsprop_divides_by_a_mean_square_or_a_variance(
    train: Callable[..., np.ndarray],
) -> None:
    step = 0.1 * GRADIENT / np.sqrt(0.2 * GRADIENT**2 + 0.01)
    trained = train(RMSprop(0.1, rho=0.8, epsilon=0.01), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(trained, WEIGHTS - step, rtol=1e-5)
    variance = 0.2 * GRADIENT**2 - (0.2 * GRADIENT) ** 2
    trained = train(RMSprop(0.1, rho=0.8, epsilon=0.01, centered=True), WEIGHTS, [GRADIENT])
    step = 0.1 * GRADIENT / np.sqrt(variance + 0.01)
    np.testing.assert_allclose(trained, WEIGHTS - step, rtol=1e-5)
