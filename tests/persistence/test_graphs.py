"""Tests of graphs: networks of machines as lists in which nothing refers forward."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsavableError
from mlj_keras.persistence.code import TrustedCode
from mlj_keras.persistence.decoding import Decoder
from mlj_keras.persistence.encoding import Encoder
from tests.batteries.saving import NUMBER, TRUSTED, Scaled, X, regressor


def trained() -> Any:
    """The network of a trained composite."""
    mach = mlj.fit(mlj.machine(Scaled(regressor()), X, NUMBER), verbosity=0)
    return mach.trained("test")[1].fitresult


def encoded() -> tuple[Encoder, Any]:
    """A network as a tree, and what stands beside it."""
    encoder = Encoder()
    return encoder, encoder.tree(trained(), "it")


def decoded(encoder: Encoder, tree: Any) -> Any:
    """The network of a tree."""
    beside = ({**encoder.arrays, **encoder.slots}, encoder.columns, encoder.estimators)
    return Decoder(*beside, TrustedCode(TRUSTED, {})).value(tree, "it")


def test_each_source_node_and_machine_stands_after_what_it_needs() -> None:
    _, tree = encoded()
    for place, item in enumerate(tree["graph"]["all"]):
        needed = [*item.get("args", []), *([item["by"]] if item.get("by") is not None else [])]
        assert all(other < place for other in needed)


def test_a_network_comes_back_with_its_machines_names_and_states() -> None:
    network = trained()
    encoder = Encoder()
    found = decoded(encoder, encoder.tree(network, "it"))
    assert found.names == network.names and list(found.nodes) == list(network.nodes)
    assert [m.state for m in found.machines] == [m.state for m in network.machines]
    assert found.machines[0].args[0] is found.sources[0]
    given = [each.nodes["predict"](X) for each in (network, found)]
    assert given[0].equals(given[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g["all"][2]["args"].__setitem__(0, 99), "refers to number 99"),
        (lambda g: g["all"][2]["args"].__setitem__(0, -1), "refers to number -1"),
        (lambda g: g["all"][2].update(args=[True]), "refers to number True"),
        (lambda g: g["nodes"].__setitem__(0, ["predict", 0]), "a Source for a Node"),
        (lambda g: g["machines"].__setitem__(0, 0), "a Source for a Machine"),
        (lambda g: g["names"].pop(), "other names than machines"),
        (lambda g: g["names"].__setitem__(0, 3), "other names than machines"),
        (lambda g: g.__delitem__("values"), "values"),
    ],
)
def test_a_network_that_does_not_hang_together_is_refused(change: Any, message: str) -> None:
    encoder, tree = encoded()
    changed = copy.deepcopy(tree)
    change(changed["graph"])
    with pytest.raises((ValueError, KeyError), match=message):
        decoded(encoder, changed)


@pytest.mark.parametrize(
    "operation", ["fit", "__class__", "replace_outcome", 3, {"builtin": "len"}]
)
def test_a_node_calls_operations_of_its_machine_only(operation: Any) -> None:
    encoder, tree = encoded()
    changed = copy.deepcopy(tree)
    node = next(item for item in changed["graph"]["all"] if item.get("by") is not None)
    node["operation"] = operation
    with pytest.raises(ValueError, match="a node of"):
        decoded(encoder, changed)


def test_a_network_with_data_is_not_saved() -> None:
    network = trained()
    network.bind((X, NUMBER))
    with pytest.raises(UnsavableError, match=r"it has data of \d+ rows, and files hold no data"):
        Encoder().tree(network, "it")


def test_a_learning_network_with_a_function_of_a_module_goes_through_a_file() -> None:
    file = io.BytesIO()
    mach = mlj.fit(mlj.machine(mlj.Pipeline(halved, mlj.Standardizer()), X), verbosity=0)
    mlj.save(file, mach)
    same = mlj.load_machine(
        io.BytesIO(file.getvalue()), trusted=["tests.persistence.test_graphs:halved"]
    )
    assert mlj.transform(same, X).equals(mlj.transform(mach, X))


def halved(frame: Any) -> Any:
    """A step of a pipeline."""
    return frame / 2
