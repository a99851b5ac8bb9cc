"""From what a file says of an object of Keras to the object: a class of the tables, called with
arguments that have passed their rules.

A name of the file is never looked up elsewhere, nor among what is registered with Keras, and no
config goes to Keras. Knows classes of Keras; networks are in `_keras_networks`. Source: ours.
"""

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.persistence._keras_rules import RULES, Rule, optional, pair, refused, sequence
from mlj_keras.persistence._keras_tables import CELLS, CLASSES, FUNCTIONS, RECURRENT

keras = lazy_module("keras")

_FAMILIES = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}


@contextlib.contextmanager
def generator_kept() -> Iterator[None]:
    """A block that leaves Python's own generator as it was: Keras draws the seeds of layers and
    initialisers from it."""
    before = random.getstate()
    try:
        yield
    finally:
        random.setstate(before)


def module_of(family: str) -> Any:
    """The public module of Keras that a family of the tables is in."""
    return functools.reduce(getattr, family.split("."), keras)


def named(table: dict[str, frozenset[str]], family: str, name: Any, where: str) -> Any:
    """A class or function itself, of `TYPES` or `FUNCTIONS`.

    Raises: ValueError unless the table has its name.
    """
    if type(name) is not str or name not in table.get(family, ()):
        raise ValueError(f"{where} names {name!r:.60} of Keras' {family}, which files do not hold")
    return getattr(module_of(family), name)


def arguments_of(family: str, name: str) -> dict[str, tuple[str, bool]] | None:
    """(rule, whether it may be left out) of the arguments of a class; None for one that is not in
    the tables.

    Example:
        >>> arguments_of("regularizers", "L1L2")
        {'l1': ('l1', False), 'l2': ('l2', False)}
        >>> arguments_of("layers", "Lambda") is None
        True

    Source: ours.
    """
    text = CLASSES.get(family, {}).get(name)
    if text is None:
        return None
    found = {}
    for token in text.split():
        argument, _, rule = token.removesuffix("?").partition("=")
        found[argument] = (rule or argument, token.endswith("?"))
    return found


def made(family: str, name: Any, arguments: Any, where: str) -> Any:
    """An instance of a class of the tables.

    Args: family: of classes, such as "losses" · name: of the class · arguments: as the file says
        them, by name · where: for messages.
    Raises: ValueError for another class, other arguments, or values that their rules do not take.
    """
    wanted = arguments_of(family, name) if type(name) is str else None
    if wanted is None or type(arguments) is not dict:
        raise ValueError(f"{where} is {name!r:.60} of Keras' {family}, which files do not hold")
    needed = {argument for argument, (_, spare) in wanted.items() if not spare}
    unlike = sorted((set(arguments) - set(wanted)) | (needed - set(arguments)))
    if unlike:
        raise ValueError(f"{where}, a {name}, has {unlike[0]!r:.60} too many or too few")
    checked = {
        argument: _rule(wanted[argument][0])(value, f"{where}.{argument}")
        for argument, value in arguments.items()
    }
    return calling(lambda: getattr(module_of(family), name)(**checked), where)


def calling(function: Callable[[], Any], where: str) -> Any:
    """What a function gives; whatever Keras raises for arguments that do not go together becomes a
    ValueError."""
    try:
        return function()
    except ValueError:
        raise
    except Exception as error:  # TypeError, RecursionError, errors of TensorFlow and others
        raise ValueError(
            f"{where} cannot be made: {type(error).__name__}: {error!s:.200}"
        ) from error


def _rule(name: str) -> Rule:
    known = RULES.get(name) or _OBJECTS.get(name)
    return known if known is not None else _OBJECTS[name.rpartition("_")[2]]


def _activation(value: Any, where: str) -> Any:
    return None if value is None else named(FUNCTIONS, "activations", value, where)


def _object(family: str) -> Rule:
    def rule(value: Any, where: str) -> Any:
        if not isinstance(value, dict) or list(value) != [family]:
            raise refused(where, f"one of Keras' {family}", value)
        name, arguments = pair(value[family], where)
        return made(family, name, arguments, where)

    return rule


def _layer(*names: str) -> Rule:
    anything = _object("layers")

    def rule(value: Any, where: str) -> Any:
        found = anything(value, where)
        if names and type(found).__name__ not in names:
            raise refused(where, f"one of {', '.join(names)}", type(found).__name__)
        return found

    return rule


_cell = _layer(*CELLS)
_OBJECTS: dict[str, Rule] = {
    "activation": _activation,
    "cell": _cell,
    "cells": sequence(_cell, most=64),
    "layer": _layer(),
    "recurrent": _layer(*RECURRENT),
    **{suffix: optional(_object(family)) for suffix, family in _FAMILIES.items()},
}
