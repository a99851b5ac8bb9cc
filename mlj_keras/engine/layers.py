"""Facts about Keras layers: which work row by row, which convolve, and what a network ends in.

Knows Keras layers only. Source: ours; the path facts were measured, see the guide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlj_keras._imports import lazy_module

keras = lazy_module("keras")

# Layers whose output for a row depends on that row alone, so that padding a batch changes nothing.
# Anything else, users' own layers included, gets batches of their true size.
_ROW_WISE = frozenset(
    """InputLayer Dense EinsumDense Activation ReLU LeakyReLU PReLU ELU Softmax Dropout
    SpatialDropout1D SpatialDropout2D AlphaDropout GaussianDropout GaussianNoise Embedding Flatten
    Reshape Permute RepeatVector Rescaling Normalization Identity Conv1D Conv2D Conv3D
    SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D Conv1DTranspose Conv2DTranspose
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
    ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D UpSampling1D UpSampling2D LayerNormalization
    GroupNormalization UnitNormalization RMSNormalization Add Subtract Multiply Average Maximum
    Minimum Concatenate Dot LSTM GRU SimpleRNN RNN LSTMCell GRUCell SimpleRNNCell Bidirectional
    TimeDistributed MultiHeadAttention GroupedQueryAttention Attention AdditiveAttention Functional
    Sequential""".split()
)
# The same for what is written on Keras tensors directly, as in `x[:, 0] * 2`.
_ROW_WISE_OPERATIONS = frozenset(
    """Absolute Add Concatenate Cos Divide Elu Exp Expm1 Gelu LeakyRelu Log Log1p LogSoftmax
    Maximum Minimum Multiply Negative Power Relu Sigmoid Silu Sin Softmax Softplus Sqrt Square
    Subtract Tanh TrueDivide""".split()
)
_CONVOLUTIONS = ("Conv", "DepthwiseConv", "SeparableConv")


def is_row_wise(network: Any) -> bool:
    """True if what the network gives for a row does not depend on the other rows."""
    return _is_known(network, _row_wise_layer)


def can_be_padded(network: Any) -> bool:
    """True if rows that fill up a batch cannot change the result for the others, where the
    normalising layers count the true rows."""
    layers = network._flatten_layers()
    # TimeDistributed traces its steps all at once; the mask of an embedding replaces that of rows.
    apart = any(
        isinstance(layer, keras.layers.TimeDistributed) or getattr(layer, "mask_zero", False)
        for layer in layers
    )
    if apart and any(map(_normalises, layers)):
        return False
    return _is_known(network, lambda layer: _row_wise_layer(layer) or _normalises(layer))


def _is_known(network: Any, known: Callable[[Any], bool]) -> bool:
    layers = network._flatten_layers()
    operations = [
        operation
        for layer in layers
        for operation in getattr(layer, "operations", ())
        if not isinstance(operation, keras.layers.Layer)
    ]
    return all(map(known, layers)) and all(map(_row_wise_operation, operations))


def _row_wise_layer(layer: Any) -> bool:
    keras_own = type(layer).__module__.startswith("keras.")
    return (
        keras_own
        and type(layer).__name__ in _ROW_WISE
        and getattr(layer, "activity_regularizer", None) is None
    )


def _normalises(layer: Any) -> bool:
    own = type(layer) is keras.layers.BatchNormalization
    return own and layer.activity_regularizer is None


def _row_wise_operation(operation: Any) -> bool:
    if type(operation).__name__ != "GetItem":
        return type(operation).__name__ in _ROW_WISE_OPERATIONS
    keys = [node.arguments.args[1] for node in operation._inbound_nodes]
    return all(isinstance(key, tuple) and key[0] == slice(None) for key in keys)


def has_convolution(network: Any) -> bool:
    """True if any layer convolves: XLA is then very slow on a CPU."""
    return any(
        type(layer).__name__.startswith(_CONVOLUTIONS) for layer in network._flatten_layers()
    )


def has_recurrence(network: Any) -> bool:
    """True if any layer goes step by step."""
    kinds = (keras.layers.RNN, keras.layers.TimeDistributed, keras.layers.Bidirectional)
    return any(isinstance(layer, kinds) for layer in network._flatten_layers())


def keep_from_cudnn(network: Any, device: str) -> None:
    """Tell the recurrent layers that cuDNN is not for them where there is no GPU to run it, and in
    bfloat16, where it was seen to give NaN. Keras asks only whether the machine has a GPU."""
    for layer in network._flatten_layers():
        if _may_use_cudnn(layer) and ("CPU" in device or layer.compute_dtype == "bfloat16"):
            layer.use_cudnn = False


def uses_cudnn(network: Any) -> bool:
    """True if a layer of a network on a GPU is computed by cuDNN, which XLA cannot compile."""
    return any(map(_may_use_cudnn, network._flatten_layers()))


def _may_use_cudnn(layer: Any) -> bool:
    return (
        isinstance(layer, keras.layers.LSTM | keras.layers.GRU)
        and layer.use_cudnn in (True, "auto")
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and layer.use_bias
        and not layer.unroll
        and not layer.recurrent_dropout
        and getattr(layer, "reset_after", True)
    )


def ends_in(network: Any) -> str | None:
    """ "softmax" or "sigmoid" if that is the last thing the network does, else None."""
    operation = network.outputs[0]._keras_history.operation
    # A subclassed model has no outputs of its own that could be looked into.
    while isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
        operation = operation.outputs[0]._keras_history.operation
    if type(operation).__name__ in ("Softmax", "Sigmoid"):
        return type(operation).__name__.lower()
    name = getattr(getattr(operation, "activation", None), "__name__", None)
    return name if name in ("softmax", "sigmoid") else None
