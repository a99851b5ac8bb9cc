"""In which groups members are trained, and what becomes of those that fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.ensembles import training as module
from mlj_keras.ensembles.members import Member, Plan
from mlj_keras.ensembles.training import jobs_of, train_due
from mlj_keras.models import FitOutcome
from tests.batteries.ensembles import Noted, X, Y, ensemble, seen, stop_at


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    """Nothing is cut off before and after."""
    seen()
    yield
    seen()


def plan_of(*, together: bool = False) -> Plan:
    plan: Plan = ensemble()._plan((X, Y), 1, -1)
    return Plan(plan.trial, plan.n_rows, plan.n_train, 1, together, -1)


def due_of(n_begun: int, n_fresh: int) -> list[tuple[int, Member | None]]:
    member = Member(Noted(), FitOutcome(0.0))
    return [(i, member if i < n_begun else None) for i in range(n_begun + n_fresh)]


def lengths(due: Any, acceleration: Any, *, together: bool = True) -> list[int]:
    return [len(job) for job in jobs_of(plan_of(together=together), due, acceleration)]


@pytest.mark.parametrize(
    ("n", "where", "expected"),
    [
        (10, mlj.CPU1(), [10]),
        (16, mlj.CPU1(), [16]),
        (17, mlj.CPU1(), [8, 9]),
        (40, mlj.CPU1(), [13, 13, 14]),
        (10, mlj.CPUProcesses(2), [5, 5]),
        (10, mlj.CPUProcesses(4), [2, 3, 2, 3]),
        (10, mlj.CPUThreads(3), [3, 3, 4]),
        (3, mlj.CPUProcesses(8), [1, 1, 1]),
        (100, mlj.CPUProcesses(2), [14, 14, 14, 15, 14, 14, 15]),
        (10, "loky", [3, 3, 4]),
        (1, mlj.CPU1(), [1]),
    ],
)
def test_networks_are_grouped_by_sixteen_at_most_and_so_that_all_workers_have_some(
    n: int, where: Any, expected: list[int]
) -> None:
    assert lengths(due_of(0, n), where) == expected


def test_others_are_trained_one_by_one() -> None:
    for where in (mlj.CPU1(), mlj.CPUProcesses(2), mlj.CPUThreads(3), "loky"):
        assert lengths(due_of(2, 3), where, together=False) == [1] * 5


@given(st.integers(0, 70), st.integers(0, 70), st.integers(1, 9), st.booleans())
def test_every_member_is_in_one_job_in_order_and_those_that_go_on_are_apart(
    n_begun: int,
    n_fresh: int,
    n_workers: int,
    together: bool,  # noqa: FBT001
) -> None:
    due = due_of(n_begun, n_fresh)
    jobs = jobs_of(plan_of(together=together), due, mlj.CPUProcesses(n_workers))
    assert [each for job in jobs for each in job] == due
    assert all(len({before is None for _, before in job}) == 1 for job in jobs)
    assert all(1 <= len(job) <= 16 for job in jobs)


def trained(due: Any, acceleration: Any) -> tuple[dict[int, Member], BaseException | None]:
    members: dict[int, Member] = {}
    cause = train_due(plan_of(), due, members, acceleration, shown=False)
    return members, cause


@pytest.mark.parametrize("where", [mlj.CPU1(), mlj.CPUThreads(2), "threading"], ids=str)
def test_members_are_put_where_they_belong_wherever_they_are_trained(where: Any) -> None:
    members, cause = trained([(i, None) for i in (3, 7, 0)], where)
    assert cause is None and sorted(members) == [0, 3, 7]
    for i, member in members.items():
        rows: Any = plan_of().rows(i)[0]
        assert member.outcome.fitresult == pytest.approx(Y[rows].mean())


def test_one_after_another_nothing_is_trained_after_what_failed() -> None:
    error = ValueError("bad rows")
    stop_at(3, error)
    members, cause = trained(due_of(0, 5), mlj.CPU1())
    assert sorted(members) == [0, 1] and cause is error and len(seen()) == 3
    stop_at(2)
    members, cause = trained(due_of(0, 5), mlj.CPU1())
    assert sorted(members) == [0] and isinstance(cause, KeyboardInterrupt)


def test_side_by_side_the_rest_is_trained_and_the_first_failure_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing = {plan_of().model(i).rng: f"member {i}" for i in (1, 3)}
    own = Noted.fit

    def fit(self: Any, verbosity: int, *data: Any) -> Any:
        if self.rng in failing:
            raise ValueError(failing[self.rng])
        return own(self, verbosity, *data)

    monkeypatch.setattr(Noted, "fit", fit)
    members, cause = trained(due_of(0, 5), mlj.CPUThreads(2))
    assert sorted(members) == [0, 2, 4] and str(cause) == "member 1"


def test_a_bar_counts_members_and_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bar:
        n, closed = 0, False

        def update(self, n: int) -> None:
            self.n += n

        def close(self) -> None:
            self.closed = True

    told: dict[str, Any] = {}
    bar = Bar()

    def progress_bar(what: str, **options: Any) -> Bar:
        told.update(options, what=what)
        return bar

    monkeypatch.setattr(module, "progress_bar", progress_bar)
    stop_at(3)
    train_due(plan_of(), due_of(0, 5), {}, mlj.CPU1(), shown=True)
    assert told == {"what": "Training", "unit": "member", "total": 5, "shown": True}
    assert bar.n == 2 and bar.closed
