"""The number of threads is set before TensorFlow computes, for workers too."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import tensorflow as tf

from mlj_keras.engine.threads import set_threads
from mlj_keras.errors import AlreadyLoadedError, InvalidArgument

PROGRAM = """
import mlj_keras as mlj
mlj.set_threads(1)
import os, threading
X, y = mlj.load_iris()
mlj.fit(mlj.machine(mlj.NeuralNetworkClassifier(epochs=1, rng=1), X, y), verbosity=0)
import tensorflow as tf
names = [open(f"/proc/self/task/{t}/comm").read().strip() for t in os.listdir("/proc/self/task")]
print(sum("tf_Compute" in name for name in names))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in /proc")
def test_tensorflow_computes_with_as_many_threads_as_were_set() -> None:
    counts = {
        program: int(
            subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        )
        for program in (PROGRAM, PROGRAM.replace("set_threads(1)", "set_threads(3)"))
    }
    assert list(counts.values()) == [1, 3]


def test_it_comes_too_late_once_tensorflow_has_computed() -> None:
    tf.constant(1)
    with pytest.raises(AlreadyLoadedError, match="Call set_threads first in a fresh process"):
        set_threads(1)


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "2"])
def test_anything_but_a_count_is_refused(n: object) -> None:
    with pytest.raises(InvalidArgument, match="takes an int of 1 or more"):
        set_threads(n)  # type: ignore[arg-type]
