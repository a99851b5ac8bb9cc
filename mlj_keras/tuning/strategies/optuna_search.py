"""`OptunaSearch`: any sampler of Optuna as a strategy; `TPE` and `CmaEs` by their names.

Knows Optuna's ask and tell. Source: MLJTreeParzenTuning.jl for the place; Optuna, optuna/study and
optuna/samplers.
"""

from __future__ import annotations

import contextlib
import copy
import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from mlj_keras._imports import require
from mlj_keras._warnings import ignoring
from mlj_keras.models import param
from mlj_keras.tuning.ranges import NominalRange, NumericRange, Range
from mlj_keras.tuning.space import Space
from mlj_keras.tuning.strategy import Proposal, Result, Searcher, TuningStrategy

_speaking = threading.RLock()  # what is said by Optuna


def _check_sampler(value: Any) -> Any:
    if is_optuna_sampler(value):
        return value
    raise TypeError(
        "must be a sampler of Optuna, such as optuna.samplers.GPSampler(seed=1), got "
        f"{value!r:.60}"
    )


def is_optuna_sampler(value: Any) -> bool:
    """Whether a value has what Optuna asks of samplers."""
    return not isinstance(value, type) and all(
        hasattr(value, name) for name in ("sample_relative", "sample_independent", "reseed_rng")
    )


class _ByOptuna(TuningStrategy):
    """What the strategies of Optuna share."""

    n_at_once: int = param(1, kind=int, ge=1)

    def check_space(self, space: Space) -> None:
        """Ranges alone; and that Optuna is there."""
        super().check_space(space)
        space.need_no_options(self)
        require("optuna", extra="tune")

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        with _quiet() as optuna:
            study = optuna.create_study(sampler=self._sampler_of(optuna, seed))
            return _Study(study, space.ranges, self.n_at_once, optuna)

    def _sampler_of(self, optuna: Any, seed: int) -> Any:
        raise NotImplementedError


class OptunaSearch(_ByOptuna):
    """Let a sampler of Optuna propose candidates, which hears how they do.

    Hyper-parameters:
        sampler (positional): of Optuna, such as optuna.samplers.GPSampler(seed=1); give it a seed:
            a search goes on where it was only if it proposes the same again. It is copied.
        n_at_once: how many candidates are proposed before the results of any of them are known,
            an int of 1 or more, default 1: as many can be trained side by side. More workers do
            not change the search, this does.
    TunedModel(tuning=...) takes the sampler itself, too. Ranges without a bound are searched as
    far as a grid goes. Default n: 10. Needs the extra `tune`.
    Raises: InvalidModelError for what is no sampler; MissingPackageError without Optuna.
    Example:
        >>> import mlj_keras as mlj, optuna
        >>> from mlj_keras.tuning.space import Space, dimensions_of
        >>> net = mlj.NeuralNetworkRegressor()
        >>> r = mlj.param_range(net, "lambda_", lower=0, upper=1)
        >>> strategy = OptunaSearch(optuna.samplers.NSGAIISampler(seed=1))
        >>> len(strategy.start(Space(net, dimensions_of(r)), 0).ask(5))
        1

    Source: Optuna, optuna/study/study.py (`ask`, `tell`).
    """

    sampler: Any = param(positional=True, convert=_check_sampler)

    def _sampler_of(self, optuna: Any, seed: int) -> Any:
        return copy.deepcopy(self.sampler)


class TPE(_ByOptuna):
    """Tree-structured Parzen estimators: candidates like those that did well, unlike the others.

    Hyper-parameters:
        n_startup: random candidates to begin with, an int of 0 or more, default 10
        multivariate: whether hyper-parameters are modelled together, default False
        n_at_once: how many candidates are proposed before the results of any of them are known,
            default 1
        rng: int, None or a numpy.random.Generator; None (default): that of the model.
    Default n: 10. Needs the extra `tune`.
    Example:
        >>> TPE(n_startup=5)
        TPE(n_startup=5)

    Source: Bergstra, Bardenet, Bengio, Kégl: Algorithms for hyper-parameter optimization, NIPS
        2011; Optuna, `TPESampler`.
    """

    n_startup: int = param(10, kind=int, ge=0)
    multivariate: bool = param(False, kind=bool)
    rng: int | None = param(None)

    def _sampler_of(self, optuna: Any, seed: int) -> Any:
        return optuna.samplers.TPESampler(
            n_startup_trials=self.n_startup,
            multivariate=self.multivariate,
            constant_liar=self.n_at_once > 1,
            seed=seed % 2**32,
        )


class CmaEs(_ByOptuna):
    """Evolution of a normal distribution: for numbers, best with some dozens of candidates.

    Hyper-parameters:
        n_startup: random candidates to begin with, an int of 1 or more, default 1
        n_at_once: how many candidates are proposed before the results of any of them are known,
            default 1; a population of the evolution is a good choice
        rng: int, None or a numpy.random.Generator; None (default): that of the model.
    Ranges of values are sampled at random beside it. Default n: 10. Needs the extra `tune`.
    Example:
        >>> CmaEs(n_at_once=4)
        CmaEs(n_at_once=4)

    Source: Hansen, Ostermeier: Completely derandomized self-adaptation in evolution strategies,
        Evolutionary Computation 9, 2001; Optuna, `CmaEsSampler`.
    """

    n_startup: int = param(1, kind=int, ge=1)
    rng: int | None = param(None)

    def check_space(self, space: Space) -> None:
        """As the others; and that the package of the evolution is there."""
        super().check_space(space)
        require("cmaes", extra="tune")

    def _sampler_of(self, optuna: Any, seed: int) -> Any:
        return optuna.samplers.CmaEsSampler(
            n_startup_trials=self.n_startup, seed=seed % 2**32, warn_independent_sampling=False
        )


class _Study:
    """Searcher: a study of Optuna in memory."""

    def __init__(self, study: Any, ranges: tuple[Range, ...], n_at_once: int, optuna: Any) -> None:
        self._study = study
        self._ranges = {r.field: r for r in ranges}
        self._distributions = {r.field: _distribution(r, optuna) for r in ranges}
        self._n_at_once = n_at_once
        # Of a trial that failed samplers learn nothing; one that was pruned they take for bad.
        self._failed = optuna.trial.TrialState.PRUNED
        self._trials: list[Any] = []
        self._ended = False

    def ask(self, room: int) -> Sequence[Proposal]:
        if self._ended:
            return []
        with _quiet():
            self._trials = [
                self._study.ask(self._distributions) for _ in range(min(room, self._n_at_once))
            ]
        return [
            Proposal({f: _value(self._ranges[f], place) for f, place in trial.params.items()})
            for trial in self._trials
        ]

    def tell(self, results: Sequence[Result]) -> None:
        with _quiet():
            for trial, result in zip(self._trials, results, strict=True):
                self._tell(trial, result.loss)

    def _tell(self, trial: Any, loss: float) -> None:
        try:
            if math.isfinite(loss):
                self._study.tell(trial, loss)
            else:
                self._study.tell(trial, state=self._failed)
        except RuntimeError as error:  # how a sampler that has tried everything says so
            if "Study.stop" not in str(error):
                raise
            self._ended = True


def _distribution(r: Range, optuna: Any) -> Any:
    """Where Optuna samples: positions of values, ints, or places on the scale."""
    kinds = optuna.distributions
    if isinstance(r, NominalRange):
        return kinds.CategoricalDistribution(range(len(r.values)))
    low, high = r.ends
    if _whole(r):
        return kinds.IntDistribution(round(low), round(high))
    return kinds.FloatDistribution(*r.places)


def _whole(r: NumericRange) -> bool:
    return r.integer and r.layout.name == "linear"


def _value(r: Range, place: Any) -> Any:
    if isinstance(r, NominalRange):
        return r.values[place]
    if _whole(r):
        return int(place)
    return r.at(place)


@contextlib.contextmanager
def _quiet() -> Iterator[Any]:
    """Optuna, saying nothing of studies that are made and features that are new. One thread at a
    time: it has one level for all."""
    optuna = require("optuna", extra="tune")
    with _speaking, ignoring():
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            yield optuna
        finally:
            optuna.logging.set_verbosity(level)
