"""`ImageCNN`: layers for images of any size, the depths of VGG, what is refused."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, InvalidModelError


def network(builder: mlj.Builder, shape: tuple[int, int, int], n_out: int = 3) -> Any:
    """The Keras model of a builder for images of this shape."""
    inputs = keras.Input(shape)
    return keras.Model(inputs, builder.build(inputs, n_out, np.random.default_rng(0)))


def count(model: Any, kind: type) -> int:
    """The number of layers of a class."""
    return sum(isinstance(layer, kind) for layer in model.layers)


@pytest.mark.parametrize(
    ("shape", "n_pools"), [((1, 1, 1), 0), ((8, 8, 1), 2), ((5, 7, 3), 2), ((2, 9, 1), 1)]
)
def test_images_of_any_size_are_taken_and_pooled_down_to_one_pixel(
    shape: tuple[int, int, int], n_pools: int
) -> None:
    model = network(mlj.ImageCNN(), shape)
    assert count(model, keras.layers.Conv2D) == 2
    assert count(model, keras.layers.MaxPooling2D) == n_pools
    assert model.output_shape == (None, 3)
    outputs = model(np.zeros((2, *shape), dtype=np.float32))
    assert outputs.shape == (2, 3)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (5, 7, 3)])
def test_small_images_are_trained_on(shape: tuple[int, ...]) -> None:
    X = np.random.default_rng(0).uniform(size=(8, *shape)).astype(np.float32)
    y = mlj.coerce(["a", "b"] * 4, mlj.Multiclass)
    builder = mlj.ImageCNN(blocks=((2, 1),), dense=(3,), dropout=0.5)
    model = mlj.ImageClassifier(builder=builder, epochs=1, batch_size=4, rng=1)
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    assert mlj.predict(mach, X).to_numpy().shape == (8, 2)


def test_blocks_and_dense_layers_are_those_asked_for() -> None:
    values: dict[str, Any] = {"blocks": [(2, 2), (3, 1)], "dense": [5, 4]}
    builder = mlj.ImageCNN(**values, dropout=0.25)
    model = network(builder, (8, 8, 1))
    kernels = [w.shape for w in model.get_weights()[::2]]
    assert kernels == [(3, 3, 1, 2), (3, 3, 2, 2), (3, 3, 2, 3), (12, 5), (5, 4), (4, 3)]
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [
        0.25,
        0.25,
    ]
    assert count(network(builder.replace({"dropout": 0}), (8, 8, 1)), keras.layers.Dropout) == 0


@pytest.mark.parametrize(("depth", "n_convolutions"), [(11, 8), (13, 10), (16, 13), (19, 16)])
def test_vgg_has_as_many_layers_with_weights_as_its_name_says(
    depth: int, n_convolutions: int
) -> None:
    builder = mlj.ImageCNN.vgg(depth)
    assert sum(n for _, n in builder.blocks) == n_convolutions == depth - 3
    assert [filters for filters, _ in builder.blocks] == [64, 128, 256, 512, 512]
    assert (builder.dense, builder.dropout) == ((4096, 4096), 0.5)


def test_vgg_16_builds_at_32_by_32() -> None:
    with keras.StatelessScope():  # the structure without 34 million initial weights
        model = network(mlj.ImageCNN.vgg(16), (32, 32, 3), n_out=10)
    assert count(model, keras.layers.Conv2D) == 13
    assert count(model, keras.layers.MaxPooling2D) == 5
    assert count(model, keras.layers.Dense) == 3
    # Convolutions 14,714,688 as in the paper; dense 512·4096, 4096·4096 and 4096·10, with biases.
    dense = 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 10 + 10
    assert sum(int(np.prod(w.shape)) for w in model.weights if w.dtype == "float32") == (
        14_714_688 + dense
    )


def test_another_depth_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"one of 11, 13, 16, 19, got 15. Write .*vgg\(16\)"):
        mlj.ImageCNN.vgg(15)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"blocks": ()}, r"blocks must be pairs \(filters, convolutions\) of positive ints, got"),
        ({"blocks": [(3,)]}, r"pairs .*, got \(\(3,\),\)"),
        ({"blocks": [(3, 0)]}, r"pairs .*, got \(\(3, 0\),\)"),
        ({"blocks": 32}, "pairs .*, got 32"),
        ({"dense": (0,)}, r"dense must be a sequence of positive ints .*, got \(0,\)"),
        ({"dense": 64}, "dense must be a sequence .*, got 64"),
        ({"dropout": 1}, r"ImageCNN\.dropout must be a number >= 0 and < 1, got 1\.0"),
        ({"activation": "rleu"}, "'rleu' is no activation"),
    ],
)
def test_impossible_values_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidModelError, match=message):
        mlj.ImageCNN(**changes)


def test_the_number_of_layers_is_known_before_any_is_built() -> None:
    assert mlj.ImageCNN(blocks=((4, 2), (8, 3)), dense=(5,)).n_layers() == 7
    assert mlj.ImageCNN(blocks=((4, 10**9),)).n_layers() > 10**9
