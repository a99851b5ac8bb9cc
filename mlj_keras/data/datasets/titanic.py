"""`load_titanic`: the passengers of the Titanic, as raw as they come.

scikit-learn ships the file, among what it is tested with; where it does not, it is fetched from
OpenML. Must not know models, machines or scitypes. Source: OpenML, data set 40945.
"""

from __future__ import annotations

import csv
import gzip
import importlib.resources
from typing import Any

import pandas as pd

from mlj_keras._imports import lazy_module

datasets = lazy_module("sklearn.datasets")

_FILE = ("datasets", "tests", "data", "openml", "id_40945", "data-v1-dl-16826755.arff.gz")
_WORDS = {
    "survived": {"0": "died", "1": "survived"},
    "pclass": {"1": "1st", "2": "2nd", "3": "3rd"},
}
_FLOATS, _COUNTS = ("age", "fare", "body"), ("sibsp", "parch")


def load_titanic() -> pd.DataFrame:
    """The 1,309 passengers of the Titanic: words, counts and numbers, and what is missing.

    Returns: a frame with the columns `pclass` ("1st", "2nd", "3rd"), `survived` ("died",
        "survived"), `name`, `sex`, `age` in years (263 missing), `sibsp` and `parch` (numbers of
        siblings or spouses, parents or children on board), `ticket`, `fare` in pounds, `cabin`,
        `embarked` (a port, 2 missing), `boat`, `body`, `home.dest`. Words are strings: say what
        they mean by `coerce`.
    Raises: what scikit-learn raises if the file is not there and cannot be fetched.
    Example:
        >>> frame = load_titanic()
        >>> frame.shape, int(frame["age"].isna().sum()), frame["survived"].value_counts().to_dict()
        ((1309, 14), 263, {'died': 809, 'survived': 500})

    Source: OpenML, data set 40945, whose codes of survived and pclass are spelled out here.
    """
    frame = _shipped()
    if frame is None:
        frame = datasets.fetch_openml(data_id=40945, as_frame=True).frame
    for column, words in _WORDS.items():
        codes = pd.to_numeric(frame[column]).astype(int).astype(str)
        frame[column] = codes.map(words)
    for column in _FLOATS:
        frame[column] = pd.to_numeric(frame[column])
    for column in _COUNTS:
        frame[column] = pd.to_numeric(frame[column]).astype("int64")
    return frame


def _shipped() -> pd.DataFrame | None:
    """The file of scikit-learn as strings, or None if there is none."""
    file: Any = importlib.resources.files("sklearn").joinpath(*_FILE)
    if not file.is_file():
        return None
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    begin = next(i for i, line in enumerate(lines) if line.lower().startswith("@data"))
    names = [line.split()[1].strip("'") for line in lines[:begin] if line.startswith("@attribute")]
    rows = list(csv.reader(line for line in lines[begin + 1 :] if line.strip()))
    return pd.DataFrame(rows, columns=names).replace("?", None)
