"""Containers that differ in seeds, trained together on rows of their own."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.containers import _together as module
from mlj_keras.engine import training
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import InvalidModelError, ModelWarning, NonFiniteLossError
from mlj_keras.machine import Source
from mlj_keras.models.interface import FitOutcome, PartialFit

N_ROWS = 24
RNG = np.random.default_rng(4)
NUMBERS = pd.DataFrame(RNG.normal(size=(N_ROWS, 2)), columns=["a", "b"])
MIXED = NUMBERS.assign(shade=pd.Categorical(["dark", "light", "mid"] * (N_ROWS // 3)))
Y = pd.Series(NUMBERS["a"] * 30 + 100, name="price")
KINDS = pd.Series(pd.Categorical(["x", "y", "z"] * (N_ROWS // 3)), name="kind")
SIDES = pd.Series(pd.Categorical(["left", "right"] * (N_ROWS // 2)), name="side")
W = np.linspace(0.1, 2.0, N_ROWS)
HALVES = (np.arange(0, N_ROWS, 2), np.arange(0, 12), np.arange(12, 24))


def net(container: Any = mlj.NeuralNetworkRegressor, **changes: Any) -> Any:
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 3, "batch_size": 5, "rng": 1}
    return container(**given | changes)


def models_of(model: Any, n: int = 3) -> list[Any]:
    return [model.replace({"rng": 10 + i}) for i in range(n)]


def data_of(*data: Any, rows: Sequence[Any] = HALVES) -> list[tuple[Any, ...]]:
    """The same data at some rows for each, as models take them."""
    sources = [Source(each) for each in data]
    return [tuple(source.rows(own, native=False) for source in sources) for own in rows]


def together(
    models: Sequence[Any], data: Sequence[Any], before: Any = None, verbosity: int = 0
) -> Any:
    """What each has learned; None if none was trained."""
    known = [None] * len(models) if before is None else before
    found = models[0].train_together(verbosity, models, known, data.__getitem__)
    return None if found is None or all(each is None for each in found) else found


def states(outcomes: Sequence[FitOutcome]) -> list[MachineState]:
    return [outcome.fitresult.state for outcome in outcomes]


def check_close(ours: Sequence[FitOutcome], theirs: Sequence[FitOutcome]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        arrays = [outcome.fitresult.state.arrays for outcome in (one, other)]
        assert list(arrays[0]) == list(arrays[1])
        for key, array in arrays[0].items():
            np.testing.assert_allclose(array, arrays[1][key], rtol=1e-4, atol=2e-5, err_msg=key)
        assert one.report.keys() == other.report.keys()
        pairs = {key: (value, other.report[key]) for key, value in one.report.items()}
        np.testing.assert_allclose(*pairs.pop("training_losses"), rtol=1e-4)
        assert all(mine == its for mine, its in pairs.values())
        assert one.cache is None


ALL: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "numbers": (net(), (NUMBERS, Y)),
    "factors and weights": (net(lambda_=0.1, alpha=0.3), (MIXED, Y, W)),
    "targets": (
        net(mlj.MultitargetNeuralNetworkRegressor),
        (NUMBERS, NUMBERS * [2.0, 3.0]),
    ),
    "classes by weight": (
        net(mlj.NeuralNetworkClassifier),
        (MIXED, KINDS, {"x": 1.0, "y": 2.0, "z": 0.5}),
    ),
    "two classes": (net(mlj.NeuralNetworkBinaryClassifier), (NUMBERS, SIDES, "balanced")),
}


def bound(data: tuple[Any, ...], model: Any) -> tuple[Any, ...]:
    """The data as a machine has them: weights of classes are read there."""
    return tuple(arg.data for arg in mlj.machine(model, *data).args)


@pytest.mark.parametrize("case", ALL)
def test_each_learns_what_fit_learns_of_its_rows(case: str) -> None:
    model, given = ALL[case]
    models, data = models_of(model), data_of(*bound(given, model))
    found = together(models, data)
    check_close(found, [m.fit(0, *own) for m, own in zip(models, data, strict=True)])
    for one, m, own in zip(found, models, data, strict=True):
        assert one.report["rng"] == m.rng and one.fitresult.spec.builder == m.builder
        assert len(m.predict(one.fitresult, own[0])) == 12


def test_without_a_seed_each_draws_its_own() -> None:
    models, data = [net(rng=None)] * 2, data_of(NUMBERS, Y, rows=HALVES[:1] * 2)
    seeds = [outcome.report["rng"] for outcome in together(models, data)]
    assert seeds[0] != seeds[1]
    again = [model.replace({"rng": seed}) for model, seed in zip(models, seeds, strict=True)]
    assert [outcome.report["rng"] for outcome in together(again, data)] == seeds


# Going on, and starting anew.


def begun(models: Sequence[Any], data: Sequence[Any]) -> list[tuple[Any, FitOutcome]]:
    return list(zip(models, together(models, data), strict=True))


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 5}, {"epochs": 5, "optimiser": mlj.Adam(0.1)}],
    ids=["epochs", "rate"],
)
def test_what_continues_training_goes_on(changes: dict[str, Any]) -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    before = begun(models, data)
    later = [model.replace(changes) for model in models]
    found = together(later, data, before)
    alone = [
        new.update(0, outcome, old, *own)
        for new, (old, outcome), own in zip(later, before, data, strict=True)
    ]
    check_close(found, [FitOutcome(a.fitresult, None, a.report) for a in alone])
    assert [outcome.report["epochs"] for outcome in found] == [5, 5]
    if "optimiser" not in changes:
        assert states(found) == states(together(later, data))


@pytest.mark.parametrize(
    "changes",
    [
        {"lambda_": 0.5},
        {"epochs": 2},
        {"epochs": 5, "alpha": 0.5},
        {"builder": mlj.MLP(hidden=(3,))},
        {"epochs": 5, "batch_size": 4},
        {"shuffle": False},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_anything_else_starts_anew(changes: dict[str, Any]) -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    later = [model.replace(changes) for model in models]
    found = together(later, data, begun(models, data))
    assert states(found) == states(together(later, data))


def test_an_optimiser_that_retrains_starts_anew() -> None:
    models = models_of(net(optimiser_changes_trigger_retraining=True), 2)
    data = data_of(NUMBERS, Y, rows=HALVES[:2])
    later = [model.replace({"optimiser": mlj.Adam(0.1), "epochs": 5}) for model in models]
    assert states(together(later, data, begun(models, data))) == states(together(later, data))


def test_a_rule_of_another_class_goes_on_one_by_one() -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    later = [model.replace({"optimiser": mlj.SGD(0.1), "epochs": 5}) for model in models]
    assert together(later, data, begun(models, data)) is None


# Those that cannot.


def test_other_structures_and_lengths_each_have_a_group_of_their_own() -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    other = models[1].replace({"builder": mlj.MLP(hidden=(3,))})
    alone = together(models, data)
    mixed = together([models[0], other], [data[0], data[0]])
    assert states(mixed)[0] == states(alone)[0]
    assert states(mixed)[1].digest() == together([other], [data[0]])[0].fitresult.state.digest()
    shorter = data_of(NUMBERS, Y, rows=(HALVES[0], HALVES[1][:-1]))
    assert states(together(models, shorter))[0] == states(alone)[0]


def test_those_that_go_on_and_those_that_begin_are_the_same_as_all_from_the_start() -> None:
    models, data = models_of(net()), data_of(NUMBERS, Y)
    later = [model.replace({"epochs": 5}) for model in models]
    before = [None, *begun(models[1:], data[1:])]
    assert states(together(later, data, before)) == states(together(later, data))


def test_the_graph_path_trains_one_by_one() -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    assert together(models_of(net(jit_compile=False), 2), data) is None
    assert together(models, data) is not None


def test_members_whose_optimisers_have_made_other_numbers_of_steps_do_not_mix() -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    first, second = together(models, data)
    keys = states([second])[0].arrays
    counter = next(key for key in keys if key.startswith("slots/") and key.count("/") == 1)
    fit = second.fitresult
    state = fit.state.with_arrays({counter: fit.state.arrays[counter] + 7})
    second = dataclasses.replace(
        second, fitresult=dataclasses.replace(fit, state=state, _bound={})
    )
    later = [model.replace({"epochs": 5}) for model in models]
    found = together(later, data, [(models[0], first), (models[1], second)])
    steps = [int(state.arrays[counter]) for state in states(found)]
    assert steps[1] - steps[0] == 7


def test_a_loss_that_is_not_finite_is_left_to_each_alone() -> None:
    wild = net(optimiser=mlj.SGD(1e20), standardise=False, builder=mlj.MLP(hidden=(5,)))
    models, data = models_of(wild, 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    for _ in range(2):
        assert together(models, data) is None
    with pytest.raises(NonFiniteLossError, match="learning rate 1e"):
        models[0].fit(0, *data[0])
    tame = [model.replace({"optimiser": mlj.SGD(1e-6)}) for model in models]
    assert together(tame, data) is not None, "the program is none the worse"


def test_a_structure_that_failed_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def refused(program: Any, given: Any, *args: Any) -> Any:
        tried.append(len(given))
        raise training.TrainingStopped(given, RuntimeError("no such kernel"))

    monkeypatch.setattr(module, "train_together", refused)
    models = models_of(net(builder=mlj.MLP(hidden=(7,))), 2)
    data = data_of(NUMBERS, Y, rows=HALVES[:2])
    assert [together(models, data) for _ in range(2)] == [None, None]
    assert tried == [2]


def test_what_is_wrong_is_said_as_one_alone_says_it() -> None:
    data = data_of(NUMBERS, Y, rows=HALVES[:2])

    def whole(y_true: Any, y_pred: Any) -> Any:
        import keras

        return keras.ops.mean(keras.ops.square(y_true - y_pred))

    with pytest.raises(InvalidModelError, match="returns one number for a whole batch"):
        together(models_of(net(loss=whole), 2), data)
    with pytest.warns(ModelWarning, match="depends on the unit and sign of the target"):
        together(models_of(net(loss="poisson"), 2), data)


# Cut off.


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function: from here on training is interrupted after so many epochs."""
    monkeypatch.setattr(training, "SECONDS_PER_CALL", 0)  # one epoch a group

    def after(n_epochs: int, error: BaseException) -> None:
        @contextlib.contextmanager
        def progress(*args: Any, **options: Any) -> Iterator[Any]:
            done: list[float] = []

            def heard(count: int, losses: list[float]) -> None:
                done.extend(losses)
                if len(done) == n_epochs:
                    raise error

            yield heard

        monkeypatch.setattr(module, "progress", progress)

    return after


def test_ctrl_c_leaves_whole_epochs_and_models_that_say_so(stopping: Any) -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    expected = {
        n: states(together([m.replace({"epochs": n}) for m in models], data)) for n in (2, 3)
    }
    stopping(2, KeyboardInterrupt("stop"))
    with pytest.raises(PartialFit, match="stop") as stopped:
        together(models, data)
    partial: Any = stopped.value
    assert isinstance(partial.cause, KeyboardInterrupt)
    assert states(partial.outcome) == expected[2]
    assert partial.model == [model.replace({"epochs": 2}) for model in models]
    assert [model.epochs for model in models] == [3, 3]
    before = list(zip(partial.model, partial.outcome, strict=True))
    stopping(9, KeyboardInterrupt())
    assert states(together(models, data, before)) == expected[3]


def test_of_several_groups_that_are_cut_off_nothing_is_kept(stopping: Any) -> None:
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    models[1].builder = mlj.MLP(hidden=(3,))
    stopping(2, KeyboardInterrupt("stop"))
    with pytest.raises(KeyboardInterrupt, match="stop"):
        together(models, data)


def test_before_the_first_whole_epoch_there_is_nothing_to_keep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(program: Any, given: Any, *args: Any) -> Any:
        raise training.TrainingStopped(given, KeyboardInterrupt("at once"))

    monkeypatch.setattr(module, "train_together", stopped)
    with pytest.raises(KeyboardInterrupt, match="at once"):
        together(models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2]))


def test_at_verbosity_two_the_mean_loss_of_each_epoch_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "mlj_keras")
    models, data = models_of(net(), 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    found = together(models, data, verbosity=2)
    means = np.mean([outcome.report["training_losses"][1:] for outcome in found], axis=0)
    assert caplog.messages == [
        f"Epoch {epoch}/3: loss {mean:.4g}" for epoch, mean in enumerate(means, start=1)
    ]


def test_weights_without_a_gradient_are_left_to_each_alone_as_no_decay_may_move_them() -> None:
    def deaf(y_true: Any, y_pred: Any) -> Any:
        import keras

        return keras.ops.sum(keras.ops.square(y_true), axis=-1)

    model = net(loss=deaf, optimiser=mlj.AdamW(0.1, weight_decay=0.1))
    models, data = models_of(model, 2), data_of(NUMBERS, Y, rows=HALVES[:2])
    assert together(models, data) is None
    hearing = [each.replace({"loss": "mean_squared_error"}) for each in models]
    assert together(hearing, data) is not None
