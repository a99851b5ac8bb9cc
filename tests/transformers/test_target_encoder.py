"""TargetEncoder: statistics by hand, scikit-learn and category_encoders; targets of all kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.preprocessing import TargetEncoder as SklearnTarget

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    NonFiniteError,
    OneClassError,
    SchemaMismatch,
    ScitypeError,
    UnseenLevelError,
    WeightsError,
)
from mlj_keras.transformers.missingness_encoder import MissingnessEncoder
from mlj_keras.transformers.target_encoder import TargetEncoder
from tests.batteries.transformers import bound, check_transformer, listed

GRADES = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
FRAME = pd.DataFrame(
    {
        "n": [1.5, 2.5, 3.5, 4.5, 5.5],
        "eye": pd.Categorical(["blue", "gold", "blue", "red", "red"]),
        "grade": pd.Categorical(["low", "high", "mid", "low", "high"], dtype=GRADES),
        "s": ["p", "q", "r", "s", "t"],
    },
    index=[7, 8, 9, 10, 11],
)
Y = [1.0, 2.0, 4.0, 8.0, 10.0]  # mean 5
TWO = pd.Categorical(["no", "yes", "yes", "no", "no"])
THREE = pd.Categorical(["c1", "c2", "c3", "c1", "c2"])


def numbers(y: Any, **values: Any) -> Any:
    """What the levels of eye become: a number each, or a tuple."""
    mach = bound(TargetEncoder(**values), FRAME, y)
    return mach.fitted_params().y_statistic_given_feat_level["eye"]


@pytest.mark.parametrize("y", [Y, [3, 1, 0, 2, 2], TWO, THREE])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"m": 2.5, "ordered_factor": True},
        {"lambda_": 0.25, "features": ["eye"], "ignore": False},
    ],
)
def test_it_passes_the_battery(y: Any, values: dict[str, Any]) -> None:
    check_transformer(TargetEncoder(**values), FRAME, y)


def test_levels_become_the_means_of_the_target() -> None:
    mach = bound(TargetEncoder(), FRAME, Y)
    found = mach.transform(FRAME)
    assert list(found) == list(FRAME)
    assert found["eye"].tolist() == [2.5, 2.0, 2.5, 9.0, 9.0]
    assert mach.fitted_params().task == "Regression"
    assert mach.fitted_params().y_statistic_given_feat_level == {
        "eye": {"blue": 2.5, "gold": 2.0, "red": 9.0}
    }
    assert mach.report().encoded_features == ("eye",)
    both = bound(TargetEncoder(ordered_factor=True), FRAME, Y).transform()
    assert both["grade"].tolist() == [4.5, 6.0, 4.0, 4.5, 6.0]


def test_two_classes_give_the_frequency_of_the_first() -> None:
    assert numbers(TWO) == {"blue": 0.5, "gold": 0.0, "red": 1.0}
    assert numbers(TWO.reorder_categories(["yes", "no"])) == {"blue": 0.5, "gold": 1, "red": 0}
    mach = bound(TargetEncoder(), FRAME, TWO)
    assert list(mach.transform()) == list(FRAME) and mach.fitted_params().task == "Classification"


def test_more_classes_give_a_column_of_frequencies_each() -> None:
    mach = bound(TargetEncoder(), FRAME, THREE)
    found = mach.transform()
    assert list(found) == ["n", "eye_c1", "eye_c2", "eye_c3", "grade", "s"]
    assert numbers(THREE) == {"blue": (0.5, 0, 0.5), "gold": (0, 1, 0), "red": (0.5, 0.5, 0)}
    assert found["eye_c2"].tolist() == [0, 1, 0, 0.5, 0.5]
    taken = bound(TargetEncoder(), FRAME.rename(columns={"s": "eye_c1"}), THREE).transform()
    assert list(taken)[1:4] == ["eye_c1_", "eye_c2", "eye_c3"]


def test_a_level_of_three_rows_is_mixed_with_the_mean_of_all_as_in_the_reference() -> None:
    X = {"f": pd.Categorical(["a", "a", "a", "b", "b", "c"])}
    y = [1.0, 2.0, 3.0, 5.0, 6.0, 7.0]  # mean 4; a has mean 2
    mach = bound(TargetEncoder(m=1), X, y)
    assert mach.fitted_params().y_statistic_given_feat_level["f"] == pytest.approx(
        {"a": 0.75 * 2 + 0.25 * 4, "b": 2 / 3 * 5.5 + 1 / 3 * 4, "c": 0.5 * 7 + 0.5 * 4}
    )


def test_lambda_mixes_every_level_alike() -> None:
    assert numbers(Y, lambda_=0.5) == {"blue": 3.75, "gold": 3.5, "red": 7.0}
    assert numbers(Y, lambda_=0) == {"blue": 5, "gold": 5, "red": 5}
    assert numbers(TWO, lambda_=0.5) == pytest.approx({"blue": 0.55, "gold": 0.3, "red": 0.8})
    assert numbers(THREE, lambda_=0.5)["gold"] == pytest.approx((0.2, 0.7, 0.1))
    assert TargetEncoder(**{"lambda": 0.5}).lambda_ == 0.5


LEVELS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(-50, 50)), min_size=2, max_size=30
).filter(lambda rows: len({y for _, y in rows}) > 1)


@given(LEVELS, st.sampled_from([0, 0.5, 3, "auto"]))
def test_means_are_those_of_scikit_learn(rows: list[Any], m: Any) -> None:
    labels, y = [row[0] for row in rows], np.array([row[1] / 4 for row in rows])
    oracle = SklearnTarget(
        categories=[list("abcd")], target_type="continuous", smooth="auto" if m == "auto" else m
    ).fit(np.array(labels, dtype=object)[:, None], y)
    X = {"f": pd.Categorical(labels, categories=list("abcd"))}
    found = bound(TargetEncoder(m=m), X, y).fitted_params().y_statistic_given_feat_level["f"]
    np.testing.assert_allclose(list(found.values()), oracle.encodings_[0], atol=1e-12)


@given(LEVELS, st.sampled_from([0.5, 3]), st.sampled_from([2, 3, 4]))
def test_frequencies_are_those_of_scikit_learn(rows: list[Any], m: float, k: int) -> None:
    labels = [row[0] for row in rows]
    codes = np.array([row[1] % k for row in rows])
    assume(len(set(codes)) == k)  # scikit-learn knows no class that does not occur
    oracle = SklearnTarget(
        categories=[list("abcd")], target_type="binary" if k == 2 else "multiclass", smooth=m
    ).fit(np.array(labels, dtype=object)[:, None], codes)
    X = {"f": pd.Categorical(labels, categories=list("abcd"))}
    y = pd.Categorical(codes, categories=range(k))
    found = bound(TargetEncoder(m=m), X, y).fitted_params().y_statistic_given_feat_level["f"]
    wanted = np.transpose(oracle.encodings_)
    # Of two classes theirs is the frequency of the second.
    wanted = 1 - wanted[:, 0] if k == 2 else wanted
    np.testing.assert_allclose(list(found.values()), wanted, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*no_silent_downcasting")
def test_means_are_those_of_category_encoders() -> None:
    other = pytest.importorskip("category_encoders", reason="needs category-encoders")
    y = np.array([0, 1, 1, 0, 1])
    encoder = other.MEstimateEncoder(m=2).fit(FRAME[["eye"]].astype(str), y)
    wanted = encoder.transform(FRAME[["eye"]].astype(str))["eye"]
    found = bound(TargetEncoder(m=2), FRAME, y).transform()["eye"]
    np.testing.assert_allclose(found, wanted)


def test_levels_without_rows_get_the_statistic_of_the_whole_target() -> None:
    X = {"f": pd.Categorical(["a", "b", "a"], categories=["z", "a", "b"])}
    for values in ({}, {"m": 4}, {"m": "auto"}, {"lambda_": 0.5}):
        mach = bound(TargetEncoder(**values), X, [1.0, 2.0, 6.0])
        assert mach.transform({"f": ["z"]})["f"].tolist() == [3.0]
    mach = bound(TargetEncoder(), X, pd.Categorical(["p", "q", "p"]))
    assert mach.transform({"f": ["z"]})["f"] == pytest.approx(2 / 3)
    some = mlj.machine(TargetEncoder(), FRAME, Y).fit(rows=[0, 1, 2], verbosity=0)
    assert some.transform(rows=[2, 3])["eye"].tolist() == [2.5, 7 / 3]


def test_automatic_smoothing_trusts_what_does_not_vary() -> None:
    X = {"f": pd.Categorical(["a", "a", "b", "b"])}
    found = bound(TargetEncoder(m="auto"), X, [2.0, 2.0, 0.0, 8.0]).fitted_params()
    within, total = 16.0, 9.0  # the variances of y in b, and of all y, whose mean is 3
    weight = 2 / (2 + within / total)
    wanted = {"a": 2.0, "b": weight * 4 + (1 - weight) * 3}
    assert found.y_statistic_given_feat_level["f"] == pytest.approx(wanted)
    same = bound(TargetEncoder(m="auto"), X, [5.0] * 4).fitted_params()
    assert same.y_statistic_given_feat_level["f"] == {"a": 5.0, "b": 5.0}


def test_missing_values_stay_missing_and_are_in_the_whole_target() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a", None, "b", "a"])})
    y = [1.0, 2.0, 3.0, 6.0]
    check_transformer(TargetEncoder(m=1), X, y)
    found = bound(TargetEncoder(m=1), X, y).transform()["f"]
    mean_a, mean_b = 2 / 3 * 3.5 + 1 / 3 * 3, 3.0
    np.testing.assert_allclose(found, [mean_a, np.nan, mean_b, mean_a])
    check_transformer(TargetEncoder(), X, pd.Categorical(["p", "q", "r", "q"]))
    pipe = MissingnessEncoder() | TargetEncoder()
    assert bound(pipe, X, y).transform(X)["f"].tolist() == [3.5, 2.0, 3.0, 3.5]


@pytest.mark.parametrize(
    "kind", [list, np.array, pd.Series, pl.Series, pa.array, lambda y: pd.Series(y, dtype="Int64")]
)
def test_the_target_may_be_a_column_of_any_kind(kind: Callable[..., Any]) -> None:
    assert numbers(kind([1, 2, 4, 8, 10])) == {"blue": 2.5, "gold": 2.0, "red": 9.0}


def test_a_column_alone_is_encoded_unless_it_would_become_several() -> None:
    eye = FRAME["eye"]
    assert bound(TargetEncoder(), eye, Y).transform().tolist() == [2.5, 2.0, 2.5, 9.0, 9.0]
    assert bound(TargetEncoder(), eye, TWO).transform().tolist() == [0.5, 0, 0.5, 1, 1]
    with pytest.raises(ScitypeError, match="a column for each of 3 classes, so it takes a table"):
        mlj.machine(TargetEncoder(), eye, THREE)


def test_a_table_without_factors_is_left_as_it_is() -> None:
    mach = bound(TargetEncoder(), FRAME[["n", "s"]], Y)
    assert mach.fitted_params().task is None
    pd.testing.assert_frame_equal(mach.transform(), FRAME[["n", "s"]])


def test_new_data_may_have_another_pool_of_the_same_values() -> None:
    mach = bound(TargetEncoder(), FRAME, Y)
    new = pd.Categorical(["red", None, "gold"], categories=["red", "odd", "gold"])
    assert listed(mach.transform({"eye": new})) == {"eye": [9.0, None, 2.0]}
    with pytest.raises(UnseenLevelError, match="'eye' has 1 value.*'odd'.*levels are 'blue'"):
        mach.transform({"eye": ["odd"]})
    with pytest.raises(SchemaMismatch, match="'eye' is Unknown.*TargetEncoder was trained on a"):
        mach.transform({"eye": [["red"]]})


@pytest.mark.parametrize(
    ("y", "error", "advice"),
    [
        (list("abcab"), ScitypeError, r"got Vector\[Textual\]. Give one column: y = coerce\(y"),
        (FRAME[["n"]], ScitypeError, r"got Table\[Continuous\]. Give one column"),
        ([1.0, None, 2.0, np.nan, 3.0], MissingValuesError, r"y has 2 missing \(first rows 1, 3"),
        (pd.Categorical(["a", None, "b", "a", "b"]), MissingValuesError, "Drop those rows of X"),
        ([1.0, np.inf, 2.0, 3.0, 4.0], NonFiniteError, "no infinite targets. Drop those rows"),
        ([1e308] * 5, NonFiniteError, "up to 1e.308, too large for a mean. Give y in a larger"),
        (pd.Categorical(["a"] * 5), OneClassError, r"levels \['a'\].*nothing to tell apart"),
    ],
)
def test_targets_that_have_no_statistics_raise(y: Any, error: type, advice: str) -> None:
    with pytest.raises(error, match=advice):
        bound(TargetEncoder(), FRAME, y)
    with pytest.raises(error, match=advice):
        mlj.machine(TargetEncoder(), FRAME, y, scitype_check_level=0).fit(verbosity=0)


def test_what_cannot_be_meant_raises() -> None:
    for wrong in (-1, np.inf, "automatic", None, True):
        with pytest.raises(InvalidModelError, match="m must be a number >= 0, or 'auto', got"):
            TargetEncoder(m=wrong)  # type: ignore[arg-type]
    for share in (-0.1, 1.1):
        with pytest.raises(InvalidModelError, match="lambda_ must be a number >= 0 and <= 1, got"):
            TargetEncoder(lambda_=share)
    with pytest.raises(InvalidModelError, match="m='auto' is for regression, and y is categor"):
        mlj.machine(TargetEncoder(m="auto"), FRAME, TWO)
    with pytest.warns(ModelWarning, match="m=2 has no effect with lambda_=0.5. Leave one"):
        bound(TargetEncoder(m=2, lambda_=0.5), FRAME, Y)
    with pytest.raises(InvalidArgument, match=r"takes X, y or X, y, w, got 1 argument"):
        mlj.machine(TargetEncoder(), FRAME)
    with pytest.raises(WeightsError, match="TargetEncoder takes no weights"):
        mlj.machine(TargetEncoder(), FRAME, Y, [1.0] * 5)
    with pytest.raises(MissingValuesError, match="All values of column 'f' are missing"):
        bound(TargetEncoder(), {"f": pd.Categorical([None, None], categories=["a"])}, [1.0, 2.0])
