"""Tests of verifying: what would not load is not saved."""

from __future__ import annotations

import collections
import io
from typing import Any

import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsavableError
from mlj_keras.persistence.encoding import Encoder
from mlj_keras.persistence.verifying import check_loads
from tests.batteries.saving import CASES, FACTORS, Y, net

Pair = collections.namedtuple("Pair", ["mean", "n"])  # noqa: PYI024 - what users write


class Keeps(mlj.Deterministic):
    """A model of the user's own that learns what it is told to."""

    code: int = 3
    learned: Any = None

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        """That."""
        return LEARNED[self.learned]

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        """Its repr."""
        return [repr(fitresult) for _ in range(len(Xnew))]


def itself() -> list[Any]:
    """A list that holds itself."""
    found: list[Any] = []
    found.append(found)
    return found


LEARNED: dict[str, Any] = {
    "tuple": (1, (2.5, None)),
    "set": {1, 2},
    "frozenset": frozenset({"a"}),
    "time": pd.Timestamp("2020-01-01T00:00+01:00"),
    "zone": pd.Timestamp("2020-01-01", tz="Europe/Paris"),
    "no time": pd.NaT,
    "series": pd.Series(["a", None]),
    "named": Pair(1.0, 2),
    "counter": collections.Counter("abba"),
    "default": collections.defaultdict(list),
    "itself": itself(),
    "long": 10**500,
    "dateutil": pd.Timestamp("2020-01-01", tz="dateutil/Europe/Paris"),
    "arrow": pd.Series([1, 2], dtype="int64[pyarrow]"),
}
REFUSED = {"named", "counter", "default", "itself", "long", "dateutil", "arrow"}
TRUSTED = ["tests.persistence.test_verifying:Keeps"]


@pytest.mark.parametrize("name", LEARNED)
def test_what_save_accepts_comes_back_and_the_rest_is_refused(name: str) -> None:
    mach = mlj.fit(mlj.machine(Keeps(learned=name), FACTORS, Y), verbosity=0)
    file = io.BytesIO()
    if name in REFUSED:
        with pytest.raises(UnsavableError):
            mlj.save(file, mach)
        assert not file.getvalue()
        return
    mlj.save(file, mach)
    same = mlj.load_machine(io.BytesIO(file.getvalue()), trusted=TRUSTED)
    assert mlj.predict(same, FACTORS) == mlj.predict(mach, FACTORS)
    assert same.model == mach.model


def test_what_does_not_come_back_is_told_before_anything_is_written() -> None:
    encoder = Encoder()
    facts = encoder.machine(mlj.fit(mlj.machine(net(), FACTORS, Y), verbosity=0), "the machine")
    check_loads(encoder, facts)
    with pytest.raises(UnsavableError, match="could not be loaded again"):
        check_loads(encoder, {**facts, "state": 0})


@pytest.mark.parametrize(
    "inner", ["Pipeline", "Stack", "Scaled", "TunedModel", "IteratedModel", "Freezable"]
)
def test_ensembles_of_composites_and_wrappers_are_saved(inner: str) -> None:
    case = CASES[inner]()
    mach = mlj.fit(mlj.machine(mlj.EnsembleModel(case.model, n=2, rng=1), *case.data), verbosity=0)
    file = io.BytesIO()
    mlj.save(file, mach)
    same = mlj.load_machine(io.BytesIO(file.getvalue()), trusted=case.trusted)
    given = [mlj.predict(each, case.data[0]).to_numpy() for each in (mach, same)]
    assert given[0].tobytes() == given[1].tobytes()


def stop(run: Any) -> None:
    """Ctrl-C in the second cycle."""
    if run.n_cycles == 1:
        raise KeyboardInterrupt


@pytest.mark.parametrize("around", [lambda model: model, lambda model: mlj.Standardizer() | model])
def test_an_iteration_that_was_cut_off_is_saved_and_gone_on_with(around: Any) -> None:
    controls = [mlj.Step(1), mlj.Callback(stop, raw=True), mlj.NumberLimit(3)]
    X = FACTORS.drop(columns="shape")
    mach = mlj.machine(around(mlj.IteratedModel(net(), controls=controls)), X, Y)
    with pytest.raises((KeyboardInterrupt, mlj.errors.ControlError)):
        mlj.fit(mach, verbosity=-1)
    file = io.BytesIO()
    mlj.save(file, mach)
    trusted = ["tests.persistence.test_verifying:stop"]
    same = mlj.load_machine(io.BytesIO(file.getvalue()), X, Y, trusted=trusted)
    assert mlj.snapshot(same).digest() == mlj.snapshot(mach).digest() if mach.state else True
