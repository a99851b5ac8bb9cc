"""`Adafactor` has the fields, defaults and meaning of Keras' Adafactor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.adafactor import Adafactor

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_adafactor_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Adafactor,
        changed={
            "beta_2_decay": -0.5,
            "epsilon_1": 1e-08,
            "epsilon_2": 0.01,
            "clip_threshold": 2.0,
            "relative_step": False,
        },
        impossible={
            "beta_2_decay": [0.0, 0.1],
            "epsilon_1": [0.0],
            "epsilon_2": [0.0],
            "clip_threshold": [0.0, -1.0],
            "relative_step": [1, None],
        },
    )


def test_the_first_step_of_adafactor_is_scaled_by_the_size_of_the_weights(
    train: Callable[..., np.ndarray],
) -> None:
    # At the first step the memory of squares is the square, so the direction is the sign, whose
    # root mean square is 1, the threshold.
    size = np.sqrt(np.mean(WEIGHTS**2))
    trained = train(Adafactor(0.1), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(trained, WEIGHTS - 0.1 * size * np.sign(GRADIENT), rtol=1e-5)
