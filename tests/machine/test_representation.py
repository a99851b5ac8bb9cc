"""How machines look: model, container, state, data and positive class, in text and in HTML."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj

X = pd.DataFrame(np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"])
Y = X["a"] - X["b"]
BINARY = pd.Series(pd.Categorical(["no", "yes"] * 12))


class Note(mlj.Deterministic):
    text: str = "plain"

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        return None


def facts(mach: mlj.Machine) -> dict[str, str]:
    """The lines of the text as name → text."""
    title, *lines = repr(mach).splitlines()
    assert title == "Machine"
    return dict(re.split(r" {2,}", line.strip(), maxsplit=1) for line in lines)


def spec(**changes: Any) -> mlj.NeuralNetwork:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 1, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetwork(**values)


def test_an_untrained_machine_shows_model_state_and_data() -> None:
    assert facts(mlj.machine(Note(text="x"), X, Y)) == {
        "model": "Note(text='x')",
        "state": "untrained",
        "X": "Table[Continuous], 24 rows",
        "y": "Vector[Continuous], 24 rows",
    }


def test_a_specification_shows_its_container_a_binary_target_its_positive_class() -> None:
    model = spec()
    shown = facts(mlj.machine(model, X, BINARY, "balanced"))
    assert shown["model"] == repr(model)
    assert shown["container"] == "NeuralNetworkBinaryClassifier"
    assert shown["positive class"] == "'yes'"
    assert shown["w"] == "weights"


def test_the_text_follows_training_and_freezing() -> None:
    model = spec()
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    assert facts(mach)["state"] == "trained, state 1"
    model.epochs = 2
    mlj.freeze(mlj.fit(mach, verbosity=0))
    assert facts(mach)["state"] == "trained, state 2, frozen"


def test_names_and_texts_are_aligned() -> None:
    lines = repr(mlj.machine(spec(), X, BINARY)).splitlines()[1:]
    starts = {re.match(r" *\S+(?: \S+)?  +", line).end() for line in lines}  # type: ignore[union-attr]
    assert len(starts) == 1


def test_the_html_has_the_same_facts_escaped_and_without_fixed_colours() -> None:
    mach = mlj.machine(Note(text="<b>&"), X, Y)
    html = mach._repr_html_()
    for text in ("Machine", "untrained", "Table[Continuous], 24 rows", "&lt;b&gt;&amp;"):
        assert text in html
    assert "<b>&" not in html
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", html.replace("&#x27;", ""))
    colours = re.findall(r"(?:^|[;\"])\s*(?:color|background)\s*:\s*([^;\"]+)", html)
    assert colours and set(colours) <= {"inherit", "transparent"}


def test_a_machine_without_data_shows_its_model_and_state() -> None:
    class Twice(mlj.Static):
        def transform(self, fitresult: Any, Xnew: Any) -> Any:
            return 2 * Xnew

    assert facts(mlj.machine(Twice())) == {"model": "Twice()", "state": "untrained"}


@pytest.mark.parametrize("labels", [["a<i>", "b"], ["no", "<yes>"]])
def test_levels_are_escaped_in_html(labels: list[str]) -> None:
    y = pd.Series(pd.Categorical(labels * 12, categories=labels))
    html = mlj.machine(spec(), X, y)._repr_html_()
    assert "<i>" not in html and "<yes>" not in html
