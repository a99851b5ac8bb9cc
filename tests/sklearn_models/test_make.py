"""The classes that are made: their fields, and that models are pickled, copied and compared."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN
from sklearn.ensemble import RandomForestClassifier, VotingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, UnknownFieldError
from mlj_keras.sklearn_models import model_class, model_names
from mlj_keras.sklearn_models.make import as_model, class_of, reason_left_out
from mlj_keras.sklearn_models.traits import parameters_of, required


@pytest.mark.parametrize("name", model_names())
def test_the_fields_are_the_parameters_with_their_defaults(name: str) -> None:
    cls = model_class(name)
    own = parameters_of(cls.estimator_class)
    found = mlj.info(cls)["hyperparameters"]
    assert list(found) == list(own)
    for field, default in own.items():
        if default is inspect.Parameter.empty:
            assert found[field] == "required" and field in required(cls.estimator_class)
        else:
            assert found[field] is default or found[field] == default
    assert cls.traits.package_name == "scikit-learn" and cls.__doc__ is not None


def test_the_estimator_of_a_model_with_defaults_has_the_defaults() -> None:
    for name in model_names():
        cls = model_class(name)
        if not required(cls.estimator_class):
            built, own = cls().build(), cls.estimator_class()
            np.testing.assert_equal(built.get_params(), own.get_params())


def test_unknown_fields_raise_with_the_nearest_names() -> None:
    with pytest.raises(UnknownFieldError, match="no hyper-parameter 'alfa'. Did you mean 'alpha'"):
        model_class("Ridge")(alfa=1)
    with pytest.raises(UnknownFieldError, match="n_estimators"):
        model_class("RandomForestClassifier")().set("n_estimator", 3)
    with pytest.raises(InvalidModelError, match="OneVsRestClassifier needs estimator"):
        model_class("OneVsRestClassifier")()


def test_rng_is_another_name_of_random_state_and_takes_a_generator() -> None:
    Forest = model_class("RandomForestClassifier")
    model = Forest(rng=np.random.default_rng(1))
    assert model.random_state == int(np.random.default_rng(1).integers(2**31)) == model.rng
    model.rng = 4
    assert model.random_state == 4 and model == Forest(random_state=4)
    with pytest.raises(UnknownFieldError, match="both 'random_state' and 'rng'"):
        Forest(rng=1, random_state=1)
    with pytest.raises(UnknownFieldError, match="'rng'"):
        model_class("LinearRegression")(rng=1)


def test_nested_estimators_become_models_reached_by_path_and_compared_by_value() -> None:
    Bagging = model_class("BaggingRegressor")
    model = Bagging(estimator=Ridge(alpha=2.0))
    assert model == Bagging(estimator=model_class("Ridge")(alpha=2.0))
    assert model.get("estimator.alpha") == 2.0
    other = model.replace({"estimator.alpha": 3.0})
    assert other.build().estimator.alpha == 3.0 and model.estimator.alpha == 2.0
    voting = as_model(VotingRegressor([("r", Ridge())]))
    assert voting.estimators[0][1] == model_class("Ridge")()
    assert isinstance(voting.build().estimators, list)


def test_an_estimator_without_a_model_stays_as_it_is() -> None:
    pipeline = make_pipeline(StandardScaler(), Ridge())
    assert model_class("BaggingRegressor")(estimator=pipeline).estimator is pipeline


def test_a_wrapped_estimator_comes_first_and_may_be_positional() -> None:
    model = model_class("OneVsRestClassifier")(RandomForestClassifier(n_estimators=3))
    assert model.get("estimator.n_estimators") == 3


def test_reasons_are_given_for_what_is_no_model() -> None:
    assert reason_left_out(Ridge) is None
    assert reason_left_out(GridSearchCV) == "tunes an estimator: wrap the model in TunedModel"
    assert reason_left_out(DBSCAN).startswith("groups its training rows only")

    class Bare:
        pass

    class Asking:
        def __init__(self, oracle: object) -> None: ...
        def predict(self) -> None: ...

    assert reason_left_out(Bare) == "has neither predict nor transform"
    assert reason_left_out(Asking) == "needs oracle, of which nothing is known here"


@pytest.mark.parametrize("dump", [pickle.dumps, cloudpickle.dumps])
def test_models_and_classes_are_pickled_by_name(dump: Any) -> None:
    model = model_class("RandomForestClassifier")(n_estimators=3, class_weight={"a": 2.0})
    again = pickle.loads(dump(model))
    assert again == model and type(again) is type(model)
    assert pickle.loads(dump(type(model))) is type(model)


def test_copies_are_equal_and_independent() -> None:
    model = model_class("BaggingRegressor")(estimator=Ridge(), n_estimators=4)
    for other in (copy.copy(model), copy.deepcopy(model), model.replace({})):
        assert other == model and other is not model
    deep = copy.deepcopy(model)
    deep.set("estimator.alpha", 9.0)
    assert model.get("estimator.alpha") == 1.0 and deep != model


def test_a_subclass_of_the_users_own_is_pickled_as_itself() -> None:
    class Small(model_class("Ridge")):  # type: ignore[misc]
        """Its own class."""

    again = cloudpickle.loads(cloudpickle.dumps(Small(alpha=3.0)))
    assert type(again).__name__ == "Small" and again.alpha == 3.0


@pytest.mark.slow
def test_a_fresh_process_reads_a_model_and_a_trained_machine(
    tmp_path: Path, table: pd.DataFrame, numbers: pd.Series
) -> None:
    model = model_class("RandomForestRegressor")(n_estimators=3, rng=1)
    mach = mlj.machine(model, table, numbers).fit(verbosity=0)
    path = tmp_path / "machine.pickle"
    path.write_bytes(cloudpickle.dumps((model, mach, mach.predict())))
    code = (
        "import pickle, sys\n"
        f"model, mach, expected = pickle.load(open({str(path)!r}, 'rb'))\n"
        "from mlj_keras.sklearn_models import model_class\n"
        "assert type(model) is mach.container is model_class('RandomForestRegressor')\n"
        "assert mach.model == model\n"
        "assert mach.predict().equals(expected)\n"
        "print('same')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=600
    )
    assert done.stdout.strip() == "same", done.stderr


def test_a_class_is_made_once() -> None:
    assert class_of(Ridge) is class_of(Ridge) is model_class("Ridge")
