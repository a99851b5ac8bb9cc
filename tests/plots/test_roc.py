"""The ROC curve: the right points, one diagonal however many curves, on the axes given."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import MissingPackageError
from mlj_keras.plots.roc import plot_roc

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

FALSE_RATES, TRUE_RATES = np.array([0, 0, 0.5, 1]), np.array([0, 0.5, 1, 1])


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_the_curve_has_every_point_and_its_axes_are_named() -> None:
    axes = plot_roc(FALSE_RATES, TRUE_RATES)
    chance, curve = axes.get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), FALSE_RATES)
    np.testing.assert_array_equal(curve.get_ydata(), TRUE_RATES)
    assert chance.get_label() == "chance"
    assert axes.get_xlabel() == "false positive rate"
    assert axes.get_ylabel() == "true positive rate"
    assert axes.get_aspect() == 1


def test_curves_share_the_axes_one_diagonal_and_differ_in_colour() -> None:
    axes = plot_roc(FALSE_RATES, TRUE_RATES, label="net")
    assert plot_roc(FALSE_RATES[::-1], TRUE_RATES, axes=axes, label="other") is axes
    assert len(plt.get_fignums()) == 1
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["chance", "net", "other"]
    assert [line.get_color() for line in axes.get_lines()[1:]] == ["#0072B2", "#D55E00"]


def test_curves_on_axes_of_the_user_take_the_colours_of_those() -> None:
    _, axes = plt.subplots()
    axes.set_prop_cycle(color=["red", "green"])
    plot_roc(FALSE_RATES, TRUE_RATES, axes=axes)
    plot_roc(FALSE_RATES, TRUE_RATES, axes=axes)
    assert [line.get_color() for line in axes.get_lines()[1:]] == ["red", "green"]


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(*_: Any, **__: Any) -> None:
        raise AssertionError("plots return axes and never show them")

    monkeypatch.setattr(plt, "show", shown)
    before = dict(plt.rcParams)
    plot_roc(FALSE_RATES, TRUE_RATES)
    assert dict(plt.rcParams) == before


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_matplotlib(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_matplotlib)
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPackageError, match=r"pip install 'mlj_keras\[plots\]'"):
        plot_roc(FALSE_RATES, TRUE_RATES)
