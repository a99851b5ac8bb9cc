"""Bad measures, ranges, searches, resampling and controls: a clear error of our own type before
any training. Each case has the number of its row in the table of bad input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    AllCandidatesFailed,
    DimensionMismatch,
    EmptyData,
    FoldError,
    InvalidArgument,
    InvalidModelError,
    LevelsWarning,
    MeasureWarning,
    RowsError,
    ScitypeError,
    UnknownFieldError,
    WrongType,
)
from tests.batteries.bad_input import (
    CLASSES,
    N_ROWS,
    NUMBERS,
    Y,
    check_refused,
    classifier,
    regressor,
    trained,
)

TWO = pd.Categorical(["n", "y"] * (N_ROWS // 2), ordered=True)
PAIRS = mlj.Holdout(0.5, shuffle=True, rng=1)


def predictions() -> Any:
    """Distributions over three classes."""
    return mlj.predict(trained()["classes"][0], NUMBERS)


def between(path: Any = "epochs", **options: Any) -> Any:
    """A range of a regressor."""
    return mlj.param_range(regressor(), path, **options)


def searched(**options: Any) -> Any:
    """A machine of a search, bound to data."""
    values = {"model": regressor(), "ranges": [between(lower=1, upper=3)], "resampling": PAIRS}
    return mlj.machine(mlj.TunedModel(**{**values, "measure": "rms", **options}), NUMBERS, Y)


def evaluated(**options: Any) -> Any:
    """An evaluation of a regressor."""
    values = {"measure": "rms", "resampling": PAIRS, "verbosity": 0}
    return mlj.evaluate(regressor(), NUMBERS, Y, **{**values, **options})


def iterated(*controls: Any) -> Any:
    """An iterated regressor."""
    return mlj.IteratedModel(model=regressor(), controls=controls, measure="rms")


CASES: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("60-values for distributions", lambda: mlj.log_loss(CLASSES, CLASSES), InvalidArgument,
     r"log_loss needs predicted distributions, got pandas\.Series\. Give predict\(mach, X\)"),
    ("60-distributions for values", lambda: mlj.rms(predictions(), Y), InvalidArgument,
     r"rms needs predicted values, got distributions\. Give predict_mean"),
    ("60-three classes", lambda: mlj.auc(predictions(), CLASSES), InvalidArgument,
     r"auc needs distributions over two classes, got 3: \['x', 'y', 'z'\]"),
    ("60-strings", lambda: mlj.rms(["a"], ["b"]), ScitypeError, "rms compares numbers"),
    ("60-the truth first", lambda: mlj.log_loss(CLASSES, predictions()), InvalidArgument,
     r"given the truth first\. Call log_loss\(prediction, truth\)"),
    ("61-lengths", lambda: mlj.rms([1.0], [1.0, 2.0]), DimensionMismatch, "1 predictions and 2"),
    ("61-no rows", lambda: mlj.rms([], []), EmptyData, "rms was given no rows"),
    ("61-no number", lambda: evaluated(measure=lambda p, t: "a"), FoldError,
     "gave 'a', which is no number. A measure returns one number"),
    ("62-pools", lambda: mlj.accuracy(pd.Categorical(["x", "y"]), pd.Categorical(["x", "z"])),
     InvalidArgument, r"different pools: the prediction has \['x', 'y'\], the truth \['x', 'z'\]"),
    ("64-bounds turned", lambda: between(lower=5, upper=1), InvalidArgument,
     "range of 'epochs' has lower=5 and upper=1. Give a lower bound that is less"),
    ("64-equal bounds", lambda: between(lower=5, upper=5), InvalidArgument, "lower=5 and upper=5"),
    ("64-the logarithm of zero", lambda: between("lambda_", lower=0, upper=1, scale="log10"),
     InvalidArgument, "goes from 0 to 1, and the scale log10 holds positive numbers only"),
    ("64-no bound and no origin", lambda: between("lambda_", lower=0), InvalidArgument,
     "no upper bound and no origin and unit. Give both bounds, or origin and unit"),
    ("64-no values", lambda: between(values=[]), InvalidArgument, r"has no values, got \[\]"),
    ("64-what the model refuses", lambda: between(values=[-1, 2]), InvalidArgument,
     "holds -1, which the model does not allow: .*epochs must be an int >= 0"),
    ("65-no such path", lambda: between("optimiser.lr", lower=0, upper=1), UnknownFieldError,
     r"Adam has no hyper-parameter 'lr' \(in the path 'optimiser.lr'\)\. It has: learning_rate"),
    ("65-no number", lambda: between("builder", lower=0, upper=1), InvalidArgument,
     r"is MLP\(hidden=\(3,\)\), which is no number\. Give values"),
    ("65-no path", lambda: between(3, lower=0, upper=1), WrongType, "such as 'optimiser.learn"),
    ("67-no candidates", lambda: searched(n=0), InvalidModelError, "TunedModel.n must be an int"),
    ("67-a huge grid",
     lambda: searched(tuning=mlj.Grid(resolution=10**4),
                      ranges=[between("lambda_", lower=0, upper=1),
                              between("alpha", lower=0, upper=1)]), InvalidModelError,
     r"The grid has 100,000,000 candidates, more than 1,000,000\. Give goal=\.\.\., or take Rand"),
    ("68-all fail",
     lambda: mlj.fit(searched(model=regressor(loss=lambda t, p: 1 / 0)), verbosity=0),
     AllCandidatesFailed, r"All (\d+) candidates failed: \1 with InvalidModelError: .*by zero"),
    ("69-more folds than rows", lambda: evaluated(resampling=mlj.CV(nfolds=13)), EmptyData,
     r"CV\(nfolds=13\) needs at least 13 rows, got 12\. Pass more rows, or use nfolds=12"),
    *(
        (f"69-a fraction of {part}", lambda part=part: mlj.Holdout(part), InvalidModelError,
         r"Holdout\.fraction_train must be a number > 0 and < 1, got")
        for part in (0, 1, 1.5)
    ),
    ("69-a fold", lambda: mlj.CV(nfolds=1), InvalidModelError, "CV.nfolds must be an int >= 2"),
    ("70-no test rows", lambda: evaluated(resampling=[([0], [])]), InvalidModelError,
     "test of pair 0 has no rows"),
    ("70-outside", lambda: evaluated(resampling=[([0], [99])]), RowsError,
     "test of pair 0: rows has 99 at position 0, and the data have 12 rows"),
    ("70-overlap", lambda: evaluated(resampling=[([0, 1], [1])]), RowsError,
     r"Pair 0 trains and tests on the same 1 row\(s\), first \[1\]"),
    ("71-labels of groups", lambda: evaluated(resampling=mlj.GroupedCV(groups=[1, 2], nfolds=2)),
     DimensionMismatch, "groups has 2 labels, and the data have 12 rows"),
    ("71-few groups",
     lambda: evaluated(resampling=mlj.GroupedCV(groups=["a"] * N_ROWS, nfolds=3)), EmptyData,
     "needs at least 3 groups, and the rows have 1"),
    ("71-time", lambda: evaluated(resampling=mlj.TimeSeriesCV(nfolds=12)), EmptyData,
     "needs at least 13 rows, got 12"),
    ("72-no end", lambda: iterated(mlj.Step(1)), InvalidModelError,
     r"none of the controls \[Step\(n=1\)\] ends iteration\. Add one, such as NumberLimit\(100\)"),
    ("72-a class", lambda: iterated(mlj.NumberLimit), InvalidModelError, "the class NumberLimit"),
    ("74-a text for a seed", lambda: mlj.partition(range(5), 0.5, rng="abc"), WrongType,
     "rng must be an int, None or a numpy.random.Generator, got 'abc' of type str"),
    ("74-the module", lambda: mlj.CV(shuffle=True, rng=np.random), InvalidModelError,
     "of type module"),
    ("75-a negative device", lambda: mlj.GPU(-1), InvalidArgument, "takes an int of 0 or more"),
    ("77-no folder", lambda: mlj.fit(
        mlj.machine(regressor(), NUMBERS, Y), checkpoint="no/such/folder"), InvalidArgument,
     "There is no folder .*no/such' for a checkpoint. Make it"),
    ("77-no path", lambda: mlj.fit(mlj.machine(regressor(), NUMBERS, Y), checkpoint=3), WrongType,
     "A checkpoint is written to a folder, got 3 as its path"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "error", "words"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_measures_ranges_searches_and_controls_that_cannot_be_are_refused(
    act: Callable[[], Any], error: type[Exception], words: str
) -> None:
    check_refused(act, error, words, NUMBERS, Y, CLASSES)


@pytest.mark.parametrize("kind", [pytest.param("missing", id="77-missing")])
def test_a_file_that_is_not_there_is_the_error_of_the_system(kind: str, tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        mlj.restore(trained()["numbers"][0], tmp_path / kind)
    assert str(caught.value.filename).endswith(kind)


@pytest.mark.parametrize("n_rare", [pytest.param(1, id="33-one row")])
def test_a_class_of_one_row_is_warned_of_by_fold(n_rare: int) -> None:
    y = pd.Series(pd.Categorical(["r"] * n_rare + list("xz") * 6)[:N_ROWS])
    words = r"do not train on.*: fold 0: \['r'\]\. Use fewer folds"
    with pytest.warns(LevelsWarning, match=words):
        mlj.evaluate(
            classifier(),
            NUMBERS,
            y,
            resampling=mlj.StratifiedCV(nfolds=3),
            measure="log_loss",
            verbosity=0,
        )


@pytest.mark.parametrize("kind", [pytest.param("undefined", id="63-undefined")])
def test_what_is_undefined_is_nan_and_warned_of_by_fold(kind: str) -> None:
    none = pd.Categorical(["n"] * N_ROWS, categories=["n", "y"], ordered=True)
    assert np.isnan(mlj.positive_predictive_value(none, TWO))
    assert np.isnan(mlj.rsquared([1.0], [1.0]))
    with pytest.warns(MeasureWarning, match=r"is NaN in fold\(s\) \[0\]"):
        evaluated(measure=lambda p, t: float("nan"))


@pytest.mark.parametrize("kind", [pytest.param("grid", id="66-grid")])
def test_a_range_of_few_whole_numbers_has_each_once(kind: str) -> None:
    mach = mlj.fit(searched(tuning=mlj.Grid(resolution=10)), verbosity=0)
    assert len(mlj.report(mach).history) == 3
