"""Tables of text and of HTML."""

from __future__ import annotations

from mlj_keras._display import grid_html, html_table, text_table, titled_html


def test_columns_are_aligned() -> None:
    rows = [["xxx", "y"], ["", "zzzz"]]
    assert text_table(["a", "bb"], rows) == "a    bb\nxxx  y\n     zzzz"
    assert text_table(["a", "bb"], rows[:1], rule=True) == "a    bb\n───  ──\nxxx  y"
    assert text_table(["a"], []) == "a"


def test_html_is_escaped() -> None:
    assert "&lt;b&gt;" in grid_html(["<b>"], [["1 < 2"]]) and "1 &lt; 2" in grid_html(
        ["x"], [["1 < 2"]]
    )
    assert titled_html("<t>", "<i>").startswith("<div><b>&lt;t&gt;</b><i>")
    assert "font-weight:bold" in html_table("t", {"a": "1"}, bold=["a"])
