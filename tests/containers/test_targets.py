"""Targets: what a loss gets of y, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.containers._targets import ClassTarget, NumberTarget
from mlj_keras.data.columns import column_of
from mlj_keras.errors import MissingValuesError

LABELS = pd.Series(pd.Categorical(["u", "v", "w"] * 4))
X = pd.DataFrame({"a": np.linspace(-1, 1, 12)})


@pytest.mark.parametrize("codes", [True, False])
@pytest.mark.parametrize("binary", [True, False])
def test_a_missing_class_is_refused_by_row(*, binary: bool, codes: bool) -> None:
    y = column_of(pd.Categorical(["u", None, "v", None]))
    target = ClassTarget.fit(y, binary=binary)
    with pytest.raises(MissingValuesError, match=r"y has 2 missing value\(s\), .*\[1, 3\].*Drop"):
        target.encode(y, codes=codes)


def test_classes_are_one_hot_or_codes_or_the_second_level() -> None:
    y = column_of(pd.Categorical(["v", "u"], categories=["u", "v", "w"]))
    target = ClassTarget.fit(y, binary=False)
    assert target.encode(y).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert target.encode(y, codes=True).tolist() == [1, 0]
    two = column_of(pd.Categorical(["v", "u"]))
    assert ClassTarget.fit(two, binary=True).encode(two).tolist() == [[1], [0]]


def test_numbers_that_came_shorter_have_the_scale_of_the_same_numbers_in_full() -> None:
    values = np.random.default_rng(0).normal(size=1000).astype("float32")
    short, full = (column_of(each) for each in (values, values.astype("float64")))
    ours, theirs = (NumberTarget.fit(y, standardise=True) for y in (short, full))
    assert (ours.centre, ours.scale) == (theirs.centre, theirs.scale)
    np.testing.assert_array_equal(ours.encode(short), theirs.encode(full))
    constant = column_of(np.full(1000, 0.1, "float32"))
    assert NumberTarget.fit(constant, standardise=True).scale == 1.0


def test_missing_classes_do_not_train_where_the_checks_are_left_out() -> None:
    model = mlj.NeuralNetworkClassifier(
        builder=mlj.MLP(hidden=(2,)), epochs=1, batch_size=8, rng=1
    )
    mach = mlj.machine(model, X, LABELS.where(LABELS.index != 5), scitype_check_level=0)
    with pytest.raises(MissingValuesError, match=r"first at rows \[5\] of those trained on"):
        mlj.fit(mach, verbosity=0)
    assert mach.state == 0
    assert mlj.fit(mach, rows=[0, 1, 2, 3, 4, 6, 7, 8], verbosity=0).state == 1
