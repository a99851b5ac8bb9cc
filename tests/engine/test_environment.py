"""What the bytes of a result depend on is read, and neither set nor loaded."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from mlj_keras.engine import environment as module
from mlj_keras.engine.environment import environment, processor, version
from tests.batteries.processes import lines_of


def test_it_names_what_is_loaded() -> None:
    now = environment()
    assert (now.keras, now.tensorflow, now.numpy) == (
        keras.__version__,
        tf.__version__,
        np.__version__,
    )
    assert now.python == platform.python_version()
    assert (now.platform, now.architecture) == (platform.system(), platform.machine())
    assert now.op_determinism is False


def test_two_of_one_process_are_equal() -> None:
    assert environment() == environment()


def test_threads_are_those_of_the_variables_or_else_one_for_each_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.delenv(name, raising=False)
    now = environment()
    assert now.intra_op_threads == now.inter_op_threads >= 1
    assert now.intra_op_threads <= (os.cpu_count() or 1)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "7")
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "nonsense")
    assert environment().intra_op_threads == 7
    assert environment().inter_op_threads == now.inter_op_threads


def test_the_flag_of_onednn_is_told_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    assert environment().onednn is None
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert environment().onednn == "0"


def test_the_processor_is_read_where_the_system_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(
        "model name\t: A fast one\nflags\t\t: fpu sse4_2 avx512f avx2 fma\n\n"
        "model name\t: A fast one\nflags\t\t: fpu sse4_2 avx512f avx2 fma\n"
    )
    monkeypatch.setattr(module, "_CPUINFO", told)
    assert processor() == ("A fast one", ("avx2", "avx512f", "fma", "sse4_2"))
    told.write_text("Features\t: fp asimd sve\n")  # of ARM
    assert processor() == (platform.processor(), ("asimd", "sve"))
    monkeypatch.setattr(module, "_CPUINFO", tmp_path / "none")
    assert processor() == (platform.processor(), ())


def test_a_package_that_is_not_there_has_no_version() -> None:
    assert version("no-such-package-anywhere") == "not installed"


SCRIPT = """
import os, sys
os.environ["TF_NUM_INTRAOP_THREADS"] = "3"
import mlj_keras as mlj
mach = mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0)
found = mlj.reproducibility_report(mach)
print("without", "tensorflow" in sys.modules, found.now.intra_op_threads, found.now.op_determinism)
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.experimental.enable_op_determinism()
now = mlj.reproducibility_report(mach).now
print("with", now.intra_op_threads, now.op_determinism)
"""


@pytest.mark.slow
def test_tensorflow_is_asked_if_it_is_loaded_and_not_loaded_for_that() -> None:
    assert "tensorflow" in sys.modules
    found = [line for line in lines_of(SCRIPT) if line.startswith("with")]
    assert found == ["without False 3 False", "with 2 True"]
