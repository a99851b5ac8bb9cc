"""Weights as the optimiser holds them: one by one, as one vector, by rows of a table."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine import parameters as module
from mlj_keras.engine import program as programs
from mlj_keras.engine.networks import Network
from mlj_keras.engine.optimizers import Slots, leaves_untouched, treats_alike
from mlj_keras.engine.parameters import Parameters, TableParameter, VectorParameter
from tests.batteries.oracles import CPU, TANH, X11, Y11, fitted, regressor

LEVELS, WIDTH, BATCH = 40, 3, 6


def network_of(*columns: tuple[int, int] | None) -> Network:
    return Network(TANH, TabularInputs(columns or (None,) * 3), 1, None, CPU)


def test_a_vector_gives_back_what_was_put_in() -> None:
    network = network_of()
    held = Parameters(network, alike=True, by_rows=False, batch_size=4)
    assert [type(p) for p in held.all] == [VectorParameter]
    arrays = network.initial_arrays(3, TANH)
    held.load(arrays)
    for key, array in held.read().items():
        np.testing.assert_array_equal(array, arrays[key])
    for key, tensor in zip(network.trainable_keys, held.tensors(), strict=True):
        np.testing.assert_array_equal(tensor, arrays[key])


def test_stacked_vectors_hold_the_weights_of_each_network_in_a_row() -> None:
    network = network_of()
    arrays = [network.initial_arrays(seed, TANH) for seed in (1, 2)]
    keys, shapes = network.trainable_keys, network.shapes()
    stacked = VectorParameter(keys, shapes, stack=(2,))
    given = {key: np.stack([each[key] for each in arrays]) for key in keys}
    packed = stacked.pack(given)
    for row, each in zip(packed, arrays, strict=True):
        np.testing.assert_array_equal(row, VectorParameter(keys, shapes).pack(each))
    stacked.variable.assign(packed)
    for key, tensor in zip(keys, stacked.tensors(), strict=True):
        np.testing.assert_array_equal(tensor, given[key])
        np.testing.assert_array_equal(stacked.unpack(packed)[key], given[key])
    slots = {f"slots/m/{key}": array for key, array in given.items()}
    np.testing.assert_array_equal(stacked.pack(slots, "slots/m/"), packed)


def test_a_stacked_gradient_is_end_to_end_and_what_has_none_stays() -> None:
    shapes = {"a": (2, 2), "b": (3,)}
    stacked = VectorParameter(["a", "b"], shapes, stack=(2,))
    assert stacked.gradient([None, None]) is None
    ones = tf.ones((2, 3))
    np.testing.assert_array_equal(stacked.gradient([None, ones]), [[0, 0, 0, 0, 1, 1, 1]] * 2)
    before = tf.zeros((2, 7))
    stacked.variable.assign(tf.fill((2, 7), 5.0))
    stacked.keep_unmoved([tf.ones((2, 2, 2)), ones], before)
    assert (stacked.variable.numpy() == 5).all()
    stacked.keep_unmoved([None, ones], before)
    np.testing.assert_array_equal(stacked.variable, [[0, 0, 0, 0, 5, 5, 5]] * 2)


def test_large_networks_constrained_ones_and_those_of_other_dtypes_stay_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(**settings: Any) -> Any:
        return mlj.builder_from(
            lambda inputs, n_out, rng: keras.layers.Dense(n_out, **settings)(inputs)
        )

    for builder in (build(kernel_constraint="non_neg"), build(dtype="float64")):
        network = Network(builder, TabularInputs((None,) * 3), 1, None, CPU)
        held = Parameters(network, alike=True, by_rows=False, batch_size=4)
        assert len(held.all) == 2
    monkeypatch.setattr(module, "_LARGEST_VECTOR", 10)
    assert len(Parameters(network_of(), alike=True, by_rows=False, batch_size=4).all) == 4


def compile_anew(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """From here on another limit, and no program from before."""
    monkeypatch.setattr(module, limit, value)
    monkeypatch.setattr(programs, "_networks", OrderedDict())


def kinds_of_last_program() -> list[type]:
    """The kinds of parameters of the program used last."""
    network = next(reversed(programs._networks.values()))
    return [type(p) for p in next(reversed(network.programs.values())).parameters.all]


@pytest.mark.parametrize("rule", [mlj.Adam(0.01), mlj.SGD(0.1, momentum=0.9), mlj.RMSprop(0.01)])
@pytest.mark.parametrize("path", ["xla", "graph"])
def test_a_vector_learns_what_single_weights_learn(
    rule: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = regressor(optimiser=rule, epochs=4, batch_size=5, jit_compile=path == "xla")
    one = mlj.snapshot(fitted(model, X11, Y11))
    assert kinds_of_last_program() == [VectorParameter]
    compile_anew(monkeypatch, "_LARGEST_VECTOR", 0)
    other = mlj.snapshot(fitted(model, X11, Y11))
    assert set(one.arrays) == set(other.arrays)
    for key in one.arrays:
        np.testing.assert_allclose(one.arrays[key], other.arrays[key], rtol=2e-4, atol=1e-6)


@pytest.fixture
def small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is moved by rows."""
    compile_anew(monkeypatch, "_SMALLEST_TABLE", 1)


def rows_of(rule: mlj.optimisers.Optimiser) -> tuple[Network, Parameters, Slots]:
    network = network_of((LEVELS, WIDTH), None)
    optimizer = rule.to_keras()
    held = Parameters(network, alike=True, by_rows=True, batch_size=BATCH)
    slots = Slots(optimizer, held)
    held.load(network.initial_arrays(1, TANH))
    return network, held, slots


@pytest.mark.parametrize(
    "rule",
    [
        mlj.SGD(0.1, momentum=0.9, nesterov=True),
        mlj.RMSprop(0.1, momentum=0.5, centered=True),
        mlj.Adam(0.1, amsgrad=True),
        mlj.Adadelta(0.1),
        mlj.Adagrad(0.1),
        mlj.Adamax(0.1),
        mlj.Nadam(0.1),
        mlj.Lion(0.1),
    ],
    ids=lambda rule: type(rule).__name__,
)
@pytest.mark.usefixtures("small_tables")
def test_the_rows_of_a_batch_get_the_step_of_the_dense_rule_and_others_stay(rule: Any) -> None:
    network, held, slots = rows_of(rule)
    assert isinstance(held.all[0], TableParameter)
    key = network.embedding_keys()[0]
    before, names = held.read()[key], slots.read()
    codes = np.array([[3], [7], [3], [0], [39], [7]], np.int32)
    values = np.arange(1, 1 + BATCH * WIDTH, dtype=np.float32).reshape(BATCH, WIDTH)
    slices = tf.IndexedSlices(tf.constant(values), tf.constant(codes[:, 0]))
    gradients = [
        slices if k == key else tf.zeros(network.shapes()[k]) for k in network.trainable_keys
    ]
    held.apply(
        slots.optimizer, gradients, lambda gradient, weights: gradient, codes, tf.constant(0.0)
    )

    dense = keras.Variable(before)
    oracle = rule.to_keras()
    oracle.apply([tf.convert_to_tensor(dense_gradient(codes[:, 0], values))], [dense])
    after = held.read()[key]
    np.testing.assert_allclose(after, dense.numpy(), rtol=1e-6, atol=1e-7)
    untouched = np.setdiff1d(np.arange(LEVELS), codes[:, 0])
    np.testing.assert_array_equal(after[untouched], before[untouched])
    moments = {k: a for k, a in slots.read().items() if k.endswith(key)}
    for name, array in moments.items():
        assert array.shape == (LEVELS, WIDTH)
        np.testing.assert_array_equal(array[untouched], names[name][untouched])
        assert not np.array_equal(array[codes[:, 0]], names[name][codes[:, 0]])


def dense_gradient(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    total = np.zeros((LEVELS, WIDTH), np.float32)
    np.add.at(total, codes, values)
    return total


@pytest.mark.parametrize("path", ["xla", "graph"])
@pytest.mark.usefixtures("small_tables")
def test_a_table_by_rows_learns_what_a_dense_one_does_without_momentum(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 30, 70)
    X = mlj.coerce({"a": levels, "b": rng.normal(size=70)}, {"a": mlj.Multiclass})
    y = np.sin(levels) + X["b"]
    model = regressor(
        optimiser=mlj.SGD(0.1), epochs=3, batch_size=16, lambda_=0.0, jit_compile=path == "xla"
    )
    by_rows = mlj.snapshot(fitted(model, X, y))
    assert kinds_of_last_program() == [TableParameter, VectorParameter]
    compile_anew(monkeypatch, "_SMALLEST_TABLE", 10**9)
    dense = mlj.snapshot(fitted(model, X, y))
    for key in dense.arrays:
        np.testing.assert_allclose(by_rows.arrays[key], dense.arrays[key], rtol=1e-4, atol=1e-6)


class Stopped(mlj.Builder):
    """A network whose first layer gets no gradient."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        stopped = keras.ops.stop_gradient(keras.layers.Dense(4)(inputs))
        return keras.layers.Dense(n_out)(stopped)


@pytest.mark.parametrize(
    "given",
    [
        {"optimiser": mlj.AdamW(0.1, weight_decay=0.5)},
        {"optimiser": mlj.Ftrl(0.1)},
        {"lambda_": 0.5},
    ],
    ids=["decay", "ftrl", "penalty"],
)
def test_weights_without_a_gradient_stay_as_they_are(given: dict[str, Any]) -> None:
    model = regressor(builder=Stopped(), epochs=3, **given)
    after = mlj.snapshot(fitted(model, X11, Y11)).arrays
    assert kinds_of_last_program() == [VectorParameter]
    model.epochs = 0
    before = mlj.snapshot(fitted(model, X11, Y11)).arrays
    kernels = [key for key in before if key.startswith("layers/") and key.endswith("kernel")]
    moved = [not np.array_equal(before[key], after[key]) for key in kernels]
    assert moved == [False, True]


@pytest.mark.usefixtures("small_tables")
def test_a_penalty_and_large_batches_keep_tables_whole() -> None:
    network = network_of((LEVELS, WIDTH))
    for penalised, batch_size, kind in (
        (False, 8, TableParameter),
        (True, 8, VectorParameter),
        (False, 2000, VectorParameter),
    ):
        spec = programs.ProgramSpec("mse", "numbers", mlj.Adam(), batch_size, penalised, True)  # noqa: FBT003
        assert type(programs.program_for(network, spec).parameters.all[0]) is kind


@pytest.mark.usefixtures("small_tables")
def test_what_reaches_rows_outside_the_batch_keeps_a_table_whole() -> None:
    for settings in ({"weight_decay": 0.1}, {"use_ema": True}, {"global_clipnorm": 1.0}):
        optimizer = mlj.Adam(0.1, **settings).to_keras()
        assert treats_alike(optimizer)
        assert not leaves_untouched(optimizer)
    assert not leaves_untouched(mlj.Ftrl().to_keras())
    assert not treats_alike(mlj.Adam(clipnorm=1.0).to_keras())
    assert not treats_alike(mlj.Lamb().to_keras())
    whole = Parameters(network_of((LEVELS, WIDTH)), alike=True, by_rows=False, batch_size=BATCH)
    assert not whole.tables
