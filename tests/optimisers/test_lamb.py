"""`Lamb` has the fields, defaults and meaning of Keras' Lamb."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.lamb import Lamb

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_lamb_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Lamb,
        changed={"beta_1": 0.75, "beta_2": 0.5, "epsilon": 0.001},
        impossible={"beta_1": [1.0, -0.1], "beta_2": [1.0, -0.1], "epsilon": [0.0, -1e-07]},
    )


def test_the_first_step_of_lamb_is_as_long_as_rate_times_the_norm_of_the_weights(
    train: Callable[..., np.ndarray],
) -> None:
    moved = train(Lamb(0.1, epsilon=0.01), WEIGHTS, [GRADIENT]) - WEIGHTS
    direction = GRADIENT / (np.abs(GRADIENT) + 0.01)
    scale = np.linalg.norm(WEIGHTS) / np.linalg.norm(direction)
    np.testing.assert_allclose(moved, -0.1 * scale * direction, rtol=1e-5)
