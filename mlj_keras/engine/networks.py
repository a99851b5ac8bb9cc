"""Networks: assembled from a builder, keyed by position, with initial values drawn from named
streams, and compiled for prediction.

A `Network` is shared by every machine of the same structure; its variables are working memory,
never anyone's learned state. Knows builders and Keras; nothing of data or models. Source:
MLJFlux.jl, src/mlj_model_interface.jl (`build`, `shape`).
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder
from mlj_keras.builders.entity_embedding import EMBEDDING_NAME
from mlj_keras.engine.batch_normalisation import count_rows
from mlj_keras.engine.distribution import Place
from mlj_keras.engine.layers import (
    can_be_padded,
    ends_in,
    is_row_wise,
    keep_from_cudnn,
    uses_cudnn,
)
from mlj_keras.engine.memory import Memory, read_value
from mlj_keras.engine.network_making import (
    check_size,
    plain_words,
    told_of_the_network,
    values_put_off,
)
from mlj_keras.engine.precision import at_least_float32, computing_in
from mlj_keras.engine.tracing import without_stack_traces
from mlj_keras.errors import BuilderError
from mlj_keras.rng import derive_seed, stream

keras = lazy_module("keras")
tf = lazy_module("tensorflow")

_LARGEST_KEPT = 10**6  # numbers of a draw of initial values
_SEED_STATE = "seed_generator_state"
_generator = threading.RLock()  # of Python's own generator


class Inputs(Protocol):
    """What a network starts from: `TabularInputs` or `ImageInputs`."""

    def tensors(self) -> tuple[list[Any], Any]:
        """The Keras inputs, and the one tensor that the builder gets."""


class Network:
    """A Keras network of one structure, its variables by position, and its compiled prediction."""

    def __init__(
        self,
        builder: Builder,
        inputs: Inputs,
        n_out: int,
        finaliser: Any,
        place: Place,
        precision: str = "float32",
    ) -> None:
        self.place, self.precision = place, precision
        self.lock = threading.RLock()
        self.memory: Memory | None = None  # what its variables hold
        with place.scope():
            self.keras, self._initialisers = _assemble_deferred(builder, inputs, n_out, precision)
        keep_from_cudnn(self.keras, place.device)
        self.keys = _keys(self.keras)
        self.variables = dict(zip(self.keys, _variables(self.keras), strict=True))
        self.trainable_keys = tuple(self._key_of(v) for v in self.keras.trainable_variables)
        self.fixed_keys = tuple(self._key_of(v) for v in self.keras.non_trainable_variables)
        self.finalised_by = ends_in(self.keras)
        # A network that ends in the finaliser already gets no second one.
        self.finaliser = (
            None if self.finalised_by is not None and finaliser == self.finalised_by else finaliser
        )
        # Whether XLA can compile it, as far as is known: it may yet say that it cannot.
        self.xla = not uses_cudnn(self.keras)
        self.said = False  # that no second finaliser is added
        self.row_wise = is_row_wise(self.keras)
        self.can_be_padded = can_be_padded(self.keras)
        if self.can_be_padded or not place.alone:
            count_rows(self.keras)
        self.programs: OrderedDict[Any, Any] = OrderedDict()  # the least used first
        # Folds and candidates of one seed begin alike: the last draw is kept.
        self._drawn: tuple[int, dict[str, np.ndarray]] | None = None
        self._predict: dict[bool, Any] = {}
        self.rows_at_once = _rows_at_once(self.keras)

    def _key_of(self, variable: Any) -> str:
        return next(key for key, other in self.variables.items() if other is variable)

    def embedding_keys(self) -> list[str]:
        """The keys of the tables of the embedding front, in the order of the factors."""
        front = [layer for layer in self.keras.layers if layer.name.startswith(EMBEDDING_NAME)]
        front.sort(key=lambda layer: int(layer.name.removeprefix(EMBEDDING_NAME)))
        return [self._key_of(layer.embeddings) for layer in front]

    def initial_arrays(self, seed: int, builder: Builder) -> dict[str, np.ndarray]:
        """Fresh values of every variable: each initialiser replayed with a seed of its own, drawn
        from `seed`."""
        with self.lock:
            if self._drawn is None or self._drawn[0] != seed:
                self._drawn = (seed, self._draw(seed))
            arrays = dict(self._drawn[1])
            if sum(array.size for array in arrays.values()) > _LARGEST_KEPT:
                self._drawn = None
        given = builder.initial_weights()
        if given is not None:
            last = [self._key_of(v) for v in self.keras.weights][-len(given) :] if given else []
            for key, value in zip(last, given, strict=True):
                if np.shape(value) != arrays[key].shape:
                    raise BuilderError(
                        f"initial_weights gives {key} the shape {np.shape(value)}, and the "
                        "network "
                        f"has {arrays[key].shape} there. Give the weights in Keras' order."
                    )
                arrays[key] = np.asarray(value, dtype=arrays[key].dtype)
        return arrays

    def _draw(self, seed: int) -> dict[str, np.ndarray]:
        arrays = {}
        with _seeded_python(derive_seed(seed, "init")), tf.device(self.place.device):
            for position, key in enumerate(self.keys):
                array = _initial_value(
                    self._initialisers[key],
                    self.variables[key],
                    derive_seed(seed, "init", position),
                )
                array.flags.writeable = False
                arrays[key] = array
        return arrays

    @property
    def n_numbers(self) -> int:
        """How many weights are trained."""
        return sum(int(np.prod(self.variables[key].shape)) for key in self.trainable_keys)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every variable, by key."""
        return {key: tuple(variable.shape) for key, variable in self.variables.items()}

    def load(self, arrays: Mapping[str, np.ndarray], keys: Iterable[str]) -> None:
        """Assign values to the variables of these keys."""
        for key in keys:
            self.variables[key].assign(arrays[key])

    def read(self, keys: Iterable[str]) -> dict[str, np.ndarray]:
        """The values of the variables of these keys, as arrays of their own."""
        return {key: read_value(self.variables[key]) for key in keys}

    def tensors(self, arrays: Mapping[str, np.ndarray]) -> tuple[list[Any], list[Any]]:
        """(trainable, fixed) values as tensors, in the order that `predict` wants."""
        with tf.device(self.place.device):
            trainable = [tf.constant(arrays[key]) for key in self.trainable_keys]
            return trainable, [tf.constant(arrays[key]) for key in self.fixed_keys]

    @property
    def predict(self) -> Any:
        """The compiled pure function (trainable, fixed, inputs) → finalised outputs; one trace for
        any number of rows."""
        return self._compiled(self.finaliser)

    @property
    def predict_raw(self) -> Any:
        """The same without the finaliser."""
        return self._compiled(None)

    def _compiled(self, finaliser: Any) -> Any:
        found = self._predict.get(finaliser is None)
        if found is None:
            with self.lock:
                found = self._predict.setdefault(
                    finaliser is None, self._compile_predict(finaliser)
                )
        return found

    def _compile_predict(self, finaliser: Any) -> Any:
        signature = (
            [
                tf.TensorSpec(self.variables[k].shape, self.variables[k].dtype)
                for k in self.trainable_keys
            ],
            [
                tf.TensorSpec(self.variables[k].shape, self.variables[k].dtype)
                for k in self.fixed_keys
            ],
            [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self.keras.inputs],
        )

        def predict(trainable: list[Any], fixed: list[Any], inputs: list[Any]) -> Any:
            given = inputs if len(inputs) > 1 else inputs[0]
            outputs, _ = self.keras.stateless_call(trainable, fixed, given, training=False)
            return apply_finaliser(finaliser, outputs)

        compiled = tf.function(predict, input_signature=signature, autograph=False)
        # TensorFlow counts traces by line of code, and would warn of every sixth network.
        compiled._omit_frequent_tracing_warning = True
        with without_stack_traces(), told_of_the_network():
            # A call of the concrete function takes half the time of `compiled`.
            return compiled.get_concrete_function()


def apply_finaliser(finaliser: Any, outputs: Any) -> Any:
    """The outputs, at least float32, through a finaliser: None leaves them as they are."""
    outputs = at_least_float32(outputs)
    if finaliser is None:
        return outputs
    return keras.activations.get(finaliser)(outputs)


def check_shapes(shapes: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Raise BuilderError if a network has other variables than those that were learned."""
    own = {key: tuple(shape) for key, shape in shapes.items()}
    learned = {key: a.shape for key, a in arrays.items() if not key.startswith("slots/")}
    if own != learned:
        raise BuilderError(
            "The builder makes another network now than when this machine was trained: something "
            "that it reads has changed. Put it back, or fit with force=True."
        )


def learned_values(network: Any, arrays: Mapping[str, np.ndarray], finaliser: Any) -> Any:
    """A fresh Keras model given these values, and a finaliser as its last layer if there is
    one."""
    check_shapes(
        {k: v.shape for k, v in zip(_keys(network), _variables(network), strict=True)}, arrays
    )
    put_values(network, arrays)
    if finaliser is None:
        finaliser = "linear"
    if finaliser == "linear" and network.output.dtype not in ("bfloat16", "float16"):
        return network
    last = keras.layers.Activation(finaliser, dtype="float32", name="finaliser")
    outputs = last(network.output)
    return keras.Model(network.inputs if len(network.inputs) > 1 else network.inputs[0], outputs)


def put_values(network: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Give a Keras model that `assemble` has made the values of a state."""
    for key, variable in zip(_keys(network), _variables(network), strict=True):
        variable.assign(arrays[key])


def values_of(network: Any) -> dict[str, np.ndarray]:
    """The values of a Keras model that `assemble` has made, as arrays of their own."""
    pairs = zip(_keys(network), _variables(network), strict=True)
    return {key: read_value(variable) for key, variable in pairs}


def assemble(builder: Builder, inputs: Inputs, n_out: int, precision: str = "float32") -> Any:
    """A fresh functional Keras model: inputs, embedding front if any, and what the builder adds.

    Args:
        precision: the dtype policy of layers that state none of their own.
    Raises: BuilderError if the builder raises, or returns anything but a Keras tensor of shape
        (None, n_out).
    """
    name = type(builder).__name__
    rng = stream(0, "structure")
    with _seeded_python(0), computing_in(precision):  # the embedding front draws from it, too
        tensors, features = inputs.tensors()
        try:
            outputs = builder.build(features, n_out, rng)
        except (
            Exception
        ) as error:  # whatever the user's code raises becomes one kind of error, with its cause
            raise BuilderError(
                f"The builder {builder!r} raised {type(error).__name__} for inputs of shape "
                f"{tuple(features.shape)} and n_out={n_out}: {plain_words(error)}. Correct its "
                "build method, or the shape it expects."
            ) from error
    if not isinstance(outputs, keras.KerasTensor):
        raise BuilderError(
            f"{name}.build must return a Keras tensor, got {type(outputs).__name__}. "
            "Call the last layer on the tensor and return what comes out."
        )
    if tuple(outputs.shape) != (None, n_out):
        raise BuilderError(
            f"The network of {name} has the wrong output shape: {tuple(outputs.shape)} where "
            f"(None, {n_out}) is needed. End it with a Dense(n_out) layer on flat inputs."
            + (" For an output a class take NeuralNetworkClassifier." if n_out == 1 else "")
        )
    try:
        return keras.Model(tensors if len(tensors) > 1 else tensors[0], outputs)
    except ValueError as error:
        raise BuilderError(
            f"The output of {name}.build is not connected to its inputs: {plain_words(error)}. "
            "Start from the tensor that build is given."
        ) from error


def _assemble_deferred(
    builder: Builder, inputs: Inputs, n_out: int, precision: str
) -> tuple[Any, dict[str, Any]]:
    """The network, and the initialiser of each variable: a stateless scope puts initialising off,
    so that they can be read."""
    with values_put_off():
        network = assemble(builder, inputs, n_out, precision)
        variables = _variables(network)
        check_size(variables, builder=type(builder).__name__)
        initialisers = [getattr(variable, "_initializer", None) for variable in variables]
        twin = assemble(builder, inputs, n_out, precision)
        again = {id(variable) for variable in _variables(twin)}
    shared = [variable for variable in variables if id(variable) in again]
    if shared:
        raise BuilderError(
            f"{type(builder).__name__}.build returned layers that existed before "
            f"({shared[0].path}): every call must build anew. Make the layers inside build, or "
            "give a keras.Model itself as the builder."
        )
    return network, dict(zip(_keys(network), initialisers, strict=True))


def _variables(network: Any) -> list[Any]:
    """Every variable of the network once, layer by layer."""
    seen: dict[int, Any] = {}
    for layer in network.layers:
        for variable in layer.variables:
            seen.setdefault(id(variable), variable)
    return list(seen.values())


def _keys(network: Any) -> tuple[str, ...]:
    """Positional names, `layers/<index>/<variable>`: Keras' own names are counters of the
    process."""
    keys: list[str] = []
    seen: set[int] = set()
    for index, layer in enumerate(network.layers):
        for variable in layer.variables:
            if id(variable) in seen:
                continue
            seen.add(id(variable))
            key = base = f"layers/{index}/{variable.name}"
            count = 1
            while key in keys:
                count += 1
                key = f"{base}_{count}"
            keys.append(key)
    return tuple(keys)


def is_seed(key: str) -> bool:
    """True for the generator of a random layer: (seed, counter)."""
    return key.rpartition("/")[2].startswith(_SEED_STATE)


def _initial_value(initialiser: Any, variable: Any, seed: int) -> np.ndarray:
    if variable.name == _SEED_STATE:
        return np.array([seed % 2**31, 0], dtype=variable.dtype)
    if initialiser is None:
        return np.array(variable.numpy())
    if type(initialiser) is keras.initializers.Zeros:  # what Keras does for it takes its time
        return np.zeros(tuple(variable.shape), variable.dtype)
    if isinstance(initialiser, keras.initializers.Initializer):
        config = initialiser.get_config()
        if "seed" in config:
            initialiser = type(initialiser).from_config({**config, "seed": seed % 2**31})
    return np.array(initialiser(tuple(variable.shape), dtype=variable.dtype))


@contextmanager
def _seeded_python(seed: int) -> Iterator[None]:
    """Python's own generator seeded, and given back as it was: Keras draws the seeds of unseeded
    layers from it. One thread at a time: there is one generator for all."""
    with _generator:
        before = random.getstate()
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(before)


def _rows_at_once(network: Any) -> int:
    """How many rows to predict in one call, so that the widest layer takes about 32 MB."""
    shapes: Sequence[Any] = [
        tensor.shape[1:]
        for layer in network.layers
        for tensor in keras.tree.flatten(layer.output)
        if tensor is not None
    ]
    widest = max(int(np.prod([n or 1 for n in shape], dtype=np.int64)) for shape in shapes)
    return int(min(max(2**23 // max(widest, 1), 64), 2**16))
