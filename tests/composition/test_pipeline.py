"""Pipelines: names, order, kinds, what reaches which component, and only stale parts trained."""

from __future__ import annotations

import copy
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ScitypeError,
    UnsupportedOperation,
    WrongType,
)
from tests.batteries.counting import Mean, Shift, X, Y, trained

IRIS, SPECIES = mlj.load_iris()


def net(**changes: Any) -> Any:
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 3, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkClassifier(**given | changes)


def fitted(pipe: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(pipe, *data), verbosity=0, **options)


def test_components_are_named_after_their_classes() -> None:
    pipe = mlj.Standardizer() | mlj.Standardizer() | np.abs | np.sqrt | net()
    names = ["standardizer", "standardizer2", "f", "f2", "neural_network_classifier"]
    assert list(pipe.components) == names
    assert pipe.fields() == (*names, "operation", "prediction_type")


def test_pipelines_are_taken_apart_when_joined_and_keep_their_names() -> None:
    named = mlj.Pipeline(scale=mlj.Standardizer(), hot=mlj.OneHotEncoder())
    pipe = named | mlj.Standardizer() | net()
    assert list(pipe.components) == ["scale", "hot", "standardizer", "neural_network_classifier"]
    assert list((named | named).components) == ["scale", "hot", "scale2", "hot2"]
    mode = mlj.Pipeline(model=net(), operation="predict_mode")
    assert (named | mode).operation == "predict_mode"


def test_a_pipeline_predicts_as_its_parts_one_after_another() -> None:
    mach = fitted(mlj.Standardizer() | net(), IRIS, SPECIES)
    scale = fitted(mlj.Standardizer(), IRIS)
    own = fitted(net(), mlj.transform(scale, IRIS), SPECIES)
    wanted = mlj.predict(own, mlj.transform(scale, IRIS.tail(9)))
    found = mlj.predict(mach, IRIS.tail(9))
    np.testing.assert_array_equal(found.to_numpy(), wanted.to_numpy())
    assert found.index.equals(IRIS.tail(9).index) and found.levels == wanted.levels
    assert (
        mlj.predict_mode(mach, IRIS).tolist()
        == mlj.predict_mode(own, mlj.transform(scale)).tolist()
    )
    np.testing.assert_array_equal(
        mlj.predict(mach, rows=[3, 5]).to_numpy(), mlj.predict(mach)[[3, 5]].to_numpy()
    )


def test_only_what_has_become_stale_is_trained_again() -> None:
    pipe = Shift() | Mean()
    trained()
    mach = fitted(pipe, X, Y)
    assert trained() == ["fit shift", "fit mean 1"] and mach.state == 1
    mlj.fit(mach, verbosity=0)
    assert trained() == [] and mach.state == 1
    pipe.mean.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 3"] and mlj.report(mach).mean.epochs == 4
    pipe.mean.bias = 1.0
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit mean 4"]
    pipe.shift.by = 2.0
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update shift", "fit mean 4"]
    mlj.fit(mach, rows=[0, 1], verbosity=0)
    assert trained() == ["fit shift", "fit mean 4"]
    mlj.fit(mach, rows=[0, 1], force=True, verbosity=0)
    assert trained() == ["fit shift", "fit mean 4"]
    pipe.mean = Mean(bias=5.0)
    mlj.fit(mach, rows=[0, 1], verbosity=0)
    assert trained() == ["fit mean 1"]
    named = mlj.Pipeline(shift=Shift(), mean=Mean(), f=np.abs)
    mach = fitted(named, X, Y)
    trained()
    named.prediction_type = "deterministic"
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit shift", "fit mean 1"]


def test_another_kind_of_component_or_function_trains_what_it_has_to() -> None:
    pipe = mlj.Pipeline(first=Shift(), f=np.abs, mean=Mean())
    mach = fitted(pipe, X, Y)
    trained()
    pipe.first = mlj.Standardizer()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit mean 1"]
    pipe.f = np.square
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit mean 1"]
    np.testing.assert_allclose(
        mlj.fitted_params(mach).mean.fitresult["level"],
        np.mean(((X - X.mean(axis=0)) / X.std(axis=0, ddof=1)) ** 2),
    )


def test_a_network_in_a_pipeline_runs_only_the_epochs_that_are_missing() -> None:
    pipe = mlj.Standardizer() | net(epochs=2)
    mach = fitted(pipe, IRIS, SPECIES)
    pipe.neural_network_classifier.epochs = 5
    mlj.fit(mach, verbosity=0)
    at_once = fitted(mlj.Standardizer() | net(epochs=5), IRIS, SPECIES)
    assert mlj.predict(mach).to_numpy().tobytes() == mlj.predict(at_once).to_numpy().tobytes()
    assert len(mlj.training_losses(mach)) == 5
    assert mlj.report(mach).neural_network_classifier.epochs == 5
    state = mach.state
    pipe.neural_network_classifier.optimiser.learning_rate = 0.5  # remembered, trains nothing
    mlj.fit(mach, verbosity=0)
    assert mach.state == state and len(mlj.training_losses(mach)) == 5
    pipe.neural_network_classifier.epochs = 6
    assert len(mlj.training_losses(mlj.fit(mach, verbosity=0))) == 6


def test_warm_restarts_work_without_the_cache_too() -> None:
    pipe = mlj.Standardizer() | net(epochs=2)
    mach = mlj.fit(mlj.machine(pipe, IRIS, SPECIES, cache=False), verbosity=0)
    pipe.neural_network_classifier.epochs = 5
    mlj.fit(mach, verbosity=0)
    at_once = fitted(mlj.Standardizer() | net(epochs=5), IRIS, SPECIES)
    assert mlj.predict(mach).to_numpy().tobytes() == mlj.predict(at_once).to_numpy().tobytes()


def test_weights_reach_the_component_that_takes_them() -> None:
    w = np.array([0.0, 0.0, 1.0, 3.0])
    mach = fitted(Shift() | Mean(), X, Y, w)
    assert mlj.fitted_params(mach).mean.fitresult["mean"] == np.average(Y, weights=w)
    by_class = {"setosa": 1, "versicolor": 2, "virginica": 0.5}
    pipe = fitted(mlj.Standardizer() | net(), IRIS, SPECIES, by_class)
    own = fitted(net(), mlj.transform(fitted(mlj.Standardizer(), IRIS)), SPECIES, by_class)
    assert mlj.training_losses(pipe).tolist() == mlj.training_losses(own).tolist()


def test_a_network_specification_becomes_its_container_in_the_pipeline() -> None:
    spec = mlj.NeuralNetwork(epochs=1, rng=1)
    pipe = mlj.OneHotEncoder() | spec
    mach = fitted(pipe, IRIS, SPECIES)
    model, _ = mach.trained("test")
    assert type(model.neural_network) is mlj.NeuralNetworkClassifier
    assert pipe.neural_network is spec and mach.model is pipe
    numbers = fitted(
        mlj.OneHotEncoder() | spec, IRIS.drop(columns="sepal_length"), IRIS["sepal_length"]
    )
    assert isinstance(mlj.predict(numbers), pd.Series)
    e = mlj.evaluate(pipe, IRIS, SPECIES, resampling=mlj.Holdout(0.5, rng=1), verbosity=0)
    assert e.measure == [mlj.log_loss] and e.operation == ["predict"]


def test_the_kind_of_a_pipeline_is_that_of_its_components() -> None:
    kinds = {
        "probabilistic": mlj.Standardizer() | net(),
        "deterministic": mlj.Pipeline(model=net(), operation="predict_mode"),
    }
    for kind, pipe in kinds.items():
        assert pipe.own_traits().prediction_type == kind and pipe.own_traits().supervised
    after = mlj.Pipeline(model=net(), f=lambda d: d.mode())
    assert after.own_traits().prediction_type == "deterministic"
    told = after.replace({"prediction_type": "probabilistic"})
    assert told.own_traits().prediction_type == "probabilistic"
    scale = (mlj.Standardizer() | np.abs).own_traits()
    assert not scale.supervised and not scale.static
    assert mlj.Pipeline(np.abs, np.sqrt).own_traits().static
    traits = (mlj.Standardizer() | net()).own_traits()
    assert traits.iteration_parameter == "neural_network_classifier.epochs"
    assert traits.target_scitype == mlj.Vector[mlj.Finite] and traits.supports_class_weights


def test_functions_after_the_predicting_component_transform_its_predictions() -> None:
    pipe = mlj.Pipeline(scale=mlj.Standardizer(), model=net(), f=lambda d: d.mode())
    mach = fitted(pipe, IRIS, SPECIES)
    inner = fitted(mlj.Standardizer() | net(), IRIS, SPECIES)
    assert mlj.predict(mach).tolist() == mlj.predict_mode(inner).tolist()
    e = mlj.evaluate(pipe, IRIS, SPECIES, measure="accuracy", verbosity=0)
    assert e.operation == ["predict"]
    mode = fitted(
        mlj.Pipeline(a=mlj.Standardizer(), b=net(), operation="predict_mode"), IRIS, SPECIES
    )
    assert mlj.predict(mode).tolist() == mlj.predict(mach).tolist()


def test_without_a_predicting_component_a_pipeline_transforms_and_back() -> None:
    mach = fitted(Shift() | Shift(by=2.0), X)
    Z = mlj.transform(mach)
    np.testing.assert_allclose(Z, X - X.mean() - 2.0)
    np.testing.assert_allclose(mlj.inverse_transform(mach, Z), X)
    with pytest.raises(UnsupportedOperation, match="has no predict. It has: transform, i"):
        mlj.predict(mach, X)
    one_way = fitted(Shift() | np.abs, X)
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform. It has: transform"):
        mlj.inverse_transform(one_way, X)


def test_functions_alone_need_no_data_and_no_training() -> None:
    mach = mlj.machine(mlj.Pipeline(np.abs, np.sqrt))
    np.testing.assert_allclose(mlj.transform(mach, np.array([[-4.0, 9.0]])), [[2.0, 3.0]])


def test_transform_of_a_predicting_pipeline_is_that_of_its_network() -> None:
    frame = IRIS.assign(colour=pd.Categorical(["red", "green", "blue"] * 50))
    mach = fitted(mlj.Standardizer() | net(embedding_dims={"colour": 2}), frame, SPECIES)
    assert list(mlj.transform(mach, frame))[-2:] == ["colour_1", "colour_2"]
    with pytest.raises(UnsupportedOperation, match="has no transform. It has: predict"):
        mlj.transform(fitted(Shift() | Mean(), X, Y))


def test_entity_embeddings_are_a_step_and_train_onward() -> None:
    frame = IRIS.assign(colour=pd.Categorical(["red", "green", "blue"] * 50))
    pipe = mlj.Pipeline(embed=mlj.EntityEmbedder(net(epochs=2)), model=net())
    mach = fitted(pipe, frame, SPECIES)
    assert mlj.report(mach).embed.epochs == 2
    pipe.embed.model.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).embed.epochs == 4
    at_once = fitted(pipe, frame, SPECIES)
    assert mlj.predict(mach).to_numpy().tobytes() == mlj.predict(at_once).to_numpy().tobytes()


def test_fitted_params_importances_and_losses_are_those_of_components() -> None:
    Forest = mlj.load("RandomForestClassifier", package="scikit-learn")
    mach = fitted(mlj.Standardizer() | Forest(n_estimators=5, random_state=1), IRIS, SPECIES)
    assert sorted(vars(mlj.fitted_params(mach))) == ["random_forest_classifier", "standardizer"]
    names = [name for name, _ in mlj.feature_importances(mach)]
    assert names == list(IRIS)
    assert mlj.feature_importances(fitted(Shift() | Shift(), X)) is None
    assert mlj.training_losses(fitted(Shift() | Mean(epochs=2), X, Y)) == [0, 1]
    assert mlj.training_losses(fitted(Shift() | Shift(), X)) is None


def test_copies_and_pickles_predict_alike_and_are_apart() -> None:
    pipe = mlj.Standardizer() | net()
    mach = fitted(pipe, IRIS, SPECIES)
    wanted = mlj.predict(mach).to_numpy()
    for again in (copy.deepcopy(mach), cloudpickle.loads(cloudpickle.dumps(mach))):
        np.testing.assert_array_equal(mlj.predict(again).to_numpy(), wanted)
        again.model.neural_network_classifier.epochs = 9
        mlj.fit(again, verbosity=0)
    np.testing.assert_array_equal(mlj.predict(mach).to_numpy(), wanted)


def test_a_pipeline_works_in_scikit_learn() -> None:
    estimator = mlj.as_estimator(mlj.Standardizer() | net(epochs=60))
    estimator.fit(IRIS, SPECIES)
    assert estimator.score(IRIS, SPECIES) > 0.7
    estimator.set_params(model__neural_network_classifier__epochs=2)
    assert estimator.fit(IRIS, SPECIES).predict_proba(IRIS).shape == (150, 3)


class Predicts(mlj.Unsupervised):
    """Has predict only."""

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        return Xnew


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "nothing": (lambda: mlj.Pipeline(), InvalidModelError, "at least one component"),
    "two predict": (lambda: net() | Mean(), InvalidModelError, "One component.*NetworkComposite"),
    "a class": (lambda: mlj.Pipeline(mlj.Standardizer), WrongType, r"Write Standardizer\(\)"),
    "a number": (lambda: mlj.Pipeline(np.abs, 3), WrongType, "at position 1 is 3"),
    "a number by name": (lambda: mlj.Pipeline(a=3), WrongType, "component a is 3"),
    "mixed": (lambda: mlj.Pipeline(np.abs, b=np.abs), InvalidModelError, "Name all or none"),
    "an option's name": (lambda: mlj.Pipeline(predict=np.abs), InvalidModelError, "'predict' of"),
    "operation": (lambda: mlj.Pipeline(a=net(), operation="fit"), InvalidModelError, "one of"),
    "late": (
        lambda: net() | mlj.EntityEmbedder(net()),
        InvalidModelError,
        "learns from the target, and comes after neural_network_classifier",
    ),
    "no transform": (
        lambda: mlj.Pipeline(Predicts(), net()),
        InvalidModelError,
        "has no transform",
    ),
    "a pipeline inside": (
        lambda: mlj.Pipeline(Shift() | Shift(), net()),
        InvalidModelError,
        "A pipeline in a pipeline needs a name",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_meant_is_said_when_it_is_made(case: str) -> None:
    make, kind, words = BAD[case]
    with pytest.raises(kind, match=words):
        make()


def test_a_component_that_does_not_fit_is_refused_when_it_is_assigned() -> None:
    pipe = mlj.Standardizer() | net()
    with pytest.raises(InvalidModelError, match="One component of a pipeline predicts"):
        pipe.standardizer = Mean()
    assert pipe.standardizer == mlj.Standardizer()


def test_columns_that_a_component_cannot_take_are_named_when_the_machine_is_made() -> None:
    pipe = mlj.Standardizer() | mlj.OneHotEncoder() | net()
    with pytest.raises(ScitypeError, match="neural_network_classifier.*column 's' of Textual"):
        mlj.machine(pipe, IRIS.assign(s="a"), SPECIES)
    gap = IRIS.assign(petal_width=[np.nan, *IRIS["petal_width"][1:]])
    with pytest.raises(MissingValuesError, match=r"'petal_width' of Optional.*FillImputer\(\)"):
        mlj.machine(pipe, gap, SPECIES)
    colours = pd.Series(["red", None, "blue"] * 50, dtype="category")
    with pytest.raises(MissingValuesError, match="columns made of 'c'"):
        mlj.machine(pipe, IRIS.assign(c=colours), SPECIES)
    mlj.machine(mlj.Standardizer() | (lambda X: X) | net(), IRIS.assign(s="a"), SPECIES)


def test_the_target_is_checked_when_the_machine_is_made() -> None:
    with pytest.raises(ScitypeError, match="y is Continuous"):
        mlj.machine(mlj.Standardizer() | net(), IRIS, IRIS["sepal_width"])


def test_an_error_in_a_component_names_it_and_leaves_the_machine_as_it_was() -> None:
    pipe = Shift() | Mean()
    mach = fitted(pipe, X, Y)
    before = mlj.predict(mach)

    def fails(values: Any) -> Any:
        raise RuntimeError("no")

    good, pipe_shift = pipe, pipe.shift
    good.shift = mlj.Pipeline(a=Shift(), b=fails)
    with pytest.raises(RuntimeError) as caught:
        mlj.fit(mach, verbosity=0)
    assert "It was raised by 'mean' of Pipeline." in caught.value.__notes__
    np.testing.assert_array_equal(mlj.predict(mach), before)
    good.shift = pipe_shift
    mlj.fit(mach, verbosity=0)
    np.testing.assert_array_equal(mlj.predict(mach), before)


def test_an_interrupted_last_component_keeps_its_whole_epochs() -> None:
    pipe = Shift() | Mean(epochs=5, stops_at=2)
    mach = mlj.machine(pipe, X, Y)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 1 and mlj.report(mach).mean.epochs == 2
    pipe.mean.stops_at = -1
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 3"]
