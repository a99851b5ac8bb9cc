"""Others' functions as measures: scikit-learn's metrics and scorers give scikit-learn's values."""

from __future__ import annotations

import copy
import functools
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from mlj_keras.errors import InvalidArgument, InvalidModelError, WeightsError
from mlj_keras.measures.continuous import LPLoss
from mlj_keras.measures.custom import (
    FunctionMeasure,
    ScorerMeasure,
    measure_of_callable,
    name_of,
    scorer_named,
)
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector

_RNG = np.random.default_rng(3)
N_ROWS = 30
WEIGHTS = _RNG.uniform(0.5, 2, N_ROWS)
NUMBERS = _RNG.normal(size=N_ROWS)
GUESSES = NUMBERS + _RNG.normal(size=N_ROWS)


def probable(n_classes: int) -> np.ndarray:
    rows = _RNG.uniform(0.05, 1, (N_ROWS, n_classes))
    return rows / rows.sum(axis=1, keepdims=True)


TWO, THREE = probable(2), probable(3)
LABELS = {2: np.array(["no", "yes"]), 3: np.array(["a", "b", "c"])}
TRUTH = {k: labels[np.arange(N_ROWS) % k] for k, labels in LABELS.items()}


class Foreteller(ClassifierMixin, BaseEstimator):
    """A classifier of scikit-learn's kind that gives the probabilities it is made with."""

    def __init__(self, rows: Any = None, labels: Any = None) -> None:
        self.rows, self.labels = rows, labels
        self.classes_ = labels

    def fit(self, X: Any, y: Any) -> Foreteller:
        """Nothing to learn."""
        return self

    def predict_proba(self, X: Any) -> Any:
        """The rows."""
        return self.rows

    def predict(self, X: Any) -> Any:
        """The most probable labels."""
        return self.labels[self.rows.argmax(axis=1)]


class Guesser(RegressorMixin, BaseEstimator):
    """A regressor of scikit-learn's kind that gives the guesses above."""

    def fit(self, X: Any, y: Any) -> Guesser:
        """Nothing to learn."""
        return self

    def predict(self, X: Any) -> Any:
        """The guesses."""
        return GUESSES


def predictions(rows: np.ndarray, labels: np.ndarray, prediction_type: str) -> Any:
    """What a model of ours predicts: distributions, or labels."""
    if prediction_type == "probabilistic":
        return UnivariateFiniteVector(rows, labels.tolist())
    return pd.Categorical.from_codes(rows.argmax(axis=1), categories=labels)


MACRO_F1 = metrics.make_scorer(metrics.f1_score, average="macro")
OF_CLASSES: list[tuple[Any, int]] = [
    *((name, 3) for name in ("accuracy", "balanced_accuracy", "f1_macro", "neg_log_loss")),
    *((name, 3) for name in ("roc_auc_ovr", "top_k_accuracy", "neg_brier_score")),
    *((name, 2) for name in ("neg_log_loss", "roc_auc", "d2_log_loss_score")),
    *((name, 3) for name in ("d2_brier_score", "homogeneity_score", "completeness_score")),
    (MACRO_F1, 3),
    (metrics.make_scorer(metrics.f1_score, pos_label="no"), 2),
    (
        metrics.make_scorer(
            metrics.log_loss, greater_is_better=False, response_method="predict_proba"
        ),
        3,
    ),
    (
        metrics.make_scorer(
            metrics.roc_auc_score, response_method="predict_proba", multi_class="ovr"
        ),
        3,
    ),
    *(
        (
            metrics.make_scorer(
                metrics.average_precision_score, response_method="predict_proba", pos_label=label
            ),
            2,
        )
        for label in ("no", "yes")
    ),
]


@pytest.mark.parametrize(("given", "k"), OF_CLASSES, ids=str)
def test_a_scorer_of_classes_gives_what_it_gives_for_an_estimator(given: Any, k: int) -> None:
    scorer = metrics.get_scorer(given) if isinstance(given, str) else given
    measure = scorer_named(given) if isinstance(given, str) else measure_of_callable(given)
    assert isinstance(measure, ScorerMeasure) and measure.orientation == "score"
    rows, labels, truth = (TWO, THREE)[k - 2], LABELS[k], TRUTH[k]
    estimator = Foreteller(rows, labels)
    predicted = predictions(rows, labels, measure.prediction_type)
    wanted = scorer(estimator, rows, truth)
    for kind in (list, pd.Series, pl.Series, pd.Categorical):
        assert measure(predicted, kind(truth)) == pytest.approx(wanted, rel=1e-12)
    if measure.supports_weights:
        wanted = scorer(estimator, rows, truth, sample_weight=WEIGHTS)
        assert measure(predicted, truth, WEIGHTS) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    "name",
    ["r2", "neg_root_mean_squared_error", "neg_mean_absolute_error", "explained_variance"],
)
def test_a_scorer_of_numbers_gives_what_it_gives_for_an_estimator(name: str) -> None:
    measure, scorer = scorer_named(name), metrics.get_scorer(name)
    assert measure is not None and measure.prediction_type == "deterministic"
    for weights in (None, WEIGHTS):
        wanted = scorer(Guesser(), None, NUMBERS, sample_weight=weights)
        for kind in (list, np.array, pd.Series, pl.Series):
            assert measure(kind(GUESSES), kind(NUMBERS), weights) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("function", "prediction", "truth", "orientation"),
    [
        (metrics.accuracy_score, TRUTH[2][::-1], TRUTH[2], "score"),
        (metrics.cohen_kappa_score, TRUTH[3][::-1], TRUTH[3], "none"),
        (metrics.matthews_corrcoef, TRUTH[2][::-1], TRUTH[2], "score"),
        (metrics.hamming_loss, TRUTH[3][::-1], TRUTH[3], "loss"),
        (metrics.r2_score, GUESSES, NUMBERS, "score"),
        (metrics.mean_absolute_error, GUESSES, NUMBERS, "loss"),
        (metrics.mean_poisson_deviance, np.abs(GUESSES), np.abs(NUMBERS), "loss"),
    ],
)
def test_a_metric_of_values_is_called_with_the_truth_first(
    function: Any, prediction: Any, truth: Any, orientation: str
) -> None:
    measure = measure_of_callable(function)
    assert (measure.orientation, measure.prediction_type) == (orientation, "deterministic")
    assert measure.name == function.__name__
    assert measure(prediction, truth) == pytest.approx(function(truth, prediction), rel=1e-12)
    wanted = function(truth, prediction, sample_weight=WEIGHTS)
    assert measure(prediction, truth, WEIGHTS) == pytest.approx(wanted, rel=1e-12)


def test_a_metric_of_clusters_is_called_with_the_truth_first() -> None:
    found, truth = [0, 0, 1, 2], ["x", "x", "y", "y"]  # homogeneous, and not complete
    assert measure_of_callable(metrics.homogeneity_score)(found, truth) == pytest.approx(1.0)
    assert measure_of_callable(metrics.completeness_score)(found, truth) == pytest.approx(2 / 3)


def test_a_metric_of_scores_gets_probabilities() -> None:
    two, three = (
        UnivariateFiniteVector(rows, LABELS[k].tolist()) for k, rows in ((2, TWO), (3, THREE))
    )
    for function, predicted, rows, truth in (
        (metrics.log_loss, three, THREE, TRUTH[3]),
        (metrics.log_loss, two, TWO, TRUTH[2]),
        (metrics.roc_auc_score, two, TWO[:, 1], TRUTH[2]),
        (metrics.d2_log_loss_score, three, THREE, TRUTH[3]),
    ):
        measure = measure_of_callable(function)
        assert measure.prediction_type == "probabilistic"
        assert measure(predicted, truth) == pytest.approx(function(truth, rows), rel=1e-12)


def test_probabilities_are_in_the_order_of_sorted_classes_whatever_the_pool() -> None:
    backwards = UnivariateFiniteVector(THREE[:, ::-1], ["c", "b", "a"])
    measure = measure_of_callable(metrics.log_loss)
    assert measure(backwards, TRUTH[3]) == pytest.approx(metrics.log_loss(TRUTH[3], THREE))
    auc = measure_of_callable(metrics.roc_auc_score)
    yes_first = UnivariateFiniteVector(TWO[:, ::-1], ["yes", "no"])
    assert auc(yes_first, TRUTH[2]) == pytest.approx(metrics.roc_auc_score(TRUTH[2], TWO[:, 1]))
    assert auc(TWO[:, 1], TRUTH[2]) == auc(yes_first, TRUTH[2])


def test_integer_classes_have_the_positive_one_that_scikit_learn_takes() -> None:
    truth = np.arange(N_ROWS) % 2 + 1  # pos_label is 1 by default, the first of these classes
    measure = measure_of_callable(metrics.average_precision_score)
    wanted = metrics.average_precision_score(truth, TWO[:, 0])
    assert measure(UnivariateFiniteVector(TWO, [1, 2]), truth) == pytest.approx(wanted)


def test_of_two_words_the_second_is_the_positive_class_where_scikit_learn_needs_to_be_told() -> (
    None
):
    predicted = UnivariateFiniteVector(TWO, ["no", "yes"])
    hits = TRUTH[2] == "yes"
    for function in (metrics.brier_score_loss, metrics.average_precision_score):
        measure = measure_of_callable(function)
        assert measure(predicted, TRUTH[2]) == pytest.approx(function(hits, TWO[:, 1]))
    negative = scorer_named("neg_brier_score")
    assert negative is not None
    wanted = -metrics.brier_score_loss(hits, TWO[:, 1])
    assert negative(predicted, TRUTH[2]) == pytest.approx(wanted)


def test_rows_that_do_not_show_all_classes_are_measured() -> None:
    for k, rows in ((2, TWO), (3, THREE)):
        one = np.repeat(LABELS[k][0], N_ROWS)
        predicted = UnivariateFiniteVector(rows, LABELS[k].tolist())
        wanted = -np.log(rows[:, 0]).mean()
        assert measure_of_callable(metrics.log_loss)(predicted, one) == pytest.approx(wanted)


def test_the_options_of_a_scorer_win_over_what_would_be_passed_on() -> None:
    def count(y_true: Any, y_score: Any, labels: Any = ()) -> int:
        return len(labels)

    predicted = UnivariateFiniteVector(THREE, ["a", "b", "c"])
    for options, wanted in (({}, 3), ({"labels": ["a"]}, 1)):
        scorer = metrics.make_scorer(count, response_method="predict_proba", **options)
        assert measure_of_callable(scorer)(predicted, TRUTH[3]) == wanted


def test_a_scorer_of_ones_own_function_is_called_with_the_truth_first() -> None:
    scorer = metrics.make_scorer(lambda y, yhat: float(np.sum(2 * y - yhat)))
    assert measure_of_callable(scorer)([1.0, 2.0], [10.0, 20.0]) == 57.0


def test_a_scorer_of_a_partial_function_has_its_name() -> None:
    partial = functools.partial(metrics.fbeta_score, beta=2, average="macro")
    measure = measure_of_callable(metrics.make_scorer(partial))
    assert measure.name == "fbeta_score"
    wanted = metrics.fbeta_score(TRUTH[3], TRUTH[3][::-1], beta=2, average="macro")
    assert measure(TRUTH[3][::-1], TRUTH[3]) == pytest.approx(wanted)


def test_scorers_are_named_by_their_functions_and_equal_by_what_they_score() -> None:
    assert scorer_named("neg_log_loss") == scorer_named("neg_log_loss")
    assert scorer_named("neg_log_loss") != scorer_named("roc_auc")
    assert scorer_named("f1_macro") != scorer_named("f1_micro")
    assert scorer_named("r2") != measure_of_callable(metrics.r2_score)
    measure = scorer_named("neg_log_loss")
    assert measure is not None and measure.name == "neg_log_loss"
    assert copy.deepcopy(measure) == measure == pickle.loads(pickle.dumps(measure))
    assert measure.better(-1.0, -2.0)
    assert scorer_named("no_such_scorer") is None


def smaller_truth(prediction: Any, truth: Any) -> Any:
    return np.mean(np.asarray(prediction) > np.asarray(truth))


def weighted_gap(yhat: Any, y: Any, weights: Any = None) -> Any:
    return np.average(np.asarray(yhat) - np.asarray(y), weights=weights)


def test_a_plain_function_gets_prediction_and_truth_as_they_come() -> None:
    seen = []
    measure = measure_of_callable(lambda *both: seen.append(both) or 0.0)
    prediction, truth = pd.Series([1.0]), pl.Series([2.0])
    assert measure(prediction, truth) == 0.0
    assert seen[0][0] is prediction and seen[0][1] is truth
    assert measure_of_callable(smaller_truth)([3, 1], [2, 2]) == 0.5
    worse = FunctionMeasure(smaller_truth, orientation="loss", prediction_type="probabilistic")
    assert (worse.name, worse.orientation) == ("smaller_truth", "loss")
    assert worse.prediction_type == "probabilistic" and worse.better(0.0, 1.0)
    assert measure_of_callable(max)([3], [4]) == [4]  # a function without a signature
    assert measure_of_callable(np.hypot)(3.0, 4.0) == 5.0


def test_a_plain_function_gets_weights_if_it_has_an_argument_for_them() -> None:
    measure = measure_of_callable(weighted_gap)
    assert measure.supports_weights and measure([3, 1], [1, 1]) == 1.0
    assert measure([3, 1], [1, 1], [3, 1]) == measure([3, 1], [1, 1], pd.Series([3, 1])) == 1.5


@pytest.mark.parametrize(
    "measure",
    [measure_of_callable(smaller_truth), measure_of_callable(metrics.max_error)]
    + [ScorerMeasure(metrics.get_scorer("neg_max_error"))],
    ids=lambda measure: measure.name,
)
def test_weights_without_an_argument_for_them_are_refused(measure: Any) -> None:
    assert not measure.supports_weights
    with pytest.raises(WeightsError, match=f"{measure.name} takes no weights. Leave them out."):
        measure([1.0, 2.0], [1.0, 3.0], [1, 2])
    for other in (measure, measure_of_callable(metrics.accuracy_score)):
        with pytest.raises(WeightsError, match="takes no class weights. Leave them out."):
            other([1, 2], [1, 2], class_weights={1: 1.0, 2: 2.0})


def test_functions_are_compared_by_identity_and_pickled_by_name() -> None:
    measure = measure_of_callable(metrics.accuracy_score)
    assert measure == measure_of_callable(metrics.accuracy_score)
    assert measure != measure_of_callable(metrics.hamming_loss)
    assert pickle.loads(pickle.dumps(measure)) == copy.deepcopy(measure) == measure


class Callable_:
    """A callable object."""

    def __call__(self, prediction: Any, truth: Any) -> float:
        """Nothing of interest."""
        return 1.0


def test_names_of_functions_partial_functions_and_objects() -> None:
    assert name_of(len) == "len" and name_of(functools.partial(len)) == "len"
    assert name_of(Callable_()) == "Callable_"
    assert measure_of_callable(Callable_())([1], [1]) == 1.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (LPLoss, r"LPLoss'> is no measure. Write LPLoss\(\). Give a measure, its name, a scorer"),
        (3, "3 is no measure.*Give a measure, its name, a scorer of scikit-learn, or a function"),
        (None, "None is no measure"),
        (UnivariateFinite(["a"], [1.0]), "is no measure"),
    ],
)
def test_what_is_no_function_is_refused(given: Any, words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        measure_of_callable(given)


def test_impossible_hyper_parameters_are_refused() -> None:
    estimator_scorer: Callable[..., float] = lambda estimator, X, y: 1.0  # noqa: E731
    with pytest.raises(InvalidModelError, match="must be what make_scorer of scikit-learn gives"):
        ScorerMeasure(estimator_scorer)
    with pytest.raises(InvalidModelError, match="orientation must be one of 'loss', 'score'"):
        FunctionMeasure(weighted_gap, orientation="up")
    with pytest.raises(InvalidModelError, match="FunctionMeasure needs function"):
        FunctionMeasure()


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(
    "given",
    [
        metrics.mean_absolute_error,
        metrics.make_scorer(metrics.mean_absolute_error),
        lambda p, t, weights=None: float(np.average(np.abs(p - t), weights=weights)),
    ],
)
def test_rows_without_a_truth_are_left_out_as_everywhere(given: Any, weights: Any) -> None:
    truth = np.where(np.arange(N_ROWS) % 4 == 0, np.nan, NUMBERS)
    kept = ~np.isnan(truth)
    wanted = metrics.mean_absolute_error(
        truth[kept], GUESSES[kept], sample_weight=None if weights is None else weights[kept]
    )
    measure = measure_of_callable(given)
    assert measure(GUESSES, truth, weights) == pytest.approx(wanted, rel=1e-12)
    assert np.isnan(measure(GUESSES, np.full(N_ROWS, np.nan), weights))


def test_labels_and_tables_without_a_truth_are_left_out_too() -> None:
    truth = [None, "b", "c"]
    assert measure_of_callable(metrics.accuracy_score)(["a", "b", "a"], truth) == 0.5
    table = pd.DataFrame({"u": [1.0, None, 3.0], "v": [1.0, 2.0, None]})
    measure = measure_of_callable(lambda prediction, truth: float(len(truth)))
    assert measure(table.fillna(0.0), table) == 1.0


@pytest.mark.parametrize("value", [None, "0.5", ["a"], object()])
def test_what_is_no_number_is_refused(value: Any) -> None:
    measure = measure_of_callable(lambda prediction, truth: value)
    with pytest.raises(InvalidArgument, match="which is no number. A measure returns one number"):
        measure([1.0], [1.0])


@pytest.mark.parametrize(
    "measure", [LPLoss(p=1), measure_of_callable(metrics.mean_absolute_error)]
)
def test_rows_of_pandas_in_another_order_are_refused(measure: Any) -> None:
    prediction, truth = pd.Series([1.0, 2.0], [5, 3]), pd.Series([2.0, 1.0], [3, 5])
    with pytest.raises(InvalidArgument, match=r"truth = truth.loc\[prediction.index\]"):
        measure(prediction, truth)
    assert measure(prediction, truth.loc[prediction.index]) == 0.0
    assert measure(prediction, pd.Series([1.0, 2.0], [8, 9])) == 0.0  # unrelated labels
