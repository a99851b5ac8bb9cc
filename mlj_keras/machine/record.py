"""`Record`: a small namespace with attributes, for reports and fitted parameters.

Knows nothing of machines. Source: the named tuples that MLJBase.jl returns from `report` and
`fitted_params`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from mlj_keras.machine._record_display import record_html


class Record(SimpleNamespace):
    """Named values: attributes, `_asdict()`, and an error that names what there is.

    Example:
        >>> Record(epochs=3)._asdict()
        {'epochs': 3}

    Source: MLJBase.jl, src/machines.jl, `report`.
    """

    def _asdict(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def _repr_html_(self) -> str:
        return record_html(type(self).__name__, self.__dict__)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"There is no {name!r} here. There is: {', '.join(self.__dict__) or 'nothing'}."
        )
