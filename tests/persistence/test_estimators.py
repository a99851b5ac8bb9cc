"""scikit-learn's estimators in files: every one gives the same after as before, in the same bytes
in any process, and no file leads skops or scikit-learn where it wants to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.interpolate
import scipy.sparse
from sklearn import neighbors, preprocessing
from sklearn.cluster import Birch
from sklearn.neural_network import MLPClassifier

import mlj_keras as mlj
from mlj_keras.errors import MLJKerasError, UnsavableError
from mlj_keras.persistence import estimators, load_machine, save
from mlj_keras.sklearn_models import model_class, model_names
from tests.persistence.small_estimators import CLASSES, NUMBERS, X, round_trip
from tests.sklearn_models.settings import model_of

# What cannot be saved, and what needs `trusted=` for a function that is a hyper-parameter.
UNSAVABLE = {"Birch"}

# All models of the registry


def tables() -> Iterator[tuple[Any, ...]]:
    """Data that some model takes: X alone, or with a target."""
    n_rows, rng = 48, np.random.default_rng(5)
    colours = pd.Categorical(rng.choice(["red", "green", "blue"], n_rows))
    grades = pd.Categorical(rng.choice(["low", "high"], n_rows), ["low", "high"], ordered=True)
    floats = pd.DataFrame(rng.uniform(0.5, 3.0, (n_rows, 2)), columns=["width", "height"])
    mixed = floats.assign(visits=rng.integers(0, 5, n_rows), colour=colours, grade=grades)
    total = floats.sum(axis=1)
    three = pd.Series(pd.Categorical(np.where(total > 4, "a", np.where(total > 3, "b", "c"))))
    two = pd.Series(
        pd.Categorical(np.where(total > 3.4, "big", "small"), ["small", "big"], ordered=True)
    )
    for table in (mixed, floats, mixed[["colour", "grade"]], floats[["width"]]):
        for target in (three, two, total, pd.DataFrame({"one": total, "two": total**2})):
            yield table, target
        yield (table,)


def fitted(name: str) -> tuple[Any, Any]:
    """A trained machine of a model, and the table that it was trained with."""
    errors = []
    for table, *target in tables():
        try:
            model = model_of(name, table.shape[1])
            return mlj.fit(mlj.machine(model, table, *target), verbosity=0), table
        except (MLJKerasError, ValueError, TypeError) as error:
            errors.append(error)
    raise AssertionError(f"{name}: {errors[-1]!r}")


def outputs(mach: Any, table: Any) -> list[bytes]:
    found = []
    for operation in ("predict", "transform"):
        if mach.current_model().has_operation(operation):
            result = getattr(mach, operation)(table)
            found.append(
                np.asarray(result, dtype=str).tobytes()
                if _plain(result)
                else repr(result).encode()
            )
    return found


def _plain(result: Any) -> bool:
    return isinstance(result, pd.DataFrame | pd.Series | np.ndarray)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(6))
def test_every_model_of_scikit_learn_gives_the_same_bytes_after_its_file(part: int) -> None:
    for name in model_names()[part::6]:
        mach, table = fitted(name)
        file = io.BytesIO()
        if name in UNSAVABLE:
            with pytest.raises(UnsavableError, match="cannot hold"):
                save(file, mach)
            continue
        save(file, mach)
        whole = file.getvalue()
        found = load_machine(io.BytesIO(whole))
        expected = outputs(mach, table)
        assert expected and outputs(found, table) == expected, name
        again = io.BytesIO()
        save(again, found)
        assert again.getvalue() == whole, name


def test_a_forest_trained_on_after_its_file_is_that_of_a_training_without_a_stop() -> None:
    iris, species = mlj.load_iris()
    model = model_class("RandomForestClassifier")(n_estimators=3, warm_start=True, random_state=1)
    mach = mlj.fit(mlj.machine(model, iris, species), verbosity=0)
    file = io.BytesIO()
    save(file, mach)
    found = load_machine(io.BytesIO(file.getvalue()), iris, species)
    for each in (mach, found):
        each.model.n_estimators = 6
        mlj.fit(each, verbosity=0)
    assert found.trained("test")[1].fitresult.estimator.n_estimators == 6
    expected = mlj.pdf(mlj.predict(mach, iris), list(mlj.levels(species)))
    assert np.array_equal(mlj.pdf(mlj.predict(found, iris), list(mlj.levels(species))), expected)


# One form


def test_an_estimator_that_was_asked_is_written_as_one_that_was_not() -> None:
    near = neighbors.KNeighborsRegressor().fit(X, NUMBERS)
    before = estimators.dumped([near])
    near.predict(X)
    assert estimators.dumped([near]) == before


def test_an_array_that_lies_by_columns_lies_so_again() -> None:
    scaler = preprocessing.StandardScaler().fit(X)
    scaler.part = np.asfortranarray(np.arange(20.0).reshape(5, 4))[1:3]
    found = round_trip(scaler).part
    assert found.flags.f_contiguous and np.array_equal(found, scaler.part)


def test_what_is_there_twice_is_one_object_again_and_what_only_looks_so_is_two() -> None:
    shared, equal = [1.0], [1.0]
    scaler = preprocessing.StandardScaler().fit(X)
    scaler.first, scaler.second, scaler.third = shared, shared, equal
    found = round_trip(scaler)
    assert found.first is found.second and found.first is not found.third
    one, two = estimators.opened(estimators.dumped([scaler, scaler])).loaded(())
    assert one is two


def test_sparse_matrices_and_generators_and_missing_numbers_are_kept() -> None:
    scaler = preprocessing.StandardScaler().fit(X)
    scaler.sparse, scaler.rng = scipy.sparse.csr_array(np.eye(3)), np.random.default_rng(3)
    scaler.nothing, scaler.state = float("nan"), np.random.RandomState(3)
    found = round_trip(scaler)
    assert np.array_equal(found.sparse.toarray(), np.eye(3)) and np.isnan(found.nothing)
    assert found.rng.integers(10**9) == scaler.rng.integers(10**9)
    assert found.state.randint(10**9) == scaler.state.randint(10**9)


@pytest.mark.parametrize(
    "value",
    [
        {False: 1.0, True: 2.0},  # skops reads the text "false" as true
        {1: "a", "1": "b"},
        np.array(X.mean),  # of no dimension
        preprocessing.StandardScaler().fit,  # a method
        len.__call__,
        lambda: None,
    ],
)
def test_what_skops_would_not_give_back_is_not_saved(value: Any) -> None:
    scaler = preprocessing.StandardScaler().fit(X)
    scaler.value = value
    with pytest.raises(UnsavableError, match=r"cannot hold these estimators \(StandardScaler\)"):
        estimators.dumped([scaler])


def test_birch_is_not_saved_with_what_to_do() -> None:
    with pytest.raises(UnsavableError, match="Birch are not supported.*or pickle the machine"):
        estimators.dumped([Birch().fit(X)])


def test_a_network_of_scikit_learn_goes_on_with_its_optimiser() -> None:
    network = MLPClassifier(max_iter=3, random_state=0)
    for _ in range(2):
        network.partial_fit(X, CLASSES, classes=[0, 1, 2])
    found = round_trip(network)
    for each in (network, found):
        each.partial_fit(X, CLASSES)
    assert np.array_equal(found.predict_proba(X), network.predict_proba(X))
