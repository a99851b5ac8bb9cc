"""Collections of images: what is one, how they are read, and how `coerce` makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlj_keras.data import coerce, scitype
from mlj_keras.data.images import images_of, is_images
from mlj_keras.data.scitypes import ColorImage, GrayImage, Image, Scitype, Vector
from mlj_keras.errors import (
    CoercionError,
    DimensionMismatch,
    MissingValuesError,
    NonFiniteError,
    TableError,
)

GRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
COLOUR = np.arange(72, dtype=np.uint8).reshape(2, 3, 4, 3)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize(
    ("pixels", "expected"),
    [(GRAY, GrayImage[3, 4]), (GRAY[..., None], GrayImage[3, 4]), (COLOUR, ColorImage[3, 4])],
    ids=["gray", "one channel", "colour"],
)
def test_arrays_of_images_have_the_scitype_of_their_size_and_channels(
    pixels: np.ndarray, expected: Scitype, dtype: str
) -> None:
    given_images = pixels.astype(dtype)
    assert scitype(given_images) == Vector[expected]
    assert scitype(list(given_images)) == Vector[expected]
    images = images_of(given_images)
    assert is_images(images) and images_of(images) is images
    assert images.pixels.shape == (2, 3, 4, 1 if expected <= GrayImage else 3)
    assert scitype(images) == Vector[expected] and len(images) == 2
    assert np.array_equal(images.take(np.array([1])).pixels[0], images.pixels[1])


def test_a_list_of_images_is_stacked() -> None:
    assert np.array_equal(images_of(list(COLOUR)).pixels, COLOUR)
    assert np.array_equal(images_of(list(GRAY)).pixels[..., 0], GRAY)


@pytest.mark.parametrize("obj", [np.zeros((2, 2)), np.zeros((2, 2, 2, 4)), [], [1], "a", GRAY > 1])
def test_what_is_no_collection_of_images(obj: Any) -> None:
    assert not is_images(obj)


@pytest.mark.parametrize(
    ("obj", "error", "message"),
    [
        ([GRAY[0], GRAY[0][:2]], DimensionMismatch, r"X\[1\] has \(2, 4, 1\)"),
        ([np.zeros((2, 2, 4))], DimensionMismatch, "1 or 3 channels"),
        (np.zeros((2, 0, 4)), DimensionMismatch, "no pixels"),
        (np.zeros((2, 2)), TableError, "of shape"),
        (["a.png"], TableError, r"coerce\(X, GrayImage\)"),
        (np.array([[[np.nan]], [[1.0]]]), MissingValuesError, r"first at \[0\]"),
        (np.array([[[1.0]], [[np.inf]]]), NonFiniteError, r"first at \[1\]"),
    ],
)
def test_unusable_images_raise(obj: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        images_of(obj)


def test_coerce_makes_images_of_arrays() -> None:
    assert coerce(GRAY, GrayImage) is GRAY
    assert coerce(COLOUR, ColorImage[3, 4]) is COLOUR
    assert coerce(COLOUR, Image) is COLOUR
    single = coerce(GRAY[0], GrayImage)  # a matrix is one gray image here
    assert np.array_equal(single, GRAY[:1])
    assert np.array_equal(coerce(list(COLOUR), ColorImage), COLOUR)


@pytest.mark.parametrize(
    ("obj", "target", "message"),
    [
        (COLOUR, GrayImage, "have 3 channel.*Coerce them to ColorImage"),
        (GRAY, ColorImage, "have 1 channel.*Coerce them to GrayImage"),
        (GRAY, GrayImage[4, 3], r"scitype Vector\[GrayImage\[3, 4\]\].*Resize or crop"),
        (["a.png"], Image, "Write GrayImage or ColorImage"),
    ],
)
def test_coerce_to_the_wrong_images_raises(obj: Any, target: Scitype, message: str) -> None:
    with pytest.raises(CoercionError, match=message):
        coerce(obj, target)


def test_files_and_pil_images_are_read(tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="reading files needs the extra images")
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path, pixels in zip(paths, COLOUR, strict=True):
        pil.fromarray(pixels).save(path)
    assert np.array_equal(coerce(paths, ColorImage), COLOUR)
    assert coerce([str(path) for path in paths], GrayImage).shape == (2, 3, 4)
    assert coerce(paths[0], ColorImage).shape == (1, 3, 4, 3)
    opened = [pil.fromarray(pixels) for pixels in COLOUR]
    assert scitype(opened) == Vector[ColorImage[3, 4]]
    palette = [image.convert("P") for image in opened]
    assert scitype(palette) == Vector[ColorImage[3, 4]]
    assert scitype([pil.fromarray(pixels) for pixels in GRAY]) == Vector[GrayImage[3, 4]]
