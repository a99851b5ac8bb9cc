"""`Adadelta` has the fields, defaults and meaning of Keras' Adadelta."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.adadelta import Adadelta

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_adadelta_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Adadelta,
        changed={"rho": 0.5, "epsilon": 0.001},
        impossible={"rho": [1.0, -0.1], "epsilon": [0.0, -1e-07]},
    )


def test_the_first_step_of_adadelta_is_the_published_one(
    train: Callable[..., np.ndarray],
) -> None:
    step = np.sqrt(0.01) * GRADIENT / np.sqrt(0.2 * GRADIENT**2 + 0.01)
    trained = train(Adadelta(1.0, rho=0.8, epsilon=0.01), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(trained, WEIGHTS - step, rtol=1e-5)
