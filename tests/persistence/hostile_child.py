"""A process that loads files, and writes down what they make it do.

Run as a script: `hostile_child.py FOLDER`. The folder has `valid/`, which is loaded first so that
everything that loading needs is there, and `hostile/`. Prints a line of JSON a file: what
`load_machine` and `inspect_file` raised, every audit event of interest, and time and memory.
Source: ours; PEP 578 for audit hooks.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What says that something is opened, written, run, loaded or sent.
NAMES = ("open", "import", "exec", "compile", "marshal.loads", "pickle.find_class", "os.system")
PREFIXES = ("socket.", "subprocess.", "ctypes.", "os.", "shutil.", "tempfile.", "urllib.", "mmap.")
# What the system is asked without opening anything, and what NumPy and TensorFlow ask of C.
HARMLESS = ("os.listdir", "os.scandir", "os.putenv", "ctypes.addressof", "ctypes.string_at")
heard: list[str] | None = None


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Write down an event, while somebody listens."""
    if heard is None or not (event in NAMES or event.startswith(PREFIXES)):
        return
    heard.append(f"{event} {arguments[0]!r:.120}" if arguments else event)


def told(use: Callable[[], Any]) -> dict[str, Any]:
    """What using a file raised, made happen, and cost."""
    global heard
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, heard, found = time.process_time(), [], {"error": None, "message": "", "kinds": []}
    try:
        use()
    except BaseException as error:
        found["error"] = type(error).__name__
        found["kinds"] = [cls.__name__ for cls in type(error).__mro__]
        found["message"] = str(error)
    events, heard = heard, None
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        **found,
        "events": events,
        "seconds": time.process_time() - start,
        "grown": (after - before) / 1024,
    }


def main() -> None:
    """Load every file of a folder."""
    import mlj_keras as mlj
    from mlj_keras.persistence import inspect_file, load_machine
    from mlj_keras.persistence.known import model_of_id
    from mlj_keras.storage import records

    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    for path in sorted((folder / "valid").iterdir()):
        content = inspect_file(path)
        load_machine(path, trusted=content.trusted)
        told(lambda path=path: load_machine(path))
    model_of_id("builders.MLP")
    for cls in records._CLASSES.values():
        records._hints(cls)
    mlj.models_summary() if hasattr(mlj, "models_summary") else None
    sys.addaudithook(hook)
    for path in sorted((folder / "hostile").iterdir()):
        loading = told(lambda path=path: load_machine(path))
        looking = told(lambda path=path: inspect_file(path))
        line = {"name": path.name, "load": loading, "inspect": looking}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
