"""`import mlj_keras` is light and leaves the process as it was; looked at in a fresh process."""

from __future__ import annotations

import subprocess
import sys

HEAVY = "tensorflow keras sklearn matplotlib polars PIL torch optuna dask mlflow skops"


def run(code: str) -> str:
    """What `code` writes in a fresh Python process in which warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_loads_no_heavy_package() -> None:
    loaded = run(
        f"import sys, mlj_keras\nprint(*[name for name in {HEAVY.split()} if name in sys.modules])"
    )
    assert loaded == ""


def test_importing_the_package_leaves_the_global_generators_alone() -> None:
    same = run(
        "import random, numpy\n"
        "random.seed(7); numpy.random.seed(7)\n"
        "before = random.getstate(), numpy.random.get_state(legacy=False)\n"
        "import mlj_keras\n"
        "numpy.testing.assert_equal(numpy.random.get_state(legacy=False), before[1])\n"
        "print(random.getstate() == before[0])"
    )
    assert same == "True"


def test_importing_the_package_leaves_environment_and_root_logger_alone() -> None:
    same = run(
        "import logging, os, joblib, numpy, pandas, pyarrow\n"
        "def seen(): return dict(os.environ), logging.root.level, list(logging.root.handlers)\n"
        "before = seen()\n"
        "import mlj_keras\n"
        "print(seen() == before)"
    )
    assert same == "True"
