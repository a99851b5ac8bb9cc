"""The module that holds all classes, where pickle looks for them."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from mlj_keras.sklearn_models import model_class, model_names


def test_the_module_has_every_class_under_its_name() -> None:
    classes = importlib.import_module("mlj_keras.sklearn_models.classes")
    for name in model_names():
        found = getattr(classes, name)
        assert found is model_class(name)
        assert (found.__module__, found.__qualname__) == (classes.__name__, name)


@pytest.mark.slow
def test_scikit_learn_is_loaded_by_no_import_but_that_of_this_module() -> None:
    code = (
        "import sys, mlj_keras.sklearn_models, mlj_keras.registry\n"
        "print('sklearn' in sys.modules, 'mlj_keras.sklearn_models.classes' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["False", "False"], done.stderr
