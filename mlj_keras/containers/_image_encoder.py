"""From images to the pixels of a network: uint8 by 255, uint16 by 65535, floats as they are.

Source: MLJFlux.jl, src/image.jl, where an image knows its own scale.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from mlj_keras.builders.entity_embedding import ImageInputs
from mlj_keras.data.images import ImageVector, check_finite, images_of
from mlj_keras.data.stored import check_one_of
from mlj_keras.engine.data import room_for
from mlj_keras.errors import SchemaMismatch, ScitypeError
from mlj_keras.storage.records import storable

_MOST_PIXELS = 2**26  # of an image in a file
_WHITE = {"uint8": 255, "uint16": 65535}


@storable
@dataclasses.dataclass(frozen=True)
class ImageEncoder:
    """The shape (height, width, channels) of the training images, and the kind of their pixels:
    uint8, uint16 or float."""

    shape: tuple[int, int, int]
    kind: str = "float"

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_one_of(self.kind, ("float", *_WHITE), "kind of pixels")
        if min(self.shape) < 1 or math.prod(self.shape) > _MOST_PIXELS:
            raise ValueError(f"its images have the shape {self.shape}")

    @classmethod
    def fit(cls, X: ImageVector) -> ImageEncoder:
        """Remember the shape and the kind of pixels.

        Raises: ScitypeError for integers of a type that has no known white.
        """
        return cls(tuple(X.pixels.shape[1:]), _kind(X.pixels))

    @property
    def inputs(self) -> ImageInputs:
        """What the network starts from."""
        return ImageInputs(self.shape)

    def encode(self, X: Any) -> tuple[np.ndarray, ...]:
        """Pixels (n, height, width, channels), float32.

        Raises: SchemaMismatch for images of another size, number of channels or kind of pixels;
            MissingValuesError, NonFiniteError.
        """
        if not isinstance(X, ImageVector) and len(X) == 0:  # an empty list
            return (np.empty((0, *self.shape), dtype=np.float32),)
        images = images_of(X)
        pixels = images.pixels
        if pixels.shape[1:] != self.shape:
            raise SchemaMismatch(
                f"X has images of (height, width, channels) {pixels.shape[1:]}, and the machine "
                f"was trained on {self.shape}. Resize or convert them."
            )
        kind = _kind(pixels)
        if kind != self.kind and len(pixels):
            raise SchemaMismatch(
                f"X has pixels of {kind}, and the machine was trained on {self.kind}: another "
                f"scale. {_remedy(kind, self.kind)}"
            )
        if kind in _WHITE:
            scaled = room_for(len(pixels), pixels.shape[1:], np.float32)
            np.divide(pixels, np.float32(_WHITE[kind]), out=scaled)
            return (scaled,)
        check_finite(images)
        scaled = room_for(len(pixels), pixels.shape[1:], np.float32)
        scaled[:] = pixels
        return (scaled,)


def check_pixels(X: ImageVector) -> None:
    """The pixels are of a kind that has a scale, and finite.

    Raises: ScitypeError for integers of a type that has no known white; MissingValuesError,
        NonFiniteError naming the images.
    """
    _kind(X.pixels)
    check_finite(X)


def _kind(pixels: np.ndarray) -> str:
    if pixels.dtype.kind == "f":
        return "float"
    if pixels.dtype.name in _WHITE:
        return pixels.dtype.name
    raise ScitypeError(
        f"X has pixels of {pixels.dtype.name}, of which nobody knows which number is white. Write "
        "X.astype('uint8') if they go from 0 to 255, or divide them by their largest value, which "
        "makes them floats."
    )


def _remedy(given: str, trained: str) -> str:
    if trained == "float":
        return f"Scale them as the training images: X.astype('float32') / {_WHITE[given]}, say."
    if given == "float":
        return (
            f"If they go from 0 to 1, write (X * {_WHITE[trained]}).round().astype({trained!r})."
        )
    return (
        "Give the images as they were stored for training: (X // 257).astype('uint8')."
        if trained == "uint8"
        else "Give the images as they were stored for training: X.astype('uint16') * 257."
    )
