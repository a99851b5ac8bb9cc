"""The functions that work on machines: fit, predict and its kin, transform, inspection, freezing,
snapshots.

Functions are the API; the everyday ones are methods of Machine too. Knows machines. Source:
MLJBase.jl, src/machines.jl and src/operations.jl.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.tables import is_table, table_of, table_out
from mlj_keras.errors import InvalidArgument, UnsupportedOperation
from mlj_keras.machine.given import given_machine, one_machine
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.node import Node
from mlj_keras.machine.record import Record
from mlj_keras.machine.schedule import fit_or_raise
from mlj_keras.machine.state_file import read_state
from mlj_keras.parallel.jobs import check_job_acceleration


def fit(
    mach: Machine | Node,
    *,
    rows: Any = None,
    verbosity: int = 1,
    force: bool = False,
    checkpoint: Any = None,
    acceleration: Any = None,
) -> Any:
    """Train a machine, update it, or leave it as it is, whichever is needed; of a node, or a
    machine that learns from nodes, first all machines that it needs.

    Trains from scratch if it is untrained, forced, or the rows or data are others; updates if
    hyper-parameters changed (more epochs continue training); does nothing if nothing changed, or
    the machine is frozen.

    Args:
        mach: a machine or a node
        rows: positions to train on (ints, slice, range, boolean mask), None for all
        verbosity: 0 silent, 1 says what is done and shows a progress bar for work over a second, 2
            an epoch a line
        force: train from scratch anyway
        checkpoint: a Checkpoint, or the path of a file that is written after every epoch; if it is
            there, an untrained machine goes on from it
        acceleration: of a node: where machines that do not need one another are trained side by
            side: CPU1(), CPUThreads(n), CPUProcesses(n), or a joblib backend by name; None: one
            after the other.
    Returns: mach, the machine or node.
    Raises: RowsError, EmptyData for rows; InvalidModelError; BuilderError; NonFiniteLossError (the
        last whole epoch is kept).
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> mach = mlj.machine(mlj.NeuralNetworkClassifier(epochs=2, rng=1), X, y)
        >>> mlj.fit(mach, rows=range(0, 150, 2), verbosity=0).state
        1

    Source: MLJBase.jl, src/machines.jl, `fit!`.
    """
    if isinstance(mach, Node):
        if checkpoint is not None:
            raise InvalidArgument("A checkpoint is of one machine. Give it to fit(mach, ...).")
        where = check_job_acceleration(acceleration)
        options: Any = {"rows": rows, "force": force, "acceleration": where}
        fit_or_raise(mach.machines, verbosity=verbosity, **options)
        return mach
    if acceleration is not None:
        raise InvalidArgument(
            "acceleration says where the machines of a network are trained side by side, and this "
            "is one machine. Where it trains is a hyper-parameter of its model."
        )
    given_machine(mach, "fit")
    return mach.fit(rows=rows, verbosity=verbosity, force=force, checkpoint=checkpoint)


def predict(mach: Machine, Xnew: Any = None, *, rows: Any = None) -> Any:
    """Predictions: distributions from probabilistic models, values of the target's kind from
    deterministic ones.

    Args:
        mach: trained
        Xnew: new data, columns matched by name
        rows: instead, positions in the bound data; neither: all of it.
    Returns: UnivariateFiniteVector, or a column or table as y came, with the pandas index of the
        data.
    Raises: NotTrainedError; SchemaMismatch, UnseenLevelError, MissingValuesError, NonFiniteError
        for the data.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=0, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.predict(mach, X.iloc[:2]).levels
        ('setosa', 'versicolor', 'virginica')

    Source: MLJBase.jl, src/operations.jl, `predict`.
    """
    return given_machine(mach, "predict").predict(Xnew, rows=rows)


def predict_mode(mach: Machine, Xnew: Any = None, *, rows: Any = None) -> Any:
    """The most probable class of each row; of equals the earlier in the pool.

    Args, Raises: as predict; UnsupportedOperation for deterministic models.
    Returns: a column as y came: kind, name, categories, and the index of the rows.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=0, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.predict_mode(mach, rows=[3, 5]).index.tolist()
        [3, 5]

    Source: MLJBase.jl, src/operations.jl, `predict_mode`.
    """
    return given_machine(mach, "predict_mode").predict_mode(Xnew, rows=rows)


def predict_mean(mach: Machine, Xnew: Any = None, *, rows: Any = None) -> Any:
    """The mean of each predicted distribution.

    Args: as predict. Returns: a column of floats.
    Raises: UnsupportedOperation for classifiers (classes have no mean) and deterministic models.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=0, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.predict_mean(mach)
        Traceback (most recent call last):
        mlj_keras.errors.UnsupportedOperation: Classes have no mean: use predict_mode(mach, Xnew),
        or predict_proba(mach, Xnew).

    Source: MLJBase.jl, src/operations.jl, `predict_mean`.
    """
    return given_machine(mach, "predict_mean").predict_mean(Xnew, rows=rows)


def predict_median(mach: Machine, Xnew: Any = None, *, rows: Any = None) -> Any:
    """The median of each predicted distribution.

    Args, Returns, Raises: as predict_mean.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> model = mlj.NeuralNetworkRegressor(epochs=0, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.predict_median(mach)
        Traceback (most recent call last):
        mlj_keras.errors.UnsupportedOperation: NeuralNetworkRegressor is deterministic: ...

    Source: MLJBase.jl, src/operations.jl, `predict_median`.
    """
    return given_machine(mach, "predict_median").predict_median(Xnew, rows=rows)


@short_tracebacks
def predict_proba(mach: Machine, Xnew: Any = None, *, rows: Any = None) -> Any:
    """Predicted probabilities as a table, a column for each level of the target's pool.

    Args, Raises: as predict; UnsupportedOperation if predictions are no class distributions.
    Returns: a table of the kind of the data (a pandas frame for matrices and images), rows ×
        levels.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=0, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.predict_proba(mach, X).shape
        (150, 3)

    Source: scikit-learn's method of this name; MLJ writes `pdf(predict(mach, X), levels)`.
    """
    distributions = given_machine(mach, "predict_proba").predict(Xnew, rows=rows)
    if not hasattr(distributions, "to_pandas") or not hasattr(distributions, "levels"):
        raise UnsupportedOperation(
            f"{mach.model!r} predicts no class probabilities. Use predict(mach, Xnew)."
        )
    data = Xnew if Xnew is not None else mach.args[0].data
    origin = table_of(data).origin if is_table(data) else None
    if origin is None or origin.kind in ("pandas", "matrix"):
        return distributions.to_pandas()
    names = tuple(map(str, distributions.levels))
    own = dataclasses.replace(origin, labels=())
    return table_out(names, list(distributions.to_numpy().T.copy()), own)


def transform(mach: Machine, Xnew: Any = None, *, rows: Any = None) -> Any:
    """Data transformed by a machine: an unsupervised or static one, or a network with entity
    embeddings.

    Args: as predict. Returns: data of the kind given. Raises: as predict; UnsupportedOperation
        where the model has no transform.
    Example:
        >>> import mlj_keras as mlj
        >>> mach = mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0)
        >>> mlj.transform(mach, [4.0]).tolist()
        [2.0]

    Source: MLJBase.jl, src/operations.jl, `transform`.
    """
    return given_machine(mach, "transform").transform(Xnew, rows=rows)


def inverse_transform(mach: Machine, Xnew: Any) -> Any:
    """Data transformed back.

    Args:
        mach: trained
        Xnew: what transform gave.
    Returns: data of the kind given.
    Raises: NotTrainedError; UnsupportedOperation where the model has no inverse.
    Example:
        >>> import mlj_keras as mlj
        >>> mach = mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0)
        >>> mlj.inverse_transform(mach, [2.0]).tolist()
        [4.0]

    Source: MLJBase.jl, src/operations.jl, `inverse_transform`.
    """
    return given_machine(mach, "inverse_transform").inverse_transform(Xnew)


def report(mach: Machine | Node) -> Record:
    """By-products of training, as attributes: for networks training_losses (the first before
    training), epochs, batch_size, ...

    Args: mach: trained; or a node, for all machines that it needs.
    Returns: Record; of a node: `machines`, and `report_given_machine`, a dict.
    Raises: NotTrainedError.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.report(mach).epochs, len(mlj.report(mach).training_losses)
        (2, 3)

    Source: MLJBase.jl, src/machines.jl, `report`.
    """
    if isinstance(mach, Node):
        reports = {each: each.report() for each in mach.machines}
        return Record(machines=mach.machines, report_given_machine=reports)
    given_machine(mach, "report")
    return mach.report()


def fitted_params(mach: Machine | Node) -> Record:
    """What was learned, as attributes: for networks `network`, a fresh Keras model, and
    `embeddings` where there are factors.

    Args: mach: trained; or a node, for all machines that it needs.
    Returns: Record; of a node: `machines`, and `fitted_params_given_machine`, a dict.
    Raises: NotTrainedError.
    Example:
        >>> import mlj_keras as mlj
        >>> mach = mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0)
        >>> mlj.fitted_params(mach).means
        {'y': 2.0}

    Source: MLJBase.jl, src/machines.jl, `fitted_params`.
    """
    if isinstance(mach, Node):
        learned = {each: each.fitted_params() for each in mach.machines}
        return Record(machines=mach.machines, fitted_params_given_machine=learned)
    given_machine(mach, "fitted_params")
    return mach.fitted_params()


@short_tracebacks
def training_losses(mach: Machine) -> Any:
    """The training loss of each iteration, without the one before training; None for models that
    keep none.

    Args: mach: trained. Returns: (n_epochs,) floats. Raises: NotTrainedError.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.training_losses(mach).shape
        (2,)

    Source: MLJBase.jl, src/machines.jl, `training_losses`.
    """
    one_machine(mach, "training_losses")
    model, outcome = mach.trained("training_losses")
    return model.training_losses(outcome.report)


def feature_importances(mach: Machine) -> Any:
    """Pairs (feature, importance) of models that report them; None for others, networks among
    them.

    Args: mach: trained. Returns: list of pairs, or None. Raises: NotTrainedError.
    Example:
        >>> import mlj_keras as mlj
        >>> mach = mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0)
        >>> mlj.feature_importances(mach) is None
        True

    Source: MLJBase.jl, src/machines.jl, `feature_importances`.
    """
    one_machine(mach, "feature_importances")
    model, outcome = mach.trained("feature_importances")
    return model.feature_importances(outcome.fitresult, outcome.report)


def freeze(mach: Machine) -> Machine:
    """Keep a machine from being trained again, even by force, until `thaw`.

    Args: mach. Returns: mach.
    Example:
        >>> import mlj_keras as mlj
        >>> mlj.freeze(mlj.machine(mlj.Standardizer(), [1.0, 2.0])).frozen
        True

    Source: MLJBase.jl, src/machines.jl, `freeze!`.
    """
    one_machine(mach, "freeze")
    mach.frozen = True
    return mach


def thaw(mach: Machine) -> Machine:
    """Undo `freeze`: the next fit trains or updates if anything differs.

    Args: mach. Returns: mach.
    Example:
        >>> import mlj_keras as mlj
        >>> mlj.thaw(mlj.freeze(mlj.machine(mlj.Standardizer(), [1.0, 2.0]))).frozen
        False

    Source: MLJBase.jl, src/machines.jl, `thaw!`.
    """
    one_machine(mach, "thaw")
    mach.frozen = False
    return mach


@short_tracebacks
def snapshot(mach: Machine) -> Any:
    """What a network machine has learned so far, as an immutable value.

    Args: mach: trained. Returns: MachineState, with read-only arrays, `epochs`, `losses`, `path`.
    Raises: NotTrainedError; UnsupportedOperation for models without such a state.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.snapshot(mach).epochs
        2

    Source: ours.
    """
    one_machine(mach, "snapshot")
    model, outcome = mach.trained("snapshot")
    return model.snapshot(outcome)


@short_tracebacks
def restore(mach: Machine, state: Any) -> Machine:
    """Put a snapshot back: predictions are those of its epoch, and the next fit goes on from
    there.

    Args:
        mach: trained, of the same structure
        state: what `snapshot` gave, or the path of a file that the control Save has written.
    Returns: mach.
    Raises: NotTrainedError; InvalidArgument for a state of another structure; UnsupportedOperation
        for models without; MachineFileError for a file that cannot be read.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=1, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> early = mlj.snapshot(mach)
        >>> model.epochs = 3
        >>> mlj.snapshot(mlj.restore(mlj.fit(mach, verbosity=0), early)).epochs
        1

    Source: ours.
    """
    model, outcome = one_machine(mach, "restore").trained("restore")
    try:
        given = read_state(state) if isinstance(state, str | os.PathLike) else state
        restored, model = model.restore(outcome, given)
    except KeyError as error:
        raise InvalidArgument(
            f"This state belongs to a network of another structure: {error.args[0]}."
        ) from error
    mach.replace_outcome(model, restored)
    return mach
