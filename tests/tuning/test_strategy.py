"""What every strategy keeps to, one of your own by its two methods alone, and what room counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategy import Proposal, Result, Searcher, TuningStrategy, room_for

NET = mlj.NeuralNetworkRegressor(epochs=9, rng=1)
LAMBDA = mlj.param_range(NET, "lambda_", lower=1e-4, upper=1, scale="log10")
BATCH = mlj.param_range(NET, "batch_size", lower=1, upper=64)
OPTIMISER = mlj.param_range(NET, "optimiser", values=[mlj.Adam(), mlj.SGD(), mlj.Adam(0.1)])
SPACE = Space(NET, dimensions_of([LAMBDA, BATCH, OPTIMISER]))
STRATEGIES: dict[str, TuningStrategy] = {
    "grid": mlj.Grid(),
    "plain grid": mlj.Grid(goal=30, shuffle=False),
    "random": mlj.RandomSearch(),
    "latin": mlj.LatinHypercube(),
    "asha": mlj.ASHA(),
    "asha of a grid": mlj.ASHA(mlj.Grid(), n_at_once=2),
    "asha of tpe": mlj.ASHA(mlj.TPE(n_startup=2), n_at_once=3),
    "tpe": mlj.TPE(n_startup=3),
    "tpe of several": mlj.TPE(n_startup=3, n_at_once=2, multivariate=True),
    "cma-es": mlj.CmaEs(n_at_once=3),
    "optuna": mlj.OptunaSearch(optuna.samplers.RandomSampler(seed=1), n_at_once=4),
}
SEEDED = [name for name in STRATEGIES if name not in ("plain grid", "optuna")]
of_every_strategy = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)


def toy_loss(proposal: Proposal) -> float:
    """Least at lambda_ = 0.01 and a batch of 20; the more iterations, the less."""
    values = proposal.values
    place = (np.log10(values["lambda_"]) + 2) ** 2 + (values["batch_size"] / 20 - 1) ** 2
    return float(place + 1 / (proposal.iterations or 1))


def played(
    strategy: TuningStrategy,
    goals: Sequence[int],
    *,
    space: Space = SPACE,
    seed: int = 5,
    loss: Callable[[Proposal], float] = toy_loss,
) -> list[Result]:
    """The results of a search for so many candidates, one goal after the other."""
    searcher, begun, results = strategy.start(space, seed), 0, []
    for goal in goals:
        while proposals := list(searcher.ask(goal - begun)):
            assert room_for(proposals) <= goal - begun
            told = []
            for each in proposals:
                number = begun if each.candidate is None else each.candidate
                begun += each.candidate is None
                told.append(Result(each, number, loss(each)))
            searcher.tell(told)
            results += told
    return results


def shown(results: Sequence[Result]) -> list[Any]:
    return [(r.candidate, dict(r.proposal.values), r.proposal.iterations) for r in results]


@of_every_strategy
def test_a_strategy_proposes_as_many_candidates_as_there_is_room_for(strategy: Any) -> None:
    strategy.check_space(SPACE)
    found = played(strategy, [12])
    assert sorted({result.candidate for result in found}) == list(range(12))
    assert isinstance(strategy.start(SPACE, 1), Searcher)


@of_every_strategy
def test_what_is_proposed_can_be_put_into_the_model(strategy: Any) -> None:
    for result in played(strategy, [12]):
        values = result.proposal.values
        assert list(values) == ["lambda_", "batch_size", "optimiser"]
        model = NET.replace(values)
        assert 1e-4 <= model.lambda_ <= 1 and type(values["lambda_"]) is float
        assert 1 <= model.batch_size <= 64 and type(values["batch_size"]) is int
        assert any(values["optimiser"] is each for each in OPTIMISER.values)


@of_every_strategy
def test_the_same_seed_and_results_give_the_same_proposals(strategy: Any) -> None:
    first, again = played(strategy, [10]), played(strategy, [10])
    assert shown(first) == shown(again)


@pytest.mark.parametrize("name", SEEDED)
def test_another_seed_gives_others(name: str) -> None:
    strategy = STRATEGIES[name]
    assert shown(played(strategy, [10], seed=5)) != shown(played(strategy, [10], seed=6))


@of_every_strategy
def test_a_search_that_goes_on_keeps_what_it_had_and_is_played_again_as_it_was(
    strategy: Any,
) -> None:
    before, after = played(strategy, [6]), played(strategy, [6, 14])
    assert shown(after)[: len(before)] == shown(before)
    assert shown(after) == shown(played(strategy, [6, 14]))
    assert sorted({result.candidate for result in after}) == list(range(14))


@of_every_strategy
def test_results_that_are_no_numbers_do_not_end_a_search(strategy: Any) -> None:
    for bad in (float("nan"), float("inf")):
        found = played(strategy, [8], loss=lambda proposal, bad=bad: bad)  # type: ignore[misc]
        assert sorted({result.candidate for result in found}) == list(range(8))


@of_every_strategy
def test_no_candidate_is_begun_without_room(strategy: Any) -> None:
    assert list(strategy.start(SPACE, 1).ask(0)) == []


@of_every_strategy
def test_a_list_of_models_is_refused(strategy: Any) -> None:
    with pytest.raises(InvalidModelError, match=r"needs ranges=\[...\].*tuning=Explicit\(\)"):
        strategy.check_space(Space(NET, models=(NET,)))


class Thirds(mlj.TuningStrategy):
    """Two candidates at the thirds of what is left, which then loses a third."""

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        return ThirdsSearcher(space.ranges[0])


class ThirdsSearcher:
    """Of two methods, and no base."""

    def __init__(self, r: Any) -> None:
        self.field, self.low, self.high = r.field, r.lower, r.upper

    def ask(self, room: int) -> list[Proposal]:
        """The thirds."""
        thirds = [self.low + (self.high - self.low) * i / 3 for i in (1, 2)]
        return [Proposal({self.field: value}) for value in thirds][:room]

    def tell(self, results: Sequence[Result]) -> None:
        """Leave the worse third out."""
        if len(results) == 2:
            left, right = (each.proposal.values[self.field] for each in results)
            if results[0].loss < results[1].loss:
                self.high = right
            else:
                self.low = left


def test_a_strategy_of_your_own_needs_ask_and_tell() -> None:
    r = mlj.param_range(NET, "lambda_", lower=0, upper=3)
    space = Space(NET, dimensions_of(r))
    Thirds().check_space(space)
    assert isinstance(ThirdsSearcher(r), Searcher) and not isinstance(object(), Searcher)
    found = played(Thirds(), [40], space=space, loss=lambda p: abs(p.values["lambda_"] - 0.7))
    # Twenty times two thirds of 3 are left.
    assert abs(found[-1].proposal.values["lambda_"] - 0.7) < 3 * (2 / 3) ** 20


class Constant(mlj.Deterministic):
    """Predicts one number."""

    value: float = 0.0

    def fit(self, verbosity: int, X: Any, y: Any) -> None:
        """Nothing to learn."""

    def predict(self, fitresult: None, Xnew: Any) -> np.ndarray:
        """The number."""
        return np.full(len(Xnew), self.value)


def test_a_tuned_model_searches_by_a_strategy_of_your_own() -> None:
    r = mlj.param_range(Constant(), "value", lower=0, upper=9)
    tuned = mlj.TunedModel(Constant(), ranges=[r], tuning=Thirds(), measure=mlj.l1, n=30)
    mach = mlj.machine(tuned, np.ones((10, 1)), np.full(10, 5.0))
    report = mlj.report(mlj.fit(mach, verbosity=0))
    assert len(report.history) == 30
    # Fifteen times two thirds of 9 are left about 5, where the loss is least.
    assert abs(report.best_model.value - 5) < 9 * (2 / 3) ** 14


def test_the_base_wants_ranges_and_start_and_tries_ten() -> None:
    class Nothing(TuningStrategy):
        pass

    with pytest.raises(NotImplementedError, match=r"Nothing must define start\(self, space, seed"):
        Nothing().start(SPACE, 1)
    with pytest.raises(InvalidModelError, match="Nothing needs ranges="):
        Nothing().check_space(Space(NET))
    Nothing().check_space(SPACE)
    assert Nothing().default_n(SPACE) == 10


def test_room_counts_new_candidates_alone() -> None:
    new, older = Proposal({"epochs": 1}), Proposal({"epochs": 1}, candidate=0, iterations=3)
    assert room_for([]) == 0 == room_for([older, older])
    assert room_for([new, older, Proposal(model=NET)]) == 2


def test_a_proposal_alone_is_a_new_candidate_with_no_values() -> None:
    proposal = Proposal()
    assert isinstance(proposal.values, Mapping) and not proposal.values
    assert (proposal.model, proposal.iterations, proposal.candidate) == (None, None, None)
