"""The workers of a cluster, and which of them this process is.

Knows the environment variable TF_CONFIG; nothing of TensorFlow. Source: the guide
"Multi-worker training" of TensorFlow, which says what TF_CONFIG holds.
"""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

from mlj_keras.errors import DeviceError
from mlj_keras.parallel.acceleration import MultiWorker, check_workers

VARIABLE = "TF_CONFIG"


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The addresses of the workers, "host:port", and the position of this process's own."""

    workers: tuple[str, ...]
    index: int

    @property
    def address(self) -> str:
        """Where this process listens."""
        return self.workers[self.index]

    def environment(self) -> str:
        """What TF_CONFIG says of it."""
        task = {"type": "worker", "index": self.index}
        return json.dumps({"cluster": {"worker": list(self.workers)}, "task": task})


def cluster_of(acceleration: MultiWorker) -> Cluster:
    """The cluster that is named, or else that of the environment.

    Raises: DeviceError if the environment names none, or one that makes no sense.
    """
    if acceleration.cluster is not None and acceleration.index is not None:
        return Cluster(tuple(acceleration.cluster), acceleration.index)
    text = os.environ.get(VARIABLE)
    if not text:
        raise DeviceError(
            "MultiWorker() needs a cluster, and the environment variable TF_CONFIG names none. "
            "Start the script with `mlj-keras launch --workers 2 script.py`, or write "
            'MultiWorker(["host1:port", "host2:port"], index=0).'
        )
    try:
        return _parsed(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeviceError(
            f"TF_CONFIG makes no sense ({type(error).__name__}: {error}). It says {text!r}, and "
            'has to be like {"cluster": {"worker": ["host1:port", "host2:port"]}, '
            '"task": {"type": "worker", "index": 0}}.'
        ) from error


def _parsed(config: Any) -> Cluster:
    jobs, task = config["cluster"], config["task"]
    chief = jobs.get("chief", [])
    unknown = set(jobs) - {"chief", "worker"}
    if unknown or task["type"] not in jobs:
        raise ValueError(f"there are only chief and worker, got {[*jobs, task['type']]}")
    check_workers(tuple(jobs[task["type"]]), task["index"])
    workers = tuple(chief + jobs.get("worker", []))
    index = task["index"] + (len(chief) if task["type"] == "worker" else 0)
    check_workers(workers, index)
    return Cluster(workers, index)
