"""The module that holds all classes, where pickle looks for them."""

from __future__ import annotations

import dataclasses
import importlib
import subprocess
import sys

import cloudpickle
import pytest

from mlj_keras.sklearn_models import model_class, model_names


def test_the_module_has_every_class_under_its_name() -> None:
    classes = importlib.import_module("mlj_keras.sklearn_models.classes")
    for name in model_names():
        found = getattr(classes, name)
        assert found is model_class(name)
        assert (found.__module__, found.__qualname__) == (classes.__name__, name)


@pytest.mark.slow
def test_scikit_learn_is_loaded_by_no_import() -> None:
    code = (
        "import sys, mlj_keras.sklearn_models.classes, mlj_keras.registry\n"
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=600
    )
    assert done.stdout.split() == ["False"], done.stderr


def test_what_is_no_model_is_no_attribute() -> None:
    classes = importlib.import_module("mlj_keras.sklearn_models.classes")
    assert not hasattr(classes, "DBSCAN") and not hasattr(classes, "__path__")


def test_a_class_that_is_pickled_with_a_subclass_stays_whole() -> None:
    Ridge = model_class("Ridge")

    class Small(Ridge):  # type: ignore[misc, valid-type]
        """Its own class, which is pickled by value, and its base by name."""

    again = cloudpickle.loads(cloudpickle.dumps(Small(alpha=2.0)))
    assert again.alpha == 2.0 and Ridge() == Ridge()
    assert all(f.default_factory is dataclasses.MISSING for f in dataclasses.fields(Ridge))


def test_who_looks_through_all_modules_loads_nothing() -> None:
    """`unittest.assertWarns` asks every module for its `__warningregistry__`."""
    with pytest.raises(AttributeError, match="^__warningregistry__$"):
        importlib.import_module("mlj_keras.sklearn_models.classes").__warningregistry__  # noqa: B018
