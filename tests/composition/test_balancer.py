"""A balancer is a sampler as a model: what it holds, compares, copies and builds."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from imblearn import FunctionSampler
from imblearn.combine import SMOTEENN
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from imblearn.under_sampling import (
    EditedNearestNeighbours,
    InstanceHardnessThreshold,
    NearMiss,
    RandomUnderSampler,
)
from imblearn.utils.testing import all_estimators
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors

import mlj_keras as mlj
from mlj_keras.composition.balancer import (
    Balancer,
    Estimator,
    as_balancer,
    checks_data,
    draws_blindly,
    names_classes,
    picks_rows,
    takes_factors,
)
from mlj_keras.errors import InvalidModelError, UnknownFieldError, WrongType

IRIS, SPECIES = mlj.load_iris()


class Own(BaseEstimator):
    """A sampler that knows nothing of imbalanced-learn: takes each row `times` times."""

    def __init__(self, times: int = 2) -> None:
        self.times = times

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        self.sample_indices_ = np.repeat(np.arange(len(X)), self.times)
        return X, y  # which nobody looks at


def samplers() -> list[Any]:
    return [
        kind(categorical_features="auto") if name == "SMOTENC" else kind()
        for name, kind in all_estimators(type_filter="sampler")
    ]


@pytest.mark.parametrize("sampler", samplers(), ids=lambda s: type(s).__name__)
def test_every_sampler_of_imbalanced_learn_is_built_as_it_was(sampler: Any) -> None:
    balancer = Balancer(sampler)
    built = balancer.build()
    assert type(built) is type(sampler) and built is not sampler
    assert built.get_params() == sampler.get_params()
    assert Balancer(built) == balancer == pickle.loads(pickle.dumps(balancer))
    assert balancer.fields() == (*sampler.get_params(deep=False), "estimator_class")
    assert type(sampler).__name__ in repr(balancer)


def test_parameters_are_hyper_parameters() -> None:
    balancer = Balancer(SMOTE(k_neighbors=np.int64(3)))
    assert balancer.k_neighbors == 3 and type(balancer.k_neighbors) is int
    balancer.set("k_neighbors", 4)
    assert balancer.get("k_neighbors") == balancer.build().k_neighbors == 4
    assert balancer != Balancer(SMOTE(k_neighbors=3)) and balancer != Balancer(RandomOverSampler())
    assert repr(balancer) == "SMOTE(k_neighbors=4)"
    assert repr(Balancer(RandomOverSampler(random_state=1))) == "RandomOverSampler(random_state=1)"
    with pytest.raises(UnknownFieldError, match="Did you mean 'k_neighbors'"):
        balancer.k_neighbour = 2
    with pytest.raises(InvalidModelError, match="must be a class with get_params"):
        balancer.estimator_class = 3


def test_mappings_and_sequences_are_copied_and_given_as_the_sampler_wants_them() -> None:
    strategy = {"a": 3}
    balancer = Balancer(SMOTE(sampling_strategy=strategy))
    strategy["a"] = 4
    built = balancer.build().sampling_strategy
    assert built == {"a": 3} and type(built) is dict
    for twin in (copy.deepcopy(balancer), pickle.loads(pickle.dumps(balancer))):
        assert twin == balancer
        with pytest.raises(TypeError):
            twin.sampling_strategy["a"] = 5
    cleaning = Balancer(EditedNearestNeighbours(sampling_strategy=["a"]))
    assert cleaning.build().sampling_strategy == ["a"]
    columns = Balancer(SMOTENC(categorical_features=np.array([0, 2])))
    assert columns.build().categorical_features == [0, 2]


def test_estimators_inside_are_models_too() -> None:
    sampler = SMOTEENN(smote=SMOTE(k_neighbors=NearestNeighbors(n_neighbors=4)))
    balancer = Balancer(sampler)
    assert isinstance(balancer.smote, Estimator)
    assert balancer.get("smote.k_neighbors.n_neighbors") == 4
    balancer.set("smote.k_neighbors.n_neighbors", 3)
    assert sampler.smote.k_neighbors.n_neighbors == 4
    assert balancer.build().smote.k_neighbors.n_neighbors == 3
    assert list(balancer.unset_seeds()) == ["random_state", "smote.random_state"]
    assert balancer == copy.deepcopy(balancer) != Balancer(sampler)


@pytest.mark.parametrize(
    "generator", [np.random.RandomState(3), np.random.default_rng(3)], ids=["old", "new"]
)
def test_a_generator_becomes_a_seed(generator: Any) -> None:
    balancer = Balancer(RandomUnderSampler(random_state=generator))
    assert type(balancer.random_state) is int
    assert list(balancer.unset_seeds()) == []


def test_seeds_inside_samplers_are_set_by_the_seed_of_the_model() -> None:
    def state(rng: int) -> Any:
        model = mlj.NeuralNetworkClassifier(builder=mlj.Linear(), epochs=1, rng=rng)
        combined = mlj.BalancedModel(model, b=SMOTEENN(smote=SMOTE()))
        mach = mlj.machine(combined, IRIS, SPECIES)
        return mlj.snapshot(mlj.fit(mach, rows=range(30, 130), verbosity=0))

    before = np.random.get_state()[1].copy()  # NumPy's own generator is left alone
    assert state(1) == state(1) != state(2)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_what_is_known_of_samplers() -> None:
    assert picks_rows(RandomOverSampler()) and picks_rows(NearMiss())
    assert picks_rows(SMOTE()) is picks_rows(RandomOverSampler(shrinkage=0.5)) is False
    assert picks_rows(lambda X, y: (X, y)) is False and picks_rows(Own()) is None
    assert takes_factors(SMOTEN()) and takes_factors(RandomUnderSampler()) and takes_factors(Own())
    assert not takes_factors(SMOTE()) and not takes_factors(NearMiss())
    assert takes_factors(FunctionSampler(validate=False)) and not takes_factors(FunctionSampler())
    assert draws_blindly(RandomUnderSampler())
    assert not any(map(draws_blindly, [NearMiss(), SMOTEN(), Own()]))
    assert checks_data(SMOTE()) and not checks_data(Own())
    assert names_classes(SMOTE(sampling_strategy={"a": 3})) and names_classes(Own())
    assert names_classes(SMOTEENN(smote=SMOTE(sampling_strategy=len)))
    assert not names_classes(SMOTE()) and not names_classes(InstanceHardnessThreshold())


def test_any_sampler_with_parameters_will_do() -> None:
    model = mlj.NeuralNetworkClassifier(builder=mlj.Linear(), epochs=1, rng=1)
    balanced = mlj.BalancedModel(model, own=Own(), other=Own(times=3))
    mach = mlj.fit(mlj.machine(balanced, IRIS, SPECIES, np.ones(150)), verbosity=0)
    assert mlj.report(mach).balancing.own.rows_after == 300
    assert mlj.report(mach).balancing.other.rows_after == 900
    assert not hasattr(mlj.report(mach).balancing.own, "random_state")


def test_what_is_no_balancer_is_refused() -> None:
    class Bare:
        def fit_resample(self, X: Any, y: Any) -> Any: ...

    with pytest.raises(WrongType, match="a Bare, which has fit_resample and no get_params. Let"):
        as_balancer("over", Bare())
    with pytest.raises(WrongType, match=r"got the class Own. Write Own\(\)"):
        as_balancer("over", Own)
    with pytest.raises(WrongType, match="is Standardizer.., which has no fit_resample"):
        as_balancer("over", mlj.Standardizer())
    function = as_balancer("f", len)
    assert function is len
    balancer = as_balancer("over", SMOTE())
    assert as_balancer("over", balancer) is balancer
