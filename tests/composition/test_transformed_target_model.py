"""A transformed target: learned transformed, predicted on its own scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    InvalidModelError,
    ModelWarning,
    ScitypeError,
    ScitypeWarning,
    WrongType,
)
from tests.batteries.counting import Mean, Shift, X, Y, trained

DIABETES, PROGRESS = mlj.load_diabetes()
IRIS, SPECIES = mlj.load_iris()


def net(**changes: Any) -> Any:
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 3, "batch_size": 32, "rng": 1}
    return mlj.NeuralNetworkRegressor(**given | changes)


def classifier(**changes: Any) -> Any:
    return mlj.NeuralNetworkClassifier(builder=mlj.Linear(), epochs=3, rng=1, **changes)


def fitted(model: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(model, *data), verbosity=0, **options)


TTM = mlj.TransformedTargetModel


def test_a_transformer_learns_from_the_training_rows_and_predictions_come_back() -> None:
    mach = fitted(TTM(net(), transformer=mlj.Standardizer()), DIABETES, PROGRESS, rows=range(99))
    y = PROGRESS[:99]
    own = fitted(net(), DIABETES[:99], (y - y.mean()) / y.std(ddof=1))
    wanted = mlj.predict(own, DIABETES) * y.std(ddof=1) + y.mean()
    np.testing.assert_allclose(mlj.predict(mach), wanted, rtol=1e-6)
    assert mlj.fitted_params(mach).transformer.means["y"] == y.mean()
    assert mlj.predict(mach).index.equals(DIABETES.index)


@pytest.mark.parametrize("transformer", [mlj.Standardizer(), "Standardizer"])
def test_a_transformer_may_be_named(transformer: Any) -> None:
    assert TTM(net(), transformer=transformer).transformer == mlj.Standardizer()


def test_functions_transform_and_a_given_inverse_is_honoured() -> None:
    log = fitted(TTM(net(), transformer=np.log, inverse=np.exp), DIABETES, PROGRESS)
    own = fitted(net(), DIABETES, np.log(PROGRESS))
    np.testing.assert_allclose(mlj.predict(log), np.exp(mlj.predict(own)), rtol=1e-6)
    # MLJ ignores an inverse beside a model.
    twice = fitted(TTM(Mean(), transformer=Shift(), inverse=lambda z: 2 * np.asarray(z)), X, Y)
    np.testing.assert_allclose(mlj.predict(twice), 2 * (X.mean(axis=1) - X.mean()))
    same = fitted(TTM(Mean(), transformer=Shift(), inverse="identity"), X, Y)
    np.testing.assert_allclose(mlj.predict(same), X.mean(axis=1) - X.mean())


def test_a_function_without_inverse_warns_and_predicts_on_its_scale() -> None:
    with pytest.warns(ModelWarning, match="on the transformed scale. Give inverse"):
        mach = mlj.machine(TTM(net(), transformer=np.log), DIABETES, PROGRESS)
    mlj.fit(mach, verbosity=0)
    own = fitted(net(), DIABETES, np.log(PROGRESS))
    np.testing.assert_allclose(mlj.predict(mach), mlj.predict(own), rtol=1e-6)


def test_weights_reach_the_model() -> None:
    w = np.array([0.0, 0.0, 1.0, 3.0])
    mach = fitted(TTM(Mean(), transformer=Shift()), X, Y, w)
    mean = mlj.fitted_params(mach).model.fitresult["mean"]
    assert mean == pytest.approx(np.average(Y, weights=w) - Y.mean())


def test_only_what_has_become_stale_is_trained_again() -> None:
    model = TTM(Mean(epochs=2), transformer=Shift())
    trained()
    mach = fitted(model, X, Y)
    assert trained() == ["fit shift", "fit mean 2"]
    model.model.epochs = 5
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 3"]
    assert mlj.training_losses(mach) == [0, 1, 2, 3, 4]
    model.transformer.by = 1.0
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update shift", "fit mean 5"]
    model.inverse = lambda z: z
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit shift", "fit mean 5"]


def test_distributions_over_classes_are_carried_over() -> None:
    names = {"setosa": "A", "versicolor": "B", "virginica": "C"}
    back = {"A": "x", "B": "yz", "C": "yz"}
    model = TTM(
        classifier(),
        transformer=lambda y: y.cat.rename_categories(names),
        inverse=lambda z: pd.Categorical([back[label] for label in z]),
    )
    mach, own = fitted(model, IRIS, SPECIES), fitted(classifier(), IRIS, SPECIES)
    found, wanted = mlj.predict(mach), mlj.predict(own)
    assert found.levels == ("x", "yz")
    np.testing.assert_allclose(found.pdf("x"), wanted.pdf("setosa"), rtol=1e-6)
    assert set(mlj.predict_mode(mach)) == {"x", "yz"}


def test_distributions_go_through_the_inverse_of_a_model_too() -> None:
    class Rename(mlj.Unsupervised):
        def fit(self, verbosity: int, X: Any) -> Any:
            return [str(level) for level in X.cat.categories]

        def transform(self, fitresult: Any, Xnew: Any) -> Any:
            return Xnew.cat.rename_categories(lambda name: name.upper())

        def inverse_transform(self, fitresult: Any, Xnew: Any) -> Any:
            return [name for name in fitresult for each in Xnew if each == name.upper()]

    mach = fitted(TTM(classifier(), transformer=Rename()), IRIS, SPECIES)
    own = fitted(classifier(), IRIS, SPECIES)
    assert mlj.predict(mach).levels == ("setosa", "versicolor", "virginica")
    np.testing.assert_array_equal(mlj.predict(mach).to_numpy(), mlj.predict(own).to_numpy())


def test_distributions_that_cannot_be_carried_over_raise() -> None:
    class Odd(mlj.Probabilistic):
        def fit(self, verbosity: int, X: Any, y: Any) -> None:
            return None

        def predict(self, fitresult: None, Xnew: Any) -> Any:
            return [object() for _ in Xnew]

    mach = fitted(TTM(Odd(), transformer=Shift()), X, Y)
    with pytest.raises(WrongType, match="Only distributions over classes.*inverse='identity'"):
        mlj.predict(mach)


def test_traits_are_those_of_the_model() -> None:
    traits = TTM(net(), transformer=mlj.Standardizer()).own_traits()
    assert traits.target_scitype == net().traits.target_scitype
    assert traits.iteration_parameter == "model.epochs" and traits.supports_weights
    assert (
        TTM(net(), transformer=np.log, inverse=np.exp).own_traits().target_scitype == mlj.Unknown
    )


def test_it_is_evaluated_on_the_scale_of_the_target_and_ends_a_pipeline() -> None:
    log = TTM(mlj.NeuralNetwork(epochs=20, rng=1), transformer=np.log, inverse=np.exp)
    e = mlj.evaluate(
        mlj.Standardizer() | log,
        DIABETES,
        PROGRESS,
        measure="rms",
        resampling=mlj.CV(nfolds=3, rng=1),
        verbosity=0,
    )
    assert 45 < e.measurement[0] < PROGRESS.std()


def test_a_table_of_targets_is_transformed_as_a_whole() -> None:
    exercise, body = mlj.load_linnerud()
    several = mlj.MultitargetNeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"), epochs=2, rng=1
    )
    mach = fitted(TTM(several, transformer=mlj.Standardizer()), exercise, body)
    found = mlj.predict(mach)
    assert list(found) == list(body) and abs(found.mean() - body.mean()).max() < 30


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "no transformer": (lambda: TTM(net()), InvalidModelError, "needs transformer"),
    "no model": (lambda: TTM(transformer=np.log), InvalidModelError, "needs model"),
    "no predictor": (
        lambda: TTM(mlj.Standardizer(), transformer=np.log),
        InvalidModelError,
        "must be a model that predicts",
    ),
    "a class": (
        lambda: TTM(mlj.NeuralNetworkRegressor, transformer=np.log),
        InvalidModelError,
        "got the class NeuralNetworkRegressor",
    ),
    "unknown name": (
        lambda: TTM(net(), transformer="Standardiser"),
        InvalidModelError,
        "no transformer is called 'Standardiser'. Did you mean Standardizer",
    ),
    "a transformer's class": (
        lambda: TTM(net(), transformer=mlj.Standardizer),
        InvalidModelError,
        r"write Standardizer\(\)",
    ),
    "a predictor": (
        lambda: TTM(net(), transformer=net()),
        InvalidModelError,
        "must be a transformer, got NeuralNetworkRegressor",
    ),
    "inverse": (
        lambda: TTM(net(), transformer=np.log, inverse=3),
        InvalidModelError,
        "must be a function, None or 'identity'",
    ),
    "without inverse": (
        lambda: mlj.machine(
            TTM(net(), transformer=mlj.Standardizer(count=True)), DIABETES, PROGRESS
        ),
        InvalidModelError,
        "has no inverse_transform. Give inverse=",
    ),
    "what the model cannot take": (
        lambda: mlj.machine(
            TTM(net(), transformer=lambda y: y.astype(str), inverse="identity"), DIABETES, PROGRESS
        ),
        ScitypeError,
        "given the target that <lambda> has transformed, .*y is Textual",
    ),
    "what the function cannot take": (
        lambda: mlj.machine(TTM(classifier(), transformer=np.log, inverse=np.exp), IRIS, SPECIES),
        InvalidArgument,
        "The transformer log cannot be applied to this target, of scitype Vector.Multiclass",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_meant_is_said_early(case: str) -> None:
    make, kind, words = BAD[case]
    with pytest.raises(kind, match=words):
        make()


def test_a_transformer_may_make_classes_of_numbers_for_a_classifier() -> None:
    thirds = mlj.UnivariateDiscretizer(n_classes=3)
    for model in (classifier(), mlj.NeuralNetwork(builder=mlj.Linear(), epochs=3, rng=1)):
        mach = fitted(TTM(model, transformer=thirds), DIABETES, PROGRESS)
        assert len(mlj.predict(mach).levels) == 3 and min(mlj.predict(mach).levels) > 25
    with pytest.raises(ScitypeError, match="NeuralNetworkRegressor takes a target of .* makes"):
        mlj.machine(TTM(net(), transformer=thirds), DIABETES, PROGRESS)


@pytest.mark.parametrize("model", [net(), mlj.NeuralNetwork(epochs=1, rng=1)])
def test_counts_are_taken_as_numbers(model: Any) -> None:
    counts = np.arange(len(DIABETES))
    logs = fitted(TTM(model, transformer=np.log1p, inverse=np.expm1), DIABETES, counts)
    with pytest.warns(ScitypeWarning, match="as Continuous: y is Count"):
        scaled = mlj.machine(TTM(net(), transformer="Standardizer"), DIABETES, counts)
    for mach in (logs, mlj.fit(scaled, verbosity=0)):
        assert np.asarray(mlj.predict(mach)).dtype.kind == "f"


def test_what_the_transformer_cannot_take_is_said_when_the_machine_is_made() -> None:
    box_cox = TTM(classifier(), transformer="UnivariateBoxCoxTransformer")
    with pytest.raises(ScitypeError, match="UnivariateBoxCoxTransformer takes a table, or a col"):
        mlj.machine(box_cox, IRIS, SPECIES)
    scaler = mlj.load("StandardScaler", package="scikit-learn")()
    with pytest.raises(ScitypeError, match="StandardScaler takes tables"):
        mlj.machine(TTM(net(), transformer=scaler), DIABETES, PROGRESS)


def test_the_kind_of_estimator_is_that_of_the_model() -> None:
    estimator = mlj.as_estimator(TTM(net(), transformer=np.log, inverse=np.exp))
    assert type(estimator).__name__ == "MachineRegressor"
    assert estimator.fit(DIABETES, PROGRESS).predict(DIABETES).shape == (len(PROGRESS),)


def test_class_weights_name_the_levels_of_the_target_as_it_is() -> None:
    weights = {"setosa": 1.0, "versicolor": 2.0, "virginica": 0.5}
    upper = TTM(
        classifier(),
        transformer=lambda y: y.cat.rename_categories(str.upper),
        inverse=lambda y: pd.Categorical([label.lower() for label in y]),
    )
    mach = fitted(upper, IRIS, SPECIES, weights)
    own = fitted(classifier(), IRIS, SPECIES, SPECIES.map(weights).astype(float).to_numpy())
    np.testing.assert_allclose(
        mlj.predict(mach).to_numpy(), mlj.predict(own).to_numpy(), rtol=1e-5
    )
    assert mlj.predict(mach).levels == ("setosa", "versicolor", "virginica")
