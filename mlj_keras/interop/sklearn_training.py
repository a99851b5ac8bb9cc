"""Training behind an estimator: once, or onward on other data; and what is kept of it.

Knows machines; nothing of scikit-learn. Source: ours.
"""

from __future__ import annotations

import copy
from typing import Any

from mlj_keras.errors import InvalidArgument
from mlj_keras.machine import Machine
from mlj_keras.machine.machine import quiet_machine
from mlj_keras.models import FitOutcome, Model
from mlj_keras.models.interface import Operations, PartialFit, as_outcome


def goes_on(model: Any) -> bool:
    """Whether training of this model can go on, on other data too: networks can.

    Args: model: anything. Returns: bool.
    Example:
        >>> from mlj_keras.containers import NeuralNetwork
        >>> from mlj_keras.transformers import Standardizer
        >>> goes_on(NeuralNetwork()), goes_on(Standardizer())
        (True, False)

    Source: ours.
    """
    # What has a state to put back keeps all that it learned apart from the rows it learned from.
    has_state = getattr(type(model), "snapshot", Operations.snapshot) is not Operations.snapshot
    return has_state and model.own_traits().iteration_parameter is not None


def bound(model: Model, args: tuple[Any, ...]) -> Machine:
    """A machine on these data, checked as `machine` does; but without saying which class is the
    positive one, as a search would say it hundreds of times.

    Args: model · args: X; X, y; X, y, w; nothing for static models. Returns: Machine, untrained.
    Raises: what `machine` raises.
    Example:
        >>> from mlj_keras.transformers import Standardizer
        >>> bound(Standardizer(), ([1.0, 2.0],)).state
        0

    Source: ours.
    """
    model.check()
    return quiet_machine(model, *args, cache=False)


def without_data(model: Model, outcome: FitOutcome) -> Machine:
    """A trained machine that holds no rows, and is frozen: it predicts, reports and exports.

    Args: model: as it was trained · outcome: of the training. Returns: Machine.
    Example:
        >>> from mlj_keras.models import Static
        >>> class Double(Static):
        ...     def transform(self, fitresult, Xnew):
        ...         return 2 * Xnew
        >>> without_data(Double(), FitOutcome(None)).transform(4)
        8

    Source: ours.
    """
    mach = Machine(model, (), cache=False)
    mach.replace_outcome(model, FitOutcome(outcome.fitresult, None, outcome.report))
    mach.container = type(model)
    mach.frozen = True
    return mach


def unlike(trained: Machine, model: Model) -> list[str]:
    """The hyper-parameters in which a model differs from the one trained, other than those that a
    training may change on its way: iterations, optimiser, acceleration.

    Args: trained: a trained machine · model: resolved. Returns: names.
    Example:
        >>> from mlj_keras.containers import NeuralNetworkRegressor as Net
        >>> mach = without_data(Net(), FitOutcome(None))
        >>> unlike(mach, Net(epochs=99)), unlike(mach, Net(lambda_=1, rng=2))
        ([], ['lambda_', 'rng'])

    Source: ours.
    """
    old, _ = trained.trained("partial_fit")
    if type(old) is not type(model):
        return [type(model).__name__]
    prefix, dot, name = model.own_traits().iteration_parameter.rpartition(".")
    inner_old, inner = (m.get(prefix) if prefix else m for m in (old, model))
    wanted = copy.deepcopy(inner)
    for free in (name, "optimiser", "acceleration"):
        if free in wanted.fields():
            wanted.set(free, inner_old.get(free))
    return [
        f"{prefix}{dot}{field}"
        for field in wanted.fields()
        if wanted.replace({field: inner_old.get(field)}) != wanted
    ]


def train(mach: Machine, trained: Machine | None, verbosity: int, *, restart: bool) -> None:
    """Train `mach`, a new machine: from the start, or from where `trained` ended for as many
    iterations as its model says.

    Args:
        mach: untrained, bound to the rows to learn from
        trained: of the same model, or None to train from the start
        verbosity: as `fit` takes it
        restart: train from the start if the models differ.
    Raises: InvalidArgument if the models differ and restart is False; what `fit` raises.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> model = mlj.NeuralNetworkRegressor(epochs=2, rng=1)
        >>> first, second = mlj.machine(model, X, y), mlj.machine(model, X.head(100), y.head(100))
        >>> train(first, None, 0, restart=False)
        >>> train(second, first, 0, restart=False)
        >>> mlj.report(second).epochs
        4

    Source: MLJModelInterface.jl, `update`, here with other rows.
    """
    if trained is None:
        mach.fit(verbosity=verbosity)
        return
    model = copy.deepcopy(mach.model.resolve(*(arg.scitype for arg in mach.args)))
    changed = unlike(trained, model)
    if changed and restart:
        mach.fit(verbosity=verbosity)
    elif changed:
        raise InvalidArgument(
            f"Training cannot go on: {', '.join(changed)} is not as it was. Call fit, which "
            "begins anew, or set it back."
        )
    else:
        _go_on(mach, model, trained, verbosity)


def _go_on(mach: Machine, model: Any, trained: Machine, verbosity: int) -> None:
    old, outcome = trained.trained("partial_fit")
    name = old.own_traits().iteration_parameter
    model.set(name, old.get(name) + model.get(name))
    data = tuple(arg.rows(None, native=model.native_data) for arg in mach.args)
    # Without the cache, which holds the rows of before.
    done = FitOutcome(outcome.fitresult, None, outcome.report)
    try:
        outcome = as_outcome(model.update(verbosity, done, old, *data))
    except PartialFit as partial:
        mach.replace_outcome(partial.model, partial.outcome)
        raise partial.cause from None
    mach.replace_outcome(model, outcome)
