"""Which of scikit-learn's estimators train by iterations, and how they go on.

Estimators that add trees or stages go on by `warm_start`, and 5 and 5 more are the same as 10.
Those that go through the rows again and again go on by `partial_fit`, each time in another order;
5 and 5 more are then not quite 10. Where `warm_start` only gives an optimisation that begins anew
a start value (LogisticRegression, Lasso, mixtures), nothing is counted, and they are left out.
Knows estimators; not our model classes. Source: scikit-learn's user guide on warm starts; MLJ's
interface names `n_estimators` and `max_iter` for the same.
"""

from __future__ import annotations

import contextlib
import copy
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

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
# Where the losses of the iterations are, for those that keep one for each.
_LOSSES = {
    "GradientBoostingClassifier": "train_score_",
    "GradientBoostingRegressor": "train_score_",
    "MLPClassifier": "loss_curve_",
    "MLPRegressor": "loss_curve_",
}
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


def keeps_losses(cls: Any) -> bool:
    """Whether a fitted estimator of this class has a training loss for each iteration.

    Example:
        >>> from sklearn.neural_network import MLPClassifier
        >>> keeps_losses(MLPClassifier)
        True

    Source: ours.
    """
    return cls.__name__ in _LOSSES


def losses_of(estimator: Any) -> list[float] | None:
    """The training losses of a fitted estimator, one an iteration; None if it keeps none.

    Example:
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> losses_of(DecisionTreeRegressor())

    Source: ours.
    """
    name = _LOSSES.get(type(estimator).__name__)
    found = None if name is None else getattr(estimator, name, None)
    return None if found is None else [float(loss) for loss in found]


def goes_on(estimator: Any) -> bool:
    """Whether an estimator of a class that iterates can go on, with these parameters: early
    stopping of its own keeps some rows apart, which partial_fit cannot.

    Example:
        >>> from sklearn.linear_model import SGDRegressor
        >>> goes_on(SGDRegressor()), goes_on(SGDRegressor(early_stopping=True))
        (True, False)

    Source: scikit-learn, `MLPClassifier.partial_fit`.
    """
    by_epochs = type(estimator).__name__ in BY_EPOCHS
    solver = getattr(estimator, "solver", "adam") if by_epochs else "adam"
    return not (by_epochs and getattr(estimator, "early_stopping", False)) and solver != "lbfgs"


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
    with _expected():
        if type(estimator).__name__ in BY_EPOCHS:
            _by_epochs(more, range(first, last), data, weights)
        else:
            own = more.warm_start
            more.set_params(**{parameter: last, "warm_start": True})
            more.fit(*data, **weights)
            more.set_params(warm_start=own)
    more.set_params(**{parameter: last})
    return more


def _by_epochs(estimator: Any, epochs: range, data: tuple[Any, ...], weights: Any) -> None:
    seed = estimator.random_state
    for epoch in epochs:
        if isinstance(seed, int):  # else each call shuffles the rows in the same way
            drawn = np.random.SeedSequence((seed, epoch)).generate_state(1)
            estimator.set_params(random_state=int(drawn[0]))
        estimator.partial_fit(*data, **weights)
    estimator.set_params(random_state=seed)


@contextlib.contextmanager
def _expected() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_EXPECTED)
        yield
