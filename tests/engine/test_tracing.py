"""Tracing that keeps no stack traces, in this thread alone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import tensorflow as tf

from mlj_keras.engine.tracing import compiled_function, without_stack_traces


def traced() -> Any:
    """The traceback of an operation traced now, None if it has none of ours."""
    function = tf.function(lambda x: tf.square(x), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec((), tf.float32)).graph
    (operation,) = [op for op in graph.get_operations() if op.type == "Square"]
    frames = operation.traceback or []
    return [frame for frame in frames if frame.filename == __file__]


def test_operations_made_inside_keep_no_stack_and_those_after_do() -> None:
    with without_stack_traces():
        with without_stack_traces():
            assert not traced()
        assert not traced()
    assert traced()


def test_other_threads_keep_theirs() -> None:
    found: list[Any] = []
    with without_stack_traces():
        thread = threading.Thread(target=lambda: found.append(traced()))
        thread.start()
        thread.join()
    assert found[0]


@pytest.mark.parametrize("xla", [True, False])
@pytest.mark.parametrize(("static", "n_traced"), [(True, 4), (False, 2)])
def test_a_function_of_static_shapes_is_traced_for_each_and_of_others_twice(
    static: bool,  # noqa: FBT001
    n_traced: int,
    xla: bool,  # noqa: FBT001
) -> None:
    traced = []

    def work(x: Any) -> Any:
        traced.append(x.shape)
        return tf.reduce_sum(x)

    compiled = compiled_function(work, xla=xla, static=static)
    assert [float(compiled(tf.ones(n))) for n in range(1, 5)] == [1, 2, 3, 4]
    assert len(traced) == n_traced
