"""The page of the timings, from the figures that their last run left. Source: ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from mlj_keras.plots._axes import COMPARISON, PALETTE

SIDES = {
    "keras_default": "Keras, defaults",
    "keras_best": "Keras, best settings",
    "torch_loop": "PyTorch loop",
    "sklearn_mlp": "scikit-learn",
    "scikeras_wrapper": "SciKeras",
    "skorch_wrapper": "skorch",
}


def write(source: Path, target: Path) -> None:
    """Write RESULTS.md, the tables, with a picture of the ratios in it.

    Args: source: the folder of results.json and RESULTS.md · target: where the page goes.
    Source: ours.
    """
    results = json.loads((source / "results.json").read_text(encoding="utf-8"))
    _draw(results["cases"], target / "ratios.png")
    shutil.copy(source / "results.json", target / "results.json")
    text = (source / "RESULTS.md").read_text(encoding="utf-8")
    title, rest = text.split("\n\n", 1)
    machine = results["machine"]
    words = (
        f"How many times as long others take, on {machine['cores']} cores "
        f"({machine['processor']}), {machine['date']}. Right of the dashed line ours is faster; "
        "bars are 90 % intervals. The tables below have the same figures, and "
        "{download}`results.json` all of them."
    )
    picture = f"{words}\n\n![Ratios of the seconds of others to ours, by case](ratios.png)"
    (target / "RESULTS.md").write_text(f"{title}\n\n{picture}\n\n{rest}", encoding="utf-8")


def _draw(cases: dict[str, Any], path: Path) -> None:
    figure = Figure(figsize=(9, 0.55 * len(cases) + 1.2), layout="constrained")
    axes = figure.subplots()
    for number, (side, title) in enumerate(SIDES.items()):
        points = [
            (row, case["sides"][side]["ratio"])
            for row, case in enumerate(cases.values())
            if case["sides"].get(side, {}).get("ratio")
        ]
        rows = [row + (number - 2.5) * 0.12 for row, _ in points]
        middle = [ratio[0] for _, ratio in points]
        reach = [
            [ratio[0] - ratio[1] for _, ratio in points],
            [ratio[2] - ratio[0] for _, ratio in points],
        ]
        axes.errorbar(
            middle, rows, xerr=reach, fmt="o", markersize=4, color=PALETTE[number], label=title
        )
    axes.axvline(1, **COMPARISON)
    axes.set_xscale("log")
    axes.set_yticks(range(len(cases)), list(cases))
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel("seconds of others / seconds of ours (logarithmic)")
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.3, 1.0), frameon=False)
    figure.savefig(path, dpi=120)
