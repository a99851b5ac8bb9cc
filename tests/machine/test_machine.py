"""Machines: when they train, continue, remember or leave; freezing, copies, pickling, threads."""

from __future__ import annotations

import copy
import logging
import pickle
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ConcurrentFitError, InvalidModelError, ScitypeError
from mlj_keras.models.interface import PartialFit

X = pd.DataFrame(
    np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"], index=range(100, 124)
)
Y = pd.Series(X["a"] - 2 * X["b"], name="target")


def net(**changes: Any) -> mlj.NeuralNetworkRegressor:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetworkRegressor(**values)


def trained(model: Any = None, **options: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(model or net(), X, Y, **options), verbosity=0)


def digest(mach: mlj.Machine) -> str:
    return str(mlj.snapshot(mach).digest())


class Heard:
    """What a machine said: the verb of each line about retraining, and the epochs it ran."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "mlj_keras")
        self.caplog = caplog

    def verbs(self) -> list[str]:
        found = [line.split(" machine(")[0] for line in self.caplog.messages if "machine(" in line]
        self.caplog.clear()
        return found

    def epochs(self) -> int:
        found = sum(line.startswith("Epoch ") for line in self.caplog.messages)
        self.caplog.clear()
        return found


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Heard:
    """The lines of the logger `mlj_keras`."""
    return Heard(caplog)


def test_the_table_of_the_reference_in_one_sequence(heard: Heard) -> None:
    model = net()
    mach = mlj.machine(model, X, Y)
    half = range(12)
    states = [mlj.fit(mach, rows=rows).state for rows in (None, None, half, half)]
    model.batch_size = 4
    states.append(mlj.fit(mach, rows=half).state)
    model.batch_size = 8
    states += [mlj.fit(mach).state, mlj.fit(mach, force=True).state]
    assert states == [1, 1, 2, 2, 3, 4, 5]
    train, skip = "Training", "Not retraining"
    assert heard.verbs() == [train, skip, train, skip, "Updating", train, train]


def test_lines_say_how_to_go_on_and_verbosity_silences_them(heard: Heard) -> None:
    mach = trained()
    assert heard.caplog.messages == []
    mlj.fit(mach)
    assert heard.caplog.messages == [
        "Not retraining machine(NeuralNetworkRegressor(builder=MLP(hidden=(4,)), epochs=2, "
        "batch_size=8, rng=1), ...). Use force=True to force."
    ]


@pytest.mark.parametrize(
    "rows", [range(24), slice(None), np.ones(24, dtype=bool), list(range(24))]
)
def test_all_rows_given_explicitly_are_the_same_as_none(rows: Any) -> None:
    mach = trained()
    assert mlj.fit(mach, rows=rows, verbosity=0).state == 1


def test_equal_choices_of_rows_are_the_same_however_given_and_other_orders_are_not() -> None:
    mach = mlj.fit(mlj.machine(net(), X, Y), rows=range(12), verbosity=0)
    mask = np.arange(24) < 12
    assert mlj.fit(mach, rows=mask, verbosity=0).state == 1
    assert mlj.fit(mach, rows=list(range(12))[::-1], verbosity=0).state == 2


def test_a_change_taken_back_before_fit_is_no_change(heard: Heard) -> None:
    model = net()
    mach = trained(model)
    model.lambda_, model.builder.hidden = 0.5, (9,)
    model.lambda_, model.builder.hidden = 0.0, (4,)
    assert mlj.fit(mach).state == 1
    assert heard.verbs() == ["Not retraining"]


def test_epochs_raised_train_the_difference_and_lowered_train_from_scratch(heard: Heard) -> None:
    model = net()
    mach = trained(model)
    model.epochs = 5
    mlj.fit(mach, verbosity=2)
    assert heard.epochs() == 3
    assert digest(mach) == digest(trained(net(epochs=5)))
    model.epochs = 1
    mlj.fit(mach, verbosity=2)
    assert heard.epochs() == 1
    assert digest(mach) == digest(trained(net(epochs=1)))
    assert mach.state == 3


def test_an_optimiser_alone_is_recorded_and_used_when_epochs_rise(heard: Heard) -> None:
    model = net(optimiser=mlj.SGD(0.01))
    mach = trained(model)
    before, losses = digest(mach), mlj.training_losses(mach).copy()
    model.optimiser.learning_rate = 0.1
    assert mlj.fit(mach).state == 1
    assert heard.caplog.messages[-1].endswith("the change takes effect when training goes on.")
    assert digest(mach) == before
    np.testing.assert_array_equal(mlj.training_losses(mach), losses)
    assert mlj.fit(mach).state == 1
    assert heard.caplog.messages[-1].endswith("Use force=True to force.")
    model.epochs = 3
    mlj.fit(mach, verbosity=0)
    slow = trained(model_ := net(optimiser=mlj.SGD(0.01)))
    model_.epochs = 3
    mlj.fit(slow, verbosity=0)
    weights = [mlj.snapshot(m).arrays["layers/1/kernel"] for m in (mach, slow)]
    assert not np.allclose(*weights)
    # The third epoch alone went at the new rate: the first two losses are those of the old.
    np.testing.assert_array_equal(mlj.training_losses(mach)[:2], mlj.training_losses(slow)[:2])


def test_another_rate_keeps_the_moments() -> None:
    model = net(optimiser=mlj.SGD(0.05, momentum=0.9))
    mach = trained(model)
    model.optimiser.learning_rate, model.epochs = 0.025, 3
    mlj.fit(mach, verbosity=0)
    assert int(mlj.snapshot(mach).arrays["slots/iteration"]) == 9  # three batches an epoch


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (mlj.SGD(0.05), mlj.Adam(1e-3)),
        (mlj.SGD(0.05, momentum=0.9), mlj.Lion(1e-3)),  # the same names of slots
        (mlj.Adam(0.05), mlj.Lamb(1e-3)),
        (mlj.Adam(0.05), mlj.AdamW(1e-3)),
    ],
    ids=str,
)
def test_an_optimiser_of_another_class_keeps_the_weights_and_starts_new_slots(
    first: mlj.Optimiser, second: mlj.Optimiser, heard: Heard
) -> None:
    model = net(optimiser=first)
    mach = trained(model)
    before = mlj.snapshot(mach)
    model.optimiser = second
    mlj.fit(mach, verbosity=0)  # recorded on the way, which changes nothing
    model.epochs = 3
    mlj.fit(mach, verbosity=2)
    assert heard.epochs() == 1
    after = mlj.snapshot(mach)
    assert after.losses[:3] == before.losses
    for key, weights in before.arrays.items():
        if key.startswith("layers/"):
            # Three steps at a small rate: near the old weights, so these were kept.
            np.testing.assert_allclose(after.arrays[key], weights, atol=0.02)
    assert int(after.arrays["slots/iteration"]) == 3


def test_the_flag_makes_a_change_of_the_optimiser_a_cold_one(heard: Heard) -> None:
    model = net(optimiser_changes_trigger_retraining=True)
    mach = trained(model)
    model.optimiser = mlj.Adam(0.01)
    mlj.fit(mach, verbosity=2)
    assert heard.epochs() == 2 and mach.state == 2
    fresh = net(optimiser_changes_trigger_retraining=True, optimiser=mlj.Adam(0.01))
    assert digest(mach) == digest(trained(fresh))


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 4},
        {"lambda_": 0.1},
        {"lambda_": 0.1, "alpha": 0.5},
        {"loss": "mean_absolute_error"},
        {"builder.activation": "tanh"},
        {"rng": 2},
        {"shuffle": False},
        {"standardise": False},
        {"jit_compile": False},
    ],
    ids=str,
)
def test_every_other_change_is_cold_even_if_epochs_rise(
    changes: dict[str, Any], heard: Heard
) -> None:
    model = net()
    mach = trained(model)
    for path, value in {**changes, "epochs": 3}.items():
        model.set(path, value)
    mlj.fit(mach, verbosity=2)
    assert heard.epochs() == 3
    assert digest(mach) == digest(trained(net().replace({**changes, "epochs": 3})))


def test_a_device_alone_is_recorded() -> None:
    model = net()
    mach = trained(model)
    model.acceleration = mlj.CPU1()
    assert mlj.fit(mach, verbosity=0).state == 1
    model.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert digest(mach) == digest(trained(net(epochs=4)))


def test_operations_use_the_model_of_the_last_fit() -> None:
    class Constant(mlj.Deterministic):
        value: float = 1.0

        def fit(self, verbosity: int, X: Any, y: Any) -> None:
            return None

        def predict(self, fitresult: None, Xnew: Any) -> list[float]:
            return [self.value] * len(Xnew)

    model = Constant()
    mach = trained(model)
    model.value = 2.0
    assert mlj.predict(mach, [[0.0, 0.0]]) == [1.0]
    assert mlj.predict(mlj.fit(mach, verbosity=0), [[0.0, 0.0]]) == [2.0]


def test_a_frozen_machine_is_left_alone_even_by_force_until_it_is_thawed(heard: Heard) -> None:
    model = net()
    mach = trained(model)
    before = digest(mach)
    mlj.freeze(mach)
    model.batch_size = 4
    mlj.fit(mach)
    mlj.fit(mach, rows=[0, 1, 2], force=True)
    assert (mach.state, digest(mach)) == (1, before)
    levels = [record.levelname for record in heard.caplog.records]
    assert levels == ["INFO", "WARNING"]
    assert "it is frozen. Use thaw(mach)" in heard.caplog.messages[0]
    assert heard.verbs() == ["Not retraining"] * 2
    assert mlj.fit(mlj.thaw(mach)).state == 2
    assert heard.verbs() == ["Updating"]


def test_a_machine_frozen_before_training_stays_untrained_and_says_so(heard: Heard) -> None:
    mach = mlj.fit(mlj.freeze(mlj.machine(net(), X, Y)), verbosity=0)
    assert mach.state == 0
    assert "it is frozen and untrained" in heard.caplog.messages[0]


def test_a_model_made_bad_in_place_raises_at_fit_and_changes_nothing() -> None:
    model = net(optimiser=mlj.SGD(0.1))
    mach = trained(model)
    object.__setattr__(model.optimiser, "momentum", 7.0)
    with pytest.raises(InvalidModelError, match="SGD.momentum"):
        mlj.fit(mach)
    assert mach.state == 1


def test_another_model_of_another_class_trains_from_scratch(heard: Heard) -> None:
    mach = trained()
    mach.model = net(rng=5)
    assert mlj.fit(mach).state == 2
    assert heard.verbs() == ["Updating"]

    class Own(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> str:
            return "fitted"

    mach.model = Own()
    assert mlj.fit(mach).state == 3
    assert heard.verbs() == ["Training"]
    assert mach.container is Own and mlj.fitted_params(mach).fitresult == "fitted"


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_predicts_the_same_and_goes_on_bit_for_bit(twin: Any) -> None:
    mach = trained(net(optimiser=mlj.Adam(0.01), builder=mlj.Short(n_hidden=4, dropout=0.5)))
    other = twin(mach)
    assert other.model is not mach.model and other.model == mach.model
    np.testing.assert_array_equal(mlj.predict(other), mlj.predict(mach))
    other.model.epochs = 5
    mlj.fit(other, verbosity=0)
    assert (other.state, mach.state) == (2, 1)
    assert digest(other) != digest(mach)
    mach.model.epochs = 5
    assert digest(mlj.fit(mach, verbosity=0)) == digest(other)


def test_without_cache_nothing_is_kept_and_training_is_the_same() -> None:
    model = net()
    lean, usual = trained(model, cache=False), trained()
    usual.model.epochs = model.epochs = 5
    assert len(pickle.dumps(lean)) < len(pickle.dumps(usual))
    for mach in (lean, usual):
        mlj.fit(mach, verbosity=0)
    assert digest(lean) == digest(usual)
    assert lean.state == 2


def test_a_fit_that_stops_with_something_worth_keeping_counts_and_raises_its_cause(
    heard: Heard,
) -> None:
    class Halting(mlj.Deterministic):
        epochs: int = 9

        def fit(self, verbosity: int, X: Any, y: Any) -> Any:
            done = self.replace({"epochs": 4})
            raise PartialFit(mlj.FitOutcome("four"), done, KeyboardInterrupt("enough"))

        def update(self, verbosity: int, outcome: Any, old_model: Any, X: Any, y: Any) -> str:
            return f"{outcome.fitresult}, then {self.epochs - old_model.epochs}"

    mach = mlj.machine(Halting(), X, Y)
    with pytest.raises(KeyboardInterrupt, match="enough"):
        mlj.fit(mach, verbosity=0)
    assert mach.state == 1 and mlj.fitted_params(mach).fitresult == "four"
    assert "The machine keeps 4 whole epoch(s); call fit again" in heard.caplog.messages[-1]
    mlj.fit(mach, verbosity=0)
    assert mach.state == 2 and mlj.fitted_params(mach).fitresult == "four, then 5"


def test_an_ordinary_error_leaves_the_machine_as_it_was_and_unlocked() -> None:
    class Moody(mlj.Deterministic):
        bad: bool = False

        def fit(self, verbosity: int, X: Any, y: Any) -> str:
            if self.bad:
                raise ZeroDivisionError("moody")
            return "fitted"

    model = Moody()
    mach = trained(model)
    model.bad = True
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            mlj.fit(mach, verbosity=0)
    assert mach.state == 1 and mlj.fitted_params(mach).fitresult == "fitted"


def test_two_fits_at_once_raise_in_the_second() -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> str:
            started.set()
            assert go_on.wait(timeout=30)
            return "fitted"

    mach = mlj.machine(Slow(), X, Y)
    thread = threading.Thread(target=mlj.fit, args=(mach,), kwargs={"verbosity": 0})
    thread.start()
    try:
        assert started.wait(timeout=30)
        with pytest.raises(ConcurrentFitError, match="being trained by another thread. Wait"):
            mlj.fit(mach, verbosity=0)
    finally:
        go_on.set()
        thread.join(timeout=30)
    assert mach.state == 1 and mlj.fit(mach, verbosity=0).state == 1


def test_another_model_in_its_place_is_checked_against_the_data() -> None:
    three = pd.Series(pd.Categorical(["u", "v", "w"] * 8), index=X.index)
    mach = mlj.machine(mlj.NeuralNetworkClassifier(epochs=0, rng=1), X, three)
    mach.model = net()
    with pytest.raises(ScitypeError, match=r"y is Multiclass\[3\]"):
        mlj.fit(mach, verbosity=0)
    mach.model = mlj.NeuralNetworkBinaryClassifier()
    with pytest.raises(ScitypeError, match=r"y is Multiclass\[3\]"):
        mlj.fit(mach, verbosity=0)
