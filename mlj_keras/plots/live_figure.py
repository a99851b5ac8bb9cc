"""A figure that is drawn again and again, into a file or the cell of a notebook. Knows nothing of
what is drawn. Source: ours."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

from mlj_keras._imports import require
from mlj_keras.storage.atomic import write_atomically


def check_picture(value: Any) -> str:
    """The path of a picture. Raises: TypeError for anything else."""
    if not isinstance(value, str | os.PathLike) or not os.path.basename(os.fspath(value)):
        raise TypeError(f"must be the path of a picture, got {value!r}")
    return os.fspath(value)


def new_figure(size: tuple[float, float]) -> Any:
    """A matplotlib Figure that no window shows.

    Args: size: in inches. Raises: MissingPackageError without matplotlib.
    """
    figure = require("matplotlib.figure", extra="plots").Figure
    return figure(figsize=size, layout="constrained")


def show_figure(figure: Any, path: str | None, handle: Any) -> Any:
    """Write a figure to a file, or else show it in the cell of a notebook, if there is one.

    Args: handle: what the last call returned, whose picture is replaced; None at first.
    Returns: the handle for the next call. Raises: OSError if the file cannot be written.
    """
    if path is not None:
        kind = os.path.splitext(path)[1].lstrip(".") or "png"
        # As a whole, as somebody may be looking.
        write_atomically(path, [_picture(figure, dpi=120, format=kind)])
        return handle
    shell = sys.modules.get("IPython")
    if shell is None or shell.get_ipython() is None:
        return handle
    if handle is None:
        display = importlib.import_module("IPython.display").display
        return display(_Shown(figure), display_id=True)
    handle.update(_Shown(figure))
    return handle


class _Shown:
    """A figure as a notebook asks for it. Of matplotlib's own it shows the repr, until pyplot has
    made one."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def _repr_png_(self) -> bytes:
        return _picture(self.figure, format="png")

    def __repr__(self) -> str:
        return repr(self.figure)


def _picture(figure: Any, **options: Any) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, **options)
    return picture.getvalue()
