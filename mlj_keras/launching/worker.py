"""What a launched process does: join its cluster, then run a function or a script.

Run by launch.py as `python -m mlj_keras.launching.worker`. The cluster is joined first, because
TensorFlow has to know of it before it is used.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

from mlj_keras._imports import lazy_module
from mlj_keras.engine.distribution import place_of
from mlj_keras.parallel import MultiWorker

cloudpickle = lazy_module("cloudpickle")


def main(arguments: list[str]) -> None:
    """`--job FILE RESULT` runs a pickled function, `--script FILE ARGUMENT ...` a script."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream
    place_of(MultiWorker())
    kind, name, *rest = arguments
    if kind == "--job":
        sys.path[:] = json.loads(Path(name).with_name("path").read_text())
        function, given = cloudpickle.loads(Path(name).read_bytes())
        Path(rest[0]).write_bytes(cloudpickle.dumps(function(*given)))
        return
    sys.argv = [name, *rest]
    sys.path[0] = os.path.dirname(os.path.abspath(name))
    runpy.run_path(name, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
