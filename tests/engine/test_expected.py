"""Tests of expected: the shapes of a network are known before it is made."""

from __future__ import annotations

import numpy as np
import pytest

from mlj_keras.builders import MLP, ImageCNN, Short
from mlj_keras.builders.entity_embedding import ImageInputs, TabularInputs
from mlj_keras.engine.distribution import place_of
from mlj_keras.engine.expected import check_arrays, expected_shapes
from mlj_keras.engine.program import NetworkSpec, known_network, network_for


def spec(builder: object = None, inputs: object = None) -> NetworkSpec:
    """The specification of a small network."""
    return NetworkSpec(
        builder or MLP(hidden=(3,)),  # type: ignore[arg-type]  # any builder
        inputs or TabularInputs((None, (4, 2), None)),  # type: ignore[arg-type]  # any inputs
        2,
        "softmax",
        place_of(None),
    )


@pytest.mark.parametrize(
    "of",
    [
        spec(),
        spec(Short(n_hidden=5, dropout=0.4)),
        spec(ImageCNN(blocks=((2, 1),), dense=(3,)), ImageInputs((6, 6, 1))),
    ],
)
def test_shapes_and_dtypes_are_those_of_the_network_once_it_is_made(of: NetworkSpec) -> None:
    before = dict(expected_shapes(of))
    network = network_for(of)
    made = {k: (tuple(v.shape), str(v.dtype)) for k, v in network.variables.items()}
    assert before == made == dict(expected_shapes(of))


def test_nothing_is_allocated_for_a_network_that_would_not_fit_into_memory() -> None:
    huge = spec(MLP(hidden=(10**6, 10**6, 10**6)))
    shapes = [shape for shape, _ in expected_shapes(huge).values()]
    assert shapes.count((10**6, 10**6)) == 2
    assert known_network(huge) is None


def arrays(of: NetworkSpec) -> dict[str, np.ndarray]:
    """Zeros of the right shapes."""
    return {key: np.zeros(shape, dtype) for key, (shape, dtype) in expected_shapes(of).items()}


def test_right_arrays_pass_with_the_slots_of_their_variables() -> None:
    found = arrays(spec())
    key = next(key for key in found if key.endswith("kernel"))
    check_arrays(
        spec(), {**found, f"slots/momentum/{key}": found[key], "slots/iterations": found[key]}
    )


def test_wrong_arrays_are_named() -> None:
    found = arrays(spec())
    key = next(key for key in found if key.endswith("kernel"))
    for wrong, message in (
        ({k: v for k, v in found.items() if k != key}, f"lacks the variable '{key}'"),
        ({**found, "layers/9/kernel": found[key]}, "has, and its network has not"),
        ({**found, key: found[key].T}, f"the variable '{key}' has the shape"),
        ({**found, key: found[key].astype("float64")}, "dtype float64"),
        ({**found, "slots/momentum/layers/9/kernel": found[key]}, "which is of no variable"),
        ({**found, "slots/": found[key]}, "which is of no variable"),
    ):
        with pytest.raises(ValueError, match=message):
            check_arrays(spec(), wrong)


@pytest.mark.parametrize(
    "of",
    [
        spec(MLP(hidden=(3,) * 50_000)),
        spec(ImageCNN(blocks=((2, 10**9),), dense=()), ImageInputs((6, 6, 1))),
        spec(inputs=TabularInputs(((2, 1),) * 50_000)),
    ],
)
def test_more_layers_than_arrays_are_refused_before_any_is_made(of: NetworkSpec) -> None:
    with pytest.raises(ValueError, match=r"its network has \d+ layers, and 2 variables"):
        check_arrays(of, {"layers/1/kernel": np.zeros(1), "layers/1/bias": np.zeros(1)})


def test_variables_without_values_get_none_later() -> None:
    import keras

    expected_shapes(spec(MLP(hidden=(10**7, 10**6))))
    with keras.StatelessScope():  # at whose end Keras makes the values that are put off
        keras.layers.Dense(2).build((None, 2))
