"""Bad input: a clear error of our own type before any training, and nothing changed by it.

Each case has the number of its row in the table of bad input and a name, what is done, the type of
the error, and the words that name the column, the row, the value and the remedy.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
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
    MemoryBudgetError,
    MissingValuesError,
    NonFiniteError,
    NotTrainedError,
    OneClassError,
    RowsError,
    SchemaMismatch,
    ScitypeError,
    TableError,
    UnseenLevelError,
    UnsupportedOperation,
    WeightsError,
    WrongType,
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
    ("11-strings", NAMED, column(["p", "q"] * HALF), ScitypeError,
     r"column 'c' is Textual\. Write X = coerce\(X, {'c': Multiclass}\)$"),
    ("11-numbers as strings", NAMED, column(["1", "2.5"] * HALF), ScitypeError,
     r"'c' is Textual \(numbers written as strings\)\. Write X = coerce\(X, {'c': Continuous}\)$"),
    ("11-two columns at once", NAMED, lambda X: X.assign(c=["p"] * N_ROWS, d=["q"] * N_ROWS),
     ScitypeError, r"'c' is Textual; column 'd' is Textual\. .*'c': Multiclass, 'd': Multiclass}"),
    ("10-mixed objects", FRAME, column(pd.Series([1, "a", None] * 4, dtype=object)), ScitypeError,
     r"'c' is Unknown \(it holds int \(4, first at row 0\) and str \(4, first at row 1\): turn"),
    ("12-lists", NAMED, column([[1.0], [2.0]] * HALF), ScitypeError, r"'c' is Unknown .*list<"),
    ("12-decimals", NAMED, column([decimal.Decimal("1.5")] * N_ROWS), ScitypeError,
     r"'c' is Unknown \(it holds decimal128.*: turn them all into numbers or strings first\)"),
    ("12-complex", FRAME, column([1j] * N_ROWS),
     ScitypeError, r"holds complex \(12, first at row 0"),
    ("12-datetimes", NAMED, column(pd.date_range("2020", periods=N_ROWS)), ScitypeError,
     r"'c' is ScientificDateTime \(turn times into numbers first, such as days since a date"),
    ("12-dates", NAMED, column([datetime.date(2020, 1, 1)] * N_ROWS), ScitypeError,
     r"column 'c' is ScientificDate \(turn times into numbers"),
    ("12-durations", NAMED, column(pd.to_timedelta(range(N_ROWS), "D")),
     ScitypeError, "holds dura"),
    ("12-a huge int", FRAME, column([2**80] * N_ROWS), ScitypeError, r"it holds int \(12, first"),
    ("12-dicts", NAMED, column([{"k": 1}] * N_ROWS), ScitypeError, r"'c' is Unknown .*struct<k"),
    ("12-fractions", FRAME, column([fractions.Fraction(1, 3)] * N_ROWS), ScitypeError,
     r"holds Fraction \(12, first at row 0\): turn them all into numbers or strings first"),
    ("13-a missing number", ALL, put(np.nan), MissingValuesError,
     rf"column '(a|x1)' has 1 missing \(first rows 3\)\. Fill them first.* with {MEDIAN}"),
    ("14-missing labels", NAMED, column(pd.Categorical(["p", None] * HALF)), MissingValuesError,
     rf"column 'c' has 6 missing \(first rows 1, 3, 5, 7, 9\)\. .* with {MODE}"),
    *(
        (f"14-{value!r}", FRAME, column(pd.Series([0.5, value] * HALF, dtype=object)),
         MissingValuesError, r"column 'c' has 6 missing \(first rows 1, 3, 5, 7, 9\)\. Fill them")
        for value in (None, pd.NA, pd.NaT, float("nan"))
    ),
    ("18-nothing but missing", NAMED, column([None] * N_ROWS), MissingValuesError,
     r"column 'c' has 12 missing .* with X = X\.drop(_columns)?\((columns=)?\[?'c'\]?\), which"),
    ("15-an infinity", ALL, put(-np.inf), NonFiniteError,
     r"column '(a|x1)' has 1 \(first rows 3, the first is -inf\)\. .*Replace them, or drop"),
    ("15-a number too large", ALL, put(1e300), NonFiniteError,
     r"too large for float32: column '(a|x1)' has 1 \(first rows 3, the first is 1e\+300\)"),
    ("6-no columns", ALL, lambda X: X[[]], EmptyData, "X has no columns: there are no features"),
    ("4-duplicate names", FRAME, lambda X: pd.concat([X, X], axis=1), SchemaMismatch,
     r"duplicate column names, at these positions: {'a': \[0, 2\], 'b': \[1, 3\]}\. Rename"),
    ("4-names that read the same", FRAME, lambda X: X.set_axis([0, "0"], axis=1), SchemaMismatch,
     r"duplicate column names, at these positions: {'0': \[0, 1\]}"),
    ("5-tuples as names", FRAME, lambda X: X.set_axis([("a", 1), ("b", 2)], axis=1), TableError,
     r"must be strings \(or ints\), got \[\('a', 1\), \('b', 2\)\]\. Rename them: X\.columns ="),
    ("5-no name", FRAME, lambda X: X.set_axis([None, "b"], axis=1), TableError, "Rename them"),
]  # fmt: skip

# A table of numbers and the factor `c`, changed, at predict.
AT_PREDICT: list[tuple[str, str, Change, type[Exception], str]] = [
    ("48-a missing column", NAMED, lambda X: X[["a", "c"]], SchemaMismatch,
     r"X lacks the column\(s\) \['b'\] that the machine was trained on\. Add or rename"),
    ("48-a misspelt column", NAMED, lambda X: X.rename(columns={"b": "bb"}), SchemaMismatch,
     r"lacks .*\['b'\].*others: \['bb'\]\. \('b' may be 'bb'\.\) Add or rename the columns"),
    ("52-another width", "numpy", lambda X: X[["a", "b"]], SchemaMismatch,
     r"X has 2 columns, and the machine was trained on 3: \['a', 'b', 'c'\]\. Give the same"),
    ("53-an unseen level", NAMED, lambda X: X.assign(c=["p", "new"] * HALF), UnseenLevelError,
     r"'c' has 6 value.*: 'new' \(first at row 1\)\. The levels are 'p', 'q'\. Drop those rows"),
    ("53-a number for a level", NAMED, lambda X: X.assign(c=1.5), UnseenLevelError, "seen.*: 1.5"),
    ("53-a list for a level", NAMED, lambda X: X.assign(c=[[1.0]] * N_ROWS), SchemaMismatch,
     r"Column 'c' holds (large_)?list<.* no level, and was a factor .* levels are 'p', 'q'\."),
    ("51-a factor for a number", NAMED, lambda X: X.assign(a=pd.Categorical(["u"] * N_ROWS)),
     SchemaMismatch, r"Column 'a' is Multiclass\[1\], and the network takes numbers there"),
    ("51-a string for a number", NAMED, lambda X: X.assign(a="7"), SchemaMismatch,
     r"Column 'a' is Textual, .* numbers there\. Write X = coerce\(X, {'a': Continuous}\)"),
    ("55-a missing number", NAMED, put(np.nan), MissingValuesError,
     rf"column 'a' has 1 \(first rows 3\)\. .* with {MEDIAN}"),
    ("55-a missing label", NAMED, put(None, "c"), MissingValuesError,
     rf"column 'c' has 1 \(first rows 3\)\. .* with {MODE}"),
    ("15-an infinity", NAMED, put(np.inf),
     NonFiniteError, r"'a' has 1 \(first rows 3, .* is inf\)"),
    ("15-a number too large", NAMED, put(1e300),
     NonFiniteError, r"first is 1e\+300\)\. .*Replace"),
    ("4-duplicate names", FRAME, lambda X: pd.concat([X, X], axis=1), SchemaMismatch, "Rename or"),
]  # fmt: skip

# What is no table at all, at machine and at predict.
NO_TABLE: list[tuple[str, Any, type[Exception], str]] = [
    ("1-nothing in a set", {1.0, 2.0}, TableError, "got set. Pass a pandas, polars or pyarrow"),
    ("1-a generator", (i for i in range(3)),
     TableError, r"read once only: pass pandas\.DataFrame\("),
    ("1-rows as dicts", [{"a": 1.0, "b": 2.0}] * N_ROWS,
     TableError, r"pass pandas\.DataFrame\(X\)"),
    ("1-records", NUMBERS.to_records(index=False), DimensionMismatch, r"pandas\.DataFrame\(X\)"),
    ("2-a pandas column", NUMBERS["a"], TableError, r"a Series becomes one by X\.to_frame\(\)"),
    ("2-a polars column", pl.Series([1.0] * N_ROWS), TableError, r"Pass X\.to_frame\(\)"),
    ("2-an Arrow column", pa.array([1.0] * N_ROWS), TableError, r"pyarrow\.table\({'x1': X}\)"),
    ("3-no axis", np.array(1.0), DimensionMismatch, r"shape \(\)\. Pass one of shape \(rows, col"),
    ("3-five axes", np.zeros((N_ROWS, 1, 1, 1, 1)), DimensionMismatch, r"shape \(rows, columns\)"),
    ("4-duplicate names in Arrow", pa.table([pa.array([1.0] * N_ROWS)] * 2, names=["a", "a"]),
     SchemaMismatch, r"at these positions: {'a': \[0, 1\]}"),
    ("3-three axes", np.zeros((N_ROWS, 3, 3)), DimensionMismatch,
     r"X must be a table, got an array of shape \(12, 3, 3\)\. Images .* go to ImageClassifier"),
    ("2-one axis", np.zeros(N_ROWS),
     DimensionMismatch, r"shape \(12,\)\. Pass X\.reshape\(-1, 1\)"),
    ("2-a list of numbers", [1.0] * N_ROWS,
     TableError, r"got list\. .*numpy\.asarray\(X\)\.reshap"),
    ("9-a list of lists", [[1.0, 2.0]] * N_ROWS, TableError, r"pass numpy\.asarray\(X\)\.$"),
    ("20-a reader", pa.Table.from_pandas(NUMBERS).to_reader(),
     TableError, r"pass X\.read_all\(\)"),
    ("20-a lazy frame", pl.DataFrame({"a": [1.0] * N_ROWS}).lazy(), TableError, r"X\.collect\(\)"),
    ("19-a sparse matrix", scipy.sparse.csr_matrix(np.eye(N_ROWS)), TableError, r"X\.toarray\(\)"),
    ("1-a string", "data.csv", TableError, "got str. Pass a pandas, polars or pyarrow table"),
    ("1-a mapping of scalars", {"a": 1}, TableError, r"values must be columns\. X\['a'\] .*int"),
    ("9-ragged columns", {"a": [1.0], "b": [1.0, 2.0]}, DimensionMismatch,
     "columns of X have different lengths: {'a': 1, 'b': 2}. Make them equal"),
    ("19-masked cells", np.ma.masked_array(np.zeros((N_ROWS, 2)), [[True, False]] * N_ROWS),
     TableError, r"masked array\. Pass X\.filled\(numpy\.nan\)"),
]  # fmt: skip


class Cut:
    """A table whose stream breaks off."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        table, sink = pa.Table.from_pandas(NUMBERS), pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        whole = sink.getvalue().to_pybytes()
        return pa.ipc.open_stream(whole[:-150]).__arrow_c_stream__()


ZEROS = np.zeros(4 * 10**7)
HUGE = np.broadcast_to(np.float64(0.5), (len(ZEROS), 10**5))
WIDE = np.broadcast_to(np.float64(0.5), (N_ROWS, 10**15))
LONG = np.broadcast_to(np.float64(0.5), (10**15, 2))
IDS = pd.DataFrame({"c": pd.Categorical.from_codes(range(10**6), list(map(str, range(10**6))))})
TIMES = pd.date_range("2020", periods=N_ROWS)
ONES = np.ones(N_ROWS)
NOT_ONE = [1.0, -1.0] + [1.0] * (N_ROWS - 2)
CLASSES_ONE = pd.Categorical(["x"] * N_ROWS)
# Anything else: a call, with the data that it must leave alone.
OTHER: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("26-unequal lengths", lambda: mlj.machine(regressor(), NUMBERS, Y[:5]), DimensionMismatch,
     "X has 12, y has 5. Give a target, and a weight if any, for each row of X"),
    *(
        (f"7-no rows-{kind}", lambda kind=kind: mlj.machine(regressor(), KINDS[kind](NUMBERS[:0]),
                                                            Y[:0]), EmptyData, "have no rows")
        for kind in KINDS
    ),
    ("7-no rows", lambda: mlj.machine(regressor(), NUMBERS[:0], Y[:0]), EmptyData, "have no rows"),
    ("26-y in another order", lambda: mlj.machine(regressor(), NUMBERS, Y[::-1]), InvalidArgument,
     r"X and y have the same row labels in another order.*: y = y\.loc\[X\.index\]\."),
    ("58-w in another order", lambda: mlj.machine(regressor(), NUMBERS, Y, Y[::-1].abs()),
     InvalidArgument, r"X and w have the same row labels in another order.*w = w\.loc\[X\.in"),
    ("31-y of one level", lambda: mlj.machine(classifier(), NUMBERS, CLASSES_ONE), OneClassError,
     r"single level, \['x'\].*Give at least two: y = coerce\(y, Multiclass, levels=\[\.\.\.\]\)"),
    ("31-y of one level, unspecified",
     lambda: mlj.machine(mlj.NeuralNetwork(), NUMBERS, CLASSES_ONE),
     OneClassError, "single level"),
    ("31-y of one level, binary",
     lambda: mlj.machine(mlj.NeuralNetworkBinaryClassifier(), NUMBERS, CLASSES_ONE),
     OneClassError, "a single level, .*there is nothing to tell apart. Give both"),
    ("29-y of floats", lambda: mlj.machine(classifier(), NUMBERS, ONES), ScitypeError,
     r"y is Continuous\. Write y = coerce\(y, Multiclass\)"),
    ("30-y of classes", lambda: mlj.machine(regressor(), NUMBERS, CLASSES), ScitypeError,
     r"y is Multiclass\[3\]\. It takes .*y of Vector\[Continuous\]\. Convert y, or let Neural"),
    ("27-y of two columns", lambda: mlj.machine(regressor(), NUMBERS, NUMBERS), ScitypeError,
     r"y is Table\[Continuous\], and Vector\[Continuous\] is needed"),
    ("28-y missing a value", lambda: mlj.machine(regressor(), NUMBERS, Y.where(Y.index != 3)),
     MissingValuesError, r"y has 1 missing \(first rows 3\)\. Drop those rows of X and y"),
    ("34-y infinite", lambda: mlj.machine(regressor(), NUMBERS, Y.replace(Y[4], np.inf)),
     NonFiniteError, r"y has 1 value.*at rows \[4\], the first is inf\. Replace them"),
    ("34-y too large", lambda: mlj.machine(regressor(), NUMBERS, Y.replace(Y[4], 1e300)),
     NonFiniteError, r"too large for float32, first at rows \[4\], the first is 1e\+300"),
    ("26-no y", lambda: mlj.machine(regressor(), NUMBERS),
     InvalidArgument, "takes X, y .*got 1 arg"),
    ("58-w short", lambda: mlj.machine(regressor(), NUMBERS, Y, ONES[:3]), DimensionMismatch,
     "w has 3 weights and the data have 12 rows. Give one weight a row"),
    ("58-w negative", lambda: mlj.machine(regressor(), NUMBERS, Y, NOT_ONE), WeightsError,
     r"first at row 1 \(-1\.0\)\. Weights must be finite and not negative"),
    ("58-w missing", lambda: mlj.machine(regressor(), NUMBERS, Y, ONES * np.nan), WeightsError,
     r"w has 12 weight\(s\) that are negative, missing or infinite, first at row 0 \(nan\)"),
    ("58-w zero", lambda: mlj.machine(regressor(), NUMBERS, Y, 0 * ONES),
     WeightsError, "Give some"),
    ("59-w of an unknown class", lambda: mlj.machine(classifier(), NUMBERS, CLASSES,
                                                  {"x": 1, "y": 1, "z": 1, "u": 1}),
     WeightsError, r"every level .*\['x', 'y', 'z'\], and nothing else: no level is 'u'"),
    ("59-w of classes of numbers", lambda: mlj.machine(regressor(), NUMBERS, Y, {"x": 1}),
     WeightsError, "NeuralNetworkRegressor takes no class weights. Leave them out"),
    ("23-a huge size", lambda: mlj.machine(regressor(), HUGE, ZEROS), MemoryBudgetError,
     r"X of 40000000 rows and 100000 columns needs 14\.6 TiB of memory, and there are .* Give"),
    ("23-a huge target", lambda: mlj.machine(regressor(), NUMBERS, LONG[:, 0]), MemoryBudgetError,
     r"A column of 1000000000000000 rows needs 7\.\d PiB"),
    ("23-a huge width", lambda: mlj.machine(regressor(), WIDE, Y), MemoryBudgetError,
     "To name the 1000000000000000 columns of X needs 88.8 PiB"),
    ("23-a huge size at predict", lambda: mlj.predict(trained()["numbers"][0], LONG),
     MemoryBudgetError, r"table of 1000000000000000 rows and 2 columns needs 8.0 PiB of memory"),
    ("24-a column for each level", lambda: mlj.machine(mlj.OneHotEncoder(), IDS).fit(verbosity=0),
     MemoryBudgetError,
     r"'c', of which OneHotEncoder makes 1000000 columns of 1000000 rows, needs "
     r"7\.3 TiB .* CardinalityReducer, or leave the column to a network, which has an embedding"),
    ("24-a matrix of contrasts",
     lambda: mlj.machine(mlj.ContrastEncoder(), IDS).fit(verbosity=0), MemoryBudgetError,
     "ContrastEncoder makes 1000000 columns"),
    ("27-y a matrix", lambda: mlj.machine(regressor(), NUMBERS, Y.to_numpy()[:, None]),
     ScitypeError, r"y is Table\[Continuous\], and Vector.* Write y = y\[:, 0\]$"),
    ("35-a negative count",
     lambda: mlj.machine(mlj.load("PoissonRegressor")(), NUMBERS, Y).fit(verbosity=0),
     InvalidArgument, "PoissonRegressor cannot be trained .* out of the valid range"),
    ("58-w of times", lambda: mlj.machine(regressor(), NUMBERS, Y, TIMES), WeightsError,
     r"w must be numbers, got \[datetime"),
    ("58-a model without weights",
     lambda: mlj.machine(mlj.load("KNeighborsRegressor")(), NUMBERS, Y, ONES), WeightsError,
     "KNeighborsRegressor takes no weights. Leave them out"),
    ("59-a class without a weight", lambda: mlj.machine(classifier(), NUMBERS, CLASSES, {"x": 1}),
     WeightsError, "there is no weight for 'y'; there is no weight for 'z'"),
    ("59-a huge weight",
     lambda: mlj.machine(classifier(), NUMBERS, CLASSES, {"x": 10**400, "y": 1, "z": 1}),
     WeightsError, "Class weights must be finite numbers"),
    ("47-a model for a machine", lambda: mlj.predict(regressor(), NUMBERS), WrongType,
     r"predict needs a machine, got NeuralNetworkRegressor.* mach = machine\(model, X, y\)"),
    ("47-a model to fit", lambda: mlj.fit(regressor()),
     WrongType, "fit needs a machine, got Neur"),
    ("79-a stream that was cut", lambda: mlj.machine(regressor(), Cut(), Y), InvalidArgument,
     "X is a Cut that cannot be read: OSError: .*bytes.* Look after the file or query"),
    ("47-predict before fit", lambda: mlj.predict(mlj.machine(regressor(), NUMBERS, Y), NUMBERS),
     NotTrainedError, r"predict needs a trained machine.*Call fit\(mach\) first"),
    ("47-report before fit", lambda: mlj.report(mlj.machine(regressor(), NUMBERS, Y)),
     NotTrainedError, "report needs a trained machine"),
    ("56-an operation it lacks", lambda: mlj.inverse_transform(trained()["numbers"][0], NUMBERS),
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
    ("57-out of range", [0, 99],
     RowsError, r"99 at position 1, and .* 12 rows\. .* lie in 0\.\.11"),
    ("57-negative", [0, -1], RowsError, "-1 at position 1.*Count from the start"),
    ("57-floats", [0.0, 1.0],
     RowsError, "must be ints, got 0.0 at position 0. Pass row positions"),
    ("57-labels", ["r0"], RowsError, "must be ints, got 'r0' at position 0"),
    ("57-a short mask", [True, False],
     RowsError, "mask of 2 booleans, .*12 rows. Give one boolean"),
    ("57-a matrix", np.zeros((2, 2), dtype=int), RowsError, r"one-dimensional, got .*\(2, 2\)"),
    ("57-none", [], EmptyData, "selects no row. Pass at least one row position, or rows=None"),
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
