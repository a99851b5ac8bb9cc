"""A whole fit in a process that has done nothing but import: prints its seconds as JSON.

Run: `python fresh.py SIDE CASE`, by processes.py. `--jit on` and `--jit off` are for keras_best,
`--cache FOLDER` for ours.
"""

from __future__ import annotations

import argparse
import importlib
import json

from cases import case_named
from worker import answers


def main() -> None:
    """Import, make the data, fit once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side")
    parser.add_argument("case")
    parser.add_argument("--jit", choices=("on", "off"))
    parser.add_argument("--cache")
    options = parser.parse_args()
    channel = answers()
    if options.cache:
        import mlj_keras as mlj

        mlj.compile_cache(options.cache)  # before TensorFlow loads
    settings = {} if options.jit is None else {"jit_compile": options.jit == "on"}
    side = importlib.import_module(f"sides.{options.side}")
    load_lazy_modules(options.side)
    seconds, loss = side.anew(case_named(options.case), **settings).turn()
    channel.write(json.dumps({"seconds": seconds, "loss": loss}) + "\n")


def load_lazy_modules(side: str) -> None:
    """TensorFlow and Keras, where the side uses them and has not loaded them yet."""
    if side in ("ours", "keras_default", "keras_best"):
        importlib.import_module("tensorflow")
        importlib.import_module("keras")


if __name__ == "__main__":
    main()
