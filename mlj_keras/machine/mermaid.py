"""`mermaid`: a learning network as a text that Mermaid draws, in Markdown and notebooks.

Knows graphs only. Source: ours.
"""

from __future__ import annotations

import re
from typing import Any

from mlj_keras.machine.graph import graph_of

_SHAPES = {"source": '(["{}"])', "node": '["{}"]', "machine": '{{{{"{}"}}}}'}
_ARROWS = {"data": "-->", "training": "-.->"}
# All that has, or in some place may have, a meaning in Mermaid or the Markdown in it: signs, an
# underscore that is not inside a word, and a colon that no space follows.
_SIGNS = re.compile(r"[^\w .,:/=]|(?<![^\W_])_|_(?![^\W_])|:(?! )")


def mermaid(what: Any) -> str:
    """A learning network as a flow chart in the language of Mermaid, which GitHub, GitLab, Jupyter
    and many a tool for documents draw.

    Sources are rounded boxes, machines hexagons, nodes rectangles, and those that answer an
    operation have a thick border. A solid arrow says what a node is computed from: data, and the
    machine that has learned; a dotted one what a machine learns from.

    Args: what: a node, a mapping of operations to nodes, or a machine of a composite, such as a
        pipeline.
    Returns: str, the same for the same network.
    Raises: InvalidArgument for a composite without data; UnsupportedOperation for a model that is
        no network; WrongType for anything else.
    Example:
        >>> import mlj_keras as mlj
        >>> Xs = mlj.source([1.0, 2.0, 3.0])
        >>> print(mlj.mermaid(mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs)))
        flowchart LR
            source1(["source 1"])
            machine1{{"Standardizer"}}
            node1["transform"]
            source1 -.-> machine1
            source1 --> node1
            machine1 --> node1
            classDef output stroke-width:3px
            class node1 output

    Source: ours.
    """
    graph = graph_of(what)
    shapes = [name + _SHAPES[kind].format(_escaped(label)) for name, label, kind in graph.vertices]
    arrows = [f"{start} {_ARROWS[kind]} {end}" for start, end, kind in graph.edges]
    outputs = ",".join(dict.fromkeys(graph.outputs.values()))
    style = ["classDef output stroke-width:3px", f"class {outputs} output"]
    return "\n    ".join(["flowchart LR", *shapes, *arrows, *style])


def _escaped(label: str) -> str:
    """A text in which every sign is a number, so that it is shown as it is."""
    return _SIGNS.sub(lambda sign: f"#{ord(sign[0])};", " ".join(label.split()))
