"""Replicas train what one device trains: the CPU cut into several devices stands for GPUs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.engine.distribution import place_of, say_default
from mlj_keras.errors import DeviceError, InvalidModelError, ModelWarning
from tests.batteries.containers import numbers, output

N_ROWS = 107  # six batches of 16, and one of 11, which cannot be shared evenly
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, 6)).astype("float32")
COLOURS = pd.Categorical.from_codes(RNG.integers(0, 5, N_ROWS), list("abcde"))
CODES = RNG.integers(0, 300, N_ROWS)
WORDS = pd.Categorical.from_codes(CODES, [f"w{k:05}" for k in range(70_000)])
FACTORS = pd.DataFrame(X).add_prefix("x").assign(colour=COLOURS)
MANY = pd.DataFrame(X).add_prefix("x").assign(word=WORDS)
IMAGES = RNG.integers(0, 255, (N_ROWS, 8, 8), dtype=np.uint8)
Y = X @ np.arange(6, dtype="float32") / 6 + 0.1 * RNG.normal(size=N_ROWS).astype("float32")
CLASSES = pd.Series(pd.Categorical(np.where(Y > 0.5, "high", np.where(Y < -0.5, "low", "mid"))))
TWO = pd.Series(pd.Categorical(np.where(Y > 0, "yes", "no")))
TABLE = pd.DataFrame({"a": Y, "b": -2 * Y})
W = RNG.uniform(0, 2, N_ROWS).astype("float32")
Layers = keras.layers


def normalised(inputs: Any, n_out: int) -> Any:
    return Layers.Dense(n_out)(Layers.ReLU()(Layers.BatchNormalization()(Layers.Dense(8)(inputs))))


def normalised_image(inputs: Any, n_out: int) -> Any:
    maps = Layers.BatchNormalization()(Layers.Conv2D(4, 3)(inputs))
    return Layers.Dense(n_out)(Layers.GlobalAveragePooling2D()(Layers.ReLU()(maps)))


def recurrent(inputs: Any, n_out: int) -> Any:
    return Layers.Dense(n_out)(Layers.LSTM(5)(Layers.Reshape((3, 2))(inputs)))


def both_ways(inputs: Any, n_out: int) -> Any:
    sequence = Layers.Reshape((3, 2))(inputs)
    return Layers.Dense(n_out)(Layers.Bidirectional(Layers.GRU(4))(sequence))


def penalised(inputs: Any, n_out: int) -> Any:
    hidden = Layers.Dense(8, "tanh", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02))
    return Layers.Dense(n_out)(hidden(inputs))


def with_dropout(inputs: Any, n_out: int) -> Any:
    return Layers.Dense(n_out)(Layers.Dropout(0.4)(Layers.Dense(32, "relu")(inputs)))


def net(build: Any, model: Any = mlj.NeuralNetworkRegressor, **changes: Any) -> mlj.Model:
    return model(builder=mlj.builder_from(build), **changes)


MLP = mlj.MLP(hidden=(8,), activation="tanh")
WIDE = mlj.MLP(hidden=(400, 400))  # too large for one vector, and compiled
LARGE = ("wide", "many levels")
CNN = mlj.ImageCNN(blocks=((4, 1),), dense=())
# name → model, X, y and, where there are some, weights
CASES: dict[str, tuple[Any, ...]] = {
    "dense": (mlj.NeuralNetworkRegressor(builder=MLP), X, Y),
    "dense, weighted": (mlj.NeuralNetworkRegressor(builder=MLP), X, Y, W),
    "wide": (mlj.NeuralNetworkRegressor(builder=WIDE), X, Y),
    "whatever fits": (mlj.NeuralNetwork(builder=MLP), X, CLASSES),
    "several targets": (mlj.MultitargetNeuralNetworkRegressor(builder=MLP), X, TABLE),
    "classes": (mlj.NeuralNetworkClassifier(builder=MLP), X, CLASSES),
    "classes, balanced": (mlj.NeuralNetworkClassifier(builder=MLP), X, CLASSES, "balanced"),
    "two classes": (mlj.NeuralNetworkBinaryClassifier(builder=MLP), X, TWO),
    "factors": (mlj.NeuralNetworkClassifier(builder=MLP), FACTORS, CLASSES, W),
    "many levels": (mlj.NeuralNetworkRegressor(builder=MLP), MANY, Y),
    "normalised": (net(normalised), X, Y),
    "normalised, weighted": (net(normalised, mlj.NeuralNetworkClassifier), X, CLASSES, W),
    "images": (mlj.ImageClassifier(builder=CNN), IMAGES, CLASSES),
    "images, normalised": (net(normalised_image, mlj.ImageClassifier), IMAGES, CLASSES),
    "numbers of images": (mlj.ImageRegressor(builder=CNN), IMAGES, Y),
    "recurrent": (net(recurrent), X, Y),
    "both ways": (net(both_ways), X, Y),
    "penalised": (net(penalised), X, Y),
}
SETTINGS = {"epochs": 3, "batch_size": 16, "optimiser": mlj.SGD(0.05), "rng": 7}
PENALTY: dict[str, dict[str, float]] = {
    "many levels": {},  # with a penalty large tables are not moved by rows
    # A bias before the normalising layer stays zero but for rounding, the sign of which is random.
    "normalised": {"lambda_": 0.1, "alpha": 0.0},
}


def mirrored(n: int) -> mlj.Mirrored:
    return mlj.Mirrored([f"/CPU:{index}" for index in range(n)])


def trained(case: str, acceleration: Any, **changes: Any) -> mlj.Machine:
    model, *data = CASES[case]
    penalty = PENALTY.get(case.partition(",")[0], {"lambda_": 0.1, "alpha": 0.3})
    own = model.replace({**SETTINGS, **penalty, "acceleration": acceleration, **changes})
    return mlj.fit(mlj.machine(own, *data), verbosity=0)


def arrays_of(mach: mlj.Machine) -> dict[str, np.ndarray]:
    return {k: a for k, a in mlj.snapshot(mach).arrays.items() if "seed" not in k}


@functools.cache
def on_one_device(case: str) -> dict[str, np.ndarray]:
    return arrays_of(trained(case, mlj.CPU1()))


def check_equal(found: dict[str, np.ndarray], expected: dict[str, np.ndarray], tol: float) -> None:
    assert found.keys() == expected.keys()
    for key, array in found.items():
        np.testing.assert_allclose(array, expected[key], rtol=tol, atol=tol, err_msg=key)


@pytest.mark.parametrize(
    ("case", "n"), [*((case, n) for case in CASES for n in (2, 4)), ("dense, weighted", 3)]
)
def test_weights_equal_those_of_one_device_and_two_runs_are_equal_to_the_bit(
    case: str, n: int
) -> None:
    one = trained(case, mirrored(n))
    assert mlj.report(one).path == ("xla" if case in LARGE else "graph")
    assert f"/CPU:{n - 1}" in mlj.report(one).device
    check_equal(arrays_of(one), on_one_device(case), 1e-4 if "normalised" in case else 1e-5)
    if n == 2:
        assert mlj.snapshot(trained(case, mirrored(n))) == mlj.snapshot(one)


@pytest.mark.parametrize("case", CASES)
def test_a_machine_goes_on_in_another_place_and_predicts_there(case: str) -> None:
    model, *data = CASES[case]
    whole = trained(case, mlj.CPU1(), epochs=6)
    moved = trained(case, mlj.CPU1(), epochs=2)
    for epochs, acceleration in ((4, mirrored(2)), (5, mirrored(3)), (6, mlj.CPU1())):
        moved.model.acceleration, moved.model.epochs = acceleration, epochs
        mlj.fit(moved, verbosity=0)
        assert len(numbers(output(moved, data[0]))) == N_ROWS
    tol = 1e-4 if "normalised" in case else 1e-5
    check_equal(arrays_of(moved), arrays_of(whole), tol)
    np.testing.assert_allclose(
        numbers(output(moved, data[0])), numbers(output(whole, data[0])), rtol=1e-3, atol=1e-4
    )


OPTIMISERS = {
    "Adam": mlj.Adam(0.01),
    "clipped, averaged": mlj.Adam(0.01, clipnorm=0.1, use_ema=True, ema_momentum=0.9),
    "clipped together": mlj.SGD(0.05, momentum=0.9, nesterov=True, global_clipnorm=0.1),
    "decayed": mlj.AdamW(0.01, weight_decay=0.1),
    "a schedule": keras.optimizers.RMSprop(keras.optimizers.schedules.CosineDecay(0.01, 15)),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_makes_the_step_of_the_whole_batch(name: str) -> None:
    one, two = (
        trained("dense", place, optimiser=OPTIMISERS[name]) for place in (mlj.CPU1(), mirrored(2))
    )
    check_equal(arrays_of(two), arrays_of(one), 1e-4)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_the_same_to_its_accuracy(precision: str) -> None:
    one, two = (
        trained("classes", place, precision=precision) for place in (mlj.CPU1(), mirrored(2))
    )
    np.testing.assert_allclose(
        mlj.training_losses(two), mlj.training_losses(one), rtol=0.05, atol=0.01
    )


DROPPING = net(with_dropout, **{**SETTINGS, "epochs": 15, "optimiser": mlj.Adam(0.01)})


@functools.cache
def dropout_losses(n: int) -> list[float]:
    """The last losses of 20 seeds on n replicas."""
    place = mlj.CPU1() if n == 1 else mirrored(n)
    models = [DROPPING.replace({"rng": seed, "acceleration": place}) for seed in range(20)]
    machines = [mlj.fit(mlj.machine(model, X, Y), verbosity=0) for model in models]
    again = mlj.fit(mlj.machine(models[-1], X, Y), verbosity=0)
    assert mlj.snapshot(again) == mlj.snapshot(machines[-1])
    return [mlj.training_losses(mach)[-1] for mach in machines]


def check_same_law(losses: list[float]) -> None:
    """The difference of means of pairs, against its standard error: t has 19 degrees of freedom,
    and the bound 1 %."""
    difference = np.array(losses) - np.array(dropout_losses(1))
    assert abs(difference.mean()) < 2.86 * difference.std(ddof=1) / np.sqrt(20)


def test_random_layers_draw_the_same_law_on_replicas() -> None:
    check_same_law(dropout_losses(2))


def test_replicas_draw_other_masks() -> None:
    """Two equal rows, one on each replica: with equal masks their shares would be equal."""
    place = place_of(mirrored(2))
    with place.scope():
        layer = Layers.Dropout(0.5, seed=1)
        seed = layer.seed_generator.state

    def draw() -> Any:
        own = place.own_seed(seed.value)
        outputs, _ = layer.stateless_call([], [own], tf.ones((1, 64)), training=True)
        return place.joined(outputs)

    first, second = np.asarray(tf.function(lambda: place.run(draw, ()))())
    assert 10 < (first != second).sum() < 54


def test_dropout_goes_on_where_it_ended() -> None:
    whole = net(with_dropout, **{**SETTINGS, "acceleration": mirrored(2), "epochs": 4})
    at_once = mlj.fit(mlj.machine(whole, X, Y), verbosity=0)
    parts = mlj.fit(mlj.machine(whole.replace({"epochs": 1}), X, Y), verbosity=0)
    parts.model.epochs = 4
    assert mlj.snapshot(mlj.fit(parts, verbosity=0)) == mlj.snapshot(at_once)


STRATEGIES: dict[str, Callable[[], Any]] = {
    "mirrored": lambda: tf.distribute.MirroredStrategy(["/CPU:2", "/CPU:3"]),
    "one device": lambda: tf.distribute.OneDeviceStrategy("/CPU:1"),
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_of_tensorflow_is_an_acceleration(name: str) -> None:
    strategy = STRATEGIES[name]()
    mach = trained("dense", strategy)
    assert mach.model.acceleration is strategy
    check_equal(arrays_of(mach), on_one_device("dense"), 1e-5)


@pytest.mark.parametrize("reduction", ["hierarchical_copy", "one_device"])
def test_the_way_of_summing_can_be_chosen(reduction: str) -> None:
    mach = trained("dense", mlj.Mirrored(["/CPU:0", "/CPU:1"], reduction=reduction))
    check_equal(arrays_of(mach), on_one_device("dense"), 1e-5)


def test_one_replica_is_one_device() -> None:
    mach = trained("dense", mlj.Mirrored(["CPU:0"]))
    assert mlj.report(mach).device == "/CPU:0" and mlj.report(mach).path == "xla"
    assert arrays_of(mach).keys() == on_one_device("dense").keys()
    assert mlj.report(trained("dense", mlj.Mirrored())).device == "/CPU:0"


def test_a_pickled_machine_trains_on_and_its_state_does_not_know_where_it_was() -> None:
    import pickle

    mach = trained("factors", mirrored(2))
    other = pickle.loads(pickle.dumps(mach))
    other.model.epochs = mach.model.epochs = 5
    assert mlj.snapshot(mlj.fit(other, verbosity=0)) == mlj.snapshot(mlj.fit(mach, verbosity=0))
    assert not any("CPU" in str(value) for value in vars(mlj.snapshot(mach)).values())


def test_a_batch_smaller_than_the_replicas_is_refused() -> None:
    with pytest.raises(InvalidModelError, match=r"batch of 2 row\(s\).*4 replicas.*batch_size=4"):
        trained("dense", mirrored(4), batch_size=2)
    few = mlj.NeuralNetworkRegressor(builder=MLP, acceleration=mirrored(4), epochs=1, rng=1)
    assert mlj.report(mlj.fit(mlj.machine(few, X[:20], Y[:20]), verbosity=0)).batch_size == 4


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(DeviceError, match="/GPU:1 is not there: TensorFlow sees /CPU:0, /CPU:1"):
        trained("dense", mlj.Mirrored(["/CPU:0", "/GPU:1"]))
    assert mlj.devices()[:2] == ["/CPU:0", "/CPU:1"]


@pytest.mark.parametrize("case", ["dense, weighted", "many levels", "penalised", "images"])
def test_xla_compiles_the_share_of_a_replica(case: str) -> None:
    mach = trained(case, mirrored(2), jit_compile=True)
    assert mlj.report(mach).path == "xla"
    check_equal(arrays_of(mach), on_one_device(case), 1e-5)
    half = trained(case, mirrored(2), jit_compile=True, precision="mixed_float16")
    losses = mlj.training_losses(mach)
    np.testing.assert_allclose(mlj.training_losses(half), losses, rtol=0.05, atol=0.01)


def test_xla_is_refused_where_replicas_exchange_within_a_share() -> None:
    with pytest.raises(InvalidModelError, match="jit_compile=True is not to be had.*2 replicas"):
        trained("normalised", mirrored(2), jit_compile=True)


def test_a_loss_of_a_whole_batch_is_refused() -> None:
    def total(truth: Any, outputs: Any) -> Any:
        return tf.reduce_mean(tf.square(truth - outputs))

    with pytest.raises(InvalidModelError, match="one number for a whole batch, and each replica"):
        own = {"loss": total, "lambda_": 0.0, "batch_size": N_ROWS}
        trained("dense", mirrored(2), **own)


def embedded(acceleration: Any) -> np.ndarray:
    """Factors by the embeddings that a network learned there, restarted once."""
    settings = {**SETTINGS, "acceleration": acceleration, "epochs": 2}
    inner = mlj.NeuralNetworkClassifier(builder=MLP, **settings)
    mach = mlj.fit(mlj.machine(mlj.EntityEmbedder(inner), FACTORS, CLASSES), verbosity=0)
    mach.model.model.epochs = 3
    return numbers(mlj.transform(mlj.fit(mach, verbosity=0), FACTORS))


def test_embeddings_are_learned_on_replicas() -> None:
    expected = embedded(mlj.CPU1())
    np.testing.assert_allclose(embedded(mirrored(2)), expected, rtol=1e-4, atol=1e-5)


def test_data_that_do_not_fit_are_sent_to_every_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = arrays_of(trained("factors", mirrored(2)))
    monkeypatch.setattr("mlj_keras.engine.data.memory_of", lambda device: 100)
    check_equal(arrays_of(trained("factors", mirrored(2))), expected, 1e-6)


def with_a_layer_of_ones_own(inputs: Any, n_out: int) -> Any:
    same = Layers.Lambda(lambda t: t, output_shape=(6,))(inputs)
    return Layers.Dense(n_out)(Layers.BatchNormalization()(same))


def test_layers_that_may_mix_rows_are_warned_of_and_batches_are_normalised_together() -> None:
    model = net(with_a_layer_of_ones_own, **{**SETTINGS, "acceleration": mirrored(2)})
    with pytest.warns(ModelWarning, match="may mix rows, and each of 2 replicas"):
        two = mlj.fit(mlj.machine(model, X[:96], Y[:96]), verbosity=0)
    one = mlj.machine(model.replace({"acceleration": mlj.CPU1()}), X[:96], Y[:96])
    check_equal(arrays_of(two), arrays_of(mlj.fit(one, verbosity=0)), 1e-4)


def test_two_machines_train_at_once_in_one_place() -> None:
    with ThreadPoolExecutor(2) as pool:
        cases = ("dense", "classes")
        found = list(pool.map(lambda case: arrays_of(trained(case, mirrored(2))), cases))
    for case, arrays in zip(cases, found, strict=True):
        check_equal(arrays, on_one_device(case), 1e-5)


def test_where_networks_are_trained_by_default_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    say_default.cache_clear()
    caplog.set_level("INFO", "mlj_keras")
    for _ in range(2):
        model = mlj.NeuralNetworkRegressor(builder=MLP, epochs=1, rng=1)
        mlj.fit(mlj.machine(model, X, Y))
    said = [m for m in caplog.messages if m.startswith("acceleration=None")]
    assert said == ["acceleration=None: networks are trained on /CPU:0."]
