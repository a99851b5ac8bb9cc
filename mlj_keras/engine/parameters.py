"""The trainable weights as an optimiser holds them: one by one, many as one vector, or by rows.

An optimiser that treats every number alike makes fewer and cheaper kernels of one long vector
than of many small arrays; and of a large lookup table a batch moves only the rows that it holds.
Knows networks and Keras variables; nothing of data or models.
Source: ours; the rows are moved as LazyAdam of TensorFlow Addons and SparseAdam of PyTorch do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.distribution import Place
from mlj_keras.engine.memory import read_value
from mlj_keras.engine.networks import Network

keras = lazy_module("keras")
tf = lazy_module("tensorflow")

# Measured: up to here a vector saves more in kernels than it costs in copies.
_LARGEST_VECTOR = 2**15
# A table of this many numbers or more is moved by rows.
_SMALLEST_TABLE = 2**16
# Repeated rows of a batch are found by comparing each with each.
_LARGEST_BATCH = 1024


class Parameter:
    """One variable that the optimiser moves, and the weights of the network that it stands for."""

    def __init__(self, keys: Sequence[str], variable: Any) -> None:
        self.keys, self.variable = tuple(keys), variable

    def tensors(self) -> list[Any]:
        """The weights, as the network takes them."""
        return [self.variable.value]

    def gradient(self, gradients: Sequence[Any]) -> Any:
        """The gradient of `variable` from those of the weights; None where there is none."""
        return None if gradients[0] is None else tf.convert_to_tensor(gradients[0])

    def keep_unmoved(self, gradients: Sequence[Any], before: Any) -> None:
        """Put back the weights without a gradient, once the optimiser was here."""

    def storage(self, slot: Any) -> Any:
        """The variable that keeps a slot of the optimiser between batches."""
        return slot

    def pack(self, arrays: Mapping[str, np.ndarray], prefix: str = "") -> np.ndarray:
        """The value of `variable`, or of a slot of it, from the arrays of a state."""
        return arrays[prefix + self.keys[0]]

    def unpack(self, value: np.ndarray, prefix: str = "") -> dict[str, np.ndarray]:
        """The arrays of a state, from the value of `variable` or of a slot of it."""
        return {prefix + self.keys[0]: value}


class VectorParameter(Parameter):
    """Weights of several variables end to end in one vector.

    Args: keys: of the variables · shapes: by key · stack: (n_members,) for weights of several
        networks of one structure, a vector each, whose arrays are stacked; () for one.
    """

    def __init__(
        self,
        keys: Sequence[str],
        shapes: Mapping[str, tuple[int, ...]],
        *,
        stack: tuple[int, ...] = (),
    ) -> None:
        self._shapes = {key: (*stack, *shapes[key]) for key in keys}
        self._sizes = [int(np.prod(shapes[key])) for key in keys]
        self._flat = (*stack, -1)
        zeros = np.zeros((*stack, sum(self._sizes)), np.float32)
        super().__init__(keys, keras.Variable(zeros, name="vector"))

    def tensors(self) -> list[Any]:
        """The weights, cut out of the vector."""
        pieces = tf.split(self.variable.value, self._sizes, axis=-1)
        shapes = self._shapes.values()
        return [tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def gradient(self, gradients: Sequence[Any]) -> Any:
        """The gradients end to end; zeros for weights that the loss does not depend on."""
        if all(gradient is None for gradient in gradients):
            return None
        pieces = [
            tf.reshape(tf.zeros(shape) if gradient is None else gradient, self._flat)
            for gradient, shape in zip(gradients, self._shapes.values(), strict=True)
        ]
        return tf.concat(pieces, -1)

    def keep_unmoved(self, gradients: Sequence[Any], before: Any) -> None:
        """Weights without a gradient are none of the optimiser's, so neither of its decay."""
        if all(gradient is not None for gradient in gradients):
            return
        old, new = (tf.split(v, self._sizes, axis=-1) for v in (before, self.variable.value))
        pairs = zip(gradients, old, new, strict=True)
        self.variable.assign(tf.concat([was if g is None else now for g, was, now in pairs], -1))

    def pack(self, arrays: Mapping[str, np.ndarray], prefix: str = "") -> np.ndarray:
        """The arrays end to end."""
        return np.concatenate(
            [np.reshape(arrays[prefix + key], self._flat) for key in self.keys], axis=-1
        )

    def unpack(self, value: np.ndarray, prefix: str = "") -> dict[str, np.ndarray]:
        """The pieces of the vector, in their shapes."""
        pieces = np.split(value, np.cumsum(self._sizes)[:-1], axis=-1)
        return {
            prefix + key: piece.reshape(shape)
            for (key, shape), piece in zip(self._shapes.items(), pieces, strict=True)
        }


class TableParameter(Parameter):
    """A large lookup table, of which the optimiser holds only the rows of the batch at hand.

    Rows that are in no batch stay as they are, moments included: momentum does not move them on.
    """

    def __init__(self, key: str, table: Any, column: int, batch_size: int) -> None:
        self.table, self.column = table, column
        rows = np.zeros((batch_size, table.shape[1]), np.float32)
        super().__init__((key,), keras.Variable(rows, name=f"rows_{column}"))
        self._tables = [(self.variable, table)]

    def tensors(self) -> list[Any]:
        """The whole table."""
        return [self.table.value]

    def storage(self, slot: Any) -> Any:
        """A table for this slot of the rows; what a fresh slot holds is the same everywhere."""
        start = np.full(self.table.shape, slot.numpy().flat[0], np.float32)
        kept = keras.Variable(start, name=f"{slot.name}_table")
        self._tables.append((slot, kept))
        return kept

    def take(self, codes: Any) -> Any:
        """Put the rows of a batch into the optimiser's hands; returns which rows."""
        rows = codes[:, self.column]
        for held, table in self._tables:
            held.assign(tf.gather(table.value, rows))
        return rows

    def row_gradient(self, slices: Any, rows: Any, place: Place) -> Any:
        """The gradient of each row in hand: rows that are held twice get the sum, both times."""
        n_rows, width = self.variable.shape
        same = rows[:, None] == rows[None, :]
        first = tf.reduce_min(tf.where(same, tf.range(n_rows), n_rows), axis=1)
        values = tf.reshape(place.joined(slices.values), (n_rows, width))
        sums = tf.math.unsorted_segment_sum(values, first, n_rows)
        return tf.gather(sums, first)

    def put_back(self, rows: Any) -> None:
        """Write the rows in hand into the tables."""
        for held, table in self._tables:
            table.value.scatter_update(tf.IndexedSlices(held.value, rows))


class Parameters:
    """All trainable weights of a network, as one program's optimiser holds them.

    Args:
        network: whose weights they are
        alike: the optimiser treats every number alike
        by_rows: nothing but its own gradient moves a number, neither decay nor penalty, so that
            large tables may be moved by the rows of the batch
        batch_size: rows of a batch.
    """

    def __init__(self, network: Network, *, alike: bool, by_rows: bool, batch_size: int) -> None:
        self.network = network
        shapes = network.shapes()
        tables = {}
        if by_rows and network.can_be_padded and batch_size <= _LARGEST_BATCH:
            tables = {
                key: column
                for column, key in enumerate(network.embedding_keys())
                if key in network.trainable_keys and np.prod(shapes[key]) >= _SMALLEST_TABLE
            }
        rest = [key for key in network.trainable_keys if key not in tables]
        variables = [network.variables[key] for key in rest]
        plain = all(v.dtype == "float32" and v.constraint is None for v in variables)
        small = sum(int(np.prod(shapes[key])) for key in rest) <= _LARGEST_VECTOR
        self.tables = [
            TableParameter(key, network.variables[key], column, batch_size)
            for key, column in tables.items()
        ]
        self.others: list[Parameter]
        if alike and plain and small and len(rest) > 1:
            self.others = [VectorParameter(rest, shapes)]
        else:
            self.others = [Parameter((key,), network.variables[key]) for key in rest]

    @property
    def all(self) -> list[Parameter]:
        """Every parameter."""
        return [*self.tables, *self.others]

    @property
    def variables(self) -> list[Any]:
        """What the optimiser is built for."""
        return [parameter.variable for parameter in self.all]

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Assign the weights."""
        for table in self.tables:
            table.table.assign(arrays[table.keys[0]])
        for parameter in self.others:
            parameter.variable.assign(parameter.pack(arrays))

    def read(self) -> dict[str, np.ndarray]:
        """The weights as arrays of their own."""
        arrays = {table.keys[0]: read_value(table.table) for table in self.tables}
        for parameter in self.others:
            arrays.update(parameter.unpack(read_value(parameter.variable)))
        return arrays

    def tensors(self) -> list[Any]:
        """The weights in the order of the network's trainable variables, inside a program."""
        found = {
            key: tensor
            for parameter in self.all
            for key, tensor in zip(parameter.keys, parameter.tensors(), strict=True)
        }
        return [found[key] for key in self.network.trainable_keys]

    def apply(
        self, optimizer: Any, gradients: Sequence[Any], penalty: Any, codes: Any, value: Any
    ) -> Any:
        """One step of the optimiser, inside a program.

        Args:
            gradients: of this replica's share, in the order of the network's trainable variables
            penalty: (gradient, weights) → the gradient of the penalised objective
            codes: those of the whole batch, for the tables
            value: the loss of this replica's share.
        Returns: the loss of the whole batch.
        """
        place = self.network.place
        found = dict(zip(self.network.trainable_keys, gradients, strict=True))
        rows = [table.take(codes) for table in self.tables]
        pairs = [
            (table.row_gradient(found[table.keys[0]], held, place), table.variable)
            for table, held in zip(self.tables, rows, strict=True)
        ]
        own = [[found[key] for key in parameter.keys] for parameter in self.others]
        before = [tf.identity(parameter.variable.value) for parameter in self.others]
        pieces = zip(self.others, own, strict=True)
        shares = [parameter.gradient(given) for parameter, given in pieces]
        value, *sums = place.sums([value, *(share for share in shares if share is not None)])
        for parameter, weights, share in zip(self.others, before, shares, strict=True):
            if share is not None:
                pairs.append((penalty(sums.pop(0), weights), parameter.variable))
        if pairs:
            optimizer.apply([g for g, _ in pairs], [v for _, v in pairs])
        for parameter, weights, given in zip(self.others, before, own, strict=True):
            parameter.keep_unmoved(given, weights)
        for table, held in zip(self.tables, rows, strict=True):
            table.put_back(held)
        return value
