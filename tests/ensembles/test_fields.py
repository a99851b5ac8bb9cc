"""What is impossible of an ensemble is said when it is made, or at `machine`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import EmptyData, InvalidArgument, InvalidModelError
from tests.batteries.ensembles import IRIS, SPECIES, Noted, X, Y, ensemble, net, seen

IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "no fraction": ({"bagging_fraction": 0}, "bagging_fraction must be a number > 0 and <= 1"),
    "a negative fraction": ({"bagging_fraction": -0.5}, r"> 0 and <= 1, got -0\.5"),
    "more than all": ({"bagging_fraction": 1.5}, r"> 0 and <= 1, got 1\.5"),
    "no fraction at all": ({"bagging_fraction": float("nan")}, "bagging_fraction must be"),
    "no members": ({"n": 0}, "n must be an int >= 1, got 0"),
    "half a member": ({"n": 1.5}, r"n must be an int >= 1, got 1\.5"),
    "a wrong seed": ({"rng": -1}, "rng must not be negative"),
    "a transformer": (
        {"model": mlj.Standardizer()},
        r"model: must be a model that predicts, such as NeuralNetworkClassifier\(\), got Standard",
    ),
    "a class": ({"model": mlj.NeuralNetworkClassifier}, "got the class NeuralNetworkClassifier"),
    "no model": ({"model": 3}, "must be a model that predicts, such as .*, got 3"),
    "negative weights": ({"atomic_weights": [1, -1, 1]}, "numbers of 0 or more, not all zero"),
    "no weights": ({"atomic_weights": [0, 0, 0]}, "numbers of 0 or more, not all zero"),
    "infinite weights": ({"atomic_weights": [1, np.inf, 1]}, "numbers of 0 or more"),
    "words for weights": ({"atomic_weights": ["a"]}, "must be a sequence of numbers, got"),
    "one weight": ({"atomic_weights": 3}, "must be a sequence of numbers, got 3"),
    "an unknown measure": ({"out_of_bag_measure": "log_los"}, "Did you mean 'log_loss'"),
    "an acceleration": ({"acceleration": 2}, r"acceleration must be CPU1\(\), CPUThreads"),
    "together by force": ({"together": True}, "together must be one of 'auto', False, got True"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_is_impossible_is_said_when_it_is_made_or_assigned(case: str) -> None:
    changes, said = IMPOSSIBLE[case]
    given = {"model": Noted(), "n": 3, **changes}
    with pytest.raises((InvalidModelError, InvalidArgument), match=said):
        mlj.EnsembleModel(given.pop("model"), **given)
    model = ensemble()
    for name, value in changes.items():
        with pytest.raises((InvalidModelError, InvalidArgument), match=said):
            setattr(model, name, value)
    assert model == ensemble()


def test_a_model_is_needed_and_both_spellings_are_one_too_many() -> None:
    with pytest.raises(InvalidModelError, match="EnsembleModel needs model"):
        mlj.EnsembleModel()
    with pytest.raises(AttributeError, match="got both 'out_of_bag_measures' and"):
        ensemble(out_of_bag_measures=[mlj.rms], out_of_bag_measure=mlj.rms)


TOGETHER: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "too few weights": (
        {"atomic_weights": [1, 2]},
        InvalidModelError,
        "atomic_weights has 2 numbers for n=3 members. Give one each, or none",
    ),
    "no row out of the bag": (
        {"bagging_fraction": 1.0, "out_of_bag_measure": mlj.rms},
        InvalidModelError,
        r"with bagging_fraction=1\.0 there are none. Lower it, or leave the measures out",
    ),
    "no row in the bag": (
        {"bagging_fraction": 0.04},
        EmptyData,
        r"bagging_fraction=0\.04 of 20 row\(s\) is none. Raise it",
    ),
    "a measure of distributions": (
        {"out_of_bag_measures": [mlj.rms, mlj.log_loss]},
        InvalidArgument,
        "log_loss compares predicted distributions, and Noted predicts values",
    ),
    "a measure of classes": (
        {"out_of_bag_measure": mlj.accuracy},
        InvalidArgument,
        r"accuracy needs a target of scitype .*, and this one has Vector\[Continuous\]",
    ),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_what_does_not_go_together_is_said_at_machine(case: str) -> None:
    seen()
    changes, kind, said = TOGETHER[case]
    with pytest.raises(kind, match=said):
        mlj.machine(ensemble(**changes), X, Y)
    assert not seen()


def test_what_the_model_does_not_take_is_said_at_machine() -> None:
    with pytest.raises(InvalidArgument, match="auc needs a target of scitype"):
        mlj.machine(ensemble(net(), out_of_bag_measure=mlj.auc), IRIS, SPECIES)
    with pytest.raises(mlj.errors.ScitypeError, match="'name' is"):
        mlj.machine(ensemble(net()), IRIS.assign(name="a"), SPECIES)
    with pytest.raises(mlj.errors.WeightsError, match="takes no weights"):
        plain = mlj.load("KNeighborsClassifier", package="scikit-learn")()
        mlj.machine(ensemble(plain), IRIS, SPECIES, np.ones(150))


def test_a_changed_model_is_checked_again_before_it_trains() -> None:
    seen()
    model = ensemble(atomic_weights=[1, 1, 2])
    mach = mlj.machine(model, X, Y)
    model.n = 4
    with pytest.raises(InvalidModelError, match="has 3 numbers for n=4"):
        mlj.fit(mach, verbosity=0)
    model.n, model.bagging_fraction = 3, 0.01
    with pytest.raises(EmptyData, match="is none"):
        mlj.fit(mach, verbosity=0)
    assert not seen() and mach.state == 0


def test_one_measure_or_several_by_name_or_as_they_are() -> None:
    one = ensemble(out_of_bag_measure="rms")
    assert one.out_of_bag_measures == one.out_of_bag_measure == (mlj.rms,)
    both = ensemble(out_of_bag_measures=["rms", mlj.l1])
    assert both.out_of_bag_measures == (mlj.rms, mlj.l1)
    assert ensemble(out_of_bag_measures=None).out_of_bag_measures == ()
    assert ensemble(atomic_weights=None).atomic_weights == ()
    assert ensemble(atomic_weights=np.array([1, 2, 5])).atomic_weights == (1.0, 2.0, 5.0)
