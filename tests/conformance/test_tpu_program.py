"""What a TPU asks of a program: whole epochs without Python, and every shape static."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine.data import EncodedData
from mlj_keras.engine.distribution import Replicas, place_of
from mlj_keras.engine.program import NetworkSpec, ProgramSpec, network_for, program_for
from tests.batteries.oracles import CPU, X11, Y11, program_of
from tests.conformance.test_replicas import trained

BATCHES = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, -1]], np.int32)


def compiled(program: Any) -> Any:
    """The traced run of three batches, and the text of its XLA program."""
    tensors = EncodedData((X11,), Y11[:, None]).put(CPU, padded=True).tensors
    zero = tf.constant(0.0)
    arguments = (tensors, tf.constant(BATCHES), tf.constant(3), zero, zero)
    concrete = program.compiled.get_concrete_function(*arguments)
    hlo = program.compiled.experimental_get_compiler_ir(*arguments)(stage="hlo")
    return concrete, hlo


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_every_shape_is_static_and_the_loop_is_inside(precision: str) -> None:
    program = program_of(batch_size=4, precision=precision)
    concrete, hlo = compiled(program)
    check_static(concrete.graph)
    assert "while(" in hlo, "whole epochs are one program"
    assert "<=" not in hlo.split("ENTRY")[1].split("{")[0], "no dimension is bounded and dynamic"
    for word in ("outfeed", "infeed", "send(", "custom-call-host"):
        assert word not in hlo, "nothing goes to the host and back"
    assert ("bf16[" in hlo) is (precision == "mixed_bfloat16")


@pytest.mark.parametrize("hidden", [(5,), (400, 400)], ids=["graph", "xla"])
def test_every_shape_is_static_in_the_steps_of_replicas(hidden: tuple[int, ...]) -> None:
    place = place_of(mlj.Mirrored(["/CPU:0", "/CPU:1"]))
    spec = NetworkSpec(mlj.MLP(hidden=hidden), TabularInputs((None,) * 3), 1, None, place)
    wanted = ProgramSpec("mse", "numbers", mlj.Adam(), 4, penalised=False, jit_compile="auto")
    program = program_for(network_for(spec), wanted)
    zero = tf.constant(0.0)
    for n_rows in (11, 300):  # a second number of rows relaxes nothing
        X, y = np.zeros((n_rows, 3), "float32"), np.zeros((n_rows, 1), "float32")
        tensors = EncodedData((X,), y).put(place, padded=True).tensors
        concrete = program.compiled.get_concrete_function(
            tensors, tf.constant(BATCHES), tf.constant(3), zero, zero
        )
        check_static(concrete.graph)


@dataclasses.dataclass(frozen=True)
class LikeTPU(Replicas):
    """One device under a strategy that can, as a TPU's, exchange within a loop."""

    @property
    def loops_inside(self) -> bool:
        return True


def test_a_strategy_gets_the_whole_loop_and_it_is_one_static_xla_program() -> None:
    place = LikeTPU("/CPU:0", tf.distribute.OneDeviceStrategy("/CPU:0"))
    spec = NetworkSpec(mlj.MLP(hidden=(5,)), TabularInputs((None,) * 3), 1, None, place)
    wanted = ProgramSpec("mse", "numbers", mlj.Adam(), 4, penalised=False, jit_compile="auto")
    program = program_for(network_for(spec), wanted)
    zero = tf.constant(0.0)
    with place.scope():
        tensors = EncodedData((X11,), Y11[:, None]).put(place, padded=True).tensors
        arguments = (tensors, tf.constant(BATCHES), tf.constant(3), zero, zero)
        check_static(program.compiled.get_concrete_function(*arguments).graph)
        # As the strategy of a TPU compiles what it is given.
        whole = tf.function(program._run, jit_compile=True, autograph=False)
        hlo = whole.experimental_get_compiler_ir(*arguments)(stage="hlo")
    assert "while(" in hlo and "<=" not in hlo.split("ENTRY")[1].split("{")[0]
    for word in ("outfeed", "infeed", "send(", "custom-call-host"):
        assert word not in hlo
    plain = program_for(network_for(spec.on(CPU)), wanted)
    start = plain.network.initial_arrays(7, mlj.MLP(hidden=(5,)))
    found = []
    for one in (plain, program):
        arrays = {**start, **one.slots.fresh()}
        with one.network.lock:
            one.load(arrays, 0.01)
            tensors = EncodedData((X11,), Y11[:, None]).put(one.network.place, padded=True).tensors
            losses, _ = one.run(tensors, tf.constant(BATCHES), 3, zero, zero)
        found.append(losses.numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-5)


def check_static(graph: Any) -> None:
    """Every shape in a graph, and in the functions that it calls, is known."""
    functions = [graph, *(f.graph for f in graph._functions.values() if hasattr(f, "graph"))]
    for one in functions:
        for operation in one.get_operations():
            for tensor in operation.outputs:
                if tensor.dtype not in (tf.resource, tf.variant):
                    assert tensor.shape.is_fully_defined() or tensor.shape.rank is None, tensor


@pytest.mark.parametrize("case", ["dense, weighted", "factors", "normalised", "classes"])
def test_the_same_steps_run_on_replicas_in_bfloat16(case: str) -> None:
    """The program of a TPU is that of replicas, on other devices."""
    place = mlj.Mirrored(["/CPU:0", "/CPU:1"])
    one = trained(case, mlj.CPU1(), precision="mixed_bfloat16")
    two = trained(case, place, precision="mixed_bfloat16")
    losses = mlj.training_losses(one)
    np.testing.assert_allclose(mlj.training_losses(two), losses, rtol=0.05, atol=0.01)
