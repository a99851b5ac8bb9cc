"""Tables of some of the columns, of any kind, and importances by the columns of the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.feature_selection import RFE

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    SchemaMismatch,
    UnsupportedOperation,
)
from mlj_keras.models import FitOutcome
from tests.batteries.eliminating import (
    NAMES,
    Deaf,
    Ranked,
    X,
    Y,
    eliminating,
    fitted,
    linear,
    shuffled,
)


def test_a_factor_counts_as_one_feature() -> None:
    frame, y = mlj.load_diabetes()
    forest = mlj.load("RandomForestRegressor")(n_estimators=5, random_state=1)
    sizes = dict(mlj.feature_importances(fitted(forest, frame, y)))
    assert list(sizes) == list(frame.columns) and frame["sex"].dtype == "category"
    scores = mlj.report(fitted(eliminating(forest, n_features=9), frame, y)).scores
    assert [name for name in scores if scores[name] == 1] == [min(sizes, key=sizes.__getitem__)]


def test_new_data_may_have_other_columns_and_another_order() -> None:
    mach = fitted(eliminating(n_features=3))
    new = X.assign(more="text")[["more", *reversed(NAMES)]]
    np.testing.assert_array_equal(mlj.predict(mach, new), mlj.predict(mach, X))
    assert mlj.transform(mach, new).equals(X[list("jbh")])
    few = X[["h", "j", "b"]]
    np.testing.assert_array_equal(mlj.predict(mach, few), mlj.predict(mach, X))
    for operation in (mlj.predict, mlj.transform):
        with pytest.raises(SchemaMismatch, match=r"X lacks the columns \['b'\] that Recursive"):
            operation(mach, X.drop(columns="b"))
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform. It has: predict"):
        mlj.inverse_transform(mach, few)


@pytest.mark.parametrize("make", [dict, pl.DataFrame], ids=["dict", "polars"])
def test_tables_of_any_kind_are_taken_and_given_back(make: Any) -> None:
    table = make({name: X[name].to_numpy() for name in NAMES})
    mach = fitted(eliminating(linear(), n_features=2), table, Y)
    left = mlj.fitted_params(mach).features_left
    selected = mlj.transform(mach, table)
    assert type(selected) is make and list(mlj.schema(selected).names) == list(left)
    np.testing.assert_array_equal(mlj.predict(mach, table), mlj.predict(mach, X))


@pytest.mark.parametrize("own", [True, False], ids=["own model", "scikit-learn's"])
def test_columns_of_a_matrix_are_known_by_their_places(*, own: bool) -> None:
    class Places(Ranked):
        """Its importances are the sums of squares; the columns are called as it sees them."""

        def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
            assert isinstance(X, np.ndarray)
            sizes = [(f"x{j + 1}", float(total)) for j, total in enumerate((X**2).sum(axis=0))]
            return FitOutcome(float(np.mean(y)), None, {"sizes": sizes})

        def feature_importances(self, fitresult: Any, report: dict[str, Any]) -> Any:
            return report["sizes"]

    matrix = X.to_numpy() if own else X.to_numpy() * 2.0 ** np.arange(10)
    mach = fitted(eliminating(Places() if own else linear(), n_features=3, step=2), matrix, Y)
    left = mlj.fitted_params(mach).features_left
    places = [int(name[1:]) - 1 for name in left]
    if own:
        assert places == np.argsort(-(matrix**2).sum(axis=0))[:3].tolist()
    else:
        oracle = RFE(linear().build(), n_features_to_select=3, step=2).fit(matrix, Y)
        assert sorted(places) == np.flatnonzero(oracle.support_).tolist()
        assert mlj.report(mach).model_report.features == ("x1", "x2", "x3")
    np.testing.assert_array_equal(mlj.transform(mach, matrix), matrix[:, places])
    predicted = mlj.predict(mach, matrix)
    assert len(predicted) == 12
    frame = pd.DataFrame(matrix, columns=[f"x{j + 1}" for j in range(10)])
    np.testing.assert_allclose(mlj.predict(mach, frame), predicted)


def test_integer_labels_of_a_frame_are_kept() -> None:
    frame = X.set_axis(range(10), axis=1)
    mach = fitted(eliminating(linear(), n_features=2), frame, Y)
    assert mlj.transform(mach, frame).columns.tolist() == [
        int(name) for name in mlj.fitted_params(mach).features_left
    ]


@pytest.mark.parametrize("importances", [shuffled, mlj.permutation_importance])
@pytest.mark.parametrize("kind", ["frame", "matrix"])
def test_a_network_is_told_by_a_function_what_is_important(kind: str, importances: Any) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(60, 4)), columns=["x1", "x2", "x3", "x4"])
    y = pd.Series(3 * frame["x2"] - 2 * frame["x4"])
    given = frame if kind == "frame" else frame.to_numpy()
    net = mlj.NeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"),
        optimiser=mlj.Adam(0.05),
        epochs=15,
        batch_size=16,
        rng=1,
    )
    mach = fitted(eliminating(net, importances=importances), given, y)
    assert mlj.fitted_params(mach).features_left == ("x2", "x4")
    scores = mlj.report(mach).scores
    assert (scores["x2"], scores["x4"], scores["x1"] + scores["x3"]) == (3, 3, 3)
    assert len(mlj.training_losses(mach)) == 15
    spec = mlj.NeuralNetwork(**{name: net.get(name) for name in ("builder", "epochs", "rng")})
    assert eliminating(spec, importances=shuffled).own_traits().prediction_type == "unknown"


def test_a_function_is_given_the_rows_as_the_user_gave_them_with_whole_pools() -> None:
    seen = []

    def by_name(mach: Any) -> Any:
        table, y = (source() for source in mach.args)
        seen.append((type(table), type(y), len(y)))
        assert mlj.Multiclass[3] in mach.args[0].scitype.args
        return {name: -ord(name) for name in table.columns}

    colours = pl.Series(["r", "g"] * 5 + ["b", "b"], dtype=pl.Categorical)
    table = pl.DataFrame({"z": colours, **{n: X[n].to_numpy() for n in "bc"}})
    model = eliminating(mlj.load("DecisionTreeRegressor")(), n_features=1, importances=by_name)
    mach = fitted(model, table, pl.Series("y", Y.to_numpy()), rows=range(10))
    assert seen == [(pl.DataFrame, pl.Series, 10)] * 2
    assert mlj.fitted_params(mach).features_left == ("z",)
    assert len(mlj.predict(mach, table)) == 12  # of all three colours


def test_pools_of_targets_stay_whole_for_functions_too() -> None:
    table = pl.DataFrame({n: X[n].to_numpy() for n in "abc"})
    y = pl.Series("y", ["r", "g"] * 5 + ["b", "b"], dtype=pl.Categorical)
    model = eliminating(
        mlj.load("DecisionTreeClassifier")(), importances=lambda mach: {"a": 3, "b": 2, "c": 1}
    )
    for weights in (None, {"b": 1.0, "g": 1.0, "r": 2.0}):
        mach = fitted(model, table, y, weights, rows=range(10))
        assert mlj.predict(mach, table).levels == ("b", "g", "r")


def test_what_has_pairs_is_taken_and_the_models_own_importances_are_not() -> None:
    class Found:
        pairs = [(name, ord(name)) for name in NAMES]

    mach = fitted(eliminating(n_features=2, step=9, importances=lambda mach: Found()))
    assert mlj.fitted_params(mach).features_left == ("j", "i")


@pytest.mark.parametrize(
    ("gives", "problem"),
    [
        (None, "Deaf reports no feature importances with these hyper-parameters"),
        ([1, 2], r"Deaf must give pairs \(feature, importance\), got \[1, 2\]|got \(1, 2\)"),
        ({"a": "much"}, "must give pairs"),
        ({"a": 1.0, "z": 2.0}, r"features that are no columns of X, \['z'\]"),
        ({"a": float("nan")}, r"NaN as the importance of \['a'\]"),
    ],
)
def test_importances_that_mean_nothing_raise_in_training(gives: Any, problem: str) -> None:
    with pytest.raises(InvalidModelError, match=problem):
        fitted(eliminating(Deaf(gives=gives)))


def test_importances_of_encoded_columns_are_no_importances_of_features() -> None:
    frame, y = mlj.load_diabetes()
    pipe = mlj.OneHotEncoder() | linear()
    with pytest.raises(InvalidModelError, match="no columns of X, .*Give importances"):
        fitted(eliminating(pipe), frame, y)
