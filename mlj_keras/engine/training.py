"""Training: a function (program, state, data, epochs) → state.

Calls of a compiled run are sized to a fraction of a second, so that Ctrl-C is answered. State is
committed at whole epochs; when a loss or weight stops being finite, the last whole epoch is found
again by replaying it, bit for bit. Knows programs, states and encoded data; nothing of models or
machines. Source: MLJFlux.jl, src/core.jl (`train`, `train_epoch`).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.batches import PADDING, epoch_batches, n_batches, widened
from mlj_keras.engine.compile_cache import note_programs
from mlj_keras.engine.data import EncodedData, Resident, Streamed
from mlj_keras.engine.prediction import predict_arrays
from mlj_keras.engine.program import Program
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import NonFiniteLossError

tf = lazy_module("tensorflow")

SECONDS_PER_CALL = 0.2
BATCHES_IN_STEP = 64  # of a call, where other processes make the same
OnEpochs = Callable[[int, list[float]], None]


@dataclasses.dataclass(frozen=True)
class Settings:
    """The inputs of training that are no data: penalty, learning rate (None: a schedule),
    shuffling."""

    learning_rate: float | None
    lambda_: float = 0.0
    alpha: float = 0.0
    shuffle: bool = True


class TrainingStopped(BaseException):
    """Training ended early; `state` is the last whole epoch, `cause` what ended it."""

    def __init__(self, state: MachineState, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.state = state
        self.cause = cause


def initial_state(
    program: Program, builder: Any, seed: int, data: EncodedData, *, shuffle: bool
) -> MachineState:
    """The state before the first epoch: fresh weights and slots, and the loss of the untrained
    network in test mode."""
    arrays = program.network.initial_arrays(seed, builder)
    arrays.update(program.slots.fresh())
    state = MachineState.of(
        arrays, epochs=0, losses=(), path=program.path, seed=seed, rule=program.slots.rule
    )
    first = epoch_batches(len(data), program.batch_size, seed=seed, epoch=0, shuffle=shuffle)
    loss = mean_batch_loss(program, state, data, first)
    return dataclasses.replace(state, losses=(loss,))


def mean_batch_loss(
    program: Program, state: MachineState, data: EncodedData, batches: np.ndarray
) -> float:
    """The unweighted mean over batches of the batch losses, in test mode."""
    raw = program.loss.on_logits
    outputs = predict_arrays(
        program.network, program.network.tensors(state.arrays), data.inputs, raw=raw
    )
    with tf.device(program.network.place.device):
        by_row = np.asarray(
            program.loss.function(tf.constant(data.target), tf.constant(outputs)), dtype=np.float64
        )
        if by_row.ndim == 0:
            parts = [
                program.loss.function(tf.constant(data.target[r]), tf.constant(outputs[r]))
                for r in batches
            ]
            return float(np.mean([float(part) for part in parts]))
    weighted = by_row if data.weights is None else by_row * data.weights
    mask = batches != PADDING
    return float(
        np.mean(np.where(mask, weighted[np.maximum(batches, 0)], 0).sum(axis=1) / mask.sum(axis=1))
    )


def train(
    program: Program,
    state: MachineState,
    data: EncodedData,
    placed: Resident | Streamed,
    epochs: int,
    settings: Settings,
    on_epochs: OnEpochs | None = None,
) -> MachineState:
    """Train for `epochs` more epochs.

    Args:
        program, state: of the same structure
        data, placed: the encoded rows, and the same where the program finds them
        epochs: how many more
        on_epochs: called with (epochs done in this call, their losses) as they are done.
    Returns: the new state; its losses are those of `state` and one for each epoch.
    Raises: TrainingStopped with the last whole epoch, on Ctrl-C, on a loss or weight that is not
        finite, and on any exception.
    """
    if epochs == 0:
        return state
    with program.network.place.exclusive(), program.network.lock:
        if program.network.place.in_step:
            state = _in_step(program, state, data, epochs, settings)
        program.load(state.arrays, settings.learning_rate)
        return Training(program, state, data, placed, settings, on_epochs).run(epochs)


def _in_step(
    program: Program, state: MachineState, data: EncodedData, epochs: int, settings: Settings
) -> MachineState:
    """The state that all processes of a cluster start from: that of the first, once they agree.

    What other processors compute differs in its last digits, and is no reason to refuse.
    """
    place = program.network.place
    n_numbers = sum(array.size for array in state.arrays.values())
    place.agree(
        "training",
        f"{len(data)} rows, {state.epochs} epochs done and {epochs} to come, by {program.path}, "
        f"{n_numbers} numbers learned",
    )
    place.agree("settings", f"{settings}, batches of {program.batch_size}")
    first = place.of_first(state.arrays)
    alike = all(np.allclose(state.arrays[k], first[k], rtol=1e-3, atol=1e-5) for k in first)
    place.agree("weights", "as on worker 0" if alike else "others than on worker 0")
    return dataclasses.replace(state, arrays=first)


class Training:
    """One call of `train`: the epochs done so far, and how to get back to the last whole one."""

    def __init__(
        self,
        program: Any,
        state: MachineState,
        data: EncodedData,
        placed: Resident | Streamed,
        settings: Settings,
        on_epochs: OnEpochs | None,
    ) -> None:
        self.program, self.start, self.data, self.placed = program, state, data, placed
        self.settings, self.on_epochs = settings, on_epochs
        self.per_epoch = n_batches(len(data), program.batch_size)
        self.per_call = placed.most_batches(program.width, program.batches_per_call)
        # Layers that may mix rows get the last batch at its true size, in a call of its own.
        tail = len(data) % program.batch_size
        self.true_tail = tail if tail and not program.pads else 0
        self.in_step = program.network.place.in_step
        scale = settings.lambda_ / self.per_epoch
        self.l1 = tf.constant(settings.alpha * scale, tf.float32)
        self.l2 = tf.constant(2 * (1 - settings.alpha) * scale, tf.float32)
        self.done: list[Any] = []  # the losses of whole epochs since `start`
        self.committed: tuple[int, Any] = (0, state.arrays)

    def run(self, epochs: int) -> MachineState:
        try:
            for group in self._groups(epochs):
                self._train_group(group)
            state = self._state(self.program.read())
            self.program.remember(state)
            return state
        except BaseException as cause:
            raise TrainingStopped(self._last_whole_epoch(), cause) from cause

    def _groups(self, epochs: int) -> Iterator[list[int]]:
        """Epochs to train between two commits: as many as fit in one call, at least one."""
        first = self.start.epochs
        last = first + epochs
        while first < last:
            count = 1
            if (
                not self.in_step
                and not self.true_tail
                and self.program.seconds_per_batch is not None
            ):
                by_time = int(
                    SECONDS_PER_CALL / max(self.program.seconds_per_batch * self.per_epoch, 1e-9)
                )
                count = max(1, min(by_time, self.per_call // self.per_epoch))
            count = min(count, last - first)
            yield list(range(first, first + count))
            first += count

    def _train_group(self, group: list[int]) -> None:
        try:
            losses = self._train_batches(np.concatenate([self._batches(epoch) for epoch in group]))
        except NonFiniteLossError as error:
            if len(group) == 1:
                raise self._not_finite(group[0]) from error
            self._rewind()  # which epoch went wrong? The same again, one at a time
            for epoch in group:
                self._train_group([epoch])
            return
        by_batch = losses.reshape(len(group), self.per_epoch, *losses.shape[1:])
        by_epoch = by_batch.mean(axis=1, dtype=np.float64)
        self.done.extend(by_epoch.tolist())
        self.committed = (len(self.done), None)
        if self.on_epochs is not None:
            self.on_epochs(len(group), [float(np.mean(loss)) for loss in by_epoch])

    def _rewind(self) -> None:
        arrays = self.committed[1]
        assert arrays is not None  # every call commits first
        self.program.load(arrays, self.settings.learning_rate)

    def _not_finite(self, epoch: int) -> NonFiniteLossError:
        rate = self.settings.learning_rate
        return NonFiniteLossError(
            f"The loss or a weight became NaN or infinite in epoch {epoch + 1} (learning rate "
            f"{'from a schedule' if rate is None else rate}). "
            + (f"What {epoch} whole epoch(s) had learned is kept. " if epoch else "")
            + "Lower the learning rate, clip gradients (clipnorm=1.0) or standardise the data, "
            "and call fit again" + (": it goes on from there." if epoch else ".")
        )

    def _batches(self, epoch: int) -> np.ndarray:
        return self._epoch(self.start.seed, epoch)

    def _epoch(self, seed: int, epoch: int) -> np.ndarray:
        """The batches of an epoch of the network with this seed."""
        return epoch_batches(
            len(self.data),
            self.program.batch_size,
            seed=seed,
            epoch=epoch,
            shuffle=self.settings.shuffle,
        )

    def _train_batches(self, batches: np.ndarray) -> np.ndarray:
        """Run these batches in calls of bounded length; raises NonFiniteLossError at the end of
        the call that went wrong."""
        whole = widened(batches[:-1] if self.true_tail else batches, self.program.width)
        losses = []
        position = 0
        while position < len(whole):
            count = self._calls_batches(len(whole) - position)
            losses.append(self._call(whole[position : position + count], self.per_call))
            position += count
        if self.true_tail:
            losses.append(self._call(batches[-1:, : self.true_tail], 1))
        return np.concatenate(losses)

    def _calls_batches(self, wanted: int) -> int:
        if isinstance(self.placed, Streamed):  # sending is what takes the time
            return min(wanted, self.per_call)
        if self.in_step:
            return min(wanted, self.per_call, BATCHES_IN_STEP)
        seconds = self.program.seconds_per_batch
        # The first calls, of one batch, find out how long it takes; the very first also compiles.
        by_time = 1 if seconds is None else max(1, int(SECONDS_PER_CALL / max(seconds, 1e-9)))
        return min(wanted, by_time, self.per_call)

    def _call(self, batches: np.ndarray, size: int) -> np.ndarray:
        self._commit_if_unknown()
        began = time.perf_counter()
        tensors, padded = self.placed.for_call(batches, size)
        losses, finite = self.program.run(tensors, padded, len(batches), self.l1, self.l2)
        of_batches: np.ndarray = losses.numpy()[: len(batches)]
        shapes = (self.placed.shapes, padded.shape)
        self._measure(time.perf_counter() - began, len(batches), shapes, compiled=size > 1)
        if not np.isfinite(of_batches).all() or not finite.numpy():
            raise NonFiniteLossError("a loss or a weight is not finite")
        return of_batches

    def _measure(self, seconds: float, count: int, shapes: Any, *, compiled: bool) -> None:
        if not compiled:
            return
        program = self.program
        known = program.timed_shapes
        if shapes not in known:  # this call compiled
            known.add(shapes)
            note_programs()
            return
        program.seconds_per_batch = seconds / count

    def _commit_if_unknown(self) -> None:
        """Before the first call after whole epochs, keep what the working memory holds."""
        done, arrays = self.committed
        if arrays is None:
            self.committed = (done, self.program.read())

    def _last_whole_epoch(self) -> MachineState:
        done, arrays = self.committed
        if arrays is None:
            arrays = self.program.read()
        self.done = self.done[:done]
        return self._state(arrays)

    def _state(self, arrays: Any) -> MachineState:
        return MachineState.of(
            arrays,
            epochs=self.start.epochs + len(self.done),
            losses=(*self.start.losses, *self.done),
            path=self.program.path,
            seed=self.start.seed,
            rule=self.program.slots.rule,
        )
