"""ContrastEncoder: matrices by mathematics, the reference's list and category_encoders."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    SchemaMismatch,
    ScitypeError,
    UnseenLevelError,
)
from mlj_keras.transformers.contrast_encoder import ContrastEncoder
from tests.batteries.transformers import FRAME, bound, check_transformer, listed

MODES = ("dummy", "sum", "backward_diff", "forward_diff", "helmert")


def successive(name: str, k: int) -> Any:
    """Hypotheses (k - 1, k): each level against the one before."""
    return np.diff(np.eye(k), axis=0)


def polynomial(name: str, k: int) -> Any:
    """Orthogonal contrasts (k, k - 1): linear, quadratic, ..."""
    powers = np.vander(np.arange(k, dtype=float), increasing=True)
    return np.linalg.qr(powers)[0][:, 1:]


def matrix(mode: str, k: int, **values: Any) -> np.ndarray:
    """The rows that k levels become."""
    X = {"f": pd.Categorical([f"l{i}" for i in range(k)])}
    found = bound(ContrastEncoder(mode=mode, **values), X).transform()
    return np.column_stack(list(found.values()))


@pytest.mark.parametrize(
    "values",
    [
        *({"mode": mode, "ordered_factor": True} for mode in MODES),
        {"features": ["grade", "eye"]},
        {"mode": "hypothesis", "buildmatrix": successive},
        {"mode": "contrast", "buildmatrix": polynomial, "ordered_factor": True},
        {"mode": ["sum"], "features": ["eye"], "ignore": False},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(ContrastEncoder(**values), FRAME)


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        ("dummy", [(1, 0), (0, 1), (0, 0)]),
        ("sum", [(1, 0), (0, 1), (-1, -1)]),
        ("backward_diff", [(-2 / 3, -1 / 3), (1 / 3, -1 / 3), (1 / 3, 2 / 3)]),
        ("forward_diff", [(2 / 3, 1 / 3), (-1 / 3, 1 / 3), (-1 / 3, -2 / 3)]),
        ("helmert", [(-1, -1), (1, -1), (0, 2)]),
    ],
)
def test_three_levels_become_the_rows_of_the_reference(mode: str, rows: list[Any]) -> None:
    np.testing.assert_allclose(matrix(mode, 3), rows, rtol=1e-15)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_differences_are_the_coefficients_of_a_regression_on_the_columns(k: int) -> None:
    means = np.arange(1.0, k + 1) ** 2  # of the target, level by level
    for mode, wanted in (
        ("backward_diff", np.diff(means)),
        ("forward_diff", -np.diff(means)),
        ("sum", means[:-1] - means.mean()),
        ("dummy", means[:-1] - means[-1]),
        ("helmert", [(means[i] - means[:i].mean()) / (i + 1) for i in range(1, k)]),
    ):
        design = np.column_stack([np.ones(k), matrix(mode, k)])
        coefficients = np.linalg.solve(design, means)
        np.testing.assert_allclose(coefficients[1:], wanted, atol=1e-12)
        intercept = means[-1] if mode == "dummy" else means.mean()
        assert coefficients[0] == pytest.approx(intercept)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_a_hypothesis_matrix_of_differences_is_backward_difference_coding(k: int) -> None:
    found = matrix("hypothesis", k, buildmatrix=successive)
    np.testing.assert_allclose(found, matrix("backward_diff", k), atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*no_silent_downcasting")
@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("sum", "SumEncoder"),
        ("backward_diff", "BackwardDifferenceEncoder"),
        ("helmert", "HelmertEncoder"),
    ],
)
def test_columns_are_those_of_category_encoders(mode: str, name: str) -> None:
    other = pytest.importorskip("category_encoders", reason="needs category-encoders")
    labels = list("abcdeabdce")  # theirs are in the order of their first rows
    wanted = getattr(other, name)().fit_transform(pd.DataFrame({"f": labels}))
    found = bound(ContrastEncoder(mode=mode), {"f": pd.Categorical(labels)}).transform()
    np.testing.assert_allclose(np.column_stack(list(found.values())), wanted)


def test_columns_stand_in_the_place_of_theirs_under_the_names_of_the_levels() -> None:
    mach = bound(ContrastEncoder(), FRAME)
    found = mach.transform()
    assert list(found) == ["n", "eye_blue", "eye_gold", "grade", "s"]
    assert found["eye_blue"].tolist() == [1, 0, 1, 0]
    assert mach.report().encoded_features == ("eye",)
    assert mach.fitted_params().vector_given_value_given_feature == {
        "eye": {"blue": (1, 0), "gold": (0, 1), "red": (0, 0)}
    }


def test_a_list_of_modes_goes_with_the_features_in_turn_as_in_the_reference() -> None:
    X = pd.DataFrame(
        {
            "name": pd.Categorical(["Ben", "John", "Mary", "John"]),
            "height": [1.85, 1.67, 1.5, 1.67],
            "favnum": pd.Categorical([7, 5, 10, 1]),
        }
    )
    model = ContrastEncoder(features=["favnum", "name"], ignore=False, mode=["helmert", "dummy"])
    assert listed(bound(model, X).transform()) == {
        "name_Ben": [1, 0, 0, 0],
        "name_John": [0, 1, 0, 1],
        "height": [1.85, 1.67, 1.5, 1.67],
        "favnum_1": [0, 1, 0, -1],  # of the levels 1, 5, 7, 10
        "favnum_5": [2, -1, 0, -1],
        "favnum_7": [-1, -1, 3, -1],
    }


def test_the_user_builds_the_matrix_from_name_and_number_of_levels() -> None:
    asked = []

    def build(name: str, k: int) -> list[list[int]]:
        asked.append((name, k))
        return [[10 * row + column for column in range(k - 1)] for row in range(k)]

    model = ContrastEncoder(mode="contrast", buildmatrix=build, ordered_factor=True)
    found = bound(model, FRAME).transform()
    assert asked == [("eye", 3), ("grade", 3)]
    assert found["grade_low"].tolist() == [0, 20, 10, 0]
    assert found["grade_mid"].tolist() == [1, 21, 11, 1]


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=20))
def test_each_row_is_that_of_its_level_and_missing_where_it_is(labels: list[str | None]) -> None:
    X = {"f": pd.Categorical(labels, categories=["c", "a", "b"])}
    found = bound(ContrastEncoder(mode="helmert"), X).transform()
    rows = {"c": (-1, -1), "a": (1, -1), "b": (0, 2), None: (np.nan, np.nan)}
    np.testing.assert_array_equal(
        np.column_stack(list(found.values())), [rows[label] for label in labels]
    )


def test_new_data_may_have_another_pool_of_the_same_values() -> None:
    mach = bound(ContrastEncoder(), FRAME)
    other = pd.Categorical(["red", "gold"], categories=["red", "x", "gold"])
    assert mach.transform({"eye": other})["eye_gold"].tolist() == [0, 1]
    with pytest.raises(UnseenLevelError, match="'eye' has 1 value.*'x'"):
        mach.transform({"eye": ["x"]})
    with pytest.raises(SchemaMismatch, match="'eye' is Unknown.*ContrastEncoder was trained on"):
        mach.transform({"eye": [["red"]]})


def test_a_column_of_one_level_becomes_none_with_a_warning() -> None:
    X = pd.DataFrame({"n": [1.0, 2.0], "f": pd.Categorical(["a", "a"])})
    for mode in MODES:
        with pytest.warns(ModelWarning, match="'f' has a single level.*Leave it out by features"):
            assert list(bound(ContrastEncoder(mode=mode), X).transform()) == ["n"]


def test_modes_and_matrices_that_do_not_go_together_raise() -> None:
    for wrong in ("polynomial", [], ["sum", 3], None):
        with pytest.raises(InvalidModelError, match="mode must be one of 'dummy'.*'hypothesis'"):
            ContrastEncoder(mode=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidModelError, match="buildmatrix must be a function"):
        ContrastEncoder(buildmatrix=np.eye(3))  # type: ignore[arg-type]
    for values, advice in (
        ({"mode": "contrast"}, "mode='contrast' needs a matrix. Set buildmatrix"),
        ({"buildmatrix": successive}, "buildmatrix has no effect with mode='dummy'. Set mode to"),
        ({"mode": ["sum"], "features": ["eye"]}, "needs ignore=False and as many names"),
        ({"mode": ["sum"], "features": ["eye", "grade"], "ignore": False}, "as many names"),
        ({"mode": ["sum"], "features": str.islower, "ignore": False}, "as many names"),
    ):
        with pytest.raises(InvalidModelError, match=advice):
            mlj.machine(ContrastEncoder(**values), FRAME)
    mach = mlj.machine(ContrastEncoder(), FRAME)
    mach.model.mode = "contrast"
    with pytest.raises(InvalidModelError, match="needs a matrix"):
        mach.fit(verbosity=0)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (np.eye(3), r"shape \(3, 3\) for column 'eye' of 3 levels. Give one of shape \(3, 2\)"),
        ([["a", "b"]] * 3, r"no matrix of numbers for column 'eye'.*shape \(3, 2\)"),
        (np.full((3, 2), np.inf), "infinite or missing numbers for column 'eye'"),
    ],
)
def test_a_matrix_of_another_form_raises(given: Any, advice: str) -> None:
    with pytest.raises(InvalidModelError, match=advice):
        bound(ContrastEncoder(mode="contrast", buildmatrix=lambda name, k: given), FRAME)
    with pytest.raises(InvalidModelError, match=r"Give one of shape \(2, 3\)"):
        wrong = ContrastEncoder(mode="hypothesis", buildmatrix=lambda name, k: np.eye(k, k - 1))
        bound(wrong, FRAME)


def test_what_cannot_be_encoded_raises() -> None:
    with pytest.raises(
        ScitypeError, match="ContrastEncoder makes several columns of one.*a table"
    ):
        mlj.machine(ContrastEncoder(), FRAME["eye"])
    with pytest.raises(MissingValuesError, match="All values of column 'f' are missing"):
        bound(ContrastEncoder(), {"f": pd.Categorical([None, None])})
