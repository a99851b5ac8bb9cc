"""Several models side by side, and the uncertainty of their paired differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument
from tests.resampling.test_evaluate import ROWS, TARGET, Mean

CV4 = mlj.CV(nfolds=4, rng=1)


def both(shift: float) -> mlj.Evaluations:
    models = {"a": Mean(), "b": Mean(shift=shift)}
    found: mlj.Evaluations = mlj.evaluate(
        models, ROWS, TARGET, resampling=CV4, measures=["l1", "l2"], verbosity=0
    )
    return found


def test_differences_are_paired_by_fold_with_a_corrected_radius() -> None:
    found = both(5.0)
    apart = found["a"].per_fold[0] - found["b"].per_fold[0]
    row = found.differences().iloc[0]
    assert row.difference == pytest.approx(apart.mean())
    variance = apart.var(ddof=1) * (1 / 4 + 3 / 9)
    assert row.radius_95 == pytest.approx(stats.t.ppf(0.975, 3) * np.sqrt(variance))
    assert list(found.differences().measure) == ["l1", "l2"]


def test_the_better_one_is_named_only_if_it_is_beyond_doubt() -> None:
    assert both(1000.0).differences().better.tolist() == ["a", "a"]
    assert both(0.001).differences().better.tolist() == ["", ""]


def test_differences_need_two_models_and_two_folds() -> None:
    one = mlj.evaluate({"a": Mean()}, ROWS, TARGET, verbosity=0)
    with pytest.raises(InvalidArgument, match="need two models or more"):
        one.differences()
    held = mlj.evaluate([Mean(), Mean()], ROWS, TARGET, resampling=mlj.Holdout(0.5), verbosity=0)
    with pytest.raises(InvalidArgument, match="two folds or more"):
        held.differences()


def test_other_measures_and_other_folds_are_not_compared() -> None:
    one = mlj.evaluate(Mean(), ROWS, TARGET, resampling=CV4, measures=["l1", "l2"], verbosity=0)
    other = mlj.evaluate(Mean(), ROWS, TARGET, resampling=CV4, measures=["l2"], verbosity=0)
    with pytest.raises(InvalidArgument, match="share no measure"):
        mlj.Evaluations({"a": one, "b": other}).differences()
    apart = mlj.evaluate(
        Mean(), ROWS, TARGET, resampling=mlj.CV(nfolds=4), measure="l1", verbosity=0
    )
    with pytest.raises(InvalidArgument, match="paired by fold, and these evaluations have other"):
        mlj.Evaluations({"a": one, "b": apart}).differences()


def test_it_is_a_mapping_and_a_table() -> None:
    found = both(5.0)
    assert list(found) == ["a", "b"] and len(found) == 2
    frame = found.to_pandas()
    assert list(frame.columns) == ["l1", "l1 1.96*SE", "l2", "l2 1.96*SE"]
    assert frame.loc["b", "l2"] == found["b"].measurement[1]
    head, line, first, second = repr(found).splitlines()
    assert head.split() == ["model", "l1", "l2"] and set(line) <= {"─", " "}
    assert first.startswith("a ") and second.startswith("b ")
    assert found._repr_html_().count("<tr>") == 3
