"""What every plot has to do, whatever it draws."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mlj_keras.errors import MissingPackageError


def check_nothing_is_shown(draw: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Drawing shows no window, and leaves the style as it was; gives what was drawn."""
    import matplotlib.pyplot as plt  # an extra, without which these tests are skipped

    def shown(*_: Any, **__: Any) -> None:
        raise AssertionError("plots return axes and never show them")

    monkeypatch.setattr(plt, "show", shown)
    before = dict(plt.rcParams)
    drawn = draw()
    assert dict(plt.rcParams) == before
    return drawn


def check_names_the_extra(draw: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the error names the extra that brings it."""
    real = builtins.__import__

    def no_matplotlib(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_matplotlib)
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPackageError, match=r"pip install 'mlj_keras\[plots\]'"):
        draw()
