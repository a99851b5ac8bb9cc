"""What is wrong with a stack is said when it is made, when it is changed, or at `machine`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.composition._stack_checks import common_scitype, kinds_of
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    ModelWarning,
    OneClassError,
    RowsError,
    ScitypeError,
    ScitypeWarning,
    UnknownFieldError,
    UnsupportedOperation,
    WeightsError,
)
from tests.batteries.counting import Mean, trained
from tests.batteries.stacking import (
    W10,
    X10,
    Y10,
    Judge,
    Shares,
    Umpire,
    classes,
    fitted,
    learner,
    numbers,
)

Ridge, Forest = learner("Ridge"), learner("RandomForestRegressor", n_estimators=2)
Boosting = learner("GradientBoostingRegressor")
Logistic, Near = learner("LogisticRegression"), learner("KNeighborsClassifier", n_neighbors=2)
YN = np.linspace(0.0, 1.0, 10)

MADE: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", {"metalearner": Judge()}, "at least one base model, got none. Give them by name"),
    ("no metalearner", {"a": Shares()}, "needs a model that learns from the predictions"),
    (
        "a class",
        {"a": Shares, "metalearner": Judge()},
        "The base model a must be a model .*got th",
    ),
    ("no model", {"a": 3, "metalearner": Judge()}, "The base model a must be a model .*got 3"),
    ("a class as metalearner", {"a": Shares(), "metalearner": Judge}, "got the class Judge"),
    (
        "labels",
        {"a": Shares(), "b": learner("LinearSVC"), "metalearner": Judge()},
        r"b \(LinearSVC\) predicts labels, and a stack learns from probabilities. Take a classif",
    ),
    (
        "mixed",
        {"a": Shares(), "b": Ridge, "metalearner": Judge()},
        "all regressors or all classifiers: a is a classifier, b is a regressor",
    ),
    (
        "a transformer",
        {"a": mlj.Standardizer(), "metalearner": Judge()},
        r"a \(Standardizer\) does not predict, and cannot be in a stack",
    ),
    (
        "a transformer as metalearner",
        {"a": Shares(), "metalearner": mlj.Standardizer()},
        "The metalearner predicts, and Standardizer does not",
    ),
    (
        "a regressor as metalearner",
        {"a": Shares(), "metalearner": Ridge},
        "The metalearner Ridge is a regressor, and the base model a is a classifier",
    ),
    (
        "a classifier as metalearner",
        {"b": Mean(), "a": Boosting, "metalearner": Logistic},
        "LogisticRegression is a classifier, and the base model a is a regressor",
    ),
    (
        "several targets",
        {"a": mlj.MultitargetNeuralNetworkRegressor(), "b": Boosting, "metalearner": Ridge},
        "a is a model of several targets, b is a regressor",
    ),
    (
        "no such resampling",
        {"a": Shares(), "metalearner": Judge(), "resampling": "cv"},
        "Stack.resampling: must be a resampling strategy, 'auto' or None: .*got 'cv'",
    ),
    (
        "measure and measures",
        {"a": Shares(), "metalearner": Judge(), "measure": "log_loss", "measures": "accuracy"},
        "measure and measures were both given. Give one of them",
    ),
    (
        "a name of its own",
        {"predict": Shares(), "metalearner": Judge()},
        "Stack has something called 'predict' of its own",
    ),
    ("a private name", {"_a": Shares(), "metalearner": Judge()}, "'_a' cannot name a component"),
    (
        "another place",
        {"a": Shares(), "metalearner": Judge(), "acceleration": mlj.GPU(0)},
        r"acceleration must be CPU1\(\), CPUThreads\(n\)",
    ),
    ("no bool", {"a": Shares(), "metalearner": Judge(), "cache": 3}, "cache must be True or Fal"),
]


@pytest.mark.parametrize(("case", "given", "words"), MADE, ids=[case[0] for case in MADE])
def test_a_stack_that_cannot_be_is_refused_when_it_is_made(
    case: str, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidModelError, match=words):
        mlj.Stack(**given)


def test_what_is_assigned_is_checked_and_nothing_is_changed_by_what_is_refused() -> None:
    stack = classes()
    before = stack.replace({})
    for name, value, words in (
        ("a", learner("LinearSVC"), "predicts labels"),
        ("a", None, "The base model a must be a model"),
        ("b", Ridge, "all classifiers: a is a classifier, b is a regressor"),
        ("metalearner", Judge, "got the class Judge"),
        ("cache", "no", "cache must be True or False"),
    ):
        with pytest.raises(InvalidModelError, match=words):
            setattr(stack, name, value)
    with pytest.raises(UnknownFieldError, match="no hyper-parameter 'c'"):
        stack.c = Shares()
    assert stack == before


def test_parts_that_do_not_go_together_any_more_are_refused_by_machine() -> None:
    stack = classes()
    stack.metalearner = Ridge
    with pytest.raises(InvalidModelError, match="The metalearner Ridge is a regressor"):
        mlj.machine(stack, X10, Y10)
    stack = classes(resampling=None)
    with pytest.raises(InvalidModelError, match="resampling is None. Give CV.., or 'auto'"):
        mlj.machine(stack, X10, Y10)
    stack.resampling = "auto"
    stack.a.width, stack.resampling = 2.0, mlj.CV(nfolds=2)
    mach = fitted(stack, X10, Y10)
    stack.resampling = None
    with pytest.raises(InvalidModelError, match="resampling is None"):
        mlj.fit(mach, verbosity=0)
    assert mach.state == 1


def net(**changes: Any) -> mlj.NeuralNetwork:
    return mlj.NeuralNetwork(
        **{"builder": mlj.MLP(hidden=(3,)), "epochs": 1, "batch_size": 8, "rng": 1, **changes}
    )


LATE: list[tuple[str, Callable[[], Any], tuple[Any, ...], type[Exception], str]] = [
    (
        "another target",
        lambda: numbers(a=Ridge, b=Forest, metalearner=Ridge),
        (X10, Y10),
        ScitypeError,
        "y is Multiclass",
    ),
    (
        "another target, of one model",
        lambda: numbers(b=Boosting),
        (X10, Y10),
        ScitypeError,
        r"b \(GradientBoostingRegressor\) cannot take these data: y is Multiclass\[3\]",
    ),
    (
        "another target, of the metalearner",
        lambda: classes(a=net(), b=net(), metalearner=Ridge),
        (X10, Y10),
        ScitypeError,
        r"The metalearner \(Ridge\) cannot take these data: y is Multiclass\[3\]",
    ),
    (
        "kinds that data tell",
        lambda: mlj.Stack(a=net(), b=Near, metalearner=net()),
        (X10, YN),
        InvalidModelError,
        "all regressors or all classifiers: a is a regressor, b is a classifier",
    ),
    (
        "a column",
        lambda: classes(b=net()),
        (X10.assign(t=["p"] * 10), Y10),
        ScitypeError,
        "column 't' is Textual",
    ),
    (
        "one class",
        lambda: classes(b=net()),
        (X10, pd.Series(pd.Categorical(["u"] * 10))),
        OneClassError,
        r"single level, \['u'\]: there is nothing to tell apart",
    ),
    (
        "folds",
        lambda: classes(resampling=mlj.CV(nfolds=11)),
        (X10, Y10),
        EmptyData,
        r"CV\(nfolds=11\) needs at least 11 rows, got 10",
    ),
    (
        "pairs",
        lambda: classes(resampling=[([0, 1], [10])]),
        (X10, Y10),
        RowsError,
        "test of pair 0: rows has 10 at position 0",
    ),
    (
        "a measure of numbers",
        lambda: classes(measures="rms"),
        (X10, Y10),
        InvalidArgument,
        "rms needs a target of scitype",
    ),
    (
        "no measure",
        lambda: classes(measures=["log_loss", "los"]),
        (X10, Y10),
        InvalidArgument,
        "No measure is called 'los'",
    ),
    ("fewer labels", classes, (X10, Y10.head(9)), DimensionMismatch, "X has 10, y has 9"),
    (
        "weights that none takes",
        lambda: classes(a=Near, b=Near, metalearner=Near),
        (X10, Y10, W10),
        WeightsError,
        "Stack takes no weights. Leave them out",
    ),
    ("no target", classes, (X10,), InvalidArgument, r"machine\(Stack\(\), ...\) takes X, y or X"),
]


@pytest.mark.parametrize(
    ("case", "make", "data", "error", "words"), LATE, ids=[case[0] for case in LATE]
)
def test_data_and_options_that_do_not_suit_are_refused_by_machine_before_any_training(
    case: str, make: Callable[[], Any], data: Any, error: type[Exception], words: str
) -> None:
    trained()
    with pytest.raises(error, match=words):
        mlj.machine(make(), *data)
    assert trained() == []


def test_regressors_of_one_and_of_several_targets_go_together() -> None:
    assert kinds_of(Ridge) == ("regressor", "model of several targets")
    assert kinds_of(Boosting) == ("regressor",) and kinds_of(Near) == ("classifier",)
    assert kinds_of(Mean()) == kinds_of(net()) == ()
    single = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), epochs=0, rng=1)
    stack = mlj.Stack(forest=Forest, net=single, boosting=Boosting, metalearner=Ridge)
    stack.resampling = mlj.CV(nfolds=2)
    assert len(mlj.predict(fitted(stack, X10, YN))) == 10


def test_the_scitype_that_all_take_is_the_special_case_of_all() -> None:
    continuous, numbers_ = mlj.Table[mlj.Continuous], mlj.Table[mlj.Continuous, mlj.Count]
    assert common_scitype([continuous, numbers_, continuous]) == continuous
    assert common_scitype([continuous, mlj.Table[mlj.Count]]) == mlj.Unknown
    assert common_scitype([continuous, mlj.Unknown]) in (continuous, mlj.Unknown)
    stack = mlj.Stack(forest=Forest, boosting=Boosting, metalearner=Ridge)
    assert stack.own_traits().target_scitype == mlj.Vector[mlj.Continuous]
    assert classes().own_traits().prediction_type == "probabilistic"
    labels = classes(metalearner=learner("LinearSVC"))
    assert labels.own_traits().prediction_type == "deterministic"


def test_labels_of_a_model_of_unknown_kind_are_refused_when_they_come() -> None:
    class Labels(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> Any:
            return y.iloc[0]

        def predict(self, fitresult: Any, Xnew: Any) -> Any:
            return [fitresult] * len(Xnew)

    with pytest.raises(UnsupportedOperation, match="and a model in it predicts labels"):
        fitted(classes(a=Labels()), X10, Y10)


def test_a_metalearner_may_predict_labels() -> None:
    mach = fitted(classes(metalearner=learner("LinearSVC")), X10, Y10)
    found = mlj.predict(mach, X10)
    assert found.tolist() == Y10.tolist() and found.dtype == Y10.dtype


# Warnings.


def test_models_that_take_no_weights_are_named_once_and_trained_without() -> None:
    stack = classes(a=Near, c=learner("GaussianNB"), d=Near, metalearner=Judge())
    with pytest.warns(ModelWarning, match="a and d take no weights, and will be trained without"):
        mach = mlj.machine(stack, X10, Y10, W10)
    mlj.fit(mach, verbosity=0)
    with pytest.warns(ModelWarning, match="metalearner takes no weights, and will be trained wit"):
        mlj.machine(classes(metalearner=Near), X10, Y10, W10)
    with pytest.warns(ModelWarning, match="a and b take no weights"):
        mlj.machine(classes(a=Near, b=Near), X10, Y10, W10)
    by_class = {"setosa": 1.0, "versicolor": 2.0, "virginica": 3.0}
    with pytest.warns(ModelWarning, match="b and metalearner take no weights"):
        mlj.machine(classes(a=Logistic), X10, Y10, by_class)


def test_a_lossless_conversion_is_told_once_by_machine() -> None:
    counts = np.arange(10)
    single = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), epochs=0, rng=1)
    with pytest.warns(ScitypeWarning, match=r"b \(NeuralNetworkRegressor\) takes .*y is Count"):
        mach = mlj.machine(numbers(b=single), X10, counts)
    mlj.fit(mach, verbosity=0)
    with pytest.warns(ScitypeWarning, match="Stack takes these data as Continuous: y is Count"):
        stack = mlj.Stack(a=single, metalearner=single, resampling=mlj.CV(nfolds=2))
        mach = mlj.machine(stack, X10, counts)
    mlj.fit(mach, verbosity=0)


def test_models_of_ones_own_are_asked_with_data_as_the_user_gave_them() -> None:
    asked: list[tuple[type, type]] = []

    class Asks(Shares):
        def check_data(self, X: Any, y: Any) -> None:
            asked.append((type(X), type(y)))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mach = mlj.machine(classes(a=Asks()), X10, Y10)
    assert asked == [(pd.DataFrame, pd.Series)]
    mlj.fit(mach, verbosity=0)
    assert {*asked} == {(pd.DataFrame, pd.Series)}


def test_a_stack_shows_its_models_and_what_was_set() -> None:
    stack = mlj.Stack(a=Shares(), metalearner=Umpire(), measure="rms")
    assert repr(stack) == "Stack(a=Shares(), metalearner=Umpire(), measures='rms')"
    assert stack.fields()[:2] == ("a", "metalearner") and stack.get("a.width") == 1.0


def test_names_of_the_report_are_not_for_base_models() -> None:
    for name in ("folds", "cv_report"):
        with pytest.raises(InvalidModelError, match=f"something called '{name}' of its own"):
            mlj.Stack(metalearner=mlj.NeuralNetworkClassifier(), **{name: Shares()})


def test_a_metalearner_takes_a_table_of_numbers() -> None:
    with pytest.raises(InvalidModelError, match="learns from a table of numbers, and ImageClassi"):
        mlj.Stack(metalearner=mlj.ImageClassifier(), shares=Shares())
