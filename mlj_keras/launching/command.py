"""The command `mlj-keras`.

Source: ours; `torchrun` for the manner.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from mlj_keras.errors import WorkerLostError
from mlj_keras.launching.launch import run_workers


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status.

    Example:
        >>> main(["launch", "--workers", "2", "missing.py"])
        2

    Source: ours.
    """
    options = _parser().parse_args(arguments)
    if not Path(options.script).is_file():
        sys.stderr.write(f"mlj-keras: there is no script {options.script!r}.\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends the workers, too
    try:
        run_workers([["--script", options.script, *options.arguments]] * options.workers)
    except WorkerLostError as error:
        sys.stderr.write(f"mlj-keras: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mlj-keras", description="Tools of mlj_keras.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    launch = commands.add_parser(
        "launch",
        help="run a script in several processes that train together",
        description="Run a script in several processes of this machine that train together: "
        "models with acceleration=MultiWorker() share every batch.",
    )
    launch.add_argument("--workers", type=_count, default=2, help="how many processes (2)")
    launch.add_argument("script", help="a Python script, run by every process")
    launch.add_argument("arguments", nargs=argparse.REMAINDER, help="given to the script")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number of 1 or more is needed, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
