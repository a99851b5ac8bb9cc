"""Networks of one structure trained together: their weights stacked, one program for all.

A batch of each is one step of all. On a CPU each thread has a part of the networks, as kernels of
small ones keep one core busy. What one learns does not depend on the others, nor on how many they
are. Knows programs, states and encoded data. Source: ours; `tf.vectorized_map`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import joblib
import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.batches import row_bucket
from mlj_keras.engine.data import EncodedData, Resident
from mlj_keras.engine.distribution import memory_of
from mlj_keras.engine.layers import has_convolution, has_recurrence
from mlj_keras.engine.optimizers import Slots, treats_alike
from mlj_keras.engine.parameters import Parameter, VectorParameter
from mlj_keras.engine.program import Program
from mlj_keras.engine.state import MachineState
from mlj_keras.engine.tracing import compiled_function, without_stack_traces
from mlj_keras.engine.training import OnEpochs, Settings, Training, TrainingStopped

keras = lazy_module("keras")
tf = lazy_module("tensorflow")

# Measured: above, the kernels of a single network keep all cores busy.
_LARGEST_ON_CPU = 2**17  # weights of a network
_MOST_BYTES = 2**28  # of the data of all
_PART_OF_DEVICE = 0.2  # that these data may take of the memory of another device
AT_ONCE = 16  # networks of a program, at most
_MAX_PROGRAMS = 8  # for different numbers of networks
_MAX_PARTS = 4  # side by side: each is compiled
# XLA for CPUs sums arrays of so many numbers or more in another order than smaller ones.
_LARGE_SUM = 2**15
_tracing = threading.Lock()


def can_train_together(program: Program, data: EncodedData) -> bool:
    """Whether networks of this structure, with data like these, gain by being trained together,
    however many they are: on one device, with an optimiser that treats each number by itself."""
    network, optimizer = program.network, program.optimizer
    on_cpu = "CPU" in network.place.device
    if not program.stacks or program.path != "xla" or program.parameters.tables:
        return False
    if not network.place.alone:
        return False
    variables = [network.variables[key] for key in network.trainable_keys]
    plain = variables and all(v.dtype == "float32" and v.constraint is None for v in variables)
    alike = treats_alike(optimizer) and getattr(optimizer, "global_clipnorm", None) is None
    if not (plain and alike and network.row_wise and network.precision == "float32"):
        return False
    if on_cpu and (network.n_numbers > _LARGEST_ON_CPU or has_convolution(network.keras)):
        return False
    if has_recurrence(network.keras):  # whose loops XLA does not take once they are stacked
        return False
    if _widest(program) < 3:
        return False
    memory = None if on_cpu else memory_of(network.place.device)
    most = _MOST_BYTES if memory is None else _PART_OF_DEVICE * memory
    return AT_ONCE * data.nbytes <= most


def train_together(
    program: Program,
    states: Sequence[MachineState],
    data: Sequence[EncodedData],
    epochs: int,
    settings: Settings,
    on_epochs: OnEpochs | None = None,
) -> list[MachineState]:
    """Train networks of one structure for `epochs` more epochs, each on data of its own.

    Args:
        program: of that structure, for which `can_train_together`
        states: of equally many epochs
        data: encoded, all of as many rows
        epochs, settings, on_epochs: as for `train`; the losses told are means.
    Returns: the new states. Raises: TrainingStopped, whose `state` is the list of states of the
        last whole epoch.
    """
    if epochs == 0:
        return list(states)
    n_members = len(states)
    # A program for one is compiled otherwise, and would not give the same bits.
    filled = [*states, states[-1]] if n_members == 1 else list(states)
    rows = [*data, data[-1]] if n_members == 1 else list(data)
    sizes = _sizes(program, len(filled))
    with (
        program.network.place.exclusive(),
        program.network.lock,
        ThreadPoolExecutor(len(sizes)) as pool,
    ):
        parts = Parts([_stacked_program(program, n, k) for k, n in enumerate(sizes)], pool)
        arrays = _stack(filled)
        parts.load(arrays, settings.learning_rate)
        run = _TogetherTraining(parts, filled, arrays, rows, settings, on_epochs)
        try:
            found: Any = run.run(epochs)
        except TrainingStopped as stopped:
            kept: Any = stopped.state
            raise TrainingStopped(kept[:n_members], stopped.cause) from stopped.cause
        return list(found[:n_members])


def _sizes(program: Program, n_members: int) -> list[int]:
    """How many networks each part has: a part for each thread of a CPU, of two networks or
    more, and none that is wider than the widest."""
    threads = 1
    if "CPU" in program.network.place.device:
        threads = int(os.environ.get("TF_NUM_INTRAOP_THREADS", 0)) or joblib.cpu_count()
    n_parts = max(1, min(threads, _MAX_PARTS, n_members // 2), -(-n_members // _widest(program)))
    return [len(part) for part in np.array_split(np.arange(n_members), n_parts)]


def _widest(program: Program) -> int:
    """The most networks of a part, so that sums over a batch, such as the gradient of a bias, are
    all of fewer numbers than a large one, or of two networks large already: the order in which
    they are made must not depend on how many networks there are."""
    if "CPU" not in program.network.place.device:
        return AT_ONCE
    shapes = program.network.shapes()
    sums = {program.width * shapes[key][-1] for key in program.network.trainable_keys}
    most = [-(-_LARGE_SUM // n) - 1 for n in sums if 2 * n < _LARGE_SUM]
    return min([AT_ONCE, *most])


def _stacked_program(program: Program, n_members: int, place: int) -> StackedProgram:
    """The program of the part in this place."""
    key = (n_members, place)
    found: StackedProgram | None = program.stacked.get(key)
    if found is None:
        found = program.stacked[key] = StackedProgram(program, n_members)
        while len(program.stacked) > _MAX_PROGRAMS:
            program.stacked.popitem(last=False)
    program.stacked.move_to_end(key)
    return found


def _is_shared(key: str) -> bool:
    """Whether an array of a state is the same for all that have done as many epochs: such as the
    optimiser's count of steps."""
    return key.startswith("slots/") and key.count("/") == 1


def shared_slots(state: MachineState) -> tuple[bytes, ...]:
    """What networks that are trained together have in common."""
    return tuple(array.tobytes() for key, array in state.arrays.items() if _is_shared(key))


def _stack(states: Sequence[MachineState]) -> dict[str, np.ndarray]:
    first = states[0].arrays
    return {
        key: first[key] if _is_shared(key) else np.stack([s.arrays[key] for s in states])
        for key in first
    }


class _One:
    """The only parameter of a stacked program, as an optimiser's slots want it."""

    def __init__(self, vector: VectorParameter) -> None:
        self.all: list[Parameter] = [vector]
        self.variables = [vector.variable]


class StackedProgram:
    """A program that runs the batches of several networks of one structure at once.

    Args: program: of one · n_members: how many.
    """

    def __init__(self, program: Program, n_members: int) -> None:
        self.program, self.n_members = program, n_members
        self.network = network = program.network
        self._traced: set[Any] = set()
        self.seconds_per_batch: float | None = None  # of all that run beside it
        self.timed_shapes: set[Any] = set()
        shapes = network.shapes()
        with network.place.scope():
            self.optimizer = program.rule.to_keras()
            self.vector = VectorParameter(network.trainable_keys, shapes, stack=(n_members,))
            self.slots = Slots(self.optimizer, _One(self.vector))  # type: ignore[arg-type]  # all that it asks of parameters
            self.fixed = {
                key: keras.Variable(
                    np.zeros((n_members, *shapes[key])),
                    dtype=network.variables[key].dtype,
                    trainable=False,
                )
                for key in network.fixed_keys
            }
        self.compiled = compiled_function(self._run, xla=True, static=True)

    def run(
        self, tensors: Any, batches: np.ndarray, count: int, l1: Any, l2: Any
    ) -> tuple[np.ndarray, bool]:
        """Train on the first `count` of `batches` (k, n_members, batch size): the losses
        (k, n_members) before each step, and whether every weight is still finite."""
        shapes = (batches.shape, *(array.shape for array in tensors[0]))
        with self.network.place.scope(), without_stack_traces():
            given = (tensors, tf.constant(batches), tf.constant(count), l1, l2)
            if shapes not in self._traced:
                with _tracing:  # Keras' layers are not made for several at once
                    self.compiled.get_concrete_function(*given)
                self._traced.add(shapes)
            losses, finite = self.compiled(*given)
            return losses.numpy(), finite.numpy()

    def load(self, arrays: Any, learning_rate: float | None) -> None:
        """Put stacked states into the working memory."""
        with self.network.place.scope():
            self.slots.set_rate(learning_rate)
            self.vector.variable.assign(self.vector.pack(arrays))
            self.slots.load(arrays)
            for key, variable in self.fixed.items():
                variable.assign(arrays[key])

    def read(self) -> dict[str, np.ndarray]:
        """The working memory as stacked arrays of its own."""
        fixed = {key: np.array(variable.numpy()) for key, variable in self.fixed.items()}
        weights = {**fixed, **self.vector.unpack(self.vector.variable.numpy())}
        return {**{key: weights[key] for key in self.network.keys}, **self.slots.read()}

    def _run(self, data: Any, batches: Any, count: Any, l1: Any, l2: Any) -> tuple[Any, Any]:
        losses = self.program._loop(self._step, data, batches, count, l1, l2)
        return losses, tf.reduce_all(tf.math.is_finite(self.vector.variable.value))

    def _step(self, data: tuple[list[Any], Any, Any], rows: Any, l1: Any, l2: Any) -> Any:
        inputs, y, weights = data
        mask = tf.cast(rows >= 0, tf.float32)
        rows = tf.where(rows >= 0, rows, rows[:, :1])
        batch = [tf.gather(array, rows, batch_dims=1) for array in inputs]
        truth = tf.gather(y, rows, batch_dims=1)
        factors = mask if weights is None else mask * tf.gather(weights, rows, batch_dims=1)
        learned = self.vector.tensors()
        fixed = [variable.value for variable in self.fixed.values()]
        given = (batch, truth, factors, mask, tf.reduce_sum(mask, axis=1), learned, fixed)
        value, gradients, moved = tf.vectorized_map(self._member, given, warn=False)
        for variable, after in zip(self.fixed.values(), moved, strict=True):
            variable.assign(after)
        gradient = self.program._penalty(l1, l2)(
            self.vector.gradient(gradients), self.vector.variable.value
        )
        self.optimizer.apply([gradient], [self.vector.variable])
        return value

    def _member(self, given: Any) -> tuple[Any, list[Any], list[Any]]:
        """The loss of one network on its batch, the gradients, and the fixed values after it."""
        batch, truth, factors, mask, total, learned, fixed = given
        one = tf.constant(1.0)
        value, gradients, moved = self.program._gradients(
            batch, truth, factors, mask, total, one, learned, fixed
        )
        if any(gradient is None for gradient in gradients):  # an optimiser leaves such weights
            raise ValueError("A weight of this network has no gradient: train one by one.")
        return value, [tf.convert_to_tensor(gradient) for gradient in gradients], moved


class Parts:
    """Stacked programs side by side, each of a part of the networks, which look like one.

    Args: parts: programs of one structure · pool: with a thread for each.
    """

    def __init__(self, parts: Sequence[StackedProgram], pool: ThreadPoolExecutor) -> None:
        first, self.parts, self._pool = parts[0].program, parts, pool
        self.cuts = np.cumsum([part.n_members for part in parts])[:-1]
        self.network, self.slots = first.network, parts[0].slots
        self.batch_size, self.path, self.width = first.batch_size, first.path, first.width
        self.pads = True
        most = max(part.n_members for part in parts)
        self.batches_per_call = max(first.batches_per_call // most, 64)
        self.timed_shapes: set[Any] = parts[0].timed_shapes

    @property
    def seconds_per_batch(self) -> float | None:
        """Measured, and known to the next training of so many."""
        return self.parts[0].seconds_per_batch

    @seconds_per_batch.setter
    def seconds_per_batch(self, seconds: float) -> None:
        self.parts[0].seconds_per_batch = seconds

    def run(
        self, tensors: Sequence[Any], batches: np.ndarray, count: int, l1: Any, l2: Any
    ) -> tuple[Any, Any]:
        """As a program runs, of all networks; `tensors`: of each part."""
        pieces = np.split(batches, self.cuts, axis=1)
        futures = [
            self._pool.submit(part.run, own, piece, count, l1, l2)
            for part, own, piece in zip(self.parts, tensors, pieces, strict=True)
        ]
        try:
            found = [future.result() for future in futures]
        finally:
            wait(futures)  # by Ctrl-C, too: what they work on is read next
        losses = np.concatenate([losses for losses, _ in found], axis=1)
        return tf.constant(losses), tf.constant(all(finite for _, finite in found))

    def load(self, arrays: dict[str, np.ndarray], learning_rate: float | None) -> None:
        """Put stacked states into the working memories."""
        for k, part in enumerate(self.parts):
            own = {
                key: a if _is_shared(key) else np.split(a, self.cuts)[k]
                for key, a in arrays.items()
            }
            part.load(own, learning_rate)

    def read(self) -> dict[str, np.ndarray]:
        """The working memories as stacked arrays of their own."""
        found = [part.read() for part in self.parts]
        return {
            key: a if _is_shared(key) else np.concatenate([each[key] for each in found])
            for key, a in found[0].items()
        }

    def remember(self, state: Any) -> None:
        """Nothing: states are stacked anew."""


class _TogetherTraining(Training):
    """One call of `train_together`."""

    def __init__(
        self,
        program: Parts,
        states: Sequence[MachineState],
        arrays: dict[str, np.ndarray],
        data: Sequence[EncodedData],
        settings: Settings,
        on_epochs: OnEpochs | None,
    ) -> None:
        self.states = states
        placed = _placed(data, program)
        super().__init__(program, states[0], data[0], placed, settings, on_epochs)
        self.committed = (0, arrays)

    def _batches(self, epoch: int) -> np.ndarray:
        return np.stack([self._epoch(state.seed, epoch) for state in self.states], axis=1)

    def _state(self, arrays: Any) -> Any:
        return [
            MachineState.of(
                {key: a if _is_shared(key) else a[i].copy() for key, a in arrays.items()},
                epochs=state.epochs + len(self.done),
                losses=(*state.losses, *(losses[i] for losses in self.done)),
                path=self.program.path,
                seed=state.seed,
                rule=self.program.slots.rule,
            )
            for i, state in enumerate(self.states)
        ]


def _placed(data: Sequence[EncodedData], program: Parts) -> Resident:
    """The data of each part, stacked, on the device; rows are added up to a bucket, never
    read."""
    size = row_bucket(len(data[0]))
    bounds = [0, *program.cuts, len(data)]
    with tf.device(program.network.place.device):
        tensors: Any = [
            _tensors(data[a:b], size) for a, b in zip(bounds, bounds[1:], strict=False)
        ]
    return Resident(tensors, tuple((size, *array.shape[1:]) for array in data[0].inputs))


def _tensors(data: Sequence[EncodedData], size: int) -> tuple[list[Any], Any, Any]:
    inputs = [_stacked(arrays, size) for arrays in zip(*(d.inputs for d in data), strict=True)]
    weights = [d.weights for d in data if d.weights is not None]
    target = _stacked([d.target for d in data], size)
    return inputs, target, _stacked(weights, size) if weights else None


def _stacked(arrays: Sequence[np.ndarray], size: int) -> Any:
    whole = np.zeros((len(arrays), size, *arrays[0].shape[1:]), arrays[0].dtype)
    for member, array in zip(whole, arrays, strict=True):
        member[: len(array)] = array
    return tf.convert_to_tensor(whole)
