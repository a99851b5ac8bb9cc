"""Tests of encoding: every kind of value becomes a tree that JSON can hold, or is refused."""

from __future__ import annotations

import datetime
import decimal
import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsavableError
from mlj_keras.machine.record import Record
from mlj_keras.persistence.encoding import Encoder

TREES = [
    (None, None),
    (True, True),
    (3, 3),
    (0.5, 0.5),
    ("text", "text"),
    (float("nan"), {"float": "nan"}),
    (-float("inf"), {"float": "-inf"}),
    ([1, "a"], [1, "a"]),
    ((1, (2,)), {"tuple": [1, {"tuple": [2]}]}),
    ({"a": 1, 2: None}, {"map": [["a", 1], [2, None]]}),
    ({"b", "a"}, {"set": ["a", "b"]}),
    (frozenset({"b", "a"}), {"frozenset": ["a", "b"]}),
    (datetime.date(2020, 1, 2), {"time": ["date", "2020-01-02"]}),
    (datetime.timedelta(1, 2, 3), {"time": ["delta", [1, 2, 3]]}),
    (decimal.Decimal("1.50"), {"decimal": "1.50"}),
    (Path("a") / "b", "a/b"),
    (mlj.Continuous, {"scitype": ["Continuous", None, "atom"]}),
    (Record(a=1), {"namespace": [["a", 1]]}),
    (np.log1p, {"ufunc": "log1p"}),
    (repr, {"builtin": "repr"}),
    (mlj.MLP, {"model class": "builders.MLP"}),
    (functools.partial(np.add, 1), {"partial": [{"ufunc": "add"}, [1], {}]}),
]


# The names are the same in all processes of a run; the representation of a set is not.
@pytest.mark.parametrize(("value", "tree"), TREES, ids=[repr(tree)[:40] for _, tree in TREES])
def test_values_become_the_trees_that_they_have_to(value: Any, tree: Any) -> None:
    found = Encoder().tree(value, "it")
    assert found == tree and type(found) is type(tree)
    json.dumps(found, allow_nan=False)


def test_arrays_and_columns_stand_beside_the_tree_each_once() -> None:
    encoder, array, column = Encoder(), np.arange(3), pa.array(["a"])
    assert encoder.tree([array, array], "it") == [{"array": "000000"}, {"array": "000000"}]
    assert encoder.tree(column, "it") == {"column": "000000"}
    assert encoder.arrays["000000"] is array and encoder.columns["000000"] is column


def test_slots_of_optimisers_stand_apart_and_are_left_out_for_inference() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(epochs=1, rng=1, batch_size=50)
    mach = mlj.fit(mlj.machine(net, X, y), verbosity=0)
    whole, small = Encoder(), Encoder(for_inference=True)
    for encoder in (whole, small):
        encoder.machine(mach, "the machine")
    assert whole.slots and not small.slots
    assert not set(whole.slots) & set(whole.arrays)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "it: it is <object"),
        ({"a": (1, {2j})}, r"it\['a'\]\[1\]\[0\]: it is 2j"),
        (np.array([1j]), "an array of the dtype complex128"),
        (print, "the built-in <built-in function print>"),
        (lambda x: x, "<lambda>', a function"),
        (mlj.source([1.0, 2.0]), "which has data"),
    ],
)
def test_what_no_file_can_hold_is_refused_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(UnsavableError, match=message):
        Encoder().tree(value, "it")


def test_code_of_the_user_is_named_with_a_digest_of_its_source() -> None:
    encoder = Encoder()
    name = "tests.batteries.saving:Wide"
    from tests.batteries.saving import Wide

    tree = encoder.tree(Wide(n1=2), "it")
    assert tree == {"model": {"class": {"own code": name}, "fields": {"n1": 2}}}
    assert list(encoder.code) == [name] and len(encoder.code[name] or "") == 64
