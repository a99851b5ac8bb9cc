"""Collections of images: what is one, how they are read, and how `coerce` makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlj_keras.data import coerce, scitype
from mlj_keras.data.images import check_finite, images_of, is_images
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
        ([GRAY[0], GRAY[1] / 255], TableError, r"X\[0\] has uint8, X\[1\] has float"),
        ([GRAY[0], GRAY[1].astype("uint16")], TableError, r"one type and one scale"),
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


@pytest.mark.parametrize(
    ("pixels", "error", "message"),
    [
        ([[[np.nan]], [[1.0]]], MissingValuesError, r"1 image\(s\) of X.*first at \[0\]"),
        ([[[1.0]], [[np.inf]]], NonFiniteError, r"1 image\(s\) of X.*first at \[1\]"),
    ],
)
def test_pixels_that_are_not_finite_are_read_and_raise_where_they_are_checked(
    pixels: Any, error: type[Exception], message: str
) -> None:
    images = images_of(np.array(pixels))
    with pytest.raises(error, match=message):
        check_finite(images)
    check_finite(images_of(np.zeros((2, 1, 1))))
    check_finite(images_of(GRAY))


def test_images_of_float32_and_float64_and_of_foreign_byte_order_are_stacked() -> None:
    mixed = images_of([np.zeros((2, 2), "float32"), np.ones((2, 2))]).pixels
    assert mixed.dtype == "float64" and mixed[1].min() == 1
    big = images_of(np.full((2, 3, 4), 258, dtype=">u2")).pixels
    assert big.dtype.isnative and big.max() == 258


@pytest.mark.parametrize(
    ("mode", "dtype"),
    [("I;16", "uint16"), ("I;16B", "uint16"), ("I", "int32"), ("F", "float32")],
)
def test_deep_gray_images_of_pil_keep_every_number(mode: str, dtype: str) -> None:
    pil = pytest.importorskip("PIL.Image", reason="needs the extra images")
    image = pil.new(mode, (4, 3), 1000)
    image.putpixel((3, 0), 40)
    read = images_of([image, image])
    assert read.pixels.dtype == dtype and read.scitype == GrayImage[3, 4]
    assert read.pixels[0, 0, 0, 0] == 1000 and read.pixels[0, 0, 3, 0] == 40


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, [255]),
        ("LA", (7, 0), [7]),
        ("RGBA", (1, 2, 3, 0), [1, 2, 3]),
        ("RGBX", (1, 2, 3, 0), [1, 2, 3]),
        ("CMYK", (0, 255, 255, 0), [255, 0, 0]),
        ("YCbCr", (9, 128, 128), [9, 9, 9]),
        ("HSV", (0, 255, 255), [255, 0, 0]),
    ],
)
def test_other_modes_of_pil_are_gray_or_rgb(mode: str, colour: Any, expected: list[int]) -> None:
    pil = pytest.importorskip("PIL.Image", reason="needs the extra images")
    read = images_of([pil.new(mode, (2, 2), colour)])
    assert read.pixels[0, 0, 0].tolist() == expected and read.pixels.dtype == "uint8"


@pytest.mark.parametrize("mode", ["LAB", "La", "RGBa"])
def test_modes_of_pil_without_one_reading_are_refused(mode: str) -> None:
    pil = pytest.importorskip("PIL.Image", reason="needs the extra images")
    with pytest.raises(TableError, match=rf"X\[0\] has PIL's mode '{mode}'.*Convert it yourself"):
        images_of([pil.new(mode, (2, 2))])


def test_files_of_16_bits_keep_every_number_as_gray_and_are_no_colour_images(
    tmp_path: Path,
) -> None:
    pil = pytest.importorskip("PIL.Image", reason="reading files needs the extra images")
    path = tmp_path / "deep.png"
    deep = np.array([[0, 300], [40000, 65535]], dtype=np.uint16)
    pil.fromarray(deep).save(path)
    read = coerce([path], GrayImage)
    assert read.dtype == "uint16" and np.array_equal(read[0], deep)
    with pytest.raises(CoercionError, match="position 0, .*deep.png.* mode 'I;16'.*read as RGB"):
        coerce([path], ColorImage)


def test_a_missing_or_broken_file_raises_with_its_position_and_path(tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="reading files needs the extra images")
    good, cut, text = (tmp_path / name for name in ("good.png", "cut.png", "text.png"))
    pil.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40), dtype=np.uint8)).save(good)
    cut.write_bytes(good.read_bytes()[:200])
    text.write_text("no image")
    for bad in (tmp_path / "none.png", cut, text):
        with pytest.raises(CoercionError, match=f"position 1, .*{bad.name}.*cannot be read") as e:
            coerce([good, bad], GrayImage)
        assert isinstance(e.value.__cause__, OSError)
