"""`NeuralNetworkClassifier`: the battery, pools, finalisers, class weights, embeddings."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, LevelsWarning, UnseenLevelError, WeightsError
from tests.batteries.containers import check_container, state_bytes

N_ROWS = 30
LEVELS = ["setosa", "virginica", "bronze"]  # not sorted: the pool rules, not the alphabet


def small(**changes: Any) -> mlj.NeuralNetworkClassifier:
    """One structure for most tests of this file."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8}
    return mlj.NeuralNetworkClassifier(**{**values, "rng": 1, **changes})


def trained(X: Any, y: Any, *w: Any, **changes: Any) -> mlj.Machine:
    """A small classifier's machine, trained."""
    return mlj.fit(mlj.machine(small(**changes), X, y, *w), verbosity=0)


@pytest.fixture
def codes() -> np.ndarray:
    return np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [5, 10, 15]))


@pytest.fixture
def X(codes: np.ndarray) -> pd.DataFrame:
    noise = np.random.default_rng(1).normal(size=(N_ROWS, 2))
    return pd.DataFrame(noise + 3.0 * np.eye(3)[codes][:, :2], columns=["a", "b"]).set_axis(
        pd.Index(range(100, 100 + N_ROWS))
    )


@pytest.fixture
def y(X: pd.DataFrame, codes: np.ndarray) -> pd.Series:
    return pd.Series(
        pd.Categorical.from_codes(codes, categories=pd.Index(LEVELS)),
        index=X.index,
        name="species",
    )


@pytest.fixture
def mixed() -> pd.DataFrame:
    """Two numbers and two factors, of 5 and 3 levels, by turns."""
    rng = np.random.default_rng(2)
    town = pd.Categorical.from_codes(
        rng.integers(5, size=N_ROWS), categories=pd.Index(list("pqrst"))
    )
    grade = pd.Categorical.from_codes(
        rng.integers(3, size=N_ROWS), categories=pd.Index(list("xyz"))
    )
    length, width = rng.normal(size=(2, N_ROWS))
    return pd.DataFrame({"length": length, "town": town, "width": width, "grade": grade})


def test_the_battery_of_containers(X: pd.DataFrame, y: pd.Series) -> None:
    check_container(small(), X, y)


def test_the_battery_with_factors_and_dropout(mixed: pd.DataFrame, y: pd.Series) -> None:
    model = small(builder=mlj.Short(n_hidden=4), embedding_dims={"town": 2})
    check_container(model, mixed, y.reset_index(drop=True))


def test_separable_classes_are_learned(X: pd.DataFrame, y: pd.Series) -> None:
    mach = trained(X, y, epochs=200, optimiser=mlj.Adam(0.02))
    assert (mlj.predict_mode(mach, X) == y).mean() > 0.9  # 3 deviations apart


def test_classes_are_in_the_order_of_the_pool_and_unseen_levels_have_an_output(
    X: pd.DataFrame, y: pd.Series
) -> None:
    wider = y.cat.add_categories(["gold"])
    mach = trained(X, wider)
    predicted = mlj.predict(mach, X)
    assert predicted.levels == (*LEVELS, "gold")
    assert predicted.to_numpy().shape == (N_ROWS, 4)
    np.testing.assert_allclose(predicted.to_numpy().sum(axis=1), 1.0, atol=1e-6)
    outputs = np.asarray(mlj.fitted_params(mach).network(standardised(X)))
    np.testing.assert_allclose(predicted.pdf("gold"), outputs[:, 3], atol=1e-6)
    np.testing.assert_allclose(predicted.pdf("bronze"), outputs[:, 2], atol=1e-6)


def standardised(X: pd.DataFrame) -> np.ndarray:
    """The oracle of standardising, with NumPy."""
    values = X.to_numpy()
    scaled = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    return scaled.astype(np.float32)


def test_rows_of_two_classes_still_give_three_outputs(X: pd.DataFrame, y: pd.Series) -> None:
    rows = np.flatnonzero(y != "bronze")
    mach = mlj.fit(mlj.machine(small(), X, y), rows=rows, verbosity=0)
    assert mlj.predict(mach, X).levels == tuple(LEVELS)
    with pytest.warns(LevelsWarning, match="Only one class, 'bronze', occurs") as caught:
        mlj.fit(mach, rows=np.flatnonzero(y == "bronze"), verbosity=0)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("kind", ["pandas", "categorical", "polars", "pyarrow"])
def test_predictions_of_an_ordered_factor_keep_order_and_kind(
    kind: str, X: pd.DataFrame, y: pd.Series
) -> None:
    ordered = pd.Categorical(y, categories=LEVELS, ordered=True)
    targets: dict[str, Any] = {
        "pandas": pd.Series(ordered, index=X.index, name="species"),
        "categorical": ordered,
        "polars": pl.Series("species", list(y), dtype=pl.Enum(LEVELS)),
        "pyarrow": pa.DictionaryArray.from_arrays(
            pa.array(ordered.codes.astype("int32")), pa.array(LEVELS), ordered=True
        ),
    }
    target = targets[kind]
    mach = trained(X, target)
    predicted = mlj.predict_mode(mach, X)
    assert type(predicted) is type(target)
    assert mlj.scitype(predicted) == mlj.Vector[mlj.OrderedFactor[3]]
    assert mlj.levels(predicted) == tuple(LEVELS)
    best = mlj.predict(mach, X).to_numpy().argmax(axis=1)
    labels = predicted.to_pylist() if kind == "pyarrow" else list(predicted)
    assert labels == [LEVELS[code] for code in best]
    if kind == "pandas":
        assert predicted.name == "species"
        assert predicted.index.equals(X.index)


def test_balanced_weights_are_the_class_weights_and_the_vector_bit_for_bit(
    X: pd.DataFrame, y: pd.Series
) -> None:
    by_level = {"setosa": 30 / (3 * 5), "virginica": 30 / (3 * 10), "bronze": 30 / (3 * 15)}
    vector = [by_level[label] for label in y]
    assert np.mean(vector) == pytest.approx(1.0)
    wanted = state_bytes(trained(X, y, "balanced"))
    assert state_bytes(trained(X, y, by_level)) == wanted
    assert state_bytes(trained(X, y, vector)) == wanted
    assert state_bytes(trained(X, y)) != wanted


def test_weights_of_one_change_nothing(X: pd.DataFrame, y: pd.Series) -> None:
    assert state_bytes(trained(X, y, np.ones(N_ROWS))) == state_bytes(trained(X, y))


def test_balanced_weights_are_counted_on_the_training_rows(X: pd.DataFrame, y: pd.Series) -> None:
    rows = np.flatnonzero(y != "bronze")  # 5 setosa, 10 virginica
    half = mlj.fit(mlj.machine(small(), X, y, "balanced"), rows=rows, verbosity=0)
    w = np.where(y == "setosa", 15 / (2 * 5), 15 / (2 * 10))
    assert state_bytes(half) == state_bytes(
        mlj.fit(mlj.machine(small(), X, y, w), rows=rows, verbosity=0)
    )


def test_class_weights_that_miss_a_level_are_refused(X: pd.DataFrame, y: pd.Series) -> None:
    with pytest.raises(WeightsError, match="every level .*there is no weight for 'bronze'"):
        mlj.machine(small(), X, y, {"setosa": 1.0, "virginica": 2.0})


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", "CategoricalCrossentropy", "kl_divergence"]
)
def test_losses_that_mean_the_same_give_the_same_first_loss(
    loss: str, X: pd.DataFrame, y: pd.Series
) -> None:
    usual, other = trained(X, y, epochs=0), trained(X, y, epochs=0, loss=loss)
    wanted = mlj.report(usual).training_losses
    np.testing.assert_allclose(mlj.report(other).training_losses, wanted, rtol=1e-5)


def test_the_first_loss_is_the_mean_of_minus_log_probabilities(
    X: pd.DataFrame, y: pd.Series
) -> None:
    mach = trained(X, y, epochs=0, batch_size=10)
    logs = np.log(mlj.predict(mach, X).to_numpy()[np.arange(N_ROWS), y.cat.codes])
    assert mlj.report(mach).training_losses == pytest.approx([-logs.mean()], rel=1e-5)


def test_a_from_logits_loss_gives_probabilities_and_the_usual_weights(
    X: pd.DataFrame, y: pd.Series
) -> None:
    import keras

    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    wanted = mlj.predict(trained(X, y), X).to_numpy()
    np.testing.assert_allclose(mlj.predict(trained(X, y, loss=loss), X).to_numpy(), wanted, 1e-5)


def ends_in_softmax(inputs: Any, n_out: int) -> Any:
    """A network that has its finaliser itself."""
    import keras

    hidden = keras.layers.Dense(4, activation="relu")(inputs)
    return keras.layers.Dense(n_out, activation="softmax")(hidden)


def test_a_network_that_ends_in_softmax_gets_no_second_one_and_says_so_once(
    X: pd.DataFrame, y: pd.Series, caplog: pytest.LogCaptureFixture
) -> None:
    model = small(builder=mlj.builder_from(ends_in_softmax))
    with caplog.at_level(logging.INFO, logger="mlj_keras"):
        mach = mlj.fit(mlj.machine(model, X, y), verbosity=1)
        mlj.fit(mach, verbosity=1, force=True)
    said = [r.getMessage() for r in caplog.records if "ends in" in r.getMessage()]
    assert said == ["The network ends in softmax already; no second one is added."]
    network = mlj.fitted_params(mach).network
    assert network.layers[-1].get_config()["activation"] == "softmax"
    outputs = np.asarray(network(standardised(X)))
    np.testing.assert_allclose(mlj.predict(mach, X).to_numpy(), outputs, atol=1e-6)
    np.testing.assert_allclose(outputs.sum(axis=1), 1.0, atol=1e-6)


def test_embedding_widths_are_those_of_the_rule(mixed: pd.DataFrame, y: pd.Series) -> None:
    y = y.reset_index(drop=True)
    shapes = {
        name: table.shape
        for name, table in mlj.fitted_params(trained(mixed, y)).embeddings.items()
    }
    assert shapes == {"town": (5, 4), "grade": (3, 2)}
    dims = {"town": 2, "grade": 0.5}
    mach = trained(mixed, y, embedding_dims=dims)
    tables = mlj.fitted_params(mach).embeddings
    assert {name: t.shape for name, t in tables.items()} == {"town": (5, 2), "grade": (3, 2)}
    assert dims == {"town": 2, "grade": 0.5} == dict(mach.model.embedding_dims)


@pytest.mark.parametrize(
    ("dims", "words"),
    [({"twon": 2}, "no columns of X: .*'twon'"), ({"width": 2}, "not categorical: .*'width'")],
)
def test_embedding_dims_of_what_is_no_factor_are_refused(
    dims: dict[str, int], words: str, mixed: pd.DataFrame, y: pd.Series
) -> None:
    with pytest.raises(InvalidModelError, match=f"{words}.*are .'town', 'grade'."):
        trained(mixed, y.reset_index(drop=True), embedding_dims=dims)


def test_transform_puts_the_learned_vectors_in_the_place_of_factors(
    mixed: pd.DataFrame, y: pd.Series
) -> None:
    mach = trained(mixed, y.reset_index(drop=True))
    tables = mlj.fitted_params(mach).embeddings
    table = mlj.transform(mach, mixed)
    towns = [f"town_{k}" for k in range(1, 5)]
    assert list(table) == ["length", *towns, "width", "grade_1", "grade_2"]
    np.testing.assert_array_equal(table[towns], tables["town"][mixed["town"].cat.codes])
    pd.testing.assert_series_equal(table["width"], mixed["width"])


def test_a_name_that_would_clash_gets_a_longer_separator(
    mixed: pd.DataFrame, y: pd.Series
) -> None:
    clashing = mixed.rename(columns={"width": "grade_2"})
    table = mlj.transform(trained(clashing, y.reset_index(drop=True)), clashing)
    assert list(table)[-3:] == ["grade_2", "grade__1", "grade__2"]


def test_transform_of_numbers_alone_gives_them_back(X: pd.DataFrame, y: pd.Series) -> None:
    pd.testing.assert_frame_equal(mlj.transform(trained(X, y), X), X)


def test_an_unseen_level_is_named_and_fewer_levels_are_matched_by_label(
    mixed: pd.DataFrame, y: pd.Series
) -> None:
    mach = trained(mixed, y.reset_index(drop=True))
    wanted = mlj.predict(mach, mixed).to_numpy()
    some = mixed.iloc[:4].assign(town=list(mixed["town"].iloc[:4]))
    some["grade"] = some["grade"].cat.remove_unused_categories()
    np.testing.assert_allclose(mlj.predict(mach, some).to_numpy(), wanted[:4], atol=1e-6)
    novel = mixed.assign(town=["q"] * (N_ROWS - 1) + ["atlantis"])
    with pytest.raises(UnseenLevelError, match="'town' has 1.*'atlantis' .first at row 29"):
        mlj.predict(mach, novel)
