"""Figures that are drawn again and again."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest

from mlj_keras.plots.live_figure import check_picture, new_figure, show_figure

pytest.importorskip("matplotlib", reason="the extra plots is not installed")


def test_a_figure_is_written_to_its_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a.png")
    assert show_figure(new_figure((2, 2)), path, None) is None
    assert Path(path).read_bytes().startswith(b"\x89PNG")


def test_in_a_notebook_the_picture_in_the_cell_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[tuple[str, bytes, str]] = []

    class Handle:
        def update(self, value: Any) -> None:
            shown.append(("update", value._repr_png_(), repr(value)))

    def display(value: Any, *, display_id: bool) -> Handle:
        assert display_id
        shown.append(("display", value._repr_png_(), repr(value)))
        return Handle()

    python = types.SimpleNamespace(get_ipython=lambda: object())
    monkeypatch.setitem(sys.modules, "IPython", python)  # type: ignore[arg-type]  # enough of it
    inside = types.SimpleNamespace(display=display)
    monkeypatch.setitem(sys.modules, "IPython.display", inside)  # type: ignore[arg-type]  # as above
    figure = new_figure((2, 2))
    handle = show_figure(figure, None, None)
    figure.subplots().plot([1, 2])
    assert show_figure(figure, None, handle) is handle
    (how, blank, text), (then, drawn, _) = shown
    assert (how, then) == ("display", "update")
    assert text == "<Figure size 200x200 with 0 Axes>"
    # Pictures, which IPython does not make of a figure by itself before pyplot has been used.
    assert blank.startswith(b"\x89PNG") and drawn.startswith(b"\x89PNG")
    assert blank != drawn


def test_elsewhere_nothing_is_shown() -> None:
    assert show_figure(new_figure((2, 2)), None, None) is None


@pytest.mark.parametrize("value", [3, "", "folder/"])
def test_what_names_no_picture_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="must be the path of a picture"):
        check_picture(value)
