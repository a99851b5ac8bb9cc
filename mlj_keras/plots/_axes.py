"""What the plots of curves share: axes, colours, lines of comparison. Source: ours."""

from __future__ import annotations

from typing import Any

from mlj_keras._imports import require

# The Okabe-Ito palette, which colour-blind readers can tell apart, without its yellow and black.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
# Of a line that curves are compared with.
COMPARISON: dict[str, Any] = {"color": "#7F7F7F", "linestyle": "--", "linewidth": 1}


def given_or_new(axes: Any, *, size: tuple[float, float] = (6, 4)) -> Any:
    """The axes given, in whose own colours curves are drawn; or else new ones, with colours of the
    palette.

    Args: axes: matplotlib axes or None · size: of new ones, in inches.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    if axes is not None:
        return axes
    _, axes = require("matplotlib.pyplot", extra="plots").subplots(
        figsize=size, layout="constrained"
    )
    axes.set_prop_cycle(color=PALETTE)
    return axes


def has_line(axes: Any, name: str) -> bool:
    """Whether a line of this name (matplotlib's gid) is drawn already, however many curves are."""
    return any(line.get_gid() == name for line in axes.get_lines())


def unit_square(axes: Any, *, xlabel: str, ylabel: str) -> None:
    """Both axes from 0 to 1, a little more so that lines on the border can be seen."""
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.grid(visible=True, alpha=0.3)
