"""Distributions as text and HTML: whole strings, and what long ones leave out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector

IRIS = ("setosa", "versicolor", "virginica")


def test_one_distribution_shows_its_support_with_three_significant_digits() -> None:
    d = UnivariateFinite(IRIS, [0.97, 0.03, 0.0000123456])
    assert repr(d) == "UnivariateFinite(setosa=>0.97, versicolor=>0.03, virginica=>1.23e-05)"
    inside = UnivariateFinite([3, 1], [2 / 3, 1 / 3], pool=[1, 2, 3])
    assert repr(inside) == str(inside) == "UnivariateFinite(1=>0.333, 3=>0.667)"


def test_many_classes_are_shown_from_both_ends() -> None:
    d = UnivariateFinite(list(range(13)), [1, *[0] * 12])
    shown = ["0=>1", *(f"{k}=>0" for k in range(1, 6)), "...", *(f"{k}=>0" for k in range(7, 13))]
    assert repr(d) == f"UnivariateFinite({', '.join(shown)})"


def test_a_vector_shows_levels_rows_and_aligned_numbers() -> None:
    v = UnivariateFinite(["no", "yes"], [[0.25, 0.75], [0.123456, 0.876544]])
    assert repr(v).splitlines() == [
        "UnivariateFiniteVector of 2, levels no, yes",
        "        no    yes",
        "  0   0.25   0.75",
        "  1  0.123  0.877",
    ]


def test_a_vector_with_an_index_shows_its_labels_and_ordered_levels_their_order() -> None:
    v = UnivariateFiniteVector(np.eye(2), ("no", "yes"), ordered=True, index=pd.Index(["p", "q"]))
    assert repr(v).splitlines() == [
        "UnivariateFiniteVector of 2, levels no < yes",
        "     no  yes",
        "  p   1    0",
        "  q   0    1",
    ]


def test_a_long_vector_shows_its_first_and_last_rows() -> None:
    v = UnivariateFiniteVector(np.tile([0.5, 0.5], (1000, 1)), ("a", "b"))
    lines = repr(v).splitlines()
    assert [line.split()[0] for line in lines[2:]] == [
        *"01234",
        "...",
        *map(str, range(995, 1000)),
    ]
    assert len({len(line) for line in lines[1:]}) == 1


def test_a_vector_over_many_levels_leaves_out_the_middle() -> None:
    v = UnivariateFiniteVector(np.eye(30)[:2], tuple(f"c{k}" for k in range(30)))
    title, head, *_ = repr(v).splitlines()
    assert title.endswith("c11, ...")
    assert head.split() == [f"c{k}" for k in [*range(6)]] + ["..."] + [
        f"c{k}" for k in range(24, 30)
    ]


def test_an_empty_vector_shows_its_title_alone() -> None:
    v = UnivariateFiniteVector(np.empty((0, 2)), ("a", "b"))
    assert repr(v) == "UnivariateFiniteVector of 0, levels a, b"
    assert "<table" in v._repr_html_()


@pytest.mark.parametrize("n_rows", [2, 1000])
def test_html_has_the_same_cells_as_the_text(n_rows: int) -> None:
    v = UnivariateFiniteVector(np.tile([0.25, 0.75], (n_rows, 1)), ("no", "yes"))
    root = ElementTree.fromstring(f"<body>{v._repr_html_()}</body>")
    rows = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    assert [" ".join(row).split() for row in rows] == [
        line.split() for line in repr(v).splitlines()[1:]
    ]


def test_html_escapes_labels() -> None:
    v = UnivariateFiniteVector(np.eye(2), ("<b>x</b>", "a&b"), index=["<i>", "j"])
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(v._repr_html_())
    assert set(tags) == {"div", "table", "tr", "th", "td"}


def test_html_colours_are_inherited_or_greys_that_show_on_light_and_dark() -> None:
    text = UnivariateFiniteVector(np.eye(2), ("a", "b"))._repr_html_()
    assert not re.search(r"#[0-9a-fA-F]{3}|\b(?:black|white)\b", text)
    for red, green, blue in re.findall(r"rgba\((\d+),(\d+),(\d+),[\d.]+\)", text):
        assert red == green == blue == "128"
    colours = re.findall(r"(?<!-)color:([^;\"]+)", text)
    assert colours and all(c == "inherit" or c.startswith("rgba(128") for c in colours)


def test_in_a_notebook_a_distribution_is_a_table_and_of_many_levels_the_ends() -> None:
    html = UnivariateFinite(["<b>", "c"], [0.25, 0.75])._repr_html_()
    assert "&lt;b&gt;" in html and ">0.25</td>" in html and "<b>c" not in html
    many = UnivariateFinite([f"c{k}" for k in range(30)], np.full(30, 1 / 30))._repr_html_()
    assert ">c5<" in many and ">c24<" in many and ">c6<" not in many and ">...<" in many
