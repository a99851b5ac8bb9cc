"""Records in a notebook: each value in a few words, and more of it on a click."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras._display import Html
from mlj_keras.machine._record_display import shown
from mlj_keras.machine.record import Record


class Word:
    def __repr__(self) -> str:
        return "<script>\nmore"


def tags(html: str) -> set[str]:
    """The names of the elements."""
    found: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.add(tag)  # type: ignore[method-assign]
    parser.feed(html)
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (3, "3"),
        ("a", "'a'"),
        (1 / 3, "0.333333"),
        (np.float32(0.5), "0.5"),
        (np.int64(2), "2"),
        (np.array([1, 2]), "2 int64: 1, 2"),
        (np.array([[1 / 3], [2]]), "2 x 1 float64: 0.3333, 2"),
        (np.arange(100), "100 int64: 0, 1, 2, ..., 97, 98, 99"),
        (np.empty((0, 2)), "0 x 2 float64:"),
        ([1 / 3, 2], "[0.3333, 2]"),
        (("a",), "('a',)"),
        ([(32,), (64, 64)], "[(32,), (64, 64)]"),
        ([], "[]"),
        ({}, "{}"),
        (Record(), "Record()"),
        (Word(), "<script>"),
        ("x" * 99, "'" + "x" * 76 + "..."),
    ],
)
def test_a_plain_value_is_a_few_words(value: Any, text: str) -> None:
    assert shown(value) == text
    assert not isinstance(shown(value), Html)


def test_of_a_long_list_the_ends_and_the_number_are_shown() -> None:
    text = shown(list(range(1000)))
    assert text.startswith("[0, 1, 2, 3, 4, 5, ..., 994") and text.endswith("] (1000)")


def test_other_values_open_on_a_click() -> None:
    frame = pd.DataFrame({"<a>": np.arange(30.0), "b": [mlj.Adam()] * 30})
    for value, summary, inside in (
        ({"a": 1, "b": [2.0]}, "2: a, b", "[2]"),
        (Record(epochs=3), "Record(epochs)", ">3<"),
        ([mlj.Adam(), Record()], "2 of Adam, Record", "Record()"),
        (mlj.Adam(0.5), "Adam(learning_rate=0.5)", "beta_1"),
        (frame, "30 rows: &lt;a&gt;, b", "Adam()"),
    ):
        found = shown(value)
        assert isinstance(found, Html)
        assert re.search(r"<summary[^>]*>([^<]*)</summary>", found).group(1) == summary  # type: ignore[union-attr]
        assert inside in found


def test_of_a_frame_the_first_and_last_rows_are_shown() -> None:
    found = shown(pd.DataFrame({f"c{i}": np.arange(30) for i in range(20)}))
    assert found.count("<tr>") == 1 + 10 + 1
    assert "c5" in found and "c14" in found and ">c10<" not in found


def test_of_many_entries_the_first_are_shown_and_how_many_there_are() -> None:
    assert "80 more" in shown({f"f{i}": i for i in range(100)})
    assert "80 more" in shown([Record()] * 100)


def test_what_lies_deep_is_named_by_its_class_and_a_circle_ends() -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    assert shown(circle).count("<details>") == 4
    assert ">dict<" in shown(circle)


def test_everything_is_escaped_and_without_fixed_colours() -> None:
    record = Record(word=Word(), text="<script>", frame=pd.DataFrame({"<i>": ["<u>"]}))
    html = record._repr_html_()
    assert tags(html) == {
        *("div", "b", "table", "tbody", "thead", "tr", "td", "th", "details", "summary")
    }
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", html.replace("&#x27;", ""))


def test_the_reports_of_all_kinds_of_machines_are_shown() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(2,)), epochs=2, rng=1)
    rate = mlj.param_range(net, "optimiser.learning_rate", values=[0.01, 0.1])
    models: dict[str, Any] = {
        "training_losses": net,
        "history": mlj.TunedModel(net, ranges=rate, measure=mlj.log_loss),
        "controls": mlj.IteratedModel(net, controls=[mlj.Step(1), mlj.NumberLimit(2)]),
        "members": mlj.EnsembleModel(net, n=2),
        "standardizer": mlj.Standardizer() | net,
    }
    for name, model in models.items():
        mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        assert f">{name}</td>" in mlj.report(mach)._repr_html_()
        assert "<script" not in mlj.fitted_params(mach)._repr_html_()
