"""What the three estimators share: parameters, tags, reading, keeping."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

import mlj_keras as mlj
from mlj_keras.builders import MLP, ImageCNN
from mlj_keras.containers import (
    ImageClassifier,
    MultitargetNeuralNetworkRegressor,
    NeuralNetwork,
    NeuralNetworkBinaryClassifier,
    NeuralNetworkClassifier,
    NeuralNetworkRegressor,
)
from mlj_keras.errors import InvalidArgument, InvalidModelError, WrongType
from mlj_keras.interop.sklearn_adapters import MachineClassifier, MachineRegressor
from mlj_keras.interop.sklearn_estimator import as_estimator
from mlj_keras.machine import fitted_params, report
from mlj_keras.models import Deterministic
from mlj_keras.optimisers import SGD, Adam
from mlj_keras.parallel import CPU1
from mlj_keras.transformers import Standardizer

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, 0] - X[:, 1]


def network(**changes: Any) -> NeuralNetworkRegressor:
    given = {"builder": MLP(hidden=(4,)), "epochs": 3, "rng": 1, "acceleration": CPU1()}
    return NeuralNetworkRegressor(**{**given, **changes})


def test_parameters_name_the_estimators_own_and_all_inside_the_model() -> None:
    params = MachineRegressor(network(optimiser=SGD(0.5)), warm_start=True).get_params()
    assert params["warm_start"] is True and params["verbosity"] == 0
    assert params["model__optimiser__learning_rate"] == 0.5
    assert params["model__builder__hidden"] == (4,)
    assert set(MachineRegressor().get_params(deep=False)) == {"model", "warm_start", "verbosity"}


def test_setting_a_parameter_leaves_the_model_that_was_given_as_it_is() -> None:
    model = network()
    net = as_estimator(model).set_params(model__epochs=7, **{"model.optimiser.beta_1": 0.5})
    assert (net.model.epochs, net.model.get("optimiser.beta_1")) == (7, 0.5)
    assert model == network()


def test_a_model_and_what_is_inside_it_are_set_in_that_order() -> None:
    net = as_estimator(network()).set_params(model__epochs=7, model=network(rng=5))
    assert net.model == network(rng=5, epochs=7)


def test_parameters_inside_the_default_model_can_be_set() -> None:
    net = MachineClassifier().set_params(model__epochs=3)
    assert net.model == NeuralNetworkClassifier(epochs=3)


def test_wrong_names_and_values_are_refused_when_they_are_set() -> None:
    net = as_estimator(network())
    with pytest.raises(ValueError, match="Invalid parameter 'modl'"):
        net.set_params(modl=3)
    with pytest.raises(InvalidArgument, match="Did you mean 'hidden'"):
        net.set_params(model__builder__hiden=(3,))
    with pytest.raises(InvalidModelError, match="epochs must be an int"):
        net.set_params(model__epochs=1.5)


def test_what_is_no_model_is_refused_at_fit() -> None:
    with pytest.raises(WrongType, match=r"must be a model such as NeuralNetworkRegressor\(\)"):
        MachineRegressor("mlp").fit(X, Y)
    with pytest.raises(InvalidArgument, match=r"is no classifier. Write as_estimator\(model\)"):
        MachineClassifier(network()).fit(X, Y > 0)


def test_tags_tell_what_a_model_takes() -> None:
    assert not get_tags(as_estimator(network())).input_tags.allow_nan
    assert not get_tags(as_estimator(NeuralNetwork(), "regressor")).input_tags.allow_nan
    assert get_tags(as_estimator(Standardizer())).input_tags.allow_nan
    images = get_tags(as_estimator(ImageClassifier())).input_tags
    assert images.three_d_array and not images.two_d_array
    binary = get_tags(as_estimator(NeuralNetworkBinaryClassifier()))
    assert not binary.classifier_tags.multi_class
    several = get_tags(as_estimator(MultitargetNeuralNetworkRegressor())).target_tags
    assert several.multi_output and not several.single_output


def test_an_untrained_estimator_says_so() -> None:
    for operation in ("predict", "score"):
        with pytest.raises(NotFittedError):
            getattr(as_estimator(network()), operation)(*(X, Y)[: 1 + (operation == "score")])
    with pytest.raises(NotFittedError):
        as_estimator(Standardizer()).transform(X)


def test_what_was_trained_is_kept_without_the_rows() -> None:
    net = as_estimator(network()).fit(X, Y)
    assert net.machine_.args == ()
    assert net.n_iter_ == report(net.machine_).epochs == 3
    assert net.loss_curve_ == report(net.machine_).training_losses[1:].tolist()
    assert fitted_params(net.machine_).network.output_shape == (None, 1)


def test_an_estimator_comes_back_from_a_file_and_predicts_the_same(tmp_path: Any) -> None:
    net = as_estimator(network()).fit(X, Y)
    joblib.dump(net, tmp_path / "net.joblib")
    again = joblib.load(tmp_path / "net.joblib")
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    assert again.partial_fit(X, Y).n_iter_ == 6


def test_names_and_order_of_columns_are_compared_at_predict() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    net = as_estimator(network()).fit(frame, Y)
    with pytest.raises(ValueError, match="same order"):
        net.predict(frame[["b", "a", "c"]])
    with pytest.raises(ValueError, match="X has 2 features, but MachineRegressor is expecting 3"):
        as_estimator(network()).fit(X, Y).predict(X[:, :2])


def test_images_go_to_models_of_images_and_to_specifications() -> None:
    pixels = np.random.default_rng(0).random((8, 8, 8)).astype(np.float32)
    labels = ["a", "b"] * 4
    model = ImageClassifier(builder=ImageCNN(blocks=((2, 1),), dense=()), epochs=1, rng=1)
    assert as_estimator(model).fit(pixels, labels).predict_proba(pixels).shape == (8, 2)
    spec = as_estimator(NeuralNetwork(builder=model.builder, epochs=1, rng=1), "classifier")
    assert spec.fit(pixels, labels).machine_.container is ImageClassifier
    assert set(spec.predict(pixels)) <= {"a", "b"}


class First(Deterministic):
    """Predicts its first column, and finds it important."""

    def fit(self, verbosity: int, X: Any, y: Any) -> str:
        return str(next(iter(X.columns)) if hasattr(X, "columns") else "x1")

    def predict(self, fitresult: str, Xnew: Any) -> Any:
        return Xnew[:, 0] if isinstance(Xnew, np.ndarray) else Xnew.iloc[:, 0]

    def feature_importances(self, fitresult: str, report: Any) -> list[tuple[str, float]]:
        return [(fitresult, 2.0)]


def test_importances_are_in_the_order_of_the_features() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    for data in (X, frame):
        net = as_estimator(First(), "regressor").fit(data, Y)
        assert net.feature_importances_.tolist() == [2.0, 0.0, 0.0]


def test_a_model_without_importances_has_no_such_attribute() -> None:
    net = as_estimator(network()).fit(X, Y)
    assert not hasattr(net, "feature_importances_")
    with pytest.raises(AttributeError, match="permutation_importance"):
        _ = net.feature_importances_


def test_an_interrupted_fit_leaves_the_epochs_that_were_done() -> None:
    target = np.where(np.arange(40) == 7, 1e30, Y)
    net = as_estimator(network(optimiser=SGD(1e20), standardise=False, epochs=5))
    with pytest.raises(FloatingPointError):
        net.fit(X, target)
    assert not hasattr(net, "machine_"), "the first epoch failed"
    net.set_params(model__optimiser=Adam(), model__epochs=2).fit(X, Y)
    with pytest.raises(FloatingPointError):
        net.set_params(model__optimiser=SGD(1e20)).partial_fit(X, Y)
    assert net.n_iter_ == 2


def test_an_iterated_model_has_the_iterations_that_its_controls_have_made() -> None:
    controls = [mlj.Step(2), mlj.NumberLimit(3)]
    net = mlj.as_estimator(
        mlj.IteratedModel(mlj.NeuralNetworkClassifier(rng=1), controls=controls)
    )
    X, y = mlj.load_iris()
    assert net.fit(X, y).n_iter_ == report(net.machine_).n_iterations == 6
