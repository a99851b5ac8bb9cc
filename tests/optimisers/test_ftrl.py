"""`Ftrl` has the fields, defaults and meaning of Keras' Ftrl."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.ftrl import Ftrl

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_ftrl_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Ftrl,
        changed={
            "learning_rate_power": -0.25,
            "initial_accumulator_value": 0.5,
            "l1_regularization_strength": 0.1,
            "l2_regularization_strength": 0.2,
            "l2_shrinkage_regularization_strength": 0.3,
            "beta": 0.4,
        },
        impossible={
            "learning_rate_power": [0.1],
            "initial_accumulator_value": [-0.1],
            "l1_regularization_strength": [-0.1],
            "l2_regularization_strength": [-0.1],
            "l2_shrinkage_regularization_strength": [-0.1],
            "beta": [-0.1],
        },
    )


def test_the_first_step_of_ftrl_is_the_published_one_and_a_large_l1_gives_zeros(
    train: Callable[..., np.ndarray],
) -> None:
    spec = Ftrl(0.1, initial_accumulator_value=0.2)
    before, after = np.sqrt(0.2), np.sqrt(0.2 + GRADIENT**2)
    linear = GRADIENT - (after - before) / 0.1 * WEIGHTS
    expected = -linear * 0.1 / after
    np.testing.assert_allclose(train(spec, WEIGHTS, [GRADIENT]), expected, rtol=1e-5)
    spec.l1_regularization_strength = 100
    np.testing.assert_array_equal(train(spec, WEIGHTS, [GRADIENT]), np.zeros(3))
