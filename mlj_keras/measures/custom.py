"""Measures of others: scikit-learn's scorers and metrics, and plain functions.

Knows the calls of scikit-learn; no measure of ours. Source: MLJBase.jl takes any callable as a
measure; sklearn.metrics, `make_scorer`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.data.columns import ColumnOrigin, column_of, column_out, is_column, is_factor
from mlj_keras.data.rows import selectrows
from mlj_keras.errors import InvalidArgument, WeightsError
from mlj_keras.measures.base import Measure
from mlj_keras.measures.reading import check_rows, distributions_of, has_truth
from mlj_keras.models.params import param

scorers = lazy_module("sklearn.metrics")

_OF_DISTRIBUTIONS = ("y_score", "y_proba", "y_prob")
_SCORES = ("_score", "_corrcoef")
_LOSSES = ("_loss", "_error", "_deviance")
_PARTS = ("_score_func", "_sign", "_kwargs", "_response_method")  # of a scorer


class ForeignMeasure(Measure):
    """Base of the measures that others define: rows without a truth are left out beforehand, and
    what comes back is checked. A subclass defines `of_complete`.

    Raises: WeightsError for weights that there is no argument for; InvalidArgument if what comes
        back is no number, array of numbers or mapping to numbers; what the function raises.
    Example:
        >>> from sklearn.metrics import mean_absolute_error
        >>> measure_of_callable(mean_absolute_error)([1.0, 2.0], [1.0, None])
        0.0

    Source: ours.
    """

    def __call__(
        self, prediction: Any, truth: Any, weights: Any = None, *, class_weights: Any = None
    ) -> Any:
        """The function's value; NaN if no row has a truth."""
        if class_weights is not None:
            raise WeightsError(f"{self.name} takes no class weights. Leave them out.")
        if weights is not None and not self.supports_weights:
            raise WeightsError(f"{self.name} takes no weights. Leave them out.")
        check_rows(prediction, truth)
        present = has_truth(truth)
        if len(present) and not present.any():
            return float("nan")
        if not present.all():
            prediction, truth = selectrows(prediction, present), selectrows(truth, present)
            weights = None if weights is None else np.asarray(weights)[present]
        return _checked_value(self.name, self.of_complete(prediction, truth, weights))

    def of_complete(self, prediction: Any, truth: Any, weights: Any) -> Any:
        """The measurement of rows that all have a truth, as they came; weights (n,) or None."""
        raise NotImplementedError(f"{type(self).__name__} must define of_complete")


class FunctionMeasure(ForeignMeasure):
    """A plain function as a measure: called as `function(prediction, truth)`, with both as they
    come, but without the rows that have no truth; returns a number.

    Functions whose first argument is called y_true or labels_true, as scikit-learn's metrics, are
    called with the truth first, and with arrays: labels, or probabilities where they take scores.

    Hyper-parameters:
        function: callable of two arguments; weights go to a third called sample_weight or weights
        orientation: "loss", "score", or "none" if it does not say whether more is better; of
            scikit-learn's by their names
        prediction_type: "deterministic" if it takes values, "probabilistic" for distributions.
    Raises: InvalidModelError for impossible values; when called, as ForeignMeasure.
    Example:
        >>> import numpy as np
        >>> worst = FunctionMeasure(lambda prediction, truth: np.abs(prediction - truth).max())
        >>> float(worst(np.array([1.0, 2.0]), np.array([1.5, 4.0])))
        2.0

    Source: MLJBase.jl, src/resampling/evaluate.jl: any function is a measure there.
    """

    function: Callable[..., Any] = param(positional=True)
    orientation: str = param("none", options=("loss", "score", "none"))  # type: ignore[misc]  # a trait of the instance
    prediction_type: str = param("deterministic", options=("deterministic", "probabilistic"))  # type: ignore[misc]  # as above

    @property
    def name(self) -> str:
        """The name of the function."""
        return name_of(self.function)

    @property
    def supports_weights(self) -> bool:  # type: ignore[override]  # as above
        """Whether the function has an argument for weights."""
        return _weight_keyword(self.function) is not None

    def of_complete(self, prediction: Any, truth: Any, weights: Any) -> Any:
        """The function's value."""
        options = _with_weights(self.function, weights)
        if not _takes_truth_first(self.function):
            return self.function(prediction, truth, **options)
        is_plain = self.prediction_type == "deterministic"
        return _on_arrays(self.function, prediction, truth, options, is_plain=is_plain)


class ScorerMeasure(ForeignMeasure):
    """A scorer of scikit-learn, `make_scorer(...)` or by its name, as a measure.

    Hyper-parameters: scorer: what `sklearn.metrics.make_scorer` or `get_scorer` gives.
    Raises: InvalidModelError for a scorer that needs the estimator itself; when called, as
        ForeignMeasure.
    Example:
        >>> from sklearn.metrics import get_scorer
        >>> measure = ScorerMeasure(get_scorer("neg_mean_absolute_error"))
        >>> float(measure([1.0, 2.0], [1.0, 4.0])), measure.orientation
        (-1.0, 'score')

    Source: scikit-learn, `sklearn.metrics.make_scorer`.
    """

    orientation = "score"

    scorer: Any = param(positional=True, convert=lambda scorer: _checked_scorer(scorer))

    @property
    def name(self) -> str:
        """The name of the function that it scores by, "neg_" before it where smaller is better."""
        return ("neg_" if self.scorer._sign < 0 else "") + name_of(self.scorer._score_func)

    @property
    def prediction_type(self) -> str:  # type: ignore[override]  # a trait of the instance
        """Whether it takes values or distributions."""
        is_plain = self.scorer._response_method == "predict"
        return "deterministic" if is_plain else "probabilistic"

    @property
    def supports_weights(self) -> bool:  # type: ignore[override]  # as above
        """Whether the function that it scores by has an argument for weights."""
        return _weight_keyword(self.scorer._score_func) is not None

    def of_complete(self, prediction: Any, truth: Any, weights: Any) -> Any:
        """The score."""
        own = self.scorer
        options = own._kwargs | _with_weights(own._score_func, weights)
        is_plain = self.prediction_type == "deterministic"
        # Scorers call any function with the truth first, whatever its arguments are called.
        value = _on_arrays(own._score_func, prediction, truth, options, is_plain=is_plain)
        return own._sign * value

    def __eq__(self, other: object) -> bool:
        """By what they score, since each call of `get_scorer` makes a new scorer."""
        if not isinstance(other, ScorerMeasure):
            return super().__eq__(other)
        mine, theirs = vars(self.scorer), vars(other.scorer)
        return all(mine[name] == theirs[name] for name in _PARTS)

    __hash__ = None  # type: ignore[assignment]  # as of every model


def measure_of_callable(function: Any) -> Measure:
    """A scorer or a function as a measure.

    Raises: InvalidArgument for anything else.
    """
    if hasattr(function, "_score_func") and hasattr(function, "_sign"):
        return ScorerMeasure(function)
    if isinstance(function, type) or not callable(function):
        advice = f"Write {function.__name__}()." if isinstance(function, type) else ""
        raise InvalidArgument(
            f"{function!r:.80} is no measure. {advice} Give a measure, its name, a scorer of "
            "scikit-learn, or a function of prediction and truth."
        )
    if not _takes_truth_first(function):
        return FunctionMeasure(function)
    names, word = _parameters(function), name_of(function)
    kind = "score" if word.endswith(_SCORES) else "loss" if word.endswith(_LOSSES) else "none"
    takes = list(names)[1] in _OF_DISTRIBUTIONS or word in ("log_loss", "d2_log_loss_score")
    return FunctionMeasure(
        function,
        orientation=kind,
        prediction_type="probabilistic" if takes else "deterministic",
    )


def scorer_names() -> list[str]:
    """The names of scikit-learn's scorers."""
    return list(scorers.get_scorer_names())


def scorer_named(name: str) -> Measure | None:
    """The scorer of scikit-learn of this name, or None."""
    if name not in scorer_names():
        return None
    return ScorerMeasure(scorers.get_scorer(name))


def plain(values: Any) -> Any:
    """A column as a NumPy array of numbers or labels; anything else as it is."""
    if not is_column(values):
        return values
    column = column_of(values)
    if is_factor(column.values):
        return np.asarray(column.values.to_pylist())
    return np.asarray(column_out(column.values, ColumnOrigin()))


def levels_of(prediction: Any) -> list[Any]:
    """The classes of distributions, sorted as scikit-learn does; [] of anything else."""
    vector = distributions_of(prediction)
    return [] if vector is None else sorted(vector.levels)


def probabilities(prediction: Any, positive: Any = None) -> np.ndarray:
    """(n,) probabilities of `positive`, or else the second, of two sorted classes, or (n, K) of
    more; an array as it is."""
    vector = distributions_of(prediction)
    if vector is None:
        return np.asarray(prediction)
    levels = sorted(vector.levels)
    if len(levels) == 2:
        return np.asarray(vector.pdf(positive if positive in levels else levels[1]))
    return np.column_stack([vector.pdf(level) for level in levels])


def name_of(function: Any) -> str:
    """The name of a function, of a partial one too, or else of its class."""
    inner = getattr(function, "func", function)
    return str(getattr(inner, "__name__", type(inner).__name__))


def _on_arrays(
    function: Any, prediction: Any, truth: Any, options: dict[str, Any], *, is_plain: bool
) -> Any:
    """The function called as those of scikit-learn are."""
    if is_plain:
        return function(plain(truth), plain(prediction), **options)
    parameters = _parameters(function)
    levels = levels_of(prediction)
    if "labels" in parameters and levels:  # the rows at hand need not show all classes
        options = {"labels": levels, **options}
    if "pos_label" in parameters and len(levels) == 2 and options.get("pos_label") is None:
        default = parameters["pos_label"].default
        options = {**options, "pos_label": default if default in levels else levels[1]}
    scores = probabilities(prediction, options.get("pos_label"))
    return function(plain(truth), scores, **options)


def _with_weights(function: Any, weights: Any) -> dict[str, Any]:
    """The weights by the name of the function's argument."""
    keyword = _weight_keyword(function)
    return {} if weights is None or keyword is None else {keyword: np.asarray(weights)}


def _checked_value(name: str, value: Any) -> Any:
    """A number as a float, an array of numbers or a mapping as they are."""
    if isinstance(value, Mapping) or np.asarray(value).dtype.kind in "biuf":
        return float(value) if np.ndim(value) == 0 and not isinstance(value, Mapping) else value
    raise InvalidArgument(
        f"{name} gave {value!r:.60}, which is no number. A measure returns one number, or a "
        "mapping from class to number."
    )


def _checked_scorer(scorer: Any) -> Any:
    if not hasattr(scorer, "_score_func") or not hasattr(scorer, "_response_method"):
        raise ValueError(
            f"must be what make_scorer of scikit-learn gives, got {scorer!r:.60}: scorers that "
            "take an estimator cannot be used."
        )
    return scorer


def _takes_truth_first(function: Any) -> bool:
    names = list(_parameters(function))
    return len(names) > 1 and names[0] in ("y_true", "labels_true")


def _weight_keyword(function: Any) -> str | None:
    names = _parameters(function)
    return next((name for name in ("sample_weight", "weights") if name in names), None)


def _parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions of C have no signature
        return {}
