"""Averages of rates over classes, weights of classes, and the form of a result for each class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlj_keras.errors import InvalidArgument, InvalidModelError, ModelWarning, WeightsError
from mlj_keras.measures.confusion import ConfusionMatrix, confmat
from mlj_keras.measures.multiclass import (
    MulticlassFScore,
    MulticlassTruePositive,
    MulticlassTruePositiveRate,
)
from mlj_keras.measures.one_against_rest import one_against_rest
from tests.batteries.measures import check_kinds

# recalls: a 1/2, b 2/3, c 2/2
TRUTH = ["a", "a", "b", "b", "b", "c", "c"]
PREDICTED = ["a", "b", "b", "b", "c", "c", "c"]
WEIGHTS = {"a": 1.0, "b": 3.0, "c": 4.0}


def recall(**fields: Any) -> MulticlassTruePositiveRate:
    """The recall of each class with fields."""
    return MulticlassTruePositiveRate(**fields)


def test_counts_of_a_class_are_those_of_it_against_the_rest() -> None:
    counts = one_against_rest(confmat(PREDICTED, TRUTH).matrix)
    assert counts.tp.tolist() == [1, 2, 2]
    assert counts.fp.tolist() == [0, 1, 1]
    assert counts.fn.tolist() == [1, 1, 0]
    assert counts.tn.tolist() == [5, 3, 4]


def test_macro_is_the_mean_of_classes_and_micro_the_rate_of_summed_counts() -> None:
    assert recall()(PREDICTED, TRUTH) == pytest.approx((1 / 2 + 2 / 3 + 1) / 3)
    assert recall(average="micro")(PREDICTED, TRUTH) == pytest.approx(5 / 7)
    each = recall(average=None)(PREDICTED, TRUTH)
    assert each == {"a": 1 / 2, "b": 2 / 3, "c": 1.0}
    assert all(type(value) is float for value in each.values())


def test_the_names_of_mlj_are_names_of_averages_too() -> None:
    assert recall(average="macro_avg") == recall()
    assert recall(average="micro_avg") == recall(average="micro")
    assert recall(average="no_avg") == recall(average=None)


def test_a_class_without_a_rate_counts_as_0_in_macro_and_is_nan_by_itself() -> None:
    truth = pd.Categorical(TRUTH, categories=["a", "b", "c", "d"])
    assert recall()(PREDICTED, truth) == pytest.approx((1 / 2 + 2 / 3 + 1) / 4)
    each = recall(average=None)(PREDICTED, truth)
    assert np.isnan(each.pop("d")) and each == {"a": 1 / 2, "b": 2 / 3, "c": 1.0}


def test_class_weights_make_a_weighted_mean_of_classes() -> None:
    wanted = (1 * 1 / 2 + 3 * 2 / 3 + 4 * 1) / 8
    assert recall()(PREDICTED, TRUTH, class_weights=WEIGHTS) == pytest.approx(wanted)
    reordered = {level: WEIGHTS[level] for level in "cab"}
    other = recall(levels=["b", "c", "a"])
    assert other(PREDICTED, TRUTH, class_weights=reordered) == pytest.approx(wanted)
    cm = confmat(PREDICTED, TRUTH)
    assert recall()(cm, class_weights=WEIGHTS) == pytest.approx(wanted)
    ones = dict.fromkeys("abc", 5.0)
    assert recall()(PREDICTED, TRUTH, class_weights=ones) == pytest.approx(
        recall()(PREDICTED, TRUTH)
    )


def test_class_weights_multiply_the_rate_of_each_class() -> None:
    each = recall(average=None)(PREDICTED, TRUTH, class_weights=WEIGHTS)
    assert each == pytest.approx({"a": 1 / 2, "b": 2.0, "c": 4.0})


def test_micro_ignores_class_weights_with_a_warning() -> None:
    with pytest.warns(ModelWarning, match="Use average='macro' to weigh classes") as caught:
        value = recall(average="micro")(PREDICTED, TRUTH, class_weights=WEIGHTS)
    assert len(caught) == 1
    assert value == pytest.approx(5 / 7)


def test_what_is_read_once_gives_the_same_with_the_weights_of_its_classes() -> None:
    measure = recall(perm=[2, 0, 1])
    pair = measure.read(PREDICTED, TRUTH)
    weights = measure.weights_of(pair, None, WEIGHTS)
    assert weights is not None and weights.tolist() == [4.0, 1.0, 3.0]
    assert measure.of_pair(pair, weights) == measure(PREDICTED, TRUTH, class_weights=WEIGHTS)
    assert measure.weights_of(pair, None, None) is None


def test_weights_that_do_not_suit_are_refused_with_advice() -> None:
    for given in ({"a": 1, "b": 1}, {**WEIGHTS, "d": 1}, [1, 2, 3]):
        with pytest.raises(WeightsError, match=r"name each level .* once, \['a', 'b', 'c'\]"):
            recall()(PREDICTED, TRUTH, class_weights=given)
        with pytest.raises(WeightsError, match="name each level"):
            recall()(confmat(PREDICTED, TRUTH), class_weights=given)
    with pytest.raises(WeightsError, match="finite numbers >= 0"):
        recall()(PREDICTED, TRUTH, class_weights={**WEIGHTS, "a": -1})
    with pytest.raises(WeightsError, match="multiclass_tpr takes no weights"):
        recall()(PREDICTED, TRUTH, np.ones(7))
    with pytest.raises(InvalidArgument, match=r"Call multiclass_tpr\(cm\), or"):
        recall()(confmat(PREDICTED, TRUTH), TRUTH)
    counts = MulticlassTruePositive()
    with pytest.raises(WeightsError, match="takes no class weights"):
        counts(PREDICTED, TRUTH, class_weights=WEIGHTS)
    with pytest.raises(WeightsError, match="takes no weights"):
        counts(PREDICTED, TRUTH, np.ones(7))


def test_a_vector_has_the_order_of_the_levels() -> None:
    fields = {"average": None, "return_type": "vector"}
    vector = recall(**fields)(PREDICTED, TRUTH)
    np.testing.assert_allclose(vector, [1 / 2, 2 / 3, 1])
    np.testing.assert_allclose(
        recall(**fields, levels=["c", "a", "b"])(PREDICTED, TRUTH), [1, 1 / 2, 2 / 3]
    )
    np.testing.assert_allclose(recall(**fields, perm=[2, 1, 0])(PREDICTED, TRUTH), vector[::-1])
    assert list(recall(average=None, perm=[2, 1, 0])(PREDICTED, TRUTH)) == ["c", "b", "a"]
    counts = MulticlassTruePositive(return_type=np.ndarray)
    assert counts(PREDICTED, TRUTH).tolist() == [1, 2, 2]
    assert MulticlassTruePositive(return_type=dict) == MulticlassTruePositive()


def test_the_order_of_levels_plays_no_part_in_averages() -> None:
    for average in ("macro", "micro"):
        wanted = recall(average=average)(PREDICTED, TRUTH)
        assert recall(average=average, perm=[1, 2, 0])(PREDICTED, TRUTH) == pytest.approx(wanted)
        cm = ConfusionMatrix(levels=["c", "b", "a"])(PREDICTED, TRUTH)
        assert recall(average=average)(cm) == pytest.approx(wanted)


def test_counts_of_folds_add_up_class_by_class() -> None:
    measure = MulticlassTruePositive()
    truth = pd.Categorical(TRUTH)
    folds = [measure(PREDICTED[rows], truth[rows]) for rows in (slice(0, 3), slice(3, 7))]
    assert type(measure).aggregation(folds, None) == measure(PREDICTED, TRUTH)


def test_rates_of_folds_are_averaged_class_by_class() -> None:
    folds = [{"a": 0.5, "b": 1.0}, {"a": 1.0, "b": 0.0}]
    assert type(recall()).aggregation(folds, [1, 3]) == {"a": 0.875, "b": 0.25}


def test_missing_truths_are_left_out_and_no_truth_at_all_is_nan() -> None:
    wanted = recall()(PREDICTED, TRUTH)
    assert recall()(["c", *PREDICTED], [None, *TRUTH]) == wanted
    lacking = recall()(["c", *PREDICTED], [None, *TRUTH], class_weights=WEIGHTS)
    assert lacking == recall()(PREDICTED, TRUTH, class_weights=WEIGHTS)
    none = pd.Categorical([None], categories=["a", "b"])
    for average in ("macro", "micro"):
        assert np.isnan(MulticlassFScore(average=average)(["a"], none))


def test_columns_of_any_kind_give_the_same() -> None:
    for average in ("macro", None):
        check_kinds(recall(average=average), np.array(PREDICTED), np.array(TRUTH))


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"average": "weighted"}, "average must be 'macro', 'micro' or None, got 'weighted'"),
        ({"return_type": "list"}, "return_type must be 'dict' or 'vector', got 'list'"),
        ({"perm": [1, 2, 3]}, "perm must hold each of 0, 1"),
        ({"levels": "abc"}, "must be a list of labels"),
    ],
)
def test_fields_that_cannot_be_are_refused_with_advice(
    fields: dict[str, Any], advice: str
) -> None:
    with pytest.raises(InvalidModelError, match=advice):
        recall(**fields)
