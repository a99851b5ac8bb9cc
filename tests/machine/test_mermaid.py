"""The text of a network for Mermaid: its lines, and labels in which every sign is safe."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument
from mlj_keras.machine.mermaid import _escaped
from tests.batteries.counting import Mean, Shift, X, Y

# What Mermaid's grammar of flow charts says of the lines that are written here.
LABEL = r'"(?:[^"#\n]|#\d+;)+"'
LINE = re.compile(
    rf"""    (?:\w+(?:\(\[{LABEL}\]\)|\[{LABEL}\]|\{{\{{{LABEL}\}}\}})"""
    r"|\w+ (?:-->|-\.->) \w+|classDef output stroke-width:3px|class \w+(?:,\w+)* output)"
)


def check_grammar(text: str) -> None:
    first, *lines = text.split("\n")
    assert first == "flowchart LR"
    for line in lines:
        assert LINE.fullmatch(line), line


def test_a_pipeline_is_a_flow_chart() -> None:
    mach = mlj.machine(mlj.Pipeline(shift=Shift(), mean=Mean()), X, Y)
    text = mlj.mermaid(mach)
    assert text == "\n".join(
        [
            "flowchart LR",
            '    source1(["X"])',
            '    source2(["y"])',
            '    machine1{{"shift: Shift"}}',
            '    node1["transform"]',
            '    machine2{{"mean: Mean"}}',
            '    node2["predict"]',
            "    source1 -.-> machine1",
            "    source1 --> node1",
            "    machine1 --> node1",
            "    source2 -.-> machine2",
            "    node1 -.-> machine2",
            "    node1 --> node2",
            "    machine2 --> node2",
            "    classDef output stroke-width:3px",
            "    class node2 output",
        ]
    )
    check_grammar(text)
    assert mlj.mermaid(mlj.fit(mach, verbosity=0)) == text


def test_several_outputs_are_marked_each_once() -> None:
    Xs = mlj.source(X)
    mach = mlj.machine(Shift(), Xs)
    Z = mlj.transform(mach, Xs)
    text = mlj.mermaid({"a": Z, "b": mlj.inverse_transform(mach, Z), "c": Z})
    check_grammar(text)
    assert text.endswith("class node1,node2 output")
    assert 'node1["a, c: transform"]' in text


@pytest.mark.parametrize(
    "label",
    [
        'a "quoted" [text] (with) {brackets} <b>and</b> | a bar',
        "#35; &amp; %%{init: {}}%% `code` **bold** 1) - ; style:<x> classDef:#",
        "standardizer: Standardizer",
        "_private _f_ __call__ fill_imputer",
        "größe = µ · 模型",
        "end",
    ],
)
def test_a_label_is_shown_as_it_is(label: str) -> None:
    text = _escaped(label)
    assert re.fullmatch(LABEL, f'"{text}"')
    assert not set(re.sub(r"#\d+;", "", text)) & set("\"'[](){}<>|&%`*;#-")
    assert html.unescape(text.replace("#", "&#")) == label
    # Mermaid takes the semicolon off what looks like a style.
    assert not re.search(r"(style|classDef).*:\S*#.*;", text)


def test_words_stay_readable_and_underscores_around_them_mean_nothing() -> None:
    assert _escaped("fill_imputer: FillImputer 2.3") == "fill_imputer: FillImputer 2.3"
    assert _escaped("__call__") == "#95;#95;call#95;#95;"


def test_lines_of_a_label_become_one() -> None:
    assert _escaped("one\ntwo\r\n\tthree ") == "one two three"


def test_a_function_without_a_name_is_drawn() -> None:
    network: Any = mlj.node(lambda value: value, mlj.source(X))
    text = mlj.mermaid(network)
    check_grammar(text)
    assert 'node1["#60;lambda#62;"]' in text


def test_a_composite_without_data_raises() -> None:
    with pytest.raises(InvalidArgument, match="Give a machine"):
        mlj.mermaid(mlj.Pipeline(shift=Shift(), mean=Mean()))
