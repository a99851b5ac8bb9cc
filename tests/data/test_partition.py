"""Splitting into parts: sizes, order, kinds kept, stratification, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data import levels, nrows, partition, selectcols
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    LevelsWarning,
    MLJKerasWarning,
    TableError,
)

TABLES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "dict": dict,
}
fractions = st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.3]), min_size=1, max_size=3)


def sizes(parts: tuple[Any, ...]) -> list[int]:
    """The number of rows of each part."""
    return [nrows(part) for part in parts]


@pytest.mark.parametrize(
    ("n", "shares", "expected"),
    [
        (1000, (0.2, 0.7), [200, 700, 100]),
        (5, (0.5,), [2, 3]),  # 2.5 rounds to the even 2
        (7, (0.5,), [4, 3]),  # and 3.5 to 4
        (15, (0.7,), [10, 5]),
        (10, (0.7,), [7, 3]),
        (150, (0.7,), [105, 45]),
    ],
)
def test_part_i_has_its_share_rounded_half_to_even(
    n: int, shares: tuple[float, ...], expected: list[int]
) -> None:
    parts = partition(range(n), *shares)
    assert sizes(parts) == expected
    assert np.concatenate(parts).tolist() == list(range(n))
    assert sizes(partition(range(n), *map(np.float64, shares), stratify=[0] * n)) == expected


@given(st.integers(40, 200), fractions, st.integers(0, 99), st.booleans())
def test_parts_are_a_permutation_of_the_rows(
    n: int,
    shares: list[float],
    seed: int,
    is_stratified: bool,  # noqa: FBT001
) -> None:
    y = np.arange(n) % 2 if is_stratified else None
    parts = partition(range(n), *shares, rng=seed, stratify=y)
    assert sizes(parts)[:-1] == [round(share * n) for share in shares]
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))


def test_shuffling_follows_the_rng_unless_told_otherwise() -> None:
    rows = range(30)
    first, again, other = (partition(rows, 0.5, rng=seed) for seed in (1, 1, 2))
    assert first[0].tolist() == again[0].tolist() != other[0].tolist()
    assert partition(rows, 0.5)[0].tolist() == list(range(15))
    assert partition(rows, 0.5, rng=1, shuffle=False)[0].tolist() == list(range(15))
    fresh = [partition(rows, 0.5, shuffle=True)[0].tolist() for _ in range(2)]
    assert fresh[0] != fresh[1]
    generator = np.random.default_rng(3)
    drawn = [partition(rows, 0.5, rng=generator)[0].tolist() for _ in range(2)]
    assert drawn[0] != drawn[1]


@pytest.mark.usefixtures("unchanged_generators")
def test_no_global_generator_is_touched() -> None:
    partition(range(10), 0.5, shuffle=True)


@pytest.mark.parametrize("kind", TABLES)
def test_tables_and_columns_are_split_alike_with_multi(kind: str) -> None:
    X = TABLES[kind]({"a": list(range(10)), "b": list("abcdefghij")})
    y = pd.Series(pd.Categorical(list("uvuvuvuvuw")))
    (X_train, X_test), (y_train, y_test), nothing = partition((X, y, None), 0.7, rng=1, multi=True)
    assert type(X_train) is type(X) and sizes((X_train, X_test)) == [7, 3]
    both = [*np.asarray(selectcols(X_train, "a")), *np.asarray(selectcols(X_test, "a"))]
    assert sorted(both) == list(range(10)) != both
    rows = np.asarray(selectcols(X_train, "a"))
    assert y_train.index.tolist() == rows.tolist()
    assert levels(y_test) == ("u", "v", "w")
    assert nothing == (None, None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([5, 7, 9], ([5, 7], [9])),
        ((5, 7, 9), ((5, 7), (9,))),
    ],
)
def test_lists_of_row_positions_are_split_themselves(rows: Any, expected: Any) -> None:
    assert partition(rows, 0.7) == expected


def test_ranges_become_arrays_of_their_values() -> None:
    train, test = partition(range(10, 14), 0.5)
    assert isinstance(train, np.ndarray)
    assert train.tolist() == [10, 11] and test.tolist() == [12, 13]


@given(
    st.lists(st.sampled_from("abc"), min_size=12, max_size=120),
    st.sampled_from([0.25, 0.5, 0.7]),
    st.integers(0, 9),
)
@pytest.mark.filterwarnings("ignore::mlj_keras.errors.LevelsWarning")
def test_every_class_is_split_in_the_same_proportions_within_a_row(
    labels: list[str], share: float, seed: int
) -> None:
    n = len(labels)
    for y in (labels, pd.Categorical(labels, categories=list("dcba")), pl.Series(labels)):
        parts = partition(range(n), share, rng=seed, stratify=y)
        assert sizes(parts) == sizes(partition(range(n), share))
        for label in set(labels):
            total = labels.count(label)
            for part in parts:
                count = sum(labels[row] == label for row in part)
                assert abs(count - total * len(part) / n) < 1


@given(st.lists(st.sampled_from("abcd"), min_size=40, max_size=120), fractions)
@pytest.mark.filterwarnings("ignore::mlj_keras.errors.LevelsWarning")
def test_several_parts_are_stratified_within_two_rows(
    labels: list[str], shares: list[float]
) -> None:
    parts = partition(range(len(labels)), *shares, stratify=labels)
    assert sizes(parts) == sizes(partition(range(len(labels)), *shares))
    for label in set(labels):
        for part in parts:
            count = sum(labels[row] == label for row in part)
            # Each step rounds within a row, on classes that the steps before left within a row.
            assert abs(count - labels.count(label) * len(part) / len(labels)) < 2


def test_stratified_parts_keep_the_order_of_the_rows() -> None:
    train, test = partition(range(8), 0.5, stratify=list("aaaabbbb"))
    assert train.tolist() == [0, 1, 4, 5] and test.tolist() == [2, 3, 6, 7]
    shuffled = partition(range(8), 0.5, stratify=list("aaaabbbb"), rng=1)[0].tolist()
    assert shuffled != sorted(shuffled)


def test_missing_is_a_class_and_numbers_and_strings_stratify() -> None:
    for y in ([None, 1.5] * 10, ["x", None] * 10, [0, 1] * 10, pd.Series([True, None] * 10)):
        train, _ = partition(range(20), 0.5, stratify=y)
        assert sum(row % 2 for row in train) == 5


def test_many_small_classes_do_not_drift_the_sizes() -> None:
    y = np.repeat(np.arange(10), 5)  # 0.5 * 5 rounds down in each class, 25 is wanted in all
    assert sizes(partition(range(50), 0.5, stratify=y)) == [25, 25]


def test_a_part_that_lacks_a_class_is_warned_about() -> None:
    with pytest.warns(LevelsWarning, match=r"\[1\]\) have no row of some class"):
        partition(range(10), 0.7, stratify=["a"] * 9 + ["b"])


@pytest.mark.parametrize(
    ("n", "shares", "expected"),
    [(3, (0.1,), [1, 2]), (4, (0.9,), [3, 1]), (3, (0.5, 0.49), [1, 1, 1])],
)
def test_a_part_that_would_be_empty_gets_a_row_with_a_warning(
    n: int, shares: tuple[float, ...], expected: list[int]
) -> None:
    with pytest.warns(MLJKerasWarning, match="no part may be empty"):
        parts = partition(range(n), *shares)
    assert sizes(parts) == expected
    assert np.concatenate(parts).tolist() == list(range(n))


BAD: list[tuple[tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    ((range(9),), {}, InvalidArgument, r"Write partition\(data, 0.7\)"),
    ((range(9), 0), {}, InvalidArgument, r"in \(0, 1\), got 0"),
    ((range(9), 1.0), {}, InvalidArgument, r"got 1.0"),
    ((range(9), -0.5), {}, InvalidArgument, r"got -0.5"),
    ((range(9), True), {}, InvalidArgument, r"got True"),
    ((range(9), float("nan")), {}, InvalidArgument, r"got nan"),
    ((range(9), "0.5"), {}, InvalidArgument, r"got str"),
    ((range(9), range(9), 0.7), {}, InvalidArgument, r"multi=True"),
    ((range(9), 0.7, 0.3), {}, InvalidArgument, r"leaves nothing"),
    ((range(9), 0.7, 0.4), {}, InvalidArgument, r"leaves nothing"),
    ((range(9), 0.7), {"multi": True}, InvalidArgument, r"must be a tuple, got range"),
    (((range(9), [1]), 0.7), {"multi": True}, DimensionMismatch, r"\[9, 1\]"),
    ((range(9), 0.7), {"stratify": [1]}, DimensionMismatch, r"stratify has 1 values"),
    ((range(2), 0.3, 0.3), {}, EmptyData, r"2 row\(s\) cannot be split into 3"),
    ((range(0), 0.3), {}, EmptyData, r"0 row\(s\)"),
    (((), 0.3), {"multi": True}, EmptyData, r"0 row\(s\)"),
    ((None, 0.3), {}, TableError, r"got None"),
    ((3, 0.3), {}, TableError, r"must be a table"),
    ((range(9), 0.3), {"rng": 1.5}, TypeError, r"rng must be an int"),
    ((range(9), 0.3), {"rng": -1}, ValueError, r"not be negative"),
]


@pytest.mark.parametrize(("arguments", "options", "error", "message"), BAD)
def test_impossible_arguments_raise(
    arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        partition(*arguments, **options)


@pytest.mark.parametrize(
    ("data", "kind", "position"),
    [
        ((np.zeros((9, 2)), np.zeros(9)), "ndarray", 0),
        ([pd.DataFrame({"a": range(9)}), pd.Series(range(9))], "DataFrame", 0),
        ((pl.DataFrame({"a": range(9)}), None), "DataFrame", 0),
        (({"a": [1, 2]}, [1, 2]), "dict", 0),
        ((range(9), np.zeros((9, 4, 4))), "range", 0),
        ([None, np.zeros(9)], "ndarray", 1),
    ],
)
def test_tables_and_columns_together_need_multi(data: Any, kind: str, position: int) -> None:
    message = rf"with {kind} at position {position}.*partition\(\(X, y\), 0.7, multi=True\)"
    with pytest.raises(InvalidArgument, match=message):
        partition(data, 0.7)


def test_lists_of_images_and_of_rows_are_split_without_multi() -> None:
    images = [np.full((2, 2), k) for k in range(4)]
    assert [len(part) for part in partition(images, 0.5)] == [2, 2]
    rows = [["a", "b"], ["c"], [], ["d"]]
    assert partition(rows, 0.5) == (rows[:2], rows[2:])
    records = [{"name": k} for k in "abcd"]
    assert partition(records, 0.75) == (records[:3], records[3:])
