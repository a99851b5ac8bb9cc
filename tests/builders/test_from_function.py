"""`builder_from`: fields that can be tuned, rng or not, and what makes another network."""

from __future__ import annotations

import copy
import functools
import pickle
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, UnknownFieldError

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
WIDTH = 4


def net(inputs: Any, n_out: int, n1: int = 16, activation: str = "relu") -> Any:
    """One hidden layer."""
    hidden = keras.layers.Dense(n1, activation=activation)(inputs)
    return keras.layers.Dense(n_out)(hidden)


def net_of_global(inputs: Any, n_out: int) -> Any:
    """Its width is a global of the module."""
    return keras.layers.Dense(n_out)(keras.layers.Dense(WIDTH)(inputs))


def trained(builder: mlj.Builder) -> mlj.Machine:
    """A regressor's machine with this builder, not trained further than its first weights."""
    model = mlj.NeuralNetworkRegressor(builder=builder, epochs=0, rng=1)
    return mlj.fit(mlj.machine(model, X, X[:, 0]), verbosity=0)


def widths(mach: mlj.Machine) -> list[int]:
    """The number of outputs of each layer."""
    return [w.shape[1] for w in mlj.fitted_params(mach).network.get_weights() if w.ndim == 2]


def test_fields_are_hyper_parameters_of_the_model_that_has_the_builder() -> None:
    model = mlj.NeuralNetworkRegressor(builder=mlj.builder_from(net, n1=5), epochs=0, rng=1)
    assert model.get("builder.n1") == 5
    mach = mlj.fit(mlj.machine(model, X, X[:, 0]), verbosity=0)
    assert widths(mach) == [5, 1]
    model.set("builder.n1", 2)
    assert widths(mlj.fit(mach, verbosity=0)) == [2, 1]
    assert model.replace({"builder.n1": 7}).get("builder.n1") == 7


def test_what_is_no_field_keeps_the_default_of_the_function() -> None:
    builder = mlj.builder_from(net)
    assert builder.fields() == ()
    assert widths(trained(builder)) == [16, 1]


def test_fields_are_typed_by_their_values() -> None:
    builder = mlj.builder_from(net, n1=5)
    with pytest.raises(InvalidModelError, match=r"net\.n1 must be an int, got 2\.5"):
        builder.set("n1", 2.5)
    with pytest.raises(UnknownFieldError, match="net has no hyper-parameter 'n2'. Did you mean"):
        builder.set("n2", 3)


def test_the_repr_is_a_call_of_the_function() -> None:
    assert repr(mlj.builder_from(net, n1=5)) == "net(n1=5)"
    assert repr(mlj.builder_from(lambda inputs, n_out: inputs)) == "GenericBuilder()"
    assert type(mlj.builder_from(net)).__doc__ == "One hidden layer."


def test_rng_is_handed_to_functions_that_take_it_and_to_no_other() -> None:
    seen: dict[str, Any] = {}

    def with_rng(inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        seen["rng"] = rng
        return keras.layers.Dense(n_out)(inputs)

    def with_anything(inputs: Any, n_out: int, **rest: Any) -> Any:
        seen["rest"] = rest
        return keras.layers.Dense(n_out)(inputs)

    trained(mlj.builder_from(with_rng))
    trained(mlj.builder_from(with_anything, n1=3))
    assert isinstance(seen["rng"], np.random.Generator)
    assert set(seen["rest"]) == {"rng", "n1"}
    assert isinstance(seen["rest"]["rng"], np.random.Generator)


def closing_over(width: int) -> Callable[..., Any]:
    """A function that reads a variable of its closure."""

    def closed(inputs: Any, n_out: int) -> Any:
        return keras.layers.Dense(n_out)(keras.layers.Dense(width)(inputs))

    return closed


def test_another_value_in_the_closure_makes_another_network() -> None:
    assert widths(trained(mlj.builder_from(closing_over(3)))) == [3, 1]
    assert widths(trained(mlj.builder_from(closing_over(5)))) == [5, 1]


def test_a_closure_that_changes_makes_another_network_of_the_same_function() -> None:
    width = 3

    def closed(inputs: Any, n_out: int) -> Any:
        return keras.layers.Dense(n_out)(keras.layers.Dense(width)(inputs))

    builder = mlj.builder_from(closed)
    assert widths(trained(builder)) == [3, 1]
    width = 6
    assert widths(trained(builder)) == [6, 1]


def test_a_changed_global_makes_another_network(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = mlj.builder_from(net_of_global)
    assert widths(trained(builder)) == [4, 1]
    monkeypatch.setitem(net_of_global.__globals__, "WIDTH", 2)
    assert widths(trained(builder)) == [2, 1]


def test_copies_share_the_structure() -> None:
    builder = mlj.builder_from(net, n1=5)
    twin = copy.deepcopy(builder)
    assert twin == builder
    assert twin.key() == builder.key() != mlj.builder_from(net, n1=6).key()
    assert mlj.builder_from(net, n1=5) == builder != mlj.builder_from(net, n1=6)


def test_pickled_builders_of_functions_of_a_module_are_equal() -> None:
    builder = mlj.builder_from(net, n1=5)
    twin = pickle.loads(pickle.dumps(builder))
    assert twin == builder
    assert twin.key() == builder.key()
    mach = pickle.loads(pickle.dumps(trained(builder)))
    assert mlj.fit(mach, verbosity=0).state == 1  # nothing changed, nothing is trained again


def shifted(function: Callable[..., Any], units: int) -> Callable[..., Any]:
    """The same function, asked for layers that are wider by `units`."""

    @functools.wraps(function)
    def wrapped(inputs: Any, n_out: int, n1: int) -> Any:
        return function(inputs, n_out, n1 + units)

    return wrapped


def test_two_decorations_of_one_function_are_two_networks() -> None:
    assert widths(trained(mlj.builder_from(shifted(net, 1), n1=3))) == [4, 1]
    assert widths(trained(mlj.builder_from(shifted(net, 2), n1=3))) == [5, 1]


def test_a_partial_function_is_a_builder() -> None:
    assert widths(trained(mlj.builder_from(functools.partial(net, n1=3)))) == [3, 1]


@pytest.mark.parametrize(
    ("function", "fields", "message"),
    [
        (mlj.MLP, {}, r"builder_from takes a function, got <class .*Write builder_from\(f, n1=16"),
        (3, {}, "builder_from takes a function, got 3"),
        (net, {"n2": 3}, r"net cannot be called as f\(inputs, n_out, n2=\.\.\.\): .*'n2'"),
        (lambda inputs, n_out, k: inputs, {}, r"as f\(inputs, n_out\): missing .*'k'"),
        (lambda: 0, {}, r"cannot be called as f\(inputs, n_out\)"),
    ],
)
def test_functions_that_do_not_fit_are_refused_at_once(
    function: Any, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        mlj.builder_from(function, **fields)
