"""All exceptions and warnings of the package; each is also a built-in type.

    MLJKerasError
      InvalidArgument      (ValueError)         an argument outside what is allowed
        ResumeMismatchError (ValueError)        a checkpoint of another model or other data
      WrongType            (TypeError)          an argument of a kind that means nothing there
      InvalidModelError    (ValueError)         a hyper-parameter with an impossible value
      UnknownFieldError    (AttributeError, TypeError) a hyper-parameter that does not exist
      ScitypeError         (TypeError)          data of a scientific type that a model cannot take
      CoercionError        (ValueError)         an undefined conversion of scientific types
      TableError           (TypeError)          an object that is no table, column or images
      SchemaMismatch       (ValueError)         columns at predict that differ from those at fit
      DimensionMismatch    (ValueError)         lengths or shapes that do not agree
      EmptyData            (ValueError)         no rows or no columns
      MissingValuesError   (ValueError)         missing values where none are allowed
      NonFiniteError       (ValueError)         infinite values in data
      UnseenLevelError     (ValueError)         a class that the training pool does not have
      OneClassError        (ValueError)         a target with a single level
      WeightsError         (ValueError)         weights of rows or classes that cannot be used
      RowsError            (IndexError)         row positions outside the data
      MemoryBudgetError    (MemoryError)        arrays that are larger than the memory
      BuilderError         (ValueError)         a builder that raises, or makes an unusable network
      NotTrainedError      (ValueError, AttributeError) an operation that needs a trained machine
      UnsupportedOperation (TypeError)          an operation that a model does not have
      NonFiniteLossError   (FloatingPointError) a loss or weight that became NaN or infinite
      ConcurrentFitError   (RuntimeError)       two fits of one machine at once
      DeviceError          (RuntimeError)       a device that is not there
      WorkerLostError      (RuntimeError)       another process of a cluster has ended or is unlike
      FoldError            (RuntimeError)       a fold of an evaluation that failed
      ControlError         (RuntimeError)       a control of an iterated model that failed
      CheckpointInUseError (RuntimeError)       a folder that another process writes to
      JournalInUseError    (RuntimeError)       a file that another process writes to
      AllCandidatesFailed  (RuntimeError)       a search of which no candidate could be measured
      AlreadyLoadedError   (RuntimeError)       a setting that came after TensorFlow was loaded
      MachineFileError     (ValueError)         a file that cannot be read
        NotAMachineFile    (ValueError)         it is of another kind
        CorruptFile        (ValueError)         it was cut or changed
        FormatTooNewError  (ValueError)         a later version wrote it
        LimitExceeded      (ValueError)         it is larger than what is read
        UntrustedModelError (ValueError)        it needs code that was not named as trusted
        InvalidStoredModel (ValueError)         a hyper-parameter in it has an impossible value
      UnsavableError       (TypeError)          something that a file cannot hold
      MissingPackageError  (ImportError)        an optional package that is not installed
    MLJKerasWarning        (UserWarning)
      ScitypeWarning                            data converted without loss, or columns not used
      LevelsWarning                             rows that show fewer classes than their pool has
      MeasureWarning                            a measurement that is not what it seems
      RowsWarning                               rows in an order that hardly is meant
      PrecisionWarning                          numbers that 32-bit arithmetic cannot tell apart
      HighCardinalityWarning                    a factor with a level for every row
      LeakageWarning                            a target that is among the inputs
      DataChangedWarning                        arrays that were written to after they were bound
      LoggerWarning                             a logger that failed
      CheckpointWarning                         a checkpoint that cannot be read
      MachineFileWarning                        a file that can be read, and is not as it should be
      ModelWarning                              a hyper-parameter or network that is hardly meant

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


class ResumeMismatchError(InvalidArgument, ValueError):
    """A checkpoint is of another model, or was made with other data; names what differs."""


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

    @staticmethod
    def filled_by(kind: str, column: object, *, numbers: bool) -> str:
        """What fills the missing values of a column of X, to go on after "for example with".

        Args:
            kind: of the table: "pandas", "polars", "matrix" (a NumPy array of numbers), or any
                other, which gets words
            column: its name
            numbers: False for a factor or strings.
        Returns: a line to paste, or words.
        Example:
            >>> MissingValuesError.filled_by("pandas", "a", numbers=True)
            'X = X.fillna(X.median(numeric_only=True))'
            >>> MissingValuesError.filled_by("dict", "a", numbers=True)
            "the median of column 'a'"

        Source: ours.
        """
        if kind == "pandas":
            return (
                f"X = X.fillna(X.{'median(numeric_only=True)' if numbers else 'mode().iloc[0]'})"
            )
        if kind == "polars" and numbers:
            every = "polars.selectors.numeric()"
            return f"X = X.fill_nan(None).with_columns({every}.fill_null(strategy='mean'))"
        if kind == "polars":
            own = f"polars.col({column!r})"
            return f"X = X.with_columns({own}.fill_null({own}.drop_nulls().mode().first()))"
        if kind == "matrix" and numbers:
            return "X = numpy.where(numpy.isnan(X), numpy.nanmedian(X, axis=0), X)"
        return f"the {'median' if numbers else 'most frequent value'} of column {column!r}"


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


class MemoryBudgetError(MLJKerasError, MemoryError):
    """Arrays that would be larger than the memory; names the bytes needed and allowed."""

    # That of MemoryError, which is found first, refuses the class, and libraries that carry errors
    # from one process to another call it.
    __new__ = Exception.__new__  # type: ignore[assignment]  # it takes anything, as it should


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


class WorkerLostError(MLJKerasError, RuntimeError):
    """Another process of a cluster has ended, cannot be reached, or does not do the same; names
    it."""


class FoldError(MLJKerasError, RuntimeError):
    """A fold of an evaluation failed: `fold` is its number from 0, `__cause__` what was raised,
    `evaluation` holds the folds that did not fail, or is None."""

    def __init__(self, message: str, *, fold: int = 0, evaluation: object = None) -> None:
        super().__init__(message)
        self.fold = fold
        self.evaluation = evaluation


class AlreadyLoadedError(MLJKerasError, RuntimeError):
    """Something that TensorFlow reads once had to be set before it was loaded."""


class MachineFileError(MLJKerasError, ValueError):
    """A file of this package cannot be read."""


class NotAMachineFile(MachineFileError, ValueError):
    """The file is none of this package, or holds something else."""


class CorruptFile(MachineFileError, ValueError):
    """The file has been cut or changed since it was written."""


class FormatTooNewError(MachineFileError, ValueError):
    """A later version of this package wrote the file."""


class LimitExceeded(MachineFileError, ValueError):
    """The file, or something in it, is larger than what is read."""


class UntrustedModelError(MachineFileError, ValueError):
    """The file needs code that was not named as trusted; names all of it, and what to write."""


class InvalidStoredModel(CorruptFile, InvalidModelError, ValueError):
    """A hyper-parameter in the file has an impossible value; names where it is."""


class UnsavableError(MLJKerasError, TypeError):
    """A file cannot hold something that the machine has; names where it is, and what to do."""


class CheckpointInUseError(MLJKerasError, RuntimeError):
    """Another process writes its checkpoints to this folder."""


class JournalInUseError(MLJKerasError, RuntimeError):
    """Another process writes to this file."""


class AllCandidatesFailed(MLJKerasError, RuntimeError):
    """No candidate of a search could be trained and measured: `history` is a frame with the reason
    of each, in the column `failure`."""

    def __init__(self, message: str, *, history: object = None) -> None:
        super().__init__(message)
        self.history = history


class ControlError(MLJKerasError, RuntimeError):
    """A control of an iterated model failed; names it and the iteration. What was learned until
    then is kept."""


class MissingPackageError(MLJKerasError, ImportError):
    """An optional package is not installed; names the extra that brings it."""


class MLJKerasWarning(UserWarning):
    """Base of every warning of this package."""


class ScitypeWarning(MLJKerasWarning):
    """Data are converted without loss to the scientific type that a model or table wants, or have
    columns that are not used."""


class LevelsWarning(MLJKerasWarning):
    """Rows show fewer classes than the pool of levels has: a single one in the training rows, or
    none of some class in a part or a fold; or levels have no order where one counts."""


class MeasureWarning(MLJKerasWarning):
    """A measurement is not what it seems: weights that a measure does not take, predictions that
    are NaN."""


class RowsWarning(MLJKerasWarning):
    """Rows are in an order that hardly is what was meant."""


class PrecisionWarning(MLJKerasWarning):
    """Numbers that differ become equal in the 32-bit arithmetic of a network."""


class HighCardinalityWarning(MLJKerasWarning):
    """A categorical column has a level of its own for every row, as an identifier has."""


class LeakageWarning(MLJKerasWarning):
    """The target is among the inputs."""


class DataChangedWarning(MLJKerasWarning):
    """Bound arrays were written to between two trainings, of which the second goes on from the
    first."""


class LoggerWarning(MLJKerasWarning):
    """A logger failed; what it was to write down is returned all the same."""


class CheckpointWarning(MLJKerasWarning):
    """A checkpoint cannot be read, and the one before it is taken."""


class MachineFileWarning(MLJKerasWarning):
    """A machine's file can be read, and is not quite as it should be: other versions or other code
    than it was written with, weights that are not finite, or data that were not trained on."""


class ModelWarning(MLJKerasWarning):
    """A hyper-parameter or a network is allowed, but hardly what was meant."""
