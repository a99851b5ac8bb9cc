"""No public call leaves anything of the process other than it found it, side by side in threads
too."""

from __future__ import annotations

import decimal
import locale
import logging
import operator
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.parallel.jobs import run_jobs
from tests.batteries.oracles import factor, fitted, numbers

N_ROWS = 24
X, Y = numbers(N_ROWS, 3), numbers(N_ROWS, 1, seed=1)[:, 0]
FRAME = pd.DataFrame({"left": X[:, 0], "kind": factor(N_ROWS, 4), "right": X[:, 1]})
CLASSES = factor(N_ROWS, 2)
PIXELS = np.random.default_rng(0).uniform(size=(N_ROWS, 5, 5)).astype("float32")
THREADS = mlj.CPUThreads(2)

REGRESSOR: Any = mlj.NeuralNetworkRegressor
CLASSIFIER: Any = mlj.NeuralNetworkClassifier
SMALL: dict[str, Any] = {
    "builder": mlj.Short(n_hidden=3),
    "epochs": 2,
    "batch_size": 8,
    "rng": 1,
    "jit_compile": False,
}


def state_of_the_process() -> dict[str, Any]:
    """All that is there once for everyone, by name."""
    from keras.src.random.seed_generator import global_seed_generator
    from tensorflow.python.eager import context
    from tensorflow.python.framework.config import is_op_determinism_enabled

    config = keras.config
    return {
        # Keras' generator first: making it, at its first use, draws from Python's.
        "generator of Keras": global_seed_generator().state.numpy().tolist(),
        "generator of Python": random.getstate(),
        "generator of NumPy": str(np.random.get_state(legacy=False)),
        "generator of TensorFlow": tf.random.get_global_generator().state.numpy().tolist(),
        "seed of TensorFlow": context.global_seed(),
        "floats of Keras": (config.floatx(), config.epsilon(), config.dtype_policy().name),
        "images of Keras": config.image_data_format(),
        "stack traces": (
            config.is_traceback_filtering_enabled(),
            tf.debugging.is_traceback_filtering_enabled(),
        ),
        "op determinism": is_op_determinism_enabled(),
        "eager functions": tf.config.functions_run_eagerly(),
        "strategy": type(tf.distribute.get_strategy()).__name__,
        "errors of NumPy": np.geterr(),
        "printing of NumPy": str(np.get_printoptions()),
        "printing of pandas": pd.get_option("display.max_rows"),
        "filters of warnings": list(warnings.filters),
        "what shows warnings": (warnings.showwarning, vars(warnings)["_showwarnmsg_impl"]),
        "environment": dict(os.environ),
        "locale": locale.setlocale(locale.LC_ALL, None),
        "decimals": str(decimal.getcontext()),
        "root of logging": (logging.root.level, list(logging.root.handlers)),
        "logging": logging.root.manager.disable,
        "folder": os.getcwd(),
        "paths of modules": list(sys.path),
        "hooks": (sys.excepthook, threading.excepthook, sys.stdout, sys.stderr),
        "signals": [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)],
    }


def changed_since(before: dict[str, Any]) -> list[str]:
    """The names of what is not as it was."""
    return [name for name, now in state_of_the_process().items() if now != before[name]]


def everyday_calls() -> None:
    mach = fitted(CLASSIFIER(**{**SMALL, "jit_compile": "auto"}), FRAME, CLASSES)
    before = mlj.snapshot(mach)
    mach.model.epochs = 3
    mlj.fit(mach, verbosity=0)
    mlj.fit(mach, verbosity=0, force=True)
    mlj.restore(mach, before)
    for call in (mlj.predict, mlj.predict_mode, mlj.predict_proba, mlj.report, mlj.fitted_params):
        call(mach)
    mlj.training_losses(mach)
    mlj.to_keras(mach)
    mlj.reproducibility_report(mach)
    repr(mach)


def evaluated(where: Any) -> Callable[[], Any]:
    cv = mlj.CV(nfolds=4, rng=1)
    options: dict[str, Any] = {"resampling": cv, "measures": mlj.l2, "verbosity": 0}
    return lambda: mlj.evaluate(REGRESSOR(**SMALL), X, Y, acceleration=where, **options)


def tuned(where: Any, tuning: Any) -> Callable[[], Any]:
    net = REGRESSOR(**SMALL)
    r = mlj.param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1e-1, scale="log10")
    options: dict[str, Any] = {"ranges": r, "measure": mlj.l2, "n": 3, "tuning": tuning}
    return lambda: fitted(mlj.TunedModel(net, acceleration=where, **options), X, Y)


def iterated(model: Any) -> Any:
    holdout = mlj.Holdout(0.7, shuffle=True, rng=1)
    controls = [mlj.Step(1), mlj.NumberLimit(3)]
    return mlj.IteratedModel(model, controls=controls, resampling=holdout, measure=mlj.l2)


def boosted_in_threads() -> None:
    model = iterated(mlj.load("SGDRegressor")(random_state=1))
    cv = mlj.CV(nfolds=4, rng=1)
    mlj.evaluate(model, X, Y, resampling=cv, measures=mlj.l2, verbosity=0, acceleration=THREADS)


def stacked() -> None:
    models: dict[str, Any] = {"net": REGRESSOR(**SMALL), "ridge": mlj.load("Ridge")()}
    stack = mlj.Stack(
        metalearner=mlj.load("Ridge")(), resampling=mlj.CV(nfolds=2, rng=1), **models
    )
    stack.acceleration = THREADS
    mlj.predict(fitted(stack, X, Y))


def inspected() -> None:
    mach = fitted(mlj.Standardizer() | REGRESSOR(**SMALL), pd.DataFrame(X, columns=[*"abc"]), Y)
    mlj.permutation_importance(mach, measure=mlj.l2, n_repeats=2)
    mlj.partial_dependence(mach, "a")
    mlj.predict(mach)


CASES: dict[str, Callable[[], Any]] = {
    "everyday calls": everyday_calls,
    "words": lambda: mlj.fit(mlj.machine(REGRESSOR(**SMALL), X, Y), verbosity=1),
    "a shorter precision": lambda: mlj.predict(
        fitted(REGRESSOR(**SMALL, precision="mixed_bfloat16"), X, Y)
    ),
    "replicas": lambda: mlj.predict(
        fitted(REGRESSOR(**SMALL, acceleration=mlj.Mirrored(["CPU:0", "CPU:1"])), X, Y)
    ),
    "images": lambda: mlj.predict(
        fitted(
            mlj.ImageClassifier(
                builder=mlj.ImageCNN(blocks=((2, 1),), dense=(3,)), epochs=1, rng=1
            ),
            PIXELS,
            CLASSES,
        )
    ),
    "a rate too high": lambda: pytest.raises(mlj.errors.NonFiniteLossError, evaluate_too_fast),
    "evaluate": evaluated(None),
    "evaluate in threads": evaluated(THREADS),
    "evaluate in threads of joblib": evaluated("threading"),
    "tuning": tuned(None, mlj.RandomSearch(rng=1)),
    "tuning in threads": tuned(THREADS, mlj.LatinHypercube(rng=1)),
    "tuning by Optuna": tuned(None, mlj.TPE(rng=1)),
    "iteration": lambda: fitted(iterated(REGRESSOR(**SMALL)), X, Y),
    "iteration of others in threads": boosted_in_threads,
    "ensembles": lambda: mlj.predict(fitted(mlj.EnsembleModel(REGRESSOR(**SMALL), n=3), X, Y)),
    "ensembles in threads": lambda: fitted(
        mlj.EnsembleModel(REGRESSOR(**SMALL), n=3, acceleration=THREADS, together=False), X, Y
    ),
    "stacks": stacked,
    "pipelines, inspected": inspected,
    "a learning curve": lambda: mlj.learning_curve(
        REGRESSOR(**SMALL),
        X,
        Y,
        range=mlj.param_range(REGRESSOR(**SMALL), "epochs", lower=1, upper=3),
        resolution=2,
        measure=mlj.l2,
        verbosity=0,
    ),
    "data": lambda: mlj.schema(
        mlj.coerce(mlj.load_iris(split=False), {mlj.Count: mlj.Continuous})
    ),
}


def evaluate_too_fast() -> None:
    fitted(REGRESSOR(**{**SMALL, "optimiser": mlj.SGD(1e30), "epochs": 5}), X, Y)


@pytest.mark.parametrize("case", CASES)
def test_the_process_is_as_it_was_after(case: str) -> None:
    before = state_of_the_process()
    CASES[case]()
    assert changed_since(before) == []


@pytest.fixture
def put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What the guard is tried with is undone."""
    precision = decimal.getcontext().prec
    level = logging.root.level
    with warnings.catch_warnings(), np.errstate():
        yield monkeypatch
    decimal.getcontext().prec = precision
    logging.root.setLevel(level)
    keras.config.set_dtype_policy("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")


CHANGES: dict[str, Callable[[], Any]] = {
    "generator of Keras": lambda: keras.random.uniform((1,)),
    "generator of Python": random.random,
    "generator of NumPy": np.random.random,
    "generator of TensorFlow": lambda: tf.random.get_global_generator().uniform((1,)),
    "floats of Keras": lambda: keras.config.set_dtype_policy("mixed_bfloat16"),
    "images of Keras": lambda: keras.config.set_image_data_format("channels_first"),
    "errors of NumPy": lambda: np.seterr(over="ignore"),
    "filters of warnings": lambda: warnings.simplefilter("ignore"),
    "root of logging": lambda: logging.root.setLevel(logging.DEBUG),
    "decimals": lambda: setattr(decimal.getcontext(), "prec", 5),
}


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("name", CHANGES)
def test_the_guard_sees_a_change_of(name: str) -> None:
    before = state_of_the_process()
    CHANGES[name]()
    assert changed_since(before) == [name]


def test_the_guard_sees_a_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = state_of_the_process()
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert changed_since(before) == ["environment"]


FIRST, SECOND = threading.Event(), threading.Event()


class Slow(mlj.Builder):
    """Builds while another thread wants to."""

    is_first: bool = True

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        if self.is_first:
            FIRST.set()
            SECOND.wait(0.5)  # in vain, if the other has to wait until this is built
        else:
            SECOND.set()
        return keras.layers.Dense(n_out)(keras.layers.Dropout(0.5)(inputs))


def test_two_threads_that_build_networks_leave_the_generator_of_python_as_it_was() -> None:
    def train(*, is_first: bool) -> None:
        if not is_first:
            assert FIRST.wait(10)
        fitted(REGRESSOR(**{**SMALL, "builder": Slow(is_first=is_first)}), X, Y)

    before = state_of_the_process()
    threads = [threading.Thread(target=train, kwargs={"is_first": each}) for each in (True, False)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert FIRST.is_set() and SECOND.is_set()
    assert changed_since(before) == []


MEETING, FIRST_HAS_LEFT = threading.Barrier(2), threading.Event()


def leave_in_the_order_you_came(payload: int, index: int) -> int:
    """The second job is still there when the first ends."""
    MEETING.wait(10)
    if index:
        FIRST_HAS_LEFT.wait(0.3)
    return payload + index


@pytest.mark.parametrize(
    ("work", "where"),
    [(leave_in_the_order_you_came, "threading"), (operator.add, mlj.CPUProcesses(2))],
    ids=["threads", "processes"],
)
def test_jobs_leave_the_process_as_it_was(work: Any, where: Any) -> None:
    before = state_of_the_process()
    assert sorted(outcome.result for outcome in run_jobs(work, 1, 2, where)) == [1, 2]
    assert changed_since(before) == []
