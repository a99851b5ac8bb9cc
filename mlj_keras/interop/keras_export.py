"""`to_keras`: a trained machine as a fresh Keras model, its pre- and post-processing inside.

Knows machines. Source: ours.
"""

from __future__ import annotations

from typing import Any

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.machine import Machine


@short_tracebacks
def to_keras(mach: Machine, *, finaliser: bool = True, processing: bool = True) -> Any:
    """The trained network as a Keras model of its own, which no later training of the machine
    changes.

    Args:
        mach: trained, of a network model
        finaliser: end in softmax or sigmoid for classifiers
        processing: standardise raw numbers inside, and give predictions in the target's own units;
            False: as `fitted_params(mach).network`.
    Returns: a functional keras.Model. Its inputs: numbers (n, p) in the order of the training
        columns, as they are in the table; beside them, if there are factors, codes (n, m), int32,
        the positions of their values in the training levels; for images pixels (n, h, w, c),
        uint8 already divided by 255, uint16 by 65535. Its output: (n, n_out).
    Raises: NotTrainedError; UnsupportedOperation if the model is no network.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=0, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.to_keras(mach)(X.to_numpy()[:2]).shape
        TensorShape([2, 3])

    Source: ours.
    """
    model, outcome = mach.trained("to_keras")
    export = getattr(model, "to_keras", None)
    if export is None:
        raise UnsupportedOperation(
            f"to_keras needs a trained network, and {type(mach.model).__name__} is none. The "
            "network of a part of a composite is fitted_params(mach).<part>.network."
        )
    return export(outcome.fitresult, finaliser=finaliser, processing=processing)
