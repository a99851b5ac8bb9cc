"""How confusion matrices look as text and as HTML."""

from __future__ import annotations

import numpy as np
import pytest

from mlj_keras.measures.confusion_value import ConfusionMatrixValue

TWO = ConfusionMatrixValue(("a", "b"), np.array([[2, 3], [4, 1]]))


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_the_text_is_a_box_with_the_truth_across_the_top() -> None:
    assert repr(TWO) == (
        "            ┌───────────────┐\n"
        "            │ Ground Truth  │\n"
        "┌───────────┼───────┬───────┤\n"
        "│ Predicted │   a   │   b   │\n"
        "├───────────┼───────┼───────┤\n"
        "│     a     │   2   │   3   │\n"
        "├───────────┼───────┼───────┤\n"
        "│     b     │   4   │   1   │\n"
        "└───────────┴───────┴───────┘"
    )


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_all_lines_below_the_top_are_equally_long(n: int) -> None:
    cm = ConfusionMatrixValue(tuple(range(n)), 10**n * np.eye(n))
    lines = repr(cm).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == 2 + 2 * (n + 1) + 1
    assert "Ground Truth" in lines[1]


def test_labels_are_cropped_to_9_characters_in_one_line() -> None:
    cm = ConfusionMatrixValue(("Iris\nversicolor", "123456789"), TWO.matrix)
    assert "Iris vers…" in repr(cm) and "Iris versi" not in repr(cm)
    assert "123456789 " in repr(cm)


def test_a_narrow_terminal_gets_the_bare_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(len("└───────────┴───────┴───────┘") - 1))
    assert repr(TWO) == (
        "Confusion matrix of a, b; rows Predicted, columns Ground Truth\n[[2 3]\n [4 1]]"
    )
    monkeypatch.setenv("COLUMNS", str(len("└───────────┴───────┴───────┘")))
    assert "┌" in repr(TWO)


def test_the_html_escapes_labels_and_sets_the_right_predictions_in_bold() -> None:
    html = ConfusionMatrixValue(("<a>", "b"), TWO.matrix)._repr_html_()
    assert "&lt;a&gt;" in html and "<a>" not in html
    assert html.index("Ground Truth") < html.index("Predicted") < html.index(">2<")
    assert html.count("font-weight:bold") == 2
    assert 'colspan="2"' in html and "more levels" not in html


def test_the_html_of_many_levels_is_cut_and_says_where_the_rest_is() -> None:
    html = ConfusionMatrixValue(tuple(range(33)), np.eye(33))._repr_html_()
    assert "... and 3 more levels: see to_pandas()" in html
    assert html.count("<td") == 30 * 30
