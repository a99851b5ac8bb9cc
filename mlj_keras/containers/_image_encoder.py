"""From images to the pixels of a network: integers divided by 255, floats as they are.

Source: MLJFlux.jl, src/image.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.builders.entity_embedding import ImageInputs
from mlj_keras.data.images import ImageVector, images_of
from mlj_keras.errors import SchemaMismatch


@dataclasses.dataclass(frozen=True)
class ImageEncoder:
    """The shape (height, width, channels) of the training images."""

    shape: tuple[int, int, int]

    @classmethod
    def fit(cls, X: ImageVector) -> ImageEncoder:
        """Remember the shape."""
        return cls(tuple(X.pixels.shape[1:]))

    @property
    def inputs(self) -> ImageInputs:
        """What the network starts from."""
        return ImageInputs(self.shape)

    def encode(self, X: Any) -> tuple[np.ndarray, ...]:
        """Pixels (n, height, width, channels), float32.

        Raises: SchemaMismatch for images of another size or number of channels.
        """
        if not isinstance(X, ImageVector) and len(X) == 0:  # an empty list
            return (np.empty((0, *self.shape), dtype=np.float32),)
        pixels = images_of(X).pixels
        if pixels.shape[1:] != self.shape:
            raise SchemaMismatch(
                f"X has images of (height, width, channels) {pixels.shape[1:]}, and the machine "
                f"was trained on {self.shape}. "
                "Resize or convert them."
            )
        if pixels.dtype.kind in "ui":
            return (pixels.astype(np.float32) / np.float32(255),)
        return (np.ascontiguousarray(pixels, dtype=np.float32),)
