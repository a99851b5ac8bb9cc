"""The three estimators: scikit-learn's own checks, and what each gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from mlj_keras.builders import MLP
from mlj_keras.containers import (
    EntityEmbedder,
    MultitargetNeuralNetworkRegressor,
    NeuralNetwork,
    NeuralNetworkBinaryClassifier,
    NeuralNetworkClassifier,
    NeuralNetworkRegressor,
)
from mlj_keras.data import Continuous, Finite, Vector
from mlj_keras.errors import InvalidArgument, LevelsWarning, UnseenLevelError
from mlj_keras.interop.sklearn_adapters import EXPECTED_FAILED_CHECKS, MachineTransformer
from mlj_keras.interop.sklearn_estimator import as_estimator
from mlj_keras.machine import fit, machine, predict
from mlj_keras.models import Deterministic, Probabilistic, Static, Traits, Unsupervised
from mlj_keras.optimisers import Adam
from mlj_keras.parallel import CPU1
from mlj_keras.probability import UnivariateFinite
from mlj_keras.transformers import Standardizer

SMALL: dict[str, Any] = {
    "builder": MLP(hidden=(4,)),
    "optimiser": Adam(0.05),
    "epochs": 8,
    "rng": 1,
    "acceleration": CPU1(),
}
X = np.random.default_rng(0).normal(size=(60, 3))
LABELS = np.where(X[:, 0] > 0, "high", "low")
NUMBERS = X[:, 0] - X[:, 1]


# Constant columns and other unusual data of the checks make both sides warn.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (NeuralNetworkClassifier(**SMALL), "classifier"),
        (NeuralNetworkRegressor(**SMALL), "regressor"),
        (Standardizer(), "transformer"),
    ],
    ids=["classifier", "regressor", "transformer"],
)
def test_an_estimator_passes_the_checks_of_scikit_learn(model: Any, kind: str) -> None:
    expected = {} if kind == "transformer" else EXPECTED_FAILED_CHECKS
    results = check_estimator(
        as_estimator(model, kind), expected_failed_checks=expected, on_skip=None
    )
    passed = [result for result in results if result["status"] == "passed"]
    assert len(passed) >= len(results) - len(expected) - 1, "one check wants an option set"


def test_expected_failures_are_each_justified_in_a_sentence() -> None:
    assert all(reason.endswith(".") for reason in EXPECTED_FAILED_CHECKS.values())


def test_predictions_are_those_of_a_machine() -> None:
    model = NeuralNetworkClassifier(**SMALL)
    mach = fit(machine(model, X, pd.Categorical(LABELS)), verbosity=0)
    net = as_estimator(model).fit(X, LABELS)
    np.testing.assert_array_equal(net.predict_proba(X), predict(mach, X).to_numpy())
    assert net.predict(X).dtype == LABELS.dtype
    assert net.predict(X).tolist() == net.classes_[net.predict_proba(X).argmax(axis=1)].tolist()


@pytest.mark.parametrize("y", [LABELS, LABELS == "low", (LABELS == "low") + 3, LABELS.tolist()])
def test_labels_of_any_type_come_back(y: Any) -> None:
    net = as_estimator(NeuralNetworkBinaryClassifier(**SMALL)).fit(X, y)
    assert net.classes_.tolist() == sorted(set(np.asarray(y).tolist()))
    assert net.score(X, y) > 0.9


def test_a_binary_classifier_says_that_it_takes_two_classes() -> None:
    with pytest.raises(InvalidArgument, match="Take NeuralNetworkClassifier"):
        as_estimator(NeuralNetworkBinaryClassifier(**SMALL)).fit(X, np.arange(60) % 3)


def test_levels_without_rows_have_a_column_of_probabilities() -> None:
    y = pd.Series(pd.Categorical(LABELS, categories=["high", "low", "mid"]))
    net = as_estimator(NeuralNetwork(**SMALL), "classifier").fit(X, y)
    assert net.classes_.tolist() == ["high", "low", "mid"]
    assert net.predict_proba(X).shape == (60, 3)


def test_frames_of_every_kind_with_categories_strings_and_booleans_give_the_same() -> None:
    columns = {
        "number": X[:, 0].tolist(),
        "count": list(range(60)),
        "word": ["u", "v", "w"] * 20,
        "flag": [True, False] * 30,
    }
    net = as_estimator(NeuralNetworkRegressor(**SMALL))
    pandas = pd.DataFrame(columns).astype({"word": "category"})
    expected = net.fit(pandas, NUMBERS).predict(pandas)
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        np.testing.assert_array_equal(net.fit(frame, NUMBERS).predict(frame), expected)
    assert net.feature_names_in_.tolist() == list(columns)
    with pytest.raises(UnseenLevelError, match="column 'word'"):
        net.predict(pd.DataFrame({**columns, "word": "z"}))


def test_batches_of_rows_are_learned_from_one_after_another() -> None:
    net = as_estimator(NeuralNetworkClassifier(**SMALL))
    net.partial_fit(X[:20], LABELS[:20], classes=["low", "high"])
    assert net.classes_.tolist() == ["high", "low"]
    net.partial_fit(X[20:40], LABELS[20:40]).partial_fit(X[40:], LABELS[40:])
    assert net.n_iter_ == len(net.loss_curve_) == 24
    assert net.score(X, LABELS) > 0.9


def test_a_batch_with_one_of_the_classes_is_learned_from() -> None:
    net = as_estimator(NeuralNetworkClassifier(**SMALL))
    only = X[LABELS == "low"]
    with pytest.warns(LevelsWarning, match="Only one class, 'low'"):
        net.partial_fit(only, np.full(len(only), "low"), classes=["high", "low"])
    assert net.predict(only).tolist() == ["low"] * len(only)


def test_a_first_batch_needs_the_classes_and_later_ones_no_others() -> None:
    net = as_estimator(NeuralNetworkClassifier(**SMALL))
    with pytest.raises(InvalidArgument, match=r"Write partial_fit\(X, y, classes="):
        net.partial_fit(X, LABELS)
    net.partial_fit(X, LABELS, classes=["high", "low"])
    with pytest.raises(InvalidArgument, match="Leave classes out"):
        net.partial_fit(X, LABELS, classes=["high", "mid"])
    with pytest.raises(UnseenLevelError, match="'mid'"):
        net.partial_fit(X, np.full(60, "mid"))


def test_a_changed_network_cannot_go_on_with_a_batch() -> None:
    net = as_estimator(NeuralNetworkRegressor(**SMALL)).partial_fit(X, NUMBERS)
    net.set_params(model__builder__hidden=(5,))
    with pytest.raises(InvalidArgument, match="builder is not as it was"):
        net.partial_fit(X, NUMBERS)


def test_what_cannot_go_on_has_no_partial_fit() -> None:
    assert not hasattr(as_estimator(Mean()), "partial_fit")


def test_a_warm_start_goes_on_until_the_model_is_another() -> None:
    net = as_estimator(NeuralNetworkRegressor(**SMALL)).set_params(warm_start=True)
    assert net.fit(X, NUMBERS).n_iter_ == 8
    assert net.set_params(model__optimiser__learning_rate=0.01).fit(X, NUMBERS).n_iter_ == 16
    assert net.set_params(model__lambda_=0.1).fit(X, NUMBERS).n_iter_ == 8


def test_rows_of_weight_zero_count_as_rows_that_are_not_there() -> None:
    weights = np.arange(60) % 2
    net = as_estimator(NeuralNetworkRegressor(**SMALL))
    half = net.fit(X[1::2], NUMBERS[1::2], sample_weight=np.ones(30)).predict(X)
    np.testing.assert_array_equal(net.fit(X, NUMBERS, sample_weight=weights).predict(X), half)


def test_several_targets_are_predicted_together() -> None:
    for model in (MultitargetNeuralNetworkRegressor(**SMALL), NeuralNetwork(**SMALL)):
        net = as_estimator(model, "regressor").fit(X, pd.DataFrame(X[:, :2]))
        assert net.predict(X).shape == (60, 2)
        assert net.score(X, X[:, :2]) == r2_score(X[:, :2], net.predict(X)) > 0.5


class Mean(Deterministic):
    """A regressor of the user's own."""

    traits = Traits(prediction_type="deterministic", target_scitype=Vector[Continuous])

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        return y.mean()

    def predict(self, fitresult: Any, Xnew: Any) -> list[Any]:
        return [fitresult] * len(Xnew)


class Label(Deterministic):
    """Predicts the first class."""

    traits = Traits(prediction_type="deterministic", target_scitype=Vector[Finite])

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        return y.categories[0]

    def predict(self, fitresult: Any, Xnew: Any) -> list[Any]:
        return [fitresult] * len(Xnew)


class Even(Probabilistic):
    """Gives each of two classes the same probabilities, in reversed order of the classes."""

    traits = Traits(prediction_type="probabilistic", target_scitype=Vector[Finite])

    def fit(self, verbosity: int, X: Any, y: Any) -> list[Any]:
        return list(y.categories[::-1])

    def predict(self, fitresult: list[Any], Xnew: Any) -> Any:
        shares = np.tile([0.25, 0.75], (len(Xnew), 1))
        return UnivariateFinite(fitresult, shares, pool=fitresult)


def test_deterministic_models_of_ones_own_predict_values() -> None:
    assert as_estimator(Mean()).fit(X, NUMBERS).predict(X[:2]).tolist() == [NUMBERS.mean()] * 2
    net = as_estimator(Label()).fit(X, LABELS)
    assert net.predict(X[:2]).tolist() == ["high"] * 2
    assert not hasattr(net, "predict_proba")


def test_probabilities_of_ones_own_models_follow_the_classes() -> None:
    net = as_estimator(Even()).fit(X, LABELS)
    assert net.classes_.tolist() == ["high", "low"]
    assert net.predict_proba(X[:1]).tolist() == [[0.75, 0.25]]
    assert net.predict(X[:1]).tolist() == ["high"]


class Double(Static):
    def transform(self, fitresult: None, Xnew: Any) -> Any:
        return 2 * Xnew


class Count(Unsupervised):
    """Replaces all columns by the number of rows seen."""

    def fit(self, verbosity: int, X: Any) -> int:
        return len(X)

    def transform(self, fitresult: int, Xnew: Any) -> np.ndarray:
        return np.full((len(Xnew), 1), float(fitresult))


def test_transformers_of_ones_own_transform_and_name_what_they_give() -> None:
    double = as_estimator(Double()).fit(X)
    np.testing.assert_array_equal(double.transform(X), 2 * X)
    assert double.get_feature_names_out(["a", "b", "c"]).tolist() == ["a", "b", "c"]
    count = as_estimator(Count()).set_output(transform="pandas")
    assert count.fit_transform(X).columns.tolist() == ["count0"]
    assert not hasattr(count, "inverse_transform")


def test_standardising_is_that_of_scikit_learn_but_for_the_degrees_of_freedom() -> None:
    ours = as_estimator(Standardizer()).fit(X)
    expected = StandardScaler().fit_transform(X) * np.sqrt(59 / 60)
    np.testing.assert_allclose(ours.transform(X), expected, rtol=1e-12)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(X)), X, rtol=1e-12)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_transformed_data_come_in_the_container_that_is_asked_for(kind: str) -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "x"]})
    net = as_estimator(Standardizer()).set_output(transform=kind)
    for data in (frame, pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "x"]})):
        out = net.fit_transform(data)
        assert type(out).__module__.split(".")[0] == kind
        assert list(out.columns) == ["a", "b"] and list(out["b"]) == ["x", "y", "x"]
        np.testing.assert_allclose(np.asarray(out["a"], dtype=float), [-1, 0, 1])


def test_embeddings_learned_with_the_target_take_the_place_of_categories() -> None:
    frame = pd.DataFrame({"number": X[:, 0], "kind": pd.Categorical(["u", "v", "w"] * 20)})
    net = as_estimator(EntityEmbedder(NeuralNetworkClassifier(**SMALL)))
    out = net.fit_transform(frame, LABELS)
    assert list(out) == net.get_feature_names_out().tolist() == ["number", "kind_1", "kind_2"]
    np.testing.assert_array_equal(out["number"], frame["number"])


def test_input_names_that_are_not_those_seen_are_refused() -> None:
    net = MachineTransformer().fit(X)
    with pytest.raises(InvalidArgument, match="input_features should have length equal"):
        net.get_feature_names_out(["a"])
    net.fit(pd.DataFrame(X, columns=["a", "b", "c"]))
    with pytest.raises(InvalidArgument, match="input_features is not equal.*Leave it out"):
        net.get_feature_names_out(["a", "b", "d"])


def test_a_missing_target_is_said_to_be_missing() -> None:
    with pytest.raises(InvalidArgument, match=r"Write fit\(X, y\)"):
        as_estimator(NeuralNetworkRegressor(**SMALL)).fit(X, None)
