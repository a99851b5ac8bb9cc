"""Prediction by a compiled pure function: in pieces as at once, for any number of rows."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine.networks import Network
from mlj_keras.engine.prediction import predict_arrays
from tests.batteries.oracles import CPU, TANH, numbers

INPUTS = TabularInputs((None, (4, 2), None))


@pytest.fixture(scope="module")
def network() -> Network:
    """Two numbers and a factor in, three probabilities out."""
    return Network(TANH, INPUTS, 3, "softmax", CPU)


def rows(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    codes = np.random.default_rng(0).integers(0, 4, (n_rows, 1)).astype("int32")
    return numbers(n_rows, 2), codes


def by_hand(arrays: dict[str, np.ndarray], numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    table, w1, b1, w2, b2 = (
        next(arrays[key] for key in arrays if key.endswith(name))
        for name in ("embeddings", "1/kernel", "1/bias", "2/kernel", "2/bias")
    )
    features = np.column_stack([numbers[:, :1], table[codes[:, 0]], numbers[:, 1:]])
    return np.tanh(features @ w1 + b1) @ w2 + b2


def renamed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays with the layers that have weights counted 0, 1, 2."""
    layers = sorted({int(key.split("/")[1]) for key in arrays})
    return {
        f"{layers.index(int(key.split('/')[1]))}/{key.split('/')[2]}": array
        for key, array in arrays.items()
    }


def test_outputs_are_those_of_the_formula(network: Network) -> None:
    arrays = network.initial_arrays(1, TANH)
    weights = network.tensors(arrays)
    logits = by_hand(renamed(arrays), *rows(9))
    raw = predict_arrays(network, weights, rows(9), raw=True)
    np.testing.assert_allclose(raw, logits, atol=1e-6)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(predict_arrays(network, weights, rows(9)), probabilities, atol=1e-6)


@pytest.mark.parametrize("n_rows", [0, 1, 4, 5, 8, 11])
def test_rows_in_pieces_give_what_they_give_at_once(
    network: Network, monkeypatch: pytest.MonkeyPatch, n_rows: int
) -> None:
    weights = network.tensors(network.initial_arrays(1, TANH))
    whole = predict_arrays(network, weights, rows(n_rows))
    monkeypatch.setattr(network, "rows_at_once", 4)
    pieces = predict_arrays(network, weights, rows(n_rows))
    assert pieces.shape == whole.shape == (n_rows, 3)
    assert pieces.dtype == np.float32
    np.testing.assert_allclose(pieces, whole, atol=1e-6)


def test_any_number_of_rows_takes_one_trace(network: Network) -> None:
    weights = network.tensors(network.initial_arrays(1, TANH))
    traced = network.predict  # one traced function, of any number of rows
    for n_rows in (1, 2, 3, 100):
        predict_arrays(network, weights, rows(n_rows))
    assert network.predict is traced
    (_, _, inputs), _ = traced.structured_input_signature
    assert [tensor.shape[0] for tensor in inputs] == [None, None]


def test_predicting_neither_reads_nor_changes_the_working_memory() -> None:
    network = Network(Normalised(), TabularInputs((None,) * 3), 1, None, CPU)
    one, other = (network.initial_arrays(seed, Normalised()) for seed in (1, 2))
    network.load(one, network.keys)
    x = (numbers(6, 3),)
    theirs = predict_arrays(network, network.tensors(other), x)
    for key, variable in network.variables.items():
        np.testing.assert_array_equal(variable.numpy(), one[key])
    network.load(other, network.keys)
    np.testing.assert_array_equal(predict_arrays(network, network.tensors(other), x), theirs)
    assert not np.allclose(predict_arrays(network, network.tensors(one), x), theirs)


class Normalised(mlj.Builder):
    """Layers whose state would change if they took prediction for training."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = keras.layers.BatchNormalization()(keras.layers.Dense(4)(inputs))
        return keras.layers.Dense(n_out)(keras.layers.Dropout(0.5)(hidden))
