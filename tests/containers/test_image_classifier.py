"""`ImageClassifier`: the battery on 8×8 images, every way to give images, channels, pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    MissingValuesError,
    NonFiniteError,
    SchemaMismatch,
    ScitypeError,
    TableError,
)
from tests.batteries.containers import check_container, state_bytes

N_ROWS = 12
TINY = mlj.ImageCNN(blocks=((2, 1),), dense=())


def small(**changes: Any) -> mlj.ImageClassifier:
    """One structure for most tests of this file."""
    values: dict[str, Any] = {"builder": TINY, "epochs": 2, "batch_size": 4, "rng": 1}
    return mlj.ImageClassifier(**{**values, **changes})


def trained(X: Any, y: Any, **changes: Any) -> mlj.Machine:
    """A small classifier's machine, trained."""
    return mlj.fit(mlj.machine(small(**changes), X, y), verbosity=0)


@pytest.fixture
def gray() -> np.ndarray:
    """uint8 (n, 8, 8): a bright half on the left in even rows, on the right in odd ones."""
    images = np.random.default_rng(0).integers(0, 60, size=(N_ROWS, 8, 8), dtype=np.uint8)
    images[::2, :, :4] += 180
    images[1::2, :, 4:] += 180
    return images


@pytest.fixture
def y() -> pd.Series:
    labels = pd.Categorical(["left", "right"] * (N_ROWS // 2))
    return pd.Series(labels, index=range(7, 7 + N_ROWS), name="side")


def test_the_battery_of_containers(gray: np.ndarray, y: pd.Series) -> None:
    check_container(small(), gray, y)


def test_the_battery_with_a_list_of_colour_images(gray: np.ndarray, y: pd.Series) -> None:
    check_container(small(), [np.stack([image] * 3, axis=-1) for image in gray], y)


def test_bright_halves_are_told_apart(gray: np.ndarray, y: pd.Series) -> None:
    mach = trained(gray, y, epochs=60, optimiser=mlj.Adam(0.02))
    assert list(mlj.predict_mode(mach, gray)) == list(y)


@pytest.mark.parametrize(("channels", "shape"), [(1, (8, 6)), (1, (8, 6, 1)), (3, (8, 6, 3))])
def test_the_builder_gets_height_width_channels_and_an_output_for_each_level(
    channels: int, shape: tuple[int, ...], y: pd.Series
) -> None:
    asked: list[Any] = []

    def recording(inputs: Any, n_out: int) -> Any:
        import keras

        asked.append((tuple(inputs.shape), n_out))
        return keras.layers.Dense(n_out)(keras.layers.Flatten()(inputs))

    three = y.cat.add_categories(["middle"])
    X = np.zeros((N_ROWS, *shape), dtype=np.uint8)
    trained(X, three, builder=mlj.builder_from(recording), epochs=0)
    assert set(asked) == {((None, 8, 6, channels), 3)}
    kind = mlj.GrayImage if channels == 1 else mlj.ColorImage
    assert mlj.scitype(X) == mlj.Vector[kind[8, 6]]


def test_every_way_to_give_gray_images_gives_the_same_bytes(
    gray: np.ndarray, y: pd.Series, tmp_path: Path
) -> None:
    from PIL import Image

    paths = []
    for position, image in enumerate(gray):
        paths.append(tmp_path / f"{position}.png")
        Image.fromarray(image).save(paths[-1])
    ways = {
        "four axes": gray[..., None],
        "a list of arrays": list(gray),
        "PIL images": [Image.fromarray(image) for image in gray],
        "files": mlj.coerce([str(path) for path in paths], mlj.GrayImage),
    }
    mach = trained(gray, y)
    wanted = mlj.predict(mach, gray).to_numpy().tobytes()
    for name, X in ways.items():
        assert state_bytes(trained(X, y)) == state_bytes(mach), name
        assert mlj.predict(mach, X).to_numpy().tobytes() == wanted, name


def test_integers_are_divided_by_255_and_floats_are_taken_as_they_are(
    gray: np.ndarray, y: pd.Series
) -> None:
    mach = trained(gray, y)
    scaled = gray.astype(np.float32) / np.float32(255)
    assert state_bytes(trained(scaled, y)) == state_bytes(mach)
    oracle = np.asarray(mlj.fitted_params(mach).network(scaled[..., None]))
    np.testing.assert_allclose(mlj.predict(mach, gray).to_numpy(), oracle, atol=1e-6)
    doubled = mlj.predict(trained(scaled, y), scaled * 2).to_numpy()
    assert not np.allclose(doubled, oracle, atol=1e-3)
    with pytest.raises(SchemaMismatch, match="pixels of float, .*trained on uint8: another scale"):
        mlj.predict(mach, scaled)


def test_an_ordered_target_is_taken_and_keeps_its_order(gray: np.ndarray, y: pd.Series) -> None:
    ordered = y.cat.reorder_categories(["right", "left"], ordered=True)
    predicted = mlj.predict_mode(trained(gray, ordered), gray)
    assert predicted.cat.ordered
    assert list(predicted.cat.categories) == ["right", "left"]
    assert predicted.name == "side"


def test_rows_select_images(gray: np.ndarray, y: pd.Series) -> None:
    rows = [0, 1, 2, 5]
    some = mlj.fit(mlj.machine(small(), gray, y), rows=rows, verbosity=0)
    wanted = trained(gray[rows], y.iloc[rows])
    assert state_bytes(some) == state_bytes(wanted)
    assert mlj.predict(some, rows=rows).to_numpy().shape == (4, 2)


def test_an_image_model_has_no_embeddings_and_no_transform(gray: np.ndarray, y: pd.Series) -> None:
    mach = trained(gray, y)
    assert list(mlj.fitted_params(mach)._asdict()) == ["network"]
    with pytest.raises(TypeError, match="ImageClassifier has no transform. It has: predict"):
        mlj.transform(mach, gray)
    assert "embedding_dims" not in mach.model.fields()


def test_other_images_at_predict_are_refused_by_shape(gray: np.ndarray, y: pd.Series) -> None:
    mach = trained(gray, y)
    with pytest.raises(SchemaMismatch, match=r"\(8, 7, 1\).*trained on \(8, 8, 1\).*Resize"):
        mlj.predict(mach, gray[:, :, :7])
    with pytest.raises(SchemaMismatch, match=r"\(8, 8, 3\).*trained on \(8, 8, 1\)"):
        mlj.predict(mach, np.stack([gray] * 3, axis=-1))
    with pytest.raises(TableError, match=r"must be a collection of images, got DataFrame"):
        mlj.predict(mach, pd.DataFrame({"a": [1.0]}))


def test_what_are_no_images_of_one_size_is_refused_when_the_machine_is_made(
    gray: np.ndarray, y: pd.Series
) -> None:
    with pytest.raises(DimensionMismatch, match=r"equal size: .*X\[11\] has \(8, 7, 1\)"):
        mlj.machine(small(), [*gray[:-1], gray[-1, :, :7]], y)
    with pytest.raises(TableError, match=r"read by coerce\(X, GrayImage\)"):
        mlj.machine(small(), ["a.png"] * N_ROWS, y)
    with pytest.raises(ScitypeError, match=r"Write y = coerce\(y, Multiclass\)"):
        mlj.machine(small(), gray, list(y))
    with pytest.raises(TableError, match="collection of images, got ndarray of shape"):
        mlj.machine(small(), gray > 9, y)
    ragged = [*gray[:-1], gray[-1, :, :7]]
    with pytest.raises(DimensionMismatch, match=r"equal size: .*X\[11\]"):
        mlj.machine(mlj.NeuralNetwork(), ragged, y)


def test_pixels_that_no_network_can_take_are_refused_when_the_machine_is_made(
    gray: np.ndarray, y: pd.Series
) -> None:
    for wrong, error in ((np.nan, MissingValuesError), (np.inf, NonFiniteError)):
        X = gray.astype("float32")
        X[3, 0, 0] = wrong
        with pytest.raises(error, match=r"1 image\(s\) of X .*first at \[3\]"):
            mlj.machine(small(), X, y)
        mach = trained(gray.astype("float32"), y, epochs=0)
        with pytest.raises(error, match=r"first at \[3\]"):
            mlj.predict(mach, X)
    with pytest.raises(ScitypeError, match=r"pixels of int64.*X.astype\('uint8'\)"):
        mlj.machine(small(), gray.astype("int64"), y)
