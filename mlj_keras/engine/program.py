"""Programs: a network, a loss and an optimiser's rule, compiled once and shared by all who have
the same structure.

What does not change shapes is an input: learning rate, penalty, number of rows and epochs, seed.
Programs are looked up by key and bounded in number. Knows networks, losses and optimisers; nothing
of data or models.
Source: ours; MLJFlux trains eagerly, src/core.jl.
"""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder, check_activation
from mlj_keras.engine.batch_normalisation import counting
from mlj_keras.engine.distribution import Place
from mlj_keras.engine.layers import has_convolution
from mlj_keras.engine.losses import RowLoss, TargetKind, resolve_loss
from mlj_keras.engine.memory import Memory, return_memory
from mlj_keras.engine.networks import Inputs, Network, apply_finaliser, is_seed
from mlj_keras.engine.optimizers import Slots, leaves_untouched, treats_alike
from mlj_keras.engine.parameters import Parameters
from mlj_keras.engine.precision import PRECISIONS, scaled_for
from mlj_keras.engine.tracing import compiled_function, without_stack_traces
from mlj_keras.errors import InvalidModelError
from mlj_keras.models.keys import structural_key
from mlj_keras.optimisers import Optimiser
from mlj_keras.storage.records import storable

tf = lazy_module("tensorflow")

MAX_NETWORKS = 64
MAX_PROGRAMS_PER_NETWORK = 16
# A call takes the row positions of up to this many entries: the length of a call is set by how
# many of its batches are used.
_ENTRIES_PER_CALL = 2**16
_SMALLEST_SHARE = 2**17  # weights of a network


@storable
@dataclasses.dataclass(frozen=True)
class NetworkSpec:
    """All that determines the structure of a network, and where it lives.

    Its key is taken once: what a builder reads of the world is read at a cold fit, and what was
    learned stays with the network of that fit.
    """

    builder: Builder
    inputs: Inputs
    n_out: int
    finaliser: Any
    place: Place
    precision: str = "float32"
    _taken: dict[str, tuple[Any, ...]] = dataclasses.field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def check_stored(self) -> None:
        """Raise ValueError for a precision or finaliser that there is not."""
        if self.precision not in PRECISIONS or self.n_out < 1:
            raise ValueError(f"its network has {self.n_out} outputs in {self.precision!r:.40}")
        if self.finaliser is not None:
            check_activation(self.finaliser)

    def key(self) -> tuple[Any, ...]:
        """Equal keys: the same network."""
        if "key" not in self._taken:
            self.take_key()
        return self._taken["key"]

    def take_key(self) -> None:
        """Take the key anew."""
        finaliser = structural_key(self.finaliser)
        built = (self.builder.key(), self.inputs, self.n_out, finaliser, self.precision)
        key = (*built, self.place)
        self._taken["key"] = key

    def on(self, place: Place) -> NetworkSpec:
        """The same network in this place."""
        moved = dataclasses.replace(self, place=place)
        moved._taken["key"] = (*self.key()[:-1], place)
        return moved

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_taken": {}}  # keys hold identities of this process

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


@dataclasses.dataclass(frozen=True)
class ProgramSpec:
    """All that determines a compiled program besides its network."""

    loss: Any
    kind: TargetKind
    optimiser: Optimiser
    batch_size: int
    penalised: bool
    jit_compile: bool | str  # "auto", True or False


_networks: OrderedDict[Any, Network] = OrderedDict()
_lock = threading.Lock()


def network_for(spec: NetworkSpec) -> Network:
    """The shared network of this structure, built at first need."""
    key, network = spec.key(), known_network(spec)
    if network is None:  # built outside the lock: a builder is the user's code, and may take long
        network = Network(
            spec.builder, spec.inputs, spec.n_out, spec.finaliser, spec.place, spec.precision
        )
        spec.take_key()  # a builder that writes what it reads has another key now: the next one's
        key = spec.key()
    with _lock:
        network = _networks.setdefault(key, network)  # another thread may have been faster
        _networks.move_to_end(key)
        if len(_networks) > MAX_NETWORKS:
            while len(_networks) > MAX_NETWORKS:
                _networks.popitem(last=False)
            return_memory()
        return network


def known_network(spec: NetworkSpec) -> Network | None:
    """The shared network of this structure if it has been built."""
    with _lock:
        return _networks.get(spec.key())


def program_for(network: Network, spec: ProgramSpec) -> Program:
    """The shared program of this network, loss, rule, batch size and path, made at first need."""
    finalised = network.finaliser is None and network.finalised_by is not None
    loss = resolve_loss(spec.loss, spec.kind, network.finaliser, finalised=finalised)
    path = choose_path(network, jit_compile=spec.jit_compile)
    key = (
        loss.key,
        loss.on_logits,
        spec.optimiser.rule_key(),
        spec.batch_size,
        spec.penalised,
        path,
    )
    with network.lock:
        program = network.programs.get(key)
        if program is None:
            program = Program(
                network,
                loss,
                spec.optimiser,
                spec.batch_size,
                penalised=spec.penalised,
                path=path,
            )
            network.programs[key] = program
            while len(network.programs) > MAX_PROGRAMS_PER_NETWORK:
                network.programs.popitem(last=False)
        network.programs.move_to_end(key)
        return program


def choose_path(network: Network, *, jit_compile: bool | str) -> str:
    """The path, xla or graph: XLA wins except for convolutions on a CPU, and cannot compile what
    replicas tell each other within a share.

    Raises: InvalidModelError if XLA is asked for there.
    """
    replicas, cpu = not network.place.alone, "CPU" in network.place.device
    exchanges = replicas and not network.row_wise
    if jit_compile == "auto":
        slow = cpu and has_convolution(network.keras)
        # A compiled share is called for every batch: on a CPU that costs more than a small one.
        slow = slow or (cpu and replicas and network.n_numbers < _SMALLEST_SHARE)
        slow = slow or "TPU" in network.place.device  # its strategy compiles all that it runs
        return "xla" if network.xla and not slow and not exchanges else "graph"
    if jit_compile and exchanges:
        raise InvalidModelError(
            "jit_compile=True is not to be had for layers that mix rows, such as "
            f"BatchNormalization, on {network.place.n_replicas} replicas. Set jit_compile='auto'."
        )
    return "xla" if jit_compile else "graph"


def refused_by_xla(error: Exception) -> bool:
    """True if this is XLA's word that it cannot compile some layer."""
    kinds = (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError)
    return isinstance(error, kinds) and "unsupported operations when trying to compile" in str(
        error
    )


class Program:
    """One compiled run of batches, and the optimiser whose variables are its working memory."""

    def __init__(
        self,
        network: Network,
        loss: RowLoss,
        rule: Optimiser,
        batch_size: int,
        *,
        penalised: bool,
        path: str,
    ) -> None:
        self.network, self.loss, self.batch_size, self.path = network, loss, batch_size, path
        self.penalised, self.rule = penalised, rule
        self.stacked: OrderedDict[Any, Any] = OrderedDict()  # for so many networks at once
        self.stacks = True  # as far as is known
        self.batches_per_call = max(_ENTRIES_PER_CALL // batch_size, 64)
        self.seconds_per_batch: float | None = None  # measured; sizes the calls
        self.timed_shapes: set[Any] = set()  # shapes whose compiling call has been made
        # Every replica gets an equal share; the rest is filled up.
        self.width = -(-batch_size // network.place.n_replicas) * network.place.n_replicas
        self.pads = network.can_be_padded or network.place.n_replicas > 1
        with network.lock, network.place.scope():
            self.optimizer = scaled_for(network.precision, rule.to_keras())
            self.parameters = Parameters(
                network,
                alike=treats_alike(self.optimizer),
                by_rows=leaves_untouched(self.optimizer) and not penalised,
                batch_size=self.width,
            )
            self.slots = Slots(self.optimizer, self.parameters)
        # XLA compiles the whole run, or each replica's share of a batch.
        alone = network.place.alone
        self._share = (
            self._gradients
            if alone or path == "graph"
            else compiled_function(self._gradients, xla=True, static=True)
        )
        static = path == "xla" or not alone
        self.compiled = compiled_function(self._run, xla=alone and path == "xla", static=static)

    def run(self, tensors: Any, batches: Any, count: int, l1: Any, l2: Any) -> tuple[Any, Any]:
        """Train on the first `count` of `batches` (k, batch size); the caller holds the network's
        lock.

        Args:
            tensors: (inputs, target, weights or None), of which the batches are row positions
            l1, l2: the penalty of a batch.
        Returns: (losses (k,) before each step, whether every weight is still finite), tensors.
        """
        self.network.memory = None
        with self.network.place.scope(), without_stack_traces():
            outcome: tuple[Any, Any] = self.compiled(tensors, batches, tf.constant(count), l1, l2)
            return outcome

    def load(self, arrays: Mapping[str, np.ndarray], learning_rate: float | None) -> None:
        """Put a state into the working memory, unless it is there already; the caller holds the
        network's lock."""
        memory = self.network.memory
        with self.network.place.scope():
            self.slots.set_rate(learning_rate)
            if memory is not None and memory.holds(self, arrays):
                return
            self.network.memory = None
            self.network.load(arrays, self.network.fixed_keys)
            self.parameters.load(arrays)
            self.slots.load(arrays)

    def remember(self, state: Any) -> None:
        """The working memory holds this state."""
        self.network.memory = Memory.of(self, state.arrays)

    def read(self) -> dict[str, np.ndarray]:
        """The working memory as arrays of its own."""
        weights = {**self.network.read(self.network.fixed_keys), **self.parameters.read()}
        return {**{key: weights[key] for key in self.network.keys}, **self.slots.read()}

    def _run(
        self, data: tuple[list[Any], Any, Any], batches: Any, count: Any, l1: Any, l2: Any
    ) -> tuple[Any, Any]:
        """Train on the first `count` of `batches`; (losses before each step, whether every weight
        is still finite)."""
        place = self.network.place
        if place.loops_inside:
            losses = place.run(self._loop, (self._step, data, batches, count, l1, l2))
        else:
            step = functools.partial(self._on_replicas, self._step)
            losses = self._loop(step, data, batches, count, l1, l2)
        held = [*self.parameters.tensors(), *self._fixed()]
        finite = [tf.reduce_all(tf.math.is_finite(v)) for v in held if v.dtype.is_floating]
        return losses, tf.reduce_all(tf.stack([True, *finite]))

    def _on_replicas(self, step: Any, *arguments: Any) -> Any:
        return self.network.place.run(step, arguments)

    @staticmethod
    def _loop(step: Any, data: Any, batches: Any, count: Any, l1: Any, l2: Any) -> Any:
        """The losses of the first `count` of `batches`, before each step."""
        size = batches.shape[0] or tf.shape(batches)[0]
        shape = batches.shape[1:-1]  # (n_members,), or ()
        losses = tf.TensorArray(tf.float32, size=size, element_shape=shape)

        def body(i: Any, losses: Any) -> tuple[Any, Any]:
            return i + 1, losses.write(i, step(data, batches[i], l1, l2))

        # Not `for i in tf.range(count)`: XLA would take the count for a constant and compile anew
        # for each.
        _, losses = tf.while_loop(
            lambda i, _: i < count, body, (tf.constant(0), losses), parallel_iterations=1
        )
        return losses.stack()

    def _fixed(self) -> list[Any]:
        """The values of all that is not trained."""
        return [self.network.variables[key].value for key in self.network.fixed_keys]

    def _own_fixed(self) -> list[Any]:
        """The same as a replica gives them to its layers."""
        own = self.network.place.own_seed
        keys = self.network.fixed_keys
        return [own(v) if is_seed(k) else v for k, v in zip(keys, self._fixed(), strict=True)]

    def _step(self, data: tuple[list[Any], Any, Any], rows: Any, l1: Any, l2: Any) -> Any:
        place = self.network.place
        inputs, y, weights = data
        counts = tf.cast(rows >= 0, tf.float32)
        # Padding repeats the first row of the batch, with weight zero: so it reaches no table row
        # that the batch does not.
        rows = tf.where(rows >= 0, rows, rows[0])
        own, mask = place.share(rows), place.share(counts)
        batch = [tf.gather(array, own) for array in inputs]
        truth = tf.gather(y, own)
        factors = mask if weights is None else mask * tf.gather(weights, own)
        learned, fixed = self.parameters.tensors(), self._own_fixed()
        total, scale = tf.reduce_sum(counts), self.optimizer.scale_loss(tf.constant(1.0))
        value, gradients, moved = self._share(
            batch, truth, factors, mask, total, scale, learned, fixed
        )
        for key, before, after in zip(self.network.fixed_keys, fixed, moved, strict=True):
            if after is not before:
                variable = self.network.variables[key]
                if is_seed(key) and not place.alone:  # all replicas keep the same state
                    after = after - (before - variable.value)
                variable.assign(after)
        codes = tf.gather(inputs[-1], rows) if self.parameters.tables else None
        penalty = self._penalty(l1, l2)
        return self.parameters.apply(self.optimizer, gradients, penalty, codes, value)

    def _gradients(
        self,
        batch: list[Any],
        truth: Any,
        factors: Any,
        mask: Any,
        total: Any,
        scale: Any,
        learned: list[Any],
        fixed: list[Any],
    ) -> tuple[Any, list[Any], list[Any]]:
        """What a replica adds to the loss of a batch, its gradients times `scale`, and the fixed
        values after it.

        Args:
            batch, truth, factors, mask: the inputs, target, weights and true rows of its share
            total: the true rows of the whole batch.
        """
        place = self.network.place
        with tf.GradientTape() as tape, counting(mask, place):
            tape.watch(learned)
            given = batch if len(batch) > 1 else batch[0]
            outputs, moved, added = self.network.keras.stateless_call(
                learned, fixed, given, training=True, return_losses=True
            )
            finaliser = None if self.loss.on_logits else self.network.finaliser
            outputs = apply_finaliser(finaliser, outputs)
            by_row = tf.cast(self.loss.function(truth, outputs), tf.float32)
            # A scalar is let through only where it means the same: no weights and no padding
            # (checked before training).
            value = by_row if by_row.shape.rank == 0 else tf.reduce_sum(by_row * factors) / total
            # Every replica adds the same penalties of layers, and the objectives are summed.
            objective = value + tf.add_n(added) / place.n_replicas if added else value
            objective = objective * scale
        return value, tape.gradient(objective, learned), moved

    def _penalty(self, l1: Any, l2: Any) -> Any:
        if not self.penalised:
            return lambda gradient, weights: gradient
        scale = self.optimizer.scale_loss
        return lambda gradient, weights: (
            gradient + scale(l1) * tf.sign(weights) + scale(l2) * weights
        )


def cache_sizes() -> tuple[int, int]:
    """(networks, programs) held now."""
    with _lock:
        return len(_networks), sum(len(network.programs) for network in _networks.values())
