"""`Evaluations`: several models on the same folds, and how much they differ.

Knows evaluations only. Source: MLJBase.jl, `evaluate!` of a vector of machines; Nadeau and Bengio,
Inference for the generalization error, 2003, for the radius.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mlj_keras._display import grid_html, text_table, titled_html
from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument
from mlj_keras.resampling.evaluation import PerformanceEvaluation, unique_names
from mlj_keras.resampling.representation import evaluation_line

pd = lazy_module("pandas")
stats = lazy_module("scipy.stats")


class Evaluations(Mapping[str, PerformanceEvaluation]):
    """Evaluations by name, of models that were measured on the same folds.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> both = mlj.evaluate({"five": net, "ten": net.replace({"epochs": 10})}, X, y,
        ...                     measure=mlj.log_loss, verbosity=0)
        >>> list(both), list(both.differences().columns)[:3]
        (['five', 'ten'], ['measure', 'left', 'right'])

    Source: MLJBase.jl, src/resampling/evaluate.jl; the differences are ours.
    """

    def __init__(self, evaluations: Mapping[str, PerformanceEvaluation]) -> None:
        self._evaluations = dict(evaluations)

    def __getitem__(self, tag: str) -> PerformanceEvaluation:
        return self._evaluations[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._evaluations)

    def __len__(self) -> int:
        return len(self._evaluations)

    def to_pandas(self) -> Any:
        """A frame with a row for each model, and columns of measurements and their radii."""
        rows = []
        for tag, evaluation in self.items():
            row: dict[str, Any] = {"model": tag}
            for name, value, radius in zip(
                unique_names(evaluation.measure),
                evaluation.measurement,
                evaluation.uncertainty_radius_95,
                strict=True,
            ):
                row[name], row[f"{name} 1.96*SE"] = value, radius
            rows.append(row)
        return pd.DataFrame(rows).set_index("model")

    def differences(self) -> Any:
        """How much each model differs from each other one, fold by fold.

        Folds are paired, so what makes a fold hard for all does not count. Training sets of folds
        overlap: the radius allows for that, and is wider than that of single measurements.

        Returns: a frame with a row for each measure and pair: measure, left, right, `difference`
            (the mean over folds of left minus right, in the measure's unit), `radius_95` (of the
            corrected t interval), `better` (the name of the better one if the interval leaves out
            0, else "").
        Raises: InvalidArgument for fewer than two models or two folds, folds that are not the
            same (after a fold failed), or models that share no measure.
        """
        if len(self) < 2:
            raise InvalidArgument("Differences need two models or more. Evaluate them together.")
        rows = []
        for left, right in itertools.combinations(self, 2):
            one, two = self[left], self[right]
            _check_same_folds(one, two)
            for i, name in enumerate(unique_names(one.measure)):
                shared = i < len(two.measure) and one.measure[i] == two.measure[i]
                if shared and isinstance(one.per_fold[i], np.ndarray):
                    rows.append(_difference(name, i, (left, one), (right, two)))
        if not rows:
            raise InvalidArgument(
                "These models share no measure that is a number: by default each has its own. "
                "Evaluate them with measure=..."
            )
        return pd.DataFrame(rows)

    def _table(self) -> tuple[list[str], list[list[str]]]:
        names: dict[str, None] = {}
        for evaluation in self.values():
            names.update(dict.fromkeys(unique_names(evaluation.measure)))
        rows = []
        for tag, evaluation in self.items():
            values = dict(
                zip(
                    unique_names(evaluation.measure),
                    zip(evaluation.measurement, evaluation.uncertainty_radius_95, strict=True),
                    strict=True,
                )
            )
            cells = [values.get(name) for name in names]
            rows.append(
                [tag, *("" if c is None else evaluation_line([c[0]], [c[1]]) for c in cells)]
            )
        return ["model", *names], rows

    def __repr__(self) -> str:
        return text_table(*self._table(), rule=True)

    def _repr_html_(self) -> str:
        count = f"{len(self)} model{'' if len(self) == 1 else 's'}"
        return titled_html(f"Evaluations of {count} on the same folds", grid_html(*self._table()))


def _check_same_folds(one: PerformanceEvaluation, two: PerformanceEvaluation) -> None:
    tests = [[test for _, test in each.train_test_rows] for each in (one, two)]
    if len(tests[0]) != len(tests[1]) or not all(map(np.array_equal, *tests)):
        raise InvalidArgument(
            "Differences are paired by fold, and these evaluations have other folds, as after "
            "one failed. Evaluate the models anew, together."
        )


def _difference(
    name: str, i: int, left: tuple[str, Any], right: tuple[str, Any]
) -> dict[str, Any]:
    (tag, one), (other, two) = left, right
    apart = one.per_fold[i] - two.per_fold[i]
    n_folds = len(apart)
    if n_folds < 2:
        raise InvalidArgument("The uncertainty of differences needs two folds or more. Use CV().")
    shares = [len(test) / len(train) for train, test in one.train_test_rows]
    with np.errstate(invalid="ignore"):  # of infinite measurements
        variance = float(apart.var(ddof=1)) * (1 / n_folds + float(np.mean(shares)))
    radius = float(stats.t.ppf(0.975, n_folds - 1)) * math.sqrt(variance)
    mean, better = float(apart.mean()), ""
    orientation = one.measure[i].orientation
    if orientation != "none" and abs(mean) > radius:
        better = tag if (mean < 0) == (orientation == "loss") else other
    return {
        "measure": name,
        "left": tag,
        "right": other,
        "difference": mean,
        "radius_95": radius,
        "better": better,
    }
