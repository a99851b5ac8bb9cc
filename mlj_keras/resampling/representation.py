"""How evaluations look: text and HTML tables.

Knows the attributes of evaluations only. Source: MLJBase.jl, src/resampling/evaluation_results.jl
(`show`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._display import grid_html, text_table, titled_html


def number(value: Any) -> str:
    """A number at three significant digits; what is none by its class."""
    if isinstance(value, int | float | np.number):
        return f"{float(value):.3g}"
    return type(value).__name__


def evaluation_line(values: Sequence[Any], radii: Sequence[float | None]) -> str:
    """ "0.708 ± 0.0328", one for each measure; without the radius where there is none."""
    parts = []
    for value, radius in zip(values, radii, strict=True):
        known = radius is not None and np.isfinite(radius)
        parts.append(number(value) + (f" ± {number(radius)}" if known else ""))
    return ", ".join(parts)


def _rows(evaluation: Any) -> tuple[list[str], list[list[str]]]:
    """The head and the rows of the table of an evaluation."""
    many = len(evaluation.train_test_rows) > 1
    head = ["measure", "operation", "measurement"]
    head += ["1.96*SE", "per fold"] if many else []
    rows = []
    for name, operation, value, radius, folds in zip(
        [measure.name for measure in evaluation.measure],
        evaluation.operation,
        evaluation.measurement,
        evaluation.uncertainty_radius_95,
        evaluation.per_fold,
        strict=True,
    ):
        row = [name, operation, number(value)]
        if many:
            known = radius is not None and np.isfinite(radius)
            shown = [number(fold) for fold in folds[:8]] + (["..."] if len(folds) > 8 else [])
            by_fold = ", ".join(shown) if isinstance(folds, np.ndarray) else ""
            row += [number(radius) if known else "", by_fold]
        rows.append(row)
    return head, rows


def _title(evaluation: Any) -> str:
    n_folds = len(evaluation.train_test_rows)
    folds = f"{n_folds} fold{'s' if n_folds > 1 else ''}"
    return f"PerformanceEvaluation of {evaluation.tag}: {folds} by {_short(evaluation)}"


def _short(evaluation: Any) -> str:
    text = repr(evaluation.resampling)
    shown = text if len(text) <= 60 else type(evaluation.resampling).__name__
    return shown + (f", {evaluation.repeats} times" if evaluation.repeats > 1 else "")


def evaluation_text(evaluation: Any) -> str:
    """The title and the table."""
    table = text_table(*_rows(evaluation), rule=True)
    return "\n".join([_title(evaluation), *("  " + line for line in table.splitlines())])


def evaluation_html(evaluation: Any) -> str:
    """The title and the table, in HTML."""
    return titled_html(_title(evaluation), grid_html(*_rows(evaluation)))
