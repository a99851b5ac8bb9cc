"""Permutation importance: closed forms, the shuffles themselves, every kind of table and model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    MLJKerasError,
    NotTrainedError,
    SchemaMismatch,
    UnsupportedOperation,
    WeightsError,
    WrongType,
)
from mlj_keras.inspection import _subject
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.rng import stream

N = 60
RNG = np.random.default_rng(3)
MATRIX = RNG.normal(size=(N, 3)) * [1.0, 2.0, 5.0]
SLOPES = np.array([3.0, -0.5, 0.0])
TARGET = MATRIX @ SLOPES + 1.0
FRAME = pd.DataFrame(MATRIX, columns=["a", "b", "c"], index=range(100, 100 + N))
Y = pd.Series(TARGET, index=FRAME.index, name="price")
LinearRegression = mlj.load("LinearRegression", package="scikit-learn")


class Exact(mlj.Deterministic):
    """Predicts 3 a - b / 2 + 1, from the user's own table, of which it notes the kinds."""

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        """Nothing to learn."""
        return []

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        """From columns called a and b."""
        fitresult.append(Xnew)
        return 3 * np.asarray(Xnew["a"]) - np.asarray(Xnew["b"]) / 2 + 1


def trained(model: Any = None, X: Any = FRAME, y: Any = Y, **options: Any) -> Any:
    """A machine of a linear regression, or of another model."""
    return mlj.machine(LinearRegression() if model is None else model, X, y).fit(
        verbosity=0, **options
    )


@pytest.fixture(scope="module")
def mach() -> Any:
    """A linear regression, which knows the slopes but for rounding."""
    return trained()


@pytest.fixture(scope="module")
def net() -> Any:
    """A network for classes of a table with a factor and a column that a pipeline drops."""
    X = FRAME.assign(kind=pd.Categorical(np.where(FRAME["a"] > 0, "u", "v")))
    y = pd.Series(pd.Categorical(np.where(FRAME["a"] + FRAME["b"] > 0, "yes", "no")))
    y.index = FRAME.index
    network = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(8,)), epochs=10, rng=1)
    pipe = mlj.FeatureSelector(features=["c"], ignore=True) | network
    return mlj.machine(pipe, X, y).fit(verbosity=0)


def test_the_importance_of_a_linear_model_is_twice_its_share_of_the_variance(mach: Any) -> None:
    found = mlj.permutation_importance(mach, n_repeats=200)
    expected = 2 * SLOPES**2 * MATRIX.var(axis=0)  # over all orders, those that move nothing too
    error = found.std / np.sqrt(200)
    assert np.all(np.abs(found.mean - expected) <= 4 * error + 1e-12)
    assert found.measure == mlj.l2 and found.baseline == pytest.approx(0, abs=1e-20)


def test_each_repeat_shuffles_by_a_stream_of_its_own_feature() -> None:
    found = mlj.permutation_importance(trained(Exact()), n_repeats=3, rng=7, measure="rms")
    for i, name in enumerate(FRAME):
        for k in range(3):
            order = stream(7, "permutation", i, k).permutation(N)
            X = FRAME.assign(**{name: FRAME[name].to_numpy()[order]})
            predicted = 3 * X["a"] - X["b"] / 2 + 1
            expected = np.sqrt(np.mean((predicted - TARGET) ** 2)) - found.baseline
            assert found.importances[i, k] == pytest.approx(expected, abs=1e-12)


def test_scikit_learn_finds_the_same_of_the_same_forest() -> None:
    from sklearn.inspection import permutation_importance

    forest = mlj.load("RandomForestRegressor", package="scikit-learn")(
        n_estimators=10, random_state=0
    )
    mach = trained(forest)
    found = mlj.permutation_importance(mach, n_repeats=40)
    other = permutation_importance(
        mlj.fitted_params(mach).estimator,
        MATRIX,
        TARGET,
        scoring="neg_mean_squared_error",
        n_repeats=40,
        random_state=1,
    )
    error = np.sqrt((found.std**2 + other.importances_std**2) / 40)
    assert np.all(np.abs(found.mean - other.importances_mean) <= 4 * error)


def test_a_column_that_is_not_used_has_exactly_none(net: Any) -> None:
    found = mlj.permutation_importance(net, n_repeats=3)
    assert found.features == ("a", "b", "c", "kind") and found.measure == mlj.log_loss
    assert np.all(found.importances[2] == 0)
    assert found.mean[0] > 0.1 and found.mean[1] > 0.1
    predicted = mlj.predict(net)
    assert found.baseline == pytest.approx(mlj.log_loss(predicted, net.args[1].data), rel=1e-5)


def test_of_a_score_what_it_loses_is_positive(net: Any) -> None:
    found = mlj.permutation_importance(net, measure=mlj.accuracy, rng=2)
    assert found.mean[0] > 0 and found.importances[0].max() <= 1
    assert np.all(found.importances[2] == 0)


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame(FRAME),
        pa.table({name: FRAME[name].to_numpy() for name in FRAME}),
        {name: FRAME[name].to_list() for name in FRAME},
        MATRIX,
    ],
    ids=["polars", "pyarrow", "dict", "matrix"],
)
def test_every_kind_of_table_gives_the_same_numbers(table: Any, mach: Any) -> None:
    expected = mlj.permutation_importance(mach, rng=4).importances
    own = mlj.permutation_importance(trained(X=table, y=TARGET), rng=4)
    np.testing.assert_allclose(own.importances, expected, rtol=1e-10, atol=1e-20)
    new = mlj.permutation_importance(mach, table, TARGET, rng=4)
    np.testing.assert_allclose(new.importances, expected, rtol=1e-10, atol=1e-20)
    assert own.features == (("x1", "x2", "x3") if table is MATRIX else ("a", "b", "c"))


def test_models_of_the_users_own_get_their_kind_of_table_with_its_types() -> None:
    X = FRAME.assign(when=pd.date_range("2024-01-01", periods=N), word=["x", "y"] * (N // 2))
    mach = trained(Exact(), X=X)
    mlj.permutation_importance(mach, features=["when", "word"], n_repeats=2)
    seen = mach._outcome.fitresult
    assert len(seen) == 3 and all(list(table.dtypes) == list(X.dtypes) for table in seen)
    assert all(sorted(table["when"]) == sorted([*X["when"]] * 2) for table in seen)


def test_which_features_are_asked_for_changes_no_number(mach: Any) -> None:
    whole = mlj.permutation_importance(mach)
    some = mlj.permutation_importance(mach, features=["c", "a"])
    assert some.features == ("c", "a")
    np.testing.assert_array_equal(some.importances, whole.importances[[2, 0]])
    one = mlj.permutation_importance(mach, features="b")
    np.testing.assert_array_equal(one.importances, whole.importances[[1]])
    by_place = mlj.permutation_importance(trained(X=MATRIX, y=TARGET), features=[1])
    assert by_place.features == ("x2",)


def test_a_group_is_shuffled_in_one_order() -> None:
    # The two columns cancel out as long as they stay together.
    X = pd.DataFrame({"a": MATRIX[:, 0], "b": 6 * MATRIX[:, 0], "c": 1.0})
    mach = trained(Exact(), X=X, y=np.ones(N))
    found = mlj.permutation_importance(mach, features=["a", ("b", "a")])
    assert found.features == ("a", ("b", "a"))
    assert found.mean[0] > 1 and np.all(np.abs(found.importances[1]) < 1e-25)
    again = mlj.permutation_importance(trained(), features=[("b", "a"), ["c", "b"]])
    other = mlj.permutation_importance(trained(), features=[("a", "b")])
    np.testing.assert_array_equal(again.importances[:1], other.importances)
    assert other.table["feature"].tolist() == ["a + b"]


def test_repeats_share_calls_of_predict_within_a_bound_on_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mach = trained(Exact())
    whole = mlj.permutation_importance(mach, n_repeats=5)
    assert [len(table) for table in mach._outcome.fitresult] == [5 * N] * 4
    mach._outcome.fitresult.clear()
    monkeypatch.setattr(_subject, "_ROWS", 2 * N + 1)
    split = mlj.permutation_importance(mach, n_repeats=5)
    assert [len(table) for table in mach._outcome.fitresult] == [2 * N, 2 * N, N] * 4
    np.testing.assert_array_equal(split.importances, whole.importances)


@pytest.mark.parametrize("where", [mlj.CPUThreads(2), "threading"])
def test_threads_give_the_same_numbers(where: Any, mach: Any, net: Any) -> None:
    for each in (mach, net):
        expected = mlj.permutation_importance(each)
        found = mlj.permutation_importance(each, acceleration=where)
        np.testing.assert_array_equal(found.importances, expected.importances)


@pytest.mark.slow
def test_processes_give_the_same_numbers(net: Any) -> None:
    expected = mlj.permutation_importance(net)
    found = mlj.permutation_importance(net, acceleration=mlj.CPUProcesses(2))
    np.testing.assert_array_equal(found.importances, expected.importances)


def test_a_seed_gives_the_same_numbers_again(mach: Any, unchanged_generators: None) -> None:
    found = [mlj.permutation_importance(mach, rng=1).importances for _ in range(2)]
    np.testing.assert_array_equal(*found)
    assert not np.array_equal(mlj.permutation_importance(mach, rng=2).importances, found[0])
    generator = np.random.default_rng(1)
    drawn = [mlj.permutation_importance(mach, rng=generator).importances for _ in range(2)]
    assert not np.array_equal(*drawn)
    fresh = [mlj.permutation_importance(mach, rng=None).importances for _ in range(2)]
    assert not np.array_equal(*fresh)


def test_rows_and_new_data_are_measured_alike(mach: Any) -> None:
    rows = range(0, N, 3)
    own = mlj.permutation_importance(mach, rows=rows)
    new = mlj.permutation_importance(mach, FRAME.iloc[rows], Y.iloc[rows])
    np.testing.assert_array_equal(own.importances, new.importances)


def test_weights_are_those_of_the_measure(mach: Any) -> None:
    weights = np.repeat([0.0, 1.0], N // 2)
    found = mlj.permutation_importance(trained(Exact()), weights=weights)
    order = stream(0, "permutation", 0, 0).permutation(N)
    moved = 9 * (MATRIX[order, 0] - MATRIX[:, 0]) ** 2
    assert found.importances[0, 0] == pytest.approx(moved[N // 2 :].mean())
    some = mlj.permutation_importance(mach, rows=[0, 1, 30, 31], weights=weights)
    assert some.importances.shape == (3, 5)


def test_a_tuned_and_an_iterated_model_are_asked_as_they_were_trained() -> None:
    ridge = mlj.load("Ridge", package="scikit-learn")()
    alphas = mlj.param_range(ridge, "alpha", values=[1e-3, 1e3])
    tuned = trained(mlj.TunedModel(model=ridge, ranges=[alphas], measure=mlj.l2))
    best = trained(tuned.fitted_params().best_model)
    found = mlj.permutation_importance(tuned)
    expected = mlj.permutation_importance(best)
    np.testing.assert_allclose(found.importances, expected.importances, rtol=1e-10)
    network = mlj.NeuralNetworkRegressor(builder=mlj.Linear(activation="linear"), epochs=1, rng=1)
    controls = [mlj.Step(20), mlj.NumberLimit(3)]
    iterated = trained(mlj.IteratedModel(model=network, controls=controls, measure=mlj.l2))
    assert mlj.permutation_importance(iterated).table["feature"][0] == "a"


def test_a_machine_of_a_network_is_asked_on_what_its_nodes_give() -> None:
    Xs, ys = mlj.source(FRAME), mlj.source(Y)
    scaler = mlj.machine(mlj.Standardizer(), Xs)
    mach = mlj.machine(LinearRegression(), mlj.transform(scaler, Xs), ys)
    mlj.fit(mlj.predict(mach, mlj.transform(scaler, Xs)), verbosity=0)
    found = mlj.permutation_importance(mach)
    expected = mlj.permutation_importance(trained())
    np.testing.assert_allclose(found.importances, expected.importances, rtol=1e-9, atol=1e-20)
    with pytest.raises(WrongType, match=r"X is a node .* Give what it stands for: X\(\)"):
        mlj.permutation_importance(mach, mlj.transform(scaler, Xs), Y)


def test_a_machine_without_data_takes_new_ones(mach: Any) -> None:
    bare = TrainedModels((mach.trained("a test"),)).machine(2)
    found = mlj.permutation_importance(bare, FRAME, Y)
    expected = mlj.permutation_importance(mach)
    np.testing.assert_array_equal(found.importances, expected.importances)
    with pytest.raises(InvalidArgument, match=r"has no data .* permutation_importance\(mach, X"):
        mlj.permutation_importance(bare)


def test_the_result_has_a_sorted_table_pairs_and_a_readable_face(mach: Any) -> None:
    found = mlj.permutation_importance(mach, features=["b", "c", "a"], measure="rms")
    table = found.table
    assert table.columns.tolist() == ["feature", "importance", "standard_deviation"]
    assert table["feature"].tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(table["importance"], found.mean[[2, 0, 1]])
    np.testing.assert_array_equal(table["standard_deviation"], found.std[[2, 0, 1]])
    assert found.pairs == list(zip(["b", "c", "a"], found.mean.tolist(), strict=True))
    lines = repr(found).splitlines()
    assert lines[0].startswith("PermutationImportance: rms is ")
    assert lines[0].endswith(" before shuffling, mean of 5 repeats")
    assert [line.split()[0] for line in lines[1:]] == ["feature", "───────", "a", "b", "c"]
    assert "<b>PermutationImportance: rms is" in found._repr_html_()


def test_of_many_features_the_first_are_shown() -> None:
    names = tuple(f"f{i}" for i in range(25))
    found = mlj.PermutationImportance(names, np.arange(25.0)[:, None], mlj.l2, 0.5)
    assert repr(found).splitlines()[0].endswith("l2 is 0.5 before shuffling, one repeat")
    assert repr(found).splitlines()[-1].split() == ["...", "5", "more"]
    assert len(found.table) == 25


@pytest.mark.parametrize(("measure", "word"), [("l2", "increase"), ("rsq", "decrease")])
def test_the_plot_says_what_changes(measure: str, word: str, mach: Any) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is an extra")
    axes = mlj.permutation_importance(mach, measure=measure, n_repeats=2).plot()
    assert axes.get_xlabel() == f"{word} of {measure} when shuffled"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("options", "error", "advice"),
    [
        ({"features": ["ab"]}, SchemaMismatch, "no column 'ab'. Did you mean 'b' or 'a'"),
        ({"features": [("a", "z")]}, SchemaMismatch, "no column 'z'. The columns are 'a', 'b'"),
        ({"features": []}, InvalidArgument, r"at least one column each, got \[\]. Leave"),
        ({"features": [()]}, InvalidArgument, r"at least one column each, got \[\(\)\]"),
        ({"features": ["a", "a"]}, InvalidArgument, "names a column twice, .* Name each once"),
        ({"features": [("a", "a")]}, InvalidArgument, "names a column twice"),
        ({"features": [("a", "b"), ("b", "a")]}, InvalidArgument, "names a column twice"),
        ({"n_repeats": 0}, InvalidArgument, "n_repeats must be an int of 1 or more, got 0. Write"),
        ({"n_repeats": True}, InvalidArgument, "n_repeats must be an int .* got True"),
        ({"rng": "x"}, WrongType, "rng must be an int"),
        ({"rows": []}, EmptyData, "rows selects no row"),
        ({"X": FRAME}, InvalidArgument, "needs X and y, .* got X alone. Give both"),
        ({"y": Y}, InvalidArgument, "got y alone"),
        ({"X": FRAME, "y": Y, "rows": [0]}, InvalidArgument, "got both. Give one of them"),
        ({"X": FRAME, "y": Y[:5]}, DimensionMismatch, "X has 60, y has 5"),
        ({"X": FRAME[:0], "y": Y[:0]}, EmptyData, "X has no rows: .* Give at least one"),
        ({"X": TARGET, "y": Y}, UnsupportedOperation, r"X is Vector\[Continuous\]. Give a"),
        ({"X": FRAME, "y": Y[::-1]}, InvalidArgument, "same row labels in another order"),
        ({"measure": "accuracy"}, InvalidArgument, "accuracy needs a target of scitype"),
        ({"measure": "no such"}, InvalidArgument, "No measure is called"),
        ({"weights": [1.0]}, DimensionMismatch, "1 weights and the data have 60 rows"),
        ({"weights": "balanced"}, WeightsError, "one number a row. Give a vector"),
        ({"weights": Y[::-1].abs()}, InvalidArgument, "X and weights have the same row labels"),
        ({"weights": np.ones(N), "measure": "rsq"}, WeightsError, "takes no weights"),
        ({"acceleration": 2}, InvalidArgument, "acceleration must be CPU1"),
    ],
)
def test_what_makes_no_sense_raises_with_advice(
    options: dict[str, Any], error: type[MLJKerasError], advice: str, mach: Any
) -> None:
    with pytest.raises(error, match=advice):
        mlj.permutation_importance(mach, **options)


def test_a_measure_without_better_values_raises(net: Any) -> None:
    with pytest.raises(InvalidModelError, match="cannot say how much a feature matters"):
        mlj.permutation_importance(net, measure=mlj.confusion_matrix)


def test_only_a_trained_machine_that_predicts_is_asked() -> None:
    with pytest.raises(NotTrainedError, match="permutation_importance needs a trained .* fit"):
        mlj.permutation_importance(mlj.machine(LinearRegression(), FRAME, Y))
    scaler: Any = mlj.machine(mlj.Standardizer(), FRAME).fit(verbosity=0)
    with pytest.raises(UnsupportedOperation, match="about predictions, and Standardizer makes"):
        mlj.permutation_importance(scaler)
    clusters = mlj.load("KMeans", package="scikit-learn")(n_clusters=2, random_state=0)
    grouped: Any = mlj.machine(clusters, FRAME).fit(verbosity=0)
    with pytest.raises(UnsupportedOperation, match="KMeans learns without one. Give X and y"):
        mlj.permutation_importance(grouped)
    not_a_machine: Any = LinearRegression()
    with pytest.raises(WrongType, match="takes a trained machine, got LinearRegression"):
        mlj.permutation_importance(not_a_machine)


def test_images_raise() -> None:
    pixels = np.zeros((8, 6, 6))
    y = pd.Categorical(["a", "b"] * 4)
    mach: Any = mlj.machine(mlj.ImageClassifier(epochs=0, rng=1), pixels, y).fit(verbosity=0)
    with pytest.raises(UnsupportedOperation, match="X holds images, .* trained on a table"):
        mlj.permutation_importance(mach)


def test_what_a_prediction_raises_is_raised() -> None:
    mach = trained(Exact())
    with pytest.raises(KeyError, match="b"):
        mlj.permutation_importance(mach, FRAME[["a", "c"]], Y)
