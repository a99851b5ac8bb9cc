"""Collections of images: arrays N×H×W (gray) and N×H×W×C, lists of arrays or of PIL images, files
after `coerce`.

Inside, images are one array (n, height, width, channels), channels 1 or 3. Knows nothing of
models.
Source: ScientificTypes.jl, src/convention/images.jl (there: width before height, and channels
    before the collection).
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import numpy as np

from mlj_keras._imports import require
from mlj_keras.data.columns import module_of
from mlj_keras.data.scitypes import ColorImage, GrayImage, Scitype
from mlj_keras.errors import (
    CoercionError,
    DimensionMismatch,
    MissingValuesError,
    NonFiniteError,
    TableError,
)

_CHANNELS = {GrayImage: 1, ColorImage: 3}


@dataclasses.dataclass(frozen=True)
class ImageVector:
    """Images of one size inside the package: pixels (n, height, width, channels), uint8 or
    float; and the pandas index of the target beside them, if there is one."""

    pixels: np.ndarray
    index: Any = None

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def scitype(self) -> Scitype:
        """GrayImage[h, w] or ColorImage[h, w]."""
        _, height, width, channels = self.pixels.shape
        return (GrayImage if channels == 1 else ColorImage)[height, width]

    def take(self, rows: np.ndarray | slice) -> ImageVector:
        """The images at these positions."""
        index = None if self.index is None else self.index[rows]
        return ImageVector(self.pixels[rows], index)


def is_images(obj: Any) -> bool:
    """True for N×H×W and N×H×W×{1, 3} arrays, and non-empty lists of 2-D or 3-D arrays or of PIL
    images."""
    if isinstance(obj, ImageVector):
        return True
    if isinstance(obj, np.ndarray) and obj.dtype != object:
        return obj.dtype.kind in "uif" and (
            obj.ndim == 3 or (obj.ndim == 4 and obj.shape[-1] in (1, 3))
        )
    return isinstance(obj, list | tuple) and len(obj) > 0 and all(map(_is_image, obj))


def _is_image(obj: Any) -> bool:
    if module_of(obj) == "PIL":
        return True
    return isinstance(obj, np.ndarray) and obj.dtype.kind in "uif" and obj.ndim in (2, 3)


def images_of(obj: Any, what: str = "X") -> ImageVector:
    """Read a collection of images.

    Raises: TableError if it is none; DimensionMismatch if sizes or channels differ;
        MissingValuesError, NonFiniteError for bad pixels.
    """
    if isinstance(obj, ImageVector):
        return obj
    if not is_images(obj):
        shape = f" of shape {obj.shape}" if isinstance(obj, np.ndarray) else ""
        advice = (
            f"File paths are read by coerce({what}, GrayImage) or coerce({what}, ColorImage)."
            if isinstance(obj, list) and obj and isinstance(obj[0], str | os.PathLike)
            else "Pass an array N×H×W or N×H×W×C, C 1 or 3, or a list of images."
        )
        raise TableError(
            f"{what} must be a collection of images, got {type(obj).__name__}{shape}. {advice}"
        )
    pixels = obj if isinstance(obj, np.ndarray) else _stack(obj, what)
    pixels = pixels[..., None] if pixels.ndim == 3 else pixels
    if 0 in pixels.shape[1:]:
        raise DimensionMismatch(
            f"{what} has images of no pixels: shape {pixels.shape}. Pass images of a positive "
            "size."
        )
    _check_pixels(pixels, what)
    return ImageVector(pixels)


def _stack(images: Any, what: str) -> np.ndarray:
    arrays = [
        np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
        if module_of(image) == "PIL"
        else image
        for image in images
    ]
    arrays = [array[..., None] if array.ndim == 2 else array for array in arrays]
    for position, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise DimensionMismatch(
                f"Images must have equal size: {what}[0] has (height, width, channels) "
                f"{arrays[0].shape}, "
                f"{what}[{position}] has {array.shape}. Resize or crop them to one size."
            )
    if arrays[0].shape[-1] not in (1, 3):
        raise DimensionMismatch(
            f"Images need 1 or 3 channels, {what}[0] has {arrays[0].shape[-1]}. Convert them to "
            "RGB."
        )
    return np.stack(arrays)


def _check_pixels(pixels: np.ndarray, what: str) -> None:
    if pixels.dtype.kind != "f" or np.isfinite(pixels).all():
        return
    bad = np.flatnonzero(~np.isfinite(pixels).all(axis=(1, 2, 3)))
    error = MissingValuesError if np.isnan(pixels).any() else NonFiniteError
    raise error(
        f"{len(bad)} image(s) of {what} have pixels that are not finite, first at "
        f"{bad[:5].tolist()}. "
        "Fill or drop them before fit and predict."
    )


def coerce_images(obj: Any, target: Scitype) -> Any:
    """Arrays, lists of images or file paths as gray or colour images.

    Returns: (n, h, w) for gray, (n, h, w, 3) for colour; arrays that are such images already come
        back as they are.
    Raises: CoercionError if the channels do not fit; DimensionMismatch if the sizes differ.
    """
    wanted = _CHANNELS[GrayImage if target <= GrayImage else ColorImage]
    if isinstance(obj, str | os.PathLike):
        obj = [obj]
    is_list = hasattr(obj, "__iter__") and not isinstance(obj, np.ndarray)
    items = list(obj) if is_list else obj
    if is_list and items and all(isinstance(item, str | os.PathLike) for item in items):
        pil = require("PIL.Image", extra="images")
        mode = "L" if wanted == 1 else "RGB"
        loaded = []
        for path in items:
            with pil.open(path) as image:
                loaded.append(np.asarray(image.convert(mode)))
        items = loaded
    elif isinstance(items, np.ndarray) and items.ndim == 2:
        items = items[None]  # a single gray image
    images = images_of(items)
    if images.pixels.shape[-1] != wanted:
        raise CoercionError(
            f"These images have {images.pixels.shape[-1]} channel(s), and {target} needs "
            f"{wanted}. "
            f"Coerce them to {'ColorImage' if wanted == 1 else 'GrayImage'}, or convert them "
            "first."
        )
    if isinstance(obj, np.ndarray) and obj.ndim > 2:
        return obj
    return images.pixels[..., 0] if wanted == 1 else images.pixels
