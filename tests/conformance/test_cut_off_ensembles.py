"""An ensemble whose training is cut off keeps the members that are done, and goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.containers import _together as together
from mlj_keras.engine import training
from mlj_keras.errors import NonFiniteLossError
from mlj_keras.models.interface import PartialFit
from tests.batteries.ensembles import (
    IRIS,
    SPECIES,
    Noted,
    OneByOne,
    X,
    Y,
    ensemble,
    fitted,
    net,
    numbers,
    seen,
    stop_at,
)

CAUSE = KeyboardInterrupt("stop")
ENDS: dict[str, BaseException] = {
    "Ctrl-C": CAUSE,
    "an error": ValueError("bad rows"),
    "part of a member": PartialFit(None, None, CAUSE),  # type: ignore[arg-type]
}


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    """Nothing is cut off before and after."""
    seen()
    yield
    seen()


def cut_off(mach: Any, k: int, error: BaseException = CAUSE) -> int:
    """A fit whose k-th training ends in the error; how many trainings there were."""
    stop_at(k, error)
    raised = error.cause if isinstance(error, PartialFit) else error
    with pytest.raises(type(raised), match=str(raised)):
        mlj.fit(mach, verbosity=-1)
    return len(seen())


def trained(mach: Any) -> list[str]:
    mlj.fit(mach, verbosity=0)
    return [what for what, *_ in seen()]


def same_as_whole(mach: Any) -> bool:
    """Whether it is as if it had not been cut off."""
    whole = fitted(mach.model, X, Y)
    seen()
    return (
        numbers(mach).tolist() == numbers(whole).tolist()
        and mlj.report(mach)._asdict().keys() == mlj.report(whole)._asdict().keys()
        and mlj.report(mach).out_of_bag == mlj.report(whole).out_of_bag
        and mlj.report(mach).n == mlj.report(whole).n
    )


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("model", [Noted(), OneByOne()], ids=["one a job", "all in a job"])
def test_the_members_that_are_done_are_kept_and_the_rest_is_trained(model: Any, end: str) -> None:
    mach = mlj.machine(ensemble(model, n=5, out_of_bag_measure=mlj.rms), X, Y)
    assert cut_off(mach, 4, ENDS[end]) == 4
    assert mach.state == 1 and mlj.report(mach).n == 3 and mach.model.n == 5
    assert len(mlj.predict(mach, X[:2])) == 2 and mlj.report(mach).out_of_bag["rms"] > 0
    assert trained(mach) == ["fit"] * 2
    assert same_as_whole(mach)


@pytest.mark.parametrize("end", ENDS)
def test_before_the_first_member_is_done_there_is_nothing_to_keep(end: str) -> None:
    mach = mlj.machine(ensemble(), X, Y)
    assert cut_off(mach, 1, ENDS[end]) == 1
    assert mach.state == 0
    assert trained(mach) == ["fit"] * 3


def test_it_may_be_cut_off_again_and_again() -> None:
    mach = mlj.machine(ensemble(n=4), X, Y)
    for n in (1, 2, 3):
        cut_off(mach, 2)
        assert mlj.report(mach).n == n
    assert trained(mach) == ["fit"] and same_as_whole(mach)


def test_members_that_are_added_are_kept_too() -> None:
    mach = mlj.machine(ensemble(n=2), X, Y)
    trained(mach)
    mach.model.n = 6
    cut_off(mach, 3)
    assert mlj.report(mach).n == 4
    mach.model.n = 3
    assert trained(mach) == [] and same_as_whole(mach)


def test_cut_off_while_all_go_on_those_of_before_are_kept() -> None:
    mach = mlj.machine(ensemble(), X, Y)
    trained(mach)
    before = numbers(mach)
    mach.model.model.epochs = 3
    cut_off(mach, 2)
    assert mlj.report(mach).n == 3 and numbers(mach).tolist() == before.tolist()
    assert [member.epochs for member in mlj.report(mach).members] == [1] * 3
    assert trained(mach) == ["update"] * 3
    mach.model.model.epochs, mach.model.n = 5, 5
    cut_off(mach, 5)  # all three went on, and one was added
    assert [member.epochs for member in mlj.report(mach).members] == [5] * 4
    assert trained(mach) == ["fit"]


def test_weights_of_members_are_those_of_the_members_kept() -> None:
    mach = mlj.machine(ensemble(n=4, atomic_weights=[0.0, 0.0, 0.25, 0.75]), X, Y)
    cut_off(mach, 3)
    assert mlj.fitted_params(mach).atomic_weights == (0.5, 0.5)  # their own say nothing
    assert trained(mach) == ["fit"] * 2
    assert mlj.fitted_params(mach).atomic_weights == (0.0, 0.0, 0.25, 0.75)


def test_with_other_seeds_the_new_members_take_the_place_of_the_old() -> None:
    mach = mlj.machine(ensemble(), X, Y)
    trained(mach)
    mach.model.rng = 2
    cut_off(mach, 3)
    assert mlj.report(mach).n == 2 and mlj.report(mach).rng == 2
    assert trained(mach) == ["fit"] and same_as_whole(mach)


def test_in_threads_the_first_members_that_are_done_are_kept() -> None:
    mach = mlj.machine(ensemble(n=5, acceleration=mlj.CPUThreads(2)), X, Y)

    def fit(self: Any, verbosity: int, *data: Any) -> Any:
        if self.rng == third.rng:
            raise ValueError("bad rows")
        return own(self, verbosity, *data)

    third, own = mlj.fitted_params(fitted(ensemble())).members[2].model, Noted.fit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Noted, "fit", fit)
        with pytest.raises(ValueError, match="bad rows"):
            mlj.fit(mach, verbosity=-1)
    assert mlj.report(mach).n == 2
    seen()
    assert trained(mach) == ["fit"] * 3 and same_as_whole(mach)


# Networks together.


@pytest.fixture
def after_two_epochs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A context in which networks that train together are interrupted after two epochs."""
    monkeypatch.setattr(training, "SECONDS_PER_CALL", 0)  # one epoch a group

    @contextlib.contextmanager
    def interrupted() -> Iterator[None]:
        @contextlib.contextmanager
        def progress(*args: Any, **options: Any) -> Iterator[Any]:
            done: list[float] = []

            def heard(count: int, losses: list[float]) -> None:
                done.extend(losses)
                if len(done) == 2:
                    raise CAUSE

            yield heard

        with monkeypatch.context() as patch:
            patch.setattr(together, "progress", progress)
            yield

    yield interrupted


def test_networks_together_keep_their_whole_epochs(after_two_epochs: Any) -> None:
    model = ensemble(net(epochs=5), out_of_bag_measures=[mlj.accuracy, mlj.log_loss])
    mach = mlj.machine(model, IRIS, SPECIES)
    with after_two_epochs(), pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    early = fitted(model.replace({"model.epochs": 2}), IRIS, SPECIES)
    np.testing.assert_array_equal(numbers(mach), numbers(early))
    assert mlj.report(mach).out_of_bag == mlj.report(early).out_of_bag
    assert [member.epochs for member in mlj.report(mach).members] == [2] * 3
    assert model.model.epochs == 5
    mlj.fit(mach, verbosity=0)
    whole = fitted(model, IRIS, SPECIES)
    np.testing.assert_array_equal(numbers(mach), numbers(whole))
    assert mlj.report(mach).out_of_bag == mlj.report(whole).out_of_bag


def test_networks_that_are_added_do_not_cost_those_that_are_there(after_two_epochs: Any) -> None:
    model = ensemble(net(epochs=3), n=2)
    mach = fitted(model, IRIS, SPECIES)
    before = numbers(mach)
    model.n = 4
    with after_two_epochs(), pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert mlj.report(mach).n == 2
    np.testing.assert_array_equal(numbers(mach), before)
    mlj.fit(mach, verbosity=0)
    np.testing.assert_array_equal(numbers(mach), numbers(fitted(model, IRIS, SPECIES)))


def test_a_network_that_fails_is_told_as_one_alone_tells_it() -> None:
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=(3,)), optimiser=mlj.SGD(1e25), standardise=False, batch_size=4
    )
    mach = mlj.machine(ensemble(model), X, Y)
    with pytest.raises(NonFiniteLossError, match=r"in epoch 1 \(learning rate 1e\+25\)\. Lower"):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 0
    model = mach.model.model
    model.optimiser = mlj.SGD(1e-6)
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).n == 3
