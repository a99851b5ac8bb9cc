"""A fold trains a copy on its rows and measures it on the others."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.resampling.fold import Trial, run_fold
from tests.resampling.test_evaluate import ROWS, TARGET, Mean

PAIRS = ((np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6)))


def trial(**changes: object) -> Trial:
    mach = mlj.machine(Mean(), ROWS, TARGET)
    return Trial(mach.model, mach.args, PAIRS, (mlj.l1, mlj.rsq), ("predict",) * 2, **changes)  # type: ignore[arg-type]


def test_a_fold_gives_measurements_weights_and_what_was_learned() -> None:
    fold = run_fold((trial(),), 1, jobs=((0, 0), (0, 1)))
    l1, rsq = fold.measured
    assert l1.value == pytest.approx(np.abs(TARGET[:6] - TARGET[6:].mean()).mean())
    assert l1.weight == 6 and l1.rows is not None and len(l1.rows) == 6
    assert rsq.rows is None
    assert fold.trained is not None and fold.trained[1].fitresult == TARGET[6:].mean()
    assert pickle.loads(pickle.dumps(fold)).measured[0].value == l1.value


def test_the_weight_of_a_fold_is_that_of_its_rows() -> None:
    weighted = trial(weights=TARGET, keeps=False, observes=False)
    fold = run_fold((weighted,), 0, jobs=((0, 0),))
    assert fold.measured[0].weight == TARGET[6:].sum()
    assert fold.measured[1].weight == 6, "the share of the variance takes no weights"
    assert fold.trained is None and fold.measured[0].rows is None


def test_each_operation_is_called_once_a_fold() -> None:
    calls: list[int] = []

    class Counting(Mean):
        def predict(self, fitresult: float, Xnew: object) -> np.ndarray:
            calls.append(1)
            return super().predict(fitresult, Xnew)

    mach = mlj.machine(Counting(), ROWS, TARGET)
    both = Trial(mach.model, mach.args, PAIRS, (mlj.l1, mlj.l2), ("predict",) * 2)
    run_fold((both,), 0, jobs=((0, 0),))
    assert calls == [1]
