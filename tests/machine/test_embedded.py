"""Embeddings and losses of networks, wherever they are in the model of a machine."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, NotTrainedError, UnsupportedOperation
from mlj_keras.models import Traits

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

DRAW = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "a": DRAW.normal(size=24),
        "size": pd.Categorical(list("sml") * 8, categories=list("sml"), ordered=True),
        "shop": pd.Categorical(list("pqrs") * 6),
    }
)
Y = X["a"] + (X["size"] == "s")
NET = mlj.NeuralNetworkRegressor(
    builder=mlj.MLP(hidden=(3,)), epochs=1, batch_size=8, embedding_dims={"shop": 2}, rng=1
)


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def trained(model: Any, X: Any = X) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


def titles(panels: Any) -> list[str]:
    """The names of factors above the panels."""
    return [panel.get_title().split(":")[0] for panel in panels]


def unit(axes: Any) -> str:
    """What the vertical axis shows."""
    return str(axes.get_ylabel().replace("\n", " "))


def test_each_level_is_where_its_vector_is() -> None:
    mach = trained(NET)
    tables = mlj.fitted_params(mach).embeddings
    size, shop = mlj.plot(mach, kind="embeddings")
    assert titles((size, shop)) == ["size", "shop"]
    for panel, name, levels in ((size, "size", "sml"), (shop, "shop", "pqrs")):
        table = np.column_stack([tables[name], np.zeros(len(levels))])[:, :2]
        found = {text.get_text(): text.xy for text in panel.texts if text.get_text()}
        assert found == {level: tuple(row) for level, row in zip(levels, table, strict=True)}


def test_of_one_feature_the_axes_are_returned_alone() -> None:
    mach, own = trained(NET), plt.figure().subplots()
    axes = mlj.plot(mach, kind="embeddings", feature="shop", axes=own)
    assert axes is own and axes.get_xlabel() == "shop_1"


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda net: mlj.NeuralNetwork(epochs=1, rng=1),
        mlj.EntityEmbedder,
        lambda net: mlj.Standardizer() | net,
        lambda net: mlj.TransformedTargetModel(net, transformer=mlj.Standardizer()),
        lambda net: mlj.IteratedModel(net, controls=[mlj.Step(1), mlj.NumberLimit(1)]),
        lambda net: mlj.TunedModel(
            net, ranges=mlj.param_range(net, "epochs", values=[1]), measure=mlj.l2
        ),
    ],
)
def test_the_network_is_found_in_whatever_is_around_it(wrapped: Any) -> None:
    assert titles(mlj.plot(trained(wrapped(NET)), kind="embeddings")) == ["size", "shop"]


def test_factors_of_several_networks_are_named_by_their_places() -> None:
    mach = trained(mlj.EnsembleModel(NET, n=2))
    wanted = [f"members[{i}].{name}" for i in range(2) for name in ("size", "shop")]
    assert titles(mlj.plot(mach, kind="embeddings")) == wanted
    one = mlj.plot(mach, kind="embeddings", feature="members[1].shop")
    assert titles([one]) == ["members[1].shop"]


def test_more_factors_than_can_be_seen_are_asked_for_one_by_one() -> None:
    mach = trained(mlj.EnsembleModel(NET, n=16))
    with pytest.raises(InvalidArgument, match=r"32 factors .* Give feature=.*'members\[0\].size'"):
        mlj.plot(mach, kind="embeddings")
    assert titles([mlj.plot(mach, kind="embeddings", feature="members[9].size")])


@pytest.mark.parametrize(
    "model",
    [
        mlj.OneHotEncoder() | NET.replace({"embedding_dims": {}}),
        mlj.load("DummyRegressor")(),
    ],
)
def test_without_embeddings_the_error_says_what_to_do(model: Any) -> None:
    numbers = X if isinstance(model, mlj.Pipeline) else X[["a"]]
    name = type(model).__name__
    advice = rf"{name} has no embeddings: .*coerce\(X, .*let nothing encode it before"
    with pytest.raises(UnsupportedOperation, match=advice):
        mlj.plot(trained(model, numbers), kind="embeddings")


def test_impossible_questions_raise_with_advice() -> None:
    mach = mlj.machine(NET, X, Y)
    with pytest.raises(NotTrainedError, match="plot needs a trained machine"):
        mlj.plot(mach, kind="embeddings")
    mlj.fit(mach, verbosity=0)
    with pytest.raises(InvalidArgument, match="has an embedding, 'size', 'shop', got 'a'"):
        mlj.plot(mach, kind="embeddings", feature="a")
    with pytest.raises(
        InvalidArgument, match="got 'shop' with kind=None. Write kind='embeddings'"
    ):
        mlj.plot(mach, feature="shop")


def test_the_loss_is_named_wherever_the_network_is() -> None:
    wanted = "training loss (mean squared error, mean over batches)"
    for model in (NET, mlj.Standardizer() | NET, mlj.EntityEmbedder(NET)):
        assert unit(mlj.plot(trained(model))) == wanted


def test_a_loss_without_a_name_has_none() -> None:
    def half(y: Any, prediction: Any) -> Any:
        return ((y - prediction) ** 2)[:, 0] / 2

    named = unit(mlj.plot(trained(NET.replace({"loss": half}))))
    assert named == "training loss (half, mean over batches)"
    nameless = NET.replace({"loss": lambda y, prediction: half(y, prediction)})
    assert unit(mlj.plot(trained(nameless))) == "training loss (mean over batches)"


def test_a_users_own_model_has_its_own_losses_and_embeddings() -> None:
    class Own(mlj.Deterministic):
        """Named as ours, and meaning something else."""

        loss: str = "pinball"
        epochs: int = 2
        traits = Traits(iteration_parameter="epochs", supports_training_losses=True)

        def fit(self, verbosity: int, X: Any, y: Any) -> mlj.FitOutcome:
            learned = types.SimpleNamespace(embeddings=[1.0])
            return mlj.FitOutcome(learned, None, {"training_losses": [3.0, 2.0, 1.0]})

        def training_losses(self, report: Any) -> Any:
            return report["training_losses"][1:]

    mach = mlj.fit(mlj.machine(Own(), np.eye(2), [1.0, 2.0]), verbosity=0)
    assert mlj.plot(mach).get_ylabel() == "training loss (mean over batches)"
    with pytest.raises(UnsupportedOperation, match="has no embeddings"):
        mlj.plot(mach, kind="embeddings")
