"""Odd input that works, or works and is warned of: what comes of it is right, and is said once.

Each case has the number of its row in the table of bad input.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    ConcurrentFitError,
    DataChangedWarning,
    HighCardinalityWarning,
    LeakageWarning,
    LevelsWarning,
    MLJKerasWarning,
    ModelWarning,
    PrecisionWarning,
    ScitypeWarning,
)
from tests.batteries.bad_input import (
    CLASSES,
    FACTORS,
    IMAGES,
    KINDS,
    N_ROWS,
    NUMBERS,
    Y,
    classifier,
    predicted,
    regressor,
    trained,
)

Change = Callable[[pd.DataFrame], pd.DataFrame]
ALL, NAMED = "pandas polars pyarrow numpy", "pandas polars pyarrow"
N_MANY = 40
MANY = pd.DataFrame({"d": np.linspace(0, 1, N_MANY), "c": [f"id{i}" for i in range(N_MANY)]})
MANY["c"] = MANY["c"].astype("category")
SQUARES = pd.Series(np.linspace(0, 1, N_MANY) ** 2, name="t")


def row(number: int, *kinds: str) -> list[Any]:
    """A parameter for each kind, with the number of a row in its name."""
    return [pytest.param(kind, id=f"{number}-{kind}") for kind in kinds]


@pytest.mark.parametrize("kind", row(5, "pandas", "dict"))
def test_ints_are_names_of_columns(kind: str) -> None:
    frame = NUMBERS.set_axis([0, 1], axis=1)
    X = frame if kind == "pandas" else {name: frame[name].to_numpy() for name in frame}
    mach = mlj.fit(mlj.machine(regressor(), X, Y), verbosity=0)
    assert predicted(mach, X) == trained()["numbers"][2]


@pytest.mark.parametrize("kind", row(8, *ALL.split()))
def test_no_rows_give_no_predictions_of_the_right_kind(kind: str) -> None:
    none = KINDS[kind](NUMBERS[:0])
    numbers = mlj.predict(trained()["numbers"][0], none)
    assert isinstance(numbers, pd.Series)
    assert (len(numbers), numbers.dtype, numbers.name) == (0, np.float64, "t")
    classes = mlj.predict(trained()["classes"][0], none)
    assert (len(classes), classes.levels) == (0, ("x", "y", "z"))
    modes = mlj.predict_mode(trained()["classes"][0], none)
    assert list(modes.cat.categories) == ["x", "y", "z"]
    assert len(mlj.predict(trained()["images"][0], IMAGES[:0])) == 0


# A table that is allowed: the change, the model, the target, and the warning given when bound.
WARNED: list[tuple[str, str, Change, Callable[[], Any], pd.Series, type[Warning], str]] = [
    ("16", ALL, lambda X: pd.DataFrame({"a": np.arange(N_MANY) + 2**24 - 3}),
     lambda: regressor(standardise=False), SQUARES, PrecisionWarning,
     r"'(a|x1)' has integers up to 16777252 in size, of which 40 differ, and 22 are left"),
    ("16-standardised", ALL, lambda X: pd.DataFrame({"a": np.arange(N_MANY) + 2**53}), regressor,
     SQUARES, PrecisionWarning, r"'(a|x1)' .* If it is an identifier, drop it"),
    ("25", NAMED, lambda X: X, regressor, SQUARES, HighCardinalityWarning,
     r"Column 'c' has a level of its own in each of 40 rows, as an identifier has: .* Drop it"),
    ("36", NAMED, lambda X: X.assign(c=SQUARES), regressor, SQUARES, LeakageWarning,
     r"Column 'c' of X equals y in every row, so it foretells y\. Drop it from X"),
    ("36-classes", "pandas pyarrow", lambda X: X.assign(c=pd.Categorical(list("pq") * 20)),
     classifier, pd.Series(pd.Categorical(list("pq") * 20)), LeakageWarning, "Column 'c'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "change", "model", "y", "category", "words"),
    [
        pytest.param(kind, *case[2:], id=f"{case[0]}-{kind}")
        for case in WARNED
        for kind in case[1].split()
    ],
)
def test_what_hardly_is_meant_is_warned_of_once_a_machine(
    kind: str,
    change: Change,
    model: Callable[[], Any],
    y: pd.Series,
    category: type[Warning],
    words: str,
) -> None:
    X = KINDS[kind](change(MANY))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        mach = mlj.machine(model(), X, y)
    found = [each for each in seen if each.category is not ScitypeWarning]
    assert [each.category for each in found] == [category]
    assert issubclass(category, MLJKerasWarning)
    assert found[0].filename == __file__
    assert re.search(words, str(found[0].message))
    mlj.fit(mach, verbosity=0)  # says nothing more: warnings are errors
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        mlj.evaluate(mach, resampling=mlj.CV(nfolds=2), verbosity=0)
    assert category not in [each.category for each in seen]


def test_differences_that_standardising_keeps_and_ordered_levels_are_not_warned_of() -> None:
    far = pd.DataFrame({"a": (np.arange(N_MANY) + 2.0**24).astype(np.int64)})
    with pytest.warns(ScitypeWarning) as seen:
        mlj.machine(regressor(), far, SQUARES)
    assert len(seen) == 1
    ordered = MANY.assign(c=MANY["c"].cat.as_ordered())
    mlj.machine(regressor(), ordered, SQUARES)
    mlj.machine(regressor(), MANY[:10], SQUARES[:10])  # so few may all differ by chance
    mlj.machine(regressor(), MANY[["d"]].assign(d=1.0), SQUARES * 0 + 1.0)  # nothing varies


@pytest.mark.parametrize("kind", row(17, *ALL.split()))
def test_a_column_that_does_not_vary_is_centred_and_warned_of(kind: str) -> None:
    X = KINDS[kind](NUMBERS.assign(b=7.0))
    with pytest.warns(ModelWarning, match=r"'(b|x2)' does not vary: it is centred and not scal"):
        mach = mlj.fit(mlj.machine(mlj.Standardizer(), X), verbosity=0)
    assert mlj.fitted_params(mach).stds.popitem()[1] == 1.0
    mach = mlj.fit(mlj.machine(regressor(), X, Y), verbosity=0)
    assert np.isfinite(np.frombuffer(predicted(mach, X))).all()


class Subclass(np.ndarray):
    """An array of another class."""


MATRIX = NUMBERS.to_numpy()
SAME: dict[str, Any] = {
    "19-matrix": MATRIX.view(np.matrix),
    "19-subclass": MATRIX.view(Subclass),
    "19-mask of nothing": np.ma.masked_array(MATRIX),
    "19-sparse columns": NUMBERS.astype(pd.SparseDtype("float64")),
    "22-reversed twice": MATRIX[::-1].copy()[::-1],
    "22-strided": np.repeat(MATRIX, 2, axis=0)[::2],
    "22-Fortran": np.asfortranarray(MATRIX),
    "22-big-endian": MATRIX.astype(">f8"),
    "50-permuted-pandas": NUMBERS[["b", "a"]],
    "50-permuted-polars": pl.from_pandas(NUMBERS[["b", "a"]]),
    "50-permuted-pyarrow": pa.table({"b": NUMBERS["b"], "a": NUMBERS["a"]}),
}


@pytest.mark.parametrize("name", SAME)
def test_other_forms_of_the_same_numbers_predict_the_same(name: str) -> None:
    mach, _, wanted = trained()["numbers"]
    assert predicted(mach, SAME[name]) == wanted


@pytest.mark.parametrize("kind", row(22, "read-only", "float16", "broadcast"))
def test_arrays_of_any_layout_are_trained_on_and_left_alone(kind: str) -> None:
    arrays = {
        "read-only": MATRIX.copy(),
        "float16": MATRIX.astype(np.float16),
        "broadcast": np.broadcast_to(np.float64(1.0), (N_ROWS, 2)),
    }
    array = arrays[kind]
    array.flags.writeable = False
    before = array.tobytes()
    mach = mlj.fit(mlj.machine(regressor(), array, Y), verbosity=0)
    assert len(mlj.predict(mach, array)) == N_ROWS
    assert array.tobytes() == before


@pytest.mark.parametrize("kind", row(21, *NAMED.split()))
def test_booleans_are_numbers_with_a_warning(kind: str) -> None:
    X = KINDS[kind](NUMBERS.assign(b=[True, False] * (N_ROWS // 2)))
    with pytest.warns(ScitypeWarning, match=r"column 'b' is Count.*'b': Continuous"):
        mlj.machine(regressor(), X, Y)


@pytest.mark.parametrize("kind", row(32, "pandas", "pyarrow"))
def test_levels_that_no_row_has_get_probabilities(kind: str) -> None:
    y = pd.Series(pd.Categorical(["x", "y"] * (N_ROWS // 2), categories=["x", "y", "z"]))
    target = y if kind == "pandas" else pa.array(y)
    mach = mlj.fit(mlj.machine(classifier(), NUMBERS, target), verbosity=0)
    assert mlj.predict(mach, NUMBERS).levels == ("x", "y", "z")
    one = pd.Categorical(["x"] * N_ROWS, categories=["x", "y", "z"])
    with pytest.warns(LevelsWarning, match="Only one class, 'x', occurs"):
        mlj.fit(mlj.machine(classifier(), NUMBERS, one), verbosity=0)


@pytest.mark.parametrize("kind", row(39, "batch"))
def test_a_batch_larger_than_the_data_is_all_of_them(kind: str) -> None:
    mach = mlj.fit(mlj.machine(regressor(batch_size=100), NUMBERS, Y), verbosity=0)
    assert mlj.report(mach).batch_size == N_ROWS


@pytest.mark.parametrize("kind", row(49, *NAMED.split()))
def test_columns_too_many_at_predict_are_ignored_with_one_warning(kind: str) -> None:
    mach = mlj.fit(mlj.machine(regressor(), NUMBERS, Y), verbosity=0)
    X = KINDS[kind](NUMBERS.assign(z=["u"] * N_ROWS))
    with pytest.warns(ScitypeWarning, match=r"not trained on; they are ignored: \['z'\]") as seen:
        mlj.predict(mach, X)
    assert [warning.filename for warning in seen] == [__file__]
    assert predicted(mach, X) == trained()["numbers"][2]  # and says nothing: warnings are errors


@pytest.mark.parametrize("kind", row(54, *NAMED.split()))
def test_levels_are_matched_by_label(kind: str) -> None:
    mach, _, wanted = trained()["factors"]
    other = pd.Categorical(FACTORS["c"], categories=["q", "p"])
    assert predicted(mach, KINDS[kind](FACTORS[["c", "b", "a"]].assign(c=other))) == wanted


@pytest.mark.parametrize("kind", row(57, "duplicated"))
def test_rows_may_be_repeated(kind: str) -> None:
    mach = mlj.fit(mlj.machine(regressor(), NUMBERS, Y), rows=[0, 0, 1, 2], verbosity=0)
    assert mlj.predict(mach, rows=[3, 3]).index.tolist() == [3, 3]


@pytest.mark.parametrize("kind", row(76, "numpy", "dict", "target"))
def test_arrays_written_to_between_two_trainings_are_warned_of(kind: str) -> None:
    columns = {name: NUMBERS[name].to_numpy().copy() for name in NUMBERS}
    matrix, y = MATRIX.copy(), Y.to_numpy().copy()
    model = regressor()
    mach = mlj.fit(mlj.machine(model, columns if kind == "dict" else matrix, y), verbosity=0)
    model.epochs += 1
    mlj.fit(mach, verbosity=0)  # nothing has changed, and nothing is said
    changed = {"numpy": matrix[:, 1], "dict": columns["b"], "target": y}[kind]
    changed[3] = 5.0
    model.epochs += 1
    words = {"numpy": "column 'x2'", "dict": "column 'b'", "target": "y"}[kind]
    with pytest.warns(DataChangedWarning, match=f"^{words} of the bound data changed since"):
        mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).epochs == 3
    mlj.fit(mach, force=True, verbosity=0)


@pytest.mark.parametrize("kind", row(80, "threads"))
def test_two_trainings_of_one_machine_at_once_are_refused(kind: str) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> float:
            begun.set()
            go_on.wait(20)
            return 0.5

    mach = mlj.machine(Slow(), NUMBERS, Y)
    other = threading.Thread(target=lambda: mlj.fit(mach, verbosity=0))
    other.start()
    begun.wait(20)
    try:
        with pytest.raises(ConcurrentFitError, match="being trained by another thread. Wait"):
            mlj.fit(mach, verbosity=0)
    finally:
        go_on.set()
        other.join()
    assert mach.state == 1


def test_the_levels_of_an_arrow_dictionary_may_hold_null_and_repeat() -> None:
    codes = pa.array([0, 1, 2, 3] * 3)
    odd = pa.DictionaryArray.from_arrays(codes, pa.array(["p", None, "q", "p"]))
    assert mlj.scitype(odd) == mlj.Vector[mlj.Optional[mlj.Multiclass[2]]]
    assert mlj.levels(odd) == ("p", "q")
    plain = mlj.coerce(pa.table({"c": odd}), {"c": mlj.Multiclass})["c"]
    assert plain.to_pylist() == ["p", None, "q", "p"] * 3


def test_classes_and_numbers_are_not_taken_for_each_other() -> None:
    numbers = pd.Series(np.arange(N_MANY) % 2, dtype=float)
    X = MANY[["d"]].assign(c=pd.Categorical(numbers))
    mlj.machine(regressor(), X, numbers)  # a factor of 0.0 and 1.0 is no column of numbers
    assert len(CLASSES) == N_ROWS
