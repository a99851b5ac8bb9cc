"""The rows that balancers make: which they are, of every kind of data, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from imblearn.under_sampling import (
    EditedNearestNeighbours,
    InstanceHardnessThreshold,
    NearMiss,
    RandomUnderSampler,
    TomekLinks,
)
from sklearn.tree import DecisionTreeClassifier

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidModelError,
    MissingValuesError,
    ScitypeError,
    UnseenLevelError,
    WeightsError,
    WrongType,
)
from tests.batteries.balancing import (
    FEW,
    IRIS,
    MIXED,
    SPECIES,
    Recorder,
    X,
    Y,
    fitted,
    identity,
    net,
    seen,
    trained_on,
    weights,
)

# What the model is trained on.


@pytest.mark.parametrize(
    "sampler",
    [
        RandomOverSampler(random_state=3),
        RandomOverSampler(random_state=3, shrinkage=0.5),
        RandomUnderSampler(random_state=3),
        SMOTE(random_state=3),
        SMOTE(random_state=3, sampling_strategy={"setosa": 40}),
        NearMiss(),
        TomekLinks(),
        EditedNearestNeighbours(sampling_strategy=["versicolor"]),
        InstanceHardnessThreshold(estimator=DecisionTreeClassifier(), random_state=3),
    ],
    ids=repr,
)
def test_the_rows_are_those_that_the_sampler_itself_gives(sampler: Any) -> None:
    given, labels = trained_on(sampler)
    own = copy.deepcopy(sampler)
    if isinstance(sampler, InstanceHardnessThreshold):  # which fails for strings by itself
        wanted, codes = own.fit_resample(X, Y.cat.codes.to_numpy())
        wanted_y = SPECIES.cat.categories[codes]
    else:
        wanted, wanted_y = own.fit_resample(X, np.asarray(Y))
    np.testing.assert_array_equal(np.asarray(given), np.asarray(wanted))
    assert list(labels) == list(wanted_y)
    assert list(given.columns) == list(X.columns)
    assert labels.cat.categories.equals(Y.cat.categories)


def test_the_counts_are_exact_and_reported() -> None:
    model = mlj.BalancedModel(
        net(), over=SMOTE(sampling_strategy={"setosa": 40}), under=RandomUnderSampler()
    )
    balancing = mlj.report(fitted(model, X, Y)).balancing
    assert balancing.over.rows_before == 100
    assert balancing.over.counts_before == {"setosa": 20, "versicolor": 50, "virginica": 30}
    assert balancing.over.counts_after == {"setosa": 40, "versicolor": 50, "virginica": 30}
    assert balancing.under.counts_before == balancing.over.counts_after
    assert balancing.under.counts_after == dict.fromkeys(SPECIES.cat.categories, 30)
    assert balancing.under.rows_after == 90


def test_balancers_are_applied_in_their_order() -> None:
    over, under = RandomOverSampler(random_state=1), RandomUnderSampler(random_state=1)
    assert len(trained_on(over, under)[0]) == 150
    assert len(trained_on(under, over)[0]) == 60
    first, labels = over.fit_resample(X, np.asarray(Y))
    wanted, _ = TomekLinks().fit_resample(first, labels)
    np.testing.assert_array_equal(trained_on(over, TomekLinks())[0], wanted)


def test_rows_that_are_picked_are_the_users_own() -> None:
    table = X.assign(note="text", day=pd.Timestamp("2024-02-03")).rename(index=lambda i: f"r{i}")
    given, _ = trained_on(
        RandomUnderSampler(random_state=3), data=(table, Y.set_axis(table.index))
    )
    sampler = RandomUnderSampler(random_state=3)
    sampler.fit_resample(X, np.asarray(Y))
    pd.testing.assert_frame_equal(given, table.iloc[sampler.sample_indices_])


def test_predictions_are_for_new_data_as_they_are() -> None:
    mach = fitted(mlj.BalancedModel(Recorder(), over=RandomOverSampler()), IRIS, SPECIES, rows=FEW)
    seen()
    assert len(mlj.predict(mach)) == len(mlj.predict(mach, IRIS)) == 150
    assert len(mlj.predict(mach, rows=FEW)) == 100
    given = [each for _, each in seen()]
    assert given[0] is given[1] is IRIS or given[1].equals(IRIS)
    pd.testing.assert_frame_equal(given[2], X)


def test_evaluate_balances_training_folds_only() -> None:
    model = mlj.BalancedModel(Recorder(), under=RandomUnderSampler())
    seen()
    mach = mlj.machine(model, IRIS, SPECIES)
    pairs = [(range(30, 130), range(10)), (range(20, 140), range(140, 150))]
    mlj.evaluate(mach, resampling=pairs, measures=mlj.accuracy, verbosity=0)
    assert [(what, len(X)) for what, X, *_ in seen()] == [
        ("fit", 60),
        ("predict", 10),
        ("fit", 90),
        ("predict", 10),
    ]


def test_the_model_learns_what_it_learns_of_the_balanced_rows_by_itself() -> None:
    sampler = SMOTE(random_state=3)
    mach = fitted(mlj.BalancedModel(net(), over=sampler), X, Y)
    frame, labels = sampler.fit_resample(X, np.asarray(Y))
    own = fitted(net(), frame, pd.Categorical(labels, categories=SPECIES.cat.categories))
    assert weights(mach) == weights(own)
    np.testing.assert_array_equal(
        mlj.predict(mach, IRIS).to_numpy(), mlj.predict(own, IRIS).to_numpy()
    )


def test_a_function_balances() -> None:
    def halved(frame: Any, y: Any) -> tuple[Any, Any]:
        kept = (y != "versicolor") | (np.arange(len(y)) % 2 == 0)
        return frame[kept], y[kept]

    given, labels = trained_on(halved)
    assert len(given) == 75
    assert labels.value_counts().to_dict() == {"virginica": 30, "versicolor": 25, "setosa": 20}
    model = mlj.BalancedModel(net(), b=halved)
    mach = fitted(model, X, Y)
    model.b = lambda frame, y: (frame, y)
    assert mlj.report(mlj.fit(mach, verbosity=0)).balancing.b.rows_after == 100


def test_rows_that_are_made_have_the_scitypes_pools_and_order_of_before() -> None:
    given, labels = trained_on(SMOTENC("auto", random_state=1), data=(MIXED, Y))
    assert len(given) == 150
    assert mlj.schema(given).scitypes == mlj.schema(MIXED).scitypes
    for name in ("colour", "grade", "flag"):
        assert given[name].cat.categories.equals(MIXED[name].cat.categories)
        assert given[name].cat.ordered == MIXED[name].cat.ordered
        assert given[name].notna().all()
    pd.testing.assert_frame_equal(given[:100], MIXED.reset_index(drop=True), check_dtype=False)
    # The draws of the sampler are those of a frame of one's own, as far as it can take one.
    own = MIXED.drop(columns="flag").astype({"visits": float, "big": float})
    given, _ = trained_on(SMOTENC("auto", random_state=1), data=(own, Y))
    wanted, _ = SMOTENC("auto", random_state=1).fit_resample(own, np.asarray(Y))
    pd.testing.assert_frame_equal(given, wanted)


def test_whole_numbers_that_are_made_are_the_nearest() -> None:
    counts = pd.DataFrame({"a": (10 * X.petal_width).astype(int), "b": X.sepal_width > 3})
    given, _ = trained_on(SMOTE(random_state=1), data=(counts, Y))
    wanted, _ = SMOTE(random_state=1).fit_resample(counts.astype(float), np.asarray(Y))
    np.testing.assert_array_equal(given.a, np.rint(wanted.a))
    np.testing.assert_array_equal(given.b, wanted.b > 0.5)
    matrix, _ = trained_on(SMOTE(random_state=1), data=(counts.to_numpy(int), Y))
    np.testing.assert_array_equal(matrix[:, 0], np.rint(wanted.a))
    assert matrix.dtype == np.int64


def test_factors_alone_are_balanced_by_samplers_for_them() -> None:
    factors = MIXED[["colour", "grade"]]
    given, _ = trained_on(SMOTEN(random_state=1), data=(factors, Y))
    wanted, _ = SMOTEN(random_state=1).fit_resample(factors, np.asarray(Y))
    pd.testing.assert_frame_equal(given, wanted.astype(factors.dtypes))


@pytest.mark.parametrize("sampler", [SMOTE(random_state=1), RandomOverSampler(random_state=1)])
def test_every_kind_of_table_gives_the_same(sampler: Any) -> None:
    classes = pl.Series("y", Y.astype(str).tolist(), dtype=pl.Enum(SPECIES.cat.categories))
    kinds: list[tuple[Any, Any]] = [
        (X, Y),
        (X.to_numpy(), Y),
        (X.to_dict("list"), pd.Categorical(Y)),
        (pl.from_pandas(X), classes),
    ]
    given = [trained_on(sampler, data=data) for data in kinds]
    assert [type(each) for each, _ in given] == [pd.DataFrame, np.ndarray, dict, pl.DataFrame]
    numbers = [pd.DataFrame(each).to_numpy() for each, _ in given[:3]] + [given[3][0].to_numpy()]
    for each in numbers:
        np.testing.assert_array_equal(each, numbers[0])
    assert [list(map(str, labels)) for _, labels in given] == [list(given[0][1])] * 4
    first, *others = [weights(fitted(mlj.BalancedModel(net(), b=sampler), *d)) for d in kinds]
    assert all(each == first for each in others)


def test_missing_values_stay_where_rows_are_picked() -> None:
    holes = X.mask(X > 6)
    tree = mlj.load("HistGradientBoostingClassifier", package="scikit-learn")(max_iter=2)
    mach = fitted(mlj.BalancedModel(tree, over=RandomOverSampler()), holes, Y)
    assert mlj.report(mach).balancing.over.rows_after == 150
    with pytest.raises(ValueError, match="contains NaN") as caught:
        mlj.machine(mlj.BalancedModel(tree, over=SMOTE()), holes, Y)
    assert "raised by the balancer 'over' of BalancedModel" in caught.value.__notes__[0]
    mended = mlj.BalancedModel(tree, whole=_without_holes, over=SMOTE())
    assert (
        mlj.report(fitted(mended, holes, Y)).balancing.over.rows_before
        == (X <= 6).all(axis=1).sum()
    )


def _without_holes(frame: Any, y: Any) -> tuple[Any, Any]:
    whole = frame.notna().all(axis=1)
    return frame[whole], y[whole]


@pytest.mark.parametrize("sampler", [RandomUnderSampler(random_state=1), NearMiss()])
def test_images_are_picked(sampler: Any) -> None:
    pixels = np.random.default_rng(0).random((30, 4, 4, 1)).astype(np.float32)
    y = pd.Categorical(["a"] * 20 + ["b"] * 10)
    given, labels = trained_on(sampler, data=(pixels, y))
    sampler.fit_resample(pixels.reshape(30, -1), np.asarray(y))
    np.testing.assert_array_equal(given, pixels[sampler.sample_indices_][..., 0])
    assert list(labels) == list(y[sampler.sample_indices_])
    with pytest.raises(ScitypeError, match="SMOTE, makes new rows of tables, and X is Vector"):
        mlj.machine(mlj.BalancedModel(Recorder(), over=SMOTE()), pixels, y)


def test_weights_go_with_their_rows_and_weights_of_classes_stay() -> None:
    w = np.arange(100, dtype=float)
    _, _, weights = trained_on(RandomUnderSampler(random_state=3), data=(X, Y, w))
    sampler = RandomUnderSampler(random_state=3)
    sampler.fit_resample(X, np.asarray(Y))
    np.testing.assert_array_equal(weights, w[sampler.sample_indices_])
    by_class = {"setosa": 1.0, "versicolor": 2.0, "virginica": 3.0}
    _, _, same = trained_on(SMOTE(), data=(X, Y, by_class))
    assert same.by_level == by_class
    balanced = fitted(mlj.BalancedModel(net(), over=SMOTE(random_state=1)), X, Y, "balanced")
    plain = fitted(mlj.BalancedModel(net(), over=SMOTE(random_state=1)), X, Y)
    np.testing.assert_allclose(
        mlj.training_losses(balanced), mlj.training_losses(plain), rtol=1e-6
    )


# What is refused.


def test_a_sampler_that_looks_at_rows_takes_tables_and_images() -> None:
    column = X.sepal_length
    given, _ = trained_on(RandomUnderSampler(random_state=1), data=(column, Y))
    sampler = RandomUnderSampler(random_state=1)
    sampler.fit_resample(X, np.asarray(Y))
    pd.testing.assert_series_equal(given, column.iloc[sampler.sample_indices_])
    with pytest.raises(ScitypeError, match=r"NearMiss takes tables and images, and X is Vector"):
        mlj.machine(mlj.BalancedModel(Recorder(), under=NearMiss()), column, Y)


def test_missing_classes_are_refused() -> None:
    gone = Y.where(np.arange(100) > 0)
    with pytest.raises(MissingValuesError, match="y has 1 missing"):
        mlj.machine(mlj.BalancedModel(net(), over=RandomOverSampler()), X, gone)
    mach = mlj.machine(mlj.BalancedModel(Recorder(), b=identity), X, gone, scitype_check_level=0)
    with pytest.raises(MissingValuesError, match="counts the rows of each class"):
        mlj.fit(mach, verbosity=0)


def test_factors_need_samplers_for_them() -> None:
    model = mlj.BalancedModel(net(), over=SMOTE())
    with pytest.raises(ScitypeError, match=r"column 'colour' is Multiclass\[3\].*SMOTENC\('auto'"):
        mlj.machine(model, MIXED[["size", "colour"]], Y)


def test_weights_of_rows_that_are_made_are_refused() -> None:
    w = np.ones(100)
    for each in (SMOTE(), RandomOverSampler(shrinkage=1.0), identity):
        with pytest.raises(WeightsError, match="makes new rows, which have no weights. Leave"):
            mlj.machine(mlj.BalancedModel(net(), over=each), X, Y, w)


@pytest.mark.parametrize(
    ("sampler", "match"),
    [
        (SMOTE(k_neighbors="five"), "The balancer 'over': The 'k_neighbors' parameter of SMOTE"),
        (SMOTE(sampling_strategy="most"), "The 'sampling_strategy' parameter of SMOTE"),
        (RandomUnderSampler(sampling_strategy=2.5), "The 'sampling_strategy' parameter"),
    ],
)
def test_impossible_parameters_are_said_when_the_machine_is_made(sampler: Any, match: str) -> None:
    with pytest.raises(InvalidModelError, match=match):
        mlj.machine(mlj.BalancedModel(net(), over=sampler), X, Y)


def test_numbers_of_rows_are_for_the_training_rows_to_allow() -> None:
    model = mlj.BalancedModel(Recorder(), over=RandomOverSampler(sampling_strategy={"setosa": 30}))
    mach = mlj.machine(model, IRIS, SPECIES)  # which has 50 of them
    mlj.fit(mach, rows=FEW, verbosity=0)
    assert mlj.report(mach).balancing.over.counts_after["setosa"] == 30
    seen()
    with pytest.raises(ValueError, match="Originally, there is 50") as caught:
        mlj.fit(mach, verbosity=0)
    assert "the model has not been trained" in caught.value.__notes__[0]
    assert seen() == []
    assert mlj.report(mach).balancing.over.counts_after["setosa"] == 30


@pytest.mark.parametrize(
    ("function", "error", "match"),
    [
        (lambda X, y: X, WrongType, r"must give X and y, got DataFrame. Let it return \(X, y\)"),
        (lambda X, y: (X.iloc[:, :2], y), DimensionMismatch, r"gave X of shape \(100, 2\)"),
        (lambda X, y: (X, y[:50]), DimensionMismatch, "and 50 values of y"),
        (lambda X, y: (X, ["other"] * 100), UnseenLevelError, "y has 100 value"),
        (lambda X, y: (X.astype(str), y), ScitypeError, "was Continuous, and is Textual now"),
        (lambda X: X, TypeError, "positional argument"),
    ],
)
def test_functions_give_such_rows_as_they_were_given(
    function: Any, error: type[Exception], match: str
) -> None:
    table = X.assign(colour=MIXED.colour) if error is ScitypeError else X
    mach = mlj.machine(mlj.BalancedModel(Recorder(), f=function), table, Y)
    with pytest.raises(error, match=match) as caught:
        mlj.fit(mach, verbosity=0)
    assert "raised by the balancer 'f'" in caught.value.__notes__[0]
