"""Fixtures for all tests: small tables, and a guard over the global random generators.

Sets what has to be set before TensorFlow loads. Holds no helper functions and no expectations.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator

import hypothesis
import numpy as np
import pandas as pd
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # a GPU is used only where the user names one
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("MLJ_KERAS_FULL_TRACEBACKS", "1")

import tensorflow as tf  # noqa: E402  (the settings come first)

# The first example of a property may compile a program, which takes a second: no deadline.
hypothesis.settings.register_profile("tests", deadline=None, derandomize=True)
hypothesis.settings.load_profile("tests")

# Replicas need several devices, and TensorFlow has to know before it is used for the first time.
N_LOGICAL_CPUS = 4
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * N_LOGICAL_CPUS,
)


@pytest.fixture
def iris_frame() -> pd.DataFrame:
    """150 rows: four float columns in cm and `species`, an unordered factor of three names."""
    from sklearn.datasets import load_iris

    bunch = load_iris(as_frame=True)
    names = [str(name) for name in bunch.target_names]
    species = pd.Categorical([names[code] for code in bunch.target], categories=names)
    frame: pd.DataFrame = bunch.data.assign(species=species)
    return frame


@pytest.fixture
def mixed_frame() -> pd.DataFrame:
    """12 rows with a column of each tabular scientific type, and an index from 100 to 111."""
    return pd.DataFrame(
        {
            "length": np.linspace(0.5, 6.0, 12),
            "visits": np.arange(12, dtype="int64") % 5,
            "colour": pd.Categorical(["red", "green", "blue"] * 4),
            "grade": pd.Categorical(
                ["low", "high", "mid", "low"] * 3, categories=["low", "mid", "high"], ordered=True
            ),
        },
        index=pd.Index(range(100, 112)),
    )


@pytest.fixture
def unchanged_generators() -> Iterator[None]:
    """Fails the test if it leaves a global generator of NumPy or Python in another state."""
    python_before = random.getstate()
    numpy_before = np.random.get_state(legacy=False)
    yield
    assert random.getstate() == python_before, (
        "Python's global random state was changed. Draw from a generator made from an rng."
    )
    np.testing.assert_equal(
        np.random.get_state(legacy=False),
        numpy_before,
        err_msg="NumPy's global random state was changed. Draw from a generator made from an rng.",
    )


@pytest.fixture(autouse=True)
def figures_are_closed() -> Iterator[None]:
    """No test finds a figure of another one."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
