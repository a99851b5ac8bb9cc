"""Which of scikit-learn's estimators train by iterations, and how they go on.

Estimators that add trees or stages go on by `warm_start`, and 5 and 5 more are the same as 10.
Those that go through the rows again and again go on by `partial_fit`, each time in another order;
5 and 5 more are then 10 only without shuffling, nor is their own rule of when to stop (`tol`)
looked at once they go on. What has stopped by itself before its count was done stays as it is.
Where `warm_start` only gives an optimisation that begins anew
a start value (LogisticRegression, Lasso, mixtures), nothing is counted, and they are left out.
Knows estimators; not our model classes. Source: scikit-learn's user guide on warm starts; MLJ's
interface names `n_estimators` and `max_iter` for the same.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from mlj_keras._warnings import ignoring
from mlj_keras.errors import InvalidArgument

# Estimators that go through all rows once in each iteration, and go on by partial_fit.
BY_EPOCHS = frozenset(
    {
        "MLPClassifier",
        "MLPRegressor",
        "PassiveAggressiveClassifier",
        "PassiveAggressiveRegressor",
        "Perceptron",
        "SGDClassifier",
        "SGDOneClassSVM",
        "SGDRegressor",
    }
)
_BY_STAGES = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
_BOOSTING = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_BAGGING = ("BaggingClassifier", "BaggingRegressor")
_NETWORKS = ("MLPClassifier", "MLPRegressor")
# What is said of few iterations, which are counted on purpose, and of weights of classes, which
# are those of the same rows as before.
_EXPECTED = r"(?s).*([Mm]aximum (number of )?iteration|class_weight presets).*"


def iteration_parameter(cls: Any, parameters: Any) -> str | None:
    """The constructor's parameter that counts the iterations of an estimator class, or None.

    Args: cls: an estimator class · parameters: names of its constructor's parameters.
    Example:
        >>> from sklearn.ensemble import RandomForestRegressor
        >>> from sklearn.linear_model import LogisticRegression
        >>> iteration_parameter(RandomForestRegressor, ("n_estimators", "warm_start"))
        'n_estimators'
        >>> iteration_parameter(LogisticRegression, ("max_iter", "warm_start"))

    Source: scikit-learn's user guide, 1.11.
    """
    if cls.__name__ in BY_EPOCHS or cls.__name__ in _BY_STAGES:
        return "max_iter"
    return "n_estimators" if {"n_estimators", "warm_start"} <= set(parameters) else None


def keeps_losses(estimator: Any) -> bool:
    """Whether an estimator with these parameters will have a training loss for each iteration;
    boosting by histograms only has them if it surely stops early, and does so by the loss.

    Args: estimator: an instance, fitted or not. Returns: bool.
    Example:
        >>> from sklearn.neural_network import MLPClassifier
        >>> keeps_losses(MLPClassifier()), keeps_losses(MLPClassifier(solver="lbfgs"))
        (True, False)

    Source: ours.
    """
    name = type(estimator).__name__
    if name in _BY_STAGES:
        return estimator.early_stopping is True and bool(estimator.scoring == "loss")
    return name in _BOOSTING or (name in _NETWORKS and bool(estimator.solver != "lbfgs"))


def losses_of(estimator: Any) -> list[float] | None:
    """The training losses of a fitted estimator, one an iteration; None if it keeps none.

    Args: estimator: fitted. Returns: list of floats, or None.
    Example:
        >>> from sklearn.ensemble import GradientBoostingRegressor
        >>> boosting = GradientBoostingRegressor(n_estimators=2).fit([[0.0], [1.0]], [0.0, 1.0])
        >>> [round(loss, 4) for loss in losses_of(boosting)]
        [0.2025, 0.164]

    Source: ours.
    """
    name = type(estimator).__name__
    found = getattr(estimator, "loss_curve_" if name in _NETWORKS else "train_score_", None)
    if found is None or name not in _NETWORKS + _BOOSTING + _BY_STAGES:
        return None
    if name in _BY_STAGES:
        if estimator.scoring != "loss" or len(found) == 0:
            return None
        found = -found[1:]  # these are scores, and the first is the one before training
    return [float(loss) for loss in found]


def goes_on(estimator: Any) -> bool:
    """Whether an estimator of a class that iterates can go on, with these parameters.

    It cannot where scikit-learn refuses (early stopping of its own keeps rows apart, which
    partial_fit cannot; bagging with oob_score), and where it goes on wrongly: an averaged
    SGDClassifier forgets its intercept, an adaptive rate of SGD begins anew, and gradient boosting
    that stops early compares the scores of the wrong stages.

    Args: estimator: an instance, fitted or not. Returns: bool.
    Example:
        >>> from sklearn.linear_model import SGDRegressor
        >>> goes_on(SGDRegressor()), goes_on(SGDRegressor(early_stopping=True))
        (True, False)

    Source: scikit-learn, sklearn/neural_network/_multilayer_perceptron.py,
        linear_model/_stochastic_gradient.py, ensemble/_bagging.py and _gb.py.
    """
    name = type(estimator).__name__
    if name in _BOOSTING:
        return estimator.n_iter_no_change is None
    if name in _BAGGING:
        return not estimator.oob_score
    if name in _NETWORKS:
        return not estimator.early_stopping and bool(estimator.solver != "lbfgs")
    if name in BY_EPOCHS:
        averaged = name.endswith("Classifier") and estimator.average
        adaptive = getattr(estimator, "learning_rate", None) == "adaptive"
        return not (estimator.early_stopping or averaged or adaptive)
    return True


def has_stopped(estimator: Any, count: int) -> bool:
    """Whether a fitted estimator ended by a rule of its own, so that more iterations change
    nothing.

    Args: estimator: fitted · count: the iterations that it was asked for. Returns: bool.
    Example:
        >>> from sklearn.linear_model import SGDRegressor
        >>> sgd = SGDRegressor(max_iter=90, random_state=1).fit([[0.0], [1.0]], [0.0, 0.0])
        >>> has_stopped(sgd, 90), sgd.n_iter_ < 90
        (True, True)

    Source: ours.
    """
    if getattr(estimator, "n_iter_", count) < count:
        return True
    if type(estimator).__name__ not in _BY_STAGES:
        return False
    # It may have stopped at the last one, too: its rule, of which no trace is left.
    by_training = estimator.validation_fraction is None
    scores = estimator.train_score_ if by_training else estimator.validation_score_
    before = len(scores) - estimator.n_iter_no_change - 1
    if before < 0:
        return False
    return not (scores[before + 1 :] > scores[before] + estimator.tol).any()


def trained_on(
    estimator: Any, parameter: str, counts: tuple[int, int], data: tuple[Any, ...], weights: Any
) -> Any:
    """A copy of a fitted estimator that has been trained further.

    Args:
        parameter: as `iteration_parameter` gives it
        counts: the iterations that it has done, and that it is to have done
        data: the matrix, and the target if there is one, encoded as before
        weights: keywords of fit, such as sample_weight.
    Returns: a fitted estimator; the one given stays as it is.
    Raises: InvalidArgument for other rows of which the estimator cannot make sense.
    Example:
        >>> from sklearn.ensemble import RandomForestRegressor
        >>> X, y = np.arange(8.0)[:, None], np.arange(8.0)
        >>> forest = RandomForestRegressor(3, random_state=1).fit(X, y)
        >>> more = trained_on(forest, "n_estimators", (3, 5), (X, y), {})
        >>> len(forest.estimators_), len(more.estimators_)
        (3, 5)

    Source: ours.
    """
    first, last = counts
    more = copy.deepcopy(estimator)
    _check_classes(estimator, data)
    if not has_stopped(estimator, first):
        with ignoring(_EXPECTED):
            if type(estimator).__name__ in BY_EPOCHS:
                _by_epochs(more, range(first, last), data, weights)
            else:
                _by_warm_start(more, {parameter: last}, data, weights)
        _check_bins(estimator, more)
    more.set_params(**{parameter: last})
    return more


def _by_warm_start(estimator: Any, count: Any, data: tuple[Any, ...], weights: Any) -> None:
    own = estimator.warm_start
    estimator.set_params(**count, warm_start=True)
    estimator.fit(*data, **weights)
    estimator.set_params(warm_start=own)


def _by_epochs(estimator: Any, epochs: range, data: tuple[Any, ...], weights: Any) -> None:
    seed = estimator.random_state
    for epoch in epochs:
        if isinstance(seed, int):  # else each call shuffles the rows in the same way
            drawn = np.random.SeedSequence((seed, epoch)).generate_state(1)
            estimator.set_params(random_state=int(drawn[0]))
        estimator.partial_fit(*data, **weights)
        if not estimator.n_iter_:  # a network that is interrupted only warns
            raise KeyboardInterrupt
    estimator.set_params(random_state=seed)
    estimator.n_iter_ = epochs.stop  # it counts those of the last call


def _check_classes(estimator: Any, data: tuple[Any, ...]) -> None:
    """Ensembles go on with rows of other classes, too, and break, or write where they should
    not."""
    known = getattr(estimator, "classes_", None)
    if known is None:
        return
    given = np.unique(data[1])
    new, gone = np.setdiff1d(given, known), np.setdiff1d(known, given)
    by_epochs = type(estimator).__name__ in BY_EPOCHS
    if len(new) or (len(gone) and not by_epochs):
        raise InvalidArgument(
            f"{type(estimator).__name__} goes on only with rows of "
            f"{'none but' if by_epochs else 'just'} the {len(known)} classes that it began with, "
            f"and these have {len(given)}, {len(new)} of them new. Give rows of each class."
        )


def _check_bins(before: Any, after: Any) -> None:
    """Boosting by histograms learns bins anew, and reads its old trees by them."""
    if type(before).__name__ not in _BY_STAGES:
        return
    old, new = (each._bin_mapper.bin_thresholds_ for each in (before, after))
    if not all(map(np.array_equal, old, new)):
        raise InvalidArgument(
            f"{type(before).__name__} cannot go on with other rows than it began with: its trees "
            "are of the bins of those. Take GradientBoosting, or train anew by fit(force=True)."
        )
