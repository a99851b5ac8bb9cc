"""`ImageCNN`: a VGG-like convolutional network for images of any size.

Source: MLJFlux.jl, src/metalhead.jl (`VGGHack`), and Simonyan and Zisserman, "Very deep
convolutional networks" (2015).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder, check_activation, seed_of
from mlj_keras.errors import InvalidArgument
from mlj_keras.models import param

keras = lazy_module("keras")


def _check_blocks(value: Any) -> tuple[tuple[int, int], ...]:
    good = (
        isinstance(value, tuple)
        and value
        and all(
            isinstance(block, tuple)
            and len(block) == 2
            and all(type(n) is int and n > 0 for n in block)
            for block in value
        )
    )
    if not good:
        raise ValueError(
            f"blocks must be pairs (filters, convolutions) of positive ints, got {value!r}."
        )
    return tuple(value)


def _check_dense(value: Any) -> tuple[int, ...]:
    if not isinstance(value, tuple) or not all(type(n) is int and n > 0 for n in value):
        raise ValueError(
            f"dense must be a sequence of positive ints (it may be empty), got {value!r}."
        )
    return value


class ImageCNN(Builder):
    """Blocks of 3×3 convolutions, each block closed by 2×2 max-pooling, then dense layers with
    dropout.

    Pooling stops once a side of the image is a single pixel, so that any size and number of
    channels works. `ImageCNN.vgg(16)` gives the depths of the paper.

    Args:
        blocks: pairs (filters, number of convolutions), default ((32, 1), (64, 1))
        dense: units of the dense layers, default (64,)
        dropout: after each dense layer, in [0, 1), default 0.0
        activation: default "relu".
    Raises: InvalidModelError for anything else.
    Example:
        >>> ImageCNN(blocks=[(16, 2)], dense=())
        ImageCNN(blocks=((16, 2),), dense=())

    Source: MLJFlux.jl, src/metalhead.jl, `image_builder(VGGHack)`; a small network by default,
        where MLJFlux takes VGG16.
    """

    blocks: tuple[tuple[int, int], ...] = param(((32, 1), (64, 1)), convert=_check_blocks)
    dense: tuple[int, ...] = param((64,), convert=_check_dense)
    dropout: float = param(0.0, kind=float, ge=0, lt=1)
    activation: Any = param("relu", convert=check_activation)

    @classmethod
    def vgg(cls, depth: int = 16) -> ImageCNN:
        """The VGG network of depth 11, 13, 16 or 19, with its two dense layers of 4096 units and
        dropout 0.5.

        Raises: InvalidArgument for another depth.
        """
        counts = {
            11: (1, 1, 2, 2, 2),
            13: (2, 2, 2, 2, 2),
            16: (2, 2, 3, 3, 3),
            19: (2, 2, 4, 4, 4),
        }
        if depth not in counts:
            raise InvalidArgument(
                f"depth must be one of 11, 13, 16, 19, got {depth!r}. Write ImageCNN.vgg(16)."
            )
        blocks = tuple(zip((64, 128, 256, 512, 512), counts[depth], strict=True))
        return cls(blocks=blocks, dense=(4096, 4096), dropout=0.5)

    def n_layers(self) -> int:
        """The convolutions, the dense layers, and that of the outputs."""
        return sum(count for _, count in self.blocks) + len(self.dense) + 1

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """Convolution blocks, Flatten, dense layers, Dense(n_out)."""
        outputs = inputs
        for filters, count in self.blocks:
            for _ in range(count):
                start = keras.initializers.GlorotUniform(seed=seed_of(rng))
                outputs = keras.layers.Conv2D(
                    filters,
                    3,
                    padding="same",
                    activation=self.activation,
                    kernel_initializer=start,
                )(outputs)
            if min(outputs.shape[1:3]) > 1:
                outputs = keras.layers.MaxPooling2D(2)(outputs)
        outputs = keras.layers.Flatten()(outputs)
        for n_units in self.dense:
            start = keras.initializers.GlorotUniform(seed=seed_of(rng))
            outputs = keras.layers.Dense(
                n_units, activation=self.activation, kernel_initializer=start
            )(outputs)
            if self.dropout:
                outputs = keras.layers.Dropout(self.dropout, seed=seed_of(rng))(outputs)
        start = keras.initializers.GlorotUniform(seed=seed_of(rng))
        return keras.layers.Dense(n_out, kernel_initializer=start)(outputs)
