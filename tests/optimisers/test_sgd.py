"""`SGD` has the fields, defaults and meaning of Keras' SGD."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.sgd import SGD

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_sgd_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        SGD,
        changed={"momentum": 0.75, "nesterov": True},
        impossible={"momentum": [-0.1, 1.1], "nesterov": [1, None]},
    )


def test_two_steps_of_sgd_carry_the_momentum_and_shrink_by_the_weight_decay(
    train: Callable[..., np.ndarray],
) -> None:
    spec = SGD(0.1, momentum=0.5)
    # The first step is 0.1 g, the second 0.1 g + 0.5 times the first.
    expected = WEIGHTS - 0.1 * GRADIENT * (1 + 1.5)
    np.testing.assert_allclose(train(spec, WEIGHTS, [GRADIENT] * 2), expected, rtol=1e-6)
    decayed = train(SGD(0.1, weight_decay=0.2), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(decayed, 0.98 * WEIGHTS - 0.1 * GRADIENT, rtol=1e-6)


def test_clips_bound_the_gradient(train: Callable[..., np.ndarray]) -> None:
    by_value = train(SGD(1.0, clipvalue=0.3), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(by_value, WEIGHTS - np.clip(GRADIENT, -0.3, 0.3), rtol=1e-6)
    for name in ("clipnorm", "global_clipnorm"):
        by_norm = train(SGD(1.0).replace({name: 0.5}), WEIGHTS, [GRADIENT])
        shorter = 0.5 * GRADIENT / np.linalg.norm(GRADIENT)
        np.testing.assert_allclose(by_norm, WEIGHTS - shorter, rtol=1e-6)
