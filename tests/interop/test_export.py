"""`export`: what is written, where, and what is refused."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    NotTrainedError,
    UnsupportedOperation,
    WrongType,
)

FORMATS = ("saved_model", "keras")


def net(**changes: Any) -> mlj.NeuralNetwork:
    values = {"builder": mlj.MLP(hidden=(8,)), "epochs": 2, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetwork(**{**values, "jit_compile": False, **changes})


def served(folder: Path, signature: str = "serving_default") -> Any:
    return tf.saved_model.load(str(folder)).signatures[signature]


@pytest.fixture(scope="module")
def small() -> mlj.Machine:
    """A trained regressor of one column."""
    x = np.arange(16.0)
    model = net(epochs=1)
    return mlj.fit(mlj.machine(model, pd.DataFrame({"a": x}), pd.Series(2 * x)), verbosity=0)


def test_a_file_is_replaced_and_an_empty_folder_filled(small: mlj.Machine, tmp_path: Path) -> None:
    file, folder = tmp_path / "m.keras", tmp_path / "m"
    file.write_text("old")
    folder.mkdir()
    mlj.export(small, file, format="keras")
    mlj.export(small, str(folder))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "m.keras"]
    given = {"a": tf.constant([1.0, 5.0])}
    expected = mlj.predict(small, pd.DataFrame({"a": [1.0, 5.0]}))
    np.testing.assert_allclose(served(folder)(**given)["prediction"], expected, rtol=1e-5)
    found = keras.models.load_model(file)(given)["prediction"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("format", FORMATS)
def test_what_cannot_be_written_leaves_what_was_there(
    format: str, small: mlj.Machine, tmp_path: Path
) -> None:
    path = tmp_path / ("m.keras" if format == "keras" else "m")
    if format == "keras":
        path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))  # as a disk that is full
    try:
        with pytest.raises(OSError) as caught:
            mlj.export(small, path, format=format)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.filename == str(path)
    assert [each.name for each in tmp_path.iterdir()] == (["m.keras"] if format == "keras" else [])
    assert format != "keras" or path.read_text() == "old"


def test_a_path_that_is_taken_or_has_no_folder_raises(small: mlj.Machine, tmp_path: Path) -> None:
    full, file = tmp_path / "full", tmp_path / "file"
    (full / "x.keras").mkdir(parents=True)
    file.write_text("own")
    cases: list[tuple[Path, str, type[OSError], Path]] = [
        (full, "saved_model", FileExistsError, full),
        (file, "saved_model", FileExistsError, file),
        (full / "x.keras", "keras", IsADirectoryError, full / "x.keras"),
        (tmp_path / "none" / "m", "saved_model", FileNotFoundError, tmp_path / "none"),
        (tmp_path / "none" / "m.keras", "keras", FileNotFoundError, tmp_path / "none"),
        (file / "m.keras", "keras", NotADirectoryError, file),
    ]
    for path, format, error, named in cases:
        with pytest.raises(error) as caught:
            mlj.export(small, path, format=format)
        assert caught.value.filename == str(named)
    assert file.read_text() == "own" and (full / "x.keras").is_dir()


def test_what_is_asked_for_wrongly_raises(small: mlj.Machine, tmp_path: Path) -> None:
    path = tmp_path / "m"
    with pytest.raises(InvalidArgument, match="must be 'saved_model' or 'keras', got 'onnx'"):
        mlj.export(small, path, format="onnx")
    with pytest.raises(InvalidArgument, match='file that ends in ".keras", got the path'):
        mlj.export(small, path, format="keras")
    with pytest.raises(InvalidArgument, match="writes a folder, got .*write format='keras'"):
        mlj.export(small, tmp_path / "m.keras")
    with pytest.raises(WrongType, match="takes a machine, then a path, got 'iris' first"):
        mlj.export("iris", small)  # type: ignore[arg-type]  # as save takes them
    X, y = mlj.load_iris()
    with pytest.raises(NotTrainedError, match="export needs a trained machine"):
        mlj.export(mlj.machine(net(), X, y), path)
    assert not list(tmp_path.iterdir())


def test_the_signature_of_rows_gives_outputs_of_one_length(tmp_path: Path) -> None:
    X, y = mlj.load_iris()
    mach = mlj.fit(mlj.machine(net(), X, y), verbosity=0)
    mlj.export(mach, tmp_path / "m")
    given = {name: tf.constant(X[name][:2], tf.float32) for name in X}
    found, whole = served(tmp_path / "m", "rows")(**given), served(tmp_path / "m")(**given)
    assert {name: len(each) for name, each in found.items()} == {"probabilities": 2, "labels": 2}
    np.testing.assert_array_equal(whole["probabilities"], found["probabilities"])
    assert [each.decode() for each in whole["levels"].numpy()] == list(mlj.levels(y))


def test_layers_that_are_not_keras_own_go_into_a_saved_model_only(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("tests")
    class Doubled(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    X = pd.DataFrame({"a": np.arange(16.0)})
    for layer, name in ((Doubled(), "Doubled"), (keras.layers.Lambda(tf.nn.relu), "Lambda")):
        model = keras.Sequential([keras.Input((1,)), layer, keras.layers.Dense(1)])
        mach = mlj.fit(mlj.machine(net(builder=model, epochs=0), X, 2 * X["a"]), verbosity=0)
        with pytest.raises(UnsupportedOperation, match=f"this network has .*{name}.*besides"):
            mlj.export(mach, tmp_path / "m.keras", format="keras")
        mlj.export(mach, tmp_path / name)
        found = served(tmp_path / name)(a=tf.constant(X["a"], tf.float32))["prediction"]
        np.testing.assert_allclose(found, mlj.predict(mach), rtol=1e-5, atol=1e-5)
