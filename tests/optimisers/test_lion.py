"""`Lion` has the fields, defaults and meaning of Keras' Lion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.lion import Lion

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_lion_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Lion,
        changed={"beta_1": 0.75, "beta_2": 0.5},
        impossible={"beta_1": [0.0, 1.1], "beta_2": [-0.1, 1.1]},
    )


def test_a_step_of_lion_has_the_size_of_the_rate_and_the_sign_of_the_mean(
    train: Callable[..., np.ndarray],
) -> None:
    expected = WEIGHTS - 0.1 * np.sign(GRADIENT)
    trained = train(Lion(0.1), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(trained, expected, rtol=1e-6)
    # With beta_1 = 1 the batch itself does not count, and the mean starts at zero.
    np.testing.assert_array_equal(train(Lion(0.1, beta_1=1), WEIGHTS, [GRADIENT]), WEIGHTS)
