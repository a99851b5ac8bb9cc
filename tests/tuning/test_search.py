"""Searches: the same on any acceleration, one program a shape, and no iteration done twice."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.engine import program as programs
from mlj_keras.errors import InvalidModelError, ResumeMismatchError
from mlj_keras.parallel.jobs import THREADS
from mlj_keras.tuning.strategy import Proposal
from tests.batteries.searching import (
    Valley,
    X,
    Y,
    a_range,
    fitted,
    plain,
    same_history,
    trained,
    tuned,
)


def networks(**options: Any) -> Any:
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(4,)), batch_size=16, epochs=9, rng=1)
    ranges = [
        mlj.param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1, scale="log10"),
        mlj.param_range(net, "lambda_", lower=1e-4, upper=1, scale="log10"),
    ]
    settings: dict[str, Any] = {
        "ranges": ranges,
        "n": 6,
        "resampling": mlj.CV(nfolds=2, shuffle=True, rng=3),
        "measure": mlj.log_loss,
    }
    return mlj.TunedModel(net, **settings | options)


def found(model: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, *mlj.load_iris()), verbosity=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "strategy", [mlj.RandomSearch(), mlj.ASHA(), mlj.TPE(n_at_once=3)], ids=str
)
def test_the_history_is_the_same_on_threads_and_processes(strategy: Any) -> None:
    alone = found(networks(tuning=strategy))
    for options in (
        {"acceleration": mlj.CPUThreads(2)},
        {"acceleration": mlj.CPUProcesses(2)},
        {"acceleration_resampling": mlj.CPUThreads(2)},
    ):
        assert same_history(found(networks(tuning=strategy, **options)), alone), options


def test_candidates_of_one_shape_share_a_program_that_is_compiled_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "_networks", OrderedDict())
    net = networks().model
    ranges = [
        *networks().ranges,
        mlj.param_range(net, "alpha", lower=0, upper=1),
        mlj.param_range(net, "epochs", lower=1, upper=9),
        mlj.param_range(net, "rng", lower=1, upper=99),
    ]
    found(networks(ranges=ranges, n=9, train_best=False))
    (network,) = programs._networks.values()
    (program,) = network.programs.values()
    assert program.compiled.experimental_get_tracing_count() == 1


def test_all_candidates_see_the_same_rows() -> None:
    history = mlj.report(found(networks(n=3))).history
    rows = [
        [[part.tolist() for part in pair] for pair in each.train_test_rows]
        for each in history["evaluation"]
    ]
    assert rows[0] == rows[1] == rows[2]


def test_no_iteration_is_done_twice_by_halving() -> None:
    model = tuned(
        Valley(n=9, rng=1), tuning=mlj.ASHA(n_at_once=2), n=9, ranges=[a_range()], train_best=False
    )
    trained()
    history = mlj.report(fitted(model)).history
    spent: dict[float, int] = {}
    for a, begun, ended in trained():
        assert spent.get(a, 0) == begun  # each goes on from where it was
        spent[a] = ended
    assert spent == dict(zip(history["a"], history["iterations_done"], strict=True))
    assert sorted(set(history["iterations_done"])) == [1, 3, 9]
    best = mlj.report(fitted(model)).best_model
    assert best.n == 9


def test_networks_that_halving_trains_on_are_as_if_trained_at_once() -> None:
    X, y = mlj.load_iris()
    mach = found(networks(tuning=mlj.ASHA(), n=9))
    report = mlj.report(mach)
    folds = mlj.CV(nfolds=2, shuffle=True, rng=3)
    for row in report.history.itertuples():
        alone = mlj.evaluate(row.model, X, y, resampling=folds, measure=mlj.log_loss, verbosity=0)
        assert row.model.epochs == row.iterations and alone.measurement == [row.measurement]


def test_a_candidate_that_fails_while_it_trains_on_is_out() -> None:
    class Breaks(Valley):
        def _train(self, begun: int) -> Any:
            if self.n > 1 and self.a < 0.5:
                raise RuntimeError("later")
            return super()._train(begun)

    model = tuned(Breaks(n=9, rng=1), tuning=mlj.ASHA(), n=9)
    report = mlj.report(fitted(model))
    assert report.best_model.a >= 0.5 and report.best_model.n == 9
    failed = report.history[report.history["iterations_done"] > report.history["iterations"]]
    assert len(failed) and (failed["a"] < 0.5).all()  # which count as they were before


def test_a_candidate_that_further_training_spoils_counts_as_it_was_at_its_best() -> None:
    class Overfits(Valley):
        def _train(self, begun: int) -> Any:
            outcome = super()._train(begun)
            loss = (self.a - 0.3) ** 2 + abs(self.n - 3)  # best after 3 iterations
            return dataclasses.replace(outcome, fitresult=(loss, self.n))

    report = mlj.report(fitted(tuned(Overfits(n=9, rng=1), tuning=mlj.ASHA(), n=9)))
    promoted = report.history[report.history["iterations_done"] == 9]
    assert len(promoted) and (promoted["iterations"] == 3).all()
    assert report.best_model.n == 3 and report.history["measurement"].min() < 1


def test_a_strategy_that_proposes_otherwise_than_before_is_told(tmp_path: Any) -> None:
    class Restless(mlj.TuningStrategy):
        def start(self, space: Any, seed: int) -> Any:
            rng = np.random.default_rng()

            class Searcher:
                def ask(self, room: int) -> Any:
                    return [Proposal({"a": float(rng.random())}) for _ in range(room)]

                def tell(self, results: Any) -> None:
                    pass

            return Searcher()

    mach = fitted(tuned(tuning=Restless(), n=2))
    mach.model.n = 3
    with pytest.raises(ResumeMismatchError, match="Candidate 0 was a=.* before.*Give it a seed"):
        mlj.fit(mach, verbosity=0)


def test_what_a_strategy_proposes_may_be_impossible_and_is_noted() -> None:
    r = a_range(lower=-1, upper=1, scale=lambda t: 20 * (1 - t * t))  # the ends alone are allowed
    report = mlj.report(fitted(tuned(ranges=[(r, 3)])))
    assert report.history["failure"][1].startswith("InvalidModelError: Valley.a must be")
    assert report.history["model"][1] is None and report.best_index == 0


def test_the_first_measure_has_to_be_a_number() -> None:
    def both(prediction: Any, truth: Any, weights: Any = None) -> dict[str, float]:
        return {"one": 1.0}

    mach = mlj.machine(tuned(measure=mlj.FunctionMeasure(both, orientation="loss")), X, Y)
    with pytest.raises(InvalidModelError, match="both gives dict, no number"):
        mlj.fit(mach, verbosity=0)


def test_a_search_that_goes_on_is_as_one_that_was_not_stopped() -> None:
    for strategy in (mlj.RandomSearch(), mlj.TPE(n_at_once=2), mlj.ASHA()):
        model = tuned(Valley(n=9, rng=1), tuning=strategy, n=8)
        at_once = fitted(model)
        mach = mlj.machine(model.replace({"n": 4}), X, Y)
        mlj.fit(mach, verbosity=0)
        mach.model.n = 8
        mlj.fit(mach, verbosity=0)
        first = plain(mlj.report(at_once).history)["a"]
        assert plain(mlj.report(mach).history)["a"][:4].equals(first[:4])
        if not isinstance(strategy, mlj.ASHA):
            assert same_history(mach, at_once)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # dask's own
def test_the_history_is_the_same_on_a_cluster_of_dask_of_which_a_worker_is_killed(
    tmp_path: Path,
) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is an extra")
    alone = found(networks(n=8))
    killed: list[int] = []

    def kill(entries: Any) -> None:
        if len(entries) == 4 and not killed:
            pids = distributed.get_client().run(os.getpid)
            killed.append(sorted(pids.values())[0])
            os.kill(killed[0], signal.SIGKILL)

    threads = {name: str(os.cpu_count()) for name in THREADS}
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            local_directory=str(tmp_path),
            env=threads,
        ) as cluster,
        distributed.Client(cluster),
    ):
        beside = found(networks(n=8, acceleration="dask", callbacks=kill))
    assert len(killed) == 1 and same_history(beside, alone)
