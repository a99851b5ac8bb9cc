"""Callbacks of Keras as controls: what they are told, and what they do."""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.engine import program
from mlj_keras.errors import ControlError, InvalidModelError
from mlj_keras.interop.keras_callback import changed_values
from tests.batteries.iterating import Given
from tests.batteries.iterating import X as PLAIN_X
from tests.batteries.iterating import Y as PLAIN_Y

X, Y = mlj.load_diabetes()


def net(**changes: Any) -> Any:
    settings = {"builder": mlj.MLP(hidden=(8,)), "batch_size": 32, "rng": 1}
    return mlj.NeuralNetworkRegressor(**settings | changes)


def fitted(callback: Any, model: Any = None, n: int = 6, step: int = 1, **options: Any) -> Any:
    controls = [mlj.Step(step), mlj.KerasCallback(callback), mlj.NumberLimit(n)]
    given = {"measure": mlj.rms, "keep": "last", **options}
    whole = mlj.IteratedModel(net() if model is None else model, controls=controls, **given)
    return mlj.fit(mlj.machine(whole, X, Y), verbosity=0)


class Seen(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Notes what it is called with."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.calls.append("begin")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.calls.append((epoch, dict(logs), self.model.get_weights()))

    def on_train_end(self, logs: Any = None) -> None:
        self.calls.append("end")


def test_a_callback_is_told_epochs_logs_and_weights() -> None:
    seen = Seen()
    mach = fitted(seen, n=2, step=3)
    report = mlj.report(mach)
    assert [call if isinstance(call, str | int) else call[0] for call in seen.calls] == [
        "begin",
        *(2, 2, 5, 5),
        "end",
    ]
    epoch, logs, weights = seen.calls[4]
    assert set(logs) == {"loss", "val_loss", "val_rms", "learning_rate"}
    assert logs["val_loss"] == logs["val_rms"] == report.losses[1]
    assert logs["loss"] == mlj.training_losses(mach)[epoch]
    assert logs["learning_rate"] == 0.001
    learned = mlj.fitted_params(mlj.fitted_params(mach).machine).network.get_weights()
    for one, other in zip(weights, learned, strict=True):
        np.testing.assert_array_equal(one, other)
    assert int(seen.model.optimizer.iterations) == 6 * 10  # 309 rows in batches of 32


@pytest.mark.parametrize("patience", [1, 3])
def test_early_stopping_stops_when_it_should_and_restores_the_best_weights(patience: int) -> None:
    rule = mlj.Adam(0.3)
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    mach = fitted(stop, net(optimiser=rule), n=40)
    losses = mlj.report(mach).losses
    best = int(np.argmin(losses))
    assert len(losses) == best + patience + 1 < 40
    assert mlj.report(mach).controls[1][1] == {"stopped": True}
    pair = mlj.Holdout(0.7, shuffle=True, rng=1).train_test_pairs(range(len(Y)))[0]
    alone = mlj.machine(net(optimiser=rule, epochs=best + 1), X, Y)
    mlj.fit(alone, rows=pair[0], verbosity=0)
    wanted, found = mlj.snapshot(alone).arrays, mlj.snapshot(mach).arrays
    for key in wanted:
        if not key.startswith("slots/"):
            np.testing.assert_array_equal(found[key], wanted[key])


def test_the_best_averages_are_restored_where_the_optimiser_averages_weights() -> None:
    rule = mlj.Adam(0.3, use_ema=True, ema_momentum=0.9)
    stop = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
    mach = fitted(stop, net(optimiser=rule), n=40)
    losses = mlj.report(mach).losses
    test = mlj.Holdout(0.7, shuffle=True, rng=1).train_test_pairs(range(len(Y)))[0][1]
    assert mlj.rms(mlj.predict(mach, X.iloc[test]), Y.iloc[test]) == pytest.approx(min(losses))
    assert losses[-1] > min(losses)


def test_weights_are_restored_as_well_if_another_control_ends_it() -> None:
    stop = keras.callbacks.EarlyStopping(patience=99, restore_best_weights=True)
    mach = fitted(stop, net(optimiser=mlj.Adam(0.3)), n=12)
    losses = mlj.report(mach).losses
    pair = mlj.Holdout(0.7, shuffle=True, rng=1).train_test_pairs(range(len(Y)))[0]
    test = pair[1]
    assert mlj.rms(mlj.predict(mach, X.iloc[test]), Y.iloc[test]) == pytest.approx(min(losses))
    assert losses[-1] > min(losses)


def test_a_plateau_reduces_the_rate_as_by_hand_and_compiles_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted(Seen(), net(optimiser=mlj.Adam(0.1)), n=1)
    monkeypatch.setattr(program.Program, "__init__", None)  # a new program would fail
    options = {"factor": 0.5, "patience": 1, "min_delta": 0.0}
    seen: list[float] = []
    reduce = keras.callbacks.ReduceLROnPlateau(**options)
    controls = [
        mlj.Step(1),
        mlj.WithModelDo(lambda model: seen.append(model.optimiser.learning_rate)),
        mlj.KerasCallback(reduce),
        mlj.NumberLimit(14),
    ]
    model = mlj.IteratedModel(net(optimiser=mlj.Adam(0.1)), controls=controls, measure=mlj.rms)
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    by_hand = keras.callbacks.ReduceLROnPlateau(**options)
    other = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    other.compile(optimizer=keras.optimizers.Adam(0.1))
    by_hand.set_model(other)
    by_hand.on_train_begin()
    wanted = []
    for epoch, loss in enumerate(mlj.report(mach).losses):
        wanted.append(float(other.optimizer.learning_rate.numpy()))
        by_hand.on_epoch_end(epoch, {"val_loss": loss})
    np.testing.assert_allclose(seen, wanted, rtol=1e-6)
    assert len(set(seen)) > 2


def test_a_csv_logger_writes_a_row_a_cycle(tmp_path: Path) -> None:
    mach = fitted(keras.callbacks.CSVLogger(str(tmp_path / "log.csv")), n=3)
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert [float(row["val_loss"]) for row in rows] == pytest.approx(mlj.report(mach).losses)


def test_functions_are_called_by_a_lambda_callback() -> None:
    calls: list[Any] = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: calls.append((epoch, logs["val_loss"])),
        on_train_end=lambda logs: calls.append("end"),
    )
    mach = fitted(callback, n=2)
    assert calls == [*enumerate(mlj.report(mach).losses), "end"]


def test_tensorboard_writes_events_that_can_be_read_back(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra tracking is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    mach = fitted(keras.callbacks.TensorBoard(str(tmp_path)), n=3)
    found = EventAccumulator(str(tmp_path / "validation"), size_guidance={"tensors": 0}).Reload()
    events = found.Tensors("epoch_loss")
    assert [event.step for event in events] == [0, 1, 2]
    values = [float(make_ndarray(event.tensor_proto)) for event in events]
    assert values == pytest.approx(mlj.report(mach).losses)


def test_pipelines_and_wrapped_networks_have_callbacks_too() -> None:
    seen = Seen()
    fitted(seen, mlj.Standardizer() | mlj.Freezable(net()), n=2)
    assert [call for call in seen.calls if isinstance(call, str)] == ["begin", "end"]
    stop = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    pipe = mlj.Standardizer() | net(optimiser=mlj.Adam(0.3))
    losses = mlj.report(fitted(stop, pipe, n=40)).losses
    assert len(losses) == np.argmin(losses) + 2


def test_weights_that_a_callback_changes_are_trained_on_with() -> None:
    class Zero(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.set_weights([0 * weight for weight in self.model.get_weights()])

    mach = fitted(Zero(), n=1)
    arrays = mlj.snapshot(mach).arrays
    assert all(not array.any() for key, array in arrays.items() if not key.startswith("slots/"))
    assert any(array.any() for key, array in arrays.items() if key.startswith("slots/"))


def test_what_a_callback_sets_when_training_begins_is_trained_on_with() -> None:
    class Begin(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_train_begin(self, logs: Any = None) -> None:
            self.model.set_weights([0 * weight for weight in self.model.get_weights()])
            self.model.optimizer.learning_rate = 0.5

    seen: list[float] = []
    controls = [
        mlj.Step(1),
        mlj.KerasCallback(Begin()),
        mlj.WithModelDo(lambda model: seen.append(model.optimiser.learning_rate)),
        mlj.NumberLimit(1),
    ]
    model = mlj.IteratedModel(net(), controls=controls, keep="last")
    arrays = mlj.snapshot(mlj.fit(mlj.machine(model, X, Y), verbosity=0)).arrays
    assert not any(array.any() for key, array in arrays.items() if not key.startswith("slots/"))
    assert seen == [0.5]


def test_a_changed_rate_that_would_train_from_the_start_is_refused() -> None:
    class Half(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.5

    model = net(optimiser_changes_trigger_retraining=True)
    with pytest.raises(ControlError, match="Set optimiser_changes_trigger_retraining=False"):
        fitted(Half(), model)


def test_a_training_that_was_cut_off_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    def losses_and_rows(name: str, cut_in: int) -> Any:
        def cut(run: Any) -> None:
            if run.n_cycles + 1 == cut_in and name not in seen:
                seen.append(name)
                raise KeyboardInterrupt

        seen: list[str] = []
        log = keras.callbacks.CSVLogger(str(tmp_path / name))
        best = keras.callbacks.EarlyStopping(patience=99, restore_best_weights=True)
        controls = [
            mlj.Step(1),
            mlj.KerasCallback(log),
            mlj.KerasCallback(best),
            mlj.Callback(cut, raw=True),
            mlj.NumberLimit(8),
        ]
        model = net(optimiser=mlj.Adam(0.3))
        mach = mlj.machine(mlj.IteratedModel(model, controls=controls, keep="last"), X, Y)
        if cut_in:
            with pytest.raises(KeyboardInterrupt), pytest.warns(match="stopped early"):
                mlj.fit(mach, verbosity=0)
        mlj.fit(mach, verbosity=0)
        return mlj.report(mach).losses, (tmp_path / name).read_text(), mlj.snapshot(mach)

    whole, cut = losses_and_rows("whole", 0), losses_and_rows("cut", 5)
    assert whole[0][4] > min(whole[0][:4])  # so that the best weights were others than the last
    assert whole == cut


def test_a_score_is_turned_round_as_val_loss() -> None:
    seen = Seen()
    flowers, species = mlj.load_iris()
    controls = [mlj.Step(1), mlj.KerasCallback(seen), mlj.NumberLimit(2)]
    model = mlj.NeuralNetworkClassifier(rng=1)
    whole = mlj.IteratedModel(model, controls=controls, measure=mlj.accuracy)
    mach = mlj.fit(mlj.machine(whole, flowers, species), verbosity=0)
    logs = [call[1] for call in seen.calls if isinstance(call, tuple)]
    assert [each["val_accuracy"] for each in logs] == mlj.report(mach).losses
    assert [each["val_loss"] for each in logs] == [-loss for loss in mlj.report(mach).losses]
    assert np.allclose(seen.model(np.zeros((1, 4), "float32")).numpy().sum(), 1, atol=1e-6)


def test_a_callback_is_told_of_the_end_once() -> None:
    seen = Seen()
    mach = fitted(seen, n=2)
    mach.model.keep = "best"
    mlj.fit(mach, verbosity=0)
    assert [call for call in seen.calls if isinstance(call, str)] == ["begin", "end"]
    copy.deepcopy(mach)  # Keras would warn if its models were copied with it


def test_a_callback_before_the_first_step_is_refused() -> None:
    controls = [mlj.KerasCallback(Seen()), mlj.Step(1), mlj.NumberLimit(2)]
    mach = mlj.machine(mlj.IteratedModel(net(), controls=controls), X, Y)
    with pytest.raises(ControlError, match="Put KerasCallback after Step"):
        mlj.fit(mach, verbosity=0)


def test_what_is_no_callback_or_no_network_is_refused() -> None:
    for given in (3, keras.callbacks.EarlyStopping):
        with pytest.raises(InvalidModelError, match="must be a callback of Keras, such as keras"):
            mlj.KerasCallback(given)
    controls = [mlj.Step(1), mlj.KerasCallback(Seen()), mlj.NumberLimit(2)]
    with pytest.raises(InvalidModelError, match="for networks, and Given is none"):
        mlj.machine(mlj.IteratedModel(Given(), controls=controls), PLAIN_X, PLAIN_Y)


def test_values_that_differ_in_a_bit_are_changed() -> None:
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    before = changed_values(
        network, {"layers/0/kernel": np.zeros(0), "layers/0/bias": np.zeros(0)}
    )
    assert changed_values(network, before) == {}
    bias = before["layers/0/bias"] + np.float32(1e-30)
    assert set(changed_values(network, {**before, "layers/0/bias": bias})) == {"layers/0/bias"}
