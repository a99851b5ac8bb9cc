"""What measures are given: every kind of column, pools, what is missing, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.errors import (
    CoercionError,
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    MissingValuesError,
    ScitypeError,
    UnseenLevelError,
)
from mlj_keras.measures.reading import (
    Pair,
    distributions_of,
    is_distribution,
    read_classes,
    read_distributions,
    read_number_tables,
    read_numbers,
)
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector

NAN = float("nan")
KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "numpy": np.array,
    "numpy objects": lambda values: np.array(values, dtype=object),
    "pandas": pd.Series,
    "pandas index": pd.Index,
    "polars": pl.Series,
    "pyarrow": pa.array,
    "pyarrow chunks": lambda values: pa.chunked_array([values[:1], values[1:]]),
}
FACTORS: dict[str, Callable[[list[Any]], Any]] = {
    "Categorical": pd.Categorical,
    "pandas factor": lambda values: pd.Series(values, dtype="category"),
    "polars Categorical": lambda values: pl.Series(values, dtype=pl.Categorical),
    "pyarrow dictionary": lambda values: pa.array(values).dictionary_encode(),
}
ROWS = np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])


def factor(values: list[Any], levels: list[Any], *, ordered: bool = False) -> pd.Categorical:
    return pd.Categorical(values, categories=levels, ordered=ordered)


def distributions(levels: list[str], *, ordered: bool = False) -> Any:
    return UnivariateFinite(levels, ROWS, ordered=ordered)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_kind_of_column_become_floats(kind: str) -> None:
    make = KINDS[kind]
    pair = read_numbers("l1", make([1, 2, 3]), make([1.5, 2.5, 3.5]))
    assert pair.prediction.dtype == pair.truth.dtype == np.float64
    assert (pair.prediction.tolist(), pair.truth.tolist()) == ([1, 2, 3], [1.5, 2.5, 3.5])
    assert pair.present.all() and (pair.levels, pair.ordered) == ((), False)


@pytest.mark.parametrize(
    "column",
    [
        [True, False, None],
        pd.Series([True, False, None], dtype="boolean"),
        pd.array([1, 0, None], dtype="Int8"),
        pl.Series([1, 0, None], dtype=pl.UInt8),
        pa.array([1, 0, None]),
        np.array([1, 0, NAN], dtype=np.float32),
        np.ma.MaskedArray([1, 0, 7], mask=[False, False, True]),
    ],
    ids=lambda column: type(column).__module__,
)
def test_booleans_and_small_numbers_with_missing_ones_are_numbers(column: Any) -> None:
    pair = read_numbers("l1", column, column)
    np.testing.assert_array_equal(pair.prediction, [1, 0, NAN])
    np.testing.assert_array_equal(pair.truth, [1, 0, NAN])
    assert pair.present.tolist() == [True, True, False]


@pytest.mark.parametrize("kind", [*KINDS, *FACTORS])
def test_labels_of_every_kind_of_column_become_codes(kind: str) -> None:
    make = {**KINDS, **FACTORS}[kind]
    pair = read_classes("accuracy", make(["b", "a", "b"]), make(["a", "b", "b"]))
    assert (sorted(pair.levels), pair.ordered) == (["a", "b"], False)
    labels = np.array(pair.levels)
    assert labels[pair.prediction].tolist() == ["b", "a", "b"]
    assert labels[pair.truth].tolist() == ["a", "b", "b"]


def test_plain_labels_have_the_sorted_union_of_both_as_pool() -> None:
    assert read_classes("accuracy", ["c", "a"], ["b", "a"]).levels == ("a", "b", "c")
    assert read_classes("accuracy", [3, 10], np.array([2, 3])).levels == (2, 3, 10)
    assert read_classes("accuracy", [True], [False]).levels == (False, True)
    pair = read_classes("accuracy", [1.0, 2.0], [2, 1])
    assert (pair.prediction.tolist(), pair.truth.tolist()) == ([0, 1], [1, 0])


def test_the_pool_of_a_factor_holds_for_a_plain_column_beside_it() -> None:
    pooled = factor(["b", "c"], ["c", "b", "a"], ordered=True)
    for pair in (
        read_classes("accuracy", ["b", "a"], pooled),
        read_classes("accuracy", pooled, ["b", "a"]),
    ):
        assert (pair.levels, pair.ordered) == (("c", "b", "a"), True)
    assert read_classes("accuracy", ["b", "a"], pooled).prediction.tolist() == [1, 2]


def test_of_two_factors_the_ordered_one_or_else_the_truth_gives_the_order() -> None:
    up, down = factor(["a", "b"], ["a", "b"]), factor(["a", "b"], ["b", "a"])
    assert read_classes("accuracy", up, down).levels == ("b", "a")
    assert read_classes("accuracy", up, down).prediction.tolist() == [1, 0]
    ordered = factor(["a", "b"], ["a", "b"], ordered=True)
    for pair in (
        read_classes("accuracy", ordered, down),
        read_classes("accuracy", down, ordered),
        read_classes("accuracy", ordered, ordered),
    ):
        assert (pair.levels, pair.ordered, pair.truth.tolist()) == (("a", "b"), True, [0, 1])


def test_pools_that_differ_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"has \['a', 'b', 'c'\], the truth \['a', 'b'\]"):
        read_classes("accuracy", factor(["a"], ["a", "b", "c"]), factor(["a"], ["a", "b"]))
    up, down = (factor(["a"], levels, ordered=True) for levels in (["a", "b"], ["b", "a"]))
    with pytest.raises(InvalidArgument, match=r"in two orders, \('a', 'b'\) and \('b', 'a'\)"):
        read_classes("accuracy", up, down)
    with pytest.raises(UnseenLevelError, match=r"prediction given to accuracy.*pool \['a', 'b'\]"):
        read_classes("accuracy", ["a", "z"], factor(["a", "b"], ["a", "b"]))
    with pytest.raises(CoercionError, match="no common order. Turn them into strings"):
        read_classes("accuracy", ["a"], [1])


def test_missing_classes_are_left_out_as_truth_and_refused_as_prediction() -> None:
    pair = read_classes("accuracy", ["a", None, "b"], ["b", None, None])
    assert (pair.truth.tolist(), pair.present.tolist()) == ([1, -1, -1], [True, False, False])
    for gone in (None, NAN, pd.NA):
        values = pd.Series(["a", gone, "b"], dtype=object)
        with pytest.raises(MissingValuesError, match="1 missing prediction.*row 1. Drop those"):
            read_classes("accuracy", values, ["a", "b", "b"])


def test_distributions_are_read_with_the_codes_of_the_truth_in_their_pool() -> None:
    pair = read_distributions("log_loss", distributions(["no", "yes"]), ["yes", None, "no"])
    assert pair.prediction.tolist() == ROWS.tolist() and pair.levels == ("no", "yes")
    assert (pair.truth.tolist(), pair.present.tolist()) == ([1, -1, 0], [True, False, True])
    for kind in [*KINDS.values(), *FACTORS.values()]:
        read = read_distributions("log_loss", distributions(["a", "b"]), kind(["b", "a", "b"]))
        assert read.truth.tolist() == [1, 0, 1]


def test_the_order_of_the_truths_levels_says_which_class_is_last() -> None:
    truth = factor(["a", "b", "b"], ["b", "a"], ordered=True)
    pair = read_distributions("average_precision", distributions(["a", "b"]), truth)
    assert (pair.levels, pair.ordered, pair.truth.tolist()) == (("b", "a"), True, [1, 0, 0])
    assert pair.prediction.tolist() == ROWS[:, ::-1].tolist()
    unordered = factor(["a", "b", "b"], ["b", "a"])
    pair = read_distributions("log_loss", distributions(["a", "b"], ordered=True), unordered)
    assert (pair.levels, pair.ordered, pair.truth.tolist()) == (("a", "b"), True, [0, 1, 1])


def test_distributions_over_another_pool_than_the_truths_are_refused() -> None:
    predicted = distributions(["a", "b"], ordered=True)
    with pytest.raises(InvalidArgument, match=r"in two orders.*set_levels\(truth, levels\(pred"):
        read_distributions("auc", predicted, factor(["a"] * 3, ["b", "a"], ordered=True))
    with pytest.raises(InvalidArgument, match="classes of different pools.*Give both one pool"):
        read_distributions("auc", predicted, factor(["a"] * 3, ["a", "b", "c"]))
    with pytest.raises(UnseenLevelError, match="The truth given to auc has values outside"):
        read_distributions("auc", predicted, ["a", "b", "z"])


def test_one_distribution_and_a_list_of_them_are_read_as_a_vector() -> None:
    one = UnivariateFinite(["a", "b"], [0.25, 0.75])
    assert read_distributions("log_loss", one, ["b"]).prediction.tolist() == [[0.25, 0.75]]
    pair = read_distributions("log_loss", [one, one], ("a", "b"))
    assert pair.prediction.tolist() == [[0.25, 0.75]] * 2
    assert isinstance(distributions_of((one,)), UnivariateFiniteVector)
    for other in ([], [0.5], [one, 0.5], "a", None, np.array([0.5])):
        assert distributions_of(other) is None and not is_distribution(other)
    other_pool = UnivariateFinite(["b", "a"], [0.25, 0.75])
    with pytest.raises(InvalidArgument, match=r"\('a', 'b'\) and \('b', 'a'\). Make them with"):
        distributions_of([one, other_pool])


def test_arguments_of_the_wrong_kind_or_in_the_wrong_order_are_told_apart() -> None:
    predicted, numbers, labels = distributions(["a", "b"]), [1.0, 2.0, 3.0], ["a", "b", "a"]
    for read, left, right, words in (
        (read_numbers, predicted, numbers, r"needs predicted values.*Give predict_mean\(mach, X"),
        (read_numbers, numbers, predicted, r"distributions as truth. Call m\(prediction, truth\)"),
        (read_number_tables, predicted, numbers, r"Give predict_mean\(mach, X\)"),
        (read_classes, predicted, labels, r"got distributions. Give predict_mode\(mach, X\)"),
        (read_classes, labels, predicted, r"distributions as truth.*predict_mode\(mach, X\)"),
        (read_distributions, labels, predicted, r"truth first. Call m\(prediction, truth\)"),
        (read_distributions, labels, labels, r"needs predicted distributions, got list. Give"),
        (read_distributions, ROWS, labels, "needs predicted distributions, got numpy.ndarray"),
        (read_distributions, predicted, "a", r"needs columns, got str as truth. Write \['a'\]"),
        (read_numbers, 1.0, [1.0], r"got float as prediction. Write \[1.0\] for one row"),
        (read_numbers, [1.0], None, r"got NoneType as truth. Write \[None\]"),
        (read_numbers, ROWS, numbers, "got numpy.ndarray as prediction. Give one value a row"),
        (read_classes, pd.DataFrame({"a": labels}), labels, "got pandas.*DataFrame as pred"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            read("m", left, right)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (["1", "2"], "the prediction is values such as '1'. Give numbers, or a measure of"),
        (factor([1, 2], [1, 2]), "the prediction is a factor. Give numbers"),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), "the prediction is values such as"),
        ([1, "2"], "the prediction is values such as 1"),
        ([[1.0], [2.0]], "the prediction is values such as"),
    ],
)
def test_what_is_no_number_is_shown(column: Any, words: str) -> None:
    with pytest.raises(ScitypeError, match=words):
        read_numbers("l1", column, [1.0, 2.0])


@pytest.mark.parametrize("read", [read_numbers, read_classes, read_number_tables])
def test_lengths_that_differ_and_no_rows_are_refused(read: Any) -> None:
    with pytest.raises(DimensionMismatch, match="m was given 2 predictions and 3 truths. Give"):
        read("m", [1, 2], [1, 2, 3])
    with pytest.raises(EmptyData, match="m was given no rows. Give at least one."):
        read("m", [], [])


def test_as_many_distributions_as_truths_are_needed() -> None:
    with pytest.raises(DimensionMismatch, match="m was given 3 predictions and 1 truths"):
        read_distributions("m", distributions(["a", "b"]), ["a"])
    with pytest.raises(EmptyData, match="m was given no rows"):
        read_distributions("m", UnivariateFiniteVector(ROWS[:0], ["a", "b"]), [])


@pytest.mark.parametrize(
    "table",
    [
        lambda frame: frame,
        pl.from_pandas,
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
        lambda frame: frame.to_dict("list"),
        lambda frame: frame.to_numpy(),
    ],
    ids=["pandas", "polars", "pyarrow", "mapping", "matrix"],
)
def test_tables_of_numbers_of_every_kind_are_matrices(table: Any) -> None:
    frame = pd.DataFrame({"u": [1.0, 2.0, 3.0], "v": [4.0, NAN, 6.0]})
    pair = read_number_tables("multitarget_l1", table(frame + 1), table(frame))
    np.testing.assert_array_equal(pair.prediction, frame + 1)
    np.testing.assert_array_equal(pair.truth, frame)
    assert pair.present.tolist() == [True, False, True]


def test_targets_are_matched_by_name_where_both_tables_have_names() -> None:
    truth = pd.DataFrame({"u": [1.0], "v": [2.0]})
    swapped = pl.DataFrame({"v": [20.0], "u": [10.0]})
    assert read_number_tables("m", swapped, truth).prediction.tolist() == [[10.0, 20.0]]
    assert read_number_tables("m", np.array([[20.0, 10.0]]), truth).prediction.tolist() == [
        [20.0, 10.0]
    ]
    assert read_number_tables("m", [1.0, 2.0], [3.0, 4.0]).truth.tolist() == [[3.0], [4.0]]


def test_other_targets_are_refused() -> None:
    truth = pd.DataFrame({"u": [1.0], "v": [2.0]})
    with pytest.raises(DimensionMismatch, match=r"m needs the same targets twice, got \['u', 'w'"):
        read_number_tables("m", pd.DataFrame({"u": [1.0], "w": [2.0]}), truth)
    with pytest.raises(DimensionMismatch, match="m needs the same targets twice, got 3 as pred"):
        read_number_tables("m", np.ones((1, 3)), truth)
    with pytest.raises(ScitypeError, match="the column 'v' is values such as 'x'"):
        read_number_tables("m", truth, pd.DataFrame({"u": [1.0], "v": ["x"]}))


def test_the_complete_rows_of_a_pair_are_those_with_a_truth() -> None:
    pair = read_numbers("l1", [1.0, NAN, 3.0], [None, 5.0, 6.0])
    complete = pair.complete()
    assert (len(pair), len(complete)) == (3, 2) and complete.truth.tolist() == [5.0, 6.0]
    assert np.isnan(complete.prediction[0]) and complete.complete() is complete
    assert isinstance(complete, Pair)
