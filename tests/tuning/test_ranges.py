"""Ranges: what a field may be, taken from the model; bounds, origin and unit; and refusals."""

from __future__ import annotations

import copy
import math
import pickle
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, MLJKerasError, UnknownFieldError, WrongType
from mlj_keras.models import param
from mlj_keras.tuning.ranges import NominalRange, NumericRange, param_range

INF, NAN = math.inf, math.nan
NET = mlj.NeuralNetworkRegressor(rng=1)
SHORT = mlj.NeuralNetworkRegressor(builder=mlj.Short())
HIDDEN = "neural_network_regressor.builder.hidden"


class Own(mlj.Deterministic):
    """A model with fields of every kind of declaration."""

    shift: float = 0.0
    plain: Any = 2
    real: Any = 0.5
    nothing: Any = None
    maybe: float | None = param(None, kind=float, optional=True)


def numeric(path: str, model: Any = NET, **given_: Any) -> NumericRange:
    """A range of numbers."""
    found = param_range(model, path, **given_)
    assert isinstance(found, NumericRange)
    return found


@pytest.mark.parametrize(
    ("model", "path", "integer"),
    [
        (NET, "epochs", True),
        (NET, "lambda_", False),
        (NET, "batch_size", True),  # None by default, and declared as an int
        (NET, "rng", True),  # an int here
        (NET, "optimiser.learning_rate", False),
        (NET, "optimizer.learning_rate", False),
        (SHORT, "builder.n_hidden", True),
        (SHORT, "builder.dropout", False),
        (mlj.Standardizer() | NET, "neural_network_regressor.epochs", True),
        (mlj.Standardizer() | NET, "neural_network_regressor.batch_size", True),
        (Own(), "shift", False),
        (Own(shift=1), "shift", False),  # an int given for a float
        (Own(), "plain", True),
        (Own(), "real", False),
        (Own(), "maybe", False),
    ],
)
def test_whether_numbers_are_rounded_says_the_hyperparameter(
    model: Any, path: str, *, integer: bool
) -> None:
    found = numeric(
        path, model, lower=0.25 if not integer else 1, upper=0.75 if not integer else 9
    )
    assert found.field == path and found.integer is integer


def test_a_class_stands_for_its_instance_with_defaults() -> None:
    found = param_range(mlj.NeuralNetworkRegressor, "epochs", lower=1, upper=9)
    assert found == numeric("epochs", lower=1, upper=9)


def test_the_model_is_left_as_it_was() -> None:
    before = copy.deepcopy(SHORT)
    numeric("builder.dropout", SHORT, lower=0, upper=0.9)
    param_range(SHORT, "builder.dropout", values=[0.1])
    assert before == SHORT


def test_the_middle_of_the_bounds_and_half_their_distance_are_origin_and_unit() -> None:
    found = numeric("lambda_", lower=1, upper=4)
    assert (found.lower, found.upper, found.origin, found.unit) == (1, 4, 2.5, 1.5)
    assert (found.scale, found.ends) == ("linear", (1, 4))
    given_ = numeric("lambda_", lower=1, upper=4, origin=2, unit=0.5)
    assert (given_.origin, given_.unit, given_.ends) == (2, 0.5, (1, 4))


@pytest.mark.parametrize(
    ("lower", "upper", "scale", "ends"),
    # Where a bound is lacking: (upper - 2 unit, upper), (lower, lower + 2 unit) or
    # (origin - unit, origin + unit), and a logarithmic scale where one bound alone lacks.
    [
        (0.5, None, "log10", (0.5, 6.5)),
        (-0.5, None, "linear", (-0.5, 5.5)),
        (0, None, "linear", (0, 6)),  # no logarithm of 0
        (None, 4, "linear", (-2, 4)),
        (None, None, "linear", (-2, 4)),
    ],
)
def test_a_range_without_a_bound_reaches_as_far_as_origin_and_unit_say(
    lower: float | None, upper: float | None, scale: str, ends: tuple[float, float]
) -> None:
    found = numeric("shift", Own(), lower=lower, upper=upper, origin=1, unit=3)
    assert (found.scale, found.ends) == (scale, ends)
    assert (found.lower, found.upper) == (
        -INF if lower is None else lower,
        INF if upper is None else upper,
    )


def test_negative_numbers_without_a_lower_bound_are_on_the_scale_of_their_negatives() -> None:
    found = numeric("shift", Own(), upper=-1, origin=-3, unit=2)
    assert (found.scale, found.ends) == ("log10minus", (-5, -1))
    assert numeric("shift", Own(), upper=0, origin=-3, unit=2).scale == "linear"


def test_infinite_bounds_are_no_bounds() -> None:
    infinite = numeric("shift", Own(), lower=-INF, upper=INF, origin=0, unit=1)
    assert infinite == numeric("shift", Own(), origin=0, unit=1)


def test_numbers_of_numpy_are_numbers() -> None:
    plain = numeric("epochs", lower=1, upper=9)
    assert numeric("epochs", lower=np.int64(1), upper=np.float32(9)) == plain
    assert numeric("epochs", lower=np.array(1), upper=np.array(9.0)) == plain


@pytest.mark.parametrize(
    ("number", "rounded"), [(0.5, 0), (1.5, 2), (2.5, 2), (3.5, 4), (2.51, 3), (7, 7)]
)
def test_ints_are_rounded_half_to_even_and_other_numbers_are_floats(
    number: float, rounded: int
) -> None:
    value = numeric("epochs", lower=0, upper=9).value(number)
    assert type(value) is int and value == rounded
    other = numeric("lambda_", lower=0, upper=9).value(number)
    assert type(other) is float and other == number


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_bounds_of_ints_are_values_of_their_range(low: int, width: int) -> None:
    found = numeric("epochs", lower=low, upper=low + width)
    assert found.ends == (low, low + width)
    assert found.lower < found.origin < found.upper and found.unit == width / 2
    assert [NET.replace({"epochs": found.value(end)}).epochs for end in found.ends] == [
        low,
        low + width,
    ]


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ({"lower": 1, "upper": 9}, "NumericRange('shift', lower=1.0, upper=9.0)"),
        (
            {"lower": 1e-4, "upper": 0.5, "scale": "log10"},
            "NumericRange('shift', lower=0.0001, upper=0.5, scale='log10')",
        ),
        (
            {"lower": 0, "upper": 1, "origin": 0.25},
            "NumericRange('shift', lower=0.0, upper=1.0, origin=0.25, unit=0.5)",
        ),
        (
            {"lower": 2, "origin": 3, "unit": 4},
            "NumericRange('shift', lower=2.0, origin=3.0, unit=4.0, scale='log10')",
        ),
        ({"origin": 3, "unit": 4}, "NumericRange('shift', origin=3.0, unit=4.0)"),
    ],
)
def test_a_range_shows_what_it_was_made_of(given_: dict[str, Any], shown: str) -> None:
    assert repr(numeric("shift", Own(), **given_)) == shown


def test_ranges_that_differ_in_a_last_digit_are_shown_differently() -> None:
    ends = (0.1, math.nextafter(0.1, 1))
    shown = {repr(numeric("lambda_", lower=end, upper=1)) for end in ends}
    assert len(shown) == 2


def test_ranges_are_values_and_travel_to_other_processes() -> None:
    one = numeric("lambda_", lower=1e-4, upper=1, scale="log10")
    twin = pickle.loads(pickle.dumps(one))
    assert twin == one != numeric("lambda_", lower=1e-4, upper=1)
    assert twin.layout.to(0.01) == -2
    with pytest.raises(AttributeError, match="cannot assign"):
        one.lower = 0.5  # type: ignore[misc]


def test_values_of_any_kind_are_kept_in_their_order_as_the_model_stores_them() -> None:
    found = param_range(NET, "optimiser", values=[mlj.SGD(), "adam", mlj.Adam(0.1)])
    assert isinstance(found, NominalRange)
    assert found.values == (mlj.SGD(), mlj.Adam(), mlj.Adam(0.1))
    assert param_range(NET, "batch_size", values=[None, np.int64(8)]).values == (None, 8)
    assert param_range(NET, "shuffle", values=(False, True)).values == (False, True)
    assert param_range(NET, "lambda_", values=np.array([0.5, 0.25])).values == (0.5, 0.25)
    piped = param_range(mlj.Standardizer() | NET, HIDDEN, values=[(4,), [8, 8]])
    assert (piped.field, piped.values) == (HIDDEN, ((4,), (8, 8)))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("epoch", "NeuralNetworkRegressor has no hyper-parameter 'epoch'. Did you mean 'epochs'"),
        ("optimiser.learning_rat", "Adam has no .*'learning_rat'.*Did you mean 'learning_rate'"),
        ("builder.n_hidden", "MLP has no hyper-parameter 'n_hidden'.*Did you mean 'hidden'"),
        ("epochs.first", "'first' is asked of 10, which has no fields"),
        ("", "It has: builder, optimiser"),
    ],
)
@pytest.mark.parametrize("given_", [{"lower": 1, "upper": 2}, {"values": [1, 2]}])
def test_a_path_that_does_not_exist_is_refused_with_the_nearest_names(
    path: str, words: str, given_: Any
) -> None:
    with pytest.raises(UnknownFieldError, match=words):
        param_range(NET, path, **given_)


@pytest.mark.parametrize("model", ["net", None, dict, 3])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(WrongType, match="param_range needs a model, got .*Write param_range"):
        param_range(model, "epochs", lower=1, upper=2)


@pytest.mark.parametrize("path", ["shuffle", "loss", "optimiser", "builder.hidden"])
def test_bounds_of_what_is_no_number_are_refused(path: str) -> None:
    with pytest.raises(InvalidArgument, match=f"{path!r} of .* is no number. Give values="):
        param_range(NET, path, lower=0, upper=1)


def test_bounds_of_a_field_that_is_none_and_declares_no_number_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="'nothing' of Own is None, which is no number"):
        param_range(Own(), "nothing", lower=0, upper=1)
    with pytest.raises(InvalidArgument, match="'rng' of .* is None, which is no number"):
        param_range(mlj.NeuralNetworkRegressor(), "rng", lower=0, upper=1)


REVERSED = "Give a lower bound that is less than the upper one, or values="
AROUND = "The origin lies between the bounds .*, and the unit is positive"
NUMBER = "must be a number, got"


@pytest.mark.parametrize(
    ("path", "given_", "words"),
    [
        ("lambda_", {"lower": 5, "upper": 1}, f"lower=5 and upper=1. {REVERSED}"),
        ("epochs", {"lower": 2, "upper": 2}, f"lower=2 and upper=2. {REVERSED}"),
        ("lambda_", {"lower": INF}, REVERSED),
        ("lambda_", {"lower": NAN, "upper": 1}, f"lower of 'lambda_' {NUMBER} nan"),
        ("lambda_", {"lower": 0, "upper": NAN}, f"upper of 'lambda_' {NUMBER} nan"),
        ("lambda_", {"origin": NAN, "unit": 1}, f"origin of 'lambda_' {NUMBER} nan"),
        ("lambda_", {"lower": 0, "upper": 1, "unit": NAN}, f"unit of 'lambda_' {NUMBER} nan"),
        ("lambda_", {"lower": "0", "upper": 1}, f"lower of 'lambda_' {NUMBER} '0'"),
        ("lambda_", {"lower": False, "upper": 1}, f"lower of 'lambda_' {NUMBER} False"),
        ("lambda_", {"lower": 0, "upper": 1j}, f"upper of 'lambda_' {NUMBER} 1j"),
        ("lambda_", {"lower": 0, "upper": np.ones(2)}, f"upper of 'lambda_' {NUMBER}"),
        ("lambda_", {"lower": 0, "upper": 1, "origin": 2}, f"origin=2 and unit=0.5. {AROUND}"),
        ("lambda_", {"lower": 0, "upper": 1, "origin": 0}, f"origin=0 and unit=0.5. {AROUND}"),
        ("lambda_", {"lower": 2, "origin": 1, "unit": 1}, AROUND),
        ("lambda_", {"origin": INF, "unit": 1}, AROUND),
        ("lambda_", {"lower": 0, "upper": 1, "unit": 0}, f"origin=0.5 and unit=0. {AROUND}"),
        ("lambda_", {"lower": 0, "origin": 1, "unit": -1}, AROUND),
        ("lambda_", {"lower": 0, "origin": 1, "unit": INF}, AROUND),
        ("lambda_", {}, "no lower bound and no origin and unit. Give both bounds, or origin"),
        ("lambda_", {"lower": 1}, "no upper bound and no origin and unit. Give both bounds"),
        ("lambda_", {"lower": 1, "origin": 2}, "no upper bound and no unit. Give both"),
        ("lambda_", {"upper": 1, "unit": 2}, "no lower bound and no origin. Give both"),
    ],
)
def test_bounds_that_are_none_are_refused(path: str, given_: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        param_range(NET, path, **given_)


@pytest.mark.parametrize(
    ("model", "path", "given_", "words"),
    [
        (NET, "epochs", {"lower": -1, "upper": 9}, "holds -1, .* does not allow: .*int >= 0"),
        (NET, "batch_size", {"lower": 0, "upper": 64}, "holds 0, which .* an int >= 1"),
        (NET, "alpha", {"lower": 0, "upper": 2}, "holds 2.0, which .* >= 0 and <= 1"),
        (SHORT, "builder.dropout", {"lower": 0, "upper": 1.5}, "holds 1.5, .* Short.dropout"),
        (SHORT, "builder.dropout", {"lower": 0, "upper": 1}, "holds 1.0, which .* < 1"),
        (NET, "epochs", {"upper": 3, "origin": 1, "unit": 2}, "holds -1, which"),
        (NET, "lambda_", {"lower": -3, "upper": 2, "scale": lambda t: t}, "holds -3.0, which"),
    ],
)
def test_bounds_beyond_what_the_model_allows_are_refused(
    model: Any, path: str, given_: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidArgument, match=words):
        param_range(model, path, **given_)


@pytest.mark.parametrize("given_", [{"lower": 1.5, "upper": 9}, {"lower": 1, "upper": 8.5}])
def test_bounds_of_ints_are_whole(given_: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument, match="'epochs' takes whole numbers, .*Give whole bounds"):
        param_range(NET, "epochs", **given_)


def test_only_given_bounds_of_ints_have_to_be_whole() -> None:
    assert numeric("epochs", lower=1, origin=3, unit=0.75).ends == (1, 2.5)
    assert numeric("epochs", lower=0.5, upper=2.5, scale=lambda t: 4**t).ends == (0.5, 2.5)


@pytest.mark.parametrize("scale", ["log", "log2", "log10"])
@pytest.mark.parametrize("lower", [0, -1])
def test_logarithms_need_positive_numbers(scale: str, lower: float) -> None:
    words = f"goes from {lower} to 4, and the scale {scale} holds positive .*scale='linear'"
    with pytest.raises(InvalidArgument, match=words):
        param_range(Own(), "shift", lower=lower, upper=4, scale=scale)
    with pytest.raises(InvalidArgument, match="goes from -5 to 1, and the scale"):
        param_range(Own(), "shift", upper=1, origin=0, unit=3, scale=scale)


@pytest.mark.parametrize("scale", ["logminus", "log10minus"])
@pytest.mark.parametrize("upper", [0, 1])
def test_logarithms_of_negatives_need_negative_numbers(scale: str, upper: float) -> None:
    with pytest.raises(InvalidArgument, match=f"the scale {scale} holds negative numbers only"):
        param_range(Own(), "shift", lower=-4, upper=upper, scale=scale)
    assert numeric("shift", Own(), lower=-4, upper=-1, scale=scale).ends == (-4, -1)


def test_bounds_of_a_function_are_places_and_its_values_are_checked() -> None:
    found = numeric("lambda_", lower=-3, upper=2, scale=lambda t: 10**t)
    assert (found.lower, found.upper, found.ends) == (-3, 2, (-3, 2))
    assert repr(found).startswith("NumericRange('lambda_', lower=-3.0, upper=2.0, scale=<function")


@pytest.mark.parametrize("value", ["a", None, INF, NAN, 1j])
def test_functions_that_give_no_number_are_refused(value: Any) -> None:
    with pytest.raises(InvalidArgument, match="makes .* of 0, which is no finite number. Give a"):
        param_range(NET, "lambda_", lower=0, upper=1, scale=lambda t: value)


@pytest.mark.parametrize(
    "scale", [lambda t: 1 / t, lambda t: math.log(t), lambda t: 10 ** (t + 400)]
)
def test_functions_that_have_no_value_at_a_bound_are_refused(scale: Any) -> None:
    with pytest.raises(InvalidArgument, match="The scale of 'shift'.*0"):
        param_range(Own(), "shift", lower=0, upper=1, scale=scale)


def test_scales_that_do_not_exist_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="scale must be one of linear, log, .*got 'log3'"):
        param_range(NET, "lambda_", lower=0.1, upper=1, scale="log3")


@pytest.mark.parametrize("values", [[], (), "relu", np.array([]), 5])
def test_a_range_has_values(values: Any) -> None:
    shown = re.escape(repr(values))
    with pytest.raises(InvalidArgument, match=f"'epochs'.*got {shown}.*values=\\[16, 32\\]"):
        param_range(NET, "epochs", values=values)


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        ("batch_size", [16, 0], "holds 0, which the model does not allow: .*batch_size must be"),
        ("epochs", [1, "many"], "holds 'many', which the model does not allow"),
        ("optimiser", [mlj.Adam(), 3], "holds 3, which .* Use for example Adam"),
        ("rng", [1, -1], "holds -1, which the model does not allow"),
        (HIDDEN, [(4,), (0,)], r"holds \(0,\), which the model does not allow"),
    ],
)
def test_values_that_the_model_does_not_allow_are_refused(
    path: str, values: Any, words: str
) -> None:
    model = NET if path != HIDDEN else mlj.Standardizer() | NET
    with pytest.raises(InvalidArgument, match=words) as caught:
        param_range(model, path, values=values)
    assert isinstance(caught.value.__cause__, MLJKerasError)


@pytest.mark.parametrize(
    ("given_", "extra"),
    [
        ({"lower": 1}, "lower"),
        ({"scale": "log"}, "scale"),
        ({"lower": 1, "upper": 2, "scale": "log"}, "lower, upper, scale"),
        ({"origin": 1, "unit": 2}, "origin, unit"),
    ],
)
def test_values_and_bounds_exclude_each_other(given_: dict[str, Any], extra: str) -> None:
    with pytest.raises(InvalidArgument, match=f"got values, and {extra}. Give values alone, or"):
        param_range(NET, "epochs", values=[1, 2], **given_)


def test_in_a_notebook_a_range_is_a_table_and_all_is_escaped() -> None:
    html = numeric("epochs", lower=1, upper=9)._repr_html_()
    assert "NumericRange of epochs" in html and ">whole numbers<" in html and ">9<" in html
    listed = NominalRange("a<b", tuple("<i>" for _ in range(30)))._repr_html_()
    assert "a&lt;b" in listed and listed.count("&lt;i&gt;") == 20 and ">...<" in listed
