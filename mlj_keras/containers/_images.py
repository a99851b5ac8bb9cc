"""What containers of images share. Source: MLJFlux.jl, src/image.jl."""

from __future__ import annotations

from typing import Any

from mlj_keras.builders import Builder, ImageCNN
from mlj_keras.builders.convert import as_builder
from mlj_keras.containers._image_encoder import ImageEncoder, check_pixels
from mlj_keras.containers._network_fit import NetworkModel
from mlj_keras.data.images import ImageVector
from mlj_keras.models import param


class ImageModel(NetworkModel):
    """A container whose inputs are images of one size."""

    builder: Builder = param(factory=ImageCNN, convert=as_builder)

    def check_data(self, X: ImageVector, y: Any, *rest: Any) -> None:
        """No pixels that a network cannot take, nor anything wrong with y."""
        check_pixels(X)
        self._check_target(y)

    def _fit_encoder(self, X: ImageVector) -> ImageEncoder:
        return ImageEncoder.fit(X)
