"""Collections of images: arrays N×H×W (gray) and N×H×W×C, lists of arrays or of PIL images, files
after `coerce`.

Inside, images are one array (n, height, width, channels), channels 1 or 3; no pixel is changed by
reading. Knows nothing of models.
Source: ScientificTypes.jl, src/convention/images.jl (there: width before height, and channels
before the collection).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import require
from mlj_keras.data.columns import module_of
from mlj_keras.data.scitypes import ColorImage, GrayImage, Scitype, Unknown, union
from mlj_keras.errors import (
    CoercionError,
    DimensionMismatch,
    MissingValuesError,
    NonFiniteError,
    TableError,
)

_CHANNELS = {GrayImage: 1, ColorImage: 3}

# Modes of PIL by what becomes of them. Deep ones are read as the numbers they are: PIL's own
# conversions clip them to 255. Other modes, such as LAB, have no one reading as gray or RGB.
_DEEP_GRAY = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_TO_GRAY = ("L", "1", "LA")
_TO_RGB = ("RGB", "P", "PA", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV")


@dataclasses.dataclass(frozen=True)
class ImageVector:
    """Images of one size inside the package: pixels (n, height, width, channels), integers or
    floats; and the pandas index of the target beside them, if there is one."""

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
    """Read a collection of images; whether the pixels are finite is left to `check_finite`.

    Raises: TableError if it is none, of pixels of several types, or of PIL images of a mode that
        is neither gray nor RGB; DimensionMismatch if sizes or channels differ.
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
    return ImageVector(pixels if pixels.dtype.isnative else _native(pixels))


def images_scitype(obj: Any) -> Scitype:
    """The scitype of the elements of a collection of images, of one size or several; Unknown if
    some have no scitype."""
    try:
        return images_of(obj).scitype
    except (DimensionMismatch, TableError):
        pass
    try:
        return union(*{images_of([image]).scitype for image in obj})
    except (DimensionMismatch, TableError):
        return Unknown


def _native(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(pixels.dtype.newbyteorder("="))


def _stack(images: Any, what: str) -> np.ndarray:
    arrays = [
        _from_pil(image, f"{what}[{position}]") if module_of(image) == "PIL" else image
        for position, image in enumerate(images)
    ]
    arrays = [array[..., None] if array.ndim == 2 else array for array in arrays]
    for position, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise DimensionMismatch(
                f"Images must have equal size: {what}[0] has (height, width, channels) "
                f"{arrays[0].shape}, {what}[{position}] has {array.shape}. Resize or crop them to "
                "one size."
            )
    if arrays[0].shape[-1] not in (1, 3):
        raise DimensionMismatch(
            f"Images need 1 or 3 channels, {what}[0] has {arrays[0].shape[-1]}. Convert them to "
            "RGB."
        )
    kinds = [_pixel_kind(array) for array in arrays]
    other = next((i for i, kind in enumerate(kinds) if kind != kinds[0]), None)
    if other is not None:  # stacked, they would be on one scale that is true of a part of them
        raise TableError(
            f"Images must have one type of pixels: {what}[0] has {kinds[0]}, {what}[{other}] has "
            f"{kinds[other]}. Convert them to one type and one scale."
        )
    return np.stack(arrays)


def _pixel_kind(array: np.ndarray) -> str:
    return "float" if array.dtype.kind == "f" else array.dtype.newbyteorder("=").name


def _from_pil(image: Any, what: str, wanted: int | None = None) -> np.ndarray:
    """The pixels of a PIL image; with `wanted` as gray (1) or RGB (3), where PIL can say it.

    Raises: TableError for modes that cannot be read so.
    """
    mode = image.mode
    if mode in _DEEP_GRAY and wanted != 3:
        return np.asarray(image)
    if mode in _TO_GRAY + _TO_RGB:
        mode = "L" if (mode in _TO_GRAY if wanted is None else wanted == 1) else "RGB"
        return np.asarray(image if image.mode == mode else image.convert(mode))
    raise TableError(
        f"{what} has PIL's mode {mode!r}, which is not read as "
        + ("gray or RGB" if wanted is None else "gray" if wanted == 1 else "RGB")
        + ". Convert it yourself, for example by image.convert('RGB'), or pass arrays."
    )


def check_finite(images: ImageVector, what: str = "X") -> None:
    """All pixels are finite numbers.

    Raises: MissingValuesError, NonFiniteError naming the images.
    """
    pixels = images.pixels
    if pixels.dtype.kind != "f" or np.isfinite(pixels).all():
        return
    bad = np.flatnonzero(~np.isfinite(pixels).all(axis=(1, 2, 3)))
    error = MissingValuesError if np.isnan(pixels).any() else NonFiniteError
    raise error(
        f"{len(bad)} image(s) of {what} have pixels that are not finite, first at "
        f"{bad[:5].tolist()}. Fill or drop them before fit and predict."
    )


def coerce_images(obj: Any, target: Scitype) -> Any:
    """Arrays, lists of images or file paths as gray or colour images.

    Returns: (n, h, w) for gray, (n, h, w, 3) for colour; arrays that are such images already come
        back as they are.
    Raises: CoercionError if the channels do not fit, or naming a file that cannot be read;
        DimensionMismatch if the sizes differ.
    """
    wanted = _CHANNELS[GrayImage if target <= GrayImage else ColorImage]
    if isinstance(obj, str | os.PathLike):
        obj = [obj]
    is_list = hasattr(obj, "__iter__") and not isinstance(obj, np.ndarray)
    items = list(obj) if is_list else obj
    if is_list and items and all(isinstance(item, str | os.PathLike) for item in items):
        items = _load(items, wanted)
    elif isinstance(items, np.ndarray) and items.ndim == 2:
        items = items[None]  # a single gray image
    images = images_of(items)
    if images.pixels.shape[-1] != wanted:
        raise CoercionError(
            f"These images have {images.pixels.shape[-1]} channel(s), and {target} needs "
            f"{wanted}. Coerce them to {'ColorImage' if wanted == 1 else 'GrayImage'}, or convert "
            "them first."
        )
    if isinstance(obj, np.ndarray) and obj.ndim > 2:
        return obj
    return images.pixels[..., 0] if wanted == 1 else images.pixels


def _load(paths: Sequence[Any], wanted: int) -> list[np.ndarray]:
    """The files as arrays of `wanted` channels.

    Raises: CoercionError naming position and path of a file that is not there, broken, or of
        pixels that have no such channels.
    """
    pil = require("PIL.Image", extra="images")
    loaded = []
    for position, path in enumerate(paths):
        try:
            with pil.open(path) as image:
                loaded.append(_from_pil(image, f"The image {os.fspath(path)!r}", wanted))
        # PIL raises SyntaxError and ValueError too for broken files.
        except (OSError, SyntaxError, ValueError, TableError, pil.DecompressionBombError) as error:
            raise CoercionError(
                f"The image file at position {position}, {os.fspath(path)!r}, cannot be read: "
                f"{error}. Mend the path or the file, or leave it out."
            ) from error
    return loaded
