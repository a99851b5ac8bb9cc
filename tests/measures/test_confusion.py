"""The confusion matrix as a measure: counts, the order of levels, and what may be given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.errors import (
    InvalidArgument,
    InvalidModelError,
    MissingValuesError,
    UnseenLevelError,
    UnsupportedOperation,
    WeightsError,
)
from mlj_keras.measures.aggregation import total
from mlj_keras.measures.confusion import ALIASES, ConfusionMatrix, confmat
from mlj_keras.measures.confusion_value import ConfusionMatrixValue
from tests.batteries.measures import CASES, check_kinds, pairs

TRUTH = list("abaabaabba")
PREDICTED = list("baababbbaa")
THREE = (list("aabbccc"), list("abbbcca"))


def test_labels_look_up_how_often_they_were_predicted_for_a_truth() -> None:
    cm = confmat(PREDICTED, TRUTH)
    assert (cm("a", "b"), cm("b", "a"), cm("a", "a"), cm("b", "b")) == (3, 4, 2, 1)
    np.testing.assert_array_equal(cm.matrix, [[2, 3], [4, 1]])
    assert cm.levels == ("a", "b")


@given(case=pairs(st.sampled_from("abcd")))
@settings(max_examples=CASES, deadline=None)
def test_the_matrix_is_the_transpose_of_that_of_scikit_learn(case: tuple[Any, ...]) -> None:
    prediction, truth, _ = case
    cm = confmat(prediction, truth)
    if len(cm.levels) > 1:  # of one level scikit-learn warns
        np.testing.assert_array_equal(cm.matrix, metrics.confusion_matrix(truth, prediction).T)
    listed = ConfusionMatrix(levels=list("dbca"))(prediction, truth)
    wanted = metrics.confusion_matrix(truth, prediction, labels=list("dbca")).T
    np.testing.assert_array_equal(listed.matrix, wanted)
    assert listed == cm or set(cm.levels) != set("abcd")


@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_without_checks_rows_of_other_levels_are_left_out_as_in_scikit_learn(
    case: tuple[Any, ...],
) -> None:
    prediction, truth, _ = case
    part = ConfusionMatrix(levels=["c", "a"], checks=False)(prediction, truth)
    if {"a", "c"} & set(truth):  # else scikit-learn raises
        wanted = metrics.confusion_matrix(truth, prediction, labels=["c", "a"]).T
        np.testing.assert_array_equal(part.matrix, wanted)
    else:
        assert part.matrix.sum() == 0


def test_the_pool_counts_with_levels_that_no_row_has() -> None:
    truth = pd.Categorical(TRUTH, categories=["b", "z", "a"])
    cm = confmat(PREDICTED, truth)
    assert cm.levels == ("b", "z", "a")
    np.testing.assert_array_equal(cm.matrix, [[1, 0, 4], [0, 0, 0], [3, 0, 2]])


def test_an_index_is_allowed_where_the_order_is_meant() -> None:
    ordered = pd.Categorical(TRUTH, categories=["b", "a"], ordered=True)
    assert confmat(PREDICTED, ordered)[0, 1] == 4
    for measure in (
        ConfusionMatrix(levels=["b", "a"]),
        ConfusionMatrix(rev=True),
        ConfusionMatrix(perm=[1, 0]),
    ):
        cm = measure(PREDICTED, TRUTH)
        assert cm.levels == ("b", "a") and cm[0, 1] == 4
    assert ConfusionMatrix(rev=False)(PREDICTED, TRUTH)[0, 1] == 3
    with pytest.raises(UnsupportedOperation, match=r"ConfusionMatrix\(levels=\[\.\.\.\]\)"):
        confmat(PREDICTED, TRUTH)[0, 1]


def test_perm_says_which_level_comes_where_counted_from_0() -> None:
    cm = ConfusionMatrix(perm=np.array([2, 0, 1]))(*THREE)
    assert cm.levels == ("c", "a", "b")
    assert cm == confmat(*THREE)
    again = ConfusionMatrix(levels=["b", "c", "a"], perm=(1, 2, 0))(*THREE)
    assert again.levels == ("c", "a", "b")
    np.testing.assert_array_equal(again.matrix, cm.matrix)


def test_a_confusion_matrix_is_put_in_the_order_asked_for() -> None:
    cm = confmat(PREDICTED, TRUTH)
    assert ConfusionMatrix(rev=True)(cm).levels == ("b", "a")
    assert ConfusionMatrix(levels=["b", "a", "c"])(cm).levels == ("b", "a", "c")


def test_fields_that_cannot_be_are_refused_with_advice() -> None:
    with pytest.raises(InvalidModelError, match=r"perm must hold each of 0, 1, \.\.\., K - 1"):
        ConfusionMatrix(perm=[1, 2])
    with pytest.raises(InvalidModelError, match="perm must hold each"):
        ConfusionMatrix(perm="ab")
    with pytest.raises(InvalidModelError, match="more than once. Give each level once"):
        ConfusionMatrix(levels=["a", "a"])
    with pytest.raises(InvalidModelError, match="must be a list of labels"):
        ConfusionMatrix(levels="ab")
    with pytest.raises(InvalidModelError, match="both perm=.* and rev=True. Give one"):
        ConfusionMatrix(perm=[1, 0], rev=True)(PREDICTED, TRUTH)


def test_fields_that_do_not_suit_the_data_are_refused_with_advice() -> None:
    with pytest.raises(InvalidArgument, match=r"swaps two levels, and the data have 3"):
        ConfusionMatrix(rev=True)(*THREE)
    with pytest.raises(InvalidArgument, match=r"orders 2 levels, and there are 3"):
        ConfusionMatrix(perm=[1, 0])(*THREE)
    with pytest.raises(UnseenLevelError, match=r"lack \['b'\].* leave such rows out with checks"):
        ConfusionMatrix(levels=["c", "a"])(*THREE)


def test_levels_of_the_pool_that_no_row_has_may_be_left_out_of_levels() -> None:
    truth = pd.Categorical(TRUTH, categories=["a", "b", "z"])
    assert ConfusionMatrix(levels=["b", "a"])(PREDICTED, truth)[1, 0] == 3


def test_missing_truths_are_left_out_and_missing_predictions_raise() -> None:
    assert confmat(["a", *PREDICTED], [None, *TRUTH]) == confmat(PREDICTED, TRUTH)
    with pytest.raises(MissingValuesError, match="Drop those rows"):
        confmat([None, *PREDICTED], ["a", *TRUTH])


def test_columns_of_any_kind_give_the_same() -> None:
    check_kinds(confmat, np.array(PREDICTED), np.array(TRUTH))


def test_it_takes_no_weights_and_none_of_two_is_the_better() -> None:
    with pytest.raises(WeightsError, match="confmat takes no weights"):
        confmat(PREDICTED, TRUTH, np.ones(10))
    with pytest.raises(WeightsError, match="confmat takes no class weights"):
        confmat(PREDICTED, TRUTH, class_weights={"a": 1, "b": 1})
    with pytest.raises(UnsupportedOperation, match="none is the better"):
        confmat.better(1.0, 2.0)


def test_folds_add_up() -> None:
    truth = pd.Categorical(TRUTH)
    folds = [confmat(PREDICTED[rows], truth[rows]) for rows in (slice(0, 4), slice(4, 10))]
    whole = type(confmat).aggregation(folds, [4, 6])
    assert isinstance(whole, ConfusionMatrixValue)
    assert whole == confmat(PREDICTED, TRUTH)


def test_traits_and_names_are_those_of_the_reference() -> None:
    assert (confmat.orientation, type(confmat).aggregation) == ("none", total)
    assert not confmat.supports_weights and not confmat.supports_class_weights
    assert confmat.target_scitype == Vector[Finite]
    assert confmat.prediction_type == "deterministic"
    assert ALIASES == {"confmat": confmat, "confusion_matrix": confmat}
    assert (confmat.name, ConfusionMatrix(rev=True).name) == ("confmat", "confusion_matrix")
