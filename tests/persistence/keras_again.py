"""A value of Keras in the trees of a file and back: helpers of the tests beside."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np

from mlj_keras.builders import KerasModelBuilder
from mlj_keras.persistence.code import TrustedCode
from mlj_keras.persistence.decoding import Decoder
from mlj_keras.persistence.encoding import Encoder
from mlj_keras.storage.strict_json import dumped, loaded

ROW = (6,)


def encoded(value: Any) -> tuple[Any, Encoder]:
    """The tree of a value as it is after a file, and what stands beside it."""
    encoder = Encoder()
    return loaded(dumped(encoder.tree(value, "it")), "it"), encoder


def decoded(tree: Any, encoder: Encoder) -> Any:
    """The value of a tree."""
    decoder = Decoder(encoder.arrays, encoder.columns, [], TrustedCode((), {}))
    return decoder.value(tree, "it")


def again(value: Any) -> Any:
    """A value saved and loaded; the global generator stays as it is."""
    before = random.getstate()
    found = decoded(*encoded(value))
    assert random.getstate() == before
    return found


def captured(builder: Any) -> Any:
    """What a builder holds of its Keras model."""
    return builder.__getstate__()["_captured"]


def outputs(network: Any, shapes: tuple[tuple[int, ...], ...]) -> list[np.ndarray]:
    """The outputs for two rows of small positive numbers."""
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(0, 3, (2, *shape)).astype("float32") for shape in shapes]
    found = network(inputs if len(inputs) > 1 else inputs[0])
    return [np.asarray(each) for each in keras.tree.flatten(found)]


def check_again(network: Any, *shapes: tuple[int, ...], exact: bool = True) -> Any:
    """The network saved and loaded is the same: config, weights, what is trained, outputs."""
    builder = KerasModelBuilder(network)
    found = again(builder)
    assert captured(found).equals(captured(builder))
    if exact:
        for now, before in zip(
            outputs(found.model, shapes), outputs(network, shapes), strict=True
        ):
            np.testing.assert_array_equal(now, before)
    return found.model
