"""`NeuralNetwork` and `container_for`: the table of dispatch, and the specification at work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import BuilderError, MissingValuesError, ModelWarning, ScitypeError
from tests.batteries.containers import check_container, state_bytes

N_ROWS = 24
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(N_ROWS, 2)), columns=["a", "b"])
MIXED = FRAME.assign(c=pd.Categorical(["u", "v"] * (N_ROWS // 2)))
NUMBERS = pd.Series(RNG.normal(size=N_ROWS), name="t")
TWO = pd.Series(pd.Categorical(["no", "yes"] * (N_ROWS // 2)), name="t")
THREE = pd.Series(pd.Categorical(["x", "y", "z"] * (N_ROWS // 3)), name="t")
IMAGES = RNG.integers(0, 255, size=(N_ROWS, 4, 4), dtype=np.uint8)

TABLE = [
    (FRAME, NUMBERS, mlj.NeuralNetworkRegressor),
    (MIXED, NUMBERS, mlj.NeuralNetworkRegressor),
    (FRAME.to_numpy(), NUMBERS, mlj.NeuralNetworkRegressor),
    (FRAME, FRAME, mlj.MultitargetNeuralNetworkRegressor),
    (FRAME, FRAME.to_numpy(), mlj.MultitargetNeuralNetworkRegressor),
    (FRAME, THREE, mlj.NeuralNetworkClassifier),
    (FRAME, TWO, mlj.NeuralNetworkBinaryClassifier),
    (FRAME, TWO.cat.add_categories(["maybe"]), mlj.NeuralNetworkClassifier),
    (IMAGES, THREE, mlj.ImageClassifier),
    (IMAGES, TWO, mlj.ImageClassifier),
    (IMAGES, NUMBERS, mlj.ImageRegressor),
    (np.stack([IMAGES] * 3, axis=-1), THREE, mlj.ImageClassifier),
]


def small(**changes: Any) -> mlj.NeuralNetwork:
    """A specification with a small builder."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8}
    return mlj.NeuralNetwork(**{**values, "rng": 1, **changes})


@pytest.mark.parametrize(("X", "y", "container"), TABLE)
def test_the_scitypes_of_the_data_pick_the_container(X: Any, y: Any, container: type) -> None:
    assert mlj.container_for(X, y) is container
    mach = mlj.machine(mlj.NeuralNetwork(), X, y)
    assert mach.container is container
    assert type(mach.model) is mlj.NeuralNetwork


@pytest.mark.parametrize("y", [NUMBERS, THREE, TWO, FRAME], ids=["reg", "cls", "bin", "multi"])
def test_the_battery_of_containers(y: Any) -> None:
    check_container(small(), MIXED, y)


def test_the_battery_with_images() -> None:
    tiny = mlj.ImageCNN(blocks=((2, 1),), dense=())
    check_container(small(builder=tiny), IMAGES, THREE)


@pytest.mark.parametrize(
    ("X", "y"), [(MIXED, NUMBERS), (MIXED, THREE), (MIXED, TWO)], ids=["reg", "cls", "bin"]
)
def test_a_specification_trains_what_its_container_trains(X: Any, y: Any) -> None:
    spec = small(embedding_dims={"c": 2})
    kind: Any = mlj.container_for(X, y)
    container = kind(builder=spec.builder, epochs=2, batch_size=8, rng=1, embedding_dims={"c": 2})
    one = mlj.fit(mlj.machine(spec, X, y), verbosity=0)
    other = mlj.fit(mlj.machine(container, X, y), verbosity=0)
    assert state_bytes(one) == state_bytes(other)


def test_none_means_the_default_of_the_container() -> None:
    for X, y, container in TABLE:
        resolved = mlj.NeuralNetwork(epochs=3, rng=4).resolve(mlj.scitype(X), mlj.scitype(y))
        assert resolved == container(epochs=3, rng=4)


def test_raising_the_epochs_of_the_specification_is_a_warm_restart() -> None:
    spec = small(epochs=1)
    mach = mlj.fit(mlj.machine(spec, FRAME, THREE), verbosity=0)
    first = mlj.training_losses(mach).tolist()
    spec.epochs += 2
    mlj.fit(mach, verbosity=0)
    assert mach.model is spec
    assert mlj.training_losses(mach)[:1].tolist() == first
    assert len(mlj.training_losses(mach)) == 3
    assert mach.state == 2


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (FRAME, [1, 2, 3], r"y = coerce\(y, Multiclass\); or .*y = coerce\(y, Continuous\)"),
        (FRAME, ["a", "b"], r"Its strings are classes: y = coerce\(y, Multiclass\)"),
        (IMAGES, FRAME, "Images take one target: a column of classes or of numbers"),
        ([0.5, 1.5], NUMBERS, r"X must be a table or images, .*Vector\[Continuous\]\. Pass a"),
    ],
)
def test_data_that_no_container_takes_are_refused_with_what_to_write(
    X: Any, y: Any, words: str
) -> None:
    with pytest.raises(ScitypeError, match=words):
        mlj.container_for(X, y)


def test_missing_values_do_not_hide_the_container_and_are_refused_by_row() -> None:
    y = NUMBERS.where(NUMBERS.index != 5)
    assert mlj.container_for(FRAME, y) is mlj.NeuralNetworkRegressor
    with pytest.raises(MissingValuesError, match=r"y has 1 missing \(first rows 5\)\. Drop those"):
        mlj.machine(small(), FRAME, y)


def test_infinite_numbers_are_refused_through_the_specification_too() -> None:
    with pytest.raises(ValueError, match=r"column 'a' has 1 \(first rows 0, the first is inf\)"):
        mlj.machine(small(), FRAME.assign(a=[np.inf, *FRAME["a"][1:]]), NUMBERS)


@pytest.mark.parametrize(
    ("X", "y", "changes", "names"),
    [
        (FRAME, NUMBERS, {"finaliser": "tanh"}, "no finaliser:"),
        (IMAGES, THREE, {"embedding_dims": {"c": 2}}, "no embedding_dims:"),
        (IMAGES, THREE, {"standardise": False}, "no standardise:"),
        (
            IMAGES,
            NUMBERS,
            {"finaliser": "tanh", "embedding_dims": {"c": 2}},
            "no finaliser and no embedding_dims:",
        ),
    ],
)
def test_a_value_without_effect_is_warned_of_when_the_machine_is_made(
    X: Any, y: Any, changes: dict[str, Any], names: str
) -> None:
    with pytest.warns(ModelWarning) as caught:
        mlj.machine(mlj.NeuralNetwork(**changes), X, y)
    (warning,) = caught
    container = mlj.container_for(X, y).__name__
    assert f"NeuralNetwork picks {container}, which has {names}" in str(warning.message)
    assert str(warning.message).endswith("what is set there has no effect. Leave it out.")


def test_values_that_have_an_effect_and_checks_left_out_do_not_warn() -> None:
    mlj.machine(mlj.NeuralNetwork(finaliser="softmax", standardise=False), FRAME, THREE)
    mlj.machine(mlj.NeuralNetwork(standardise=True, embedding_dims={}), IMAGES, THREE)
    mlj.machine(mlj.NeuralNetwork(finaliser="tanh"), FRAME, NUMBERS, scitype_check_level=0)


def test_a_fit_says_nothing_more_of_a_value_without_effect() -> None:
    with pytest.warns(ModelWarning):
        mach = mlj.machine(small(finaliser="tanh"), FRAME, NUMBERS)
    assert mlj.fit(mach, verbosity=0).state == 1


def test_a_keras_model_of_two_outputs_is_sent_to_the_classifier() -> None:
    import keras

    two = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="softmax")])
    with pytest.raises(BuilderError, match=r"has 2 outputs, .*Write NeuralNetworkClassifier inst"):
        mlj.machine(small(builder=two), FRAME, TWO)
    mach = mlj.machine(
        mlj.NeuralNetworkClassifier(builder=two, epochs=1, batch_size=8, rng=1), FRAME, TWO
    )
    assert mlj.predict(mlj.fit(mach, verbosity=0)).levels == ("no", "yes")


def test_a_keras_model_of_one_output_or_without_shape_is_let_through() -> None:
    import keras

    one = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    mlj.machine(small(builder=one), FRAME, TWO)
    mlj.machine(small(builder=keras.Sequential([keras.layers.Dense(1)])), FRAME, TWO)


def test_a_table_of_integers_as_target_gets_a_line_that_works() -> None:
    y = np.arange(2 * N_ROWS).reshape(N_ROWS, 2)
    with pytest.raises(ScitypeError, match=r"y = coerce\(y, {Count: Continuous}\)"):
        mlj.machine(mlj.NeuralNetwork(), FRAME, y)
    y = mlj.coerce(y, {mlj.Count: mlj.Continuous})
    assert mlj.container_for(FRAME, y) is mlj.MultitargetNeuralNetworkRegressor


def test_missing_values_do_not_hide_what_is_wrong_with_the_target() -> None:
    with pytest.raises(ScitypeError, match=r"Its strings are classes: y = coerce\(y, Multiclass"):
        mlj.machine(mlj.NeuralNetwork(), FRAME, [None, "a", *["b"] * (N_ROWS - 2)])


def test_the_error_of_the_target_names_what_is_wrong_with_the_inputs_too() -> None:
    X = FRAME.assign(n=1, name="x", when=pd.Timestamp("2020-01-01"))
    X.loc[3, "a"] = np.nan
    with pytest.raises(ScitypeError) as caught:
        mlj.machine(mlj.NeuralNetwork(), X, ["u", "v"] * (N_ROWS // 2))
    text = str(caught.value)
    assert text.startswith("No network fits a target of scitype Vector[Textual]. ")
    assert "y = coerce(y, Multiclass). X cannot be taken either: column 'name' is Textual" in text
    assert "column 'when' is ScientificDateTime (turn times" in text
    assert "column 'a' has 1 missing (first rows 3). Fill them first" in text
    assert text.endswith("Write X = coerce(X, {'n': Continuous, 'name': Multiclass})")


@pytest.mark.parametrize(
    ("y", "line"),
    [
        (TWO.to_frame(), "y = y['t']."),
        (pd.DataFrame({0: ["u", "v"] * (N_ROWS // 2)}), "y = coerce(y[0], Multiclass)."),
        (
            np.array([[1], [2]] * (N_ROWS // 2)),
            "y = coerce(y[:, 0], Multiclass) or y = coerce(y[:, 0], Continuous).",
        ),
    ],
    ids=["classes", "strings", "integers"],
)
def test_a_target_table_of_one_column_gets_the_line_that_takes_it(y: Any, line: str) -> None:
    with pytest.raises(ScitypeError) as caught:
        mlj.machine(mlj.NeuralNetwork(), FRAME, y)
    assert str(caught.value).endswith(f"It has one column: {line}")
