"""A network as plain data: its vertices, their texts, its edges and outputs."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, UnsupportedOperation, WrongType
from mlj_keras.machine.graph import graph_of, has_network
from mlj_keras.models import Traits
from tests.batteries.counting import Mean, Shift, X, Y, trained

DATA, TRAINING = "data", "training"


class Folds(mlj.NetworkComposite, mlj.Deterministic):
    """A model trained twice, and one that is no hyper-parameter."""

    traits: ClassVar[Traits] = Traits(prediction_type="deterministic", supports_weights=True)
    base: Any = mlj.param(factory=Mean)
    gives: str = "nodes"

    def prefit(self, verbosity: int, *sources: Any) -> Any:
        if self.gives != "nodes":
            return {"predict": sources[0]}
        Xs, ys = sources[:2]
        machines = [mlj.machine(each, *sources) for each in (self.base, self.base, Mean())]
        blend = mlj.node(add, *(mlj.predict(each, Xs) for each in machines))
        level = mlj.node(np.mean, ys)
        level.keeps_rows = False
        return {"predict": blend, "report": {"level": level}}


def add(*values: Any) -> Any:
    return sum(values)


def labels(what: Any) -> list[str]:
    return [label for _, label, _ in graph_of(what).vertices]


def test_a_node_has_machines_and_sources_behind_it_each_after_what_it_needs() -> None:
    Xs, ys = mlj.source(X), mlj.source(Y)
    Z = mlj.transform(mlj.machine(Shift(), Xs), Xs)
    graph = graph_of(mlj.predict(mlj.machine(Mean(), Z, ys), Z))
    assert graph.vertices == (
        ("source1", "source 1", "source"),
        ("source2", "source 2", "source"),
        ("machine1", "Shift", "machine"),
        ("node1", "transform", "node"),
        ("machine2", "Mean", "machine"),
        ("node2", "predict", "node"),
    )
    assert graph.edges == (
        ("source1", "machine1", TRAINING),
        ("source1", "node1", DATA),
        ("machine1", "node1", DATA),
        ("source2", "machine2", TRAINING),
        ("node1", "machine2", TRAINING),
        ("node1", "node2", DATA),
        ("machine2", "node2", DATA),
    )
    assert graph.outputs == {"predict": "node2"}


def test_a_composite_names_sources_and_machines_and_is_the_same_trained_or_not() -> None:
    mach = mlj.machine(mlj.Pipeline(shift=Shift(), mean=Mean()), X, Y)
    trained()
    graph = graph_of(mach)
    assert trained() == [] and mach.state == 0
    assert graph.vertices == (
        ("source1", "X", "source"),
        ("source2", "y", "source"),
        ("machine1", "shift: Shift", "machine"),
        ("node1", "transform", "node"),
        ("machine2", "mean: Mean", "machine"),
        ("node2", "predict", "node"),
    )
    assert graph.edges[3:5] == (
        ("source2", "machine2", TRAINING),
        ("node1", "machine2", TRAINING),
    )
    assert graph_of(mlj.fit(mach, verbosity=0)) == graph
    frozen = mlj.machine(mlj.Freezable(mach.model), X, Y)
    assert not has_network(frozen)
    assert graph_of(mlj.fit(frozen, verbosity=0)) == graph


def test_machines_of_one_model_are_numbered_and_one_of_no_field_has_a_class() -> None:
    for mach in (mlj.machine(Folds(), X, Y), mlj.machine(Folds(), X, Y, np.ones(4))):
        graph = graph_of(mach)
        texts = [label for _, label, kind in graph.vertices if kind == "machine"]
        assert texts == ["base 1: Mean", "base 2: Mean", "Mean"]
        sources = [label for _, label, kind in graph.vertices if kind == "source"]
        assert sources == ["X", "y", "w"][: len(mach.args)]
        assert graph.outputs == {"predict": "node4"}
        assert graph.vertices[-1] == ("node4", "predict: add", "node")
        assert graph_of(mlj.fit(mach, verbosity=0)) == graph


def test_models_of_a_class_are_numbered_before_the_machines_of_each() -> None:
    Xs, ys = mlj.source(X), mlj.source(Y)
    one, two = Mean(), Mean()
    machines = [mlj.machine(model, Xs, ys) for model in (one, two, one, two)]
    machines.append(mlj.machine(Shift(), Xs))
    nodes = [mlj.predict(each, Xs) for each in machines[:4]]
    network = mlj.node(add, *nodes, mlj.transform(machines[4], Xs))
    texts = [label for _, label, kind in graph_of(network).vertices if kind == "machine"]
    assert texts == ["Mean 1.1", "Mean 2.1", "Mean 1.2", "Mean 2.2", "Shift"]
    network = mlj.node(add, nodes[0], nodes[1])
    assert "Mean 1" in labels(network) and "Mean 2" in labels(network)


def test_a_model_given_twice_is_two_and_the_users_stays_one() -> None:
    class Two(mlj.NetworkComposite, mlj.Deterministic):
        left: Any = None
        right: Any = None

        def prefit(self, verbosity: int, Xs: Any, ys: Any) -> Any:
            machines = (mlj.machine(each, Xs, ys) for each in (self.left, self.right))
            return {"predict": mlj.node(add, *(mlj.predict(each, Xs) for each in machines))}

    mean = Mean()
    model = Two(left=mean, right=mean)
    texts = labels(mlj.machine(model, X, Y))
    assert "left: Mean" in texts and "right: Mean" in texts
    assert model.left is model.right is mean


def test_nodes_by_operation_share_what_they_have_in_common() -> None:
    Xs = mlj.source(X)
    mach = mlj.machine(Shift(), Xs)
    Z = mlj.transform(mach, Xs)
    back = mlj.inverse_transform(mach, Z)
    graph = graph_of({"transform": Z, "inverse_transform": back, "check": back})
    assert graph.vertices == (
        ("source1", "source 1", "source"),
        ("machine1", "Shift", "machine"),
        ("node1", "transform", "node"),
        ("node2", "inverse_transform", "node"),
    )
    assert graph.outputs == {"transform": "node1", "inverse_transform": "node2", "check": "node2"}
    assert labels({"one": back, "two": back})[-1] == "one, two: inverse_transform"


def test_a_source_that_is_none_of_the_composite_is_numbered() -> None:
    pipe = mlj.Pipeline(one=Shift(), two=Shift(by=1.0))
    graph = graph_of(mlj.machine(pipe, X))
    sources = [label for _, label, kind in graph.vertices if kind == "source"]
    assert sources == ["X", "source 1"]
    assert list(graph.outputs) == ["transform", "inverse_transform"]


def test_functions_have_their_names_and_each_edge_is_drawn_once() -> None:
    class Half:
        def __call__(self, value: Any) -> Any:
            return value / 2

    Xs = mlj.source(X)
    partial = mlj.node(functools.partial(functools.partial(add, 1), 2), Xs)
    nodes = mlj.node(np.log, partial), mlj.node(lambda value: value, Xs), mlj.node(Half(), Xs)
    graph = graph_of(mlj.node(add, *nodes, nodes[0]))
    texts = [label for _, label, _ in graph.vertices]
    assert texts == ["source 1", "add", "log", "<lambda>", "Half", "add"]
    assert len(graph.edges) == 7


def test_a_machine_without_data_learns_from_nothing() -> None:
    class Double(mlj.Static):
        def transform(self, fitresult: Any, Xnew: Any) -> Any:
            return 2 * Xnew

    graph = graph_of(mlj.transform(mlj.machine(Double()), mlj.source(X)))
    assert graph.edges == (("source1", "node1", DATA), ("machine1", "node1", DATA))


def test_what_is_no_network_raises_with_advice() -> None:
    with pytest.raises(InvalidArgument, match=r"known with its data, .*Give a machine: machine\("):
        graph_of(mlj.Pipeline(shift=Shift(), mean=Mean()))
    for mach in (mlj.machine(Shift(), X), mlj.fit(mlj.machine(Shift(), X), verbosity=0)):
        with pytest.raises(UnsupportedOperation, match="Shift.* is one model and no network. Giv"):
            graph_of(mach)
    for what in (3, Mean()):
        with pytest.raises(WrongType, match="of a node, of nodes by operation, or of a machine"):
            graph_of(what)
    for nodes in ({}, {"predict": 3}):
        with pytest.raises(WrongType, match='A network must be nodes .*Write {"predict": predict'):
            graph_of(nodes)


def test_a_prefit_that_gives_no_nodes_raises() -> None:
    model = Folds()
    mach = mlj.machine(model, X, Y)
    model.gives = "sources"
    with pytest.raises(WrongType, match="prefit of Folds must be nodes by the names of operation"):
        graph_of(mach)


def test_a_machine_that_learns_from_what_it_makes_raises() -> None:
    Xs, ys = mlj.source(X), mlj.source(Y)
    mach = mlj.machine(Mean(), Xs, ys)
    node = mlj.predict(mach, Xs)
    mach.args = (node, ys)
    with pytest.raises(InvalidArgument, match="learns from what it makes itself"):
        graph_of(node)
