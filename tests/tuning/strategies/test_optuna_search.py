"""Strategies of Optuna: asked and told with toy losses, against chance and against Optuna."""

from __future__ import annotations

import configparser
import copy
import math
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, MissingPackageError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies.optuna_search import TPE, CmaEs, OptunaSearch
from mlj_keras.tuning.strategy import Result, TuningStrategy

SETUP = Path(__file__).parents[3] / "setup.cfg"


class Own(mlj.Deterministic):
    """A model with two numbers of any sign, an int and a part."""

    a: float = 0.0
    b: float = 0.0
    count: int = 0
    word: Any = "p"


def the(field: str, **given_: Any) -> Any:
    return mlj.param_range(Own(), field, **given_)


A, B = the("a", lower=-1, upper=3), the("b", lower=-5, upper=5)
LOG = the("a", lower=1e-4, upper=1, scale="log10")
NEGATIVE = the("b", lower=-100, upper=-0.01, scale="log10minus")
PLACES = the("b", lower=-3, upper=2, scale=lambda t: 10**t)
UNBOUNDED = the("b", origin=1, unit=2)
COUNT, COUNT_LOG = the("count", lower=1, upper=6), the("count", lower=1, upper=64, scale="log2")
WORD = the("word", values=["p", ("q", "r"), mlj.Adam(), None])
Values = Mapping[str, Any]


def space(*ranges: Any) -> Space:
    return Space(Own(), dimensions_of(list(ranges)))


def played(
    strategy: TuningStrategy,
    n: int,
    loss: Callable[[Values], float],
    *ranges: Any,
    seed: int = 1,
) -> list[Result]:
    """The results of a search for n candidates."""
    strategy.check_space(space(*ranges))
    searcher = strategy.start(space(*ranges), seed)
    results: list[Result] = []
    while len(results) < n and (proposals := searcher.ask(n - len(results))):
        at = len(results)
        told = [Result(p, at + i, loss(p.values)) for i, p in enumerate(proposals)]
        searcher.tell(told)
        results += told
    return results


def values_of(results: list[Result], field: str) -> list[Any]:
    return [result.proposal.values[field] for result in results]


def quadratic(values: Values) -> float:
    return float(sum((values[field] - 0.5) ** 2 for field in ("a", "b") if field in values))


SEARCHES: list[Any] = [
    TPE(n_startup=4),
    TPE(n_startup=4, multivariate=True, n_at_once=3),
    CmaEs(n_at_once=4),
    OptunaSearch(optuna.samplers.RandomSampler(seed=1)),
    OptunaSearch(optuna.samplers.NSGAIISampler(seed=1, population_size=4), n_at_once=4),
]
NAMES = ["TPE", "TPE of several", "CmaEs", "random", "evolution"]
of_every_search = pytest.mark.parametrize("search", SEARCHES, ids=NAMES)


@pytest.mark.parametrize("ranges", [(A,), (A, B)], ids=["one number", "two"])
@pytest.mark.parametrize("make", [TPE, CmaEs])
def test_it_beats_random_search_on_a_quadratic(make: Any, ranges: Any) -> None:
    def best(strategy: TuningStrategy) -> float:
        """The mean over seeds of the root of the least loss: the distance to the least one."""
        runs = (played(strategy, 40, quadratic, *ranges, seed=seed) for seed in range(8))
        return float(np.mean([math.sqrt(min(r.loss for r in run)) for run in runs]))

    assert best(make()) < best(mlj.RandomSearch())


def test_it_learns_on_the_scale_and_among_values() -> None:
    def loss(values: Values) -> float:
        return abs(math.log10(values["a"]) + 3) + (values["word"] is not WORD.values[1])

    found = played(TPE(), 60, loss, LOG, WORD)
    late = found[30:]
    # By chance a quarter have the right word, and a quarter of the values lie so near.
    assert sum(word == ("q", "r") for word in values_of(late, "word")) > 20
    assert sum(abs(math.log10(a) + 3) < 0.5 for a in values_of(late, "a")) > 15


@of_every_search
def test_the_same_seed_and_results_propose_the_same(search: Any) -> None:
    def proposals(seed: int = 1, *, turned: bool = False) -> list[Any]:
        def loss(values: Values) -> float:
            return -quadratic(values) if turned else quadratic(values)

        found = played(search, 20, loss, A, B, COUNT, WORD, seed=seed)
        return [dict(result.proposal.values) for result in found]

    assert proposals() == proposals()
    if "OptunaSearch" not in repr(search):  # whose sampler has a seed of its own
        assert proposals() != proposals(seed=2) and proposals(2**40 + 5) == proposals(2**40 + 5)
    if "RandomSampler" not in repr(search):
        assert proposals() != proposals(turned=True)


@pytest.mark.parametrize(
    ("r", "low", "high"),
    [
        (A, -1, 3),
        (LOG, 1e-4, 1),
        (NEGATIVE, -100, -0.01),
        (PLACES, 1e-3, 100),
        (UNBOUNDED, -1, 3),  # as far as a grid goes
        (COUNT, 1, 6),
        (COUNT_LOG, 1, 64),
    ],
    ids=["linear", "log", "negative", "function", "unbounded", "int", "int log"],
)
@of_every_search
def test_numbers_are_of_their_range_and_kind(search: Any, r: Any, low: float, high: float) -> None:
    found = values_of(played(search, 25, lambda v: float(v[r.field]), r), r.field)
    assert all(type(value) is (int if r.integer else float) for value in found)
    assert low * (1 - 1e-12 * np.sign(low)) <= min(found)
    assert max(found) <= high * (1 + 1e-12 * np.sign(high))
    assert len(set(found)) > 3


def test_random_values_follow_the_scale() -> None:
    sampler = optuna.samplers.RandomSampler(seed=3)
    found = np.array(values_of(played(OptunaSearch(sampler), 400, lambda v: 0.0, LOG), "a"))
    # Half of them below 1e-2, with four standard errors of a proportion.
    assert (found < 1e-2).mean() == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / 400))
    counts = values_of(played(OptunaSearch(sampler), 600, lambda v: 0.0, COUNT), "count")
    # Whole numbers are equally likely, ends included.
    assert np.bincount(counts)[1:] == pytest.approx([100] * 6, abs=4 * math.sqrt(600 * 5 / 36))


@of_every_search
def test_values_of_any_kind_are_proposed_as_they_are(search: Any) -> None:
    found = values_of(played(search, 30, lambda v: v["a"], A, WORD), "word")
    assert all(any(word is each for each in WORD.values) for word in found)
    assert len({repr(word) for word in found}) == 4


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@of_every_search
def test_what_failed_is_told_as_failed_and_the_search_goes_on(search: Any, bad: float) -> None:
    found = played(search, 20, lambda v: bad if v["a"] < 1 else v["a"], A, B)
    assert len(found) == 20
    assert len(played(search, 10, lambda v: bad, A, B)) == 10


def test_a_search_learns_where_candidates_fail() -> None:
    found = played(TPE(), 60, lambda v: math.nan if v["a"] < 1 else v["a"], A)
    late = values_of(found[10:], "a")
    # By chance half of them fail, of a search that follows the best to 1 some more.
    assert sum(a < 1 for a in late) < 0.75 * len(late)


@pytest.mark.parametrize("make", [TPE, CmaEs])
def test_as_many_are_proposed_at_once_as_the_setting_says_and_there_is_room_for(make: Any) -> None:
    searcher = make(n_at_once=4).start(space(A, B), 1)
    sizes = []
    for room in (10, 6, 2, 1):
        proposals = searcher.ask(room)
        sizes.append(len(proposals))
        searcher.tell([Result(p, i, quadratic(p.values)) for i, p in enumerate(proposals)])
    assert sizes == [4, 4, 2, 1]
    assert len(make().start(space(A, B), 1).ask(10)) == 1


def test_what_is_proposed_at_once_takes_account_of_each_other() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=2, n_startup_trials=4, constant_liar=True)
    study = optuna.create_study(sampler=sampler)
    kinds = {"a": optuna.distributions.FloatDistribution(-1, 3)}
    expected = []
    for _ in range(6):
        trials = [study.ask(kinds) for _ in range(4)]
        expected += [trial.params["a"] for trial in trials]
        for trial in trials:
            study.tell(trial, quadratic(trial.params))
    found = played(TPE(n_startup=4, n_at_once=4), 24, quadratic, A, seed=2)
    assert values_of(found, "a") == expected


@pytest.mark.parametrize("level", [optuna.logging.DEBUG, optuna.logging.WARNING])
@of_every_search
def test_optuna_is_quiet_and_its_level_is_as_it_was(
    search: Any, level: int, capfd: pytest.CaptureFixture[str]
) -> None:
    before, filters = optuna.logging.get_verbosity(), list(warnings.filters)
    optuna.logging.set_verbosity(level)
    try:
        played(search, 8, quadratic, A, WORD)
        assert optuna.logging.get_verbosity() == level
    finally:
        optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")
    assert list(warnings.filters) == filters


def test_the_global_generators_are_left_alone(unchanged_generators: None) -> None:
    for search in SEARCHES:
        played(search, 8, quadratic, A, B, WORD)


def test_a_sampler_of_optuna_proposes_what_a_study_of_optuna_asks_it() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=4, n_startup_trials=3))
    kinds = {"a": optuna.distributions.FloatDistribution(-1, 3)}
    expected = []
    for _ in range(12):
        trial = study.ask(kinds)
        expected.append(trial.params["a"])
        study.tell(trial, quadratic(trial.params))
    sampler = optuna.samplers.TPESampler(seed=4, n_startup_trials=3)
    assert values_of(played(OptunaSearch(sampler), 12, quadratic, A), "a") == expected
    ours = values_of(played(TPE(n_startup=3), 12, quadratic, A, seed=4), "a")
    assert ours == expected


def test_the_sampler_is_copied_so_that_a_search_can_be_played_again() -> None:
    sampler = optuna.samplers.RandomSampler(seed=1)
    twin = copy.deepcopy(sampler)
    search = OptunaSearch(sampler)
    first, again = (values_of(played(search, 5, quadratic, A), "a") for _ in range(2))
    assert first == again
    assert values_of(played(OptunaSearch(twin), 5, quadratic, A), "a") == first


@pytest.mark.parametrize("kind", ["GridSampler", "BruteForceSampler"])
def test_a_sampler_that_has_tried_everything_ends_the_search(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        make = getattr(optuna.samplers, kind)
        sampler = make({"count": [1, 2, 3]}) if kind == "GridSampler" else make(seed=1)
    few = the("count", lower=1, upper=3)
    found = played(OptunaSearch(sampler), 10, lambda v: float(v["count"]), few)
    assert sorted(values_of(found, "count")) == [1, 2, 3]


@of_every_search
def test_ranges_alone_are_searched(search: Any) -> None:
    name = type(search).__name__
    with pytest.raises(InvalidModelError, match=f"which {name} does not take. Give the range"):
        search.check_space(space((A, 5)))
    with pytest.raises(InvalidModelError, match=f"{name} needs a range of 'a', and got something"):
        search.check_space(space(mlj.sampler(A)))
    assert search.default_n(space(A)) == 10


def test_a_package_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cmaes", None)
    with pytest.raises(MissingPackageError, match=r"'cmaes'.*pip install 'mlj_keras\[tune\]'"):
        CmaEs().check_space(space(A, B))
    TPE().check_space(space(A, B))
    monkeypatch.setitem(sys.modules, "optuna", None)
    for search in (TPE(), OptunaSearch(optuna.samplers.RandomSampler(seed=1))):
        with pytest.raises(
            MissingPackageError, match=r"'optuna'.*pip install 'mlj_keras\[tune\]'"
        ):
            search.check_space(space(A, B))


def test_the_extra_brings_both_packages() -> None:
    settings = configparser.ConfigParser()
    settings.read(SETUP)
    extra = settings["options.extras_require"]["tune"].split()
    assert {"optuna", "cmaes"} <= set(extra)


@pytest.mark.parametrize(
    "sampler", [None, "TPE", 1, optuna.samplers.RandomSampler, optuna, lambda trial: trial]
)
def test_what_is_no_sampler_is_refused(sampler: Any) -> None:
    with pytest.raises(
        InvalidModelError, match=r"OptunaSearch.sampler: must be a sampler of Optuna, such as opt"
    ):
        OptunaSearch(sampler)


def test_a_sampler_has_to_be_given() -> None:
    with pytest.raises(InvalidModelError, match="OptunaSearch needs sampler"):
        OptunaSearch()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TPE(n_startup=-1), "TPE.n_startup must be an int >= 0, got -1"),
        (lambda: TPE(multivariate=1), "TPE.multivariate must be True or False"),
        (lambda: TPE(n_at_once=0), "TPE.n_at_once must be an int >= 1, got 0"),
        (lambda: TPE(rng="a"), "rng must be an int"),
        (lambda: CmaEs(n_startup=0), "CmaEs.n_startup must be an int >= 1, got 0"),
        (lambda: CmaEs(n_at_once=1.5), "CmaEs.n_at_once must be an int >= 1, got 1.5"),
    ],
)
def test_settings_that_are_none_are_refused(make: Any, words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        make()
