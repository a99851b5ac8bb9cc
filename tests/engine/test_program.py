"""Programs: one for each structure, compiled once, and bounded in number."""

from __future__ import annotations

import dataclasses
import gc
from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine import program as module
from mlj_keras.engine.distribution import Place
from mlj_keras.engine.program import (
    NetworkSpec,
    ProgramSpec,
    cache_sizes,
    choose_path,
    network_for,
    program_for,
    refused_by_xla,
)
from mlj_keras.errors import BuilderError, InvalidModelError
from tests.batteries.oracles import (
    CPU,
    TANH,
    X11,
    Y11,
    digest_of,
    fitted,
    numbers,
    program_of,
    regressor,
)

SPEC = NetworkSpec(TANH, TabularInputs((None,) * 3), 1, None, CPU)
# Units that no other test has, so that the programs of this file start from nothing.
OWN = mlj.MLP(hidden=(7,), activation="tanh")


def own(**given: Any) -> Any:
    return regressor(builder=OWN, **{"epochs": 2, "lambda_": 0.1, **given})


def traces(*, jit_compile: Any = True) -> int:
    run = program_of(OWN, penalised=True, jit_compile=jit_compile).compiled
    count: int = run.experimental_get_tracing_count()
    return count


@pytest.mark.parametrize("jit_compile", [True, False], ids=["xla", "graph"])
def test_twenty_fits_of_one_structure_share_one_network_and_one_compilation(
    jit_compile: bool,  # noqa: FBT001
) -> None:
    fitted(own(jit_compile=jit_compile), X11, Y11)
    sizes, count = cache_sizes(), traces(jit_compile=jit_compile)
    assert count == 1
    digests = set()
    for seed in range(20):
        mach = fitted(
            own(
                jit_compile=jit_compile,
                rng=seed,
                lambda_=0.01 * (1 + seed),
                alpha=seed / 20,
                epochs=1 + seed % 3,
                optimiser=mlj.SGD(0.01 * (1 + seed), momentum=0.9),
                shuffle=seed % 2 == 0,
            ),
            numbers(11, 3, seed),
            Y11,
        )
        digests.add(mlj.snapshot(mach).digest())
    assert len(digests) == 20
    assert cache_sizes() == sizes
    assert traces(jit_compile=jit_compile) == 1


def test_numbers_of_rows_in_one_bucket_share_a_compilation() -> None:
    for n_rows in (8, 11, 30, 64):
        fitted(own(), numbers(n_rows, 3), numbers(n_rows, 1)[:, 0])
    assert traces() == 1
    fitted(own(), numbers(65, 3), numbers(65, 1)[:, 0])
    assert traces() == 2, "65 rows are of the next bucket"


def test_on_the_graph_path_any_number_of_rows_takes_two_traces_at_most() -> None:
    fitted(own(jit_compile=False), X11, Y11)
    for n_rows in (12, 13, 40, 100):
        fitted(own(jit_compile=False), numbers(n_rows, 3), numbers(n_rows, 1)[:, 0])
    assert traces(jit_compile=False) <= 2


def test_a_warm_restart_compiles_nothing() -> None:
    model = own()
    mach = fitted(model, X11, Y11)
    count = traces()
    for epochs in (3, 10, 200):
        model.epochs = epochs
        model.optimiser.learning_rate = 0.1 / epochs
        mlj.fit(mach, verbosity=0)
    assert traces() == count


@pytest.mark.parametrize(
    "changed",
    [
        {"builder": mlj.MLP(hidden=(6,), activation="tanh")},
        {"builder": mlj.MLP(hidden=(5,), activation="relu")},
        {"n_out": 2},
        {"finaliser": "softmax"},
        {"inputs": TabularInputs((None, None))},
    ],
    ids=str,
)
def test_each_part_of_the_structure_makes_another_network(changed: dict[str, Any]) -> None:
    twin = dataclasses.replace(SPEC, builder=mlj.MLP(hidden=(5,), activation="tanh"))
    assert network_for(SPEC) is network_for(twin)
    assert network_for(dataclasses.replace(SPEC, **changed)) is not network_for(SPEC)


@pytest.mark.parametrize(
    "changed",
    [
        {"loss": "mae"},
        {"optimiser": mlj.SGD(0.1, momentum=0.8)},
        {"optimiser": mlj.Adam(0.1)},
        {"batch_size": 5},
        {"penalised": True},
        {"jit_compile": False},
    ],
    ids=str,
)
def test_each_part_of_the_rule_makes_another_program_of_the_same_network(
    changed: dict[str, Any],
) -> None:
    base = program_of()
    assert program_of(optimiser=mlj.SGD(0.7, momentum=0.9), loss="MeanSquaredError") is base
    other = program_of(**changed)
    assert other is not base and other.network is base.network


def test_automatic_paths_depend_on_layers_and_device() -> None:
    convolution = keras.Sequential([keras.Input((6, 2)), keras.layers.Conv1D(2, 3)])
    dense = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    expected = {
        (convolution, "/CPU:0"): "graph",
        (convolution, "/GPU:0"): "xla",
        (dense, "/CPU:0"): "xla",
        (dense, "/GPU:0"): "xla",
    }
    for (layers, device), path in expected.items():
        network: Any = SimpleNamespace(keras=layers, place=Place(device), xla=True)
        assert choose_path(network, jit_compile="auto") == path
        refused: Any = SimpleNamespace(keras=layers, place=Place(device), xla=False)
        assert choose_path(refused, jit_compile="auto") == "graph"
        assert choose_path(network, jit_compile=True) == "xla"
        assert choose_path(network, jit_compile=False) == "graph"


class Outside(keras.layers.Layer):
    """Adds what plain Python computes, which XLA cannot compile."""

    def call(self, x: Any) -> Any:
        ones = tf.py_function(lambda n: tf.ones((n, 1)), [tf.shape(x)[0]], tf.float32)
        return x + tf.stop_gradient(tf.reshape(ones, (-1, 1)))


def with_python_inside(inputs: Any, n_out: int) -> Any:
    return keras.layers.Dense(n_out)(Outside()(inputs))


def test_a_layer_that_xla_cannot_compile_takes_the_graph_path_unless_xla_was_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "mlj_keras")
    builder = mlj.builder_from(with_python_inside)
    model = regressor(builder=builder, jit_compile="auto", epochs=2)
    mach = mlj.fit(mlj.machine(model, X11, Y11))
    assert mlj.snapshot(mach).path == "graph"
    assert "XLA cannot compile this network: it takes the graph path." in caplog.messages
    again = fitted(regressor(builder=builder, jit_compile=False, epochs=2), X11, Y11)
    assert mlj.snapshot(again).digest() == mlj.snapshot(mach).digest()
    with pytest.raises(InvalidModelError, match="XLA cannot compile.*Set jit_compile='auto'"):
        fitted(regressor(builder=builder, jit_compile=True, epochs=2), X11, Y11)


def test_what_xla_cannot_compile_takes_the_graph_path_at_a_warm_restart_too() -> None:
    builder = mlj.builder_from(with_python_inside)
    model = regressor(builder=builder, epochs=0)
    mach = fitted(model, X11, Y11)  # compiles nothing
    model.epochs = 2
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).path == "graph"
    whole = fitted(regressor(builder=builder, jit_compile=False, epochs=2), X11, Y11)
    assert mlj.snapshot(mach).digest() == mlj.snapshot(whole).digest()


def test_only_what_xla_says_is_taken_for_its_refusal() -> None:
    words = "Detected unsupported operations when trying to compile graph"
    assert refused_by_xla(tf.errors.InvalidArgumentError(None, None, words))
    assert not refused_by_xla(tf.errors.InvalidArgumentError(None, None, "shapes differ"))
    assert not refused_by_xla(ValueError(words))


def test_at_most_so_many_networks_are_kept_and_the_longest_unused_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_networks", type(module._networks)())
    monkeypatch.setattr(module, "MAX_NETWORKS", 3)
    specs = [dataclasses.replace(SPEC, n_out=n_out) for n_out in range(1, 5)]
    first, second, _ = (network_for(spec) for spec in specs[:3])
    assert network_for(specs[0]) is first  # used again: the second is the oldest now
    network_for(specs[3])
    assert cache_sizes()[0] == 3
    assert network_for(specs[0]) is first
    assert network_for(specs[1]) is not second


def test_at_most_so_many_programs_of_a_network_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_networks", type(module._networks)())
    monkeypatch.setattr(module, "MAX_PROGRAMS_PER_NETWORK", 3)
    network = network_for(SPEC)
    for batch_size in range(1, 8):
        program_for(network, ProgramSpec("mse", "numbers", mlj.SGD(), batch_size, False, True))  # noqa: FBT003
    assert cache_sizes() == (1, 3)
    kept = {program.batch_size for program in network.programs.values()}
    assert kept == {5, 6, 7}


def test_a_machine_whose_network_was_dropped_predicts_and_goes_on_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = regressor(epochs=2)
    mach = fitted(model, X11, Y11)
    predictions = mlj.predict(mach)
    monkeypatch.setattr(module, "_networks", type(module._networks)())
    np.testing.assert_array_equal(mlj.predict(mach), predictions)
    model.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).digest() == digest_of(regressor(), (X11, Y11), (4,))


def test_what_is_loaded_is_what_is_read() -> None:
    program = program_of()
    arrays = {**program.network.initial_arrays(5, TANH), **program.slots.fresh()}
    arrays["slots/iteration"] = np.array(17)
    program.load(arrays, 0.3)
    read = program.read()
    assert read.keys() == arrays.keys()
    for key in arrays:
        np.testing.assert_array_equal(read[key], arrays[key])
    assert float(program.optimizer.learning_rate) == np.float32(0.3)


def test_many_networks_make_tensorflow_warn_of_no_retracing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for units in range(20, 28):
        model = regressor(
            builder=mlj.MLP(hidden=(units,)), epochs=1, batch_size=11, jit_compile=False
        )
        mlj.predict(fitted(model, X11, Y11))
    assert "retracing" not in caplog.text


class Asks(mlj.Builder):
    """A builder whose build looks at the programs that there are."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """One layer, after a question that takes the lock of the cache."""
        assert cache_sizes()[0] >= 0
        return keras.layers.Dense(n_out)(inputs)


def test_a_builder_may_use_the_package_while_it_builds() -> None:
    network = network_for(dataclasses.replace(SPEC, builder=Asks()))
    assert network is network_for(dataclasses.replace(SPEC, builder=Asks()))


def test_a_dropped_program_leaves_no_graph_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def graphs() -> int:
        gc.collect()
        return sum(type(item).__name__ == "FuncGraph" for item in gc.get_objects())

    monkeypatch.setattr(module, "_networks", OrderedDict())  # the bound drops no other meanwhile
    before = graphs()
    model = regressor(builder=mlj.MLP(hidden=(6,)), epochs=2, jit_compile=False)
    mach = fitted(model, X11, Y11)
    assert graphs() > before
    del mach
    module._networks.clear()
    assert graphs() == before


UNITS: dict[str, int] = {"h": 3}
SEEN: list[int] = []


def reads_units(inputs: Any, n_out: int) -> Any:
    return keras.layers.Dense(n_out)(keras.layers.Dense(UNITS["h"])(inputs))


def writes_what_it_reads(inputs: Any, n_out: int) -> Any:
    SEEN.append(n_out)
    return keras.layers.Dense(n_out)(inputs)


def test_a_trained_machine_keeps_its_network_when_what_its_builder_reads_changes() -> None:
    mach = fitted(regressor(builder=mlj.builder_from(reads_units), epochs=1), X11, Y11)
    before = mlj.predict(mach, X11)
    UNITS["h"] = 5
    np.testing.assert_array_equal(mlj.predict(mach, X11), before)
    mach.model.epochs = 2
    mlj.fit(mach, verbosity=0)  # a warm restart of the network that it has
    with pytest.raises(BuilderError, match="makes another network now .* fit with force=True"):
        mlj.fitted_params(mach)
    mlj.fit(mach, force=True, verbosity=0)
    shapes = [weight.shape for weight in mlj.fitted_params(mach).network.get_weights()]
    assert shapes[0] == (3, 5)


def test_a_builder_that_writes_what_it_reads_is_built_once_for_all_fits() -> None:
    model = regressor(builder=mlj.builder_from(writes_what_it_reads), epochs=0)
    fitted(model, X11, Y11)
    count = len(SEEN)
    fitted(model, X11, Y11)
    assert len(SEEN) == count


def test_a_specification_from_a_file_names_what_there_is() -> None:
    made = SPEC
    made.check_stored()
    for changes in (
        {"precision": "float8"},
        {"precision": "/etc/passwd"},
        {"n_out": 0},
        {"finaliser": "nope"},
        {"finaliser": {"class_name": "Lambda", "config": {}}},
        {"finaliser": 3},
    ):
        with pytest.raises((ValueError, TypeError), match="outputs in|is no activation|is a name"):
            dataclasses.replace(made, **changes).check_stored()
