"""Members of an ensemble: their rows and seeds, and how they are trained and measured."""

from __future__ import annotations

import dataclasses
from typing import Any

import cloudpickle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.ensembles.members import Member, Plan, run_members, train_members
from mlj_keras.machine import Source
from mlj_keras.models.interface import PartialFit
from mlj_keras.resampling.fold import Trial
from tests.batteries.ensembles import (
    IRIS,
    N_ROWS,
    SPECIES,
    Noted,
    OneByOne,
    X,
    Y,
    net,
    seen,
    stop_at,
)


def plan_of(
    model: Any = None,
    data: Any = (X, Y),
    *,
    n_train: int | None = None,
    seed: int = 1,
    together: bool = False,
    measures: Any = (),
) -> Plan:
    sources = tuple(Source(each) for each in data)
    n_rows = len(data[1])
    operations = tuple("predict" if m in (mlj.rms, mlj.l1) else "predict_mode" for m in measures)
    trial = Trial(
        Noted() if model is None else model, sources, (), measures, operations, observes=False
    )
    n_train = n_rows * 4 // 5 if n_train is None else n_train
    return Plan(trial, n_rows, n_train, seed, together, -1)


def fresh(*positions: int) -> Any:
    return tuple((i, None) for i in positions)


# Rows and seeds.


@given(st.integers(1, 60), st.integers(0, 59), st.integers(0, 2**31), st.integers(0, 200))
def test_rows_are_some_without_repetition_in_order_and_the_others_are_the_rest(
    n_rows: int, n_train: int, seed: int, i: int
) -> None:
    n_train = 1 + n_train % n_rows
    plan = Plan(plan_of().trial, n_rows, n_train, seed, False, -1)  # noqa: FBT003
    rows, rest = plan.rows(i)
    if n_train == n_rows:
        assert rows is None and len(rest) == 0
        return
    assert rows is not None and len(rows) == n_train
    assert (np.diff(rows) > 0).all() and (np.diff(rest) > 0).all()
    assert sorted([*rows, *rest]) == list(range(n_rows))
    again = dataclasses.replace(plan, trial=plan_of(Noted(bias=3.0)).trial).rows(i)
    np.testing.assert_array_equal(rows, again[0])


def test_members_and_seeds_have_other_rows_and_every_row_is_drawn_as_often() -> None:
    plan = plan_of()
    drawn = [tuple(plan.rows(i)[0].tolist()) for i in range(500)]  # type: ignore[union-attr]
    # Of 4845 possible sets 500 draws repeat about 26.
    assert len(set(drawn)) > 450
    counts = np.bincount(np.concatenate([np.array(rows) for rows in drawn]), minlength=N_ROWS)
    # Each is binomial(500, 0.8), of a standard deviation of 9.
    assert counts.sum() == 500 * 16 and (abs(counts - 400) < 5 * 9).all()
    other = dataclasses.replace(plan, seed=2)
    assert not np.array_equal(other.rows(0)[0], plan.rows(0)[0])  # type: ignore[arg-type]


def test_each_member_has_seeds_of_its_own_for_all_models_inside() -> None:
    forest = mlj.load("RandomForestClassifier", package="scikit-learn")
    pipe = mlj.Pipeline(one=mlj.Standardizer(), two=forest(n_estimators=3))
    plan = plan_of(pipe)
    seeds = [plan.model(i).two.random_state for i in range(50)]
    assert len(set(seeds)) == 50 and pipe.two.random_state is None
    assert seeds == [plan.model(i).two.random_state for i in range(50)]
    other = dataclasses.replace(plan, seed=2)
    assert set(seeds).isdisjoint(other.model(i).two.random_state for i in range(50))
    alike = plan.model(0).replace({"two.random_state": None})
    assert alike == pipe


def test_members_are_trained_on_their_rows_of_all_data() -> None:
    seen()
    weights = np.linspace(1.0, 2.0, N_ROWS)
    plan = plan_of(data=(X, Y, weights))
    trained = train_members(plan, fresh(2, 5))
    assert trained.cause is None and len(trained.members) == 2
    for i, (what, rows, given_weights, seed) in zip((2, 5), seen(), strict=True):
        wanted: Any = plan.rows(i)[0]
        assert (what, rows, seed) == ("fit", wanted.tolist(), plan.model(i).rng)
        assert given_weights == weights[wanted].tolist()


def test_with_all_rows_members_get_the_data_as_they_are_bound() -> None:
    plan = plan_of(n_train=N_ROWS)
    assert plan.rows(3)[0] is None
    assert plan.data(plan.model(3), 3)[0] is X


# Training one after another.


def test_what_is_kept_of_a_member_is_its_own_model_and_no_data() -> None:
    plan = plan_of(measures=(mlj.rms, mlj.l1))
    (member,) = train_members(plan, fresh(4)).members
    assert member.model == plan.model(4) and member.outcome.cache is None
    assert member.outcome.report == {"epochs": 1, "begun": 0}
    assert member.out_of_bag is not None and len(member.out_of_bag) == 2


def test_members_that_have_begun_go_on_and_those_of_another_class_start_anew() -> None:
    before = train_members(plan_of(), fresh(0, 1)).members
    seen()
    later = plan_of(Noted(epochs=3))
    job = ((0, before[0]), (1, before[1]), (2, None))
    found = train_members(later, job)
    assert [what for what, *_ in seen()] == ["update", "update", "fit"]
    assert [each.outcome.report["begun"] for each in found.members] == [1, 1, 0]
    train_members(plan_of(OneByOne(epochs=3)), job)
    assert [what for what, *_ in seen()] == ["fit"] * 3


ENDS = [KeyboardInterrupt("stop"), ValueError("bad rows"), MemoryError("all used up")]


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
def test_what_ends_a_member_keeps_those_before_it(error: BaseException) -> None:
    stop_at(3, error)
    found = train_members(plan_of(), fresh(4, 7, 1, 2))
    assert found.cause is error
    assert [each.model for each in found.members] == [plan_of().model(i) for i in (4, 7)]
    assert len(seen()) == 3
    stop_at(1, error)
    with pytest.raises(type(error), match=str(error)):
        train_members(plan_of(), fresh(0, 1))


def test_of_a_member_that_is_cut_off_itself_nothing_is_kept() -> None:
    cause = KeyboardInterrupt("stop")
    for k in (1, 2):
        stop_at(k, PartialFit(None, None, cause))  # type: ignore[arg-type]
        found = train_members(plan_of(), fresh(0, 1, 2))
        assert found.cause is cause and len(found.members) == k - 1
    seen()


# Training together.


def test_networks_are_trained_in_one_go_and_others_are_asked() -> None:
    seen()
    found = train_members(plan_of(OneByOne(), together=True), fresh(0, 1, 2))
    assert [what for what, *_ in seen()] == ["fit"] * 3 and len(found.members) == 3
    plan = plan_of(net(), (IRIS, SPECIES), together=True, measures=(mlj.accuracy,))
    asked: list[Any] = []
    own = mlj.NeuralNetworkClassifier.train_together

    def noted(self: Any, *args: Any) -> Any:
        asked.append(args)
        return own(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlj.NeuralNetworkClassifier, "train_together", noted)
        members = train_members(plan, fresh(0, 1)).members
        job = tuple(enumerate(members))
        later = dataclasses.replace(
            plan, trial=dataclasses.replace(plan.trial, model=net(epochs=3))
        )
        more = train_members(later, job).members
        train_members(dataclasses.replace(plan, together=False), fresh(0))
        train_members(plan, ((0, members[0]), (1, None)))
    (_, models, before, data), (_, _, begun, _), (_, _, mixed, _) = asked
    assert [before, mixed[1]] == [[None, None], None] and [model.rng for model in models] == [
        plan.model(i).rng for i in (0, 1)
    ]
    assert [len(data(k)[1]) for k in (0, 1)] == [120, 120]
    assert [(model.epochs, outcome.report["epochs"]) for model, outcome in begun] == [(2, 2)] * 2
    assert [member.model.epochs for member in more] == [3, 3]
    assert all(member.out_of_bag and member.outcome.cache is None for member in more)


def test_networks_cut_off_together_are_kept_and_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(net(), (IRIS, SPECIES), together=True, measures=(mlj.accuracy,))
    done = train_members(plan, fresh(0, 1)).members
    cause = KeyboardInterrupt("stop")

    def cut_off(self: Any, *args: Any) -> Any:
        outcomes: Any = [member.outcome for member in done]
        raise PartialFit(outcomes, [member.model for member in done], cause)

    monkeypatch.setattr(mlj.NeuralNetworkClassifier, "train_together", cut_off)
    found = train_members(plan, fresh(0, 1))
    assert found.cause is cause
    assert [member.model for member in found.members] == [member.model for member in done]
    assert [member.out_of_bag for member in found.members] == [
        member.out_of_bag for member in done
    ]


# Out of the bag.


def test_measures_are_of_the_rows_that_a_member_has_not_seen() -> None:
    plan = plan_of(measures=(mlj.rms, mlj.l1))
    for i, member in enumerate(train_members(plan, fresh(0, 1, 2)).members):
        rows, rest = plan.rows(i)
        errors = Y[rest] - Y[rows].mean()
        assert member.out_of_bag is not None
        values = [each.value for each in member.out_of_bag]
        np.testing.assert_allclose(values, [np.sqrt(np.mean(errors**2)), np.mean(abs(errors))])
        assert [each.weight for each in member.out_of_bag] == [4, 4]


def test_a_probabilistic_member_is_measured_by_what_suits_the_measure() -> None:
    plan = plan_of(net(epochs=5), (IRIS, SPECIES), measures=(mlj.accuracy,))
    (member,) = train_members(plan, fresh(0)).members
    _, rest = plan.rows(0)
    predicted = member.model.predict(member.outcome.fitresult, Source(IRIS.iloc[rest]).inner)
    right = predicted.mode().to_numpy() == SPECIES.iloc[rest].to_numpy()
    assert member.out_of_bag is not None
    assert member.out_of_bag[0].value == pytest.approx(right.mean())


def test_without_measures_nothing_is_predicted() -> None:
    (member,) = train_members(plan_of(), fresh(0)).members
    assert member.out_of_bag is None


# Elsewhere.


def test_a_plan_and_what_comes_of_it_are_plain_data_at_the_level_of_checks_around() -> None:
    class Level(Noted):
        def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> Any:
            from mlj_keras.machine.checking import level_around

            return level_around()

    plan = plan_of(Level())
    plan = dataclasses.replace(plan, trial=dataclasses.replace(plan.trial, check_level=2))
    payload = cloudpickle.loads(cloudpickle.dumps((plan, [fresh(0), fresh(1)])))
    found = cloudpickle.loads(cloudpickle.dumps(run_members(payload, 1)))
    (member,) = found.members
    assert isinstance(member, Member) and member.outcome.fitresult == 2
    assert member.model.rng == plan.model(1).rng
