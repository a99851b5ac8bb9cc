"""Networks of one structure trained together: as one after another, whatever the number."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine import together as module
from mlj_keras.engine import training
from mlj_keras.engine.data import EncodedData
from mlj_keras.engine.distribution import place_of
from mlj_keras.engine.program import NetworkSpec, Program, ProgramSpec, network_for, program_for
from mlj_keras.engine.state import MachineState
from mlj_keras.engine.together import can_train_together, train_together
from mlj_keras.engine.training import Settings, TrainingStopped, initial_state, train
from mlj_keras.errors import NonFiniteLossError
from tests.batteries.oracles import CPU, TANH, numbers, program_of

N_ROWS = 11  # two batches of four, and one of three
RATE = Settings(0.05)
RELU = mlj.MLP(hidden=(6, 4))
DROPOUT = mlj.Short(n_hidden=6, activation="tanh")


class Normed(mlj.Builder):
    """Layers that are normalised row by row, with a penalty of their own."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = keras.layers.Dense(6, kernel_regularizer="l2")(inputs)
        return keras.layers.Dense(n_out)(keras.layers.LayerNormalization()(hidden))


def data_of(
    n_members: int, *, weighted: bool = False, target: str = "numbers", n_rows: int = N_ROWS
) -> list[EncodedData]:
    """Rows of its own for each, of three numbers."""
    found = []
    for i in range(n_members):
        rng = np.random.default_rng(i)
        codes = rng.integers(0, 3, n_rows)
        y = {
            "numbers": numbers(n_rows, 1, seed=50 + i),
            "classes": np.eye(3, dtype="float32")[codes],
            "codes": codes.astype("int32"),
            "binary": (codes > 0).astype("float32")[:, None],
        }[target]
        w = rng.uniform(0, 2, n_rows).astype("float32") if weighted else None
        found.append(EncodedData((numbers(n_rows, 3, seed=i),), y, w))
    return found


def begun(
    program: Program, data: Sequence[EncodedData], builder: Any = TANH
) -> list[MachineState]:
    """What each starts from, by seeds 0, 1, ..."""
    return [
        initial_state(program, builder, seed, own, shuffle=True) for seed, own in enumerate(data)
    ]


def apart(
    program: Program,
    states: Sequence[MachineState],
    data: Sequence[EncodedData],
    epochs: int,
    settings: Settings = RATE,
) -> list[MachineState]:
    """The same, one after the other."""
    placed = [own.put(CPU, padded=True) for own in data]
    pairs = zip(states, data, placed, strict=True)
    return [train(program, state, *own, epochs, settings) for state, *own in pairs]


def check_alike(
    ours: Sequence[MachineState], theirs: Sequence[MachineState], tolerance: float = 2e-5
) -> None:
    """Two lists of states are the same, up to the order of floating-point sums."""
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        facts = [(s.epochs, s.path, s.seed, s.rule, list(s.arrays)) for s in (one, other)]
        assert facts[0] == facts[1]
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-4, atol=tolerance)
        for key, array in one.arrays.items():
            assert (array.shape, array.dtype) == (other.arrays[key].shape, other.arrays[key].dtype)
            assert not array.flags.writeable
            np.testing.assert_allclose(
                array, other.arrays[key], rtol=1e-4, atol=tolerance, err_msg=key
            )


CASES: dict[str, tuple[Any, dict[str, Any], Settings, dict[str, Any]]] = {
    "sgd, weights": (TANH, {"optimiser": mlj.SGD(0.05)}, RATE, {"weighted": True}),
    "momentum, in order": (
        TANH,
        {"optimiser": mlj.SGD(0.05, momentum=0.9)},
        Settings(0.05, shuffle=False),
        {},
    ),
    "adam with decay, penalty": (
        RELU,
        {"optimiser": mlj.Adam(0.05, weight_decay=0.1, clipvalue=0.5), "penalised": True},
        Settings(0.05, lambda_=0.3, alpha=0.4),
        {},
    ),
    "rmsprop, codes": (
        TANH,
        {
            "optimiser": mlj.RMSprop(0.05, momentum=0.5, centered=True),
            "n_out": 3,
            "loss": "sparse_categorical_crossentropy",
            "kind": "classes",
            "finaliser": "softmax",
        },
        RATE,
        {"target": "codes"},
    ),
    "averages, own penalties, classes": (
        Normed(),
        {
            "optimiser": mlj.AdamW(0.05, use_ema=True),
            "n_out": 3,
            "loss": "categorical_crossentropy",
            "kind": "classes",
            "finaliser": "softmax",
        },
        RATE,
        {"target": "classes", "weighted": True},
    ),
    "a schedule, binary": (
        RELU,
        {
            "optimiser": mlj.SGD(
                keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), nesterov=True
            ),
            "loss": "binary_crossentropy",
            "kind": "binary",
            "finaliser": "sigmoid",
        },
        Settings(None),
        {"target": "binary"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_together_they_learn_what_they_learn_one_after_another(case: str) -> None:
    builder, given, settings, kind = CASES[case]
    program, data = program_of(builder, **given), data_of(3, **kind)
    assert can_train_together(program, data[0])
    states = begun(program, data, builder)
    before = [state.digest() for state in states]
    found = train_together(program, states, data, 4, settings)
    check_alike(found, apart(program, states, data, 4, settings))
    assert [state.digest() for state in states] == before
    assert [state.epochs for state in found] == [4] * 3
    for start, end in zip(states, found, strict=True):
        kernel = next(key for key in start.arrays if key.endswith("kernel"))
        assert np.abs(end.arrays[kernel] - start.arrays[kernel]).max() > 1e-3


def test_tables_of_factors_are_learned_together_too() -> None:
    inputs = TabularInputs(((5, 2), None, (3, 2)))
    spec = NetworkSpec(TANH, inputs, 1, None, CPU)
    wanted = ProgramSpec("mse", "numbers", mlj.Adam(), 4, False, True)  # noqa: FBT003
    program = program_for(network_for(spec), wanted)
    rng = np.random.default_rng(0)
    data = [
        EncodedData((own.inputs[0][:, :1], rng.integers(0, 3, (N_ROWS, 2), "int32")), own.target)
        for own in data_of(2)
    ]
    states = begun(program, data)
    found = train_together(program, states, data, 4, RATE)
    check_alike(found, apart(program, states, data, 4))
    moved = [
        np.abs(end.arrays[key] - start.arrays[key]).max()
        for key in program.network.embedding_keys()
        for start, end in zip(states, found, strict=True)
    ]
    assert len(moved) == 4 and min(moved) > 1e-3


def test_the_masks_of_dropout_are_those_of_each_ones_seed() -> None:
    program, (data,) = program_of(DROPOUT), data_of(1)
    one, other = begun(program, [data, data], DROPOUT)
    (key,) = [key for key in one.arrays if key.endswith("seed_generator_state")]
    rows, states = [data, data], [one.with_arrays({key: other.arrays[key]}), one]
    first, second = train_together(program, states, rows, 2, RATE)
    check_alike([first, second], apart(program, states, rows, 2))
    assert first.losses[0] == second.losses[0] and first.losses[1:] != second.losses[1:]
    assert not np.array_equal(first.arrays[key], second.arrays[key])


# From here on one program.


def ten() -> tuple[Program, list[EncodedData], list[MachineState]]:
    """The program, and ten networks that have not begun, with their rows."""
    program, data = program_of(optimiser=mlj.SGD(0.05, momentum=0.9)), data_of(10)
    return program, data, begun(program, data)


@pytest.mark.parametrize(
    ("threads", "n_members", "sizes"),
    [(1, 10, [10]), (4, 10, [3, 3, 2, 2]), (64, 16, [4] * 4), (2, 3, [3]), (2, 5, [3, 2])],
)
def test_each_thread_has_two_networks_or_more(
    threads: int, n_members: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", str(threads))
    assert module._sizes(program_of(), n_members) == sizes


@pytest.mark.parametrize(
    ("n_units", "sizes"), [(100, [5, 5]), (170, [3, 3, 2, 2]), (200, None), (256, [10])]
)
def test_a_part_has_so_many_networks_that_sums_are_alike_for_fewer(
    n_units: int, sizes: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sums are of 64 rows of `n_units` of each network: of 2**15 numbers and more they are others.
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    program = program_of(mlj.MLP(hidden=(n_units,)), batch_size=64)
    assert can_train_together(program, data_of(1)[0]) is (sizes is not None)
    if sizes is not None:
        assert module._sizes(program, 10) == sizes


def test_three_epochs_and_two_are_five_to_the_bit_and_go_on_alone() -> None:
    program, data, states = (each[:2] if isinstance(each, list) else each for each in ten())
    early = train_together(program, states, data, 3, RATE)
    late = train_together(program, states, data, 5, RATE)
    assert train_together(program, early, data, 2, RATE) == late
    assert all(program.slots.fits(state) for state in early)
    check_alike(apart(program, early, data, 2), late)
    check_alike(train_together(program, apart(program, states, data, 3), data, 2, RATE), late)


def test_no_epochs_give_the_very_states_back() -> None:
    program, data, states = ten()
    found = train_together(program, states, data, 0, RATE)
    assert all(a is b for a, b in zip(found, states, strict=True))


def test_programs_for_few_sizes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    program, data, states = ten()
    program.stacked.clear()
    monkeypatch.setattr(module, "_MAX_PROGRAMS", 2)
    for n in (2, 3, 2, 1):
        train_together(program, states[:n], data[:n], 1, RATE)
    assert list(program.stacked) == [(3, 0), (2, 0)]


def test_what_is_told_of_an_epoch_is_the_mean_of_all() -> None:
    program, data, states = ten()
    heard: list[tuple[int, list[float]]] = []
    found = train_together(
        program, states[:2], data[:2], 3, RATE, lambda *told: heard.append(told)
    )
    assert sum(count for count, _ in heard) == 3
    told = [loss for _, losses in heard for loss in losses]
    np.testing.assert_allclose(told, np.mean([s.losses[1:] for s in found], axis=0))


# What ends it early.


def stopping_after(n_epochs: int, error: BaseException) -> Any:
    done = []

    def heard(count: int, losses: list[float]) -> None:
        done.extend(losses)
        if len(done) >= n_epochs:
            raise error

    return heard


@pytest.mark.parametrize("n_members", [1, 2])
def test_ctrl_c_leaves_the_whole_epochs_of_all(
    n_members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SECONDS_PER_CALL", 0)  # one epoch a group
    program, data, states = ten()
    own = states[:n_members], data[:n_members]
    stop = stopping_after(2, KeyboardInterrupt())
    with pytest.raises(TrainingStopped) as stopped:
        train_together(program, *own, 50, RATE, stop)
    assert isinstance(stopped.value.cause, KeyboardInterrupt)
    kept: Any = stopped.value.state
    assert kept == train_together(program, *own, 2, RATE)
    assert [(state.epochs, len(state.losses)) for state in kept] == [(2, 3)] * n_members


def test_a_loss_that_is_not_finite_in_one_ends_all_at_the_last_whole_epoch() -> None:
    program, data = program_of(optimiser=mlj.SGD(0.05)), data_of(2)
    data[1] = dataclasses.replace(data[1], target=data[1].target * np.float32(1e12))
    states = begun(program, data)
    growing = Settings(1.2)
    with pytest.raises(TrainingStopped) as stopped:
        train_together(program, states, data, 500, growing)
    assert isinstance(stopped.value.cause, NonFiniteLossError)
    kept: Any = stopped.value.state
    assert len({state.epochs for state in kept}) == 1 and kept[0].epochs > 0
    assert all(np.isfinite(a).all() for state in kept for a in state.arrays.values())
    check_alike(kept, train_together(program, states, data, kept[0].epochs, growing), 0.0)
    with pytest.raises(TrainingStopped):
        train_together(program, kept, data, 1, growing)


# Which can.


REFUSED: dict[str, dict[str, Any]] = {
    "clipped by norm": {"optimiser": mlj.Adam(clipnorm=1.0)},
    "clipped by the norm of all": {"optimiser": mlj.Adam(global_clipnorm=1.0)},
    "a rule of layers": {"optimiser": mlj.optimisers.Lamb()},
    "mixed precision": {"precision": "mixed_bfloat16"},
    "the graph path": {"jit_compile": False},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_works_on_more_than_single_numbers_trains_alone(case: str) -> None:
    (data,) = data_of(1)
    assert can_train_together(program_of(), data)
    assert not can_train_together(program_of(**REFUSED[case]), data)


def one_layer(**settings: Any) -> Any:
    return mlj.builder_from(
        lambda inputs, n_out, rng: keras.layers.Dense(n_out, **settings)(inputs)
    )


def mixing(inputs: Any, n_out: int, rng: Any) -> Any:
    return keras.layers.Dense(n_out)(keras.layers.BatchNormalization()(inputs))


def convolving(inputs: Any, n_out: int, rng: Any) -> Any:
    rows = keras.layers.Reshape((3, 1))(inputs)
    return keras.layers.Dense(n_out)(keras.layers.Flatten()(keras.layers.Conv1D(2, 2)(rows)))


def recurrent(inputs: Any, n_out: int, rng: Any) -> Any:
    return keras.layers.Dense(n_out)(keras.layers.GRU(2)(keras.layers.Reshape((3, 1))(inputs)))


@pytest.mark.parametrize(
    ("builder", "can"),
    [
        (one_layer(), True),
        (one_layer(kernel_constraint="non_neg"), False),
        (one_layer(dtype="float64"), False),
        (one_layer(trainable=False), False),
        (mlj.builder_from(mixing), False),
        (mlj.builder_from(convolving), False),
        (mlj.builder_from(recurrent), False),
    ],
    ids=["plain", "constrained", "float64", "fixed", "mixing rows", "convolving", "recurrent"],
)
def test_layers_that_are_plain_and_work_row_by_row_train_together(
    builder: Any,
    can: bool,  # noqa: FBT001
) -> None:
    (data,) = data_of(1)
    assert can_train_together(program_of(builder, jit_compile=True), data) is can


def test_two_devices_train_one_network_at_a_time() -> None:
    place = place_of(mlj.Mirrored(["/CPU:0", "/CPU:1"]))
    spec = NetworkSpec(TANH, TabularInputs((None,) * 3), 1, None, place)
    wanted = ProgramSpec("mse", "numbers", mlj.SGD(), 4, False, True)  # noqa: FBT003
    assert not can_train_together(program_for(network_for(spec), wanted), data_of(1)[0])


def test_large_networks_large_data_and_known_failures_train_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program, (data,) = program_of(TANH), data_of(1)
    n_weights = 3 * 5 + 5 + 5 + 1
    for limit, enough in (("_LARGEST_ON_CPU", n_weights), ("_MOST_BYTES", 16 * data.nbytes)):
        with monkeypatch.context() as patch:
            patch.setattr(module, limit, enough)
            assert can_train_together(program, data)
            patch.setattr(module, limit, enough - 1)
            assert not can_train_together(program, data)
    monkeypatch.setattr(program, "stacks", False)
    assert not can_train_together(program, data)
