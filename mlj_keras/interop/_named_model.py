"""A trained network as one Keras model from raw columns, by name, to predictions, by name.

Knows what network models, wrappers and pipelines have learned; writes no files. Source: ours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.composition import Pipeline
from mlj_keras.engine.precision import computing_in
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.interop._raw_columns import (
    RawColumns,
    RawInput,
    behind,
    check_stage,
    label_keys,
    lookup,
    safe_names,
)
from mlj_keras.machine import Machine
from mlj_keras.machine.trained_wrapper import TrainedWrapper

keras = lazy_module("keras")

_WHITE = {"uint8": 255, "uint16": 65535}


@dataclasses.dataclass(frozen=True)
class NamedModel:
    """A Keras model that takes and gives tensors by name, and what the names mean.

    `levels`: of a classifier its classes in the order of the probabilities, as labels are given.
    """

    keras: Any
    inputs: dict[str, RawInput]
    outputs: dict[str, str]  # by name: the target column, or what it is
    levels: list[Any] | None

    def described(self) -> dict[str, Any]:
        """The same in words, as JSON can hold it."""
        inputs = {name: dataclasses.asdict(each) for name, each in self.inputs.items()}
        return {"inputs": inputs, "outputs": self.outputs, "levels": self.levels}


@dataclasses.dataclass(frozen=True)
class _Found:
    """A network model, what it has learned, and the transformers before it, each with what it
    has."""

    model: Any
    fit: Any  # a NetworkFit
    stages: tuple[tuple[Any, Any], ...] = ()


def named_model(mach: Machine) -> NamedModel:
    """The model of a trained machine.

    Raises: NotTrainedError; UnsupportedOperation for what is no single network.
    """
    model, outcome = mach.trained("export")
    found = _found(model, outcome.fitresult)
    columns = RawColumns()
    with computing_in("float32"):
        network = found.model.to_keras(found.fit, finaliser=True, processing=True)
        given = _network_inputs(found, columns)
        outputs, meanings, levels = _named_outputs(found.fit.target, network(given))
        # The layers are in a model of their own, where none can have the name of a column.
        inner = keras.Model(columns.tensors, outputs, name="network.of.columns")
        names = safe_names([each.column or "pixels" for each in columns.inputs])
        inputs = dict(zip(names, columns.inputs, strict=True))
        own = {
            name: keras.Input(each.shape, dtype=each.dtype, name=name)
            for name, each in inputs.items()
        }
        return NamedModel(keras.Model(own, inner(list(own.values()))), inputs, meanings, levels)


def _found(model: Any, fitresult: Any) -> _Found:
    if isinstance(model, TrainedWrapper):
        trained = fitresult.need("export")
        if len(trained.members) > 1:
            raise UnsupportedOperation(
                f"export needs one network, and this {type(model).__name__} predicts the mean of "
                f"{len(trained.members)}. Let it average weights, or keep the best."
            )
        return _found(trained.model, trained.outcome.fitresult)
    if isinstance(model, Pipeline):
        return _found_behind(model, fitresult)
    if hasattr(model, "to_keras") and model.has_operation("predict"):
        return _Found(model, fitresult)
    raise UnsupportedOperation(
        f"export needs a machine that predicts by one network, and {type(model).__name__} is "
        "none. A network inside has its Keras model in fitted_params(mach), or in that of its "
        "part, as network: network.save(path)."
    )


def _found_behind(pipe: Any, network: Any) -> _Found:
    """The network of a pipeline of transformers that ends in it."""
    *before, last = pipe.components
    if pipe.predictor != last or pipe.operation != "predict":
        raise UnsupportedOperation(
            f"export needs a Pipeline that ends in a network, and asks it to predict: this one "
            f"ends in {last!r}, with operation={pipe.operation!r}. Take the network of a part: "
            "fitted_params(mach).<part>.network."
        )
    stages = []
    for name in before:
        check_stage(name, getattr(pipe, name))
        component, outcome = network.machine_of(name).trained("export")
        stages.append((component, outcome.fitresult))
    model, outcome = network.machine_of(last).trained("export")
    found = _found(model, outcome.fitresult)
    return dataclasses.replace(found, stages=(*stages, *found.stages))


def _network_inputs(found: _Found, columns: RawColumns) -> Any:
    """What the network is called with, of new inputs in `columns`."""
    encoder = found.fit.encoder
    if not hasattr(encoder, "pools"):
        dtype = encoder.kind if encoder.kind in _WHITE else "float32"
        pixels = columns.added(RawInput(None, dtype, encoder.shape))
        if dtype == "float32":
            return pixels
        return keras.layers.Rescaling(1 / _WHITE[dtype])(pixels)
    front = behind(columns, found.stages)
    numbers, codes = [], []
    for name in encoder.names:  # inputs in the order of the training columns
        if name in encoder.pools:
            codes.append(front.codes(name, encoder.pools[name]))
        else:
            numbers.append(front.number(name))
    given = [keras.ops.stack(numbers, axis=1)] if numbers else []
    if codes:
        given.append(keras.ops.cast(keras.ops.stack(codes, axis=1), "int32"))
    return given if len(given) > 1 else given[0]


def _named_outputs(
    target: Any, outputs: Any
) -> tuple[dict[str, Any], dict[str, str], list[Any] | None]:
    """(tensors by name, what each is, the levels of a classifier)."""
    if hasattr(target, "levels"):
        if target.binary:
            outputs = keras.ops.concatenate([keras.ops.subtract(1.0, outputs), outputs], axis=1)
        dtype, keys = label_keys(target.levels)
        # argmax is an operation that TensorFlow Lite lacks.
        most = keras.ops.top_k(outputs, 1)[1][:, 0]
        labels = lookup(dtype, keys, invert=True)(keras.ops.cast(most, "int64"))
        meanings = {"probabilities": "of each level", "labels": "the most probable level"}
        return {"probabilities": outputs, "labels": labels}, meanings, keys
    if hasattr(target, "names"):
        names = safe_names(target.names)
        tensors = {name: outputs[:, position] for position, name in enumerate(names)}
        return tensors, dict(zip(names, target.names, strict=True)), None
    return {"prediction": outputs[:, 0]}, {"prediction": "the target"}, None
