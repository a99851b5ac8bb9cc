"""What another program, without this package, predicts from raw columns is what the machine
predicts; and of which machines there is such a model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.interop._raw_columns import safe_names

FORMATS = ("saved_model", "keras")
# bfloat16 has eight bits, and where is rounded depends on the program and on the processor.
COARSE = 2**-6
IMAGES, DIGITS = mlj.load_digits()
IMAGES, DIGITS = np.asarray(IMAGES[:60]), DIGITS[:60]

# What a program does that has TensorFlow and Keras, and not this package.
PROGRAM = """
import json, sys, zipfile
from pathlib import Path
sys.modules["mlj_keras"] = None  # any import of it would raise
import keras, numpy as np, tensorflow as tf

def facts(path):
    if path.is_dir():
        return json.loads((path / "assets.extra" / "mlj_keras.json").read_text("utf-8"))
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("mlj_keras.json"))

def inputs(path, folder):
    images = folder / "pixels.npy"
    if images.exists():
        return {"pixels": tf.constant(np.load(images))}
    columns = json.loads((folder / "columns.json").read_text("utf-8"))
    return {
        name: tf.constant(columns[each["column"]], each["dtype"])
        for name, each in facts(path)["inputs"].items()
    }

def plain(tensor):
    array = np.asarray(tensor)
    return [each.decode() for each in array] if array.dtype == object else array.tolist()

for folder in Path(sys.argv[1]).iterdir():
    for path in (folder / "saved_model", folder / "model.keras"):
        given = inputs(path, folder)
        if path.is_dir():
            found = tf.saved_model.load(str(path)).signatures["serving_default"](**given)
        else:
            found = keras.models.load_model(path)(given)
        out = {name: plain(tensor) for name, tensor in found.items()}
        path.with_name(path.name + ".json").write_text(json.dumps(out), "utf-8")
"""


def net(**changes: Any) -> mlj.NeuralNetwork:
    values = {"builder": mlj.MLP(hidden=(8,)), "epochs": 2, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetwork(**{**values, "jit_compile": False, **changes})


def cnn(**changes: Any) -> mlj.NeuralNetwork:
    return net(builder=mlj.ImageCNN(blocks=((2, 1),), dense=(4,)), **changes)


def iris() -> tuple[pd.DataFrame, pd.Series]:
    """Names that TensorFlow does not take, or takes for one."""
    X, y = mlj.load_iris()
    return X.set_axis(["sepal length (cm)", "Sepal_length__cm_", "class", "self"], axis=1), y


def titanic() -> pd.DataFrame:
    """90 passengers: factors of strings, integers, booleans and floats, and numbers."""
    frame = mlj.load_titanic().dropna(subset=["age", "embarked", "fare"]).iloc[::11]
    frame = frame[["pclass", "survived", "sex", "age", "parch", "fare"]].reset_index(drop=True)
    frame = frame.assign(alone=frame["parch"] == 0, half=frame["parch"] / 2)
    kinds = {"sex": mlj.Multiclass, "survived": mlj.Multiclass, "pclass": mlj.OrderedFactor}
    frame = mlj.coerce(frame, {**kinds, "alone": mlj.Multiclass, "parch": mlj.Multiclass})
    return mlj.coerce(frame, {"half": mlj.Multiclass})


def three() -> pd.DataFrame:
    """Numbers of which one is far from zero, and a target of each kind."""
    X, y = mlj.load_diabetes()
    frame = X.iloc[:60, :4].assign(year=1900.0 + np.arange(60), y=y[:60])
    return frame.assign(whole=np.arange(60) % 3 * 2, other=frame["y"] * 1e-3 + frame["bmi"])


def machine_of(case: str) -> mlj.Machine:
    """An untrained machine of each kind that has a network."""
    frame, people = three(), titanic()
    numbers = frame[["age", "bmi", "year"]]
    if case == "names":
        return mlj.machine(net(), *iris())
    if case == "factors and two classes":
        return mlj.machine(net(), people.drop(columns="survived"), people["survived"])
    if case == "factors alone in bfloat16, labels are floats":
        classes = pd.Series(np.digitize(people["fare"], [10, 30]) / 2)
        y = mlj.coerce(classes, mlj.Multiclass)
        return mlj.machine(net(precision="mixed_bfloat16"), people[["sex", "half", "parch"]], y)
    if case == "two targets, averaged weights":
        targets = frame[["y", "other"]].set_axis(["y", "a/b"], axis=1)
        return mlj.machine(net(optimiser=mlj.Adam(1e-2, use_ema=True)), numbers, targets)
    if case == "a matrix and integer labels from a Keras model":
        model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization()])
        model.add(keras.layers.Dense(3))
        y = mlj.coerce(frame["whole"], mlj.Multiclass)
        return mlj.machine(net(builder=model), numbers.to_numpy(), y)
    if case == "images":
        return mlj.machine(cnn(), IMAGES, DIGITS)
    if case == "images of bytes and a number":
        return mlj.machine(cnn(), (IMAGES * 255).astype("uint8"), frame["y"])
    assert case == "pipeline that ends in a tuned iterated model"
    pipe = mlj.OneHotEncoder(features=("parch", "sex"), drop_last=True) | mlj.Standardizer(
        features=("pclass", "age", "fare"), ordered_factor=True
    )
    iterated = mlj.IteratedModel(model=net(), controls=[mlj.Step(1), mlj.NumberLimit(2)])
    pipe = pipe | mlj.ContinuousEncoder() | mlj.TunedModel(models=[iterated])
    X = mlj.coerce(people.drop(columns="alone"), {"half": mlj.OrderedFactor}).assign(name="who")
    return mlj.machine(pipe, X, people["alone"])


CASES = (
    "names",
    "factors and two classes",
    "factors alone in bfloat16, labels are floats",
    "two targets, averaged weights",
    "a matrix and integer labels from a Keras model",
    "images",
    "images of bytes and a number",
    "pipeline that ends in a tuned iterated model",
)


def write_inputs(folder: Path, X: Any) -> None:
    """The data in plain files: a list by column, or pixels."""
    if isinstance(X, np.ndarray) and X.ndim > 2:
        np.save(folder / "pixels.npy", X[..., None])
        return
    table = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X, columns=["x1", "x2", "x3"])
    columns = {name: table[name].astype(object).tolist() for name in table}
    if "half" in columns:  # labels that are no integers go by their text
        columns["half"] = list(map(str, columns["half"]))
    (folder / "columns.json").write_text(json.dumps(columns), "utf-8")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Path]]:
    """By case, what the machine predicts, and the folder in which another process has written
    what the two exported models do."""
    top, found = tmp_path_factory.mktemp("exported"), {}
    for number, case in enumerate(CASES):
        folder = top / str(number)
        folder.mkdir()
        mach = mlj.fit(machine_of(case), verbosity=0)
        for format, name in zip(FORMATS, ("saved_model", "model.keras"), strict=True):
            mlj.export(mach, folder / name, format=format)
        X = mach.args[0].data
        write_inputs(folder, X)
        found[case] = (mlj.predict(mach), folder)
    environment = {**os.environ, "PYTHONPATH": ""}
    subprocess.run([sys.executable, "-c", PROGRAM, str(top)], check=True, env=environment)
    return found


def read(folder: Path, format: str) -> dict[str, Any]:
    name = "saved_model.json" if format == "saved_model" else "model.keras.json"
    found: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_another_program_predicts_what_the_machine_predicts(
    case: str, format: str, exported: dict[str, tuple[Any, Path]]
) -> None:
    expected, folder = exported[case]
    found = read(folder, format)
    if hasattr(expected, "levels"):
        rtol = COARSE if "bfloat16" in case else 1e-5
        np.testing.assert_allclose(found["probabilities"], expected.to_numpy(), rtol=rtol)
        own = list(mlj.mode(expected))
        texts = isinstance(found["labels"][0], str)
        assert found["labels"] == (list(map(str, own)) if texts else own)
        assert texts is not (case.startswith("a matrix") or case.startswith("pipeline"))
        if format == "saved_model":
            levels = list(expected.levels)
            assert found["levels"] == (list(map(str, levels)) if texts else levels)
        assert len(set(found["labels"])) > 1 or "images" not in case
    elif isinstance(expected, pd.DataFrame):
        assert set(found) == {"y", "a_b"}
        table = np.column_stack([found["y"], found["a_b"]])
        np.testing.assert_allclose(table, expected.to_numpy(), rtol=1e-5)
    else:
        assert set(found) == {"prediction"}
        np.testing.assert_allclose(found["prediction"], expected, rtol=1e-5)


def facts(folder: Path) -> dict[str, Any]:
    text = (folder / "saved_model" / "assets.extra" / "mlj_keras.json").read_text("utf-8")
    with zipfile.ZipFile(folder / "model.keras") as archive:
        assert archive.read("mlj_keras.json").decode() == text
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.slow
def test_both_forms_tell_the_column_of_each_input(
    exported: dict[str, tuple[Any, Path]],
) -> None:
    told = facts(exported["names"][1])
    assert {name: each["column"] for name, each in told["inputs"].items()} == {
        "sepal_length__cm__": "sepal length (cm)",
        "Sepal_length__cm_": "Sepal_length__cm_",
        "class_": "class",
        "self_": "self",
    }
    assert told["levels"] == ["setosa", "versicolor", "virginica"]
    assert list(told["outputs"]) == ["probabilities", "labels"]
    assert facts(exported["two targets, averaged weights"][1])["outputs"] == {
        "y": "y",
        "a_b": "a/b",
    }
    assert facts(exported["images of bytes and a number"][1])["inputs"] == {
        "pixels": {"column": None, "dtype": "uint8", "shape": [8, 8, 1], "levels": None}
    }


@pytest.mark.slow
def test_factors_are_given_as_integers_or_text_by_their_levels(
    exported: dict[str, tuple[Any, Path]],
) -> None:
    inputs = facts(exported["factors and two classes"][1])["inputs"]
    assert {name: each["dtype"] for name, each in inputs.items()} == {
        "pclass": "string",
        "sex": "string",
        "age": "float32",
        "parch": "int64",
        "fare": "float32",
        "alone": "int64",
        "half": "string",
    }
    assert inputs["alone"]["levels"] == [0, 1]
    assert inputs["half"]["levels"][:2] == ["0.0", "0.5"]
    # Of a pipeline they are the columns that reach the network in the end.
    inputs = facts(exported["pipeline that ends in a tuned iterated model"][1])["inputs"]
    assert {name: each["dtype"] for name, each in inputs.items()} == {
        "pclass": "string",
        "survived": "string",
        "sex": "string",
        "age": "float32",
        "parch": "int64",
        "fare": "float32",
        "half": "string",
    }


def served(folder: Path, signature: str = "serving_default") -> Any:
    return tf.saved_model.load(str(folder)).signatures[signature]


@pytest.mark.slow
def test_an_unseen_level_and_a_number_that_is_missing_raise(
    exported: dict[str, tuple[Any, Path]],
) -> None:
    folder = exported["factors alone in bfloat16, labels are floats"][1]
    row = {"sex": ["female"], "half": ["0.5"], "parch": tf.constant([0], tf.int64)}
    good = {name: tf.constant(value) for name, value in row.items()}
    function = served(folder / "saved_model")
    model = keras.models.load_model(folder / "model.keras")
    np.testing.assert_allclose(
        function(**good)["probabilities"], model(good)["probabilities"], rtol=COARSE
    )
    for bad in ({"sex": tf.constant(["other"])}, {"parch": tf.constant([77], tf.int64)}):
        for call in (lambda given: function(**given), model):
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"OOV values .*(other|77)"):
                call({**good, **bad})
    numbers = {name: tf.constant([1.0, np.nan]) for name in ("x1", "x2", "x3")}
    folder = exported["a matrix and integer labels from a Keras model"][1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="input x1 is not finite"):
        served(folder / "saved_model")(**numbers)


def test_machines_without_one_network_say_what_to_take(tmp_path: Path) -> None:
    X = pd.DataFrame({"a": np.arange(16.0), "b": np.arange(16.0) % 5})
    y = pd.Series(X["a"] * 2)
    regressor = mlj.NeuralNetworkRegressor(epochs=1, rng=1, jit_compile=False)
    snapshots = mlj.IteratedModel(
        model=regressor,
        controls=[mlj.Step(1), mlj.Snapshots(), mlj.NumberLimit(2)],
        keep="snapshots",
    )
    for model, message in (
        (mlj.Standardizer(), "predicts by one network, and Standardizer is none"),
        (mlj.EntityEmbedder(regressor), "predicts by one network, and EntityEmbedder is none"),
        (mlj.FillImputer() | regressor, "part 'fill_imputer' is a FillImputer. Transform the"),
        (regressor | np.square, "ends in a network.*this one ends in 'f'"),
        (snapshots, "this IteratedModel predicts the mean of 2"),
    ):
        own = (X,) if isinstance(model, mlj.Standardizer) else (X, y)
        mach = mlj.fit(mlj.machine(model, *own), verbosity=0)
        with pytest.raises(UnsupportedOperation, match=message):
            mlj.export(mach, tmp_path / "m")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a", "b_1", "X2"), ["a", "b_1", "X2"]),
        (("sepal length (cm)", "größe"), ["sepal_length__cm_", "gr__e"]),
        (("1st", "_a", "", "class", "self"), ["x1st", "x_a", "x", "class_", "self_"]),
        (("a b", "a_b", "a-b", "A_B"), ["a_b__", "a_b", "a_b___", "A_B_"]),
    ],
)
def test_names_become_such_that_tensorflow_takes_them(
    names: tuple[str, ...], expected: list[str]
) -> None:
    assert safe_names(names) == expected
