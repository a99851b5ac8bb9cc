"""Tests of decoding: what was encoded comes back with its types, and what was not is refused."""

from __future__ import annotations

import datetime
import decimal
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidStoredModel, UntrustedModelError
from mlj_keras.models.params import same
from mlj_keras.persistence.code import TrustedCode
from mlj_keras.persistence.decoding import Decoder
from mlj_keras.persistence.encoding import Encoder
from mlj_keras.storage.strict_json import dumped, loaded


def back(value: Any) -> Any:
    """A value encoded, written as JSON, read and decoded."""
    encoder = Encoder()
    tree = loaded(dumped(encoder.tree(value, "it")), "it")
    code = TrustedCode((), {})
    whole = {**encoder.arrays, **encoder.slots}
    return Decoder(whole, encoder.columns, encoder.estimators, code).value(tree, "it")


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.1),
        np.int64(3),
        np.datetime64("2020-01-01"),
        pd.Timestamp("2020-01-02 03:04", tz="Europe/Paris"),
        pd.Timestamp("1677-09-22"),
        pd.Timedelta("3 days 2 ns"),
        decimal.Decimal("NaN"),
        datetime.time(3, 4, 5),
        frozenset({1, 2}),
        mlj.Table[mlj.Continuous, mlj.Optional[mlj.Multiclass[3]]],
        mlj.log_loss,
        mlj.FScore(beta=2.0),
        mlj.CV(nfolds=3, rng=1),
        mlj.param_range(mlj.MLP(), "hidden", values=[(3,), (4,)]),
        mlj.CPUProcesses(2),
        mlj.Mirrored(["/CPU:0", "/CPU:1"]),
        mlj.skip(mlj.Info(), predicate=3),
        mlj.Standardizer() | mlj.OneHotEncoder(),
        mlj.NeuralNetworkRegressor(builder=mlj.Short(), optimiser=mlj.SGD(0.1)),
        mlj.EnsembleModel(mlj.load("Ridge")(), n=3),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_values_of_the_package_come_back_equal(value: Any) -> None:
    found = back(value)
    assert type(found) is type(value)
    assert repr(found) == repr(value)
    if isinstance(value, mlj.Model):
        assert same(found, value)


def decoded(tree: Any) -> Any:
    """The value of a tree with one array beside it."""
    array = {"000000": np.arange(3)}
    return Decoder(array, {}, [], TrustedCode((), {})).value(json.loads(json.dumps(tree)), "it")


@pytest.mark.parametrize(
    "tree",
    [
        {"tuple": [1], "map": []},
        {},
        {"nothing": 1},
        {"float": "1.5"},
        {"tuple": 3},
        {"map": [[1]]},
        {"map": [["a", 1], ["a", 2]]},
        {"map": [[[], 1]]},
        {"array": "000001"},
        {"array": []},
        {"scalar": {"array": "000000"}},
        {"objects": [[3], [1, 2]]},
        {"objects": [[-1], [1, 2]]},
        {"objects": [[2**62, 2**62], [1]]},
        {"texts": ["<U999999999", [1], ["a"]]},
        {"texts": ["<i8", [1], ["a"]]},
        {"texts": ["<U1", [1], [1]]},
        {"times": ["<i8", {"array": "000000"}]},
        {"times": ["<M8[nonsense]", {"array": "000000"}]},
        {"time": ["date", "yesterday"]},
        {"time": ["never", "2020-01-01"]},
        {"decimal": "one"},
        {"decimal": 1},
        {"scitype": ["Continuous", None, "else"]},
        {"estimator": 0},
        {"estimator": -1},
        {"ufunc": "load"},
        {"ufunc": "__loader__"},
        {"builtin": "eval"},
        {"builtin": "exec"},
        {"partial": [3, [], {}]},
        {"record": ["data.ColumnOrigin", {"kind": "pandas"}]},
        {"record": ["data.ColumnOrigin", {"kind": 1, "name": None, "float_dtype": "float32"}]},
        {"outcome": [1, 2]},
        {"outcome": [None, [], None]},
        {"pandas": ["stamp", "years", 1, None]},
        {"frame": ["else"]},
    ],
    ids=lambda tree: json.dumps(tree)[:40],
)
def test_trees_that_no_encoder_makes_are_refused(tree: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        decoded(tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"model": {"class": "os.system", "fields": {}}},
        {"model": {"class": "os:system", "fields": {}}},
        {"model": {"class": "builders.MLΡ", "fields": {}}},  # with a Greek letter
        {"model": {"class": "models.Model", "fields": {}}},
        {"model": {"class": "sklearn_models.os", "fields": {}}},
        {"model": {"class": {"function": "data.ColumnOrigin"}, "fields": {}}},
        {"model class": "subprocess.Popen"},
        {"record": ["builtins.dict", {}]},
        {"own record": [{"own code": "os:system"}, {}]},
        {"function": "os.system"},
        {"own code": "os:system"},
        {"own code": ["os:system"]},
        {"estimator class": "os.system"},
    ],
    ids=lambda tree: json.dumps(tree)[:40],
)
def test_names_outside_the_closed_tables_are_never_looked_up(tree: Any) -> None:
    with pytest.raises(UntrustedModelError):
        decoded(tree)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epochs": -1}, "epochs must be an int >= 0, got -1"),
        ({"epochs": True}, "epochs.*must be"),
        ({"epochs": 1.5}, "epochs.*must be"),
        ({"epoch": 1}, "has no hyper-parameter 'epoch'"),
        ({"builder": 3}, "builder"),
        ({"lambda_": {"float": "nan"}}, "lambda_"),
        (
            {"optimiser": {"model": {"class": "optimisers.Adam", "fields": {"learning_rate": 0}}}},
            "0",
        ),
    ],
)
def test_impossible_hyper_parameters_are_named_with_their_place(
    fields: dict[str, Any], message: str
) -> None:
    tree = {"model": {"class": "containers.NeuralNetworkClassifier", "fields": fields}}
    with pytest.raises(InvalidStoredModel, match=rf"(?s)at it.*{message}") as caught:
        decoded(tree)
    assert isinstance(caught.value, mlj.errors.InvalidModelError)
    assert isinstance(caught.value, mlj.errors.CorruptFile)
