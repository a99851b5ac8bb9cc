"""ASHA: the rungs, who climbs them, and that nothing else decides; played with toy losses."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies.asha import ASHA
from mlj_keras.tuning.strategy import Proposal, Result, TuningStrategy, room_for

NAN = math.nan
Loss = Callable[[int, int], float]  # of a candidate after so many iterations


def space(epochs: int = 27, model: Any = None, field: str = "lambda_") -> Space:
    net = mlj.NeuralNetworkRegressor(epochs=epochs) if model is None else model
    return Space(net, dimensions_of(mlj.param_range(net, field, lower=0, upper=1)))


@dataclasses.dataclass
class Step:
    """What was proposed when there was so much room, and the losses of each rung before it."""

    room: int
    proposals: Sequence[Proposal]
    rungs: dict[int, dict[int, float]]


@dataclasses.dataclass
class Play:
    """A search that was played."""

    steps: list[Step]
    results: list[Result]

    def path(self, candidate: int) -> list[int]:
        """The iterations that a candidate was asked to reach, one after the other."""
        found = [r for r in self.results if r.candidate == candidate]
        return [r.proposal.iterations or 0 for r in found]

    @property
    def shown(self) -> list[Any]:
        return [
            (r.candidate, r.proposal.iterations, dict(r.proposal.values)) for r in self.results
        ]


def played(
    strategy: ASHA, loss: Loss, *goals: int, searched: Space | None = None, seed: int = 1
) -> Play:
    """A search for so many candidates, one goal after the other."""
    searcher = strategy.start(space() if searched is None else searched, seed)
    begun, steps, results = 0, [], []
    rungs: dict[int, dict[int, float]] = {}
    for goal in goals:
        while proposals := list(searcher.ask(goal - begun)):
            before = {iterations: dict(losses) for iterations, losses in rungs.items()}
            steps.append(Step(goal - begun, proposals, before))
            assert room_for(proposals) <= goal - begun and len(steps) < 1000, "no end of it"
            told = []
            for each in proposals:
                number = begun if each.candidate is None else each.candidate
                begun += each.candidate is None
                assert each.iterations is not None
                result = Result(each, number, loss(number, each.iterations))
                rungs.setdefault(each.iterations, {})[number] = result.loss
                told.append(result)
            searcher.tell(told)
            results += told
    return Play(steps, results)


def losses_of(seed: int, share_of_failures: float = 0.0) -> Loss:
    """Losses that fall with iterations by an amount of each candidate, some of them NaN."""

    def loss(candidate: int, iterations: int) -> float:
        rng = np.random.default_rng([seed, candidate])
        level, rate = rng.random(2)
        if np.random.default_rng([seed, candidate, iterations]).random() < share_of_failures:
            return NAN
        return float(level + rate / iterations)

    return loss


SETTINGS = [
    ({}, 27, [1, 3, 9, 27]),
    ({"reduction_factor": 2}, 9, [1, 2, 4, 8, 9]),
    ({"min_iterations": 2, "reduction_factor": 2}, 9, [2, 4, 8, 9]),
    ({"max_iterations": 10}, 99, [1, 3, 9, 10]),
    ({"max_iterations": 9}, 1, [1, 3, 9]),
    ({"min_iterations": 5, "reduction_factor": 4}, 6, [5, 6]),
    ({"min_iterations": 2, "reduction_factor": 3}, 18, [2, 6, 18]),
]


@pytest.mark.parametrize(("settings", "epochs", "rungs"), SETTINGS)
def test_rungs_grow_by_the_factor_from_the_least_to_the_most_iterations(
    settings: dict[str, int], epochs: int, rungs: list[int]
) -> None:
    found = played(ASHA(**settings), losses_of(3), 60, searched=space(epochs))  # type: ignore[arg-type]
    assert sorted({r.proposal.iterations for r in found.results}) == rungs


@pytest.mark.parametrize("n_at_once", [1, 3, 4, 10])
@pytest.mark.parametrize("factor", [2, 3, 4])
def test_only_one_among_the_best_of_a_rung_goes_on(n_at_once: int, factor: int) -> None:
    strategy = ASHA(reduction_factor=factor, n_at_once=n_at_once)
    found = played(strategy, losses_of(7, 0.1), 40)
    promotions = 0
    for step in found.steps:
        assert len(step.proposals) <= n_at_once
        going_on = [each for each in step.proposals if each.candidate is not None]
        if not step.room:
            continue  # from there on the best may go on to the end, see below
        for each in going_on:
            promotions += 1
            reached = max(i for i, rung in step.rungs.items() if each.candidate in rung)
            rung = step.rungs[reached]
            better = sum(loss < rung[each.candidate] for loss in rung.values())
            assert better < len(rung) // factor and math.isfinite(rung[each.candidate])
    assert promotions >= 5


@pytest.mark.parametrize("n_at_once", [1, 4])
def test_a_candidate_climbs_rung_by_rung_and_no_iteration_is_done_twice(n_at_once: int) -> None:
    found = played(ASHA(n_at_once=n_at_once), losses_of(1), 30)
    rungs = [1, 3, 9, 27]
    total = 0
    for candidate in range(30):
        path = found.path(candidate)
        assert path == rungs[: len(path)] and path
        total += path[-1]
    trained, at = 0, dict.fromkeys(range(30), 0)
    for result in found.results:
        assert result.proposal.iterations is not None
        trained += result.proposal.iterations - at[result.candidate]
        at[result.candidate] = result.proposal.iterations
    assert trained == total < 30 * 27 / 2  # of all that a grid would have trained


def test_a_candidate_that_goes_on_keeps_its_values() -> None:
    found = played(ASHA(), losses_of(1), 30)
    first = {r.candidate: r.proposal for r in found.results if r.proposal.candidate is None}
    again = [r for r in found.results if r.proposal.candidate is not None]
    assert len(first) == 30 and again
    for result in again:
        assert result.proposal.candidate == result.candidate
        assert result.proposal.values == first[result.candidate].values


def by_the_paper(n: int, loss: Loss, rungs: list[int], factor: int) -> list[tuple[int, int]]:
    """Algorithm 2 of Li et al. with one worker: (candidate, iterations), until n have begun and
    nobody is to be promoted; then the best of the highest rung, up to the last one."""
    losses: list[dict[int, float]] = [{} for _ in rungs]
    promoted: list[set[int]] = [set() for _ in rungs]
    order: list[tuple[int, int]] = []

    def ranked(k: int) -> list[int]:
        finite = [c for c, x in losses[k].items() if x == x]
        return sorted(finite, key=lambda c: (losses[k][c], c))

    def run(candidate: int, k: int) -> None:
        order.append((candidate, rungs[k]))
        losses[k][candidate] = loss(candidate, rungs[k])

    def promote(share: int) -> bool:
        for k in reversed(range(len(rungs) - 1)):
            top = ranked(k)[: len(losses[k]) // share]
            able = [c for c in top if c not in promoted[k]]
            if able:
                promoted[k].add(able[0])
                run(able[0], k + 1)
                return True
        return False

    begun = 0
    while True:
        if promote(factor):
            continue
        if begun < n:
            run(begun, 0)
            begun += 1
        elif ranked(len(rungs) - 1) or not promote(1):
            return order


@given(
    st.integers(0, 30),
    st.integers(2, 4),
    st.sampled_from([(1, 27), (2, 9), (1, 2), (3, 40)]),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.2, 0.7]),
)
def test_with_one_at_a_time_it_is_the_algorithm_of_the_paper(
    n: int, factor: int, ends: tuple[int, int], seed: int, failures: float
) -> None:
    low, high = ends
    rungs = [low]
    while rungs[-1] * factor < high:
        rungs.append(rungs[-1] * factor)
    rungs.append(high)
    loss = losses_of(seed, failures)
    strategy = ASHA(min_iterations=low, max_iterations=high, reduction_factor=factor, n_at_once=1)
    found = played(strategy, loss, n)
    assert [(r.candidate, r.proposal.iterations) for r in found.results] == by_the_paper(
        n, loss, rungs, factor
    )


@given(st.integers(1, 12), st.integers(1, 6), st.integers(0, 10**6))
def test_somebody_reaches_the_last_rung_if_anybody_can(n: int, n_at_once: int, seed: int) -> None:
    found = played(ASHA(n_at_once=n_at_once), losses_of(seed), n)
    tops = [r for r in found.results if r.proposal.iterations == 27]
    assert tops
    assert sorted({r.candidate for r in found.results}) == list(range(n))


def test_the_best_so_far_goes_on_to_the_last_rung_when_no_other_may_begin() -> None:
    levels = [0.5, 0.25, 0.75]
    found = played(ASHA(reduction_factor=4, n_at_once=8), lambda c, i: levels[c], 3)
    assert [(r.candidate, r.proposal.iterations) for r in found.results] == [
        (0, 1),
        (1, 1),
        (2, 1),
        (1, 4),
        (1, 16),
        (1, 27),
    ]


def test_when_the_best_fails_on_its_way_the_next_one_goes_on() -> None:
    def loss(candidate: int, iterations: int) -> float:
        return NAN if candidate == 1 and iterations > 3 else [0.5, 0.25, 0.75][candidate]

    found = played(ASHA(reduction_factor=4, n_at_once=8, max_iterations=5), loss, 3)
    after = [(r.candidate, r.proposal.iterations) for r in found.results][3:]
    assert after == [(1, 4), (0, 4), (0, 5)]


@pytest.mark.parametrize("bad", [NAN, math.inf])
def test_what_failed_never_goes_on_and_a_search_of_failures_ends(bad: float) -> None:
    good = {4, 11, 12}
    found = played(ASHA(), lambda c, i: c / 100 if c in good else bad, 20)
    assert {r.candidate for r in found.results if r.proposal.candidate is not None} <= good
    assert found.path(4) == [1, 3, 9, 27]
    none = played(ASHA(), lambda c, i: bad, 20)
    assert {r.proposal.iterations for r in none.results} == {1} and len(none.results) == 20


def test_ties_go_to_the_first() -> None:
    found = played(ASHA(n_at_once=1), lambda c, i: 0.5, 9)
    climbers = [r.candidate for r in found.results if r.proposal.iterations == 3]
    assert climbers == [0, 1, 2]
    assert found.path(0) == [1, 3, 9, 27]


@pytest.mark.parametrize("inner", [mlj.RandomSearch(), mlj.TPE(n_startup=2), mlj.LatinHypercube()])
def test_it_is_the_same_whenever_it_is_played_and_as_it_goes_on(inner: TuningStrategy) -> None:
    def play(*goals: int) -> Any:
        return played(ASHA(inner, n_at_once=3), losses_of(2), *goals).shown

    assert play(20) == play(20)
    assert play(7, 20)[: len(play(7))] == play(7)
    assert {candidate for candidate, _, _ in play(7, 20)} == set(range(20))


def test_as_many_are_decided_on_at_once_as_the_setting_says() -> None:
    one = played(ASHA(n_at_once=1), losses_of(2), 30)
    several = played(ASHA(n_at_once=8), losses_of(2), 30)
    assert max(len(step.proposals) for step in one.steps) == 1
    assert max(len(step.proposals) for step in several.steps) == 8
    # The candidates are those of the inner strategy all the same.
    values = [
        {r.candidate: r.proposal.values["lambda_"] for r in play.results}
        for play in (one, several)
    ]
    assert values[0] == values[1]


def test_an_inner_strategy_that_ends_lets_the_best_go_on() -> None:
    found = played(ASHA(mlj.Grid(resolution=4)), lambda c, i: c / 10, 99)
    assert sorted({r.candidate for r in found.results}) == [0, 1, 2, 3]
    assert found.path(0) == [1, 3, 9, 27]
    assert ASHA(mlj.Grid(resolution=4)).default_n(space()) == 4
    assert ASHA().default_n(space()) == 10


class Listening(mlj.TuningStrategy):
    """Proposes rising numbers, one at a time."""

    def start(self, space: Space, seed: int) -> Any:
        """See TuningStrategy."""
        return ListeningSearcher()


HEARD: list[list[tuple[int, int | None, float]]] = []


class ListeningSearcher:
    """Keeps what it hears in HEARD."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, room: int) -> list[Proposal]:
        """One at a time."""
        self.asked += 1
        return [Proposal({"lambda_": self.asked / 100})][:room]

    def tell(self, results: Sequence[Result]) -> None:
        """Note them."""
        HEARD.append([(r.candidate, r.proposal.iterations, r.loss) for r in results])


def test_the_inner_strategy_hears_the_first_rung_alone() -> None:
    HEARD.clear()
    played(ASHA(Listening()), lambda c, i: 1 / (c + 1) + 1 / i, 12)
    assert HEARD == [[(c, 1, 1 / (c + 1) + 1)] for c in range(12)]


def test_iterations_of_a_model_inside_a_pipeline_are_counted() -> None:
    pipe = mlj.Standardizer() | mlj.NeuralNetworkRegressor(epochs=9)
    searched = space(model=pipe, field="neural_network_regressor.lambda_")
    ASHA().check_space(searched)
    found = played(ASHA(), losses_of(1), 12, searched=searched)
    assert sorted({r.proposal.iterations for r in found.results}) == [1, 3, 9]


class Uncounted(mlj.Deterministic):
    """A model without iterations."""

    lambda_: float = 0.0


@pytest.mark.parametrize(
    ("strategy", "searched", "words"),
    [
        (ASHA(), space(model=Uncounted()), "Uncounted counts no iterations, of which ASHA does"),
        (ASHA(), space(field="alpha", epochs=1), "from min_iterations=1 to 1, .*raise epochs of"),
        (ASHA(min_iterations=27), space(), "from min_iterations=27 to 27, and needs more"),
        (ASHA(min_iterations=5, max_iterations=3), space(), "from min_iterations=5 to 3"),
        (ASHA(), space(epochs=0), "from min_iterations=1 to 0"),
        (ASHA(mlj.RandomSearch(bounded="beta")), space(), "There is no rule to fit 'beta'"),
    ],
)
def test_spaces_that_it_cannot_search_are_refused(
    strategy: ASHA, searched: Space, words: str
) -> None:
    with pytest.raises(InvalidModelError, match=words):
        strategy.check_space(searched)


def test_a_range_of_the_iterations_is_refused() -> None:
    net = mlj.NeuralNetworkRegressor()
    r = mlj.param_range(net, "epochs", lower=1, upper=9)
    with pytest.raises(
        InvalidModelError, match="ASHA itself says how many epochs are done. Leave .*'epochs' out"
    ):
        ASHA().check_space(Space(net, dimensions_of(r)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"min_iterations": 0}, "ASHA.min_iterations must be an int >= 1, got 0"),
        ({"max_iterations": 0}, "ASHA.max_iterations must be an int >= 1 or None, got 0"),
        ({"reduction_factor": 1}, "ASHA.reduction_factor must be an int >= 2, got 1"),
        ({"reduction_factor": 2.5}, "ASHA.reduction_factor must be an int >= 2, got 2.5"),
        ({"n_at_once": 0}, "ASHA.n_at_once must be an int >= 1, got 0"),
        ({"strategy": ASHA()}, "ASHA.strategy: must be another strategy, such as RandomSearch"),
        ({"strategy": "grid"}, "ASHA.strategy: must be another strategy, .* got 'grid'"),
        ({"strategy": mlj.Grid}, "ASHA.strategy: must be another strategy"),
        ({"strategy": None}, "ASHA.strategy: must be another strategy"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        ASHA(**settings)
