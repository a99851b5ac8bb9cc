"""How strictly machines inside a composite check: as the one around, and once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ScitypeError, ScitypeWarning
from mlj_keras.machine.checking import checking, level_around, said_before

X = pd.DataFrame({"visits": np.arange(40), "size": np.linspace(0.0, 1.0, 40)})
Y = X["size"] + 1.0
NET = mlj.NeuralNetworkRegressor(
    builder=mlj.Linear(activation="linear"), epochs=1, batch_size=16, rng=1
)
PIPE = mlj.FillImputer() | NET


class Bare(mlj.NetworkComposite, mlj.Deterministic):
    """A composite that knows nothing of its data before it is trained."""

    model: Any = mlj.param(positional=True)

    def prefit(self, verbosity: int, Xs: Any, ys: Any) -> dict[str, Any]:
        return {"predict": mlj.predict(mlj.machine(self.model, Xs, ys), Xs)}


def said(action: Any) -> list[str]:
    """The warnings of an action."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    return [str(each.message) for each in caught]


def test_without_anything_around_the_level_is_1_and_nothing_has_been_said() -> None:
    assert (level_around(), said_before()) == (1, False)
    with checking(2, said=True):
        with checking(0):
            assert (level_around(), said_before()) == (0, True)
        assert level_around() == 2
    assert (level_around(), said_before()) == (1, False)


def test_a_block_that_fails_leaves_no_level_behind() -> None:
    with pytest.raises(KeyError), checking(0):
        raise KeyError
    assert level_around() == 1


def test_a_pipeline_says_once_at_machine_which_columns_are_converted() -> None:
    with pytest.warns(ScitypeWarning, match="pipeline.* takes these columns as Continuous"):
        mach = mlj.machine(PIPE, X, Y)
    assert said(lambda: mach.fit(verbosity=0)) == []


@pytest.mark.parametrize("resampling", [mlj.CV(nfolds=2)])
def test_folds_of_a_pipeline_say_nothing_twice(resampling: Any) -> None:
    found = said(lambda: mlj.evaluate(PIPE, X, Y, resampling=resampling, measure=mlj.rms))
    assert len(found) == 1


def test_level_2_raises_for_the_components_of_a_pipeline() -> None:
    with pytest.raises(ScitypeError, match="column 'visits' of Count. Coerce"):
        mlj.machine(PIPE, X, Y, scitype_check_level=2)


def test_level_0_says_nothing_of_components() -> None:
    mach = mlj.machine(PIPE, X, Y, scitype_check_level=0)
    assert said(lambda: mach.fit(verbosity=0)) == []


def test_machines_inside_a_composite_have_the_level_of_its_machine() -> None:
    assert "takes these data as Continuous" in said(lambda: mlj.machine(Bare(NET), X, Y).fit())[0]
    assert said(lambda: mlj.machine(Bare(NET), X, Y, scitype_check_level=0).fit()) == []
    with pytest.raises(ScitypeError, match="'visits' is Count"):
        mlj.machine(Bare(NET), X, Y, scitype_check_level=2).fit(verbosity=0)


def test_a_transformed_target_says_once_what_is_converted() -> None:
    model = mlj.TransformedTargetModel(NET, transformer=np.log, inverse=np.exp)
    assert len(said(lambda: mlj.machine(model, X, Y).fit(verbosity=0))) == 1
