"""The battery of containers: what every network model must satisfy, whatever its data.

Knows machines and models by their public functions; expectations are equalities of bytes, or of
one row with the same row of many.
"""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import BuilderError, NotTrainedError

EPOCHS = 4


class Broken(mlj.Builder):
    """A builder that always raises."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """Nothing."""
        raise RuntimeError("this builder is broken")


def path(model: mlj.Model, name: str) -> str:
    """The dotted path of a network's hyper-parameter, which a wrapper has one level down."""
    return name if name in model.fields() else f"model.{name}"


def output(mach: mlj.Machine, X: Any) -> Any:
    """What the machine's main operation gives: predictions, or the table of an embedder."""
    return mlj.predict(mach, X) if mach.model.traits.supervised else mlj.transform(mach, X)


def numbers(result: Any) -> np.ndarray:
    """Predictions of any kind as a float array (n, k)."""
    if isinstance(result, dict):
        result = pd.DataFrame(result)
    if hasattr(result, "column_names"):
        result = result.to_pandas()
    array = np.asarray(result.to_numpy() if hasattr(result, "to_numpy") else result, dtype=float)
    return array[:, None] if array.ndim == 1 else array


def state_bytes(mach: mlj.Machine) -> dict[str, bytes]:
    """Every learned array, optimiser slots included, as bytes."""
    return {key: array.tobytes() for key, array in mlj.snapshot(mach).arrays.items()}


def trained(
    model: mlj.Model, X: Any, y: Any, *, epochs: int = EPOCHS, rng: int = 1
) -> mlj.Machine:
    """A machine of a copy of the model, trained."""
    own = model.replace({path(model, "epochs"): epochs, path(model, "rng"): rng})
    return mlj.fit(mlj.machine(own, X, y), verbosity=0)


def check_container(model: mlj.Model, X: Any, y: Any) -> None:
    """Every container satisfies these.

    Args: model: with a small builder, several batches an epoch · X, y: 10 rows or more.
    """
    before = pickle.dumps((X, y)), random.getstate(), np.random.get_state(legacy=False)
    check_untrained(model, X, y)
    mach = trained(model, X, y)
    check_seeds(model, mach, X, y)
    check_warm_restart(model, mach, X, y)
    check_outputs(mach, X, y)
    check_rows(mach, X)
    check_copies(mach, X)
    check_reports(mach, X, y)
    check_failed_fit(mach, X)
    assert pickle.dumps((X, y)) == before[0], "the user's data were changed"
    assert random.getstate() == before[1], "Python's global generator was moved"
    np.testing.assert_equal(np.random.get_state(legacy=False), before[2])


def check_untrained(model: mlj.Model, X: Any, y: Any) -> None:
    """A machine trains nothing when it is made, and says what to do before it is trained."""
    mach = mlj.machine(model, X, y)
    assert mach.state == 0
    with pytest.raises(NotTrainedError, match=r"is not trained\. Call fit\(mach\) first"):
        output(mach, X)


def check_seeds(model: mlj.Model, mach: mlj.Machine, X: Any, y: Any) -> None:
    """The same seed gives the same bytes, another one others."""
    assert state_bytes(trained(model, X, y)) == state_bytes(mach)
    other = trained(model, X, y, rng=2)
    assert mlj.snapshot(other).arrays.keys() == mlj.snapshot(mach).arrays.keys()
    assert state_bytes(other) != state_bytes(mach)


def check_warm_restart(model: mlj.Model, mach: mlj.Machine, X: Any, y: Any) -> None:
    """Two fits give what one gives, bit for bit; a snapshot put back goes on in the same way."""
    steps = trained(model, X, y, epochs=1)
    early = mlj.snapshot(steps)
    steps.model.set(path(model, "epochs"), EPOCHS)
    assert mlj.fit(steps, verbosity=0).state == 2
    assert state_bytes(steps) == state_bytes(mach)
    np.testing.assert_array_equal(mlj.training_losses(steps), mlj.training_losses(mach))
    assert mlj.snapshot(mlj.restore(steps, early)).epochs == 1
    assert state_bytes(steps) != state_bytes(mach)
    assert state_bytes(mlj.fit(steps, verbosity=0)) == state_bytes(mach)


def check_outputs(mach: mlj.Machine, X: Any, y: Any) -> None:
    """Kind, length and index of predictions are those of y and X; probabilities sum to 1."""
    result = output(mach, X)
    assert len(numbers(result)) == mlj.nrows(X)
    assert np.isfinite(numbers(result)).all()
    assert numbers(output(mach, None)).tobytes() == numbers(result).tobytes()
    if not mach.model.traits.supervised:
        assert type(result) is type(X)
        return
    if hasattr(result, "levels"):
        assert isinstance(result, mlj.UnivariateFiniteVector)
        assert result.levels == mlj.levels(y)
        np.testing.assert_allclose(numbers(result).sum(axis=1), 1.0, atol=1e-6)
        result = mlj.predict_mode(mach, X)
        assert mlj.scitype(result) == mlj.scitype(y)
    assert type(result) is (np.ndarray if isinstance(y, list) else type(y))
    if isinstance(y, pd.Series) and isinstance(result, pd.Series):
        assert result.name == y.name
    if hasattr(result, "index") and isinstance(X, pd.DataFrame):
        assert result.index.equals(X.index)


def check_rows(mach: mlj.Machine, X: Any) -> None:
    """No rows give no predictions, of the same kind; one row gives what it gives among many."""
    many = output(mach, X)
    none = output(mach, mlj.selectrows(X, []))
    assert type(none) is type(many)
    assert numbers(none).shape == (0, *numbers(many).shape[1:])
    for row in (0, mlj.nrows(X) - 1):
        one = numbers(output(mach, mlj.selectrows(X, [row])))
        np.testing.assert_allclose(one[0], numbers(many)[row], atol=1e-5)
    backwards = list(range(mlj.nrows(X)))[::-1]
    turned = numbers(output(mach, mlj.selectrows(X, backwards)))
    np.testing.assert_allclose(turned[::-1], numbers(many), atol=1e-5)


def check_copies(mach: mlj.Machine, X: Any) -> None:
    """A deep copy and a pickled machine predict the same bytes, and go on from the same state."""
    wanted = numbers(output(mach, X)).tobytes()
    twins = copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))
    for twin in twins:
        assert numbers(output(twin, X)).tobytes() == wanted
        twin.model.set(path(twin.model, "epochs"), EPOCHS + 1)
        assert mlj.snapshot(mlj.fit(twin, verbosity=0)).epochs == EPOCHS + 1
    assert state_bytes(twins[0]) == state_bytes(twins[1])
    assert mlj.snapshot(mach).epochs == EPOCHS
    assert numbers(output(mach, X)).tobytes() == wanted


def check_reports(mach: mlj.Machine, X: Any, y: Any) -> None:
    """The report counts one loss more than epochs; the network is a fresh Keras model."""
    import keras

    report = mlj.report(mach)
    assert report.epochs == EPOCHS
    assert report.rng == 1
    assert report.path in ("xla", "graph")
    assert len(report.training_losses) == EPOCHS + 1
    assert len(mlj.training_losses(mach)) == EPOCHS
    assert np.isfinite(report.training_losses).all()
    assert report.batch_size == mach.model.get(path(mach.model, "batch_size"))
    first, second = mlj.fitted_params(mach).network, mlj.fitted_params(mach).network
    assert isinstance(first, keras.Model)
    assert first is not second
    for weight in first.weights:  # changing what was handed out changes nothing that was learned
        weight.assign(weight * 0)
    assert any(np.any(weight) for weight in mlj.fitted_params(mach).network.get_weights())


def check_failed_fit(mach: mlj.Machine, X: Any) -> None:
    """After a fit that raised, the machine is what it was, and trains again once mended."""
    wanted, state = numbers(output(mach, X)).tobytes(), mach.state
    arrays = state_bytes(mach)
    good = mach.model.get(path(mach.model, "builder"))
    mach.model.set(path(mach.model, "builder"), Broken())
    with pytest.raises(BuilderError, match="raised RuntimeError.*this builder is broken"):
        mlj.fit(mach, verbosity=0)
    assert mach.state == state
    assert numbers(output(mach, X)).tobytes() == wanted
    mach.model.set(path(mach.model, "builder"), good)
    mlj.fit(mach, verbosity=0, force=True)
    assert state_bytes(mach) == arrays
