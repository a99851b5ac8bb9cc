"""Partial dependence: scikit-learn's on the same grid; every kind of table, model, column."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    EmptyData,
    InvalidArgument,
    MLJKerasError,
    NotTrainedError,
    SchemaMismatch,
    UnsupportedOperation,
    WrongType,
)
from mlj_keras.inspection import _subject
from mlj_keras.machine.trained_models import TrainedModels
from tests.batteries.inspecting import (
    CLASSES,
    FRAME,
    MATRIX,
    MIXED,
    NUMBERS,
    TWO,
    LinearRegression,
    N,
    OfA,
    Sums,
    forest,
    trained,
)


@pytest.fixture(scope="module")
def mach() -> Any:
    """A forest for numbers."""
    return trained(forest("Regressor"))


class Spread:
    """A distribution that knows its mean."""

    def __init__(self, mean: float) -> None:
        self.value = mean

    def mean(self) -> float:
        """The mean."""
        return self.value


class Normal(mlj.Probabilistic):
    """Predicts a distribution of numbers around b."""

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        """Nothing to learn."""
        return None

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        """A distribution a row."""
        return [Spread(value) for value in np.asarray(Xnew["b"])]


def theirs(mach: Any, features: list[Any], **options: Any) -> Any:
    """What scikit-learn finds of the estimator inside."""
    from sklearn.inspection import partial_dependence

    estimator = mlj.fitted_params(mach).estimator
    return partial_dependence(estimator, MATRIX, features, method="brute", **options)


def test_scikit_learn_finds_the_same_curves_of_numbers(mach: Any) -> None:
    other = theirs(mach, [0], grid_resolution=20, kind="both")
    found = mlj.partial_dependence(mach, "a", grid=other["grid_values"][0], kind="both")
    np.testing.assert_allclose(found.average, other["average"], rtol=1e-9)
    assert found.individual is not None and found.individual.shape == (1, N, 20)
    np.testing.assert_allclose(found.individual, other["individual"], rtol=1e-9)
    np.testing.assert_array_equal(found.grid[0], other["grid_values"][0])
    assert (found.outputs, found.response, found.kind) == (("price",), "prediction", "both")
    np.testing.assert_array_equal(found.rows, np.arange(N))


def test_scikit_learn_finds_the_same_of_two_columns(mach: Any) -> None:
    other = theirs(mach, [(0, 1)], grid_resolution=6, kind="average")
    found = mlj.partial_dependence(mach, ("a", "b"), grid=list(other["grid_values"]))
    assert found.average.shape == (1, 6, 6) and found.individual is None
    np.testing.assert_allclose(found.average, other["average"], rtol=1e-9)


def test_scikit_learn_finds_the_same_probabilities() -> None:
    mach = trained(forest("Classifier"), y=CLASSES)
    other = theirs(mach, [0], grid_resolution=20, kind="both")
    found = mlj.partial_dependence(mach, "a", grid=other["grid_values"][0], kind="both")
    assert found.outputs == ("no", "maybe", "yes") and found.response == "probability"
    np.testing.assert_allclose(found.average, other["average"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.individual, other["individual"], rtol=1e-9, atol=1e-12)
    some = mlj.partial_dependence(mach, "a", grid=found.grid[0], levels=["yes", "no"])
    assert some.outputs == ("yes", "no")
    np.testing.assert_array_equal(some.average, found.average[[2, 0]])


def test_of_two_classes_the_second_is_shown() -> None:
    mach = trained(forest("Classifier"), y=TWO)
    other = theirs(mach, [0], grid_resolution=20)
    found = mlj.partial_dependence(mach, "a", grid=other["grid_values"][0])
    assert found.outputs == ("out",)
    np.testing.assert_allclose(found.average, other["average"], rtol=1e-9, atol=1e-12)
    first = mlj.partial_dependence(mach, "a", grid=other["grid_values"][0], levels="in")
    np.testing.assert_allclose(first.average, 1 - found.average, rtol=1e-12)


def test_several_targets_have_a_curve_each() -> None:
    targets = pd.DataFrame({"price": 2 * FRAME["a"] + 1, "tax": FRAME["b"] - 5 * FRAME["a"]})
    mach = trained(LinearRegression(), y=targets)
    found = mlj.partial_dependence(mach, "a", grid=[0, 1, 2])
    assert found.outputs == ("price", "tax")
    expected = [[1, 3, 5], FRAME["b"].mean() - np.array([0, 5, 10])]
    np.testing.assert_allclose(found.average, expected, atol=1e-12)


def test_classes_without_probabilities_give_shares() -> None:
    mach = trained(mlj.load("LinearSVC", package="scikit-learn")(random_state=0), y=CLASSES)
    found = mlj.partial_dependence(mach, "a", grid=[-3, 0, 3])
    assert found.response == "share" and found.outputs == ("no", "maybe", "yes")
    X = FRAME.assign(a=3.0)
    expected = (mlj.predict(mach, X) == "yes").mean()
    assert found.average[2, 2] == expected > 0.9
    np.testing.assert_allclose(found.average.sum(axis=0), 1)


def test_distributions_of_numbers_give_their_means() -> None:
    found = mlj.partial_dependence(trained(Normal()), "b", grid=[1.0, 2.0])
    assert found.average.tolist() == [[1.0, 2.0]] and found.outputs == ("prediction",)
    assert repr(found) == "PartialDependence(b: 2 values; prediction; 60 rows)"


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
    expected = mlj.partial_dependence(mach, "b")
    feature = 1 if table is MATRIX else "b"
    own = trained(forest("Regressor"), table, NUMBERS.to_numpy())
    for found in (
        mlj.partial_dependence(own, feature),
        mlj.partial_dependence(mach, feature, table),
    ):
        np.testing.assert_allclose(found.average, expected.average, rtol=1e-12)
        np.testing.assert_array_equal(found.grid[0], expected.grid[0])


def test_of_many_rows_some_are_drawn_and_the_grid_is_of_all() -> None:
    mach = trained(OfA())
    found = mlj.partial_dependence(mach, "b", max_rows=10, kind="individual", rng=3)
    assert len(found.rows) == 10 and np.all(np.diff(found.rows) > 0)
    assert found.individual is not None
    np.testing.assert_array_equal(found.individual[0, :, 0], 3 * MATRIX[found.rows, 0])
    np.testing.assert_array_equal(found.grid[0], mlj.partial_dependence(mach, "b").grid[0])
    again = mlj.partial_dependence(mach, "b", max_rows=10, rng=3)
    np.testing.assert_array_equal(again.rows, found.rows)
    other = mlj.partial_dependence(mach, "b", max_rows=10, rng=4)
    assert not np.array_equal(other.rows, found.rows)
    rows = np.arange(5, 25)
    some = mlj.partial_dependence(mach, "b", rows=rows, max_rows=10)
    assert set(some.rows) <= set(rows)
    assert len(mlj.partial_dependence(mach, "b", max_rows=None).rows) == N


def test_calls_of_predict_are_bounded_in_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    mach = trained(OfA())
    whole = mlj.partial_dependence(mach, "a", grid_resolution=5, kind="both")
    assert [len(table) for table in mach._outcome.fitresult] == [5 * N]
    mach._outcome.fitresult.clear()
    monkeypatch.setattr(_subject, "_CELLS", 3 * (2 * N + 1))
    split = mlj.partial_dependence(mach, "a", grid_resolution=5, kind="both")
    assert [len(table) for table in mach._outcome.fitresult] == [2 * N, 2 * N, N]
    np.testing.assert_array_equal(split.average, whole.average)
    np.testing.assert_array_equal(split.individual, whole.individual)


def test_a_network_in_a_pipeline_is_asked_on_columns_with_factors() -> None:
    network = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(8,)), epochs=5, rng=1)
    X = MIXED[["a", "b", "colour"]]
    mach = mlj.machine(mlj.Standardizer() | network, X, CLASSES).fit(verbosity=0)
    found = mlj.partial_dependence(mach, ("colour", "a"), grid_resolution=4)
    asked = X.assign(a=found.grid[1][2])
    asked["colour"] = pd.Categorical(["green"] * N, categories=X["colour"].cat.categories)
    expected = mlj.predict_proba(mach, asked).mean(axis=0)
    np.testing.assert_allclose(found.average[:, 1, 2], expected, rtol=1e-5)


def test_a_tuned_model_and_a_machine_without_data_are_asked_as_they_were_trained() -> None:
    ridge = mlj.load("Ridge", package="scikit-learn")()
    alphas = mlj.param_range(ridge, "alpha", values=[1e-3, 1e3])
    tuned = trained(mlj.TunedModel(model=ridge, ranges=[alphas], measure=mlj.l2))
    slope = mlj.fitted_params(trained(tuned.fitted_params().best_model)).coef[0]
    found = mlj.partial_dependence(tuned, "a", grid=[0, 1])
    np.testing.assert_allclose(np.diff(found.average), [[slope]])
    bare = TrainedModels((tuned.trained("a test"),)).machine(2)
    new = mlj.partial_dependence(bare, "a", FRAME, grid=[0, 1])
    np.testing.assert_array_equal(new.average, found.average)
    with pytest.raises(
        InvalidArgument, match=r"no data of its own .* partial_dependence\(mach, X"
    ):
        mlj.partial_dependence(bare, "a")


def test_the_table_is_tidy(mach: Any) -> None:
    found = mlj.partial_dependence(mach, ("a", "b"), grid=([0, 1], [5, 6, 7]))
    table = found.table
    assert table.columns.tolist() == ["a", "b", "output", "value"] and len(table) == 6
    cell = table[(table["a"] == 1) & (table["b"] == 6)]
    assert cell["value"].tolist() == [found.average[0, 1, 1]]
    both = mlj.partial_dependence(mach, "a", rows=[7, 9], grid=[0, 1], kind="both")
    assert both.individual is not None
    assert both.table.columns.tolist() == ["a", "output", "row", "value"]
    assert both.table["row"].isna().tolist() == [True] * 2 + [False] * 4
    row = both.table[both.table["row"] == 9]
    np.testing.assert_array_equal(row["value"], both.individual[0, 1])
    assert set(both.table["output"]) == {"price"}
    alone = mlj.partial_dependence(mach, "a", rows=[7, 9], grid=[0, 1], kind="individual")
    assert alone.table["row"].tolist() == [7, 7, 9, 9]
    assert repr(alone) == "PartialDependence(a: 2 values; prediction of price; 2 rows)"


def test_what_was_found_is_drawn(mach: Any) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is an extra")
    axes = mlj.partial_dependence(mach, "a", kind="both").plot()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "mean prediction of price")
    assert sum(line.get_gid() == "row" for line in axes.get_lines()) == N
    alone = mlj.partial_dependence(mach, "a", kind="individual").plot()
    assert alone.get_ylabel() == "prediction of price"
    classes = trained(forest("Classifier"), MIXED[["a", "grade"]], CLASSES)
    panels = mlj.partial_dependence(classes, ("grade", "a")).plot()
    assert [p.get_ylabel() for p in panels] == [
        f"mean probability of {level}" for level in ("no", "maybe", "yes")
    ]
    codes = FRAME.assign(code=pd.Categorical([3, 1] * (N // 2)))  # levels that are numbers
    axes = mlj.partial_dependence(trained(OfA(), codes), "code").plot()
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1", "3"]


@pytest.mark.parametrize(
    ("options", "error", "advice"),
    [
        ({"features": "ab"}, SchemaMismatch, "no column 'ab'. Did you mean"),
        (
            {"features": ("a", "b", "c")},
            InvalidArgument,
            r"or a pair .*Write 'a', or \('a', 'b'\)",
        ),
        ({"features": []}, InvalidArgument, r"or a pair of names, got \[\]"),
        ({"features": None}, InvalidArgument, "or a pair of names, got None"),
        ({"features": ("a", "a")}, InvalidArgument, "features names 'a' twice. Name two"),
        ({"kind": "mean"}, InvalidArgument, "one of average, individual, both, got 'mean'"),
        ({"features": ("a", "b"), "kind": "both"}, InvalidArgument, "got two. Leave kind out"),
        ({"max_rows": 0}, InvalidArgument, "max_rows must be an int of 1 or more, got 0"),
        ({"levels": "yes"}, InvalidArgument, "OfA predicts numbers. Leave them out"),
        ({"rng": -1}, InvalidArgument, "rng must not be negative"),
        ({"rows": []}, EmptyData, "rows selects no row"),
        ({"X": MIXED[:0]}, EmptyData, "X has no rows: .* Give at least one"),
        ({"X": MIXED[[]]}, EmptyData, "X has no columns"),
        ({"X": MIXED, "rows": [0]}, InvalidArgument, "got both. Give one of them"),
        ({"X": MIXED["a"]}, UnsupportedOperation, r"X is Vector\[Continuous\]"),
    ],
)
def test_what_makes_no_sense_raises_with_advice(
    options: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    arguments: dict[str, Any] = {"features": "a", **options}
    with pytest.raises(error, match=advice):
        mlj.partial_dependence(trained(OfA(), MIXED), arguments.pop("features"), **arguments)


def test_levels_that_the_target_has_not_raise() -> None:
    mach = trained(forest("Classifier"), y=CLASSES)
    for levels in ("never", [], ["no", "never"]):
        with pytest.raises(InvalidArgument, match=r"some of \['no', 'maybe', 'yes'\], got"):
            mlj.partial_dependence(mach, "a", levels=levels)


def test_only_a_trained_machine_that_predicts_numbers_or_classes_is_asked() -> None:
    with pytest.raises(NotTrainedError, match="partial_dependence needs a trained .* fit"):
        mlj.partial_dependence(mlj.machine(LinearRegression(), FRAME, NUMBERS), "a")
    scaler: Any = mlj.machine(mlj.Standardizer(), FRAME).fit(verbosity=0)
    with pytest.raises(UnsupportedOperation, match="about predictions, and Standardizer makes"):
        mlj.partial_dependence(scaler, "a")
    not_a_machine: Any = LinearRegression()
    with pytest.raises(WrongType, match="takes a trained machine, got LinearRegression"):
        mlj.partial_dependence(not_a_machine, "a")

    class Words(Sums):
        """Predicts words."""

        rule = staticmethod(lambda X: ["word"] * len(X))

    with pytest.raises(UnsupportedOperation, match=r"of numbers, .* Words\(\) predicts something"):
        mlj.partial_dependence(trained(Words()), "a")


def test_images_raise() -> None:
    y = pd.Categorical(["a", "b"] * 4)
    model = mlj.ImageClassifier(epochs=0, rng=1)
    mach: Any = mlj.machine(model, np.zeros((8, 6, 6)), y).fit(verbosity=0)
    with pytest.raises(UnsupportedOperation, match="X holds images, .* trained on a table"):
        mlj.partial_dependence(mach, "a")


def test_clusters_are_classes_too() -> None:
    clusters = mlj.load("KMeans", package="scikit-learn")(n_clusters=3, random_state=0)
    grouped: Any = mlj.machine(clusters, FRAME).fit(verbosity=0)
    found = mlj.partial_dependence(grouped, "a", grid=[-2, 0, 2])
    assert found.response == "share" and found.outputs == ("0", "1", "2")
    np.testing.assert_allclose(found.average.sum(axis=0), 1)


def test_in_a_notebook_the_means_are_a_table(mach: Any) -> None:
    found = mlj.partial_dependence(mach, "a", grid=[0.0, 1.0])
    html = found._repr_html_()
    assert repr(found) in html and html.count("<tr>") == 3
    for mean in found.average[0]:
        assert f">{mean:.4g}</td>" in html
    two = mlj.partial_dependence(mach, ["a", "b"], grid_resolution=3)
    assert repr(two) in two._repr_html_() and "<table" not in two._repr_html_()
    many = dataclasses.replace(
        found, outputs=tuple("abcdefghijk"), average=np.repeat(found.average, 11, axis=0)
    )
    assert "... 3 more" in many._repr_html_() and ">i</th>" not in many._repr_html_()
