"""What a TPU asks of a program: one XLA program with whole epochs in it, every shape static."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.engine.data import EncodedData
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
    for operation in concrete.graph.get_operations():
        for tensor in operation.outputs:
            if tensor.dtype not in (tf.resource, tf.variant):
                assert tensor.shape.is_fully_defined() or tensor.shape.rank is None, tensor
    assert "while(" in hlo, "whole epochs are one program"
    assert "<=" not in hlo.split("ENTRY")[1].split("{")[0], "no dimension is bounded and dynamic"
    for word in ("outfeed", "infeed", "send(", "custom-call-host"):
        assert word not in hlo, "nothing goes to the host and back"
    assert ("bf16[" in hlo) is (precision == "mixed_bfloat16")


@pytest.mark.parametrize("case", ["dense, weighted", "factors", "normalised", "classes"])
def test_the_same_steps_run_on_replicas_in_bfloat16(case: str) -> None:
    """The program of a TPU is that of replicas, on other devices."""
    place = mlj.Mirrored(["/CPU:0", "/CPU:1"])
    one = trained(case, mlj.CPU1(), precision="mixed_bfloat16")
    two = trained(case, place, precision="mixed_bfloat16")
    losses = mlj.training_losses(one)
    np.testing.assert_allclose(mlj.training_losses(two), losses, rtol=0.05, atol=0.01)
