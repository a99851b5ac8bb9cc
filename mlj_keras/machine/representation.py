"""How machines look: text and HTML.

Knows the attributes of a machine only. Source: MLJBase.jl, src/machines.jl (`show`).
"""

from __future__ import annotations

from typing import Any

from mlj_keras._display import html_table

# What Tab shows of a machine.
EVERYDAY = (
    *("model", "container", "state", "frozen", "args", "fit", "predict", "predict_mode"),
    *("predict_mean", "predict_median", "transform", "inverse_transform", "report"),
    "fitted_params",
)
# What the reports of a search and of an iterated model have, and no other's.
_SEARCH = {"best_evaluation", "best_model", "history", "plotting"}
_ITERATION = {"kept_iteration", "kept", "n_iterations", "iterations", "losses", "measure"}


def _facts(mach: Any) -> dict[str, str]:
    facts = {"model": repr(mach.model)}
    if mach.container is not None and mach.container is not type(mach.model):
        facts["container"] = mach.container.__name__
    trained = f"trained, state {mach.state}" if mach.state else "untrained"
    facts["state"] = trained + (", frozen" if mach.frozen else "")
    facts |= _found(mach)
    for name, arg in zip(("X", "y", "w"), mach.args, strict=False):
        facts[name] = "weights" if name == "w" else arg.describe()
    positive = mach.args[1].positive_class if len(mach.args) > 1 else None
    return facts if positive is None else {**facts, "positive class": repr(positive)}


def _found(mach: Any) -> dict[str, str]:
    """The best candidate of a search, and how far an iterated model has been trained."""
    found = mach.trained("show")[1].report if mach.state else {}
    facts = {}
    best = found.get("best_evaluation")
    if _SEARCH <= found.keys() and best is not None:
        facts["best"] = f"{found['best_model']!r}, of {len(found['history'])} candidates"
        measured = best.describe()
        facts |= {name: measured[name] for name in measured if name != "tag"}
    if _ITERATION <= found.keys():
        kept = found["kept_iteration"]
        facts["iterations"] = f"{found['n_iterations']} in all, kept is {kept} ({found['kept']})"
        losses = dict(zip(found["iterations"], found["losses"], strict=True))
        if kept in losses:
            facts[found["measure"] or "training loss"] = f"{losses[kept]:.3g}"
    return facts


def machine_text(mach: Any) -> str:
    """The machine's facts, one a line."""
    facts = _facts(mach)
    width = max(map(len, facts))
    return "\n".join(["Machine", *(f"  {name:<{width}}  {text}" for name, text in facts.items())])


def machine_html(mach: Any) -> str:
    """The same as an HTML table, in the colours of the reader's theme."""
    return html_table("Machine", _facts(mach))
