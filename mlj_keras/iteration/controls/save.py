"""`Save`: write the machine to numbered files. Source: MLJIteration.jl, src/controls.jl."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlj_keras.errors import InvalidArgument
from mlj_keras.iteration.control import Control
from mlj_keras.iteration.controls.actions import check_function
from mlj_keras.machine.state_file import write_state
from mlj_keras.models import param


def _check_filename(value: Any) -> str:
    path = Path(value)
    if not path.name:
        raise ValueError(f"must name a file, got {value!r}")
    return str(value)


class Save(Control):
    """Write what the machine has learned to a file in each cycle that it is applied in.

    Hyper-parameters:
        filename (positional): its folder exists; a number 1, 2, ... is put before the extension:
            "run.state" becomes run1.state, run2.state, ...; default "machine.state"
        method: a function of the path and the machine; None (default): the state of the network,
            which `restore(mach, path)` puts back.
    To write every so often, `skip(Save("run.state"), predicate=10)`; to go on after a crash, see
    Checkpoint.
    Report: files.
    Raises: ControlError if there is no such folder, or the file cannot be written, when it is
        applied.
    Example:
        >>> Save("run.state").numbered(2)
        'run2.state'

    Source: MLJIteration.jl, src/controls.jl.
    """

    filename: str = param("machine.state", convert=_check_filename, positional=True)
    method: Any = param(None, optional=True, convert=check_function)

    def numbered(self, number: int) -> str:
        """The path of a file."""
        path = Path(self.filename)
        return str(path.with_name(f"{path.stem}{number}{path.suffix}"))

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Write the next file."""
        files = () if state is None else state["files"]
        path = self.numbered(len(files) + 1)
        if not Path(path).absolute().parent.is_dir():
            raise InvalidArgument(f"There is no folder {str(Path(path).parent)!r}. Make it.")
        (self.method or write_state)(path, run.machine)
        return {"files": (*files, path)}

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """The files."""
        return dict(state or {"files": ()})
