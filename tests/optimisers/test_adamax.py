"""`Adamax` has the fields, defaults and meaning of Keras' Adamax."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.adamax import Adamax

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_adamax_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Adamax,
        changed={"beta_1": 0.75, "beta_2": 0.5, "epsilon": 0.001},
        impossible={"beta_1": [1.0, -0.1], "beta_2": [1.0, -0.1], "epsilon": [0.0, -1e-07]},
    )


def test_the_first_step_of_adamax_divides_by_the_largest_gradient(
    train: Callable[..., np.ndarray],
) -> None:
    step = 0.1 * GRADIENT / (np.abs(GRADIENT) + 0.01)
    trained = train(Adamax(0.1, epsilon=0.01), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(trained, WEIGHTS - step, rtol=1e-5)
