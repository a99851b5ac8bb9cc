"""Tests of frames: values of pandas come back equal, of the same dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.persistence.test_decoding import back, decoded

FRAME = pd.DataFrame(
    {
        "a": [1, 2, 3],
        "b": np.float32([0.5, np.nan, -1]),
        "c": ["x", None, "z"],
        "d": pd.Categorical(["u", "v", "u"], categories=["v", "u"], ordered=True),
        "e": pd.array([1, None, 3], dtype="Int64"),
        "f": pd.date_range("2020", periods=3),
        "g": pd.date_range("2020", periods=3, tz="Europe/Paris"),
        "h": [(1,), None, {"k": 2}],
        "i": [True, False, True],
        "j": pd.array([True, None, False], dtype="boolean"),
    }
)


@pytest.mark.parametrize("name", FRAME.columns)
def test_a_column_comes_back_with_its_dtype(name: str) -> None:
    found = back(FRAME[name])
    pd.testing.assert_series_equal(found, FRAME[name])


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.iloc[:0],
        FRAME.set_index("c"),
        FRAME.set_index(["a", "i"])[["b"]],
        FRAME[["a", "b"]].set_axis([0, ("t", 1)], axis=1),
        FRAME[["a", "a"]],
        pd.DataFrame(index=[3, 4]),
    ],
    ids=["all", "no rows", "labels", "two levels", "odd names", "twice", "no columns"],
)
def test_a_frame_comes_back_with_its_index_and_names(frame: Any) -> None:
    pd.testing.assert_frame_equal(back(frame), frame)


def test_indexes_come_back() -> None:
    for index in (
        pd.RangeIndex(2, 9, 3, name="n"),
        pd.Index(["a", "b"], name="k"),
        pd.Index([1.5, 2.5]),
        pd.DatetimeIndex(["2020-01-01", "2021-01-01"], name="t"),
        pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["x", None]),
    ):
        pd.testing.assert_index_equal(back(index), index, exact=True)


@pytest.mark.parametrize(
    "inside",
    [
        ["frame", ["range", [0, 1, 1], None], [], ["range", [0, 1, 1], None]],
        [
            "frame",
            ["range", [0, 1, 1], None],
            [["<i8", {"array": "000000"}]],
            ["range", [0, 9, 1], None],
        ],
        ["series", None, ["<f8", {"array": "000000"}], ["range", [0, 3, 1], None]],
        ["series", None, ["<i8", {"array": "000000"}], ["range", ["a", 3, 1], None]],
        ["series", None, ["arrow", {"array": "000000"}, "str"], ["range", [0, 3, 1], None]],
        ["index", "never", [], None],
        ["panel", None, None, ["range", [0, 3, 1], None]],
    ],
)
def test_frames_that_are_none_are_refused(inside: Any) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)):
        decoded({"frame": inside})
