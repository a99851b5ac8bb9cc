"""What plain values an argument of a class of Keras may have in a file: types and bounds.

Every rule takes what the file says and where, and gives the argument. Knows numbers, texts and
lists; no classes of Keras. Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Rule = Callable[[Any, str], Any]

_LARGEST = 2**31 - 1
_LONGEST_NAME = 1000
_MOST_NUMBERS = 10**5  # of a list among the arguments, such as the statistics of Normalization
DTYPES = frozenset(
    """bool bfloat16 float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64
    mixed_bfloat16 mixed_float16""".split()
)


def refused(where: str, what: str, value: Any) -> ValueError:
    """What to raise for a value that its rule does not take."""
    return ValueError(f"{where} must be {what}, got {value!r:.60}")


def pair(value: Any, where: str) -> tuple[Any, Any]:
    """The two items of a list of two."""
    if type(value) is not list or len(value) != 2:
        raise refused(where, "a list of two", value)
    return value[0], value[1]


def _int(low: int, high: int = _LARGEST) -> Rule:
    def rule(value: Any, where: str) -> Any:
        if type(value) is not int or not low <= value <= high:
            raise refused(where, f"an int of {low} to {high}", value)
        return value

    return rule


def _number(low: float = -math.inf, high: float = math.inf) -> Rule:
    def rule(value: Any, where: str) -> Any:
        if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
            raise refused(where, f"a finite number of {low} to {high}", value)
        return value

    return rule


def _flag(value: Any, where: str) -> Any:
    if type(value) is not bool:
        raise refused(where, "a bool", value)
    return value


def _nothing(value: Any, where: str) -> Any:
    if value is not None:
        raise refused(where, "null", value)
    return value


def _one_of(*names: str) -> Rule:
    def rule(value: Any, where: str) -> Any:
        if type(value) is not str or value not in names:
            raise refused(where, f"one of {', '.join(sorted(names))}", value)
        return value

    return rule


def name(value: Any, where: str) -> Any:
    """A name is data: any text that is not endless."""
    if type(value) is not str or not 0 < len(value) <= _LONGEST_NAME:
        raise refused(where, f"a text of 1 to {_LONGEST_NAME} characters", value)
    return value


def optional(rule: Rule) -> Rule:
    """A rule that takes None, too."""
    return lambda value, where: None if value is None else rule(value, where)


def either(*rules: Rule) -> Rule:
    """What the first of the rules that takes it makes of it."""

    def rule(value: Any, where: str) -> Any:
        for each in rules[:-1]:
            try:
                return each(value, where)
            except ValueError:
                pass
        return rules[-1](value, where)

    return rule


def sequence(rule: Rule, *, most: int = 8, depth: int = 1) -> Rule:
    """A list, or {"tuple": list}, of what a rule takes; lists in lists to a depth."""
    inner = rule if depth == 1 else either(rule, sequence(rule, most=most, depth=depth - 1))

    def whole(value: Any, where: str) -> Any:
        is_tuple = isinstance(value, dict) and list(value) == ["tuple"]
        items = value["tuple"] if is_tuple else value
        if type(items) is not list or len(items) > most:
            raise refused(where, f"a list of {most} at most", value)
        found = [inner(item, where) for item in items]
        return tuple(found) if is_tuple else found

    return whole


def _equation(value: Any, where: str) -> Any:
    if type(value) is not str or len(value) > 100 or not set(value) <= _EINSUM:
        raise refused(where, "an equation such as 'ab,bc->ac'", value)
    return value


_EINSUM = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.->")
_SIZE = _int(1, 2**20)
_AMOUNT = _int(0, 2**20)
_AXIS = _int(-16, 16)
_SIZES = either(_SIZE, sequence(_SIZE))
_AXES = either(_AXIS, sequence(_AXIS, depth=2))
_NUMBER = _number()
_NUMBERS = either(_NUMBER, sequence(_NUMBER, most=_MOST_NUMBERS, depth=8))
_SEED = optional(_int(0, 2**63 - 1))
_SHARE = _number(0, 1)
_DIM = optional(_int(0))
_REDUCTIONS = _one_of("sum", "sum_over_batch_size", "none", "mean", "mean_with_sample_weight")

# By the name that the tables of arguments give them, and by names of arguments.
RULES: dict[str, Rule] = {
    "amount": _AMOUNT,
    "amounts": either(_AMOUNT, sequence(_AMOUNT, depth=2)),
    "axes": _AXES,
    "bound": optional(_NUMBER),
    "convolving": _one_of("valid", "same", "causal"),
    "count": _int(1),
    "fan": _one_of("fan_in", "fan_out", "fan_avg"),
    "flag": _flag,
    "flips": _one_of("horizontal", "vertical", "horizontal_and_vertical"),
    "number": _NUMBER,
    "numbers": _NUMBERS,
    "positive": _number(0),
    "rates": sequence(_NUMBER, most=10_000),
    "size": _SIZE,
    "sizes": _SIZES,
    "nothing": _nothing,
    "dims_or_None": optional(either(_int(1), sequence(optional(_int(1))))),
    "axes_or_None": optional(_AXES),
    "count_or_None": optional(_int(1)),
    "dtype_or_None": optional(_one_of(*DTYPES)),
    "numbers_or_None": optional(_NUMBERS),
    "whole_or_None": optional(_int(-_LARGEST)),
    "sides": _one_of("rows", "columns"),
    # Arguments that mean the same wherever they occur.
    "name": name,
    "trainable": _flag,
    "dtype": _one_of(*DTYPES),
    "attention_axes": optional(_AXES),
    "axis": _AXES,
    "batch_shape": sequence(_DIM),
    "bias_axes": optional(_equation),
    "bin_boundaries": sequence(_NUMBER, most=_MOST_NUMBERS),
    "boundaries": sequence(_NUMBER, most=10_000),
    "data_format": optional(_one_of("channels_first", "channels_last")),
    "depth_multiplier": _SIZE,
    "dilation_rate": _SIZES,
    "dims": sequence(_int(1, 16)),
    "distribution": _one_of("normal", "truncated_normal", "untruncated_normal", "uniform"),
    "dropout": _SHARE,
    "equation": _equation,
    "fill_mode": _one_of("constant", "nearest", "wrap", "reflect", "crop"),
    "fill_value": _NUMBER,
    "height": _SIZE,
    "input_axes": optional(_AXES),
    "interpolation": _one_of("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area"),
    "kernel_size": _SIZES,
    "key_dim": _int(1),
    "mean": optional(_NUMBERS),
    "merge_mode": optional(_one_of("sum", "mul", "ave", "concat")),
    "noise_shape": optional(sequence(optional(_int(1)))),
    "num_heads": _SIZE,
    "output_axes": optional(_AXES),
    "output_mode": _one_of("int", "one_hot", "multi_hot", "count"),
    "output_padding": optional(either(_AMOUNT, sequence(_AMOUNT))),
    "output_size": either(_int(1, 10_000), sequence(_int(1, 10_000))),
    "padding": _one_of("valid", "same"),
    "pool_size": _SIZES,
    "power_iterations": _int(1, 1000),
    "rate": _SHARE,
    "recurrent_dropout": _SHARE,
    "reduction": optional(_REDUCTIONS),
    "score_mode": _one_of("dot", "concat"),
    "seed": _SEED,
    "shared_axes": optional(sequence(_AXIS)),
    "strides": _SIZES,
    "target_shape": sequence(_int(-1)),
    "value_range": sequence(_NUMBER, most=2),
    "variance": optional(_NUMBERS),
    "width": _SIZE,
    **dict.fromkeys(
        """antialias apply_class_balancing center crop_to_aspect_ratio cycle from_logits
        go_backwards invert keepdims mask_zero normalize optional pad_to_aspect_ratio ragged
        remove_diagonal renorm reset_after return_sequences return_state rms_scaling sparse
        staircase stateful synchronized unit_forget_bias unroll use_bias use_gate use_scale
        zero_output_for_mask""".split(),
        _flag,
    ),
    **dict.fromkeys(
        """filters groups head_dim input_dim num_key_value_heads num_query_heads num_tokens
        output_dim units value_dim n""".split(),
        _int(1),
    ),
    **dict.fromkeys(
        """alpha beta end_learning_rate factor gain gamma initial_learning_rate l1 l2
        label_smoothing m_mul margin maxval max_value min_value minval negative_slope power q
        t_mul threshold value warmup_target delta decay_rate decay_steps first_decay_steps
        warmup_steps mask_value stddev height_factor width_factor""".split(),
        _NUMBER,
    ),
    "epsilon": _number(0),
    "momentum": _SHARE,
    "renorm_momentum": _SHARE,
}
