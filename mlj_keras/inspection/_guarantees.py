"""What is known of a trained model's bytes: whether they come again, and on which conditions.

Knows models, seeds and devices; sets nothing. Source: ours; the operations that a GPU computes in
no fixed order are those of TensorFlow, `tf.config.experimental.enable_op_determinism`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlj_keras.engine.environment import Environment
from mlj_keras.models import Model
from mlj_keras.models.seeding import SEEDS
from mlj_keras.resampling.plan import model_seed
from mlj_keras.resampling.strategies import ResamplingStrategy

KNOWN = ("mlj_keras", "scikit-learn")  # packages whose models draw from their seeds alone

SAME_BYTES = (
    "The same model and data, at these versions, threads and settings, on this kind of processor, "
    "give the same bytes in any process, whatever was trained before, and in one fit or several."
)
CHANGES = (
    "Another number of threads (of large networks), TF_ENABLE_ONEDNN_OPTS, kind of processor or "
    "version of a package may change the last digits.",
    "Rows predicted together or apart may differ in the last digits (1e-6).",
)
OWN_CODE = "Builders, losses and functions of your own are taken to draw from their rng alone."

_GPU = (
    "a GPU computes some operations in no fixed order, and so with other last digits each time: "
    "gradients of embeddings and of gather, sums over segments, scatter, gradients of biases and "
    "of depthwise convolutions, bincount, the algorithms of convolutions that cuDNN picks"
)
_GPU_MENDED = (
    "call tf.config.experimental.enable_op_determinism() before anything is computed, in each "
    "process; it cannot be undone, and costs speed"
)
_CLUSTER = (
    "the sums of several hosts are the same only on the same hosts, with processors of one kind"
)


def doubts_of_place(device: str, env: Environment) -> Iterator[str]:
    """Why the same training may give other bytes on this device."""
    if "TPU" in device:
        yield f"trained on {device}: nothing is promised of a TPU"
    if "GPU" in device and not env.op_determinism:
        yield f"trained on {device}: {_GPU}; {_GPU_MENDED}"
    if device.startswith("MultiWorker"):
        yield f"trained by {device}: {_CLUSTER}"


def conditions_of_place(device: str) -> Iterator[str]:
    """On what else the bytes depend there."""
    if "GPU" in device:
        yield (
            f"{device}: the same model of GPU, driver and setting of TF32, besides. Results of a "
            "CPU are the same up to rounding."
        )
    if " on " in device:
        yield (
            f"{device}: the same number of replicas, too. Another number, one device included, "
            "gives the same up to rounding (1e-4), and random layers other masks."
        )


def doubts_of_seeds(model: Any, seed: int | None, *, whole: bool) -> Iterator[str]:
    """What was drawn afresh, and will be drawn anew by another fit.

    Args: seed: the one that was drawn, where it is known · whole: whether the model is made of no
        other trained ones, which are asked for themselves.
    """
    paths = list(_unset(model)) if whole else _unset_beside(model)
    for path in paths:
        drawn = "" if seed is None else f", and {seed} was drawn: give that to have it again"
        yield f"{path} of {type(model).__name__} is None{drawn or ', and drawn anew by each fit'}"
    package = model.own_traits().package_name
    if whole and package not in KNOWN:
        yield f"{type(model).__name__} is of {_named(package)}, of which nothing is known"


def _named(package: str) -> str:
    return "no known package" if package == "unknown" else f"the package {package}"


def _unset(model: Any, prefix: str = "") -> Iterator[str]:
    """The seeds that are None, those of models inside too."""
    for name in model.fields():
        value = getattr(model, name)
        if name in SEEDS and value is None:
            yield prefix + name
        elif isinstance(value, Model):
            yield from _unset(value, f"{prefix}{name}.")


def _unset_beside(model: Any) -> list[str]:
    """The seeds of a composite and of strategies in it that are None, and derive from no other."""
    derived = model_seed(getattr(model, "inner", model)) is not None
    own = [n for n in model.fields() if n in SEEDS and getattr(model, n) is None and not derived]
    values = {name: getattr(model, name) for name in model.fields()}
    values |= {"tuning": model.strategy} if hasattr(model, "strategy") else {}
    return own + [
        f"{name}.{seed}"
        for name, value in values.items()
        for seed in SEEDS
        if isinstance(value, Model) and not _is_trained(value)
        if getattr(value, seed, 0) is None and _draws(value)
        if isinstance(value, ResamplingStrategy) or not derived
    ]


def _is_trained(value: Any) -> bool:
    """Whether it is a model to be trained, and no strategy."""
    return hasattr(value, "own_traits")


def _draws(value: Any) -> bool:
    return bool(getattr(value, "shuffle", True))
