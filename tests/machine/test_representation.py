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


def test_a_tuned_machine_shows_the_best_candidate_and_what_was_measured() -> None:
    net = spec().replace({"epochs": 1, "batch_size": 8})
    rates = mlj.param_range(net, "lambda_", values=[0.0, 0.1])
    mach = mlj.machine(mlj.TunedModel(net, ranges=rates, n=2, measure=mlj.l2), X, Y)
    assert "best" not in facts(mach)
    mlj.fit(mach, verbosity=0)
    found, report = facts(mach), mlj.report(mach)
    assert found["best"] == f"{report.best_model!r}, of 2 candidates"
    assert found["l2"] == f"{report.best_evaluation.measurement[0]:.3g}"
    assert "of 2 candidates" in mach._repr_html_()


def test_an_iterated_machine_shows_how_far_it_was_trained_and_the_loss_there() -> None:
    net = spec().replace({"batch_size": 8})
    controls = [mlj.Step(2), mlj.NumberLimit(3)]
    for resampling, name in (("auto", "l2"), (None, "training loss")):
        model = mlj.IteratedModel(net, controls=controls, resampling=resampling)
        mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
        found, report = facts(mach), mlj.report(mach)
        kept = report.kept_iteration
        assert found["iterations"] == f"6 in all, kept is {kept} (best)"
        assert found[name] == f"{report.losses[report.iterations.index(kept)]:.3g}"


def test_tab_shows_of_a_machine_what_is_used_every_day() -> None:
    mach = mlj.machine(mlj.NeuralNetworkRegressor(), np.eye(2), [1.0, 2.0])
    shown = dir(mach)
    assert {"model", "fit", "predict", "report"} <= set(shown)
    assert "replace_outcome" not in shown
    assert all(hasattr(mach, name) for name in shown)


def test_a_report_of_a_users_own_model_is_not_taken_for_a_search() -> None:
    class Own(mlj.Deterministic):
        """Its report has names that ours have, too."""

        def fit(self, verbosity: int, X: Any, y: Any) -> mlj.FitOutcome:
            own = {"kept_iteration": 3, "best_evaluation": 0.3, "best_model": "x", "history": None}
            return mlj.FitOutcome(1.0, None, own)

    mach = mlj.fit(mlj.machine(Own(), np.eye(2), [1.0, 2.0]), verbosity=0)
    assert "trained, state 1" in repr(mach)
