"""How models look: the text names what differs from the defaults, the table names everything."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mlj_keras import MLP, SGD, NeuralNetworkClassifier
from mlj_keras.models import Model, param
from mlj_keras.models.representation import changed_fields, html_table, show_value


class Inner(Model):
    n: int = 3


class Card(Model):
    text: str = "plain"
    inner: Any = param(factory=Inner)
    dims: Any = param(factory=dict)
    must: Any = param()


def cells(html: str) -> list[tuple[str, str, str]]:
    """(name, weight, text) of each row of an HTML table of ours, still escaped."""
    pattern = r"<tr><td[^>]*>(.*?)</td><td style=\"[^\"]*font-weight:(\w+)\">(.*?)</td></tr>"
    return re.findall(pattern, html)


def test_the_text_names_what_differs_from_the_defaults_in_the_order_of_the_fields() -> None:
    assert repr(Inner()) == "Inner()"
    assert repr(Inner(n=5)) == "Inner(n=5)"
    card = Card(must=None, dims={"b": 1, "a": [2]}, inner=Inner(n=4))
    assert repr(card) == "Card(inner=Inner(n=4), dims={'b': 1, 'a': (2,)}, must=None)"
    assert list(changed_fields(card)) == ["inner", "dims", "must"]


def test_the_text_can_be_evaluated_to_an_equal_model() -> None:
    model = NeuralNetworkClassifier(
        builder=MLP(hidden=(8, 4)), optimiser=SGD(0.1, momentum=0.9), epochs=3, rng=1
    )
    names = {cls.__name__: cls for cls in (NeuralNetworkClassifier, MLP, SGD)}
    assert eval(repr(model), names) == model


def test_functions_are_shown_by_their_names() -> None:
    def swish(x: float) -> float:
        return x

    assert show_value(swish) == "swish"
    assert repr(Card(must=swish)) == "Card(must=swish)"


def test_a_keras_object_is_shown_with_its_settings() -> None:
    import keras

    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=10, decay_rate=0.9)
    shown = show_value(schedule)
    assert shown.startswith("ExponentialDecay(initial_learning_rate=0.5, decay_steps=10, ")
    assert "decay_rate=0.9" in shown and "None" not in shown


def test_the_table_names_every_field_and_emphasises_what_was_changed() -> None:
    assert cells(Card(must=1, text="own")._repr_html_()) == [
        ("text", "bold", "&#x27;own&#x27;"),
        ("inner", "normal", "Inner()"),
        ("dims", "normal", "{}"),
        ("must", "bold", "1"),
    ]
    assert "<b>Card</b>" in Card(must=1)._repr_html_()


def test_everything_in_the_table_is_escaped() -> None:
    html = html_table("<t>", {"<n>": "a < b & 'c'", "x": "<script>"}, bold=["x"])
    assert "<b>&lt;t&gt;</b>" in html
    assert cells(html) == [
        ("&lt;n&gt;", "normal", "a &lt; b &amp; &#x27;c&#x27;"),
        ("x", "bold", "&lt;script&gt;"),
    ]
    assert "<script>" not in Card(must="<script>")._repr_html_()


@pytest.mark.parametrize("model", [Card(must=1), NeuralNetworkClassifier(rng=1)])
def test_the_table_takes_its_colours_from_the_reader(model: Model) -> None:
    html = model._repr_html_()
    # Solid colours would be unreadable in either a light or a dark theme.
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", html.replace("&#x27;", ""))
    colours = re.findall(r"(?:^|[;\"])\s*(?:color|background)\s*:\s*([^;\"]+)", html)
    assert colours and set(colours) <= {"inherit", "transparent"}
    alphas = re.findall(r"rgba\(128,128,128,([\d.]+)\)", html)
    assert alphas and all(float(alpha) < 0.5 for alpha in alphas)
    assert "rgb(" not in html
