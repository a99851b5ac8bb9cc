"""`Adagrad` has the fields, defaults and meaning of Keras' Adagrad."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.adagrad import Adagrad

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_adagrad_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Adagrad,
        changed={"initial_accumulator_value": 0.5, "epsilon": 0.001},
        impossible={"initial_accumulator_value": [-0.1], "epsilon": [0.0, -1e-07]},
    )


def test_adagrad_divides_by_the_root_of_all_squares_so_far(
    train: Callable[..., np.ndarray],
) -> None:
    spec = Adagrad(0.1, initial_accumulator_value=0.2, epsilon=0.01)
    first = 0.1 * GRADIENT / np.sqrt(0.2 + GRADIENT**2 + 0.01)
    second = 0.1 * GRADIENT / np.sqrt(0.2 + 2 * GRADIENT**2 + 0.01)
    trained = train(spec, WEIGHTS, [GRADIENT] * 2)
    np.testing.assert_allclose(trained, WEIGHTS - first - second, rtol=1e-5)
