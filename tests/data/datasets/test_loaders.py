"""The real data sets: shapes, dtypes, levels and values, against scikit-learn's arrays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets as oracle

from mlj_keras.data.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_wine,
)

ALL = [load_breast_cancer, load_diabetes, load_digits, load_iris, load_linnerud, load_wine]
# loader, scikit-learn's loader, categories in order
CLASSES: list[tuple[Callable[..., Any], Callable[..., Any], list[str]]] = [
    (load_iris, oracle.load_iris, ["setosa", "versicolor", "virginica"]),
    (load_wine, oracle.load_wine, ["class_0", "class_1", "class_2"]),
    (load_breast_cancer, oracle.load_breast_cancer, ["benign", "malignant"]),
    (load_digits, oracle.load_digits, list("0123456789")),
]


@pytest.mark.parametrize("load, reference, levels", CLASSES)
def test_class_labels_are_those_of_scikit_learn_row_by_row_in_the_stated_order_of_levels(
    load: Callable[..., Any], reference: Callable[..., Any], levels: list[str]
) -> None:
    y = load()[1]
    bunch = reference()
    assert isinstance(y.dtype, pd.CategoricalDtype)
    assert not y.cat.ordered
    assert list(y.cat.categories) == levels
    assert all(isinstance(level, str) for level in y.cat.categories)
    assert list(y) == [str(name) for name in bunch.target_names[bunch.target]]
    assert y.name == "target"


@pytest.mark.parametrize("load, reference, _", CLASSES)
def test_features_for_classes_are_the_values_of_scikit_learn_in_float64_columns(
    load: Callable[..., Any], reference: Callable[..., Any], _: list[str]
) -> None:
    table = load(split=False)
    X = table.drop(columns="target")
    assert (X.dtypes == np.float64).all()
    np.testing.assert_array_equal(X.to_numpy(), reference().data)


@pytest.mark.parametrize("load", ALL)
def test_column_names_are_unique_lower_case_identifiers(load: Callable[..., Any]) -> None:
    columns = load(split=False).columns
    assert columns.is_unique
    assert all(name.isidentifier() and name == name.lower() for name in columns)


@pytest.mark.parametrize("load", ALL)
def test_the_whole_table_is_the_pair_side_by_side_with_a_range_index(
    load: Callable[..., Any],
) -> None:
    table = load(split=False)
    X, y = load(images=False) if load is load_digits else load()
    pd.testing.assert_frame_equal(table, pd.concat([X, y], axis=1))
    pd.testing.assert_index_equal(table.index, pd.RangeIndex(len(X)), exact=True)
    pd.testing.assert_index_equal(y.index, pd.RangeIndex(len(X)), exact=True)


@pytest.mark.parametrize("load", ALL)
def test_changing_what_was_loaded_does_not_change_the_next_load(load: Callable[..., Any]) -> None:
    first = load(split=False)
    before = first.copy()
    first.iloc[0, 0] = -1.0
    pd.testing.assert_frame_equal(load(split=False), before)


def test_iris_has_names_without_units_and_rows_in_file_order() -> None:
    X, y = load_iris()
    assert list(X.columns) == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert X.iloc[0].tolist() == [5.1, 3.5, 1.4, 0.2]
    assert y.tolist() == ["setosa"] * 50 + ["versicolor"] * 50 + ["virginica"] * 50


def test_wine_and_breast_cancer_names_become_snake_case() -> None:
    assert "od280_od315_of_diluted_wines" in load_wine()[0].columns
    assert list(load_breast_cancer()[0].columns[[0, 7, 10]]) == [
        "mean_radius",
        "mean_concave_points",
        "radius_error",
    ]


def test_the_positive_second_level_of_breast_cancer_is_malignant() -> None:
    y = load_breast_cancer()[1]
    np.testing.assert_array_equal(y.cat.codes, 1 - oracle.load_breast_cancer().target)
    assert int((y == "malignant").sum()) == 212


def test_digits_are_float32_gray_images_in_the_unit_interval() -> None:
    X, y = load_digits()
    assert X.shape == (1797, 8, 8) and len(y) == 1797
    assert X.dtype == np.float32
    assert (X.min(), X.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(X * 16, oracle.load_digits().images)


def test_digits_without_images_have_one_column_a_pixel_row_by_row() -> None:
    images, _ = load_digits()
    X, _ = load_digits(images=False)
    assert X.shape == (1797, 64)
    assert list(X.columns[[0, 1, 8, 63]]) == ["pixel_0_0", "pixel_0_1", "pixel_1_0", "pixel_7_7"]
    np.testing.assert_array_equal(X["pixel_3_5"], images[:, 3, 5] * 16)


def test_the_whole_table_of_digits_is_pixels_whatever_images_says() -> None:
    pd.testing.assert_frame_equal(
        load_digits(split=False, images=True), load_digits(split=False, images=False)
    )


def test_diabetes_is_raw_with_a_categorical_sex_and_a_float_target() -> None:
    X, y = load_diabetes()
    bunch = oracle.load_diabetes(scaled=False)
    assert list(X.columns) == ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    assert isinstance(X["sex"].dtype, pd.CategoricalDtype) and not X["sex"].cat.ordered
    assert list(X["sex"].cat.categories) == ["1", "2"]
    assert (X.drop(columns="sex").dtypes == np.float64).all()
    np.testing.assert_array_equal(X.astype(float).to_numpy(), bunch.data)
    np.testing.assert_array_equal(y, bunch.target)
    assert y.dtype == np.float64 and y.name == "progression"


def test_linnerud_has_three_float_features_and_three_float_targets() -> None:
    X, y = load_linnerud()
    bunch = oracle.load_linnerud()
    assert list(X.columns) == ["chins", "situps", "jumps"]
    assert list(y.columns) == ["weight", "waist", "pulse"]
    assert (X.dtypes == np.float64).all() and (y.dtypes == np.float64).all()
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


def test_importing_the_data_sets_does_not_load_scikit_learn() -> None:
    program = "import sys, mlj_keras.data.datasets; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
