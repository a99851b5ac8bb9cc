"""The passengers of the Titanic are those that OpenML has, with their gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.data.datasets import titanic


def test_the_counts_are_those_of_the_record() -> None:
    frame = mlj.load_titanic()
    assert list(frame)[:7] == ["pclass", "survived", "name", "sex", "age", "sibsp", "parch"]
    table = pd.crosstab(frame["pclass"], frame["survived"])
    assert table["survived"].tolist() == [200, 119, 181] and table["died"].tolist() == [
        123,
        158,
        528,
    ]
    gaps = {name: int(n) for name, n in frame.isna().sum().items() if n}
    assert gaps["age"] == 263 and gaps["embarked"] == 2 and gaps["fare"] == 1
    assert frame["age"].max() == 80 and frame.loc[0, "name"] == "Allen, Miss. Elisabeth Walton"


def test_columns_have_the_scitypes_of_raw_data() -> None:
    found = dict(
        zip(mlj.load_titanic().columns, mlj.schema(mlj.load_titanic()).scitypes, strict=True)
    )
    assert found["name"] == mlj.Textual and found["sibsp"] == mlj.Count
    assert found["age"] == mlj.Optional[mlj.Continuous]
    assert found["embarked"] == mlj.Optional[mlj.Textual]


def test_without_the_file_it_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Fetched:
        frame = pd.DataFrame(
            {"survived": pd.Categorical(["1"]), "pclass": [1.0], "age": [np.nan], "fare": [7.5]}
            | {"body": [None], "sibsp": [1.0], "parch": [0.0]}
        )

    def fetch(*, data_id: int, as_frame: bool) -> Any:
        asked.append(data_id)
        return Fetched

    monkeypatch.setattr(titanic, "_shipped", lambda: None)
    monkeypatch.setattr(titanic.datasets, "fetch_openml", fetch, raising=False)
    frame = mlj.load_titanic()
    assert asked == [40945] and frame.loc[0, "survived"] == "survived"
    assert frame.loc[0, "pclass"] == "1st" and frame["sibsp"].dtype == "int64"
