"""Tables of text and of HTML."""

from __future__ import annotations

from mlj_keras._display import (
    Html,
    ends,
    grid_html,
    html_table,
    opened_html,
    text_table,
    titled_html,
)


def test_columns_are_aligned() -> None:
    rows = [["xxx", "y"], ["", "zzzz"]]
    assert text_table(["a", "bb"], rows) == "a    bb\nxxx  y\n     zzzz"
    assert text_table(["a", "bb"], rows[:1], rule=True) == "a    bb\n───  ──\nxxx  y"
    assert text_table(["a"], []) == "a"


def test_html_is_escaped() -> None:
    assert "&lt;b&gt;" in grid_html(["<b>"], [["1 < 2"]]) and "1 &lt; 2" in grid_html(
        ["x"], [["1 < 2"]]
    )
    assert "<b>&lt;t&gt;</b><i>" in titled_html("<t>", "<i>")
    assert "font-weight:bold" in html_table("t", {"a": "1"}, bold=["a"])


def test_html_is_put_in_as_it_is_and_any_other_text_escaped() -> None:
    found = html_table("t", {"a": Html("<i>x</i>"), "b": "<i>"})
    assert "<i>x</i>" in found and "&lt;i&gt;" in found


def test_what_opens_on_a_click_has_an_escaped_summary() -> None:
    found = opened_html("<s>", "<i>x</i>")
    assert isinstance(found, Html)
    assert "&lt;s&gt;</summary>" in found and "<i>x</i>" in found


def test_of_many_items_the_ends_are_kept() -> None:
    assert ends("abcde", 5) == list("abcde")
    assert ends("abcde", 4) == ["a", "b", "...", "d", "e"]
    assert ends([1, 2, 3], 2, None) == [1, None, 3]
