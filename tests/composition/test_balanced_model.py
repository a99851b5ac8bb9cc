"""A balanced model: seeds, warm restarts, and the company of other models."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from imblearn.under_sampling import (
    RandomUnderSampler,
)

import mlj_keras as mlj
from mlj_keras.composition.balancer import Balancer
from mlj_keras.errors import (
    InvalidModelError,
    ModelWarning,
    ScitypeError,
    WeightsError,
    WrongType,
)
from tests.batteries.balancing import (
    IRIS,
    MIXED,
    SPECIES,
    Recorder,
    X,
    Y,
    fitted,
    identity,
    net,
    seen,
    trained_on,
)

# Seeds and warm restarts.


def test_one_seed_gives_the_same_bytes_and_another_others() -> None:
    def state(**changes: Any) -> Any:
        model = mlj.BalancedModel(net(**changes), over=SMOTE(), under=RandomUnderSampler())
        return mlj.snapshot(fitted(model, X, Y))

    assert state() == state() != state(rng=2)
    one = mlj.BalancedModel(net(), a=RandomOverSampler(), b=RandomOverSampler())
    balancing = mlj.report(fitted(one, X, Y)).balancing
    assert balancing.a.random_state != balancing.b.random_state
    rows, _ = RandomOverSampler(random_state=balancing.a.random_state).fit_resample(X, Y)
    given, _ = trained_on(RandomOverSampler())
    assert not rows.equals(given)  # of another name
    assert one.a.random_state is None


def test_a_new_seed_of_the_model_balances_anew_as_if_it_had_been_there_before() -> None:
    model = mlj.BalancedModel(net(), over=SMOTE())
    mach = fitted(model, X, Y)
    model.model.rng = 2
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach) == mlj.snapshot(fitted(model, X, Y))


def test_without_a_seed_each_training_from_the_start_draws_anew() -> None:
    model = mlj.BalancedModel(Recorder(rng=None), under=RandomUnderSampler())
    mach = fitted(model, X, Y)
    first = mlj.report(mach).balancing.under.random_state
    model.model.epochs = 2
    assert mlj.report(mlj.fit(mach, verbosity=0)).balancing.under.random_state == first
    mlj.fit(mach, verbosity=0, force=True)
    assert mlj.report(mach).balancing.under.random_state != first


@pytest.mark.parametrize("cache", [True, False])
def test_more_epochs_go_on_with_the_same_rows(*, cache: bool) -> None:
    model = mlj.BalancedModel(net(epochs=5), over=SMOTE(), under=RandomUnderSampler())
    mach = mlj.fit(mlj.machine(model, X, Y, cache=cache), verbosity=0)
    model.model.epochs = 10
    mlj.fit(mach, verbosity=0)
    assert mach.state == 2
    whole = fitted(model, X, Y)
    assert mlj.snapshot(mach) == mlj.snapshot(whole)
    np.testing.assert_array_equal(mlj.training_losses(mach), mlj.training_losses(whole))
    assert mlj.report(mach).balancing == mlj.report(whole).balancing


def test_what_has_not_changed_is_not_trained_again() -> None:
    model = mlj.BalancedModel(Recorder(), under=RandomUnderSampler())
    mach = fitted(model, X, Y)
    seen()
    mlj.fit(mach, verbosity=0)
    assert seen() == []
    model.model.epochs = 2
    mlj.fit(mach, verbosity=0)
    model.under.sampling_strategy = "majority"
    mlj.fit(mach, verbosity=0)
    mlj.fit(mach, rows=range(50), verbosity=0)
    assert [(what, len(X)) for what, X, *_ in seen()] == [
        ("update", 60),
        ("fit", 70),
        ("fit", 40),
    ]
    model.model = Recorder(rng=1, epochs=2)
    mlj.fit(mach, rows=range(50), verbosity=0)
    assert seen() == []


def test_another_optimiser_is_remembered_and_trains_nothing() -> None:
    model = mlj.BalancedModel(net(), over=RandomOverSampler())
    mach = fitted(model, X, Y)
    model.model.optimiser = mlj.Adam(0.1)
    mlj.fit(mach, verbosity=0)
    assert mach.state == 1
    model.model.epochs = 4
    assert mlj.report(mlj.fit(mach, verbosity=0)).model.epochs == 4


def test_a_frozen_model_stays_and_thawed_learns_what_it_missed() -> None:
    inner = mlj.Freezable(Recorder(), frozen=True)
    model = mlj.BalancedModel(inner, under=RandomUnderSampler())
    mach = fitted(model, X, Y)
    mlj.fit(mach, rows=range(50), verbosity=-1)
    inner.model.epochs = 3
    mlj.fit(mach, verbosity=-1)
    assert len(seen()) == 1
    inner.frozen = False
    mlj.fit(mach, verbosity=0)
    assert [what for what, *_ in seen()] == ["fit"]
    outer = mlj.Freezable(mlj.BalancedModel(Recorder(), under=RandomUnderSampler()), frozen=True)
    mach = fitted(outer, X, Y)
    mlj.fit(mach, rows=range(50), verbosity=-1)
    assert len(seen()) == 1


def test_a_fit_that_is_cut_off_keeps_whole_epochs_and_goes_on() -> None:
    from tests.batteries.counting import Mean  # a regressor whose target is not declared

    labels = pd.Categorical([1, 2, 2, 2])
    numbers = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 9.0], [0.0, 8.0]])
    model = mlj.BalancedModel(Mean(epochs=5, stops_at=2), under=RandomUnderSampler(random_state=1))
    mach = mlj.machine(model, numbers, labels)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert mlj.report(mach).model.epochs == 2
    assert mlj.report(mach).balancing.under.rows_after == 2
    model.model.stops_at = -1
    assert mlj.report(mlj.fit(mach, verbosity=0)).model.epochs == 5


def test_snapshots_are_put_back_and_checkpoints_go_on(tmp_path: Any) -> None:
    model = mlj.BalancedModel(net(epochs=2), over=SMOTE())
    mach = fitted(model, X, Y)
    early = mlj.snapshot(mach)
    model.model.epochs = 4
    late = mlj.snapshot(mlj.fit(mach, verbosity=0))
    mlj.restore(mach, early)
    assert mlj.snapshot(mach) == early != late
    assert mlj.snapshot(mlj.fit(mach, verbosity=0)) == late
    written = mlj.fit(mlj.machine(model, X, Y), checkpoint=tmp_path / "c", verbosity=0)
    again = mlj.fit(mlj.machine(model, X, Y), checkpoint=tmp_path / "c", verbosity=0)
    assert mlj.snapshot(written) == mlj.snapshot(again) == late


# In company.


def test_traits_operations_and_what_is_told_follow_the_model() -> None:
    model = mlj.BalancedModel(mlj.NeuralNetwork(epochs=2, rng=1), over=RandomOverSampler())
    traits = model.own_traits()
    assert traits.iteration_parameter == "model.epochs"
    assert traits.target_scitype == mlj.Vector[mlj.Finite]
    assert traits.supports_weights and traits.is_wrapper
    mach = fitted(model, X, Y)
    assert mach.container is mlj.BalancedModel
    assert mach.current_model().model.__class__ is mlj.NeuralNetworkClassifier
    assert len(mlj.training_losses(mach)) == 2
    assert mlj.fitted_params(mach).model.network.output_shape == (None, 3)
    assert mlj.predict_mode(mach, IRIS).index.equals(IRIS.index)
    assert mlj.feature_importances(mach) is None
    tree = mlj.load("DecisionTreeClassifier", package="scikit-learn")(random_state=0)
    mach = fitted(mlj.BalancedModel(tree, over=RandomOverSampler()), X, Y)
    assert [name for name, _ in mlj.feature_importances(mach)] == list(X.columns)
    assert not mach.model.has_operation("transform")
    embedded = mlj.BalancedModel(net(), over=SMOTENC("auto"))
    assert "colour_1" in mlj.transform(fitted(embedded, MIXED[["size", "colour"]], Y), MIXED)


def test_parameters_of_balancers_are_tuned_by_their_paths() -> None:
    model = mlj.BalancedModel(net(), over=SMOTE(), under=RandomUnderSampler())
    ranges = [
        mlj.param_range(model, "over.k_neighbors", lower=1, upper=5),
        mlj.param_range(model, "under.sampling_strategy", values=["auto", {"virginica": 20}]),
    ]
    tuned = mlj.TunedModel(
        model,
        ranges=ranges,
        tuning=mlj.Grid(resolution=2),
        resampling=mlj.Holdout(0.9, rng=1, shuffle=True, stratify=True),
        measure=mlj.log_loss,
    )
    mach = fitted(tuned, X, Y)
    history = mlj.report(mach).history
    assert sorted(history["over.k_neighbors"]) == [1, 1, 5, 5]
    best = mlj.fitted_params(mach).best_model
    report = mlj.report(mach).best_report.balancing
    counts = {} if best.under.sampling_strategy == "auto" else {"virginica": 20}
    assert counts.items() <= report.under.counts_after.items()
    assert best.over.k_neighbors == mlj.report(mach).best_model.over.k_neighbors


def test_it_is_iterated_from_outside_and_inside() -> None:
    controls = [mlj.Step(2), mlj.NumberLimit(3)]
    around = mlj.IteratedModel(mlj.BalancedModel(net(), over=SMOTE()), controls=controls)
    report = mlj.report(fitted(around, X, Y))
    assert report.n_iterations == 6
    assert report.model_report.balancing.over.rows_before == 70
    inside = mlj.BalancedModel(mlj.IteratedModel(net(), controls=controls), over=SMOTE())
    mach = fitted(inside, X, Y)
    assert mlj.report(mach).model.n_iterations == 6
    inside.model.controls = [mlj.Step(2), mlj.NumberLimit(1)]
    assert mlj.report(mlj.fit(mach, verbosity=0)).model.n_iterations == 8
    assert inside.own_traits().iteration_parameter is None


def test_callbacks_of_keras_are_shown_the_network_inside() -> None:
    shown = []

    class Callback(keras.callbacks.Callback):  # type: ignore[misc]  # untyped
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            shown.append(self.model.get_weights()[0])

    controls = [mlj.Step(1), mlj.KerasCallback(Callback()), mlj.NumberLimit(2)]
    model = mlj.BalancedModel(net(), over=SMOTE())
    mach = fitted(mlj.IteratedModel(model, controls=controls, keep="last"), X, Y)
    assert len(shown) == 2
    kept = mlj.snapshot(mach).arrays["layers/1/kernel"]
    np.testing.assert_array_equal(shown[1], kept)


def test_it_is_a_step_of_a_pipeline_and_a_part_of_a_stack() -> None:
    pipe = mlj.Standardizer() | mlj.BalancedModel(net(), over=SMOTE(random_state=1))
    mach = fitted(pipe, X, Y)
    assert mlj.report(mach).balanced_model.balancing.over.rows_after == 150
    scaled = (X - X.mean()) / X.std()
    frame, labels = SMOTE(random_state=1).fit_resample(scaled, np.asarray(Y))
    own = fitted(net(), frame, pd.Categorical(labels, categories=SPECIES.cat.categories))
    wanted = mlj.predict(own, scaled).to_numpy()
    np.testing.assert_allclose(mlj.predict(mach, X).to_numpy(), wanted, atol=1e-6)
    pipe.balanced_model.model.epochs = 6
    assert len(mlj.training_losses(mlj.fit(mach, verbosity=0))) == 6
    assert mach.current_model().own_traits().iteration_parameter == "balanced_model.model.epochs"
    with pytest.raises(WeightsError, match="'over', SMOTE, makes new rows, which have no weights"):
        mlj.fit(mlj.machine(pipe, X, Y, np.ones(100)), verbosity=0)
    stack = mlj.Stack(metalearner=net(), resampling=mlj.CV(nfolds=2, rng=1, shuffle=True), a=pipe)
    assert mlj.predict(fitted(stack, X, Y), X).to_numpy().shape == (100, 3)


def test_a_pipeline_may_be_inside() -> None:
    inner = mlj.OneHotEncoder() | net()
    table = MIXED.drop(columns=["visits", "big"])
    mach = fitted(mlj.BalancedModel(inner, over=SMOTENC("auto")), table, Y)
    assert mlj.report(mach).balancing.over.rows_after == 150


def test_copies_and_pickles_are_the_same_and_go_on_alike() -> None:
    model = mlj.BalancedModel(net(), over=SMOTE(sampling_strategy={"setosa": 50}), f=identity)
    twin = pickle.loads(pickle.dumps(model))
    assert twin == model == copy.deepcopy(model) and twin.over == model.over
    assert twin.over.sampling_strategy == {"setosa": 50}
    twin.over.k_neighbors = 2
    assert twin != model and model.over.k_neighbors == 5
    mach = fitted(model, X, Y)
    other = pickle.loads(pickle.dumps(mach))
    model.model.epochs = other.model.model.epochs = 5
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mlj.fit(other, verbosity=0)) == mlj.snapshot(mach)


def test_parts_are_held_and_shown() -> None:
    model = mlj.BalancedModel(net(), over=SMOTE(k_neighbors=3), f=identity)
    assert model.fields() == ("over", "f", "model")
    assert repr(model).startswith("BalancedModel(over=SMOTE(k_neighbors=3), f=identity, model=")
    assert "over: Balancer" in model._repr_html_()
    model.over = RandomOverSampler()
    assert isinstance(model.over, Balancer) and model.over.shrinkage is None
    assert "BalancedModel" in {entry.name for entry in mlj.models(wrappers=True)}


# What is refused.


def test_no_balancers_is_said() -> None:
    with pytest.warns(ModelWarning, match="no balancers, and is as its model alone. Give one"):
        model = mlj.BalancedModel(net())
    assert mlj.snapshot(fitted(model, X, Y)) == mlj.snapshot(fitted(net(), X, Y))


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (mlj.NeuralNetworkRegressor(), "must be a model that predicts classes"),
        (mlj.Standardizer(), "must be a model that predicts classes"),
        (mlj.NeuralNetworkClassifier, "got the class NeuralNetworkClassifier"),
        (None, "must be a model such as"),
    ],
)
def test_what_predicts_no_classes_is_refused(model: Any, match: str) -> None:
    with pytest.raises(InvalidModelError, match=match):
        mlj.BalancedModel(model, over=RandomOverSampler())


def test_what_balances_nothing_is_refused() -> None:
    with pytest.raises(WrongType, match=r"got the class SMOTE. Write SMOTE\(\)"):
        mlj.BalancedModel(net(), over=SMOTE)
    model = mlj.BalancedModel(net(), over=SMOTE())
    with pytest.raises(WrongType, match="which has no fit_resample. Give a sampler"):
        model.over = "SMOTE"
    with pytest.raises(InvalidModelError, match="something called 'predict' of its own"):
        mlj.BalancedModel(net(), predict=SMOTE())


@pytest.mark.parametrize("inner", [mlj.NeuralNetwork(), Recorder()])
def test_a_target_that_is_no_column_of_classes_is_refused(inner: Any) -> None:
    model = mlj.BalancedModel(inner, over=RandomOverSampler())
    with pytest.raises(ScitypeError, match="Multiclass"):
        mlj.machine(model, X, X.sepal_length)
    with pytest.raises(ScitypeError, match="Multiclass"):
        mlj.machine(model, X, Y.astype(str))
    mach = mlj.machine(
        mlj.BalancedModel(Recorder(), b=identity), X, X.sepal_length, scitype_check_level=0
    )
    with pytest.raises(ScitypeError, match=r"balances classes, and y is Vector\[Continuous\]"):
        mlj.fit(mach, verbosity=0)
