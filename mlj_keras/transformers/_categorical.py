"""`CategoricalEncoder`: what the encoders of factors share.

Source: MLJTransforms.jl, src/generic.jl.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlj_keras.data.scitypes import (
    Continuous,
    Multiclass,
    Optional,
    OrderedFactor,
    Scitype,
    non_missing,
)
from mlj_keras.models import param
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit


class CategoricalEncoder(Columnwise):
    """Base of the encoders of factors: Multiclass columns, and OrderedFactor ones if asked for.

    The names in features are left out unless ignore is False: by default every Multiclass column
    is encoded. Levels are those of the training pool: a value outside it raises UnseenLevelError;
    a missing value stays missing.
    """

    wanted: ClassVar[str] = "a column of Multiclass"
    coerced: ClassVar[str] = "Multiclass"

    ignore: bool = param(True, kind=bool)
    ordered_factor: bool = param(False, kind=bool)

    def takes(self, scitype: Scitype) -> bool:
        """Multiclass, and OrderedFactor if `ordered_factor`; missing values may be among them."""
        kind = non_missing(scitype)
        return bool(kind <= Multiclass or (self.ordered_factor and kind <= OrderedFactor))

    def gives(self, scitype: Scitype) -> Scitype | list[Scitype]:
        """Continuous, with missing values where there were some."""
        return Continuous if scitype == non_missing(scitype) else Optional[Continuous]

    def _report_of(self, fit: ColumnwiseFit) -> dict[str, Any]:
        """The columns that are encoded."""
        return {"encoded_features": tuple(fit.learned)}
