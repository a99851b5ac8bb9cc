"""Pixels on the scale of a network: exact numbers for each kind, and one kind for one machine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlj_keras.containers._image_encoder import ImageEncoder, check_pixels
from mlj_keras.data.images import images_of
from mlj_keras.errors import MissingValuesError, NonFiniteError, SchemaMismatch, ScitypeError

GRAY = np.array([[[0, 51], [102, 255]], [[1, 2], [3, 4]]])
KINDS = ("uint8", "uint16", "float32", "float64", "float16")


def encoder(pixels: np.ndarray) -> ImageEncoder:
    return ImageEncoder.fit(images_of(pixels))


@pytest.mark.parametrize("dtype", KINDS)
def test_pixels_are_divided_by_the_white_of_their_type(dtype: str) -> None:
    pixels = GRAY.astype(dtype)
    (found,) = encoder(pixels).encode(pixels)
    white = {"uint8": 255, "uint16": 65535}.get(dtype, 1)
    assert found.dtype == np.float32 and found.shape == (2, 2, 2, 1)
    np.testing.assert_array_equal(found[..., 0], GRAY.astype("float32") / np.float32(white))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint32", "uint64"])
def test_other_integers_raise_with_what_to_write(dtype: str) -> None:
    images = images_of(GRAY.astype(dtype))
    message = rf"pixels of {dtype}, .*X.astype\('uint8'\).*divide them by their largest value"
    for use in (ImageEncoder.fit, check_pixels, encoder(GRAY.astype("uint8")).encode):
        with pytest.raises(ScitypeError, match=message):
            use(images)


@pytest.mark.parametrize(
    ("trained", "new", "remedy"),
    [
        ("uint8", "float32", r"\(X \* 255\).round\(\).astype\('uint8'\)"),
        ("uint16", "float64", r"\(X \* 65535\).round\(\).astype\('uint16'\)"),
        ("float32", "uint8", r"X.astype\('float32'\) / 255"),
        ("float64", "uint16", r"X.astype\('float32'\) / 65535"),
        ("uint8", "uint16", r"\(X // 257\).astype\('uint8'\)"),
        ("uint16", "uint8", r"X.astype\('uint16'\) \* 257"),
    ],
)
def test_another_kind_than_in_training_raises_with_what_to_write(
    trained: str, new: str, remedy: str
) -> None:
    fitted = encoder(GRAY.astype(trained))
    with pytest.raises(SchemaMismatch, match=f"another scale. .*{remedy}"):
        fitted.encode(GRAY.astype(new))


def test_floats_of_any_width_are_one_kind() -> None:
    fitted = encoder(GRAY.astype("float64"))
    assert fitted == encoder(GRAY.astype("float32"))
    np.testing.assert_array_equal(
        fitted.encode(GRAY.astype("float16"))[0], fitted.encode(GRAY.astype("float64"))[0]
    )


def test_no_images_at_all_give_no_pixels() -> None:
    fitted = encoder(GRAY.astype("uint8"))
    none: Any
    for none in ([], np.zeros((0, 2, 2))):
        assert fitted.encode(none)[0].shape == (0, 2, 2, 1)


def test_images_of_another_size_raise() -> None:
    with pytest.raises(SchemaMismatch, match=r"\(2, 1, 1\), and .* trained on \(2, 2, 1\)"):
        encoder(GRAY.astype("uint8")).encode(GRAY[:, :, :1].astype("uint8"))


def test_pixels_that_are_not_finite_raise() -> None:
    for wrong, error in ((np.nan, MissingValuesError), (-np.inf, NonFiniteError)):
        pixels = GRAY.astype("float64")
        pixels[1, 0, 0] = wrong
        for use in (check_pixels, encoder(GRAY.astype("float64")).encode):
            with pytest.raises(error, match=r"first at \[1\]"):
                use(images_of(pixels))
