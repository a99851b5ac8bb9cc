"""Explicit: the models of a list, in their order."""

from __future__ import annotations

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies.explicit import Explicit

NETS = tuple(mlj.NeuralNetworkRegressor(epochs=n) for n in (5, 10, 20))
SPACE = Space(NETS[0], models=NETS)


def test_the_models_come_in_their_order_and_then_end() -> None:
    searcher = Explicit().start(SPACE, 0)
    first, rest = searcher.ask(2), searcher.ask(5)
    assert [each.model for each in [*first, *rest]] == list(NETS)
    assert all(not each.values and each.candidate is None for each in [*first, *rest])
    assert list(searcher.ask(5)) == []


def test_models_may_be_of_any_classes_and_all_of_them_are_tried() -> None:
    mixed = (mlj.NeuralNetworkRegressor(), mlj.Standardizer() | mlj.NeuralNetworkRegressor())
    space = Space(mixed[0], models=mixed)
    Explicit().check_space(space)
    assert Explicit().default_n(space) == 2 and Explicit().default_n(SPACE) == 3
    assert [each.model for each in Explicit().start(space, 1).ask(9)] == list(mixed)


def test_ranges_are_refused() -> None:
    r = mlj.param_range(NETS[0], "epochs", lower=1, upper=9)
    for space in (Space(NETS[0], dimensions_of(r)), Space(NETS[0])):
        with pytest.raises(
            InvalidModelError, match=r"Write TunedModel\(models=\[...\]\), or .*take Grid\(\)"
        ):
            Explicit().check_space(space)
