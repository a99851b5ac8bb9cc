"""The pages of the reference: every public name with its signature and docstring, by folder.

Source: ours.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docstrings import markdown

import mlj_keras
from mlj_keras import errors, plots, sklearn_models

# Title and first words of a page, by the folder of the package that its names come from.
PAGES: dict[str, tuple[str, str]] = {
    "machine": ("Machines", "Bind models to data; train, predict, inspect."),
    "containers": ("Networks", "The models that train a neural network, each for its scitypes."),
    "builders": ("Builders", "How the network is made from the shapes of the data."),
    "optimisers": ("Optimisers", "How the weights move: specifications after Keras."),
    "data": ("Data", "Scientific types, tables, splits and data sets."),
    "transformers": ("Transformers", "Models that change tables: encoders, imputers, scalers."),
    "composition": ("Composition", "Models made of models: pipelines, stacks, networks of them."),
    "ensembles": ("Ensembles", "Many trained as one."),
    "resampling": ("Evaluation", "Which rows train, which test, and what comes of it."),
    "measures": ("Measures", "Losses and scores, called as `measure(prediction, truth)`."),
    "iteration": ("Iteration", "Training under controls."),
    "tuning": ("Tuning", "Searches for hyper-parameters, and learning curves."),
    "inspection": ("Inspection", "What a trained machine attends to."),
    "probability": ("Distributions", "What classifiers predict."),
    "registry": ("Registry", "Which models there are."),
    "models": ("Model interface", "The bases of one's own models."),
    "persistence": ("Files", "Saving and loading, of which nothing is executed."),
    "interop": ("Interoperation", "Out to Keras and scikit-learn."),
    "parallel": ("Acceleration", "Where models are trained, and independent jobs done."),
    "launching": ("Launching", "Processes that train together."),
    "engine": ("Engine", "Devices, threads, compiled programs, states."),
    "_logging": ("Logging", "What is heard, and how to turn it off."),
}
_LONG = 78  # a signature that is longer has a line for each parameter


def folders() -> dict[str, str]:
    """The folder that each public name comes from, by the imports of the package."""
    tree = ast.parse(Path(mlj_keras.__file__).read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: (node.module or "").split(".")[1]
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def pages() -> dict[str, str]:
    """The Markdown of each page of the reference, by file name."""
    found: dict[str, list[str]] = {folder: [] for folder in PAGES}
    for name, folder in folders().items():
        found[folder].append(name)
    written = {
        f"{folder.strip('_')}.md": _page(*PAGES[folder], sorted(names, key=str.lower))
        for folder, names in found.items()
    }
    written["errors.md"] = _errors()
    written["plots.md"] = _module(
        "Plots",
        "Plain arrays in, axes out. Most are reached by `mlj.plot` or a method `plot`.",
        plots,
    )
    written["sklearn_models.md"] = _module(
        "Models of scikit-learn",
        "Classifiers, regressors, transformers and clusterers of scikit-learn as models here.",
        sklearn_models,
    )
    written["index.md"] = _index(found, sorted(written))
    return written


def _index(found: dict[str, list[str]], files: list[str]) -> str:
    toctree = "\n".join(name.removesuffix(".md") for name in files)
    rows = [
        f"| [{PAGES[folder][0]}]({folder.strip('_')}.md) | "
        + ", ".join(f"{{py:obj}}`{n} <mlj_keras.{n}>`" for n in sorted(names, key=str.lower))
        + " |"
        for folder, names in found.items()
    ]
    return (
        "# Reference\n\nEvery public name. All are in `mlj_keras`, by convention imported as "
        "`import mlj_keras as mlj`; errors are in [`mlj_keras.errors`](errors.md), plots of plain "
        "numbers in [`mlj_keras.plots`](plots.md), models of scikit-learn by "
        "[`mlj.load`](sklearn_models.md).\n\n"
        "| page | names |\n|---|---|\n"
        + "\n".join(rows)
        + f"\n\n```{{toctree}}\n:hidden:\n\n{toctree}\n```\n"
    )


def _page(title: str, words: str, names: list[str]) -> str:
    shown = [_entry(f"mlj_keras.{name}", getattr(mlj_keras, name)) for name in names]
    return f"# {title}\n\n{words}\n\n" + "\n\n".join(shown) + "\n"


def _module(title: str, words: str, module: Any) -> str:
    shown = [_entry(f"{module.__name__}.{n}", getattr(module, n)) for n in module.__all__]
    return f"# {title}\n\n{words}\n\n" + "\n\n".join(shown) + "\n"


def _errors() -> str:
    own = [
        (name, value)
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]
    shown = [_entry(f"mlj_keras.errors.{name}", value) for name, value in own]
    words = (
        "Each is also a built-in type, so that code that knows nothing of the package can catch "
        "it. What to do about each: [errors](../tutorials/guide/errors.md)."
    )
    return f"# Errors\n\n{words}\n\n" + "\n\n".join(shown) + "\n"


def _entry(path: str, value: Any) -> str:
    name = path.rpartition(".")[2]
    if inspect.isclass(value):
        base = _public_base(value)
        words = f"*Base: {_base(base)}*\n\n" if base else ""
        body = words + _text(value) + "".join(f"\n\n{m}" for m in _methods(value))
        return _directive("class", path, _signature(value), body)
    if inspect.isfunction(value):
        return _directive("function", path, _signature(value), _text(value))
    return _directive("data", path, "", _of_value(name, value))


def _public_base(cls: type) -> str:
    """The name of the nearest base that users know; empty if there is none."""
    known = set(mlj_keras.__all__) | set(vars(errors)) | set(vars(builtins))
    names = (base.__name__ for base in cls.__mro__[1:-1])
    return next((name for name in names if name in known), "")


def _base(name: str) -> str:
    if name in mlj_keras.__all__:
        return f"{{py:obj}}`{name} <mlj_keras.{name}>`"
    if hasattr(errors, name):
        return f"{{py:obj}}`{name} <mlj_keras.errors.{name}>`"
    return f"`{name}`"


def _of_value(name: str, value: Any) -> str:
    """About a value: of a measure what its class says, of a scientific type its place."""
    cls = type(value)
    if cls.__name__ in mlj_keras.__all__ and cls.__name__ != "Scitype":
        return f"`{value!r}`. See {{py:obj}}`{cls.__name__} <mlj_keras.{cls.__name__}>`."
    if cls.__name__ == "Scitype":
        above = [s for s in _scitypes() if value <= getattr(mlj_keras, s) and s != name]
        kinds = ", ".join(_base(s) for s in above)
        return "A scientific type" + (f", one of {kinds}." if kinds else ".")
    return markdown(inspect.getdoc(value) or "", mlj_keras.__all__)


def _scitypes() -> list[str]:
    kinds = [n for n in mlj_keras.__all__ if type(getattr(mlj_keras, n)).__name__ == "Scitype"]
    return [n for n in kinds if n not in ("Unknown", "Found")]


def _methods(cls: type) -> Iterator[str]:
    """The public methods and properties that a class itself documents."""
    for name, value in vars(cls).items():
        if name.startswith("_") or name == "traits":
            continue
        member = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if isinstance(member, property) and member.fget and member.fget.__doc__:
            yield _directive("property", name, "", _text(member.fget), fence=":::")
        elif inspect.isfunction(member) and member.__doc__:
            yield _directive("method", name, _signature(member), _text(member), fence=":::")


def _text(value: Any) -> str:
    names = set(mlj_keras.__all__) - {getattr(value, "__name__", "")} - _parameters(value)
    return markdown(inspect.getdoc(value) or "", names)


def _parameters(value: Any) -> set[str]:
    """The names of what it takes, which in its text are no other things of these names."""
    try:
        return set(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        return set()


def _signature(value: Any) -> str:
    """Parameters with their defaults; the types are in the text."""
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return "()"
    if inspect.isclass(value) and issubclass(value, builtins.BaseException):
        return ""
    parameters = [
        each.replace(annotation=inspect.Parameter.empty, default=_default(each.default))
        for name, each in found.parameters.items()
        if name != "self"
    ]
    return str(inspect.Signature(parameters)).replace("\n", " ")


class _Shown:
    """A default as it is written, not as it is."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __repr__(self) -> str:
        return self.words


def _default(value: Any) -> Any:
    if value is inspect.Parameter.empty:
        return value
    words = getattr(value, "__name__", repr(value))
    words = "..." if words.startswith("<") else re.sub(r" object at 0x[0-9a-f]+", "", words)
    return _Shown(words if len(words) <= _LONG else "...")


def _directive(kind: str, path: str, signature: str, body: str, fence: str = "::::") -> str:
    return f"{fence}{{py:{kind}}} {path}{signature}\n\n{body}\n{fence}"
