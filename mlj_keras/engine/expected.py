"""What a network would hold, before anything is made that takes room: to check what was stored.

Knows networks and their keys. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlj_keras.engine.network_making import without_values
from mlj_keras.engine.networks import _keys, _variables, assemble
from mlj_keras.engine.program import NetworkSpec, known_network

Shapes = Mapping[str, tuple[tuple[int, ...], str]]


def expected_shapes(spec: NetworkSpec) -> Shapes:
    """(shape, dtype) of every variable of a network by key; no variable is made.

    Raises: BuilderError for a builder that makes no network.
    Example:
        >>> from mlj_keras.builders.entity_embedding import TabularInputs
        >>> from mlj_keras.builders import Linear
        >>> from mlj_keras.engine.distribution import place_of
        >>> spec = NetworkSpec(Linear(), TabularInputs((None, None)), 3, None, place_of(None))
        >>> expected_shapes(spec)["layers/1/kernel"]
        ((2, 3), 'float32')

    Source: ours.
    """
    known = known_network(spec)
    if known is not None:
        return {
            key: (tuple(variable.shape), str(variable.dtype))
            for key, variable in known.variables.items()
        }
    with without_values():
        network = assemble(spec.builder, spec.inputs, spec.n_out, spec.precision)
        pairs = zip(_keys(network), _variables(network), strict=True)
        return {key: (tuple(v.shape), str(v.dtype)) for key, v in pairs}


def check_arrays(spec: NetworkSpec, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError, naming the variable, unless arrays are those that the network and an
    optimiser of it have."""
    learned = {key: array for key, array in arrays.items() if not key.startswith("slots/")}
    factors = getattr(spec.inputs, "columns", ())
    n_layers = spec.builder.n_layers() + sum(column is not None for column in factors)
    if n_layers > len(learned):  # a few numbers can ask for very many layers
        raise ValueError(f"its network has {n_layers} layers, and {len(learned)} variables")
    wanted = expected_shapes(spec)
    unlike = sorted(set(wanted) ^ set(learned))
    if unlike:
        what = "lacks" if unlike[0] in wanted else "has, and its network has not,"
        raise ValueError(f"its state {what} the variable {unlike[0]!r:.80}")
    for key, (shape, dtype) in wanted.items():
        found = learned[key]
        if found.shape != shape or found.dtype.name != dtype:
            raise ValueError(
                f"the variable {key!r} has the shape {found.shape} and dtype {found.dtype}, and "
                f"its network needs {shape} and {dtype}"
            )
    for key in set(arrays) - set(learned):
        _, name, owner = [*key.split("/", 2), ""][:3]
        if not name or (owner and owner not in wanted):
            raise ValueError(f"its state has the slot {key!r:.80}, which is of no variable")
