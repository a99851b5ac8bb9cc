"""Sources: data of every kind, read once, whole or by rows, as given or in the package's form."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.data.columns import Column
from mlj_keras.data.images import ImageVector
from mlj_keras.data.scitypes import Continuous, Finite, GrayImage, Multiclass, Table, Vector
from mlj_keras.data.tables import InnerTable
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import SchemaMismatch
from mlj_keras.machine.source import Source, read, source, take

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, index=[10, 11, 12])
COLUMNS = {name: FRAME[name].to_numpy() for name in FRAME}
ROWS = np.array([2, 0])


def test_a_source_gives_its_data_their_rows_or_what_it_is_called_with() -> None:
    s = source(FRAME)
    assert s() is FRAME
    pd.testing.assert_frame_equal(s(rows=[2, 0]), FRAME.iloc[[2, 0]])
    new = FRAME * 2
    assert s(new) is new
    assert s.state == 0


def test_a_source_of_a_source_is_that_source() -> None:
    s = source([1.0])
    assert source(s) is s


@pytest.mark.parametrize(
    ("data", "inner"),
    [
        (FRAME, InnerTable),
        (pl.DataFrame(COLUMNS), InnerTable),
        (pa.table(COLUMNS), InnerTable),
        (COLUMNS, InnerTable),
        (FRAME.to_numpy(), InnerTable),
        ([1.0, 2.0, 3.0], Column),
        (np.arange(3), Column),
        (FRAME["a"], Column),
        (pl.Series([1.0, 2.0, 3.0]), Column),
        (pa.array([1.0, 2.0, 3.0]), Column),
        (np.zeros((3, 4, 4)), ImageVector),
        (np.zeros((3, 4, 4, 3), dtype="uint8"), ImageVector),
        ([np.zeros((4, 4))] * 3, ImageVector),
    ],
    ids=lambda value: type(value).__module__.split(".")[0] if not isinstance(value, type) else "",
)
def test_every_kind_of_data_is_read_once_and_selected_by_rows(data: Any, inner: type) -> None:
    s = Source(data)
    assert isinstance(s.inner, inner)
    assert s.inner is s.inner
    assert read(s.inner) is s.inner
    assert s.n_rows == 3
    assert s.rows(None, native=True) is data
    assert s.rows(None, native=False) is s.inner
    assert type(s.rows(ROWS, native=True)) is type(data)
    assert len(read(s.rows(ROWS, native=True))) == 2
    assert isinstance(s.rows(ROWS, native=False), inner)
    assert len(s.rows(ROWS, native=False)) == 2


def test_selected_rows_come_in_the_order_asked_for() -> None:
    s = source(FRAME)
    assert s.rows(ROWS, native=False).column("a").to_pylist() == [3.0, 1.0]
    assert s.rows(ROWS, native=False).index.tolist() == [12, 10]
    np.testing.assert_array_equal(take(np.array([1.0, 2.0, 3.0]), ROWS), [3.0, 1.0])


def test_the_scitype_is_that_of_the_data() -> None:
    assert source(FRAME).scitype == Table[Continuous]
    assert source(pd.Categorical(["x", "y", "x"])).scitype == Vector[Multiclass[2]]


def test_class_weights_have_no_rows_and_pass_through_selection() -> None:
    weights = ClassWeights(None)
    s = source(weights)
    assert s.inner is weights and s.n_rows is None
    assert s.rows(ROWS, native=False) is weights


def test_data_of_a_kind_of_the_users_own_stay_as_they_are() -> None:
    class Graph:
        pass

    graph = Graph()
    s = source(graph)
    assert s.inner is graph and s.n_rows is None
    assert s.rows(None, native=True) is graph


def test_data_of_a_known_kind_that_cannot_be_read_raise() -> None:
    with pytest.raises(SchemaMismatch, match="duplicate column names"):
        _ = source(pd.DataFrame([[1, 2]], columns=["a", "a"])).inner


@pytest.mark.parametrize(
    "data",
    [
        np.zeros((3, 2, 2, 2, 2)),
        np.zeros((3, 4, 4, 5)),
        np.zeros((3, 4, 4), dtype=bool),
        np.zeros((3, 0, 4)),
        [np.zeros((4, 4)), np.zeros((4, 5)), np.zeros((4, 4))],
        [np.zeros((4, 4)), np.zeros((4, 4), dtype="uint8"), np.zeros((4, 4))],
    ],
    ids=["5-D", "channels", "mask", "no pixels", "sizes", "types"],
)
def test_arrays_that_are_no_images_of_one_kind_stay_as_they_are(data: Any) -> None:
    s = source(data)
    assert s.inner is data and s.n_rows == 3
    taken = s.rows(ROWS, native=False)
    assert len(taken) == 2 and np.array_equal(taken[0], data[2])
    assert s.scitype is not None and s.rows(None, native=True) is data


def test_images_are_read_whatever_their_pixels_are() -> None:
    s = source(np.full((3, 4, 4), np.nan))
    assert isinstance(s.inner, ImageVector) and s.scitype == Vector[GrayImage[4, 4]]


@pytest.mark.parametrize(
    ("data", "positive"),
    [
        (pd.Categorical(["no", "yes"]), "yes"),
        (pd.Categorical(["yes", "no"], categories=["yes", "no"], ordered=True), "no"),
        (pd.Categorical([1, 2, 3]), None),
        ([0.5, 1.5], None),
        (FRAME, None),
    ],
)
def test_the_positive_class_is_the_second_of_two_levels(data: Any, positive: Any) -> None:
    s = source(data)
    assert s.positive_class == positive
    assert (positive is not None) == (s.scitype <= Vector[Finite[2]])


def test_the_text_has_the_scitype_and_the_number_of_rows() -> None:
    assert repr(source(FRAME)) == "source(Table[Continuous], 3 rows)"
    assert repr(source([0.5])) == "source(Vector[Continuous], 1 rows)"
    assert "rows" not in repr(source(object()))


def test_a_model_of_ones_own_takes_arrays_of_any_shape() -> None:
    class Share(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> mlj.FitOutcome:
            return mlj.FitOutcome(float(X.mean()))

        def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
            return Xnew.reshape(len(Xnew), -1).mean(axis=1) - fitresult

    y = np.array([1.0, 2.0, 3.0])
    for shape in ((3, 2, 2), (3, 2, 2, 5), (3, 1, 1, 1, 1)):
        mask = np.zeros(shape, dtype=bool)
        mask[1] = True
        mach = mlj.fit(mlj.machine(Share(), mask, y), rows=[1, 2], verbosity=0)
        assert mlj.predict(mach, mask).tolist() == [-0.5, 0.5, -0.5]


def test_columns_and_rows_added_or_dropped_after_binding_do_not_count() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 6.0], "s": list("abcd")}, index=[5, 6, 7, 8])
    columns: dict[str, Any] = {"a": [1.0, 2.0, 3.0, 6.0], "s": list("abcd")}
    for_frame = mlj.machine(mlj.Standardizer(), frame).fit(verbosity=0)
    for_dict = mlj.machine(mlj.Standardizer(), columns).fit(verbosity=0)
    wanted = frame.assign(a=(frame["a"] - 3) / frame["a"].std())
    frame.insert(0, "z", range(4))
    pd.testing.assert_frame_equal(for_frame.transform(), wanted)
    with warnings.catch_warnings(action="ignore"):  # pandas 3.1 deprecates inplace
        frame.drop(index=[5, 6], inplace=True)
    assert len(frame) == 2
    pd.testing.assert_frame_equal(for_frame.transform(), wanted)
    del columns["a"]
    columns["z"] = [1]
    found = for_dict.transform()
    assert list(found) == ["a", "s"] and found["s"] == list("abcd")
    np.testing.assert_allclose(found["a"], wanted["a"], rtol=1e-12)


def test_a_table_that_is_read_for_prediction_is_the_users_own() -> None:
    assert read(FRAME).own is FRAME and read(COLUMNS).own is COLUMNS


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_twin_holds_the_data_as_they_were_bound(twin_of: Any) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "p": pd.period_range("2020", periods=2, freq="M")})
    s, bound = source(frame), frame.copy()
    assert s.n_rows == 2
    frame.insert(0, "z", [0, 1])
    twin = twin_of(s)
    pd.testing.assert_frame_equal(twin.data, bound)
    assert twin.n_rows == 2 and twin.inner.names == ("a", "p")
    pd.testing.assert_frame_equal(twin.inner.own, bound)
    assert twin_of(source([1.0])).data == [1.0]


def test_a_column_put_into_a_polars_frame_after_binding_is_not_seen() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0, 4.0], "s": ["x", "y", "z"]})
    mach = mlj.fit(mlj.machine(mlj.Standardizer(), frame), verbosity=0)
    frame.insert_column(0, pl.Series("z", [7, 8, 9]))
    assert mlj.transform(mach).columns == ["a", "s"]


def test_rows_of_a_frame_are_still_those_rows_when_they_are_pickled_or_copied() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})
    some = Source(Source(frame).rows(np.array([1, 3]), native=False))
    again = Source(some.inner)
    for found in (pickle.loads(pickle.dumps(again)), copy.deepcopy(again)):
        assert found.n_rows == 2
        assert np.asarray(found.rows(None, native=True)["a"]).tolist() == [2.0, 4.0]
    part = Source(frame).at(np.array([0, 2]))
    assert part.n_rows == pickle.loads(pickle.dumps(part)).n_rows == 2
