"""What is searched: ranges, pairs and samplers, told apart; and what strategies refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Dimension, Space, dimension_of, dimensions_of, is_range

NET = mlj.NeuralNetworkRegressor()
EPOCHS = mlj.param_range(NET, "epochs", lower=1, upper=9)
LAMBDA = mlj.param_range(NET, "lambda_", lower=0, upper=1)
LOSS = mlj.param_range(NET, "loss", values=["mean_squared_error", "huber"])
BETA = stats.beta(2, 5)
DRAWS = mlj.sampler(LAMBDA)


def test_ranges_are_told_from_other_things() -> None:
    assert is_range(EPOCHS) and is_range(LOSS)
    assert not any(map(is_range, (DRAWS, "epochs", (EPOCHS, 3), None)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (EPOCHS, Dimension("epochs", EPOCHS)),
        (LOSS, Dimension("loss", LOSS)),
        ((EPOCHS, 5), Dimension("epochs", EPOCHS, 5)),
        ((LOSS, (0.25, 0.75)), Dimension("loss", LOSS, (0.25, 0.75))),
        ((LAMBDA, BETA), Dimension("lambda_", LAMBDA, BETA)),
        (DRAWS, Dimension("lambda_", None, DRAWS)),
        (("lambda_", BETA), Dimension("lambda_", None, BETA)),
        (("lambda_", DRAWS), Dimension("lambda_", None, DRAWS)),
    ],
)
def test_ranges_pairs_and_samplers_are_dimensions(given: Any, expected: Dimension) -> None:
    assert dimension_of(given) == expected
    assert dimensions_of(given) == (expected,)
    assert dimensions_of([given]) == dimensions_of((given,)) == (expected,)


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize(
    "given",
    [
        [EPOCHS, LAMBDA],
        [EPOCHS, (LAMBDA, 5)],
        [(EPOCHS, 5), LAMBDA],
        [(LOSS, (0.5, 0.5)), EPOCHS],
        [EPOCHS, (LOSS, (0.5, 0.5))],
        [EPOCHS, DRAWS],
        [DRAWS, EPOCHS],
        [("lambda_", BETA), EPOCHS],
        [EPOCHS, ("lambda_", BETA)],
        [LOSS, ("lambda_", DRAWS)],
        [("epochs", BETA), ("lambda_", BETA)],
        [EPOCHS, EPOCHS],
        [EPOCHS, LAMBDA, LOSS],
        [EPOCHS, (LAMBDA, 3), ("alpha", BETA), DRAWS],
    ],
)
def test_several_are_told_from_a_pair_whether_listed_in_a_list_or_a_tuple(
    kind: Any, given: list[Any]
) -> None:
    # A model stores lists as tuples, so both have to mean the same.
    assert dimensions_of(kind(given)) == tuple(map(dimension_of, given))


def test_nothing_is_no_dimension() -> None:
    assert dimensions_of(None) == dimensions_of([]) == ()


@pytest.mark.parametrize(
    "given",
    [
        5,
        "epochs",
        [3],
        [EPOCHS, "lambda_"],
        [object()],
        (EPOCHS, 3, 4),
        [(1, 2)],
        [NET],
        {"epochs": EPOCHS},
    ],
)
def test_what_is_no_range_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="must be a range made by param_range"):
        dimensions_of(given)


def test_a_space_knows_its_ranges() -> None:
    space = Space(NET, dimensions_of([EPOCHS, ("lambda_", BETA), (LOSS, np.ones(2) / 2)]))
    assert space.ranges == (EPOCHS, LOSS)
    assert [each.field for each in space.dimensions] == ["epochs", "lambda_", "loss"]
    assert Space(NET).ranges == () == Space(NET, models=(NET,)).ranges


def test_a_space_without_ranges_is_refused_where_they_are_needed() -> None:
    for space in (Space(NET), Space(NET, models=(NET,))):
        with pytest.raises(InvalidModelError, match=r"Grid needs ranges=.*tuning=Explicit\(\)"):
            space.need_ranges(mlj.Grid())
    mixed = Space(NET, dimensions_of([EPOCHS, ("lambda_", BETA), ("alpha", BETA)]))
    with pytest.raises(
        InvalidModelError, match="TPE needs a range of 'lambda_', 'alpha', .*Use param_range"
    ):
        mixed.need_ranges(mlj.TPE())
    Space(NET, dimensions_of([EPOCHS, (LAMBDA, 3)])).need_ranges(mlj.Grid())


def test_options_are_refused_where_none_are_taken() -> None:
    space = Space(NET, dimensions_of([EPOCHS, (LAMBDA, 5)]))
    with pytest.raises(InvalidModelError, match="'lambda_' comes with 5, which TPE .*range alone"):
        space.need_no_options(mlj.TPE())
    Space(NET, dimensions_of([EPOCHS, LOSS])).need_no_options(mlj.TPE())
