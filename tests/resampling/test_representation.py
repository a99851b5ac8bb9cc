"""How evaluations look: three significant digits, radii where there are some."""

from __future__ import annotations

import math

import mlj_keras as mlj
from mlj_keras.resampling.representation import evaluation_line, number
from tests.resampling.test_evaluate import ROWS, TARGET, Mean


def test_numbers_have_three_significant_digits() -> None:
    assert [number(x) for x in (0.123456, 12345.0, 3, float("nan"))] == [
        "0.123",
        "1.23e+04",
        "3",
        "nan",
    ]
    assert number(object()) == "object"


def test_a_line_has_radii_where_there_are_some() -> None:
    line = evaluation_line([0.7081, 0.5, 1.0], [0.03281, math.inf, None])
    assert line == "0.708 ± 0.0328, 0.5, 1"


def test_the_table_of_an_evaluation_names_measure_operation_and_folds() -> None:
    e = mlj.evaluate(
        Mean(), ROWS, TARGET, resampling=mlj.CV(nfolds=3), measures=["l1", "rms"], verbosity=0
    )
    title, head, _, first, _ = repr(e).splitlines()
    assert title == "PerformanceEvaluation of Mean: 3 folds by CV(nfolds=3)"
    assert head.split() == ["measure", "operation", "measurement", "1.96*SE", "per", "fold"]
    folds = ", ".join(number(v) for v in e.per_fold[0])
    assert first.split()[:3] == ["l1", "predict", number(e.measurement[0])]
    assert first.endswith(folds)
    assert "<th" in e._repr_html_() and "rms" in e._repr_html_()


def test_one_fold_has_neither_radius_nor_folds() -> None:
    half = mlj.Holdout(0.5, rng=1)
    e = mlj.evaluate(Mean(), ROWS, TARGET, resampling=half, repeats=2, verbosity=0)
    assert "2 folds by Holdout(fraction_train=0.5, rng=1), 2 times" in repr(e)
    e = mlj.evaluate(Mean(), ROWS, TARGET, resampling=mlj.Holdout(0.5), verbosity=0)
    assert "1 fold by" in repr(e) and "1.96*SE" not in repr(e)
