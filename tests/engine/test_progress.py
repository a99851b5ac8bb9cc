"""What training says: nothing, a bar, or a line an epoch."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.engine.progress import progress
from tests.batteries.oracles import X11, Y11, regressor


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log of the package from level INFO."""
    caplog.set_level(logging.INFO, "mlj_keras")
    return caplog


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_below_verbosity_two_no_epoch_is_logged(
    verbosity: int, heard: pytest.LogCaptureFixture
) -> None:
    with progress(verbosity, first=0, total=2) as told:
        told(2, [1.0, 0.5])
    assert heard.messages == []


def test_at_verbosity_two_each_epoch_is_a_line_with_four_digits(
    heard: pytest.LogCaptureFixture,
) -> None:
    with progress(2, first=3, total=6) as told:
        assert told.bar is None
        told(1, [0.123456])
        told(2, [12.3456, 1e-9])
    assert heard.messages == [
        "Epoch 4/6: loss 0.1235",
        "Epoch 5/6: loss 12.35",
        "Epoch 6/6: loss 1e-09",
    ]


def test_at_verbosity_one_a_bar_counts_the_epochs_of_this_fit() -> None:
    with progress(1, first=2, total=5) as told:
        assert (told.bar.total, told.bar.n) == (3, 0)
        told(1, [0.5])
        assert told.bar.n == 1 and "0.5" in told.bar.postfix
        told(2, [0.4, 0.3])
        assert told.bar.n == 3 and "0.3" in told.bar.postfix
    assert told.bar.disable, "it is closed"


def test_the_bar_appears_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for delay, appears in ((60.0, False), (0.0, True)):
        monkeypatch.setattr("mlj_keras._progress._DELAY_S", delay)
        with progress(1, first=0, total=2) as told:
            told.bar.mininterval = 0
            told(1, [0.5])
        assert ("Training" in capsys.readouterr().err) is appears


@pytest.mark.parametrize(("verbosity", "total"), [(0, 5), (1, 2), (2, 5)])
def test_there_is_no_bar_in_silence_beside_lines_or_for_no_epochs(
    verbosity: int, total: int
) -> None:
    with progress(verbosity, first=2, total=total) as told:
        assert told.bar is None


def test_the_bar_is_closed_if_training_fails() -> None:
    bars: list[Any] = []
    with pytest.raises(ZeroDivisionError):
        with progress(1, first=0, total=5) as told:
            bars.append(told.bar)
            raise ZeroDivisionError
    assert bars[0].disable


def test_a_fit_logs_the_losses_that_it_reports_and_a_warm_restart_counts_on(
    heard: pytest.LogCaptureFixture,
) -> None:
    model = regressor(epochs=2)
    mach = mlj.machine(model, X11, Y11)
    mlj.fit(mach, verbosity=2)
    model.epochs = 4
    mlj.fit(mach, verbosity=2)
    lines = [message for message in heard.messages if message.startswith("Epoch")]
    totals = (2, 2, 4, 4)
    assert lines == [
        f"Epoch {epoch}/{total}: loss {loss:.4g}"
        for epoch, (total, loss) in enumerate(
            zip(totals, mlj.training_losses(mach), strict=True), start=1
        )
    ]
