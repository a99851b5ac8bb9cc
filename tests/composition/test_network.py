"""A network is a value: copies learn apart, and what is kept holds no data."""

from __future__ import annotations

import pickle

import numpy as np

import mlj_keras as mlj
from mlj_keras.composition.network import Network
from tests.batteries.counting import Mean, Shift, X, Y, trained


def network() -> tuple[Network, mlj.Pipeline]:
    """That of shift | mean, trained."""
    pipe = Shift() | Mean()
    sources = mlj.source(X), mlj.source(Y)
    found = Network.of(pipe.prefit(0, *sources), sources, pipe)
    for machine in found.machines:
        machine.fit(verbosity=0)
    return found, pipe


def test_machines_stand_in_order_and_know_the_parts_that_are_their_models() -> None:
    found, pipe = network()
    assert found.names == ("shift", "mean") and list(found.nodes) == ["predict"]
    assert found.machines[1].model is pipe.mean
    assert found.machine_of("mean") is found.machines[1] and found.machine_of("x") is None
    assert list(found.report()) == ["shift", "mean"]


def test_a_copy_has_learned_the_same_and_learns_apart() -> None:
    found, pipe = network()
    again = found.copy()
    np.testing.assert_array_equal(again.nodes["predict"](X), found.nodes["predict"](X))
    trained()
    for machine in again.machines:
        machine.fit(verbosity=0)
    assert trained() == []  # nothing is stale in a copy
    again.machines[0].model = Shift(by=1.0)
    for machine in again.machines:
        machine.fit(verbosity=0)
    assert trained() == ["update shift", "fit mean 1"]
    assert [machine.state for machine in found.machines] == [1, 1]
    assert not np.array_equal(again.nodes["predict"](X), 1 + found.nodes["predict"](X))


def test_what_is_kept_holds_neither_data_nor_caches() -> None:
    found, _ = network()
    found.nodes["predict"]()
    bare, caches = found.stripped()
    assert [source.data for source in bare.sources] == [None, None]
    assert all(machine.trained("test")[1].cache is None for machine in bare.machines)
    assert all(node.kept is None for node in bare.all_nodes())
    assert caches.of_machines[1] is not None and found.sources[0].data is X
    np.testing.assert_array_equal(bare.nodes["predict"](X), found.nodes["predict"](X))
    assert len(pickle.dumps(bare.outcomes())) < 2000


def test_data_and_caches_are_put_back_for_a_warm_restart() -> None:
    found, _ = network()
    bare, caches = found.stripped()
    again = bare.copy()
    again.bind((X, Y), caches)
    again.machines[1].model = Mean(epochs=3)
    trained()
    for machine in again.machines:
        machine.fit(verbosity=0)
    assert trained() == ["update mean 2"]
    np.testing.assert_array_equal(again.nodes["predict"](), found.nodes["predict"](X))


def test_several_machines_of_one_model_are_listed() -> None:
    class Twice(mlj.NetworkComposite, mlj.Deterministic):
        model: object = None

        def prefit(self, verbosity: int, *sources: mlj.Source) -> dict[str, mlj.Node]:
            Xs, ys = sources
            parts = [mlj.predict(mlj.machine(self.model, Xs, ys), Xs) for _ in range(2)]
            return {"predict": mlj.node(np.add, *parts)}

    mach = mlj.fit(mlj.machine(Twice(model=Mean(epochs=2)), X, Y), verbosity=0)
    assert [each.epochs for each in mlj.report(mach).model] == [2, 2]
    own = mlj.fit(mlj.machine(Mean(epochs=2), X, Y), verbosity=0)
    np.testing.assert_allclose(mlj.predict(mach), 2 * mlj.predict(own))
