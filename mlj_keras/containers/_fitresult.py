"""`NetworkFit`: all that a trained container needs to predict, as plain data.

Source: MLJFlux.jl, src/mlj_model_interface.jl (there: a tuple of chain, levels, encodings and
names).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.containers._image_encoder import ImageEncoder
from mlj_keras.containers._table_encoder import TableEncoder
from mlj_keras.containers._targets import Target
from mlj_keras.data.tables import is_table, table_of
from mlj_keras.engine.expected import check_arrays
from mlj_keras.engine.networks import Network, assemble, check_shapes, learned_values
from mlj_keras.engine.prediction import predict_arrays
from mlj_keras.engine.program import NetworkSpec, network_for
from mlj_keras.engine.state import MachineState
from mlj_keras.storage.records import storable


def read_inputs(X: Any) -> Any:
    """Tables as inner tables, read once; anything else, images too, as it is."""
    return table_of(X) if is_table(X) else X


@storable
@dataclasses.dataclass(frozen=True)
class NetworkFit:
    """State, encoders and the specification of the network that they belong to.

    `_bound` is no part of what was learned: the weights as tensors, and the names of columns that
    were warned of.
    """

    state: MachineState
    encoder: TableEncoder | ImageEncoder
    target: Target
    spec: NetworkSpec
    _bound: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    def outputs(self, X: Any) -> np.ndarray:
        """The finalised outputs of the network (n, n_out), float32, for data as the user gives
        them."""
        network, weights = self._bind()
        return predict_arrays(network, weights, self._encoded(X))

    def _encoded(self, X: Any) -> tuple[np.ndarray, ...]:
        if isinstance(self.encoder, ImageEncoder):
            return self.encoder.encode(X)
        return self.encoder.encode(X, self._bound.setdefault("warned", set()))

    def predict(self, X: Any) -> Any:
        """Predictions of the target's kind, with the pandas index of X if both have one."""
        inner = read_inputs(X)
        outputs = self.outputs(inner)
        return self.target.decode(outputs, getattr(inner, "index", None))

    def _bind(self) -> tuple[Network, Any]:
        """The shared network, and this fit's weights as tensors; kept after the first use, and no
        part of a copy."""
        found = self._bound.get("weights")
        if found is None:
            network = network_for(self.spec)
            check_shapes(network.shapes(), self.state.arrays)
            found = self._bound["weights"] = (
                network,
                network.tensors(self.state.prediction_arrays()),
            )
        return found

    def network(self, *, finaliser: bool = True) -> Any:
        """A fresh Keras model with the learned weights: encoded inputs in, finalised outputs
        out."""
        return learned_values(
            assemble(self.spec.builder, self.spec.inputs, self.spec.n_out, self.spec.precision),
            self.state.prediction_arrays(),
            network_for(self.spec).finaliser if finaliser else None,
        )

    def embeddings(self) -> dict[str, np.ndarray]:
        """The learned table (n_levels, width) of each factor, by column name."""
        if not isinstance(self.encoder, TableEncoder) or not self.encoder.pools:
            return {}
        arrays = self.state.prediction_arrays()
        keys = network_for(self.spec).embedding_keys()
        return {
            name: np.array(arrays[key]) for name, key in zip(self.encoder.pools, keys, strict=True)
        }

    def probe(self) -> np.ndarray:
        """The outputs (1, n_out), float32, for a row of zeros: what tells a network from another,
        or from the same in another version of Keras. Nothing is compiled."""
        network = network_for(self.spec)
        trainable, fixed = network.tensors(self.state.prediction_arrays())
        inputs = [np.zeros((1, *t.shape[1:]), t.dtype) for t in network.keras.inputs]
        given = inputs if len(inputs) > 1 else inputs[0]
        outputs, _ = network.keras.stateless_call(trainable, fixed, given, training=False)
        return np.asarray(outputs, dtype=np.float32)

    def check_stored(self) -> None:
        """Raise ValueError unless the parts belong together."""
        if self.spec.inputs != self.encoder.inputs or self.spec.n_out != self.target.n_out:
            raise ValueError("its network takes or gives other data than its encoders")
        check_arrays(self.spec, self.state.arrays)

    def __getstate__(self) -> dict[str, Any]:
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name != "_bound"
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in {**state, "_bound": {}}.items():
            object.__setattr__(self, name, value)
