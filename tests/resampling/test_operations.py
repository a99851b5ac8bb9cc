"""Measures are given what they compare: distributions, modes or means."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.data.scitypes import Continuous, Multiclass, Vector
from mlj_keras.errors import DimensionMismatch, InvalidArgument
from mlj_keras.resampling.operations import check_measure, operations_for

CLASSES, NUMBERS = Vector[Multiclass[2]], Vector[Continuous]
PROBABILISTIC = mlj.Traits(prediction_type="probabilistic")
DETERMINISTIC = mlj.Traits(prediction_type="deterministic")


def ops(given: Any, measures: list[Any], traits: mlj.Traits, target: Any) -> tuple[str, ...]:
    return operations_for(given, measures, traits, target, "Model")


def test_operations_are_deduced_for_each_measure() -> None:
    both = [mlj.log_loss, mlj.accuracy]
    assert ops(None, both, PROBABILISTIC, CLASSES) == ("predict", "predict_mode")
    assert ops(None, [mlj.rms], PROBABILISTIC, NUMBERS) == ("predict_mean",)
    assert ops(None, [mlj.rms], DETERMINISTIC, NUMBERS) == ("predict",)
    assert ops(None, both, mlj.Traits(), CLASSES) == ("predict", "predict")


def test_a_function_takes_what_suits_the_target() -> None:
    plain = mlj.FunctionMeasure(lambda prediction, truth: 0.0)
    assert ops(None, [plain], PROBABILISTIC, CLASSES) == ("predict_mode",)
    assert ops(None, [plain], PROBABILISTIC, NUMBERS) == ("predict_mean",)
    with pytest.raises(InvalidArgument, match="Give operation='predict_mode'"):
        ops(None, [plain], PROBABILISTIC, mlj.Unknown)


def test_a_deterministic_model_has_nothing_for_measures_of_distributions() -> None:
    with pytest.raises(InvalidArgument, match="Model predicts values.*such as accuracy"):
        ops(None, [mlj.log_loss], DETERMINISTIC, CLASSES)


def test_operations_given_are_taken() -> None:
    given = ops("predict_mode", [mlj.accuracy] * 2, PROBABILISTIC, CLASSES)
    assert given == ("predict_mode",) * 2
    assert ops([mlj.predict], [mlj.l1], DETERMINISTIC, NUMBERS) == ("predict",)
    with pytest.raises(DimensionMismatch, match="1 operations were given for 2 measures"):
        ops(["predict"], [mlj.l1] * 2, DETERMINISTIC, NUMBERS)
    with pytest.raises(InvalidArgument, match="operation must be one of predict, predict_mode"):
        ops("transform", [mlj.l1], DETERMINISTIC, NUMBERS)


def test_operations_that_give_what_a_measure_does_not_take_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="predict of Model gives distributions, which acc"):
        ops("predict", [mlj.accuracy], PROBABILISTIC, CLASSES)
    with pytest.raises(InvalidArgument, match="predict_mode of Model gives values, which log_l"):
        ops("predict_mode", [mlj.log_loss], PROBABILISTIC, CLASSES)
    with pytest.raises(InvalidArgument, match="Model predicts values: it has predict, and no"):
        ops("predict_mean", [mlj.l1], DETERMINISTIC, NUMBERS)


def test_a_measure_must_suit_the_target() -> None:
    check_measure(mlj.accuracy, CLASSES)
    check_measure(mlj.l1, Vector[mlj.Optional[Continuous]])
    with pytest.raises(InvalidArgument, match=r"rms needs a target of scitype Vector\[Infinite\]"):
        check_measure(mlj.rms, CLASSES)
    with pytest.raises(InvalidArgument, match=r"write y = coerce\(y, OrderedFactor\)"):
        check_measure(mlj.average_precision, CLASSES)
