"""All exceptions and warnings of the package; each is also a built-in type.

    MLJKerasError
      InvalidArgument        (ValueError)      an argument outside what is allowed
      WrongType              (TypeError)       an argument of a kind that means nothing there
      InvalidModelError      (ValueError)      a hyper-parameter with an impossible value
      UnknownFieldError      (AttributeError, TypeError)  a hyper-parameter that does not exist
      ScitypeError           (TypeError)       data of a scientific type that a model cannot take
      CoercionError          (ValueError)      a conversion between scientific types that is not
      defined TableError             (TypeError)       an object that is not a table or column of
      an accepted kind SchemaMismatch         (ValueError)      columns at predict that differ from
      those at fit DimensionMismatch      (ValueError)      lengths or shapes that do not agree
      EmptyData              (ValueError)      no rows or no columns
      MissingValuesError     (ValueError)      missing values where none are allowed
      NonFiniteError         (ValueError)      infinite values in data
      UnseenLevelError       (ValueError)      a class that the training pool does not have
      OneClassError          (ValueError)      a target with a single level
      WeightsError           (ValueError)      observation or class weights that cannot be used
      RowsError              (IndexError)      row positions outside the data
      BuilderError           (ValueError)      a builder that raises or returns an unusable network
      NotTrainedError        (ValueError, AttributeError)  an operation that needs a trained
      machine UnsupportedOperation   (TypeError)       an operation that a model does not have
      NonFiniteLossError     (FloatingPointError)  a loss or a weight became NaN or infinite in
      training ConcurrentFitError     (RuntimeError)    two fits of one machine at once
      DeviceError            (RuntimeError)    a device that is not there
      MissingPackageError    (ImportError)     an optional package that is not installed
    MLJKerasWarning (UserWarning)
      ScitypeWarning, LevelsWarning, ModelWarning

Knows nothing of the rest of the package. Source: MLJBase.jl raises `ArgumentError` and
`DimensionMismatch` for most of these.
"""

from __future__ import annotations


class MLJKerasError(Exception):
    """Base of every error that this package raises on purpose.

    Example:
        >>> issubclass(NotTrainedError, MLJKerasError)
        True

    Source: ours.
    """


class InvalidArgument(MLJKerasError, ValueError):
    """An argument of a function lies outside what is allowed."""


class WrongType(MLJKerasError, TypeError):
    """An argument is of a kind that means nothing there, such as a class for an instance."""


class InvalidModelError(MLJKerasError, ValueError):
    """A hyper-parameter has an impossible value; names the field, the value and what is
    allowed."""


class UnknownFieldError(MLJKerasError, AttributeError, TypeError):
    """A hyper-parameter of this name does not exist; proposes the nearest names."""


class ScitypeError(MLJKerasError, TypeError):
    """Data have a scientific type that the model cannot take; ends with the `coerce` call to
    paste."""


class CoercionError(MLJKerasError, ValueError):
    """A conversion between scientific types that is not defined, or a value that cannot be
    converted."""


class TableError(MLJKerasError, TypeError):
    """An object is not a table, column or collection of images of an accepted kind."""


class SchemaMismatch(MLJKerasError, ValueError):
    """The columns of new data differ from those a model was trained on."""


class DimensionMismatch(MLJKerasError, ValueError):
    """Lengths or shapes do not agree."""


class EmptyData(MLJKerasError, ValueError):
    """There are no rows, or no columns, to learn from."""


class MissingValuesError(MLJKerasError, ValueError):
    """Missing values where none are allowed; names columns and rows."""


class NonFiniteError(MLJKerasError, ValueError):
    """Infinite values, or values too large for the arithmetic; names columns and rows."""


class UnseenLevelError(MLJKerasError, ValueError):
    """A class that the pool of levels seen in training does not contain."""


class OneClassError(MLJKerasError, ValueError):
    """A target for classification has a single level."""


class WeightsError(MLJKerasError, ValueError):
    """Observation weights or class weights cannot be used."""


class RowsError(MLJKerasError, IndexError):
    """Row positions lie outside the data, or are not positions."""


class BuilderError(MLJKerasError, ValueError):
    """A builder raised, or returned something that is no network for these data."""


class NotTrainedError(MLJKerasError, ValueError, AttributeError):
    """An operation needs a trained machine."""

    @classmethod
    def of(cls, what: str, operation: str) -> NotTrainedError:
        """The error for `operation` on `what`, with the remedy."""
        return cls(
            f"{operation} needs a trained machine, and {what} is not trained. Call fit(mach) "
            "first."
        )


class UnsupportedOperation(MLJKerasError, TypeError):
    """The model has no such operation; names those that it has."""


class NonFiniteLossError(MLJKerasError, FloatingPointError):
    """A loss or a weight became NaN or infinite; the machine keeps the last whole epoch."""


class ConcurrentFitError(MLJKerasError, RuntimeError):
    """Two fits of one machine at the same time."""


class DeviceError(MLJKerasError, RuntimeError):
    """A device that TensorFlow does not see."""


class MissingPackageError(MLJKerasError, ImportError):
    """An optional package is not installed; names the extra that brings it."""


class MLJKerasWarning(UserWarning):
    """Base of every warning of this package."""


class ScitypeWarning(MLJKerasWarning):
    """Data are converted without loss to the scientific type that a model wants."""


class LevelsWarning(MLJKerasWarning):
    """A pool of levels is larger than what the data show."""


class ModelWarning(MLJKerasWarning):
    """A hyper-parameter or a network is allowed, but hardly what was meant."""
