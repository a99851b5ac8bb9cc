"""The conformance list of MLJ and MLJFlux, items 15 to 29: data, classes,
embeddings, builders.

The numbers in the names are those of the list; oracles are NumPy and hand computation.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, UnseenLevelError
from tests.batteries.conformance import net

RNG = np.random.default_rng(7)
X = RNG.normal(size=(24, 3))
Y = X @ [1.0, -2.0, 0.5] + 1


def trained(model: Any, X_: Any = X, y: Any = Y) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X_, y), verbosity=0)


def digest(mach: mlj.Machine) -> str:
    return str(mlj.snapshot(mach).digest())


def kernels(mach: mlj.Machine) -> list[np.ndarray]:
    return [array for key, array in mlj.snapshot(mach).arrays.items() if key.endswith("kernel")]


def test_item_15_pool_survival() -> None:
    X_ = RNG.normal(size=(30, 3))
    y = pd.Categorical(["a", "b", "c"] * 10)
    rows = [k for k in range(30) if y[k] != "c"]
    mach = mlj.fit(mlj.machine(net(mlj.NeuralNetworkClassifier), X_, y), rows=rows, verbosity=0)
    found = mlj.predict(mach, X_)
    assert found[0].levels == ("a", "b", "c")
    assert mlj.fitted_params(mach).network.output_shape == (None, 3)
    np.testing.assert_allclose(found.to_numpy().sum(axis=1), 1.0, atol=1e-6)
    assert sum(mlj.pdf(found[0], label) for label in "abc") == pytest.approx(1.0, abs=1e-6)


SEEN: list[int] = []


class Watched(mlj.Builder):
    """Notes the number of outputs that it is asked for."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        import keras

        SEEN.append(n_out)
        return keras.layers.Dense(n_out)(inputs)


def test_item_16_binary() -> None:
    y = ["yes", "no", "no"] * 8
    machines = {}
    for pool in (("no", "yes"), ("yes", "no")):
        target = pd.Categorical(y, categories=pool)
        model = net(mlj.NeuralNetworkBinaryClassifier, builder=Watched(), epochs=0)
        machines[pool] = mlj.fit(mlj.machine(model, X, target), verbosity=0)
    assert set(SEEN) == {1}
    found = mlj.predict(machines["no", "yes"])
    standard = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
    (kernel,) = kernels(machines["no", "yes"])
    sigmoid = 1 / (1 + np.exp(-(standard @ kernel)))[:, 0]  # biases start at zero
    np.testing.assert_allclose(mlj.pdf(found, ["yes"])[:, 0], sigmoid, atol=1e-5)
    np.testing.assert_allclose(mlj.pdf(found, ["no"])[:, 0], 1 - sigmoid, atol=1e-5)
    swapped = mlj.predict(machines["yes", "no"])
    np.testing.assert_allclose(mlj.pdf(swapped, ["no"])[:, 0], sigmoid, atol=1e-5)


def factors(**pools: list[Any]) -> dict[str, pd.Categorical]:
    """24 rows of each factor, all its levels in use where there are enough rows."""
    return {
        name: pd.Categorical([pool[k % len(pool)] for k in range(24)], categories=pool)
        for name, pool in pools.items()
    }


def test_item_18_embedding_dims() -> None:
    table: dict[str, Any] = factors(
        many=list(range(15)),
        nine=list("abcdefghi"),
        two=["p", "q"],
        three=[1, 2, 3],
        five=[*"vwxyz"],
    )
    dims = {"three": 0.5, "five": 4}
    model = net(embedding_dims=dims)
    mach = trained(model, {**table, "number": X[:, 0]})
    shapes = {name: array.shape for name, array in mlj.fitted_params(mach).embeddings.items()}
    assert shapes == {
        "many": (15, 10),
        "nine": (9, 8),
        "two": (2, 1),
        "three": (3, 2),
        "five": (5, 4),
    }
    assert dims == {"three": 0.5, "five": 4} == dict(model.embedding_dims)
    for wrong, words in (("zzz", "no columns of X"), ("number", "not categorical")):
        model = net(embedding_dims={wrong: 2})
        with pytest.raises(InvalidModelError, match=f"{words}: .*{wrong}"):
            trained(model, {**table, "number": X[:, 0]})


def test_item_19_embedding_transform() -> None:
    table = pd.DataFrame(
        {"n1": X[:, 0], **factors(five=[*"vwxyz"]), "n2": X[:, 1], **factors(three=[3, 1, 2])}
    )
    mach = trained(net(embedding_dims={"five": 4, "three": 2}), table)
    found = mlj.transform(mach, table)
    five, three = [f"five_{k}" for k in (1, 2, 3, 4)], ["three_1", "three_2"]
    assert list(found) == ["n1", *five, "n2", *three]
    learned = mlj.fitted_params(mach).embeddings
    np.testing.assert_array_equal(found[five], learned["five"][table["five"].cat.codes])
    np.testing.assert_array_equal(found[three], learned["three"][table["three"].cat.codes])
    np.testing.assert_array_equal(found[["n1", "n2"]], table[["n1", "n2"]])

    clash = table.assign(three_1=X[:, 2])
    mach = trained(net(embedding_dims={"five": 4, "three": 2}), clash)
    assert list(mlj.transform(mach, clash)) == [
        "n1", *five, "n2", "three__1", "three__2", "three_1"
    ]  # fmt: skip
    numbers = table[["n1", "n2"]]
    pd.testing.assert_frame_equal(mlj.transform(trained(net(), numbers), numbers), numbers)


def test_item_20_unseen_levels() -> None:
    table = pd.DataFrame({"n": X[:, 0], **factors(f=["p", "q", "r"])})
    mach = trained(net(), table)
    new = table.assign(f=pd.Categorical(["p", "q", "zz"] * 8))
    with pytest.raises(UnseenLevelError, match=r"column 'f' has 8 .*'zz'"):
        mlj.predict(mach, new)
    fewer = table.iloc[[0, 1, 3, 4]].assign(f=pd.Categorical(["p", "q", "p", "q"]))
    np.testing.assert_array_equal(mlj.predict(mach, fewer), mlj.predict(mach, table)[[0, 1, 3, 4]])
    # A level that is in the pool of the new data and in none of their rows does no harm.
    wider = table.assign(f=table["f"].cat.add_categories(["zz"]))
    np.testing.assert_array_equal(mlj.predict(mach, wider), mlj.predict(mach, table))


def test_item_23_scitypes() -> None:
    Vector = mlj.Vector
    assert mlj.scitype(np.array([True, False])) == Vector[mlj.Count]
    assert mlj.scitype(["one", "two"]) == Vector[mlj.Textual]
    assert mlj.scitype([object(), object()]) == Vector[mlj.Unknown]
    graded = pd.Categorical(["lo", "hi"], categories=["lo", "mid", "hi"], ordered=True)
    assert mlj.scitype(graded) == Vector[mlj.OrderedFactor[3]]
    nullable = pd.Series([1.5, 2.5], dtype="Float64")
    assert mlj.scitype(nullable) == Vector[mlj.Continuous], "missing only if a value is missing"
    assert (
        mlj.scitype(pd.Series([1.5, None], dtype="Float64"))
        == (Vector[mlj.Optional[mlj.Continuous]])
    )


def test_item_28_equality() -> None:
    a, b = net(rng=np.random.default_rng(3)), net(rng=np.random.default_rng(3))
    assert a == b == copy.deepcopy(a), "generators in one state give one seed"
    assert net(optimiser=mlj.SGD(0.1)) != net(optimiser=mlj.SGD(0.2))
    assert net(rng=1) != net(rng=2), "the seed is a hyper-parameter like any other"
    model = net()
    mach = trained(model)
    model.builder.activation = "tanh"
    assert model != net()
    mlj.fit(mach, verbosity=0)
    assert mach.state == 2 and mlj.report(mach).epochs == 2
    assert digest(mach) == digest(trained(net(builder=mlj.MLP(hidden=(5,), activation="tanh"))))


@pytest.mark.parametrize(
    ("builder", "n_in", "n_out", "shapes", "activations"),
    [
        (mlj.Linear(activation="tanh"), 3, 2, [(3, 2), (2,)], ["tanh"]),
        (mlj.Linear(), 3, 1, [(3, 1), (1,)], ["relu"]),
        (mlj.Short(), 4, 9, [(4, 6), (6,), (6, 9), (9,)], ["sigmoid", "linear"]),
        (mlj.Short(n_hidden=4), 5, 3, [(5, 4), (4,), (4, 3), (3,)], ["sigmoid", "linear"]),
        (
            mlj.MLP(hidden=(2, 2)),
            3,
            1,
            [(3, 2), (2,), (2, 2), (2,), (2, 1), (1,)],
            ["relu", "relu", "linear"],
        ),
    ],
    ids=str,
)
def test_item_29_builders(
    builder: Any, n_in: int, n_out: int, shapes: list[Any], activations: list[str]
) -> None:
    X_, y = RNG.normal(size=(12, n_in)), np.abs(RNG.normal(size=(12, n_out)))
    model = net(
        mlj.MultitargetNeuralNetworkRegressor, builder=builder, epochs=0, standardise=False
    )
    mach = trained(model, X_, y)
    network = mlj.fitted_params(mach).network
    assert [tuple(weight.shape) for weight in network.weights] == shapes
    dense = [layer for layer in network.layers if type(layer).__name__ == "Dense"]
    assert [layer.activation.__name__ for layer in dense] == activations
    assert digest(mach) == digest(trained(model, X_, y))
    other = trained(model.replace({"rng": 2}), X_, y)
    assert len(kernels(mach)) == len(dense)
    for one, two in zip(kernels(mach), kernels(other), strict=True):
        assert not np.array_equal(one, two)
