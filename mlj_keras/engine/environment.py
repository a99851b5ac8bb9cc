"""`Environment`: what the bytes of a result depend on beside model and data, as it is now.

Reads what is set and sets nothing; loads TensorFlow only for a machine that has used it already.
Knows processors, packages and TensorFlow's settings; nothing of models. Source: ours.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from mlj_keras._imports import lazy_module

config = lazy_module("tensorflow.python.framework.config")

# Of the flags of a processor those by which kernels and compiled code are chosen.
_SETS = ("sse4_2", "fma", "avx", "amx", "asimd", "sve", "bf16")
_CPUINFO = Path("/proc/cpuinfo")


@dataclasses.dataclass(frozen=True)
class Environment:
    """The process and the machine that it runs on.

    Args:
        python, mlj_keras, keras, tensorflow, numpy: versions
        platform, architecture: "Linux", "x86_64" · cpu: its name, as far as it is told
        instruction_sets: of the processor, such as "avx2"; () where it is not told
        intra_op_threads, inter_op_threads: of TensorFlow
        onednn: the variable TF_ENABLE_ONEDNN_OPTS; None for TensorFlow's own choice
        op_determinism: whether `enable_op_determinism()` was called.
    Example:
        >>> environment().intra_op_threads >= 1
        True

    Source: ours.
    """

    python: str
    mlj_keras: str
    keras: str
    tensorflow: str
    numpy: str
    platform: str
    architecture: str
    cpu: str
    instruction_sets: tuple[str, ...]
    intra_op_threads: int
    inter_op_threads: int
    onednn: str | None
    op_determinism: bool


def environment() -> Environment:
    """That of this process, now."""
    names = ("mlj_keras", "keras", "tensorflow", "numpy")
    cpu, sets = processor()
    used = "tensorflow" in sys.modules
    return Environment(
        python=platform.python_version(),
        **{name: version(name) for name in names},
        platform=platform.system(),
        architecture=platform.machine(),
        cpu=cpu,
        instruction_sets=sets,
        intra_op_threads=_threads("intra", used=used),
        inter_op_threads=_threads("inter", used=used),
        onednn=os.environ.get("TF_ENABLE_ONEDNN_OPTS"),
        op_determinism=used and bool(config.is_op_determinism_enabled()),
    )


def version(name: str) -> str:
    """That of an installed package."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def processor() -> tuple[str, tuple[str, ...]]:
    """The name of the processor, and its sets of instructions, where the system tells them."""
    if not _CPUINFO.exists():
        return platform.processor(), ()
    facts: dict[str, str] = {}
    for line in _CPUINFO.read_text().splitlines():
        name, _, text = line.partition(":")
        facts.setdefault(name.strip(), text.strip())
    flags = facts.get("flags", facts.get("Features", "")).split()
    found = sorted({flag for flag in flags if any(part in flag for part in _SETS)})
    return facts.get("model name", platform.processor()), tuple(found)


def _threads(kind: str, *, used: bool) -> int:
    """What was asked for, by a call or by the environment; or else one for each core."""
    asked: Any = 0
    if used:
        asked = getattr(config, f"get_{kind}_op_parallelism_threads")()
    named = os.environ.get(f"TF_NUM_{kind.upper()}OP_THREADS", "")
    return asked or (int(named) if named.isdigit() else 0) or _cores()


def _cores() -> int:
    own = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(own(0)) if own is not None else os.cpu_count() or 1
