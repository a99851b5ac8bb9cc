"""Modes of one distribution; rows, elementwise pdf, columns out and concatenation of vectors."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlj_keras.data.columns import ColumnOrigin, column_of
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    RowsError,
    TableError,
    UnseenLevelError,
)
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector

LEVELS = ("a", "b", "c")
ROWS = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25], [0.125, 0.375, 0.5]])
MATRICES = hnp.arrays(
    np.float64, st.tuples(st.integers(0, 12), st.integers(1, 5)), elements=st.floats(0, 1)
)


@pytest.fixture
def vector() -> UnivariateFiniteVector:
    return UnivariateFiniteVector(ROWS, LEVELS, index=pd.Index([10, 20, 30, 40]))


@pytest.mark.parametrize("probs", [[0.2, 0.4, 0.4], [0.4, 0.4, 0.2], [0.4, 0.2, 0.4]])
def test_of_tied_classes_the_mode_is_the_earliest_in_the_pool(probs: list[float]) -> None:
    d = UnivariateFinite(["a", "b", "c"], probs)
    tied = tuple(label for label, p in zip("abc", probs, strict=True) if p == 0.4)
    assert d.mode() == tied[0]
    assert d.modes() == tied
    backwards = UnivariateFinite(["a", "b", "c"], probs, pool=["c", "b", "a"])
    assert backwards.mode() == tied[-1]
    assert backwards.modes() == tied[::-1]


def test_a_level_outside_the_support_is_never_the_mode() -> None:
    pool = ["a", "b", "c"]
    assert UnivariateFinite(["b", "c"], [0, 0], pool=pool).mode() == "b"
    assert UnivariateFinite(["b", "c"], [[0, 0], [0, 1]], pool=pool).mode().tolist() == ["b", "c"]
    loss = UnivariateFinite(["b"], [0], pool=pool) - UnivariateFinite(
        ["b", "c"], [0.5, 0.1], pool=pool
    )
    assert loss.mode() == "c" and loss.modes() == ("c",)


@pytest.mark.parametrize("row", [[np.nan, 0.5], [0.5, np.nan], [np.nan, np.nan]])
def test_the_mode_of_probabilities_with_nan_raises_and_names_the_row(row: list[float]) -> None:
    d = UnivariateFinite(["a", "b"], row)
    for attempt in (d.mode, d.modes, UnivariateFinite(["a", "b"], [row]).mode):
        with pytest.raises(
            InvalidArgument, match=r"probability is NaN, got .* \(row 0\). Look for"
        ):
            attempt()
    with pytest.raises(InvalidArgument, match=r"\(row 2\)"):
        UnivariateFinite(["a", "b"], [[0, 1], [1, 0], row, row]).mode()


def test_an_explicit_zero_is_in_the_support() -> None:
    d = UnivariateFinite(["c", "a"], [0, 1], pool=["a", "b", "c"])
    assert d.support == ("a", "c")


@given(MATRICES)
def test_modes_of_rows_are_those_of_each_distribution(matrix: np.ndarray) -> None:
    v = UnivariateFiniteVector(matrix, tuple(f"c{k}" for k in range(matrix.shape[1])))
    assert v.mode().tolist() == [d.mode() for d in v]
    assert [d.mode() for d in v] == [max(v.levels, key=d.pdf) for d in v]


@given(MATRICES, st.data())
def test_taking_rows_keeps_the_pool_and_takes_the_rows_of_numpy(
    matrix: np.ndarray, data: st.DataObject
) -> None:
    n, n_levels = matrix.shape
    levels = tuple(range(n_levels))
    v = UnivariateFiniteVector(
        matrix, levels, index=pd.RangeIndex(100, 100 + n), support=levels[:1]
    )
    mask = data.draw(hnp.arrays(bool, n))
    rows = data.draw(st.lists(st.integers(-n, n - 1), max_size=5)) if n else []
    for taken in (data.draw(st.slices(n)), mask, rows):
        part = v[taken]
        wanted = np.asarray(taken, dtype=int) if isinstance(taken, list) else taken
        np.testing.assert_array_equal(part.to_numpy(), matrix[wanted])
        assert part.index.tolist() == np.arange(100, 100 + n)[wanted].tolist()
        assert (part.levels, part.support, part.origin) == (levels, levels[:1], v.origin)


def test_an_element_is_a_distribution_and_iteration_gives_all(
    vector: UnivariateFiniteVector,
) -> None:
    assert vector[1] == vector[np.int64(1)] == vector[-3]
    assert vector[1] == UnivariateFinite(list(LEVELS), [0, 0, 1])
    assert [d.pdf("a") for d in vector] == ROWS[:, 0].tolist()
    assert all(isinstance(d, UnivariateFinite) for d in vector)


def test_rows_may_be_a_series_a_range_or_a_list_of_booleans(
    vector: UnivariateFiniteVector,
) -> None:
    for rows in (
        range(1, 3),
        [1, 2],
        pl.Series([1, 2]),
        [False, True, True, False],
        np.array([1, 2], dtype=np.uint8),
    ):
        assert vector[rows] == vector.take(rows) == vector[1:3]


@pytest.mark.parametrize("row", [4, -5, [0, 4], np.array([-5])])
def test_a_row_outside_raises_and_is_named(vector: UnivariateFiniteVector, row: Any) -> None:
    with pytest.raises(RowsError, match="Row (4|-5) is outside the 4 rows"):
        vector[row]


@pytest.mark.parametrize("rows", [[0.5], "a", [True], [[0]], True, None])
def test_what_are_no_rows_raises(vector: UnivariateFiniteVector, rows: Any) -> None:
    with pytest.raises(RowsError, match="a boolean mask of length 4, got"):
        vector[rows]


@pytest.mark.parametrize(
    "y",
    [
        ["c", "a", None, "b"],
        np.array(["c", "a", None, "b"], dtype=object),
        pd.Series(["c", "a", None, "b"], index=[40, 30, 20, 10]),
        pd.Categorical(["c", "a", None, "b"], categories=["c", "b", "a"]),
        pl.Series(["c", "a", None, "b"]),
        pl.Series(["c", "a", None, "b"], dtype=pl.Categorical),
        pa.array(["c", "a", None, "b"]).dictionary_encode(),
    ],
    ids=["list", "numpy", "pandas", "categorical", "polars", "polars categorical", "pyarrow"],
)
def test_pdf_at_takes_each_rows_own_label_from_any_column(
    vector: UnivariateFiniteVector, y: Any
) -> None:
    np.testing.assert_array_equal(vector.pdf_at(y), [0.25, 0.0, np.nan, 0.375])
    np.testing.assert_array_equal(
        vector.logpdf_at(y), [np.log(0.25), -np.inf, np.nan, np.log(0.375)]
    )


@given(MATRICES, st.integers(0, 100))
def test_pdf_at_is_the_pdf_of_each_distribution_at_its_label(
    matrix: np.ndarray, seed: int
) -> None:
    v = UnivariateFiniteVector(matrix, tuple(f"c{k}" for k in range(matrix.shape[1])))
    y = [v.levels[k] for k in np.random.default_rng(seed).integers(len(v.levels), size=len(v))]
    assert v.pdf_at(y).tolist() == [d.pdf(label) for d, label in zip(v, y, strict=True)]


def test_pdf_at_with_another_length_raises(vector: UnivariateFiniteVector) -> None:
    with pytest.raises(
        DimensionMismatch, match=r"4 in all, got 2. Take the same rows.*pdf\(labels\)"
    ):
        vector.pdf_at(["a", "b"])


def test_pdf_at_of_a_label_outside_the_pool_raises(vector: UnivariateFiniteVector) -> None:
    with pytest.raises(UnseenLevelError, match="'z' .first at row 2"):
        vector.pdf_at(["a", "b", "z", "a"])


VOTES = ["no", "maybe", "yes"]
ENUM = pl.Enum(VOTES)
DICTIONARY = pa.DictionaryArray.from_arrays(pa.array([0, 2], pa.int32()), VOTES)


@pytest.mark.parametrize(
    "y, wanted",
    [
        (
            pd.Series(pd.Categorical(["no", "yes"], VOTES), name="vote"),
            pd.Series(pd.Categorical(["yes", "no"], VOTES), name="vote", index=[5, 7]),
        ),
        (
            pd.Categorical(["no"], VOTES),
            pd.Categorical(["yes", "no"], VOTES),
        ),
        (pl.Series("vote", ["no"], dtype=ENUM), pl.Series("vote", ["yes", "no"], dtype=ENUM)),
        (
            pl.Series("vote", ["no"], dtype=pl.Categorical),
            pl.Series("vote", ["yes", "no"], dtype=pl.Categorical),
        ),
        (DICTIONARY, DICTIONARY.take(pa.array([1, 0]))),
        (["no"], pd.Categorical(["yes", "no"], VOTES)),
        (np.array(["no"]), pd.Categorical(["yes", "no"], VOTES)),
    ],
    ids=["pandas", "categorical", "polars enum", "polars categorical", "pyarrow", "list", "numpy"],
)
def test_modes_and_draws_go_out_as_the_target_came(y: Any, wanted: Any) -> None:
    origin = column_of(y).origin
    ordered = isinstance(y, pl.Series) and y.dtype == ENUM
    v = UnivariateFiniteVector(
        np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
        ("no", "maybe", "yes"),
        ordered=ordered,
        origin=origin,
        index=pd.Index([5, 7]),
    )
    for column in (v.mode(), v.sample(rng=1)):
        assert type(column) is type(wanted)
        if isinstance(wanted, pd.Series):
            pd.testing.assert_series_equal(column, wanted)
        elif isinstance(wanted, pl.Series):
            assert column.equals(wanted, check_names=True, check_dtypes=True)
        elif isinstance(wanted, pd.Categorical):
            assert list(column) == list(wanted) and list(column.categories) == list(
                wanted.categories
            )
        else:
            assert column.equals(wanted)


def test_the_mode_of_a_taken_part_has_the_index_of_its_rows() -> None:
    v = UnivariateFiniteVector(
        ROWS, LEVELS, origin=ColumnOrigin("pandas", "y"), index=pd.Index([10, 20, 30, 40])
    )
    column = v[v.pdf("a") < 0.2].mode()
    assert column.index.tolist() == [20, 40] and column.name == "y"
    assert column.cat.categories.tolist() == list(LEVELS)


@pytest.mark.parametrize("levels", [(1, 2), (0.5, 1.5), (False, True), ("a", "b")])
def test_the_mode_keeps_the_type_of_the_labels(levels: tuple[Any, ...]) -> None:
    column = UnivariateFiniteVector(np.eye(2), levels).mode()
    assert column.categories.tolist() == list(levels)
    assert type(column.categories.tolist()[0]) is type(levels[0])


def test_labels_of_mixed_types_have_no_column_and_raise() -> None:
    with pytest.raises(TableError, match="must all be strings.*Turn them into strings"):
        UnivariateFiniteVector(np.eye(2), ("a", 1)).mode()


def test_arrays_and_frames_have_a_column_for_each_level(vector: UnivariateFiniteVector) -> None:
    np.testing.assert_array_equal(vector.to_numpy(), ROWS)
    wanted = pd.DataFrame(ROWS, columns=list(LEVELS), index=pd.Index([10, 20, 30, 40]))
    pd.testing.assert_frame_equal(vector.to_pandas(), wanted)
    assert UnivariateFiniteVector(ROWS, LEVELS).to_pandas().index.equals(pd.RangeIndex(4))


@given(MATRICES, st.integers(0, 12))
def test_concatenating_the_parts_of_a_vector_gives_it_back(matrix: np.ndarray, cut: int) -> None:
    n = len(matrix)
    v = UnivariateFiniteVector(matrix, tuple(range(matrix.shape[1])), index=pd.RangeIndex(n))
    again = UnivariateFiniteVector.concat([v[:cut], v[cut:]])
    assert again == v and again.index.tolist() == list(range(n))


def test_concatenation_matches_levels_by_label_and_joins_supports() -> None:
    v = UnivariateFinite(["b"], [[1.0]], pool=["a", "b", "c"])
    w = UnivariateFinite(["c", "b"], [[0.25, 0.75]], pool=["c", "b", "a"])
    both = UnivariateFiniteVector.concat([v, w])
    assert both.levels == ("a", "b", "c") and both.support == ("b", "c") and both.index is None
    np.testing.assert_array_equal(both.to_numpy(), [[0, 1, 0], [0, 0.75, 0.25]])


@pytest.mark.parametrize(
    "other, message",
    [
        (
            UnivariateFinite(["a", "z"], [[1, 0]], ordered=True),
            "same levels.*'a', 'b' and 'a', 'z'",
        ),
        (UnivariateFinite(["b", "a"], [[1, 0]], ordered=True), "in the same order if ordered"),
        (UnivariateFinite(["a", "b"], [[1, 0]]), "Build them over one pool"),
        (UnivariateFinite(["a", "b"], [1, 0]), r"got UnivariateFinite. Slice v\[i:i \+ 1\]"),
    ],
)
def test_concatenation_over_different_pools_raises(other: Any, message: str) -> None:
    v = UnivariateFinite(["a", "b"], [[1, 0]], ordered=True)
    with pytest.raises(InvalidArgument, match=message):
        UnivariateFiniteVector.concat([v, other])


def test_concatenating_nothing_raises() -> None:
    with pytest.raises(EmptyData, match="at least one vector of distributions, got none"):
        UnivariateFiniteVector.concat([])


def test_the_constructor_of_vectors_copies_nothing_and_leaves_the_array_writeable() -> None:
    matrix = np.full((3, 2), 0.5, dtype="f4")
    v = UnivariateFiniteVector(matrix, ("a", "b"))
    assert np.shares_memory(v.probabilities, matrix) and matrix.flags.writeable
    assert v.probabilities.dtype == np.float32 and v.pdf("a").dtype == np.float32
    assert np.shares_memory(v[1:].probabilities, matrix)
    assert UnivariateFiniteVector(np.eye(2, dtype=int), ("a", "b")).probabilities.dtype == float


@pytest.mark.parametrize("shape, levels", [((2, 3), ("a", "b")), ((2,), ("a", "b")), ((2, 0), ())])
def test_levels_that_do_not_fit_the_matrix_raise(shape: tuple[int, ...], levels: Any) -> None:
    with pytest.raises(
        DimensionMismatch, match=f"must be .rows, {len(levels)}.*Give the whole pool"
    ):
        UnivariateFiniteVector(np.zeros(shape), levels)


def test_an_index_of_another_length_raises() -> None:
    with pytest.raises(DimensionMismatch, match="each of the 2 rows, got 3"):
        UnivariateFiniteVector(np.eye(2), ("a", "b"), index=pd.RangeIndex(3))


def test_importing_loads_no_heavy_package() -> None:
    heavy = "{'tensorflow', 'keras', 'sklearn', 'matplotlib', 'polars', 'scipy'}"
    code = f"import sys, mlj_keras.probability; print({heavy} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
