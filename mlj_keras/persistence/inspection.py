"""`inspect_file`: what is in a machine's file, and what loading it would need; nothing is built.

Knows the members of a file. Source: ours; `skops.io.get_untrusted_types` for the idea.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping
from typing import IO, Any

from mlj_keras._display import html_table
from mlj_keras.models.params import normalise
from mlj_keras.persistence.encoding import Encoder
from mlj_keras.persistence.known import model_of_id
from mlj_keras.persistence.reader import Content, content_of, understood
from mlj_keras.storage.atomic import MAX_BYTES

_LONGEST = 2000  # characters of a model in words


@dataclasses.dataclass(frozen=True, repr=False)
class FileContent:
    """What `inspect_file` gives; shows as a table.

    Attributes: `model`, in words; `state`, the number of trainings and updates, 0 for untrained;
        `trusted`, names that `load_machine` needs in `trusted=`; `for_inference`; `data`, what the
        machine was bound to, in words; `versions` of what wrote it; `members`, sizes in bytes by
        name; `n_bytes`, the sum of these sizes: the file is larger by its directory.
    Example: see `inspect_file`.
    Source: ours.
    """

    model: str
    state: int
    trusted: tuple[str, ...]
    for_inference: bool
    data: tuple[str, ...]
    versions: Mapping[str, str]
    members: Mapping[str, int]

    @property
    def n_bytes(self) -> int:
        """The sum of the sizes of the members; the file has a directory of them besides."""
        return sum(self.members.values())

    def _rows(self) -> dict[str, str]:
        trained = f"trained, state {self.state}" if self.state else "untrained"
        rows = {"model": self.model, "state": trained}
        if self.for_inference:
            rows["state"] += ", for inference"
        rows |= dict(zip(("X", "y", "w"), self.data, strict=False))
        rows["needs"] = f"trusted={list(self.trusted)!r}" if self.trusted else "nothing else"
        rows["written by"] = ", ".join(f"{name} {v}" for name, v in self.versions.items())
        rows["size"] = f"{self.n_bytes:,} bytes in {len(self.members)} members"
        return rows

    def __repr__(self) -> str:
        rows = self._rows()
        width = max(map(len, rows))
        return "\n".join(["Machine's file", *(f"  {n:<{width}}  {t}" for n, t in rows.items())])

    def _repr_html_(self) -> str:
        return html_table("Machine's file", self._rows())


def inspect_file(
    path: str | os.PathLike[str] | IO[bytes], *, max_bytes: int = MAX_BYTES
) -> FileContent:
    """What is in a machine's file, and what it would need; builds nothing, and loads neither Keras
    nor TensorFlow.

    Args: path: the file, or a binary file open for reading, of which all is read · max_bytes: a
        larger file is refused.
    Returns: FileContent.
    Raises: NotAMachineFile, CorruptFile, FormatTooNewError, LimitExceeded; MissingPackageError
        if it has estimators of scikit-learn and skops is not there; WrongType, InvalidArgument for
        what is no path or no number; FileNotFoundError and the like.
    Example:
        >>> import io
        >>> import mlj_keras as mlj
        >>> file = io.BytesIO()
        >>> mlj.save(file, mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]))
        >>> content = inspect_file(io.BytesIO(file.getvalue()))
        >>> content.model, content.state, content.trusted, content.data
        ('Standardizer()', 0, (), ('Vector[Continuous], 3 rows',))

    Source: ours.
    """
    content = content_of(path, max_bytes=max_bytes, caller="inspect_file")
    return understood(content.name, lambda: _told(content))


def _told(content: Content) -> FileContent:
    facts = content.members.facts
    versions = facts.get("versions")
    return FileContent(
        model=_plain(_in_words(content.trees["model.json"].get("model"))),
        state=_count(content),
        trusted=content.code,
        for_inference=facts.get("for_inference") is True,
        data=tuple(_plain(str(each.get("was"))) for each in content.data),
        versions={_plain(str(k)): _plain(str(v))[:99] for k, v in versions.items()}
        if isinstance(versions, dict)
        else {},
        members={name: len(part) for name, part in content.members.parts.items()},
    )


def _plain(text: str) -> str:
    """A text of the file as it can be shown: not too long, and without what moves a cursor."""
    text = text[:_LONGEST]
    return text if text.isprintable() else repr(text)[1:-1]


def _count(content: Content) -> int:
    state = content.trees["machine.json"].get("state")
    return state if type(state) is int else 0


def _in_words(tree: Any) -> str:
    """A tree in words, as a model shows itself; of what it does not know, the kind."""
    if isinstance(tree, list):
        return f"[{', '.join(map(_in_words, tree))}]"
    if not isinstance(tree, dict) or len(tree) != 1:
        return repr(tree)
    ((kind, inside),) = tree.items()
    if kind == "model" and isinstance(inside, dict):
        return _model_in_words(inside)
    if kind == "tuple":
        words = list(map(_in_words, inside))
        return f"({words[0]},)" if len(words) == 1 else f"({', '.join(words)})"
    if kind == "map":
        return f"{{{', '.join(f'{_in_words(k)}: {_in_words(v)}' for k, v in inside)}}}"
    if kind == "record":
        fields = (f"{name}={_in_words(value)}" for name, value in inside[1].items())
        return f"{_last(inside[0])}({', '.join(fields)})"
    if kind in ("function", "own code", "ufunc", "builtin", "model class", "float", "decimal"):
        return str(inside)
    return f"<{kind}>"


def _model_in_words(inside: dict[str, Any]) -> str:
    name = inside.get("class")
    defaults = _defaults(name) if isinstance(name, str) else {}
    parts = [(str(key), _in_words(value)) for key, value in inside.get("components", [])]
    fields = [(key, _in_words(value)) for key, value in inside.get("fields", {}).items()]
    parts += [(key, words) for key, words in fields if words != defaults.get(key)]
    shown = ", ".join(f"{key}={words}" for key, words in parts)
    return f"{_last(name if isinstance(name, str) else _in_words(name))}({shown})"


@functools.cache
def _defaults(name: str) -> dict[str, str]:
    """What the fields of a model of this package are if nothing is said, in words."""
    cls: Any = None if name.startswith("sklearn_models.") else model_of_id(name)
    found = {}
    for field in () if cls is None else dataclasses.fields(cls):
        value = field.default
        if field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        if value is not dataclasses.MISSING:
            found[field.name] = _in_words(Encoder().tree(normalise(value), field.name))
    return found


def _last(name: str) -> str:
    return str(name).rpartition(".")[2]
