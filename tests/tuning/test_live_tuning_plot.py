"""The live plot of a search: what is drawn, when, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument
from tests.batteries.searching import Valley, fitted, tuned

pytest.importorskip("matplotlib", reason="the extra plots is not installed")


def test_it_is_drawn_for_each_candidate_and_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = mlj.LiveTuningPlot(tmp_path / "search.png", every_s=0)
    drawn: list[int] = []
    draw = live.draw
    monkeypatch.setattr(live, "draw", lambda entries: (drawn.append(len(entries)), draw(entries)))
    fitted(tuned(callbacks=live))
    assert drawn == [1, 2, 3, 4, 5, 5]
    assert (tmp_path / "search.png").read_bytes().startswith(b"\x89PNG")
    assert live.axes.get_ylabel() == "l1"


def test_with_little_time_between_only_the_first_and_the_last_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = mlj.LiveTuningPlot(every_s=1000)
    drawn: list[int] = []
    draw = live.draw
    monkeypatch.setattr(live, "draw", lambda entries: (drawn.append(len(entries)), draw(entries)))
    fitted(tuned(callbacks=[live]))
    assert drawn == [1, 5]


def test_failed_candidates_are_drawn_as_such_and_nothing_is_drawn_before_the_first_good_one() -> (
    None
):
    live = mlj.LiveTuningPlot(every_s=0)
    fitted(tuned(Valley(cliff=0.1, rng=1), callbacks=live))
    labels = [text.get_text() for text in live.axes.get_legend().get_texts()]
    assert "failed: 4" in labels
    live.draw([])


def test_what_is_no_picture_or_time_is_refused() -> None:
    with pytest.raises(TypeError, match="must be the path of a picture"):
        mlj.LiveTuningPlot(3)
    for every in (-1, "x", float("nan")):
        with pytest.raises(InvalidArgument, match="every_s must be a number of 0 or more"):
            mlj.LiveTuningPlot(every_s=every)  # type: ignore[arg-type]  # that is tested


def test_it_is_told_by_its_settings() -> None:
    live: Any = mlj.LiveTuningPlot("a.png", every_s=2)
    assert live == mlj.LiveTuningPlot("a.png", every_s=2) and live != mlj.LiveTuningPlot()
    assert live != 3 and repr(live) == "LiveTuningPlot(path='a.png', every_s=2)"
    assert repr(mlj.LiveTuningPlot()) == "LiveTuningPlot()"
