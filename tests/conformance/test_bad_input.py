"""Bad input: a clear error of our own type before any training, and nothing changed by it.

Each case has a name, what is done, the type of the error and the words that name the column, the
row, the value and the remedy.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    MissingValuesError,
    NonFiniteError,
    NotTrainedError,
    OneClassError,
    RowsError,
    SchemaMismatch,
    ScitypeError,
    ScitypeWarning,
    TableError,
    UnseenLevelError,
    UnsupportedOperation,
    WeightsError,
)
from tests.batteries.bad_input import (
    CLASSES,
    FACTORS,
    IMAGES,
    KINDS,
    N_ROWS,
    NUMBERS,
    Y,
    check_refused,
    classifier,
    column,
    imager,
    predicted,
    put,
    regressor,
    trained,
)

Change = Callable[[pd.DataFrame], pd.DataFrame]
ALL, NAMED, FRAME = "pandas polars pyarrow numpy", "pandas polars pyarrow", "pandas"
HALF = N_ROWS // 2

# How missing values are filled, for pandas, polars, pyarrow and NumPy.
MEDIAN = (
    r"(X = X\.fillna\(X\.median|X = X\.fill_nan\(None\)\.with_columns\(.*mean|"
    r"the median of column 'a', or|X = numpy\.where\(numpy\.isnan\(X\), numpy\.nanmedian)"
)
MODE = (
    r"(X = X\.fillna\(X\.mode|X = X\.with_columns\(polars\.col\('c'\)\.fill_null|"
    r"the most frequent value of column 'c', or)"
)

# A table of numbers, changed, as X of a new machine.
AT_MACHINE: list[tuple[str, str, Change, type[Exception], str]] = [
    ("strings", NAMED, column(["p", "q"] * HALF), ScitypeError,
     r"column 'c' is Textual\. Write X = coerce\(X, {'c': Multiclass}\)$"),
    ("numbers as strings", NAMED, column(["1", "2.5"] * HALF), ScitypeError,
     r"'c' is Textual \(numbers written as strings\)\. Write X = coerce\(X, {'c': Continuous}\)$"),
    ("two columns at once", NAMED, lambda X: X.assign(c=["p"] * N_ROWS, d=["q"] * N_ROWS),
     ScitypeError, r"'c' is Textual; column 'd' is Textual\. .*'c': Multiclass, 'd': Multiclass}"),
    ("mixed objects", FRAME, column(pd.Series([1, "a", None] * 4, dtype=object)), ScitypeError,
     r"'c' is Unknown \(it holds int \(4, first at row 0\) and str \(4, first at row 1\): turn"),
    ("lists", NAMED, column([[1.0], [2.0]] * HALF), ScitypeError, r"'c' is Unknown .*list<"),
    ("decimals", NAMED, column([decimal.Decimal("1.5")] * N_ROWS), ScitypeError,
     r"'c' is Unknown \(it holds decimal128.*: turn them all into numbers or strings first\)"),
    ("complex", FRAME, column([1j] * N_ROWS), ScitypeError, r"holds complex \(12, first at row 0"),
    ("datetimes", NAMED, column(pd.date_range("2020", periods=N_ROWS)), ScitypeError,
     r"'c' is ScientificDateTime \(turn times into numbers first, such as days since a date"),
    ("dates", NAMED, column([datetime.date(2020, 1, 1)] * N_ROWS), ScitypeError,
     r"column 'c' is ScientificDate \(turn times into numbers"),
    ("durations", NAMED, column(pd.to_timedelta(range(N_ROWS), "D")), ScitypeError, "holds dura"),
    ("a missing number", ALL, put(np.nan), MissingValuesError,
     rf"column '(a|x1)' has 1 missing \(first rows 3\)\. Fill them first.* with {MEDIAN}"),
    ("missing labels", NAMED, column(pd.Categorical(["p", None] * HALF)), MissingValuesError,
     rf"column 'c' has 6 missing \(first rows 1, 3, 5, 7, 9\)\. .* with {MODE}"),
    ("nothing but missing", NAMED, column([None] * N_ROWS), MissingValuesError,
     r"column 'c' has 12 missing .* with X = X\.drop(_columns)?\((columns=)?\[?'c'\]?\), which"),
    ("an infinity", ALL, put(-np.inf), NonFiniteError,
     r"column '(a|x1)' has 1 \(first rows 3, the first is -inf\)\. .*Replace them, or drop"),
    ("a number too large", ALL, put(1e300), NonFiniteError,
     r"too large for float32: column '(a|x1)' has 1 \(first rows 3, the first is 1e\+300\)"),
    ("no columns", FRAME, lambda X: X[[]], EmptyData, "X has no columns: there are no features"),
    ("duplicate names", FRAME, lambda X: pd.concat([X, X], axis=1), SchemaMismatch,
     r"duplicate column names, at these positions: {'a': \[0, 2\], 'b': \[1, 3\]}\. Rename"),
    ("names that read the same", FRAME, lambda X: X.set_axis([0, "0"], axis=1), SchemaMismatch,
     r"duplicate column names, at these positions: {'0': \[0, 1\]}"),
    ("tuples as names", FRAME, lambda X: X.set_axis([("a", 1), ("b", 2)], axis=1), TableError,
     r"must be strings \(or ints\), got \[\('a', 1\), \('b', 2\)\]\. Rename them: X\.columns ="),
    ("no name", FRAME, lambda X: X.set_axis([None, "b"], axis=1), TableError, "Rename them"),
]  # fmt: skip

# A table of numbers and the factor `c`, changed, at predict.
AT_PREDICT: list[tuple[str, str, Change, type[Exception], str]] = [
    ("a missing column", NAMED, lambda X: X[["a", "c"]], SchemaMismatch,
     r"X lacks the column\(s\) \['b'\] that the machine was trained on\. Add or rename"),
    ("a misspelt column", NAMED, lambda X: X.rename(columns={"b": "bb"}), SchemaMismatch,
     r"lacks .*\['b'\].*others: \['bb'\]\. \('b' may be 'bb'\.\) Add or rename the columns"),
    ("another width", "numpy", lambda X: X[["a", "b"]], SchemaMismatch,
     r"X has 2 columns, and the machine was trained on 3: \['a', 'b', 'c'\]\. Give the same"),
    ("an unseen level", NAMED, lambda X: X.assign(c=["p", "new"] * HALF), UnseenLevelError,
     r"'c' has 6 value.*: 'new' \(first at row 1\)\. The levels are 'p', 'q'\. Drop those rows"),
    ("a number for a level", NAMED, lambda X: X.assign(c=1.5), UnseenLevelError, "seen.*: 1.5"),
    ("a string for a number", NAMED, lambda X: X.assign(a="7"), SchemaMismatch,
     r"Column 'a' is Textual, .* numbers there\. Write X = coerce\(X, {'a': Continuous}\)"),
    ("a missing number", NAMED, put(np.nan), MissingValuesError,
     rf"column 'a' has 1 \(first rows 3\)\. .* with {MEDIAN}"),
    ("a missing label", NAMED, put(None, "c"), MissingValuesError,
     rf"column 'c' has 1 \(first rows 3\)\. .* with {MODE}"),
    ("an infinity", NAMED, put(np.inf), NonFiniteError, r"'a' has 1 \(first rows 3, .* is inf\)"),
    ("a number too large", NAMED, put(1e300), NonFiniteError, r"first is 1e\+300\)\. .*Replace"),
    ("duplicate names", FRAME, lambda X: pd.concat([X, X], axis=1), SchemaMismatch, "Rename or"),
]  # fmt: skip

# What is no table at all, at machine and at predict.
NO_TABLE: list[tuple[str, Any, type[Exception], str]] = [
    ("three axes", np.zeros((N_ROWS, 3, 3)), DimensionMismatch,
     r"X must be a table, got an array of shape \(12, 3, 3\)\. Images .* go to ImageClassifier"),
    ("one axis", np.zeros(N_ROWS), DimensionMismatch, r"shape \(12,\)\. Pass X\.reshape\(-1, 1\)"),
    ("a list of numbers", [1.0] * N_ROWS, TableError, r"got list\. .*numpy\.asarray\(X\)\.reshap"),
    ("a list of lists", [[1.0, 2.0]] * N_ROWS, TableError, r"pass numpy\.asarray\(X\)\.$"),
    ("a lazy frame", pl.DataFrame({"a": [1.0] * N_ROWS}).lazy(), TableError, r"X\.collect\(\)"),
    ("a sparse matrix", scipy.sparse.csr_matrix(np.eye(N_ROWS)), TableError, r"X\.toarray\(\)"),
    ("a string", "data.csv", TableError, "got str. Pass a pandas, polars or pyarrow table"),
    ("a mapping of scalars", {"a": 1}, TableError, r"values must be columns\. X\['a'\] .*int"),
    ("ragged columns", {"a": [1.0], "b": [1.0, 2.0]}, DimensionMismatch,
     "columns of X have different lengths: {'a': 1, 'b': 2}. Make them equal"),
    ("masked cells", np.ma.masked_array(np.zeros((N_ROWS, 2)), [[True, False]] * N_ROWS),
     TableError, r"masked array\. Pass X\.filled\(numpy\.nan\)"),
]  # fmt: skip

ONES = np.ones(N_ROWS)
NOT_ONE = [1.0, -1.0] + [1.0] * (N_ROWS - 2)
CLASSES_ONE = pd.Categorical(["x"] * N_ROWS)
# Anything else: a call, with the data that it must leave alone.
OTHER: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("unequal lengths", lambda: mlj.machine(regressor(), NUMBERS, Y[:5]), DimensionMismatch,
     "X has 12, y has 5. Give a target, and a weight if any, for each row of X"),
    ("no rows", lambda: mlj.machine(regressor(), NUMBERS[:0], Y[:0]), EmptyData, "have no rows"),
    ("y in another order", lambda: mlj.machine(regressor(), NUMBERS, Y[::-1]), InvalidArgument,
     r"X and y have the same row labels in another order.*: y = y\.loc\[X\.index\]\."),
    ("w in another order", lambda: mlj.machine(regressor(), NUMBERS, Y, Y[::-1].abs()),
     InvalidArgument, r"X and w have the same row labels in another order.*w = w\.loc\[X\.in"),
    ("y of one level", lambda: mlj.machine(classifier(), NUMBERS, CLASSES_ONE), OneClassError,
     r"single level, \['x'\].*Give at least two: y = coerce\(y, Multiclass, levels=\[\.\.\.\]\)"),
    ("y of one level, unspecified", lambda: mlj.machine(mlj.NeuralNetwork(), NUMBERS, CLASSES_ONE),
     OneClassError, "single level"),
    ("y of one level, binary",
     lambda: mlj.machine(mlj.NeuralNetworkBinaryClassifier(), NUMBERS, CLASSES_ONE),
     OneClassError, "a single level, .*there is nothing to tell apart. Give both"),
    ("y of floats", lambda: mlj.machine(classifier(), NUMBERS, ONES), ScitypeError,
     r"y is Continuous\. Write y = coerce\(y, Multiclass\)"),
    ("y of classes", lambda: mlj.machine(regressor(), NUMBERS, CLASSES), ScitypeError,
     r"y is Multiclass\[3\]\. It takes .*y of Vector\[Continuous\]\. Convert y, or let Neural"),
    ("y of two columns", lambda: mlj.machine(regressor(), NUMBERS, NUMBERS), ScitypeError,
     r"y is Table\[Continuous\], and Vector\[Continuous\] is needed"),
    ("y missing a value", lambda: mlj.machine(regressor(), NUMBERS, Y.where(Y.index != 3)),
     MissingValuesError, r"y has 1 missing \(first rows 3\)\. Drop those rows of X and y"),
    ("y infinite", lambda: mlj.machine(regressor(), NUMBERS, Y.replace(Y[4], np.inf)),
     NonFiniteError, r"y has 1 value.*at rows \[4\], the first is inf\. Replace them"),
    ("y too large", lambda: mlj.machine(regressor(), NUMBERS, Y.replace(Y[4], 1e300)),
     NonFiniteError, r"too large for float32, first at rows \[4\], the first is 1e\+300"),
    ("no y", lambda: mlj.machine(regressor(), NUMBERS), InvalidArgument, "takes X, y .*got 1 arg"),
    ("w short", lambda: mlj.machine(regressor(), NUMBERS, Y, ONES[:3]), DimensionMismatch,
     "w has 3 weights and the data have 12 rows. Give one weight a row"),
    ("w negative", lambda: mlj.machine(regressor(), NUMBERS, Y, NOT_ONE), WeightsError,
     r"first at row 1 \(-1\.0\)\. Weights must be finite and not negative"),
    ("w missing", lambda: mlj.machine(regressor(), NUMBERS, Y, ONES * np.nan), WeightsError,
     r"w has 12 weight\(s\) that are negative, missing or infinite, first at row 0 \(nan\)"),
    ("w zero", lambda: mlj.machine(regressor(), NUMBERS, Y, 0 * ONES), WeightsError, "Give some"),
    ("w of an unknown class", lambda: mlj.machine(classifier(), NUMBERS, CLASSES,
                                                  {"x": 1, "y": 1, "z": 1, "u": 1}),
     WeightsError, r"every level .*\['x', 'y', 'z'\], and nothing else: no level is 'u'"),
    ("w of classes of numbers", lambda: mlj.machine(regressor(), NUMBERS, Y, {"x": 1}),
     WeightsError, "NeuralNetworkRegressor takes no class weights. Leave them out"),
    ("predict before fit", lambda: mlj.predict(mlj.machine(regressor(), NUMBERS, Y), NUMBERS),
     NotTrainedError, r"predict needs a trained machine.*Call fit\(mach\) first"),
    ("report before fit", lambda: mlj.report(mlj.machine(regressor(), NUMBERS, Y)),
     NotTrainedError, "report needs a trained machine"),
    ("an operation it lacks", lambda: mlj.inverse_transform(trained()["numbers"][0], NUMBERS),
     UnsupportedOperation, "has no inverse_transform. It has: predict, transform"),
    ("images of unequal size",
     lambda: mlj.machine(imager(), [*IMAGES[1:], IMAGES[0, :3]], CLASSES), DimensionMismatch,
     r"equal size: X\[0\] has .*\(4, 4, 1\), X\[11\] has \(3, 4, 1\)\. Resize or crop"),
    ("files as images", lambda: mlj.machine(imager(), ["a.png"] * N_ROWS, CLASSES), TableError,
     r"File paths are read by coerce\(X, GrayImage\)"),
    ("a table as images", lambda: mlj.machine(imager(), NUMBERS, CLASSES), TableError,
     "must be a collection of images, got DataFrame. Pass an array"),
    ("pixels missing", lambda: mlj.machine(imager(), IMAGES * np.nan, CLASSES),
     MissingValuesError, r"12 image\(s\) of X .* first at \[0, 1, 2, 3, 4\]\. Fill or drop them"),
    ("images of another size at predict",
     lambda: mlj.predict(trained()["images"][0], IMAGES[:, :3]), SchemaMismatch,
     r"\(3, 4, 1\), and the machine was trained on \(4, 4, 1\)\. Resize or convert them"),
]  # fmt: skip

ROWS: list[tuple[str, Any, type[Exception], str]] = [
    ("out of range", [0, 99], RowsError, r"99 at position 1, and .* 12 rows\. .* lie in 0\.\.11"),
    ("negative", [0, -1], RowsError, "-1 at position 1.*Count from the start"),
    ("floats", [0.0, 1.0], RowsError, "must be ints, got 0.0 at position 0. Pass row positions"),
    ("labels", ["r0"], RowsError, "must be ints, got 'r0' at position 0"),
    ("a short mask", [True, False], RowsError, "mask of 2 booleans, .*12 rows. Give one boolean"),
    ("a matrix", np.zeros((2, 2), dtype=int), RowsError, r"one-dimensional, got .*\(2, 2\)"),
    ("none", [], EmptyData, "selects no row. Pass at least one row position, or rows=None"),
]  # fmt: skip


def spread(cases: list[Any]) -> list[Any]:
    """A parameter for each case and kind of table."""
    return [
        pytest.param(kind, *case[2:], id=f"{case[0]}-{kind}")
        for case in cases
        for kind in case[1].split()
    ]


def named(cases: list[Any]) -> list[Any]:
    """A parameter for each case."""
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("kind", "change", "error", "words"), spread(AT_MACHINE))
def test_bad_tables_are_refused_when_a_machine_is_made(
    kind: str, change: Change, error: type[Exception], words: str
) -> None:
    X = KINDS[kind](change(NUMBERS))
    check_refused(lambda: mlj.machine(regressor(), X, Y), error, words, X, Y)
    spec = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(3,)))
    check_refused(lambda: mlj.machine(spec, X, Y), error, words, X, Y)


@pytest.mark.parametrize(("kind", "change", "error", "words"), spread(AT_PREDICT))
def test_bad_tables_are_refused_at_predict(
    kind: str, change: Change, error: type[Exception], words: str
) -> None:
    X, mach = KINDS[kind](change(FACTORS)), trained()["factors"][0]
    check_refused(lambda: mlj.predict(mach, X), error, words, X)


@pytest.mark.parametrize(("X", "error", "words"), named(NO_TABLE))
def test_what_is_no_table_is_refused(X: Any, error: type[Exception], words: str) -> None:
    mach = trained()["numbers"][0]
    check_refused(lambda: mlj.machine(regressor(), X, Y), error, words)
    check_refused(lambda: mlj.predict(mach, X), error, words)


@pytest.mark.parametrize(("act", "error", "words"), named(OTHER))
def test_other_bad_input_is_refused(
    act: Callable[[], Any], error: type[Exception], words: str
) -> None:
    check_refused(act, error, words, NUMBERS, FACTORS, Y, CLASSES, IMAGES, ONES)


@pytest.mark.parametrize(("rows", "error", "words"), named(ROWS))
def test_rows_that_are_not_there_are_refused(
    rows: Any, error: type[Exception], words: str
) -> None:
    mach = trained()["numbers"][0]
    check_refused(lambda: mlj.fit(mach, rows=rows, verbosity=0), error, words, rows)
    check_refused(lambda: mlj.predict(mach, rows=rows), error, words, rows)


@pytest.mark.parametrize("kind", ["list", "pandas", "polars", "pyarrow", "numpy"])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["x", "y"], r"y is Textual\. Write y = coerce\(y, Multiclass\)$"),
        ([1, 2], r"y is Count .*y = coerce\(y, Multiclass\) or y = coerce\(y, Continuous\)$"),
    ],
)
def test_a_target_of_strings_or_ints_is_refused_with_the_call_to_write(
    kind: str, values: list[Any], words: str
) -> None:
    make: dict[str, Callable[[Any], Any]] = {
        "list": list, "pandas": pd.Series, "polars": pl.Series, "pyarrow": pa.array,
        "numpy": np.array,
    }  # fmt: skip
    y = make[kind](values * HALF)
    check_refused(lambda: mlj.machine(classifier(), NUMBERS, y), ScitypeError, words, y)


@pytest.mark.parametrize("kind", NAMED.split())
def test_columns_in_another_order_are_matched_by_name(kind: str) -> None:
    mach, _, wanted = trained()["factors"]
    assert predicted(mach, KINDS[kind](FACTORS[["c", "b", "a"]])) == wanted


@pytest.mark.parametrize("kind", NAMED.split())
def test_columns_too_many_at_predict_are_ignored_with_one_warning(kind: str) -> None:
    mach = mlj.fit(mlj.machine(regressor(), NUMBERS, Y), verbosity=0)
    X = KINDS[kind](NUMBERS.assign(z=["u"] * N_ROWS))
    with pytest.warns(ScitypeWarning, match=r"not trained on; they are ignored: \['z'\]") as seen:
        mlj.predict(mach, X)
    assert [warning.filename for warning in seen] == [__file__]
    assert predicted(mach, X) == trained()["numbers"][2]  # and says nothing: warnings are errors
