"""Histories on disk: every candidate that is done is there, and none is done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    CheckpointWarning,
    InvalidModelError,
    JournalInUseError,
    NotAMachineFile,
    ResumeMismatchError,
)
from mlj_keras.storage import Journal
from mlj_keras.tuning.records import KIND, states_of
from tests.batteries import killing_searches
from tests.batteries.searching import (
    STOPS,
    Valley,
    X,
    Y,
    a_range,
    fitted,
    same_history,
    trained,
    tuned,
)


def test_a_search_whose_machine_is_gone_goes_on_without_repeating_anything(tmp_path: Path) -> None:
    path = tmp_path / "history"
    whole = fitted(tuned())
    mach = mlj.machine(tuned(Valley(stops_at=0.5, rng=1), history=path), X, Y)
    STOPS.append(1)
    trained()
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    again = fitted(tuned(Valley(stops_at=0.5, rng=1), history=path))
    assert [a for a, _, _ in trained()] == [0, 0.25, 0.5, 0.75, 1, 0.25]
    assert same_history(again, whole)
    assert same_history(fitted(tuned(Valley(stops_at=0.5, rng=1), history=path)), whole)
    assert [a for a, _, _ in trained()] == [0.25]  # the best alone, on all rows


def test_more_candidates_go_on_and_fewer_are_read(tmp_path: Path) -> None:
    def search(n: int) -> mlj.Machine:
        return fitted(tuned(tuning=mlj.TPE(n_startup=2), n=n, history=tmp_path / "history"))

    first = mlj.report(search(3)).history["a"]
    trained()
    more = mlj.report(search(5)).history["a"]
    assert len(trained()) == 3 and list(more[:3]) == list(first)
    assert list(mlj.report(search(2)).history["a"]) == list(more[:2])
    assert len(trained()) == 1
    assert list(mlj.report(search(5)).history["a"]) == list(more)
    assert len(trained()) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": Valley(k=3, rng=1)}, "model k is 0 there, 3 here"),
        ({"tuning": mlj.Grid(resolution=4)}, r"strategy is Grid\(resolution=5, shuffle=False\) t"),
        ({"ranges": [a_range(upper=2)]}, "ranges 0 is .*there"),
        ({"measure": mlj.l2}, "measures measures is LPLoss.p=1.0. there, LPLoss.. here"),
        ({"resampling": mlj.CV(nfolds=2)}, "rows of the folds is"),
        ({"weights": [1.0] * 12}, "measures weights is"),
    ],
    ids=["model", "strategy", "ranges", "measures", "rows", "weights"],
)
def test_the_history_of_another_search_is_refused_with_what_differs(
    options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "history"
    fitted(tuned(history=path))
    before = path.read_bytes()
    with pytest.raises(ResumeMismatchError, match=f"is of another search: .*{words}") as caught:
        fitted(tuned(history=path, **options))
    assert "Name another file, or begin anew in this one with fit(mach, force=True)" in str(
        caught.value
    )
    assert path.read_bytes() == before
    with pytest.raises(ResumeMismatchError, match="data values is"):
        mlj.fit(mlj.machine(tuned(history=path), X[::-1].copy(), Y), verbosity=0)


def test_force_begins_anew_in_place_of_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "history"
    mach = fitted(tuned(history=path))
    trained()
    mlj.fit(mach, verbosity=0, force=True)
    assert len(trained()) == 6
    mach.model.model.k = 2
    with pytest.raises(ResumeMismatchError):
        mlj.fit(mach, verbosity=0)
    mlj.fit(mach, verbosity=0, force=True)
    assert len(mlj.report(mach).history) == 5


def test_force_of_a_fresh_machine_begins_anew_too(tmp_path: Path) -> None:
    path = tmp_path / "history"
    fitted(tuned(history=path))
    fitted(tuned(Valley(k=1, rng=1), history=path), force=True)
    pipe = mlj.machine(mlj.Standardizer() | tuned(Valley(k=2, rng=1), history=path), X, Y)
    with pytest.raises(ResumeMismatchError):
        mlj.fit(pipe, verbosity=-1)
    mlj.fit(pipe, verbosity=0, force=True)
    assert mlj.report(pipe).tuned_model.best_model.k == 2


def test_other_rows_do_not_wipe_a_history(tmp_path: Path) -> None:
    path = tmp_path / "history"
    mach = fitted(tuned(history=path, resampling=mlj.Holdout()))
    before = path.read_bytes()
    with pytest.raises(ResumeMismatchError, match="data rows is 12 there, 8 here"):
        mlj.fit(mach, rows=range(8), verbosity=0)
    assert path.read_bytes() == before
    assert len(mlj.report(mach).history) == 5


def test_the_folds_of_an_evaluation_share_no_history(tmp_path: Path) -> None:
    path = tmp_path / "history"
    evaluation = mlj.evaluate(
        tuned(history=path, resampling=mlj.Holdout()),
        X,
        Y,
        resampling=mlj.CV(nfolds=2),
        measure=mlj.l1,
        verbosity=0,
    )
    assert [len(each.history) for each in evaluation.report_per_fold] == [5, 5]
    assert not path.exists()


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n")
    with pytest.raises(NotAMachineFile, match="name another file"):
        fitted(tuned(history=path))
    assert path.read_text() == "my notes\n"


def test_a_history_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history"
    with Journal(path, KIND), pytest.raises(JournalInUseError, match="Another process writes"):
        fitted(tuned(history=path))


def test_failures_are_read_again_with_their_reasons(tmp_path: Path) -> None:
    search = tuned(Valley(cliff=0.6, hole=0.1, rng=1), history=tmp_path / "history")
    first = fitted(search)
    trained()
    again = fitted(search)
    assert same_history(first, again) and len(trained()) == 1


def test_measurements_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(epochs=1, rng=1)
    search = mlj.TunedModel(
        net,
        ranges=mlj.param_range(net, "lambda_", values=[0.0]),
        measures=[mlj.log_loss, mlj.confmat],
        history=tmp_path / "history",
    )
    with pytest.raises(InvalidModelError, match="holds measurements that are numbers"):
        mlj.fit(mlj.machine(search, X, y), verbosity=0)


def test_an_unseeded_search_goes_on_with_its_own_seed(tmp_path: Path) -> None:
    def search(n: int) -> Any:
        model = tuned(Valley(), tuning=mlj.RandomSearch(), n=n, history=tmp_path / "history")
        return mlj.report(fitted(model)).history["a"]

    first = list(search(3))
    assert list(search(5))[:3] == first


def halving(path: Path | None, n: int = 9) -> Any:
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), batch_size=32, epochs=9, rng=1)
    r = mlj.param_range(net, "lambda_", lower=1e-4, upper=1, scale="log10")
    options = {"tuning": mlj.ASHA(), "n": n, "history": path, "train_best": False}
    return mlj.machine(mlj.TunedModel(net, ranges=r, **options), *mlj.load_diabetes())


def test_candidates_that_train_on_after_a_kill_go_on_from_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history"
    whole = mlj.fit(halving(None), verbosity=0)
    mach = halving(path)

    def stop(entries: Any) -> None:
        if len(entries) == 5:
            raise KeyboardInterrupt

    mach.model.callbacks = stop
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert list(states_of(path).folder.glob("*.state"))
    assert same_history(mlj.fit(halving(path), verbosity=0), whole)
    for state in states_of(path).folder.glob("*.state"):
        state.write_bytes(state.read_bytes()[:-9])
    with pytest.warns(CheckpointWarning, match="trains from the start"):
        more = mlj.fit(halving(path, n=27), verbosity=0)
    for state in states_of(path).folder.glob("*.state"):
        state.unlink()
    assert mlj.report(more).history["iterations_done"].max() == 9


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["RandomSearch()", "ASHA()"])
def test_a_search_that_is_killed_ends_in_the_same_history_and_trains_nothing_twice(
    strategy: str, tmp_path: Path
) -> None:
    uncut = killing_searches.run("", strategy, 0)
    assert uncut is not None
    path = tmp_path / "history"
    assert killing_searches.run(path, strategy, uncut["seconds"] / 3) is None
    with Journal(path, KIND) as journal:
        n_done = sum("candidate" in record for record in journal.records)
    assert n_done
    again = killing_searches.run(path, strategy, 0)
    assert again is not None
    assert killing_searches.outcome(again) == killing_searches.outcome(uncut)
    assert len(again["trained"]) <= len(uncut["trained"]) - 2 * n_done
