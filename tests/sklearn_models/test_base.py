"""Every model of scikit-learn is trained, predicts and transforms as scikit-learn does, to the
bit, on the matrix written out by hand."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import f_regression
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_limits

import mlj_keras as mlj
from mlj_keras import errors as mlj_errors
from mlj_keras.sklearn_models import model_class, model_names
from mlj_keras.sklearn_models.left_out import FORMS
from tests.sklearn_models.settings import model_of

ONE_COLUMN = {"IsotonicRegression"}


@pytest.fixture(autouse=True)
def hush() -> Iterator[None]:
    """Small data and few iterations: scikit-learn's warnings say nothing about our code."""
    with warnings.catch_warnings():
        for category in (ConvergenceWarning, UserWarning, FutureWarning, RuntimeWarning):
            warnings.simplefilter("ignore", category)
        with threadpool_limits(1):  # other work on the machine would stall small loops
            yield


@pytest.mark.parametrize("name", model_names())
def test_a_model_gives_what_scikit_learn_gives_to_the_bit(
    name: str, request: pytest.FixtureRequest
) -> None:
    table = request.getfixturevalue("table")
    matrix = request.getfixturevalue("matrix")
    if name in ONE_COLUMN:
        table, matrix = table[["width"]], matrix[:, :1]
    elif FORMS.get(name) == "codes":
        codes = table[["colour", "grade"]].apply(lambda column: column.cat.codes)
        matrix = np.column_stack([matrix[:, :3], codes]).astype(np.float64)
    elif FORMS.get(name) == "labels":
        matrix = table.astype({"colour": object, "grade": object}).to_numpy(dtype=object)
    model = model_of(name, matrix.shape[1])
    y, encoded = target_for(model, request)
    mach = mlj.machine(model, table, *([] if y is None else [y])).fit(verbosity=0)

    estimator = model.build()
    if name.startswith("HistGradientBoosting"):
        estimator.set_params(categorical_features=[False, False, False, True, False])
    if name == "CategoricalNB":
        estimator.set_params(min_categories=[0, 0, 0, 4, 2])
    estimator.fit(matrix, *([] if encoded is None else [encoded]))

    matrix = matrix.copy()  # an estimator that knows its own matrix again takes another path
    if hasattr(type(model), "predict"):
        same_predictions(mach, estimator, matrix, table)
    if hasattr(type(model), "transform"):
        same_transform(mach, estimator, matrix, table)


def target_for(model: Any, request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """(a target that the model takes, the same as scikit-learn is given it)."""
    wanted = model.traits.target_scitype
    if not model.traits.takes_target:
        return None, None
    if wanted <= mlj.Vector[mlj.Finite[2]]:
        y = request.getfixturevalue("two_classes")
        return y, y.cat.codes.to_numpy(np.int64)
    if mlj.Vector[mlj.Finite] <= wanted:
        y = request.getfixturevalue("classes")
        return y, y.cat.codes.to_numpy(np.int64)
    several = not mlj.Vector[mlj.Continuous] <= wanted
    y = request.getfixturevalue("two_numbers" if several else "numbers")
    return y, np.ascontiguousarray(y.to_numpy())


def same_predictions(mach: Any, estimator: Any, matrix: np.ndarray, table: pd.DataFrame) -> None:
    """Predictions have the values of scikit-learn, and the rows' index."""
    found = mach.predict()
    assert found.index.equals(table.index)
    if isinstance(found, mlj.UnivariateFiniteVector):
        expected = np.zeros((len(table), len(found.levels)))
        expected[:, estimator.classes_] = estimator.predict_proba(matrix)
        np.testing.assert_array_equal(found.to_numpy(), expected)
        return
    expected = estimator.predict(matrix)
    if hasattr(found, "cat"):
        pool = found.cat.categories.to_numpy()
        supervised = mach.model.traits.supervised
        np.testing.assert_array_equal(found.to_numpy(), pool[expected] if supervised else expected)
        return
    np.testing.assert_array_equal(found.to_numpy(), expected)


def same_transform(mach: Any, estimator: Any, matrix: np.ndarray, table: pd.DataFrame) -> None:
    """Transformed tables have the values of scikit-learn, and so has the inverse."""
    found = mach.transform()
    expected = estimator.transform(matrix)
    expected = np.asarray(expected.toarray() if hasattr(expected, "toarray") else expected)
    expected = expected.reshape(len(matrix), -1)
    assert found.index.equals(table.index) and len(set(found.columns)) == expected.shape[1]
    np.testing.assert_array_equal(found.to_numpy(), expected)
    if hasattr(type(mach.model), "inverse_transform"):
        back = mach.inverse_transform(found)
        expected = np.asarray(estimator.inverse_transform(expected))
        np.testing.assert_array_equal(back.to_numpy(), expected.reshape(back.shape))


def test_distributions_go_over_the_whole_pool_and_modes_come_as_y_did(
    table: pd.DataFrame, classes: pd.Series
) -> None:
    mach = mlj.machine(model_class("GaussianNB")(), table, classes).fit(verbosity=0)
    found = mach.predict(rows=[3, 5])
    assert found.levels == ("yes", "no", "maybe", "never")
    assert found.pdf("never").tolist() == [0.0, 0.0]
    labels = mach.predict_mode(rows=[3, 5])
    assert labels.name == "answer" and labels.index.tolist() == [103, 105]
    assert labels.cat.categories.tolist() == list(found.levels)


def test_a_classifier_without_probabilities_predicts_labels(
    table: pd.DataFrame, classes: pd.Series
) -> None:
    Classifier = model_class("SGDClassifier")
    mach = mlj.machine(Classifier(rng=1), table, classes).fit(verbosity=0)
    assert mach.predict().dtype == classes.dtype and mach.predict().index.equals(table.index)
    with pytest.raises(mlj_errors.UnsupportedOperation, match="deterministic"):
        mach.predict_mode()
    own = mlj.machine(Classifier(rng=1, loss="log_loss"), table, classes).fit(verbosity=0)
    assert isinstance(own.predict(), mlj.UnivariateFiniteVector)
    assert own.predict_mode().dtype == classes.dtype


def test_a_polars_table_gives_polars_columns_and_tables(
    table: pd.DataFrame, numbers: pd.Series
) -> None:
    X = pl.from_pandas(table[["width", "height"]])
    y = pl.Series("price", numbers.to_numpy())
    mach = mlj.machine(model_class("Ridge")(), X, y).fit(verbosity=0)
    both = np.ascontiguousarray(X.to_numpy())
    own = Ridge().fit(both, y.to_numpy()).predict(both)
    assert isinstance(mach.predict(), pl.Series) and mach.predict().name == "price"
    np.testing.assert_array_equal(mach.predict().to_numpy(), own)
    scaled = mlj.machine(model_class("StandardScaler")(), X).fit(verbosity=0).transform()
    assert isinstance(scaled, pl.DataFrame) and scaled.columns == ["width", "height"]


def test_an_array_gives_arrays(matrix: np.ndarray, numbers: pd.Series) -> None:
    y = numbers.to_numpy()
    found = mlj.machine(model_class("Ridge")(), matrix, y).fit(verbosity=0).predict()
    np.testing.assert_array_equal(found, Ridge().fit(matrix, y).predict(matrix))
    mach = mlj.machine(model_class("PCA")(n_components=2), matrix).fit(verbosity=0)
    assert isinstance(mach.transform(), np.ndarray) and mach.transform().shape == (48, 2)
    np.testing.assert_array_equal(
        mach.inverse_transform(mach.transform()),
        (pca := PCA(n_components=2).fit(matrix)).inverse_transform(pca.transform(matrix.copy())),
    )


def test_one_column_and_several_are_targets_of_one_regressor(
    table: pd.DataFrame, matrix: np.ndarray, two_numbers: pd.DataFrame
) -> None:
    mach = mlj.machine(model_class("LinearRegression")(), table, two_numbers).fit(verbosity=0)
    targets = np.ascontiguousarray(two_numbers.to_numpy())
    own = LinearRegression().fit(matrix, targets).predict(matrix)
    expected = pd.DataFrame(own, index=table.index, columns=two_numbers.columns)
    pd.testing.assert_frame_equal(mach.predict(), expected, check_exact=True)


def test_vectors_of_weights_and_weights_of_classes_reach_fit(
    table: pd.DataFrame, matrix: np.ndarray, classes: pd.Series
) -> None:
    codes = classes.cat.codes.to_numpy()
    by_class = {"yes": 1.0, "no": 4.0, "maybe": 0.5, "never": 0.0}
    rows = np.array([1.0, 4.0, 0.5, 0.0])[codes]
    own = GaussianNB().fit(matrix, codes, sample_weight=rows).predict_proba(matrix)
    for weights in (rows, by_class):
        mach = mlj.machine(model_class("GaussianNB")(), table, classes, weights).fit(verbosity=0)
        np.testing.assert_array_equal(mach.predict().to_numpy()[:, :3], own)
    with pytest.raises(mlj_errors.WeightsError, match="KNeighborsClassifier takes no weights"):
        mlj.machine(model_class("KNeighborsClassifier")(), table, classes, rows)


def test_missing_numbers_are_taken_where_the_estimator_takes_them(
    table: pd.DataFrame, numbers: pd.Series
) -> None:
    holes = table.assign(width=table["width"].where(table["width"] > 1))
    Tree = model_class("DecisionTreeRegressor")
    assert mlj.machine(Tree(rng=1), holes, numbers).fit(verbosity=0).predict().notna().all()
    with pytest.raises(mlj_errors.MissingValuesError, match="Ridge takes no missing values"):
        mlj.machine(model_class("Ridge")(), holes, numbers)
    mach = mlj.machine(model_class("Ridge")(), table, numbers).fit(verbosity=0)
    with pytest.raises(mlj_errors.MissingValuesError, match="column 'width' has"):
        mach.predict(holes)
    no_colour = table.assign(colour=table["colour"].where(table["width"] > 1))
    with pytest.raises(mlj_errors.MissingValuesError, match="colour"):
        mlj.machine(Tree(), no_colour, numbers)
    Boosting = model_class("HistGradientBoostingRegressor")
    mach = mlj.machine(Boosting(max_iter=2), no_colour, numbers).fit(verbosity=0)
    assert mach.predict().notna().all()


def test_infinite_values_raise_when_the_machine_is_made(
    table: pd.DataFrame, numbers: pd.Series
) -> None:
    with pytest.raises(mlj_errors.NonFiniteError, match="'width' has 1 .first rows 0"):
        mlj.machine(model_class("Ridge")(), table.assign(width=[np.inf, *range(47)]), numbers)
    with pytest.raises(mlj_errors.NonFiniteError, match="y has 1 infinite"):
        mlj.machine(model_class("Ridge")(), table, numbers.where(numbers > numbers.min(), np.inf))


def test_an_integer_target_is_taken_by_an_explicit_regressor_with_a_warning(
    table: pd.DataFrame,
) -> None:
    with pytest.warns(mlj_errors.ScitypeWarning, match=r"coerce\(y, Continuous\)"):
        mach = mlj.machine(model_class("GradientBoostingRegressor")(), table, table["visits"])
    assert mach.container is model_class("GradientBoostingRegressor")
    with pytest.raises(mlj_errors.ScitypeError, match="Multiclass"):
        mlj.machine(model_class("GaussianNB")(), table, table["visits"])


def test_impossible_values_raise_when_training_starts(
    table: pd.DataFrame, numbers: pd.Series
) -> None:
    mach = mlj.machine(model_class("Ridge")(alpha=-1), table, numbers)
    with pytest.raises(mlj_errors.InvalidModelError, match="Ridge: The 'alpha' parameter.*Got -1"):
        mach.fit(verbosity=0)


def test_other_errors_of_scikit_learn_are_left_as_they_are(table: pd.DataFrame) -> None:
    mach = mlj.machine(model_class("PCA")(n_components=99), table)
    with pytest.raises(ValueError, match="n_components=99 must be between 0 and"):
        mach.fit(verbosity=0)


def test_a_seed_that_is_not_given_is_drawn_and_reported_and_no_global_generator_moves(
    table: pd.DataFrame, numbers: pd.Series, unchanged_generators: None
) -> None:
    Forest = model_class("RandomForestRegressor")
    nested = model_class("VotingRegressor")([("a", Forest(n_estimators=2))])
    mlj.machine(nested, table, numbers).fit(verbosity=0)
    mach = mlj.machine(Forest(n_estimators=2), table, numbers).fit(verbosity=0)
    again = Forest(n_estimators=2, rng=mach.report().random_state)
    again_mach = mlj.machine(again, table, numbers).fit(verbosity=0)
    assert again_mach.predict().equals(mach.predict())
    assert again_mach.report().random_state == mach.report().random_state


def test_fitted_params_are_the_estimator_and_what_it_learned(
    table: pd.DataFrame, matrix: np.ndarray, classes: pd.Series
) -> None:
    mach = mlj.machine(model_class("LogisticRegression")(), table, classes).fit(verbosity=0)
    learned = mach.fitted_params()
    own = LogisticRegression().fit(matrix, classes.cat.codes.to_numpy(np.int64))
    np.testing.assert_array_equal(learned.coef, own.coef_)
    assert learned.classes == ("yes", "no", "maybe")
    assert type(learned.estimator) is LogisticRegression
    assert mach.report().features[3] == "colour__red"


def test_importances_have_the_names_of_the_columns_and_sum_over_levels(
    table: pd.DataFrame, matrix: np.ndarray, numbers: pd.Series, classes: pd.Series
) -> None:
    mach = mlj.machine(model_class("DecisionTreeRegressor")(rng=0), table, numbers)
    found = dict(mlj.feature_importances(mach.fit(verbosity=0)))
    own = mach.fitted_params().estimator.feature_importances_
    assert list(found) == list(table.columns)
    assert found["colour"] == pytest.approx(own[3:7].sum()) and found["grade"] == own[7]
    mach = mlj.machine(model_class("LogisticRegression")(), table, classes).fit(verbosity=0)
    sizes = np.abs(mach.fitted_params().coef).mean(axis=0)
    assert dict(mlj.feature_importances(mach))["width"] == sizes[0]
    mach = mlj.machine(model_class("KNeighborsRegressor")(), table, numbers).fit(verbosity=0)
    assert mlj.feature_importances(mach) is None


def test_clusters_are_a_factor_whose_pool_is_all_clusters(table: pd.DataFrame) -> None:
    mach = mlj.machine(model_class("KMeans")(n_clusters=3, rng=1), table).fit(verbosity=0)
    found = mach.predict(table.iloc[:1])
    assert found.cat.categories.tolist() == [0, 1, 2] and found.index.tolist() == [100]


def test_encoders_of_labels_name_levels_and_give_factors_back(table: pd.DataFrame) -> None:
    X = table[["colour", "grade"]]
    mach = mlj.machine(model_class("OneHotEncoder")(), X).fit(verbosity=0)
    encoded = mach.transform()
    assert list(encoded.columns) == [
        *("colour_blue", "colour_green", "colour_red"),
        *("grade_high", "grade_low"),
    ]
    pd.testing.assert_frame_equal(mach.inverse_transform(encoded), X)
    turned = encoded[encoded.columns[::-1]]
    pd.testing.assert_frame_equal(mach.inverse_transform(turned), X)


def test_a_selection_of_no_columns_is_an_empty_table_with_all_rows(matrix: np.ndarray) -> None:
    y = np.random.default_rng(0).normal(size=48)
    model = model_class("SelectFwe")(alpha=1e-300, score_func=f_regression)
    assert mlj.machine(model, matrix, y).fit(verbosity=0).transform().shape == (48, 0)


def test_a_changed_hyper_parameter_trains_again_with_weights_and_with_targets(
    table: pd.DataFrame, numbers: pd.Series, classes: pd.Series
) -> None:
    ridge, best = model_class("Ridge")(), model_class("SelectKBest")(k=1)
    weights = np.arange(48.0)
    mach = mlj.machine(ridge, table, numbers, weights).fit(verbosity=0)
    ridge.alpha = 7.0
    fresh = mlj.machine(ridge, table, numbers, weights).fit(verbosity=0)
    assert mach.fit(verbosity=0).predict().equals(fresh.predict())
    chosen = mlj.machine(best, table, classes).fit(verbosity=0)
    best.k = 2
    assert chosen.fit(verbosity=0).transform().shape == (48, 2)


def test_a_change_of_a_nested_model_trains_again(table: pd.DataFrame, numbers: pd.Series) -> None:
    model = model_class("BaggingRegressor")(estimator=Ridge(), n_estimators=2, rng=1)
    mach = mlj.machine(model, table, numbers).fit(verbosity=0)
    mach.fit(verbosity=0)
    assert mach.state == 1
    model.set("estimator.alpha", 50.0)
    mach.fit(verbosity=0)
    assert mach.state == 2
    assert mach.fitted_params().estimator.estimator_.alpha == 50.0


def test_a_target_of_other_classes_than_the_estimator_is_none_that_was_learned() -> None:
    X, y = mlj.load_iris()
    mach = mlj.fit(mlj.machine(model_class("GaussianNB")(), X, y), verbosity=0)
    fit = mach.trained("test")[1].fitresult
    fit.check_stored()
    target = dataclasses.replace(fit.target, levels=fit.target.levels[:2])
    with pytest.raises(ValueError, match="its estimator has other classes than its target"):
        dataclasses.replace(fit, target=target).check_stored()
